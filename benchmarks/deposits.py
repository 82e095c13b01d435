"""Deposit reuse on a planted world: seconds, recall and precision, beside a join on rounded amounts.

    python benchmarks/deposits.py [TRANSFERS [TIMES]]    10^6, half of them payments and half their fees; once

The world is made here, with a known truth: customers who pay their deposit addresses from one or several
wallets, swept at once, with a little left behind, in tokens with the exchange's gas, or all together
later; brokers whose hundreds of customers share one address; exchanges that pay each other, directly and
into deposit addresses; customers who pay on from one wallet to the next; people who get an amount and pay
just as much to an exchange, and to others too; and everybody else. Brokers with no more customers than the
rule's guard cannot be told from one owner, so none is planted. Every payment has its fee, a transfer of its
own. Making the ledger, or the frame of the join, is not counted. Seconds are processor time, the least of
some tries: the machine may be shared.

The join beside it is written as Tutela and etherclust have it: amounts in floating point, rounded to 0.1, and
deposit addresses that are users themselves taken out.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from flowtrace.ledger import Ledger
from flowtrace.model import (
    ETHEREUM,
    Address,
    Asset,
    Basis,
    Category,
    Coverage,
    Entity,
    Kind,
    Label,
    Leg,
    Role,
    SameOwner,
    Scope,
    Transfer,
    Use,
)
from flowtrace_heuristics.account.deposit_reuse import ALLOWANCE, WINDOW, deposit_reuse

ETH = Asset.native(ETHEREUM)
GAS = 21_000 * 30 * 10**9
ONE = 10**18
UNEVEN, IN_TOKENS, TO_THE_UNIT = 0.5, 0.2, 0.8  # shares of amounts and of ways to sweep
MOST_SECONDS, LEAST_RECALL, LEAST_PRECISION = 0.5, 1.0, 0.99


@dataclass(frozen=True)
class Paid:
    """One payment: who paid whom, in which block, how much of what."""

    source: int
    target: int
    height: int
    units: int
    token: bool = False


@dataclass
class Plan:
    """The world by numbers of addresses, and what is true of it."""

    chance: random.Random
    paid: list[Paid] = field(default_factory=list)
    count: int = 0
    wallets: dict[int, str] = field(default_factory=dict)
    deposits: set[int] = field(default_factory=set)
    links: set[tuple[int, int]] = field(default_factory=set)
    owner: dict[int, int] = field(default_factory=dict)

    def new(self, owner: int | None = None) -> int:
        """Return a new address, of nobody else or of an owner."""
        self.count += 1
        self.owner[self.count] = self.count if owner is None else owner
        return self.count

    def amount(self) -> int:
        """Return a coin amount as people send them: mostly round, sometimes to the last unit."""
        cents = self.chance.randint(2, 3_000) * ONE // 100
        return cents if self.chance.random() < UNEVEN else cents + self.chance.randrange(ONE // 100)

    def pay(self, source: int, target: int, units: int, *, at: int, token: bool = False) -> None:
        """Add a payment."""
        self.paid.append(Paid(source, target, at, units, token))


def _swept(plan: Plan, payer: int, deposit: int, *, hot: int) -> None:
    """Pay into a deposit address and sweep it at once: to the unit, nearly, or in tokens."""
    at, way = plan.chance.randrange(1, 900_000), plan.chance.random()
    units, later = plan.amount(), at + plan.chance.randint(1, WINDOW - 200)
    plan.links.add((payer, deposit))
    if way < IN_TOKENS:
        plan.pay(payer, deposit, units // 10**12, at=at, token=True)
        plan.pay(hot, deposit, 2 * GAS, at=later)
        plan.pay(deposit, hot, units // 10**12, at=later + 5, token=True)
        return
    kept = 0 if way < TO_THE_UNIT else plan.chance.randrange(ALLOWANCE - GAS)
    plan.pay(payer, deposit, units, at=at)
    plan.pay(deposit, hot, units - GAS - kept, at=later)


def _customers(plan: Plan, number: int, hot: list[int]) -> None:
    for _ in range(number):
        owner, deposit, wallet = plan.new(), plan.new(), plan.chance.choice(hot)
        plan.deposits.add(deposit)
        payers = [owner, *(plan.new(owner) for _ in range(plan.chance.choice((0, 0, 0, 1, 2))))]
        for _ in range(plan.chance.randint(3, 9)):
            _swept(plan, plan.chance.choice(payers), deposit, hot=wallet)


def _consolidated(plan: Plan, number: int, hot: list[int]) -> None:
    """Plant addresses that are emptied once, long after: deposit addresses that link no payers."""
    for _ in range(number):
        deposit, units = plan.new(), [plan.amount() for _ in range(3)]
        plan.deposits.add(deposit)
        for nth, one in enumerate(units):
            plan.pay(plan.new(), deposit, one, at=1_000 * (nth + 1))
        plan.pay(deposit, plan.chance.choice(hot), sum(units) - GAS, at=500_000)


def _brokers(plan: Plan, number: int, hot: list[int]) -> None:
    for _ in range(number):
        deposit, wallet = plan.new(), plan.chance.choice(hot)
        plan.deposits.add(deposit)
        for _ in range(plan.chance.randint(60, 300)):
            _swept(plan, plan.new(), deposit, hot=wallet)


def _between_exchanges(plan: Plan, number: int, hot: list[int]) -> None:
    """Plant withdrawals that an exchange pays to another, and straight into a customer's deposit address."""
    deposits = sorted(plan.deposits)
    for _ in range(number):
        one, other = plan.chance.sample(hot, 2)
        plan.pay(one, other, plan.amount(), at=plan.chance.randrange(1, 900_000))
    wallets = {paid.source: paid.target for paid in plan.paid if paid.source in plan.deposits}
    for deposit in plan.chance.sample(deposits, number):
        at, units = plan.chance.randrange(1, 900_000), plan.amount()
        plan.pay(plan.chance.choice(hot), deposit, units, at=at)
        plan.pay(deposit, wallets[deposit], units - GAS, at=at + 40)


def _look_alikes(plan: Plan, number: int, hot: list[int]) -> None:
    """Plant people who get an amount, pay as much to an exchange, and pay a friend at another time."""
    for _ in range(number):
        person, friend, units = plan.new(), plan.new(), plan.amount()
        at = plan.chance.randrange(1, 900_000)
        plan.pay(friend, person, units, at=at)
        plan.pay(person, plan.chance.choice(hot), units - GAS, at=at + 100)
        plan.pay(friend, person, 2 * GAS + 5, at=at + 200)
        plan.pay(person, friend, GAS, at=at + 300)


def _chains(plan: Plan, number: int) -> None:
    """Plant customers whose first wallet pays their second, which pays the deposit address."""
    payers = sorted({payer for payer, _ in plan.links})
    for payer in plan.chance.sample(payers, number):
        plan.pay(plan.new(plan.owner[payer]), payer, plan.amount(), at=plan.chance.randrange(1, 900_000))


def world(payments: int, times: int = 1, seed: int = 7) -> Plan:
    """Return a planted world of so many payments: about one in ten at exchanges, or so many times as many."""
    plan = Plan(random.Random(seed))  # noqa: S311  a planted world, and no secret
    hot = [plan.new() for _ in range(30)]
    plan.wallets = {one: f"exchange-{nth % 10}" for nth, one in enumerate(hot)}
    share = times * payments // 1_000
    _customers(plan, 6 * share, hot)
    _consolidated(plan, share, hot)
    _brokers(plan, share // 25, hot)
    _between_exchanges(plan, 2 * share, hot)
    _look_alikes(plan, 3 * share, hot)
    _chains(plan, 3 * share)
    people = [plan.new() for _ in range(payments // 10)]
    while len(plan.paid) < payments:
        source, target = plan.chance.choice(people), plan.chance.choice(people)
        plan.pay(source, target, plan.amount(), at=plan.chance.randrange(1, 900_000))
    plan.paid.sort(key=lambda one: one.height)
    return plan


def address(number: int) -> Address:
    """Return the address of a number."""
    return Address(ETHEREUM.id, _text(number))


class Known:
    """Who is who: the exchanges' wallets and nobody else."""

    def __init__(self, wallets: dict[int, str]) -> None:
        self.labels = {address(number): _label(number, name) for number, name in wallets.items()}

    def service(self, one: Address) -> Label | None:
        """Return the label of an exchange's wallet."""
        return self.labels.get(one)

    def of(self, one: Address) -> tuple[Label, ...]:
        """Return what is said of an address."""
        return (self.labels[one],) if one in self.labels else ()

    def listed(self, chain_id: str, tx: str) -> tuple[str, ...]:
        """Return no list: none is kept here."""
        del chain_id, tx
        return ()


def _label(number: int, name: str) -> Label:
    entity = Entity(name, name, Category.EXCHANGE)
    return Label(
        address(number), name, Category.EXCHANGE, Use.HOT_WALLET, entity, "planted", "own", "2026-01-01"
    )


def ledger_of(plan: Plan) -> Ledger:
    """Return the planted world as a ledger, with a complete record of every address."""
    names = [address(number) for number in range(plan.count + 1)]
    token = Asset.token(address(plan.count + 1), "USDT", 6)
    told = {"complete": True, "check": "planted", "fetched_at": "", "source": "planted"}
    record = [Coverage(one, Scope.EXTERNAL, 0, 1 << 20, **told) for one in names[1:]]
    return Ledger(_transfers(plan.paid, names, token), record)


def _transfers(paid: Iterable[Paid], names: list[Address], token: Asset) -> Iterator[Transfer]:
    for nth, one in enumerate(paid):
        source, target = names[one.source], names[one.target]
        yield _transfer(nth, one, Kind.FEE, legs=(Leg(source, ETH, GAS), Leg(None, ETH, GAS)))
        asset, kind = (token, Kind.CALL) if one.token else (ETH, Kind.VALUE)
        legs = (Leg(source, asset, one.units), Leg(target, asset, one.units))
        yield _transfer(nth, one, kind, legs=legs)


def _transfer(nth: int, paid: Paid, kind: Kind, *, legs: tuple[Leg, Leg]) -> Transfer:
    order = list(Kind).index(kind)
    return Transfer(
        ETHEREUM.id, f"0x{nth:064x}", kind.value, paid.height, nth, order, 12 * paid.height, kind,
        Basis.RECORDED, ok=True, inputs=legs[:1], outputs=legs[1:],
    )  # fmt: skip


def rounded(frame: pd.DataFrame, exchanges: list[str]) -> set[tuple[str, str]]:
    """Return (payer, deposit address) by a join on amounts rounded to 0.1."""
    sends = frame[frame["to"].isin(exchanges) & ~frame["from"].isin(exchanges)]
    gets = frame[frame["to"].isin(sends["from"]) & ~frame["from"].isin(exchanges)]
    keys = ["asset", "rounded"]
    both = gets.merge(sends, left_on=["to", *keys], right_on=["from", *keys], suffixes=("", "_sweep"))
    blocks, left = both["block_sweep"] - both["block"], both["value"] - both["value_sweep"]
    both = both[(blocks >= 0) & (blocks <= WINDOW) & (left >= 0) & (left <= ALLOWANCE / ONE)]
    pruned = both[~both["to"].isin(both["from"])]
    return set(zip(pruned["from"].tolist(), pruned["to"].tolist(), strict=True))


def frame_of(plan: Plan) -> pd.DataFrame:
    """Return the payments as such a join reads them: addresses as text, coin rounded, tokens as they are."""
    rows = [
        (
            _text(one.source),
            _text(one.target),
            one.height,
            one.token,
            one.units / (10**6 if one.token else ONE),
        )
        for one in plan.paid
    ]
    frame = pd.DataFrame(rows, columns=pd.Index(["from", "to", "block", "asset", "value"]))
    frame["rounded"] = frame["value"].where(frame["asset"], frame["value"].round(1))
    return frame


def _text(number: int) -> str:
    return f"0x{number * 0x9E3779B97F4A7C15 & (1 << 160) - 1:040x}"


def joined(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return each member of each cluster that pairs make, with the cluster's smallest."""
    root: dict[int, int] = {}

    def top(one: int) -> int:
        root.setdefault(one, one)
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for pair in pairs:
        first, second = sorted(map(top, pair))
        root[second] = first
    return {(top(one), one) for one in root if top(one) != one}


def shared(links: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the pairs of payers that share a deposit address."""
    first: dict[int, int] = {}
    return {(first.setdefault(deposit, payer), payer) for payer, deposit in sorted(links)}


def truth_of(plan: Plan) -> set[tuple[int, int]]:
    """Return the payers of one owner that share a deposit address: what is there to be found."""
    by_owner = {(payer, (deposit, plan.owner[payer])) for payer, deposit in plan.links}
    numbered = {key: nth for nth, key in enumerate(sorted({key for _, key in by_owner}))}
    return joined(shared((payer, numbered[key]) for payer, key in by_owner))


def judge(name: str, found: set[Any], true: set[Any]) -> bool:
    """Print recall and precision; return whether they keep the bars."""
    hits = len(found & true)
    recall, precision = hits / len(true), hits / max(1, len(found))
    print(
        f"  {name:20} recall {recall:.4f}, precision {precision:.4f}; {len(found):,} found of {len(true):,}"
    )
    return recall >= LEAST_RECALL and precision >= LEAST_PRECISION


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the least processor time of some tries, and what came of the last."""
    took, result = [], None
    for _ in range(5):
        begun = time.thread_time()
        result = work()
        took.append(time.thread_time() - begun)
    return min(took), result


def main(transfers: int, times: int = 1) -> None:
    """Make the world, read it both ways, print what came of it."""
    plan = world(transfers // 2, times)
    begun = time.perf_counter()
    ledger, known, frame = ledger_of(plan), Known(plan.wallets), frame_of(plan)
    numbers = {address(number): number for number in range(plan.count + 1)}
    print(f"{len(ledger):,} transfers: {len(plan.paid):,} payments and their fees; {plan.count:,} addresses")
    print(f"made in {time.perf_counter() - begun:.0f} s, which is not counted")
    true = truth_of(plan)

    read, _ = timed(lambda: tuple(deposit_reuse.read(ledger, known)))
    took, found = timed(lambda: deposit_reuse(ledger, known))
    print(f"deposit_reuse: {took:.2f} s; {read:.2f} s of it reading, the rest checking what was found")
    roles = {numbers[one.address] for one in found if isinstance(one, Role)}
    pairs = {(numbers[one.a], numbers[one.b]) for one in found if isinstance(one, SameOwner)}
    kept = [
        judge("deposit addresses", roles, plan.deposits),
        judge("payers of one owner", joined(pairs), true),
    ]

    texts = {_text(number): number for number in range(plan.count + 1)}
    slow, joins = timed(lambda: rounded(frame, [_text(one) for one in sorted(plan.wallets)]))
    links = [(texts[payer], texts[deposit]) for payer, deposit in joins]
    print(f"join on rounded amounts: {slow:.2f} s")
    judge("deposit addresses", {deposit for _, deposit in links}, plan.deposits)
    judge("payers of one owner", joined(shared(links)), true)
    met = "met" if all(kept) and took < MOST_SECONDS else "MISSED"
    print(f"bars, {MOST_SECONDS} s, recall {LEAST_RECALL}, precision {LEAST_PRECISION}: {met}")


if __name__ == "__main__":
    main(int(float((*sys.argv, 10**6)[1])), *map(int, sys.argv[2:3]))
