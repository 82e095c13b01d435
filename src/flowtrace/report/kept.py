"""What a person put into a report's folder, or changed there, is kept when the report is written again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

_MANIFEST = "manifest.json"


def keep_foreign(out: Path, progress: Callable[[str], None]) -> list[Path]:
    """Move files of ``out`` that its manifest does not list, or lists otherwise, to ``out-kept`` beside it.

    A file keeps its path within the folder, with a number where one of that name is kept already.

    Returns
    -------
    list of Path
        Where the files are now.
    """
    written = _written(out)
    moved = []
    for path in sorted(_files(out)):
        inner = path.relative_to(out)
        if inner.as_posix() == _MANIFEST and written:
            continue
        if path.is_symlink() or written.get(inner.as_posix()) != _sha256(path):
            moved.append(_moved(path, out.with_name(f"{out.name}-kept") / inner))
            progress(f"kept {out.name}/{inner.as_posix()} as {moved[-1].relative_to(out.parent).as_posix()}")
    return moved


def _written(out: Path) -> dict[str, str]:
    """Return what the manifest says was written, by path; nothing where it cannot be read."""
    try:
        files = json.loads((out / _MANIFEST).read_bytes())["files"]
        return {str(name): str(item["sha256"]) for name, item in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _files(out: Path) -> Iterator[Path]:
    return (path for path in out.rglob("*") if path.is_symlink() or path.is_file())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _moved(path: Path, to: Path) -> Path:
    """Move a file, under a free name: ``letter-2.pdf`` where ``letter.pdf`` is taken."""
    names = (to if n == 1 else to.with_name(f"{to.stem}-{n}{to.suffix}") for n in count(1))
    free = next(name for name in names if not name.exists() and not name.is_symlink())
    free.parent.mkdir(parents=True, exist_ok=True)
    return path.rename(free)
