"""Tornado rule T5: points by rate are blocks."""

from __future__ import annotations

import pytest

from flowtrace.model import FactKind
from flowtrace_heuristics.pattern.tornado_anonymity_mining import RATES, tornado_anonymity_mining
from towns.notes import ONE_ETHER, TEN_ETHER, deposit, mined, noted, withdrawal
from towns.readings import figures, patterns, transactions
from towns.shaped import fact
from toytown import who


def test_points_tell_the_blocks() -> None:
    """T5: "match deposit_block + blocks == withdraw_block"."""
    (found,) = patterns(tornado_anonymity_mining, mined(50))
    assert (found.figure("blocks"), found.figure("points")) == ("50", "1000")
    assert found.addresses == (who("depositor"), who("taker"))
    assert transactions(found) == ["d", "w", "claim"]
    assert not patterns(tornado_anonymity_mining, mined(51))


def test_the_rates_are_tutelas() -> None:
    """T5: "0.1/1/10/100 ETH = 4/20/50/400; DAI 2/10/40/250; cDAI likewise; WBTC 15/120/1000"."""
    assert sorted(RATES.values()) == sorted([4, 20, 50, 400, *[2, 10, 40, 250] * 2, 15, 120, 1000])
    assert (RATES[ONE_ETHER], RATES[TEN_ETHER]) == (20, 50)


def test_the_claimant_is_the_recipient_as_well() -> None:
    """Whoever claims to the address that was paid: the deposit so many blocks before may be the note's."""
    claim = fact(
        FactKind.MIXER_REWARD, "claim", [("recipient", "taker")], block=300, figures=[("points", "1000")]
    )
    notes = [deposit("d", "giver", 100), deposit("e", "other", 101), withdrawal("w", "taker", 150), [claim]]
    (found,) = patterns(tornado_anonymity_mining, noted(notes))
    assert found.addresses == (who("giver"), who("taker"))
    # Two deposits before, one withdrawal in 51 blocks: p = 1/51.
    assert (found.figure("posterior"), found.figure("expected_coincidences")) == ("51/52", "2/51")


@pytest.mark.parametrize("points", ["", "0", "-1000", "1001", "9" * 30, "٣٠", "1e3"])
def test_points_that_are_no_number_of_blocks_match_nothing(points: str) -> None:
    """Figures come from a record and may be anything."""
    claim = fact(
        FactKind.MIXER_REWARD, "claim", [("recipient", "d")], block=300, figures=[("points", points)]
    )
    notes = [deposit("d", "d", 100), withdrawal("w", "t", 150), [claim]]
    assert not figures(tornado_anonymity_mining, noted(notes), "blocks")


def test_points_are_claimed_after_the_withdrawal() -> None:
    """What is claimed before a note was withdrawn was not earned until then."""
    for block, there in ((151, True), (149, False)):
        claim = fact(
            FactKind.MIXER_REWARD, "claim", [("recipient", "d")], block=block, figures=[("points", "1000")]
        )
        notes = [deposit("d", "d", 100), withdrawal("w", "t", 150), [claim]]
        assert bool(patterns(tornado_anonymity_mining, noted(notes))) is there
