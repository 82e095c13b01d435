"""Labelled services and mixers end a trace; who pays a mixer, and who calls a decentralised exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Category,
    Class,
    Finding,
    Kind,
    Label,
    Role,
    RoleName,
    RuleCard,
    Transfer,
    decimal_text,
)

CARD = RuleCard(
    id="service_stop",
    version=1,
    claim=(
        "An address labelled as a service (exchange wallet, mixer, bridge, decentralised exchange) pools "
        "value of many people, so a trace ends there. An address that pays a mixer is a mixer depositor; one "
        "that calls a decentralised exchange is a swapper."
    ),
    cls=Class.P,
    citation="Wu et al. 2023, TRacer, IEEE TIFS (service nodes as terminals); labels as cited with each",
    parameters=(),
    failures=(
        "a wrong or outdated label ends a trace too early",
        "an unlabelled service is followed as if it were one person's address",
    ),
    falsified_by="the labelled entity states, or its contract shows, that the address is not its own",
)


@heuristic(CARD)
def service_stop(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield a role for each labelled service the ledger touches and for its payers or callers."""
    for address in sorted(ledger.addresses):
        label = attribution.service(address)
        if label is None:
            continue
        touching = ledger.of(address)
        yield _service(address, label, touching)
        if label.category in (Category.MIXER, Category.DEX):
            yield from _users(address, label, touching=touching, attribution=attribution)


def _service(address: Address, label: Label, touching: Sequence[Transfer]) -> Role:
    entity = label.entity.id if label.entity else ""
    detail = f"labelled {label.text!r} ({label.category.value}) by {label.source}, {label.date}"
    return Role(address, RoleName.SERVICE, entity, by(CARD), (touching[0].id,), Class.P, detail)


def _users(
    service: Address, label: Label, *, touching: Sequence[Transfer], attribution: Attribution
) -> Iterator[Role]:
    calls: dict[Address, list[Transfer]] = {}
    for transfer in touching:
        user = transfer.source
        if _uses(transfer, service, label) and user is not None and attribution.service(user) is None:
            calls.setdefault(user, []).append(transfer)
    name = RoleName.MIXER_DEPOSITOR if label.category is Category.MIXER else RoleName.SWAPPER
    for user, made in sorted(calls.items()):
        because = tuple(t.id for t in made)
        entity = label.entity.id if label.entity else ""
        yield Role(user, name, entity, by(CARD), because, Class.P, _words(label, made))


def _uses(transfer: Transfer, service: Address, label: Label) -> bool:
    """Tell whether a transfer pays a mixer, or calls a decentralised exchange with or without value."""
    enough = transfer.amount.units > 0 or label.category is Category.DEX
    return transfer.target == service and transfer.kind is Kind.VALUE and transfer.ok and enough


def _words(label: Label, made: Sequence[Transfer]) -> str:
    if label.category is Category.DEX:
        return f"called {label.text} {len(made)} time{'s' * (len(made) > 1)}"
    amount = made[0].amount
    total = decimal_text(sum(t.amount.units for t in made), amount.asset.decimals)
    return f"paid {total} {amount.asset.symbol} to {label.text} in {len(made)} deposits"
