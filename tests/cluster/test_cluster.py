"""Same-owner findings into clusters, where nothing holds them apart."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.cluster import clusters
from flowtrace.model import SameOwner, finding_id
from flowtrace_heuristics.account.deposit_reuse import deposit_reuse
from strategies import PEOPLE
from toytown import IDA, JON, REGISTER, who, world

pairs = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))
owners = st.lists(
    st.builds(
        lambda pair, by, tx: SameOwner(pair[0], pair[1], by, (tx,)),
        pairs,
        st.sampled_from(("toy/1", "toy/2")),
        st.sampled_from(("tx1", "tx2")),
    ),
    max_size=12,
)


def test_vector_mi_1() -> None:
    """Algorithms 1.1, vector MI-1: tx1 {a1,a2}, tx2 {a2,a3}; tx3 {b1,b2} is collaborative, so no finding."""
    a1, a2, a3 = sorted(who(name) for name in ("a1", "a2", "a3"))
    tx1, tx2 = SameOwner(a1, a2, "multi_input/1", ("tx1",)), SameOwner(a2, a3, "multi_input/1", ("tx2",))
    found = clusters([tx2, tx1])
    (cluster,) = found.clusters
    assert cluster.members == (a1, a2, a3)
    assert cluster.because == found.forest == (tx1, tx2)
    assert found.why(a1, a3) == (tx1, tx2)
    assert found.why(a3, a1) == (tx2, tx1)


def test_vector_mi_1_with_the_guard_as_a_soft_finding() -> None:
    """The same where tx3 is told as a soft finding: shown, never merged, until a person accepts it."""
    a1, a2, a3, b1, b2 = (who(name) for name in ("a1", "a2", "a3", "b1", "b2"))
    tx1, tx2 = SameOwner(a1, a2, "multi_input/1", ("tx1",)), SameOwner(a2, a3, "multi_input/1", ("tx2",))
    tx3 = SameOwner(b1, b2, "multi_input/1", ("tx3",), soft=True)
    found = clusters([tx1, tx2, tx3])
    assert {frozenset(one.members) for one in found.clusters} == {frozenset((a1, a2, a3))}
    assert found.why(b1, b2) is None
    assert found.blocked == found.conflicts == found.queued == ()
    accepted = clusters([tx1, tx2, tx3], accepted=[finding_id(tx3)])
    assert {frozenset(one.members) for one in accepted.clusters} == {
        frozenset((a1, a2, a3)),
        frozenset((b1, b2)),
    }


def test_nothing_joins_nothing() -> None:
    """Without findings there are no clusters, and a finding of an address with itself joins nobody."""
    assert clusters([]).clusters == ()
    found = clusters([SameOwner(IDA, IDA, "toy/1", ("tx",))])
    assert found.clusters == ()
    assert found.forest == found.why(IDA, IDA) == ()
    assert found.why(IDA, JON) is None


def test_toytown_has_one_cluster() -> None:
    """Ida and Jon share a deposit address, and the cluster holds the finding that says so."""
    found = [f for f in deposit_reuse(world(), REGISTER) if isinstance(f, SameOwner)]
    (cluster,) = clusters(found).clusters
    assert cluster.members == tuple(sorted((IDA, JON)))
    assert cluster.because == tuple(found)


@given(owners)
def test_clusters_are_the_connected_components(found: list[SameOwner]) -> None:
    """Algorithms 1.1: "Transitive closure by union-find", checked against networkx."""
    graph: nx.Graph[object] = nx.Graph((f.a, f.b) for f in found)
    groups = {frozenset(group) for group in nx.connected_components(graph) if len(group) > 1}
    assert {frozenset(cluster.members) for cluster in clusters(found).clusters} == groups


@given(owners.flatmap(lambda found: st.tuples(st.just(found), st.permutations([*found, *found]))))
def test_the_order_of_findings_changes_nothing(both: tuple[list[SameOwner], list[SameOwner]]) -> None:
    """Same evidence, same clusters: findings in any order and any number of times."""
    found, shuffled = both
    assert clusters(found) == clusters(shuffled)


@given(owners)
def test_every_union_keeps_its_reasons(found: list[SameOwner]) -> None:
    """Algorithms 1.1: "Each union stores (heuristic_id, version, txid)", the redundant ones too."""
    held = clusters(found).clusters
    joined = {address for cluster in held for address in cluster.members}
    assert {f for cluster in held for f in cluster.because} == {f for f in found if f.a in joined}
    for cluster in held:
        assert list(cluster.members) == sorted(cluster.members)
        assert all({f.a, f.b} <= set(cluster.members) for f in cluster.because)
    assert [cluster.members[0] for cluster in held] == sorted(cluster.members[0] for cluster in held)


@given(owners)
def test_the_forest_is_a_path_query(found: list[SameOwner]) -> None:
    """Algorithms 1.1: a spanning forest of evidence, so that "why are X and Y together" is a path query."""
    told = clusters(found)
    assert len(told.forest) == sum(len(cluster.members) - 1 for cluster in told.clusters)
    for a in PEOPLE:
        for b in PEOPLE:
            way = told.why(a, b)
            together = a == b or any({a, b} <= set(cluster.members) for cluster in told.clusters)
            assert (way is not None) == together
            here = a
            for step in way or ():
                assert here in {step.a, step.b}
                here = step.b if here == step.a else step.a
            assert way is None or here == b


@given(owners)
def test_one_finding_fewer_never_joins_more(found: list[SameOwner]) -> None:
    """A finding can be revoked by building anew without it: what is left is as fine or finer."""
    whole = [set(cluster.members) for cluster in clusters(found).clusters]
    for cluster in clusters(found[1:]).clusters:
        assert any(set(cluster.members) <= group for group in whole)
