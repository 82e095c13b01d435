"""Packages as a test wants them: the paths that were written, and packages that nothing stops."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flowtrace.model import Result
from flowtrace.report.freeze import Package, Sending, write_drafts, write_packages

NOW = datetime(2022, 5, 1, 12, tzinfo=UTC)
SURE = Sending(NOW, accept_stale=True, no_tip_off_checked=True)
"""Nothing but the facts and the words can stop a package that is sent so."""


def write_freeze(result: Result, folder: Path) -> list[Path]:
    """Write the drafts, and return their files."""
    return [folder / one.folder / name for one in write_drafts(result, folder) for name in one.files]


def sent(result: Result, folder: Path, sending: Sending = SURE) -> dict[str, Package]:
    """Write whole packages, and return them by their folders."""
    made = write_packages(result, folder, sending, progress=lambda _said: None)
    return {one.folder: one for one in made}
