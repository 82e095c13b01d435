"""i2 Analyst's Notebook: one flat table of links, and how to map its columns in an import specification.

Identities are full addresses with their chain, so that charts of several cases merge on them.
"""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.cells import cell
from flowtrace.report.formats.flow import Paid, Place, flow_of
from flowtrace.report.tables import csv_of

_COLUMNS = (
    "From_ID", "From_Type", "From_Label", "Link_ID", "Link_Type", "Link_Direction", "DateTime_UTC", "Amount",
    "Asset", "Amount_Base_Units", "Asset_ID", "TX", "Position", "Block", "Row", "Class", "Basis", "Taint_Low",
    "Taint_High", "Taint_By_Rule", "To_ID", "To_Type", "To_Label", "From_Known", "To_Known",
)  # fmt: skip
_GUIDE = """How to import i2-links.csv into i2 Analyst's Notebook

1. Data > Import from file: delimited text, comma, UTF-8, the first row holds the names of the columns.
2. Read EVERY column as text: amounts have more digits than a number holds.
3. From entity: identity From_ID, type from From_Type, label From_Label, attribute From_Known.
   To entity: identity To_ID, type from To_Type, label To_Label, attribute To_Known.
4. Link: identity Link_ID (do not merge links), type Link_Type, direction Link_Direction, which is Outgoing:
   from the From entity to the To entity. Label: Amount and Asset. All columns left: attributes, as text.
   Date and time: DateTime_UTC, form yyyy-MM-ddTHH:mm:ssZ, time zone UTC.
5. Class is the evidence class of the link: D recorded on one ledger, C matched across ledgers by hard
   identifiers, P inferred, X asserted by a third party. Taint_Low and Taint_High are the range over the rules
   that conserve, in base units; Taint_By_Rule holds each.
6. Save these choices as an import specification; the next case imports with it.

This table was not tried in Analyst's Notebook itself.
"""


def files(result: Result) -> dict[str, bytes]:
    """Return the table and the guide."""
    rows = [_COLUMNS, *(_row(paid) for paid in flow_of(result).paid)]
    return {"i2-links.csv": csv_of(rows), "i2-guide.txt": _GUIDE.encode()}


def _row(paid: Paid) -> tuple[str, ...]:
    d = paid.data
    rules = "; ".join(f"{rule.value} {d[f'taint_{rule.value}_base_units']}" for rule in paid.hop.taint)
    link = (
        paid.id,
        "Transaction",
        "Outgoing",
        d["time"],
        d["amount"],
        d["symbol"],
        d["amount_base_units"],
        d["asset"],
    )
    place = (d["tx"], d["position"], d["block"], d["row"], d["cls"], d["basis"])
    taint = (d["low_base_units"], d["high_base_units"], rules)
    known = (paid.source.known_as, paid.target.known_as)
    return tuple(
        cell(text) for text in (*_end(paid.source), *link, *place, *taint, *_end(paid.target), *known)
    )


def _end(place: Place) -> tuple[str, str, str]:
    kind = "Crypto address" if place.address else "No address"
    return place.id, kind, f"{place.name} {place.account}"
