"""OFAC's two XML forms: the advanced one, and SDN.XML.

What an address is of is told by the words "Digital Currency Address - TICKER", never by a number: the
numbers differ between files. Tickers that nobody has seen before are taken as they are.

References
----------
OFAC, Sanctions List Service, SDN_ADVANCED.XML and SDN.XML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from flowtrace.errors import InputError
from flowtrace.labels.found import LONGEST, account_of
from flowtrace.labels.lists.listing import Listing
from flowtrace.labels.untrusted import one_line

_PREFIX = "digital currency address"
_BASIS = "field Digital Currency Address"
_LONGEST_TICKER = 20
_MOST_NAMES, _LONGEST_NAMES = 20, 400
_ENDED = ("remov", "delist", "terminat")


def ticker_of(words: str) -> str | None:
    """Return the ticker that a feature's words name; None where they speak of something else.

    >>> ticker_of("Digital Currency Address -  XBT ")
    'XBT'
    """
    plain = " ".join(words.split())
    if not plain.lower().startswith(_PREFIX):
        return None
    return one_line(plain[len(_PREFIX) :].strip(" -–:"), _LONGEST_TICKER)


@dataclass
class _Profile:
    name: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    others: dict[str, None] = field(default_factory=dict)
    addresses: list[tuple[str, str]] = field(default_factory=list)


class AdvancedXml:
    """Hears SDN_ADVANCED.XML; ``listings`` and ``published`` are whole when the document is."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._path: list[str] = []
        self._tickers: dict[str, str] = {}
        self._features: dict[str, str] = {}
        self._events: dict[str, str] = {}
        self._seen: set[str] = set()
        self._held: dict[str, _Profile] = {}
        self._profile = _Profile()
        self._ids: dict[str, str] = {}
        self._primary = False
        self._named = False
        self._date: dict[str, str] = {}
        self._entry: dict[str, str] = {}
        self._programmes: list[str] = []
        self._stated: dict[str, tuple[str, str, str | None]] = {}
        self.published = ""
        self.unknown: Counter[str] = Counter()

    @property
    def listings(self) -> tuple[Listing, ...]:
        """All addresses of entries that have not ended, in the order of the file."""
        return self._listings(ended=False)

    @property
    def ended(self) -> tuple[Listing, ...]:
        """The addresses of entries of which the file says that they have ended."""
        return self._listings(ended=True)

    def _listings(self, *, ended: bool) -> tuple[Listing, ...]:
        found = []
        for number, profile in self._held.items():
            day, programmes, until = self._stated.get(number, ("", "", None))
            name, also = one_line(" ".join(profile.name)), one_line("; ".join(profile.others), _LONGEST_NAMES)
            one = Listing("", "", "", number, name, programmes, day, also, until or "", _BASIS)
            if ended == (until is not None):
                found += [
                    replace(one, account=account_of(text), written=text[:LONGEST], ticker=ticker)
                    for ticker, text in profile.addresses
                ]
        return tuple(dict.fromkeys(found))

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._path.append(name)
        self._ids[name] = attributes.get("ID", "")
        if name == "Profile":
            self._begin_profile(attributes.get("ID", ""))
        elif name == "Alias":
            self._primary = attributes.get("Primary", "").lower() == "true"
        elif name == "Feature":
            self._ids["of"] = attributes.get("FeatureTypeID", "")
        elif name == "SanctionsEntry":
            self._entry = {"profile": attributes.get("ProfileID", "")}
            self._programmes = []
        elif name == "EntryEvent":
            self._entry["event"] = attributes.get("EntryEventTypeID", "")
        elif name in ("Date", "DateOfIssue"):
            self._date = {}

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._path.pop()
        above = self._path[-1] if self._path else ""
        text = text.strip()
        match name:
            case "FeatureType":
                self._feature(text)
            case "EntryEventType":
                self._events[self._ids[name]] = text.lower()
            case "Year" | "Month" | "Day":
                self._date[name] = text
            case "DateOfIssue":
                self.published = _day(self._date)
            case _ if "DistinctParty" in self._path:
                self._end_party(name, text)
            case _:
                self._end_sanction(name, above, text)

    def _end_party(self, name: str, text: str) -> None:
        match name:
            case "NamePartValue" if self._primary and not self._named:
                self._profile.name.append(text)
            case "NamePartValue":
                self._profile.other.append(text)
            case "DocumentedName" if self._primary and not self._named:
                self._named = True  # the first of the primary alias: others are the same in other scripts
            case "DocumentedName" if len(self._profile.others) < _MOST_NAMES:
                self._profile.others[one_line(" ".join(self._profile.other))] = None
                self._profile.other = []
            case "VersionDetail" if self._ids.get("of") in self._tickers and text:
                self._profile.addresses.append((self._tickers[self._ids["of"]], text))
            case "Profile" if self._profile.addresses:
                self._held[self._ids["Profile"]] = self._profile
            case _:
                pass

    def _end_sanction(self, name: str, above: str, text: str) -> None:
        match name:
            case "Date" if above == "EntryEvent":
                self._entry_event()
            case "Comment" if above == "SanctionsMeasure" and text:
                self._programmes.append(one_line(text))
            case "SanctionsEntry":
                self._end_entry()
            case _:
                pass

    def _feature(self, words: str) -> None:
        number, ticker = self._ids["FeatureType"], ticker_of(words)
        if self._features.setdefault(number, words) != words:
            raise InputError(f"{self._name}: two feature types have the ID {number[:40]!r}: it is not read")
        if ticker is not None:
            self._tickers[number] = ticker

    def _begin_profile(self, number: str) -> None:
        if not number or number in self._seen:
            what = f"two profiles have the ID {number[:40]!r}" if number else "a profile has no ID"
            raise InputError(f"{self._name}: {what}: whose an address is cannot be told, it is not read")
        self._seen.add(number)
        self._profile, self._named = _Profile(), False

    def _entry_event(self) -> None:
        words = self._events.get(self._entry.get("event", ""), "")
        if any(part in words for part in _ENDED):
            self._entry["ended"] = _day(self._date)
        else:
            day = _day(self._date)
            self._entry["day"] = min(filter(None, (day, self._entry.get("day", ""))), default="")

    def _end_entry(self) -> None:
        programmes = "; ".join(dict.fromkeys(self._programmes))
        entry = self._entry
        self._stated[entry["profile"]] = (entry.get("day", ""), programmes, entry.get("ended"))


class SdnXml:
    """Hears SDN.XML."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._path: list[str] = []
        self._fields: dict[str, str] = {}
        self._id: dict[str, str] = {}
        self._programmes: list[str] = []
        self._addresses: list[tuple[str, str]] = []
        self._aka: dict[str, str] = {}
        self._others: dict[str, None] = {}
        self._seen: set[str] = set()
        self._listings: dict[Listing, None] = {}
        self.published = ""

    @property
    def listings(self) -> tuple[Listing, ...]:
        """All addresses, in the order of the file."""
        return tuple(self._listings)

    def begin(self, name: str, _attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._path.append(name)
        if name == "sdnEntry":
            self._fields, self._programmes, self._addresses = {}, [], []
            self._aka, self._others = {}, {}
        elif name == "id":
            self._id = {}

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._path.pop()
        above = self._path[-1] if self._path else ""
        text = text.strip()
        match above, name:
            case "sdnEntry", "uid" | "firstName" | "lastName":
                self._fields[name] = text
            case "aka", "firstName" | "lastName":
                self._aka[name] = text
            case "akaList", "aka" if len(self._others) < _MOST_NAMES:
                self._others[_whole(self._aka)] = None
                self._aka = {}
            case "programList", "program":
                self._programmes.append(one_line(text))
            case "id", "idType" | "idNumber":
                self._id[name] = text
            case "idList", "id":
                ticker = ticker_of(self._id.get("idType", ""))
                if ticker is not None and self._id.get("idNumber"):
                    self._addresses.append((ticker, self._id["idNumber"]))
            case _, "Publish_Date":
                self.published = _american(text)
            case _, "sdnEntry":
                self._end_entry()
            case _:
                pass

    def _end_entry(self) -> None:
        number = self._fields.get("uid", "")
        if number in self._seen:
            raise InputError(f"{self._name}: two entries have the uid {number[:40]!r}: it is not read")
        self._seen.add(number)
        also = one_line("; ".join(self._others), _LONGEST_NAMES)
        for ticker, text in self._addresses:
            said = (ticker, number, _whole(self._fields), "; ".join(self._programmes))
            one = Listing(account_of(text), text[:LONGEST], *said, also=also, basis=_BASIS)
            self._listings[one] = None


def _whole(parts: Mapping[str, str]) -> str:
    return one_line(" ".join(parts.get(part, "") for part in ("firstName", "lastName")))


def _day(parts: Mapping[str, str]) -> str:
    try:
        return date(*(int(parts.get(part, "1")) for part in ("Year", "Month", "Day"))).isoformat()
    except ValueError:
        return ""


def _american(text: str) -> str:
    month, _, rest = text.partition("/")
    day, _, year = rest.partition("/")
    return _day({"Year": year, "Month": month, "Day": day})
