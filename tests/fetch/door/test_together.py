"""The door, asked by many at once: its pace and bounds, shared answers, and interrupts."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.doors import BUSY, DOWN, GOOD, HOST, asked, attempts, of, outcomes, to
from fetch.pretend import BROKEN, Pretend, at_once
from flowtrace.errors import SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.door.received import Received
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.provider import Provider
from flowtrace.model import Answer, Request


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
    assert 7.9 <= wire.sent[1].at - wire.sent[0].at <= 12, "a date has whole seconds only"
    assert len(wire.sent) == 13


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


def test_a_request_that_never_left_keeps_no_place() -> None:
    """One request a second, and the first finds no connection: the others leave all the same, in time."""
    provider = replace(HOST, requests=1, concurrent=1)
    wire = Pretend(lambda _: GOOD, {0: BROKEN["no connection"]})

    async def work(door: Door) -> None:
        async with asyncio.timeout(20):
            await asyncio.gather(*(door.ask(to(number), provider) for number in range(3)))

    asked(wire, work)
    assert len(wire.sent) == 3
