"""The door: its patience, its pace, its budget, and what it leaves behind, on a clock that does not wait."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from fetch.doors import BUSY, DOWN, GOOD, HOST, Mishap, asked, kept, of, outcome, outcomes, to
from fetch.mishaps import PAGE
from fetch.pretend import BROKEN, Pretend, at_once
from fetch.services import Reply
from flowtrace.errors import IncompleteError, KeyRefusedError, SourceError
from flowtrace.fetch.door.received import Received
from flowtrace.fetch.door.transport import Door, Tally
from flowtrace.model import Answer, Key, Request


def test_a_much_later_is_not_waited_for() -> None:
    """Who is told to come back in an hour says so at once, and leaves the host for that hour."""
    wire = Pretend(lambda _: GOOD, of((429, {"Retry-After": "3600"}, b"")))

    async def work(door: Door) -> None:
        with pytest.raises(SourceError, match="wants to be left for 3600 seconds"):
            await door.ask(to(1), HOST)
        with pytest.raises(SourceError, match="wants to be left for 3600 seconds"):
            await door.ask(to(2), HOST)
        await asyncio.sleep(3_601)
        await door.ask(to(2), HOST)

    asked(wire, work)
    assert len(wire.sent) == 2


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "²", "9" * 400, "Wed, 99 Foo 2026 99:99:99 GMT"])
def test_a_retry_after_that_says_nothing_is_no_word(text: str) -> None:
    """What is neither seconds nor a date is as if it were not there."""
    wire = Pretend(lambda _: GOOD, of((429, {"Retry-After": text}, b"")))
    (one,) = outcomes(wire, to(1))
    assert isinstance(one, Answer)


def test_a_failing_service_is_asked_less_and_less_often() -> None:
    """Six attempts, the pauses doubling; then the error says what the last one said."""
    wire = Pretend(lambda _: DOWN)
    (one,) = outcomes(wire, to(1))
    assert isinstance(one, SourceError)
    assert "mempool.space failed 6 times in a row: status 500" in str(one)
    gaps = [later.at - sooner.at for sooner, later in itertools.pairwise(wire.sent)]
    assert gaps == pytest.approx([0.5, 1.0, 2.0, 4.0, 8.0])


def test_a_busy_service_is_asked_less_and_less_often() -> None:
    """The same holds for "too many requests", which slows the pace of the host besides."""
    wire = Pretend(lambda _: BUSY)
    (one,) = outcomes(wire, to(1))
    assert isinstance(one, SourceError)
    gaps = [later.at - sooner.at for sooner, later in itertools.pairwise(wire.sent)]
    assert (len(gaps), gaps) == (5, sorted(gaps))
    assert gaps[0] >= 0.5


@pytest.mark.parametrize("name", ["abort before headers", "abort after headers", "truncated"])
def test_what_breaks_off_is_asked_again(name: str) -> None:
    """An answer that did not come whole is kept as failed, and asked for again."""
    wire = Pretend(lambda _: GOOD, {0: BROKEN[name], 1: BROKEN[name]})
    (one,) = outcomes(wire, to(1))
    assert isinstance(one, Answer)
    assert (one.attempt, one.body, len(wire.sent)) == (3, GOOD[2], 3)


def test_an_answer_in_two_times_too_late_is_not_waited_for_again() -> None:
    """A question that takes a service longer than may be will do so again: another way must be found."""
    wire = Pretend(lambda _: GOOD, dict.fromkeys(range(9), BROKEN["silence"]))
    (one,) = outcomes(wire, to(1))
    assert isinstance(one, SourceError)
    assert (len(wire.sent), "no answer in time, 2 times" in str(one)) == (2, True)


def test_an_answer_too_long_is_not_asked_for_again() -> None:
    """More than may be taken in is more the next time, too: once is enough."""
    wire = Pretend(lambda _: GOOD, dict.fromkeys(range(9), BROKEN["too long"]))
    (one,) = outcomes(wire, to(1))
    assert isinstance(one, SourceError)
    assert (len(wire.sent), "too much at once" in str(one)) == (1, True)


def test_a_host_that_cannot_be_reached_is_left_for_a_while() -> None:
    """Two attempts of the first; then all that want it fail at once; after a minute it is tried again."""

    def down(reply: Reply) -> Received | None:
        early = asyncio.get_running_loop().time() < 30
        return BROKEN["no connection"](reply) if early else None

    wire = Pretend(lambda _: GOOD, dict.fromkeys(range(99), down))

    async def work(door: Door) -> None:
        found = await asyncio.gather(*(outcome(door.ask(to(number), HOST)) for number in range(40)))
        assert all(isinstance(one, SourceError) and "cannot be reached" in str(one) for one in found)
        assert asyncio.get_running_loop().time() < 5
        assert wire.tried < 20, "each of forty would have tried twice"
        await asyncio.sleep(61)
        assert isinstance(await door.ask(to("later"), HOST), Answer)

    asked(wire, work)
    assert len(wire.sent) == 1


def test_a_host_that_blocks_is_left() -> None:
    """After a captcha page nothing more is sent there for some minutes, and the error names it."""
    wire = Pretend(lambda _: GOOD, of((403, {}, PAGE)))

    async def work(door: Door) -> None:
        for number in range(3):
            with pytest.raises(
                SourceError, match=r"mempool\.space refuses: status 403 a page, Just a moment"
            ):
                await door.ask(to(number), HOST)
        await asyncio.sleep(301)
        await door.ask(to(0), HOST)

    asked(wire, work)
    assert len(wire.sent) == 2


def test_a_refused_key_is_named_and_left() -> None:
    """A key that is refused is not offered again at once; the error says where it is set, not what it is."""
    provider = replace(HOST, key=Key("SOME_API_KEY", "query apikey"))
    wire = Pretend(lambda _: (200, {}, b'{"status":"0","message":"NOTOK","result":"Invalid API Key"}'))
    found = outcomes(
        wire, to(1, key=provider.key), to(2, key=provider.key), provider=replace(provider, concurrent=1)
    )
    assert all(isinstance(one, KeyRefusedError) and "SOME_API_KEY" in str(one) for one in found)
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            (200, {}, b'{"status":"0","message":"NOTOK","result":"Please upgrade your api plan"}'),
            "upgrade your",
        ),
        (
            (302, {"Location": "https://elsewhere.example/"}, b""),
            "redirects elsewhere, which is not followed",
        ),
        (
            (200, {}, b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"missing trie node"}}'),
            "trie node",
        ),
        ((429, {"Location": "https://elsewhere.example/"}, b""), "failed 6 times"),
    ],
)
def test_a_refusal_is_an_error_and_no_answer(reply: Reply, words: str) -> None:
    """What another attempt would not better is asked once, kept as failed, and never found as an answer."""
    wire = Pretend(lambda _: reply)
    with kept() as store:

        async def run() -> None:
            async with Door(store, wire=wire) as door:
                with pytest.raises(SourceError, match=words):
                    await door.ask(to(1), HOST)

        at_once(run())
        assert store.held(to(1)) is None
        assert len(store.noted("failed")) == len(wire.sent)


@pytest.mark.parametrize("budget", [0, 1, 3, 7])
def test_the_budget_is_not_passed(budget: int) -> None:
    """Never more requests leave than were granted; those that failed count, those that never left do not."""
    mishaps: dict[int, Mishap] = {0: BROKEN["no connection"], 2: lambda _: DOWN}
    wire = Pretend(lambda _: GOOD, mishaps, seconds=(0.0, 0.2))
    found = outcomes(wire, *(to(number) for number in range(20)), budget=budget)
    spent = [one for one in found if isinstance(one, IncompleteError) and not isinstance(one, SourceError)]
    assert len(wire.sent) == budget
    assert spent
    assert all("the budget of requests is spent" in str(one) for one in spent)


def test_offline_nothing_leaves() -> None:
    """What the evidence holds is answered; what it does not is an error that names the request."""
    with kept() as store:

        async def run(*, offline: bool) -> None:
            async with Door(store, wire=wire, offline=offline) as door:
                await door.ask(to(1), HOST)
                if offline:
                    other = Request("POST", f"{HOST.url}/2", b'{"method":"m"}')
                    with pytest.raises(
                        SourceError, match=r"offline, .* POST https://mempool\.space/api/2 .*\"m\""
                    ):
                        await door.ask(other, HOST)

        wire = Pretend(lambda _: GOOD)
        at_once(run(offline=False))
        at_once(run(offline=True))
        assert len(wire.sent) == 1


def test_fresh_asks_anew() -> None:
    """With ``fresh`` the evidence is not an answer: what is newest changes."""
    wire = Pretend(lambda _: GOOD)

    async def work(door: Door) -> None:
        first = await door.ask(to(1), HOST)
        assert await door.ask(to(1), HOST) == first
        second = await door.ask(to(1), HOST, fresh=True)
        assert second.number > first.number

    asked(wire, work)
    assert len(wire.sent) == 2


def test_the_tally_says_what_was_asked() -> None:
    """Sent, answered, failed, slowed, and the last error, for each service; told after each attempt."""
    heard: list[Tally] = []
    wire = Pretend(lambda _: GOOD, of(BUSY, DOWN, GOOD))
    outcomes(wire, to(1), to(2), told=lambda _provider, tally: heard.append(replace(tally)))
    assert len(heard) == 4
    last = heard[-1]
    assert (last.sent, last.answered, last.failed, last.slowed) == (4, 2, 2, 1)
    assert "500" in last.last_error


def test_words_of_a_service_are_kept_as_text() -> None:
    """An error text with half a character in it is kept all the same: the log is UTF-8."""
    wire = Pretend(lambda _: (500, {}, b'{"error":{"code":1,"message":"\\ud800 odd"}}'))
    (one,) = outcomes(wire, to(1))
    assert isinstance(one, SourceError)
    assert str(one).encode()
