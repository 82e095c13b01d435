"""The statements of one account in one currency: which are the same, in which order, and whether they chain.

A bank states each balance twice: where one statement closes and where the next opens. With the entries
between them that is a check of its own on whether all of the account is here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from flowtrace.errors import InputError
from flowtrace.files.bank.statement import Statement, written
from flowtrace.files.columns import Row
from flowtrace.model import Address, Asset

_MOST_A_DAY = 500  # statements that close on one day
_YEAR = 10_000  # of a day written as one number


@dataclass(frozen=True, slots=True)
class Told:
    """A statement, and the rows of the files that tell it."""

    statement: Statement
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """All statements of one account in one currency, in their order.

    ``faults`` say why they are not all of it; there are none where every balance follows from the one before.
    """

    address: Address
    asset: Asset
    told: tuple[Told, ...]
    faults: tuple[str, ...]

    @property
    def first(self) -> int:
        """The day from which the account is told."""
        return min((day for one in self.told for day in _days(one.statement)), default=0)

    @property
    def last(self) -> int:
        """The day up to which it is told."""
        return max((day for one in self.told for day in _days(one.statement)), default=0)

    def covers(self, day: int) -> bool:
        """Tell whether some statement tells of a day."""
        return any(min(days) <= day <= max(days) for one in self.told if (days := _days(one.statement)))

    @property
    def check(self) -> str:
        """Whether this is all of the account, and by which check."""
        count = sum(len(one.statement.entries) for one in self.told)
        statements = "1 statement" if len(self.told) == 1 else f"{len(self.told)} statements"
        entries = "1 booked entry" if count == 1 else f"{count} booked entries"
        said = f"{self.asset.symbol}, {statements}, {entries}"
        opening, closing = self.told[0].statement.opening, self.told[-1].statement.closing
        if self.faults or opening is None or closing is None:
            return f"{said}: {'; '.join(self.faults)}"
        moved = closing.units - opening.units
        return (
            f"{said}: opening balance {self._text(opening.units)} of {written(opening.day)}, entries "
            f"{self._text(moved)}, closing balance {self._text(closing.units)} of {written(closing.day)}; "
            "each statement adds up and opens with what the one before closed with"
        )

    @property
    def overdrawn(self) -> bool:
        """Whether the account ever owed its bank."""
        return any(
            balance < 0
            for one in self.told
            if one.statement.opening
            for balance in accumulate(
                (entry.units for entry in one.statement.entries), initial=one.statement.opening.units
            )
        )

    def _text(self, units: int) -> str:
        return f"{self.asset.written(units)} {self.asset.symbol}"


def run_of(address: Address, asset: Asset, told: Iterable[Told]) -> Run:
    """Return an account's statements in their order, one telling of each.

    Raises
    ------
    InputError
        If two tell the same entries and are not the same statement, or tell one statement differently.
    """
    ordered = _chained(sorted(_distinct(told), key=lambda one: _order(one.statement)))
    faults = tuple(_faults(asset, [one.statement for one in ordered]))
    if faults:
        _refuse_overlap([one.statement for one in ordered])
    return Run(address, asset, tuple(ordered), faults)


def _order(statement: Statement) -> tuple[int, int, int, int, str]:
    opens = statement.opening.day if statement.opening else 0
    return (statement.day, statement.number, statement.page, opens, repr(statement.entries))


def _chained(ordered: list[Told]) -> list[Told]:
    """Return statements that close on one day so that each opens with what the one before closed with.

    Numbers tell their order only where a bank gives them. Where balances tell none either, it stays.
    """
    found: list[Told] = []
    for _, group in groupby(ordered, key=lambda one: one.statement.day):
        left = list(group)
        while 1 < len(left) <= _MOST_A_DAY:
            before = found[-1].statement if found else None
            after = (one for one in left if before is not None and _meets(before, one.statement))
            one = next(after, None) or next(_firsts(left), left[0])
            found.append(one)
            left.remove(one)
        found += left
    return found


def _firsts(told: list[Told]) -> Iterator[Told]:
    """Yield the statements that open with what none of the others closes with."""
    closes = Counter(one.statement.closing.units for one in told if one.statement.closing)
    for one in told:
        opening, closing = one.statement.opening, one.statement.closing
        own = opening is not None and closing is not None and opening.units == closing.units
        if opening is not None and closes[opening.units] <= own:
            yield one


def _meets(before: Statement, after: Statement) -> bool:
    closing, opening = before.closing, after.opening
    return closing is not None and opening is not None and closing.units == opening.units


def _days(statement: Statement) -> list[int]:
    balances = (statement.opening, statement.closing)
    return [entry.day for entry in statement.entries] + [one.day for one in balances if one]


def _content(statement: Statement) -> tuple[object, ...]:
    """Return what two tellings of one statement agree in, whichever form they are written in."""
    balances = tuple(one.units if one else None for one in (statement.opening, statement.closing))
    return (statement.day, balances, tuple(entry.units for entry in statement.entries))


def _distinct(told: Iterable[Told]) -> list[Told]:
    """Return one telling of each statement: the one that names more accounts, camt.053 before MT940."""
    found: dict[tuple[object, ...], list[Told]] = {}
    names: dict[tuple[int, int, int], Told] = {}
    for one in sorted(told, key=_rank):
        alike = found.setdefault((_content(one.statement), one.statement.page), [])
        place = next((n for n, held in enumerate(alike) if _is_same(held.statement, one.statement)), None)
        if place is not None:
            alike[place] = Told(alike[place].statement, (*alike[place].rows, *one.rows))
            continue
        other = names.setdefault(_key(one), one)
        if other is not one and one.statement.number:
            raise InputError(
                f"{one.statement} tells something else than {other.statement}: which one the bank sent is "
                "not known here; import the right one only"
            )
        alike.append(one)
    return [one for alike in found.values() for one in alike]


def _rank(told: Told) -> tuple[int, str, str, str]:
    one = told.statement
    return (-one.named, one.form, repr(_key(told)), repr(one.entries))


def _key(told: Told) -> tuple[int, int, int]:
    return (told.statement.day, told.statement.number, told.statement.page)


def _is_same(one: Statement, other: Statement) -> bool:
    """Tell whether two with the same content are one statement: forms may number it differently."""
    return one.number == other.number or (one.form != other.form and bool(one.entries))


def _faults(asset: Asset, statements: list[Statement]) -> Iterator[str]:
    """Yield why statements are not all of an account."""
    for one in statements:
        if one.opening is None or one.closing is None:
            which = "opening" if one.opening is None else "closing"
            yield f"{one} states no {which} balance"
            continue
        reached = one.opening.units + sum(entry.units for entry in one.entries)
        if reached != one.closing.units:
            yield (
                f"{one} opens with {_text(asset, one.opening.units)} and its entries lead to "
                f"{_text(asset, reached)}, but it closes with {_text(asset, one.closing.units)}: "
                f"{_text(asset, abs(one.closing.units - reached))} are not told"
            )
    for before, after in pairwise(statements):
        if before.closing and after.opening and before.closing.units != after.opening.units:
            gap = after.opening.units - before.closing.units
            yield (
                f"{before} closes with {_text(asset, before.closing.units)} and {after} opens with "
                f"{_text(asset, after.opening.units)}: {_text(asset, abs(gap))} between them are not told"
            )
        elif _leaps(before, after):
            yield f"between {before} and {after} a statement is missing, though the balances meet"


def _leaps(before: Statement, after: Statement) -> bool:
    """Tell whether a number or a page is left out between two statements of one year."""
    if not before.number or not after.number or before.day // _YEAR != after.day // _YEAR:
        return False
    if after.number == before.number:
        return after.page > before.page + 1
    return after.number > before.number + 1


def _refuse_overlap(statements: list[Statement]) -> None:
    """Refuse statements that tell the same days twice: their entries would count twice.

    Raises
    ------
    InputError
        If so.
    """
    seen: dict[tuple[int, int, int], Statement] = {}
    for one in statements:
        if one.opening is None:
            continue
        balance, new = one.opening.units, {}
        for entry in one.entries:
            balance += entry.units
            new[balance, entry.day, entry.units] = one
        twice = next((seen[key] for key in new if key in seen), None)
        if twice is not None:
            _twice(twice, one)
        seen.update(new)
    spans = [(min(d), max(d), one) for one in statements if (d := [entry.day for entry in one.entries])]
    for (_, last, before), (first, _, after) in pairwise(spans):
        if first < last:
            _twice(before, after)


def _twice(one: Statement, other: Statement) -> None:
    raise InputError(
        f"{one} and {other} tell of the same days, and do not follow each other: their entries would count "
        "twice; import the one or the other"
    )


def _text(asset: Asset, units: int) -> str:
    return f"{asset.written(units)} {asset.symbol}"
