"""What a trace finds: hops, taint under every rule, and where and why it stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.model.address import Address
from flowtrace.model.asset import Amount, Asset
from flowtrace.model.chain import Chain, Family
from flowtrace.model.crossed import Crossed, Likely, Uncrossed
from flowtrace.model.finding import Class, Role, SetAside
from flowtrace.model.label import Entity, Label, Theft
from flowtrace.model.transfer import Transfer


class Rule(StrEnum):
    """A legal rule for which part of a mixed balance is the stolen part."""

    POISON = "poison"
    PRO_RATA = "pro_rata"
    FIFO = "fifo"
    LIFO = "lifo"
    DIRTY_FIRST = "dirty_first"
    LIBR = "libr"
    TIHO = "tiho"
    TILO = "tilo"

    @property
    def words(self) -> str:
        """As a table heads it."""
        return _WORDS[self]


_WORDS = {
    Rule.POISON: "poison",
    Rule.PRO_RATA: "pro rata",
    Rule.FIFO: "FIFO",
    Rule.LIFO: "LIFO",
    Rule.DIRTY_FIRST: "dirty-first",
    Rule.LIBR: "LIBR",
    Rule.TIHO: "TIHO",
    Rule.TILO: "TILO",
}
ACCOUNT_RULES = (Rule.POISON, Rule.PRO_RATA, Rule.FIFO, Rule.LIFO, Rule.DIRTY_FIRST, Rule.LIBR)
COIN_RULES = (*ACCOUNT_RULES, Rule.TIHO, Rule.TILO)

Taint = Mapping[Rule, int]
"""Tainted base units under each rule."""


def envelope(taint: Taint) -> tuple[int, int]:
    """Return (low, high) over the rules that conserve; poison is an upper bound of its own and stays out.

    >>> envelope({Rule.POISON: 9, Rule.FIFO: 3, Rule.LIFO: 5})
    (3, 5)
    """
    conserving = [units for rule, units in taint.items() if rule is not Rule.POISON]
    return min(conserving), max(conserving)


def depends_on_rule(taint: Taint) -> bool:
    """Tell whether it depends on the rule that conserves whether anything is tainted at all.

    >>> depends_on_rule({Rule.FIFO: 0, Rule.LIFO: 5}), depends_on_rule({Rule.FIFO: 3, Rule.LIFO: 5})
    (True, False)
    """
    low, high = envelope(taint)
    return low == 0 < high


def rules_for(assets: Iterable[Asset]) -> tuple[Rule, ...]:
    """Return the rules that apply to assets: TIHO and TILO are of transactions that spend coins."""
    coins = any(Chain.of(asset.chain_id).family is Family.UTXO for asset in assets)
    return COIN_RULES if coins else ACCOUNT_RULES


class StopReason(StrEnum):
    """Why a trace ended at an address."""

    DEPOSIT = "exchange deposit"
    MIXER = "mixer"
    SERVICE = "service"
    BRIDGE = "bridge unmatched"
    NO_DATA = "no data"
    AT_REST = "at rest"
    INCOMPLETE = "incomplete record"
    CROWDED = "too many transfers"
    MINIMUM = "below minimum"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Hop:
    """One payment that carries taint under at least one rule: a transfer, to one of its takers.

    ``row`` is its number in the annex, the [n] of figures and letters. ``depth`` counts steps from the theft.
    ``leg`` is which of the transfer's outputs it is: there are several on UTXO chains.

    ``crossing`` names the crossing by which it leaves its ledger or came to it: protocol and key. One that
    came has ``bridge``, whom the value was paid to where it left, and ``cls``, how the two are known to
    belong together; else it is of class D. ``worst`` is the worst class on the way up to it, ``crossed``
    how many crossings that way has.
    """

    row: int
    theft: str
    transfer: Transfer
    depth: int
    taint: Taint
    leg: int = 0
    crossing: str = ""
    bridge: Address | None = None
    cls: Class = Class.D
    worst: Class = Class.D
    crossed: int = 0

    @property
    def drawn_from(self) -> Address | None:
        """Whom a figure shows it to come from: the bridge that took it, else who paid."""
        return self.bridge or self.source

    @property
    def source(self) -> Address | None:
        """Who paid; where several inputs are spent together, the address that gives the most."""
        return self.transfer.giver_of(self.transfer.outputs[self.leg].asset)

    @property
    def target(self) -> Address | None:
        """Who was paid."""
        return self.transfer.outputs[self.leg].address

    @property
    def amount(self) -> Amount:
        """What this taker got."""
        taken = self.transfer.outputs[self.leg]
        return Amount(taken.asset, taken.units)


@dataclass(frozen=True, slots=True)
class Stop:
    """An address and asset at which taint rests, and why the trace ends there.

    Attributes
    ----------
    received
        Base units that came here by the trace's transfers, tainted or not.
    transfers, senders
        How many transfers and distinct senders brought them.
    taint
        Tainted units resting here, per rule.
    entity
        Whose address it is, where a label or finding says so; None otherwise.
    cls, basis
        How it is known that it is theirs: evidence class and words with the source.
    claims
        What third parties say of the address (class X), shown with its source and never as our finding.
    """

    theft: str
    address: Address
    asset: Asset
    reason: StopReason
    received: int
    transfers: int
    senders: int
    taint: Taint
    entity: Entity | None
    cls: Class
    basis: str
    claims: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Deposit:
    """A hop into an exchange's deposit address: where a freeze request begins.

    ``sweep`` is the first transfer after it by which the deposit address emptied into the exchange's
    ``hot_wallet``.
    """

    hop: Hop
    entity: Entity
    sweep: Transfer | None
    hot_wallet: Address | None
    basis: str


class GapKind(StrEnum):
    """What sort of thing the record cannot show."""

    SCOPE = "not asked for"
    UNRECORDED = "no recorded source"
    OPENING = "opening balance"
    SWAP = "taken for a swap"
    DECODED = "decoded, not logged"
    UNREAD = "not read"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the record cannot show, and what follows from it.

    Attributes
    ----------
    address
        Whose record it concerns; None for all followed addresses.
    amount
        For UNRECORDED: what the address spent beyond what the record shows it received. Every rule but poison
        takes it for not stolen, so the amounts under the rules rest on this assumption. For OPENING: what it
        held before its record begins, by the source that the words name; not stolen either.
    """

    kind: GapKind
    address: Address | None
    what: str
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The reconciliation of one theft under one rule: every base unit of the theft is in one of these.

    Attributes
    ----------
    clean
        Non-zero under poison only: value of others that poison counts as tainted too.
    overtaken
        What a later theft took: it is of that theft from there on.
    unaddressed
        What was paid to scripts that no address stands for, and not spent from there since.
    sold
        What was exchanged for another asset.
    asset, bought
        For what a theft became by exchange: the other asset, and how much of it came. Nothing was stolen of
        that asset itself.
    """

    theft: Theft
    rule: Rule
    stolen: int
    clean: int
    fees: int
    resting: int
    unaddressed: int = 0
    overtaken: int = 0
    sold: int = 0
    asset: Asset | None = None
    bought: int = 0

    @property
    def of(self) -> Asset:
        """The asset that this accounts for: the theft's own unless it was exchanged."""
        return self.asset or self.theft.asset

    @property
    def balances(self) -> bool:
        """Whether stolen + bought + clean = resting + fees + unaddressed + sold + overtaken, to the unit."""
        came = self.stolen + self.bought + self.clean
        return came == self.resting + self.fees + self.unaddressed + self.sold + self.overtaken


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole way of an incident's thefts, under every rule.

    ``thefts`` are the incident's as the record tells them: a mark has the sum of what it marked.
    ``crossings`` are those that the hops go by; ``uncrossed`` left a followed address and did not arrive;
    ``likely`` is what left by them and may have come again.
    """

    rules: tuple[Rule, ...]
    hops: tuple[Hop, ...]
    stops: tuple[Stop, ...]
    deposits: tuple[Deposit, ...]
    accounts: tuple[Account, ...]
    roles: tuple[Role, ...]
    set_aside: tuple[SetAside, ...]
    gaps: tuple[Gap, ...]
    expanded: tuple[Address, ...]
    thefts: tuple[Theft, ...] = ()
    crossings: tuple[Crossed, ...] = ()
    uncrossed: tuple[Uncrossed, ...] = ()
    likely: tuple[Likely, ...] = ()

    def role_of(self, address: Address) -> Role | None:
        """Return the role found for an address."""
        return next((r for r in self.roles if r.address == address), None)
