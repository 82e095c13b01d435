"""The README is run: every ``sh`` and ``python`` block, in order, in one fresh folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all blocks, as a reader has."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize(("language", "text"), BLOCKS, ids=[f"block {n}" for n in range(1, len(BLOCKS) + 1)])
def test_block_runs(language: str, text: str, folder: Path) -> None:
    """A block of the README does what it says, without any file of the checkout."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", text] if language == "sh" else [sys.executable, "-c", text]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_own_case_says_what_the_readme_says(folder: Path) -> None:
    """The worked example ends where the text says: 40 ETH at Tornado Cash, 9.999 at rest, 0.001 for gas."""
    summary = (folder / "demo" / "out" / "summary.json").read_text(encoding="utf-8")
    for figure in ("40000000000000000000", "9999000000000000000", "1000000000000000"):
        assert f'"{figure}"' in summary


def test_every_output_is_in_the_readme(folder: Path) -> None:
    """Each file that a trace writes is named in the README's table."""
    written = {path.name for path in (folder / "ronin-2022" / "out").iterdir() if path.is_file()}
    assert {name for name in written if f"`{name}`" not in README} == set()


def test_every_command_is_in_the_readme() -> None:
    """Each verb that ``--help`` lists is in the README's table of commands."""
    done = subprocess.run(
        [sys.executable, "-m", "flowtrace", "--help"], capture_output=True, text=True, check=True
    )
    verbs = re.findall(r"^\W+(\w+)  +[A-Z]", done.stdout.partition("Commands")[2], re.MULTILINE)
    assert verbs
    assert [verb for verb in verbs if f"flowtrace {verb}" not in README] == []
