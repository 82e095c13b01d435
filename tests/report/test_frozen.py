"""What lies frozen: a row of its own in the account, in the summary, the figure and the formats."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import (
    ETHEREUM,
    Act,
    Address,
    Asset,
    Freeze,
    Label,
    Result,
    Stop,
    StopReason,
    Use,
    frozen_at,
    frozen_by,
)
from flowtrace.report import account_tables
from flowtrace.report.accounted import FROZEN, accounted
from flowtrace.report.diagram.fold import fold
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.formats.flow import flow_of
from flowtrace.report.frozen import frozen_stops
from flowtrace.report.summary import summary
from report.toy_result import toy_result

TX = "0x" + "ab" * 32


def at_rest(result: Result) -> Stop:
    """Return where value rests at nobody's address in particular."""
    rests = (one for one in result.trace.stops if one.reason is StopReason.AT_REST)
    return next(stop for stop in rests if any(stop.taint.values()))


def act(stop: Stop, height: int = 9, *, what: Act = Act.FROZEN) -> Freeze:
    """Return an act of the issuer on a stop's address."""
    name = {Act.FROZEN: "Blacklisted", Act.RELEASED: "UnBlacklisted", Act.DESTROYED: "DestroyedBlackFunds"}
    return Freeze(stop.address, stop.asset, "Circle", what, name[what], TX, height, 1_742_342_400 + height)


def told(result: Result, *labels: Label) -> Result:
    """Return a result with these labels beside its own."""
    held = dict(result.labels)
    for label in labels:
        held[label.address] = (*held.get(label.address, ()), label)
    return replace(result, labels=held)


def test_frozen_value_is_a_row_and_all_still_sums() -> None:
    """The row is named by the issuer; under each rule the rows are the stolen units, frozen or not."""
    plain = toy_result()
    stop = at_rest(plain)
    frozen = told(plain, act(stop).label())
    for before, after in zip(accounted(plain), accounted(frozen), strict=True):
        assert after.whole == before.whole
        for rule in plain.trace.rules:
            assert sum(line.taint[rule] for line in after.lines) == sum(
                line.taint[rule] for line in before.lines
            )
    (line,) = (line for book in accounted(frozen) for line in book.lines if line.group == FROZEN)
    same = [one for one in plain.trace.stops if (one.address, one.asset) == (stop.address, stop.asset)]
    assert line.name == "Circle"
    assert line.taint == {rule: sum(one.taint[rule] for one in same) for rule in plain.trace.rules}
    notes = " ".join(table.note for table in account_tables(frozen))
    assert f"frozen by Circle since 2025-03-19 (Blacklisted in {TX})" in notes
    assert not any(line.group == FROZEN for book in accounted(plain) for line in book.lines)


def test_the_summary_says_by_whom_since_when_and_by_which_transaction() -> None:
    """One entry per place and theft, with the range over the rules."""
    result = toy_result()
    stop = at_rest(result)
    assert summary(result)["frozen"] == []
    (one,) = summary(told(result, act(stop).label()))["frozen"]
    assert (one["issuer"], one["since"], one["event"]) == ("Circle", "2025-03-19", "Blacklisted")
    assert (one["transaction"], one["block"], one["destroyed"]) == (TX, 9, False)
    assert one["address"] == str(stop.address)
    assert one["low"]["base_units"] <= one["high"]["base_units"]


def test_a_released_amount_is_not_frozen() -> None:
    """A later release ends it; a freeze after that counts from its own day."""
    result = toy_result()
    stop = at_rest(result)
    on, off, again = (
        act(stop, n, what=what) for n, what in ((9, Act.FROZEN), (10, Act.RELEASED), (11, Act.FROZEN))
    )
    assert not frozen_stops(told(result, on.label(), off.label()))
    ((_, frozen),) = frozen_stops(told(result, again.label(), off.label(), on.label()))
    assert frozen.height == 11


def test_the_figure_draws_it_as_frozen() -> None:
    """Its box is of a kind of its own, and says by whom and since when."""
    result = toy_result()
    thieves = {theft.thief for theft in result.incident.thefts}
    stop = next(
        one
        for one in result.trace.stops
        if one.reason is not StopReason.DEPOSIT and any(one.taint.values())
        and one.address not in thieves and one.entity is None
    )  # fmt: skip
    assert BoxKind.FROZEN not in {box.kind for box in fold(result).boxes}
    picture = fold(told(result, act(stop).label()))
    (box,) = (box for box in picture.boxes if box.kind is BoxKind.FROZEN)
    assert box.members == (stop.address,)
    assert "frozen by Circle since 2025-03-19" in box.lines


def test_a_theft_address_keeps_its_shape_and_says_it() -> None:
    """What is frozen where it was stolen to is still a theft address, with a line on the freeze."""
    result = toy_result()
    stop = at_rest(result)
    assert stop.address in {theft.thief for theft in result.incident.thefts}
    boxes = fold(told(result, act(stop).label())).boxes
    (box,) = (box for box in boxes if stop.address in box.members)
    assert box.kind is BoxKind.THEFT
    assert "frozen by Circle since 2025-03-19" in box.lines


def test_the_formats_say_it_in_words() -> None:
    """What rests at a place of the flow is told to be frozen."""
    result = toy_result()
    stop = at_rest(result)
    flow = flow_of(told(result, act(stop).label()))
    assert "frozen by Circle since 2025-03-19" in flow.places[str(stop.address)].data["rests"]


ACCOUNTS = st.binary(min_size=20, max_size=20).map(lambda raw: Address(ETHEREUM.id, f"0x{raw.hex()}"))


@given(
    address=ACCOUNTS,
    contract=ACCOUNTS,
    height=st.integers(1, 10**9),
    time=st.integers(1, 2 * 10**9),
    units=st.none() | st.integers(0, 10**30),
    remark=st.sampled_from(["", "so it is", "contradiction: a, but b answers no for block 7"]),
    by=st.sampled_from(["", "the file a, b.csv"]),
)
def test_a_freeze_is_read_from_its_label(  # noqa: PLR0917  the fields of a freeze
    address: Address, contract: Address, height: int, time: int, units: int | None, remark: str, by: str
) -> None:
    """What a label states is what the issuer did, whatever stands beside it."""
    asset = Asset.token(contract, "USDT", 6)
    one = Freeze(address, asset, "Tether", Act.FROZEN, "AddedBlackList", TX, height, time, units)
    found = frozen_by(one.label(by, remark))
    assert found is not None
    assert (found.address, found.asset, found.issuer) == (address, str(asset), "Tether")
    assert (found.event, found.tx, found.height, found.day) == (one.event, TX, height, one.day)
    assert found.remark == remark
    assert frozen_at([one.label(by, remark)], address, asset) == found


@pytest.mark.parametrize(
    "text",
    ["USDT frozen by <b>Tether</b>", "USDT frozen by Tether\n", "=cmd frozen", "USDT thawed by Tether"],
)
def test_other_words_state_no_freeze(text: str) -> None:
    """A label in other words marks nothing, though it says of itself that it is one."""
    label = replace(act(at_rest(toy_result())).label(), text=text)
    assert label.use is Use.FROZEN
    assert frozen_by(label) is None
