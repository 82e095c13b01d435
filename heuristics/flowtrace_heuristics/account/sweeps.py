"""Which payment a deposit address passed on, and whether that emptied it: Victor 2020 in integers, gas counted.

Read by `deposit_reuse`, which says what follows; here is only what the ledger shows of addresses whose every
payment went to wallets of one exchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowtrace.ledger import Ledger
from flowtrace.model import Kind
from flowtrace_heuristics.account.payments import Payments, code

ALLOWANCE = 10**16  # 0.01 of an 18-decimal coin: a_max in Victor 2020
WINDOW = 3_200  # blocks: t_max in Victor 2020
GAS_WINDOW = 1_000  # blocks from the exchange's gas to the sweep that it pays for
MOST_TRIED = 1_000  # payments of nearly the same amount that are looked at for one sweep
EXACT = 10_000  # confidence in ten-thousandths: the amounts agree to the last unit
_VALUE, _FEE = code(Kind.VALUE), code(Kind.FEE)
_SWEEPS = frozenset((_VALUE, code(Kind.INTERNAL)))
_PAYS = frozenset((code(Kind.CALL), code(Kind.TOKEN)))

_Payment = tuple[int, int, int, int]  # place, payer, units, height


@dataclass(slots=True)
class Swept:
    """What one address passed on.

    Attributes
    ----------
    emptied
        (place, units left) of each transfer of coin that left at most the allowance, and less than it sent.
    pairs
        (payer, place of its payment, place of the sweep, confidence in ten-thousandths).
    fuelled
        (place of the gas that the exchange sent, place of the token sweep that it paid for).
    """

    emptied: list[tuple[int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int, int, int]] = field(default_factory=list)
    fuelled: list[tuple[int, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.emptied or self.pairs or self.fuelled)

    @property
    def places(self) -> list[int]:
        """The sweeps, in chain order."""
        return sorted({p for p, _ in self.emptied} | {p[2] for p in self.pairs} | {p for _, p in self.fuelled})


def confidence(blocks: int, units: int) -> int:
    """Return Tutela's confidence in a pair so far apart, ½[(1 − Δt/t_max) + (1 − Δa/a_max)], rounded down.

    Examples
    --------
    >>> confidence(0, 0), confidence(100, 10**16), confidence(3_200, 10**16)
    (10000, 4843, 0)
    """
    most = 2 * WINDOW * ALLOWANCE
    return EXACT * (most - blocks * ALLOWANCE - units * WINDOW) // most


class Sweeper:
    """Goes through the rows that touch some addresses, once, in chain order.

    Parameters
    ----------
    ledger
        What they are rows of.
    rows
        Fees and transfers of the addresses.
    found
        The addresses, by number; none of them pays another.
    gas
        For each of them, the payers whose coin counts as the exchange's gas.
    """

    def __init__(self, ledger: Ledger, rows: Payments, *, found: dict[int, Swept], gas: set[tuple[int, int]]):
        self._tx = ledger.tx
        self._rows = rows
        self._found = found
        self._gas = gas
        self._balance = dict.fromkeys(found, 0)
        self._fee: dict[int, tuple[int, int]] = {}
        self._fuel: dict[int, tuple[int, int]] = {}
        self._exact: dict[tuple[int, int, int], _Payment] = {}
        self._near: dict[tuple[int, int], list[_Payment]] = {}

    def run(self) -> None:
        """Fill what was found of each address."""
        found, rows = self._found, self._rows
        columns = (rows.place, rows.source, rows.target, rows.asset, rows.kind, rows.height)
        coin = rows.in_coin.tolist()
        for (place, source, target, asset, kind, height), units, native in zip(
            zip(*(column.tolist() for column in columns), strict=True), rows.units.tolist(), coin, strict=True
        ):
            if target in found:
                self._get(target, (place, source, units, height), asset=asset, kind=kind, native=native)
            elif kind == _FEE:
                self._balance[source] -= units
                self._fee[source] = (place, units)
            elif native:
                self._give_coin(source, (place, target, units, height), asset=asset, kind=kind)
            elif kind in _PAYS:
                self._give_token(source, (place, target, units, height), asset=asset)

    def _get(self, address: int, paid: _Payment, *, asset: int, kind: int, native: bool) -> None:
        _, payer, units, _ = paid
        if native:
            self._balance[address] += units
            if (address, payer) in self._gas:
                self._fuel[address] = (paid[0], paid[3])
            if kind != _VALUE:
                return
            self._near.setdefault((address, units // (ALLOWANCE + 1)), []).append(paid)
        elif kind not in _PAYS:
            return
        self._exact[address, asset, units] = paid

    def _give_coin(self, address: int, sent: _Payment, *, asset: int, kind: int) -> None:
        place, _, units, height = sent
        left = self._balance[address] = self._balance[address] - units
        if kind not in _SWEEPS:
            return
        swept = self._found[address]
        if 0 <= left <= ALLOWANCE and left < units:
            swept.emptied.append((place, left))
        bought, fee = self._fee.get(address, (place, 0))
        if self._tx[bought] != self._tx[place]:
            fee = 0
        paid = self._exact.get((address, asset, units + fee))
        if paid is not None and height - paid[3] <= WINDOW:
            swept.pairs.append((paid[1], paid[0], place, EXACT))
            return
        paid = self._latest(address, units, height)
        if paid is not None:
            sure = confidence(height - paid[3], paid[2] - units)
            swept.pairs.append((paid[1], paid[0], place, sure))

    def _give_token(self, address: int, sent: _Payment, *, asset: int) -> None:
        place, _, units, height = sent
        swept = self._found[address]
        paid = self._exact.get((address, asset, units))
        if paid is not None and height - paid[3] <= WINDOW:
            swept.pairs.append((paid[1], paid[0], place, EXACT))
        fuel, since = self._fuel.get(address, (0, height - GAS_WINDOW - 1))
        if height - since <= GAS_WINDOW:
            swept.fuelled.append((fuel, place))

    def _latest(self, address: int, units: int, height: int) -> _Payment | None:
        """Return the latest payment within the window that is the sweep's amount or up to the allowance more."""
        at = units // (ALLOWANCE + 1)
        close = (self._near.get((address, number), []) for number in (at, at + 1))
        fits = [next(_within(some, units, height), None) for some in close]
        return max((one for one in fits if one is not None), default=None)


def _within(paid: list[_Payment], units: int, height: int) -> Iterator[_Payment]:
    recent: Iterable[_Payment] = reversed(paid[-MOST_TRIED:])
    for one in recent:
        if height - one[3] > WINDOW:
            return
        if units <= one[2] <= units + ALLOWANCE:
            yield one
