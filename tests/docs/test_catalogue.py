"""The catalogue of heuristics says what the rule cards say."""

from __future__ import annotations

from pathlib import Path

from flowtrace.heuristic import catalogue, load
from flowtrace_heuristics import PACK

PAGE = Path(__file__).resolve().parents[2] / "heuristics" / "README.md"
WRITE = "from flowtrace.heuristic import catalogue, load; print(catalogue(h.card for h in load()), end='')"
CARDS = [h.card for h in load() if h.card.id in {one.card.id for one in PACK}]


def test_the_catalogue_is_the_rule_cards() -> None:
    """Issue 5: "generated from docstrings and these figures and kept true by a test"."""
    held = PAGE.read_text(encoding="utf-8")
    assert held == catalogue(CARDS), f'run: python -c "{WRITE}" > heuristics/README.md'


def test_the_catalogue_leaves_out_nothing_of_a_card() -> None:
    """A reader in court finds claim, citation, parameters, failures and what would falsify it."""
    held = PAGE.read_text(encoding="utf-8")
    for card in CARDS:
        stated = (card.claim, card.citation, *card.failures, card.falsified_by, *card.measured)
        assert all(text in held for text in stated)
        assert all(f"`{name}`: {value}" in held for name, value in card.parameters)


def test_the_order_of_packs_changes_nothing() -> None:
    """The page is sorted by id, so it is the same wherever the heuristics come from."""
    assert catalogue(CARDS) == catalogue(reversed(CARDS))
