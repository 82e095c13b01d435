"""Exchange deposit addresses, found by their sweeps into the exchange's wallet; and who shares one.

Victor 2020 (Algorithm 1), in integers: no rounding, gas counted, plus our own condition that everything the
address ever sends goes to wallets of one exchange. That condition also keeps out whoever pays a deposit
address: a user is none himself. It reads the ledger's columns, so a million transfers take half a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Class,
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
from flowtrace_heuristics.account.payments import Columns, code, name
from flowtrace_heuristics.account.people import People
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
        "deposit addresses of brokers and payment processors at the exchange join all customers, if few",
        "a wrong label on the receiving wallet makes every address that empties into it wrong",
        "contracts made alike are found only where facts state salts: no source that flowtrace asks does yet",
        "a maker of contracts for several exchanges is left alone only once two of them are seen",
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
_VALUE = code(Kind.VALUE)


@heuristic(CARD)
def deposit_reuse(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the deposit addresses, then the payers that share one."""
    columns = Columns(ledger)
    of = candidates(ledger, attribution, columns)
    found = _swept(ledger, columns, of=of, attribution=attribution)
    payers = _Payers(ledger, People(ledger, attribution, columns))
    for number, swept in found.items():
        address, owner = ledger.addresses[number], of[number]
        yield _role(ledger, address, owner=owner, swept=swept)
        yield from _shared(ledger, address, payers.of(swept))
    known = {ledger.addresses[number]: of[number] for number in found}
    for forwarder, owner, facts in forwarders(ledger, attribution, known):
        detail = f"made by the contract, and of the code, of deposit addresses of {owner.text}"
        entity = owner.entity.id if owner.entity else ""
        yield Role(forwarder, RoleName.DEPOSIT, entity, by(CARD), facts, Class.P, detail)


def _swept(
    ledger: Ledger, columns: Columns, *, of: Mapping[int, Label], attribution: Attribution
) -> dict[int, Swept]:
    """Return what each candidate passed on, if anything, and the record is complete in what shows it."""
    import numpy as np

    ours = np.zeros(len(ledger.addresses) + 1, dtype=bool)
    ours[list(of)] = True
    rows = np.flatnonzero(columns.usable & (ours[columns.source] | ours[columns.target]))
    sweeper = Sweeper(ledger, columns.payments(rows), ours)
    found = sweeper.found()
    gas = np.flatnonzero(sweeper.for_gas)
    payers = {
        one: exchange(attribution, ledger.addresses[one]) for one in set(sweeper.rows.source[gas].tolist())
    }
    pairs = zip(sweeper.rows.source[gas].tolist(), sweeper.owner[gas].tolist(), strict=True)
    own = [_same_entity(payers[payer], of[owner]) for payer, owner in pairs]
    for owner, bought, sweep in sweeper.fuelled(gas[own]):
        found[owner].fuelled.append((bought, sweep))
    return {number: swept for number, swept in found.items() if _recorded(ledger, number, swept)}


def _same_entity(label: Label | None, owner: Label) -> bool:
    return label is not None and label.entity is not None and label.entity == owner.entity


def _recorded(ledger: Ledger, number: int, swept: Swept) -> bool:
    """Tell whether the record is complete in every scope by which the address sends."""
    held = ledger.coverage_of(ledger.addresses[number])
    kinds = {_VALUE, *(ledger.kind[place] for place in swept.places)}
    scopes = (held.get(_SCOPES[kind]) for kind in kinds)
    return all(scope is not None and scope.complete for scope in scopes)


class _Payers:
    """Tells whose payments a deposit address passed on, persons only."""

    def __init__(self, ledger: Ledger, people: People) -> None:
        self._addresses, self._people = ledger.addresses, people

    def of(self, swept: Swept) -> list[tuple[Address, int, int, int]]:
        """Return (payer, place of the payment, place of its sweep, confidence), the first of each person.

        Nobody is looked up where one payer paid it all.
        """
        first: dict[int, tuple[int, int, int]] = {}
        for payer, payment, sweep, sure in swept.pairs:
            held = first.get(payer)
            if held is None or sweep < held[1]:
                first[payer] = (payment, sweep, sure)
        named = [(self._addresses[payer], *rest) for payer, rest in first.items()]
        return sorted(one for one in named if one[0] in self._people) if len(first) > 1 else []


def _role(ledger: Ledger, address: Address, *, owner: Label, swept: Swept) -> Role:
    entity = owner.entity.id if owner.entity else ""
    if swept.emptied:
        places, detail = (
            [place for place, _ in swept.emptied],
            _emptied(ledger, address, owner=owner, swept=swept),
        )
    else:
        places, detail = _passed_on(owner, swept)
    because = tuple(name(ledger, place) for place in places[:_SHOWN])
    return Role(address, RoleName.DEPOSIT, entity, by(CARD), because, Class.P, detail)


def _emptied(ledger: Ledger, address: Address, *, owner: Label, swept: Swept) -> str:
    legs = [ledger.start[place] for place, _ in swept.emptied]
    exact = sum(left == 0 for _, left in swept.emptied)
    chain = address.chain
    wallets = sorted(ledger.addresses[one].display for one in {ledger.leg_address[leg + 1] for leg in legs})
    total = decimal_text(sum(ledger.leg_units[leg] for leg in legs), chain.decimals)
    left = decimal_text(max(left for _, left in swept.emptied), chain.decimals)
    sweeps = len(legs)
    return (
        f"{sweeps} sweep{'s' * (sweeps > 1)} of {total} {chain.symbol} in all into {owner.text} "
        f"({', '.join(wallets)}), leaving at most {left} {chain.symbol} behind after fees; {exact} of "
        f"{sweeps} exact to the last unit"
    )


def _passed_on(owner: Label, swept: Swept) -> tuple[list[int], str]:
    """Return the places of what shows it, each payment before its sweep, and the words."""
    if swept.pairs:
        places = [place for _, payment, sweep, _ in swept.pairs for place in (payment, sweep)]
        exact = sum(sure == EXACT for *_, sure in swept.pairs)
        words = f"passed {len(swept.pairs)} payments on to {owner.text}, {exact} of them exactly"
    else:
        places = [place for pair in swept.fuelled for place in pair]
        words = (
            f"sent tokens to {owner.text} within {GAS_WINDOW} blocks of its gas, {len(swept.fuelled)} times"
        )
    return list(dict.fromkeys(places)), words


def _shared(
    ledger: Ledger, address: Address, payers: Sequence[tuple[Address, int, int, int]]
) -> Iterator[Finding]:
    if len(payers) > MOST_USERS:
        shown = tuple(name(ledger, place) for place in sorted(one[1] for one in payers)[:_SHOWN])
        figures = (("users", str(len(payers))), ("most_users", str(MOST_USERS)))
        words = (
            f"{len(payers)} payers share it: customers of a broker or the like, and joined by nothing here"
        )
        yield Pattern("service deposit", (address,), by(CARD), shown, Class.P, figures, words)
        return
    for payer in payers[1:]:
        pair = (payers[0], payer)
        because = tuple(name(ledger, place) for one in pair for place in one[1:3])
        sure = min(one[3] for one in pair)
        score = "" if sure == EXACT else decimal_text(sure, 4)
        yield SameOwner(payers[0][0], payer[0], by(CARD), because, score=score)
