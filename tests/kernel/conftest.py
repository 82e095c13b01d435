"""The compiled library for the tests: the built one, or one made here by the machine's own compiler."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowtrace.kernel import available, bounds, compiled, cospend, engine, library, rounds

SOURCE = Path(library.__file__).with_name("kernel.c")
FLAGS = ("-std=c11", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="session", autouse=True)
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bool]:
    """Let the door find a library where none was built but a compiler is at hand; tell whether it does."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if available() or compiler is None:
        yield available()
        return
    path = tmp_path_factory.mktemp("kernel") / library.PLACE.name
    subprocess.run([compiler, "-O2", *FLAGS, "-o", path, SOURCE], check=True)
    opened = library.library(path)
    assert opened is not None
    with pytest.MonkeyPatch.context() as patch:
        for door in (compiled, cospend, rounds):
            patch.setattr(door, "library", lambda: opened)
        patch.setattr(engine, "available", lambda: True)
        patch.setattr(bounds, "available", lambda: True)
        patch.setattr(bounds, "library", lambda: opened)
        yield True


@pytest.fixture
def needs_library(built: bool) -> None:  # noqa: FBT001  pytest passes fixtures so
    """Skip a test that is of the compiled engine alone where there is none."""
    if not built:
        pytest.skip("no compiled library here, and no compiler to make one")
