"""The Atomic Wallet's laundering paths: the figures of algorithms 0.2 and 4, by these definitions.

Conformance, not independent truth: the figures were read off these very rows. What the sample counts beside
them, mules against labelled services, is the published truth of the data set.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest

from flowtrace.ledger import Ledger
from flowtrace.measure import Counts
from flowtrace_heuristics.pattern.hours import clock_of
from flowtrace_heuristics.pattern.moves import moves_of
from flowtrace_heuristics.pattern.operator_clock import operator_clock
from flowtrace_heuristics.pattern.structuring import modal, rounded
from flowtrace_heuristics.pattern.throughput import throughputs
from flowtrace_heuristics.samples.laundernet import FLOW, PASS_THROUGH, Unlabelled, payments

DATA = Path(__file__).resolve().parents[4] / "shared/data"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (DATA / FLOW).is_file(), reason="../shared/data/laundernet is not here"),
]


@pytest.fixture(scope="module")
def atomic() -> Ledger:
    """Return the 1,080 rows as a ledger."""
    return Ledger(row.transfer for row in payments(DATA))


def test_r9_and_r10(atomic: Ledger) -> None:
    """R9: "Atomic 245/270" pass 95 to 105 %; R10: the median from first in to first out is 4.5 minutes."""
    through = list(throughputs(moves_of(atomic)))
    passing = [one for one in through if one.came * 95 <= one.went * 100 <= one.came * 105]
    assert (len(passing), len(through)) == (245, 270)
    assert median(one.first_dwell for one in through) == 4.5 * 60


def test_the_modal_amounts(atomic: Ledger) -> None:
    """Pattern 4.4: "10,000 (152 of 1,080), 6,000 (113), 20,000 (77)", to the nearest thousand dollars."""
    amounts = [rounded(Fraction(units, 10**6)) for units in moves_of(atomic).units]
    assert (len(amounts), modal(amounts)) == (1_080, (10_000, 152))
    assert Counter(amounts).most_common(3) == [(10_000, 152), (6_000, 113), (20_000, 77)]


def test_the_operator_clock(atomic: Ledger) -> None:
    """Pattern 4.11: "Atomic n=88 R=.295 z=7.6 (quiet from 19 UTC, 14.8 %)"."""
    (found,) = operator_clock(atomic, Unlabelled())
    told = dict(getattr(found, "figures", ()))
    names = ("slots", "resultant", "z", "quiet_from_utc", "quiet_share")
    assert [told[name] for name in names] == ["88", "0.295", "7.6", "19", "13/88"]
    assert f"{100 * 13 / 88:.1f}" == "14.8"
    # The mean active hour is 11 UTC: no office day of UTC+8 or +9 by our stricter reading, and we say so.
    assert (told["mean_hour_utc"], told["utc_plus_8_or_9"]) == ("11", "not compatible")
    assert clock_of(atomic.time).by_weekday == (19, 7, 17, 12, 12, 9, 12)


def test_pass_through_measured() -> None:
    """Of 268 mules that got and gave 210 are found, and one of two labelled services with them."""
    assert PASS_THROUGH.count(DATA) == Counts(tp=210, fp=1, fn=58, tn=1)
