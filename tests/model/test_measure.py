"""Measured rates: exact counts, Wilson's interval, and the words that cite them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.measure import Counts, Sample, as_json, measure
from flowtrace.model import Measure, wilson

ONE = Measure("toy/1", "a sample", "https://data.example", "0" * 64, "2026-01-31", "pairs", 120, 0, 39, 5)


@pytest.mark.parametrize(
    ("hits", "of", "interval"),
    [(120, 120, ("0.969", "1.000")), (196, 196, ("0.981", "1.000")), (28501, 28890, ("0.985", "0.988"))],
)
def test_the_intervals_of_the_specification(hits: int, of: int, interval: tuple[str, str]) -> None:
    """Algorithms 7: R7 has [96.9 %, 100 %], R2 D2 [98.1 %, 100 %], A13 [98.5, 98.8]."""
    assert tuple(f"{end:.3f}" for end in wilson(hits, of)) == interval


@given(st.integers(1, 10**6), st.data())
def test_an_interval_holds_the_share_and_mirrors(of: int, data: st.DataObject) -> None:
    """The share lies within; what is missed has the mirrored interval (Wilson 1927 treats both alike)."""
    hits = data.draw(st.integers(0, of))
    low, high = wilson(hits, of)
    assert 0 <= low <= Decimal(hits) / of <= high <= 1
    mirrored = wilson(of - hits, of)
    assert all(
        abs(a - (1 - b)) < Decimal("1e-20") for a, b in zip((low, high), reversed(mirrored), strict=True)
    )


@pytest.mark.parametrize(("hits", "of"), [(1, 0), (-1, 4), (5, 4)])
def test_no_share_has_no_interval(hits: int, of: int) -> None:
    """Nothing of nothing is no rate."""
    with pytest.raises(InputError, match="has no interval"):
        wilson(hits, of)


def test_a_rate_is_said_with_its_sample() -> None:
    """Counts, share and interval stand beside what was measured on; without truth no recall."""
    assert ONE.words.startswith(
        "precision 120/120 = 100.00 % (95 % interval 96.90 to 100.00 %), recall 120/159"
    )
    assert "false positive rate 0/5 = 0.00 %" in ONE.words
    assert ONE.words.endswith(
        "in pairs, on a sample (https://data.example; SHA-256 0000000000000000…; measured 2026-01-31)"
    )
    bare = replace(ONE, tp=0, fp=0, fn=None, tn=None)
    assert bare.words.startswith("nothing found and nothing to find, in pairs")


@pytest.mark.parametrize(
    "changed",
    [{"by": ""}, {"sha256": "12"}, {"date": "today"}, {"tp": -1}, {"fn": 1.5}, {"sample": "a\x1b[2J"}],
)
def test_a_measure_without_its_facts_is_refused(changed: dict[str, Any]) -> None:
    """A rate nobody can check is none."""
    with pytest.raises(InputError, match="the measure of"):
        replace(ONE, **changed)


def test_samples_are_counted_where_they_are_and_passed_over_where_not(tmp_path: Path) -> None:
    """The hash covers names and bytes of every file that a sample names."""
    (tmp_path / "pairs.txt").write_text("a b\n", encoding="utf-8")
    here = Sample("toy/1", "here", "https://data.example", "pairs", ("*.txt",), lambda _: Counts(1, 0))
    gone = replace(here, name="gone", files=("*.txt", "*.csv"))
    (one,) = measure(tmp_path, (here, gone), today="2026-01-31")
    assert (one.sample, one.tp, one.fn) == ("here", 1, None)
    (tmp_path / "pairs.txt").rename(tmp_path / "others.txt")
    (other,) = measure(tmp_path, (here,), today="2026-01-31")
    assert other.sha256 != one.sha256
    assert '"tp": 1' in as_json([one])
    with pytest.raises(InputError, match="is no folder of data"):
        list(measure(tmp_path / "nowhere", (here,), today="2026-01-31"))
