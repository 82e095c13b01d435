"""Bundles as a forger makes them: members changed, swapped, and zips that are traps."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowtrace.case.bundle.archive import Archive, Member
from flowtrace.case.bundle.canonical import SELF, read_manifest, sealed_manifest
from flowtrace.case.bundle.contents import MANIFEST, SUMS, UNLISTED, in_order, sums


def members_of(bundle: Path) -> dict[str, bytes]:
    """Return the members of a bundle, in order."""
    with zipfile.ZipFile(bundle) as held:
        return {name: held.read(name) for name in held.namelist()}


def written(members: Mapping[str, bytes]) -> bytes:
    """Return the archive of these members, as pack lays it out."""
    file = io.BytesIO()
    with Archive(file) as archive:
        for name in in_order(members):
            archive.add(Member.of_bytes(name, members[name]))
    return file.getvalue()


def resealed(members: Mapping[str, bytes], **changes: Any) -> dict[str, bytes]:  # noqa: ANN401  JSON
    """Return members with sums and a manifest that fit them: all that a forger without a stamp can do."""
    held = dict(members)
    stated = {k: v for k, v in read_manifest(held[MANIFEST]).items() if k != SELF}
    listed = {name: hashlib.sha256(held[name]).hexdigest() for name in held if name not in UNLISTED}
    listed.pop(SUMS, None)
    held[SUMS] = "".join(sums((name, listed[name]) for name in in_order(listed))).encode()
    stated["files"] = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in held.items()
        if name not in UNLISTED
    }
    held[MANIFEST] = sealed_manifest({**stated, **changes})
    return held
