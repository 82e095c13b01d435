"""Bitcoin Core as published: a real block in each form it is given in, and errors in both envelopes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from fetch.askings import through_the_door
from fetch.bitcoind_service import Node, decimal
from fetch.coin_asking import history, instead, run
from fetch.coin_world import provider, world
from fetch.services import Reply
from flowtrace.errors import KeyRefusedError, SourceError
from flowtrace.fetch.faults import Fault, fault_of
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.fetch.utxo import bitcoind
from flowtrace.fetch.utxo.bitcoind_blocks import of_bytes, of_json
from flowtrace.model import Address, Answer, Chain, Request
from flowtrace.moves.coin import Output

BITCOIN = Chain.of("bitcoin")
# The chain's block 170, in which coin was paid from one to another for the first time, and the transaction of
# block 9 that made it. Its bytes hash to its names, so they are what they are, whoever prints them.
NAME = "00000000d1145790a8694403d4063f323d499e655c83426834d4ce2f8dd4a2ee"
PREVIOUS = "000000002a22cfee1f2c846adbd12b3e183d4f97683f85dad08a79780a84bd55"
ROOT = "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff"
MINED, PAID = (
    "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082",
    "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
)
NINTH = "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9"
TIME, NONCE, BITS = 1_231_731_025, 1_889_418_792, "1d00ffff"
HAL, SATOSHI, MINER = (
    f"41{key}ac"
    for key in (
        (
            "04ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414"
            "e7aab37397f554a7df5f142c21c1b7303b8a0626f1baded5c72a704f7e6cd84c"
        ),
        (
            "0411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5c"
            "b2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3"
        ),
        (
            "04d46c4968bde02899d2aa0963367c7a6ce34eec332b32e42e5f3407e052d64ac6"
            "25da6f0718e7b302140434bd725706957c092db53805b821a85b23a7ac61725b"
        ),
    )
)
SIGNED = (
    "47304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd41"
    "0220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901"
)
COIN = 10**8


def _made(script: str, height: str) -> str:
    """Return the bytes of a transaction that makes fifty new coins."""
    source = f"{'00' * 32}ffffffff0704ffff001d01{height}ffffffff"
    return f"0100000001{source}0100f2052a0100000043{script}00000000"


RAW = {
    MINED: _made(MINER, "02"),
    NINTH: _made(SATOSHI, "34"),
    PAID: f"0100000001{bytes.fromhex(NINTH)[::-1].hex()}0000000048{SIGNED}ffffffff"
    f"0200ca9a3b0000000043{HAL}00286bee0000000043{SATOSHI}00000000",
}
HEADER = b"".join(
    (
        (1).to_bytes(4, "little"), bytes.fromhex(PREVIOUS)[::-1], bytes.fromhex(ROOT)[::-1],
        TIME.to_bytes(4, "little"), bytes.fromhex(BITS)[::-1], NONCE.to_bytes(4, "little"),
    )
)  # fmt: skip


# The forms: bitcoincore.org/en/doc/24.0.0/rpc/blockchain/getblock and its neighbours, read on 2026-11-25.
def _script(hexadecimal: str) -> dict[str, Any]:
    return {"asm": "... OP_CHECKSIG", "desc": "pk(...)", "hex": hexadecimal, "type": "pubkey"}


def _output(place: int, script: str, units: int) -> dict[str, Any]:
    return {"value": decimal(units), "n": place, "scriptPubKey": _script(script)}


def _transactions(verbosity: int) -> list[dict[str, Any]]:
    spent: dict[str, Any] = {"txid": NINTH, "vout": 0, "sequence": 4_294_967_295}
    spent["scriptSig"] = {"asm": "...", "hex": SIGNED}
    if verbosity == 3:
        prevout = {
            "generated": True,
            "height": 9,
            "value": decimal(50 * COIN),
            "scriptPubKey": _script(SATOSHI),
        }
        spent["prevout"] = prevout
    sizes = {"version": 1, "size": 275, "vsize": 275, "weight": 1100, "locktime": 0}
    made = {"coinbase": "04ffff001d0102", "sequence": 4_294_967_295}
    paid = [_output(0, HAL, 10 * COIN), _output(1, SATOSHI, 40 * COIN)]
    return [
        sizes | {"txid": MINED, "hash": MINED, "vin": [made], "vout": [_output(0, MINER, 50 * COIN)],
                 "hex": RAW[MINED]},
        sizes | {"txid": PAID, "hash": PAID, "vin": [spent], "vout": paid, "hex": RAW[PAID],
                 "fee": decimal(0)},
    ]  # fmt: skip


def _block(verbosity: int) -> dict[str, Any]:
    return {
        "hash": NAME, "confirmations": 876_000, "height": 170, "version": 1, "versionHex": "00000001",
        "merkleroot": ROOT, "time": TIME, "mediantime": 1_231_716_245, "nonce": NONCE, "bits": BITS,
        "difficulty": 1, "nTx": 2, "previousblockhash": PREVIOUS, "strippedsize": 490, "size": 490,
        "weight": 1960, "tx": [MINED, PAID] if verbosity == 1 else _transactions(verbosity),
    }  # fmt: skip


TOLD: Mapping[tuple[str, ...], Any] = {
    ("getblockcount",): 172,
    ("getblockhash", "170"): NAME,
    ("getblockheader", NAME): {key: value for key, value in _block(1).items() if key != "tx"},
    ("getblock", NAME): _block(1),
    ("getrawtransaction", NINTH): RAW[NINTH],
    ("getrawtransaction", PAID, "1"): _transactions(2)[1]
    | {"blockhash": NAME, "confirmations": 876_000, "time": TIME, "blocktime": TIME},
}


def old(found: object, code: int | None = None) -> Reply:
    """Return an answer of JSON-RPC 1.1, as every node gave it before 28.0: errors with status 500 or 404."""
    told = {"result": found if code is None else None, "id": 1}
    told["error"] = None if code is None else {"code": code, "message": found}
    return {None: 200, -32601: 404}.get(code, 500), {"Content-Type": "application/json"}, _text(told)


def new(found: object, code: int | None = None) -> Reply:
    """Return an answer of JSON-RPC 2.0, as nodes since 28.0 give it who asks so (bitcoin/bitcoin#27101)."""
    part = {"result": found} if code is None else {"error": {"code": code, "message": found}}
    return 200, {"Content-Type": "application/json"}, _text({"jsonrpc": "2.0", **part, "id": 1})


def _text(told: object) -> bytes:
    return re.sub(r'"@([0-9.]+)@"', r"\1", json.dumps(told)).encode()


Envelope = Callable[..., Reply]
every_envelope = pytest.mark.parametrize("envelope", [old, new])


@dataclass
class Core:
    """A node that knows block 170."""

    envelope: Envelope
    provider: Provider = field(
        default_factory=lambda: provider("bitcoind", BITCOIN, "http://node.example:8332")
    )
    address: Address = field(
        default_factory=lambda: Address.parse(BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    )
    pin: Pin = field(default_factory=lambda: Pin(BITCOIN.id, 170, NAME))

    def answer(self, request: Request) -> Reply:
        """Answer as the node would."""
        asked = json.loads(request.body)
        return self.envelope(TOLD[(asked["method"], *map(str, asked["params"]))])


@every_envelope
def test_the_first_payment_of_the_chain_is_told(envelope: Envelope) -> None:
    """Fifty coins in, ten and forty out, nothing left for a fee, the second of its block."""
    core = Core(envelope)
    rows, _, _ = run(core, bitcoind.transaction(core.provider, PAID))
    (told,) = rows.transfers
    assert (told.tx, told.height, told.index, told.time) == (PAID, 170, 1, TIME)
    assert [(leg.units, leg.coin) for leg in told.inputs] == [(50 * COIN, f"{NINTH}:0")]
    assert [leg.units for leg in told.outputs] == [10 * COIN, 40 * COIN]
    assert rows.blocks == {(BITCOIN.id, 170): (NAME, 2)}


@every_envelope
def test_the_head_is_so_many_blocks_below_the_count(envelope: Envelope) -> None:
    """Two blocks below 172, by the block's own name and time."""
    core = Core(envelope)
    assert run(core, bitcoind.head(core.provider))[1] == Pin(BITCOIN.id, 170, NAME, TIME)


def _answer(reply: Reply) -> Answer:
    return Answer(Request("POST", "http://node.example"), reply[2], "2026-01-01", "a test", status=reply[0])


@every_envelope
@pytest.mark.parametrize("verbosity", [2, 3])
def test_a_published_block_is_read_in_json(envelope: Envelope, verbosity: int) -> None:
    """Amounts with all eight places; what is spent, where the node says so."""
    block = of_json(_answer(envelope(_block(verbosity))), NAME)
    assert (block.height, block.time, block.previous) == (170, TIME, PREVIOUS)
    (_, none), (paid, spent) = block.transactions
    assert none == ()
    assert [one.units for one in paid.outputs] == [10 * COIN, 40 * COIN]
    assert spent == ((Output(50 * COIN, bytes.fromhex(SATOSHI)),) if verbosity == 3 else ())


def test_a_published_block_is_read_in_bytes() -> None:
    """The same transactions by the block's bytes; its height by its header's own answer."""
    raw = HEADER.hex() + "02" + RAW[MINED] + RAW[PAID]
    where = _answer(old(TOLD["getblockheader", NAME]))
    block = of_bytes(provider("bitcoind", BITCOIN, ""), _answer(old(raw)), where, name=NAME)
    in_json = of_json(_answer(old(_block(2))), NAME)
    assert (block.height, block.time, block.previous) == (in_json.height, in_json.time, in_json.previous)
    assert block.transactions == in_json.transactions


# Per error of src/rpc/{blockchain,rawtransaction}.cpp and httprpc.cpp: what follows. What is so only now must
# not be kept as the answer for good: NOT_INDEXED is refused at the door, MISSING is an answer.
SAID = [
    (-5, "Block not found", Fault.MISSING),
    (-8, "Block height out of range", Fault.NOT_INDEXED),
    (-1, "Block not available (pruned data)", Fault.NOT_INDEXED),
    (-1, "Block not available (not fully downloaded)", Fault.NOT_INDEXED),
    (-28, "Loading block index…", Fault.NOT_INDEXED),
    (-28, "Pruning blockstore…", Fault.NOT_INDEXED),
    (-28, "Starting network threads…", Fault.NOT_INDEXED),
    (-5, ("No such mempool transaction. Use -txindex or provide a block hash to enable blockchain "
     "transaction queries. Use gettransaction for wallet transactions."), Fault.MISSING),
    (-5, ("No such mempool transaction. Blockchain transactions are still in the process of being indexed. "
     "Use gettransaction for wallet transactions."), Fault.NOT_INDEXED),
    (-5, "No such mempool or blockchain transaction. Use gettransaction for wallet transactions.",
     Fault.MISSING),
    (-8, 'Scan already in progress, use action "abort" or "status"', Fault.NOT_INDEXED),
    (-1, "Index is not enabled for filtertype basic", Fault.MISSING),
    (-1, "JSON value is not a boolean as expected", Fault.MISSING),
    (-32601, "Method not found", Fault.MISSING),
    (-32603, "Can't read block from disk", Fault.SERVER),
]  # fmt: skip


@every_envelope
@pytest.mark.parametrize(("code", "message", "fault"), SAID, ids=[f"{c} {m[:30]}" for c, m, _ in SAID])
def test_every_published_error_is_understood(
    envelope: Envelope, code: int, *, message: str, fault: Fault
) -> None:
    """The same in either envelope, whatever its status."""
    assert fault_of(_answer(envelope(message, code))) is fault


@dataclass
class Spoilt:
    """A stand-in for a new node, some of whose answers are others."""

    part: str
    reply: Reply
    node: Node = field(default_factory=lambda: Node(world("bitcoin"), modern=True))

    def __post_init__(self) -> None:
        self.provider, self.address, self.pin = self.node.provider, self.node.address, self.node.pin

    def answer(self, request: Request) -> Reply:
        """Answer as the node would, but for those."""
        return instead(self.part, self.reply)(request, self.node.answer(request))


@every_envelope
@pytest.mark.parametrize(
    ("code", "message", "count"),
    [
        (-28, "Verifying blocks…", 1),
        (-1, "Block not available (pruned data)", 1),
        (-5, "Block not found", 1),
        (-32603, "Can't read block from disk", 6),
    ],
)
def test_a_history_whose_block_is_refused_ends_in_the_nodes_words(
    envelope: Envelope, code: int, *, message: str, count: int
) -> None:
    """No block, no history: said in the node's own words, after as many tries as make sense."""
    ran = through_the_door(Spoilt('"getblock"', envelope(message, code)))
    assert type(ran.error) is SourceError
    assert message in str(ran.error)
    assert len([one for one in ran.sent if b'"getblock"' in one.request.body]) == count


@pytest.mark.parametrize(
    ("reply", "kind", "count"),
    [
        ((503, {}, b"Work queue depth exceeded"), SourceError, 6),
        ((401, {"WWW-Authenticate": 'Basic realm="jsonrpc"'}, b""), KeyRefusedError, 1),
        ((403, {}, b""), SourceError, 1),
    ],
)
def test_a_node_that_does_not_let_one_in_is_told(reply: Reply, kind: type[Exception], count: int) -> None:
    """Too busy: asked again. A wrong password, or an address that is not allowed: not."""
    ran = through_the_door(Spoilt('"getblock"', reply))
    assert type(ran.error) is kind
    assert len([one for one in ran.sent if b'"getblock"' in one.request.body]) == count


@every_envelope
def test_a_busy_scan_is_waited_for_and_not_taken_for_no_filters(envelope: Envelope) -> None:
    """One scan at a time: said so, with what to do, and not that the node had no filters."""
    busy = envelope('Scan already in progress, use action "abort" or "status"', -8)
    ran = through_the_door(Spoilt("scanblocks", busy))
    assert type(ran.error) is SourceError
    assert "wait until it is done, or abort it" in str(ran.error)
    told, coverage = history(Node(world("bitcoin"), modern=True), instead("scantxoutset", busy))
    assert told
    assert "which coins are left the node did not say" in coverage.check


@every_envelope
def test_a_node_without_filters_is_read_block_by_block(envelope: Envelope) -> None:
    """The published refusal of a node that has no such index: all blocks are read, to the same history."""
    missing = envelope("Index is not enabled for filtertype basic", -1)
    told, coverage = history(Node(world("bitcoin"), modern=True), instead("scanblocks", missing))
    assert told == history(Node(world("bitcoin"), modern=True))[0]
    assert "blocks, all there are" in coverage.check
