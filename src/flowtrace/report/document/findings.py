"""Findings as paragraphs: what the record shows, one claim each, with its class and its rows."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Label, Result, Stop, StopReason, Theft
from flowtrace.report.accounted import accounted
from flowtrace.report.cells import count, printable, readable
from flowtrace.report.credit import is_exchange_wallet
from flowtrace.report.diagram.drawing import marks_of
from flowtrace.report.diagram.picture import Fold
from flowtrace.report.document.deposits import swept_more
from flowtrace.report.document.resting import LISTED, resting
from flowtrace.report.document.typeset import Block, heading, numbered
from flowtrace.report.document.words import between, decoded, exact, keys
from flowtrace.report.summary import moved

_TWO_LINES = 160


def findings(result: Result) -> list[Block]:
    """Every finding, one claim a paragraph, in the order of the money."""
    return [
        heading("Findings"),
        *(numbered(text, cls) for text, cls in _paragraphs(result)),
        *resting(result),
    ]


def _paragraphs(result: Result) -> Iterable[tuple[str, str]]:
    for theft in result.incident.thefts:
        yield _outflow(result, theft), "D"
    order = list(StopReason)
    marks = marks_of(result)
    wholes = {(book.theft.id, book.theft.asset): book.theft.units for book in accounted(result)}
    for stop in sorted(
        result.trace.stops, key=lambda s: (s.theft, order.index(s.reason), -s.received, s.address)
    ):
        if stop.reason not in LISTED and any(stop.taint.values()):
            yield _stop(result, stop, marks, whole=wholes[stop.theft, stop.asset]), stop.cls.value
    if result.trace.set_aside:
        aside = count(len(result.trace.set_aside), "transfer")
        yield f"{aside} (dust, zero value, look-alikes) were set aside: set_aside.csv lists them.", "D"


def _outflow(result: Result, theft: Theft) -> str:
    out = [move for move in moved(result, theft.asset) if move.source == theft.thief]
    total = exact(theft.asset, sum(move.units for move in out))
    if not out:
        return f"The record holds no transfer of {printable(theft.asset.unit)} sent by {theft.thief.display}."
    sent = {move.transfer.id: move.transfer for move in out}.values()
    return f"{theft.thief.display} sent {total} in {count(len(out), 'value transfer')}.{decoded(sent)}"


def _stop(result: Result, stop: Stop, marks: Iterable[Fold], *, whole: int) -> str:
    came = f"{stop.address.display} received {exact(stop.asset, stop.received)} in "
    came += f"{count(stop.transfers, 'transfer')} from {count(stop.senders, 'address')} of this trace"
    at = (stop.theft, stop.address, stop.asset)
    hops = [h for h in result.trace.hops if (h.theft, h.target, h.amount.asset) == at]
    rests = f"Traced: {between(stop.asset, stop.taint, whole)}."
    read = decoded({h.transfer.id: h.transfer for h in hops}.values())
    return f"{came} {_rows([h.row for h in hops], marks)}.{read} {rests} {_why(result, stop)}"


def _rows(rows: list[int], marks: Iterable[Fold]) -> str:
    """Return rows, or the marks of the figure under which Annex C lists them, where they are many."""
    shown = keys(rows)
    if len(shown) < _TWO_LINES:
        return shown
    named = [mark for mark in marks if mark.rows and set(mark.rows) <= set(rows)]
    if {row for mark in named for row in mark.rows} == set(rows):
        return f"({', '.join(mark.id for mark in named)} in Annex C lists the rows)"
    return "(Annex B lists the rows)"


def _why(result: Result, stop: Stop) -> str:
    name = printable(stop.entity.name) if stop.entity else ""
    because = f" Basis: {_basis(result, stop)}." if stop.basis else ""
    match stop.reason:
        case StopReason.DEPOSIT:
            more = swept_more(result, stop.address, stop.asset)
            rest = f" {more[0].upper()}{more[1:]}." if more else ""
            return f"It is assessed to be a deposit address of {name}.{because}{rest}"
        case StopReason.SERVICE if is_exchange_wallet(stop):
            pooled = f"It is a wallet of {name} by its label, where the funds of many customers mix"
            return f"{pooled}, so the trace ends here.{because}"
        case StopReason.NO_DATA:
            return f"No data are held for it, so the trace ends here.{because}"
        case StopReason.INCOMPLETE:
            return f"The record cannot show where it went from there, so the trace ends here.{because}"
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
