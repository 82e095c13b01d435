"""A list from its official home: at its lasting address, or where its publisher's page says that it is.

The door follows nobody elsewhere, for a request may carry a token. Here one step more is taken, without
the token, and only to hosts of the publisher's own.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from flowtrace.errors import SourceError
from flowtrace.fetch import Door, Provider
from flowtrace.fetch.provider import NO_CHAIN, PAGES
from flowtrace.labels.lists import Home
from flowtrace.labels.lists.homes import Kind
from flowtrace.model import Answer, Key, Request

_SILENCE = 120.0
_OK, _START = 200, 4096
_LARGEST_INDEX = 1 << 22


async def official(home: Home, url: str, door: Door) -> Answer:
    """Return a list's file as its publisher gives it out.

    Parameters
    ----------
    url
        Its lasting address; empty where it has none, or where the index is to be asked.

    Raises
    ------
    SourceError
        If it cannot be had, or something else than the list comes: a page that says "sorry", taken for one,
        would hold no address, and everybody would seem to be delisted.
    KeyRefusedError
        If the publisher refuses the token.
    """
    if url:
        try:
            return _a_list(home, await _asked(home, url, door), door)
        except SourceError:
            if not home.index:
                raise
    place = await _named(home, door)
    return _a_list(home, await _asked(home, place, door), door)


def provider_of(home: Home, url: str) -> Provider:
    """Return a list's home as the door asks it."""
    parts = urlsplit(url)
    paged = home.kind is Kind.PAGE or url == home.index
    return Provider(
        id=home.id, service=home.id, kind=PAGES if paged else "list", chain=NO_CHAIN, url=f"{parts.scheme}://{parts.netloc}",
        key=Key(home.token, "query token") if home.token else None, needs_key=bool(home.token),
        requests=1, seconds=1.0, concurrent=1, page=0, window=0, depth=0,
        verified_on="", source=home.page, options={}, silence=_SILENCE,
    )  # fmt: skip


async def _asked(home: Home, url: str, door: Door) -> Answer:
    """Ask; where the home hands on to a host of its own, ask there, once."""
    key = Key(home.token, "query token") if home.token else None
    try:
        return await door.ask(Request("GET", url, key=key), provider_of(home, url), fresh=True)
    except SourceError:
        failed = door.store.last("failed")
        said = failed.get("answer_headers", {}) if failed.get("url") == url else {}
        place = str(said.get("location", ""))
        if not place or not is_own(home, place := urljoin(url, place)):
            raise
        return await door.ask(Request("GET", place), provider_of(home, place), fresh=True)


def is_own(home: Home, place: str) -> bool:
    """Tell whether an address on the web is at a host of the publisher's own."""
    parts = urlsplit(place)
    host = parts.hostname or ""
    ends = any(f".{host}".endswith(end) if end.startswith(".") else host == end for end in home.moves_to)
    own = {urlsplit(url).hostname for url in (*home.urls, home.index) if url}
    return parts.scheme == "https" and (ends or host in own) and parts.port in (None, 443)


async def _named(home: Home, door: Door) -> str:
    """Return the address of the file that the publisher's page names first."""
    answer = await _asked(home, home.index, door)
    text = answer.body[:_LARGEST_INDEX].decode(errors="replace").replace("\\/", "/")
    for hit in re.finditer(home.link, text):
        if is_own(home, place := urljoin(home.index, hit[0])):
            return place
    host = urlsplit(home.index).netloc
    _reject(
        door, answer, why := f"{host} names no file of the list: get it from {home.page}, then labels add it"
    )
    raise SourceError(why)


def _a_list(home: Home, answer: Answer, door: Door) -> Answer:
    start = answer.body[:_START].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    wanted = b"pk" if home.kind is Kind.TABLE else b"<"
    page = b"<html" in start
    if answer.status == _OK and start.startswith(wanted) and (home.kind is Kind.PAGE or not page):
        return answer
    host = urlsplit(answer.request.url).netloc
    _reject(door, answer, why := f"{host} answers {answer.status} with something else than the list")
    raise SourceError(why)


def _reject(door: Door, answer: Answer, why: str) -> None:
    door.store.note("rejected", evidence=answer.number, why=why)
