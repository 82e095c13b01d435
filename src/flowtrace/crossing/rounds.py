"""CoinJoins as candidate matrices: which outputs stolen inputs may have become, and how much each can hold.

A round says what went in and what came out, not who paid for what. Every way to divide the inputs over the
outputs is a feasible mapping. Of units ``T`` that are stolen among ``S`` in all, an output of ``o`` units
holds at most ``min(o, T)`` and at least ``max(0, o - (S - T))``, and both are reached by some mapping.

Where the sums tell which inputs paid for a change (``joinmarket_change``), those inputs pay for that change
and one shared output, and nothing else but fees: both bounds are tighter. What such a party gets beyond what
it gives, a maker's fee, may be anybody's.

Source: algorithms 5.2, the linear program of feasible mappings; its optimum has this closed form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flowtrace.model import (
    Entered,
    Hop,
    Left,
    Leg,
    Pattern,
    Round,
    Rule,
    Transfer,
)

ROUND, SOLVED = "collaborative transaction", "change linked by subset sum"
"""Names of the patterns that are read: the detectors' and that of JoinMarket's sums."""
_GAIN = 20_000  # what a maker may gain, as joinmarket_change has it, or 0.1 % of the shared value
Bounds = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Party:
    """Inputs, by number, that paid for one change and for one output of the shared value."""

    inputs: tuple[int, ...]
    change: int


def bounds(
    gives: Sequence[int],
    stolen: Sequence[int],
    takes: Sequence[int],
    *,
    parties: Sequence[Party] = (),
    shared: int = 0,
) -> Bounds:
    """Return (least, most) stolen units of each output over all feasible mappings.

    Parameters
    ----------
    gives, stolen
        Units of each input, and how many of them are stolen.
    takes
        Units of each output, the fee among them, so that both sides sum to the same.
    parties, shared
        What the sums tell, and the value that every party gets one output of.

    Examples
    --------
    >>> bounds([5, 5], [5, 0], [7, 3])
    [(2, 5), (0, 3)]
    """
    whole, bad = sum(gives), sum(stolen)
    found = [_within(units, bad, whole - bad) for units in takes]
    if not parties:
        return found
    groups = [_group(party, gives, stolen) for party in parties]
    known = {number for party in parties for number in party.inputs}
    rest = [n for n in range(len(gives)) if n not in known]
    rest_bad, rest_all = sum(stolen[n] for n in rest), sum(gives[n] for n in rest)
    excess = [_excess(party, gives, takes, shared=shared) for party in parties]
    spare = [max(0, more) for more in excess]
    if takes.count(shared) > len(parties):  # some shared output is of nobody who is solved
        groups.append((rest_bad, rest_all - rest_bad))
        spare.append(sum(max(0, -more) for more in excess))
    for party, group, more in zip(parties, groups, spare, strict=False):
        own_bad, own_clean = group
        other_bad, other_clean = bad - own_bad, whole - bad - own_clean
        most = own_bad + min(more, other_bad)
        clean = own_clean + min(more, other_clean)
        found[party.change] = _both(found[party.change], _within(takes[party.change], most, clean))
    changes = {party.change for party in parties}
    for number, units in enumerate(takes):
        if units == shared and number not in changes:
            each = [
                _within(units, own + min(more, bad - own), clean + min(more, whole - bad - clean))
                for (own, clean), more in zip(groups, spare, strict=True)
            ]
            found[number] = _both(found[number], (min(a for a, _ in each), max(b for _, b in each)))
    return found


def _within(units: int, bad: int, clean: int) -> tuple[int, int]:
    return max(0, units - clean), min(units, bad)


def _both(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return max(one[0], other[0]), min(one[1], other[1])


def _group(party: Party, gives: Sequence[int], stolen: Sequence[int]) -> tuple[int, int]:
    """Return how much of what a party gives is stolen, and how much is not."""
    bad = sum(stolen[n] for n in party.inputs)
    return bad, sum(gives[n] for n in party.inputs) - bad


def _excess(party: Party, gives: Sequence[int], takes: Sequence[int], *, shared: int) -> int:
    return takes[party.change] + shared - sum(gives[n] for n in party.inputs)


def rounds(
    patterns: Iterable[Pattern], hops: Sequence[Hop], transfers: Mapping[str, Transfer]
) -> tuple[Round, ...]:
    """Return every round that coins of a theft enter, in the order of the patterns.

    Parameters
    ----------
    patterns
        What detectors found; those of :data:`ROUND` and :data:`SOLVED` are read.
    hops
        The trace: the taint of the coins that its payments made.
    transfers
        Transactions, by the transfer's id.
    """
    told = list(patterns)
    solved = {one.because[0]: one.figure("links") for one in told if one.name == SOLVED and one.because}
    tainted: dict[str, dict[str, Mapping[Rule, int]]] = {}
    rows: dict[tuple[str, str], list[int]] = {}
    for hop in hops:
        coin = hop.transfer.outputs[hop.leg].coin
        rows.setdefault((hop.theft, hop.transfer.id), []).append(hop.row)
        if coin:
            tainted.setdefault(hop.theft, {})[coin] = hop.taint
    found = []
    for one in told:
        transfer = transfers.get(one.because[0]) if one.name == ROUND and one.because else None
        if transfer is None:
            continue
        for theft, coins in tainted.items():
            if any(leg.coin in coins for leg in transfer.inputs):
                made = _round(one, transfer, coins, theft=theft, links=solved.get(transfer.id, ""))
                found.append(replace(made, rows=tuple(rows.get((theft, transfer.id), ()))))
    return tuple(found)


def _round(
    pattern: Pattern,
    transfer: Transfer,
    coins: Mapping[str, Mapping[Rule, int]],
    *,
    theft: str,
    links: str,
) -> Round:
    gives, takes = ([leg.units for leg in legs] for legs in (transfer.inputs, transfer.outputs))
    shared = int(pattern.figure("equal_value") or 0)
    parties = solved_by(links, transfer, shared)
    rules = sorted({rule for taint in coins.values() for rule in taint if rule is not Rule.POISON})
    by_rule = [[_stolen(leg, coins, rule) for leg in transfer.inputs] for rule in rules]
    told = [bounds(gives, stolen, takes, parties=parties, shared=shared) for stolen in by_rule]
    left = tuple(
        Left(
            n, leg.address, leg.coin, leg.units,
            min(each[n][0] for each in told), max(each[n][1] for each in told),
            solved=any(party.change == n for party in parties),
        )
        for n, leg in enumerate(transfer.outputs)
    )  # fmt: skip
    entered = tuple(
        Entered(
            n, leg.coin, leg.units, min(each[n] for each in by_rule), max(each[n] for each in by_rule),
            _into(n, max(each[n] for each in by_rule), left, parties=parties, shared=shared),
        )
        for n, leg in enumerate(transfer.inputs)
        if any(each[n] for each in by_rule)
    )  # fmt: skip
    asset = transfer.outputs[0].asset
    return Round(
        theft, transfer.id, transfer.chain_id, transfer.tx, asset, pattern.figure("design"),
        pattern.figure("verdict"), pattern.by, entered, left,
    )  # fmt: skip


def _stolen(leg: Leg, coins: Mapping[str, Mapping[Rule, int]], rule: Rule) -> int:
    return coins.get(leg.coin, {}).get(rule, 0) if leg.coin else 0


def _into(
    number: int, stolen: int, left: Sequence[Left], *, parties: Sequence[Party], shared: int
) -> tuple[tuple[int, int], ...]:
    """Return which outputs an input may have paid for, with the most of its stolen units there.

    An input of a solved party pays for its change and a shared output; what a maker gains beyond is not told
    apart, so the bounds of each output stand beside.
    """
    own = next((party for party in parties if number in party.inputs), None)
    others = {party.change for party in parties if party is not own}
    able = [
        one for one in left
        if one.number not in others and (own is None or one.number == own.change or one.units == shared
                                         or one.address is None)
    ]  # fmt: skip
    return tuple((one.number, most) for one in able if (most := min(stolen, one.units, one.most)))


def solved_by(links: str, transfer: Transfer, shared: int) -> tuple[Party, ...]:
    """Return the parties that the sums tell whole: their inputs pay for the change and the shared value.

    ``links`` is as ``joinmarket_change`` writes it: ``change<-input`` by number, outputs without the fee.
    """
    paid = [n for n, leg in enumerate(transfer.outputs) if leg.coin or leg.address is not None]
    groups: dict[int, list[int]] = {}
    for link in links.split():
        output, _, given = link.partition("<-")
        groups.setdefault(paid[int(output)], []).append(int(given))
    found = []
    for change, inputs in sorted(groups.items()):
        gives = sum(transfer.inputs[n].units for n in inputs)
        if gives >= transfer.outputs[change].units + shared - max(_GAIN, shared // 1000):
            found.append(Party(tuple(inputs), change))
    return tuple(found)
