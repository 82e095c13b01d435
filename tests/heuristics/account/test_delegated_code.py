"""Accounts that run others' code: compromised by a label, never one with their sponsor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.model import Category, Class, Distinct, Entity, FactKind, Finding, Pattern
from flowtrace_heuristics.account.delegated_code import MANY, delegated_code
from towns.account import DELEGATES
from towns.deeds import deed, town
from toytown import IDA, JON, NOBODY, Register, label_of, register, who

CODE = who("code")
THIEF = Entity("thief", "Thief", Category.PERPETRATOR)


def found(attribution: Register, chain: str = "1") -> tuple[Finding, ...]:
    """Return what is found of one delegation."""
    return delegated_code(town(facts=[replace(DELEGATES, figures=(("chain", chain),))]), attribution)


def test_a_delegation_is_a_fact() -> None:
    """EIP-7702: the account runs the delegate's code; nothing says whose the sponsor is."""
    (pattern,) = found(NOBODY)
    assert isinstance(pattern, Pattern)
    assert (pattern.name, pattern.addresses, pattern.cls) == ("delegated code", (IDA, CODE), Class.D)


@pytest.mark.parametrize("asserted", [False, True])
def test_a_known_sweeper_means_a_compromised_account(asserted: bool) -> None:  # noqa: FBT001
    """Algorithms 2.7: "delegate to a known sweeper = compromised wallet"; a mere claim names none."""
    known = register(label_of(CODE, THIEF, asserted=asserted))
    names = {one.name: one.cls for one in found(known) if isinstance(one, Pattern)}
    assert names == ({"delegated code": Class.D} if asserted else {"compromised by delegation": Class.P})
    apart = [(one.a, one.b) for one in found(known) if isinstance(one, Distinct)]
    assert apart == ([] if asserted else [tuple(sorted((IDA, JON)))])


def test_a_label_in_words_tells_a_sweeper() -> None:
    """Label books name a sweeper in the text, whatever the category."""
    label = replace(label_of(CODE, THIEF), text="7702 Sweeper #3", category=Category.OTHER)
    assert any(
        one.name.startswith("compromised") for one in found(register(label)) if isinstance(one, Pattern)
    )


def test_chain_0_holds_everywhere() -> None:
    """Algorithms 2.7: "chain_id 0 = valid on all chains"."""
    for chain, words in (("0", "every chain"), ("1", "this chain")):
        (pattern,) = found(NOBODY, chain)
        assert isinstance(pattern, Pattern)
        assert words in pattern.detail


def test_a_public_sponsor_is_none_of_those_it_serves() -> None:
    """Algorithms 2.7: "Never union sponsor and authority"; from ten accounts on they are distinct."""
    facts = [
        deed(
            FactKind.AUTHORISATION,
            f"sign-{n}",
            ("authority", who(f"owner {n}")),
            ("delegate", CODE),
            ("sponsor", JON),
        )
        for n in range(MANY)
    ]
    several = delegated_code(town(facts=facts), NOBODY)
    assert sum(isinstance(one, Distinct) for one in several) == MANY
    assert not any(isinstance(one, Distinct) for one in delegated_code(town(facts=facts[1:]), NOBODY))
