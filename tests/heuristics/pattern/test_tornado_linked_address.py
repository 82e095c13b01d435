"""Tornado rule T4: who paid each other outside the pool."""

from __future__ import annotations

from flowtrace_heuristics.pattern.tornado_linked_address import tornado_linked_address
from towns.notes import TEN_ETHER, deposit, linked, noted, withdrawal
from towns.readings import patterns, transactions
from towns.shaped import paid
from toytown import who


def test_three_direct_transfers_link() -> None:
    """T4: ">= 3 direct transfers outside TC between depositor D and recipient W"."""
    assert not patterns(tornado_linked_address, linked(2))
    (found,) = patterns(tornado_linked_address, linked(3))
    assert found.addresses == (who("depositor"), who("taker"))
    assert set(transactions(found)) == {"direct-0", "direct-1", "direct-2", "d", "w"}
    # One pair of one possible is linked: the match says nothing beyond the pair.
    assert (found.figure("posterior"), found.figure("expected_coincidences")) == ("1", "1")


def test_either_direction_counts_and_the_pool_must_be_the_same() -> None:
    """T4: "(either direction), same pool, deposit earlier"."""
    there = [paid(f"t{n}", "depositor", "taker", 9, at=n) for n in range(2)]
    back = paid("back", "taker", "depositor", 9, at=5)
    notes = [deposit("d", "depositor", 100), withdrawal("w", "taker", 200)]
    assert patterns(tornado_linked_address, noted(notes, [*there, back]))
    other = [deposit("d", "depositor", 100, pool=TEN_ETHER), withdrawal("w", "taker", 200)]
    assert not patterns(tornado_linked_address, noted(other, [*there, back]))
    late = [deposit("d", "depositor", 300), withdrawal("w", "taker", 200)]
    assert not patterns(tornado_linked_address, noted(late, [*there, back]))


def test_a_pair_is_told_once_a_pool() -> None:
    """Many withdrawals of one linked recipient are one finding, not one each."""
    direct = [paid(f"t{n}", "depositor", "taker", 9, at=n) for n in range(3)]
    notes = [deposit("d", "depositor", 1), *(withdrawal(f"w{n}", "taker", 9 + n) for n in range(5))]
    assert len(patterns(tornado_linked_address, noted(notes, direct))) == 1
