"""Invented lists of sanctions in OFAC's forms: as large as wanted, with addresses planted in known places."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import IO

from base58_bech32.base58 import b58encode_check

from flowtrace.labels.found import account_of

NAMESPACES = (
    "http://www.un.org/sanctions/1.0",
    "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML",
)
TICKERS = {"344": "XBT", "345": "ETH", "992": "TRX", "2001": "NEWCOIN", "887": "USDT"}
_FEATURES = "".join(
    f'<FeatureType ID="{number}"> Digital Currency Address - {ticker} </FeatureType>'
    for number, ticker in TICKERS.items()
)
_HEAD = (
    "<?xml version='1.0' encoding='utf-8'?>\n<Sanctions xmlns='{namespace}' Version='1'>"
    "<DateOfIssue CalendarTypeID='1'><Year>{year}</Year><Month>{month}</Month><Day>{day}</Day></DateOfIssue>"
    "<ReferenceValueSets><EntryEventTypeValues><EntryEventType ID='1'>Created</EntryEventType>"
    "<EntryEventType ID='2'>Removed</EntryEventType></EntryEventTypeValues>"
    "<FeatureTypeValues><FeatureType ID='8'>Birthdate</FeatureType>{features}</FeatureTypeValues>"
    "</ReferenceValueSets><DistinctParties>"
)
_DETAIL = "<FeatureVersion><VersionDetail>{}</VersionDetail></FeatureVersion>"
_FILLER = f"<Feature ID='9' FeatureTypeID='8'>{_DETAIL}</Feature>"


def address(number: int, kind: str) -> str:
    """Return an invented address, with a right checksum, as lists write those of this ticker."""
    seed = hashlib.sha256(f"{kind}{number}".encode()).digest()
    match kind:
        case "XBT":
            return b58encode_check(b"\0" + seed[:20]).decode()
        case "TRX" | "USDT":
            return b58encode_check(b"\x41" + seed[:20]).decode()
        case "ETH":
            return "0x" + seed[:20].hex()
        case _:
            return "NC" + seed[:16].hex()


def party(number: int, addresses: list[tuple[str, str]], filler: str = "") -> str:
    """Return a party of these (feature type, text) addresses, with white space around each."""
    features = "".join(
        f'<Feature ID="{n}" FeatureTypeID="{of}">{_DETAIL.format(f"  {text} ")}</Feature>'
        for n, (of, text) in enumerate(addresses)
    )
    part = f"<DocumentedNamePart><NamePartValue>SURNAME {number}</NamePartValue></DocumentedNamePart>"
    return (
        f'<DistinctParty FixedRef="{number}"><Profile ID="{number}"><Identity ID="{number}" Primary="true">'
        f'<Alias Primary="true"><DocumentedName>{part}</DocumentedName>'
        f"</Alias></Identity>{filler}{features}</Profile></DistinctParty>\n"
    )


def entry(number: int, *, ended: bool = False) -> str:
    """Return the entry of a party: since 2018-03-07, and ended where that is said."""
    day = "<Date><Year>{}</Year><Month>3</Month><Day>7</Day></Date>"
    removed = f"<EntryEvent EntryEventTypeID='2'>{day.format(2021)}</EntryEvent>" if ended else ""
    return (
        f"<SanctionsEntry ID='{number}' ProfileID='{number}'>"
        f"<EntryEvent EntryEventTypeID='1'>{day.format(2018)}</EntryEvent>{removed}"
        "<SanctionsMeasure><Comment>DPRK3</Comment></SanctionsMeasure></SanctionsEntry>\n"
    )


def document(parties: Iterator[str], entries: Iterator[str], *, modern: bool, day: str) -> Iterator[str]:
    """Yield an advanced XML part by part, in OFAC's old namespace or its modern one."""
    year, month, date = day.split("-")
    parts = {"year": year, "month": month, "day": date, "features": _FEATURES}
    yield _HEAD.format(namespace=NAMESPACES[modern], **parts)
    yield from parties
    yield "</DistinctParties><SanctionsEntries>"
    yield from entries
    yield "</SanctionsEntries></Sanctions>\n"


def small_xml(listed: dict[int, str], *, modern: bool = True, day: str = "2024-01-01") -> bytes:
    """Return an advanced XML of one Ethereum address per entry."""
    parties = (party(number, [("345", text)]) for number, text in listed.items())
    return "".join(document(parties, map(entry, listed), modern=modern, day=day)).encode()


def advanced_xml(file: IO[bytes], size: int, *, modern: bool = True) -> set[str]:
    """Write an advanced XML of about that size; return the accounts that it lists.

    Every fifth party has addresses, of all tickers; every tenth of those is of an entry that has ended.
    """
    filler = "".join(_FILLER.format(f"born {n}, in a place of no importance") for n in range(60))
    each = len(party(10**6, [], filler)) + len(entry(10**6))
    count = size // each
    planted: set[str] = set()

    def parties() -> Iterator[str]:
        for number in range(count):
            held = []
            if number % 5 == 0:
                held = [(of, address(number, ticker)) for of, ticker in TICKERS.items()]
            if number % 50:
                planted.update(account_of(text) for _, text in held)
            yield party(number, held, filler)

    entries = (entry(number, ended=number % 50 == 0) for number in range(count))
    for part in document(parties(), entries, modern=modern, day="2026-01-02"):
        file.write(part.encode())
    return planted
