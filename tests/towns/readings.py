"""What the tests of the patterns ask of a reading: its patterns, and a figure of each."""

from __future__ import annotations

from flowtrace.conformance import check_heuristic
from flowtrace.heuristic import Attribution, Heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Pattern
from toytown import NOBODY


def patterns(subject: Heuristic, ledger: Ledger, attribution: Attribution = NOBODY) -> list[Pattern]:
    """Return what a heuristic finds, once the conformance suite has passed it on this ledger."""
    check_heuristic(subject, ledger, attribution)
    return [one for one in subject(ledger, attribution) if isinstance(one, Pattern)]


def figures(subject: Heuristic, ledger: Ledger, name: str, *, attribution: Attribution = NOBODY) -> list[str]:
    """Return one figure of each pattern found."""
    return [one.figure(name) for one in patterns(subject, ledger, attribution)]


def transactions(one: Pattern) -> list[str]:
    """Return the hashes of the transactions that show a pattern."""
    return [name.split(":")[2] for name in one.because]
