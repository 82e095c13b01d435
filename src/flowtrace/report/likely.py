"""Crossings that only may be: listed with their figures beside the payment that left, never an amount.

A candidate is a payment of somebody; that it is the traced value is not told by the record. Where one is
followed, the case or a person said so, and it stands among the crossings too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flowtrace.model import Likely, Result, Standing, Transfer
from flowtrace.report.cells import cell, count, decimal, digits, grouped, money, plain, printable, utc
from flowtrace.report.crossed import called, duration, rounded

Json = dict[str, Any]
Place = tuple[str, int]


def candidate_table(result: Result) -> Iterator[tuple[str, ...]]:
    """Yield one row for each candidate, or each payment that has none, the first being the columns' names."""
    yield (
        "protocol", "by", "standing", "left_rows", "left_tx", "left_asset", "left_amount", "came_chain",
        "came_tx", "came_time_utc", "came_to", "came_asset", "came_amount_base_units", "came_amount", "why",
        "finding", "figures", "left_transfer", "came_transfer",
    )  # fmt: skip
    known, rows = _transfers(result), rows_of(result)
    for one in result.trace.likely:
        left = known.get(one.gave[0])
        figures = cell("; ".join(f"{name} = {value}" for name, value in one.figures))
        numbers = " ".join(map(digits, rows.get(one.gave, ())))
        head = (cell(one.protocol), cell(one.by), one.standing.value, numbers)
        gave = ("", "", "") if left is None else _gave(left, one.gave[1])
        said = (cell(one.why), cell(one.finding), figures)
        got = "" if one.got is None else _named(one.got)
        yield (*head, *gave, *_came(known, one.got), *said, _named(one.gave), got)


def _gave(transfer: Transfer, number: int) -> tuple[str, str, str]:
    leg = transfer.outputs[number]
    return transfer.tx, cell(leg.asset.symbol), decimal(leg.asset, leg.units)


def _came(known: Mapping[str, Transfer], got: Place | None) -> tuple[str, ...]:
    transfer = None if got is None else known.get(got[0])
    if got is None or transfer is None:
        return ("",) * 7
    leg = transfer.outputs[got[1]]
    to = leg.address.display if leg.address else ""
    what = (cell(leg.asset.symbol), digits(leg.units), decimal(leg.asset, leg.units))
    return (transfer.chain_id, transfer.tx, utc(transfer.time), to, *what)


def candidates_told(result: Result) -> list[Json]:
    """Return the candidates for the summary."""
    known, rows = _transfers(result), rows_of(result)
    return [_told(one, known, rows.get(one.gave, ())) for one in result.trace.likely]


def _told(one: Likely, known: Mapping[str, Transfer], rows: Iterable[int]) -> Json:
    told: Json = {
        "protocol": plain(one.protocol),
        "by": plain(one.by),
        "standing": one.standing.value,
        "left": {"rows": list(rows), "transfer": _named(one.gave)},
        "why": plain(one.why),
        "finding": one.finding,
        "figures": {plain(name): plain(value) for name, value in one.figures},
    }
    if one.got is not None and one.got[0] in known:
        leg = known[one.got[0]].outputs[one.got[1]]
        amount = money(leg.asset, leg.units)
        to = str(leg.address) if leg.address else ""
        told["came"] = {"transfer": _named(one.got), "to": to, "asset": str(leg.asset), "amount": amount}
    return told


def candidates_in_words(result: Result) -> Iterator[tuple[str, list[int]]]:
    """Yield, for each payment that may have come again, what is listed of it, and its rows."""
    known, rows = _transfers(result), rows_of(result)
    groups: dict[tuple[str, str, Place], list[Likely]] = {}
    for one in result.trace.likely:
        if one.standing is not Standing.FOLLOWED:
            groups.setdefault((one.protocol, one.by, one.gave), []).append(one)
    followed = {(one.protocol, one.gave) for one in result.trace.crossings}
    for (protocol, by, gave), some in groups.items():
        if (protocol, gave) not in followed:
            yield _group(some, known, name=called(protocol), by=by), list(rows.get(gave, ()))


def _group(some: list[Likely], known: Mapping[str, Transfer], *, name: str, by: str) -> str:
    left = known.get(some[0].gave[0])
    what = "A payment" if left is None else _amount(left, some[0].gave[1])
    found = [one for one in some if one.got is not None]
    head = f"{what} went to {name} [{printable(by)}]"
    whys = list(dict.fromkeys(plain(one.why) for one in some if one.why))
    if not found:
        why = "; ".join(whys) or "none is on record"
        return f"{head}; none that came out of it is assessed to be the same value: {why}."
    best = found[0]
    came = known.get(best.got[0]) if best.got else None
    out = "one" if came is None or best.got is None else _amount(came, best.got[1])
    apart = "" if came is None or left is None else f", {duration(came.time - left.time)} later"
    figures = ", ".join(f"{plain(n).replace('_', ' ')} {rounded(v)}" for n, v in best.figures if n in _SHOWN)
    held = any(one.standing is Standing.HELD for one in some)
    told = "assessed to be it, and not followed" if held else "not assessed to be it"
    because = "; ".join(whys)
    stated = f" {_HELD}" if held else f" {because[:1].upper()}{because[1:]}." if because else ""
    if placebo := plain(best.figure("placebo")):
        stated = f" {placebo[:1].upper()}{placebo[1:]}.{stated}"
    number = count(len(found), "payment")
    listed = f"{number} out of it may be the same value"
    said = f" ({figures})" if figures else ""
    return f"{head}; {listed}. The best, {out}{apart}, is {told}{said}.{stated}"


_SHOWN = ("word", "expected_coincidences", "share", "candidates", "posterior", "look_elsewhere")
_HELD = "The case does not say that what amount and time alone join is to be followed."


def _amount(transfer: Transfer, number: int) -> str:
    leg = transfer.outputs[number]
    return f"{grouped(leg.asset, leg.units)}\u00a0{printable(leg.asset.unit)}"


def rows_of(result: Result) -> dict[Place, list[int]]:
    """Return, per payment, the rows of the trace that it is."""
    rows: dict[Place, list[int]] = {}
    for hop in result.trace.hops:
        rows.setdefault((hop.transfer.id, hop.leg), []).append(hop.row)
    return rows


def _transfers(result: Result) -> dict[str, Transfer]:
    named = {place[0] for one in result.trace.likely for place in (one.gave, one.got) if place}
    return {one.id: one for one in result.transfers if one.id in named}


def _named(place: Place) -> str:
    return f"{place[0]}#{place[1]}"
