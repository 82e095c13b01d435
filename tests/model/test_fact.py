"""Facts: what a transaction records beside the value it moves; told once, kept, read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowtrace.errors import InputError, IntegrityError
from flowtrace.ledger import Ledger, read_ledger, write_ledger
from flowtrace.model import ETHEREUM, Address, Chain, Fact, FactKind
from toytown import ALICE, CAROL, IDA, MALLORY, world

APPROVED = Fact(
    chain_id=ETHEREUM.id,
    tx="0xaa",
    height=7,
    index=1,
    order=3,
    time=1_700_000_000,
    kind=FactKind.APPROVAL,
    parties=(("owner", ALICE), ("spender", MALLORY), ("owner", CAROL)),
    figures=(("units", "115"), ("note", "")),
)


def test_a_fact_is_asked_by_role_and_name() -> None:
    """A role may be held by several, in the record's order; what is not told is empty."""
    assert APPROVED.id == "eip155:1:0xaa:fact approval 3"
    assert (APPROVED.party("owner"), APPROVED.party("nobody")) == (ALICE, None)
    assert APPROVED.all_of("owner") == (ALICE, CAROL)
    assert (APPROVED.figure("units"), APPROVED.figure("more")) == ("115", "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"tx": "not a hash"}, "is not a hash"),
        ({"height": -1}, "no number from 0"),
        ({"time": 1 << 63}, "no number from 0"),
        ({"parties": (("owner", Address.parse(Chain.of("base"), "0x" + "11" * 20)),)}, "of another chain"),
        ({"parties": (("Owner!", ALICE),)}, "not named in lower case"),
        ({"figures": (("units", "1\n2"),)}, "no plain text"),
        ({"figures": (("units", "1" * (1 << 18)),)}, "no plain text"),
    ],
)
def test_what_no_record_tells_is_refused(changed: dict[str, Any], why: str) -> None:
    """What is out of range or no plain text cannot become a fact."""
    with pytest.raises(InputError, match=why):
        replace(APPROVED, **changed)


def test_a_ledger_tells_its_facts_in_chain_order() -> None:
    """By transaction and by kind; a fact's id is a reason, and its parties are known."""
    later = replace(APPROVED, tx="0xbb", height=9)
    ledger = Ledger((), facts=[later, APPROVED, APPROVED])
    assert ledger.facts == (APPROVED, later)
    assert ledger.told(FactKind.APPROVAL) == [APPROVED, later]
    assert ledger.told(FactKind.SHAPE) == []
    assert ledger.facts_of(ETHEREUM.id, "0xbb") == [later]
    assert ledger.holds(later.id)
    assert ledger.knows(MALLORY)
    assert not ledger.knows(IDA)
    assert ledger.digest != Ledger((), facts=[APPROVED]).digest != Ledger(()).digest


def test_the_telling_that_says_most_stands_and_a_contradiction_does_not() -> None:
    """One source may tell less of a fact than another; what contradicts is an error that names both."""
    less = replace(APPROVED, figures=())
    assert Ledger((), facts=[less, APPROVED]).facts == Ledger((), facts=[APPROVED, less]).facts == (APPROVED,)
    other = replace(APPROVED, figures=(("units", "116"),))
    with pytest.raises(IntegrityError, match="two sources differ on eip155:1:0xaa:fact approval 3"):
        Ledger((), facts=[APPROVED, other])


def test_facts_come_back_from_the_disk(tmp_path: Path) -> None:
    """As written, with every party and figure in order."""
    ledger = Ledger(world(), facts=[APPROVED, replace(APPROVED, order=4, parties=(), figures=())])
    write_ledger(ledger, tmp_path / "ledger.duckdb", "source")
    again = read_ledger(tmp_path / "ledger.duckdb", "source")
    assert again is not None
    assert again.facts == ledger.facts
