"""The manifest of a bundle: canonical JSON after RFC 8785, with a hash of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flowtrace.errors import InputError, IntegrityError

FORMAT = 1
SCHEMA = "flowtrace/bundle/1"
SELF = "self"
_FIELDS = frozenset({"case", "custody", "files", "format", "schema", SELF, "stamped", "version"})


def canonical(value: object) -> bytes:
    """Return plain data as RFC 8785 writes it: names in UTF-16 order, no spaces; floats are refused.

    Raises
    ------
    TypeError
        If there is a float in it: whole numbers and text have one way to be written, floats have many.
    """
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: str(name).encode("utf-16-be"))
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    if isinstance(value, float):
        raise TypeError("a float has no one way to be written: give an integer or text")
    return value


def sealed_manifest(parts: Mapping[str, Any]) -> bytes:
    """Return the bytes of a manifest with the hash of all the rest of it."""
    return canonical({**parts, SELF: _hash(parts)})


def read_manifest(data: bytes) -> dict[str, Any]:
    """Return a manifest that is as it was written.

    Raises
    ------
    InputError
        If a newer flowtrace wrote it.
    IntegrityError
        If it was changed.
    """
    try:
        stated = json.loads(data)
    except (ValueError, RecursionError):
        stated = None
    if not isinstance(stated, dict):
        raise IntegrityError("was changed: it is no JSON document as pack writes it")
    held = {name: value for name, value in stated.items() if name != SELF}
    try:
        whole = stated.get(SELF) == _hash(held) and data == canonical(stated)
    except (TypeError, ValueError, RecursionError):
        whole = False
    if not whole:
        raise IntegrityError("was changed: it is not as it was written")
    version = stated.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise InputError(
            f"the bundle is of format {version}; this flowtrace reads up to {FORMAT}: upgrade flowtrace"
        )
    if version != FORMAT or set(stated) != _FIELDS or not _described(stated["files"]):
        raise IntegrityError("was changed: it is not of the form that pack writes")
    return stated


def _described(files: object) -> bool:
    return isinstance(files, dict) and all(
        isinstance(one, dict) and isinstance(one.get("sha256"), str) and isinstance(one.get("size"), int)
        for one in files.values()
    )


def _hash(parts: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(parts)).hexdigest()
