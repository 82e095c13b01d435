"""The change rules: each names what it cannot rule out; the specification's vectors come out exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import EURO, Address, Asset, Coverage, Price, Scope
from flowtrace_heuristics.utxo.change import (
    RULES,
    VOTERS,
    Candidates,
    Spend,
    candidates,
    decided,
    the_one,
    vote,
)
from flowtrace_heuristics.utxo.change_vote import THRESHOLD, elected
from flowtrace_heuristics.utxo.coins import AGAIN_WITHIN, Coins
from towns.change import ch_1, ch_2
from towns.purse import BITCOIN, BLOCK, REPLACEABLE, Purse, holder, paid
from toytown import NOBODY

BTC = Asset.native(BITCOIN)
ONE = 10**8


def spend_of(ledger: Ledger, name: str) -> Spend:
    """Return a transaction of a ledger, ready to be judged."""
    coins = Coins(ledger, NOBODY)
    place = next(n for n in coins.places if ledger.tx[n] == name)
    return Spend.at(coins, place)


def said(ledger: Ledger, name: str = "tx") -> dict[str, Candidates]:
    """Return what each rule says of a transaction."""
    return candidates(spend_of(ledger, name))


def test_vector_ch_1_is_unanimous() -> None:
    """Algorithms CH-1: "C1 {}, C2 [C], C3 [C], C4 [C], C5 [C], C6 [C], C7 [C], C9 [C], C12 [C]"."""
    found = said(ch_1())
    expected = {"c1": (), **dict.fromkeys(("c2", "c3", "c4", "c5", "c6", "c7", "c9", "c12"), (1,))}
    assert {name: found[name] for name in expected} == expected
    won = vote(found)
    assert won is not None
    assert won.change == 1
    assert won.margin == won.deciding == len(won.rules) >= 8
    assert the_one(found) == 1


def test_vector_ch_2_does_not_reach_the_threshold() -> None:
    """Algorithms CH-2: "C2 no verdict, C3 both, C4 both, C5 [N2], C6 [N2], C7 both, C12 none"; 2 votes."""
    spend = spend_of(ch_2(), "tx")
    found = candidates(spend)
    assert decided(found["c2"]) is None
    assert found["c3"] == found["c4"] == found["c7"] == (0, 1)
    assert found["c5"] == found["c6"] == (1,)
    assert found["c12"] == ()
    won = vote(found)
    assert won is not None
    assert (won.change, won.margin, won.deciding) == (1, 2, 2)
    assert won.margin < THRESHOLD
    assert elected(spend) is None


def two(purse: Purse, **other: int) -> None:
    """Write a plain transaction: two bitcoin in, 0.7 to a payee and the rest to a new address."""
    purse.spend(
        "tx", [paid("payer", 2 * ONE)], [paid("payee", 70_000_000), paid("rest", 129_991_234)], **other
    )


def test_c1_names_outputs_to_an_address_of_an_input() -> None:
    """C1: "output address in input addresses"."""
    purse = Purse()
    purse.spend("tx", [paid("payer", 9)], [paid("payer", 5), paid("payee", 3)])
    assert said(purse.ledger())["c1"] == (0,)


def test_c2_says_nothing_where_change_is_known() -> None:
    """C2: "(3) no output address among the inputs": else it rules nothing out."""
    purse = Purse()
    purse.spend("tx", [paid("payer", 9)], [paid("payer", 5), paid("payee", 3)])
    assert said(purse.ledger())["c2"] == (0, 1)


@pytest.mark.parametrize(("gap", "named"), [(AGAIN_WITHIN, ()), (AGAIN_WITHIN + BLOCK, (1,))])
def test_c2_looks_ahead_a_week(gap: int, named: Candidates) -> None:
    """Meiklejohn et al.: an address that is paid again within a week is no one-time change address."""
    purse = Purse()
    purse.spend("before", [paid("elder", 9)], [paid("payee", 8)], height=799_000)
    two(purse, height=800_000)
    purse.spend("again", [paid("elder", 9)], [paid("rest", 8)], height=800_000 + gap // BLOCK)
    assert said(purse.ledger())["c2"] == named


def coverage(address: Address, *, complete: bool) -> Coverage:
    """Return what a service says of an address's record."""
    return Coverage(address, Scope.EXTERNAL, 0, 900_000, complete, "count", "2026-01-01T00:00:00Z", "esplora")


@pytest.mark.parametrize("complete", [True, False])
def test_an_address_is_new_only_by_a_whole_record(complete: bool) -> None:  # noqa: FBT001  a parameter
    """In a crawled ledger an address nobody asked for may be old: C2 and C12 say nothing."""
    purse = Purse()
    purse.spend("before", [paid("elder", 9)], [paid("payee", 8)])
    two(purse)
    ledger = purse.ledger()
    crawled = Ledger(ledger, [coverage(holder("rest"), complete=complete)], facts=ledger.facts)
    found = said(crawled)
    assert found["c2"] == ((1,) if complete else (0, 1))
    assert found["c12"] == ((1,) if complete else ())


def test_c3_needs_two_inputs() -> None:
    """C3: "output value < min(input values)"; "undefined for 1 input"."""
    purse = Purse()
    purse.spend("tx", [paid("one", 50), paid("two", 60)], [paid("payee", 50), paid("rest", 49)])
    assert said(purse.ledger())["c3"] == (1,)


def test_c4_reads_the_kind_of_script() -> None:
    """C4: "all inputs of one type T: candidates = outputs of type T"; of mixed inputs nothing is said."""
    purse = Purse()
    purse.spend("tx", [paid("payer", 9, "taproot")], [paid("payee", 4), paid("rest", 4, "taproot")])
    purse.spend("mixed", [paid("a", 9, "taproot"), paid("b", 9)], [paid("x", 8), paid("y", 9, "taproot")])
    assert said(purse.ledger())["c4"] == (1,)
    assert said(purse.ledger(), "mixed")["c4"] == (0, 1)


@given(st.integers(0, 10**10))
def test_c5_rules_out_six_zeros(units: int) -> None:
    """C5: "value mod 10^6 != 0"."""
    purse = Purse()
    purse.spend("tx", [paid("payer", 10**11)], [paid("payee", units), paid("rest", 1)])
    assert (0 in said(purse.ledger())["c5"]) is (units % 10**6 != 0)


def price(usd: str, asset: Asset = BTC, height: int = 800_000) -> Price:
    """Return a quote for the purse's first block."""
    return Price(asset, height * BLOCK, usd, height * BLOCK, "a quote")


@pytest.mark.parametrize(
    ("units", "prices", "left"),
    [
        (384_615, [price("26000")], False),  # 99.9999 dollars
        (384_232, [price("26000")], False),  # 99.90032: off by 0.0998 %
        (384_231, [price("26000")], True),  # 99.90006: off by 0.1001 %
        (384_615, [], True),
        (384_615, [price("nonsense")], True),
        (384_615, [price("9" * 400)], True),
        (403_846, [price("26000")], True),  # 104.99996: 105 has three digits that count
        (423_076, [price("26000"), price("1.1", EURO)], False),  # 109.99976 dollars are 99.9998 euros
        (423_076, [price("26000")], True),
        (3_461, [price("26000")], True),  # 0.9 dollars
    ],
)
def test_c5f_rules_out_round_sums_of_money(units: int, prices: list[Price], *, left: bool) -> None:
    """C5f: "value x daily price within 0.1 % of a round USD/EUR number -> payment"; no price, no verdict."""
    purse = Purse()
    purse.spend(
        "tx", [paid("payer", 10**9)], [paid("payee", units), paid("rest", 123_456_789)], height=800_000
    )
    assert (0 in said(purse.ledger(prices))["c5f"]) is left


@pytest.mark.parametrize(("other", "named"), [(123_000, (0, 1)), (1_230_000, (1,))])
def test_c6_wants_three_zeros_more(other: int, named: Candidates) -> None:
    """C6: "trailing zeros of the other outputs exceed candidate's by >= 3"."""
    purse = Purse()
    purse.spend("tx", [paid("payer", 10**9)], [paid("payee", other), paid("rest", 12_310)])
    assert said(purse.ledger())["c6"] == named


def spent_twice(**rest: int) -> Ledger:
    """Return a payment whose payee spends with a lock time and whose change is spent as told."""
    purse = Purse()
    two(purse, weight=561)
    purse.spend(
        "payee-spends",
        ["tx:0"],
        [paid("x", 1), paid("y", 2), paid("z", 69_000_000)],
        lock=800_001,
        weight=700,
    )
    purse.spend("payer-spends", ["tx:1"], [paid("v", 1), paid("w", 129_982_467)], **rest)
    return purse.ledger()


def test_c7_to_c11_look_at_who_spends() -> None:
    """C7, C8, C9, C10, C11: the change is spent as it was made; the payee's wallet differs in each."""
    found = said(spent_twice(weight=561))
    assert {name: found[name] for name in ("c7", "c8", "c9", "c10", "c11")} == dict.fromkeys(
        ("c7", "c8", "c9", "c10", "c11"), (1,)
    )


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("c7", {"lock": 799_999}),
        ("c8", {"sequence": REPLACEABLE}),
        ("c8", {"version": 1}),
        ("c10", {"weight": 600}),
    ],
)
def test_a_spender_of_another_make_is_ruled_out(rule: str, other: dict[str, int]) -> None:
    """Each of them is a habit of a wallet: where the spender's differs, the output was another's."""
    assert 1 not in said(spent_twice(**{"weight": 561, **other}))[rule]


def test_what_is_unspent_stays() -> None:
    """C7: "unspent stays candidate"; what the ledger does not tell is never held against an output."""
    purse = Purse()
    two(purse)
    found = said(purse.ledger())
    assert found["c7"] == found["c8"] == found["c9"] == found["c10"] == (0, 1)
    bare = Purse(shapes=False)
    two(bare)
    bare.spend("later", ["tx:0"], [paid("x", 9)])
    found = said(bare.ledger())
    assert found["c7"] == found["c8"] == found["c10"] == (0, 1)


def test_data_is_no_output() -> None:
    """Candidate sets: "drop unspendable outputs first"; neither data nor the fee is anybody's change."""
    purse = Purse()
    purse.spend("tx", [paid("payer", 99)], [(None, 0), paid("payee", 50), paid("rest", 7)])
    assert spend_of(purse.ledger(), "tx").outputs == (1, 2)


@given(st.lists(st.integers(0, 1 << 200), min_size=1, max_size=5), st.integers(1, 3))
def test_every_rule_returns_outputs_of_the_transaction(values: list[int], inputs: int) -> None:
    """The law of candidate sets: a rule rules out and never adds, whatever the amounts."""
    purse = Purse()
    gives = [paid(f"payer {n}", sum(values) + 1) for n in range(inputs)]
    purse.spend("tx", gives, [paid(f"payee {n}", units) for n, units in enumerate(values)])
    spend = spend_of(purse.ledger([price("26000")]), "tx")
    for _, rule in RULES:
        assert {*rule(spend)} <= {*spend.outputs}


@given(st.dictionaries(st.sampled_from([name for name, _ in RULES]), st.sets(st.integers(0, 3)), max_size=13))
def test_only_verdicts_vote(found: dict[str, set[int]]) -> None:
    """Algorithms 1.3: "a verdict exists only if exactly one remains"; the margin counts verdicts alone."""
    given_ = {name: tuple(sorted(numbers)) for name, numbers in found.items()}
    verdicts = [numbers[0] for name, numbers in given_.items() if name in VOTERS and len(numbers) == 1]
    won = vote(given_)
    assert (won is None) is (not verdicts)
    if won is not None:
        others = [verdicts.count(n) for n in range(4) if n != won.change]
        assert won.margin == verdicts.count(won.change) - max(others)
        assert won.deciding == len(verdicts)
