"""An EVM dataset of the SQD Portal over a toy chain that really moves its coin, calls, reverts and all.

The chain runs calls on balances and takes back what a failed call did; what it writes down as traces and
differences of state comes from that, and so does the list of moves that tests hold histories against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from fetch.portal_dataset import Block, Dataset, Found, Row, Table, joined
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import DEPOSIT, ETHEREUM, WITHDRAWAL, Address, Chain, Kind, Transfer

ANN, BEN, CLEO = ("0x" + pair * 20 for pair in ("a1", "b2", "c3"))
WALLET, SPLITTER, LOGIC, BOMB, NEST = ("0x" + pair * 20 for pair in ("d1", "d2", "d3", "d4", "d5"))
TOKEN, ITEMS, MINER, FAUCET = ("0x" + pair * 20 for pair in ("e1", "e2", "f1", "f2"))
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
ETHER = 10**18
_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_SINGLE = "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62"
_BATCH = "0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb"

Move = tuple[str, str, str, str, int]
"""Hash of the transaction, position, giver, taker ("" for nobody), units."""


@dataclass(frozen=True)
class Call:
    """A call: whom it goes to, what it pays, what it calls, and whether it fails in the end."""

    to: str
    value: int = 0
    inside: tuple[Call, ...] = ()
    kind: str = "call"
    fails: bool = False


def call(to: str, value: int = 0, *inside: Call, kind: str = "call", fails: bool = False) -> Call:
    """Return a call."""
    return Call(to, value, inside, kind, fails)


@dataclass(frozen=True)
class Sent:
    """A transaction: who sends it, the call it makes, its logs, and what else is told of it.

    ``extra`` is what it costs beside its gas; ``changed`` are fields to be told otherwise.
    """

    sender: str
    call: Call
    logs: tuple[Row, ...] = ()
    gas: int = 21_000
    price: int = 10
    extra: int = 0
    changed: dict[str, Any] = field(default_factory=dict)


def log(address: str, *topics: str, data: str = "0x") -> Row:
    """Return a log."""
    return {"address": address, "topics": list(topics), "data": data}


def word(number: int | str) -> str:
    """Return a number or an account as 32 bytes of hexadecimal, without 0x."""
    return f"{number:064x}" if isinstance(number, int) else number[2:].rjust(64, "0")


def erc20(source: str, target: str, units: int) -> Row:
    """Return the log of a token's transfer."""
    return log(TOKEN, _TRANSFER, f"0x{word(source)}", f"0x{word(target)}", data=f"0x{word(units)}")


def erc721(source: str, target: str, number: int) -> Row:
    """Return the log of a single item's transfer."""
    return log(ITEMS, _TRANSFER, *(f"0x{word(one)}" for one in (source, target, number)))


def erc1155(source: str, target: str, *items: tuple[int, int]) -> Row:
    """Return the log of a transfer of (item, units): one, or a batch."""
    ends = [f"0x{word(one)}" for one in (CLEO, source, target)]
    if len(items) == 1:
        return log(ITEMS, _SINGLE, *ends, data="0x" + word(items[0][0]) + word(items[0][1]))
    count = len(items)
    numbers, units = ([pair[place] for pair in items] for place in (0, 1))
    data = [64, 64 + 32 * (count + 1), count, *numbers, count, *units]
    return log(ITEMS, _BATCH, *ends, data="0x" + "".join(map(word, data)))


def wrapped(topic: str, holder: str, units: int, *, by: str = WETH) -> Row:
    """Return the log of coin that is wrapped or unwrapped; anyone can write one like it."""
    return log(by, topic, f"0x{word(holder)}", data=f"0x{word(units)}")


class World:
    """A chain, block by block, with its balances and every move that really happened."""

    def __init__(self) -> None:
        self.balances: Counter[str] = Counter({FAUCET: 10**6 * ETHER})
        self.blocks: list[Block] = []
        self.moves: list[Move] = []
        self.nonces: Counter[str] = Counter()
        self.ends: dict[str, set[str]] = {}
        self._known = {FAUCET}
        self.block()

    def block(self, *sent: Sent) -> None:
        """Add a block of transactions."""
        number = len(self.blocks)
        tables: Found = {"transactions": [], "logs": [], "traces": [], "stateDiffs": []}
        parent = self.blocks[-1].hash if self.blocks else ""
        made = Block(number, f"0x{number:08x}" + "ab" * 28, 1_600_000_000 + 12 * number, tables, parent)
        for index, one in enumerate(sent):
            self._transaction(made, index, one)
        self.blocks.append(made)

    def credit(self, account: str, units: int) -> None:
        """Give an account coin outside of any transaction, as a withdrawn stake is given."""
        self.balances[account] += units
        self._known.add(account)

    def _transaction(self, block: Block, index: int, sent: Sent) -> None:
        name = f"0x{block.number:032x}{index:032x}"
        if self.balances[sent.sender] < sent.gas * sent.price + sent.extra + sent.call.value:
            return  # no block can hold it
        self.ends[name] = {sent.sender, sent.call.to}
        before = Counter(self.balances)
        gas = sent.gas * sent.price + sent.extra
        self.balances[sent.sender] -= gas
        self.moves.append((name, "fee", sent.sender, "", gas))
        traces: list[Row] = []
        self._run(name, sent.sender, sent.call, path=(), traces=traces)
        self.balances[MINER] += sent.gas  # the tip: one wei for each unit; the rest is burnt
        made = sent.call.kind == "create"
        block.tables["transactions"].append({
            "transactionIndex": index, "hash": name, "from": sent.sender,
            "to": None if made else sent.call.to, "contractAddress": sent.call.to if made else None,
            "value": hex(sent.call.value), "nonce": self.nonces[sent.sender],
            "status": int(not sent.call.fails), "type": 2, "gasUsed": hex(sent.gas), "gasPrice": "0xffff",
            "effectiveGasPrice": hex(sent.price), "l1Fee": None, "blobGasUsed": None, "blobGasPrice": None,
            **sent.changed,
        })  # fmt: skip
        self.nonces[sent.sender] += 1
        block.tables["traces"] += [trace | {"transactionIndex": index} for trace in traces]
        for one in sent.logs if not sent.call.fails else ():
            place = {"transactionIndex": index, "logIndex": len(block.tables["logs"])}
            block.tables["logs"].append(place | one | {f"topic{n}": t for n, t in enumerate(one["topics"])})
        block.tables["stateDiffs"] += self._differences(index, before)

    def _differences(self, index: int, before: Counter[str]) -> Iterator[Row]:
        for account in sorted({*before, *self.balances}):
            old, new = before[account], self.balances[account]
            if old != new:
                kind = "*" if account in self._known else "+"
                prev = hex(old) if kind == "*" else None
                self._known.add(account)
                place = {"transactionIndex": index, "address": account, "key": "balance"}
                yield place | {"kind": kind, "prev": prev, "next": hex(new)}

    def _run(self, tx: str, source: str, made: Call, *, path: tuple[int, ...], traces: list[Row]) -> None:
        saved, mark = Counter(self.balances), len(self.moves)
        value = self.balances[source] if made.kind == "suicide" else made.value
        if value > self.balances[source]:
            made = replace(made, inside=(), fails=True)
        traces.append(_trace(source, replace(made, value=value), path))
        place = len(traces) - 1
        pays = made.kind in ("call", "create", "suicide")
        if pays:
            self.balances[source] -= value
            self.balances[made.to] += value
            if value or not path:
                position = "trace " + ".".join(map(str, path)) if path else "value"
                self.moves.append((tx, position, source, made.to, value))
        runs_as = made.to if made.kind in ("call", "create", "staticcall") else source
        for number, inner in enumerate(made.inside):
            self._run(tx, runs_as, inner, path=(*path, number), traces=traces)
        if made.fails:
            self.balances = saved
            del self.moves[mark:]
            traces[place]["error"] = "Reverted"
            traces[place]["createResultAddress"] = None

    def told(self, account: str) -> set[Move]:
        """Return the moves of coin that a history of an account must tell."""
        return {
            move
            for move in self.moves
            if account in move[2:4] or (move[1] == "fee" and account in self.ends[move[0]])
        }


def _trace(source: str, made: Call, path: tuple[int, ...]) -> Row:
    ends = {"call": ("callFrom", "callTo", "callValue"), "create": ("createFrom", "createResultAddress")}
    row: Row = dict.fromkeys(_TRACE_COLUMNS)
    kind = made.kind if made.kind in ("create", "suicide") else "call"
    row |= {"traceAddress": list(path), "type": kind, "error": None}
    if kind == "create":
        row |= dict(zip(ends[kind], (source, made.to), strict=True)) | {"createValue": hex(made.value)}
    elif kind == "suicide":
        row |= {"suicideAddress": source, "suicideRefundAddress": made.to, "suicideBalance": hex(made.value)}
    else:
        values = (source, made.to, hex(made.value))
        row |= dict(zip(ends[kind], values, strict=True)) | {"callCallType": made.kind}
    return row


_TRACE_COLUMNS = (
    *("transactionIndex", "traceAddress", "type", "error", "callFrom", "callTo", "callValue"),
    *("callCallType", "createFrom", "createValue", "createResultAddress", "suicideAddress"),
    *("suicideRefundAddress", "suicideBalance"),
)
_PARTS = {
    "callFrom": ("action", "from"), "callTo": ("action", "to"), "callValue": ("action", "value"),
    "callCallType": ("action", "callType"), "createFrom": ("action", "from"),
    "createValue": ("action", "value"), "createResultAddress": ("result", "address"),
    "suicideAddress": ("action", "address"), "suicideRefundAddress": ("action", "refundAddress"),
    "suicideBalance": ("action", "balance"),
}  # fmt: skip


def _shape(row: Row, names: set[str]) -> Row:
    """Return a trace as the portal writes it: what is of its type only, sorted into action and result."""
    made: Row = {}
    for name in names:
        group, key = _PARTS.get(name, ("", name))
        if not group:
            made[name] = row[name]
        elif name.startswith(row["type"]):
            made.setdefault(group, {})[key] = row[name]
    return made


def _family(*, above: bool) -> Any:  # noqa: ANN401  a relation
    def relation(tables: Found, row: Row) -> Iterator[tuple[str, Row]]:
        for other in tables["traces"]:
            long, short = (row, other) if above else (other, row)
            size = len(short["traceAddress"])
            related = (
                size < len(long["traceAddress"]) and long["traceAddress"][:size] == short["traceAddress"]
            )
            if related and other["transactionIndex"] == row["transactionIndex"]:
                yield "traces", other

    return relation


_TRANSACTION = joined("transactions")
TABLES = {
    "transactions": Table(
        "transaction",
        (
            *("transactionIndex", "hash", "from", "to", "value", "nonce", "status", "type", "gasUsed"),
            *("gasPrice", "effectiveGasPrice", "contractAddress", "l1Fee", "blobGasUsed", "blobGasPrice"),
        ),
        {"from": "from", "to": "to"},
        {"traces": joined("traces"), "logs": joined("logs")},
    ),
    "logs": Table(
        "log",
        ("logIndex", "transactionIndex", "transactionHash", "address", "topics", "data"),
        {name: name for name in ("address", "topic0", "topic1", "topic2", "topic3")},
        {"transaction": _TRANSACTION},
    ),
    "traces": Table(
        "trace",
        _TRACE_COLUMNS,
        {n: n for n in ("callFrom", "callTo", "createFrom", "createResultAddress", "suicideRefundAddress")},
        {"transaction": _TRANSACTION, "parents": _family(above=True), "subtraces": _family(above=False)},
        _shape,
    ),
    "stateDiffs": Table(
        "stateDiff",
        ("transactionIndex", "address", "key", "kind", "prev", "next"),
        {"address": "address", "key": "key", "kind": "kind"},
        {"transaction": _TRANSACTION},
    ),
}


def provider(chain: Chain = ETHEREUM, *, depth: int = 0) -> Provider:
    """Return how flowtrace knows the stand-in."""
    return Provider(
        id=f"sqd@{chain.name}", service="sqd", kind="portal", chain=chain,
        url="https://portal.example/datasets/toy", key=None, needs_key=False, requests=20, seconds=10.0,
        concurrent=4, page=0, window=0, depth=depth, verified_on="", source="a test", options={},
    )  # fmt: skip


def dataset(world: World, account: str = ANN, *, chain: Chain = ETHEREUM) -> Dataset:
    """Return a portal before a world, and an address to ask about."""
    last = world.blocks[-1]
    pin = Pin(chain.id, last.number, last.hash, last.time)
    return Dataset(provider(chain), Address.parse(chain, account), pin, "evm", TABLES, world.blocks)


def world() -> World:
    """Return a chain with one of every kind of move, honest and otherwise."""
    made = World()
    made.block(Sent(FAUCET, call(ANN, 100 * ETHER)), Sent(FAUCET, call(BEN, 50 * ETHER)))
    made.block()
    made.block(Sent(ANN, call(BEN, 5 * ETHER)), Sent(CLEO, call(CLEO), gas=0))
    paid_back = call(SPLITTER, 3 * ETHER, call(ANN, ETHER), call(BEN, ETHER), call(ANN, 0))
    made.block(Sent(ANN, paid_back, gas=60_000))
    caught = call(NEST, 0, call(SPLITTER, 0, call(ANN, ETHER), fails=True), call(ANN, 2 * ETHER))
    made.block(Sent(BEN, call(NEST, 4 * ETHER)), Sent(BEN, caught))
    made.block(Sent(ANN, call(BEN, 7 * ETHER, fails=True)))
    made.block(Sent(BEN, call(NEST, 0, call(ANN, ETHER), fails=True)), Sent(BEN, call(ANN, 3)))
    made.block(
        Sent(ANN, call(TOKEN), (erc20(ANN, BEN, 1000), erc20(ANN, CLEO, 0), erc20(BEN, ANN, 1 << 255))),
        Sent(BEN, call(ITEMS), (erc721(BEN, ANN, 7), erc1155(BEN, ANN, (1, 5)))),
        Sent(CLEO, call(ITEMS), (erc1155(ANN, BEN, (1, 2), (9, 0), (3, 4)), log(ITEMS, _BATCH)), gas=0),
        Sent(CLEO, call(TOKEN), (erc20(CLEO, ANN, 0), erc20(BEN, CLEO, 5)), gas=0),
    )
    made.block(Sent(ANN, call(BOMB, 2 * ETHER, call(CLEO, 1), kind="create")))
    made.block(Sent(ANN, call("0x" + "99" * 20, ETHER, kind="create", fails=True)))
    made.block(Sent(BEN, call(BOMB, 0, call(ANN, kind="suicide"))))
    through = call(
        WALLET, 9, call(LOGIC, 9, call(BEN, 4), kind="delegatecall"), call(LOGIC, 9, kind="callcode")
    )
    made.block(Sent(ANN, through))
    made.block(Sent(BEN, call(WALLET, 0, call("0x" + "77" * 20, 2, kind="create"))))
    made.block(Sent(ANN, call(ANN, 11)), Sent(BEN, call(SPLITTER, 0, call(ANN, 0), call(BEN, 0))))
    early = call(NEST, 1, call(ANN, 1), fails=True)
    made.block(Sent(BEN, early, changed={"status": None}), Sent(ANN, call(BEN, 1), changed={"status": None}))
    blobs = {"type": 3, "blobGasUsed": hex(131_072), "blobGasPrice": "0x3"}
    made.block(Sent(ANN, call(CLEO), extra=3 * 131_072, changed=blobs))
    made.block()
    made.block(Sent(WALLET, call(BEN, 3), gas=0))
    spent = erc20(ANN, BEN, ETHER) | {"address": WETH}
    made.block(
        Sent(ANN, call(WETH, 3 * ETHER), (wrapped(DEPOSIT, ANN, 3 * ETHER), wrapped(DEPOSIT, BEN, 8))),
        Sent(BEN, call(WETH), (spent, wrapped(DEPOSIT, ANN, 9 * ETHER, by=TOKEN))),
        Sent(ANN, call(WETH, 0, call(ANN, ETHER)), (wrapped(WITHDRAWAL, ANN, ETHER),)),
    )
    return made


def service() -> Dataset:
    """Return the stand-in."""
    return dataset(world())


def coin(transfers: list[Transfer]) -> set[Move]:
    """Return the moves of coin that were made, as the toy chain writes them down."""
    return {
        (t.tx, t.position, name_of(t.source), name_of(t.target), t.amount.units)
        for t in transfers
        if t.kind is not Kind.TOKEN and (t.ok or t.kind is Kind.FEE)
    }


def net(transfers: list[Transfer], account: str) -> int:
    """Return what an account has by its transfers."""
    made = coin(transfers)
    return sum(move[4] for move in made if move[3] == account) - sum(m[4] for m in made if m[2] == account)


def name_of(address: Address | None) -> str:
    """Return an account as the toy chain writes it; of nobody, nothing."""
    return address.account if address else ""
