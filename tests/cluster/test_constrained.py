"""Clusters under constraints: what is held apart stays apart, by likelihood as by a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.cluster import clusters, constrained
from flowtrace.errors import InputError
from flowtrace.model import (
    Address,
    Category,
    Clustering,
    Distinct,
    Entity,
    Finding,
    SameOwner,
    finding_id,
)
from strategies import PEOPLE
from toytown import who

SCORES = ("", "0.5", "0.60", "0.6", "0.99", "1")
pairs = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))
rules = st.sampled_from(("toy/1", "toy/2"))
same = st.builds(
    lambda pair, by, score, soft: SameOwner(pair[0], pair[1], by, ("tx",), soft=soft, score=score),
    pairs,
    rules,
    st.sampled_from(SCORES),
    st.sampled_from((False, False, False, True)),
)
distinct = st.builds(
    lambda pair, by, score: Distinct(pair[0], pair[1], by, ("tx",), score=score),
    pairs,
    rules,
    st.sampled_from(SCORES),
)
told = st.lists(same | same | distinct, max_size=14)
A1, A2, B1, B2, C1, X = (who(name) for name in ("a1", "a2", "b1", "b2", "c1", "x"))
CUF_1 = (
    SameOwner(A1, A2, "multi_input/1", ("tx0",)),
    SameOwner(B1, B2, "multi_input/1", ("tx9",)),
    SameOwner(A1, C1, "change/1", ("tx1",), score=".99"),
    Distinct(A1, B1, "change/1", ("tx1",), score=".99"),
    SameOwner(B1, C1, "change/1", ("tx2",), score=".60"),
    Distinct(B1, X, "change/1", ("tx2",), score=".60"),
)


def groups(found: Clustering) -> set[frozenset[Address]]:
    """Return the clusters without their reasons."""
    return {frozenset(cluster.members) for cluster in found.clusters}


def test_vector_cuf_1() -> None:
    """Algorithms 1.4, vector CUF-1: merge(a,c1) MERGED, merge(b,c1) BLOCKED because of cannot(a,b) of tx1."""
    found = clusters(CUF_1)
    assert groups(found) == {frozenset((A1, A2, C1)), frozenset((B1, B2))}
    (blocked,) = found.blocked
    assert blocked.finding == CUF_1[4]
    assert blocked.against == (CUF_1[3],)
    assert found.conflicts == found.queued == ()
    assert found.why(A2, C1) == (CUF_1[0], CUF_1[2])
    assert found.why(A1, B1) is None


def test_the_surer_of_two_changes_wins() -> None:
    """With the scores turned round the other merge goes through, whatever the order they come in."""
    turned = [replace(one, score={".99": ".60", ".60": ".99", "": ""}[one.score]) for one in CUF_1]
    found = clusters(reversed(turned))
    assert groups(found) == {frozenset((A1, A2)), frozenset((B1, B2, C1))}
    assert [refused.finding for refused in found.blocked] == [turned[2]]


def test_a_distinct_that_contradicts_certainty_is_a_conflict() -> None:
    """A Distinct between addresses that surer findings have joined is reported, never dropped."""
    apart = Distinct(C1, A1, "change/1", ("tx3",), score="0.9")
    certain = [SameOwner(A1, A2, "mi/1", ("tx1",)), SameOwner(A2, C1, "mi/1", ("tx2",))]
    found = clusters([*certain, apart])
    assert groups(found) == {frozenset((A1, A2, C1))}
    (conflict,) = found.conflicts
    assert conflict.finding == apart
    assert set(conflict.against) == set(certain)
    assert "2 findings" in conflict.why


def test_soft_findings_wait_for_a_person() -> None:
    """A soft finding joins nothing until accepted; a cannot-link stands against it even then."""
    soft = SameOwner(A1, B1, "gas/1", ("tx",), soft=True, score="0.6")
    apart = Distinct(A1, B1, "change/1", ("tx",), score="0.5")
    assert groups(clusters([soft])) == set()
    assert groups(clusters([soft], accepted=[finding_id(soft)])) == {frozenset((A1, B1))}
    held = clusters([soft, apart], accepted=[finding_id(soft)])
    assert groups(held) == set()
    assert [refused.against for refused in held.blocked] == [(apart,)]
    freed = clusters([soft, apart], accepted=[finding_id(soft)], rejected=[finding_id(apart)])
    assert groups(freed) == {frozenset((A1, B1))}


def entities(address: Address) -> Entity | None:
    """Return who an address is: two exchanges, and a victim, who is no service."""
    exchanges = {A1: "kraken", B1: "binance", B2: "binance"}
    if address in exchanges:
        return Entity(exchanges[address], exchanges[address].title(), Category.EXCHANGE)
    return Entity("ann", "Ann", Category.VICTIM) if address == C1 else None


def test_likelihood_joins_no_two_services() -> None:
    """Algorithms 1.4, guard (i): no merge of two service tags by likelihood; by certainty it is told."""
    likely = SameOwner(A1, B1, "change/1", ("tx",), score="0.99")
    refused = clusters([likely], entity_of=entities)
    assert groups(refused) == set()
    assert "kraken and of binance" in refused.blocked[0].why
    assert groups(clusters([likely], entity_of=entities, accepted=[finding_id(likely)])) == {
        frozenset((A1, B1))
    }
    same_service = SameOwner(B1, B2, "change/1", ("tx",), score="0.5")
    no_service = SameOwner(A1, C1, "change/1", ("tx",), score="0.5")
    found = clusters([same_service, no_service], entity_of=entities)
    assert groups(found) == {frozenset((B1, B2)), frozenset((A1, C1))}
    certain = SameOwner(A1, B1, "mi/1", ("tx",))
    joined = clusters([certain], entity_of=entities)
    assert groups(joined) == {frozenset((A1, B1))}
    assert [conflict.finding for conflict in joined.conflicts] == [certain]


def test_a_cluster_of_unheard_size_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """Algorithms 1.4, guard (ii): above the size and 50 times the median growth it waits for review."""
    monkeypatch.setattr(constrained, "UNHEARD", 60)
    people = [who(f"p{number}") for number in range(70)]
    chain = [SameOwner(one, other, "mi/1", ("tx",)) for one, other in pairwise(people[:60])]
    ends = [SameOwner(people[0], other, "change/1", ("tx",), score="0.9") for other in people[60:]]
    found = clusters([*chain, *ends])
    assert len(found.clusters[0].members) == 60
    assert [refused.finding for refused in found.queued] == sorted(ends, key=lambda finding: finding.b)
    assert "61 addresses" in found.queued[0].why
    reviewed = clusters([*chain, *ends], accepted=[finding_id(ends[0])])
    assert len(reviewed.clusters[0].members) == 61
    assert len(reviewed.queued) == len(ends) - 1


@pytest.mark.parametrize("score", ["much", "1.1", "-0.1", "NaN", "Infinity"])
def test_a_score_that_is_no_share(score: str) -> None:
    """A score that is no number from 0 to 1 is refused in words."""
    with pytest.raises(InputError, match="share from 0 to 1"):
        clusters([SameOwner(A1, B1, "toy/1", ("tx",), score=score)])


@given(told.flatmap(lambda found: st.tuples(st.just(found), st.permutations([*found, *found]))))
def test_order_changes_nothing(both: tuple[list[Finding], list[Finding]]) -> None:
    """Same findings, same outcome with every refusal, in any order and any number of times."""
    found, shuffled = both
    assert clusters(found) == clusters(shuffled)


@given(told, st.data())
def test_rejecting_is_building_without(found: list[Finding], data: st.DataObject) -> None:
    """A rejected finding leaves no trace: the outcome is that of the others alone."""
    gone = data.draw(st.sets(st.sampled_from(found))) if found else set()
    ids = {finding_id(finding) for finding in gone}
    left = [finding for finding in found if finding_id(finding) not in ids]
    assert clusters(found, rejected=ids) == clusters(left)


@given(told, st.data())
def test_no_cannot_link_is_ever_violated(found: list[Finding], data: st.DataObject) -> None:
    """Algorithms 1.4: "refuse a merge that violates a cannot-link": each holds, or is told as a conflict."""
    accepted = data.draw(st.sets(st.sampled_from(found))) if found else set()
    outcome = clusters(found, accepted={finding_id(finding) for finding in accepted})
    conflicts = {refused.finding for refused in outcome.conflicts}
    for finding in found:
        if isinstance(finding, Distinct):
            together = finding.a == finding.b or any({finding.a, finding.b} <= one for one in groups(outcome))
            assert together == (finding in conflicts)
    for refused in outcome.blocked:
        (apart,) = refused.against
        assert isinstance(apart, Distinct)
        assert apart not in conflicts


@given(told)
def test_every_finding_is_accounted_for(found: list[Finding]) -> None:
    """Each finding that may join is a reason of a cluster or told as refused; none is dropped silently."""
    outcome = clusters(found)
    reasons = {finding for cluster in outcome.clusters for finding in cluster.because}
    refused = {one.finding for one in (*outcome.blocked, *outcome.queued)}
    assert not reasons & refused
    for finding in found:
        if isinstance(finding, SameOwner) and not finding.soft and finding.a != finding.b:
            assert finding in reasons | refused
        elif isinstance(finding, SameOwner) and finding.soft:
            assert finding not in reasons | refused
    assert set(outcome.forest) <= reasons


@given(told)
def test_it_is_the_specification_by_hand(found: list[Finding]) -> None:
    """The same groups and refusals as of a telling with sets and no union-find at all."""
    outcome = clusters(found)
    expected, blocked = by_hand(found)
    assert groups(outcome) == expected
    assert {refused.finding for refused in outcome.blocked} == blocked


def by_hand(found: Sequence[Finding]) -> tuple[set[frozenset[Address]], set[Finding]]:
    """Return the groups and what is blocked, every pair of groups asked about every cannot-link."""
    groups_of = {address: frozenset((address,)) for address in PEOPLE}

    def join(finding: SameOwner) -> None:
        both = groups_of[finding.a] | groups_of[finding.b]
        groups_of.update(dict.fromkeys(both, both))

    owners = sorted(
        {finding for finding in found if isinstance(finding, SameOwner) and not finding.soft},
        key=lambda finding: (finding.by, finding.a, finding.b, finding.because, finding.score),
    )
    for finding in owners:
        if not finding.score:
            join(finding)
    apart = [finding for finding in found if isinstance(finding, Distinct)]
    standing = [finding for finding in apart if finding.b not in groups_of[finding.a]]
    blocked = set[Finding]()
    for finding in sorted((one for one in owners if one.score), key=lambda one: -Decimal(one.score)):
        first, second = groups_of[finding.a], groups_of[finding.b]
        if first != second and any(
            (one.a in first and one.b in second) or (one.b in first and one.a in second) for one in standing
        ):
            blocked.add(finding)
        else:
            join(finding)
    return {group for group in groups_of.values() if len(group) > 1}, blocked


@given(told)
def test_ids_name_findings(found: list[SameOwner | Distinct]) -> None:
    """Two findings have one id only where they say the same of the same pair."""
    for one in found:
        for other in found:
            turned = replace(other, a=other.b, b=other.a)
            assert (finding_id(one) == finding_id(other)) == (one in {other, turned})


def test_an_id_is_the_same_everywhere() -> None:
    """Issue: findings named on a command line survive a rebuild: the id is pinned."""
    finding = SameOwner(A1, A2, "multi_input/1", ("eip155:1:0x1:0",))
    assert finding_id(finding) == finding_id(replace(finding, a=A2, b=A1)) == "94e174acc6384aa5"
