"""The custody log as a person reads it: who did what, when, on what ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowtrace.case.settings import FILE
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry: its number, when, what happened, its hash, and all of it in words."""

    number: int
    at: str
    event: str
    hash: str
    words: str
    entry: Fields


def told_of(folder: Path) -> tuple[list[Noted], list[str]]:
    """Return a case's custody log in order, and what does not hold of its chain.

    Raises
    ------
    InputError
        If there is no case, or it has no evidence.
    """
    if not (folder / FILE).is_file():
        raise InputError(f"{folder} is no case: it holds no {FILE}")
    with EvidenceStore(folder / "evidence.sqlite", readonly=True) as store:
        return [_noted(entry, digest) for entry, digest in store.chain()], list(store.chain_faults())


def _noted(entry: Fields, digest: str) -> Noted:
    event = str(entry.get("event", ""))
    words = _WORDS.get(event, _plainly)(entry)
    return Noted(int(entry["seq"]), str(entry["at"]), event, digest, words, entry)


def _answer(entry: Fields) -> str:
    posted = f", posted {entry['posted'][:12]}" if "posted" in entry else ""
    by = f", by flowtrace {entry['tool']}" if "tool" in entry else ""
    status = f", status {entry['status']}" if "status" in entry else ""
    what = f"{entry['method']} {entry['url']}{posted}: {entry['size']} bytes"
    return f"{what}, SHA-256 {entry['sha256'][:12]}, from {entry['source']}{status}{by}"


def _failed(entry: Fields) -> str:
    return f"{_answer(entry)}: {entry['why']}"


def _rejected(entry: Fields) -> str:
    return f"evidence {entry['evidence']}: {entry['why']}"


def _decided(entry: Fields) -> str:
    what = f"finding {entry['finding']}" if "finding" in entry else f"label {entry.get('label', '')}"
    word = "accepted" if entry["accepted"] else "rejected"
    return f"{what} {word} by {entry['who']}: {entry['why']}"


def _exported(entry: Fields) -> str:
    what = entry.get("what", "report")
    return f"{what}, manifest {entry['manifest'][:12]}"


def _plainly(entry: Fields) -> str:
    chain = {"at", "event", "prev", "seq"}
    return ", ".join(f"{name} {value}" for name, value in entry.items() if name not in chain)


_WORDS: Mapping[str, Callable[[Fields], str]] = {
    "acquired": _answer,
    "decided": _decided,
    "exported": _exported,
    "failed": _failed,
    "rejected": _rejected,
}
