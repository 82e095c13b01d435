"""The laws of all sources: whatever goes wrong, a history is right, or says that it is not.

Every stand-in (``KIND_service.py`` beside this file) is put through the same. A history is asked straight of
the stand-in, through the door, and again over the evidence; then with each mishap at each request: at every
one where they are few, at some by a seed where they are many. FLOWTRACE_LAWS=all exercises every request.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fetch.askings import Told, history, through_the_door
from fetch.laws import (
    CASES,
    DONE,
    EVERY,
    FILES,
    MISHAPS,
    OPEN,
    SPOILT,
    Case,
    every_case,
    honest,
    kept,
    places,
    plain,
    written,
)
from fetch.mishaps import LIES, hostile, rewritten
from fetch.pretend import received
from fetch.server import HOME, ON_THE_WAY, LineServer, Server, at_home, origin
from fetch.services import Reply, Service
from flowtrace.errors import FlowtraceError, IncompleteError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import ask_of, replay
from flowtrace.fetch.dialects import dialect
from flowtrace.fetch.door.host import Patience
from flowtrace.fetch.door.received import Limits, Received
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.door.wire import Wire
from flowtrace.fetch.source import Asking, Rows, drive
from flowtrace.model import Answer, Request, Transfer


@every_case
def test_every_way_tells_the_same(case: Case) -> None:
    """Straight of the service, through the door, and again over the evidence: in as many requests."""
    right, count = plain(case)
    run = through_the_door(case.service())
    kept(run, case.service())
    assert run.error is None
    assert run.told == right
    assert run.again == right
    assert len(run.sent) == count
    assert count > 1
    assert right.transfers
    assert all(isinstance(t, Transfer) and t.height <= case.service().pin.height for t in right.transfers)
    DONE["services"] += 1


@every_case
def test_the_order_of_answers_decides_nothing(case: Case) -> None:
    """Side by side, answers come in any order: what is told is the same."""
    for seed in range(20 if EVERY else 4):
        run = through_the_door(case.service(), seed=seed)
        assert run.told == run.again == plain(case)[0]
        DONE["runs in another order"] += 1


@every_case
def test_a_mishap_at_any_request_is_healed_or_said(case: Case) -> None:
    """Whatever comes once in the place of an answer: the result is the same, or an error says what is not."""
    right, _ = plain(case)
    healed = 0
    for name, mishap in MISHAPS.items():
        for place in places(case, name):
            run = through_the_door(case.service(), {place: mishap})
            honest(run, case, f"{name} at request {place}")
            healed += run.told is not None and run.told.transfers == right.transfers
            DONE["runs with a mishap"] += 1
    assert healed > 0


@every_case
def test_two_mishaps_are_healed_or_said(case: Case) -> None:
    """Two at once, of any kind, at any two requests."""
    chance = random.Random(str(case))  # noqa: S311  no secret
    count = plain(case)[1]
    for _ in range(150 if EVERY else 15):
        names = chance.choices(list(MISHAPS), k=2)
        struck = {chance.randrange(count + 1): MISHAPS[name] for name in names}
        run = through_the_door(case.service(), struck)
        honest(run, case, f"{names} at {sorted(struck)}")
        DONE["runs with two mishaps"] += 1


@every_case
def test_a_service_that_stays_down_is_an_error(case: Case) -> None:
    """From some request on nothing comes any more: nobody takes what was read till then for all."""
    for name in ("502 page", "abort before headers", "not JSON", "null", "empty body"):
        for place in places(case, name)[:4]:
            run = through_the_door(case.service(), dict.fromkeys(range(place, 100_000), MISHAPS[name]))
            honest(run, case, f"{name} from request {place} on")
            DONE["runs that stay down"] += 1


@every_case
def test_a_lie_is_found_or_said_to_be_possible(case: Case) -> None:
    """Rows clamped, doubled, left out or out of order, once: found, healed, or not claimed to be complete."""
    for name, lie in LIES.items():
        for place in places(case, name):
            run = through_the_door(case.service(), {place: lie})
            honest(run, case, f"{name} at request {place}", lie=True)
            DONE["runs with a lie"] += run.struck > 0


@every_case
def test_rows_that_shift_between_pages_are_found(case: Case) -> None:
    """A row of one page comes with the next instead, as when the list changes while it is paged."""
    for place in places(case, "shift"):
        held: list[Any] = []

        def take(reply: Reply, held: list[Any] = held) -> Reply | None:
            return _moved(reply, held, give=False)

        def give(reply: Reply, held: list[Any] = held) -> Reply | None:
            return _moved(reply, held, give=True) if held else None

        run = through_the_door(case.service(), {place: take, place + 1: give})
        honest(run, case, f"a row shifted at request {place}", lie=True)
        DONE["runs with a shifted row"] += run.struck > 0


def _moved(reply: Reply, held: list[Any], *, give: bool) -> Reply | None:
    """Take the last row out of a reply, or put the one that was taken at the beginning of another."""

    def change(rows: list[Any]) -> None:
        if give and type(rows[0]) is type(held[0]):
            rows.insert(0, held.pop())
        elif not give and len(rows) > 1:
            held.append(rows.pop())

    return rewritten(reply, change)


@every_case
def test_hostile_answers_are_no_traceback(case: Case) -> None:
    """Somewhere in some answer stands something else than should: read all the same, or named."""
    count = plain(case)[1]
    chance = random.Random(str(case))  # noqa: S311  no secret
    for number in range(20 * SPOILT if EVERY else SPOILT):
        seed, place = f"{case} {number}", chance.randrange(count)

        def spoil(reply: Reply, seed: str = seed) -> Reply:
            return hostile(reply, random.Random(seed))  # noqa: S311  no secret

        run = through_the_door(case.service(), {place: spoil})
        kept(run, case.service())
        if run.error is not None:
            assert str(run.error).encode()
        else:
            assert run.told is not None
            assert written(run.told).encode()
            assert run.again is not None
            assert run.again.transfers == run.told.transfers
        DONE["runs with a hostile answer"] += 1


def asked_of(service: Service, asking: Asking[Any], spoil: Callable[[Reply], Reply]) -> Any:  # noqa: ANN401
    """Drive an asking over a stand-in whose answers are spoilt; return what it returns, or its error."""
    numbers = iter(range(1, 10_000))
    rows = Rows()

    def answer_of(request: Request) -> Answer:
        got = received(spoil(service.answer(request)))
        return Answer(
            request, got.body, "2026-01-01", service.provider.id, status=got.status, number=next(numbers)
        )

    try:
        return drive(asking, answer_of, lambda batch: rows.take(batch, service.provider.chain.id))  # type: ignore[arg-type]
    except FlowtraceError as error:
        return error


@every_case
def test_a_hostile_head_or_transaction_is_no_traceback(case: Case) -> None:
    """The same for the two other askings: the last final block, and one transaction."""
    service = case.service()
    speaks = dialect(service.provider.kind)
    transfers = sorted((t for t in plain(case)[0].transfers if isinstance(t, Transfer)), key=lambda t: t.id)
    chance = random.Random(str(case))  # noqa: S311  no secret
    for number in range(20 * SPOILT if EVERY else SPOILT):

        def spoil(reply: Reply, number: int = number) -> Reply:
            return hostile(reply, chance) if number and chance.random() < 0.5 else reply

        found = asked_of(service, speaks.head(service.provider), spoil)
        assert isinstance(found, FlowtraceError) or type(found.height) is int
        assert number or not isinstance(found, Exception), "the plain head is told"
        tx = chance.choice(transfers).tx
        asked_of(service, speaks.transaction(service.provider, tx), spoil)
        DONE["hostile heads and transactions"] += 1


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        yield


async def over_sockets(case: Case, faults: Mapping[int, Any]) -> tuple[Told | FlowtraceError, int, int]:
    """Ask a stand-in over real sockets; return what came of it, what the server saw, and what is logged."""
    service = case.service()
    provider = at_home(service.provider)
    home = origin(service.provider.url)
    lines = home.startswith(("tcp", "ssl"))
    server = LineServer(service.answer, home, faults) if lines else Server(service.answer, home, faults)
    ask = replace(history(service), provider=provider)
    wire = Wire(limits=Limits(connect=1.0, silence=0.25, total=0.5, size=8 << 20))
    patience = Patience(first=0.001, longest=0.002, cooling=0.001)
    with tempfile.TemporaryDirectory() as folder, EvidenceStore(Path(folder) / "evidence.sqlite") as store:
        async with server:
            with environment(HOME, server.url):
                async with Door(store, wire=wire, patience=patience) as door:
                    try:
                        rows = await ask_of(ask, door)
                        found: Told | FlowtraceError = Told.of(rows)
                        assert Told.of(replay(ask, store)) == found
                    except FlowtraceError as error:
                        found = error
        logged = store.noted("acquired") + store.noted("failed")
        assert not list(store.faults())
        return found, len(server.seen), sum(entry.get("sent", 1) for entry in logged)


@every_case
def test_over_real_sockets(case: Case) -> None:
    """Without mishap, and with each on the way at the first, a middle or the last request."""
    right, count = plain(case)
    lines = case.service().provider.url.startswith(("tcp", "ssl"))
    acts = ("late", "cut", "gone", "noise", "long") if lines else tuple(ON_THE_WAY)
    tried: list[dict[int, Any]] = [
        {},
        *({place: act} for act in acts for place in (0, count // 2, count - 1)),
    ]
    for faults in tried:
        found, seen, logged = asyncio.run(over_sockets(case, faults))
        assert seen == logged, f"{faults}: the log has exactly the attempts that the server saw"
        if isinstance(found, FlowtraceError):
            assert faults
            assert isinstance(found, IncompleteError)
        else:
            assert found.transfers == right.transfers
        DONE["runs over real sockets"] += 1


def test_what_was_exercised(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is skipped in silence: the numbers are printed."""
    chosen = sum(len(places(case, "count")) for case in CASES)
    requests = sum(plain(case)[1] for case in CASES)
    with capsys.disabled():
        print(f"\nlaws: {len(CASES)} stand-ins of {len(FILES)} files: {', '.join(map(str, CASES))}")  # noqa: T201
        print(f"  {len(MISHAPS)} mishaps, {len(LIES)} lies; {chosen} of {requests} requests each")  # noqa: T201
        for name, number in sorted(DONE.items()):
            print(f"  {number} {name}")  # noqa: T201
        for name, number in sorted(OPEN.items()):
            print(f"  {name}: {number} rows wrong where the source says that no check of them exists")  # noqa: T201
    assert CASES
    assert received((200, {}, b"")) == Received(200, (), b"", sent=1)
