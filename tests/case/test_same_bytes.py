"""Same evidence, same bytes: again, elsewhere, from the recordings, and after any number of kills."""

from __future__ import annotations

import json
import random
import shutil
import time
from pathlib import Path

import pytest

from case.small import INCIDENT, contents, finished, started, write_recordings
from flowtrace import Case, verify
from flowtrace.evidence import EvidenceStore

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "cases" / "ronin2022"
KILLS, RONIN_KILLS = 8, 3
needs_recordings = [
    pytest.mark.real,
    pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded public data is not beside this checkout"),
]


def differing(one: Path, other: Path) -> list[str]:
    """Return the files of two folders that are not byte for byte the same."""
    left, right = contents(one), contents(other)
    return [name for name in sorted({*left, *right}) if left.get(name) != right.get(name)]


def digests(case: Path) -> tuple[str, str]:
    """Return the case digest and the ledger digest of what was reported."""
    manifest = json.loads((case / "out" / "manifest.json").read_bytes())
    return manifest["digest"], manifest["ledger_digest"]


def lasting(*words: str, cwd: Path) -> float:
    """Run the command to its good end; return how long it took."""
    begun = time.monotonic()
    assert finished(*words, cwd=cwd)[0] == 0
    return time.monotonic() - begun


def kill_after(seconds: float, *words: str, cwd: Path) -> bool:
    """Run the command and kill it after a while; tell whether it was still at work."""
    process = started(*words, cwd=cwd)
    time.sleep(seconds)
    working = process.poll() is None
    process.kill()  # SIGKILL
    process.communicate()
    return working


def test_again_elsewhere_with_another_hash_seed_it_is_the_same(reported: Path, tmp_path: Path) -> None:
    """The bundled case in another folder, process and hash seed: out/ is byte for byte the same."""
    code, _, err = finished("trace", "ronin-2022", "-q", cwd=tmp_path, PYTHONHASHSEED="2022")
    assert (code, err) == (0, b"")
    assert differing(reported / "out", tmp_path / "ronin-2022" / "out") == []
    assert len(contents(reported / "out")) >= 18


def test_run_twice_in_one_folder_it_is_the_same(small_reported: Path, tmp_path: Path) -> None:
    """The second run finds a ledger and a report, and ends with the same bytes and digests."""
    case = shutil.copytree(small_reported, tmp_path / "small")
    assert finished("trace", "small", "-q", cwd=tmp_path, PYTHONHASHSEED="7")[::2] == (0, b"")
    assert differing(case / "out", small_reported / "out") == []
    assert digests(case) == digests(small_reported)


@pytest.mark.parametrize("gone", [("ledger.duckdb", "seal.json"), ("out",)])
def test_what_is_derived_may_be_deleted(gone: tuple[str, ...], small_reported: Path, tmp_path: Path) -> None:
    """Without its ledger, its outputs or its seal a case works itself out again, to the same bytes."""
    case = shutil.copytree(small_reported, tmp_path / "small")
    for name in gone:
        shutil.rmtree(case / name) if (case / name).is_dir() else (case / name).unlink()
    Case(case).report()
    assert differing(case / "out", small_reported / "out") == []
    assert all(check.passed for check in verify(Case(case)))


def test_killed_at_random_moments_it_ends_the_same(tmp_path: Path) -> None:
    """`kill -9` eight times while importing and eight times while tracing; the same commands then finish."""
    chance = random.Random(20220323)  # noqa: S311  moments, not secrets
    recordings = write_recordings(tmp_path / "rec", count=30, rows=6)
    for folder in ("whole", "killed"):
        (tmp_path / folder).mkdir()
    words = ("import", "recordings", str(recordings), "-q")
    whole = lasting(*words, cwd=tmp_path / "whole")
    kills = [
        kill_after(whole * chance.uniform(0.3, 0.95), *words, cwd=tmp_path / "killed") for _ in range(KILLS)
    ]
    assert any(kills)
    evidence = tmp_path / "killed" / "rec" / "evidence.sqlite"
    if evidence.is_file():
        with EvidenceStore(evidence) as store:
            assert list(store.faults()) == []
    assert finished(*words, cwd=tmp_path / "killed")[0] == 0
    for folder in ("whole", "killed"):
        (tmp_path / folder / "rec" / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    whole = lasting("trace", "rec", "-q", cwd=tmp_path / "whole")
    kills = [
        kill_after(whole * chance.uniform(0.1, 0.95), "trace", "rec", "-q", cwd=tmp_path / "killed")
        for _ in range(KILLS)
    ]
    assert any(kills)
    assert finished("trace", "rec", "-q", cwd=tmp_path / "killed")[0] == 0
    unhurt, killed = tmp_path / "whole" / "rec", tmp_path / "killed" / "rec"
    assert digests(unhurt) == digests(killed)
    assert differing(unhurt / "out", killed / "out") == []
    assert sorted(p.name for p in killed.iterdir()) == sorted(p.name for p in unhurt.iterdir())
    with Case(unhurt).store() as one, Case(killed).store() as other:
        assert [item.request for item in one.items()] == [item.request for item in other.items()]
        assert one.digest == other.digest
        assert list(other.faults()) == []
    assert finished("verify", "rec", "-q", cwd=tmp_path / "killed")[0] == 0


@pytest.mark.parametrize("_", [pytest.param(None, marks=needs_recordings)])
def test_the_recordings_give_the_bundled_case(_: None, reported: Path, tmp_path: Path) -> None:
    """The 72 recorded answers, imported and traced with kills in between: the bundled case, byte for byte.

    All but the list of what is held: that case holds two tables, this one 72 answers.
    """
    chance = random.Random(173600)  # noqa: S311  moments, not secrets
    words = ("import", "recordings", str(RECORDED), "-q")
    for _kill in range(RONIN_KILLS):
        kill_after(chance.uniform(0.3, 1.2), *words, cwd=tmp_path)
    assert finished(*words, cwd=tmp_path)[::2] == (0, b"")
    for _kill in range(RONIN_KILLS):
        kill_after(chance.uniform(0.5, 5), "trace", "ronin2022", "-q", cwd=tmp_path)
    assert finished("trace", "ronin2022", "-q", cwd=tmp_path, PYTHONHASHSEED="31")[::2] == (0, b"")
    case = tmp_path / "ronin2022"
    assert digests(case) == digests(reported)
    assert differing(case / "out", reported / "out") == ["custody.csv", "manifest.json"]
    with Case(case).store() as store:
        assert len(store.items()) == 72
