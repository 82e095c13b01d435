"""Which output is the change: twelve rules, each a small exact function over one transaction.

A rule returns the outputs that it cannot rule out, by number; it has a verdict only where one remains. So
rules combine by intersection, and one that knows nothing rules nothing out. After BlockSci (Kalodner et al.
2020), Meiklejohn et al. 2013, Nick 2015, Möser and Narayanan 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flowtrace.model import Leg, Transfer
from flowtrace_heuristics.utxo.coins import Coins, Freshness, is_new_coin, one_in_two_out, spendable
from flowtrace_heuristics.utxo.fingerprint import Fingerprint, Lock, differ
from flowtrace_heuristics.utxo.joinmarket import generic
from flowtrace_heuristics.utxo.round_fiat import is_round_fiat
from flowtrace_heuristics.utxo.sides import NO_ADDRESS, script_kind, sides_of

DIGITS = 6
"""C5: zeros at the end of a round payment's base units."""
ROUNDER_BY = 3
"""C6: so many more zeros at its end has a payment than the change."""
FEW_OUTPUTS = 2
"""C9: a consumer's wallet pays one and keeps one."""

Candidates = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Spend:
    """A transaction under the rules, with the index to its neighbours.

    Attributes
    ----------
    outputs
        The outputs somebody can spend, by number: all that a rule may return.
    spenders
        Of each of them the row in which it is spent, or None.
    known
        Of each of them whether its address is new.
    mark
        How the transaction itself is built.
    """

    transfer: Transfer
    place: int
    coins: Coins
    outputs: Candidates
    spenders: Mapping[int, int | None]
    known: Mapping[int, Freshness]
    mark: Fingerprint

    @classmethod
    def at(cls, coins: Coins, place: int) -> Spend:
        """Read the transaction in a row."""
        transfer = coins.ledger[place]
        outputs = spendable(transfer)
        legs = [(n, transfer.outputs[n]) for n in outputs]
        spenders = {n: coins.spender(transfer.chain_id, leg.coin) for n, leg in legs}
        known = {n: coins.freshness(leg, place) for n, leg in legs}
        return cls(transfer, place, coins, outputs, spenders, known, coins.fingerprint(place))

    def leg(self, number: int) -> Leg:
        """Return an output."""
        return self.transfer.outputs[number]

    def later(self, holds: Callable[[Fingerprint], bool | None]) -> Candidates:
        """Return the outputs whose spender does not fail a test; what is unspent or untold stays in."""
        return tuple(
            number
            for number, at in self.spenders.items()
            if at is None or holds(self.coins.fingerprint(at)) is not False
        )

    @property
    def fresh(self) -> Candidates:
        """The outputs whose address the ledger does not show before."""
        return tuple(number for number, known in self.known.items() if known.new)

    def all_told(self, numbers: Candidates) -> bool:
        """Tell whether the ledger's record of the addresses of all these outputs is whole."""
        return all(self.known[number].told for number in numbers)

    @property
    def to_itself(self) -> Candidates:
        """The outputs that pay an address of an input."""
        givers = [leg.address for leg in self.transfer.inputs if leg.address is not None]
        return tuple(n for n in self.outputs if self.leg(n).address in givers)


def decided(candidates: Candidates) -> int | None:
    """Return the output a rule names: the one it cannot rule out, where there is but one."""
    return candidates[0] if len(candidates) == 1 else None


def self_change(spend: Spend) -> Candidates:
    """C1: the outputs that pay an address of an input. Nothing where there are none."""
    return spend.to_itself


def fresh(spend: Spend) -> Candidates:
    """C2: the one output to a new address, all others being known, none an input's; not paid again soon."""
    found = spend.fresh
    if is_new_coin(spend.transfer) or spend.to_itself or not spend.all_told(found):
        return spend.outputs
    return () if len(found) == 1 and spend.known[found[0]].again else found


def optimal(spend: Spend) -> Candidates:
    """C3: the outputs worth less than every input; without a second input it says nothing."""
    inputs = spend.transfer.inputs
    if len(inputs) == 1:
        return spend.outputs
    least = min(leg.units for leg in inputs)
    return tuple(n for n in spend.outputs if spend.leg(n).units < least)


def same_kind(spend: Spend) -> Candidates:
    """C4: where all inputs are of one kind of script, the outputs of that kind."""
    kinds = spend.mark.kinds
    if len(kinds) != 1 or kinds[0] == NO_ADDRESS:
        return spend.outputs
    return tuple(n for n in spend.outputs if script_kind(spend.leg(n).address) == kinds[0])


def not_round(spend: Spend) -> Candidates:
    """C5: the outputs whose value does not end in six zeros."""
    return tuple(n for n in spend.outputs if spend.leg(n).units % 10**DIGITS)


def not_round_fiat(spend: Spend) -> Candidates:
    """C5f: the outputs that were no round sum of dollars or euros on the day; needs the day's price."""
    prices, time = spend.coins.ledger.prices, spend.transfer.time
    return tuple(n for n in spend.outputs if not is_round_fiat(spend.leg(n), prices, time))


def less_round(spend: Spend) -> Candidates:
    """C6: the output that every other one has three zeros more at its end than; else it rules nothing out."""
    zeros = {n: _zeros(spend.leg(n).units) for n in spend.outputs}
    least = sorted(zeros.values())[:2]
    if len(least) == 2 and least[1] - least[0] >= ROUNDER_BY:  # noqa: PLR2004  the least and the next
        return tuple(n for n in spend.outputs if zeros[n] == least[0])
    return spend.outputs


def _zeros(units: int) -> int:
    text = str(units) if units < 10**40 else ""  # no coin has so many: a forged amount is not weighed
    return len(text) - len(text.rstrip("0"))


def same_lock(spend: Spend) -> Candidates:
    """C7: the outputs whose spender has a lock time, where this transaction has one; else has none."""
    shape = spend.mark.shape
    if shape is None:
        return spend.outputs
    locks = shape.lock is not Lock.NONE
    return spend.later(
        lambda mark: None if mark.shape is None else (mark.shape.lock is not Lock.NONE) is locks
    )


def same_client(spend: Spend) -> Candidates:
    """C8: the outputs whose spender one wallet can have built as well as this transaction."""
    return spend.later(lambda mark: not differ(spend.mark, mark))


def consumer(spend: Spend) -> Candidates:
    """C9: the outputs that are not spent by a transaction with more than two outputs."""
    return spend.later(lambda mark: mark.outputs <= FEW_OUTPUTS)


def same_rate(spend: Spend) -> Candidates:
    """C10: the outputs whose spender pays the same fee for its size."""
    rate = -1 if spend.mark.shape is None else spend.mark.shape.rate
    if rate < 0:
        return spend.outputs
    return spend.later(
        lambda mark: None if mark.shape is None or mark.shape.rate < 0 else mark.shape.rate == rate
    )


def peeling(spend: Spend) -> Candidates:
    """C11: where one input makes two outputs, those that are spent in the same form."""
    if not one_in_two_out(spend.mark):
        return spend.outputs
    return tuple(
        n
        for n, at in spend.spenders.items()
        if at is not None and one_in_two_out(spend.coins.fingerprint(at))
    )


def legacy(spend: Spend) -> Candidates:
    """C12: BlockSci's first rule: no equal outputs, one output new and worth less than every input."""
    if is_new_coin(spend.transfer) or len(spend.outputs) < FEW_OUTPUTS:
        return ()
    least = min(leg.units for leg in spend.transfer.inputs)
    found = tuple(n for n in spend.fresh if spend.leg(n).units < least)
    if len(found) != 1 or not spend.all_told(found) or generic(sides_of(spend.transfer)):
        return ()
    return found


Rule = Callable[[Spend], Candidates]
RULES: tuple[tuple[str, Rule], ...] = (
    ("c1", self_change),
    ("c2", fresh),
    ("c3", optimal),
    ("c4", same_kind),
    ("c5", not_round),
    ("c5f", not_round_fiat),
    ("c6", less_round),
    ("c7", same_lock),
    ("c8", same_client),
    ("c9", consumer),
    ("c10", same_rate),
    ("c11", peeling),
    ("c12", legacy),
)
"""Every rule by its name in the rule card."""
VOTERS = tuple(name for name, _ in RULES if name not in ("c1", "c10"))
"""Who votes: not C1, which knows; not C10, for wallets today reckon the fee anew each time."""


def candidates(spend: Spend) -> dict[str, Candidates]:
    """Return what each rule cannot rule out."""
    return {name: rule(spend) for name, rule in RULES}


@dataclass(frozen=True, slots=True)
class Vote:
    """How the rules that decide vote.

    Attributes
    ----------
    change
        The output with the most votes; the smaller number of several, which no margin lets through.
    rules
        Who voted for it.
    margin
        Its votes less those of the next.
    deciding
        How many rules have a verdict at all.
    """

    change: int
    rules: tuple[str, ...]
    margin: int
    deciding: int


def vote(found: dict[str, Candidates]) -> Vote | None:
    """Count one vote for each rule with a verdict; None where no rule has one."""
    votes: dict[int, list[str]] = {}
    for name in VOTERS:
        number = decided(found.get(name, ()))
        if number is not None:
            votes.setdefault(number, []).append(name)
    if not votes:
        return None
    ranked = sorted(votes, key=lambda number: (-len(votes[number]), number))
    second = len(votes[ranked[1]]) if len(ranked) > 1 else 0
    best = votes[ranked[0]]
    return Vote(ranked[0], tuple(best), len(best) - second, sum(len(names) for names in votes.values()))


def the_one(found: dict[str, Candidates]) -> int | None:
    """Return the output that no rule which speaks rules out: the rules combined by intersection."""
    kept: set[int] | None = None
    for remaining in found.values():
        if remaining:
            kept = set(remaining) if kept is None else kept & set(remaining)
    return decided(tuple(kept or ()))
