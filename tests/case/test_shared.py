"""A bridge that nobody registered, in a case: shown beside the end with its word, and never followed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from case.small import write_table
from crossing.test_shared import ARBITRUM, ETHEREUM, START, at, burnt, moved, rare, released
from flowtrace import Case
from flowtrace.case import case as cases
from flowtrace.ledger import Ledger
from flowtrace.model import Standing
from toytown import record_of

THIEF, VICTIM = at("sender way", ETHEREUM), at("victim", ETHEREUM)
STOLEN = moved("heist", VICTIM, THIEF, units=10**18, time=START + 1)
INCIDENT = f"""id = "bridge"
title = "A theft over an unknown bridge"
date = "2023-11-14"
victim = "nobody"
seeds = ["{THIEF}"]
[[thefts]]
id = "tok"
asset = "{STOLEN.amount.asset}"
units = "{10**18}"
transfer = "{STOLEN.id}"
victim = "{VICTIM}"
thief = "{THIEF}"
"""


def test_it_is_listed_with_its_evidence_and_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The burn is the trace's, the release stands beside it as a candidate; a stranger's pair does not."""
    sides = [
        burnt("way", rare("id"), time=START + 50),
        released("way", rare("id"), time=START + 90),
        burnt("other", rare("another"), time=START + 60),
        released("other", rare("another"), time=START + 95),
    ]
    held = Ledger(
        [STOLEN, *(move for moves, _ in sides for move in moves)], [record_of(THIEF)],
        facts=[fact for _, facts in sides for fact in facts],
    )  # fmt: skip
    folder = tmp_path / "bridge"
    case = Case.start(folder, "")
    case.import_transfers(write_table(tmp_path / "in"))
    (folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    monkeypatch.setattr(cases, "kept_ledger", lambda *_: held)
    case = Case.open(folder)
    (one,) = case.result.trace.likely
    assert (one.standing, one.by, one.protocol) == (Standing.CANDIDATE, "shared_word/1", "unregistered")
    assert one.figure("word") == "0x" + rare("id")
    assert {hop.transfer.chain_id for hop in case.result.trace.hops} == {ETHEREUM.id}
    case.report()
    with (case.out / "crossing_candidates.csv").open(encoding="utf-8", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert (row["came_chain"], row["came_tx"]) == (ARBITRUM.id, "out-way")
    assert rare("id") in row["figures"]
