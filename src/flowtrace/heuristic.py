"""The plug-in contract: a heuristic is one pure, cited reading of a ledger, with a rule card.

A pack is a distribution with an entry point in the group ``flowtrace.heuristics`` that names a tuple of
heuristics. The shipped pack enters the same way as a stranger's.

    @heuristic(RuleCard(id="deposit_reuse", …))
    def deposit_reuse(ledger, attribution):
        yield Role(…)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol

from flowtrace.errors import FlowtraceError
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Finding, Label, Role, RuleCard, SameOwner, SetAside

GROUP = "flowtrace.heuristics"
_ID = re.compile(r"[a-z][a-z0-9_]*")


class Attribution(Protocol):
    """What a heuristic may ask about who is who."""

    def service(self, address: Address) -> Label | None:
        """Return the strongest label that makes the address a service, or None."""


Reading = Callable[[Ledger, Attribution], Iterable[Finding]]


class HeuristicError(FlowtraceError):
    """A heuristic breaks the contract; the message names it and the rule it breaks."""


@dataclass(frozen=True, slots=True)
class Heuristic:
    """A reading with its rule card."""

    card: RuleCard
    read: Reading

    @property
    def by(self) -> str:
        """How a finding names it: id and version."""
        return by(self.card)

    def __call__(self, ledger: Ledger, attribution: Attribution) -> tuple[Finding, ...]:
        """Return the findings in a fixed order, each checked against the ledger."""
        found = sorted(set(self.read(ledger, attribution)), key=repr)
        for finding in found:
            _check_finding(self, finding, ledger)
        return tuple(found)


def by(card: RuleCard) -> str:
    """Return ``id/version``, the name by which findings cite a rule card."""
    return f"{card.id}/{card.version}"


def heuristic(card: RuleCard) -> Callable[[Reading], Heuristic]:
    """Make a function a heuristic.

    Raises
    ------
    HeuristicError
        If the card lacks what a reader in court must have: claim, citation, failures, what would falsify it.
    """
    if not _ID.fullmatch(card.id) or card.version < 1:
        msg = f"heuristic {card.id!r} version {card.version}: the id is lower_case, the version 1 or more"
        raise HeuristicError(msg)
    for field in ("claim", "citation", "failures", "falsified_by"):
        if not getattr(card, field):
            msg = f"heuristic {card.id}: its rule card states no {field}"
            raise HeuristicError(msg)
    return lambda read: Heuristic(card, read)


def load() -> tuple[Heuristic, ...]:
    """Return every installed heuristic, sorted by id.

    Raises
    ------
    HeuristicError
        If two packs bring the same id, or a pack holds something else.
    """
    found: dict[str, Heuristic] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        for item in point.load():
            if not isinstance(item, Heuristic):
                msg = f"pack {point.name} holds {item!r}, which is no heuristic"
                raise HeuristicError(msg)
            held = found.setdefault(item.card.id, item)
            if held is not item:
                msg = f"two packs bring a heuristic named {item.card.id}: uninstall one"
                raise HeuristicError(msg)
    return tuple(found[name] for name in sorted(found))


def check_heuristic(subject: Heuristic, ledger: Ledger, attribution: Attribution) -> None:
    """Run the conformance suite on one ledger: pure, deterministic, independent of order, truthful.

    Raises
    ------
    HeuristicError
        If a second run differs, if the ledger built from the same transfers in reverse gives other findings,
        if a finding names a transfer or address the ledger does not hold, or if an empty ledger gives any.
    """
    first = subject(ledger, attribution)
    if subject(ledger, attribution) != first:
        msg = f"{subject.by} gives other findings when run again: it is not a pure function"
        raise HeuristicError(msg)
    backwards = Ledger(reversed(list(ledger)), ledger.coverage)
    if subject(backwards, attribution) != first:
        msg = f"{subject.by} depends on the order in which transfers arrive"
        raise HeuristicError(msg)
    if subject(Ledger(()), attribution):
        msg = f"{subject.by} finds something in an empty ledger"
        raise HeuristicError(msg)


def catalogue(cards: Iterable[RuleCard]) -> str:
    """Return the rule cards as one Markdown page, sorted by id; ``heuristics/README.md`` is this text."""
    return _HEAD + "".join(_entry(card) for card in sorted(cards, key=lambda c: c.id))


_HEAD = """\
# Heuristics

Every shipped heuristic, from its rule card. `flowtrace.heuristic.catalogue` writes this page; a test keeps it
true.
"""


def _entry(card: RuleCard) -> str:
    facts = (
        f"Class {card.cls.value}: {card.cls.words}",
        f"After: {card.citation}",
        *(f"Parameter `{name}`: {value}" for name, value in card.parameters),
        *(f"Fails: {failure}" for failure in card.failures),
        f"Falsified when {card.falsified_by}",
        f"Measured error rate: {card.measured or 'none yet'}",
    )
    return f"\n## {by(card)}\n\n{card.claim}\n\n" + "".join(f"- {fact}\n" for fact in facts)


def _check_finding(subject: Heuristic, finding: Finding, ledger: Ledger) -> None:
    if finding.by != subject.by:
        msg = f"{subject.by} gives a finding signed {finding.by!r}"
        raise HeuristicError(msg)
    reasons, addresses = _parts(finding)
    unknown = [name for name in reasons if not ledger.holds(name)]
    if unknown or not reasons:
        msg = f"{subject.by} gives a finding whose reason is not on the ledger: {unknown[:1] or 'none given'}"
        raise HeuristicError(msg)
    for address in addresses:
        if not ledger.knows(address):
            msg = f"{subject.by} gives a finding about {address}, which the ledger does not hold"
            raise HeuristicError(msg)


def _parts(finding: Finding) -> tuple[tuple[str, ...], tuple[Address, ...]]:
    match finding:
        case SameOwner():
            return finding.because, (finding.a, finding.b)
        case Role():
            return finding.because, (finding.address,)
        case SetAside():
            return (finding.transfer,), (finding.address,)
