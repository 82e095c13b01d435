"""Findings as paragraphs: what the record shows, one claim each, with its class and its rows."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Basis, Result, Stop, StopReason, Theft, Transfer, envelope
from flowtrace.report.accounted import Accounted, Line, accounted, group_of
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import printable, rounded, utc
from flowtrace.report.document.typeset import Block, heading, numbered, para, table
from flowtrace.report.document.words import between, count, exact, keys
from flowtrace.report.summary import moved

_WHERE = {
    "mixer": "reached the mixer {name}, where the trace ends",
    "exchange": "reached deposit addresses assessed to be those of {name}",
    "other service": "reached the service {name}, where funds of many users mix and the trace ends",
    "no data": "was sent to addresses for which no data are held",
    "incomplete record": "came to addresses whose further payments the record cannot show",
    "at rest": "rests at addresses the trace followed, at the end of the record",
    "below minimum": "was in amounts below the minimum value the trace follows",
    "beyond budget": "was not followed, because the budget of the case was spent",
    "network fees": "was paid as network fees",
}
_LISTED = frozenset({StopReason.AT_REST, StopReason.MINIMUM, StopReason.BUDGET})


def theft_transfer(result: Result, theft: Theft) -> Transfer | None:
    """Return the transfer by which a stolen amount left its victim."""
    return next((t for t in result.transfers if t.id == theft.transfer), None)


def key_findings(result: Result) -> list[Block]:
    """At most a page: the theft, and where its money went under the conserving rules."""
    blocks = [heading("Key findings"), *(numbered(_stolen(result, t), "D") for t in result.incident.thefts)]
    for book in accounted(result):
        for line in book.lines:
            if envelope(line.taint)[1]:
                blocks += [numbered(_whereabouts(result, book, line), _line_class(result, book, line))]
    said = assumption(result)
    if said:
        blocks.append(numbered(f"What the amounts rest on: {said}", "P"))
    return [
        *blocks,
        para(
            "Ranges are the lowest and the highest amount over the conserving rules (pro rata, FIFO, LIFO, "
            "dirty-first, LIBR); poison, an upper bound, stands in the tables. The letter in the margin is "
            "the evidence class of the transfers and of the recipient: D recorded on one ledger, C matched "
            "across ledgers, P inferred, X said by others. Amounts of stolen value follow from the rule.",
            small=True,
        ),
    ]


def _stolen(result: Result, theft: Theft) -> str:
    transfer = theft_transfer(result, theft)
    amount = exact(theft.asset, theft.units)
    if transfer is None:
        return f"{theft.victim.display} sent {amount} to {theft.thief.display}."
    how = (
        " It is decoded from the arguments of the call; the payment itself is not in this record."
        if transfer.basis is Basis.DECODED
        else ""
    )
    return (
        f"On {utc(transfer.time)[:10]} (block {transfer.height}) {amount} left {theft.victim.display} for "
        f"{theft.thief.display} in transaction {transfer.tx}.{how}"
    )


def _whereabouts(result: Result, book: Accounted, line: Line) -> str:
    asset, whole = book.theft.asset, book.theft.units
    where = _WHERE[line.group].format(name=printable(line.name))
    gone = f"Of the {exact(asset, whole)} stolen, {between(asset, line.taint, whole)} {where}."
    return gone + _volume(result, book, line)


def _volume(result: Result, book: Accounted, line: Line) -> str:
    """Return how much named recipients received in all, which no rule changes."""
    stops = _stops_of(result, book, line) if line.name else []
    if not stops:
        return ""
    at = {stop.address for stop in stops}
    payers = {
        h.transfer.source for h in result.trace.hops if h.theft == book.theft.id and h.transfer.target in at
    }
    received = exact(book.theft.asset, sum(stop.received for stop in stops))
    transfers = count(sum(stop.transfers for stop in stops), "transfer")
    who = "That address" if len(at) == 1 else f"Those {len(at)} addresses"
    return f" {who} received {received} in {transfers} from {count(len(payers), 'address')} of this trace."


def _stops_of(result: Result, book: Accounted, line: Line) -> list[Stop]:
    stops = (s for s in result.trace.stops if s.theft == book.theft.id)
    return [s for s in stops if group_of(s) == (line.group, line.name)]


def _line_class(result: Result, book: Accounted, line: Line) -> str:
    classes = [s.cls.value for s in _stops_of(result, book, line)]
    order = "DCPX"
    return max(classes, key=order.index, default="D")


def findings(result: Result) -> list[Block]:
    """Every finding, one claim a paragraph, in the order of the money."""
    return [
        heading("Findings"),
        *(numbered(text, cls) for text, cls in _paragraphs(result)),
        *_resting(result),
    ]


def _resting(result: Result) -> list[Block]:
    """What rests at many addresses in small parts: one table, not a paragraph each."""
    stops = [s for s in result.trace.stops if s.reason in _LISTED and any(s.taint.values())]
    if not stops:
        return []
    return [
        heading("Where value rests, address by address", 2),
        para(
            "Traced value that did not leave these addresses by the end of the record (class D); amounts "
            "rounded to four places, summary.json has them exact."
        ),
        table(
            ["address", "why the trace ends", "received from this trace", "traced: low", "high"],
            [_rest_row(s) for s in sorted(stops, key=lambda s: (s.theft, -envelope(s.taint)[1], s.address))],
            columns=["64mm", "1fr", "36mm", "24mm", "24mm"],
            mono=[0],
            right=[2, 3, 4],
            size=7.5,
        ),
    ]


def _rest_row(stop: Stop) -> list[str | list[str]]:
    low, high = (rounded(stop.asset, units, 4) for units in envelope(stop.taint))
    received = f"{rounded(stop.asset, stop.received, 4)} {printable(stop.asset.symbol)}"
    return [stop.address.display, stop.reason.value, received, low, high]


def _paragraphs(result: Result) -> Iterable[tuple[str, str]]:
    for theft in result.incident.thefts:
        yield _outflow(result, theft), "D"
    order = list(StopReason)
    for stop in sorted(
        result.trace.stops, key=lambda s: (s.theft, order.index(s.reason), -s.received, s.address)
    ):
        if stop.reason not in _LISTED and any(stop.taint.values()):
            yield _stop(result, stop), stop.cls.value
    if result.trace.set_aside:
        aside = count(len(result.trace.set_aside), "transfer")
        yield f"{aside} (dust, zero value, look-alikes) were set aside: set_aside.csv lists them.", "D"


def _outflow(result: Result, theft: Theft) -> str:
    out = [t for t in moved(result, theft.asset) if t.source == theft.thief]
    total = exact(theft.asset, sum(t.amount.units for t in out))
    if not out:
        return (
            f"The record holds no transfer of {printable(theft.asset.symbol)} sent by {theft.thief.display}."
        )
    return f"{theft.thief.display} sent {total} in {count(len(out), 'value transfer')}."


def _stop(result: Result, stop: Stop) -> str:
    came = f"{stop.address.display} received {exact(stop.asset, stop.received)} in "
    came += f"{count(stop.transfers, 'transfer')} from {count(stop.senders, 'address')} of this trace"
    rows = keys(
        h.row for h in result.trace.hops if h.theft == stop.theft and h.transfer.target == stop.address
    )
    whole = next(t.units for t in result.incident.thefts if t.id == stop.theft)
    rests = f"Traced: {between(stop.asset, stop.taint, whole)}."
    # A mixer's thousand rows are listed per depositor in the hop schedule.
    shown = f" {rows}" if len(rows) < 160 else ""  # noqa: PLR2004  about two lines
    return f"{came}{shown}. {rests} {_why(stop)}"


def _why(stop: Stop) -> str:
    name = printable(stop.entity.name) if stop.entity else ""
    basis = printable(stop.basis).rstrip(".")
    because = f" Basis: {basis}." if basis else ""
    match stop.reason:
        case StopReason.DEPOSIT:
            return f"It is assessed to be a deposit address of {name}.{because}"
        case StopReason.NO_DATA:
            return f"No data are held for it, so the trace ends here.{because}"
        case StopReason.INCOMPLETE:
            return f"The record cannot show where it went from there, so the trace ends here.{because}"
        case _:
            named = f" ({name})" if name else ""
            return f"The trace ends here: {stop.reason.value}{named}.{because}"
