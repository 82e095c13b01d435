"""The toytown result turned into other cases: paid straight to an exchange, cut short, without a theft."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import (
    Category,
    Class,
    Deposit,
    Label,
    Result,
    Stop,
    StopReason,
    Theft,
    Trace,
    Use,
)
from report.broken import relabelled, with_trace
from report.toy_result import BOLT, BOLT_DEPOSIT, NELL, toy_result

NAMED = Label(
    BOLT_DEPOSIT, "Bolt 7", Category.EXCHANGE, Use.HOT_WALLET, BOLT, "https://register.example/toytown",
    "web_crawl", "2022-04-01",
)  # fmt: skip
CROWD = "it has more than 20000 transfers: it was not read further"


def straight() -> Result:
    """Bolt's address is no deposit address but a wallet of its own, which a label names."""

    def changed(trace: Trace) -> Trace:
        stops = tuple(_own(stop) if stop.address == BOLT_DEPOSIT else stop for stop in trace.stops)
        kept: tuple[Deposit, ...] = tuple(d for d in trace.deposits if d.hop.target != BOLT_DEPOSIT)
        return replace(trace, stops=stops, deposits=kept)

    return with_trace(relabelled(toy_result(), NAMED), changed)


def _own(stop: Stop) -> Stop:
    return replace(stop, reason=StopReason.SERVICE, entity=BOLT, cls=Class.P, basis="labelled 'Bolt 7'")


def ended(reason: StopReason, basis: str = "") -> Result:
    """The trace ended at nell's address for another reason."""

    def changed(trace: Trace) -> Trace:
        stops = (replace(s, reason=reason, basis=basis) if s.address == NELL else s for s in trace.stops)
        return replace(trace, stops=tuple(stops))

    return with_trace(toy_result(), changed)


def only(*reasons: StopReason) -> Result:
    """Every stop that is not at rest ended for one of these reasons, in turn: no service was reached."""

    def changed(trace: Trace) -> Trace:
        stops: list[Stop] = []
        for stop in trace.stops:
            reason = reasons[len(stops) % len(reasons)]
            keep = stop.reason is StopReason.AT_REST
            stops.append(stop if keep else replace(stop, reason=reason, entity=None, cls=Class.D, basis=""))
        return replace(trace, stops=tuple(stops), deposits=(), roles=())

    return with_trace(toy_result(), changed)


def marked() -> Result:
    """The same payments with no word on a theft: what came to mallory is marked and followed."""
    result = toy_result()
    marks = tuple(replace(theft, transfer="", victim=None) for theft in result.incident.thefts)
    incident = replace(
        result.incident, id="ethereum-0xd0d0d0d0d0", title="Trace of 0xd0d0…d0d0", victim_party="",
        thefts=marks, attribution=(), sources=(),
    )  # fmt: skip
    by_id: dict[str, Theft] = {mark.id: mark for mark in marks}

    def changed(trace: Trace) -> Trace:
        accounts = tuple(replace(a, theft=by_id[a.theft.id]) for a in trace.accounts)
        return replace(trace, accounts=accounts, thefts=marks)

    return with_trace(replace(result, incident=incident), changed)


def paid() -> Result:
    """A case about one transaction: its payment is followed, from a payer who is nobody's victim."""
    result = toy_result()
    incident = replace(result.incident, title="Trace of transaction 0x02…", victim_party="", attribution=())
    return replace(result, incident=incident)
