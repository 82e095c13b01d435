"""What its neighbours tell of a transaction: remixes, descent, preparation, and whose coins met before."""

from __future__ import annotations

from flowtrace.ledger import Ledger
from flowtrace.model import Transfer
from flowtrace_heuristics.utxo.collaboration import NOBODY, Collaborative, Verdict, verdict, verdicts
from flowtrace_heuristics.utxo.neighbours import TX0, Columns
from flowtrace_heuristics.utxo.sides import sides_of
from flowtrace_heuristics.utxo.whirlpool import GENESIS
from towns.rounds import JOINMARKET, MIX, POOL, PREPARED, PURCHASES, WAGES, new_coin, shape, spend
from toytown import NOBODY as NO_LABELS
from toytown import Register

YES, SUSPECT, NO = Collaborative.YES, Collaborative.SUSPECT, Collaborative.NO


def judged(*transfers: Transfer) -> dict[str, Verdict]:
    """Return the verdicts by the transaction's name."""
    found = verdicts(Ledger(transfers), NO_LABELS)
    return {name.split(":")[2]: one for name, one in found.items()}


def test_columns_read_as_transfers_do() -> None:
    """Two ways to the same sides: the ledger's columns, and the transfer itself."""
    all_of_them = [JOINMARKET, WAGES, MIX, PREPARED, *PURCHASES, new_coin("reward", [("miner", 5)])]
    ledger = Ledger(all_of_them)
    columns = Columns(ledger)
    assert [columns.sides(place) for place in columns] == [sides_of(transfer) for transfer in ledger]


def test_alone_each_is_judged_as_by_itself() -> None:
    """Where no neighbour is on the ledger the verdict is the transaction's own."""
    for transfer in (JOINMARKET, WAGES, MIX, PREPARED, *PURCHASES):
        assert verdicts(Ledger([transfer]), NO_LABELS) == {transfer.id: verdict(transfer)}


def test_lists_and_shapes_are_asked_for() -> None:
    """D6 by the attribution, D8 by the ledger's facts."""
    register = Register({}, {(WAGES.chain_id, WAGES.tx): ("a crawl",)})
    assert verdicts(Ledger([WAGES]), register)[WAGES.id].detectors == ("D6 a crawl",)
    told = Ledger([WAGES], facts=[shape(WAGES, sighashes="01,83")])
    assert verdicts(told, NO_LABELS)[WAGES.id].detectors == ("D8 marketplace",)


def test_what_prepares_coins_for_a_mix_is_one_owners() -> None:
    """TX0: label it and hold it "*not* collaborative", though equal outputs make it look like a round."""
    assert verdict(PREPARED).collaborative is NO
    like_a_round = spend(
        "prepared",
        [("eve", 2_000_000), ("eve savings", 1_000_000)],
        [("", 0), ("coordinator", 50_000), ("eve premix", POOL + 5_000), ("eve premix 2", POOL + 5_000)],
    )
    assert verdict(like_a_round).collaborative is SUSPECT
    found = judged(like_a_round, MIX)["prepared"]
    assert (found.collaborative, found.design) == (NO, TX0)
    assert judged(like_a_round)["prepared"].collaborative is SUSPECT


def test_a_round_that_feeds_a_mix_stays_a_round() -> None:
    """Only what has no design of its own is taken for a preparation."""
    first = spend("first", [(f"a{n}", POOL + n) for n in range(5)], [(f"b{n}", POOL) for n in range(5)])
    later = [(f"b{n}", POOL, f"first:{n}") for n in range(4)]
    mix = spend("mix", [*later, ("new", POOL + 9)], [(f"c{n}", POOL) for n in range(5)], index=1)
    assert judged(first, mix)["first"].collaborative is YES
    assert judged(first, mix)["first"].design == "whirlpool"


def test_descent_is_followed_from_the_first_mixes() -> None:
    """Lineage: "accepted iff some input spends an accepted mix", from the genesis mixes on."""
    genesis = min(GENESIS)
    first = spend(genesis, [(f"a{n}", POOL + n) for n in range(5)], [(f"b{n}", POOL) for n in range(5)])
    heir = [("b1", POOL, f"{genesis}:1"), *((f"new {n}", POOL + 7, f"other:{n}") for n in range(4))]
    second = spend("second", heir, [(f"c{n}", POOL) for n in range(5)], index=1)
    found = judged(first, second, MIX)
    assert found[genesis].detectors[-1] == found["second"].detectors[-1] == "D4 lineage"
    assert "D4 lineage" not in found["mix"].detectors


def wasabi_2(tx: str, index: int, parents: list[str]) -> Transfer:
    """Return a round of fifteen that spends an output of each parent."""
    gives = [(f"{tx} {n}", 2_000_000 - n, f"{parent}:{index}") for n, parent in enumerate(parents)]
    gives += [(f"{tx} {n}", 2_000_000 - n, f"{parents[0]}:{n + 100}") for n in range(len(parents), 15)]
    return spend(tx, gives, [(f"{tx} mixed {n}", 1_048_576) for n in range(8)], index=index)


def test_a_round_of_wasabi_2_without_any_remix_is_doubted() -> None:
    """Post-filter "both_noremix -> SUSPECT", where all that it spends is on the ledger."""
    funds = new_coin("funds", [("somebody", 10**9)])
    lone = wasabi_2("lone", 1, ["funds"])
    assert judged(lone)["lone"].collaborative is YES
    assert judged(funds, lone)["lone"].collaborative is SUSPECT
    assert judged(funds, lone)["lone"].detectors[0] == "D3?"
    heir = wasabi_2("heir", 2, ["lone", "funds"])
    found = judged(funds, lone, heir)
    assert found["lone"].collaborative is found["heir"].collaborative is YES


def together(tx: str, index: int, *names: str) -> Transfer:
    """Return a purchase that needs all that it spends."""
    gives = [(name, 1_000) for name in names]
    return spend(tx, gives, [("shop", 1_000 * len(names) - 100), (f"{tx} change", 50)], index=index)


def test_a_payjoin_joins_no_clusters_that_co_spent_before() -> None:
    """D7: "two spending clusters never co-spent before" with an input that nobody needed."""
    first, second = together("first", 0, "a1", "a2"), together("second", 1, "b1", "b2")
    payjoin = spend("payjoin", [("a1", 700), ("b2", 900)], [("b3", 800), ("a3", 790)], index=2)
    found = judged(first, second, payjoin)
    assert found["first"] == found["second"] == NOBODY
    assert found["payjoin"].detectors == ("D7 clusters",)
    assert found["payjoin"].collaborative is SUSPECT
    assert judged(first, payjoin)["payjoin"] == NOBODY
    needed = spend("needed", [("a1", 700), ("b2", 900)], [("shop", 1_500), ("a3", 90)], index=2)
    assert judged(first, second, needed)["needed"] == NOBODY


def test_clusters_that_met_before_may_meet_again() -> None:
    """Once joined by a transaction that needed both, the two are one cluster."""
    first, second = together("first", 0, "a1", "a2"), together("second", 1, "b1", "b2")
    joined = together("joined", 2, "a2", "b1")
    again = spend("again", [("a1", 700), ("b2", 900)], [("b3", 800), ("a3", 790)], index=3)
    assert judged(first, second, joined, again)["again"] == NOBODY


def test_every_transaction_of_coins_has_a_verdict() -> None:
    """``verdicts`` leaves none out, so nobody has to guess what is missing."""
    transfers = (JOINMARKET, WAGES, *PURCHASES, new_coin("reward", [("miner", 5)]))
    assert set(judged(*transfers)) == {transfer.tx for transfer in transfers}


def test_a_kept_reading_is_the_same_attributions() -> None:
    """Verdicts are kept for a ledger; another attribution is asked anew."""
    ledger = Ledger([WAGES])
    assert verdicts(ledger, NO_LABELS)[WAGES.id] == NOBODY
    register = Register({}, {(WAGES.chain_id, WAGES.tx): ("a crawl",)})
    assert verdicts(ledger, register)[WAGES.id].collaborative is YES
    assert verdicts(ledger, NO_LABELS)[WAGES.id] == NOBODY
