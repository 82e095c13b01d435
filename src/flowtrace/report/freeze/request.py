"""A freeze request as a noun: to whom, about which credits, up to what amount, by which paths.

A credit is a payment into a deposit address of the exchange, or straight into a wallet that labels name as
its own. Of the second kind the request names transactions, never the wallet: what is asked concerns the
account that the exchange credited by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.model import Asset, Entity, Hop, Label, Rule, Stop, Vasp, envelope
from flowtrace.report.credit import Credit, received, summed
from flowtrace.report.freeze.actions import REPLY_DAYS, Action
from flowtrace.report.freeze.paths import Way
from flowtrace.report.freeze.wording import Wording


class Kind(StrEnum):
    """What a package is about, which decides what can be asked in it."""

    EXCHANGE = "exchange"
    CLAIM = "third-party claim"
    MIXER = "mixer exposure"
    ISSUER = "issuer"


@dataclass(frozen=True, slots=True)
class Cap:
    """What is traced to the recipient in one asset: by the stated rule, the range, and what it received."""

    asset: Asset
    traced: int
    low: int
    high: int
    received: int


@dataclass(frozen=True, slots=True)
class FreezeRequest:
    """One package.

    Attributes
    ----------
    urgency
        The letter's words on it; they begin with ``A`` where value still stands at an address, ``B`` where it
        came to the exchange's own wallets within a day before the record's end, ``C`` where it is historic.
    deposits
        The credits it is about: into deposit addresses, straight into the exchange's wallets, into a mixer,
        or to the addresses where a token rests.
    hops
        Every hop by which value can have come to them.
    caps
        The amount the request stops at, per asset.
    claims
        Third-party claims (class X). Of a `Kind.CLAIM` the whole package stands on them; elsewhere they name
        further addresses of the recipient, shown apart and never asked for.
    contact
        What the registry holds of the recipient, from its own pages; None where it holds nothing.
    resting
        Of a `Kind.ISSUER`: the ends of the trace at which its token rests.
    """

    id: str
    kind: Kind
    entity: Entity
    wording: Wording
    rule: Rule
    urgency: str
    deposits: tuple[Credit, ...]
    hops: tuple[Hop, ...]
    caps: tuple[Cap, ...]
    ways: tuple[Way, ...]
    claims: tuple[Label, ...]
    actions: tuple[Action, ...]
    contact: Vasp | None = None
    resting: tuple[Stop, ...] = ()

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return {Kind.MIXER: f"{self.entity.id}-exposure", Kind.ISSUER: f"{self.entity.id}-issuer"}.get(
            self.kind, self.entity.id
        )

    @property
    def found(self) -> tuple[Credit, ...]:
        """The credits into addresses that somebody holds an account for."""
        return tuple(credit for credit in self.deposits if not credit.pooled)

    @property
    def pooled(self) -> tuple[Credit, ...]:
        """The credits straight into wallets that pool the funds of many."""
        return tuple(credit for credit in self.deposits if credit.pooled)

    @property
    def reply_days(self) -> int:
        """How many days after receipt the answer is due; none where nothing is asked."""
        return REPLY_DAYS if self.actions else 0

    def asks(self, kind: str) -> Action | None:
        """Return the action of a kind, if it is asked for."""
        return next((one for one in self.actions if one.kind == kind), None)


def caps_of(held: list[Credit], rule: Rule) -> Iterable[Cap]:
    """Return what credits carry, per asset."""
    for asset, units in received(held).items():
        taint = summed((c for c in held if c.hop.amount.asset == asset), held[0].hop.taint)
        low, high = envelope(taint)
        yield Cap(asset, taint[rule], low, high, units)
