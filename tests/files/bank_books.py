"""Payments of an invented world, and what the statements of a bank's accounts say of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from files.bank_world import (
    EMPLOYER,
    EXCHANGE,
    MULE,
    SHOP,
    THIEF,
    Book,
    Line,
    at,
    camt,
    iban,
    mt940,
)
from flowtrace.files.gathered import Imported

OWNERS = (THIEF, MULE, iban(4))
OTHERS = (SHOP, EMPLOYER, EXCHANGE, "")


@dataclass(frozen=True)
class Payment:
    """One payment of an invented world; an empty side is not named by any statement."""

    giver: str
    taker: str
    units: int
    day: int
    ref: str


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Payment], dict[str, list[Book]]]:
    """Draw payments between accounts of the bank and others, and the statements of all of its accounts."""
    payments: list[Payment] = []
    day = 20240501
    for n in range(draw(st.integers(1, 12))):
        day = min(day + draw(st.integers(0, 2)), 20240531)
        giver = draw(st.sampled_from((*OWNERS, *OTHERS)))
        takers = [name for name in (*OWNERS, *OTHERS) if name != giver] if giver in OWNERS else [*OWNERS]
        ref = f"P{n}" if draw(st.booleans()) else ""
        payments.append(Payment(giver, draw(st.sampled_from(takers)), draw(st.integers(1, 9)), day, ref))
    return payments, {owner: draw(_books(owner, payments)) for owner in OWNERS}


@st.composite
def _books(draw: st.DrawFn, owner: str, payments: Sequence[Payment]) -> list[Book]:
    lines = [
        Line(-one.units, one.day, one.taker, one.ref)
        if one.giver == owner
        else Line(one.units, one.day, one.giver, one.ref)
        for one in payments
        if owner in (one.giver, one.taker)
    ]
    cuts = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=3)))
    balance, day, books = draw(st.integers(0, 50)), 20240430, []
    for number, (first, last) in enumerate(zip([0, *cuts], [*cuts, len(lines)], strict=True), start=3):
        part = lines[first:last]
        closes = max([day, *(line.day for line in part)])
        books.append(Book(owner, number, balance, day, closes, part))
        balance, day = books[-1].end, closes
    return books


def files_of(books: dict[str, list[Book]], chance: random.Random) -> dict[str, bytes]:
    """Write every statement into a file of its own, in either form, named and given in any order."""
    bodies = [chance.choice((camt, mt940))([book]) for held in books.values() for book in held]
    chance.shuffle(bodies)
    return {f"{n}.{'xml' if body.startswith(b'<') else 'sta'}": body for n, body in enumerate(bodies)}


def balance_of(told: Imported, account: str, opening: int) -> int:
    """Return what an account holds by the transfers told, from what it held before."""
    legs = [(1, leg) for t in told.transfers for leg in t.outputs]
    legs += [(-1, leg) for t in told.transfers for leg in t.inputs]
    return opening + sum(sign * leg.units for sign, leg in legs if leg.address == at(account))
