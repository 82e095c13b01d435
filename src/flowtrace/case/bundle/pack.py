"""A case in one file that can be checked anywhere: the same case gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from flowtrace.case.bundle.archive import Archive, Member, Opened
from flowtrace.case.bundle.canonical import FORMAT, SCHEMA, sealed_manifest
from flowtrace.case.bundle.contents import (
    CUSTODY,
    MANIFEST,
    SUMS,
    TOKEN,
    body_name,
    case_files,
    in_order,
    readme,
    sums,
)
from flowtrace.case.case import Case
from flowtrace.case.checks import standing
from flowtrace.case.noted import noted
from flowtrace.errors import InputError
from flowtrace.evidence import Log, log_of, packed_bodies
from flowtrace.fetch.door.secret import Eraser
from flowtrace.fetch.provider import key_value, providers

Stamper = Callable[[bytes], bytes]
"""Gives the token of a time-stamping authority over a manifest's bytes."""
_AFTER = frozenset({"sealed", "stamped"})  # events that tell of a bundle: it cannot hold its own
_OVERLAP = 1 << 12  # bytes of a piece that are looked at again with the next: no key is so long


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle that was written: where, how large, and the SHA-256 of its manifest, which names all of it."""

    path: Path
    size: int
    files: int
    manifest: str
    stamped: bool


def bundle_of(case: Case) -> Path:
    """Return where a case is packed to unless a person says otherwise: beside its folder."""
    folder = case.folder.resolve()
    return folder.with_name(f"{folder.name}.zip")


def pack(case: Case, target: Path, stamper: Stamper | None = None) -> Packed:
    """Write a case into one zip, whole or not at all, and log it in the case.

    One answer at a time is held in memory. The custody log is packed as it stood before it tells of packing.

    Parameters
    ----------
    stamper
        Stamps the manifest; what leaves the machine is its hash.

    Raises
    ------
    InputError
        If the case is not as it was reported, a secret would be packed, or another file is in the way.
    IntegrityError
        If its evidence was changed.
    """
    _check(case, target)
    log = log_of(case.folder / "evidence.sqlite", without=_AFTER)
    secrets, files = _secrets(), dict[str, dict[str, str | int]]()
    with written_whole(target) as file, Archive(file) as archive:
        for member in _members(case, log):
            case.say(f"packing {member.name}")
            files[member.name] = _added(archive, member, secrets)
        named = ((name, str(files[name]["sha256"])) for name in in_order(files))
        listed = Member.of_bytes(SUMS, "".join(sums(named)).encode())
        files[SUMS] = _added(archive, listed, {})
        manifest = sealed_manifest(_manifest(case, log, files, stamped=stamper is not None))
        archive.add(Member.of_bytes(MANIFEST, manifest))
        if stamper:
            archive.add(Member.of_bytes(TOKEN, stamper(manifest)))
    digest = hashlib.sha256(manifest).hexdigest()
    noted(case.folder, "sealed", manifest=digest, files=len(files), once=True)
    return Packed(target, target.stat().st_size, len(files), digest, stamped=stamper is not None)


def with_token(bundle: Path, target: Path, token: bytes) -> None:
    """Write a bundle anew with a stamp over its manifest beside it, whole or not at all."""
    with bundle.open("rb") as source, written_whole(target) as file, Archive(file) as archive:
        opened = Opened(source, bundle.stat().st_size)
        sizes = {info.filename: info.file_size for info in opened.infos if info.filename != TOKEN}
        for name in in_order(sizes):
            archive.add(Member(name, sizes[name], partial(opened.pieces, name)))
        archive.add(Member.of_bytes(TOKEN, token))


@contextmanager
def written_whole(target: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes its name when all is written; a killed run leaves no half under that name."""
    fresh = target.with_name(f".{target.name}.partial")
    try:
        with fresh.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _check(case: Case, target: Path) -> None:
    faults = [check for check in standing(case) if not check.passed]
    if faults:
        raise InputError(
            f"the case is not as it was reported ({faults[0].item}: {faults[0].why}): "
            f"run flowtrace trace {case.folder}, or flowtrace verify {case.folder} to see all of it"
        )
    if target.exists() and not (target.is_file() and zipfile.is_zipfile(target)):
        raise InputError(f"{target} is there and is no bundle: name another file with --out")
    if not target.parent.is_dir():
        raise InputError(f"{target.parent} is no folder: make it first")


def _members(case: Case, log: Log) -> Iterator[Member]:
    yield readme(case.settings.incident_id or case.folder.resolve().name)
    for name, path in case_files(case.folder):
        yield Member.of_file(name, path)
    bodies = (
        Member.of_bytes(body_name(digest), packed)
        for digest, packed in packed_bodies(case.folder / "evidence.sqlite", log)
    )
    yield from bodies
    yield Member.of_bytes(CUSTODY, log.lines)


def _manifest(
    case: Case, log: Log, files: Mapping[str, Mapping[str, str | int]], *, stamped: bool
) -> dict[str, Any]:
    reported = json.loads((case.out / "manifest.json").read_bytes())
    return {
        "case": case_of(reported),
        "custody": {"entries": len(log.texts), "head": log.head},
        "files": files,
        "format": FORMAT,
        "schema": SCHEMA,
        "stamped": stamped,
        "version": version("flowtrace"),
    }


def case_of(reported: Mapping[str, Any]) -> dict[str, str]:
    """Return what a bundle's manifest says of the case, from the manifest of its report."""
    return {name: str(reported.get(name, "")) for name in ("as_of", "digest", "incident", "ledger_digest")}


def _added(archive: Archive, member: Member, secrets: Mapping[str, Eraser]) -> dict[str, str | int]:
    """Add a member; return its description for the manifest."""
    hashed = hashlib.sha256()

    def watched() -> Iterator[bytes]:
        before = b""
        for piece in member.pieces():
            hashed.update(piece)
            _refuse(member.name, before + piece, secrets)
            before = piece[-_OVERLAP:]
            yield piece

    archive.add(replace(member, pieces=watched))
    return {"sha256": hashed.hexdigest(), "size": member.size}


def _refuse(name: str, data: bytes, secrets: Mapping[str, Eraser]) -> None:
    """Refuse a piece that holds a key of this machine, in whichever way it is written down."""
    for key, eraser in secrets.items():
        if eraser.body(data, cut=False) != data:
            raise InputError(f"{name} holds the value of the key {key}: take it out, then pack again")


def _secrets() -> dict[str, Eraser]:
    """Return what finds each key that is set here: none of them may be in what leaves the house."""
    names: Iterable[str] = {one.key.name for one in providers() if one.key is not None}
    held = {name: key_value(name) for name in sorted(names)}
    return {name: Eraser(value) for name, value in held.items() if value}
