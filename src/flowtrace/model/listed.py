"""What a label says of a public body's list: from when to when the list is known to hold an address.

A label repeats a list as it was on a day, so for a payment before that day it answers only where its source
says when the address was added. Nothing is said that the source does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowtrace.model.label import Label, Use

_OFFICIAL = "authority_data"  # GraphSense's confidence id for what a public body publishes
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WHOLE = re.compile(_DAY)
_SEEN = re.compile(rf"\bsnapshots of ({_DAY}) to ({_DAY})(?:, (with gaps))?(?:, gone by ({_DAY}))?")
_ENTRY = re.compile(rf"\bentry listed on ({_DAY})")
_UNTIL = re.compile(rf"\bentry until ({_DAY})")
_ENDED = re.compile(
    rf"OFAC ended the listing(?: of [^;:()]{{1,60}})? on ({_DAY})(?:: https://[^\s;)]{{1,200}})?"
)
_ADDED = re.compile(r"treasury\.gov/[^\s;]{0,80}recent-actions/([0-9]{4})([0-9]{2})([0-9]{2})\b")


@dataclass(frozen=True, slots=True)
class Listed:
    """How long a list is known to hold an address; days are ISO 8601.

    Attributes
    ----------
    first, last
        The first and the last day of the list on which it is known to hold it.
    added
        The day of the publisher's act that put the address on the list; empty where none is told.
    entry
        The day of the entry. Before it nothing of the entry was listed; the address may have come later.
    ended
        The day from which the list no longer holds it; empty where it is not known to have ended.
    gaps
        Whether some day of the list between the first and the last does not hold it.
    """

    first: str
    last: str
    added: str = ""
    entry: str = ""
    ended: str = ""
    gaps: bool = False

    def on(self, day: str) -> str:
        """Return in words whether the address was listed on a day, and by what that is known.

        Examples
        --------
        >>> Listed("2024-09-27", "2024-09-27", added="2022-04-14").on("2022-03-23")
        'not listed yet: added on 2022-04-14'
        >>> Listed("2024-09-27", "2024-09-27").on("2022-03-23")
        'not known: the first list held is of 2024-09-27'
        """
        if self.ended and day >= self.ended:
            return f"not listed any more: gone by {self.ended}"
        if self.added and day < self.added:
            return f"not listed yet: added on {self.added}"
        if self.entry and day < self.entry:
            return f"not listed yet: the entry is of {self.entry}"
        if self.first <= day:
            return self._since(day)
        if self.added:
            return f"listed: added on {self.added}, and on the list of {self.first}"
        return f"not known: the first list held is of {self.first}"

    def _since(self, day: str) -> str:
        if self.gaps and day < self.last:
            return f"not known: lists held of {self.first} to {self.last} do not all have it"
        return f"listed: on the list of {self.last if self.last <= day else self.first}"


def listed_by(label: Label) -> Listed | None:
    """Return how long the public body's list that a label repeats holds its address; None if it repeats none.

    None too where the label has no whole day.
    """
    if label.asserted or label.confidence != _OFFICIAL or label.use is Use.FROZEN:
        return None
    told = label.source.partition("; sha256 ")[0]  # behind it stand a publisher's own words
    seen = _SEEN.search(told)
    if not seen and not _WHOLE.fullmatch(label.date):
        return None
    ended = _ENDED.search(told) or _UNTIL.search(told)
    acts = ["-".join(act) for act in _ADDED.findall(_ENDED.sub("", told))]
    entry = _ENTRY.search(told)
    gone = (seen[4] or "") if seen else ""
    return Listed(
        first=seen[1] if seen else label.date,
        last=seen[2] if seen else label.date,
        added=min(acts, default=""),
        entry=entry[1] if entry else "",
        ended=min(filter(None, (gone, ended[1] if ended else "")), default=""),
        gaps=bool(seen and seen[3]),
    )
