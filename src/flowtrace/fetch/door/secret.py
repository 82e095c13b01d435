"""Secrets on the wire: put in where a request leaves, taken out of whatever comes back.

So no other part of flowtrace ever holds one, whatever a service echoes.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit, urlunsplit

from flowtrace.errors import KeyRefusedError
from flowtrace.fetch.provider import Provider, key_value
from flowtrace.model import Request

REDACTED = "REDACTED"
_SHORTEST = 6  # shorter values would tear holes into data that is no secret
_LONG = 16  # a part of an address this long is a key, whatever it is made of


def secret_of(request: Request, provider: Provider) -> str:
    """Return the secret a request needs; empty where it needs none, or goes without.

    Raises
    ------
    KeyRefusedError
        If it cannot go without, and the secret is not set.
    """
    if request.key is None:
        return ""
    value = key_value(request.key.name)
    if value is None and (provider.needs_key or request.key.place == "base"):
        raise KeyRefusedError(f"{provider.host} needs a key: set {request.key.name} in the environment")
    return value or ""


def real(request: Request, secret: str) -> tuple[str, dict[str, str]]:
    """Return the URL and headers as they leave, the secret in its place."""
    headers = dict(request.headers)
    if request.body:
        headers.setdefault("Content-Type", "application/json")
    if not secret or request.key is None:
        return request.url, headers
    place, _, name = request.key.place.partition(" ")
    parts = urlsplit(request.url)
    if place == "header":
        headers[name] = secret
    elif place == "basic":
        headers["Authorization"] = f"Basic {_basic(secret)}"
    elif place == "query":
        own = f"{quote(name)}={quote(secret, safe='')}"
        return urlunsplit(parts._replace(query=f"{parts.query}&{own}".lstrip("&"))), headers
    elif place == "base":
        base = urlsplit(secret)
        path = base.path.rstrip("/") + parts.path if parts.path.strip("/") else base.path
        query = "&".join(filter(None, (parts.query, base.query)))
        return urlunsplit((base.scheme, base.netloc, path, query, "")), headers
    return request.url, headers


class Eraser:
    """Takes secrets out of texts and bytes, in every way they may be written there.

    Parameters
    ----------
    secrets
        As they are set; an address of a server is taken apart into its telling parts.
    """

    def __init__(self, *secrets: str) -> None:
        forms = {form for secret in secrets for part in _parts(secret) for form in _written(part)}
        self._forms = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text

    def body(self, body: bytes, *, cut: bool) -> bytes:
        """Return bytes without secrets; where they are cut off, without the beginning of one at their end."""
        for form in self._forms:
            body = body.replace(form.encode(), REDACTED.encode())
        if not cut:
            return body
        for form in self._forms:
            for length in range(len(form) - 1, _SHORTEST - 1, -1):
                if body.endswith(form[:length].encode()):
                    return body[:-length] + REDACTED.encode()
        return body


def _parts(secret: str) -> Iterator[str]:
    """Return what must not be told of a secret: itself, and the keys within the address of a server."""
    if "://" not in secret:
        yield secret
        yield from _login(secret)
        return
    parts = urlsplit(secret)
    login, at, _ = parts.netloc.rpartition("@")
    if not (at or parts.path.strip("/") or parts.query):
        return  # the host alone is no secret: errors have to name it
    yield secret.rstrip("/")
    yield secret.partition("://")[2].rstrip("/")
    yield from _login(login)
    yield parts.password or ""
    values = [value for _, value in parse_qsl(parts.query)]
    pieces = (*parts.path.split("/"), *values, parts.path.strip("/"), parts.query, parts.username or "")
    yield from filter(_telling, pieces)


def _login(text: str) -> Iterator[str]:
    """Return the ways a user and password travel."""
    user, colon, password = text.partition(":")
    if colon:
        yield from (text, password, _basic(text), _basic(f"{unquote(user)}:{unquote(password)}"))


def _basic(login: str) -> str:
    return b64encode(login.encode()).decode()


def _telling(part: str) -> bool:
    """Whether a part of an address looks like a key: not a plain word or number, as ``mainnet`` is."""
    return len(part) >= _LONG or not (part.isdigit() or (part.isalpha() and part.islower()))


def _written(part: str) -> Iterator[str]:
    """Return the ways a text may be written down: quoted for a URL, escaped for HTML, within JSON."""
    for form in (part, unquote(part)):
        quoted = {quote(form), quote(form, safe=""), quote_plus(form)}
        lower = {re.sub("%..", lambda found: found[0].lower(), one) for one in quoted}
        within = {json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1], html.escape(form)}
        for written in {form} | quoted | lower | within:
            yield from (written, written.replace("/", "\\/"))
