"""The FBI's announcements of stolen funds: public service announcements of the IC3, and press releases.

A page, or its text: the announcement's number (``Alert Number: I-022625-PSA``), its day (``February 26,
2025``), a title and the addresses, each on a line of its own. A press release has no number: it is known
by its address on the web. One file is one announcement, and all its addresses are of it.

References
----------
IC3, I-022625-PSA; FBI, press releases on Stake.com (6 September 2023) and on funds stolen by the DPRK
(22 August 2023).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flowtrace.labels.lists.days import days_in
from flowtrace.labels.lists.entry import FIELD, REMARKS, Entry
from flowtrace.labels.lists.hits import hits
from flowtrace.labels.untrusted import one_line

_NUMBER = re.compile(r"(?<![0-9A-Za-z])I-\d{6}(?:-[A-Z])?-PSA(?![0-9A-Za-z])")
_WHO = re.compile(r"(?<![A-Za-z])(?:FBI|Federal Bureau of Investigation|IC3)(?![A-Za-z])")
_HEADINGS = ("h1", "h2", "title")
_NO_TITLE = re.compile(
    r"(?:public service announcement|press releases?|federal bureau of investigation|fbi|ic3)\W*$"
    r"|internet crime complaint center",
    re.IGNORECASE,
)
_LONGEST_DAY = 40


class Announcement:
    """Hears an announcement line by line."""

    FORM = "FBI announcement"

    def __init__(self) -> None:
        self.entry = Entry()
        self.published = ""
        self._titles: dict[str, str] = {}
        self._number = ""
        self._who = False

    def told(self, text: str, tag: str) -> None:
        """Take in one line, and the tag it stands in: empty in a plain text."""
        number = _NUMBER.search(text)
        if number and not self._number:
            self._number, self.published = number[0], ""  # day and title that count stand below the number
            self._titles.pop("", None)
        self._who = self._who or bool(_WHO.search(text))
        found = list(hits(text))
        if not found:
            day = next(days_in(text), "")
            self.published = self.published or day
            only_day = bool(day) and len(text) < _LONGEST_DAY
            if text and not number and not only_day and not _NO_TITLE.match(text.strip()):
                self._titles.setdefault(tag, one_line(text))
        alone = len(text.split()) <= len(found) + 1
        self.entry.keep(found, f"{FIELD} list of addresses" if alone else f"{REMARKS} text")

    def whole(self, canonical: str = "") -> bool:
        """Make the entry whole, and tell whether this is an announcement of the FBI at all."""
        place = urlsplit(canonical)
        on_its_web = place.netloc.endswith((".fbi.gov", ".ic3.gov")) and place.path.strip("/")
        self.entry.id = self._number or (f"{place.netloc}{place.path}" if on_its_web else "")
        self.entry.name = next((self._titles[tag] for tag in (*_HEADINGS, "") if tag in self._titles), "")
        self.entry.listed_on = self.published
        self.entry.under("public service announcement" if self._number else "press release")
        return bool(self._number) or (self._who and bool(self.entry.name and self.published))
