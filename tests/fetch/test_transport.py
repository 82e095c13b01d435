"""The door: its patience, its pace, its budget, and what it leaves behind, on a clock that does not wait."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.mishaps import PAGE
from fetch.pretend import BROKEN, Pretend, at_once
from fetch.services import Reply
from flowtrace.errors import FlowtraceError, IncompleteError, KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.provider import Provider, providers
from flowtrace.fetch.received import Received
from flowtrace.fetch.transport import Door, Tally
from flowtrace.model import Answer, Key, Request

HOST = replace(
    next(one for one in providers() if one.kind == "esplora"),
    requests=10,
    seconds=1.0,
    concurrent=4,
    key=None,
)
GOOD: Reply = (200, {}, b'{"good": true}')
BUSY: Reply = (429, {}, b"Too Many Requests")
DOWN: Reply = (500, {}, b"Internal Server Error")
Mishap = Callable[[Reply], Received | Reply | None]


def to(path: object, url: str = HOST.url, key: Key | None = None) -> Request:
    """Return a request for a path."""
    return Request("GET", f"{url}/{path}", key=key)


def always(reply: Reply | Received) -> dict[int, Mishap]:
    """Return the mishap of every request."""
    return dict.fromkeys(range(1_000), lambda _: reply)


def of(*replies: Reply | Received) -> dict[int, Mishap]:
    """Return what happens to the first requests, in order."""

    def mishap(reply: Reply | Received) -> Mishap:
        return lambda _: reply

    return {number: mishap(reply) for number, reply in enumerate(replies)}


@contextmanager
def kept() -> Iterator[EvidenceStore]:
    """Open an evidence store in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder, EvidenceStore(Path(folder) / "evidence.sqlite") as store:
        yield store


def asked(wire: Pretend, work: Callable[[Door], Awaitable[object]], **how: object) -> EvidenceStore:
    """Do some work through a door, on a clock that does not wait; return the log and the counts."""

    async def run(store: EvidenceStore) -> None:
        async with Door(store, wire=wire, **how) as door:  # type: ignore[arg-type]
            await work(door)

    with kept() as store:
        at_once(run(store))
        log = store.sent = attempts(store)  # type: ignore[attr-defined]
        assert log == len(wire.sent), "the log has exactly the attempts that left"
        return store


def attempts(store: EvidenceStore) -> int:
    """Return how many attempts the log says have left."""
    entries = store.noted("acquired") + store.noted("failed")
    return sum(entry.get("sent", 1) for entry in entries)


async def outcome(work: Awaitable[Answer]) -> Answer | FlowtraceError:
    """Return what comes of an ask."""
    try:
        return await work
    except FlowtraceError as error:
        return error


def outcomes(wire: Pretend, *requests: Request, provider: Provider = HOST, **how: object) -> list[object]:
    """Return what comes of requests made side by side."""
    found: list[object] = []

    async def work(door: Door) -> None:
        found.extend(await asyncio.gather(*(outcome(door.ask(one, provider)) for one in requests)))

    asked(wire, work, **how)
    return found


@settings(max_examples=40)
@given(
    st.sampled_from([(1, 1.0), (3, 1.0), (10, 5.0), (50, 1.0)]),
    st.lists(st.sampled_from([0.0, 0.01, 0.3, 2.0]), min_size=1, max_size=4),
    st.integers(1, 8),
)
def test_no_request_leaves_beyond_the_pace(
    limit: tuple[int, float], seconds: list[float], concurrent: int
) -> None:
    """Many ask at once, connections and answers take their time: never more than so many in so many s."""
    provider = replace(HOST, requests=limit[0], seconds=limit[1], concurrent=concurrent)
    wire = Pretend(lambda _: GOOD, seconds=seconds)
    found = outcomes(wire, *(to(number) for number in range(40)), provider=provider)
    assert all(isinstance(one, Answer) for one in found)
    times = [one.at for one in wire.sent]
    assert len(times) == 40
    for start in times:
        assert sum(start <= at < start + limit[1] - 1e-6 for at in times) <= limit[0]


@pytest.mark.parametrize("limit", [(1, 1.0), (3, 1.0), (20, 10.0), (50, 1.0)])
def test_nearly_the_whole_pace_is_used(limit: tuple[int, float]) -> None:
    """While there is work, 95 of 100 allowed requests leave, over connections that are kept."""
    provider = replace(HOST, requests=limit[0], seconds=limit[1], concurrent=8)
    wire = Pretend(lambda _: GOOD, seconds=(0.01, 0.05), connecting=(0.0, 0.001))
    outcomes(wire, *(to(number) for number in range(20 * limit[0])), provider=provider)
    took = wire.sent[-1].at - wire.sent[0].at
    assert len(wire.sent) >= 0.95 * (1 + took * limit[0] / limit[1])


@pytest.mark.parametrize("form", ["seconds", "date", "date from nowhere"])
def test_retry_after_is_obeyed_by_all(form: str) -> None:
    """One is told to wait; so do those that wait for their turn, and those that come then."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=9))
    told = {"seconds": "9", "date": date.replace("+0000", "GMT"), "date from nowhere": date.replace("+", "-")}
    wire = Pretend(lambda _: GOOD, of((429, {"Retry-After": told[form]}, b"")), seconds=(0.01,))
    found = outcomes(wire, *(to(number) for number in range(12)), provider=replace(HOST, concurrent=1))
    assert all(isinstance(one, Answer) for one in found)
    assert wire.sent[1].at - wire.sent[0].at >= 7.9, "a date has whole seconds only"
    assert len(wire.sent) == 13


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


def test_two_who_ask_the_same_at_once_send_one() -> None:
    """The second waits for the answer to the first, also for its failure."""
    wire = Pretend(lambda _: GOOD, seconds=(0.5,))
    found = outcomes(wire, *[to(1)] * 5)
    assert len({one.number for one in found if isinstance(one, Answer)}) == 1
    assert len(wire.sent) == 1
    wire = Pretend(lambda _: DOWN, seconds=(0.5,))
    found = outcomes(wire, *[to(1)] * 5)
    assert all(isinstance(one, SourceError) for one in found)
    assert len(wire.sent) == 6


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


def test_who_is_cancelled_takes_nobody_along() -> None:
    """One asks, another waits for the same answer; the first is cancelled, and the second asks itself."""
    wire = Pretend(lambda _: GOOD, seconds=(1.0,))

    async def work(door: Door) -> None:
        first, second = (asyncio.create_task(door.ask(to(1), HOST)) for _ in range(2))
        await asyncio.sleep(1.5)  # the first has left, its answer is not there
        first.cancel()
        assert (await second).body == GOOD[2]
        assert first.cancelled()

    asked(wire, work)
    assert len(wire.sent) == 2


def test_who_waits_and_is_cancelled_is_cancelled() -> None:
    """Cancelling the one that waits leaves the one that asks alone."""
    wire = Pretend(lambda _: GOOD, seconds=(1.0,))

    async def work(door: Door) -> None:
        first, second = (asyncio.create_task(door.ask(to(1), HOST)) for _ in range(2))
        await asyncio.sleep(1.5)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        assert second.cancelled()
        assert (await first).body == GOOD[2]

    asked(wire, work)
    assert len(wire.sent) == 1


@settings(max_examples=50)
@given(st.floats(0.0, 6.0), st.integers(1, 4))
def test_an_interrupt_at_any_moment_leaves_an_exact_log(moment: float, concurrent: int) -> None:
    """Ctrl-C cancels whatever is under way: the log has each attempt that left, and the store opens."""
    provider = replace(HOST, requests=5, concurrent=concurrent)
    wire = Pretend(lambda _: GOOD, {3: lambda _: DOWN, 4: lambda _: BUSY}, seconds=(0.0, 0.4))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.sqlite"

        async def run() -> None:
            with EvidenceStore(path) as store:
                async with Door(store, wire=wire) as door:
                    work = asyncio.gather(*(door.ask(to(number), provider) for number in range(12)))
                    asyncio.get_running_loop().call_later(moment, work.cancel)
                    await asyncio.wait([work])

        at_once(run())
        with EvidenceStore(path) as store:
            assert attempts(store) == len(wire.sent)
            assert not list(store.faults())


def test_a_slow_host_keeps_no_other_waiting() -> None:
    """Forty wait for a host that allows one request a minute; another host is asked at once."""
    slow = replace(HOST, url="https://slow.example", requests=1, seconds=60.0, concurrent=50)
    wire = Pretend(lambda _: GOOD)

    async def work(door: Door) -> None:
        waiting = [asyncio.create_task(door.ask(to(n, slow.url), slow)) for n in range(40)]
        await asyncio.sleep(1)
        before = asyncio.get_running_loop().time()
        await door.ask(to(1), HOST)
        assert asyncio.get_running_loop().time() == before
        await asyncio.gather(*waiting)

    asked(wire, work)
    assert len(wire.sent) == 41


def test_not_more_than_so_many_are_under_way_at_once() -> None:
    """Over all hosts there is a bound, and within a host its own; and no host is starved by it."""
    hosts = [
        replace(HOST, id=f"h{n}", url=f"https://h{n}.example", requests=1_000, concurrent=9) for n in range(9)
    ]
    wire = Pretend(lambda _: GOOD, seconds=(0.0, 1.0))
    most = {"now": 0, "ever": 0}
    plain = wire.send

    async def counted(request: Request, provider: Provider, left: Callable[[], None]) -> Received:
        most["now"] += 1
        most["ever"] = max(most["ever"], most["now"])
        try:
            return await plain(request, provider, left)
        finally:
            most["now"] -= 1

    wire.send = counted  # type: ignore[assignment,method-assign]

    async def work(door: Door) -> None:
        await asyncio.gather(*(door.ask(to(n, host.url), host) for n in range(20) for host in hosts))

    asked(wire, work)
    assert len(wire.sent) == 180
    assert most["ever"] <= 32


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
