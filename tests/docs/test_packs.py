"""The pack that heuristics/PACKS.md shows is built, listed, measured and tested as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "heuristics" / "PACKS.md"
BLOCK = re.compile(r"^`([\w./]+)`(?:(?!^```).)*?\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""A file: the paragraph that begins with its name, and the block under it."""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The pack on disk, with the record of entry points that an installer leaves."""
    text = PAGE.read_text(encoding="utf-8")
    for name, body in BLOCK.findall(text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body, encoding="utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = tmp_path / "flowtrace_refunds-1.0.dist-info"
    info.mkdir()
    meta = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(meta, encoding="utf-8")
    points = "".join(
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in named.items())
        for group, named in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    return tmp_path


def run(pack: Path, *words: str) -> str:
    """Run a command with the pack installed; return what it prints."""
    paths = os.pathsep.join((str(pack), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=pack, env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests_pass(pack: Path) -> None:
    """The page's tests run the public conformance suite."""
    assert "2 passed" in run(pack, "pytest", "-q", "-p", "no:cacheprovider", "test_exact_refund.py")


def test_it_is_listed_and_measured(pack: Path) -> None:
    """Its card stands beside the shipped ones; what was measured stands on it, with the sample."""
    assert "exact_refund/1  class P, inferred; behavioural" in run(pack, "flowtrace", "heuristics")
    (pack / "data").mkdir()
    (pack / "data" / "refunds.csv").write_text("found,true\n1,1\n1,1\n1,0\n0,1\n", encoding="utf-8")
    words = ("--only", "exact_refund", "--write", "flowtrace_refunds/measured.json")
    told = run(pack, "flowtrace", "heuristics", "measure", "data", *words)
    assert told.startswith("exact_refund/1  precision 2/3 = 66.67 %")
    assert "error rate: precision 2/3 = 66.67 %" in run(pack, "flowtrace", "heuristics")
