"""Of which asset, near which time, a case wants a price."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace import report
from flowtrace.case.settings import Settings
from flowtrace.case.unkeyed import unkeyed
from flowtrace.case.work import Worked
from flowtrace.crossing.keyless import BY
from flowtrace.ledger import Ledger
from flowtrace.model import Asset, Result, Standing

Wanted = tuple[Asset, int]


def quotes_wanted(settings: Settings, ledger: Ledger, worked: Worked, *, result: Result) -> Iterator[Wanted]:
    """Yield what is to be priced: thefts, credits to exchanges, what came to swappers and all they pay."""
    hops = [hop for hop in result.trace.hops if hop.depth == 0]
    hops += [credit.hop for credit in report.credits_of(result)]
    yield from ((hop.amount.asset, hop.transfer.time) for hop in hops)
    untried = [one for one in result.trace.likely if (one.by, one.standing) == (BY, Standing.UNTRIED)]
    if not untried:
        return
    records = unkeyed(settings.inferred, ledger, worked.book, findings=worked.findings).trial.records
    known = {(hop.transfer.id, hop.leg): hop for hop in result.trace.hops}
    for one in untried:
        hop, paid = known[one.gave], records.of(one.protocol).payouts
        assets = [hop.amount.asset, *paid] if paid else []
        yield from ((asset, hop.transfer.time) for asset in assets)
