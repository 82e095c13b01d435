"""What the amounts under the rules rest on, where the record does not show where value came from."""

from __future__ import annotations

from flowtrace.model import (
    Address,
    Asset,
    Gap,
    GapKind,
    Result,
    RoleName,
    Rule,
    StopReason,
    Theft,
    decimal_text,
    envelope,
)
from flowtrace.report.cells import plain, rounded


def assumption(result: Result) -> str:
    """Say in words what is taken for not stolen because the record lacks its source; empty where nothing is.

    Under LIFO and LIBR such value leaves an address before the stolen value, so a recipient may show nothing
    under them for want of a record, and not because what reached it was somebody else's.
    """
    return " ".join(text for theft in result.incident.thefts for text in _of_theft(result, theft))


def _of_theft(result: Result, theft: Theft) -> list[str]:
    gaps = [g for g in result.trace.gaps if g.kind is GapKind.UNRECORDED and _is_of(g, theft.asset)]
    if not gaps:
        return []
    addresses = [g.address for g in gaps if g.address is not None]
    units = sum(g.amount.units for g in gaps if g.amount is not None)
    who = "One address" if len(gaps) == 1 else f"{len(gaps)} addresses"
    other = _other_thefts(result, theft, addresses)
    met = f" {who} received the stolen {other}{_swapped(result, addresses)}." if other else ""
    amount = f"{rounded(theft.asset, units)} {plain(theft.asset.symbol)}"
    of = "what they sent" if other else f"what {who.lower()} sent"
    said = (
        f"{met} {amount} of {of} has no source in this record, which lacks token logs and internal "
        "transfers. Every rule but poison counts it as not stolen."
    ).strip()
    return [said, *_zeros(result, theft, other)]


def _is_of(gap: Gap, asset: Asset) -> bool:
    return gap.amount is not None and gap.amount.asset == asset


def _other_thefts(result: Result, theft: Theft, addresses: list[Address]) -> str:
    """Return the other stolen assets that arrived at these addresses, as words."""
    arrived: dict[str, int] = {}
    for hop in result.trace.hops:
        if hop.theft != theft.id and hop.transfer.target in addresses:
            arrived[hop.theft] = arrived.get(hop.theft, 0) + hop.transfer.amount.units
    named = [t for t in result.incident.thefts if t.id in arrived]
    return " and ".join(
        f"{decimal_text(arrived[t.id], t.asset.decimals)} {plain(t.asset.symbol)}" for t in named
    )


def _swapped(result: Result, addresses: list[Address]) -> str:
    swappers = {r.address for r in result.trace.roles if r.role is RoleName.SWAPPER}
    return " and called decentralised exchanges" if set(addresses) <= swappers else ""


def _zeros(result: Result, theft: Theft, other: str) -> list[str]:
    """Explain recipients that show nothing under some rule though value reached them."""
    deposits = [s for s in result.trace.stops if s.theft == theft.id and s.reason is StopReason.DEPOSIT]
    rules = [r for r in result.trace.rules if r is not Rule.POISON]
    empty = [r.words for r in rules if deposits and not sum(s.taint[r] for s in deposits)]
    if not empty or not any(envelope(s.taint)[1] for s in deposits):
        return []
    names = sorted({plain(s.entity.name) for s in deposits if s.entity})
    source = f"the proceeds of the stolen {other}" if other else "stolen value in another form"
    text = (
        f"Under {' and '.join(empty)} that value is what went to {' and '.join(names)}, which therefore show "
        f"0 under these rules. If it is {source}, the zero reflects a gap in the record, not other people's "
        "money."
    )
    return [text]
