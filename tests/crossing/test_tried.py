"""Deposits tried in every asset a swapper pays: no payout claimed twice, rivals anywhere undo a claim."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossing.test_shared import ARBITRUM, ETHEREUM, START, at
from flowtrace.crossing.keyless import LIMIT, Paid, Rates, Records, Swappers, Trial, Tried
from flowtrace.crossing.keyless.services import read_swappers, shipped_swappers
from flowtrace.errors import InputError
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Amount,
    Asset,
    Basis,
    Category,
    Chain,
    Coverage,
    Entity,
    Kind,
    Label,
    Leg,
    Price,
    Scope,
    Standing,
    Transfer,
    Use,
)

COIN = Asset.native(ETHEREUM)
DOLLAR, EURO = (Asset.token(at(name, ARBITRUM), name, 6) for name in ("USD", "EUR"))
WALLET = at("wallet", ARBITRUM)
DAY = 86_400
Payout = tuple[int, int, Asset]


def paid_out(n: int, payout: Payout) -> Transfer:
    """Return a payout of the wallet."""
    time, units, asset = payout
    to = at(f"customer {n}", ARBITRUM)
    return Transfer(
        ARBITRUM.id, f"out{n}", "log 0", time - START + 10 * DAY, 0, n, time, Kind.TOKEN, Basis.RECORDED,
        ok=True, inputs=(Leg(WALLET, asset, units),), outputs=(Leg(to, asset, units),),
    )  # fmt: skip


def trial(payouts: list[Payout], *, complete: bool = True, prices: tuple[Price, ...] | None = None) -> Trial:
    """Return what tries deposits against payouts; two far away in time and amount bound the record."""
    edges = [(START + sign * 9 * DAY, 1, asset) for sign in (-1, 1) for asset in (DOLLAR, EURO)]
    moves = [paid_out(n, one) for n, one in enumerate([*payouts, *edges])]
    seen = Coverage(WALLET, Scope.TOKEN, 0, 10**9, complete, "a test", "2023-11-15", "a test")
    held = Ledger(moves, [seen])
    quotes = tuple(
        Price(asset, START, usd, START, "a test")
        for asset, usd in ((COIN, "2000"), (DOLLAR, "1"), (EURO, "1"))
    )
    rates = Rates(quotes if prices is None else prices)
    return Trial(Records(held, lambda one: "swap" if one == WALLET else ""), rates, follow=True)


def deposit(name: str = "in", *, units: int = 10**18, time: int = START) -> Paid:
    """Return a payment to the swapper."""
    return Paid((f"eip155:1:{name}:value", 0), "swap", time, Amount(COIN, units))


FIT = 1_990_000_000


def test_one_fit_in_all_assets_is_claimed_with_its_figures() -> None:
    """2,000 for one coin, half a per cent kept, ten minutes later."""
    told = trial([(START + 600, FIT, DOLLAR)]).of([deposit()])
    (made,) = told.made
    figures = dict(made.figures)
    assert (figures["kept_millionths"], figures["delay_seconds"], figures["assets_tried"]) == (
        "5000",
        "600",
        "2",
    )
    assert Fraction(figures["expected_with_one_more"]) <= LIMIT / 2
    assert figures["placebo"].startswith("placebo: ")
    assert [one.standing for one in told.likely] == [Standing.FOLLOWED]


def test_a_rival_in_another_asset_undoes_the_claim() -> None:
    """The evidence is weighed over all assets: two that fit alike are nobody's."""
    told = trial([(START + 600, FIT, DOLLAR), (START + 700, FIT, EURO)]).of([deposit()])
    assert told.made == ()
    assert [one.standing for one in told.likely] == [Standing.CANDIDATE] * 2


def test_two_deposits_that_claim_one_payout_have_none() -> None:
    """Which of them it belongs to is not known."""
    told = trial([(START + 600, FIT, DOLLAR)]).of([deposit("one"), deposit("two", time=START + 60)])
    assert told.made == ()
    assert {one.why for one in told.likely} == {"another deposit claims the same payout"}


def test_what_cannot_be_tried_says_why() -> None:
    """No whole record, no price, a payment mixed with others: each in words."""
    payouts = [(START + 600, FIT, DOLLAR)]
    cases = (
        (trial(payouts, complete=False), deposit(), "known whole"),
        (trial(payouts, prices=()), deposit(), "no price"),
        (trial(payouts), replace(deposit(), why="its transaction pays others"), "pays others"),
        (trial(payouts), replace(deposit(), service="unknown"), "no wallet"),
    )
    for tried, one, why in cases:
        (likely,) = tried.of([one]).likely
        assert likely.standing is Standing.UNTRIED
        assert why in likely.why


def test_a_quote_too_far_from_the_deposit_is_none() -> None:
    """An hour away at most, the nearer one; never a float."""
    rates = Rates(
        [Price(COIN, 0, "10", 0, "a"), Price(COIN, 0, "20", 5000, "a"), Price(DOLLAR, 0, "1", 0, "a")]
    )
    near = rates.quote(COIN, 3000)
    assert near is not None
    assert near.usd == "20"
    assert rates.quote(COIN, 9000) is None
    worth = rates.worth(Amount(COIN, 3), DOLLAR, 0)
    assert worth is not None
    assert worth.units == Fraction(3 * 10, 10**12)


@given(
    st.lists(
        st.tuples(st.integers(60, 4000), st.integers(1_880, 2_010), st.sampled_from((DOLLAR, EURO))),
        max_size=5,
    ),
    st.lists(st.integers(0, 400), min_size=1, max_size=3, unique=True),
)
def test_no_payout_is_in_two_claims_and_each_lies_within_the_habit(
    outs: list[Payout], times: list[int]
) -> None:
    """Every claim is of another payout, within 5 % and the hour, and among all that is listed."""
    payouts = [(START + after, units * 10**6, asset) for after, units, asset in outs]
    told = trial(payouts).of([deposit(f"in{n}", time=START + time) for n, time in enumerate(times)])
    got = [place for one in told.made for place in one.got]
    assert len(got) == len(set(got))
    assert len({one.gave for one in told.made}) == len(told.made)
    for one in told.made:
        kept, delay = (Fraction(dict(one.figures)[name]) for name in ("kept_millionths", "delay_seconds"))
        assert 0 <= kept <= 50_000
        assert 60 <= delay <= 3600
        assert any((each.gave, each.got) == (one.gave, one.got[0]) for each in told.likely)
    assert _orders_play_no_part(payouts, times) == {(one.gave, one.got) for one in told.made}


def _orders_play_no_part(payouts: list[Payout], times: list[int]) -> set[object]:
    """Return what is claimed of the same deposits in the other order."""
    deposits = [deposit(f"in{n}", time=START + time) for n, time in enumerate(times)]
    told: Tried = trial(payouts).of(deposits[::-1])
    return {(one.gave, one.got) for one in told.made}


def label(text: str, *, entity: str = "", category: Category = Category.EXCHANGE) -> Label:
    """Return a label."""
    actor = Entity(entity, entity, category) if entity else None
    where = Address.parse(Chain.of("ethereum"), "0x" + "ab" * 20)
    return Label(where, text, category, Use.HOT_WALLET, actor, "a test", "web_crawl", "2023-11-01")


@pytest.mark.parametrize(
    ("given_", "service"),
    [
        (label("FixedFloat: Hot Wallet"), "fixedfloat"),
        (label("FixedFloater"), ""),
        (label("a wallet of FixedFloat"), ""),
        (label("wallet 3", entity="sideshift"), "sideshift"),
        (label("FixedFloat", entity="binance"), ""),
        (label("FixedFloat victim", category=Category.VICTIM), ""),
        (label("mine", entity="own"), "own"),
        (replace(label("FixedFloat"), asserted=True), ""),
    ],
)
def test_a_swapper_is_told_by_its_actor_or_the_whole_name(given_: Label, service: str) -> None:
    """A look-alike name, a victim, another's actor and a third party's word are none."""
    assert Swappers(["own"]).of(given_) == service


def test_every_shipped_swapper_has_a_source() -> None:
    """The data file names who says so; a row without it is refused."""
    assert {"fixedfloat", "changenow", "sideshift", "exch", "swft"} <= {one.id for one in shipped_swappers()}
    assert all(one.source for one in shipped_swappers())
    with pytest.raises(InputError, match="swapper 1"):
        read_swappers('[[swappers]]\nid = "x"\nnames = []\n')
