"""The plug-in contract: a heuristic is one pure, cited reading of a ledger, with a rule card.

A pack is a distribution with an entry point in the group ``flowtrace.heuristics`` that names a tuple of
heuristics. The shipped pack enters the same way as a stranger's.

    @heuristic(RuleCard(id="deposit_reuse", …))
    def deposit_reuse(ledger, attribution):
        yield Role(…)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Protocol

from flowtrace.errors import FlowtraceError, InputError
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Distinct,
    Finding,
    Label,
    Measure,
    Pattern,
    Role,
    RuleCard,
    SameOwner,
    SetAside,
)

GROUP = "flowtrace.heuristics"
RATES = "measured.json"
_ID = re.compile(r"[a-z][a-z0-9_]*")


class Attribution(Protocol):
    """What a heuristic may ask about who is who."""

    def service(self, address: Address) -> Label | None:
        """Return the strongest label that makes the address a service, or None."""

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return all that is said of an address, strongest first; asserted labels (class X) too."""

    def listed(self, chain_id: str, tx: str) -> tuple[str, ...]:
        """Return the names of the lists of transactions that hold this one, a coordinator's rounds say."""


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
    """Return every installed heuristic, sorted by id, with the error rates its pack has measured.

    Raises
    ------
    HeuristicError
        If two packs bring the same id, or a pack holds something else.
    """
    found: dict[str, Heuristic] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        rates = read_rates(point)
        for item in point.load():
            if not isinstance(item, Heuristic):
                msg = f"pack {point.name} holds {item!r}, which is no heuristic"
                raise HeuristicError(msg)
            held = found.setdefault(item.card.id, _rated(item, rates))
            if held.read is not item.read:
                msg = f"two packs bring a heuristic named {item.card.id}: uninstall one"
                raise HeuristicError(msg)
    return tuple(found[name] for name in sorted(found))


def read_rates(point: EntryPoint) -> dict[str, tuple[str, ...]]:
    """Return the error rates a pack states in its ``measured.json``, in words, by ``id/version``.

    Raises
    ------
    HeuristicError
        If the file is not what ``flowtrace heuristics measure`` writes.
    """
    spec = find_spec(point.module)
    if spec is None or not spec.submodule_search_locations:
        return {}
    file = resources.files(point.module) / RATES
    if not file.is_file():
        return {}
    try:
        measures = [Measure(**row) for row in json.loads(file.read_bytes())]
    except (TypeError, ValueError, InputError) as error:
        raise HeuristicError(f"pack {point.name}: {RATES} cannot be read: {error}") from None
    return {name: tuple(m.words for m in measures if m.by == name) for name in {m.by for m in measures}}


def _rated(subject: Heuristic, rates: Mapping[str, tuple[str, ...]]) -> Heuristic:
    return replace(subject, card=replace(subject.card, measured=rates.get(subject.by, ())))


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
        f"Class {card.cls.value}: {card.cls.words}; {card.nature.value}",
        f"Reads: {_chains(card)}" + ("" if card.on else "; off unless a case asks for it"),
        *((f"Rests on: {', '.join(card.needs)}",) if card.needs else ()),
        f"After: {card.citation}",
        *(f"Parameter `{name}`: {value}" for name, value in card.parameters),
        *(f"Fails: {failure}" for failure in card.failures),
        f"Falsified when {card.falsified_by}",
        *(f"Measured: {rate}" for rate in card.measured or ("unmeasured",)),
    )
    return f"\n## {by(card)}\n\n{card.claim}\n\n" + "".join(f"- {fact}\n" for fact in facts)


def _chains(card: RuleCard) -> str:
    return ", ".join(f"{family.value} chains" for family in card.chains) or "every chain"


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
        case SameOwner() | Distinct():
            return finding.because, (finding.a, finding.b)
        case Pattern():
            return finding.because, finding.addresses
        case Role():
            return finding.because, (finding.address,)
        case SetAside():
            return (finding.transfer,), (finding.address,)
