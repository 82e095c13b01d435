"""The small case, packed once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flowtrace import Case
from flowtrace.case import bundle


@pytest.fixture
def small(tmp_path: Path, small_reported: Path) -> Path:
    """Return a copy of the small case, reported."""
    return shutil.copytree(small_reported, tmp_path / "small")


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory, small_reported: Path) -> Path:
    """Return the bundle of the small case. Look, do not touch: copy it."""
    folder = tmp_path_factory.mktemp("packed")
    case = Case(shutil.copytree(small_reported, folder / "small"))
    return bundle.pack(case, folder / "small.zip").path
