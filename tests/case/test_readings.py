"""What the heuristics find in a case: switched by the case, decided on by a person, kept in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from case.shared_deposit import OTHER, shared_deposit
from flowtrace import Case, InputError
from flowtrace.case.readings import DECIDED
from flowtrace.model import Role, RoleName, SameOwner, finding_id


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A case with one pair of owners."""
    return shared_deposit(tmp_path)


def pair(case: Case) -> SameOwner:
    """Return the one finding that joins two addresses."""
    _, found = case.cluster()
    (one,) = (finding for finding in found.findings if isinstance(finding, SameOwner))
    return one


def test_a_case_is_clustered_with_the_reason_of_every_union(case: Case) -> None:
    """Issue 5: "shows clusters with the reason for every union (transaction, heuristic, version)"."""
    clustering, found = case.cluster()
    (cluster,) = clustering.clusters
    assert OTHER in [address.account for address in cluster.members]
    assert clustering.why(*cluster.members) == cluster.because == (pair(case),)
    assert pair(case).by in {heuristic.by for heuristic in found.heuristics}
    assert all(name.startswith("eip155:1:0x") for name in pair(case).because)


def test_a_heuristic_switched_off_finds_nothing(case: Case) -> None:
    """Off for one run, or in case.toml for good; one that is not installed is named."""
    clustering, found = case.cluster(off=["deposit_reuse"])
    assert not clustering.clusters
    assert not any(isinstance(one, Role) and one.role is RoleName.DEPOSIT for one in found.findings)
    text = case.folder / "case.toml"
    held = text.read_text(encoding="utf-8")
    text.write_text(held + '\n[heuristics]\noff = ["deposit_reuse"]\n', encoding="utf-8")
    assert not Case.open(case.folder).cluster()[0].clusters
    assert Case.open(case.folder).cluster(on=["deposit_reuse"])[0].clusters
    text.write_text(held + '\n[heuristics]\noff = ["depositreuse"]\n', encoding="utf-8")
    with pytest.raises(
        InputError, match=r"no heuristic 'depositreuse' is installed; there are .*deposit_reuse"
    ):
        Case.open(case.folder).cluster()


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('off = "deposit_reuse"', "heuristics.off is not a list of ids"),
        ('of = ["deposit_reuse"]', "unknown setting heuristics.of; known are off, on"),
        ('off = ["a"]\non = ["a"]', "the heuristic a is switched both off and on"),
    ],
)
def test_a_switch_written_wrong_is_named(case: Case, table: str, why: str) -> None:
    """Bad input names the item and what to do."""
    text = case.folder / "case.toml"
    text.write_text(text.read_text(encoding="utf-8") + f"\n[heuristics]\n{table}\n", encoding="utf-8")
    with pytest.raises(InputError, match=why):
        Case.open(case.folder)


def test_a_rejected_finding_counts_no_more_and_stays_listed(case: Case) -> None:
    """Design 4: a person's decision is "kept beside, never instead"; the last word counts."""
    named = finding_id(pair(case))
    decided = case.decide(named[:6], accept=False, who="an analyst", why="they are two people")
    assert finding_id(decided) == named
    clustering, found = case.cluster()
    assert not clustering.clusters
    assert [finding_id(one) for one in found.rejected] == [named]
    assert (found.decisions[named].who, found.decisions[named].why) == ("an analyst", "they are two people")
    case.decide(named, accept=True, who="an analyst", why="they are one after all")
    assert case.cluster()[0].clusters
    with case.store() as store:
        assert [entry["accepted"] for entry in store.noted(DECIDED)] == [0, 1]


def test_a_decision_changes_the_result_and_its_digest(case: Case) -> None:
    """A rejected deposit address is followed like any other, and the digest tells two results apart."""
    before = case.result
    _, found = case.cluster()
    (role,) = (one for one in found.findings if isinstance(one, Role) and one.role is RoleName.DEPOSIT)
    assert any(deposit.hop.target == role.address for deposit in before.trace.deposits)
    case.decide(finding_id(role), accept=False, who="an analyst", why="the exchange says it is not theirs")
    after = case.result
    assert not after.trace.deposits
    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("", "a", "b"), "have an id that begins so"),
        (("zz", "a", "b"), "no finding has such an id"),
        ((None, "", "b"), "who makes it and why"),
        ((None, "a", " "), "who makes it and why"),
    ],
)
def test_a_decision_without_person_reason_or_finding_is_refused(
    case: Case, words: tuple[str | None, str, str], told: str
) -> None:
    """A word nobody gives for no reason is none."""
    named, who, why = words
    with pytest.raises(InputError, match=told):
        case.decide(finding_id(pair(case)) if named is None else named, accept=True, who=who, why=why)
