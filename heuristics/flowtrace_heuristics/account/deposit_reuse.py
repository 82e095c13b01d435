"""Exchange deposit addresses, found by their sweeps into the exchange's wallet; and who shares one.

Victor 2020 (Algorithm 1), in integers: no rounding, gas counted, plus our own condition that everything the
address ever sends goes to wallets of one exchange. That condition also keeps out whoever pays a deposit
address: a user is none himself. It reads the ledger's columns, so a million transfers take half a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Class,
    FactKind,
    Family,
    Finding,
    Kind,
    Label,
    Pattern,
    Role,
    RoleName,
    RuleCard,
    SameOwner,
    Scope,
    decimal_text,
)
from flowtrace_heuristics.account.exchanges import candidates, exchange
from flowtrace_heuristics.account.forwarders import forwarders
from flowtrace_heuristics.account.payments import NOBODY, Payments, code, name, payments
from flowtrace_heuristics.account.sweeps import (
    ALLOWANCE,
    EXACT,
    GAS_WINDOW,
    MOST_TRIED,
    WINDOW,
    Sweeper,
    Swept,
)

MOST_USERS = 50  # more distinct payers than this are customers of a broker, not one owner
_SHOWN = 50  # reasons given of one finding

CARD = RuleCard(
    id="deposit_reuse",
    version=2,
    claim=(
        "An address is a deposit address of an exchange when all it ever sends goes to labelled wallets of "
        "that one exchange and at least one such transfer empties it, passes a payment on whole but for the "
        "gas, passes on a token payment of the same amount, or is paid for with gas that the exchange sent; "
        "or when the contract that made such addresses made it too, of the same code. Payers whose payment "
        "was swept on are one owner when they share it."
    ),
    cls=Class.P,
    citation=(
        "Victor 2020, Address Clustering Heuristics for Ethereum, Financial Cryptography, Algorithm 1; the "
        "confidence of a pair that is not exact is Tutela's (Wu et al. 2022)"
    ),
    parameters=(
        ("allowance_base_units", str(ALLOWANCE)),
        ("window_blocks", str(WINDOW)),
        ("most_users", str(MOST_USERS)),
        ("gas_window_blocks", str(GAS_WINDOW)),
        ("most_payments_tried", str(MOST_TRIED)),
    ),
    failures=(
        "a customer's own address that pays only the exchange's wallet looks like a deposit address",
        "deposit addresses of brokers and payment processors at the exchange join all their customers, where "
        "they are no more than the most users",
        "a wrong label on the receiving wallet makes every address that empties into it wrong",
        "a maker of contracts that several exchanges rent makes deposit addresses of all of them; it is left "
        "alone only once two of them are seen",
    ),
    falsified_by="the exchange states that the address was never assigned to a customer",
    chains=(Family.EVM,),
    ends=True,
)
_SCOPES = {
    code(kind): scope
    for kind, scope in (
        (Kind.VALUE, Scope.EXTERNAL), (Kind.CALL, Scope.EXTERNAL),
        (Kind.INTERNAL, Scope.INTERNAL), (Kind.TOKEN, Scope.TOKEN),
    )
}  # fmt: skip


@heuristic(CARD)
def deposit_reuse(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the deposit addresses, then the payers that share one."""
    paid = payments(ledger)
    of = candidates(ledger, attribution, paid)
    found = _swept(ledger, paid, of=of, attribution=attribution)
    payers = _Payers(ledger, attribution, paid)
    for number, swept in found.items():
        address, owner = ledger.addresses[number], of[number]
        yield _role(ledger, address, owner=owner, swept=swept)
        yield from _shared(ledger, address, matched=payers.of(swept))
    known = {ledger.addresses[number]: of[number] for number in found}
    for forwarder, owner, facts in forwarders(ledger, attribution, known):
        detail = f"made by the contract, and of the code, of deposit addresses of {owner.text}"
        entity = owner.entity.id if owner.entity else ""
        yield Role(forwarder, RoleName.DEPOSIT, entity, by(CARD), facts, Class.P, detail)


def _swept(
    ledger: Ledger, paid: Payments, *, of: Mapping[int, Label], attribution: Attribution
) -> dict[int, Swept]:
    """Return what each candidate passed on, if anything, and the record is complete in what shows it."""
    import numpy as np

    ours = np.zeros(len(ledger.addresses) + 1, dtype=bool)
    ours[list(of)] = True
    rows = paid.where(ours[paid.source] | ours[paid.target])
    found = {number: Swept() for number in of}
    Sweeper(ledger, rows, found=found, gas=_gas(ledger, rows, of=of, attribution=attribution)).run()
    return {number: swept for number, swept in found.items() if swept and _recorded(ledger, number, swept)}


def _gas(
    ledger: Ledger, rows: Payments, *, of: Mapping[int, Label], attribution: Attribution
) -> set[tuple[int, int]]:
    """Return (candidate, payer) where a wallet of the candidate's own exchange sends it coin for its tokens."""
    tokens = rows.where(rows.moved & ~rows.in_coin)
    sweeping = of.keys() & set(tokens.source.tolist())
    coin = rows.where(rows.moved & rows.in_coin)
    pairs = {
        (address, payer)
        for address, payer in zip(coin.target.tolist(), coin.source.tolist(), strict=True)
        if address in sweeping
    }
    payer_of = {payer: exchange(attribution, ledger.addresses[payer]) for _, payer in pairs}
    return {(a, payer) for a, payer in pairs if _same_entity(payer_of[payer], of[a])}


def _same_entity(label: Label | None, owner: Label) -> bool:
    return label is not None and label.entity is not None and label.entity == owner.entity


def _recorded(ledger: Ledger, number: int, swept: Swept) -> bool:
    """Tell whether the record is complete in every scope by which the address sends."""
    held = ledger.coverage_of(ledger.addresses[number])
    scopes = {Scope.EXTERNAL, *(_SCOPES[ledger.kind[place]] for place in swept.places)}
    return all(scope in held and held[scope].complete for scope in scopes)


class _Payers:
    """Tells which payers may be a person: no service, no contract, nobody who is paid new coin."""

    def __init__(self, ledger: Ledger, attribution: Attribution, paid: Payments) -> None:
        minted = paid.target[(paid.source == NOBODY) & (paid.target != NOBODY)]
        self._not = {ledger.addresses[number] for number in set(minted.tolist())}
        for fact in ledger.told(FactKind.CREATION):
            self._not.update(fact.all_of("contract"))
        self._addresses, self._service = ledger.addresses, attribution.service

    def of(self, swept: Swept) -> list[tuple[Address, int, int, int]]:
        """Return (payer, place of the payment, place of its sweep, confidence) of each person's payment."""
        named = [(self._addresses[payer], *rest) for payer, *rest in swept.pairs]
        return [(a, p, s, sure) for a, p, s, sure in named if a not in self._not and not self._service(a)]


def _role(ledger: Ledger, address: Address, *, owner: Label, swept: Swept) -> Role:
    entity = owner.entity.id if owner.entity else ""
    if swept.emptied:
        places, detail = [place for place, _ in swept.emptied], _emptied(ledger, address, owner, swept)
    else:
        places, detail = _passed_on(owner, swept)
    because = tuple(name(ledger, place) for place in places[:_SHOWN])
    return Role(address, RoleName.DEPOSIT, entity, by(CARD), because, Class.P, detail)


def _emptied(ledger: Ledger, address: Address, owner: Label, swept: Swept) -> str:
    legs = [ledger.start[place] for place, _ in swept.emptied]
    exact = sum(left == 0 for _, left in swept.emptied)
    chain = address.chain
    wallets = sorted({ledger.addresses[ledger.leg_address[leg + 1]].display for leg in legs})
    total = decimal_text(sum(ledger.leg_units[leg] for leg in legs), chain.decimals)
    left = decimal_text(max(left for _, left in swept.emptied), chain.decimals)
    return (
        f"{len(legs)} sweep{'s' * (len(legs) > 1)} of {total} {chain.symbol} in all into {owner.text} "
        f"({', '.join(wallets)}), leaving at most {left} {chain.symbol} behind; {exact} of {len(legs)} exact to "
        "the last unit"
    )


def _passed_on(owner: Label, swept: Swept) -> tuple[list[int], str]:
    """Return the places of what shows it, each payment before its sweep, and the words."""
    if swept.pairs:
        places = [place for _, payment, sweep, _ in swept.pairs for place in (payment, sweep)]
        exact = sum(sure == EXACT for *_, sure in swept.pairs)
        words = f"passed {len(swept.pairs)} payments on to {owner.text}, {exact} of them exactly"
    else:
        places = [place for pair in swept.fuelled for place in pair]
        words = f"sent tokens to {owner.text} within {GAS_WINDOW} blocks of its gas, {len(swept.fuelled)} times"
    return list(dict.fromkeys(places)), words


def _shared(
    ledger: Ledger, address: Address, *, matched: Sequence[tuple[Address, int, int, int]]
) -> Iterator[Finding]:
    first: dict[Address, tuple[int, int, int]] = {}
    for payer, *rest in matched:
        payment, sweep, sure = rest
        first.setdefault(payer, (payment, sweep, sure))
    payers = sorted(first)
    if len(payers) > MOST_USERS:
        shown = tuple(name(ledger, place) for place in sorted(p for p, _, _ in first.values())[:_SHOWN])
        figures = (("users", str(len(payers))), ("most_users", str(MOST_USERS)))
        words = f"{len(payers)} payers share it: customers of a broker or the like, and joined by nothing here"
        yield Pattern("service deposit", (address,), by(CARD), shown, Class.P, figures, words)
        return
    for payer in payers[1:]:
        pair = (first[payers[0]], first[payer])
        because = tuple(name(ledger, place) for one in pair for place in one[:2])
        sure = min(one[2] for one in pair)
        score = "" if sure == EXACT else decimal_text(sure, 4)
        yield SameOwner(payers[0], payer, by(CARD), because, score=score)
