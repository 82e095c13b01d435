"""Rows out of texts: CSV as spreadsheets write it, and web pages, read as they come.

A page is told line by line, its tables row by row. Nothing of it is run, fetched or nested: a page can
be no bomb.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from flowtrace.errors import InputError
from flowtrace.labels.lists.sheets import Table
from flowtrace.labels.lists.stream import Body, chunks

LONGEST_LINE = 1 << 20
_LARGEST_PAGE = 1 << 23
_OPEN = 1 << 20  # of a tag or script that has begun
_AT_ONCE = 1 << 16  # what is open is looked at anew with each part
_MOST_CELLS = 1024
_LONGEST_CELL = 1 << 16
_SILENT = frozenset({"script", "style", "noscript", "template", "svg"})
_LINES = frozenset({
    "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "br", "tr", "td", "th", "table",
    "title", "section", "article", "header", "footer", "main", "nav", "dt", "dd", "pre", "blockquote", "hr",
})  # fmt: skip
Told = Callable[[str, str], None]


def lines(body: Body, name: str, *, other: str = "cp1252") -> Iterator[str]:
    """Yield the lines of a text in UTF-8; a line that is none is read in ``other``.

    Raises
    ------
    InputError
        If it is no text, or endless.
    """
    rest = b""
    for chunk in chunks(body, name):
        if b"\0" in chunk:
            raise InputError(f"{name}: is no text: save it as CSV, XML or plain text")
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise InputError(f"{name}: holds a line longer than {LONGEST_LINE} bytes: it is not read")
        yield from (_decoded(line, other) for line in whole)
    yield _decoded(rest, other)


def _decoded(line: bytes, other: str) -> str:
    try:
        return line.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        return line.decode(other, errors="replace")


def read_csv(body: Body, name: str, table: Table, *, delimiter: str = ",", other: str = "cp1252") -> bool:
    """Tell the rows of a CSV, and return whether it is one: a quote without an end would join its rows.

    Raises
    ------
    InputError
        If it is no text.
    """
    table.sheet("")
    text = (f"{line}\n" for line in lines(body, name, other=other))
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for row in rows:
            if any(row):
                table.take([cell.strip() for cell in row[:_MOST_CELLS]])
    except csv.Error:
        return False
    return True


class Page(HTMLParser):
    """Hears a web page: each line goes to ``told`` with the tag it stands in, each row to ``table``."""

    def __init__(self, told: Told, table: Table | None = None) -> None:
        super().__init__(convert_charrefs=True)
        self._told = told
        self._table = table
        self._silent = ""
        self._line: list[str] = []
        self._tag = ""
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self.canonical = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A line, a row, or something to pass over begins."""
        if self._silent:
            return
        if tag in _SILENT:
            self._silent = tag
        elif tag == "link" and ("rel", "canonical") in attrs:
            self.canonical = dict(attrs).get("href") or ""
        elif tag in _LINES:
            self._end_line()
            self._tag = tag
            self._begin(tag)

    def _begin(self, tag: str) -> None:
        if self._table is None:
            return
        if tag == "table":
            self._end_row()
            self._table.sheet("")
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        """A line or a row ends."""
        if tag == self._silent:
            self._silent = ""
        elif tag in _LINES:
            self._end_line()
            if tag in ("td", "th"):
                self._end_cell()
            elif tag in ("tr", "table"):
                self._end_row()

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._silent:
            self._line.append(data)

    def close(self) -> None:
        """The page ends, whole or not."""
        super().close()
        self._end_line()
        self._end_row()

    def _end_line(self) -> None:
        text = "".join(self._line).replace("\xa0", " ").strip()
        self._line = []
        if text and self._cell is not None:
            self._cell.append(text[:_LONGEST_CELL])
        elif text:
            self._told(text, self._tag)

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None and len(self._row) < _MOST_CELLS:
            self._row.append("\n".join(self._cell))
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row and any(self._row) and self._table is not None:
            self._table.take(self._row)
        self._row = None


def read_page(body: Body, name: str, page: Page) -> bool:
    """Tell a web page, and return whether its markup could be taken apart.

    Raises
    ------
    InputError
        If it is larger than any page is, or no text.
    """
    size, held = 0, ""
    for line in lines(body, name):
        held += f"{line}\n"
        size += len(line) + 1
        if size > _LARGEST_PAGE or len(page.rawdata) > _OPEN:
            raise InputError(f"{name}: is larger than any page, or one tag of it is: it is not read")
        if len(held) >= _AT_ONCE:
            if not _fed(page, held):
                return False
            held = ""
    return _fed(page, held, last=True)


def _fed(page: Page, text: str, *, last: bool = False) -> bool:
    try:
        page.feed(text)
        if last:
            page.close()
    except AssertionError:  # the standard library's own way to give up a page, until Python 3.13
        return False
    return True
