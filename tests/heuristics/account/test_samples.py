"""What the account room is measured on, where the public data is present."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowtrace.measure import Counts, Sample
from flowtrace_heuristics.samples import atomic_funders, ronin_deposits

FOLDER = Path(__file__).resolve().parents[4] / "shared/data"


@pytest.mark.real
@pytest.mark.parametrize(
    ("sample", "counts"),
    [
        (ronin_deposits.SAMPLE, Counts(tp=5, fp=0, fn=0, tn=65)),
        (atomic_funders.SAMPLE, Counts(tp=86, fp=36, fn=170, tn=80)),
    ],
    ids=lambda one: one.by if isinstance(one, Sample) else "",
)
def test_the_sample_gives_its_counts(sample: Sample, counts: Counts) -> None:
    """Issue 5: on Ronin "the five deposit addresses ... and no address of the key that is not one"."""
    if not sample.held(FOLDER):
        pytest.skip("../shared/data is not on this machine")
    assert sample.count(FOLDER) == counts
