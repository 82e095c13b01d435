"""A bundle is stamped after it was packed: at once, or in two steps by way of another machine."""

from __future__ import annotations

from pathlib import Path

from flowtrace.case.bundle import stamp
from flowtrace.case.bundle.archive import Opened
from flowtrace.case.bundle.canonical import read_manifest
from flowtrace.case.bundle.contents import MANIFEST
from flowtrace.case.bundle.pack import with_token, written_whole
from flowtrace.errors import InputError, IntegrityError

_MOST = 1 << 28


def manifest_of(bundle: Path) -> bytes:
    """Return the bytes of a bundle's manifest, which are what is stamped.

    Raises
    ------
    InputError
        If it is no bundle.
    IntegrityError
        If it is one that was changed, or that must not be unpacked.
    """
    if not bundle.is_file():
        raise InputError(
            f"{bundle} is no bundle: flowtrace pack CASE makes one, with --stamp URL a stamped one"
        )
    with bundle.open("rb") as file:
        opened = Opened(file, bundle.stat().st_size)
        for name, why in opened.refused():
            raise IntegrityError(f"{bundle.name}: {name} {why}")
        try:
            raw = opened.read(MANIFEST, _MOST)
            read_manifest(raw)
        except IntegrityError as error:
            raise IntegrityError(f"{bundle.name}: {MANIFEST} {error}") from None
    return raw


def write_request(bundle: Path, target: Path) -> None:
    """Write the request for a stamp over a bundle's manifest, to be carried to an authority.

    Raises
    ------
    InputError
        If another file is in the way.
    """
    query = stamp.request_of(manifest_of(bundle))
    if target.exists():
        raise InputError(f"{target} is there: name another file")
    with written_whole(target) as file:
        file.write(query)


def stamp_taken(bundle: Path, target: Path, token: bytes, *, request: bytes = b"") -> str:
    """Put an authority's answer into a bundle, where it is a stamp over its manifest; return its time.

    Parameters
    ----------
    request
        What was sent, where it is still there: the answer must carry its random number.

    Raises
    ------
    IntegrityError
        If it is no stamp over this bundle's manifest.
    """
    raw = manifest_of(bundle)
    try:
        found = stamp.checked(token, raw)
    except IntegrityError as error:
        raise IntegrityError(f"the stamp {error}") from None
    if request and not stamp.nonce_kept(token, request):
        raise IntegrityError("the stamp answers another request than this one")
    with_token(bundle, target, token)
    return found.time
