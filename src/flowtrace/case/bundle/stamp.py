"""The stamp of a time-stamping authority over a manifest (RFC 3161): asked for, and checked.

Only a hash goes into a request. A stamp counts for no more than the root a person trusts: without one it is
shown to be over this manifest, and no more.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowtrace.errors import FlowtraceError, InputError, IntegrityError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

_SHA256 = "2.16.840.1.101.3.4.2.1"
_MOST = 1 << 20
# The library hands on a dump of OpenSSL's errors; what is wrong with certificate or signature is in it.
_OPENSSL = re.compile(r'(?:Verify error: |reason: "(?=signature))([^"]*)')
_STATUS = {
    1: "granted with modifications, which is not what was asked for",
    2: "rejected",
    3: "waiting",
    4: "a warning that it will be revoked",
    5: "revoked",
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp says: when, by its own word; and whether a trusted root vouches for it."""

    time: str
    rooted: bool


def require() -> None:
    """Make sure that stamps can be asked for and checked here.

    Raises
    ------
    FlowtraceError
        If the library for it is not installed.
    """
    try:
        import rfc3161_client  # noqa: F401, PLC0415  an extra
    except ImportError:
        what = "time stamps need the extra timestamp: pip install 'flowtrace[timestamp]'"
        raise FlowtraceError(what) from None


def request_of(manifest: bytes) -> bytes:
    """Return a request for a stamp over a manifest: its SHA-256 and a random number, and nothing else."""
    require()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415  an extra

    request = TimestampRequestBuilder().data(manifest).hash_algorithm(HashAlgorithm.SHA256).build()
    return request.as_bytes()


def read_roots(pems: Sequence[bytes]) -> list[Certificate]:
    """Return the certificates of PEM files.

    Raises
    ------
    InputError
        If one holds none.
    """
    from cryptography import x509  # noqa: PLC0415  comes with the extra

    found: list[Certificate] = []
    for number, pem in enumerate(pems, start=1):
        try:
            found += x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise InputError(f"--tsa-root {number}: it holds no certificate in PEM ({error})") from None
    return list(dict.fromkeys(found))


def checked(token: bytes, manifest: bytes, roots: Sequence[bytes] = ()) -> Stamp:
    """Check that a token is a stamp over a manifest; with roots, also who signed it.

    Parameters
    ----------
    token
        The authority's whole answer, as it came.
    roots
        PEM files. What is signed by itself in them is trusted; other certificates help to build the chain.

    Raises
    ------
    IntegrityError
        If it is no stamp, over something else, or not by whom it may be; the message says which.
    """
    require()
    held = _decoded(token)
    info = held.tst_info
    imprint = info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise IntegrityError(f"is over a hash of another kind ({imprint.hash_algorithm.dotted_string})")
    if imprint.message != hashlib.sha256(manifest).digest():
        raise IntegrityError("is over another manifest: its hash is not this manifest's")
    if roots:
        _rooted(held, manifest, read_roots(roots))
    return Stamp(info.gen_time.isoformat(), rooted=bool(roots))


def nonce_kept(token: bytes, request: bytes) -> bool:
    """Tell whether an answer carries the random number of its request: else it answers another one."""
    from rfc3161_client._rust import parse_timestamp_request  # noqa: PLC0415  an extra

    nonce: int | None = parse_timestamp_request(request).nonce
    return nonce == _decoded(token).tst_info.nonce


def _decoded(token: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415  an extra

    if len(token) > _MOST:
        raise IntegrityError(f"has {len(token)} bytes: no stamp is so long")
    try:
        held = decode_timestamp_response(token)
        status = held.status
        if status == 0:
            _ = held.tst_info.gen_time
    except ValueError as error:
        raise IntegrityError(f"is no answer of a time-stamping authority ({error})") from None
    if status != 0:
        said = " ".join("".join(c if c.isprintable() else " " for c in one) for one in _words(held))
        raise IntegrityError(
            f"is no stamp: the authority's answer is {_STATUS.get(status, status)} {said}".rstrip()
        )
    return held


def _words(held: TimeStampResponse) -> list[str]:
    try:
        return [str(one)[:200] for one in held.status_string]
    except ValueError:
        return []


def _rooted(held: TimeStampResponse, manifest: bytes, certificates: Sequence[Certificate]) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415  an extra

    roots = [one for one in certificates if one.subject == one.issuer]
    between = [one for one in certificates if one.subject != one.issuer]
    if not roots:
        raise InputError("--tsa-root: none of its certificates is a root (signed by itself)")
    try:
        VerifierBuilder(roots=roots, intermediates=between).build().verify_message(held, manifest)
    except (VerificationError, ValueError) as error:
        why = _OPENSSL.findall(str(error)) or [str(error)]
        raise IntegrityError(f"does not hold against the given root: {why[-1]}") from None
