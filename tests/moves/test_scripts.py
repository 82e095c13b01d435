"""Scripts and addresses: each stands for the other, by published vectors, recorded answers and law."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import CHAINS, Address, Chain, Family
from flowtrace.moves.scripts import Mweb, address_of, electrum_hash, esplora_hash, mweb_of, script_of
from model.nouns import accounts

UTXO = [chain for chain in CHAINS if chain.family is Family.UTXO]
BITCOIN, LITECOIN, DOGECOIN = (Chain.of(name) for name in ("bitcoin", "litecoin", "dogecoin"))
RECORDED = Path(__file__).resolve().parents[3] / "shared/data/recorded_apis"
# BIP-173 and BIP-350, their vectors of mainnet, and the payee of Bitcoin's first block.
VECTORS = {
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4": "0014751e76e8199196d454941c45d1b3a323f1433bd6",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y": (
        "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6"
    ),
    "BC1SW50QGDZ25J": "6002751e",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs": "5210751e76e8199196d454941c45d1b3a323",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": (
        "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    ),
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac",
    "3P14159f73E4gFr7JterCCQh9QjiTjiZrG": "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87",
}
# The public key that Bitcoin's first block pays, as it stands there.
FIRST = (
    "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384d"
    "f7ba0b8d578a4c702b6bf11d5f"
)
KEY = "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
NOBODYS = {
    "a note": "6a0568656c6c6f",
    "bare multisignature": f"51210{KEY[1:]}210{KEY[1:]}52ae",
    "nothing": "",
    "anyone can spend": "51",
    "a key cut short": f"20{KEY[:64]}ac",
    "a key that is none": f"2105{KEY[2:]}ac",
    "a key of the wrong size": f"4102{'00' * 64}ac",
    "version 0 of no size it has": "0010" + "00" * 16,
    "a program of one byte": "510100",
    "a program of 41 bytes": "5129" + "00" * 41,
    "a hash with more behind": VECTORS["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"] + "61",
}


@pytest.mark.parametrize(("text", "script"), VECTORS.items())
def test_published_vectors_both_ways(text: str, script: str) -> None:
    """Each address of the BIPs' vectors has the script they give, and the script the address."""
    address = Address.parse(BITCOIN, text)
    assert script_of(address).hex() == script
    assert address_of(BITCOIN, bytes.fromhex(script)) == address


def test_a_bare_key_is_the_address_of_its_hash() -> None:
    """The first block pays a bare key, which everybody knows by the address of its hash."""
    found = address_of(BITCOIN, bytes.fromhex(f"41{FIRST}ac"))
    assert found == Address.parse(BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    assert address_of(BITCOIN, bytes.fromhex(f"21{KEY}ac")) == Address.parse(
        BITCOIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"
    )


@pytest.mark.parametrize("script", NOBODYS.values(), ids=NOBODYS)
def test_a_script_without_an_address_has_none(script: str) -> None:
    """Notes, bare multisignature and whatever else no address stands for: nobody's."""
    assert address_of(BITCOIN, bytes.fromhex(script)) is None


@given(st.sampled_from(UTXO).flatmap(lambda chain: accounts(chain).map(lambda text: Address(chain.id, text))))
def test_every_address_is_that_of_its_script(address: Address) -> None:
    """The address of an address's script is the address; Litecoin's two pool outputs alone have none."""
    script = script_of(address)
    expected = None if mweb_of(address.chain, script) else address
    assert address_of(address.chain, script) == expected


@given(st.sampled_from(UTXO), st.binary(max_size=80))
def test_any_script_has_an_address_or_none(chain: Chain, script: bytes) -> None:
    """Whatever bytes a script is, it has an address of its own chain or none; an address has one script."""
    found = address_of(chain, script)
    assert found is None or found.chain == chain
    if found is not None and not script.endswith(b"\xac"):
        assert script_of(found) == script


def test_the_two_outputs_of_the_pool_are_nobodys() -> None:
    """On Litecoin they are marks, of which no address is made; elsewhere they are programs like others."""
    for kind, first in ((Mweb.POOL, "58"), (Mweb.PEG_IN, "59")):
        script = bytes.fromhex(f"{first}20" + "ab" * 32)
        assert mweb_of(LITECOIN, script) is kind
        assert address_of(LITECOIN, script) is None
        assert mweb_of(BITCOIN, script) is None
        assert address_of(BITCOIN, script) is not None
        assert mweb_of(LITECOIN, script[:-1]) is None


def test_a_chain_without_witnesses_has_no_address_for_them() -> None:
    """On Dogecoin a witness program is a script that anyone can spend, and nobody's."""
    assert address_of(DOGECOIN, bytes.fromhex(VECTORS["BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"])) is None


@pytest.mark.parametrize("chain", UTXO, ids=str)
def test_every_chain_writes_its_newest_version(chain: Chain) -> None:
    """Key hash and script hash are written with version bytes that the chain has and has not replaced."""
    for script in ("76a914" + "07" * 20 + "88ac", "a914" + "07" * 20 + "87"):
        found = address_of(chain, bytes.fromhex(script))
        assert found is not None
        assert found.account == Address(chain.id, found.account).account
        assert script_of(found).hex() == script


def test_the_names_services_have_for_a_script() -> None:
    """Electrum's documentation names the first payee's script 8b01df4e…; Esplora's name is that reversed."""
    script = bytes.fromhex(VECTORS["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"])
    assert electrum_hash(script) == "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161"
    assert bytes.fromhex(esplora_hash(script))[::-1].hex() == electrum_hash(script)


@pytest.mark.real
def test_recorded_addresses(capsys: pytest.CaptureFixture[str]) -> None:
    """Every output that mempool.space was recorded with has the address it states, and one where it does."""
    if not RECORDED.exists():
        pytest.skip("the recorded answers are not here")
    outputs = {}
    for name in ("transactions-random", "transactions-rbfs", "transactions-replaced", "non-standard-txs"):
        for tx in json.loads((RECORDED / f"mempool/{name}.json").read_bytes()):
            for one in (*tx["vout"], *(i["prevout"] for i in tx["vin"] if i["prevout"])):
                outputs[one["scriptpubkey"]] = one.get("scriptpubkey_address"), one["scriptpubkey_type"]
    for script, (stated, kind) in outputs.items():
        found = address_of(BITCOIN, bytes.fromhex(script))
        assert kind == "p2pk" or (found and found.account) == (stated or None), (script, kind)
    assert len(outputs) > 30
    with capsys.disabled():
        print(f"\nscripts: {len(outputs)} recorded outputs of {len({k for _, k in outputs.values()})} types")  # noqa: T201
