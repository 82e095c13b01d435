"""How long the flow diagram takes at 30, 150 and 600 addresses: laid out, and written as PNG, SVG and PDF.

    python benchmarks/figures.py [30 150 600]

Times are of the processor, best of two for laying out, once for writing; the webs are made from fixed seeds,
so a size is the same flow everywhere. The bars come at the end, each OK or FAIL.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from flowtrace.model import Result
from flowtrace.report.diagram.pages import Page, pages
from flowtrace.report.paint import Named, width_of, write_sheets
from report.webs import web

SIZES = (30, 150, 600)
BARS = {30: 5.0, 150: 15.0, 600: 45.0}
"""Seconds for all of it, at most."""


def laid_out(result: Result) -> tuple[float, tuple[Page, ...]]:
    """Return the seconds that laying out takes, and its pages."""
    best, made = float("inf"), ()
    for _ in range(2):
        start = time.process_time()
        made = pages(result, width_of)
        best = min(best, time.process_time() - start)
    return best, made


def written(result: Result, made: tuple[Page, ...]) -> float:
    """Return the seconds that writing takes."""
    with TemporaryDirectory() as name:
        start = time.process_time()
        write_sheets([page.sheet for page in made], Path(name) / "flow", Named.of(result))
        return time.process_time() - start


def main() -> None:
    """Print one line a size, then the bars."""
    verdicts = []
    for size in [int(text) for text in sys.argv[1:]] or SIZES:
        result = web(size, recipients=6 if size < SIZES[1] else 14)
        layout, made = laid_out(result)
        writing = written(result, made)
        boxes = max(len(page.picture.boxes) for page in made)
        told = f"{len(made):3} pages, at most {boxes} boxes"
        print(f"{size:5} addresses  {told}  layout {layout:6.2f} s  files {writing:6.2f} s", flush=True)
        if size in BARS:
            good = "OK" if layout + writing <= BARS[size] else "FAIL"
            verdicts.append(f"{size:5} addresses  {layout + writing:6.2f} s (at most {BARS[size]:g}: {good})")
    print(*verdicts, sep="\n")


if __name__ == "__main__":
    main()
