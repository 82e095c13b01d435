"""How the CoinJoin verdict does: on lists of rounds, on wallets whose keys are known, on real blocks.

The lists of rounds were chosen by much the same rules, so they show that the detectors conform, and are no
independent recall. The emulations are independent: there a round is what spends several wallets' coins.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from flowtrace.heuristic import Heuristic
from flowtrace.ledger import Ledger
from flowtrace.measure import Counts, Sample
from flowtrace.model import Address, Label, Pattern, SameOwner, Transfer
from flowtrace_heuristics.samples import blocks, dumplings, wallets
from flowtrace_heuristics.utxo.coinjoin import coinjoin
from flowtrace_heuristics.utxo.collaboration import verdicts
from flowtrace_heuristics.utxo.detectors import judge
from flowtrace_heuristics.utxo.multi_input import multi_input
from flowtrace_heuristics.utxo.whirlpool_tx0 import whirlpool_tx0

DATA = "https://github.com/crocs-muni/coinjoin-analysis (tests/fixtures)"
_BLOCKS = "https://github.com/btcsuite/btcd (blockchain/testdata, database/testdata)"
LISTS = (
    ("Wasabi 2", "coinjoin/dumplings__end_zksnacks_202405.zip", "Wasabi2CoinJoins"),
    ("Wasabi 1.0", "coinjoin/dumplings__end_zksnacks_202405.zip", "WasabiCoinJoins"),
    ("Wasabi 1.1", "coinjoin/dumplings__ww1_202405.zip", "WasabiCoinJoins"),
    ("Whirlpool", "coinjoin/dumplings__sw_202403.zip", "SamouraiCoinJoins"),
    ("equal outputs", "coinjoin/dumplings__jm_202406.zip", "OtherCoinJoins"),
)
MIXES = "coinjoin/dumplings__sw_202403.zip"


class Nobody:
    """Attribution that knows nobody: the data speaks for itself."""

    def service(self, address: Address) -> Label | None:
        """Return None."""
        del address
        return None

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return nothing."""
        del address
        return ()

    def listed(self, chain_id: str, tx: str) -> tuple[str, ...]:
        """Return nothing."""
        del chain_id, tx
        return ()


NOBODY = Nobody()


def listed_rounds(file: str, name: str, folder: Path) -> Counts:
    """Count the rounds of a list that are kept apart, and those that are not."""
    judged = verdicts(Ledger(dumplings.transactions(folder / file, name)), NOBODY)
    kept = sum(1 for one in judged.values() if not one.merges)
    return Counts(tp=kept, fp=0, fn=len(judged) - kept)


def emulated_rounds(file: str, folder: Path) -> Counts:
    """Count transactions of several inputs: made by several wallets or not, and kept apart or not."""
    tally = dict.fromkeys([(truth, said) for truth in (True, False) for said in (True, False)], 0)
    for run in wallets.runs(folder / file):
        judged = verdicts(run.ledger, NOBODY)
        for transfer in run.ledger:
            if len(transfer.inputs) > 1:
                several = len(wallets.owners(run, transfer)) > 1
                tally[several, not judged[transfer.id].merges] += 1
    return Counts(tally[True, True], tally[False, True], tally[True, False], tally[False, False])


def batches(folder: Path) -> Counts:
    """Count the batch payouts of a block, five or more outputs of one value, that are called a CoinJoin."""
    said = [not judge(one.sides, shape=one.shape).merges for one in batch_payouts(folder)]
    return Counts(tp=0, fp=sum(said), tn=len(said) - sum(said))


def batch_payouts(folder: Path) -> Iterator[blocks.Read]:
    """Yield the batch payouts of a block of 2019."""
    for one in blocks.transactions(folder / blocks.BLOCK_2019):
        if max(one.sides.counts.values(), default=0) >= 5:  # noqa: PLR2004  what is called a batch here
            yield one


def old_block(folder: Path) -> Counts:
    """Count the transactions of several inputs of a block of 2013 that are kept apart."""
    read = blocks.transactions(folder / blocks.BLOCK_2013, folder / blocks.SPENT_2013)
    said = [not judge(one.sides, shape=one.shape).merges for one in read if len(one.sides.gives) > 1]
    return Counts(tp=0, fp=sum(said), tn=len(said) - sum(said))


def mixes_ledger(folder: Path) -> tuple[Ledger, list[Transfer]]:
    """Return the month of Whirlpool with what fed it and what it fed, and what fed it as the list has it."""
    fed = list(dumplings.transactions(folder / MIXES, "SamouraiTx0s"))
    lists = ("SamouraiCoinJoins", "SamouraiPostMixTxs")
    rest = [one for name in lists for one in dumplings.transactions(folder / MIXES, name)]
    once = {one.id: one for one in (*rest, *fed)}  # two lists may hold one, and tell its index otherwise
    return Ledger(once.values()), fed


def prepared(folder: Path) -> Counts:
    """Count the list's TX0s that are found; those of the list that mix themselves are no TX0s."""
    ledger, fed = mixes_ledger(folder)
    patterns = whirlpool_tx0(ledger, NOBODY)
    found = {one.because[0] for one in patterns if isinstance(one, Pattern)}
    judged = verdicts(ledger, NOBODY)
    true = {one.id for one in fed if "D4 external" not in judged[one.id].detectors}
    return Counts(tp=len(found & true), fp=len(found - true), fn=len(true - found))


def unions(subject: Heuristic, ledger: Ledger) -> list[tuple[Address, Address]]:
    """Return the pairs that a heuristic joins, not those that it only shows."""
    found = subject(ledger, NOBODY)
    return [(one.a, one.b) for one in found if isinstance(one, SameOwner) and not one.soft]


def joined_pairs(file: str, folder: Path) -> Counts:
    """Count pairs of spent addresses: joined rightly, wrongly, and not joined.

    The wallets spend nothing outside rounds there, so what a guard can show is that it joins no strangers.
    """
    totals = [0, 0, 0]
    for run in wallets.runs(folder / file):
        counted = wallets.pairs(run, unions(multi_input, run.ledger))
        totals = [held + more for held, more in zip(totals, counted, strict=True)]
    return Counts(*totals)


_CONFORMS = "conformance: chosen by like rules, and nothing but rounds, so that it tells no precision"
_KEYS = "independent: every wallet's keys are known"
_APART = "transactions kept apart"

SAMPLES = (
    *(
        Sample(
            coinjoin.by,
            f"{design} rounds ({_CONFORMS})",
            DATA,
            _APART,
            (file,),
            partial(listed_rounds, file, name),
        )
        for design, file, name in LISTS
    ),
    *(
        Sample(
            coinjoin.by,
            f"{name} emulation ({_KEYS})",
            DATA,
            f"{_APART}, of several inputs",
            (file,),
            partial(emulated_rounds, file),
        )
        for name, file in (("JoinMarket", wallets.JOINMARKET), ("Wasabi 2", wallets.WASABI))
    ),
    Sample(
        coinjoin.by,
        "batch payouts of block 574200 (inputs' values unknown; 6 of the 23 have several inputs)",
        _BLOCKS,
        "payouts kept apart",
        (blocks.BLOCK_2019,),
        batches,
    ),
    Sample(
        coinjoin.by,
        "block 277647 of 2013, before the designs (no truth is known)",
        _BLOCKS,
        f"{_APART}, of several inputs",
        (blocks.BLOCK_2013, blocks.SPENT_2013),
        old_block,
    ),
    Sample(
        whirlpool_tx0.by,
        "what fed Whirlpool in March 2024 (conformance: chosen by like rules; not all that it feeds is read)",
        DATA,
        "transactions",
        (MIXES,),
        prepared,
    ),
    *(
        Sample(
            multi_input.by,
            f"{name} emulation ({_KEYS}; they spend in rounds only, which nothing may join)",
            DATA,
            "pairs of spent addresses",
            (file,),
            partial(joined_pairs, file),
        )
        for name, file in (("JoinMarket", wallets.JOINMARKET), ("Wasabi 2", wallets.WASABI))
    ),
)
