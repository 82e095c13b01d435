"""Shares of one airdrop that come together again: who is joined, and who gathers them for strangers."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.ledger import Ledger
from flowtrace.model import Pattern, SameOwner
from flowtrace_heuristics.account.airdrop_participation import (
    LEAST_RECIPIENTS,
    MOST_GATHERED,
    airdrop_participation,
)
from towns.account import COLLECTOR, DROPPER, airdrop
from toytown import DEX, NOBODY, REGISTER, who


def test_recipients_are_joined_with_who_gathers_their_shares() -> None:
    """Algorithms 2.2: "receive from >= 2 recipients"; "Union recipients with the collector"."""
    found = airdrop_participation(airdrop(COLLECTOR, 2), NOBODY)
    pairs = {frozenset((one.a, one.b)) for one in found if isinstance(one, SameOwner)}
    assert pairs == {frozenset((COLLECTOR, who(f"recipient {number}"))) for number in range(2)}
    assert all(one.soft for one in found if isinstance(one, SameOwner))
    reasons = [[name.split(":")[2] for name in one.because] for one in found if isinstance(one, SameOwner)]
    assert sorted(reasons) == [["drop-0", "pass-0"], ["drop-1", "pass-1"]]


def test_one_share_alone_gathers_nothing() -> None:
    """`minAggregations=2`: who passes on a single share may have sold it."""
    assert not airdrop_participation(airdrop(COLLECTOR, 1), NOBODY)


def test_what_fewer_got_is_no_airdrop() -> None:
    """Algorithms 2.2: ">= 1,000 recipients"."""
    assert not airdrop_participation(airdrop(COLLECTOR, 3, LEAST_RECIPIENTS - 1), NOBODY)


def test_payments_far_apart_are_no_airdrop() -> None:
    """Algorithms 2.2: "median block distance between consecutive transfers <= 2"."""
    for apart, finds in ((2, True), (3, False)):
        spread = Ledger(replace(one, height=apart * one.height) for one in airdrop(COLLECTOR))
        assert bool(airdrop_participation(spread, NOBODY)) is finds


def test_returns_pools_and_exchanges_gather_nothing() -> None:
    """Algorithms 2.2: "exclude returns to the distributor, exchanges and DEX pools"; and burnt shares."""
    assert not airdrop_participation(airdrop(DROPPER), REGISTER)
    assert not airdrop_participation(airdrop(DEX), REGISTER)
    nowhere = replace(COLLECTOR, account="0x" + 36 * "0" + "dead")
    assert not airdrop_participation(airdrop(nowhere), NOBODY)


def test_many_shares_are_shown_and_joined_by_nobody() -> None:
    """A gathering address of very many may be an exchange that nobody labels."""
    (found,) = airdrop_participation(airdrop(COLLECTOR, MOST_GATHERED + 1), NOBODY)
    assert isinstance(found, Pattern)
    assert (found.addresses, found.figure("recipients")) == ((COLLECTOR,), "51")


def test_a_share_moved_by_somebody_else_is_no_act() -> None:
    """Algorithms 2.2: "recipients must be active EOAs": one that never pays for a transaction is not."""
    whole = airdrop(COLLECTOR)
    silent = Ledger(one for one in whole if not (one.position == "fee" and one.tx.startswith("pass")))
    assert not airdrop_participation(silent, NOBODY)
