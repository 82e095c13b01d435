"""A word in the custody log after the report: the seal goes on telling that nothing else was changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from flowtrace.case import seal
from flowtrace.evidence import EvidenceStore


def noted(folder: Path, event: str, *, once: bool = False, **fields: str | int) -> None:
    """Append an event to a case's custody log; where its seal held before, it is made again.

    Parameters
    ----------
    once
        Leave it where the last event of this kind says the same.
    """
    held = _holds(folder)
    with EvidenceStore(folder / "evidence.sqlite") as store:
        last = store.last(event) if once else {}
        if once and last and all(last.get(name) == value for name, value in fields.items()):
            return
        store.note(event, **fields)
    if held:
        seal.write_seal(folder)


def noted_export(folder: Path, names: Sequence[str], written: list[Path], *, digest: str) -> list[Path]:
    """Log that machine formats left a case: which, and a hash over the names and hashes of their files.

    Returns
    -------
    list of Path
        The files, as given.
    """
    listed = sorted((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in written)
    manifest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    noted(folder, "exported", what=", ".join(names), manifest=manifest, digest=digest)
    return written


def _holds(folder: Path) -> bool:
    try:
        return seal.sealed(json.loads((folder / seal.FILE).read_bytes())) == seal.hashes(folder)
    except (OSError, ValueError):
        return False
