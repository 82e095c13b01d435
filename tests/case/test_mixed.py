"""Notes of a mixer in a case: candidates beside the stop, and followed only on a person's word.

    victim ─▶ thief ─▶ pool of 1 ETH ┄▶ fence (0.99 ETH, 0.01 to the relayer) ─▶ an exchange
    somebody ─▶ pool                 ┄▶ a stranger: nobody's value
The thief had paid the fence three times before (rule T4).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from case.small import INCIDENT, THEFT, THIEF, VICTIM
from case.swapper_town import HEADER, ether
from commands import Command
from flowtrace import Case, Rule
from flowtrace.case import case as cases
from flowtrace.case.derive import kept_ledger
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Class,
    Fact,
    FactKind,
    Pattern,
    Standing,
    StopReason,
    finding_id,
)

POOL = "0x47ce0c6ed5b0ce3d3a51fdb1c52dc66a7c3c2936"  # Tornado Cash's pool of 1 ETH, a shipped label
FENCE, RELAYER, OTHER, STRANGER = ("0x" + pair * 20 for pair in ("f1", "f2", "f3", "f4"))
HUOBI = "0x28ffe35688ffffd0659aee2e34778b0ae4e193ad"
ONE = 10**18
PUT, TAKEN, PUT_TOO, TAKEN_TOO, BANKED = ("0x" + pair * 32 for pair in ("c1", "c2", "c3", "c4", "c5"))


def _internal(tx: str, target: str, *, units: int, block: int, number: int) -> str:
    row = ether(tx, POOL, target, units=units, block=block)
    return row.replace(",value,", f",internal {number},", 1).replace(",value,", ",internal,", 1)


ROWS = [
    ether(THEFT, VICTIM, THIEF, units=50 * ONE, block=100),
    *(ether(f"0xd{n}" + "0" * 62, THIEF, FENCE, units=1000 + n, block=101 + n) for n in range(3)),
    ether(PUT_TOO, OTHER, POOL, units=ONE, block=105),
    ether(PUT, THIEF, POOL, units=ONE, block=110),
    _internal(TAKEN, FENCE, units=99 * ONE // 100, block=200, number=0),
    _internal(TAKEN, RELAYER, units=ONE // 100, block=200, number=1),
    _internal(TAKEN_TOO, STRANGER, units=ONE, block=210, number=0),
    ether(BANKED, FENCE, HUOBI, units=9 * ONE // 10, block=220),
]
WHOLE = "address,scope,first,last,complete,check,fetched_at,source\n" + "".join(
    f"eip155:1:{one},{scope},0,300,1,typed by hand,2023-11-15T00:00:00+00:00,a test\n"
    for one in (THIEF, FENCE)
    for scope in ("external", "internal")
)


def note(kind: FactKind, tx: str, *parties: tuple[str, str], block: int, **figures: str) -> Fact:
    """Return a note of the pool."""
    named = tuple((role, Address.parse("ethereum", one)) for role, one in parties)
    time = 1_700_000_000 + 12 * (block - 100)
    return Fact("eip155:1", tx, block, 0, 1, time, kind, named, tuple(figures.items()))


FACTS = (
    note(FactKind.MIXER_DEPOSIT, PUT_TOO, ("depositor", OTHER), ("pool", POOL), block=105, leaf="0"),
    note(FactKind.MIXER_DEPOSIT, PUT, ("depositor", THIEF), ("pool", POOL), block=110, leaf="1"),
    note(
        FactKind.MIXER_WITHDRAWAL, TAKEN, ("recipient", FENCE), ("pool", POOL), ("relayer", RELAYER),
        block=200, fee=str(ONE // 100),
    ),
    note(FactKind.MIXER_WITHDRAWAL, TAKEN_TOO, ("recipient", STRANGER), ("pool", POOL), block=210, fee="0"),
)  # fmt: skip


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command) -> Path:
    """A case of the town, imported; the pool's notes stand beside, as a source that tells logs gives them."""
    folder, given = tmp_path / "town", tmp_path / "in"
    folder.mkdir()
    given.mkdir()
    (folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    minimum = '[policy.minimum]\n"eip155:1/slip44:60" = "1000"\n'
    (folder / "case.toml").write_text(f"format = 1\n{minimum}", encoding="utf-8")
    (given / "town.csv").write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    (given / "town.coverage.csv").write_text(WHOLE, encoding="utf-8")
    kept = kept_ledger

    def with_notes(*words: object) -> Ledger:
        held = kept(*words)  # type: ignore[arg-type]
        return Ledger(list(held), held.coverage, held.witness, facts=FACTS)

    monkeypatch.setattr(cases, "kept_ledger", with_notes)
    assert command("import", "transfers", given / "town.csv", "--case", folder)[0] == 0
    return folder


def found(case: Case) -> Pattern:
    """Return the finding of rule T4."""
    return next(
        one for one in case.cluster()[1].findings if isinstance(one, Pattern) and one.figure("rule") == "T4"
    )


def test_without_a_word_the_withdrawal_is_a_candidate_beside_the_stop(folder: Path) -> None:
    """The trace ends at the pool; the finding is listed with its odds, and its withdrawal named."""
    trace = Case.open(folder).result.trace
    assert trace.crossings == ()
    (one,) = trace.likely
    assert (one.standing, one.by) == (Standing.CANDIDATE, "tornado_linked_address/1")
    assert one.got is not None
    assert one.got[0].startswith(f"eip155:1:{TAKEN}:")
    assert one.figure("posterior")
    assert one.figure("expected_coincidences")
    assert [stop.address.display.lower() for stop in trace.stops if stop.reason is StopReason.MIXER] == [POOL]


def test_accepted_by_a_person_it_is_followed_less_the_relayer_s_fee(folder: Path, command: Command) -> None:
    """`decide --accept` makes one crossing of class P; every unit is accounted for, strangers are not met."""
    named = finding_id(found(Case.open(folder)))
    code, _, err = command(
        "decide", folder, named, "--accept", "--who", "an analyst", "--why", "the fence says so"
    )
    assert code == 0, err
    code, _, err = command("trace", folder)
    assert code in {0, 3}, err
    result = Case.open(folder).result
    (made,) = result.trace.crossings
    assert (made.protocol, made.cls, made.by) == ("tornado", Class.P, "tornado_linked_address/1")
    assert made.fee is not None
    assert made.fee.units == ONE // 100
    assert dict(made.figures)["accepted_by"] == "an analyst"
    banked = next(stop for stop in result.trace.stops if stop.address.display.lower() == HUOBI)
    assert banked.taint[Rule.FIFO] >= 9 * ONE // 10 - 3003
    met = {hop.target.display.lower() for hop in result.trace.hops if hop.target}
    assert met.isdisjoint({STRANGER, OTHER, RELAYER})
    assert all(account.balances for account in result.trace.accounts)
    with (folder / "out" / "crossings.csv").open(encoding="utf-8", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert (row["fee_base_units"], row["class"]) == (str(ONE // 100), "P")
    assert "posterior" in row["figures"]
    told = json.loads((folder / "out" / "summary.json").read_bytes())
    assert [one["standing"] for one in told["crossing_candidates"]] == ["followed"]


def test_a_withdrawal_whose_fee_contradicts_the_pool_is_not_followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any contract can write the events of a pool: what it says has to fit what it paid."""
    wrong = [
        note(
            FactKind.MIXER_WITHDRAWAL, TAKEN, ("recipient", FENCE), ("pool", POOL), ("relayer", RELAYER),
            block=200, fee="7",
        )
        if one.tx == TAKEN
        else one
        for one in FACTS
    ]  # fmt: skip
    monkeypatch.setitem(globals(), "FACTS", tuple(wrong))
    case = Case.open(folder)
    case.decide(finding_id(found(case)), accept=True, who="an analyst", why="a guess")
    trace = case.result.trace
    assert trace.crossings == ()
    assert "fee" in trace.likely[0].why
