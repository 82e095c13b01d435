"""Which payment a deposit address passed on, and whether that emptied it: in integers, gas counted.

Read by `deposit_reuse`, which says what follows; here is only what the ledger shows of addresses whose every
payment went to wallets of one exchange. All is done on columns: each address's rows of one asset, one group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import eq
from typing import TYPE_CHECKING, Any

from flowtrace.ledger import Ledger
from flowtrace.model import Kind
from flowtrace_heuristics.account.payments import Payments, code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flowtrace_heuristics.account.payments import Kinds, Mask, Numbers, Units

ALLOWANCE = 10**16  # 0.01 of an 18-decimal coin: a_max in Victor 2020
WINDOW = 3_200  # blocks: t_max in Victor 2020
GAS_WINDOW = 1_000  # blocks from the exchange's gas to the sweep that it pays for
MOST_TRIED = 1_000  # payments of nearly the same amount that are looked at for one sweep
EXACT = 10_000  # confidence in ten-thousandths: the amounts agree to the last unit
_VALUE, _INTERNAL, _FEE = code(Kind.VALUE), code(Kind.INTERNAL), code(Kind.FEE)
_CALL, _TOKEN = code(Kind.CALL), code(Kind.TOKEN)


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

    @property
    def places(self) -> set[int]:
        """Where the sweeps are."""
        found = {place for place, _ in self.emptied}
        found.update(sweep for _, _, sweep, _ in self.pairs)
        found.update(sweep for _, sweep in self.fuelled)
        return found


def confidence(blocks: int, units: int) -> int:
    """Return Tutela's confidence in a pair so far apart, ½[(1 - Δt/t_max) + (1 - Δa/a_max)], rounded down.

    Examples
    --------
    >>> confidence(0, 0), confidence(100, 10**16), confidence(3_200, 10**16)
    (10000, 4843, 0)
    """
    most = 2 * WINDOW * ALLOWANCE
    return EXACT * (most - blocks * ALLOWANCE - units * WINDOW) // most


class Sweeper:
    """The rows that touch some addresses, each address's rows of one asset together, in chain order.

    Parameters
    ----------
    ledger
        What they are rows of.
    rows
        Fees and transfers of the addresses.
    ours
        Which of the ledger's addresses they are; none of them pays another.
    """

    def __init__(self, ledger: Ledger, rows: Payments, ours: Mask) -> None:
        import numpy as np

        owner = np.where(ours[rows.target], rows.target, rows.source)
        order = np.argsort(owner * len(ledger.assets) + rows.asset, kind="stable")
        self._tx, self.owner, self.rows = ledger.tx, owner[order], rows.where(order)
        self.got = ours[self.rows.target]
        self.coin = self.rows.coin
        group = self.owner * len(ledger.assets) + self.rows.asset
        new = np.append(True, group[1:] != group[:-1])[: len(group)]
        self._at = np.arange(len(group))
        self._start = np.maximum.accumulate(np.where(new, self._at, 0))

    def found(self) -> defaultdict[int, Swept]:
        """Return what each address that passed anything on did, by its number."""
        found: defaultdict[int, Swept] = defaultdict(Swept)
        for owner, place, left in self._emptied():
            found[owner].emptied.append((place, left))
        for owner, payer, payment, sweep, sure in self._pairs():
            found[owner].pairs.append((payer, payment, sweep, sure))
        return found

    @property
    def for_gas(self) -> Mask:
        """Which rows bring coin to an address that sends tokens."""
        import numpy as np

        sends = np.zeros(int(self.owner.max(initial=0)) + 1, dtype=bool)
        sends[self.owner[~self.got & ~self.coin]] = True
        return self.got & self.coin & sends[self.owner]

    def fuelled(self, gas: Numbers) -> Iterator[tuple[int, int, int]]:
        """Yield (address, place of the gas, place of the token sweep) for what some rows brought."""
        import numpy as np

        rows = self.rows
        sends = np.flatnonzero(~self.got & ~self.coin & _any(rows.kind, _CALL, _TOKEN))
        key = (int(rows.place.max(initial=0)) + 1) * self.owner + rows.place
        bought = gas[np.argsort(key[gas])]
        at = np.searchsorted(key[bought], key[sends]) - 1
        sends, bought = sends[at >= 0], bought[at[at >= 0]]
        near = (self.owner[bought] == self.owner[sends]) & (
            rows.height[sends] - rows.height[bought] <= GAS_WINDOW
        )
        columns = (self.owner[sends], rows.place[bought], rows.place[sends])
        yield from zip(*(column[near].tolist() for column in columns), strict=True)

    def _emptied(self) -> Iterator[tuple[int, int, int]]:
        import numpy as np

        rows = self.rows
        signed = rows.units.copy()
        signed[~self.got] = -signed[~self.got]
        total = np.add.accumulate(signed)
        swept = np.flatnonzero(~self.got & self.coin & _any(rows.kind, _VALUE, _INTERNAL))
        before = self._start[swept] - 1
        left = total[swept] - np.where(before >= 0, total[before], 0)
        fits = _true(left >= 0) & _true(left <= ALLOWANCE) & _true(left < rows.units[swept])
        swept, left = swept[fits], left[fits]
        yield from zip(self.owner[swept].tolist(), rows.place[swept].tolist(), left.tolist(), strict=True)

    def _pairs(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield (address, payer, place of the payment, place of the sweep, confidence)."""
        import numpy as np

        rows, token = self.rows, _any(self.rows.kind, _CALL, _TOKEN)
        paid = self.got & np.where(self.coin, rows.kind == _VALUE, token)
        swept = np.flatnonzero(~self.got & np.where(self.coin, _any(rows.kind, _VALUE, _INTERNAL), token))
        latest = np.maximum.accumulate(np.where(paid, self._at, -1))
        pay = latest[swept]
        recent = (pay >= self._start[swept]) & (rows.height[swept] - rows.height[pay] <= WINDOW)
        swept, pay = swept[recent], pay[recent]
        wanted = rows.units[swept] + self._fees(swept)
        exact = _true(rows.units[pay] == wanted)
        sure = np.where(exact, EXACT, -1)
        # Only where the latest payment is not it, and there is another within the window, is any other tried.
        before = latest[np.maximum(pay - 1, 0)]
        another = (before < pay) & (before >= self._start[swept])
        another &= rows.height[swept] - rows.height[before] <= WINDOW
        for nth in np.flatnonzero(~exact).tolist():
            tried = self._tried(int(swept[nth]), latest) if another[nth] else [int(pay[nth])]
            pay[nth], sure[nth] = self._best(int(swept[nth]), tried, wanted[nth])
        kept = sure >= 0
        swept, pay = swept[kept], pay[kept]
        columns = (self.owner[swept], rows.source[pay], rows.place[pay], rows.place[swept], sure[kept])
        yield from zip(*(column.tolist() for column in columns), strict=True)

    def _fees(self, swept: Numbers) -> Units:
        """Return what each sweep's own transaction paid for gas, where the address paid it."""
        import numpy as np

        fee = np.maximum.accumulate(np.where(self.rows.kind == _FEE, self._at, -1))[swept]
        tx = (map(self._tx.__getitem__, self.rows.place[at].tolist()) for at in (fee, swept))
        same = np.fromiter(map(eq, *tx), bool, len(swept))
        return np.where(same & (fee >= self._start[swept]), self.rows.units[fee], 0)

    def _tried(self, sweep: int, latest: Numbers) -> Iterator[int]:
        """Yield the payments within a sweep's window, the latest first, and no more than so many."""
        row, start, height = int(latest[sweep]), self._start[sweep], self.rows.height[sweep]
        for _ in range(MOST_TRIED):
            if row < start or height - self.rows.height[row] > WINDOW:
                return
            yield row
            row = int(latest[row - 1]) if row else -1

    def _best(self, sweep: int, tried: Iterable[int], wanted: int) -> tuple[int, int]:
        """Return the latest payment of just what is wanted, or else the latest nearly so; how sure."""
        units, near = self.rows.units[sweep], (-1, -1)
        for row in tried:
            paid = self.rows.units[row]
            if paid == wanted:
                return row, EXACT
            if near[0] < 0 and self.coin[sweep] and 0 <= paid - units <= ALLOWANCE:
                blocks = int(self.rows.height[sweep] - self.rows.height[row])
                near = (row, confidence(blocks, paid - units))
        return near


def _any(kind: Kinds, one: int, other: int) -> Mask:
    found: Mask = (kind == one) | (kind == other)
    return found


def _true(answers: NDArray[Any]) -> Mask:
    """Return the outcome of comparing integers of any size as a mask."""
    return answers.astype(bool)
