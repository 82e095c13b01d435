"""What the amounts rest on where the record has no source for value: said once, in the same words everywhere.

Every rule but poison counts value without a recorded source as not stolen. Where that decides whether
anything arrived at a recipient, a zero is no finding about other people's money, and a reader has to be told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from flowtrace.model import Address, Asset, GapKind, Hop, Result, RoleName, Rule, Scope, Theft, envelope
from flowtrace.report.accounted import Accounted, accounted, group_of
from flowtrace.report.cells import grouped, printable, rounded
from flowtrace.report.credit import Credit, feeding, summed
from flowtrace.report.subject import stated

Held = Collection[Credit]

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_LACKED = {Scope.TOKEN: "no token transfer logs", Scope.INTERNAL: "no internal transfers"}


def assumption(result: Result, held: Iterable[Credit] = ()) -> str:
    """Return what the amounts rest on, or nothing where every unit spent has a recorded source.

    Parameters
    ----------
    held
        The credits of one recipient, to say it of them: what one recipient reads names no other.
    """
    credits_ = tuple(held)
    books: dict[Asset, Accounted] = {}
    for book in accounted(result):
        books.setdefault(book.theft.asset, book)
    missing = {asset: unrecorded(result, asset) for asset in books}
    return " ".join(
        _said(result, books[asset], units, held=credits_) for asset, units in missing.items() if units
    )


def unrecorded(result: Result, asset: Asset) -> dict[Address, int]:
    """Return what addresses spent of an asset beyond what the record brought them; thefts share such gaps."""
    found: dict[Address, int] = {}
    for gap in result.trace.gaps:
        if gap.kind is GapKind.UNRECORDED and gap.address and gap.amount and gap.amount.asset == asset:
            found[gap.address] = max(found.get(gap.address, 0), gap.amount.units)
    return found


def _said(result: Result, book: Accounted, missing: Mapping[Address, int], *, held: Held) -> str:
    asset = book.theft.asset
    units = f"{rounded(asset, sum(missing.values()))}\u00a0{printable(asset.unit)}"
    symbols, who = _who(result, book.theft, missing)
    zero = _credits_at_zero(book, held) if held else _at_zero(result, book)
    effect = "the zero reflects" if zero.rules else "the lower amounts reflect"
    proceeds = stated(
        result.incident,
        f"the proceeds of the stolen {symbols}" if symbols else "stolen value that was exchanged",
    )
    return " ".join(
        [
            f"{who} {units} of what {'it' if len(missing) == 1 else 'they'} sent has no source in this record"
            + _lacks(result, missing),
            stated(result.incident, "Every rule but poison counts it as not stolen."),
            *_returned(result, book, missing, zero=zero),
            f"If it is {proceeds}, {effect} a gap in the record, not other people's money.",
        ]
    )


def _who(result: Result, theft: Theft, missing: Mapping[Address, int]) -> tuple[str, str]:
    """Return the other stolen assets these addresses received, and the sentence's beginning about them."""
    number = len(missing)
    noun = "address" if number == 1 else "addresses"
    named = f"{_NUMBERS[number] if number < len(_NUMBERS) else number} {noun}"
    roles = [result.trace.role_of(address) for address in missing]
    swappers = all(role is not None and role.role is RoleName.SWAPPER for role in roles)
    others = [t for t in result.incident.thefts if t.id != theft.id and t.asset != theft.asset]
    came = [(other, _came(result, other, missing)) for other in others]
    got = [(other, units) for other, units in came if units]
    role = f" assessed to be {'a swapper' if number == 1 else 'swappers'} (P)" if swappers else ""
    if not got:
        return "", f"{named}{role} sent more {printable(theft.asset.unit)} than the record brought;"
    stolen = " and ".join(
        f"{'' if units == other.units else 'up to '}{grouped(other.asset, units)}\u00a0"
        f"{printable(other.asset.unit)}"
        for other, units in got
    )
    called = " and called decentralised exchanges" if swappers else ""
    symbols = " and ".join(printable(other.asset.unit) for other, _ in got)
    return symbols, f"{named}{role} received {stated(result.incident, 'the stolen')} {stolen}{called};"


def _came(result: Result, theft: Theft, missing: Mapping[Address, int]) -> int:
    hops = [
        h for h in result.trace.hops
        if h.theft == theft.id and h.target in missing and h.source not in missing
    ]  # fmt: skip
    return min(theft.units, sum(envelope(hop.taint)[1] for hop in hops))


def _lacks(result: Result, missing: Mapping[Address, int]) -> str:
    held = {item.scope for item in result.coverage if item.address in missing}
    lacked = [words for scope, words in _LACKED.items() if scope not in held]
    whose = "it" if len(missing) == 1 else "them"
    return f", which holds {' and '.join(lacked)} of {whose}." if lacked else "."


@dataclass(frozen=True, slots=True)
class _Zero:
    """Where some rule, not every one, says that nothing arrived: in words, the addresses, and the rules."""

    where: str
    ends: frozenset[Address | None]
    rules: tuple[Rule, ...]


def _at_zero(result: Result, book: Accounted) -> _Zero:
    """Return the named recipients whose amount is nothing under some rule."""
    named = ((line, *envelope(line.taint)) for line in book.lines if line.name)
    lines = [line for line, low, high in named if high and not low]
    rules = dict.fromkeys(rule for line in lines for rule, units in line.taint.items() if not units)
    groups = {(line.group, line.name) for line in lines}
    ends = {
        s.address for s in result.trace.stops if s.theft == book.theft.id and group_of(result, s) in groups
    }
    return _Zero(_and([printable(line.name) for line in lines]), frozenset(ends), tuple(rules))


def _credits_at_zero(book: Accounted, held: Held) -> _Zero:
    """Return the same of one recipient's credits, without its name or another's."""
    mine = [c for c in held if (c.hop.theft, c.hop.amount.asset) == (book.theft.id, book.theft.asset)]
    taint = summed(mine, book.whole)
    low, high = envelope(taint)
    rules = tuple(rule for rule, units in taint.items() if not units) if high and not low else ()
    return _Zero("the addresses named here", frozenset(credit.hop.target for credit in mine), rules)


def _returned(
    result: Result, book: Accounted, missing: Mapping[Address, int], *, zero: _Zero
) -> Iterable[str]:
    if not zero.rules:
        return
    back = [
        h for h in result.trace.hops
        if h.theft == book.theft.id and h.source in missing and h.target == book.theft.thief
    ]  # fmt: skip
    onward = [h for h in _towards(result, book, zero.ends) if h.target not in missing]
    first = min((h.transfer.key for h in onward), default=None)
    if back and first is not None and max(h.transfer.key for h in back) < first:
        yield (
            f"It went back to the {stated(result.incident, 'theft address')} before the payments towards "
            f"{zero.where}, so "
            f"{_under(zero.rules)} those payments are taken to consist of it and show 0."
        )
    else:
        yield f"U{_under(zero.rules)[1:]} nothing traced arrived at {zero.where}."


def _towards(result: Result, book: Accounted, ends: Collection[Address | None]) -> list[Hop]:
    """Return the hops by which the theft address paid towards recipients, by any way."""
    hops = [hop for hop in result.trace.hops if hop.theft == book.theft.id]
    return [hop for hop in feeding(hops, ends) if hop.source == book.theft.thief]


def _and(names: list[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if names[1:] else "".join(names)


def _under(rules: Iterable[Rule]) -> str:
    words = _and([rule.words for rule in rules])
    return f"under {words}" if words else ""
