"""The result document: everything the renderers read, and nothing they would have to work out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowtrace.model.address import Address
from flowtrace.model.asset import Asset
from flowtrace.model.evidence import Coverage
from flowtrace.model.finding import Cluster, Pattern, RuleCard
from flowtrace.model.label import Incident, Label
from flowtrace.model.outcome import Outcome
from flowtrace.model.price import Price
from flowtrace.model.round import Round
from flowtrace.model.statement import Acquired, Audience, Dropped, Statement
from flowtrace.model.trace import Trace
from flowtrace.model.transfer import Transfer
from flowtrace.model.vasp import Vasp


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, and in which mode. Empty fields are printed as blanks to fill.

    Attributes
    ----------
    mode
        ``le``, ``counsel``, ``victim`` or ``researcher``: it decides what a letter may say and ask.
    reference
        The sender's case number.
    contact
        A way to call back that does not depend on the message: a switchboard, an agency's page.
    legal_basis
        The statute or order, and its number.
    report
        Where the theft is reported: body and reference.
    ownership
        How a victim shows that the stolen assets are its own.
    told
        Which authority knows of the letters.
    actions
        What is asked; empty for what the mode asks unless told otherwise.
    basis
        The basis of single actions, by name of the action.
    no_tip_off_checked
        Whether somebody made sure that the letters warn nobody of a running operation.
    """

    mode: str = "researcher"
    name: str = ""
    organisation: str = ""
    reference: str = ""
    contact: str = ""
    legal_basis: str = ""
    second_officer: str = ""
    role: str = ""
    email: str = ""
    report: str = ""
    ownership: str = ""
    told: str = ""
    language: str = "en"
    actions: tuple[str, ...] = ()
    basis: tuple[tuple[str, str], ...] = ()
    no_tip_off_checked: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One case, worked through.

    Attributes
    ----------
    as_of
        The day the record stands for, ISO 8601 UTC; every date in an output comes from here, never from a
        clock.
    snapshot
        The last block height the record covers, per chain id.
    digest
        SHA-256 over ledger, parameters, labels and rule cards: the same wherever the case is worked.
    ledger_digest
        SHA-256 over the transfers and coverage alone.
    transfers
        The ledger in chain order.
    labels
        The labels of every address the trace meets.
    sharing
        Who may see the report: a label of the Traffic Light Protocol 2.0.
    prices
        Quotes by asset and time, where any were fetched.
    confirmed
        Ids of the transfers that two independent services tell alike.
    patterns
        Shapes in the flow that touch the trace, in chain order of what shows them.
    recipients
        Who answers for an entity of the labels, and how to reach it, where that is registered.
    audience, dropped
        For whom it is told, and what was left out of it for them.
    statement
        What the authors state of themselves and of the report.
    custody
        What is held, in the order in which it was kept, chained by hash.
    outcomes
        What became of the requests that were sent, by the diary; those only drafted are not among them.
    controls
        Of each table, the control sums of its rows' amounts as they were worked out; none where they are not
        taken.
    rounds
        CoinJoins that stolen coins entered, each as a candidate matrix.
    """

    version: str
    as_of: str
    snapshot: tuple[tuple[str, int], ...]
    digest: str
    ledger_digest: str
    incident: Incident
    parameters: tuple[tuple[str, str], ...]
    rule_cards: tuple[RuleCard, ...]
    trace: Trace
    clusters: tuple[Cluster, ...]
    coverage: tuple[Coverage, ...]
    transfers: tuple[Transfer, ...]
    labels: Mapping[Address, tuple[Label, ...]]
    requester: Requester
    sharing: str = "TLP:AMBER"
    prices: Mapping[tuple[Asset, int], Price] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    patterns: tuple[Pattern, ...] = ()
    recipients: Mapping[str, Vasp] = field(default_factory=dict)
    audience: Audience = Audience.LE
    statement: Statement = field(default_factory=Statement)
    custody: tuple[Acquired, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    controls: Mapping[str, bytes] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()
