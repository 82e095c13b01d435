"""The way back from an address, over a case's ledger: where its funds came from."""

from __future__ import annotations

from flowtrace import trace
from flowtrace.case import settings as read
from flowtrace.case.seeded import own_assets
from flowtrace.case.work import Worked, end_of_addresses, give
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Origin, Rule


def origins_of(ledger: Ledger, done: Worked, address: Address, *, rule: Rule) -> tuple[Origin, ...]:
    """Return where what an address received came from: the chain's coin, and what it sent on itself."""
    policy = done.tracer.policy
    minimum = dict(policy.minimum)
    origins = trace.Origins(
        address,
        own_assets(address, ledger.of(address)),
        end_of_addresses(done.book, done.findings),
        thefts=done.tracer.stated(),
        openings=policy.openings,
        budget=policy.budget,
        least=lambda asset: minimum.get(asset, read.least_of(asset)),
    )
    origins.add(address, ledger.of(address) or None)  # what the record shows of it, whole or not
    while wanted := origins.wanted():
        for each in wanted:
            give(origins, ledger, each)
    found = (origins.origin(asset, rule) for asset in origins.assets)
    return tuple(origin for origin in found if origin.received)
