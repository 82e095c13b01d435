"""Where a case begins: each theft, or the value marked where no theft is stated."""

from __future__ import annotations

from flowtrace.model import Amount, Result, Theft, Transfer
from flowtrace.report.cells import count, printable, thousands, utc
from flowtrace.report.document.words import decoded, exact
from flowtrace.report.subject import is_theft

UNSTATED = (
    "No word is held on where this value came from: the case begins at an address or a transaction. It is "
    "marked there, and followed as such."
)


def began(result: Result, theft: Theft) -> str:
    """Return what is followed: a theft as the record shows it, or what was marked."""
    return _stolen(result, theft) if is_theft(result.incident) else _marked(result, theft)


def theft_transfer(result: Result, theft: Theft) -> Transfer | None:
    """Return the transfer by which a stolen amount left its victim."""
    return next((t for t in result.transfers if t.id == theft.transfer), None)


def _stolen(result: Result, theft: Theft) -> str:
    transfer = theft_transfer(result, theft)
    amount = f"{exact(theft.asset, theft.units)}{_worth(result, theft, transfer)}"
    way = f"left {theft.origin} for" if theft.victim else "came to"
    if transfer is None:
        return f"{amount} {way} {theft.thief.display}."
    return (
        f"On {utc(transfer.time)[:10]} ({transfer.where}) {amount} {way} {theft.thief.display} in "
        f"transaction {transfer.tx}.{decoded([transfer])}"
    )


def _marked(result: Result, theft: Theft) -> str:
    """Say what is followed where no theft is stated: one payment, or all that came to an address."""
    if not theft.is_mark:
        return f"{_stolen(result, theft)} It is marked and followed."
    hops = [h for h in result.trace.hops if h.theft == theft.id and h.depth == 0]
    if not hops:
        return (
            f"{exact(theft.asset, theft.units)} that came to {theft.thief.display} are marked and followed."
        )
    first, last = (utc(end(h.transfer.time for h in hops))[:10] for end in (min, max))
    when = f"on {first}" if first == last else f"from {first} to {last}"
    transfers = {h.transfer.id: h.transfer for h in hops}.values()
    legs = (leg for one in transfers for leg in one.inputs if leg.asset == theft.asset)
    payers = {leg.address for leg in legs if leg.address is not None}
    who = f"{count(len(payers), 'address')} that this trace had not met before" if payers else "no address"
    return (
        f"{exact(theft.asset, theft.units)} came to {theft.thief.display} {when}, in "
        f"{count(len(hops), 'payment')} from {who}. This is marked and followed.{decoded(transfers)}"
    )


def _worth(result: Result, theft: Theft, transfer: Transfer | None) -> str:
    """Return what an amount was worth at its block, where somebody's quote is held."""
    price = result.prices.get((theft.asset, transfer.time)) if transfer else None
    if price is None:
        return ""
    value = price.value(Amount(theft.asset, theft.units))
    return f" (worth USD\u00a0{thousands(value)} then: {printable(price.said)})"
