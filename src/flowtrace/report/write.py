"""Everything a case reports, written as one: all of it is in place, or none of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from flowtrace.model import Audience, Result
from flowtrace.report.accounted import accounted
from flowtrace.report.control import check_controls
from flowtrace.report.custody import listed
from flowtrace.report.document import report_files
from flowtrace.report.freeze import write_drafts
from flowtrace.report.kept import keep_foreign
from flowtrace.report.placed import beside, swap
from flowtrace.report.profile import published
from flowtrace.report.summary import summary_json
from flowtrace.report.tables import write_tables

Progress = Callable[[str], None]


def write_report(result: Result, out: Path, progress: Progress) -> list[Path]:
    """Write every output of a case into the folder ``out``, and return its files.

    Parameters
    ----------
    progress
        Told, in words, what is being written.

    Raises
    ------
    IntegrityError
        If the money does not add up; then ``out`` stays as it was.

    Notes
    -----
    The files are written beside ``out`` and moved into place at the end, so that a reader never meets half a
    report, wherever the process was killed. Files in ``out`` that flowtrace did not write, or that somebody
    changed, are moved to ``out-kept`` beside it first; nothing there is written over. What the audience of
    the result may not see is left out before anything is written.
    """
    check_controls(result)
    accounted(result)
    result = published(result)
    out.parent.mkdir(parents=True, exist_ok=True)
    with beside(out) as fresh:
        _write_all(result, fresh, progress)
        (fresh / "manifest.json").write_bytes(_manifest(result, fresh))
        keep_foreign(out, progress)
        swap(fresh, out)
    return _files(out)


def _write_all(result: Result, folder: Path, progress: Progress) -> None:
    from flowtrace.report.chart import write_charts  # noqa: PLC0415  heavy
    from flowtrace.report.diagram import write_figure  # noqa: PLC0415  heavy
    from flowtrace.report.graph import flow_graph, write_graphml  # noqa: PLC0415  heavy
    from flowtrace.report.viewer import flow_html  # noqa: PLC0415  only reports need it

    progress("summary and tables")
    (folder / "summary.json").write_bytes(summary_json(result))
    write_tables(result, folder)
    for name, body in listed(result).items():
        (folder / name).write_bytes(body)
    progress("flow graph and diagram")
    write_graphml(flow_graph(result), folder / "flow.graphml")
    write_figure(result, folder)
    (folder / "flow.html").write_bytes(flow_html(result))
    progress("charts")
    write_charts(result, folder)
    progress("report")
    for name, body in report_files(result, folder).items():
        (folder / name).write_bytes(body)
    if result.audience is not Audience.PUBLIC:
        progress("freeze requests")
        write_drafts(result, folder / "requests")


def _manifest(result: Result, folder: Path) -> bytes:
    files = {p.relative_to(folder).as_posix(): _described(p) for p in _files(folder)}
    parts = {
        "schema": "flowtrace/manifest/1",
        "version": result.version,
        "incident": result.incident.id,
        "digest": result.digest,
        "ledger_digest": result.ledger_digest,
        "as_of": result.as_of,
        "profile": result.audience.value,
        "snapshot": dict(result.snapshot),
        "parameters": dict(result.parameters),
        "files": files,
    }
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _described(path: Path) -> dict[str, object]:
    body = path.read_bytes()
    return {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
