"""The CoinJoin confusion matrix of the specification, on real transactions and on wallets with known keys."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from flowtrace.ledger import Ledger
from flowtrace.measure import Counts, Sample, measure
from flowtrace_heuristics.samples import SAMPLES, blocks, coinjoins, dumplings, wallets
from flowtrace_heuristics.utxo import joinmarket, wasabi, whirlpool
from flowtrace_heuristics.utxo.collaboration import verdict, verdicts
from flowtrace_heuristics.utxo.detectors import Verdict, judge
from flowtrace_heuristics.utxo.multi_input import multi_input
from flowtrace_heuristics.utxo.sides import Sides, sides_of

DATA = Path(__file__).parents[3].parent / "shared" / "data"
WW2, WW1 = "dumplings__end_zksnacks_202405", "dumplings__ww1_202405"
SW, JM = "dumplings__sw_202403", "dumplings__jm_202406"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (DATA / "coinjoin").is_dir(), reason="the public CoinJoin lists are not beside"),
]


@cache
def read(file: str, name: str) -> list[tuple[str, Sides, Verdict]]:
    """Return a list's transactions with the verdict on each by itself."""
    found = dumplings.transactions(DATA / "coinjoin" / f"{file}.zip", name)
    return [(transfer.tx, sides_of(transfer), verdict(transfer)) for transfer in found]


def row(file: str, name: str) -> dict[str, int]:
    """Return the row of the matrix: on how many each detector fires, in the form that is tabled."""
    tally = Counter[str]()
    for _, sides, _ in read(file, name):
        form = joinmarket.equal_outputs(sides)
        tally.update(
            {
                "D0": joinmarket.generic(sides),
                "D2": wasabi.second(sides) > 0,
                "D3(15)": wasabi.has_form(sides, inputs=15),
                "D3(50)": wasabi.has_form(sides, inputs=50),
                "D4": whirlpool.mix(sides),
                "5x5": whirlpool.strict(sides),
                "D5": form == 1 and joinmarket.shortcut(sides),
                "D5+sweep": form > 0 and joinmarket.shortcut(sides),
            }
        )
    return {"n": len(read(file, name)), **tally}


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        (WW2, "Wasabi2CoinJoins", {"n": 35, "D0": 0, "D3(15)": 35, "D3(50)": 29}),
        (WW1, "WasabiCoinJoins", {"n": 196, "D0": 27, "D2": 196}),
        (SW, "SamouraiCoinJoins", {"n": 1403, "D0": 0, "D4": 1403, "5x5": 155}),
        (SW, "SamouraiTx0s", {"n": 900, "D0": 17, "D4": 0, "5x5": 13}),
        (JM, "OtherCoinJoins", {"n": 567, "D0": 446, "D5": 445, "D5+sweep": 567}),
        (WW2, "Wasabi2PostMixTxs", {"n": 179, "D0": 0, "D2": 0, "D3(15)": 0, "D4": 0}),
        (WW1, "WasabiPostMixTxs", {"n": 354, "D0": 12, "D2": 0, "D3(15)": 0, "D4": 0}),
        (SW, "SamouraiPostMixTxs", {"n": 2636, "D0": 245, "D2": 0, "D3(15)": 1, "D4": 0}),
        (JM, "OtherCoinJoinPostMixTxs", {"n": 1055, "D0": 117, "D2": 2, "D3(15)": 1, "D4": 0}),
    ],
)
def test_the_matrix_of_the_specification(file: str, name: str, expected: dict[str, int]) -> None:
    """Section 1.2, vectors CJ, and 0.2 R1, R3: every figure exactly as tabled."""
    found = row(file, name)
    assert {key: found[key] for key in expected} == expected


def test_the_first_round_of_wasabi() -> None:
    """Vectors CJ: f250e997, 8 in, 14 out, 7 x 0.10999 BTC: "D1 YES, D2 NO, D0 YES"."""
    first = "f250e997dc1a2d68861e03689d1709973e1964a62f929ba5727fe8607dafb676"
    found = next((sides, said) for tx, sides, said in read(WW2, "WasabiCoinJoins") if tx == first)
    assert found[1].detectors[:2] == ("D1", "D0")
    assert (len(found[0].gives), len(found[0].paid), max(found[0].counts.values())) == (8, 14, 7)
    assert not wasabi.second(found[0])


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        (WW2, "Wasabi2CoinJoins", {"yes": 33, "no": 2}),
        (WW2, "WasabiCoinJoins", {"yes": 152}),
        (WW1, "WasabiCoinJoins", {"yes": 195, "suspect": 1}),
        (SW, "SamouraiCoinJoins", {"yes": 1403}),
        (JM, "OtherCoinJoins", {"yes": 29, "suspect": 538}),
        (SW, "SamouraiTx0s", {"yes": 155, "suspect": 13, "no": 732}),
    ],
)
def test_the_verdicts(file: str, name: str, expected: dict[str, int]) -> None:
    """R2: the detectors together keep every round apart; two of Wasabi 2 are no rounds."""
    assert Counter(said.collaborative.value for _, _, said in read(file, name)) == expected


def test_the_two_that_are_no_rounds_are_one_address() -> None:
    """The list's own rule takes them: 128 and 68 inputs, all of one address, paid to three and to one."""
    alone = [sides for _, sides, said in read(WW2, "Wasabi2CoinJoins") if said.merges]
    assert [len({*sides.givers}) for sides in alone] == [1, 1]
    assert all(wasabi.reuses(sides) for sides in alone)


def test_mixes_that_pay_to_another_kind_of_wallet_stand_in_the_lists_of_others() -> None:
    """151 of the 900 "TX0s" and 251 of the "post-mix" transactions are mixes: 327 that D4 alone misses."""
    external = {
        name: {tx for tx, _, said in read(SW, name) if "D4 external" in said.detectors}
        for name in ("SamouraiTx0s", "SamouraiPostMixTxs")
    }
    assert [len(found) for found in external.values()] == [151, 251]
    assert len(set.union(*external.values())) == 327
    tx0s = {tx for tx, sides, _ in read(SW, "SamouraiTx0s") if whirlpool.prepares(sides)}
    assert len(tx0s) == 900 - 151
    assert not tx0s & external["SamouraiTx0s"]


@pytest.mark.parametrize(
    ("file", "kept", "precision", "missed"),
    [(wallets.JOINMARKET, 32, "0.017", 534), (wallets.WASABI, 12, "0.109", 2332)],
)
def test_the_guard_joins_no_two_wallets(
    file: str, kept: int, precision: str, *, missed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """R5: "pair precision 0.017 (JoinMarket), 0.109 (Wasabi 2)" without a guard; with it no pair is wrong."""
    bare, guarded, apart = [0, 0, 0], [0, 0, 0], 0
    for run in wallets.runs(DATA / file):
        unions = [(t.inputs[0].address, leg.address) for t in run.ledger for leg in t.inputs]
        all_of_them = [(a, b) for a, b in unions if a is not None and b is not None]
        bare = [x + y for x, y in zip(bare, wallets.pairs(run, all_of_them), strict=True)]
        joined = coinjoins.unions(multi_input, run.ledger)
        guarded = [x + y for x, y in zip(guarded, wallets.pairs(run, joined), strict=True)]
        judged = verdicts(run.ledger, coinjoins.NOBODY)
        apart += sum(not judged[t.id].merges for t in run.ledger if len(wallets.owners(run, t)) > 1)
    with capsys.disabled():
        sys.stdout.write(f"\n{file}: right, wrong, missed {bare} bare, {guarded} guarded; {apart} rounds\n")
    assert f"{bare[0] / (bare[0] + bare[1]):.3f}" == precision
    assert apart == kept
    assert guarded == [0, 0, missed]


def test_no_single_rule_suffices() -> None:
    """R4: BlockSci 32 of 32, Dumplings' rule 0 of 32; R6: fifteen inputs and more catch 5 of 6 rounds."""
    (run,) = wallets.runs(DATA / wallets.JOINMARKET)
    rounds = [sides_of(t) for t in run.ledger if len(wallets.owners(run, t)) > 1]
    assert len(rounds) == 32
    assert all(map(joinmarket.generic, rounds))
    assert not any(joinmarket.equal_outputs(one) and joinmarket.shortcut(one) for one in rounds)
    for run in wallets.runs(DATA / wallets.WASABI):
        made = [sides_of(t) for t in run.ledger if len(wallets.owners(run, t)) > 1]
        assert [sum(wasabi.has_form(one, inputs=n) for one in made) for n in (5, 15)] == [6, 5]


@pytest.mark.parametrize(
    ("file", "spent", "transactions", "several", "expected"),
    [
        (blocks.BLOCK_2019, None, 3314, 556, {"suspect": 11}),
        (blocks.BLOCK_2018, None, 229, 92, {}),
        (blocks.BLOCK_2013, blocks.SPENT_2013, 212, 115, {}),
    ],
)
def test_real_blocks(
    file: str,
    spent: str | None,
    *,
    transactions: int,
    several: int,
    expected: dict[str, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Issue 5: "number of SUSPECT and YES printed per block"."""
    read = list(blocks.transactions(DATA / file, DATA / spent if spent else None))
    assert len(read) == transactions
    assert sum(len(one.sides.gives) > 1 for one in read) == several
    said = Counter(judge(one.sides, shape=one.shape).collaborative.value for one in read)
    with capsys.disabled():
        sys.stdout.write(f"\nblock {read[0].sides.height}: {dict(said)}, {several} of several inputs\n")
    del said["no"]
    assert said == expected


def test_batch_payouts_are_no_coinjoins() -> None:
    """Issue 5: "the 23 batch payouts of the 2019 block are not CoinJoins"."""
    payouts = list(coinjoins.batch_payouts(DATA))
    assert len(payouts) == 23
    assert all(judge(one.sides, shape=one.shape).merges for one in payouts)


def test_a_blocks_spent_outputs_are_what_its_signatures_show() -> None:
    """The store of spent outputs and the reading of signatures agree on whose coins they were."""
    told = blocks.transactions(DATA / blocks.BLOCK_2013, DATA / blocks.SPENT_2013)
    shown = blocks.transactions(DATA / blocks.BLOCK_2013)
    pairs = [(a.sides, b.sides) for a, b in zip(told, shown, strict=True)]
    assert all(a.given is not None and a.fee >= 0 for a, _ in pairs)
    givers = [(x, y) for a, b in pairs for x, y in zip(a.givers, b.givers, strict=True)]
    assert len(givers) == 732
    assert all(y in (x, "") for x, y in givers)


EXPECTED = {
    ("coinjoin/1", "Wasabi 2 rounds"): Counts(33, 0, 2),
    ("coinjoin/1", "Wasabi 1.0 rounds"): Counts(152, 0, 0),
    ("coinjoin/1", "Wasabi 1.1 rounds"): Counts(196, 0, 0),
    ("coinjoin/1", "Whirlpool rounds"): Counts(1403, 0, 0),
    ("coinjoin/1", "equal outputs rounds"): Counts(567, 0, 0),
    ("coinjoin/1", "JoinMarket emulation"): Counts(32, 0, 0, 0),
    ("coinjoin/1", "Wasabi 2 emulation"): Counts(12, 0, 0, 8),
    ("coinjoin/1", "batch payouts of block 574200"): Counts(0, 0, None, 23),
    ("coinjoin/1", "block 277647 of 2013"): Counts(0, 0, None, 115),
    ("whirlpool_tx0/1", "what fed Whirlpool in March 2024"): Counts(564, 0, 185),
    ("multi_input/1", "JoinMarket emulation"): Counts(0, 0, 534),
    ("multi_input/1", "Wasabi 2 emulation"): Counts(0, 0, 2332),
}


@pytest.mark.parametrize("sample", coinjoins.SAMPLES, ids=lambda sample: f"{sample.by} {sample.name}")
def test_each_sample_counts_what_was_counted(sample: Sample) -> None:
    """Each is held, and its figures are the ones that a report may cite."""
    assert sample.held(DATA)
    name = sample.name.partition(" (")[0].partition(",")[0]
    assert sample.count(DATA) == EXPECTED[sample.by, name]


def test_the_samples_can_be_measured() -> None:
    """``flowtrace heuristics measure`` takes them as they are, and says their rates in words."""
    assert set(coinjoins.SAMPLES) <= set(SAMPLES)
    some = [one for one in coinjoins.SAMPLES if "Wasabi 2" in one.name]
    found = {(one.by, one.sample): one.words for one in measure(DATA, some, today="2026-01-31")}
    words = next(said for (by, name), said in found.items() if "Wasabi 2 rounds" in name and by)
    assert words.startswith("precision 33/33")


def test_a_month_of_mixes_is_one_ledger() -> None:
    """TX0s are found by the mixes they feed, and none of them is held to be a round."""
    ledger, fed = coinjoins.mixes_ledger(DATA)
    assert isinstance(ledger, Ledger)
    judged = verdicts(ledger, coinjoins.NOBODY)
    designs = Counter((judged[one.id].design, judged[one.id].collaborative.value) for one in fed)
    assert designs["whirlpool tx0", "no"] == 564
    assert designs["whirlpool", "yes"] == 151
