"""Approvals: recorded as they are; one owner only with coin that went both ways before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.ledger import Ledger
from flowtrace.model import Class, FactKind, Pattern, SameOwner
from flowtrace_heuristics.account.self_authorisation import MOST_OWNERS, self_authorisation
from towns.account import approved
from towns.deeds import deed, town
from toytown import IDA, JON, NOBODY, REGISTER, SWIRL, USDC, Pay, who


def names(ledger: Ledger) -> list[str]:
    """Return the patterns found, and the word "one owner" for each pair joined."""
    found = self_authorisation(ledger, REGISTER)
    return sorted(one.name if isinstance(one, Pattern) else "one owner" for one in found)


def test_an_approval_alone_never_joins() -> None:
    """Algorithms 2.3: "require an additional independent link, otherwise emit "authorised-by"."""
    (found,) = self_authorisation(approved(JON, friends=False), NOBODY)
    assert isinstance(found, Pattern)
    assert (found.name, found.addresses, found.cls) == ("authorised by", (IDA, JON), Class.D)


def test_coin_both_ways_before_is_a_link_besides() -> None:
    """And even then it is shown to a person, and joins nothing by itself."""
    (found,) = (one for one in self_authorisation(approved(JON), NOBODY) if isinstance(one, SameOwner))
    assert ((found.a, found.b), found.soft) == ((IDA, JON), True)
    assert [name.split(":")[2] for name in found.because] == ["approve", "hand", "hand-back"]


def test_coin_after_the_approval_is_no_link_before() -> None:
    """A thief may well send a little back."""
    early = approved(JON)
    facts = [replace(one, height=101) for one in early.facts]
    assert names(Ledger(early, facts=facts)) == ["authorised by"]


def test_what_the_spender_took_is_counted() -> None:
    """The phishing caveat: token transfers to the spender since the approval stand in the figures."""
    facts = approved(JON).facts
    pays = [
        Pay("before", IDA, JON, 1, asset=USDC, height=150),
        Pay("taken", IDA, JON, 5, asset=USDC, height=250),
        Pay("own", JON, IDA, 1, height=300),
    ]
    (found,) = self_authorisation(town(pays, facts), NOBODY)
    assert isinstance(found, Pattern)
    assert found.figure("token_transfers_to_the_spender_since") == "1"
    assert [name.split(":")[2] for name in found.because] == ["approve", "taken"]


def test_services_contracts_and_revocations_are_left_out() -> None:
    """Algorithms 2.3: "both EOAs and neither is a service"; an approval of nothing takes one back."""
    assert not names(approved(SWIRL))
    silent = Ledger((one for one in approved(JON) if one.kind != "fee"), facts=approved(JON).facts)
    assert not names(silent)
    nothing = [replace(one, figures=(("units", "0"),)) for one in approved(JON).facts]
    assert not names(Ledger(approved(JON), facts=nothing))


@pytest.mark.parametrize("owners", [MOST_OWNERS, MOST_OWNERS + 1])
def test_many_owners_are_somebodys_victims_or_customers(owners: int) -> None:
    """Algorithms 2.3: "owner count per spender small (use <= 10 `[M]`)"."""
    people = [who(f"owner {number}") for number in range(owners)]
    pays = [
        pay
        for n, one in enumerate(people)
        for pay in (Pay(f"to-{n}", one, JON, 5), Pay(f"back-{n}", JON, one, 4))
    ]
    facts = [
        deed(FactKind.APPROVAL, f"ok-{n}", ("owner", one), ("spender", JON), height=900, units="5")
        for n, one in enumerate(people)
    ]
    joined = names(town(pays, facts)).count("one owner")
    assert joined == (owners if owners == MOST_OWNERS else 0)


def test_odd_facts_tell_nothing() -> None:
    """An approval of oneself, or one that names nobody."""
    pays = [Pay("x", IDA, JON, 5)]
    assert not names(town(pays, [deed(FactKind.APPROVAL, "self", ("owner", IDA), ("spender", IDA))]))
    assert not names(town(pays, [deed(FactKind.APPROVAL, "half", ("owner", IDA))]))
