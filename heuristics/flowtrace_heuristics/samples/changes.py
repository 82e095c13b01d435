"""How the readings of change do: where wallets' keys are known, and where later spending tells.

In the JoinMarket emulation one program, Bitcoin Core, pays every wallet its first coins and keeps change:
what no wallet's key owns is that change. In its rounds the keys say whose each change is.

Two choices were made after a first look at these payments: C8 counts BIP-69's order only where it is no
chance (as first written it named 24 rightly and 15 wrongly), and C10 does not vote (when both were as first
written, the vote named 47 rightly and none wrongly). So what they show of C8 and of the vote is no test on
fresh data, and the samples' names say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path

from flowtrace.measure import Counts, Sample
from flowtrace.model import SameOwner
from flowtrace_heuristics.samples import wallets
from flowtrace_heuristics.samples.coinjoins import DATA, NOBODY
from flowtrace_heuristics.samples.cospent import LISTS, known_change
from flowtrace_heuristics.samples.shapes import shaped_runs
from flowtrace_heuristics.utxo.change import RULES, Spend, decided
from flowtrace_heuristics.utxo.change_candidates import change_candidates, spends
from flowtrace_heuristics.utxo.change_vote import change_vote, elected
from flowtrace_heuristics.utxo.coins import Coins
from flowtrace_heuristics.utxo.joinmarket_change import joinmarket_change
from flowtrace_heuristics.utxo.peel_chain import peel_chain_links
from flowtrace_heuristics.utxo.sides import most_common, sides_of

Known = Iterable[tuple[Spend, int]]
Truth = Callable[[Path], Known]


@lru_cache(maxsize=1)
def funding(folder: Path) -> tuple[tuple[Spend, int], ...]:
    """Return the payments that fund the emulated wallets, each with the number of the payer's change."""
    found = []
    for run in shaped_runs(folder / wallets.JOINMARKET):
        for spend in spends(Coins(run.ledger, NOBODY)):
            back = [n for n in spend.outputs if spend.leg(n).address not in run.owner]
            if not wallets.owners(run, spend.transfer) and len(back) == 1:
                found.append((spend, back[0]))
    return tuple(found)


def named_by_rule(name: str, truth: Truth, folder: Path) -> Counts:
    """Count the changes that a rule names, what it names wrongly, and those it does not name."""
    rule = dict(RULES)[name]
    return _counts((decided(rule(spend)), change) for spend, change in truth(folder))


def named_by_vote(truth: Truth, folder: Path) -> Counts:
    """Count the changes that the vote names, what it names wrongly, and those it does not name."""
    won = ((elected(spend), change) for spend, change in truth(folder))
    return _counts((None if one is None else one.change, change) for one, change in won)


def _counts(named: Iterable[tuple[int | None, int]]) -> Counts:
    said = list(named)
    right = sum(1 for name, change in said if name == change)
    silent = sum(1 for name, _ in said if name is None)
    return Counts(tp=right, fp=len(said) - right - silent, fn=len(said) - right)


def linked(folder: Path) -> Counts:
    """Count the change outputs of the emulated rounds that are linked to their owner, to another, or not."""
    right = wrong = changes = 0
    for run in wallets.runs(folder / wallets.JOINMARKET):
        for transfer in run.ledger:
            sides = sides_of(transfer)
            if len(wallets.owners(run, transfer)) > 1:
                changes += len(sides.paid) - most_common(sides.counts)[1]
        links: dict[str, set[bool]] = {}
        for one in joinmarket_change(run.ledger, NOBODY):
            if isinstance(one, SameOwner):
                true = run.owner[one.a] == run.owner[one.b]
                links.setdefault(f"{one.because[0]} {one.b}", set()).add(true)
        right += sum(1 for said in links.values() if said == {True})
        wrong += sum(1 for said in links.values() if False in said)
    return Counts(tp=right, fp=wrong, fn=changes - right)


def followed(folder: Path) -> Counts:
    """Count the links of peel chains that stay with the program that funds the wallets, and that leave it."""
    right = wrong = 0
    for run in shaped_runs(folder / wallets.JOINMARKET):
        for one in peel_chain_links(run.ledger, NOBODY):
            if isinstance(one, SameOwner):
                stays = run.owner.get(one.a) == run.owner.get(one.b)
                right, wrong = right + stays, wrong + (not stays)
    return Counts(tp=right, fp=wrong)


_KEYS = "independent: every wallet's keys are known"
_FUNDING = f"payments by one Bitcoin Core that fund the JoinMarket emulation ({_KEYS})"
_SEEN = f"{_FUNDING}; not fresh data: this rule was adjusted after a look at it"
_COSPENT = (
    "rounds and what follows them on the main chain (truth by construction: the output later spent with the "
    "payer's coins)"
)
BY_KEYS, ADJUSTED = ("c5", "c6", "c9", "c10", "c11"), ("c8",)
"""The rules that decide anything there: the others find one kind of script, one input, two new addresses."""
BY_SPENDING = ("c2", "c3", "c4", "c5", "c6", "c9", "c12")

SAMPLES = (
    Sample(
        joinmarket_change.by,
        f"rounds of the JoinMarket emulation ({_KEYS})",
        DATA,
        "change outputs linked to an input",
        (wallets.JOINMARKET,),
        linked,
    ),
    Sample(
        peel_chain_links.by,
        _FUNDING,
        DATA,
        "links from a payer to its change",
        (wallets.JOINMARKET,),
        followed,
    ),
    *(
        Sample(change_vote.by, name, DATA, "changes named", files, partial(named_by_vote, truth))
        for name, files, truth in (
            (_SEEN, (wallets.JOINMARKET,), funding),
            (_COSPENT, tuple(LISTS), known_change),
        )
    ),
    *(
        Sample(
            change_candidates.by,
            f"rule {rule.upper().replace('F', 'f')}: {name}",
            DATA,
            "changes named",
            files,
            partial(named_by_rule, rule, truth),
        )
        for rules, name, files, truth in (
            (BY_KEYS, _FUNDING, (wallets.JOINMARKET,), funding),
            (ADJUSTED, _SEEN, (wallets.JOINMARKET,), funding),
            (BY_SPENDING, _COSPENT, tuple(LISTS), known_change),
        )
        for rule in rules
    ),
)
