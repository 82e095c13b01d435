"""Structuring: just below a threshold, or one amount again and again."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import Asset, Price, Transfer
from flowtrace_heuristics.pattern.structuring import modal, rounded, structuring
from towns.pattern import MEN
from towns.readings import figures, patterns
from towns.shaped import DAY, EPOCH, USDT, flow, paid
from toytown import ETH, ONE

_CENT = 10**4


def cut(cents: list[int], *, gap: int = DAY, asset: Asset = USDT, payer: str = "payer") -> list[Transfer]:
    """Return payments of so many cents, a day apart."""
    return [
        paid(f"cut-{n}", payer, f"p{n}", one * _CENT, at=n * gap, asset=asset) for n, one in enumerate(cents)
    ]


@pytest.mark.parametrize(
    ("cents", "threshold"),
    [
        (900_000, "10000 USD"),
        (899_999, ""),
        (999_999, "10000 USD"),
        (1_000_000, ""),
        (270_000, "3000 USD"),
        (90_000, "1000 USD"),
        (100_000, ""),
    ],
)
def test_the_band_is_exact(cents: int, threshold: str) -> None:
    """Pattern 4.4: "values lie in [0.9L, L) of a threshold L (10,000 USD/EUR, 3,000, 1,000)", to the cent."""
    assert figures(structuring, flow(cut([cents] * 3)), "threshold") == ([threshold] if threshold else [])


def test_three_within_a_week() -> None:
    """Pattern 4.4: ">= 3 outputs within 7 d"."""
    assert not patterns(structuring, flow(cut([950_000] * 2)))
    assert figures(structuring, flow(cut([950_000] * 3, gap=7 * DAY // 2)), "payments") == ["3"]
    assert not patterns(structuring, flow(cut([950_000] * 3, gap=7 * DAY // 2 + 6)))
    forms = Counter(figures(structuring, flow(cut([950_000] * 30, gap=2 * DAY)), "form"))
    assert forms == {"below a threshold": 7, "one amount": 1}


def test_worth_is_told_by_par_or_by_a_quote_and_never_guessed() -> None:
    """A token by its contract, not its symbol; a coin only where the ledger holds a price at that time."""
    fake = Asset(USDT.chain_id, "erc20:0x" + "ab" * 20, "USDT", 6)
    assert not patterns(structuring, flow(cut([950_000] * 3, asset=fake)))
    coins = [paid(f"c{n}", "payer", f"p{n}", 3 * ONE, at=n * DAY) for n in range(3)]
    assert not patterns(structuring, flow(coins))
    quotes = [Price(ETH, EPOCH + n * DAY, "3166.67", EPOCH + n * DAY, "quotes.example") for n in range(3)]
    assert figures(structuring, Ledger(coins, prices=quotes), "threshold") == ["10000 USD"]
    assert not patterns(structuring, Ledger(coins, prices=quotes[:2]))


def test_one_amount_three_times_in_ten() -> None:
    """Pattern 4.4: "modal value share >= 30 %", to the nearest thousand dollars, of ten payments or more."""
    seven = [10**6 * n for n in range(2, 9)]
    alike = [5_049_900, 4_950_000, 5_000_000]
    found = patterns(structuring, flow(cut([*seven[:2], *alike, *seven[4:], 777_777_777, 888_888_888])))
    assert [(one.figure("modal_amount"), one.figure("modal_share")) for one in found] == [
        ("50000 USD", "3/10")
    ]
    coins = [
        paid(f"c{n}", "payer", f"p{n}", units, at=n) for n, units in enumerate([7, 7, 7, *range(10, 17)])
    ]
    assert figures(structuring, flow(coins), "modal_amount") == ["7 units"]
    assert not patterns(structuring, flow([*coins, paid("more", "payer", "q", 99, at=99)]))
    assert not patterns(structuring, flow(coins[:9]))


def test_a_service_has_prices() -> None:
    """What a labelled exchange pays out again and again is its business."""
    paying = flow(cut([950_000] * 12, payer="acme hot"))
    assert patterns(structuring, paying)
    assert not patterns(structuring, paying, MEN)


@given(st.lists(st.integers(0, 5), max_size=12))
def test_the_modal_amount_is_the_commonest(amounts: list[int]) -> None:
    """Nothing is no amount; of equally common ones it is the larger."""
    counts = Counter(n for n in amounts if n)
    amount, times = modal(amounts)
    assert times == max(counts.values(), default=0)
    assert amount == max((n for n, count in counts.items() if count == times), default=0)


@given(st.fractions(0, 10**6))
def test_rounding_goes_to_the_nearest_thousand(value: Fraction) -> None:
    """At most half a thousand away, and halves go up."""
    assert -500 < value - rounded(value) <= 500 or value - rounded(value) == -500
    assert rounded(Fraction(1_500)) == 2_000
