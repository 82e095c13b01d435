"""Real components that tests run against: found where they are kept, or installed there once.

They are kept in the folder that FLOWTRACE_COMPONENTS names, else in the user's cache. One component is one
function that returns where it is, or raises Missing with the reason; a fixture beside it skips the test then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

_ANVIL, _SOLC = "@foundry-rs/anvil@1.7.1", "solc@0.8.37"
_ELECTRUMX = "e-x[leveldb]==2.0.0"
_PATIENCE = 300  # seconds for an installation


class Missing(Exception):  # noqa: N818  a state, not a failure
    """A component cannot be had here; the message says why."""


def kept() -> Path:
    """Return the folder that components are kept in."""
    named = os.environ.get("FLOWTRACE_COMPONENTS")
    return Path(named) if named else Path.home() / ".cache" / "flowtrace-components"


@lru_cache
def anvil() -> Path:
    """Return the program of an Ethereum node for tests."""
    folder = _from_npm(_ANVIL) / "@foundry-rs"
    found = sorted(path for path in folder.glob("anvil-*/bin/anvil*") if path.is_file())
    if not found:
        raise Missing(f"{_ANVIL} has no program for this machine")
    return found[0]


@lru_cache
def solc() -> Path:
    """Return the folder of the Solidity compiler, a package of Node.js."""
    node()
    return _from_npm(_SOLC) / "solc"


def node() -> Path:
    """Return the program of Node.js."""
    return _program("node")


def _program(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not installed here")
    return Path(found)


@lru_cache
def _from_npm(package: str) -> Path:
    """Return the folder ``node_modules`` that holds a package, installed there if it was not.

    No script of a package is run. It is installed beside its place and then moved, so that a second run of
    the tests at the same time never sees half of it.
    """
    place = kept() / package.replace("/", "-").removeprefix("@")
    if not place.exists():
        program = _program("npm")
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as beside:
            folder = Path(beside, "new")
            folder.mkdir()
            quiet = ("--no-audit", "--no-fund", "--ignore-scripts")
            _run(program, "install", *quiet, "--prefix", str(folder), package)
            try:
                folder.rename(place)
            except OSError:
                if not place.exists():
                    raise
    return place / "node_modules"


def _run(program: Path, *words: str) -> None:
    try:
        subprocess.run([program, *words], check=True, capture_output=True, timeout=_PATIENCE, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise Missing(f"{program.name} {words[0]} failed: {' '.join(said.split())[-300:]}") from None


@pytest.fixture(scope="session", name="anvil_program")
def anvil_fixture() -> Path:
    """Return anvil's program; a test that asks for it is skipped where it cannot be had."""
    return _or_skip(anvil)


@pytest.fixture(scope="session", name="solc_folder")
def solc_fixture() -> Path:
    """Return the Solidity compiler's folder; a test that asks for it is skipped where it cannot be had."""
    return _or_skip(solc)


def _or_skip(component: Callable[[], Path]) -> Path:
    try:
        return component()
    except Missing as error:
        pytest.skip(str(error))


@lru_cache
def litecoind() -> Path:
    """Return the program of a Litecoin node: the Debian package of that name."""
    return _program("litecoind")


@lru_cache
def electrumx() -> Path:
    """Return the interpreter of an environment of its own in which ElectrumX is installed."""
    place = kept() / "electrumx"
    interpreter = place / "bin" / "python"
    if not interpreter.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as beside:
            folder = Path(beside, "new")
            _run(Path(sys.executable), "-m", "venv", str(folder))
            _run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", _ELECTRUMX)
            try:
                folder.rename(place)
            except OSError:
                if not place.exists():
                    raise
    return interpreter


@pytest.fixture(scope="session", name="utxo_programs")
def utxo_fixture() -> tuple[Path, Path]:
    """Return litecoind and ElectrumX; a test that asks for them is skipped where they cannot be had."""
    return _or_skip(litecoind), _or_skip(electrumx)


@pytest.fixture(scope="session", name="litecoin_program")
def litecoind_fixture() -> Path:
    """Return litecoind's program; a test that asks for it is skipped where it cannot be had."""
    return _or_skip(litecoind)
