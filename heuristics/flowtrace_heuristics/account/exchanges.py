"""Who pays wallets of one exchange and nobody else, by the labels: whose deposit address an address may be."""

from __future__ import annotations

from collections.abc import Iterable
from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Category, Label
from flowtrace_heuristics.account.payments import NOBODY, Payments

_UNASKED, _NONE = -2, -1


def exchange(attribution: Attribution, address: Address) -> Label | None:
    """Return the label that makes an address an exchange's, or None."""
    label = attribution.service(address)
    return label if label is not None and label.category is Category.EXCHANGE else None


def candidates(ledger: Ledger, attribution: Attribution, paid: Payments) -> dict[int, Label]:
    """Return who was paid, paid wallets of one exchange only, and is no service; with that exchange's label.

    An address is looked up only where somebody's first payment, or a payment of somebody whose first payment
    went to an exchange, leads: most addresses of a ledger are never asked about.
    """
    import numpy as np

    count = len(ledger.addresses)
    got = np.zeros(count + 1, dtype=bool)
    got[paid.target[paid.target != NOBODY]] = True
    sent = paid.where(paid.sent & got[paid.source])
    first = np.full(count + 1, NOBODY, dtype=np.int64)
    first[sent.source[::-1]] = sent.target[::-1]
    book = _Book(ledger, attribution)
    book.ask(np.unique(first[first != NOBODY]).tolist())
    pays_one = book.known[first] > _NONE
    sent = sent.where(pays_one[sent.source])
    book.ask(np.unique(sent.target[sent.target != NOBODY]).tolist())
    strays = book.known[sent.target] != book.known[first[sent.source]]
    pays_one[sent.source[strays]] = False
    pays_one[NOBODY] = False
    chosen = np.flatnonzero(pays_one).tolist()
    return {one: book.label(first[one]) for one in chosen if not attribution.service(ledger.addresses[one])}


class _Book:
    """The exchanges by number, each address looked up once."""

    def __init__(self, ledger: Ledger, attribution: Attribution) -> None:
        import numpy as np

        self.known = np.full(len(ledger.addresses) + 1, _UNASKED, dtype=np.int64)
        self.known[NOBODY] = _NONE
        self._addresses = ledger.addresses
        self._attribution = attribution
        self._entities: dict[str, int] = {}
        self._labels: dict[int, Label] = {}

    def ask(self, numbers: Iterable[int]) -> None:
        """Look up addresses that were not looked up yet."""
        for number in numbers:
            if self.known[number] == _UNASKED:
                label = exchange(self._attribution, self._addresses[number])
                self.known[number] = self._number(number, label)

    def label(self, number: int) -> Label:
        """Return the label of an address that is an exchange's."""
        return self._labels[number]

    def _number(self, number: int, label: Label | None) -> int:
        if label is None or label.entity is None:
            return _NONE
        self._labels[number] = label
        return self._entities.setdefault(label.entity.id, len(self._entities))
