"""A live case that is gone on with: newer blocks, a second service, a chain that was rewritten meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from case.world import (
    FIRST,
    HUOBI,
    MID,
    MIXER,
    ONE,
    THIEF,
    Server,
    served,
    world_fixture,  # noqa: F401  a fixture, by name
)
from commands import Command
from flowtrace import Case, IncompleteError, verify
from flowtrace.case import Covered, Progress, Reach, Target
from flowtrace.case.crawl import Fetcher
from flowtrace.case.pins import PINNED, ROLLED_BACK, orphaned, pins_of, standing
from flowtrace.cli.progress import left, words
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import Pin, Tally, provider
from flowtrace.model import ETHEREUM, Address, Asset

ONLY = ("--source", "own")
LATER, AGAIN = (f"0x{digit * 40}" for digit in "89")


def paid(case: str) -> set[str]:
    """Return the accounts that a case's hops pay."""
    return {hop.target.account for hop in Case(Path(case)).result.trace.hops if hop.target}


def test_reading_on_to_newer_blocks(world: Server, command: Command) -> None:
    """--refresh reads every address on, to the newest final block; without it a case stays where it is."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live")[0] == 0
    world.pay(950, THIEF, LATER, units=3 * ONE)
    world.head += 500
    assert command("trace", "live", *ONLY, "-q")[0] == 0
    assert LATER not in paid("live")
    assert command("trace", "live", *ONLY, "-q", "--refresh")[0] == 0
    assert LATER in paid("live")
    world.pay(1450, LATER, AGAIN, units=2 * ONE)
    world.head += 500
    code, _, err = command("trace", "live", *ONLY, "-q", "--refresh", "--requests", "6")
    assert (code, "without --refresh, which would begin at a newer block again" in err) == (3, True)
    assert command("trace", "live", *ONLY, "-q")[0] == 0
    assert AGAIN in paid("live")
    assert all(check.passed for check in verify(Case(Path("live"))))


def test_a_refresh_without_a_network_says_so(world: Server, command: Command) -> None:
    """What is newer cannot be had: code 3 and why; what is held is reported as it was."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live")[0] == 0
    world.refuses = True
    code, out, err = command("trace", "live", *ONLY, "-q", "--refresh")
    assert (code, "Tornado Cash" in out) == (3, True)
    assert "the trace is not complete: 127.0.0.1" in err


def test_confirming_what_is_held(world: Server, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """--confirm asks a second service of what one service told; the first is asked nothing again."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live")[0] == 0
    assert not Case(Path("live")).result.confirmed
    world.seen.clear()
    with served() as other:
        (own,) = (one for one in provider.providers() if one.service == "own")
        second = replace(
            own, id="second@ethereum", service="second", url=other.url, key=None, needs_key=False
        )
        monkeypatch.setattr(provider, "_shipped", lambda: (second,))
        code, _, err = command("trace", "live", "--confirm")
    way = {hop.transfer.id for hop in Case(Path("live")).result.trace.hops}
    assert (code, f"{len(way)} of {len(way)} transfers of the way are told alike" in err) == (0, True)
    assert Case(Path("live")).result.confirmed >= way
    assert all("eth_getBlockByNumber" in asked for asked in world.seen)


def test_a_rewritten_chain_is_rolled_back(world: Server, command: Command, tmp_path: Path) -> None:
    """A complete case finds out that its last block is gone: it says so, and holds the new chain alone."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live")[0] == 0
    assert {MID, MIXER} <= paid("live")
    world.rewrite(6)  # the payment to the mixer, and all after it
    world.pay(7, THIEF, LATER, units=4 * ONE)
    code, _, err = command("trace", "live", *ONLY)
    assert code == 0
    assert "block 936 of ethereum is no longer 0xabababab…: the chain was rewritten above block 105" in err
    assert "answers are put aside" in err
    assert (MIXER in paid("live"), LATER in paid("live")) == (False, True)
    assert all(check.passed for check in verify(Case(tmp_path / "live")))
    with EvidenceStore(tmp_path / "live" / "evidence.sqlite", readonly=True) as store:
        (entry,) = store.noted(ROLLED_BACK)
        assert (entry["height"], entry["chain"]) == (FIRST + 6, ETHEREUM.id)
        assert len(store.noted(PINNED)) == 2
    world.seen.clear()
    assert command("trace", "live", *ONLY)[2].startswith("Written to live/out") is False
    assert set(world.seen.values()) == {1}  # whether the last block is there, and no more
    before = (tmp_path / "live" / "out" / "summary.json").read_bytes()
    assert command("trace", "live", "--offline", "-q")[0] == 0
    assert (tmp_path / "live" / "out" / "summary.json").read_bytes() == before


def test_a_rewritten_chain_under_a_case_that_was_cut(world: Server, command: Command) -> None:
    """A case stopped by its budget goes on upon the new chain, though no block of its seed is left."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "cut", "--requests", "12")[0] == 3
    world.rewrite(1)
    world.pay(1, LATER, THIEF, units=9 * ONE)
    code, _, err = command("trace", "cut", *ONLY)
    assert (code, "the chain was rewritten since it was read" in err) == (0, True)
    (theft,) = Case(Path("cut")).result.incident.thefts
    assert theft.units == 9 * ONE


def test_a_chain_may_be_rewritten_back(tmp_path: Path) -> None:
    """A pin is gone once its block is; it stands again when the chain is pinned to the same block again."""
    one, two, low = Pin("eip155:1", 9, "0xa", 1), Pin("eip155:1", 9, "0xb", 2), Pin("eip155:1", 4, "0xc", 3)
    with EvidenceStore(tmp_path / "evidence.sqlite") as store:

        def pinned(pin: Pin) -> None:
            store.note(PINNED, chain=pin.chain_id, height=pin.height, hash=pin.hash, time=pin.time)

        for pin in (low, one):
            pinned(pin)
        assert (pins_of(store), orphaned(store)) == ({"eip155:1": one}, frozenset())
        store.put_aside([], ROLLED_BACK, chain="eip155:1", height=5)
        assert (pins_of(store), orphaned(store)) == ({}, frozenset([one]))
        pinned(two)
        store.put_aside([], ROLLED_BACK, chain="eip155:1", height=5)
        pinned(one)
        assert (pins_of(store), orphaned(store)) == ({"eip155:1": one}, frozenset([two]))


def test_verify_after_a_run_that_could_not_go_on(world: Server, command: Command) -> None:
    """What could not be had is on the ledger that is kept, so the case verifies."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live", "--requests", "12")[0] == 3
    world.refuses = True
    code, _, err = command("trace", "live", *ONLY, "-q")
    assert (code, "could not be read, first: no source could tell its history" in err) == (3, True)
    assert command("verify", "live", "-q")[0] == 0


def test_progress_is_told_with_every_answer(world: Server, tmp_path: Path) -> None:
    """Addresses done and wanted, requests sent: whoever listens hears of each answer, and of the end."""
    seed = Target(ETHEREUM, Address.parse(ETHEREUM, THIEF))
    case = Case.of_target(seed, tmp_path / "live")
    told: list[tuple[int, int, int]] = []

    heard: list[Progress] = []

    def hear(progress: Progress) -> None:
        heard.append(progress)
        told.append((progress.done, progress.wanted, sum(t.answered for t in progress.sources.values())))

    asyncio.run(case.follow(Reach(services=("own",)), hear))
    assert {answered for *_, answered in told} == set(range(sum(world.seen.values()) + 1))
    assert [done for done, *_ in told] == sorted(done for done, *_ in told)
    assert told[-1][1:] == (0, sum(world.seen.values()))
    assert [number for number, progress in enumerate(heard) if progress.ended] == [len(heard) - 1]
    with case.store(readonly=True) as store:
        assert told[-1][0] == len({ask.target for ask in standing(store)})


def test_cut_after_any_request_it_ends_the_same(world: Server, tmp_path: Path) -> None:
    """Wherever the asking ends, going on asks the rest: a history is not taken for whole without a check."""
    seed = Target(ETHEREUM, Address.parse(ETHEREUM, THIEF))

    def gone_on(case: Case, requests: int | None) -> None:
        asyncio.run(case.follow(Reach(requests=requests, services=("own",))))

    def told(case: Case) -> tuple[str, set[str]]:
        with case.store(readonly=True) as store:
            return store.digest, {item.check for item in case.ledger.coverage}

    whole = Case.of_target(seed, tmp_path / "whole")
    gone_on(whole, None)
    needed = sum(world.seen.values())
    for number in range(1, needed):
        cut = Case.of_target(seed, tmp_path / str(number))
        with pytest.raises(IncompleteError, match="the budget of requests is spent"):
            gone_on(cut, number)
        gone_on(cut, None)
        assert told(cut) == told(whole), number
    assert needed > 20


def test_what_was_paid_straight_into_a_wallet_is_priced_too(
    world: Server, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thefts, deposits, and credits into an exchange's own wallet: each at its own time."""
    world.pay(9, THIEF, HUOBI, units=2 * ONE)
    world.rows[-1]["timeStamp"] = "1700001234"
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live")[0] == 0
    asked: set[tuple[Asset, int]] = set()

    async def prices(_: Fetcher, wanted: Iterable[tuple[Asset, int]]) -> int:
        asked.update(wanted)
        return 0

    monkeypatch.setattr(Fetcher, "prices", prices)
    case = Case(Path("live"))
    assert asyncio.run(case.quote()) == 0
    times = {hop.transfer.time for hop in case.result.trace.hops if hop.depth == 0}
    times |= {deposit.hop.transfer.time for deposit in case.result.trace.deposits}
    assert 1700001234 not in times
    assert asked == {(COIN, time) for time in (*times, 1700001234)}


COIN, TOKEN = Asset.native(ETHEREUM), Asset("eip155:1", f"erc20:0x{'dd' * 20}")


def test_progress_in_words() -> None:
    """One address is one; a share is of the whole; a token that tells no symbol is named by its contract."""
    covered = (Covered("eth", COIN, 19 * ONE, 50 * ONE), Covered("token", TOKEN, 0, 5000))
    tallies = {"a": Tally(sent=7, failed=2), "b": Tally(sent=1)}
    assert words(Progress(1, 4, covered, tallies, said=("look",))) == [
        "look",
        "1 address read, 4 wanted",
        "19 of 50 ETH ended at services (38 %)",
        "0 of 5000 base units of token 0xdddd…dddd ended at services (0 %)",
        "a: 7 requests, 2 failed",
        "b: 1 requests",
    ]


def test_what_is_left_of_a_budget() -> None:
    """Requests left, and how long they last at the pace so far; time left; each only where it is limited."""
    sent = Progress(1, 4, (), {"a": Tally(sent=20), "b": Tally(sent=10)})
    assert left(sent, Reach(), 60) == "60 s so far"
    assert left(sent, Reach(requests=90), 60) == "60 s so far; 60 of 90 requests left, 2 min at this pace"
    assert left(Progress(0, 1), Reach(requests=9), 3) == "3 s so far; 9 of 9 requests left"
    assert left(sent, Reach(seconds=90), 60) == "60 s so far; 30 s of time left"
