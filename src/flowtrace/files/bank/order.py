"""One order of all moves of a bank: that of each account's statements, whichever account it is.

A statement's own sequence decides, never a time. Accounts whose statements say nothing of each other are laid
beside each other by the day of booking. Where two statements contradict each other on the order of payments
between them, what was booked first goes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from flowtrace.files.bank.moves import Chained, Move

_Rank = tuple[int, str, str, int]


def in_order(chains: Mapping[Chained, Sequence[Move]]) -> list[Move]:
    """Return all moves, each after those before it on every statement that shows it.

    Parameters
    ----------
    chains
        Per account and currency, its moves in the order of its statements; a payment between two of them
        stands in both.
    """
    return _Laying(chains).run()


class _Laying:
    def __init__(self, chains: Mapping[Chained, Sequence[Move]]) -> None:
        self.after: dict[int, list[Move]] = {}
        self.waits: dict[int, int] = {}
        self.rank: dict[int, _Rank] = {}
        self.moves: dict[int, Move] = {}
        for chain in sorted(chains):
            self._chain(chains[chain])
        self.ready: list[tuple[_Rank, int]] = []
        self.found: list[Move] = []
        self.done: set[int] = set()

    def _chain(self, moves: Sequence[Move]) -> None:
        before: Move | None = None
        day = 0
        for place, move in enumerate(moves):
            day = max(day, move.day)
            name = id(move)
            self.moves[name] = move
            rank = (day, move.address.account, str(move.asset), place)
            self.rank[name] = min(rank, self.rank.get(name, rank))
            self.waits.setdefault(name, 0)
            if before is not None:
                self.after.setdefault(id(before), []).append(move)
                self.waits[name] += 1
            before = move

    def run(self) -> list[Move]:
        for name, count in self.waits.items():
            if not count:
                self._offer(name)
        for name in sorted(self.waits, key=self.rank.__getitem__):
            self._drain()
            if name not in self.done:  # a ring: two statements contradict each other
                self._offer(name)
        self._drain()
        return self.found

    def _offer(self, name: int) -> None:
        heappush(self.ready, (self.rank[name], name))

    def _drain(self) -> None:
        while self.ready:
            _, name = heappop(self.ready)
            if name not in self.done:
                self.done.add(name)
                self.found.append(self.moves[name])
                for move in self.after.get(name, ()):
                    self.waits[id(move)] -= 1
                    if not self.waits[id(move)]:
                        self._offer(id(move))
