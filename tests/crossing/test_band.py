"""Payouts that fit a deposit by amount and time alone."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.crossing.band import Payout, candidates

DIGITS = 10**4


def test_the_vector_of_the_specification() -> None:
    """SW-1: "candidates {o1 (fee .5 %), o4 (fee 3.98 %)}; two candidates -> not a finding"."""
    told = ((4975, 600), (4975, 30), (5200, 900), (4801, 1200), (4975, 5000))
    outs = [Payout(f"o{n}", units, time) for n, (units, time) in enumerate(told, start=1)]
    found = candidates(10 * DIGITS, 0, outs, rate=Fraction(5, 100))
    assert [(one.payout.name, one.kept) for one in found] == [
        ("o1", Fraction(5, 1000)), ("o4", Fraction(398, 10_000)),
    ]  # fmt: skip


@given(
    units=st.integers(1, 10**30),
    rate=st.fractions(min_value=Fraction(1, 10**12), max_value=10**12),
    payout=st.builds(Payout, st.just("x"), st.integers(0, 10**42), st.integers(-100, 9000)),
)
def test_what_fits_keeps_between_nothing_and_a_twentieth(units: int, rate: Fraction, payout: Payout) -> None:
    """Exact at both ends of the band, whatever the sizes: no rounding makes or loses a candidate."""
    for one in candidates(units, 0, [payout], rate=rate):
        assert 0 <= one.kept <= Fraction(1, 20)
        assert 60 <= payout.time <= 3600
    whole = int(units * rate)
    inside = Payout("y", whole, 60)
    fits = bool(candidates(units, 0, [inside], rate=rate))
    assert fits == (whole >= Fraction(95, 100) * units * rate)
