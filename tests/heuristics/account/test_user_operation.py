"""User operations: the sender acts; bundler and paymaster serve."""

from __future__ import annotations

from flowtrace.model import Class, Distinct, Fact, FactKind, Pattern
from flowtrace_heuristics.account.first_funder import first_funder
from flowtrace_heuristics.account.user_operation import MANY, user_operation
from towns.account import BOSS, ENTRY, KIDS
from towns.deeds import deed, town
from toytown import IDA, JON, NOBODY, Pay, who

BUNDLER, PAYMASTER = who("bundler"), who("paymaster")


def operations(senders: int) -> list[Fact]:
    """Return one operation of each sender, by one bundler and one paymaster."""
    return [
        deed(FactKind.USER_OPERATION, f"op-{n}", ("sender", who(f"sender {n}")), ("bundler", BUNDLER),
             ("paymaster", PAYMASTER), ENTRY, success="0" if n == 0 else "1")
        for n in range(senders)
    ]  # fmt: skip


def test_the_sender_is_the_actor() -> None:
    """Algorithms 2.7: "`tx.from` is the bundler, never the actor. Actor = `sender`"."""
    (found,) = user_operation(town(facts=operations(1)), NOBODY)
    assert isinstance(found, Pattern)
    assert (found.addresses[0], found.cls) == (who("sender 0"), Class.D)
    assert set(found.addresses[1:]) == {BUNDLER, PAYMASTER}
    assert (found.figure("operations"), found.figure("failed"), found.figure("served_by")) == ("1", "1", "2")


def test_public_services_are_distinct_from_whom_they_serve() -> None:
    """From ten senders on; below, somebody may serve himself."""
    for senders, distinct in ((MANY - 1, 0), (MANY, 2 * MANY)):
        found = user_operation(town(facts=operations(senders)), NOBODY)
        assert sum(isinstance(one, Distinct) for one in found) == distinct


def test_whoever_bundles_for_himself_is_no_other() -> None:
    """One address in both roles is distinct from nobody."""
    facts = [
        deed(FactKind.USER_OPERATION, f"op-{n}", ("sender", IDA), ("bundler", IDA), ENTRY)
        for n in range(MANY)
    ]
    (found,) = user_operation(town(facts=facts), NOBODY)
    assert isinstance(found, Pattern)
    assert found.addresses == (IDA,)


def test_a_paymaster_is_no_funder() -> None:
    """Algorithms 2.7: "Paymaster pays gas -> not a funder link"."""
    pays = [Pay("fund-1", BOSS, KIDS[0], 5), Pay("fund-2", BOSS, KIDS[1], 5)]
    known = [BOSS, *KIDS]
    serves = deed(
        FactKind.USER_OPERATION, "op", ("sender", JON), ("bundler", BUNDLER), ("paymaster", BOSS), ENTRY
    )
    assert first_funder(town(pays, known=known), NOBODY)
    assert not first_funder(town(pays, [serves], known=known), NOBODY)


def test_an_event_of_any_other_contract_says_nothing() -> None:
    """A thief's own contract may write the event: it neither parts his addresses nor hides his own."""
    fake = ("entry_point", who("a contract of the thief's"))
    facts = [
        deed(FactKind.USER_OPERATION, f"op-{n}", ("sender", who(f"sender {n}")), ("bundler", BOSS), fake)
        for n in range(MANY)
    ]
    assert not user_operation(town(facts=facts), NOBODY)
    pays = [Pay("fund-1", BOSS, KIDS[0], 5), Pay("fund-2", BOSS, KIDS[1], 5)]
    assert first_funder(town(pays, facts, known=[BOSS, *KIDS]), NOBODY)
