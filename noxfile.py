"""The project's checks. `nox` runs them all; `nox -s tests` runs one; `nox -l` lists them.

Sessions use the environment nox itself runs in: install requirements-dev.lock and the project there first.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.options.sessions = ["lint", "types", "floors", "tests", "docs", "build"]

_BIN = "Scripts" if os.name == "nt" else "bin"
_HERE = Path(__file__).parent
_TARGETS = (
    "linux-x86_64",
    "linux-aarch64",
    "macos-x86_64",
    "macos-arm64",
    "windows-amd64",
)  # of hatch_build.py
_LOCK = ("uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11")
_SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile")  # a file's tests share their nodes and cases
_COVERAGE = ("--cov", "--cov-report=term")
# No host and no path of this machine may reach a lock file: hashes alone say which file is meant. Extras stay
# in it: an older pip looks for the newest release of `name[extra]` where only `name` is pinned.
_PLAIN = (
    "--no-strip-extras",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-config",
    "-q",
)


def _run(session: nox.Session, module: str, *args: str) -> None:
    """Run a tool of this environment, wherever the shell's PATH points."""
    session.run(sys.executable, "-m", module, *args)


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Check style and format."""
    _run(session, "ruff", "check", ".")
    _run(session, "ruff", "format", "--check", ".")


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    _run(session, "mypy")


@nox.session(venv_backend="none")
def floors(session: nox.Session) -> None:
    """Check that no module imports from a floor above its own."""
    session.run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo")


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """Run the tests."""
    _run(session, "pytest", "--ignore=tests/docs", *_SIDE_BY_SIDE, *session.posargs)


@nox.session(default=False)
def followthemoney(session: nox.Session) -> None:
    """Validate entities by the library itself, in an environment of its own: it needs another networkx."""
    session.install("-q", "followthemoney>=4.11,<5", "pytest", "hypothesis", ".")
    session.run("python", "-m", "pytest", "-q", "tests/report/formats/test_followthemoney.py")


@nox.session(venv_backend="none", default=False)
def coverage(session: nox.Session) -> None:
    """Run the tests and say which branches they leave out; a third slower, so not among the checks."""
    _run(session, "pytest", "--ignore=tests/docs", *_SIDE_BY_SIDE, *_COVERAGE, *session.posargs)


@nox.session(venv_backend="none")
def docs(session: nox.Session) -> None:
    """Check that README, CHANGELOG and the heuristics catalogue say what the code does."""
    _run(session, "pytest", "tests/docs", *session.posargs)


@nox.session(venv_backend="none")
def build(session: nox.Session) -> None:
    """Build the wheel, install it far from the checkout and run the main job there."""
    with TemporaryDirectory(prefix="flowtrace-build-") as name:
        away = Path(name)
        _run(session, "build", "--wheel", "--outdir", name)
        _run(session, "venv", str(away / "venv"))
        python = str(away / "venv" / _BIN / "python")
        pip = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check")
        session.run(*pip, "--no-deps", "-r", str(_HERE / "requirements.lock"))
        session.run(*pip, "--no-deps", *(str(wheel) for wheel in away.glob("*.whl")))
        summary = away / "summary.json"
        with session.chdir(away), summary.open("w", encoding="utf-8") as out:
            session.run(python, "-m", "flowtrace", "trace", "ronin-2022", "--json", stdout=out, stderr=None)
        json.loads(summary.read_text(encoding="utf-8"))


@nox.session(venv_backend="venv")
def wheels(session: nox.Session) -> None:
    """Build every platform's wheel into dist/ or the folder given; check what each library exports."""
    away = Path(*session.posargs[:1] or (_HERE / "dist",))
    needs = tomllib.loads((_HERE / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    session.install("build", *needs)
    with TemporaryDirectory(prefix="flowtrace-wheels-") as name:
        for target in _TARGETS:
            env = {"FLOWTRACE_KERNEL": target}
            session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", name, env=env)
        made = [str(path) for path in sorted(Path(name).glob("*.whl"))]
        check = str(_HERE / "tests" / "kernel" / "exports.py")
        session.run(sys.executable, check, *made, external=True)
        away.mkdir(exist_ok=True)
        for path in made:
            shutil.copy(path, away)


@nox.session(venv_backend="venv")
def lock(session: nox.Session) -> None:
    """Write both lock files again; pass `-- --upgrade` to take newer releases."""
    session.install("uv>=0.13")
    session.run(*_LOCK, *_PLAIN, *session.posargs, "-o", "requirements.lock")
    dev = ("--group", "dev", "-c", "requirements.lock", "-o", "requirements-dev.lock")
    session.run(*_LOCK, *_PLAIN, *session.posargs, *dev)
