"""Gas brought to an address that could not move what it held, and at once did (F2): a mule's handler."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Asset, Class, Family, Finding, Kind, RuleCard, SameOwner
from flowtrace_heuristics.account.funding import recorded
from flowtrace_heuristics.account.payments import NOBODY, Columns, Payments, code, name
from flowtrace_heuristics.account.people import People

MOST_GAS = 5 * 10**16  # 0.05 of an 18-decimal coin
TIMES = 100
WITHIN = 3_600  # seconds
SCORE = "0.8"
_FEE, _VALUE = code(Kind.FEE), code(Kind.VALUE)
_DAY = 24 * 3_600
_PRICE = re.compile(r"[0-9]{1,40}(\.[0-9]{1,80})?")  # anything longer is no price

CARD = RuleCard(
    id="mule_gas",
    version=1,
    claim=(
        "Who sends an address a little coin, without which it could not have paid for what it does within "
        "the hour, moving at least a hundred times as much, is of one operation with it."
    ),
    cls=Class.P,
    citation="flowtrace algorithms 2.6, rule F2 (no published precision on an independent truth was found)",
    parameters=(
        ("most_gas_base_units", str(MOST_GAS)),
        ("times_the_gas", str(TIMES)),
        ("within_seconds", str(WITHIN)),
        ("score", SCORE),
    ),
    failures=(
        "tokens are compared with coin only where both have a price on the ledger; without, few are seen",
        "a friend, or an unlabelled shop that sells gas, helps a stranger out",
    ),
    falsified_by="the two addresses are shown to be of different people",
    chains=(Family.EVM,),
)


@dataclass(slots=True)
class _Gas:
    place: int
    funder: int
    units: int
    before: int


@heuristic(CARD)
def mule_gas(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield a soft finding for each pair of a payer of gas and an address that it set moving."""
    columns = Columns(ledger)
    people = People(ledger, attribution, columns)
    seen: set[tuple[int, int]] = set()
    for gas, child, act in _acts(ledger, _rows(ledger, columns)):
        funder, mule = ledger.addresses[gas.funder], ledger.addresses[child]
        if (gas.funder, child) in seen or funder not in people or mule not in people:
            continue
        if recorded(ledger, child):
            seen.add((gas.funder, child))
            because = (name(ledger, gas.place), name(ledger, act))
            first, second = sorted((funder, mule))
            yield SameOwner(first, second, by(CARD), because, soft=True, score=SCORE)


def _rows(ledger: Ledger, columns: Columns) -> Payments:
    """Return the rows of every address that got a little coin and sent something."""
    import numpy as np

    count = len(ledger.addresses)
    paid = columns.usable & (columns.kind == _VALUE) & columns.coin & (columns.source != columns.target)
    small = columns.payments(np.flatnonzero(paid))
    small = small.where((small.units <= MOST_GAS).astype(bool))
    ours = np.zeros(count + 1, dtype=bool)
    ours[small.target] = True
    sends = np.zeros(count + 1, dtype=bool)
    sends[columns.source[columns.usable]] = True
    ours &= sends
    ours[NOBODY] = False
    return columns.payments(np.flatnonzero(columns.usable & (ours[columns.source] | ours[columns.target])))


def _acts(ledger: Ledger, rows: Payments) -> Iterator[tuple[_Gas, int, int]]:
    """Yield (gas, address, place of what it did with it)."""
    worth = _prices(ledger)
    balance: dict[int, int] = {}
    gas: dict[int, _Gas] = {}
    fee: dict[int, tuple[str, int]] = {}
    columns = (rows.place, rows.source, rows.target, rows.asset, rows.kind, rows.coin, rows.units)
    for place, source, target, asset, kind, coin, units in zip(*(c.tolist() for c in columns), strict=True):
        held = gas.get(source)
        if kind == _FEE:
            fee[source] = (ledger.tx[place], units)
        elif held is not None and source != target and ledger.time[place] - ledger.time[held.place] <= WITHIN:
            tx, cost = fee.get(source, ("", 0))
            needed = tx == ledger.tx[place] and held.before < cost
            if needed and _much(ledger, (place, asset, units), gas=held, worth=worth):
                yield held, source, place
        if coin:
            before = balance.get(target, 0)
            if kind == _VALUE and units <= MOST_GAS:
                gas[target] = _Gas(place, source, units, before)
            balance[source] = balance.get(source, 0) - units
            balance[target] = before + units


_Worth = Callable[[Asset, int], Fraction | None]


def _much(ledger: Ledger, sent: tuple[int, int, int], *, gas: _Gas, worth: _Worth) -> bool:
    """Tell whether what was sent is worth at least so many times the gas."""
    place, asset, units = sent
    coin = ledger.leg_asset[ledger.start[gas.place]]
    if asset == coin:
        return units >= TIMES * gas.units
    price, of_coin = (worth(ledger.assets[one], ledger.time[place]) for one in (asset, coin))
    return price is not None and of_coin is not None and units * price >= TIMES * gas.units * of_coin


def _prices(ledger: Ledger) -> _Worth:
    """Return a function that tells the price of a base unit by the quote nearest in time, within a day."""
    quotes: dict[Asset, list[tuple[int, Fraction]]] = {}
    for (asset, time), price in ledger.prices.items():
        if _PRICE.fullmatch(price.usd):
            quotes.setdefault(asset, []).append((time, Fraction(price.usd)))
    for told in quotes.values():
        told.sort()

    def worth(asset: Asset, time: int) -> Fraction | None:
        told = quotes.get(asset, [])
        at = bisect_left(told, (time, Fraction(0)))
        near = min(told[max(at - 1, 0) : at + 1], key=lambda quote: abs(quote[0] - time), default=None)
        fits = near is not None and abs(near[0] - time) <= _DAY
        return near[1] / 10**asset.decimals if near is not None and fits else None

    return worth
