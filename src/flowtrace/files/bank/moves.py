"""The entries of statements as moves: each with its place in its account's order, and the other side."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flowtrace.files.bank.sequence import Run, Told
from flowtrace.files.bank.statement import Detail, Entry
from flowtrace.files.columns import Row
from flowtrace.model import Address, Asset
from flowtrace.model.bank import unnamed

Chained = tuple[Address, Asset]
_LONG_NAME = 60
_PARTS_UNTOLD = (
    "one entry stands for several payments, whose amounts it does not tell: its other side is unnamed"
)


@dataclass
class Move:
    """What one entry, or one payment of it, did to an account.

    ``units`` are less than nothing where it took from the account. ``other`` is the account on the other
    side, empty where it is not named. ``twin`` is the other side's entry for the same payment.
    """

    address: Address
    asset: Asset
    tx: str
    position: str
    order: int
    entry: Entry
    rows: tuple[Row, ...]
    units: int
    day: int
    other: str = ""
    refs: frozenset[tuple[str, str]] = frozenset()
    is_fee: bool = False
    twin: Move | None = field(default=None, repr=False)

    @property
    def counterparty(self) -> Address:
        """The place on the other side: one of its own where it is not named."""
        place = f"{self.tx}-{self.order}".replace(".", "_")
        return Address(self.address.chain_id, self.other or unnamed(place))

    @property
    def chained(self) -> Chained:
        """Whose order it stands in."""
        return self.address, self.asset


@dataclass
class Notes:
    """What is not made of rows, and why."""

    found: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)

    def add(self, rows: Iterable[Row], number: int, why: str) -> None:
        """Keep that an entry of a file could not be read as it is."""
        for row in rows:
            self.found.setdefault((row.table.evidence, row.table.name, why), []).append(number)


def moves_of(run: Run, notes: Notes) -> list[Move]:
    """Return what an account's statements tell, in their order."""
    found: list[Move] = []
    named: Counter[str] = Counter()
    day = 0
    for told in run.told:
        name = _name(run, told)
        again = f".{named[name]}" if named[name] else ""  # two without a number may close on one day
        named[name] += 1
        for number, entry in enumerate(told.statement.entries, start=1):
            day = max(day, entry.day)
            found += _moves(run, told, entry, tx=f"{name}{again}-{number}", day=day, notes=notes)
    _give_back(found)
    return found


def _name(run: Run, told: Told) -> str:
    """Return what a statement's entries are named after: account, currency, day of closing, number, page."""
    name = run.address.account.replace("%", "_").replace(".", "_")
    if len(name) > _LONG_NAME:
        name = hashlib.sha256(name.encode()).hexdigest()[:40]
    one = told.statement
    return f"{name}-{run.asset.symbol}-{one.day:08}-{one.number}-{one.page}"


def _moves(run: Run, told: Told, entry: Entry, *, tx: str, day: int, notes: Notes) -> Iterator[Move]:
    sign = -1 if entry.units < 0 else 1
    charges = entry.charges if entry.charges < abs(entry.units) else 0
    if entry.is_charge:
        charges = abs(entry.units)

    def move(units: int, position: str, order: int, *, detail: Detail | None) -> Move:
        bank = run.address.chain.name
        other = detail.other.account(bank) if detail else ""
        return Move(
            address=run.address,
            asset=run.asset,
            tx=tx,
            position=position,
            order=order,
            entry=entry,
            rows=told.rows,
            units=sign * units,
            day=day,
            other="" if other == run.address.account else other,
            refs=detail.refs if detail else frozenset(),
            is_fee=position == "fee",
        )

    if charges:
        yield move(charges, "fee", 0, detail=None)
    whole = abs(entry.units) - charges
    if not whole:
        return
    parts = entry.details if sum(d.units or 0 for d in entry.details) == whole else ()
    if len(entry.details) == 1:
        yield move(whole, "entry", 1, detail=entry.details[0])
    elif parts and all(d.units for d in parts):
        for order, detail in enumerate(parts, start=1):
            yield move(detail.units or 0, f"detail {order}", order, detail=detail)
    else:
        notes.add(told.rows, entry.where.entry, _PARTS_UNTOLD)
        yield move(whole, "entry", 1, detail=None)


def _give_back(moves: Sequence[Move]) -> None:
    """Let a reversal that names nobody go back to where the payment that it reverses went, or came from."""
    before: dict[tuple[tuple[str, str], int], Move] = {}
    for move in moves:
        if move.entry.is_reversal and not move.other:
            held = next((before[key] for ref in move.refs if (key := (ref, -move.units)) in before), None)
            if held is not None:
                move.other = held.counterparty.account
        for ref in move.refs:
            before.setdefault((ref, move.units), move)
