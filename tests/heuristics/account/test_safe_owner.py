"""Who controls a Safe: its events one after the other, and a change of the code it runs."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import Class, Fact, FactKind, Finding, Pattern, SameOwner
from flowtrace_heuristics.account.safe_owner import safe_owner
from towns.account import SETUP
from towns.deeds import deed, town
from toytown import BOLT_HOT, CAROL, IDA, JON, NOBODY, SAM, who

SAFE, NEW_CODE = who("safe"), who("new code")


def found(*facts: Fact) -> tuple[Finding, ...]:
    """Return what is found of these facts."""
    return safe_owner(town(facts=facts), NOBODY)


def test_owners_control_and_are_not_one() -> None:
    """Algorithms 2.7: "Owner<->Safe is *control (k of n)*, not identity"."""
    (control,) = found(SETUP)
    assert isinstance(control, Pattern)
    assert (control.name, control.cls, control.addresses[0]) == ("controlled by", Class.D, SAFE)
    assert set(control.addresses[1:]) == {IDA, JON}
    assert (control.figure("threshold"), control.figure("owners")) == ("2", "2")
    assert not any(isinstance(one, SameOwner) for one in found(SETUP))


def test_owners_come_and_go() -> None:
    """What counts is who owns it after the last event, in chain order."""
    joins = deed(FactKind.SAFE_OWNER, "join", ("safe", SAFE), ("owner", SAM), height=110, threshold="3")
    leaves = deed(FactKind.SAFE_LEFT, "leave", ("safe", SAFE), ("owner", IDA), height=120)
    (control,) = found(leaves, joins, SETUP)
    assert isinstance(control, Pattern)
    assert set(control.addresses[1:]) == {JON, SAM}
    assert control.figure("threshold") == "3"
    assert control.because[-1] == leaves.id
    back = replace(leaves, height=90)
    (control,) = found(back, joins, SETUP)
    assert isinstance(control, Pattern)
    assert set(control.addresses[1:]) == {IDA, JON, SAM}


def test_a_new_set_up_begins_anew() -> None:
    """A Safe whose set-up is told again has only the owners told then."""
    anew = deed(FactKind.SAFE_SETUP, "anew", ("safe", SAFE), ("owner", CAROL), height=200)
    (control,) = found(SETUP, anew)
    assert isinstance(control, Pattern)
    assert (control.addresses, control.figure("threshold")) == ((SAFE, CAROL), "2")


def test_other_code_is_flagged() -> None:
    """Algorithms 2.7: "a Safe's implementation slot (slot 0) change is an event to flag"."""
    change = deed(
        FactKind.IMPLEMENTATION, "swap", ("proxy", SAFE), ("old", BOLT_HOT), ("new", NEW_CODE), height=300
    )
    names = {one.name: one for one in found(SETUP, change) if isinstance(one, Pattern)}
    assert set(names) == {"controlled by", "implementation changed"}
    flagged = names["implementation changed"]
    assert (flagged.addresses, flagged.figure("kind")) == ((SAFE, BOLT_HOT, NEW_CODE), "safe")
    (alone,) = found(change)
    assert isinstance(alone, Pattern)
    assert alone.figure("kind") == "proxy"


def test_facts_without_parties_tell_nothing() -> None:
    """A fact that names no Safe, or no owner, controls nothing."""
    assert not found(deed(FactKind.SAFE_SETUP, "odd", ("owner", IDA)))
    assert not found(deed(FactKind.SAFE_SETUP, "odd", ("safe", SAFE)))
    assert not found(deed(FactKind.IMPLEMENTATION, "odd", ("proxy", SAFE)))
