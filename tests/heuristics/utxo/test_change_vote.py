"""The vote: who is one owner with the payer, who is not, and in which order a careful union hears it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Distinct, SameOwner
from flowtrace_heuristics.utxo.change import Vote
from flowtrace_heuristics.utxo.change_vote import change_vote, score
from flowtrace_heuristics.utxo.multi_input import multi_input
from towns.change import ch_1, ch_2, mixed
from towns.purse import Purse, holder, paid
from toytown import NOBODY

ONE = 10**8


def cuf_1() -> Ledger:
    """Algorithms CUF-1: a pays b and keeps change at c; later b pays x and keeps change at c as well."""
    purse = Purse()
    purse.spend("old", [paid("elder", 9 * ONE)], [paid("b1", ONE), paid("x", 7 * ONE)], height=700_000)
    purse.spend(
        "tx1",
        [paid("a1", ONE), paid("a2", ONE)],
        [paid("c1", 49_991_234), paid("b1", 150_000_000)],
        height=800_000,
    )
    purse.spend(
        "tx2",
        ["tx1:1", paid("b2", 140_000_000)],
        [paid("c1", 89_991_234), paid("x", 2 * ONE)],
        height=810_000,
    )
    return purse.ledger()


def test_vector_cuf_1() -> None:
    """Algorithms CUF-1: "merge(a,c1) MERGED, merge(b,c1) BLOCKED by tx2"; final {a1,a2,c1},{b1,b2},{x}."""
    found = change_vote(cuf_1(), NOBODY)
    a, b, c, x = (holder(name) for name in ("a1", "b1", "c1", "x"))
    said = {
        (type(one), one.a, one.b, one.because[0].split(":")[2])
        for one in found
        if isinstance(one, (SameOwner, Distinct))
    }
    assert said == {
        (SameOwner, a, c, "tx1"), (Distinct, a, b, "tx1"), (SameOwner, b, c, "tx2"), (Distinct, b, x, "tx2"),
    }  # fmt: skip
    scores = {one.because[0].split(":")[2]: one.score for one in found if isinstance(one, SameOwner)}
    assert scores["tx1"] > scores["tx2"]
    assert clusters_of(cuf_1()) == [{"a1", "a2", "c1"}, {"b1", "b2"}, {"x"}]


def clusters_of(ledger: Ledger) -> list[set[str]]:
    """Join as section 1.4 says, the slow and plain way: the distinct first, then the surest links."""
    joined = [{one.a, one.b} for one in multi_input(ledger, NOBODY) if isinstance(one, SameOwner)]
    sides: list[set[Address]] = [*joined, *({address} for address in ledger.addresses)]
    groups: list[set[Address]] = []
    for side in sides:
        met = [group for group in groups if group & side]
        groups = [group for group in groups if not group & side] + [side.union(*met)]
    found = change_vote(ledger, NOBODY)
    apart = [(one.a, one.b) for one in found if isinstance(one, Distinct)]
    links = sorted(
        (one for one in found if isinstance(one, SameOwner)), key=lambda one: one.score, reverse=True
    )
    for link in links:
        one, other = (next(group for group in groups if end in group) for end in (link.a, link.b))
        if not any(p in one | other and q in one | other for p, q in apart):
            groups = [group for group in groups if group not in (one, other)] + [one | other]
    names = {holder(name): name for name in ("a1", "a2", "b1", "b2", "c1", "x")}
    return sorted(
        ({names[a] for a in group if a in names} for group in groups if {*group} & {*names}), key=sorted
    )


def test_vectors_ch_1_and_ch_2() -> None:
    """CH-1 is decided and CH-2 is not: "below the default threshold 3 -> no merge"."""
    same, other = (
        next(f for f in change_vote(ch_1(), NOBODY) if isinstance(f, kind)) for kind in (SameOwner, Distinct)
    )
    assert (same.a, same.b, other.b) == (holder("a1"), holder("c"), holder("merchant", "script"))
    assert same.score == other.score
    assert isinstance(same, SameOwner)
    assert not same.soft
    assert change_vote(ch_2(), NOBODY) == ()


def test_it_is_off_unless_asked_for() -> None:
    """Issue 5: "twelve change heuristics by candidate sets, vote [...] off by default"."""
    assert not change_vote.card.on


def test_a_vote_against_who_signs_together_is_not_heard() -> None:
    """Algorithms 1.4: "remove transactions whose base cluster shows contradictions"."""
    purse, ledger = Purse(), ch_1()
    purse.transfers, purse.facts = list(ledger), list(ledger.facts)
    together = [paid("a1", ONE), paid("merchant", ONE, "script")]
    purse.spend("together", together, [paid("cold", 199_999_000)], height=900_000)
    assert change_vote(ledger, NOBODY)
    assert change_vote(purse.ledger(), NOBODY) == ()


def test_a_round_has_no_one_change() -> None:
    """Of a collaborative transaction nothing is voted on."""
    assert change_vote(mixed(), NOBODY) == ()


@given(st.integers(1, 11), st.integers(0, 8))
def test_the_score_is_a_share_that_rises_with_agreement(votes: int, others: int) -> None:
    """Laplace: more votes make it surer, more votes for others less sure; never certain."""

    def of(mine: int, rest: int) -> str:
        return score(Vote(0, ("c2",) * mine, mine - rest, mine + rest))

    assert "0.0" < of(votes, others) < "1"
    assert of(votes, others) < of(votes + 1, others)
    assert of(votes, others + 1) < of(votes, others)
