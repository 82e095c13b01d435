"""The largest-remainder split: vector LR and Hamilton's laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.kernel.division import split
from strategies import amounts

weights = st.lists(amounts(), min_size=1, max_size=8).filter(sum)


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (7, [3, 3, 3, 1], [2, 2, 2, 1]),
        (
            2**255 + 1,
            [2**128, 2**127, 1],
            [
                38597363079105398474523661669562635951014376584786646132382889200986205832989,
                19298681539552699237261830834781317975507188292393323066191444600493102916495,
                113427455640312821154458202477256070485,
            ],
        ),
    ],
)
def test_vector_lr(total: int, parts: list[int], shares: list[int]) -> None:
    """Algorithms 6.1: the vectors LR, the one above 2^255 among them."""
    assert split(total, parts) == shares


def test_nothing_is_split_into_nothing() -> None:
    """A total of 0 needs no weights to stand on: every share is 0."""
    assert split(0, [0, 0]) == [0, 0]
    assert split(0, []) == []


def test_wei_that_floats_lose_are_kept() -> None:
    """Algorithms 6.1, R11: "double arithmetic is off by -1,362, +2,052, -682 wei" here; integers do not."""
    outputs = [133782256286134890488, 200673384429202335733, 66891128143067445245]
    shares = split(sum(outputs) // 3, outputs)
    assert sum(shares) == sum(outputs) // 3
    assert all(abs(3 * share - units) <= 3 for share, units in zip(shares, outputs, strict=True))


@given(amounts(), weights)
def test_conserves(total: int, parts: list[int]) -> None:
    """Algorithms 6.1: "Invariants to assert per tx: sum(q)=T"."""
    assert sum(split(total, parts)) == total


@given(weights, st.data())
def test_no_share_exceeds_its_weight(parts: list[int], data: st.DataObject) -> None:
    """Algorithms 6.1: "0<=q_i<=w_i when T<=W (holds: q_i <= ceil(T w_i/W) <= w_i)"."""
    total = data.draw(st.integers(0, sum(parts)))
    assert all(0 <= share <= part for share, part in zip(split(total, parts), parts, strict=True))


@given(amounts(), weights)
def test_stays_within_quota(total: int, parts: list[int]) -> None:
    """Balinski and Young 1982: Hamilton stays within quota, each share being its quota rounded down or up."""
    whole = sum(parts)
    for share, part in zip(split(total, parts), parts, strict=True):
        assert total * part // whole <= share <= -(-total * part // whole)


@given(amounts(), weights, st.data())
def test_permutation_stable_apart_from_ties(total: int, parts: list[int], data: st.DataObject) -> None:
    """Algorithms 6.1: "permutation-stable apart from ties (index = canonical order)"."""
    order = data.draw(st.permutations(range(len(parts))))
    shares, moved = split(total, parts), split(total, [parts[place] for place in order])
    remainders = [total * part % sum(parts) for part in parts]
    for new, old in enumerate(order):
        if remainders.count(remainders[old]) == 1:
            assert moved[new] == shares[old]
    assert sorted(zip(remainders, shares, strict=True)) == sorted(
        (remainders[old], moved[new]) for new, old in enumerate(order)
    )


@given(amounts(), weights)
def test_a_tie_goes_to_the_lower_index(total: int, parts: list[int]) -> None:
    """Algorithms 6.1: "give +1 to the T-sum(q) largest r_i, ties by lower index"."""
    whole, shares = sum(parts), split(total, parts)
    got = [share - total * part // whole for share, part in zip(shares, parts, strict=True)]
    ranked = sorted(range(len(parts)), key=lambda i: (-(total * parts[i] % whole), i))
    assert sorted((got[i] for i in ranked), reverse=True) == [got[i] for i in ranked]
