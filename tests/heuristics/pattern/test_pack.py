"""What holds of every pattern: it shows and sets aside, and joins nobody."""

from __future__ import annotations

import pytest

from flowtrace.model import Pattern, SetAside
from flowtrace_heuristics.pattern import PACK
from flowtrace_heuristics.pattern.moves import MOST_SHOWN
from towns.named import NamedCase
from towns.pattern import CASES

SUBJECTS = {one.card.id: one for one in PACK}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.heuristic)
def test_a_pattern_joins_nobody_and_ends_no_trace(case: NamedCase) -> None:
    """The brief of a shape in the flow: shown to a person; it is no owner, no role, and no end of a trace."""
    subject = SUBJECTS[case.heuristic]
    assert not subject.card.ends
    found = subject(case.found, case.attribution)
    assert {type(one) for one in found} <= {Pattern, SetAside}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.heuristic)
def test_a_pattern_names_few_and_counts_all(case: NamedCase) -> None:
    """Reasons are few and each is named once; every figure has a name of its own."""
    for one in SUBJECTS[case.heuristic](case.found, case.attribution):
        if isinstance(one, Pattern):
            assert 0 < len(one.because) <= MOST_SHOWN
            assert len(one.addresses) <= MOST_SHOWN
            assert len(set(one.because)) == len(one.because)
            assert len(dict(one.figures)) == len(one.figures)


def test_every_card_states_its_numbers() -> None:
    """Issue 5: "each a cited deterministic definition with parameters recorded"."""
    assert all(subject.card.parameters for subject in PACK)
    assert len(SUBJECTS) == len(PACK)
