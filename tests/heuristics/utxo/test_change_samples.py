"""What the readings of change get right and wrong on public data whose truth is known otherwise."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pytest

from flowtrace.ledger import Ledger
from flowtrace.measure import Counts
from flowtrace.model import Pattern
from flowtrace_heuristics.samples import changes, wallets
from flowtrace_heuristics.samples.coinjoins import NOBODY
from flowtrace_heuristics.samples.cospent import LISTS, known_change
from flowtrace_heuristics.samples.dumplings import transactions
from flowtrace_heuristics.utxo.change import RULES
from flowtrace_heuristics.utxo.joinmarket_change import joinmarket_change
from flowtrace_heuristics.utxo.postmix import postmix_consolidation

pytestmark = pytest.mark.real
DATA = Path(__file__).resolve().parents[3] / "../shared/data"
EMULATION = DATA / wallets.JOINMARKET


def absent(*files: str) -> pytest.MarkDecorator:
    """Return a mark that skips where a file of the recorded data is not there."""
    missing = [file for file in files if not (DATA / file).is_file()]
    return pytest.mark.skipif(bool(missing), reason=f"recorded data is not here: {missing}")


@absent(wallets.JOINMARKET)
def test_subset_sums_link_change_without_an_error() -> None:
    """Algorithms 8.3: ">= 120/120 precision, recall >= 75 %" of 159 change outputs."""
    counts = changes.linked(DATA)
    assert counts == Counts(tp=124, fp=0, fn=35)
    assert counts.tp >= 120
    assert counts.tp * 100 >= 75 * 159


@absent(wallets.JOINMARKET)
def test_the_recorded_round_has_four_ways() -> None:
    """Algorithms 1.2, vector da50e2d7...476283, read from the node's own block."""
    (run,) = wallets.runs(EMULATION)
    found = [one for one in joinmarket_change(run.ledger, NOBODY) if isinstance(one, Pattern)]
    (seen,) = (one for one in found if one.because[0].split(":")[2].startswith("da50e2d7"))
    assert seen.figure("ways") == "4"
    change, given = (int(place) for place in seen.figure("links").split("<-"))
    transfer = next(one for one in run.ledger if one.id == seen.because[0])
    assert (transfer.outputs[change].units, transfer.inputs[given].units) == (2_851_830, 3_000_000)


@absent(wallets.JOINMARKET)
def test_links_of_peel_chains_stay_with_their_owner() -> None:
    """Bitcoin Core funds the wallets by peeling: no link leaves it."""
    assert changes.followed(DATA) == Counts(tp=32, fp=0)


@absent(wallets.JOINMARKET)
def test_the_vote_names_the_change_of_known_payments() -> None:
    """81 payments by one program to wallets whose keys are known."""
    assert changes.named_by_vote(changes.funding, DATA) == Counts(tp=70, fp=0, fn=11)


KEYS = {"c5": (37, 0), "c6": (80, 0), "c8": (47, 0), "c9": (47, 0), "c10": (0, 33), "c11": (80, 0)}


@absent(wallets.JOINMARKET)
@pytest.mark.parametrize("rule", [name for name, _ in RULES])
def test_each_rule_on_known_payments(rule: str) -> None:
    """Right and wrong by rule; those that are not listed decide nothing there."""
    right, wrong = KEYS.get(rule, (0, 0))
    assert changes.named_by_rule(rule, changes.funding, DATA) == Counts(right, wrong, 81 - right)
    assert (rule in (*changes.BY_KEYS, *changes.ADJUSTED)) is (right + wrong > 0)


SPENDING = {"c2": (1, 0), "c3": (0, 3), "c4": (5, 0), "c5": (3, 0), "c6": (3, 0), "c9": (0, 5), "c12": (0, 3)}


@absent(*LISTS)
def test_each_rule_where_later_spending_tells() -> None:
    """Twelve of the main chain whose change is spent with the payer's coins later: few, but real."""
    assert len(known_change(DATA)) == 12
    for rule, _ in RULES:
        right, wrong = SPENDING.get(rule, (0, 0))
        assert changes.named_by_rule(rule, known_change, DATA) == Counts(right, wrong, 12 - right)
        assert (rule in changes.BY_SPENDING) is (right + wrong > 0)
    assert changes.named_by_vote(known_change, DATA) == Counts(2, 0, 10)


@absent(wallets.JOINMARKET, *LISTS)
def test_every_sample_counts() -> None:
    """Each is found in the folder and finds something: none is an empty row of the catalogue."""
    for sample in changes.SAMPLES:
        assert sample.held(DATA)
        assert sum(number or 0 for number in astuple(sample.count(DATA))[:2])


@absent("coinjoin/dumplings__end_zksnacks_202405.zip")
def test_coins_of_real_rounds_are_joined_later() -> None:
    """Wasabi 2, May 2024: 23 times coins of one listed round are spent together; nobody's truth is known."""
    file = DATA / "coinjoin/dumplings__end_zksnacks_202405.zip"
    once = {
        one.id: one for name in ("Wasabi2CoinJoins", "Wasabi2PostMixTxs") for one in transactions(file, name)
    }
    found = [one for one in postmix_consolidation(Ledger(once.values()), NOBODY) if isinstance(one, Pattern)]
    assert len(found) == 23
    assert {one.figure("round") for one in found} == {"wasabi 2"}
