"""TRON: lent energy, activations and moved keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.ledger import Ledger
from flowtrace.model import Class, FactKind, Pattern, SameOwner
from flowtrace_heuristics.account.tron_activation import MOST, tron_activation
from flowtrace_heuristics.account.tron_permission import tron_permission
from flowtrace_heuristics.account.tron_resource import (
    FEW,
    LEAST_PACKS,
    MONTH,
    MOST_RECEIVERS,
    REPEATS,
    WITHIN,
    tron_resource,
)
from towns.account import ACTIVATES, MOVED_KEY, lent
from towns.deeds import START, deed, town, tron
from toytown import ACME, NOBODY, label_of, register

LENDER, MULE = tron("lender"), tron("mule")


def sold(receivers: int, *, apart: int = 60, units: str = "") -> Ledger:
    """Return so many loans to as many accounts, one every so many seconds."""
    return town(facts=[
        deed(FactKind.RESOURCE, f"sold-{n}", ("owner", LENDER), ("receiver", tron(f"customer {n}")),
             height=n, time=START + apart * n, units=units or str(n))
        for n in range(receivers)
    ])  # fmt: skip


def test_a_lender_before_every_move_is_the_operator() -> None:
    """Algorithms 2.8: "repeated delegation before each USDT move is a strong *operator* link"."""
    (found,) = tron_resource(lent(10), NOBODY)
    assert isinstance(found, SameOwner)
    assert ({found.a, found.b}, found.soft) == ({LENDER, MULE}, True)
    assert [name.split(":")[1:3] for name in found.because[:2]] == [
        ["0x2b6653dc", "loan-1"],
        ["0x2b6653dc", "move-1"],
    ]


@pytest.mark.parametrize(("blocks", "finds"), [(WITHIN // 12, True), (WITHIN // 12 + 1, False)])
def test_the_loan_comes_just_before(blocks: int, finds: bool) -> None:  # noqa: FBT001
    """A loan long before serves something else."""
    assert bool(tron_resource(lent(blocks), NOBODY)) is finds


def test_it_happens_again_and_again() -> None:
    """Three times at least, and for half of all that the account moves."""
    whole = lent(10)
    few = [one for one in whole.facts if one.tx in {f"loan-{n}" for n in range(1, REPEATS)}]
    assert not tron_resource(Ledger(whole, facts=few), NOBODY)
    more = [replace(one, tx=f"{one.tx}-{n}", height=one.height + 200 + n) for one in whole for n in range(2)]
    assert not tron_resource(Ledger([*whole, *more], facts=whole.facts), NOBODY)


def test_marketplaces_operate_nobody() -> None:
    """Algorithms 2.8: "> 500 distinct receivers/month, equal packs of 65,000/131,000"."""
    (many,) = tron_resource(sold(MOST_RECEIVERS + 1), NOBODY)
    (packs,) = tron_resource(sold(LEAST_PACKS, units="65000"), NOBODY)
    for found in (many, packs):
        assert isinstance(found, Pattern)
        assert (found.name, found.addresses) == ("energy marketplace", (LENDER,))
        assert len(found.because) <= 50
    assert not tron_resource(sold(MOST_RECEIVERS), NOBODY)
    assert not tron_resource(sold(MOST_RECEIVERS + 1, apart=MONTH // MOST_RECEIVERS + 1), NOBODY)
    assert not tron_resource(sold(LEAST_PACKS - 1, units="65000"), NOBODY)


def test_a_lender_to_many_others_is_not_private() -> None:
    """Few receivers: a lender with more, though no marketplace yet, operates nobody."""
    whole = lent(10)
    for others, finds in ((FEW - 1, True), (FEW, False)):
        facts = [*whole.facts, *sold(others).facts]
        assert bool(tron_resource(Ledger(whole, facts=facts), NOBODY)) is finds


def test_labelled_lenders_are_left_out() -> None:
    """A service that is known lends to its customers."""
    assert not tron_resource(lent(10), register(label_of(LENDER, ACME)))
    assert not tron_resource(lent(10), register(label_of(MULE, ACME)))


def test_who_paid_for_an_account_to_exist() -> None:
    """Algorithms 2.8: "account activation (first TRX sender)": told, no owner."""
    (found,) = tron_activation(town(facts=[ACTIVATES]), NOBODY)
    assert isinstance(found, Pattern)
    assert (found.name, found.cls, found.addresses) == ("activated", Class.D, (tron("boss"), tron("kid")))
    assert not tron_activation(town(facts=[ACTIVATES]), register(label_of(tron("boss"), ACME)))
    for accounts in (MOST, MOST + 1):
        facts = [
            replace(ACTIVATES, tx=f"t{n}", parties=(ACTIVATES.parties[0], ("account", tron(f"{n}"))))
            for n in range(accounts)
        ]
        assert bool(tron_activation(town(facts=facts), NOBODY)) is (accounts == MOST)


@pytest.mark.parametrize(("keys", "permission", "name"), [
    (("thief",), "owner", "owner key moved"),
    (("thief", "ida"), "owner", "owner key shared"),
    (("thief",), "active", ""),
    (("ida",), "owner", ""),
    ((), "owner", ""),
    (("thief",), "", "owner key moved"),
])  # fmt: skip
def test_whose_key_moves_it(keys: tuple[str, ...], permission: str, name: str) -> None:
    """Algorithms 2.8: "`AccountPermissionUpdate`: owner key moved to another address = takeover/multisig"."""
    parties = (("owner", tron("ida")), *(("key", tron(key)) for key in keys))
    fact = replace(MOVED_KEY, parties=parties, figures=(("permission", permission), ("threshold", "2")))
    found = tron_permission(town(facts=[fact]), NOBODY)
    assert [one.name for one in found if isinstance(one, Pattern)] == ([name] if name else [])
    assert all(one.figure("threshold") == "2" for one in found if isinstance(one, Pattern))
