"""URLs that somebody else recorded, without what may be a secret in them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from flowtrace.errors import InputError

# Parameters whose values are kept; every other value may be a key, so it is not.
_KEPT = frozenset(
    (
        *("action", "address", "block", "blockno", "chain_id", "chainid", "contractaddress", "endblock"),
        *("limit", "module", "offset", "page", "sort", "startblock", "txhash"),
    )
)
_SECRET_PATH = re.compile(r"(?<=/v[23]/)[A-Za-z0-9_-]{20,}")  # where node services want the key in the path
_REDACTED = "REDACTED"


def redacted(url: str) -> str:
    """Return the URL without user, password, fragment, and values of parameters it does not know.

    Raises
    ------
    InputError
        If it is no URL; the message does not repeat it, there may be a key in it.
    """
    try:
        parts = urlsplit(url)
        url.encode()
    except ValueError:
        msg = "a recorded URL is malformed: correct it"
        raise InputError(msg) from None
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query.replace(";", "&"), keep_blank_values=True)
    query = "&".join(_parameter(name, value) for name, value in pairs)
    path = _SECRET_PATH.sub(_REDACTED, parts.path)
    return urlunsplit((parts.scheme, host, path, query, ""))


def _parameter(name: str, value: str) -> str:
    if name.lower() in _KEPT:
        return f"{quote(name)}={quote(value, safe=',:')}"
    return f"{quote(name)}={_REDACTED}" if value else _REDACTED  # a bare word may be the key itself
