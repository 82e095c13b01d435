"""Findings as paragraphs: what the record shows, one claim each, with its class and its rows."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Class, Label, Result, Stop, StopReason, Theft
from flowtrace.report.accounted import accounted
from flowtrace.report.cells import count, printable, readable
from flowtrace.report.credit import is_exchange_wallet
from flowtrace.report.crossed import in_words, passages, unmet_in_words
from flowtrace.report.diagram.drawing import marks_of
from flowtrace.report.document.deposits import swept_more
from flowtrace.report.document.proof import of_sender, of_stops, rows_text
from flowtrace.report.document.resting import LISTED, resting
from flowtrace.report.document.typeset import Block, heading, numbered
from flowtrace.report.document.words import between, decoded, exact
from flowtrace.report.likely import candidates_in_words
from flowtrace.report.rounds import round_in_words
from flowtrace.report.summary import moved


def findings(result: Result) -> list[Block]:
    """Every finding, one claim a paragraph, in the order of the money."""
    return [
        heading("Findings"),
        *(numbered(text, cls, ids=ids) for text, cls, ids in _paragraphs(result)),
        *resting(result),
    ]


def _paragraphs(result: Result) -> Iterable[tuple[str, str, str]]:
    for theft in result.incident.thefts:
        yield _outflow(result, theft), "D", of_sender(result, theft)
    order = list(StopReason)
    marks = marks_of(result)
    wholes = {(book.theft.id, book.theft.asset): book.theft.units for book in accounted(result)}
    for stop in sorted(
        result.trace.stops, key=lambda s: (s.theft, order.index(s.reason), -s.received, s.address)
    ):
        if stop.reason not in LISTED and any(stop.taint.values()):
            text = _stop(result, stop, whole=wholes[stop.theft, stop.asset])
            yield text, stop.cls.value, of_stops(result, [stop], marks)
    for passage in passages(result):
        rows = [passage.left.row, *(hop.row for hop in passage.came)]
        yield in_words(passage), passage.crossed.cls.value, f"{rows_text(rows, marks)}; crossings.csv"
    for one in result.trace.uncrossed:
        yield unmet_in_words(one), "D", "uncrossed.csv"
    for one_round in result.rounds:
        shown = f"{rows_text(one_round.rows, marks)}; coinjoins.csv"
        yield round_in_words(one_round), "P", shown
    for text, rows in candidates_in_words(result):
        yield text, "P", f"{rows_text(rows, marks)}; crossing_candidates.csv"
    if result.trace.set_aside:
        aside = count(len(result.trace.set_aside), "transfer")
        yield (
            f"{aside} (dust, zero value, look-alikes) were set aside: set_aside.csv lists them.",
            "D",
            "set_aside.csv",
        )


def _outflow(result: Result, theft: Theft) -> str:
    out = [move for move in moved(result, theft.asset) if move.source == theft.thief]
    total = exact(theft.asset, sum(move.units for move in out))
    if not out:
        return f"The record holds no transfer of {printable(theft.asset.unit)} sent by {theft.thief.display}."
    sent = {move.transfer.id: move.transfer for move in out}.values()
    return f"{theft.thief.display} sent {total} in {count(len(out), 'value transfer')}.{decoded(sent)}"


def _stop(result: Result, stop: Stop, *, whole: int) -> str:
    came = f"{stop.address.display} received {exact(stop.asset, stop.received)} in "
    came += f"{count(stop.transfers, 'transfer')} from {count(stop.senders, 'address')} of this trace"
    at = (stop.theft, stop.address, stop.asset)
    hops = [h for h in result.trace.hops if (h.theft, h.target, h.amount.asset) == at]
    rests = f"Traced: {between(stop.asset, stop.taint, whole)}."
    read = decoded({h.transfer.id: h.transfer for h in hops}.values())
    return f"{came}.{read} {rests} {_why(result, stop)}{_out_again(result, stop)}"


def _out_again(result: Result, stop: Stop) -> str:
    """Say how many payments out of a mixer are listed as candidates beside what came to it."""
    at = (stop.theft, stop.address, stop.asset)
    hops = (h for h in result.trace.hops if (h.theft, h.target, h.amount.asset) == at)
    came = {(hop.transfer.id, hop.leg) for hop in hops}
    listed = [one for one in result.trace.likely if one.gave in came and one.got]
    if stop.reason is not StopReason.MIXER or not listed:
        return ""
    return f" {count(len(listed), 'candidate')} for what came out of it again are in crossing_candidates.csv."


def _why(result: Result, stop: Stop) -> str:
    name = printable(stop.entity.name) if stop.entity else ""
    because = f" Basis: {_basis(result, stop)}." if stop.basis else ""
    match stop.reason:
        case StopReason.DEPOSIT:
            more = swept_more(result, stop.address, stop.asset)
            rest = f" {more[0].upper()}{more[1:]}." if more else ""
            return f"It is assessed to be a deposit address of {name}.{because}{rest}"
        case StopReason.SERVICE if is_exchange_wallet(stop):
            own = "assessed to be a wallet" if stop.cls is Class.P else "a wallet"
            pooled = f"It is {own} of {name} by its label, where the funds of many customers mix"
            return f"{pooled}, so the trace ends here.{because}"
        case StopReason.NO_DATA:
            return f"No data are held for it, so the trace ends here.{because}"
        case StopReason.INCOMPLETE:
            return f"The record cannot show where it went from there, so the trace ends here.{because}"
        case _ if stop.cls is Class.P:
            whose = f"{name}, {stop.reason.value}" if name else f"a {stop.reason.value}"
            return f"It is assessed to be an address of {whose}, where the trace ends.{because}"
        case _:
            named = f" ({name})" if name else ""
            return f"The trace ends here: {stop.reason.value}{named}.{because}"


def _basis(result: Result, stop: Stop) -> str:
    """Return why the trace ends: by the label where it is one, its day beside its name, else as stated."""
    labels = result.labels.get(stop.address, ())
    label = next((one for one in labels if not one.asserted and one.source in stop.basis), None)
    return _labelled(label) if label else readable(stop.basis).rstrip(".")


def _labelled(label: Label) -> str:
    known = f"{printable(label.confidence)}, {printable(label.date)}"
    return f"labelled “{printable(label.text)}” ({known}) by {printable(label.source)}"
