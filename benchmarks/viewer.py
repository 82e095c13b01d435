"""The interactive flow in a headless browser, network off: how long to load, to show details, to draw anew.

    python benchmarks/viewer.py [ADDRESSES ...]    500 and 5000

Load is from navigation to the second frame after the page is ready; a click, from the press to the second
frame after the details are there: the median of some addresses across the drawing. The bars stand beside, OK
or FAIL.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from flowtrace.report.viewer import flow_html
from report.viewer.grown import grown

LOADS, CLICKS = {500: 1000.0, 5000: 2000.0}, 150.0
TRIES = 5
_WATCH = """
window.addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.ready = performance.now();
})));
window.addEventListener("pointerdown", (event) => {
  window.shown = 0;
  const pane = document.querySelector(".pane");
  new MutationObserver((_, watch) => {
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => {
      window.shown = performance.now() - event.timeStamp;
    }));
  }).observe(pane, { childList: true });
}, true);
"""
_PLACE = """n => {
  const { view } = document.getElementById("flow");
  const box = view.canvas.getBoundingClientRect();
  const [x, y] = view.camera.toScreen(view.data.nodes[n].at[0] + 98, view.data.nodes[n].at[1] + 29);
  return [x + box.left, y + box.top];
}"""
_DRAW = """() => {
  const { view } = document.getElementById("flow");
  const start = performance.now();
  for (let n = 0; n < 5; n += 1) { view.paintNow(); view.canvas.getContext("2d").getImageData(0, 0, 1, 1); }
  return (performance.now() - start) / 5;
}"""


def loaded(page: Page, path: Path) -> float:
    """Open a page and return its milliseconds to the second frame."""
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    while not page.evaluate("window.ready || 0"):
        page.wait_for_timeout(50)
    return float(page.evaluate("window.ready"))


def clicked(page: Page, node: int) -> float:
    """Click an address and return the milliseconds until its details are drawn."""
    page.mouse.click(*page.evaluate(_PLACE, node))
    page.wait_for_timeout(250)
    while not page.evaluate("window.shown"):
        page.wait_for_timeout(50)
    return float(page.evaluate("window.shown"))


def main(counts: list[int]) -> None:
    """Print one line for each size and measure."""
    with TemporaryDirectory() as folder, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for count in counts:
            path = Path(folder) / f"{count}.html"
            body = flow_html(grown(count))
            path.write_bytes(body)
            context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
            context.add_init_script(_WATCH)
            page = context.new_page()
            loads = [loaded(page, path) for _ in range(TRIES)]
            clicks = [clicked(page, node) for node in range(1, count, max(1, count // 11))]
            told(
                f"{count} addresses, {len(body) / 1e6:.1f} MB: load",
                statistics.median(loads),
                LOADS.get(count, 2000.0),
            )
            told("  click to details", statistics.median(clicks), CLICKS)
            told("  slowest click", max(clicks), CLICKS)
            print(f"  whole drawing anew: {page.evaluate(_DRAW):.0f} ms")
            context.close()
        browser.close()


def told(what: str, found: float, bar: float) -> None:
    """Print a measure with its bar."""
    print(f"{what}: {found:.0f} ms (under {bar:.0f}: {'OK' if found < bar else 'FAIL'})")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [500, 5000])
