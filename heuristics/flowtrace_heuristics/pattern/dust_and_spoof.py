"""Noise that is listed and not followed: zero value, dust, and look-alike addresses.

After a theft is public, strangers write to the thief with tiny or empty transfers, and address poisoners send
from addresses that look like a payee. None of it may clutter a flow, none of it may vanish from the record.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Family, Finding, Kind, RuleCard, SetAside, Transfer

DUST = 10**15  # 0.001 of an 18-decimal coin
_ENDS = 4  # hexadecimal digits at each end that a person compares

CARD = RuleCard(
    id="dust_and_spoof",
    version=1,
    claim=(
        "A transfer of nothing that calls no labelled service, of less than the dust limit from an address "
        "the receiver never paid, or from an address that looks like one of the receiver's payees, is noise: "
        "listed, not followed."
    ),
    cls=Class.P,
    citation="flowtrace pattern 4.10 (counterfeit and spoof noise); dust attacks as described by explorers",
    parameters=(("dust_base_units", str(DUST)), ("look_alike_digits_each_end", str(_ENDS))),
    failures=(
        "value cut into pieces below the dust limit is set aside; it still counts in every balance",
        "a genuine address may share its first and last digits with another by chance (1 in 4 billion pairs)",
    ),
    falsified_by="a set-aside transfer is shown to be part of the flow, for instance as gas for the next hop",
)


@heuristic(CARD)
def dust_and_spoof(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the transfers to set aside, each with its reason."""
    payees: dict[Address, dict[str, Address]] = {}
    paid: set[tuple[Address, Address]] = set()
    for transfer in ledger:
        source, target = transfer.source, transfer.target
        if source is None or target is None or not _native_value(transfer):
            continue
        if not transfer.amount.units and attribution.service(target) is not None:
            continue  # a call to a service moves what this record may not show
        twin = payees.get(target, {}).get(_ends(source), source)
        why = _why(ledger, transfer, twin) if (target, source) not in paid else ""
        if why:
            yield SetAside(transfer.id, target, by(CARD), why)
        elif transfer.amount.units:
            paid.add((source, target))
            payees.setdefault(source, {})[_ends(target)] = target


def _native_value(transfer: Transfer) -> bool:
    evm = transfer.source is not None and transfer.source.chain.family is Family.EVM
    return evm and transfer.kind is Kind.VALUE and transfer.ok


def _why(ledger: Ledger, transfer: Transfer, twin: Address) -> str:
    """Return why a transfer is noise, or nothing; ``twin`` is the payee the sender resembles, or itself."""
    units = transfer.amount.units
    if twin != transfer.source and units < DUST:
        return f"look-alike: the sender resembles {twin.display}, which the receiver pays"
    if not units:
        others = ledger.transaction(transfer.chain_id, transfer.tx)
        bare = all(t.kind is Kind.FEE or not t.amount.units for t in others)
        return "zero value" if bare else ""
    return "dust from an address the receiver never paid" if units < DUST else ""


def _ends(address: Address) -> str:
    return address.account[2 : 2 + _ENDS] + address.account[-_ENDS:]
