"""LaunderNetEvm41, the Atomic Wallet part: ground-truth laundering payments of June 2023 and after.

The payments are told in dollars, so they stand on the ledger as USDC of the same worth to the cent: a
stand-in, by which the amounts can be compared with one another. Every payment is of the laundering, so the
sample shows what a heuristic misses; of innocent addresses it has only the few labelled services.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flowtrace.heuristic import Heuristic
from flowtrace.ledger import Ledger
from flowtrace.measure import Counts, Sample
from flowtrace.model import Address, Asset, Basis, Kind, Label, Leg, Pattern, Transfer, read_decimal
from flowtrace_heuristics.pattern.pass_through import pass_through

FLOW = "laundernet/atomic/flow.csv"
SOURCE = "https://github.com/blocksecteam/MFTracer at 32379c6e, LaunderNetEvm41, cluster 1 (Atomic Wallet)"
DOLLARS = Asset.token(Address.parse("ethereum", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"), "USDC", 6)
_UNLABELLED = ("", "Fake_Phishing", "Atomic Wallet Hack")


@dataclass(frozen=True)
class Payment:
    """One row: the transfer that stands for it, and what its giver and taker are labelled."""

    transfer: Transfer
    giver: str
    taker: str


class Unlabelled:
    """An attribution that knows nobody: the sample's labels are its truth, which no heuristic may see."""

    def service(self, address: Address) -> Label | None:
        """Return nothing."""
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


def payments(folder: Path) -> list[Payment]:
    """Return the rows of the file, in its order."""
    with (folder / FLOW).open(encoding="utf-8", newline="") as file:
        return [_payment(number, row) for number, row in enumerate(csv.DictReader(file))]


def _payment(number: int, row: dict[str, str]) -> Payment:
    giver, taker = (Address.parse("ethereum", row[side]) for side in ("From", "To"))
    units = read_decimal(row["Value_in_USD"], 6)
    time = datetime.strptime(row["Timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    transfer = Transfer(
        chain_id=DOLLARS.chain_id,
        tx=row["Tx_hash"],
        position=f"row {number}",
        height=int(row["Block"]),
        index=0,
        order=number,
        time=int(time.timestamp()),
        kind=Kind.TOKEN,
        basis=Basis.RECORDED,
        ok=True,
        inputs=(Leg(giver, DOLLARS, units),),
        outputs=(Leg(taker, DOLLARS, units),),
    )
    return Payment(transfer, row["From_label"], row["To_label"])


def _is_mule(label: str) -> bool:
    return not label or label.startswith(_UNLABELLED[1:])


def _middles(rows: list[Payment]) -> Iterator[tuple[Address, bool]]:
    """Yield each address that both got and gave, and whether it is a mule's, no service's."""
    gave = {row.transfer.source: row.giver for row in rows}
    got = {row.transfer.target for row in rows}
    for address in sorted(address for address in gave if address is not None and address in got):
        yield address, _is_mule(gave[address])


def _counted(subject: Heuristic, folder: Path) -> Counts:
    rows = payments(folder)
    found = {
        address
        for one in subject(Ledger(row.transfer for row in rows), Unlabelled())
        if isinstance(one, Pattern)
        for address in one.addresses
    }
    truth = dict(_middles(rows))
    hits = [address for address in truth if address in found]
    mules = sum(truth.values())
    right = sum(truth[address] for address in hits)
    wrong = len(hits) - right
    return Counts(right, wrong, mules - right, len(truth) - mules - wrong)


PASS_THROUGH = Sample(
    pass_through.by,
    "LaunderNetEvm41 Atomic Wallet",
    SOURCE,
    "addresses that got and gave in the published laundering paths: mules, against labelled services",
    (FLOW,),
    lambda folder: _counted(pass_through, folder),
)
SAMPLES = (PASS_THROUGH,)
