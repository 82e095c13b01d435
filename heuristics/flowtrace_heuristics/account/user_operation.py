"""Who acts in a user operation (ERC-4337): its sender; never the bundler, and no funder is the paymaster."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Class,
    Distinct,
    Fact,
    Family,
    Finding,
    Nature,
    Pattern,
    RuleCard,
)
from flowtrace_heuristics.account.entry_points import ENTRY_POINTS, user_operations

MANY = 10
_SHOWN = 50

CARD = RuleCard(
    id="user_operation",
    version=2,
    claim=(
        "The actor of a user operation is its sender. The bundler that signs the transaction only carries "
        "it, and a paymaster only pays its gas: neither is the sender's owner or funder for that. One that "
        "serves ten senders or more is distinct from each."
    ),
    cls=Class.D,
    citation="ERC-4337, event UserOperationEvent",
    parameters=(
        ("senders_of_a_public_service", str(MANY)),
        ("entry_points", ", ".join(f"{where} ({version})" for where, version in ENTRY_POINTS.items())),
    ),
    failures=(
        "somebody may bundle for himself: below ten senders nothing is said of bundler and sender",
        "somebody who runs a public bundler may own one of its senders too",
        "an operation by an entry point that is not on the list is not read: anybody can write one",
    ),
    falsified_by="the entry point's event names another sender",
    nature=Nature.PROTOCOL,
    chains=(Family.EVM,),
)


@heuristic(CARD)
def user_operation(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield who acts by user operations, and whom none of those that serve them are."""
    del attribution
    acted: dict[Address, list[Fact]] = {}
    served: dict[Address, dict[Address, Fact]] = {}
    for fact in user_operations(ledger):
        sender = fact.party("sender")
        if sender is None:
            continue
        acted.setdefault(sender, []).append(fact)
        for role in ("bundler", "paymaster"):
            server = fact.party(role)
            if server is not None and server != sender:
                served.setdefault(server, {}).setdefault(sender, fact)
    for sender, facts in sorted(acted.items()):
        yield _actor(sender, facts)
    for server, senders in sorted(served.items()):
        if len(senders) >= MANY:
            for sender, fact in sorted(senders.items()):
                first, second = sorted((sender, server))
                yield Distinct(first, second, by(CARD), (fact.id,))


def _actor(sender: Address, facts: list[Fact]) -> Pattern:
    servers = {fact.party(role) for fact in facts for role in ("bundler", "paymaster")}
    others = sorted(one for one in servers if one is not None and one != sender)
    failed = sum(fact.figure("success") in {"0", "false"} for fact in facts)
    figures = (("operations", str(len(facts))), ("failed", str(failed)), ("served_by", str(len(others))))
    words = "acts by user operations: the sender acts, those who carry and pay for them do not"
    because = tuple(fact.id for fact in facts[:_SHOWN])
    return Pattern("user operations", (sender, *others[:_SHOWN]), by(CARD), because, Class.D, figures, words)
