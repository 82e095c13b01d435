"""Whether this installation is whole."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version

from flowtrace.case.settings import bundled_cases
from flowtrace.errors import FlowtraceError
from flowtrace.heuristic import by, load
from flowtrace.labels import incident_ids, load_labels, load_vasps


def diagnosis() -> Iterator[str]:
    """Yield one line per part of the installation.

    Raises
    ------
    FlowtraceError
        If a part is missing; the message says how to get it.
    """
    yield f"flowtrace {version('flowtrace')} on Python {platform.python_version()}, {platform.system()}"
    packages = ("duckdb", "matplotlib", "networkx", "pandas", "typst", "XlsxWriter", "zstandard")
    yield "with " + ", ".join(f"{name} {version(name)}" for name in packages)
    heuristics = load()
    if not heuristics:
        raise FlowtraceError("no heuristics are installed: install flowtrace with pip, not by its path alone")
    yield "heuristics: " + ", ".join(by(h.card) for h in heuristics)
    who = f"incidents: {len(incident_ids())}; recipients of requests: {len(load_vasps())}"
    yield f"labels: {len(load_labels())}; {who}"
    yield f"bundled cases: {', '.join(bundled_cases())}"
