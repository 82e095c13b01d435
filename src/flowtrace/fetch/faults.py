"""What an answer complains of: told by its code and its text, in the places where services put complaints.

Only an envelope's own fields are looked at, never the rows: a token named "rate limit reached" is data. The
same code means opposite things at different services, so text decides before code. The texts are the
services' own, as their documentation, their users and recorded answers have them.
"""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from typing import Any

from flowtrace.model import Answer

_ERROR_SIZE = 16_384  # complaints are short; a longer answer with status 200 is data
_OK, _NO_CONTENT, _CONFLICT = 200, 204, 409


class Fault(Enum):
    """What follows from a complaint."""

    NONE = auto()
    EMPTY = auto()  # a good answer: there is nothing
    RATE = auto()  # wait, then the same again
    SERVER = auto()  # the same again, a few times
    TRUNCATED = auto()  # the same again: the answer broke off
    TOO_BIG = auto()  # never the same again: ask for less at once
    NOT_INDEXED = auto()  # the source does not have it yet, or any more
    REORG = auto()  # the chain changed under the question
    MISSING = auto()  # there is no such thing, or no such method
    PLAN = auto()  # not without paying: another source
    KEY = auto()  # no key, or a refused one
    BLOCKED = auto()  # not from here, not now: another source


# In this order: the first that fits decides.
_TEXTS = {
    Fault.TOO_BIG: (
        *("result window is too large", "smaller result dataset", "query timeout occur", "block range"),
        *("returned more than", r"range \d+ exceeds", "exceeds? (the )?(max|limit of)", "response size"),
        *("logs count exceeds", "too many (results|history entries|blocks)", "history too large"),
        *("query exceeds", "limited to .*range", "(response|result|entity) (is )?too (large|big)"),
    ),
    Fault.PLAN: (
        *("not supported for this chain", "upgrade your", "api pro", "chain not supported"),
        *("archive.*(plan|subscription|requires)", "not available on .*(plan|tier)"),
    ),
    Fault.KEY: (
        *("invalid (api )?key", "missing.*api key", "api key.*(required|expired)", "too many invalid"),
        *("unauthori[sz]ed", "authentication"),
    ),
    Fault.RATE: (
        *("rate.?limit", "limit reached", "too many requests", "frequency limit", "calls per (sec|min)"),
        *("throttl", "capacity (limit|exceeded)", "try again later", "quota", "work queue depth"),
        "excessive resource usage",
    ),
    Fault.MISSING: (
        *("method.*not (found|exist|supported|available)", "unknown method", "unsupported method"),
        *("no such mempool(?!.*being indexed)", "(block|transaction) not found", "unknown block"),
        *("is not a boolean", "not of expected type", "index is not enabled"),  # Core: it knows no such thing
    ),
    Fault.NOT_INDEXED: (
        *(
            "missing trie node",
            "required data unavailable",
            "header not found",
            "pruned",
            "state.*(not|un)available",
            "long-term storage",
        ),
        *(r"slot \d+ was skipped", "not (yet )?(been )?(indexed|available)", "height .{0,20}out of range"),
        *("in the process of being indexed", "scan already in progress"),
        *("verifying blocks", "loading block index", "warming up", "cannot query unfinalized"),
    ),
    Fault.EMPTY: ("^no .* found",),
    Fault.SERVER: (
        "minimum context slot",
        "timed? ?out",
        "timeout",
        "internal (server )?error",
        "bad gateway",
        "temporarily",
    ),
    Fault.BLOCKED: ("captcha", "cloudflare", "access denied", "forbidden", "blocked"),
}
# The SQD Portal says whose fault it is by one of these: a closed set, beside words that may be any.
_TYPES = {
    "invalid_request_error": Fault.MISSING,
    "authentication_error": Fault.KEY,
    "permission_error": Fault.PLAN,
    "rate_limit_error": Fault.RATE,
    "availability_error": Fault.SERVER,
    "api_error": Fault.SERVER,
}
# What a contract says for itself when a call of it fails: anyone's words, and no complaint of the service.
_REVERTED = re.compile("execution reverted", re.IGNORECASE)
_TITLE = re.compile("<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_PATTERNS = {fault: re.compile("|".join(texts), re.IGNORECASE) for fault, texts in _TEXTS.items()}
_STATUSES = {
    400: Fault.MISSING,
    401: Fault.KEY,
    402: Fault.RATE,  # Blockchair says "payment required" for "slower"
    403: Fault.BLOCKED,
    404: Fault.MISSING,
    408: Fault.SERVER,
    410: Fault.MISSING,
    413: Fault.TOO_BIG,
    429: Fault.RATE,
    430: Fault.RATE,
    451: Fault.BLOCKED,
    503: Fault.RATE,
    529: Fault.RATE,
    _CONFLICT: Fault.REORG,
    _NO_CONTENT: Fault.NOT_INDEXED,
}
_CODES = {
    429: Fault.RATE,
    -28: Fault.NOT_INDEXED,
    -32005: Fault.RATE,
    -32029: Fault.RATE,
    -32601: Fault.MISSING,
    -32603: Fault.SERVER,
}
_SERVER_ERRORS = 500


def one_line(text: str) -> str:
    """Return somebody else's text as it can be printed: in one line, without controls or half characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def fault_of(answer: Answer) -> Fault:
    """Return what an answer complains of; NONE where it is data."""
    code, text = complaint(answer)
    if answer.status in (_NO_CONTENT, _CONFLICT):
        return _STATUSES[answer.status]
    if not text and code is None:
        return Fault.NONE if answer.status == _OK else _by_status(answer.status)
    said = _by_words(text)
    if said is not None:
        return said
    if code in _CODES:
        return _CODES[code]
    return Fault.MISSING if answer.status == _OK else _by_status(answer.status)


def _by_words(text: str) -> Fault | None:
    kind = _TYPES.get(text.partition(" ")[0])
    if kind is not None:
        return kind
    if _REVERTED.search(text):
        return Fault.MISSING
    return next((fault for fault, pattern in _PATTERNS.items() if pattern.search(text)), None)


def complaint(answer: Answer) -> tuple[int | None, str]:
    """Return (code, text) of what an answer complains of; (None, "") where it does not.

    Known are the envelopes of Etherscan and its dialects, JSON-RPC, Bitcoin Core (errors with status 500),
    TronGrid, the SQD Portal, and plain text with an error status.
    """
    code, text = _complaint(answer)
    return code, one_line(text)


def _complaint(answer: Answer) -> tuple[int | None, str]:
    if answer.status == _OK and len(answer.body) > _ERROR_SIZE and not _page(answer.body):
        return None, ""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return _plain(answer)
    if isinstance(found, dict):
        return _of_envelope(found, answer.status)
    return (None, "") if answer.status == _OK else _plain(answer)


def _plain(answer: Answer) -> tuple[int | None, str]:
    """Take the bytes for words where the status says error, or where a page stands in the place of data."""
    text = answer.body[:_ERROR_SIZE].decode(errors="replace").strip()
    page = _page(answer.body)
    if page:  # what its scripts and styles say is not meant
        title = _TITLE.search(text)
        text = f"a page, {title[1].strip() if title else 'without a title'}"
    if answer.status != _OK:
        return answer.status, text[:_ERROR_SIZE]
    return (None, f"blocked by {text}"[:200]) if page else (None, "")


def _page(body: bytes) -> bool:
    """Whether a page for people stands in the place of data."""
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


def _of_envelope(found: dict[str, Any], status: int) -> tuple[int | None, str]:
    error = found.get("error")
    if isinstance(error, dict):  # JSON-RPC, Bitcoin Core, the Portal
        code = error.get("code")
        told = ("type", "code", "message", "data")
        words = " ".join(str(error[key]) for key in told if error.get(key))
        return (code if type(code) is int else None), words
    if found.get("status") == "0":  # Etherscan and its dialects
        parts = [found.get(key) for key in ("message", "result")]
        words = " ".join(part for part in parts if isinstance(part, str))
        return None, words if isinstance(parts[1], list) else f"refused: {words}"
    if found.get("success") is False or "Error" in found or isinstance(error, str):  # TronGrid
        return None, str(error or found.get("Error") or "not a success")
    if status != _OK:
        return status, str(found.get("message") or found)[:_ERROR_SIZE]
    return None, ""


def _by_status(status: int) -> Fault:
    return _STATUSES.get(status, Fault.SERVER if status >= _SERVER_ERRORS else Fault.MISSING)
