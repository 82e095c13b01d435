"""Columns against objects: what the sweeps show is what a plain reading of each transfer shows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import Kind, Transfer
from flowtrace_heuristics.account.payments import Columns, name
from flowtrace_heuristics.account.sweeps import ALLOWANCE, EXACT, WINDOW, Sweeper, Swept, confidence
from towns.deeds import town
from toytown import ACME_HOT, ETH, GAS, IDA, JON, ONE, USDC, Pay, who

DEPOSITS = (who("deposit 1"), who("deposit 2"))
UNITS = st.sampled_from(
    (
        0,
        1,
        GAS,
        ALLOWANCE,
        ONE - GAS,
        ONE,
        ONE + ALLOWANCE,
        ONE + ALLOWANCE + 1,
        2 * ONE,
        (1 << 200) + 7,
        1 << 200,
    )
)


@st.composite
def lives(draw: st.DrawFn) -> Ledger:
    """Draw the life of two addresses that are paid and pay one exchange, with blocks far and near."""
    pays, height = [], 100
    for number in range(draw(st.integers(0, 25))):
        deposit, goes = draw(st.sampled_from(DEPOSITS)), draw(st.booleans())
        ends = (deposit, ACME_HOT) if goes else (draw(st.sampled_from((IDA, JON, ACME_HOT))), deposit)
        height += draw(st.sampled_from((0, 1, 1_000, WINDOW, WINDOW + 1)))
        token, gas = draw(st.booleans()), draw(st.sampled_from((0, GAS, GAS, ALLOWANCE)))
        failed = draw(st.integers(0, 9)) == 0
        pays.append(
            Pay(
                f"tx-{number:02}",
                *ends,
                draw(UNITS),
                gas=gas,
                height=height,
                ok=not failed,
                asset=USDC if token else ETH,
            )
        )
    return town(pays)


def plainly(ledger: Ledger, number: int) -> Swept:
    """Return what one address passed on, by going through its transfers one by one."""
    address, swept, balance = ledger.addresses[number], Swept(), 0
    fees = {one.tx: one.amount.units for one in ledger.outgoing(address) if one.kind is Kind.FEE}
    places = {one.id: place for place, one in enumerate(ledger)}
    numbers = {one: at for at, one in enumerate(ledger.addresses)}
    before: list[Transfer] = []
    for one in ledger.of(address):
        coin = not one.amount.asset.contract
        if not one.ok and one.kind is not Kind.FEE:
            continue
        balance += coin * one.amount.units * ((one.target == address) - (one.source == address))
        if one.target == address and one.amount.units:
            before.append(one)
        if one.source != address or one.kind is Kind.FEE or not one.amount.units:
            continue
        if coin and 0 <= balance <= ALLOWANCE and balance < one.amount.units:
            swept.emptied.append((places[one.id], balance))
        fee = fees.get(one.tx, 0) if coin else 0
        near = [p for p in before if p.amount.asset == one.amount.asset and one.height - p.height <= WINDOW]
        exact = [p for p in near if p.amount.units == one.amount.units + fee]
        loose = [p for p in near if coin and 0 <= p.amount.units - one.amount.units <= ALLOWANCE]
        if exact or loose:
            paid = (exact or loose)[-1]
            apart = (one.height - paid.height, paid.amount.units - one.amount.units)
            sure = EXACT if exact else confidence(*apart)
            assert paid.source is not None
            swept.pairs.append((numbers[paid.source], places[paid.id], places[one.id], sure))
    return swept


@given(lives())
def test_columns_show_what_objects_show(ledger: Ledger) -> None:
    """Algorithms 2.1, one by one: the latest payment, exact before near, gas counted, no rounding."""
    columns = Columns(ledger)
    ours = np.array([one in DEPOSITS for one in ledger.addresses] + [False], dtype=bool)
    rows = np.flatnonzero(columns.usable & (ours[columns.source] | ours[columns.target]))
    found = Sweeper(ledger, columns.payments(rows), ours).found()
    for number in np.flatnonzero(ours).tolist():
        assert found.get(number, Swept()) == plainly(ledger, number)


@given(lives())
def test_a_place_has_the_name_of_its_transfer(ledger: Ledger) -> None:
    """Reasons are ids of transfers: those of the columns are the same."""
    assert [name(ledger, place) for place in range(len(ledger))] == [one.id for one in ledger]


@given(lives())
def test_columns_hold_what_moved(ledger: Ledger) -> None:
    """Every row that took place, with its ends and its units; nothing that failed but its fee."""
    columns = Columns(ledger)
    held = columns.payments(np.flatnonzero(columns.usable))
    meant = [one for one in ledger if (one.ok or one.kind is Kind.FEE) and one.amount.units]
    assert [name(ledger, place) for place in held.place.tolist()] == [one.id for one in meant]
    assert held.units.tolist() == [one.amount.units for one in meant]
    assert held.coin.tolist() == [not one.amount.asset.contract for one in meant]


def pairs_of(*pays: Pay) -> list[tuple[str, str, int]]:
    """Return (payment, sweep, confidence) of the first deposit address, by the names of transactions."""
    ledger = town(pays)
    columns = Columns(ledger)
    ours = np.array([one == DEPOSITS[0] for one in ledger.addresses] + [False], dtype=bool)
    rows = np.flatnonzero(columns.usable & (ours[columns.source] | ours[columns.target]))
    found = Sweeper(ledger, columns.payments(rows), ours).found()
    return [
        (ledger.tx[paid], ledger.tx[sweep], sure)
        for swept in found.values()
        for _, paid, sweep, sure in swept.pairs
    ]


def test_the_first_payment_of_all_is_tried_too() -> None:
    """The very first that an address got is the exact one, though a nearer one came after it."""
    found = pairs_of(
        Pay("exact", IDA, DEPOSITS[0], ONE),
        Pay("near", JON, DEPOSITS[0], ONE + ALLOWANCE - GAS),
        Pay("sweep", DEPOSITS[0], ACME_HOT, ONE - GAS),
    )
    assert found == [("exact", "sweep", EXACT)]


def test_the_gas_of_another_transaction_counts_for_nothing() -> None:
    """Only what the sweep's own transaction cost may be missing from an exact sweep."""
    early = Pay("early", DEPOSITS[0], ACME_HOT, 5, height=100)
    paid = Pay("paid", IDA, DEPOSITS[0], ONE, height=101)
    for gas, sure in ((GAS, EXACT), (0, confidence(1, GAS))):
        sweep = Pay("sweep", DEPOSITS[0], ACME_HOT, ONE - GAS, gas=gas, height=102)
        assert pairs_of(early, paid, sweep) == [("paid", "sweep", sure)]
