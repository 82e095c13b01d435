"""The UN Security Council's consolidated list, as XML.

``CONSOLIDATED_LIST[@dateGenerated]/{INDIVIDUALS/INDIVIDUAL, ENTITIES/ENTITY}`` with ``DATAID``,
``REFERENCE_NUMBER``, ``FIRST_NAME`` to ``FOURTH_NAME``, ``NAME_ORIGINAL_SCRIPT``,
``INDIVIDUAL_ALIAS/ALIAS_NAME``, ``ENTITY_ALIAS/ALIAS_NAME``, ``UN_LIST_TYPE``, ``LISTED_ON``,
``COMMENTS1``. It has no field for an address: one stands in the comments, or among the numbers of
documents. ``DELISTED_ON`` is read where it stands; the list as published keeps no ended entries.

References
----------
OpenSanctions, crawler ``un_sc_sanctions`` (the names of the elements).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from flowtrace.labels.lists.days import day_of
from flowtrace.labels.lists.entry import Entry
from flowtrace.labels.lists.heard import EntriesXml

_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


class UnXml(EntriesXml):
    """Hears the consolidated list."""

    FORM = "UN consolidated XML"
    ENTRIES = frozenset({"INDIVIDUAL", "ENTITY"})
    FIELDS: ClassVar = frozenset({"NUMBER"})

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._parts: dict[str, str] = {}

    def head(self, name: str, attributes: Mapping[str, str], text: str) -> None:
        """The root says when the list was made."""
        del text
        if name == "CONSOLIDATED_LIST" and attributes:
            self.published = day_of(attributes.get("dateGenerated", ""))

    def said(self, entry: Entry, where: tuple[str, str], text: str) -> None:
        """Take in what an entry says of itself."""
        match where[1]:
            case name if name in _NAMES and self.direct():
                self._parts[name] = text
            case "DATAID":
                self.key = text
            case "REFERENCE_NUMBER":
                entry.id = text
            case "ALIAS_NAME" | "NAME_ORIGINAL_SCRIPT":
                entry.call(text)
            case "UN_LIST_TYPE":
                entry.under(text)
            case "LISTED_ON":
                entry.listed_on = day_of(text)
            case "DELISTED_ON":
                entry.unlisted_on = day_of(text)
            case _:
                pass

    def closed(self, entry: Entry) -> None:
        """The parts of a name make one."""
        entry.call(" ".join(self._parts[one] for one in _NAMES if one in self._parts), first=True)
        self._parts = {}
