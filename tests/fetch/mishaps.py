"""What can go wrong with an answer: mishaps of the service, of the way, and lies about the rows.

Each is a function from a good reply to a bad one. What goes wrong below that (connections that break off,
answers that drip) is done by :mod:`fetch.server` and pretended by :mod:`fetch.pretend`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from fetch.services import Reply

PAGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Are you a robot?</body></html>"
)
_HTML = {"Content-Type": "text/html"}
_JSON = {"Content-Type": "application/json"}


def _date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _failing(status: int, words: str) -> Callable[[Reply], Reply]:
    body = f"<html><head><title>{status} {words}</title></head><body>{words}</body></html>".encode()
    return lambda _reply: (status, _HTML, body)


SERVICE: Mapping[str, Callable[[Reply], Reply]] = {
    "429": lambda _reply: (429, {}, b"Too Many Requests"),
    "429, wait 1 second": lambda _reply: (429, {"Retry-After": "1"}, b""),
    "429, wait until": lambda _reply: (429, {"Retry-After": _date(2)}, b"slow down"),
    "rate limit in the text": lambda _reply: (
        200, _JSON, b'{"status":"0","message":"NOTOK","result":"Max calls per sec rate limit reached"}'
    ),
    "403 captcha page": lambda _reply: (403, _HTML, PAGE),
    "200 captcha page": lambda _reply: (200, _HTML, PAGE),
    "500 page": _failing(500, "Internal Server Error"),
    "502 page": _failing(502, "Bad Gateway"),
    "503, wait": lambda _reply: (503, {"Retry-After": "1"}, b"temporarily unavailable"),
    "empty body": lambda reply: (200, reply[1], b""),
    "not JSON": lambda _reply: (200, _JSON, b"\x00\xff{["),
    "redirect": lambda _reply: (302, {"Location": "http://127.0.0.1/elsewhere"}, b""),
    "deep nesting": lambda _reply: (200, _JSON, b"[" * 60_000),
    "null": lambda _reply: (200, _JSON, b"null"),
    "another service's answer": lambda _reply: (200, _JSON, b'{"answer": [42]}'),
}  # fmt: skip
"""Replies that are no answers. Each may come once, and all be well after it."""

HOSTILE: tuple[Any, ...] = (
    None, True, -1, 1.5, 1 << 300, "", "x", "-5", "0x", "0xzz", "9" * 5_000, "\ud800", "é" * 3, [], {}, [[]],
    {"a": 1}, "1e9", "NaN", [None], "0x" + "f" * 70,
)  # fmt: skip
"""What may stand where a value should be."""


def rows_of(found: Any, depth: int = 1) -> list[Any] | None:  # noqa: ANN401  JSON
    """Return the longest list of objects or texts at the top of a JSON value: its page; None without one.

    What lies deeper is the inside of one thing, not a page of many.
    """
    best: list[Any] | None = None
    if isinstance(found, list) and found and all(isinstance(one, dict | str) for one in found):
        best = found
    for one in found.values() if isinstance(found, dict) and depth else ():
        other = rows_of(one, depth - 1)
        if other is not None and (best is None or len(other) > len(best)):
            best = other
    return best


def rewritten(reply: Reply, change: Callable[[list[Any]], None]) -> Reply | None:
    """Return a reply with its rows changed; None where it has no rows, or is no JSON."""
    status, headers, body = reply
    try:
        found = json.loads(body)
    except ValueError:
        return _lines(reply, change)
    rows = rows_of(found)
    if not rows:
        return None
    before = json.dumps(rows)
    change(rows)
    return None if json.dumps(rows) == before else (status, headers, json.dumps(found).encode())


def _lines(reply: Reply, change: Callable[[list[Any]], None]) -> Reply | None:
    """Do the same to an answer of many lines, each a row."""
    status, headers, body = reply
    lines: list[Any] = body.splitlines(keepends=True)
    if len(lines) < 2:
        return None
    change(lines)
    changed = b"".join(lines)
    return None if changed == body else (status, headers, changed)


def clamped(rows: list[Any]) -> None:
    """Give fewer rows than there are, and say nothing."""
    del rows[max(1, len(rows) // 2) :]


def doubled(rows: list[Any]) -> None:
    """Give a row twice."""
    rows.insert(len(rows) // 2, rows[len(rows) // 2])


def lost(rows: list[Any]) -> None:
    """Leave out a row in the middle."""
    if len(rows) > 2:
        del rows[len(rows) // 2]


def turned(rows: list[Any]) -> None:
    """Give the rows in another order."""
    rows.append(rows.pop(0))


LIES: Mapping[str, Callable[[Reply], Reply | None]] = {
    "clamped": lambda reply: rewritten(reply, clamped),
    "a row doubled": lambda reply: rewritten(reply, doubled),
    "a row lost": lambda reply: rewritten(reply, lost),
    "rows out of order": lambda reply: rewritten(reply, turned),
}
"""Answers that look well and are not; None where there is nothing to lie about."""


def hostile(reply: Reply, chance: random.Random) -> Reply:
    """Return a reply in which one value, somewhere, is something else than it should be."""
    status, headers, body = reply
    try:
        found = json.loads(body)
    except ValueError:
        lines = body.splitlines(keepends=True)
        if not lines:
            return status, headers, chance.choice((b"\n", b"{}", b"\xff\xfe\n"))
        place = chance.randrange(len(lines))
        _, _, lines[place] = hostile((status, headers, lines[place]), chance) if _is_json(lines[place]) else (
            0, {}, b"?\n"
        )  # fmt: skip
        return status, headers, b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines)
    return status, headers, json.dumps(_spoilt(found, chance)).encode()


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _spoilt(found: Any, chance: random.Random) -> Any:  # noqa: ANN401  JSON
    places = list(_places(found))
    if not places or chance.random() < 0.1:
        return chance.choice(HOSTILE)
    holder, key = chance.choice(places)
    if chance.random() < 0.25 and isinstance(holder, dict):
        del holder[key]
    else:
        holder[key] = chance.choice(HOSTILE)
    return found


def _places(found: Any) -> Any:  # noqa: ANN401  JSON
    """Return every (object or list, key) within a JSON value."""
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in items:
        yield found, key
        yield from _places(value)
