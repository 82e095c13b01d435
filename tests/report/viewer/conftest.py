"""One headless browser for all tests of the viewer, and pages in it with the network off."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flowtrace.model import Result
from flowtrace.report.viewer import flow_html
from report.viewer.opened import Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Open = Callable[[Result], Opened]


@pytest.fixture(scope="module")  # while it is open a loop runs in this thread, and no test can run another
def browser() -> Iterator[Browser]:
    """Return the system's Chromium, headless."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine")
    with (
        playwright.sync_playwright() as started,
        closing(started.chromium.launch(executable_path=found, args=["--no-sandbox"])) as launched,
    ):
        yield launched


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return what opens a result's page from disk; afterwards nothing may have gone wrong on any."""
    pages: list[Opened] = []

    def show(result: Result) -> Opened:
        path = tmp_path / f"{len(pages)}.html"
        path.write_bytes(flow_html(result))
        pages.append(Opened(browser, path))
        return pages[-1]

    yield show
    for page in pages:
        page.context.close()
        assert page.requests == []
        assert page.faults == []
