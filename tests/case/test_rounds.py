"""A CoinJoin in a case: stolen coins enter it, and every output tells how much of them it can hold."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from case.small import write_table
from flowtrace import Case
from flowtrace.case import case as cases
from flowtrace.ledger import Ledger
from flowtrace.model import Asset
from towns.change import VECTOR
from towns.purse import BITCOIN, Purse, holder, paid

STOLEN = 3_000_000
INCIDENT = f"""id = "round"
title = "A theft that is mixed"
date = "2022-04-15"
victim = "nobody"
seeds = ["{BITCOIN.id}:{holder("thief").account}"]
[[thefts]]
id = "btc"
asset = "{Asset.native(BITCOIN)}"
units = "{STOLEN}"
transfer = "{BITCOIN.id}:heist:coin"
victim = "{BITCOIN.id}:{holder("victim").account}"
thief = "{BITCOIN.id}:{holder("thief").account}"
"""


def town(*, mixes: bool) -> Ledger:
    """Return a theft whose coin enters the round of the vector, or a round of others beside it."""
    purse = Purse()
    purse.spend("heist", [paid("victim", STOLEN + 500)], [paid("thief", STOLEN)], height=700_000)
    gives = [paid(f"input {n}", units) for n, units in enumerate(VECTOR["inputs"])]
    outs = [paid(f"output {n}", units) for n, units in enumerate((*VECTOR["shared"], *VECTOR["changes"]))]
    purse.spend("round", [*gives[:3], "heist:0" if mixes else gives[3], *gives[4:]], outs, height=700_010)
    if not mixes:
        purse.spend("kept", ["heist:0"], [paid("cold", STOLEN - 500)], height=700_011)
    return purse.ledger()


def worked(folder: Path, monkeypatch: pytest.MonkeyPatch, *, mixes: bool) -> Case:
    """Return the case of the town; its ledger stands for what a source of coins would give."""
    case = Case.start(folder, "")
    case.import_transfers(write_table(folder.parent / "in"))
    (folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    (folder / "case.toml").write_text(
        'format = 1\n[heuristics]\non = ["joinmarket_change"]\n', encoding="utf-8"
    )
    monkeypatch.setattr(cases, "kept_ledger", lambda *_: town(mixes=mixes))
    return Case.open(folder)


def test_the_round_is_told_output_by_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thief's own change holds nearly all by the sums; a round is whole."""
    case = worked(tmp_path / "round", monkeypatch, mixes=True)
    (found,) = case.result.rounds
    assert [(one.number, one.low, one.high) for one in found.entered] == [(3, STOLEN, STOLEN)]
    change = next(one for one in found.left if one.units == 2_851_830)
    assert change.least > 501_830
    assert change.most == 2_851_830
    assert sum(one.least for one in found.left) <= STOLEN <= sum(one.most for one in found.left)
    case.report()
    with (case.out / "coinjoins.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["output"] for row in rows} == {str(n) for n in range(len(found.left))}
    assert {row["input"] for row in rows if row["pair_most"]} == {"3"}


def test_a_round_that_no_stolen_coin_enters_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same round by others stands on the ledger, and in no table."""
    assert not worked(tmp_path / "round", monkeypatch, mixes=False).result.rounds
