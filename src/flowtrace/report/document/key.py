"""The key findings: at most ten; what is followed first, then where it went under the conserving rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from flowtrace.model import Asset, Class, Result, Stop, StopReason, envelope
from flowtrace.report.accounted import (
    BURNT,
    CHARGES,
    EXCHANGED,
    FEES,
    FROZEN,
    OVERTAKEN,
    Accounted,
    Line,
    accounted,
    group_of,
)
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import count, printable
from flowtrace.report.diagram.drawing import marks_of
from flowtrace.report.document.beginning import UNSTATED, began
from flowtrace.report.document.coverage import complete, held, scopes_of
from flowtrace.report.document.likelihood import likelihood
from flowtrace.report.document.proof import of_stops, of_theft
from flowtrace.report.document.typeset import Block, heading, numbered, para
from flowtrace.report.document.words import between, exact
from flowtrace.report.subject import is_theft, stated

MOST = 10
_WHERE = {
    "mixer": "reached the mixer {name}, where the trace ends",
    "other service": "reached the service {name}, where funds of many users mix and the trace ends",
    "bank": "reached an account at the bank {name}, whose books this record does not hold",
    "no data": "was sent to addresses for which no data are held",
    "crowded address": "came to addresses left for their many transfers: services that nobody has labelled?",
    "incomplete record": "came to addresses whose further payments the record cannot show",
    FROZEN: "lies at addresses that {name}, the issuer of the token, has frozen: it cannot move",
    "at rest": "rests at addresses the trace followed, at the end of the record",
    "below minimum": "came to addresses in parts below the minimum the trace follows",
    "beyond budget": "came to addresses that were not followed, because the budget of the case was spent",
    "no address": (
        "was paid to scripts that no address stands for (a note, a bare key, a confidential pool such as "
        "Litecoin's), where the trace ends"
    ),
    EXCHANGED: "was exchanged for another asset, which is followed from there on",
    OVERTAKEN: "was taken again by a later theft, in whose account it is from there on",
    BURNT: "was burnt, or withheld by the token itself",
    FEES: "was paid as network fees",
    CHARGES: "was taken by the bank as its charges",
}


@dataclass(frozen=True, slots=True)
class _Item:
    """One finding; ``weight`` decides which stay where there are more than ten."""

    text: str
    cls: str
    weight: tuple[int, int]
    ids: str


def key_findings(result: Result) -> list[Block]:
    """Return the findings of the first page."""
    items = _within([*_begins(result), *_money_items(result), *_rest_on(result), *_incomplete(result)])
    return [
        heading("Key findings"),
        *(numbered(item.text, item.cls, ids=item.ids) for item in items),
        para(
            "Ranges are the lowest and the highest amount over the conserving rules (pro rata, FIFO, LIFO, "
            "dirty-first, LIBR); poison, an upper bound, stands in the tables. The letter in the margin is "
            "the evidence class of the transfers and of the recipient: D recorded on one ledger, C matched "
            "across ledgers, P inferred, X said by others. Under each finding stands what shows it: [n] is a "
            "row of Annex B and of hops.csv, F-marks stand in Annex C, and “flowtrace evidence CASE n” "
            "prints a row with the kept bytes that tell it. Ranges and shares here are rounded; the tables "
            "and summary.json have them exact. "
            + stated(result.incident, "Amounts of stolen value follow from the rule."),
            small=True,
        ),
    ]


def _within(items: list[_Item]) -> list[_Item]:
    """Keep ten: the weightiest, in their order, and a pointer to where the others stand."""
    if len(items) <= MOST:
        return items
    kept = sorted(range(len(items)), key=lambda n: (items[n].weight, -n), reverse=True)[: MOST - 1]
    more = (
        f"{count(len(items) - len(kept), 'smaller amount')} stand in the tables “Where the money went” and "
        "under Findings."
    )
    return [*(items[n] for n in sorted(kept)), _Item(more, "", (0, 0), "summary.json, Findings")]


def _begins(result: Result) -> list[_Item]:
    """Return what is followed: each theft, or what was marked with no word on where it came from."""
    items = [
        _Item(began(result, theft), "D", (3, 0), of_theft(result, theft)) for theft in result.incident.thefts
    ]
    return items if is_theft(result.incident) else [*items, _Item(UNSTATED, "", (3, 0), "case.toml, seeds")]


def _rest_on(result: Result) -> list[_Item]:
    said = assumption(result)
    rests = "Scope, the gaps named there; coverage.csv"
    return [_Item(f"What the amounts rest on: {said}", "", (3, 0), rests)] if said else []


def _incomplete(result: Result) -> list[_Item]:
    """Say for whom the record may lack payments: a trace is only as whole as its record."""
    said = [text for text in map(partial(_unread, result), _assets(result)) if text]
    if not said:
        return []
    text = f"The record may lack payments: {'; '.join(said)}. What they moved, this trace cannot show."
    return [_Item(text, "", (3, 0), "coverage.csv")]


def _assets(result: Result) -> list[Asset]:
    return list(dict.fromkeys(theft.asset for theft in result.incident.thefts))


def _unread(result: Result, asset: Asset) -> str:
    """Say of how many addresses that were followed with an asset the record is not proved complete."""
    at = held(result, asset)
    parts = []
    for scope in scopes_of(asset):
        missing = sum(not complete(result, address, scope) for address in at)
        if missing:
            part = "" if missing == len(at) else f"{missing:,} of "
            parts.append(f"{scope.words} of {part}the {count(len(at), 'followed address')}")
    if not parts:
        return ""
    return f"of {printable(asset.unit)}, {' and '.join(parts)} are not held, or not shown to be complete"


def _money_items(result: Result) -> Iterable[_Item]:
    """Yield a finding per named recipient, and one for all else, per theft."""
    marks = marks_of(result)
    for book in accounted(result):
        lines = [line for line in book.lines if envelope(line.taint)[1]]
        for line in (line for line in lines if line.name):
            part = envelope(line.taint)[1] * 10**18 // (book.theft.units or 1)
            stops = stops_of(result, book, line)
            text = f"{_of(result, book)} {_went(result, book, line)}.{_volume(result, book, line)}"
            said = f"{text} {likelihood(result, stops)}".rstrip()
            yield _Item(said, worst(stops), (1, part), of_stops(result, stops, marks))
        others = [line for line in lines if not line.name]
        if others:
            went = "; ".join(_went(result, book, line) for line in others)
            stops = [stop for line in others for stop in stops_of(result, book, line)]
            ids = of_stops(result, stops, marks)
            yield _Item(f"{_of(result, book)} {went}.", worst(stops), (2, 0), ids)


def _of(result: Result, book: Accounted) -> str:
    whole = exact(book.theft.asset, book.theft.units)
    if book.became:
        return f"Of the up to {whole} that it was exchanged for,"
    return f"Of the {whole} {stated(result.incident, 'stolen')},"


def _went(result: Result, book: Accounted, line: Line) -> str:
    stops = stops_of(result, book, line)
    where = _WHERE.get(line.group) or f"reached {_exchange(stops)}"
    if line.name and worst(stops) == Class.P and where.startswith("reached "):
        where = f"is assessed to have {where}"
    said = between(book.theft.asset, line.taint, book.theft.units)
    return f"{said} {where.format(name=printable(line.name))}"


def _exchange(stops: Iterable[Stop]) -> str:
    """Tell the inferred deposit addresses of an exchange from its own labelled wallets."""
    listed = list(stops)
    found = len({stop.address for stop in listed if stop.reason is StopReason.DEPOSIT})
    own = len({stop.address for stop in listed if stop.reason is not StopReason.DEPOSIT})
    those = "that" if found == 1 else "those"
    parts = [
        f"{count(found, 'deposit address')} assessed to be {those} of {{name}}" if found else "",
        f"{count(own, 'wallet')} that labels name as {{name}}'s own, where the funds of many customers mix"
        if own
        else "",
    ]
    return " and ".join(part for part in parts if part)


def _volume(result: Result, book: Accounted, line: Line) -> str:
    """Return how much named recipients received in all, which no rule changes."""
    stops = stops_of(result, book, line)
    at = {stop.address for stop in stops}
    payers = {h.source for h in result.trace.hops if h.theft == book.theft.id and h.target in at}
    received = exact(book.theft.asset, sum(stop.received for stop in stops))
    transfers = count(sum(stop.transfers for stop in stops), "transfer")
    who = "That address" if len(at) == 1 else f"Those {len(at)} addresses"
    return f" {who} received {received} in {transfers} from {count(len(payers), 'address')} of this trace."


def stops_of(result: Result, book: Accounted, line: Line) -> list[Stop]:
    """Return the stops that a line of a theft's table sums."""
    at = (book.theft.id, book.theft.asset)
    stops = (s for s in result.trace.stops if (s.theft, s.asset) == at)
    return [s for s in stops if group_of(result, s) == (line.group, line.name)]


def worst(stops: Iterable[Stop]) -> str:
    """Return the worst class of some stops; that of what a ledger records where there are none."""
    return max((stop.cls for stop in stops), key=list(Class).index, default=Class.D).value
