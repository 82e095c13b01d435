"""Hops that pass the bulk on and pay off little: of coins by their outpoints, of accounts by chain order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flowtrace.ledger import Ledger
from flowtrace.model import Kind
from flowtrace_heuristics.pattern.moves import Moves

_COIN = tuple(Kind).index(Kind.COIN)
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Peel:
    """What makes a hop: percent of its input, seconds at most, payments of one address at most."""

    percent: int
    carried_percent: int
    seconds: int
    payments: int


@dataclass(frozen=True, slots=True)
class Hop:
    """What came in, what was paid off, and what went on; the ledger's places that show it."""

    came: int
    peeled: int
    carried: int
    places: tuple[int, ...]

    @property
    def ratio(self) -> Fraction:
        """The share paid off."""
        return Fraction(self.peeled, self.came)


@dataclass(frozen=True, slots=True)
class Chain:
    """Hops in a row, the way of the bulk, and what its last holder paid at once, of what he had got."""

    asset: int
    hops: tuple[Hop, ...]
    addresses: tuple[int, ...]
    exit: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Spend:
    """A transaction of one coin: what it spends, its outputs from the smallest to the largest."""

    place: int
    came: int
    giver: int
    asset: int
    outputs: tuple[tuple[int, int, str], ...]


def coin_chains(ledger: Ledger, peel: Peel) -> Iterator[Chain]:
    """Yield chains of transactions with one input and two outputs, each spending the last one's larger."""
    spends = dict(_spends(ledger))
    follows = dict(_links(ledger, spends, peel))
    later = set(follows.values())
    by_place = {spend.place: spend for spend in spends.values()}
    for place in sorted(by_place):
        if place in later or not _peels(by_place[place], peel):
            continue
        row = [by_place[place]]
        while (nxt := follows.get(row[-1].place)) is not None:
            row.append(by_place[nxt])
        yield _coin_chain(row, spends)


def _spends(ledger: Ledger) -> Iterator[tuple[str, _Spend]]:
    for place in range(len(ledger)):
        if ledger.kind[place] != _COIN or not ledger.ok[place]:
            continue
        legs = range(ledger.start[place], ledger.start[place + 1])
        inputs = [leg for leg in legs if not ledger.leg_side[leg]]
        outputs = [
            leg for leg in legs if ledger.leg_side[leg] and ledger.leg_coin[leg] and ledger.leg_units[leg]
        ]
        if len(inputs) == 1 and 0 < len(outputs) <= _PAIR and ledger.leg_coin[inputs[0]]:
            told = sorted((ledger.leg_units[n], ledger.leg_coin[n], ledger.leg_address[n]) for n in outputs)
            first = inputs[0]
            yield (
                ledger.leg_coin[first],
                _Spend(
                    place,
                    ledger.leg_units[first],
                    ledger.leg_address[first],
                    ledger.leg_asset[first],
                    tuple((units, address, coin) for units, coin, address in told),
                ),
            )


def _peels(spend: _Spend, peel: Peel) -> bool:
    small = spend.outputs[0][0]
    return len(spend.outputs) == _PAIR and small > 0 and small * 100 <= spend.came * peel.percent


def _links(ledger: Ledger, spends: dict[str, _Spend], peel: Peel) -> Iterator[tuple[int, int]]:
    """Yield (place, next place) of hops of which the second spends the first one's larger output."""
    for spend in spends.values():
        if not _peels(spend, peel):
            continue
        nxt = spends.get(spend.outputs[1][2])
        if nxt is None or not _peels(nxt, peel) or nxt.place <= spend.place:
            continue
        if ledger.time[nxt.place] - ledger.time[spend.place] <= peel.seconds:
            yield spend.place, nxt.place


def _coin_chain(row: Sequence[_Spend], spends: dict[str, _Spend]) -> Chain:
    hops = [Hop(s.came, s.outputs[0][0], s.outputs[1][0], (s.place,)) for s in row]
    addresses = [row[0].giver, *(s.outputs[1][1] for s in row)]
    last = spends.get(row[-1].outputs[1][2])
    left = (last.outputs[-1][0], last.came) if last else None
    return Chain(row[0].asset, tuple(hops), tuple(n for n in addresses if n >= 0), left)


def account_chains(moves: Moves, service: Sequence[int], peel: Peel) -> Iterator[Chain]:
    """Yield chains of payments, each the largest that its giver made after getting the one before."""
    follows: dict[int, tuple[int, ...]] = {}
    origin: dict[int, int] = {}
    for move in range(len(moves)):
        if service[moves.target[move]]:
            continue
        paid = _paid_on(moves, move, peel)
        if paid:
            follows[move] = paid
            held = origin.setdefault(paid[0], move)
            if moves.units[move] > moves.units[held]:
                origin[paid[0]] = move
    for move in sorted(follows):
        if move in origin:
            continue
        row = [move]
        while row[-1] in follows and origin[follows[row[-1]][0]] == row[-1]:
            row.append(follows[row[-1]][0])
        if len(row) > 1:
            yield _account_chain(moves, row, follows, peel=peel)


def _paid_on(moves: Moves, move: int, peel: Peel) -> tuple[int, ...]:
    """Return what carries on a payment, then what was peeled off it; nothing where its taker is no hop."""
    later = _later(moves, move, peel)
    if not later or len(later) > peel.payments:
        return ()
    bulk = max(later, key=lambda n: (moves.units[n], -n))
    came, carried = moves.units[move], moves.units[bulk]
    peeled = sum(moves.units[n] for n in later) - carried
    small = peeled > 0 and peeled * 100 <= came * peel.percent
    if small and carried + peeled <= came and carried * 100 >= came * peel.carried_percent:
        return (bulk, *(n for n in later if n != bulk))
    return ()


def _later(moves: Moves, move: int, peel: Peel) -> list[int]:
    """Return what the taker of a payment paid within the gap, one more than a hop may make at most."""
    found: list[int] = []
    for later in moves.sent.after(moves.target[move], moves.asset[move], move):
        if moves.time[later] - moves.time[move] > peel.seconds or len(found) > peel.payments:
            break
        found.append(later)
    return found


def _account_chain(
    moves: Moves, row: Sequence[int], follows: dict[int, tuple[int, ...]], *, peel: Peel
) -> Chain:
    hops = []
    for move in row[:-1]:
        bulk, *peels = follows[move]
        peeled = sum(moves.units[n] for n in peels)
        places = tuple(moves.place[n] for n in (move, *peels, bulk))
        hops.append(Hop(moves.units[move], peeled, moves.units[bulk], places))
    later = _later(moves, row[-1], peel)
    left = (max(moves.units[n] for n in later), moves.units[row[-1]]) if later else None
    addresses = (moves.source[row[0]], *(moves.target[n] for n in row))
    return Chain(moves.asset[row[0]], tuple(hops), addresses, left)
