"""Tornado rule T2: one deposit of the pool at the withdrawal's own gas price."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.model import Fact, FactKind
from flowtrace_heuristics.pattern.tornado_gas_price import tornado_gas_price
from towns.notes import TEN_ETHER, deposit, noted, withdrawal
from towns.readings import figures, patterns

PAIR = [deposit("d", "a", 10, gas=7), withdrawal("w", "x", 20, gas=7)]


@pytest.mark.parametrize(
    ("notes", "there"),
    [
        (PAIR, True),
        ([PAIR[0], withdrawal("w", "x", 20, gas=8)], False),
        ([PAIR[0], withdrawal("w", "x", 20, sender="relayer", gas=7)], False),
        ([*PAIR, deposit("later", "b", 30, gas=7)], False),
        ([*PAIR, deposit("elsewhere", "b", 15, gas=7, pool=TEN_ETHER)], True),
        ([deposit("d", "a", 30, gas=7), PAIR[1]], False),
        ([deposit("d", "a", 10), withdrawal("w", "x", 20)], False),
    ],
)
def test_what_t2_needs(notes: list[list[Fact]], there: bool) -> None:  # noqa: FBT001
    """T2: "withdrawals without relayer; deposit gas price unique within the pool; equal; deposit earlier"."""
    assert bool(patterns(tornado_gas_price, noted(notes))) is there


def test_after_eip_1559_the_pair_counts_and_is_weak() -> None:
    """T2: "after EIP-1559 use (maxPriorityFee, maxFee) pair, weak": both count."""

    def with_pair(facts: list[Fact], priority: str) -> list[Fact]:
        pair = (("fee", "30"), ("priority", priority))
        return [replace(one, figures=pair) if one.kind is FactKind.GAS else one for one in facts]

    alike = noted([with_pair(PAIR[0], "2"), with_pair(PAIR[1], "2")])
    assert figures(tornado_gas_price, alike, "weak") == ["yes"]
    assert figures(tornado_gas_price, noted(PAIR), "weak") == ["no"]
    assert not patterns(tornado_gas_price, noted([with_pair(PAIR[0], "2"), with_pair(PAIR[1], "3")]))


def test_a_common_price_makes_a_coincidence_likely() -> None:
    """The more transactions bear the price, the less it says."""
    others = [deposit(f"o{n}", f"o{n}", 5, gas=7 if n < 5 else 9, pool=TEN_ETHER) for n in range(10)]
    stranger = deposit("s", "s", 5, gas=1)
    # Beside the pair one other price: p = 1/2; with ten more, five of them alike: p = 6/12.
    assert figures(tornado_gas_price, noted([*PAIR, stranger]), "posterior") == ["2/3"]
    assert figures(tornado_gas_price, noted([*PAIR, stranger, *others]), "posterior") == ["2/3"]
    assert figures(tornado_gas_price, noted([*PAIR, stranger, *others[5:]]), "posterior") == ["7/8"]


@pytest.mark.parametrize(("later", "expected"), [(12, "2/3"), (11 + 7_201, "1")])
def test_coincidences_are_expected_by_bursts(later: int, expected: str) -> None:
    """Algorithms 5.1: "n_dep_bursts * p_match": what one depositor puts in within a day is one burst."""
    notes = [
        deposit("d", "a", 10, gas=7),
        deposit("e", "c", 11, gas=1),
        deposit("f", "c", later, gas=2),
        withdrawal("w", "x", 9_000, gas=7),
    ]
    assert figures(tornado_gas_price, noted(notes), "expected_coincidences") == [expected]
