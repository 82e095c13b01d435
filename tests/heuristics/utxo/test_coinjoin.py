"""What is said of transactions that several made, and of those that prepare coins for it."""

from __future__ import annotations

from flowtrace.ledger import Ledger
from flowtrace.model import Pattern
from flowtrace_heuristics.utxo.coinjoin import coinjoin
from flowtrace_heuristics.utxo.whirlpool_tx0 import whirlpool_tx0
from towns.rounds import JOINMARKET, MIX, PREPARED, PURCHASES, WAGES, known, spend
from toytown import NOBODY


def test_a_round_is_shown_with_its_figures() -> None:
    """A reader checks it by verdict, design, detectors, and the counts they rest on."""
    (found,) = coinjoin(Ledger([JOINMARKET, WAGES, *PURCHASES]), NOBODY)
    assert isinstance(found, Pattern)
    assert found.because == (JOINMARKET.id,)
    assert dict(found.figures) == {
        "verdict": "yes",
        "design": "equal outputs",
        "detectors": "D0, D5, D5'",
        "inputs": "3",
        "outputs": "6",
        "equal_outputs": "3",
        "equal_value": "1000000",
    }
    assert found.detail.startswith("made by several (equal outputs): 3 inputs, 6 outputs")


def test_a_suspect_is_shown_as_one() -> None:
    """SUSPECT is a pattern too, and its words leave the doubt in."""
    odd = spend("odd", [("ann", 90_000), ("ben", 90_000)], [("x", 50_000), ("y", 50_000), ("z", 79_000)])
    (found,) = coinjoin(Ledger([odd]), NOBODY)
    assert isinstance(found, Pattern)
    assert found.figure("verdict") == "suspect"
    assert found.detail.startswith("perhaps made by several")


def test_a_tx0_names_its_owner_and_the_mixes_it_feeds() -> None:
    """1.2: "outputs are same-owner except coordinator fee": who gives, and what enters the pool."""
    (found,) = whirlpool_tx0(Ledger([PREPARED, MIX]), NOBODY)
    assert isinstance(found, Pattern)
    assert found.addresses == tuple(map(known, ("eve", "eve savings", "eve premix", "eve premix 2")))
    assert found.because == (PREPARED.id, MIX.id)
    assert dict(found.figures) == {"entries": "2", "entering_units": "2010000", "mixes_fed": "1"}


def test_a_mix_is_no_finding_of_its_preparation() -> None:
    """What feeds nothing on the ledger is not called a TX0, and a mix is a CoinJoin."""
    assert not whirlpool_tx0(Ledger([PREPARED]), NOBODY)
    (found,) = coinjoin(Ledger([PREPARED, MIX]), NOBODY)
    assert isinstance(found, Pattern)
    assert found.figure("design") == "whirlpool"
