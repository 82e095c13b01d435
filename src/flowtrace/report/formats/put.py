"""Exports put into a folder: nothing there is written over that flowtrace did not write itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from flowtrace.errors import InputError
from flowtrace.model import Result
from flowtrace.report.formats.catalogue import exported
from flowtrace.report.profile import published

MANIFEST = "export.json"
"""The hashes of what was exported into a folder, by path."""


def write_formats(
    result: Result, names: Iterable[str], into: Path, *, say: Callable[[str], None]
) -> list[Path]:
    """Write some formats of a result into a folder, each into one named after it; return the files.

    Raises
    ------
    InputError
        If there is no such format, if the folder holds the export of another case, or if a file of the same
        name is there that flowtrace did not write or that somebody changed. Then nothing is written.
    IntegrityError
        If the money does not add up.
    """
    result = published(result)
    files = exported(result, names, say=say)
    held = _held(result, into)
    for name, body in files.items():
        _refuse_foreign(into / name, body, held.get(name, ""))
    for name, body in files.items():
        _put(into / name, body)
    hashes = held | {name: _sha256(body) for name, body in files.items()}
    known = {"schema": "flowtrace/export/1", "incident": result.incident.id, "digest": result.digest}
    _put(into / MANIFEST, f"{json.dumps({**known, 'files': hashes}, sort_keys=True, indent=1)}\n".encode())
    return [into / name for name in files]


def _held(result: Result, into: Path) -> dict[str, str]:
    """Return what was exported of this case into a folder before; nothing where that cannot be read."""
    try:
        stated = json.loads((into / MANIFEST).read_bytes())
        files = {str(name): str(text) for name, text in stated["files"].items()}
        incident = str(stated["incident"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    if incident != result.incident.id:
        raise InputError(f"{into} holds the export of case {incident!r}: name another folder with --into")
    return files


def _refuse_foreign(path: Path, body: bytes, written: str) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise InputError(f"{path} is no plain file: name another folder with --into")
    if path.is_file() and _sha256(path.read_bytes()) not in {written, _sha256(body)}:
        raise InputError(
            f"{path} is there and flowtrace did not write it so: move it, or name another folder with --into"
        )


def _put(path: Path, body: bytes) -> None:
    """Write a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.partial")
    fresh.write_bytes(body)
    fresh.replace(path)


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
