"""Joining by key: what goes together, what is refused, and that nothing else decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.crossing import End, Joined, Manner, Side, join
from flowtrace.model import Class

PARTS, EXACT, EQUALS = (
    {"b": Manner(parts=True)},
    {"b": Manner(keeps=0)},
    {"b": Manner(equals=True, keeps=0)},
)


def sent(**told: object) -> End:
    """Return an end that sends 100 of an asset at time 1000."""
    end = End("b", "k", Side.SENT, "eip155:1", "0xaa", 0, 1000, asset="usdc", units=100)
    return replace(end, **told)  # type: ignore[arg-type]


def paid(units: int | None = 97, **told: object) -> End:
    """Return an end that pays on another chain at time 1060."""
    end = End("b", "k", Side.PAID, "eip155:10", "0xbb", 0, 1060, asset="usdc", units=units)
    return replace(end, **told)  # type: ignore[arg-type]


def test_two_ends_of_one_key_are_a_crossing_with_its_fee_and_its_gap() -> None:
    """Fee 100 - 97, gap 60 s, class C."""
    (crossing,) = join([paid(), sent()]).crossings
    assert (crossing.sent, crossing.paid) == (sent(), (paid(),))
    assert (crossing.fee, crossing.gap, crossing.cls, crossing.returned) == (3, 60, Class.C, False)


@pytest.mark.parametrize(
    ("one", "other", "manner", "why"),
    [
        (sent(), paid(101), {}, "more than there was"),
        (sent(fee=5), paid(97), {}, "more than there was"),
        (sent(fee=1), paid(97), EXACT, "is missing"),
        (sent(), paid(time=999), {}, "before it was sent"),
        (sent(other_chain="eip155:137"), paid(), {}, "was named"),
        (sent(), paid(other_chain="eip155:137"), {}, "says it comes from"),
        (sent(terms=(("to", "ann"),)), paid(terms=(("to", "ben"),)), {}, "differ in to"),
    ],
)
def test_ends_that_contradict_each_other_are_a_misfit(
    one: End, other: End, *, manner: dict[str, Manner], why: str
) -> None:
    """The key alone does not join: amount, time, chain and terms must allow it."""
    result = join([one, other], manner)
    (misfit,) = result.misfits
    assert why in misfit.why
    assert misfit.ends == (one, other)
    assert not result.crossings


def test_the_law_of_amounts_holds_at_its_edges() -> None:
    """0 <= in - out - fee <= tolerance: exactly all, exactly the fee, exactly the tolerance."""
    assert join([sent(), paid(100)], EXACT).crossings[0].fee == 0
    assert join([sent(fee=3), paid(97)], EXACT).crossings[0].fee == 3
    loose = {"b": Manner(keeps=30_000)}
    assert join([sent(), paid(97)], loose).crossings[0].fee == 3
    assert join([sent(), paid(96)], loose).misfits
    assert join([sent(), paid(time=1000)]).crossings[0].gap == 0
    assert join([sent(), paid(time=999)], skew=1).crossings


def test_amounts_of_two_assets_are_not_held_against_each_other() -> None:
    """A swap pays what it likes of another asset; the fee is then not known."""
    assert join([sent(), paid(10**30, asset="wei")]).crossings[0].fee is None
    assert join([sent(asset=""), paid(10**30, asset="")]).crossings[0].fee is None


def test_a_protocol_that_pays_in_parts_is_one_crossing() -> None:
    """Streaming: the parts are summed, the gap is to the first."""
    parts = [paid(40, tx="0x1", time=1060), paid(50, tx="0x2", time=1050)]
    (crossing,) = join([sent(), *parts], PARTS).crossings
    assert (crossing.fee, crossing.gap) == (10, 50)
    assert [end.tx for end in crossing.paid] == ["0x2", "0x1"]
    assert "pays once" in join([sent(), *parts]).misfits[0].why
    assert join([sent(), *parts, paid(11, tx="0x3")], PARTS).crossings == ()


def test_a_refund_comes_back_to_its_own_chain() -> None:
    """What is returned is returned there, whatever chain the message named."""
    back = paid(99, side=Side.RETURNED, chain="eip155:1")
    (crossing,) = join([sent(other_chain="eip155:10"), back]).crossings
    assert crossing.returned
    assert crossing.fee == 1
    assert join([sent(), replace(back, chain="eip155:10")]).misfits


def test_a_refund_of_the_rest_leaves_the_fee_unknown() -> None:
    """Some of it crossed as another asset and some came back: no fee is told, and no more than was sent."""
    swapped, back = paid(5, asset="btc"), paid(30, side=Side.RETURNED, chain="eip155:1", tx="0x9")
    (crossing,) = join([sent(), swapped, back], PARTS).crossings
    assert crossing.fee is None
    assert not crossing.returned
    assert join([sent(), swapped, replace(back, units=101)], PARTS).misfits


def test_equal_messages_are_paired_by_order_and_no_better_than_inferred() -> None:
    """Two and two are paired by time; two and one are not told apart."""
    senders = [sent(tx="0x1", time=1000), sent(tx="0x2", time=1010)]
    takers = [paid(100, tx="0x3", time=1020), paid(100, tx="0x4", time=1030)]
    made = join([*reversed(takers), *reversed(senders)], EQUALS).crossings
    assert [(c.sent.tx, c.paid[0].tx, c.cls) for c in made] == [
        ("0x1", "0x3", Class.P),
        ("0x2", "0x4", Class.P),
    ]
    assert "which is whose" in join([*senders, takers[0]], EQUALS).misfits[0].why
    assert "which is whose" in join([*senders, *takers]).misfits[0].why


def test_a_crossing_takes_its_worst_class() -> None:
    """An end that nobody vouches for makes it P."""
    assert join([sent(), paid(vouched=False)]).crossings[0].cls is Class.P


def test_ends_without_their_other_half_wait() -> None:
    """Nothing is dropped: what has no partner is listed as such."""
    assert join([sent()]) == Joined((), (), (sent(),), ())
    assert join([paid()]) == Joined((), (), (), (paid(),))
    assert join([sent(key="a"), paid(key="c")]).crossings == ()
    assert join([sent(), paid(protocol="c")]).crossings == ()


ENDS = st.builds(
    End,
    st.sampled_from("bc"),
    st.sampled_from("xyz"),
    st.sampled_from(Side),
    st.sampled_from(("eip155:1", "eip155:10")),
    st.sampled_from(("0x1", "0x2", "0x3")),
    st.integers(0, 2),
    st.none() | st.integers(0, 5),
    asset=st.sampled_from(("", "usdc", "eth")),
    units=st.none() | st.integers(0, 9),
    other_chain=st.sampled_from(("", "eip155:1", "eip155:10")),
    fee=st.none() | st.integers(0, 3),
    terms=st.sampled_from(((), (("to", "ann"),), (("to", "ben"),))),
    vouched=st.booleans(),
)
MANNERS = st.dictionaries(
    st.sampled_from("bc"),
    st.builds(Manner, parts=st.booleans(), equals=st.booleans(), keeps=st.none() | st.just(0)),
)


@given(st.lists(ENDS, max_size=12), MANNERS, st.randoms())
def test_the_order_of_the_ends_decides_nothing_and_none_is_lost(
    ends: list[End], manners: dict[str, Manner], chance: object
) -> None:
    """Whatever is given is in one of the four results, the same in every order."""
    result = join(ends, manners)
    shuffled = sorted(ends, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert join(shuffled, manners) == result
    told = [end for c in result.crossings for end in (c.sent, *c.paid)]
    told += [end for misfit in result.misfits for end in misfit.ends] + [*result.waiting, *result.orphans]
    assert {repr(end) for end in told} == {repr(end) for end in ends}
    alone = [*result.waiting, *result.orphans, *(end for c in result.crossings for end in c.paid)]
    assert len(set(alone)) == len(alone)


@given(st.lists(ENDS, max_size=12), MANNERS)
def test_no_crossing_breaks_the_law(ends: list[End], manners: dict[str, Manner]) -> None:
    """Of every crossing: one protocol and key, time order, chains as named, terms alike, amounts kept."""
    for crossing in join(ends, manners).crossings:
        one, same = crossing.sent, 0
        for other in crossing.paid:
            assert (other.protocol, other.key) == (one.protocol, one.key)
            assert one.time is None or other.time is None or other.time >= one.time
            assert other.other_chain in ("", one.chain)
            home = one.chain if other.side is Side.RETURNED else one.other_chain
            assert home in ("", other.chain)
            assert not (one.terms and other.terms) or one.terms == other.terms
            same += (other.units or 0) if other.asset == one.asset and one.asset else 0
        assert one.units is None or same <= one.units
