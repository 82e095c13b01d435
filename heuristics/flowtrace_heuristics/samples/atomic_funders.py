"""First funders in the Atomic Wallet theft: published laundering edges, thieves' accounts and services.

The edges are taken for the whole record of every account in them, and their worth in dollars for an amount of
coin: neither is so in truth. Every edge is one of laundering, so that innocent payments are not among them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from flowtrace.labels import load_labels
from flowtrace.ledger import Ledger
from flowtrace.measure import Counts, Sample
from flowtrace.model import (
    ETHEREUM,
    Address,
    Asset,
    Basis,
    Coverage,
    Kind,
    Leg,
    SameOwner,
    Scope,
    Transfer,
)
from flowtrace_heuristics.account.first_funder import first_funder

_FLOW = "laundernet/atomic/flow.csv"


def _edges(folder: Path) -> list[dict[str, str]]:
    with (folder / _FLOW).open(encoding="utf-8", newline="") as file:
        return sorted(
            csv.DictReader(file), key=lambda row: (int(row["Block"]), row["Timestamp"], row["Tx_hash"])
        )


def _transfer(number: int, row: dict[str, str]) -> Transfer:
    coin = Asset.native(ETHEREUM)
    units = int(Decimal(row["Value_in_USD"]) * 100)
    at = datetime.fromisoformat(row["Timestamp"] + "+00:00")
    ends = [Address(ETHEREUM.id, row[end]) for end in ("From", "To")]
    source, target = (Leg(end, coin, units) for end in ends)
    return Transfer(
        ETHEREUM.id, row["Tx_hash"], f"internal {number}", int(row["Block"]), 0, number, int(at.timestamp()),
        Kind.VALUE, Basis.RECORDED, ok=True, inputs=(source,), outputs=(target,),
    )  # fmt: skip


def _is_thiefs(label: str) -> bool:
    """Tell whether a label is the thieves': none at all, phishing, or a source that is no victim's."""
    return not label or label.startswith("Fake_Phishing") or label.endswith(" SRC")


def count(folder: Path) -> Counts:
    """Count pairs of an account and whoever first paid it."""
    rows = _edges(folder)
    labels = {row[end]: row[f"{end}_label"] for row in rows for end in ("From", "To")}
    transfers = [_transfer(number, row) for number, row in enumerate(rows)]
    record = [_record(account) for account in labels]
    ledger = Ledger(transfers, record)
    found = {(one.a, one.b) for one in first_funder(ledger, load_labels()) if isinstance(one, SameOwner)}
    firsts = _firsts(rows)
    true = {
        _pair(one, other) for one, other in firsts if _is_thiefs(labels[one]) and _is_thiefs(labels[other])
    }
    told = {_pair(*ends) for ends in firsts}
    return Counts(
        tp=len(found & true), fp=len(found - true), fn=len(true - found), tn=len(told - true - found)
    )


def _firsts(rows: Iterable[dict[str, str]]) -> set[tuple[str, str]]:
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(row["To"], row["From"])
    return {(giver, taker) for taker, giver in first.items() if giver != taker}


def _pair(one: str, other: str) -> tuple[Address, Address]:
    first, second = sorted(Address(ETHEREUM.id, account) for account in (one, other))
    return first, second


def _record(account: str) -> Coverage:
    check = "taken for whole by this sample"
    address = Address(ETHEREUM.id, account)
    return Coverage(
        address, Scope.EXTERNAL, 0, 1 << 30, complete=True, check=check, fetched_at="", source=_FLOW
    )


SAMPLE = Sample(
    by=first_funder.by,
    name=(
        "laundering edges of the Atomic Wallet theft, taken for the whole record of their accounts; all "
        "unlabelled and phishing accounts count as one operation's, labelled services and victims do not"
    ),
    source="LaunderNetEvm41, github.com/blocksecteam/MFTracer at 32379c6e",
    what="pairs of an account and its first payer",
    files=(_FLOW,),
    count=count,
)
