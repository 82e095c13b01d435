"""Who pays wallets of one exchange and nobody else, by the labels: what may be its deposit address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Category, Kind, Label
from flowtrace_heuristics.account.payments import NOBODY, Columns, code

if TYPE_CHECKING:
    from flowtrace_heuristics.account.payments import Numbers

_UNASKED, _NONE = -2, -1


def exchange(attribution: Attribution, address: Address) -> Label | None:
    """Return the label that makes an address an exchange's, or None."""
    label = attribution.service(address)
    return label if label is not None and label.category is Category.EXCHANGE else None


def candidates(ledger: Ledger, attribution: Attribution, columns: Columns) -> dict[int, Label]:
    """Return who was paid, paid wallets of one exchange only, and is no service; with that exchange's label.

    An address is looked up only where somebody's first payment leads, or any payment of somebody whose first
    one went to an exchange: most addresses of a ledger are never asked about.
    """
    import numpy as np

    source, target = columns.source, columns.target
    sent = _sent(columns, len(ledger.addresses))
    first = _first(columns, sent, len(ledger.addresses))
    book = _Book(ledger, attribution)
    payers = np.flatnonzero(first != NOBODY)
    book.ask(target[first[payers]])
    pays_one = np.zeros(len(ledger.addresses) + 1, dtype=bool)
    pays_one[payers] = book.known[target[first[payers]]] > _NONE
    sent = columns.worth(sent[pays_one[source[sent]]])
    book.ask(target[sent])
    strays = book.known[target[sent]] != book.known[target[first[source[sent]]]]
    pays_one[source[sent[strays]]] = False
    found = np.flatnonzero(pays_one).tolist()
    labels = {one: book.labels[int(target[first[one]])] for one in found}
    return {one: label for one, label in labels.items() if not attribution.service(ledger.addresses[one])}


def _sent(columns: Columns, count: int) -> Numbers:
    """Return the rows sent by addresses that were paid anything themselves."""
    import numpy as np

    got = np.zeros(count + 1, dtype=bool)
    got[columns.target[columns.usable]] = True
    got[NOBODY] = False
    return np.flatnonzero(columns.usable & (columns.kind != code(Kind.FEE)) & got[columns.source])


def _first(columns: Columns, sent: Numbers, count: int) -> Numbers:
    """Return the first row of each address that sent more than nothing; `NOBODY` where there is none."""
    import numpy as np

    first = np.full(count + 1, NOBODY, dtype=np.int64)
    first[columns.source[sent[::-1]]] = sent[::-1]  # of several rows the last one written stays: the first
    heads = first[first != NOBODY]
    empty = np.zeros(count + 1, dtype=bool)
    empty[columns.source[heads[~columns.units(heads).astype(bool)]]] = True
    first[empty] = NOBODY
    again = columns.worth(sent[empty[columns.source[sent]]])
    first[columns.source[again[::-1]]] = again[::-1]
    return first


class _Book:
    """The exchanges by number, each address looked up once."""

    def __init__(self, ledger: Ledger, attribution: Attribution) -> None:
        import numpy as np

        self.known = np.full(len(ledger.addresses) + 1, _UNASKED, dtype=np.int64)
        self.known[NOBODY] = _NONE
        self.labels: dict[int, Label] = {}
        self._addresses = ledger.addresses
        self._attribution = attribution
        self._entities: dict[str, int] = {}

    def ask(self, numbers: Numbers) -> None:
        """Look up addresses that were not looked up yet."""
        import numpy as np

        asked = np.zeros(len(self.known), dtype=bool)
        asked[numbers] = True
        new = np.flatnonzero(asked & (self.known == _UNASKED))
        self.known[new] = list(self._numbers(new.tolist()))

    def _numbers(self, new: Iterable[int]) -> Iterable[int]:
        for number in new:
            label = exchange(self._attribution, self._addresses[number])
            if label is None or label.entity is None:
                yield _NONE
            else:
                self.labels[number] = label
                yield self._entities.setdefault(label.entity.id, len(self._entities))
