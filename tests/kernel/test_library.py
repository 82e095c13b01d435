"""The compiled library itself: what it exports, its door, its threads, and what sanitisers say of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
import pytest

from flowtrace.errors import InputError
from flowtrace.kernel import Engine, Moves, available, compiled, engine, library
from flowtrace.kernel.columns import Wide
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.plain import Plain
from flowtrace.model import ACCOUNT_RULES, Rule
from kernel.conftest import FLAGS, SOURCE
from kernel.exports import NAMES, exports, kind

GCC = shutil.which("gcc")
SANITISE = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")


def columns(seed: int, rows: int, places: int) -> Moves:
    """Return random moves of some 60 bits each."""
    chance = np.random.default_rng(seed)
    ends = chance.integers(-1, places, (2, rows)).astype(np.int32)
    units = np.zeros((rows, 2), np.uint64)
    units[:, 0] = chance.integers(0, 1 << 60, rows)
    theft = np.where(chance.random(rows) < 0.05, 0, -1).astype(np.int32)
    return Moves.of(ends[0], ends[1], units, theft=theft)


def test_no_library_is_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no library, or one of another kind, the door says so and the plain engine serves."""
    assert library.library(tmp_path / "none.so") is None
    wrong = tmp_path / "wrong.so"
    wrong.write_bytes(b"not a library")
    assert library.library(wrong) is None
    monkeypatch.setattr(engine, "available", lambda: False)
    run = Engine(Rule.FIFO, 2)
    assert not run.compiled
    assert list(run.move(Moves.of([-1, 0], [0, 1], [5, 3], theft=[0, -1])).units) == [5, 3]
    assert list(Engine.resume(run.state()).move(Moves.of([0], [1], [2])).units) == [2]
    monkeypatch.setattr(compiled, "library", lambda: None)
    with pytest.raises(InputError, match="plain engine"):
        Compiled(Rule.FIFO, 2)


@pytest.mark.skipif(GCC is None, reason="needs a compiler")
def test_another_librarys_functions_are_not_called(tmp_path: Path) -> None:
    """A library of another version, or without the functions of this one, is not used."""
    assert GCC is not None
    for number, text in enumerate(("int flow_version(void) { return 0; }", "int other(void) { return 1; }")):
        source, path = tmp_path / f"{number}.c", tmp_path / f"{number}.so"
        source.write_text(text, encoding="utf-8")
        subprocess.run([GCC, "-shared", "-fPIC", "-o", path, source], check=True)
        assert library.library(path) is None
    assert available() == (library.library() is not None)


@pytest.mark.usefixtures("needs_library")
def test_runs_in_threads_are_apart() -> None:
    """Issue: "Assets run in parallel (the library releases the interpreter lock)": the same as one by one."""
    work = [columns(seed, 20_000, 500) for seed in range(4)]

    def run(moves: Moves) -> list[int]:
        return list(Compiled(Rule.PRO_RATA, 500).move(moves).units)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, work)) == [run(moves) for moves in work]


@pytest.mark.skipif(GCC is None, reason="needs a compiler")
@pytest.mark.parametrize("way", [(), ("-DPORTABLE",)])
def test_division_anywhere(way: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share and its odd unit are exact at every width, with the machine's own division and without it."""
    assert GCC is not None
    path = tmp_path / "divides.so"
    subprocess.run([GCC, "-O2", *way, *FLAGS, "-o", path, SOURCE], check=True)
    opened = library.library(path)
    monkeypatch.setattr(compiled, "library", lambda: opened)
    chance = Random(5)  # noqa: S311  vectors, no secrets
    rows, shares = list[tuple[int, int, int, int]](), []
    for place in range(20_000):
        whole = 1 + chance.getrandbits(chance.randint(1, 110))
        stolen, moved = (min(chance.getrandbits(chance.randint(1, 110)), whole) for _ in range(2))
        rows += [(-1, place, stolen, 0), (-1, place, whole - stolen, -1), (place, -1, moved, -1)]
        share, left = divmod(stolen * moved, whole)
        shares.append(share + (2 * left >= whole and left > 0))
    source, target, units, theft = zip(*rows, strict=True)
    told = Compiled(Rule.PRO_RATA, 20_000).move(Moves.of(source, target, units, theft=theft)).units
    assert list(told)[2::3] == shares


@pytest.mark.usefixtures("needs_library")
def test_a_long_run_is_the_same() -> None:
    """Past the first allocations, with lots made and freed by the thousand, the engines still agree."""
    moves = columns(7, 30_000, 40)
    for rule in ACCOUNT_RULES:
        assert list(Compiled(rule, 40).move(moves).units) == list(Plain(rule, 40).move(moves).units), rule


@pytest.mark.usefixtures("needs_library")
def test_a_run_in_memory_used_before() -> None:
    """A run begun anew under another rule says what a fresh one says, also where it keeps no gaps, or writes
    over an earlier answer.
    """  # noqa: D205  one sentence
    moves = columns(3, 5_000, 60)
    used = Compiled(Rule.LIFO, 60, missing=False)
    kept = used.move(moves).units
    assert isinstance(kept, Wide)
    for rule in ACCOUNT_RULES:
        used.restart(rule)
        fresh = Compiled(rule, 60)
        assert list(used.move(moves, kept).units) == list(fresh.move(moves).units), rule
        assert used.sums() == fresh.sums()
    with pytest.raises(InputError, match="has no state"):
        used.state()
    with pytest.raises(InputError, match="has other rows"):
        used.move(moves, Wide.of([0]))
    with pytest.raises(InputError, match="has other rows"):
        used.move(moves, Wide(bytes(16 * 5_000)))


@pytest.mark.usefixtures("needs_library")
def test_read_only_and_empty_columns() -> None:
    """Columns that may not be written, as other libraries hand them out, and columns of no rows serve too."""
    source = np.array([-1, 0], np.int32)
    source.flags.writeable = False
    moves = Moves.of(source, memoryview(b"\0\0\0\0\1\0\0\0").cast("i"), bytes(32))
    assert list(Compiled(Rule.FIFO, 2).move(moves).units) == [0, 0]
    for rule in Rule:
        for thefts in (1, 2):
            run = Compiled(rule, 0, thefts=thefts)
            assert list(run.move(Moves.of([], [], [])).units) == []
            assert Compiled.resume(run.state()).sums()[-1].stolen == 0


@pytest.mark.skipif(sys.platform != "linux" or GCC is None, reason="sanitisers are tried with gcc on Linux")
def test_sanitisers_find_nothing(tmp_path: Path) -> None:
    """Issue: "under AddressSanitizer and UBSan on the property tests' ledgers, and fuzzed"."""
    assert GCC is not None
    path = tmp_path / "sanitised.so"
    made = subprocess.run([GCC, *SANITISE, *FLAGS, "-o", path, SOURCE], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this gcc has no sanitisers")
    needs = [_path_of(name) for name in ("libasan.so", "libubsan.so")]
    tests = Path(__file__).parents[1]
    where = os.pathsep.join([str(tests), str(tests.parent / "src")])
    asan = {"LD_PRELOAD": " ".join(needs), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("sanitised.py"), path],
        env={**os.environ, **asan, "PYTHONPATH": where},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert "runtime error" not in done.stderr


def _path_of(name: str) -> str:
    assert GCC is not None
    asked = subprocess.run([GCC, f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


@pytest.mark.skipif(
    library.PLACE.suffix != ".so" or not library.PLACE.is_file(), reason="no library was built here"
)
def test_what_the_built_library_exports() -> None:
    """Only the functions of the door are visible, and all of them are."""
    built = library.PLACE.read_bytes()
    assert kind(built)[0] == "ELF"
    assert exports(built) == NAMES


@pytest.mark.skipif(shutil.which("nm") is None or GCC is None, reason="needs gcc and nm")
def test_what_a_library_made_here_exports(tmp_path: Path) -> None:
    """The same of one by this machine's compiler, read in two ways."""
    assert GCC is not None
    path = tmp_path / "exports.so"
    subprocess.run([GCC, "-O2", *FLAGS, "-o", path, SOURCE], check=True)
    listed = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True)
    names = {line.split()[-1] for line in listed.stdout.splitlines()}
    assert names == exports(path.read_bytes()) == NAMES
