"""The roles found against published research, address by address, where the shared public data is present."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flowtrace import Case
from flowtrace.model import Address, Kind, RoleName, StopReason

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/cases/ronin2022"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/cases/ronin2022 is not on this machine"),
]
THEFT, SWAPPER = RoleName.THEFT.value, RoleName.SWAPPER.value
BETWEEN, DEPOSITOR = RoleName.INTERMEDIARY.value, RoleName.MIXER_DEPOSITOR.value
SAME = {
    "Primary": THEFT,
    "Used for swapping": SWAPPER,
    "Intermediary to TC": f"{BETWEEN} (a mixer)",
    "Intermediary to CEX": f"{BETWEEN} (an exchange)",
    "Huobi Deposit Address": f"{RoleName.DEPOSIT.value} (huobi)",
    "FTX Deposit Address": f"{RoleName.DEPOSIT.value} (ftx)",
    "TC Depositor": DEPOSITOR,
}
"""What the key calls a role, and what flowtrace calls it."""


@pytest.fixture(scope="module")
def key(ronin: Case) -> dict[Address, str]:
    """Return the key's role of each address that has recorded data."""
    rows = (FOLDER / "answer_key_tayvano.tsv").read_text(encoding="utf-8").splitlines()
    told = {Address.parse("ethereum", account): role for account, role in (row.split("\t") for row in rows)}
    return {address: role for address, role in told.items() if ronin.ledger.coverage_of(address)}


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """Return the figures that the shared data states."""
    figures: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    return figures


def found(case: Case, address: Address) -> str:
    """Return the role found for an address, with where it leads or whose it is."""
    role = case.result.trace.role_of(address)
    if role is None:
        return "none"
    if role.role is RoleName.INTERMEDIARY:
        return f"{role.role.value} ({role.detail.removeprefix('passes value on towards ')})"
    return f"{role.role.value} ({role.entity})" if role.role is RoleName.DEPOSIT else role.role.value


def table(pairs: Counter[tuple[str, str]]) -> str:
    """Return the confusion table as text: the key's role, the role found, how many addresses."""
    rows = [f"{'role in the key':<24}{'role found':<40}{'addresses':>9}"]
    rows += [f"{told:<24}{here:<40}{count:>9}" for (told, here), count in sorted(pairs.items())]
    return "\n".join([*rows, f"{'':<64}{pairs.total():>9}"])


def test_every_role_of_the_key_is_found(
    ronin: Case, key: dict[Address, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 2: "no intermediary, depositor or swept deposit address of the key is missed", of 70."""
    confusion = Counter((told, found(ronin, address)) for address, told in key.items())
    words = table(confusion)
    with capsys.disabled():
        print(f"\n\nRonin 2022, roles of addresses with recorded data\n{words}")  # noqa: T201
    assert len(key) == 70, words
    assert all(SAME[told] == here for told, here in confusion), words


def test_every_deposit_address_called_one_is_one(ronin: Case, key: dict[Address, str]) -> None:
    """Issue 2: "every address called a deposit address is one", and at the exchange that the key names."""
    called = {role.address: role for role in ronin.result.trace.roles if role.role is RoleName.DEPOSIT}
    assert called
    for address, role in called.items():
        assert key[address].lower() == f"{role.entity} deposit address"


def test_the_figures_are_those_of_the_shared_data(ronin: Case, expected: dict[str, Any]) -> None:
    """Issue 2: figures "computed and not stored, agree with the recorded public ledger to the wei"."""
    trace, ledger = ronin.result.trace, ronin.ledger
    stops = {stop.address.account: stop for stop in trace.stops if stop.theft == "eth"}
    seed = Address.parse("ethereum", expected["seed"])
    sent = [t for t in ledger.outgoing(seed) if t.kind is Kind.VALUE and t.ok and t.amount.units]
    assert len(sent) == expected["seed_out"]["value_transfers"]
    assert str(sum(t.amount.units for t in sent)) == expected["seed_out"]["wei"]
    assert {t.id: str(t.units) for t in ronin.result.incident.thefts} == {
        asset.lower(): units for asset, units in expected["theft"].items() if asset != "note"
    }
    router = stops[expected["tornado_router"]["address"]]
    assert (router.senders, router.transfers, str(router.received)) == (
        expected["tornado_router"]["depositors"],
        expected["tornado_router"]["deposits"],
        expected["tornado_router"]["wei"],
    )
    for account, figures in expected["deposit_addresses_found_by_sweep"].items():
        assert str(stops[account].received) == figures["received_from_key_addresses_wei"]
    ends = expected["ends_without_recorded_data"]
    assert {a for a, stop in stops.items() if stop.reason is StopReason.NO_DATA} == set(ends)
    for account, figures in ends.items():
        assert str(stops[account].received) == figures["received_from_key_addresses_wei"]
        assert [claim.text for claim in stops[account].claims] == [figures["published_role"]]
    assert len({t.tx for t in ledger}) == expected["distinct_transactions"]
