"""The registry: topics are hashes of signatures, contracts are well-formed, nothing stands there twice."""

from __future__ import annotations

from importlib import import_module

import pytest
from eth_hash.auto import keccak

from flowtrace.crossing import Registry, UndecodableError, shipped
from flowtrace.crossing.numbers import chain_of, evm_number, number_of
from flowtrace.errors import InputError

# Topics that public code and documents give, each beside the event it is said to be of.
KNOWN = {
    "thorchain": ["0xef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395",
                  "0xa9cd03aa3c1b4515114539cd53d22085129d495cb9e9f9af77864526240f1bf7",
                  "0x8e5841bcd195b858d53b38bcf91b38d47f3bc800469b6812d35451ab619c6f6c"],
    "wormhole": ["0x6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2",
                 "0xcaf280c8cfeba144da67230d9b009c8f868a75bac9a528fa0474be1ba317c169"],
    "layerzero": ["0x1ab700d4ced0c005b164c0f789fd09fcbb0156d4c2041b8a3bfbcd961cd1567f",
                  "0x3cd5e48f9730b129dc7550f0fcea9c767b7be37837cd10e55eb35f734f4bca04",
                  "0x85496b760a4b7f8d66384b9df21b381f5d1b1e79f229a47aaf4c232edc2fe59a",
                  "0xefed6d3500546b29533b128a29e3a94d70788727f0507505ac12eaf2e578fd9c"],
    "cctp": ["0x8c5261668696ce22758910d05bab8f186d6eb247ceac2af2e82c7dc17669b036",
             "0x58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d"],
    "cctp2": ["0xff48c13eda96b1cceacc6b9edeedc9e9db9d6226afbc30146b720c19d3addb1c"],
    "across": ["0x32ed1a409ef04c7b0227189c3a103dc5ac10e775a15b785dcc510201f7c25ad3",
               "0x44b559f101f8fbcc8a0ea43fa91a05a729a5ea6e14a7c75aa750374690137208",
               "0xa123dc29aebf7d0c3322c8eeb5b999e859f39937950ed31056532713d0de396f",
               "0x571749edf1d5c9599318cdbc4e28a6475d65e87fd3b2ddbe1e9a8d5e7a0f0ff7",
               "0xafc4df6845a4ab948b492800d3d8a25d538a102a2bc07cd01f1cfa097fddcff6",
               "0x8ab9dc6c19fe88e69bc70221b339c84332752fdd49591b7c51e66bae3947b73c"],
    "axelar": ["0x7e50569d26be643bda7757722291ec66b1be66d8283474ae3fab5a98f878a7a2"],
    "cbridge": ["0x89d8051e597ab4178a863a5190407b98abfeff406aa8db90c59af76612e58f01"],
    "op_stack": ["0x8ebb2ec2465bdb2a06a66fc37a0963af8a2a6a1479d81d56fdb8cbb98096d546"],
    "arbitrum": ["0x3e7aafa77dbf186b7fd488006beff893744caa3c4f6f299e8a709fa2087374fc"],
    "avalanche_bridge": ["0x918d77674bb88eaf75afb307c9723ea6037706de68d6fc07dd0c6cba423a5250"],
}  # fmt: skip


def test_each_topic_is_the_hash_of_its_decoders_signature() -> None:
    """The data file and the decoders say the same; the topics that others publish are among them."""
    for protocol in shipped().protocols:
        name = "thorchain" if protocol.name == "maya" else protocol.name
        events = import_module(f"flowtrace.crossing.{name}").EVENTS
        assert protocol.topics == tuple(event.topic for event in events)
        assert protocol.topics == tuple(f"0x{keccak(event.signature.encode()).hex()}" for event in events)
        assert set(KNOWN.get(name, [])) <= set(protocol.topics)


def test_each_contract_is_of_a_protocol_and_stands_once() -> None:
    """An address is lower case, a chain has a CAIP-2 id, each names where its code can be read."""
    names = {protocol.name for protocol in shipped().protocols}
    contracts = shipped().contracts
    assert all(contract.protocol in names for contract in contracts)
    assert all(
        contract.source.startswith("https://") and contract.address in contract.source
        for contract in contracts
    )
    assert len({(c.protocol, c.chain, c.address) for c in contracts}) == len(contracts)
    assert all(evm_number(contract.chain) for contract in contracts)


@pytest.mark.parametrize("text", ["[", "[[contract]]\nprotocol='x'", "[protocol.x]\nkey='k'", "contract=3",
    "[[contract]]\nprotocol='x'\nchain='eip155:1'\naddress='0xAB'\nsource='s'"])  # fmt: skip
def test_what_is_no_registry_is_refused(text: str) -> None:
    """One line that names what is wrong."""
    with pytest.raises(InputError):
        Registry.read(text)


def test_numbers_of_chains_go_both_ways() -> None:
    """A number that is not known stays what it is; a chain that has none is refused."""
    assert number_of("wormhole", chain_of("wormhole", 73)) == 73
    assert number_of("layerzero", "eip155:42161") == 30110
    assert chain_of("cctp", 5).startswith("solana:")
    with pytest.raises(UndecodableError):
        number_of("layerzero", "eip155:424242")
