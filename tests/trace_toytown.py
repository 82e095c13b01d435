"""Toytown traced: what the tests of the tracer ask of a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flowtrace.heuristic import load
from flowtrace.ledger import Ledger
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Finding,
    Rule,
    Stop,
    Theft,
    Trace,
)
from flowtrace.trace import Policy
from toytown import (
    REGISTER,
    THEFT,
    TOKEN_THEFT,
    account,
    end_of,
    follow,
)

BOTH = (THEFT, TOKEN_THEFT)
CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)
Shuffle = Callable[[Sequence[Address]], Sequence[Address]]


def findings(ledger: Ledger) -> list[Finding]:
    """Return what the installed heuristics find in toytown."""
    return [finding for heuristic in load() for finding in heuristic(ledger, REGISTER)]


def worked(ledger: Ledger, thefts: Sequence[Theft] = BOTH, policy: Policy | None = None) -> Trace:
    """Trace a toytown ledger with the heuristics' findings."""
    found = findings(ledger)
    tracer = follow(ledger, thefts, ends=end_of(REGISTER, found), policy=policy)
    return account(tracer, ledger, found)


def stop_at(trace: Trace, address: Address, theft: str = "theft") -> Stop:
    """Return the stop of a theft at an address."""
    return next(stop for stop in trace.stops if (stop.address, stop.theft) == (address, theft))


def resting(trace: Trace, theft: str = "theft") -> dict[Rule, int]:
    """Return the taint at all resting places and in fees, per rule, less what poison adds."""
    fees = {a.rule: a.fees - a.clean for a in trace.accounts if a.theft.id == theft}
    stops = [stop for stop in trace.stops if stop.theft == theft]
    return {rule: fees[rule] + sum(stop.taint[rule] for stop in stops) for rule in trace.rules}
