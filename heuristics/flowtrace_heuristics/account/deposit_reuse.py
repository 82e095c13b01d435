"""Exchange deposit addresses, found by their sweeps into the exchange's wallet; and who shares one.

Victor 2020 (Algorithm 1), in integers: no rounding, gas counted, plus our own condition that everything the
address ever sends goes to wallets of one exchange.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Category,
    Class,
    Family,
    Finding,
    Kind,
    Label,
    Role,
    RoleName,
    RuleCard,
    SameOwner,
    Scope,
    Transfer,
    decimal_text,
)

ALLOWANCE = 10**16  # 0.01 of an 18-decimal coin: a_max in Victor 2020
WINDOW = 3_200  # blocks: t_max in Victor 2020
MOST_USERS = 50  # more distinct payers than this are customers of a broker, not one owner

CARD = RuleCard(
    id="deposit_reuse",
    version=1,
    claim=(
        "An address is a deposit address of an exchange when all it ever sends goes to labelled wallets of "
        "that one exchange and at least one such transfer empties it. Payers whose payment was swept on are "
        "one owner when they share it."
    ),
    cls=Class.P,
    citation="Victor 2020, Address Clustering Heuristics for Ethereum, Financial Cryptography, Algorithm 1",
    parameters=(
        ("allowance_base_units", str(ALLOWANCE)),
        ("window_blocks", str(WINDOW)),
        ("most_users", str(MOST_USERS)),
    ),
    failures=(
        "a customer's own address that pays only the exchange's wallet looks like a deposit address",
        "deposit addresses of brokers and payment processors at the exchange join all their customers",
        "a wrong label on the receiving wallet makes every address that empties into it wrong",
    ),
    falsified_by="the exchange states that the address was never assigned to a customer",
    chains=(Family.EVM,),
    ends=True,
)


@heuristic(CARD)
def deposit_reuse(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the deposit addresses, then the payers that share one."""
    for address in sorted(_candidates(ledger, attribution)):
        sent = [t for t in ledger.outgoing(address) if t.ok and t.amount.units and t.kind is not Kind.FEE]
        owner = _one_exchange(sent, attribution)
        sweeps = _sweeps(ledger, address)
        if owner is None or owner.entity is None or not sweeps:
            continue
        yield _role(address, owner, sweeps)
        yield from _shared(_swept_payers(ledger, address, sent=sent, attribution=attribution))


def _candidates(ledger: Ledger, attribution: Attribution) -> set[Address]:
    """Return addresses that paid an exchange's wallet, with complete records, no services themselves."""
    payers = {
        transfer.source
        for wallet in ledger.addresses
        if wallet.chain.family is Family.EVM and _exchange(attribution, wallet) is not None
        for transfer in ledger.incoming(wallet)
    }
    return {a for a in payers if a and _complete(ledger, a) and attribution.service(a) is None}


def _complete(ledger: Ledger, address: Address) -> bool:
    coverage = ledger.coverage_of(address).get(Scope.EXTERNAL)
    return coverage is not None and coverage.complete


def _exchange(attribution: Attribution, address: Address) -> Label | None:
    label = attribution.service(address)
    return label if label is not None and label.category is Category.EXCHANGE else None


def _one_exchange(sent: Sequence[Transfer], attribution: Attribution) -> Label | None:
    """Return the label of the one exchange that got everything sent, or None."""
    labels = [_exchange(attribution, t.target) if t.target else None for t in sent]
    if not labels or any(label is None or label.entity is None for label in labels):
        return None
    owners = {label.entity.id for label in labels if label and label.entity}
    return labels[0] if len(owners) == 1 else None


def _sweeps(ledger: Ledger, address: Address) -> list[tuple[Transfer, int]]:
    """Return (transfer, units left) for each that leaves at most the allowance, and less than it sent."""
    balance = 0
    sweeps = []
    for transfer in ledger.of(address):
        if transfer.amount.asset.contract or not (transfer.ok or transfer.kind is Kind.FEE):
            continue
        if transfer.target == address:
            balance += transfer.amount.units
        if transfer.source == address:
            balance -= transfer.amount.units
            if transfer.kind is Kind.VALUE and 0 <= balance <= ALLOWANCE and balance < transfer.amount.units:
                sweeps.append((transfer, balance))
    return sweeps


def _role(address: Address, owner: Label, sweeps: Sequence[tuple[Transfer, int]]) -> Role:
    swept = sum(t.amount.units for t, _ in sweeps)
    exact = sum(left == 0 for _, left in sweeps)
    decimals, symbol = address.chain.decimals, address.chain.symbol
    wallets = sorted({t.target.display for t, _ in sweeps if t.target})
    most = max(left for _, left in sweeps)
    total, left = decimal_text(swept, decimals), decimal_text(most, decimals)
    detail = (
        f"{len(sweeps)} sweep{'s' * (len(sweeps) > 1)} of {total} {symbol} in all into {owner.text} "
        f"({', '.join(wallets)}), leaving at most {left} {symbol} behind; {exact} of {len(sweeps)} exact to "
        "the last unit"
    )
    entity = owner.entity.id if owner.entity else ""
    because = tuple(t.id for t, _ in sweeps)
    return Role(address, RoleName.DEPOSIT, entity, by(CARD), because, Class.P, detail)


def _swept_payers(
    ledger: Ledger, address: Address, *, sent: Sequence[Transfer], attribution: Attribution
) -> list[tuple[Address, Transfer, Transfer]]:
    """Return (payer, payment, sweep): for each sweep the latest payment that it passes on."""
    fees = {t.tx: t.amount.units for t in ledger.outgoing(address) if t.kind is Kind.FEE}
    paid = [t for t in ledger.incoming(address) if t.ok and t.kind is Kind.VALUE and t.amount.units]
    matched = []
    for sweep in (t for t in sent if t.kind is Kind.VALUE):
        payment = _payment_of(sweep, fees.get(sweep.tx, 0), paid)
        if payment is not None and payment.source and attribution.service(payment.source) is None:
            matched.append((payment.source, payment, sweep))
    return matched


def _payment_of(sweep: Transfer, fee: int, paid: Sequence[Transfer]) -> Transfer | None:
    """Return the latest payment the sweep passes on: exactly, gas counted, or within the allowance."""
    near = [t for t in paid if t.key < sweep.key and sweep.height - t.height <= WINDOW]
    exact = [t for t in near if t.amount.units == sweep.amount.units + fee]
    loose = [t for t in near if 0 <= t.amount.units - sweep.amount.units <= ALLOWANCE]
    matching = exact or loose
    return matching[-1] if matching else None


def _shared(matched: Sequence[tuple[Address, Transfer, Transfer]]) -> Iterator[SameOwner]:
    first: dict[Address, tuple[Transfer, Transfer]] = {}
    for payer, payment, sweep in matched:
        first.setdefault(payer, (payment, sweep))
    if not 1 < len(first) <= MOST_USERS:
        return
    payers = sorted(first)
    for payer in payers[1:]:
        because = tuple(t.id for p in (payers[0], payer) for t in first[p])
        yield SameOwner(payers[0], payer, by(CARD), because)
