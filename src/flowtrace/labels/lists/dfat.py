"""Australia's consolidated list (DFAT), as XLSX.

One sheet, a row for each name: ``Reference`` (``101`` for the primary name of an entry, ``101a``,
``101b`` … for its other names), ``Name of Individual or Entity``, ``Type``, ``Name Type``, ``Alias
Strength``, ``Date of Birth``, ``Place of Birth``, ``Citizenship``, ``Address``, ``Additional
Information``, ``Listing Information``, ``IMO Number``, ``Committees``, ``Control Date``, ``Instrument of
Designation``. No column is meant for an address.

The day of an entry is the earliest that its listing information names; ``Control Date`` is the day of
its last change as often as of its listing, so it counts only beside such a day.

References
----------
OpenSanctions, crawler ``au_dfat_sanctions`` (the columns; references reused by mistake for other
entries).
"""

from __future__ import annotations

import re

from flowtrace.labels.lists.columns import EntriesTable, Row
from flowtrace.labels.lists.days import day_of, days_in

_REFERENCE = re.compile(r"([0-9]+)(?:\.0)?[A-Za-z]*")


class DfatTable(EntriesTable):
    """Reads the consolidated list."""

    FORM = "DFAT consolidated list"
    NEEDS = frozenset({"reference", "nameofindividualorentity"})

    def row(self, row: Row) -> None:
        """Each row has a name of an entry."""
        written = row.said("reference")
        reference = _REFERENCE.fullmatch(written.strip())
        entry = self.entry_of(reference[1] if reference else written)
        kind = row.said("nametype").strip().lower()
        entry.call(row.said("nameofindividualorentity"), first=kind == "primary name")
        entry.under(row.said("committees"))
        information = row.said("listinginformation")
        days = [day_of(information), *days_in(information), entry.listed_on]
        if any(days):
            days.append(day_of(row.said("controldate")))
        entry.listed_on = min(filter(None, days), default="")
        self.search(entry, row)
