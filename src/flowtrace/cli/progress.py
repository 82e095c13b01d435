"""What is being done, while it is done: a display on a terminal, plain lines elsewhere, JSON where asked."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowtrace.cli.text import one_line

if TYPE_CHECKING:
    from rich.console import Group

    from flowtrace.case import Progress, Reach

_EVERY = 2.0  # seconds between plain lines


@contextmanager
def told(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield something to tell what is being done; shown on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  heavy
    from rich.markup import escape  # noqa: PLC0415  heavy

    with Console(stderr=True).status("starting") as status:
        yield lambda words: status.update(escape(one_line(words)))


@contextmanager
def heard(reach: Reach, *, quiet: bool, as_json: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield something that hears how far a live case has come, and shows it on stderr."""
    if as_json:
        yield lambda progress: print(json.dumps(_event(progress)), file=sys.stderr, flush=True)  # noqa: T201
    elif quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        yield from _display(reach)
    else:
        yield _Lines()


def _display(reach: Reach) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console  # noqa: PLC0415  heavy
    from rich.live import Live  # noqa: PLC0415  heavy

    begun = time.monotonic()
    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
        yield lambda progress: live.update(_shown(progress, reach, time.monotonic() - begun))


class _Lines:
    """Plain lines, not too many of them: the last one always."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.wanted and now - self._last < _EVERY:
            return
        self._last = now
        print(one_line("; ".join(words(progress))), file=sys.stderr, flush=True)  # noqa: T201


def words(progress: Progress) -> list[str]:
    """Return how far a live case has come, in words."""
    found = [f"{progress.done} addresses read, {progress.wanted} wanted"]
    found += [
        f"{what.asset.symbol or what.id}: {what.ended} of {what.whole} ended at services"
        for what in progress.covered
    ]
    for name, tally in sorted(progress.sources.items()):
        failed = f", {tally.failed} failed" if tally.failed else ""
        found.append(f"{name}: {tally.sent} requests{failed}")
    return found


def _event(progress: Progress) -> dict[str, object]:
    sources = {
        name: {"sent": t.sent, "answered": t.answered, "failed": t.failed, "slowed": t.slowed}
        for name, t in sorted(progress.sources.items())
    }
    covered = [
        {"what": what.id, "asset": str(what.asset), "ended_base_units": str(what.units), "of": str(what.of)}
        for what in progress.covered
    ]
    return {"event": "progress", "read": progress.done, "wanted": progress.wanted, "covered": covered,
            "sources": sources}  # fmt: skip


def _shown(progress: Progress, reach: Reach, seconds: float) -> Group:
    from rich.console import Group  # noqa: PLC0415  heavy
    from rich.table import Table  # noqa: PLC0415  heavy
    from rich.text import Text  # noqa: PLC0415  heavy

    table = Table("source", "requests", "answered", "failed", "told to slow down", "last error")
    for name, tally in sorted(progress.sources.items()):
        numbers = map(str, (tally.sent, tally.answered, tally.failed, tally.slowed))
        table.add_row(*(Text(one_line(cell)) for cell in (name, *numbers, tally.last_error[:60])))
    lines = words(progress)[: 1 + len(progress.covered)]
    return Group(*(Text(one_line(line)) for line in (*lines, _left(progress, reach, seconds))), table)


def _left(progress: Progress, reach: Reach, seconds: float) -> str:
    """Say how long this has taken, and how long the budget of requests lasts at this pace."""
    taken = f"{seconds:.0f} s so far"
    sent = sum(tally.sent for tally in progress.sources.values())
    if reach.requests is None or not sent:
        return taken
    left = max(0, reach.requests - sent)
    return f"{taken}; {left} requests left, {seconds / sent * left / 60:.0f} minutes at this pace"
