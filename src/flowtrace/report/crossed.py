"""Crossings as a reader checks them: both transactions, the key, the fee, the time between, and the class.

A fee is where value went, not value lost: of one asset what left is what came and the fee, to the unit, and
no report is made where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from flowtrace.errors import IntegrityError
from flowtrace.model import Amount, Chain, Class, Crossed, Hop, Result, Rule, Uncrossed
from flowtrace.report.cells import cell, decimal, digits, grouped, money, plain, printable, utc

Json = dict[str, Any]
_HOURS, _MINUTES = 3600, 60
_SIDE = ("row", "chain", "tx", "time_utc", "to", "asset", "amount_base_units", "amount")


_NAMES = {
    "arbitrum": "Arbitrum", "avalanche_bridge": "Avalanche Bridge", "cbridge": "cBridge", "cctp": "CCTP",
    "cctp2": "CCTP (version 2)", "debridge": "deBridge", "layerzero": "LayerZero", "op_stack": "OP Stack",
    "thorchain": "THORChain", "changenow": "ChangeNOW", "exch": "eXch", "fixedfloat": "FixedFloat",
    "shapeshift": "ShapeShift", "sideshift": "SideShift", "simpleswap": "SimpleSwap", "swft": "SWFT",
    "tornado": "Tornado Cash", "unregistered": "a bridge that is not registered",
}  # fmt: skip


def called(protocol: str) -> str:
    """Return what people call a protocol.

    >>> called("cctp"), called("across")
    ('CCTP', 'Across')
    """
    return _NAMES.get(protocol) or plain(protocol[:1].upper() + protocol[1:])


@dataclass(frozen=True, slots=True)
class Passage:
    """A crossing with the hops by which it left and came: of one theft."""

    crossed: Crossed
    left: Hop
    came: tuple[Hop, ...]

    @property
    def kept(self) -> Mapping[Rule, int] | None:
        """Tainted units of the fee under each rule; None where the two sides are of different assets.

        Poison claims all of either side, so the difference there is of what it claims.
        """
        if self.crossed.fee is None:
            return None
        return {
            rule: max(0, units - sum(hop.taint[rule] for hop in self.came))
            for rule, units in self.left.taint.items()
        }


def passages(result: Result) -> Iterator[Passage]:
    """Yield every crossing of the trace, in the order of the way; one for each theft that it carries.

    Raises
    ------
    IntegrityError
        If of one asset more or less left than came and was kept.
    """
    by_place: dict[tuple[str, str, int], Hop] = {}
    for hop in result.trace.hops:
        by_place[hop.theft, hop.transfer.id, hop.leg] = hop
    found = []
    for theft in result.trace.thefts:
        for one in result.trace.crossings:
            left = by_place.get((theft.id, *one.gave))
            came = [by_place[key] for place in one.got if (key := (theft.id, *place)) in by_place]
            if left is not None:
                _check(one, left, came)
                found.append(Passage(one, left, tuple(came)))
    yield from sorted(found, key=lambda passage: passage.left.row)


def _check(one: Crossed, left: Hop, came: Iterable[Hop]) -> None:
    if one.fee is None:
        return
    out, back = left.amount.units, sum(hop.amount.units for hop in came)
    if back and out != back + one.fee.units and len(one.got) == len(list(came)):
        said = f"{out} left, {back} came and {one.fee.units} was kept"
        raise IntegrityError(f"the crossing {one.protocol} {one.key} does not add up: {said}")


def crossing_table(result: Result) -> Iterator[tuple[str, ...]]:
    """Yield one row for each payment by which something came over, the first being the columns' names."""
    rules = result.trace.rules
    yield (
        "protocol", "key", "class", "by", "theft",
        *(f"left_{name}" for name in _SIDE), *(f"came_{name}" for name in _SIDE), "gap_seconds", "fee",
        "fee_base_units", "returned", "figures", *(f"taint_left_{rule.value}" for rule in rules),
        *(f"taint_came_{rule.value}" for rule in rules),
    )  # fmt: skip
    for passage in passages(result):
        one, left = passage.crossed, passage.left
        head = (cell(one.protocol), cell(one.key), one.cls.value, cell(one.by), cell(left.theft))
        fee = ("", "") if one.fee is None else (one.fee.decimal, digits(one.fee.units))
        figures = cell("; ".join(f"{name} = {value}" for name, value in one.figures))
        gap = "" if one.gap is None else str(one.gap)
        for hop in passage.came:
            taint = [decimal(each.amount.asset, each.taint[rule]) for each in (left, hop) for rule in rules]
            said = (gap, *fee, "true" if one.returned else "false", figures)
            yield (*head, *_side(left), *_side(hop), *said, *taint)


def _side(hop: Hop) -> tuple[str, ...]:
    t, amount = hop.transfer, hop.amount
    to = hop.target.display if hop.target else ""
    what = (cell(amount.asset.symbol), digits(amount.units), decimal(amount.asset, amount.units))
    return (digits(hop.row), t.chain_id, t.tx, utc(t.time), to, *what)


def uncrossed_table(result: Result) -> Iterator[tuple[str, ...]]:
    """Yield what bridges took of which the other side is not known, and why."""
    yield "protocol", "key", "state", "chain", "tx", "paid_to", "goes_to", "recipient", "why"
    for one in result.trace.uncrossed:
        paid = one.address.display if one.address else ""
        where = (one.chain_id, one.tx, paid, cell(one.goes_to), cell(one.recipient))
        yield cell(one.protocol), cell(one.key), one.unmet.value, *where, cell(one.why)


def crossings_told(result: Result) -> list[Json]:
    """Return the crossings for the summary."""
    return [_passage(passage) for passage in passages(result)]


def _passage(passage: Passage) -> Json:
    one, left = passage.crossed, passage.left
    told: Json = {
        "protocol": plain(one.protocol),
        "key": plain(one.key),
        "class": one.cls.value,
        "by": plain(one.by),
        "theft": left.theft,
        "left": _hop(left),
        "came": [_hop(hop) for hop in passage.came],
        "gap_seconds": one.gap,
        "returned": one.returned,
        "figures": {plain(name): plain(value) for name, value in one.figures},
    }
    kept = passage.kept
    if one.fee is not None and kept is not None:
        asset = one.fee.asset
        told["fee"] = money(asset, one.fee.units)
        told["fee_taint"] = {rule.value: money(asset, units) for rule, units in kept.items()}
    return told


def _hop(hop: Hop) -> Json:
    amount = hop.amount
    return {
        "row": hop.row,
        "chain": hop.transfer.chain_id,
        "tx": hop.transfer.tx,
        "to": str(hop.target) if hop.target else "",
        "asset": str(amount.asset),
        "amount": money(amount.asset, amount.units),
        "taint": {rule.value: money(amount.asset, units) for rule, units in hop.taint.items()},
    }


def uncrossed_told(result: Result) -> list[Json]:
    """Return what did not arrive for the summary."""
    return [_uncrossed(one) for one in result.trace.uncrossed]


def _uncrossed(one: Uncrossed) -> Json:
    return {
        "protocol": plain(one.protocol),
        "key": plain(one.key),
        "state": one.unmet.value,
        "chain": one.chain_id,
        "tx": one.tx,
        "paid_to": str(one.address) if one.address else "",
        "goes_to": plain(one.goes_to),
        "recipient": plain(one.recipient),
        "why": plain(one.why),
    }


def in_words(passage: Passage) -> str:
    """Return a crossing as a sentence of a report.

    The key may be a text that a stranger wrote: it is made plain.
    """
    one, left = passage.crossed, passage.left
    went = "came back" if one.returned else "came"
    over = f"{_exact(left.amount)} left {_chain(left)} [{left.row}]"
    rows = ", ".join(f"{_exact(hop.amount)} that {went} on {_chain(hop)} [{hop.row}]" for hop in passage.came)
    how = "is matched to" if one.cls is Class.C else "is assessed to be"
    after = "" if one.gap is None else f" {duration(one.gap)} later"
    fee = "" if one.fee is None else f"; {_fee(one.fee)}"
    key = f", joined by its key {plain(one.key)}" if one.key else ""
    known = "" if one.cls is not Class.P else f" {told_by_figures(one.figures)}"
    return f"{called(one.protocol)} ({one.cls}{key}): {over} and {how} {rows}{after}{fee}.{known}"


_SAID = {
    "expected_coincidences": "expected coincidences {}",
    "expected_with_one_more": "{} had one more been seen",
    "share": "share of the evidence {}",
    "candidates": "candidates in all {}",
    "assets_tried": "assets tried {}",
    "posterior": "posterior {}",
    "look_elsewhere": "over all withdrawals tried {}",
}


def told_by_figures(figures: Iterable[tuple[str, str]]) -> str:
    """Return the figures that a claim without a key stands on, as a sentence, and what a placebo said.

    >>> told_by_figures((("share", "1"), ("placebo", "placebo: none")))
    'The two are assessed to be the same value, which no record says: share of the evidence 1. Placebo: none.'
    """
    held = dict(figures)
    said = [_SAID[name].format(rounded(value)) for name, value in held.items() if name in _SAID]
    placebo = plain(held.get("placebo", ""))
    tail = f" {placebo[:1].upper()}{placebo[1:]}." if placebo else ""
    listed = f": {', '.join(said)}" if said else ""
    return f"The two are assessed to be the same value, which no record says{listed}.{tail}"


def rounded(value: str) -> str:
    """Return an exact figure for a reader: a fraction to three digits, anything else as it is.

    >>> rounded("1/3"), rounded("7"), rounded("1/1000000")
    ('0.333', '7', '0.000001')
    """
    above, slash, below = value.partition("/")
    if not slash or not above.lstrip("-").isdecimal() or not below.isdecimal() or not int(below):
        return plain(value)
    return f"{Context(prec=3).divide(Decimal(above), Decimal(below)):f}"


def unmet_in_words(one: Uncrossed) -> str:
    """Return what did not arrive as a sentence of a report."""
    key = f" under the key {plain(one.key)}" if one.key else ""
    to = f" for {plain(one.recipient)}" if one.recipient else ""
    return f"{called(one.protocol)} took value by {one.tx}{key}{to}; {plain(one.why)}. It is not followed on."


def _fee(fee: Amount) -> str:
    return f"{_exact(fee)} was kept as its fee" if fee.units else "nothing was kept"


def _exact(amount: Amount) -> str:
    return f"{grouped(amount.asset, amount.units)}\u00a0{printable(amount.asset.unit)}"


def _chain(hop: Hop) -> str:
    return Chain.of(hop.transfer.chain_id).title


def duration(seconds: int) -> str:
    """Return a time between in words.

    >>> duration(45), duration(4000), duration(-60)
    ('45 s', '1 h 6 min', '-1 min')
    """
    size, sign = abs(seconds), "-" if seconds < 0 else ""
    hours, rest = divmod(size, _HOURS)
    if hours:
        return f"{sign}{hours} h {rest // _MINUTES} min"
    return f"{sign}{size // _MINUTES} min" if size >= _MINUTES else f"{sign}{size} s"
