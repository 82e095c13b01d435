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


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each sealed file, empty where it is absent."""
    return {name: _sha256(folder / name) for name in _SEALED}


def write_seal(folder: Path) -> None:
    """Write the seal, whole or not at all."""
    fresh = folder / f"{FILE}.new"
    fresh.write_text(json.dumps(hashes(folder), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(folder / FILE)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
