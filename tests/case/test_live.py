"""A live case: fetched best first, stopped, gone on with, and worked again without a network."""

from __future__ import annotations

import json
import random
import shutil
import socket
import time
from pathlib import Path

import pytest

from case.small import contents, finished, started
from case.world import DEPOT, HUB, MID, MIXER, THIEF, Server, world_fixture  # noqa: F401  a fixture, by name
from commands import Command
from flowtrace import Case, StopReason, verify
from flowtrace.evidence import EvidenceStore
from flowtrace.model import Address, Scope

KEY = "Kq7wZ2xV9pLmT4bY"
ONLY = ("--source", "own")


@pytest.fixture
def keyed(world: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same server, with a key in its address, as hosted nodes have it."""
    monkeypatch.setenv("FLOWTRACE_EXPLORER_1", f"{world.url}?apikey={KEY}")
    return world


def told(case: Path) -> list[bytes]:
    """Return what a case says of the money: all that does not name the moment of the fetching."""
    names = ("transfers", "hops", "deposits", "roles")
    return [(case / "out" / f"{name}.csv").read_bytes() for name in names]


def reasons(case: Case) -> dict[str, StopReason]:
    """Return why the trace of a case stopped where."""
    return {stop.address.account: stop.reason for stop in case.result.trace.stops}


def test_a_trace_from_an_address(world: Server, tmp_path: Path, command: Command) -> None:
    """Given an address alone, the trace finds mixer and deposit address, and says why it stopped."""
    code, out, err = command("trace", THIEF, *ONLY, "--case", "live")
    assert (code, "Traceback" in err) == (0, False)
    assert "Tornado Cash" in out
    case = Case(tmp_path / "live")
    found = reasons(case)
    assert found[MIXER] is StopReason.MIXER
    assert found[DEPOT] is StopReason.DEPOSIT
    assert MID not in found
    (theft,) = case.result.incident.thefts
    assert theft.units == 50 * 10**18
    mine = case.ledger.coverage_of(Address("eip155:1", MID))[Scope.EXTERNAL]
    assert (mine.complete, "the sum of all moves is the balance, to the wei" in mine.check) == (True, True)
    assert sum(world.seen.values()) == len(set(world.seen))  # nothing was asked twice
    assert all(check.passed for check in verify(case))


def test_it_goes_on_where_it_was_killed(world: Server, tmp_path: Path) -> None:
    """`kill -9`, then the same command: nothing answered is asked again, and the end is the same."""
    chance = random.Random(3)  # noqa: S311  moments, not secrets
    words = ("trace", THIEF, *ONLY, "-q", "--case")
    begun = time.monotonic()
    assert finished(*words, "whole", cwd=tmp_path)[0] == 0
    lasted = time.monotonic() - begun
    whole = world.seen.copy()
    for _ in range(6):
        process = started(*words, "killed", cwd=tmp_path)
        time.sleep(lasted * chance.uniform(0.2, 0.6))
        process.kill()
        process.communicate()
    world.seen.clear()
    assert finished(*words, "killed", cwd=tmp_path)[::2] == (0, b"")
    assert set(world.seen) <= set(whole)
    assert told(tmp_path / "killed") == told(tmp_path / "whole")
    with Case(tmp_path / "whole").store() as one, Case(tmp_path / "killed").store() as other:
        assert one.digest == other.digest
        answered = [entry["request"] for entry in other.noted("acquired") if "eth_" not in entry["url"]]
        assert len(answered) == len(set(answered))


def test_offline_it_works_on_what_is_held(world: Server, tmp_path: Path, command: Command) -> None:
    """After the fetching, --offline gives the same outputs and asks nothing; so does another machine."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live")[0] == 0
    before = contents(tmp_path / "live" / "out")
    world.seen.clear()
    (tmp_path / "live" / "ledger.duckdb").unlink()
    assert command("trace", "live", "--offline", "-q")[0] == 0
    assert (contents(tmp_path / "live" / "out"), sum(world.seen.values())) == (before, 0)


def test_a_crowded_address_is_left(world: Server, tmp_path: Path, command: Command) -> None:
    """An address with more transfers than are worth reading ends the trace, with that reason."""
    assert command("trace", THIEF, *ONLY, "--case", "live", "--dry-run")[0] == 0
    settings = tmp_path / "live" / "case.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "[policy]\nmost = 200\n", encoding="utf-8")
    assert command("trace", "live", *ONLY, "-q")[0] == 0
    assert reasons(Case(tmp_path / "live"))[HUB] is StopReason.CROWDED
    assert world.seen


def test_a_budget_ends_it_saved(world: Server, tmp_path: Path, command: Command) -> None:
    """A budget of requests ends the run with code 3; going on ends as if it had never been cut."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "whole")[0] == 0
    code, _, err = command("trace", THIEF, *ONLY, "-q", "--case", "cut", "--requests", "12")
    assert (code, err.count("\n")) == (3, 1)
    assert "the budget of requests is spent: run the same command again" in err
    code, _, err = command("trace", "cut", "--offline", "-q")
    assert (code, "the trace is not complete: " in err) == (3, True)
    for _ in range(9):
        code, _, _ = command("trace", THIEF, *ONLY, "-q", "--case", "cut", "--requests", "12")
    assert code == 0
    assert told(tmp_path / "cut") == told(tmp_path / "whole")
    assert world.seen


def test_no_network_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    """With no network: one line with the hosts that failed and --offline, code 3, and the case is kept."""
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("FLOWTRACE_EXPLORER_1", f"http://127.0.0.1:{port}/api")
    code, out, err = command("trace", THIEF, *ONLY, "--case", "live")
    assert (code, out, err.count("flowtrace: ")) == (3, "", 1)
    for word in (f"127.0.0.1:{port}", "--offline", "The case is kept"):
        assert word in err
    assert (tmp_path / "live" / "case.toml").is_file()
    with EvidenceStore(tmp_path / "live" / "evidence.sqlite", readonly=True) as store:
        assert list(store.faults()) == []
        assert store.noted("failed")


def test_a_key_is_nowhere(keyed: Server, tmp_path: Path, command: Command) -> None:
    """A key in the environment reaches the server, and no file of the case, no line and no error."""
    answers = [
        command("trace", THIEF, *ONLY, "--case", "live"),
        command("sources", "live"),
        command("verify", "live"),
    ]
    assert [code for code, *_ in answers] == [0, 0, 0]
    assert keyed.keys == {KEY}
    assert all(KEY not in out + err for _, out, err in answers)
    for name, body in contents(tmp_path / "live").items():
        assert KEY.encode() not in body, name
    with Case(tmp_path / "live").store() as store:
        assert all(KEY not in json.dumps(entry) for entry in store.noted("acquired") + store.noted("asked"))


def test_fetch_alone(world: Server, tmp_path: Path, command: Command) -> None:
    """`flowtrace fetch` takes histories in and does no more; the trace goes on from there."""
    code, out, err = command("fetch", THIEF, MID, *ONLY, "--case", "live")
    assert (code, out) == (0, "")
    assert "live holds 2 of 2 histories. Next: flowtrace trace live" in err
    assert not (tmp_path / "live" / "out").exists()
    code, out, err = command("fetch", THIEF, MID, *ONLY, "--case", "live", "--json")
    assert json.loads(out) == {"case": "live", "asked": 2, "held": 2, "missed": {}}
    assert [json.loads(line)["event"] for line in err.splitlines()][-1] == "progress"
    asked = dict(world.seen)
    assert command("trace", "live", *ONLY, "-q")[0] == 0
    again = {name for name, count in world.seen.items() if name in asked and count > 1}
    assert ["eth_getBlockByNumber" in name for name in again] == [True]  # is the last block still there?


def test_a_dry_run_sends_nothing(world: Server, command: Command) -> None:
    """--dry-run says whom it would ask and how fast, and asks nobody."""
    code, out, _ = command("trace", THIEF, *ONLY, "--case", "live", "--dry-run", "--requests", "100")
    assert (code, sum(world.seen.values())) == (0, 0)
    assert "at most 2000 addresses, 100 requests" in out
    assert "explorer_1@ethereum: ready, 50 per 1 s" in out


def test_what_fetch_is_given_must_be_addresses(command: Command, tmp_path: Path) -> None:
    """A word that is no address is named, and no case is made."""
    code, _, err = command("fetch", THIEF, "nonsense", "--case", tmp_path / "live")
    assert (code, "'nonsense' is no address" in err) == (2, True)
    assert not (tmp_path / "live").exists()
    shutil.rmtree(tmp_path)
