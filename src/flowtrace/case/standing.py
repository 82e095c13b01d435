"""How a case stands, in words: what it did not follow, and whom it would ask."""

from __future__ import annotations

from flowtrace.case import settings as read
from flowtrace.case.health import sources
from flowtrace.case.reach import Reach
from flowtrace.case.turns import chosen
from flowtrace.ledger import Ledger
from flowtrace.model import Family, Result, StopReason


def unfinished(result: Result, ledger: Ledger, *, is_live: bool) -> str:
    """Return why the trace did not follow all that it wanted to; empty where it did."""
    cut = [stop for stop in result.trace.stops if stop.reason is StopReason.BUDGET]
    whys = [f"the budget of addresses is spent ({len(cut)} not followed)"] if cut else []
    lacks = [lack for lack in ledger.lacks if not lack.crowded]
    whys += [f"{len(lacks)} of what was wanted could not be read, first: {lacks[0].why}"] if lacks else []
    if is_live and not lacks:
        silent = {stop.address for stop in result.trace.stops if stop.reason is StopReason.NO_DATA}
        count = sum(address.chain.family is not Family.BANK for address in silent)  # nobody to ask there
        whys += [f"{count} addresses were not asked about yet"] if count else []
    return "; ".join(whys)


def planned(settings: read.Settings, reach: Reach) -> list[str]:
    """Return whom a live case would ask, in which order and how fast."""
    chains = {seed.chain for seed in settings.seeds}
    budget = read.policy_of(settings, ()).budget
    lines = [f"at most {budget} addresses, {reach.requests or 'any number of'} requests"]
    ids = {one.id for one in chosen(reach)}
    asked = (one for one in sources() if one.provider.id in ids and one.provider.chain in chains)
    return [*lines, *(f"{one.provider.id}: {one.state}, {one.pace}" for one in asked)]
