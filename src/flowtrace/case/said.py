"""What is said of an address: every claim, a person's word on it, and where claims contradict each other."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowtrace import labels
from flowtrace.case.noted import noted
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.labels import LabelBook, label_id
from flowtrace.labels.book import INDEX, entities_in, shipped_entities
from flowtrace.labels.dumps import Dump, Origin
from flowtrace.labels.files import read_labels
from flowtrace.labels.found import address_of, everywhere
from flowtrace.labels.graphsense import pack_of, write_pack
from flowtrace.labels.index import Indexed, LabelIndex
from flowtrace.model import Address, Contradiction, Decision, Label, contradictions

_DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Claim:
    """One label, its id, and the last word a person said on it, if any did."""

    id: str
    label: Label
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """All that was ever said of an address on one chain, the strongest first, and what contradicts what."""

    address: Address
    claims: tuple[Claim, ...]
    contradictions: tuple[Contradiction, ...]


def user_folder() -> Path:
    """Return where a user's own labels and lists are kept; FLOWTRACE_HOME names another place."""
    if named := os.environ.get("FLOWTRACE_HOME"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "flowtrace"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "flowtrace"


def labels_folder(case: str) -> Path:
    """Return where the labels of a case are kept, or the user's own where none is named.

    Raises
    ------
    InputError
        If a case is named and there is none.
    """
    if not case:
        return user_folder() / "labels"
    if not (Path(case) / "case.toml").is_file():
        raise InputError(f"{case} is no case folder: flowtrace trace starts one")
    return Path(case) / "labels"


def wanted_address(text: str) -> Address:
    """Return the address that a person means.

    Raises
    ------
    InputError
        If the text is no address of a chain that is followed.
    """
    found = Address.of(text) if text.count(":") > 1 else address_of(text) or address_of(text, "SOL")
    if found is None:
        raise InputError(f"{text[:100]!r} is no address of a chain that flowtrace knows: copy it again")
    return found


def add_labels(folder: Path, files: Sequence[Path], origin: Origin | None) -> tuple[list[Indexed], list[str]]:
    """Take files of labels into a folder's index; return what each gave, and why tags could not be used."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = [(path.name, _bytes(path)) for path in _spread(files)]
    entities = shipped_entities() | entities_in(documents)
    refused: list[str] = []
    taken = []
    with LabelIndex(folder / INDEX) as index:
        for name, data in documents:
            if b"\nactors:" in data and name.endswith((".yaml", ".yml")):
                continue
            dump = Dump(name, data, entities, refused)
            taken.append(index.add(name, data, read_labels(dump, origin)))
    if (folder.parent / "case.toml").is_file():
        for one in taken:
            noted(folder.parent, "labelled", file=one.name, labels=one.labels, file_sha256=one.sha256)
    return taken, refused


def _spread(files: Sequence[Path]) -> list[Path]:
    found = [sorted(one for one in path.rglob("*.y*ml")) if path.is_dir() else [path] for path in files]
    for path, some in zip(files, found, strict=True):
        if not some:
            raise InputError(f"{path}: holds no TagPack (.yaml), and so nothing to take in")
    return [one for some in found for one in some]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path.name}: cannot be read ({fault.strerror}): check the path") from None


def book_for(book: LabelBook | None = None) -> LabelBook:
    """Return a case's book, or the shipped one, with the user's own index beside it.

    Only to show: a trace uses a case's book alone, so that it is the same wherever it is worked.
    """
    own = user_folder() / "labels" / INDEX
    extra = [own] if own.is_file() else []
    if book is None:
        return labels.load_labels(extra)
    shelves = (*book.shelves, *(LabelIndex(path, readonly=True) for path in extra))
    return LabelBook(book.labels, book.lists, shelves, book.decided)


def said_of(address: Address, book: LabelBook, decisions: dict[str, Decision]) -> list[Said]:
    """Return what is said of an address, on every chain where it may be the same owner's."""
    found = []
    for one in everywhere(address):
        claims = tuple(Claim(label_id(it), it, decisions.get(label_id(it))) for it in book.said(one))
        if claims:
            found.append(Said(one, claims, contradictions(book.of(one))))
    return found


def decisions_in(folder: Path) -> dict[str, Decision]:
    """Return the last word on each label that a case's custody log holds, by the label's id."""
    path = folder / "evidence.sqlite"
    if not path.is_file():
        return {}
    with EvidenceStore(path, readonly=True) as store:
        noted = [entry for entry in store.noted(_DECIDED) if "label" in entry]
    return {
        str(entry["label"]): Decision(
            str(entry["label"]),
            bool(entry["accepted"]),
            str(entry["who"]),
            str(entry["why"]),
            str(entry["at"]),
        )
        for entry in noted
    }


def decided_in(folder: Path) -> dict[str, bool]:
    """Return, by a label's id, whether a person accepted it."""
    return {name: one.accepted for name, one in decisions_in(folder).items()}


def decide_on_label(folder: Path, named: str, *, among: Iterable[Claim], word: Decision) -> Claim:
    """Keep a person's word on a label; return the label with it.

    Raises
    ------
    InputError
        If no label, or several, have such an id, or the person or the reason is not named.
    """
    if not word.who.strip() or not word.why.strip():
        raise InputError("a decision names who makes it and why: give both")
    found = {one.id: one for one in among if named and one.id.startswith(named)}
    if len(found) != 1:
        many = f"{len(found)} labels have an id that begins so" if found else "no label has such an id"
        raise InputError(f"{named!r}: {many}; flowtrace labels show ADDRESS lists them")
    ((name, claim),) = found.items()
    with EvidenceStore(folder / "evidence.sqlite") as store:
        store.note(_DECIDED, label=name, accepted=int(word.accepted), who=word.who, why=word.why)
    return claim


def exported(book: LabelBook, *, title: str, creator: str) -> bytes:
    """Return all labels of a book as a TagPack in GraphSense's form."""
    return write_pack(pack_of(book, title=title, creator=creator))
