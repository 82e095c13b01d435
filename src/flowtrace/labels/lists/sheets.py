"""Spreadsheets from strangers, row by row: XLSX and ODS, with the XML reader that takes nothing dangerous.

Only texts are read. A formula is its last value, a date of XLSX is its serial number, and a word that is
cut into runs of different type is one word. What a cell repeats is bounded.

References
----------
ECMA-376 part 1, 18.3 and 18.4 (sheetData, sst); OASIS OpenDocument 1.3, part 3, 9.1 (table:table).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from flowtrace.errors import InputError
from flowtrace.labels.lists.stream import Body, parse

_MOST_COLUMNS = 1024
_MOST_TEXT = 1 << 25  # characters of the texts that cells share
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_NOTES = frozenset({"rPh", "phoneticPr"})  # how a Japanese text is read aloud
SHEETS = "xl/worksheets/"
Open = Callable[[], Body]


class Table(Protocol):
    """What is told of a spreadsheet."""

    def sheet(self, title: str) -> None:
        """A sheet begins."""

    def take(self, cells: list[str]) -> None:
        """A row."""


class _Strings:
    """Hears xl/sharedStrings.xml."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._aside = 0
        self._length = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        del attributes
        if name == "si":
            self._parts = []
        self._aside += name in _NOTES

    def end(self, name: str, text: str) -> None:
        self._aside -= name in _NOTES
        if name == "t" and not self._aside:
            self._parts.append(text)
        elif name == "si":
            self.texts.append(_plain("".join(self._parts)))
            self._length += len(self.texts[-1]) + 8
            if self._length > _MOST_TEXT:
                raise InputError(f"{self._name}: its texts are longer than any list's: it is not read")


class _Names:
    """Hears xl/workbook.xml and its relations: which sheet stands in which part, in order."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}
        self._parts: dict[str, str] = {}

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            said = {key.rpartition("\n")[2]: text for key, text in attributes.items()}
            self._titles[said.get("id", "")] = said.get("name", "")
        elif name == "Relationship":
            self._parts[attributes.get("Id", "")] = attributes.get("Target", "").removeprefix("/xl/")

    def end(self, name: str, text: str) -> None:
        """Nothing stands in these elements."""

    def sheets(self, parts: Mapping[str, Open]) -> dict[str, str]:
        """Return the title of each part that is a sheet; last those that the book does not name."""
        named = {f"xl/{self._parts.get(key, '')}": title for key, title in self._titles.items()}
        held = {part: title for part, title in named.items() if part in parts}
        every = (part for part in sorted(parts) if part.startswith(SHEETS) and part.endswith(".xml"))
        return held | {part: part for part in every if part not in held}


class _Sheet:
    """Hears one sheet of XLSX."""

    def __init__(self, strings: list[str], table: Table) -> None:
        self._strings = strings
        self._table = table
        self._row: list[str] = []
        self._cell: dict[str, str] = {}
        self._text: list[str] = []
        self._aside = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row = []
        elif name == "c":
            self._cell, self._text = dict(attributes), []
        self._aside += name in _NOTES

    def end(self, name: str, text: str) -> None:
        self._aside -= name in _NOTES
        match name:
            case "v":
                self._text.append(self._value(text))
            case "t" if not self._aside:
                self._text.append(text)
            case "c":
                self._place(_plain("".join(self._text)))
            case "row" if any(self._row):
                self._table.take(self._row)
            case _:
                pass

    def _value(self, text: str) -> str:
        if self._cell.get("t") != "s":
            return text
        number = int(text) if text.strip().isdecimal() else -1
        return self._strings[number] if 0 <= number < len(self._strings) else ""

    def _place(self, text: str) -> None:
        where = _column(self._cell.get("r", ""))
        column = len(self._row) if where is None else where
        if len(self._row) <= column < _MOST_COLUMNS:
            self._row += [""] * (column + 1 - len(self._row))
        if column < len(self._row):
            self._row[column] = text


class _Ods:
    """Hears an ODS content.xml; the names of its attributes are in a namespace."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._row: list[str] = []
        self._text: list[str] = []
        self._date = ""
        self._times = 1
        self._aside = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        said = {key.rpartition("\n")[2]: text for key, text in attributes.items()}
        match name:
            case "table":
                self._table.sheet(said.get("name", ""))
            case "table-row":
                self._row = []
            case "table-cell" | "covered-table-cell":
                self._text = []
                self._date = said.get("date-value", "")[:10]
                times = said.get("number-columns-repeated", "1")
                self._times = min(int(times) if times.isdecimal() else 1, _MOST_COLUMNS)
            case "p" | "line-break" | "tab":
                self._text.append("\n")
            case "s":
                self._text.append(" ")
        self._aside += name == "annotation"

    def flow(self, text: str) -> None:
        if not self._aside:
            self._text.append(text)

    def end(self, name: str, text: str) -> None:
        del text
        self._aside -= name == "annotation"
        if name in ("table-cell", "covered-table-cell"):
            cell = self._date or "".join(self._text).strip()
            self._row += [cell] * min(self._times, _MOST_COLUMNS - len(self._row))
        elif name == "table-row" and any(self._row):
            self._table.take(self._row)


def read_xlsx(parts: Mapping[str, Open], name: str, table: Table) -> None:
    """Tell the rows of all sheets of an XLSX, in the order of the file.

    Raises
    ------
    InputError
        If a part is hostile or broken.
    """
    strings, names = _Strings(name), _Names()
    book = ("xl/workbook.xml", names), ("xl/_rels/workbook.xml.rels", names)
    for part, heard in (("xl/sharedStrings.xml", strings), *book):
        if part in parts:
            with parts[part]() as body:
                parse(body, f"{name}, {part}", heard)
    for part, title in names.sheets(parts).items():
        table.sheet(title)
        with parts[part]() as body:
            parse(body, f"{name}, {part}", _Sheet(strings.texts, table))


def read_ods(content: Open, name: str, table: Table) -> None:
    """Tell the rows of all sheets of an ODS.

    Raises
    ------
    InputError
        If it is hostile or broken.
    """
    with content() as body:
        parse(body, f"{name}, content.xml", _Ods(table))


def _column(reference: str) -> int | None:
    """Return the number of a cell's column, from 0.

    >>> _column("A1"), _column("AB12"), _column("")
    (0, 27, None)
    """
    hit = _REFERENCE.fullmatch(reference)
    if hit is None:
        return None
    number = 0
    for letter in hit[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _plain(text: str) -> str:
    """Return a cell's text without Excel's own escape of a line end."""
    return text.replace("_x000D_", "\n")
