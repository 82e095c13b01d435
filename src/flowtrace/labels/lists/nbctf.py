"""Seizure orders of Israel's Minister of Defence (NBCTF): the page of them, its tables, or an order's text.

The page has two tables: of orders (``File Type`` with the number of the order, ``Last Updated``,
``Validity of Issue``: a day, or the forfeiture order that took its place), and of accounts (``Order
ID``, ``Full name``, ``ID No``, ``Passport No``, ``D.O.B``, ``Virtual currency address / User ID``,
``Currency``). The order stands once, in a row of its own or in the first of its accounts, and counts for
all rows below. A number in the column of addresses is an account at an exchange.

In the text of an order, as saved from its PDF, all addresses are of the one order that it names. Where
it names several, an address is of the order whose number last began a line.

References
----------
OpenSanctions, crawler ``il_mod_crypto`` (the tables, and letters of other alphabets in addresses).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flowtrace.labels.lists.columns import EntriesTable, Row
from flowtrace.labels.lists.days import day_of
from flowtrace.labels.lists.entry import FIELD, REMARKS, TEXT, Entry
from flowtrace.labels.lists.hits import plain

_ORDER = re.compile(r"(ASO|AFO|FO)\s*[-–]?\s*(\d{1,3})\s*/\s*(\d{2,4})(?!\d)", re.IGNORECASE)
_BEGINS = re.compile(rf"\W{{0,3}}{_ORDER.pattern}", re.IGNORECASE)
_LONGEST_TICKER = 10
_PROGRAMME = "seizure order of Israel's Minister of Defence"


def order_in(text: str) -> str:
    """Return the number of the first order that a text names; empty where it names none.

    >>> order_in("Annex of the Seizure Order (ASO - 43/25)")
    'ASO 43/25'
    """
    hit = _ORDER.search(plain(text))
    return _named(hit) if hit else ""


def _named(hit: re.Match[str]) -> str:
    return f"{hit[1].upper()} {hit[2]}/{hit[3]}"


class NbctfTable(EntriesTable):
    """Reads the page's tables, or one of them as CSV or XLSX."""

    FORM = "NBCTF seizure orders"
    NEEDS = frozenset()
    FIELDS = frozenset({"virtualcurrencyaddress", "accountwalletid", "walletaddress"})

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._order_id = ""
        self._valid: dict[str, str] = {}

    def is_heading(self, order: Sequence[str]) -> bool:
        """Tell the headings of the accounts, or of the orders."""
        accounts = "orderid" in order and any(one.startswith(tuple(self.FIELDS)) for one in order)
        return accounts or {"filetype", "validityofissue"} <= set(order)

    def row(self, row: Row) -> None:
        """Hear of an account, or of an order."""
        if "validityofissue" in self.headings:
            self._of_order(row)
            return
        self._order_id = order_in(row.said("orderid")) or self._order_id
        entry = self.single(self._order_id)
        entry.under(_PROGRAMME)
        entry.call(row.said("fullname").strip(" -–"))
        self.search(entry, row)

    def _of_order(self, row: Row) -> None:
        order, day = order_in(row.said("filetype")), day_of(row.said("validityofissue"))
        if order and day:
            self._valid[order] = max(day, self._valid.get(order, ""))

    def ticker(self, row: Row) -> str:
        """The column of currencies; where it repeats the address, it is no ticker."""
        said = row.said("currency").strip()
        return said if said.isalnum() and said.isupper() and len(said) <= _LONGEST_TICKER else ""

    def finish(self) -> None:
        """Orders may stand below their accounts; what an order names twice is one, with its name."""
        seen: set[tuple[str, str]] = set()
        for entry in sorted(self._single, key=lambda one: not one.name):
            entry.unlisted_on = self._valid.get(entry.id, "")
            for account in [one for one in entry.found if (entry.id, one) in seen]:
                del entry.found[account]
            seen.update((entry.id, account) for account in entry.found)


def read_order(lines: Iterable[str], orders: Sequence[str]) -> list[Entry]:
    """Return what the text of seizure orders says, an entry for each order; last those of none.

    Parameters
    ----------
    orders
        The numbers that the whole text names.
    """
    entries = {order: Entry(order) for order in orders}
    none = Entry()
    at = entries[orders[0]] if len(orders) == 1 else none
    for entry in entries.values():
        entry.under(_PROGRAMME)
    for line in lines:
        begins = _BEGINS.match(plain(line))
        if begins and len(orders) > 1:
            at = entries.get(_named(begins), none)
        at.search(line, TEXT if at is none else _basis(line))
    return [*entries.values(), none]


def orders_in(lines: Iterable[str]) -> list[str]:
    """Return the numbers of all seizure orders that a text names, in order."""
    found = (_named(hit) for line in lines for hit in _ORDER.finditer(plain(line)))
    return list(dict.fromkeys(one for one in found if not one.startswith("FO")))


def _basis(line: str) -> str:
    return f"{FIELD} list of the order" if len(line.split()) <= 3 else f"{REMARKS} text of the order"  # noqa: PLR2004  "12. 0x… ETH"
