"""Solana: accounts that change hands, shared fee payers, and rent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.model import Class, Fact, FactKind, Pattern, SameOwner
from flowtrace_heuristics.account.solana_authority import solana_authority
from flowtrace_heuristics.account.solana_fee_payer import RELAYER, solana_fee_payer
from flowtrace_heuristics.account.solana_rent import MOST, solana_rent
from towns.account import PAYS, RENTS, SWAPPED
from towns.deeds import deed, solana, town
from toytown import ACME, NOBODY, label_of, register

BOSS, KID, PURSE = solana("boss"), solana("kid"), solana("purse")


@pytest.mark.parametrize("kind", ["account_owner", "accountOwner", "AccountOwner"])
def test_set_authority_moves_the_whole_balance(kind: str) -> None:
    """Algorithms 2.9: "`SetAuthority` changes owner without transfer (must be treated as a transfer ...)"."""
    (found,) = solana_authority(
        town(facts=[replace(SWAPPED, figures=(("type", kind), ("units", "7")))]), NOBODY
    )
    assert isinstance(found, Pattern)
    assert (found.name, found.cls) == ("whole balance moved", Class.D)
    assert found.addresses == (solana("ida"), solana("thief"), PURSE)
    assert (found.figure("units"), found.figure("asset")) == ("7", "not told")


def test_other_authorities_move_nothing() -> None:
    """To mint, to freeze, to close; and an owner that stays the same, or that is not told."""
    for kind in ("mint_tokens", "freeze_account", "close_account", ""):
        assert not solana_authority(town(facts=[replace(SWAPPED, figures=(("type", kind),))]), NOBODY)
    same = tuple((role, PURSE if role == "account" else solana("ida")) for role, _ in SWAPPED.parties)
    assert not solana_authority(town(facts=[replace(SWAPPED, parties=same)]), NOBODY)
    assert not solana_authority(town(facts=[replace(SWAPPED, parties=SWAPPED.parties[:2])]), NOBODY)


def test_a_shared_fee_payer_is_a_soft_link() -> None:
    """Algorithms 2.9: "shared fee payer is a SOFT link"."""
    (found,) = solana_fee_payer(town(facts=[PAYS]), NOBODY)
    assert isinstance(found, SameOwner)
    assert ({found.a, found.b}, found.soft) == ({BOSS, KID}, True)
    for one in (BOSS, KID):
        assert not solana_fee_payer(town(facts=[PAYS]), register(label_of(one, ACME)))


@pytest.mark.parametrize("signers", [RELAYER - 1, RELAYER])
def test_a_relayer_links_nobody(signers: int) -> None:
    """Algorithms 2.9: "unless the payer is a relayer (list by >= 1,000 distinct co-signers)"."""
    facts = [
        replace(PAYS, tx=f"t{n}", parties=(("payer", BOSS), ("signer", solana(f"{n}"))))
        for n in range(signers)
    ]
    found = solana_fee_payer(town(facts=facts), NOBODY)
    if signers < RELAYER:
        assert len(found) == signers
        return
    (relayer,) = found
    assert isinstance(relayer, Pattern)
    assert (relayer.name, relayer.figure("signers"), len(relayer.because)) == ("relayer", "1000", 50)


def closed(account: str, destination: str) -> Fact:
    """Return an account that is closed, its rent going to a destination."""
    return deed(
        FactKind.CLOSED,
        f"close-{account}",
        ("account", solana(account)),
        ("destination", solana(destination)),
    )


def test_rent_is_a_link_and_no_owner() -> None:
    """Algorithms 2.9: "rent payer ... = funding link"; "close-account destination returns rent (link)"."""
    owned = replace(RENTS, parties=(*RENTS.parties, ("owner", KID)))
    found = [
        one
        for one in solana_rent(town(facts=[owned, closed("purse", "kid")]), NOBODY)
        if isinstance(one, Pattern)
    ]
    assert {one.name: one.addresses for one in found} == {
        "rent paid": (BOSS, PURSE, KID),
        "rent returned": (KID, PURSE),
    }
    assert all(one.cls is Class.D for one in found)
    assert {one.detail.split(" ")[0] for one in found} == {"paid", "got"}


@pytest.mark.parametrize("accounts", [MOST - 1, MOST])
def test_public_payers_of_rent_are_left_out(accounts: int) -> None:
    """Who opens accounts for a thousand is a service, and no link."""
    facts = [
        replace(RENTS, tx=f"t{n}", parties=(("payer", BOSS), ("account", solana(f"{n}"))))
        for n in range(accounts)
    ]
    found = solana_rent(town(facts=facts), NOBODY)
    assert len(found) == (accounts < MOST)
    assert all(len(one.because) <= 50 for one in found if isinstance(one, Pattern))
    assert not solana_rent(town(facts=facts[:1]), register(label_of(BOSS, ACME)))
