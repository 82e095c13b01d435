"""The seal of a case: hashes of its files as they stood when it was last reported.

It stands beside ``out/`` and not in it: the custody log says when things were done, so the evidence file
differs from machine to machine, while ``out/`` does not.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FILE = "seal.json"
_SEALED = ("evidence.sqlite", "ledger.duckdb", "case.toml", "out/manifest.json")


def sealed(stated: object) -> dict[str, str] | None:
    """Return the hashes a seal states, or None where it is not as it was written."""
    if not isinstance(stated, dict) or not all(isinstance(text, str) for text in stated.values()):
        return None
    held = {name: text for name, text in stated.items() if name != FILE}
    return held if stated.get(FILE) == _of(held) else None


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each sealed file, empty where it is absent."""
    return {name: _sha256(folder / name) for name in _SEALED}


def holds(folder: Path) -> bool:
    """Whether a case is sealed, and its files are as they were then."""
    try:
        stated = sealed(json.loads((folder / FILE).read_bytes()))
    except (OSError, ValueError):
        return False
    return stated == hashes(folder)


def write_seal(folder: Path) -> None:
    """Write the seal, whole or not at all."""
    fresh = folder / f"{FILE}.new"
    held = hashes(folder)
    text = json.dumps({**held, FILE: _of(held)}, indent=1, sort_keys=True)
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(folder / FILE)


def _of(held: dict[str, str]) -> str:
    """Return the seal's own hash, so that a change of the seal is not taken for one of a sealed file."""
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
