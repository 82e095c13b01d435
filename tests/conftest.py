"""What every test room shares: Hypothesis without a clock, and the bundled case, worked once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from commands import Command
from flowtrace import Case, cli

# Where a change is judged, by the same examples every time; elsewhere by new ones.
settings.register_profile("flowtrace", deadline=None, max_examples=100, derandomize="CI" in os.environ)
settings.load_profile("flowtrace")


@pytest.fixture(autouse=True)
def _as_deep_as_usual() -> None:
    """Undo what py_ecc does on import: with no limit on depth, JSON nested deeply ends the process."""
    sys.setrecursionlimit(1000)


@pytest.fixture(scope="session")
def ronin(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return the bundled Ronin case, laid out in a folder of its own and worked through."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("ronin"))
        case = Case.open("ronin-2022")
        case.folder = case.folder.resolve()
    assert case.result.transfers
    return case


@pytest.fixture(scope="session")
def reported(ronin: Case) -> Path:
    """Return the folder of the bundled Ronin case with everything it reports. Look, do not touch: copy it."""
    ronin.report()
    return ronin.folder


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command line as a function: words in; exit code, stdout and stderr out."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["flowtrace", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        code = end.value.code or 0
        assert isinstance(code, int)
        return (code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def small_reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small invented case with everything it reports. Copy it before touching it."""
    from case.small import INCIDENT, write_table  # noqa: PLC0415  known once pytest has set its path

    folder = tmp_path_factory.mktemp("small") / "small"
    case = Case.start(folder, "")
    case.import_transfers(write_table(folder.parent / "in"))
    (folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    case.report()
    return folder
