"""Verify a bundle where there is nothing else: unpack it safely, hash it, and work its case again."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flowtrace.case.bundle import stamp
from flowtrace.case.bundle.archive import Archive, Member, Opened, pieces_of
from flowtrace.case.bundle.canonical import read_manifest
from flowtrace.case.bundle.contents import BODIES, CASE, CUSTODY, MANIFEST, TOKEN, UNLISTED, in_order
from flowtrace.case.bundle.pack import case_of
from flowtrace.case.case import Case
from flowtrace.case.checks import Check, worked_again
from flowtrace.case.derive import derive
from flowtrace.case.intake import Say
from flowtrace.errors import FlowtraceError, InputError, IntegrityError
from flowtrace.evidence import Log, packed_fault, read_log, restore

_MOST = 1 << 28  # bytes of a manifest: some million files
_ROOM = 3  # times its size: unpacked, written again to compare, and its evidence as a case keeps it


@dataclass(frozen=True)
class _Unpacked:
    """A bundle whose manifest is as it was written, and the folder its files are in."""

    opened: Opened
    manifest: Mapping[str, Any]
    raw: bytes
    folder: Path


def verify_bundle(bundle: Path, say: Say, roots: Sequence[bytes] = ()) -> Iterator[Check]:
    """Check a bundle, and yield each check as it is done; nothing beside the bundle is needed or touched.

    Parameters
    ----------
    roots
        PEM files of roots that a stamp is checked against.

    Raises
    ------
    InputError
        If a newer flowtrace made it, or there is no room to unpack it.
    """
    size = bundle.stat().st_size
    with bundle.open("rb") as file, TemporaryDirectory(prefix="flowtrace-") as name:
        if shutil.disk_usage(name).free < _ROOM * size:
            raise InputError(f"{name} has no room for {_ROOM * size} bytes: name another folder in TMPDIR")
        try:
            opened = Opened(file, size)
        except IntegrityError as error:
            yield Check(bundle.name, passed=False, why=str(error))
            return
        refused = [Check(name, passed=False, why=f"refused: it {why}") for name, why in opened.refused()]
        yield from refused
        if not refused:
            yield from _of_plain_files(opened, bundle, Path(name), say=say, roots=roots)


def _of_plain_files(
    opened: Opened, bundle: Path, room: Path, *, say: Say, roots: Sequence[bytes]
) -> Iterator[Check]:
    try:
        raw = opened.read(MANIFEST, _MOST)
        held = _Unpacked(opened, read_manifest(raw), raw, room / "files")
    except IntegrityError as error:
        yield Check(MANIFEST, passed=False, why=str(error))
        return
    found = [*_files(held, say)]
    yield from found
    if not any(check.failed for check in found):
        found = [*_laid_out(held, bundle, room)]
        yield from found
    stamped = [*_stamp(held, roots)]
    yield from stamped
    if not any(check.failed for check in found):
        say("following the custody log")
        found = [*_restored(held)]
        yield from found
    if not any(check.failed for check in found):
        yield from _rebuilt(held, say)


def _files(held: _Unpacked, say: Say) -> Iterator[Check]:
    """Unpack every listed file, hashing it on its way: none changed, none missing, none slipped in."""
    listed, present = held.manifest["files"], set(held.opened.names)
    for name in in_order({*listed, *present} - set(UNLISTED)):
        say(f"hashing {name}")
        if name not in present:
            yield Check(name, passed=False, why="is missing")
        elif name not in listed:
            yield Check(name, passed=False, why="is not listed in the manifest")
        else:
            why = _unpacked(held, name, listed[name])
            yield Check(name, not why, why)
    for name in UNLISTED:
        if name in present:
            held.folder.mkdir(parents=True, exist_ok=True)
            (held.folder / name).write_bytes(held.raw if name == MANIFEST else _token(held))


def _token(held: _Unpacked) -> bytes:
    try:
        return held.opened.read(TOKEN, _MOST)
    except IntegrityError:
        return b""


def _unpacked(held: _Unpacked, name: str, stated: Mapping[str, Any]) -> str:
    path, hashed, size = held.folder / name, hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as file:
            for piece in held.opened.pieces(name):
                hashed.update(piece)
                size += len(piece)
                file.write(piece)
    except IntegrityError as error:
        return str(error)
    same = (hashed.hexdigest(), size) == (stated["sha256"], stated["size"])
    return "" if same else f"its SHA-256 is {hashed.hexdigest()[:16]}…, not as in the manifest"


def _laid_out(held: _Unpacked, bundle: Path, room: Path) -> Iterator[Check]:
    """Write the archive again from its files: a byte that belongs to no file is found so."""
    again = room / "again.zip"
    with again.open("w+b") as file, Archive(file) as archive:
        for name in in_order(held.opened.names):
            archive.add(Member.of_file(name, held.folder / name))
    differs = _first_difference(bundle, again)
    again.unlink()
    item = f"{bundle.name}: nothing between or behind its files"
    if differs is None:
        yield Check(item, passed=True)
    else:
        name = held.opened.place(differs)
        why = f"byte {differs} of {bundle.name} is not as pack writes it"
        yield Check(name, passed=False, why=why)


def _first_difference(one: Path, other: Path) -> int | None:
    at = 0
    theirs = pieces_of(other)
    for mine in pieces_of(one):
        their = next(theirs, b"")
        if mine != their:
            pairs = zip(mine, their, strict=False)
            return at + next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(mine), len(their)))
        at += len(mine)
    return at if next(theirs, b"") else None


def _stamp(held: _Unpacked, roots: Sequence[bytes]) -> Iterator[Check]:
    if TOKEN not in held.opened.names:
        if held.manifest["stamped"] or roots:
            why = "is missing" + ("" if roots else ": the manifest says that it was stamped")
            yield Check(TOKEN, passed=False, why=why)
        return
    try:
        stamp.require()
    except FlowtraceError as error:
        yield Check(TOKEN, passed=False, why=f"not checked: {error}", unproven=True)
        return
    try:
        found = stamp.checked(_token(held), held.raw, roots)
    except IntegrityError as error:
        yield Check(TOKEN, passed=False, why=str(error))
        return
    if found.rooted:
        yield Check(f"{TOKEN}: the manifest was there at {found.time}", passed=True)
    else:
        why = f"says {found.time}, not checked against a root: give the authority's with --tsa-root PEM"
        yield Check(TOKEN, passed=False, why=why, unproven=True)


def _restored(held: _Unpacked) -> Iterator[Check]:
    """Follow the chain of the log, check every body, and write the evidence as a case keeps it."""
    stated = held.manifest["custody"]
    try:
        log = read_log((held.folder / CUSTODY).read_bytes())
    except (IntegrityError, OSError) as error:
        yield Check(CUSTODY, passed=False, why=str(error))
        return
    if stated != {"entries": len(log.texts), "head": log.head}:
        yield Check(CUSTODY, passed=False, why="its last hash or its length is not as in the manifest")
        return
    yield Check(f"{CUSTODY}: {len(log.texts)} entries, each from the one before", passed=True)
    faults = [*_bodies(held, log)]
    yield from faults
    if not faults:
        yield Check(f"{BODIES}: {len(log.bodies())} bodies, each of its hash", passed=True)
        names = {digest: held.folder / BODIES / f"{digest}.zst" for digest in log.bodies()}
        bodies = ((digest, path.read_bytes()) for digest, path in names.items())
        restore(held.folder / CASE / "evidence.sqlite", log, bodies)


def _bodies(held: _Unpacked, log: Log) -> Iterator[Check]:
    named = log.bodies()
    there = {Path(name).stem for name in held.manifest["files"] if name.startswith(f"{BODIES}/")}
    for digest in sorted(there - named.keys()):
        yield Check(f"{BODIES}/{digest}.zst", passed=False, why="is not in the custody log")
    for digest, size in named.items():
        path = held.folder / BODIES / f"{digest}.zst"
        why = packed_fault(path.read_bytes(), digest, size) if path.is_file() else "is missing"
        if why:
            yield Check(f"{BODIES}/{digest}.zst", passed=False, why=why)


def _rebuilt(held: _Unpacked, say: Say) -> Iterator[Check]:
    made_by = held.manifest["version"]
    here = version("flowtrace")
    note = "" if made_by == here else f" (made by flowtrace {made_by}, this is {here}: install that one)"
    for check in _worked(held, say):
        yield replace(check, why=check.why + note) if check.failed else check


def _worked(held: _Unpacked, say: Say) -> Iterator[Check]:
    stated = held.manifest["case"]
    try:
        case = Case(held.folder / CASE, say)
        reported = json.loads((case.out / "manifest.json").read_bytes())
        same = case_of(reported) == stated and reported["version"] == held.manifest["version"]
        why = "" if same else "says otherwise of the case than its report"
        yield Check(f"{MANIFEST}: what it says of the case", same, why)
        with case.store(readonly=True) as store:
            ledger = derive(store, say)
            same = ledger.digest == stated["ledger_digest"]
            why = "" if same else "the evidence gives another ledger than the report's"
            yield Check("ledger rebuilt from the evidence", same, why)
            yield from worked_again(case, store, ledger)
    except FlowtraceError as error:
        yield Check("rebuilding", passed=False, why=str(error))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield Check(f"{CASE}/out/manifest.json", passed=False, why=f"cannot be read ({type(error).__name__})")
