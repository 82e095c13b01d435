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
_VALUE = tuple(Kind).index(Kind.VALUE)
_ENDS = 4  # hexadecimal digits at each end that a person compares

CARD = RuleCard(
    id="dust_and_spoof",
    version=1,
    claim=(
        "A transfer of coin of less than the dust limit, or of nothing, from an address that the receiver "
        "never paid, is noise, the more so where the sender looks like one of the receiver's payees: listed, "
        "not followed. One of nothing is none where it calls a labelled service or moves anything else."
    ),
    cls=Class.P,
    citation="flowtrace pattern 4.10 (counterfeit and spoof noise); dust attacks as described by explorers",
    parameters=(("dust_base_units", str(DUST)), ("look_alike_digits_each_end", str(_ENDS))),
    failures=(
        "value cut into pieces below the dust limit is set aside; it still counts in every balance",
        "a genuine address may share its first and last digits with another by chance (1 in 4 billion pairs)",
    ),
    falsified_by="a set-aside transfer is shown to be part of the flow, for instance as gas for the next hop",
    chains=(Family.EVM,),
)


@heuristic(CARD)
def dust_and_spoof(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the transfers to set aside, each with its reason."""
    payees: dict[int, dict[str, int]] = {}
    paid: set[tuple[int, int]] = set()
    for place, source, target in _native_values(ledger):
        units = ledger.leg_units[ledger.start[place]]
        if not units and attribution.service(ledger.addresses[target]) is not None:
            continue  # a call to a service moves what this record may not show
        why = ""
        if units < DUST and (target, source) not in paid:
            ends = _ends(ledger.addresses[source])
            twin = payees.get(target, {}).get(ends, source)
            why = _why(ledger, ledger[place], ledger.addresses[twin])
        if why:
            yield SetAside(ledger[place].id, ledger.addresses[target], by(CARD), why)
        elif units:
            paid.add((source, target))
            payees.setdefault(source, {})[_ends(ledger.addresses[target])] = target


def _native_values(ledger: Ledger) -> Iterator[tuple[int, int, int]]:
    """Yield (place, source, target) of what transactions of EVM chains themselves pay."""
    evm = {address.chain_id for address in ledger.addresses if address.chain.family is Family.EVM}
    for place in range(len(ledger)):
        if ledger.kind[place] == _VALUE and ledger.ok[place] and ledger.chain[place] in evm:
            source, target = (ledger.leg_address[ledger.start[place] + side] for side in (0, 1))
            if source >= 0 and target >= 0:
                yield place, source, target


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
