"""The CoinJoin guard over columns on recorded transactions of Bitcoin: rounds, and what came after."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.test_coins import joined_places, judged
from flowtrace.cluster.coins import coins_of
from flowtrace.kernel import Fired, guard, join
from flowtrace.ledger import Ledger
from flowtrace.model import Transfer

ROUNDS = Path(__file__).parents[2].parent / "shared" / "data" / "coinjoin"
LISTS = (
    ("end_zksnacks_202405", "Wasabi2CoinJoins", 35),
    ("ww1_202405", "WasabiCoinJoins", 196),
    ("sw_202403", "SamouraiCoinJoins", 1403),
    ("jm_202406", "OtherCoinJoins", 567),
)
AFTER = (
    ("end_zksnacks_202405", "Wasabi2PostMixTxs"),
    ("ww1_202405", "WasabiPostMixTxs"),
    ("sw_202403", "SamouraiPostMixTxs"),
    ("sw_202403", "SamouraiTx0s"),
    ("jm_202406", "OtherCoinJoinPostMixTxs"),
)
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ROUNDS.is_dir(), reason="the recorded rounds are not beside the checkout"),
]


def recorded(file: str, name: str) -> tuple[Transfer, ...]:
    """Return the transactions of a list; the test is skipped where their reader is not here."""
    dumplings = pytest.importorskip("flowtrace_heuristics.samples.dumplings")
    found: tuple[Transfer, ...] = dumplings.transactions(ROUNDS / f"dumplings__{file}.zip", name)
    return found


@pytest.mark.parametrize(("file", "name", "count"), LISTS)
def test_every_recorded_round_is_held(file: str, name: str, count: int) -> None:
    """Algorithms 1.2, vectors CJ: each round of each list is held by its columns alone."""
    coins = coins_of(Ledger({transfer.id: transfer for transfer in recorded(file, name)}.values()))
    held = guard(coins.given, coins.paid, mark=coins.mark)
    assert len(held) == count
    assert all(one & ~Fired.NEEDLESS for one in held)


def test_nothing_is_joined_that_the_verdicts_hold() -> None:
    """All lists on one ledger, thousands of transactions: never laxer than the verdicts, hardly stricter."""
    lists = [recorded(file, name) for file, name in (*((one[0], one[1]) for one in LISTS), *AFTER)]
    ledger = Ledger({transfer.id: transfer for found in lists for transfer in found}.values())
    verdicts, coins = judged(ledger), coins_of(ledger)
    held = bytes(guard(coins.given, coins.paid, mark=coins.mark))
    joined = joined_places(coins, held, join(coins.given.inputs, len(ledger.addresses), held=held))
    merged = {place for place, verdict in verdicts.items() if verdict.merges}
    assert joined <= merged
    assert len(joined) * 100 > len(merged) * 99
