"""The entries of statements as moves: each with its place in its account's order, and the other side."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flowtrace.files.bank.sequence import Run, Told
from flowtrace.files.bank.statement import Detail, Entry, statement_in
from flowtrace.files.columns import Row
from flowtrace.files.gathered import Place
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

    ``place`` is the entry's in its statement, from 0. ``units`` are less than nothing where it took from the
    account. ``other`` is the account on the other side, empty where it is not named. ``twin`` is the other
    side's entry for the same payment.
    """

    address: Address
    asset: Asset
    tx: str
    position: str
    order: int
    entry: Entry
    place: int
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
    def shown(self) -> tuple[Place, ...]:
        """The files that show it, each with the number of the entry in that file."""
        return shown_in(self.rows, self.place)

    @property
    def chained(self) -> Chained:
        """Whose order it stands in."""
        return self.address, self.asset


@dataclass
class Notes:
    """What is not made of rows, and why."""

    found: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)

    def add(self, rows: Sequence[Row], place: int, why: str) -> None:
        """Keep that an entry of a statement could not be read as it is, in each file that tells it."""
        for row, (_, number) in zip(rows, shown_in(rows, place), strict=True):
            self.found.setdefault((row.table.evidence, row.table.name, why), []).append(number)


def shown_in(rows: Iterable[Row], place: int) -> tuple[Place, ...]:
    """Return the files that tell a statement, each with the number that one of its entries has there."""
    told = ((row, statement_in(row).entries) for row in rows)
    return tuple(
        (row.table.evidence, entries[place].where.entry if place < len(entries) else 0)
        for row, entries in told
    )


def moves_of(run: Run, notes: Notes) -> list[Move]:
    """Return what an account's statements tell, in their order."""
    found: list[Move] = []
    named: Counter[str] = Counter()
    day = 0
    for told in run.told:
        name = _name(run, told)
        again = f".{named[name]}" if named[name] else ""  # two without a number may close on one day
        named[name] += 1
        for place, entry in enumerate(told.statement.entries):
            day = max(day, entry.day)
            found += _moves(run, told, place, tx=f"{name}{again}-{place + 1}", day=day, notes=notes)
    return found


def _name(run: Run, told: Told) -> str:
    """Return what a statement's entries are named after: account, currency, day of closing, number, page."""
    name = run.address.account.replace("%", "_").replace(".", "_")
    if len(name) > _LONG_NAME:
        name = hashlib.sha256(name.encode()).hexdigest()[:40]
    one = told.statement
    return f"{name}-{run.asset.symbol}-{one.day:08}-{one.number}-{one.page}"


def _moves(run: Run, told: Told, place: int, *, tx: str, day: int, notes: Notes) -> Iterator[Move]:
    entry = told.statement.entries[place]
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
            place=place,
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
        notes.add(told.rows, place, _PARTS_UNTOLD)
        yield move(whole, "entry", 1, detail=None)


def give_back(moves: Sequence[Move]) -> None:
    """Let a reversal that names nobody go back to where the payment that it reverses went, or came from.

    ``moves`` are an account's, in their order, after those on two statements were joined.
    """
    before: dict[tuple[tuple[str, str], int], Move] = {}
    for move in moves:
        if move.entry.is_reversal and not move.other and move.twin is None:
            keys = ((ref, -move.units) for ref in sorted(move.refs))
            held = next((before[key] for key in keys if key in before), None)
            if held is not None:
                place = held.twin.address if held.twin else held.counterparty
                move.other = place.account
        for ref in move.refs:
            before.setdefault((ref, move.units), move)
