"""The viewer's modules as a server would serve them: each imported by itself, its pure parts called."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace import report
from flowtrace.model import decimal_text
from flowtrace.report.cells import share, thousands
from flowtrace.report.viewer.page import MODULES

FOLDER = Path(next(iter(report.__path__))) / "viewer"


def called(script: str, given: object = None) -> Any:  # noqa: ANN401  whatever the script returns
    """Return what a script that may await imports returns, run by Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine")
    wrapped = f"console.log(JSON.stringify(await (async () => {{ {script} }})()))"
    body = f"const given = {json.dumps(given)}; {wrapped}"
    run = [node, "--input-type=module", "-e", body]
    done = subprocess.run(run, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_module_can_be_imported_by_itself() -> None:
    """The modules are plain ES modules; all but the page's own touch no page when they are imported."""
    names = [name for name in MODULES if name != "page"]
    script = "for (const name of given) await import(`./${name}.js`); return given.length;"
    assert called(script, names) == len(names)
    assert {path.stem for path in FOLDER.glob("*.js")} == set(MODULES)


@given(st.lists(st.tuples(st.integers(0, 2**256), st.integers(0, 80)), min_size=1, max_size=60))
@settings(max_examples=8)
def test_decimals_are_those_of_the_tables(amounts: list[tuple[int, int]]) -> None:
    """An amount is written as the tables write it, digit for digit, however long."""
    asked = [(str(units), decimals) for units, decimals in amounts]
    script = 'const { decimal } = await import("./text.js"); return given.map((pair) => decimal(...pair));'
    assert called(script, asked) == [thousands(decimal_text(*pair)) for pair in amounts]


@given(st.lists(st.integers(0, 2**256), max_size=40))
@settings(max_examples=8)
def test_sums_are_exact(amounts: list[int]) -> None:
    """A sum of amounts passes through no floating point."""
    script = 'const { total } = await import("./text.js"); return total(given);'
    assert called(script, [str(units) for units in amounts]) == str(sum(amounts))


def test_shares_are_those_of_the_tables() -> None:
    """Half up with two places, as the report says them of the same amounts."""
    parts = [0, 1, 49, 50, 99, 100, 1049, 6697, 431_372, 568_627, 999_949, 999_950, 1_000_000, 1_008_640]
    script = 'const { percent } = await import("./text.js"); return given.map(percent);'
    told = [text.replace("\u00a0", " ") for text in called(script, parts)]
    assert told == [share(part, 1_000_000) for part in parts]
