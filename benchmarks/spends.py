"""Invented transactions of coins: wallets of every size that spend their own, and rounds of each design.

Three in five transactions spend one coin, a few very many. A wallet's addresses are used more than once, the
older the oftener, and its scripts are mostly of one kind. In a round every input is of another wallet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flowtrace.kernel import Side
from flowtrace.kernel.rounds import KEY_HASH, SCRIPT_HASH, TAPROOT, WITNESS_KEY

Ints = NDArray[np.int64]
PER_TRANSACTION = 2.06  # inputs, about
ROUNDS = 0.001  # share of the transactions
MANY, MOST = 0.01, 2000  # share of transactions with many inputs or outputs, and how many at the most
WASABI_1, WASABI_2, WHIRLPOOL, JOINMARKET = range(1, 5)  # designs of rounds
MIXED = 0.03  # share of inputs that are not of their wallet's kind
POOLS = (100_000, 1_000_000, 5_000_000, 50_000_000)


@dataclass(frozen=True)
class Spends:
    """Transactions as columns: addresses have no order, transactions are in chain order."""

    given: Side
    paid: Side
    addresses: int
    rounds: int


@dataclass(frozen=True)
class _Wallets:
    """Each has the addresses from ``first`` on, so many as ``size``, and a kind of script."""

    first: Ints
    size: Ints
    kind: NDArray[np.uint8]

    def owner(self, count: int, chance: np.random.Generator) -> Ints:
        """Return so many wallets, one with many addresses as much oftener."""
        whole = int(self.size.sum())
        return np.searchsorted(self.first, chance.integers(0, whole, count), side="right") - 1

    def pick(self, wallet: Ints, chance: np.random.Generator) -> Ints:
        """Return an address of each wallet."""
        return self.first[wallet] + (self.size[wallet] * chance.random(len(wallet)) ** 2).astype(np.int64)


def spends(rows: int) -> Spends:
    """Return transactions with about so many inputs in all."""
    chance = np.random.default_rng(rows)
    count = int(rows / PER_TRANSACTION)
    wallets = _wallets(rows, chance)
    design = np.where(chance.random(count) < ROUNDS, chance.integers(1, 5, count), 0)
    gives, pays = _sizes(design, chance)
    owner = wallets.owner(count, chance)
    giver = np.repeat(np.where(design == 0, owner, -1), gives)
    strangers = giver < 0
    giver[strangers] = wallets.owner(int(strangers.sum()), chance)
    payee = wallets.owner(int(pays.sum()), chance)
    change = np.cumsum(pays) - 1  # the last output goes back
    payee[change] = np.where(design == 0, owner, payee[change])
    number = chance.permutation(int(wallets.size.sum())).astype(np.int32)
    sides = []
    for legs, wallet in ((gives, giver), (pays, payee)):
        kind = wallets.kind[wallet]
        odd = chance.random(len(kind)) < MIXED
        kind[odd] = chance.choice([KEY_HASH, SCRIPT_HASH, WITNESS_KEY, TAPROOT], int(odd.sum()))
        units = np.exp(chance.normal(14, 3, len(kind))).astype(np.int64) + 294
        sides.append((np.cumsum(legs), number[wallets.pick(wallet, chance)], units, kind))
    _write_rounds(design, sides, chance)
    given, paid = (Side.of(*columns) for columns in sides)
    return Spends(given, paid, len(number), int((design > 0).sum()))


def _wallets(rows: int, chance: np.random.Generator) -> _Wallets:
    size = np.minimum(chance.pareto(1.3, rows // 5) * 2 + 1, 1_000_000).astype(np.int64)
    kind = chance.choice([KEY_HASH, SCRIPT_HASH, WITNESS_KEY, TAPROOT], len(size), p=[0.2, 0.15, 0.5, 0.15])
    return _Wallets(np.cumsum(size) - size, size, kind.astype(np.uint8))


def _sizes(design: Ints, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """Return how many inputs and outputs each transaction has."""
    count = len(design)
    many = np.minimum(chance.pareto(1.2, (2, count)) * 10 + 5, MOST).astype(np.int64)
    is_many = chance.random((2, count)) < MANY
    gives = np.where(is_many[0], many[0], chance.geometric(0.6, count))
    pays = np.where(is_many[1], many[1], chance.choice([1, 2, 2, 2, 2, 3], count))
    people = chance.integers(10, 60, count)
    rounds_of = (
        (design == WASABI_1) * (people + 5),
        (design == WASABI_2) * (people + 50),
        (design == WHIRLPOOL) * 5,
        (design == JOINMARKET) * 8,
    )
    paid_of = (
        (design == WASABI_1) * (people + 8),
        (design == WASABI_2) * (people + 40),
        (design == WHIRLPOOL) * 5,
        (design == JOINMARKET) * 16,
    )
    gives, pays = (np.where(design == 0, one, 0) for one in (gives, pays))
    return gives + sum(rounds_of), pays + sum(paid_of)


def _write_rounds(design: Ints, sides: list[tuple[Ints, ...]], chance: np.random.Generator) -> None:
    """Write the values and kinds of each round: Wasabi 1.1, Wasabi 2, Whirlpool, JoinMarket."""
    standard = np.array([5000, 10_000, 100_000, 1_048_576, 4_782_969, 2**25, 10**8])
    for at in np.flatnonzero(design).tolist():
        (_, _, given, give_kind), (_, _, paid, pay_kind) = sides
        give, pay = (
            slice(int(ends[at - 1]) if at else 0, int(ends[at])) for ends in (sides[0][0], sides[1][0])
        )
        give_kind[give] = pay_kind[pay] = WITNESS_KEY
        many = pay.stop - pay.start
        if design[at] == WASABI_1:
            paid[pay.start : pay.stop - 8] = 9_990_000 + at % 1000
        elif design[at] == WASABI_2:
            given[give] = np.sort(given[give])[::-1]
            paid[pay] = np.sort(chance.choice(standard, many))[::-1]
        elif design[at] == WHIRLPOOL:
            paid[pay] = POOLS[at % 4]
            given[give] = POOLS[at % 4] + 302
            given[give.start] = POOLS[at % 4]
        else:
            paid[pay.start : pay.start + 8] = 1_000_000 + at
