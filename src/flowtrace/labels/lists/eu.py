"""The EU's consolidated list of financial sanctions, as XML (FSF 1.1).

``export[@generationDate]/sanctionEntity[@logicalId, @euReferenceNumber, @designationDate]`` with
``regulation[@programme, @regulationType, @entryIntoForceDate]``, ``nameAlias[@wholeName, @strong]``,
``identification[@number, @latinNumber, @identificationTypeCode]``, ``address/contactInfo[@key, @value]``
and ``remark`` in many places. It has no kind of identification for an address that is known: one stands
in remarks, or as a number or contact of any kind.

The day of an entry is its designation's, or else that of the regulation that is no amendment: an
amendment may have come long after the entry.

References
----------
OpenSanctions, ``zavod.shed.fsf`` (the names of elements and attributes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from flowtrace.labels.lists.days import day_of
from flowtrace.labels.lists.entry import Entry
from flowtrace.labels.lists.heard import EntriesXml


class EuXml(EntriesXml):
    """Hears the consolidated list."""

    FORM = "EU FSF XML 1.1"
    ENTRIES = frozenset({"sanctionEntity"})
    FIELDS: ClassVar = frozenset(
        {"identification/number", "identification/latinNumber", "contactInfo/value", "contactInfo/key"}
    )

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._began: list[str] = []
        self._strong = False

    def head(self, name: str, attributes: Mapping[str, str], text: str) -> None:
        """The root says when the list was made."""
        del text
        if name == "export" and attributes:
            self.published = day_of(attributes.get("generationDate", ""))

    def noted(self, entry: Entry, name: str, attributes: Mapping[str, str]) -> None:
        """Nearly all that an entry says stands in attributes."""
        match name:
            case "sanctionEntity":
                self.key = attributes.get("logicalId", "")
                entry.id = attributes.get("euReferenceNumber", "")
                entry.listed_on = day_of(attributes.get("designationDate", ""))
                self._began, self._strong = [], False
            case "regulation":
                entry.under(attributes.get("programme", ""))
                if attributes.get("regulationType") != "amendment":
                    self._began.append(day_of(attributes.get("entryIntoForceDate", "")))
            case "nameAlias":
                strong = attributes.get("strong", "").lower() == "true"
                whole = attributes.get("wholeName", "") or " ".join(
                    attributes.get(part, "") for part in ("firstName", "middleName", "lastName")
                )
                entry.call(whole, first=strong and not self._strong)
                self._strong = self._strong or strong
            case _:
                pass

    def closed(self, entry: Entry) -> None:
        """Without a designation's day the earliest regulation's counts."""
        entry.listed_on = entry.listed_on or min(filter(None, self._began), default="")
