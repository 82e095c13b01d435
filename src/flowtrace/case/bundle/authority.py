"""A time-stamping authority is asked through the one door, and its answer is kept before it is read."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from flowtrace.case.bundle import stamp
from flowtrace.case.noted import noted
from flowtrace.errors import InputError, IntegrityError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import Door, Provider
from flowtrace.fetch.faults import complaint
from flowtrace.fetch.provider import NO_CHAIN, key_value
from flowtrace.model import Request

STAMPS = "stamps.sqlite"
_HEADERS = (("Accept", "application/timestamp-reply"), ("Content-Type", "application/timestamp-query"))
_SILENCE, _OK = 60.0, 200


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority for one case: a stamp it gave once is not asked for again.

    Attributes
    ----------
    folder
        The case's folder: what was asked and answered is kept in its ``stamps.sqlite``, with a log of its own
        like a list's, for an answer about a report is no evidence of what the report says.
    """

    url: str
    folder: Path

    def __call__(self, manifest: bytes) -> bytes:
        """Return a stamp over a manifest.

        Raises
        ------
        InputError, SourceError, IntegrityError
            If it cannot be asked, or what it answers is no stamp over this manifest.
        """
        digest = hashlib.sha256(manifest).hexdigest()
        with EvidenceStore(self.folder / STAMPS) as store:
            token = _held(store, digest, self.url) or asyncio.run(asked(self.url, manifest, store))
        when = stamp.checked(token, manifest).time
        named = hashlib.sha256(token).hexdigest()
        noted(self.folder, "stamped", manifest=digest, token=named, authority=self.url, time=when, once=True)
        return token


def stamped_by(url: str, manifest: bytes) -> bytes:
    """Return a stamp over the manifest of a bundle whose case is not here."""
    with TemporaryDirectory() as name, EvidenceStore(Path(name) / STAMPS) as store:
        return asyncio.run(asked(url, manifest, store))


async def asked(url: str, manifest: bytes, store: EvidenceStore) -> bytes:
    """Ask an authority for a stamp, keep its answer, and check that it is one over this manifest.

    Raises
    ------
    InputError, SourceError, IntegrityError
        As for :class:`Authority`.
    """
    provider = provider_of(url)
    query = stamp.request_of(manifest)
    async with Door(store) as door:
        answer = await door.ask(Request("POST", url, query, _HEADERS), provider, fresh=True)
    digest = hashlib.sha256(manifest).hexdigest()
    if answer.status != _OK:
        raise SourceError(f"{provider.host} answers {answer.status}: {complaint(answer)[1][:200]}")
    try:
        stamp.checked(answer.body, manifest)
    except IntegrityError as error:
        raise IntegrityError(f"what {provider.host} answers {error}") from None
    if not stamp.nonce_kept(answer.body, query):
        raise SourceError(f"{provider.host} answers another request than the one it was sent: ask again")
    store.note("stamped", manifest=digest, authority=url, evidence=answer.number)
    return answer.body


def provider_of(url: str) -> Provider:
    """Return an authority as the door asks it: a person named it, so it may lie in a private range.

    Raises
    ------
    InputError
        If it is no address of an authority, or has a secret in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            f"{url[:200]!r} is no address of a time-stamping authority: write http(s)://HOST/PATH"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            "the address of a time-stamping authority goes into the log: leave out keys and users"
        )
    return Provider(
        id="timestamp", service="timestamp", kind="timestamp", chain=NO_CHAIN,
        url=f"{parts.scheme}://{parts.netloc}", key=None, needs_key=False, requests=1, seconds=1.0,
        concurrent=1, page=0, window=0, depth=0, verified_on="", source="named by the user", options={},
        private=not key_value("FLOWTRACE_PROXY"), silence=_SILENCE,
    )  # fmt: skip


def _held(store: EvidenceStore, digest: str, url: str) -> bytes:
    wanted = (digest, url)
    given = [one for one in store.noted("stamped") if (one["manifest"], one["authority"]) == wanted]
    numbers = {one["evidence"] for one in given}
    return next((store.body(item) for item in store.items() if item.number in numbers), b"")
