"""The UK Sanctions List of the FCDO, as XML, CSV and ODS; OFSI's own list was closed on 28 January 2026.

XML: ``Designations/{DateGenerated, Designation}`` with ``UniqueID``, ``DateDesignated`` and
``LastUpdated`` (day first), ``Names/Name/{Name1 … Name6, NameType}`` (``Name6`` is the last name, or the
whole one of an entity), ``NonLatinNames//NameNonLatinScript``, ``RegimeName``, ``OtherInformation``,
``UKStatementofReasons``.

CSV and ODS: a first line ``Report Date: 02-Oct-2026``, then the headings (``Last Updated``, ``Unique
ID``, ``OFSI Group ID``, ``UN Reference Number``, ``Name 6``, ``Name 1`` … ``Name type``, ``Regime
Name``, ``Other Information``, ``UK Statement of Reasons``, ``Date Designated`` …), then a row for each
name and postal address of an entry: rows of one ``Unique ID`` are one entry. No column is meant for an
address.

References
----------
FCDO, Format guide for the UK Sanctions List; OpenSanctions, crawler ``gb_fcdo_sanctions`` (the
elements).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowtrace.labels.lists.columns import EntriesTable, Row
from flowtrace.labels.lists.days import day_of
from flowtrace.labels.lists.entry import Entry
from flowtrace.labels.lists.heard import EntriesXml

_PARTS = ("1", "2", "3", "4", "5", "6")


class UkXml(EntriesXml):
    """Hears the list as XML."""

    FORM = "UK Sanctions List XML"
    ENTRIES = frozenset({"Designation"})

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._parts: dict[str, str] = {}
        self._kind = ""

    def head(self, name: str, attributes: Mapping[str, str], text: str) -> None:
        """The list says when it was made."""
        del attributes
        if name.lower() in ("dategenerated", "reportdate") and text:
            self.published = day_of(text)

    def said(self, entry: Entry, where: tuple[str, str], text: str) -> None:
        """Take in what an entry says of itself."""
        match where:
            case "Name", name if name[:4] == "Name" and name[4:] in _PARTS:
                self._parts[name[4:]] = text
            case _, "NameType":
                self._kind = text
            case ("Name", "Name") | (_, "NameNonLatinScript"):
                entry.call(text)
            case _, "UniqueID":
                entry.id = text
            case _, "RegimeName":
                entry.under(text)
            case _, "DateDesignated":
                entry.listed_on = day_of(text)
            case _:
                pass

    def end(self, name: str, text: str) -> None:
        """A name is whole when its element ends, which has no text of its own."""
        whole_name = name == "Name" and self.path[-2:-1] != ["Name"]
        if self.entry is not None and whole_name and self._parts:
            whole = " ".join(self._parts[one] for one in _PARTS if one in self._parts)
            self.entry.call(whole, first=_is_primary(self._kind))
            self._parts, self._kind = {}, ""
        super().end(name, text)


class UkTable(EntriesTable):
    """Reads the list as CSV or ODS."""

    FORM = "UK Sanctions List table"
    NEEDS = frozenset({"uniqueid", "regimename", "name6"})

    def preamble(self, cells: Sequence[str]) -> None:
        """The first line says of which day the list is."""
        if cells and cells[0].lower().startswith("report date") and not self.published:
            self.published = next(filter(None, map(day_of, (cells[0].partition(":")[2], *cells[1:2]))), "")

    def row(self, row: Row) -> None:
        """Each row has a name of an entry, and all that is said of it again."""
        entry = self.entry_of(row.said("uniqueid"))
        name = " ".join(filter(None, (row.said(f"name{part}") for part in _PARTS)))
        entry.call(name, first=_is_primary(row.said("nametype")))
        entry.call(row.said("namenonlatinscript"))
        entry.under(row.said("regimename"))
        entry.listed_on = entry.listed_on or day_of(row.said("datedesignated"))
        self.search(entry, row)


def _is_primary(kind: str) -> bool:
    return kind.strip().lower() == "primary name"
