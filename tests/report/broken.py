"""Results with one thing wrong, for the gates to name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flowtrace.model import Hop, Label, Requester, Result, Stop, Trace

EVIL = '=HYPERLINK("https://evil.example","x")\n#read("x") \u202egnp.exe $a$ *b*'


def with_trace(result: Result, change: Callable[[Trace], Trace]) -> Result:
    """Return the result with its trace changed."""
    return replace(result, trace=change(result.trace))


def with_hop(result: Result, row: int, change: Callable[[Hop], Hop]) -> Result:
    """Return the result with one hop changed, wherever it stands."""

    def changed(hop: Hop) -> Hop:
        return change(hop) if hop.row == row else hop

    def all_of(trace: Trace) -> Trace:
        deposits = tuple(replace(d, hop=changed(d.hop)) for d in trace.deposits)
        return replace(trace, hops=tuple(changed(h) for h in trace.hops), deposits=deposits)

    return with_trace(result, all_of)


def with_stop(result: Result, number: int, change: Callable[[Stop], Stop]) -> Result:
    """Return the result with one stop changed."""

    def all_of(trace: Trace) -> Trace:
        stops = [change(stop) if n == number else stop for n, stop in enumerate(trace.stops)]
        return replace(trace, stops=tuple(stops))

    return with_trace(result, all_of)


def with_evil_text(result: Result) -> Result:
    """Return the result with hostile text wherever a stranger can write."""
    labels = {
        a: tuple(replace(label, text=EVIL, source=EVIL) for label in ls) for a, ls in result.labels.items()
    }

    def claimed(stop: Stop) -> Stop:
        return replace(stop, claims=tuple(replace(c, text=EVIL) for c in stop.claims), basis=EVIL)

    def all_of(trace: Trace) -> Trace:
        deposits = tuple(replace(d, basis=EVIL, entity=replace(d.entity, name=EVIL)) for d in trace.deposits)
        return replace(trace, stops=tuple(claimed(s) for s in trace.stops), deposits=deposits)

    return with_trace(replace(result, labels=labels, requester=Requester(name=EVIL)), all_of)


def relabelled(result: Result, label: Label) -> Result:
    """Return the result with one more label."""
    labels = {**result.labels, label.address: (*result.labels.get(label.address, ()), label)}
    return replace(result, labels=labels)
