"""A theft planted among unrelated transfers: split, peeled hop by hop, paid in at exchanges.

What is planted is known to the unit, so that a trace can be held against it: every deposit is to be found,
and nothing else. It is in columns, where places are numbers, and on a ledger, for a tracer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flowtrace.case.work import give
from flowtrace.kernel import Moves
from flowtrace.kernel.columns import OUTSIDE, Wide
from flowtrace.ledger import Ledger
from flowtrace.model import (
    ETHEREUM,
    Address,
    Asset,
    Basis,
    Class,
    Kind,
    Leg,
    Rule,
    StopReason,
    Theft,
    Transfer,
)
from flowtrace.trace import End, Policy, Tracer
from flowtrace.trace.arrivals import Arrived
from kernel.follow import Trail, follow

SPLITS, HOPS, LAST, EXCHANGES = 40, 15, 3, 10
DEPOSITS = SPLITS * (HOPS + LAST)
STOLEN = 173_600 * 10**18
FEE = 21_000 * 40 * 10**9
ETH = Asset.native(ETHEREUM)
HUBS = 20
"""Places that half of all unrelated transfers go through; the exchanges' hot wallets are among them."""

VICTIM, THIEF, FIRST = HUBS, HUBS + 1, HUBS + 2
OWN = 3 * 10**18  # what a mule held before, and gets of others on the way: clean

Row = tuple[int, int, int, bool]
"""Source, target, units, and whether a trace is to find it."""


@dataclass(frozen=True)
class Planted:
    """Moves in chain order, and what is known of them.

    Attributes
    ----------
    ends
        Places at which a trace ends: hot wallets and deposit addresses, also those of uninvolved customers.
    expected
        Which rows the stolen value passes through.
    deposits
        Which rows of those pay in at an exchange.
    """

    moves: Moves
    places: int
    ends: NDArray[np.bool_]
    expected: NDArray[np.bool_]
    deposits: NDArray[np.bool_]


def planted(rows: int, seed: int = 7) -> Planted:
    """Return a theft among so many unrelated transfers."""
    chance = np.random.default_rng(seed)
    story = _Story(chance)
    story.tell()
    people = story.places + np.arange(max(rows // 3, 1))
    customers = people[: len(people) // 10]  # each a deposit address of an uninvolved customer
    ends = np.zeros(int(people[-1]) + 1, np.bool_)
    ends[:EXCHANGES] = ends[customers] = ends[sorted(story.paid_in)] = True
    source, target = _strangers(chance, rows, people, customers=customers)
    units = (10.0 ** (chance.random(rows) * 5 + 14)).astype(np.uint64)
    told = np.array([row[:2] for row in story.rows], np.int32)
    at = np.sort(chance.integers(0, rows + 1, len(told)))
    hidden = np.zeros((rows, 2), np.uint64)
    hidden[:, 0] = units
    amounts = np.frombuffer(Wide.of(row[2] for row in story.rows).rows, np.uint64).reshape(-1, 2)
    expected = np.insert(np.zeros(rows, np.bool_), at, [row[3] for row in story.rows])
    deposits = np.insert(
        np.zeros(rows, np.bool_), at, [row[3] and row[1] in story.paid_in for row in story.rows]
    )
    theft = np.insert(np.full(rows, -1, np.int32), at, [0 if row[0] == VICTIM else -1 for row in story.rows])
    moves = Moves.of(
        np.insert(source, at, told[:, 0]),
        np.insert(target, at, told[:, 1]),
        np.insert(hidden, at, amounts, axis=0),
        theft=theft,
        order=np.arange(len(theft), dtype=np.int64),
    )
    return Planted(moves, len(ends), ends, expected, deposits)


def _strangers(
    chance: np.random.Generator, rows: int, people: NDArray[np.int64], *, customers: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return who pays whom: half by way of a hub, the rest with a heavy tail; no one who is planted."""
    crowd = people[(len(people) * chance.random((2, rows)) ** 2).astype(np.int64)]
    hub = chance.integers(0, HUBS, rows)
    way = chance.random(rows)
    source, target = np.where(way < 0.25, hub, crowd[0]), np.where((way >= 0.25) & (way < 0.5), hub, crowd[1])
    swept = np.isin(source, customers)  # a deposit address pays its exchange and nobody else
    return source.astype(np.int32), np.where(swept, source % EXCHANGES, target).astype(np.int32)


class _Story:
    """The planted rows, told one chain after another and then shuffled together, each in its own order."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self.rows: list[Row] = []
        self.places = FIRST
        self.paid_in: set[int] = set()

    def tell(self) -> None:
        self.rows = [(OUTSIDE, VICTIM, 2 * STOLEN, False), (VICTIM, THIEF, STOLEN, True)]
        shares = [STOLEN // SPLITS + (number == 0) * (STOLEN % SPLITS) for number in range(SPLITS)]
        starts = [self._new() for _ in shares]
        for number, share in enumerate(shares):
            fee = (THIEF, OUTSIDE, FEE, True)
            self.rows += [fee, (THIEF, starts[number], share - FEE, True)]
        chains = [self._chain(start, share - FEE) for start, share in zip(starts, shares, strict=True)]
        turns = np.repeat(np.arange(SPLITS), [len(chain) for chain in chains])
        self._chance.shuffle(turns)
        following = [iter(chain) for chain in chains]
        self.rows += [row for turn in turns for row in next(following[turn])]

    def _chain(self, start: int, held: int) -> list[list[Row]]:
        """Return the steps of one chain; the rows of a step stay together."""
        steps: list[list[Row]] = []
        accounts = [self._deposit_address() for _ in range(EXCHANGES)]
        here = start
        for hop in range(HOPS):
            step: list[Row] = []
            if hop % 5 == 2:  # this mule has money of its own, and is paid by others
                step += [(OUTSIDE, here, OWN, False), (hop % HUBS, here, OWN, False)]
                held += 2 * OWN
            peel = held // int(self._chance.integers(12, 30))
            step += self._pay(here, accounts[hop % EXCHANGES], peel)
            after = self._new()
            held -= peel + FEE
            step += [(here, OUTSIDE, FEE, True), (here, after, held - FEE, True)]
            held -= FEE
            here = after
            steps.append(step)
        for number in range(LAST, 0, -1):
            part = held // number
            steps.append(self._pay(here, accounts[number], part - FEE))
            held -= part
        return steps

    def _pay(self, source: int, account: int, units: int) -> list[Row]:
        sweep = (account, account % EXCHANGES, units, False)
        return [(source, OUTSIDE, FEE, True), (source, account, units, True), sweep]

    def _deposit_address(self) -> int:
        made = self._new()
        self.paid_in.add(made)
        return made

    def _new(self) -> int:
        self.places += 1
        return self.places - 1


def trace(plan: Planted) -> Trail:
    """Follow the theft to where it ends, under every rule."""
    return follow(plan.moves, plan.places, ends=np.flatnonzero(plan.ends).tolist())


def faults(plan: Planted, found: Trail, say: Callable[[str], object]) -> int:
    """Say what a trace got wrong, and return how much that is."""
    expected, deposits = np.flatnonzero(plan.expected), np.flatnonzero(plan.deposits)
    wrong = {
        "rows not found": np.setdiff1d(expected, found.rows).size,
        "rows found that are none": np.setdiff1d(found.rows, expected).size,
        "deposits not found": np.setdiff1d(deposits, found.rows).size,
    }
    target = np.asarray(plan.moves.target)[list(found.rows)]
    paid_in = (plan.ends[target] & (target >= 0)) | (target < 0)
    for rule, taint in found.taint.items():
        ended = sum(units for units, over in zip(taint, paid_in, strict=True) if over)
        if rule is not Rule.POISON:
            wrong[f"units that {rule.words} lost or made"] = abs(ended - STOLEN)
    for what, count in wrong.items():
        if count:
            say(f"{count} {what}")
    return sum(wrong.values())


@dataclass(frozen=True)
class Record:
    """What is planted as a case has it: a ledger, the theft, and whose addresses end a trace."""

    ledger: Ledger
    theft: Theft
    names: Sequence[Address]
    ends: frozenset[Address]


class ByPlan(Tracer):
    """A tracer that lays the plan out anew at each step, as every tracer does where something is swapped."""

    def _arrived(self) -> Iterator[tuple[Theft, Arrived]]:
        self._arrivals = None
        return super()._arrived()


def recorded(plan: Planted) -> Record:
    """Return what is planted on a ledger; a transfer's block is its row."""
    names = [Address(ETHEREUM.id, f"0x{place + 1:040x}") for place in range(plan.places)]
    moves, theft = plan.moves, int(np.flatnonzero(np.asarray(plan.moves.theft) >= 0)[0])
    rows = zip(moves.source, moves.target, moves.units, strict=True)
    ledger = Ledger(_transfer(row, move, names) for row, move in enumerate(rows))
    stolen = Theft("planted", ETH, STOLEN, ledger[theft].id, names[VICTIM], names[THIEF])
    return Record(ledger, stolen, names, frozenset(names[place] for place in np.flatnonzero(plan.ends)))


def _transfer(row: int, move: tuple[int, int, int], names: Sequence[Address]) -> Transfer:
    source, target, units = move
    kind = Kind.MINT if source < 0 else Kind.FEE if target < 0 else Kind.VALUE
    legs = (Leg(None if at < 0 else names[at], ETH, units) for at in (source, target))
    given, taken = ((leg,) for leg in legs)
    return Transfer(
        ETHEREUM.id, f"{row:x}", kind.value, row, 0, 0, 1_650_000_000 + row, kind, Basis.RECORDED, ok=True,
        inputs=given, outputs=taken,
    )  # fmt: skip


def traced(record: Record, kind: type[Tracer] = Tracer) -> Tracer:
    """Follow the theft from the ledger as a case does that fetches nothing, and apply every rule."""
    ended = End(StopReason.SERVICE, None, Class.P, "a label")
    tracer = kind([record.theft], dict.fromkeys(record.ends, ended).get, Policy())
    while wanted := tracer.wanted():
        for address in wanted:
            give(tracer, record.ledger, address)
    for rule in tracer.rules:
        tracer.flow(record.theft, rule)
    return tracer


def trail(record: Record, tracer: Tracer) -> Trail:
    """Return what a tracer found as columns tell it: in rows and places."""
    taint = {
        rule: {
            tracer.transfers[name].height: sum(units)
            for name, units in tracer.flow(record.theft, rule).legs.items()
        }
        for rule in tracer.rules
    }
    rows = sorted({row for units in taint.values() for row, part in units.items() if part})
    places = {name: place for place, name in enumerate(record.names)}
    return Trail(
        followed=tuple(sorted(places[address] for address in tracer.followed)),
        rows=tuple(rows),
        taint={rule: tuple(units.get(row, 0) for row in rows) for rule, units in taint.items()},
    )
