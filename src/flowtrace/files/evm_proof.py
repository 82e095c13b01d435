"""What rows of transactions, calls and logs prove, whichever data set they come from.

A row is made into a transfer only where the files show that it happened: a transaction by its receipt or the
root of its calls, a call by the calls above it, a log by being one. Everything else is noted, not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from flowtrace.files.blocks import Stated, unbroken
from flowtrace.files.call_tree import ROOT, Call, CallTree
from flowtrace.files.columns import Row
from flowtrace.files.gathered import Gathering, Imported, Span
from flowtrace.model import Address, Amount, Basis, Chain, Scope, Transfer
from flowtrace.moves.evm import EvmTransaction
from flowtrace.moves.facts import of_log

_UNTIMED = "no file here tells the time of its block: import the blocks, or the transactions, as well"
_UNPROVEN = "no file here shows whether it succeeded: import the receipts, or the traces, as well"
_NO_TARGET = "it makes a contract, and no file here names it: import the receipts, or the traces, as well"
_UNPROVEN_CALL = "no file here shows all the calls above it: whether what it moved stayed moved is not known"
_NO_TX = "no file here says which transaction it belongs to: import the transactions as well"
_UNMATCHED = "no trace here shows that it took effect: such a file lists what reverted calls moved, too"


@dataclass(frozen=True, slots=True)
class Sent:
    """One transaction. ``ok``, ``fee`` and ``target`` are None where the files do not tell them.

    ``rows`` are those that tell of it, the transaction's own first; ``no_fee`` is why there is no fee.
    """

    rows: tuple[Row, ...]
    hash: str
    height: int
    index: int
    time: int | None
    source: Address
    target: Address | None
    units: int
    ok: bool | None
    fee: int | None
    no_fee: str = ""
    lossy: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """One row of a table of token transfers.

    ``index`` and ``time`` are None where it does not tell them. ``amount`` is what it moves, or a text that
    says why that cannot be known.
    """

    row: Row
    tx: str
    height: int
    index: int | None
    time: int | None
    log: int
    source: Address
    target: Address
    amount: Amount | str
    lossy: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that says coin moved, and not whether that took effect."""

    row: Row
    tx: str
    height: int
    source: Address
    target: Address
    units: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a table of logs as it stands; what it tells beside value is a fact."""

    row: Row
    tx: str
    height: int
    log: int
    contract: Address
    topics: tuple[str, ...]
    data: str


@dataclass
class Told:
    """All rows of one data set, as nouns; ``unread`` are those that cannot be, each with why."""

    sent: list[Sent] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    logs: list[Logged] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    claims: list[Claimed] = field(default_factory=list)
    blocks: list[Stated] = field(default_factory=list)
    unread: list[tuple[Row, str]] = field(default_factory=list)


def proven(chain: Chain, told: Told) -> Imported:
    """Return the transfers that the rows prove.

    Raises
    ------
    InputError
        If rows contradict each other.
    """
    return _Proof(chain, told).run()


class _Proof:
    def __init__(self, chain: Chain, told: Told) -> None:
        self.chain, self.told, self.found = chain, told, Gathering()
        self.times = _times(told)
        self.sent = {one.hash: one for one in _once(told.sent)}
        self.untold: Counter[Scope] = Counter()
        self.trees = self._trees()

    def run(self) -> Imported:
        for sent in self.sent.values():
            self._transaction(sent)
        for tx, tree in self.trees.items():
            self._calls(tx, tree)
        for log in self.told.logs:
            self._log(log)
        for entry in self.told.entries:
            self._fact(entry)
        for row, why in self.told.unread:
            self._skip(Scope.EXTERNAL, row, why)
        self._claims()
        return self.found.imported(self._complete())

    def _trees(self) -> dict[str, CallTree]:
        """Return the calls of each transaction, by its hash, or its place in its block where it has none."""
        by_place = {(one.height, one.index): one.hash for one in self.sent.values()}
        calls: dict[str, list[Call]] = {}
        for call in self.told.calls:
            self.found.saw(Scope.INTERNAL, call.row, call.height, call.source, call.target)
            tx = by_place.get((call.height, call.index), call.tx)
            if call.tx not in ("", tx):
                call.row.refuse("transaction_hash", f"the transaction at this place of its block is {tx}")
            if tx:
                calls.setdefault(tx, []).append(replace(call, tx=tx))
            else:
                self._skip(Scope.INTERNAL, call.row, _NO_TX)
        return {tx: CallTree(found) for tx, found in calls.items()}

    def _skip(self, scope: Scope, row: Row, why: str) -> None:
        self.found.note(row, why)
        self.untold[scope] += 1

    def _transaction(self, sent: Sent) -> None:
        row, tree = sent.rows[0], self.trees.get(sent.hash)
        self.found.saw(Scope.EXTERNAL, row, sent.height, sent.source, sent.target)
        root = None if tree is None else tree.calls.get(ROOT)
        ok, target = sent.ok, sent.target
        if tree is not None and tree.ok is not None:
            if ok not in (None, tree.ok):
                row.refuse("the row", f"its receipt and its trace differ on whether {sent.hash} succeeded")
            ok = tree.ok
        if root is not None:
            self._same(sent, root)
            target = target or root.target
        time = self.times.get(sent.height)
        if time is None or ok is None:
            self._skip(Scope.EXTERNAL, row, _UNTIMED if time is None else _UNPROVEN)
            return
        at = EvmTransaction(self.chain, sent.hash, sent.height, sent.index, time, ok)
        if sent.fee is None:
            self._skip(Scope.EXTERNAL, row, sent.no_fee)
        else:
            self.found.add(at.fee(sent.source, sent.fee), *sent.rows)
        if target is None:
            self._skip(Scope.EXTERNAL, row, _NO_TARGET)
        else:
            rows = sent.rows if root is None or sent.ok is not None else (*sent.rows, root.row)
            self.found.add(_basis(at.value(sent.source, target, sent.units), lossy=sent.lossy), *rows)

    def _same(self, sent: Sent, root: Call) -> None:
        """Hold a transaction against the root of its calls: they are one act."""
        known = sent.target is None or root.target in (None, sent.target)
        if (root.source, root.units) != (sent.source, sent.units) or not known:
            root.row.refuse(
                "the row", f"is the root of {sent.hash}, and differs from it in giver, taker or amount"
            )

    def _calls(self, tx: str, tree: CallTree) -> None:
        sent = self.sent.get(tx)
        if not tree.whole:
            self.untold[Scope.INTERNAL] += 1
        for call in tree.calls.values():
            if not call.moves or (call.path and not call.units) or (sent is not None and not call.path):
                continue
            effect, time = tree.took_effect(call), self.times.get(call.height)
            if effect is None or time is None:
                self._skip(Scope.INTERNAL, call.row, _UNPROVEN_CALL if effect is None else _UNTIMED)
                continue
            at = EvmTransaction(self.chain, tx, call.height, call.index, time, effect)
            moved = self._moved(at, call)
            if moved is not None:
                self.found.add(_basis(moved, lossy=call.lossy), call.row)

    def _moved(self, at: EvmTransaction, call: Call) -> Transfer | None:
        """Return what a call moved; nothing where it failed, but for the transaction's own payment."""
        if call.source is None or call.target is None:
            if at.ok:
                self._skip(Scope.INTERNAL, call.row, _NO_TARGET)
            return None
        if not call.path:
            self.found.saw(Scope.EXTERNAL, call.row, call.height, call.source, call.target)
            return at.value(call.source, call.target, call.units)
        if not at.ok:
            return None
        return at.internal(call.path, call.source, target=call.target, units=call.units)

    def _log(self, log: Logged) -> None:
        self.found.saw(Scope.TOKEN, log.row, log.height, log.source, log.target)
        sent, tree = self.sent.get(log.tx), self.trees.get(log.tx)
        if sent is not None and (log.height != sent.height or log.index not in (None, sent.index)):
            log.row.refuse("the row", f"stands elsewhere than its transaction {log.tx}")
        if (sent is not None and sent.ok is False) or (tree is not None and tree.ok is False):
            log.row.refuse(
                "the row", f"is a log of {log.tx}, which failed: a failed transaction logs nothing"
            )
        time = self.times.get(log.height)
        if time is None or isinstance(log.amount, str):
            self._skip(Scope.TOKEN, log.row, log.amount if isinstance(log.amount, str) else _UNTIMED)
            return
        index = sent.index if sent is not None else log.index
        if not log.amount.units:
            return
        at = EvmTransaction(self.chain, log.tx, log.height, index or 0, time)
        moved = at.log(log.log, log.source, target=log.target, amount=log.amount)
        self.found.add(_basis(moved, lossy=log.lossy), log.row, lesser=index is None)

    def _fact(self, entry: Entry) -> None:
        """Take the fact that a log tells, where the files show that its transaction succeeded."""
        sent, time = self.sent.get(entry.tx), self.times.get(entry.height)
        if sent is None or sent.ok is not True or sent.height != entry.height or time is None:
            return
        at = EvmTransaction(self.chain, entry.tx, sent.height, sent.index, time)
        log = {"address": entry.contract.account, "topics": entry.topics, "data": entry.data}
        found = of_log(at, sent.source, {**log, "logIndex": entry.log})
        if found is None:
            return
        if self.found.facts.setdefault(found.id, found) != found:
            entry.row.refuse("the row", f"tells of {found.id} something else than another row")

    def _claims(self) -> None:
        """Take each claim as one more row of a proven move; note it where there is none left for it."""
        proven: dict[tuple[object, ...], list[str]] = {}
        for name, one in self.found.transfers.items():
            if one.ok and one.target is not None and not one.amount.asset.contract:
                key = (one.tx, one.source, one.target, one.amount.units)
                proven.setdefault(key, []).append(name)
        for claim in self.told.claims:
            self.found.saw(Scope.INTERNAL, claim.row, claim.height, claim.source, claim.target)
            left = proven.get((claim.tx, claim.source, claim.target, claim.units))
            if left:
                self.found.witness(left.pop(0), claim.row)
            elif claim.units:
                self.found.note(claim.row, _UNMATCHED)

    def _complete(self) -> dict[Scope, tuple[Span, str]]:
        """Return which scopes are all there: every block stated, and every transaction that it states."""
        counts = Counter(one.height for one in self.sent.values())
        span = unbroken(self.told.blocks, counts)
        if span is None or self.untold[Scope.EXTERNAL]:
            return {}
        blocks = self.told.blocks[0].row.table.name
        why = f"each of these blocks is in {blocks} with as many transactions as it states"
        found = {Scope.EXTERNAL: (span, why)}
        if self.told.calls and self.sent.keys() == self.trees.keys() and not self.untold[Scope.INTERNAL]:
            found[Scope.INTERNAL] = (span, f"{why}, and each of them with every call its traces count")
        return found


def _basis(transfer: Transfer, *, lossy: bool) -> Transfer:
    return replace(transfer, basis=Basis.LOSSY) if lossy else transfer


def _once(sent: Iterable[Sent]) -> Iterator[Sent]:
    """Yield each transaction once; two rows of one must say the same."""
    held: dict[str, Sent] = {}
    places: dict[tuple[int, int], str] = {}
    for one in sent:
        first = held.setdefault(one.hash, one)
        if replace(first, rows=one.rows) != one:
            one.rows[0].refuse(
                "the row", f"tells of {one.hash} something else than row {first.rows[0].number}"
            )
        if places.setdefault((one.height, one.index), one.hash) != one.hash:
            one.rows[0].refuse("the row", f"stands where {places[one.height, one.index]} stands in its block")
        if first is one:
            yield one


def _times(told: Told) -> dict[int, int]:
    """Return the time of each block that any row tells."""
    times: dict[int, int] = {}
    blocks = ((one.height, one.time, one.row) for one in told.blocks)
    sent = ((one.height, one.time, one.rows[0]) for one in told.sent if one.time is not None)
    logs = ((one.height, one.time, one.row) for one in told.logs if one.time is not None)
    calls = ((one.height, one.time, one.row) for one in told.calls if one.time is not None)
    for height, time, row in (*blocks, *sent, *logs, *calls):
        if times.setdefault(height, time) != time:
            row.refuse("the time", f"is {time}, where another row says {times[height]} of block {height}")
    return times
