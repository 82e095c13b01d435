"""Killed at any moment, a case goes on where it was: nothing answered is asked again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fetch.askings import Told, history, straight
from fetch.explorer_service import Explorer
from fetch.server import HOME, Server, at_home, origin
from fetch.services import Reply
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import ask_of, replay
from flowtrace.fetch.door.transport import Door
from flowtrace.model import Request

TESTS = str(Path(__file__).resolve().parents[1])
CHILD = """
import asyncio, sys
from pathlib import Path
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask, ask_of
from flowtrace.fetch.door.transport import Door
sys.path.insert(0, sys.argv[2])
from fetch.askings import history
from fetch.explorer_service import Explorer
from fetch.server import at_home
from dataclasses import replace

async def run():
    service = Explorer()
    ask = history(service)
    with EvidenceStore(Path(sys.argv[1])) as store:
        async with Door(store) as door:
            await ask_of(replace(ask, provider=at_home(ask.provider)), door)

asyncio.run(run())
"""


async def _killed(path: Path, server: Server, *, moment: int, how: signal.Signals) -> int:
    """Start a process that asks, kill it when the server has seen so many requests; return its exit code."""
    plain = server.answer
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CHILD,
        str(path),
        TESTS,
        env={**os.environ, HOME: server.url},
        stderr=subprocess.DEVNULL,
    )

    def answer(request: Request) -> Reply:
        if len(server.seen) == moment:
            process.send_signal(how)
        return plain(request)

    server.answer = answer
    code = await process.wait()
    server.answer = plain
    return code


@pytest.mark.parametrize(("moment", "how"), [(1, "SIGKILL"), (9, "SIGKILL"), (20, "SIGKILL"), (9, "SIGINT")])
def test_killed_at_any_moment_it_goes_on_where_it_was(tmp_path: Path, moment: int, how: str) -> None:
    """No request that was answered is asked again, and the end is that of a run that was never killed."""
    if how == "SIGINT" and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("this run was started to ignore interrupts, and so would the program be")
    service = Explorer()
    path = tmp_path / "evidence.sqlite"
    server = Server(service.answer, origin(service.provider.url))
    ask = replace(history(service), provider=at_home(service.provider))

    async def run() -> None:
        async with server:
            assert await _killed(path, server, moment=moment, how=signal.Signals[how]) != 0
            before = len(server.seen)
            with EvidenceStore(path) as store, pytest.MonkeyPatch.context() as patch:
                patch.setenv(HOME, server.url)
                assert not list(store.faults())
                held = {entry["request"] for entry in store.noted("acquired")}
                async with Door(store) as door:
                    rows = await ask_of(ask, door)
                assert Told.of(rows) == straight(service)[0]
                assert Told.of(replay(ask, store)) == Told.of(rows)
                assert before >= moment
                again = {seen.request.id for seen in server.seen[before:]}
                assert held <= {seen.request.id for seen in server.seen[:before]}
                assert len(held) >= moment // 2
                assert not again & held
                logged = store.noted("acquired") + store.noted("failed")
                if how == "SIGINT":
                    assert sum(entry.get("sent", 1) for entry in logged) == len(server.seen)

    asyncio.run(run())


def test_the_end_is_the_same_after_a_kill(tmp_path: Path) -> None:
    """The digest of a case does not tell whether it was killed on the way."""
    digests: list[str] = []
    service = Explorer()
    ask = replace(history(service), provider=at_home(service.provider))

    async def run(moment: int) -> None:
        path = tmp_path / f"{moment}.sqlite"
        async with Server(service.answer, origin(service.provider.url)) as server:
            await _killed(path, server, moment=moment, how=signal.SIGKILL)
            with EvidenceStore(path) as store, pytest.MonkeyPatch.context() as patch:
                patch.setenv(HOME, server.url)
                async with Door(store) as door:
                    await ask_of(ask, door)
                digests.append(store.digest)

    for moment in (6, 10_000):
        asyncio.run(run(moment))
    assert digests[0] == digests[1]
