"""Toy heuristics, good and bad: the contract is tried on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from flowtrace.heuristic import Attribution, Reading
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Role, RoleName, RuleCard
from toytown import IDA, PAID

CARD = RuleCard(
    id="toy",
    version=1,
    claim="Whoever splits is an intermediary.",
    cls=Class.P,
    citation="flowtrace tests",
    parameters=(),
    failures=("everything",),
    falsified_by="anything",
)
SPLIT = PAID["split-1"].id


def reading(*found: Finding) -> Reading:
    """Return a reading that finds the same on every ledger that holds anything."""

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        assert attribution.service(IDA) is None
        return found if len(ledger) else ()

    return read


def role(**other: Any) -> Role:  # noqa: ANN401  any field of a role
    """Return a role that toytown bears out, changed as asked."""
    return replace(Role(IDA, RoleName.INTERMEDIARY, "", "toy/1", (SPLIT,), Class.P), **other)


def forgetful() -> Reading:
    """Return a reading that finds something every other time."""
    runs: Iterator[int] = iter(range(9))

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        del ledger, attribution
        return () if next(runs) % 2 else (role(),)

    return read


def from_nothing(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
    """Find something whatever there is."""
    del ledger, attribution
    return (role(),)


def of_witnesses(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
    """Find something only where somebody witnessed it."""
    del attribution
    return (role(),) if ledger.witness else ()


class _Given:
    def __init__(self, file: Any) -> None:  # noqa: ANN401  a path, which this module may not import
        self.file = file


def nosy(file: Any) -> Reading:  # noqa: ANN401  a path, which this module may not import
    """Return a reading that looks into a file."""
    given = _Given(file)

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        del attribution
        given.file.read_text()
        return (role(),) if len(ledger) else ()

    return read


def setting(environment: Any) -> Reading:  # noqa: ANN401  that of the process, which this module may not import
    """Return a reading that sets a variable of the environment."""
    given = _Given(environment)

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        del attribution
        given.file["TOYTOWN"] = "1"
        return (role(),) if len(ledger) else ()

    return read
