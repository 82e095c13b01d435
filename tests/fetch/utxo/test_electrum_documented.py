"""Electrum's protocol as published: a real conversation, its guide's results, a server's own refusals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from fetch.askings import through_the_door
from fetch.coin_asking import run
from fetch.coin_world import provider
from fetch.server import HOME, LineServer
from fetch.services import Reply
from flowtrace.errors import FlowtraceError, SourceError
from flowtrace.fetch.door.guard import Guard
from flowtrace.fetch.door.received import Received
from flowtrace.fetch.door.wire import Wire
from flowtrace.fetch.jsonrpc import call
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.fetch.utxo import electrum
from flowtrace.fetch.utxo.blocks import branch_root
from flowtrace.model import Address, Chain, Key, Request
from flowtrace.moves.scripts import address_of, electrum_hash, script_of

BITCOIN = Chain.of("bitcoin")
# spesmilo/electrum-protocol, docs/protocol-basics.rst at 394a8fd54539: what a client asked of a server about
# an address of a test chain, and what it was told. The script is an address of the main chain, too.
SCRIPT = bytes.fromhex("00149f9aa3795e57c535d2f7b160ff023804c60fca6e")
NAME = "f04bf26fc16a27abaa2f10540da7a24e369e6ec408f2d901202a7c0cd4a6112d"
FIRST, SECOND, THIRD = (
    "a6c9c361bd0bc536d6a22648efbf8f9b200e425ef6c3a7a9669dc444c532a347",
    "9c42f84b2fcdaff676ba25d9d4941741cc0d1a01cce0c23fdc4c0b2afa38431c",
    "770f2d4371b3fabb902dd9a103e2dd005fcd3971181078fca4a2a1d6ff127b30",
)
WATCHED = address_of(BITCOIN, SCRIPT) or Address.parse(BITCOIN, "")
LISTED = [
    {"tx_hash": FIRST, "height": 2472},
    {"tx_hash": SECOND, "height": 2473},
    {"tx_hash": THIRD, "height": 2473},
    {"tx_hash": "80b19848aed792565ab7c5a79b7c2a00fbf985741579396ebe0ab6098e607311", "height": 0, "fee": 200},
    {"tx_hash": "e02a1dadfa83b996b24175df807b271ea5d02937ef5b35c195fac1e1bdc3198f", "height": 0, "fee": 300},
    {"tx_hash": "bb4c8ab438c13b89ca80d1d5bee25b0b6b7f55673f4d801998ba97db161d9e85", "height": -1, "fee": 200},
]
RAW = {
    FIRST: "02000000000102f758cda73a362840995d62d0079a22a11fc2652cb7740fffb8132486fe76fe730000000000fd"
    "ffffff31b2d3d434d7c8f46b23a47aabc3c9498d4df5ffb9f13e13c3c3ecb52ab570b80000000000fdffffff02"
    "80f0fa02000000001600149f9aa3795e57c535d2f7b160ff023804c60fca6ef0cff00800000000160014553a3b"
    "97c2cc7d3d4edeace3281ff038bd067629024730440220274cf69bab8d6fd25bd047ef7420274f58540c32f2cb"
    "c12944134e604d2307a7022035a8954b44cbc6b048f4457080a7bcaf903bd970ee8bd297f1ef25451a464c2801"
    "21027ba4d3ee6471a985307a37d09eb9a0a73c1a31b57616fe3e53a3d6d4540025190247304402205a879e8678"
    "c331e4f00a282e629fc048ce2ec0107452ecc19773f4c144c725af02204495325f83cfc987e4e9a090c361cfe1"
    "1b63173a9b7a5ce498f3924f11ec416a0121027ba4d3ee6471a985307a37d09eb9a0a73c1a31b57616fe3e53a3"
    "d6d454002519a7090000",
    SECOND: "0200000000010147a332c544c49d66a9a7c3f65e420e209b8fbfef4826a2d636c50bbd61c3c9a60000000000fd"
    "ffffff02784a4c00000000001600147bcf38d8a69071c21abbfe0532cb6aeacaf5c29440a5ae02000000001600"
    "149f9aa3795e57c535d2f7b160ff023804c60fca6e02473044022020fd51935d101b3bfcf169af182a2ca18940"
    "7597d8f1868ca55eecae6c58fd0402205adc117093a4329dde60b9b9c579c56c1699129c6be37a581bbd03e851"
    "d36962012103c3172a9f8820681c62b8bf28961988a4642b33f4920b9da14b06965c7fff83fda8090000",
    THIRD: "0200000000010147a332c544c49d66a9a7c3f65e420e209b8fbfef4826a2d636c50bbd61c3c9a60100000000fd"
    "ffffff02005a6202000000001600149f9aa3795e57c535d2f7b160ff023804c60fca6e28758e06000000001600"
    "14c388b18dd1771046fecb85f44642ffb7a4efb6270247304402200967ab438e5cb1047873132a7beda3a6e2d8"
    "7809f58ebcb69976e14c85c2a2700220447d761847b2ab6a239f93cc2f8d42981082e4c4fe05f43b87fcd5f162"
    "6e4ed3012103cd68ad8bddacdc82a39a82efd7a045f2d9513a9de31049286b696c87a8efbe87a8090000",
}
PROOFS: dict[str, dict[str, Any]] = {
    SECOND: {
        "block_height": 2473, "pos": 1,
        "merkle": [
            "9b977e4cc0b2eb44cb5ea2adb30bf6eae892c9a838111031cb49c97d8ad57309",
            "e7a2891bd8f96488681a596f619de4d88a22d3b08a8aee3b44bbdd913e3e3562",
        ],
    },
    THIRD: {
        "block_height": 2473, "pos": 2,
        "merkle": [
            "770f2d4371b3fabb902dd9a103e2dd005fcd3971181078fca4a2a1d6ff127b30",
            "ee43317b1b79a9a6b101df711a26d12a88b1419f63db15161a9fdb587fabae63",
        ],
    },
}  # fmt: skip
ROOT = branch_root(THIRD, PROOFS[THIRD]["merkle"], 2)
HEADER = (4).to_bytes(4, "little") + bytes(32) + ROOT + (1_700_000_000).to_bytes(4, "little") + bytes(8)
"""The block's header is not among what was printed: one is made up around the root that the proofs prove."""
TOO_LARGE = {"code": 1, "message": "history too large"}


HOST = "tcp://electrum.example:50001"


@dataclass
class Server:
    """Answers with what is told for a method and its first parameter; with an error where nothing is."""

    told: Mapping[tuple[str, Any], object]
    provider: Provider = field(
        default_factory=lambda: provider("electrum", BITCOIN, "tcp://electrum.example:50001")
    )
    address: Address = WATCHED
    pin: Pin = field(default_factory=lambda: Pin(BITCOIN.id, 2473))

    def answer(self, request: Request) -> Reply:
        """Answer as printed."""
        asked = json.loads(request.body)
        key = (asked["method"].rpartition(".")[2], (*asked["params"], None)[0])
        found = self.told.get(key, TOO_LARGE)
        part = "error" if isinstance(found, dict) and "message" in found else "result"
        return 200, {}, json.dumps({"jsonrpc": "2.0", "id": asked["id"], part: found}).encode()


CONVERSATION: dict[tuple[str, Any], object] = {
    ("get_history", NAME): LISTED,
    ("header", 2473): HEADER.hex(),
    **{("get", tx): raw for tx, raw in RAW.items()},
    **{("get_merkle", tx): proof for tx, proof in PROOFS.items()},
}


def test_a_script_is_named_as_the_protocol_names_it() -> None:
    """The guide's own example, the first block's address, and the script of the conversation."""
    genesis = Address.parse(BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    assert script_of(genesis).hex() == "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"
    assert (
        electrum_hash(script_of(genesis))
        == "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161"
    )
    assert electrum_hash(script_of(WATCHED)) == NAME


def test_two_published_proofs_prove_one_block() -> None:
    """Both transactions of block 2473, at their places, lead to one root; at another place they do not."""
    assert branch_root(SECOND, PROOFS[SECOND]["merkle"], 1) == ROOT
    assert branch_root(SECOND, PROOFS[SECOND]["merkle"], 2) != ROOT


@pytest.mark.parametrize(
    ("tx", "index", "spent", "paid", "fee"),
    [
        (SECOND, 1, (50_000_000, f"{FIRST}:0"), [4_999_800, 45_000_000], 200),
        (THIRD, 2, (149_999_600, f"{FIRST}:1"), [40_000_000, 109_999_400], 200),
    ],
)
def test_a_published_transaction_is_told(
    tx: str, index: int, spent: tuple[int, str], *, paid: list[int], fee: int
) -> None:
    """Its bytes, what they spend, its place by its proof: to the satoshi, found by the one short history."""
    rows, _, asked = run(Server(CONVERSATION), electrum.transaction(Server(CONVERSATION).provider, tx))
    (told,) = rows.transfers
    assert (told.tx, told.height, told.index, told.time) == (tx, 2473, index, 1_700_000_000)
    assert [(leg.units, leg.coin) for leg in told.inputs] == [spent]
    assert [leg.units for leg in told.outputs] == [*paid, fee]
    assert [leg.address == WATCHED for leg in told.outputs].count(True) == 1
    methods = [json.loads(one.body)["method"] for one in asked]
    assert methods[:2] == ["blockchain.transaction.get"] * 2


def test_a_history_whose_parents_are_not_told_is_none() -> None:
    """What the first transaction spends was not printed: the server's refusal is told, nothing guessed."""
    words = "{'code': -5, 'message': 'No such mempool or blockchain transaction.'}"
    daemon = f"daemon error: DaemonError({words})"
    parents = (
        "73fe76fe862413b8ff0f74b72c65c21fa1229a07d0625d994028363aa7cd58f7",
        "b870b52ab5ecc3c3133ef1b9fff54d8d49c9c3ab7aa4236bf4c8d734d4d3b231",
    )
    told = CONVERSATION | {("get", parent): {"code": 2, "message": daemon} for parent in parents}
    server = Server(told)
    with pytest.raises(SourceError, match="No such mempool or blockchain transaction"):
        run(server, electrum.history(server.provider, server.address, server.pin))


# spesmilo/electrum-protocol, docs/protocol-methods.rst at 6bd082c977aa: block 5, and another chain's newest.
FIFTH = (
    "0100000085144a84488ea88d221c8bd6c059da090e88f8a2c99690ee55dbba4e00000000e11c48fe"
    "cdd9e72510ca84f023370c9a38bf91ac5cae88019bee94d24528526344c36649ffff001d1d03e477"
)
NEWEST = (
    "00000020890208a0ae3a3892aa047c5468725846577cfcd9b512b50000000000000000005dc2b02f"
    "2d297a9064ee103036c14d678f9afc7e3d9409cf53fd58b82e938e8ecbeca05a2d2103188ce804c4"
)


def test_published_headers_are_read() -> None:
    """Name and time of a block by its header; the head lies as deep below the newest as the provider says."""
    told = {
        ("subscribe", None): {"height": 520_481, "hex": NEWEST},
        ("header", 520_481): NEWEST,
        ("header", 5): FIFTH,
    }
    server = Server(told)
    spoken = replace(server.provider, depth=0)
    _, pin, _ = run(server, electrum.head(spoken))
    assert (pin.height, pin.time, len(pin.hash)) == (520_481, 1_520_495_819, 64)
    assert pin.hash.startswith("0" * 16)
    _, fifth, _ = run(server, electrum.block(spoken, 5))
    assert fifth == "000000009b7262315dbf071787ad3656097b892abffd1f95a1a022f896f533fc"


# ElectrumX 2.0.0, server/session.py, and aiorpcX, jsonrpc.py and session.py: what they refuse with. Per
# refusal: how often it is asked, and the words that are told.
REFUSALS = [
    (
        (10_001, "history too large"),
        1,
        "history too large: what it lists cannot be complete, ask another source",
    ),
    ((1, "history too large"), 1, "cannot be complete"),
    ((-32600, "response too large (over 1,000,000 bytes"), 1, "cannot be complete"),
    ((-101, "excessive resource usage"), 6, "failed 6 times in a row"),
    ((-102, "server busy - request timed out"), 6, "failed 6 times in a row"),
    ((-32603, "internal server error"), 6, "failed 6 times in a row"),
    ((2, "daemon error: DaemonError({'code': -28, 'message': 'Loading block index…'})"), 1, "refuses"),
    ((1, "00 is not a valid script hash"), 1, "cannot be complete"),
    ((-32601, 'unknown method "blockchain.scripthash.get_history"'), 1, "cannot be complete"),
]


@pytest.mark.parametrize(("refusal", "count", "words"), REFUSALS)
def test_every_refusal_of_a_history_ends_in_its_error(
    refusal: tuple[int, str], count: int, words: str
) -> None:
    """A history is given whole or not at all: what may pass is asked again, what cannot is told with why."""
    code, message = refusal
    ran = through_the_door(Server({("get_history", NAME): {"code": code, "message": message}}))
    assert type(ran.error) is SourceError
    assert words in str(ran.error)
    assert (len(ran.sent), ran.logged) == (count, count)


def test_a_height_that_is_not_there_yet_is_not_kept() -> None:
    """A height out of range is so today only: that is refused, not kept as the answer for good."""
    past = {"code": 1, "message": "height 9,999,999 out of range"}
    told = {("subscribe", None): {"height": 10_000_001, "hex": NEWEST}, ("header", 9_999_999): past}
    ran = through_the_door(Server({**told, ("get_history", NAME): [], ("header", 2473): past}))
    assert isinstance(ran.error, FlowtraceError)
    assert "refuses: status 200 1 height 9,999,999 out of range" in str(ran.error)


def test_a_proof_in_another_block_is_a_rewritten_chain() -> None:
    """Where the server lists it in a block and has it in another, everything has to be asked anew."""
    moved = {"code": 1, "message": f"tx {SECOND} not in block at height 2,473"}
    server = Server(CONVERSATION | {("get_merkle", SECOND): moved})
    with pytest.raises(FlowtraceError, match=r"was listed in block 2473, but .*not in block at height 2,473"):
        run(server, electrum.transaction(server.provider, SECOND))


async def _greeted(refusal: Mapping[str, object]) -> Received:
    server = LineServer(
        lambda _request: (200, {}, b"{}"), "tcp://electrum.example", greets=False, refusal=refusal
    )
    spoken = replace(provider("electrum", BITCOIN, server.service), key=Key(HOME, "base"), private=True)
    async with server:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(HOME, server.url)
            wire = Wire(Guard())
            try:
                request = replace(call(spoken, "blockchain.headers.subscribe", ()), key=spoken.key)
                return await wire.send(request, spoken)
            finally:
                await wire.close()


@pytest.mark.parametrize(
    "message", ["unsupported protocol version: ['1.4', '1.6']", "unsupported client: flowtrace"]
)
def test_a_refused_greeting_is_told_in_the_servers_words(message: str) -> None:
    """The server names its reason and hangs up: nothing was asked of it then, and the reason is told."""
    received = asyncio.run(_greeted({"code": 1, "message": message}))
    assert received.sent == 0
    assert message.replace("'", "")[:20] in received.broken.replace("'", "")
