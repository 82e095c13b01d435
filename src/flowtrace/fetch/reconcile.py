"""Several tellings of one move into one transfer, and which transfers two independent sources agree on.

A source that gives paths and indexes tells a move better than one that does not, and either tells it better
than calldata, which only asks. Within one transaction a worse telling is put aside for each better one of the
same move: same asset, giver, taker and units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.model import Basis, Kind, Transfer
from flowtrace.moves.evm import VAGUE

_MOVES = (Kind.INTERNAL, Kind.TOKEN, Kind.CALL)
_PRECISE, _VAGUE, _DECODED = 0, 1, 2
Move = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The transfers that stand, and the ids of those put aside, each with the id of the one that stands."""

    transfers: tuple[Transfer, ...]
    aside: dict[str, str]


def reconcile(transfers: Iterable[Transfer]) -> Reconciled:
    """Keep one telling of each move.

    Several transfers of one id are left as they are: the ledger compares them.
    """
    by_tx: dict[tuple[str, str], dict[str, Transfer]] = {}
    kept: list[Transfer] = []
    for transfer in transfers:
        if transfer.kind in _MOVES:
            by_tx.setdefault((transfer.chain_id, transfer.tx), {}).setdefault(transfer.id, transfer)
        kept.append(transfer)
    aside: dict[str, str] = {}
    for told in by_tx.values():
        aside |= _aside(told.values())
    return Reconciled(tuple(t for t in kept if t.id not in aside), aside)


def _aside(told: Iterable[Transfer]) -> dict[str, str]:
    """Return which tellings of one transaction give way, and to which."""
    ranked = sorted(told, key=lambda t: (_rank(t), t.order, t.position))
    better: dict[Move, list[tuple[int, str]]] = {}
    used: Counter[tuple[Move, int]] = Counter()
    aside: dict[str, str] = {}
    for transfer in ranked:
        rank, move = _rank(transfer), _move(transfer)
        above = [name for other, name in better.get(move, ()) if other < rank]
        place = _count(transfer) if rank == _VAGUE else used[move, rank]
        if place < len(above):
            aside[transfer.id] = above[place]
        elif rank == _DECODED and any(_rank(other) < _DECODED for other in ranked):
            aside[transfer.id] = ""  # logs and traces of the transaction are here, and do not show it
        else:
            better.setdefault(move, []).append((rank, transfer.id))
        used[move, rank] += 1
    return {name: other or name for name, other in aside.items()}


def _rank(transfer: Transfer) -> int:
    if transfer.basis is Basis.DECODED:
        return _DECODED
    return _VAGUE if transfer.position.startswith(VAGUE) else _PRECISE


def _count(transfer: Transfer) -> int:
    """Return how many equal moves come before this one: the end of a position without path or index."""
    count = transfer.position.rpartition(" ")[2]
    return int(count) if count.isdecimal() else 0


def _move(transfer: Transfer) -> Move:
    leg = transfer.outputs[0]
    return (str(leg.asset), str(transfer.source), str(transfer.target), str(leg.units))
