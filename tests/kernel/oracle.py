"""An oracle: the named taint rules for one theft, written apart from the engine, to compare it with.

Account chains: a state per address and asset, moved in chain order. Where an address spends more than the
record ever gave it, the difference is taken as received, not stolen, just before: no rule makes stolen value
out of a gap. Had it come earlier, the rules could share differently; the trace lists every such gap.

UTXO chains: one transaction at a time, inputs as ordered segments, the fee as the last output.

Sources: Clayton's case (1816) and Anderson et al. 2018 (FIFO); US v. Banco Cafetero (2d Cir. 1986) (LIFO,
pro rata); Restatement (Third) of Restitution §59 (lowest intermediate balance, LIBR); Tironsakkul 2019, 2022
(TIHO, dirty-first); Möser, Böhme, Breuker 2014 (poison, haircut).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flowtrace.model import Rule

Place = tuple[object, object]
"""An (address, asset) pair, as any two hashables."""


class Purse(ABC):
    """What one address holds of one asset: ``balance`` units, ``taint`` of them stolen under the rule."""

    __slots__ = ("balance", "taint")

    def __init__(self) -> None:
        self.balance = 0
        self.taint = 0

    def put(self, units: int, tainted: int) -> None:
        """Receive units, the tainted part among them."""
        self.balance += units
        self.taint += tainted

    def take(self, units: int) -> int:
        """Give units and return how many of them are tainted."""
        tainted = self._choose(units)
        self.balance -= units
        self.taint -= tainted
        return tainted

    @abstractmethod
    def _choose(self, units: int) -> int:
        """Return how much of the outgoing units the rule calls tainted."""


class ProRata(Purse):
    """Every unit of a mixed balance is tainted in the same proportion; the odd unit by largest remainder."""

    __slots__ = ()

    def _choose(self, units: int) -> int:
        return split(self.taint, [units, self.balance - units])[0]


class DirtyFirst(Purse):
    """The stolen units leave first."""

    __slots__ = ()

    def _choose(self, units: int) -> int:
        return min(units, self.taint)


class Libr(Purse):
    """The holder's own units leave first; the claim is the lowest balance since, and never revives."""

    __slots__ = ()

    def _choose(self, units: int) -> int:
        return max(0, units - (self.balance - self.taint))


class Queue(Purse):
    """Parcels leave in an order: FIFO from the front, LIFO from the back."""

    __slots__ = ("_last_first", "_lots")

    def __init__(self, *, last_first: bool) -> None:
        super().__init__()
        self._last_first = last_first
        self._lots: deque[tuple[int, bool]] = deque()

    def put(self, units: int, tainted: int) -> None:
        """Queue the tainted part before the clean part: one transfer states no order of its own."""
        super().put(units, tainted)
        for size, dirty in ((tainted, True), (units - tainted, False)):
            if size:
                self._push(size, dirty=dirty)

    def _push(self, size: int, *, dirty: bool) -> None:
        if self._lots and self._lots[-1][1] == dirty:
            size += self._lots.pop()[0]
        self._lots.append((size, dirty))

    def _choose(self, units: int) -> int:
        tainted = 0
        while units:
            size, dirty = self._lots.pop() if self._last_first else self._lots.popleft()
            part = min(size, units)
            units -= part
            tainted += part if dirty else 0
            if size > part:
                rest = (size - part, dirty)
                (self._lots.append if self._last_first else self._lots.appendleft)(rest)
        return tainted


class Poison(Purse):
    """Once anything stolen arrives, all that is held or arrives later counts as stolen: an upper bound.

    ``clean`` sums the units of others that were counted in this way, so that even poison reconciles.
    """

    __slots__ = ("clean", "touched")

    def __init__(self) -> None:
        super().__init__()
        self.clean = 0
        self.touched = False

    def put(self, units: int, tainted: int) -> None:
        """Receive units; if any are tainted, now or before, all of the balance is."""
        self.touched = self.touched or tainted > 0
        super().put(units, tainted)
        if self.touched:
            self.clean += self.balance - self.taint
            self.taint = self.balance

    def _choose(self, units: int) -> int:
        return units if self.touched else 0


def purse(rule: Rule) -> Purse:
    """Return an empty purse under an account rule."""
    match rule:
        case Rule.POISON:
            return Poison()
        case Rule.PRO_RATA:
            return ProRata()
        case Rule.FIFO | Rule.LIFO:
            return Queue(last_first=rule is Rule.LIFO)
        case Rule.DIRTY_FIRST | Rule.TIHO | Rule.TILO:
            return DirtyFirst()
        case Rule.LIBR:
            return Libr()


@dataclass(frozen=True, slots=True)
class Move:
    """One movement of one asset in chain order; ``source`` or ``target`` None is outside what is followed.

    ``stolen`` marks the theft itself: the whole amount is tainted on arrival, whatever the source held.
    """

    source: object | None
    target: object | None
    asset: object
    units: int
    stolen: bool = False


class Purses:
    """Every purse of a trace under one rule, and the sums that must reconcile.

    ``missing`` holds, per place, the units it spent beyond what the record gave it. They are taken for
    somebody else's, but at the ``marked`` place, of which all that it spends is followed.
    """

    def __init__(self, rule: Rule, marked: Place | None = None) -> None:
        self.rule = rule
        self.marked = marked
        self.held: dict[Place, Purse] = {}
        self.missing: dict[Place, int] = {}
        self.stolen = 0
        self._mixed = 0

    def apply(self, move: Move) -> int:
        """Carry out a move and return how many of its units are tainted."""
        source = None if move.source is None else (move.source, move.asset)
        target = None if move.target is None else (move.target, move.asset)
        stolen = (0,) if move.stolen else ()
        return self.spend([(source, move.units)], [(target, move.units)], stolen=stolen)[0]

    def spend(
        self,
        inputs: Sequence[tuple[Place | None, int]],
        outputs: Sequence[tuple[Place | None, int]],
        *,
        stolen: Collection[int] = (),
    ) -> list[int]:
        """Pay outputs from inputs, each a place (None: outside what is followed) and units.

        ``stolen`` are the outputs that are tainted whole, whatever the inputs held. What several inputs bring
        is divided among several outputs by the rule, as in a UTXO transaction; under the rules of a running
        balance the stolen part fills the largest outputs first (dirty-first) or the smallest (LIBR).

        Returns
        -------
        The tainted units of each output.
        """
        given = [(units, 0 if place is None else self._take(place, units)) for place, units in inputs]
        parts = self._divided(given, [units for _, units in outputs])
        for number, (place, units) in enumerate(outputs):
            if number in stolen:
                self.stolen += units - parts[number]
                parts[number] = units
            if place is not None:
                self._at(place).put(units, parts[number])
        return parts

    def _divided(self, given: Sequence[tuple[int, int]], outputs: Sequence[int]) -> list[int]:
        tainted = sum(part for _, part in given)
        if len(outputs) == 1:
            return [tainted]
        divided = {Rule.DIRTY_FIRST: Rule.TIHO, Rule.LIBR: Rule.TILO}.get(self.rule, self.rule)
        parts = spend(divided, given, outputs)
        self._mixed += sum(parts) - tainted
        return parts

    def _take(self, place: Place, units: int) -> int:
        held = self._at(place)
        missing = units - held.balance
        if missing > 0:
            self.missing[place] = self.missing.get(place, 0) + missing
            marked = missing if place == self.marked else 0
            self.stolen += marked
            held.put(missing, marked)
        return held.take(units)

    def _at(self, place: Place) -> Purse:
        if place not in self.held:
            self.held[place] = purse(self.rule)
        return self.held[place]

    @property
    def clean(self) -> int:
        """Units of others that poison counts as tainted; 0 under every other rule."""
        return self._mixed + sum(p.clean for p in self.held.values() if isinstance(p, Poison))


def spend(rule: Rule, inputs: Sequence[tuple[int, int]], outputs: Sequence[int]) -> list[int]:
    """Distribute the taint of one UTXO transaction over its outputs, the fee being the last of them.

    Parameters
    ----------
    rule
        Any rule but LIBR, which is about a running balance and has no meaning inside one transaction.
    inputs
        (units, tainted units) of each input in order. Within an input the tainted part comes first.
    outputs
        Units of each output in order, then the fee. Sums to the inputs.

    Returns
    -------
    Tainted units of each output, in the same order. Sums to the inputs' taint (poison excepted).
    """
    taint = sum(tainted for _, tainted in inputs)
    match rule:
        case Rule.POISON:
            return [units if taint else 0 for units in outputs]
        case Rule.PRO_RATA:
            return split(taint, outputs)
        case Rule.TIHO | Rule.TILO | Rule.DIRTY_FIRST:
            return _fill(taint, outputs, _fill_order(rule, outputs))
        case Rule.FIFO | Rule.LIFO:
            ordered = inputs if rule is Rule.FIFO else inputs[::-1]
            return _cut(ordered, outputs)
        case Rule.LIBR:
            msg = "LIBR follows a running balance: it does not divide one UTXO transaction"
            raise ValueError(msg)


def _fill_order(rule: Rule, outputs: Sequence[int]) -> list[int]:
    """TIHO fills by falling value, TILO by rising, dirty-first as they stand; the fee comes last."""
    places = range(len(outputs))
    sign = {Rule.TIHO: -1, Rule.TILO: 1}.get(rule, 0)
    return sorted(places, key=lambda i: (i == len(outputs) - 1, sign * outputs[i], i))


def _fill(taint: int, outputs: Sequence[int], order: Sequence[int]) -> list[int]:
    shares = [0] * len(outputs)
    for place in order:
        shares[place] = min(taint, outputs[place])
        taint -= shares[place]
    return shares


def _cut(inputs: Sequence[tuple[int, int]], outputs: Sequence[int]) -> list[int]:
    """Lay the input segments end to end and cut them at the outputs' lengths."""
    queue = Queue(last_first=False)
    for units, tainted in inputs:
        queue.put(units, tainted)
    return [queue.take(units) for units in outputs]


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total`` units in proportion to ``weights``.

    Each share is floor(total·w/W); the units left over go one each to the largest remainders, ties to the
    lower index. Sums to ``total`` exactly; no share exceeds its weight where ``total`` ≤ W.

    Parameters
    ----------
    total
        Base units to divide, not negative.
    weights
        Base units of each part, none negative, not all zero unless ``total`` is 0.

    Examples
    --------
    >>> split(100, [1, 1, 1]), split(7, [3, 3, 3, 1])
    ([34, 33, 33], [2, 2, 2, 1])
    """
    whole = sum(weights)
    if total == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares
