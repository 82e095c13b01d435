"""Who first gave an address coin, so that it could act at all: read by the rules of first funders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Kind, Scope
from flowtrace_heuristics.account.payments import NOBODY, Columns, code
from flowtrace_heuristics.account.people import People


@dataclass(frozen=True, slots=True, order=True)
class Funding:
    """The first coin that an address got: where on the ledger, from whom, how much, by numbers."""

    place: int
    funder: int
    child: int
    units: int


def recorded(ledger: Ledger, number: int) -> bool:
    """Tell whether all that an address sent and received is on record, so that a first thing is the first."""
    held = ledger.coverage_of(ledger.addresses[number]).get(Scope.EXTERNAL)
    return held is not None and held.complete


def first_fundings(ledger: Ledger, columns: Columns, people: People) -> Iterator[Funding]:
    """Yield the first coin of each address whose record is complete, where a person gave it.

    An address that sent anything before is passed over. Coin that a contract pays out to several at once
    counts as its caller's; what a contract pays to one alone, a withdrawal or a swap, is nobody's.
    """
    import numpy as np

    count = len(ledger.addresses)
    sends = np.flatnonzero(columns.usable & (columns.source != NOBODY))
    sent = np.full(count + 1, len(ledger), dtype=np.int64)
    sent[columns.source[sends[::-1]]] = sends[::-1]
    kinds = (columns.kind == code(Kind.VALUE)) | (columns.kind == code(Kind.INTERNAL))
    coin = columns.worth(np.flatnonzero(columns.usable & kinds & columns.coin & (columns.target != NOBODY)))
    got = np.full(count + 1, NOBODY, dtype=np.int64)
    got[columns.target[coin[::-1]]] = coin[::-1]
    got[NOBODY] = NOBODY
    children = np.flatnonzero((got != NOBODY) & (got < sent))
    numbers = {address: number for number, address in enumerate(ledger.addresses)}
    for child, place in zip(children.tolist(), got[children].tolist(), strict=True):
        funder = int(columns.source[place])
        if columns.kind[place] == code(Kind.INTERNAL):
            caller = _caller(ledger, place)
            funder = NOBODY if caller is None else numbers.get(caller, NOBODY)
        fits = funder not in (NOBODY, child) and recorded(ledger, child)
        if fits and ledger.addresses[funder] in people and ledger.addresses[child] in people:
            yield Funding(place, funder, child, ledger.leg_units[ledger.start[place]])


def _caller(ledger: Ledger, place: int) -> Address | None:
    """Return who called the contract that pays at a place, where it pays several in that transaction."""
    moves = ledger.transaction(ledger.chain[place], ledger.tx[place])
    contract = ledger[place].source
    paid = {one.target for one in moves if one.kind is Kind.INTERNAL and one.source == contract}
    caller = next((one.source for one in moves if one.kind is Kind.FEE), None)
    return caller if len(paid) > 1 else None


def by_funder(fundings: Iterable[Funding]) -> dict[int, list[Funding]]:
    """Return the fundings of each funder, in chain order."""
    found: dict[int, list[Funding]] = {}
    for one in sorted(fundings):
        found.setdefault(one.funder, []).append(one)
    return found
