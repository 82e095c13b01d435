"""The collaborative verdict on one transaction: each detector, its gates, and the decision."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import Chain, Transfer
from flowtrace_heuristics.utxo import wasabi, whirlpool
from flowtrace_heuristics.utxo.collaboration import NOBODY, Collaborative, verdict
from flowtrace_heuristics.utxo.detectors import decide, judge
from flowtrace_heuristics.utxo.joinmarket import sums
from flowtrace_heuristics.utxo.sides import (
    KEY_HASH,
    NO_ADDRESS,
    SCRIPT_HASH,
    TAPROOT,
    WITNESS_KEY,
    WITNESS_SCRIPT,
    Sides,
    script_kind,
    sides_of,
)
from towns.rounds import BITCOIN, HEIGHT, JOINMARKET, MIX, PREPARED, WAGES, new_coin, person, shape, spend
from toytown import PAID

COORDINATOR = "bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew"
YES, SUSPECT, NO = Collaborative.YES, Collaborative.SUSPECT, Collaborative.NO


def people(number: int, units: int) -> list[tuple[str, int]]:
    """Return so many people with as much each."""
    return [(f"person {n}", units) for n in range(number)]


def wasabi_1(equal: int, value: int, *, height: int = 700_000, changes: int = 3) -> Transfer:
    """Return a round of Wasabi's one denomination, with change that is worth less and less."""
    takes = [(f"mixed {n}", value) for n in range(equal)]
    takes += [(f"change {n}", 123_456 + n) for n in range(changes)]
    return spend("round", people(equal + 2, value + 200_000), takes, height=height)


def wasabi_2(inputs: int, *, height: int = HEIGHT, odd: int = 0) -> Transfer:
    """Return a round of standard denominations, the largest first, with so many odd values."""
    gives = [(f"person {n}", 2_000_000 - n) for n in range(inputs)]
    takes = [(f"mixed {n}", units) for n, units in enumerate([1_048_576] * 4 + [531_441] * 4)]
    takes += [(f"odd {n}", 5_003 - n) for n in range(odd)]
    return spend("round", gives, takes, height=height)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ann", WITNESS_KEY),
        ("key:ann", KEY_HASH),
        ("script:ann", SCRIPT_HASH),
        ("witness script:ann", WITNESS_SCRIPT),
        ("taproot:ann", TAPROOT),
        ("", NO_ADDRESS),
    ],
)
def test_the_kind_of_script_is_told_from_the_address(name: str, kind: int) -> None:
    """Task: "script type told from the canonical address form"."""
    assert script_kind(person(name)) == kind


@pytest.mark.parametrize("chain", ["litecoin", "dogecoin", "litecoin-regtest"])
def test_other_chains_write_the_same_kinds(chain: str) -> None:
    """Each chain's version bytes give their own first letters."""
    assert script_kind(person("key:ann", Chain.of(chain))) == KEY_HASH
    assert script_kind(person("script:ann", Chain.of(chain))) == SCRIPT_HASH


def test_the_fee_is_no_output_and_data_is_one() -> None:
    """The fee has no coin; an output of data has one, and no address."""
    sides = sides_of(PREPARED)
    assert sides.paid == (0, 50_000, 1_005_000, 1_005_000, 930_000)
    assert sides.fee == 10_000
    assert sides.pays[0] == NO_ADDRESS
    assert sides.payees[0] == ""


def test_the_first_wasabi_pays_its_coordinator() -> None:
    """D1: "any output pays" it "and some value occurs > 2 times", 530,500 <= height < 610,000."""
    ordinary = sides_of(wasabi_1(7, 10_999_000, height=531_825))
    sides = replace(ordinary, payees=(*ordinary.payees[:-1], COORDINATOR))
    assert judge(sides).detectors[0] == "D1"
    assert judge(sides).collaborative is YES
    assert not wasabi.first(ordinary)
    assert not wasabi.first(replace(sides, height=530_499))
    assert not wasabi.first(replace(sides, height=610_000))
    assert not wasabi.first(replace(sides, chain_id=Chain.of("litecoin").id))
    assert wasabi.second(replace(sides, height=700_000)) == 0  # seven equal outputs are fewer than ten


@pytest.mark.parametrize(
    ("transfer", "said"),
    [
        (wasabi_1(10, 9_990_000), 2),
        (wasabi_1(10, 9_990_000, height=609_999), 0),
        (wasabi_1(9, 9_990_000), 0),
        (wasabi_1(10, 9_990_000, changes=1), 0),
        (wasabi_1(10, 12_000_001), 0),
        (wasabi_1(10, 11_900_000), 1),
        (wasabi_1(10, 10_000_000), 1),
    ],
)
def test_the_second_wasabi(transfer: Transfer, said: int) -> None:
    """D2: "m>=10; |v*-0.1 BTC|<=0.02 BTC; at least 2 outputs with unique value"; cleaned up after Stütz."""
    assert wasabi.second(sides_of(transfer)) == said


def test_the_clean_up_knows_games_and_repeated_payees() -> None:
    """Stütz: reject if an output starts ``1lucky``/``1dice`` or is repeated inside the transaction."""
    sides = sides_of(wasabi_1(10, 9_990_000))
    assert wasabi.second(replace(sides, payees=("1dice8EMZmqKvrGE4Qc9bUFf9PX3xaYDp", *sides.payees[1:]))) == 1
    assert wasabi.second(replace(sides, payees=(sides.payees[1], *sides.payees[1:]))) == 1


@pytest.mark.parametrize(
    ("transfer", "said"),
    [
        (wasabi_2(15), 2),
        (wasabi_2(14), 1),
        (wasabi_2(5), 1),
        (wasabi_2(15, odd=1), 2),
        (wasabi_2(15, odd=2), 0),
        (wasabi_2(15, height=800_000), 1),
        (wasabi_2(50, height=800_000), 2),
        (wasabi_2(50, height=741_212), 0),
    ],
)
def test_wasabi_2_in_both_eras(transfer: Transfer, said: int) -> None:
    """D3: 50 inputs, later 15; "from 5 inputs up mark SUSPECT"; "> 80 %" standard outputs."""
    assert wasabi.wabisabi(sides_of(transfer)) == said


def test_wasabi_2_sorts_both_sides_and_pays_nobody_over_and_over() -> None:
    """D3: values "sorted descending"; a "script ratio < 0.30 on both sides" is somebody paying himself."""
    sides = sides_of(wasabi_2(15))
    assert wasabi.wabisabi(replace(sides, given=(sides.given or ())[::-1])) == 0
    assert wasabi.wabisabi(replace(sides, paid=sides.paid[::-1])) == 0
    assert wasabi.wabisabi(replace(sides, gives=(KEY_HASH, *sides.gives[1:]))) == 0
    alone = replace(sides, givers=("me",) * 15, payees=("me",) * 8)
    assert wasabi.wabisabi(alone) == 0
    assert wasabi.wabisabi(replace(alone, payees=sides.payees)) == 2
    assert wasabi.wabisabi(replace(sides, given=None)) == 1


def test_the_denominations_are_the_specifications() -> None:
    """D3: "2^k, 3^k, 2*3^k, 10^k, 2*10^k, 5*10^k" from 5,000 to 134,375,000,000."""
    inside = {5_000, 6_561, 8_192, 10_000, 13_122, 20_000, 50_000, 100_000_000_000, 68_719_476_736}
    assert inside <= wasabi.DENOMINATIONS
    assert not {4_096, 4_374, 30_000, 137_438_953_472, 200_000_000_000} & wasabi.DENOMINATIONS


def test_a_mix_of_whirlpool() -> None:
    """D4: "|I|==|O|, all outputs equal to pool size, >= 1 input a remix, others differ by <= 0.0011 BTC"."""
    sides = sides_of(MIX)
    assert verdict(MIX).detectors[0] == "D4"
    assert verdict(MIX).collaborative is YES
    given = sides.given or ()
    assert not whirlpool.mix(replace(sides, given=(1_110_001, *given[1:])))
    assert whirlpool.mix(replace(sides, given=(1_110_000, *given[1:])))
    assert not whirlpool.mix(replace(sides, given=(1_001_000,) * 5))
    assert not whirlpool.mix(replace(sides, paid=(1_000_001,) * 5))
    assert not whirlpool.mix(replace(sides, height=569_999))
    assert whirlpool.strict(sides)


def test_a_mix_may_pay_out_to_another_kind_of_wallet() -> None:
    """Seen 327 times in March 2024, 229 of them next to a listed mix: an output is no P2WPKH."""
    sides = sides_of(MIX)
    paying_out = replace(sides, pays=(WITNESS_SCRIPT, *sides.pays[1:]))
    assert not whirlpool.mix(paying_out)
    assert judge(paying_out).detectors[0] == "D4 external"
    assert judge(paying_out).collaborative is YES
    assert not whirlpool.external_mix(replace(paying_out, gives=(KEY_HASH, *sides.gives[1:])))


def test_what_a_verdict_may_rest_on_where_values_are_unknown() -> None:
    """A block alone tells no input's value: what needs one says SUSPECT at the most, or nothing."""
    assert judge(replace(sides_of(MIX), given=None)).detectors[0] == "D4?"
    assert judge(replace(sides_of(MIX), given=None)).collaborative is SUSPECT
    blind = judge(replace(sides_of(JOINMARKET), given=None))
    assert blind.detectors == ("D0", "D5")
    assert blind.collaborative is SUSPECT
    assert judge(replace(sides_of(wasabi_1(10, 9_990_000)), given=None)).collaborative is YES


def test_joinmarket_and_wages() -> None:
    """Decision: "YES if D0 and D5'"; a payout of different amounts is nobody's round."""
    found = verdict(JOINMARKET)
    assert (found.collaborative, found.design) == (YES, "equal outputs")
    assert found.detectors == ("D0", "D5", "D5'")
    assert verdict(WAGES) == NOBODY


def test_sums_that_do_not_come_out_leave_a_suspect() -> None:
    """1.2: "zero solutions -> SUSPECT"."""
    gives = [("ann", 5_000_000), ("ben", 3_000_000)]
    takes = [("x", 1_000_000), ("y", 1_000_000), ("ann", 5_500_000), ("ben", 400_000)]
    assert verdict(spend("odd", gives, takes)).detectors == ("D0", "D5", "D8 Stonewall")
    assert verdict(spend("odd", gives, takes)).collaborative is SUSPECT


def test_stonewall_proves_nothing() -> None:
    """D8: two equal outputs and two of change: the sums come out, and one wallet alone may have made it."""
    gives = [("ann", 5_000_000), ("ben", 3_000_000)]
    takes = [("x", 1_000_000), ("y", 1_000_000), ("ann", 3_998_000), ("ben", 1_999_000)]
    found = verdict(spend("stonewall", gives, takes))
    assert found.detectors == ("D0", "D5", "D8 Stonewall")
    assert sums(sides_of(spend("stonewall", gives, takes))).solutions
    assert (found.collaborative, found.design) == (SUSPECT, "stonewall")


def test_a_list_of_rounds_decides() -> None:
    """D6: "membership = YES with source", whatever the transaction looks like."""
    found = verdict(WAGES, listed=("coordinator of zkSNACKs",))
    assert (found.collaborative, found.detectors) == (YES, ("D6 coordinator of zkSNACKs",))
    alone = spend("alone", [("ann", 10)], [("ben", 9)])
    assert verdict(alone, listed=("a list?",)).collaborative is YES
    assert verdict(alone) == NOBODY


TWO, MIXED = [("ann", 700), ("ben", 900)], [("ann", 700), ("key:ben", 900)]
NEEDLESS, NEEDED = [("shop", 800), ("ann", 790)], [("shop", 1_500), ("ann", 90)]


@pytest.mark.parametrize(
    ("transfer", "sequences", "fired"),
    [
        (spend("payjoin", MIXED, NEEDLESS), "", ("D7",)),
        (spend("payjoin", TWO, NEEDLESS), "", ()),
        (spend("payjoin", TWO, NEEDLESS), "4294967295,4294967293", ("D7",)),
        (spend("payjoin", TWO, NEEDLESS), "4294967295,4294967295", ()),
        (spend("payjoin", TWO, NEEDLESS), "4294967295", ()),
        (spend("payjoin", MIXED, NEEDED), "", ()),
        (spend("payjoin", MIXED, [("shop", 1_590)]), "", ()),
    ],
)
def test_a_payjoin_is_suspected(transfer: Transfer, sequences: str, fired: tuple[str, ...]) -> None:
    """D7: an "unnecessary input" and an input set that "mixes fingerprints"."""
    found = verdict(transfer, shape=shape(transfer, sequences=sequences))
    assert found.detectors == fired
    assert found.collaborative is (SUSPECT if fired else NO)


@pytest.mark.parametrize(
    ("sighashes", "fired"),
    [("01,83", ("D8 marketplace",)), ("01,131", ("D8 marketplace",)), ("01,01", ()), ("83", ()), ("", ())],
)
def test_a_marketplace_is_suspected(sighashes: str, fired: tuple[str, ...]) -> None:
    """D8: "inputs from buyer and seller; detect per-input sighash byte 0x83"."""
    transfer = spend("sale", [("buyer", 900), ("seller", 546)], [("buyer", 546), ("seller", 880)])
    assert verdict(transfer, shape=shape(transfer, sighashes=sighashes)).detectors == fired


def test_other_chains_know_the_structural_detectors_only() -> None:
    """State what happens on Litecoin and Dogecoin: no service's rule, but D0, D5, D7, D8 and lists."""
    litecoin = Chain.of("litecoin")
    gives = [("ann", 5_000_000), ("ben", 3_000_000), ("cyd", 2_000_000)]
    takes = [(f"mixed {n}", 1_000_000) for n in range(3)]
    takes += [("ann", 4_002_000), ("ben", 2_001_000), ("cyd", 994_000)]
    assert verdict(spend("round", gives, takes, chain=litecoin, height=1)).detectors == ("D0", "D5", "D5'")
    assert verdict(spend("round", gives, takes, chain=BITCOIN, height=1)).detectors == ("D0", "D5'")
    mix = replace(sides_of(MIX), chain_id=litecoin.id)
    assert not judge(mix).sure


def test_what_is_no_transaction_of_coins_is_nobodys() -> None:
    """An account chain's payment, and new coin, are made by nobody together."""
    assert verdict(PAID["split-1"].transfers(100)[-1]) == NOBODY
    assert verdict(new_coin("reward", [("miner", 312_500_000)])) == NOBODY


def test_the_decision() -> None:
    """1.2: "YES if any of D1-D4, D6; YES if D0 and D5'; SUSPECT if ... one of D0, D5, D7 fires; else NO"."""
    for name in ("D1", "D2", "D3", "D4", "D4 external", "D6 list"):
        assert decide({"D0": "equal outputs", name: "x"}).collaborative is YES
        assert decide({"D0": "equal outputs", name: "x"}).design == "x"
    assert decide({"D0": "e", "D5'": "e"}).collaborative is YES
    for name in ("D0", "D5", "D5 sweep", "D7", "D3?", "D2?", "D8 marketplace"):
        assert decide({name: "x"}).collaborative is SUSPECT
    assert decide({}) is NOBODY


@given(data=st.data(), height=st.integers(0, 1 << 62), kinds=st.integers(0, 6))
def test_any_sides_are_judged(data: st.DataObject, height: int, kinds: int) -> None:
    """Hostile input: huge values, nothing paid, everybody the same: a verdict, and one signer's is NO."""
    units = st.integers(0, 1 << 62) | st.sampled_from((1_000_000, 5_000_000))
    given, paid = (data.draw(st.lists(units, max_size=12)) for _ in range(2))
    sides = Sides(
        BITCOIN.id,
        height,
        tuple(given),
        tuple("" if not one % 3 else f"giver {one % 5}" for one in given),
        tuple(one % (kinds + 1) for one in given),
        tuple(paid),
        tuple(f"payee {one % 5}" for one in paid),
        tuple(one % (kinds + 1) for one in paid),
    )
    found = judge(sides)
    assert (found.collaborative is NO) == (not found.detectors)
    assert found.merges or len(given) > 1
