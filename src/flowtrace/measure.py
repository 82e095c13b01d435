"""Error rates, measured: the heuristics on public data whose truth is known otherwise.

A pack names its samples by an entry point in the group ``flowtrace.samples``, as it names its heuristics;
what is measured it keeps in its ``measured.json``, which every listing and report cites.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from pathlib import Path

from flowtrace.errors import InputError
from flowtrace.model import Measure

GROUP = "flowtrace.samples"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a heuristic got right and wrong; None where the sample cannot tell."""

    tp: int
    fp: int
    fn: int | None = None
    tn: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """Data with a known truth, and how a heuristic does on it.

    Attributes
    ----------
    by
        The rule card's id and version that is measured.
    name, source
        What the data is, and where it is public.
    what
        What one count counts: "pairs of addresses", "transactions".
    files
        Its files, as paths below the folder of data; a pattern with ``*`` may name several.
    count
        Reads the files below that folder and counts.
    """

    by: str
    name: str
    source: str
    what: str
    files: tuple[str, ...]
    count: Callable[[Path], Counts]

    def held(self, folder: Path) -> list[Path]:
        """Return its files, or none where one of them is not there."""
        found = [sorted(folder.glob(pattern)) for pattern in self.files]
        return [path for paths in found for path in paths] if all(found) else []


def load_samples() -> tuple[Sample, ...]:
    """Return what every installed pack is measured on, by rule card and name."""
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    found = [sample for point in points for sample in point.load()]
    return tuple(sorted(found, key=lambda sample: (sample.by, sample.name)))


def measure(folder: Path, samples: Iterable[Sample], *, today: str) -> Iterator[Measure]:
    """Measure on each sample that the folder holds; the others are passed over.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of data to measure on")
    for sample in samples:
        files = sample.held(folder)
        if files:
            counts = sample.count(folder)
            yield Measure(
                sample.by,
                sample.name,
                sample.source,
                _digest(folder, files),
                today,
                sample.what,
                **asdict(counts),
            )


def as_json(measures: Iterable[Measure]) -> str:
    """Return measures as a pack keeps them in its ``measured.json``."""
    return json.dumps([asdict(one) for one in measures], indent=1) + "\n"


def _digest(folder: Path, files: Iterable[Path]) -> str:
    sha = hashlib.sha256()
    for path in files:
        name = path.relative_to(folder).as_posix()
        sha.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return sha.hexdigest()
