"""What is being done, while it is done: a display on a terminal, plain lines elsewhere, JSON where asked."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowtrace.cli.text import one_line

if TYPE_CHECKING:
    from rich.console import Group

    from flowtrace.case import Covered, Progress, Reach

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
        yield _Lines(lambda progress: json.dumps(_event(progress)))
    elif quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        yield from _display(reach)
    else:
        yield _Lines(lambda progress: one_line("; ".join(words(progress))))


def _display(reach: Reach) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console  # noqa: PLC0415  heavy
    from rich.live import Live  # noqa: PLC0415  heavy

    from flowtrace.case import sources  # noqa: PLC0415  half a second of imports

    shown = _Shown(reach, {one.provider.id: one.pace for one in sources()})
    with Live(shown, console=Console(stderr=True), refresh_per_second=4, transient=True) as live:

        def hear(progress: Progress) -> None:
            shown.progress = progress
            for line in progress.said:
                live.console.print(one_line(line), markup=False, highlight=False)

        yield hear


class _Lines:
    """Plain lines, not too many of them: what is said and where it ended always."""

    def __init__(self, line: Callable[[Progress], str]) -> None:
        self._line = line
        self._next = 0.0
        self._told = ""

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now < self._next and not (progress.said or progress.ended):
            return
        line = self._line(progress)
        if line != self._told and (progress.wanted or progress.said or progress.ended):
            print(line, file=sys.stderr, flush=True)  # noqa: T201
            self._next, self._told = now + _EVERY, line


def words(progress: Progress) -> list[str]:
    """Return how far a live case has come, in words."""
    found = [*progress.said, f"{_addresses(progress.done)} read, {progress.wanted} wanted"]
    found += map(_ended, progress.covered)
    for name, tally in sorted(progress.sources.items()):
        failed = f", {tally.failed} failed" if tally.failed else ""
        found.append(f"{name}: {tally.sent} requests{failed}")
    return found


def _addresses(count: int) -> str:
    return f"{count} address" if count == 1 else f"{count} addresses"


def _ended(what: Covered) -> str:
    share = 100 * what.units // what.of if what.of else 0
    return f"{what.ended} of {what.whole} {what.asset.unit} ended at services ({share} %)"


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
            "sources": sources, "said": list(progress.said)}  # fmt: skip


class _Shown:
    """What the terminal shows, made anew each time it is drawn: the time goes on while nothing comes."""

    def __init__(self, reach: Reach, paces: Mapping[str, str]) -> None:
        self.progress: Progress | None = None
        self._reach, self._paces, self._begun = reach, paces, time.monotonic()

    def __rich__(self) -> Group:
        from rich.console import Group  # noqa: PLC0415  heavy
        from rich.table import Table  # noqa: PLC0415  heavy
        from rich.text import Text  # noqa: PLC0415  heavy

        def line(text: str) -> Text:
            return Text(one_line(text), no_wrap=True, overflow="ellipsis")

        seconds = time.monotonic() - self._begun
        if self.progress is None:
            return Group(line(f"starting; {seconds:.0f} s so far"))
        now = self.progress
        table = Table("source", "sent", "limit", "failed", "slowed", box=None, padding=(0, 2, 0, 0))
        errors = []
        for name, tally in sorted(now.sources.items()):
            cells = (name, str(tally.sent), self._paces.get(name, ""), str(tally.failed), str(tally.slowed))
            table.add_row(*map(line, cells))
            errors += [line(f"{name}: {tally.last_error}")] if tally.last_error else []
        told = [f"{_addresses(now.done)} read, {now.wanted} wanted", *map(_ended, now.covered)]
        return Group(*map(line, (*told, left(now, self._reach, seconds))), table, *errors)


def left(progress: Progress, reach: Reach, seconds: float) -> str:
    """Say how long this has taken, and how long what the user allows will last at this pace."""
    said = [f"{seconds:.0f} s so far"]
    sent = sum(tally.sent for tally in progress.sources.values())
    if reach.requests is not None:
        more = max(0, reach.requests - sent)
        lasts = f", {_time(seconds / sent * more)} at this pace" if sent else ""
        said.append(f"{more} of {reach.requests} requests left{lasts}")
    if reach.seconds is not None:
        said.append(f"{_time(max(0.0, reach.seconds - seconds))} of time left")
    return "; ".join(said)


def _time(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes >= 1 else f"{seconds:.0f} s"
