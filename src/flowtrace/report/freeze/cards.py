"""The rules that a request rests on: those that gave an address on its ways its role, and no other."""

from __future__ import annotations

from flowtrace.model import Result, RuleCard
from flowtrace.report.freeze.request import FreezeRequest


def cards_of(result: Result, request: FreezeRequest) -> tuple[RuleCard, ...]:
    """Return the cards of these rules, in the order of the case's."""
    on_the_way = {address for hop in request.hops for address in (hop.source, hop.target)}
    used = {role.by for role in result.trace.roles if role.address in on_the_way}
    return tuple(card for card in result.rule_cards if f"{card.id}/{card.version}" in used)
