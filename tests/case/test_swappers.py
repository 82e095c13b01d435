"""Swappers without a key in a case: listed, and followed only where the case says so, in every output."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from case.swapper_town import BANK, FENCE, PAYOUT_TX, QUOTES, write_town
from commands import Command
from flowtrace import Case, Rule
from flowtrace.errors import InputError
from flowtrace.model import Class, Standing, StopReason

FOLLOW = "[crossings]\nkeyless = true\n"


def worked(folder: Path, settings: str = QUOTES, *, rivals: int = 3) -> Case:
    """Return the case of the town, with the table imported."""
    folder.mkdir()
    table = write_town(folder, settings=settings, rivals=rivals)
    case = Case.open(folder)
    case.import_transfers(table)
    return case


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_without_the_case_s_word_a_fit_is_listed_and_nothing_is_followed(tmp_path: Path) -> None:
    """The one payout that fits is held; of the three that fit the look-alike none is anybody's."""
    trace = worked(tmp_path / "town").result.trace
    assert trace.crossings == ()
    standings = [(one.standing, one.figure("candidates")) for one in trace.likely]
    assert standings == [(Standing.HELD, "1"), *[(Standing.CANDIDATE, "3")] * 3]
    assert {one.why for one in trace.likely[1:]} == {"several payouts fit about as well"}
    assert trace.likely[0].figure("placebo").startswith("placebo: 0 of ")
    assert [stop.reason for stop in trace.stops if stop.entity and stop.entity.id == "fixedfloat"] == [
        StopReason.SERVICE
    ]
    assert FENCE not in {hop.target.display for hop in trace.hops if hop.target}


def test_followed_it_is_one_trace_to_the_exchange_and_conserves(tmp_path: Path) -> None:
    """What came is followed on, of class P; every base unit is accounted for under every rule."""
    result = worked(tmp_path / "town", FOLLOW + QUOTES).result
    (made,) = result.trace.crossings
    assert (made.protocol, made.key, made.cls, made.gap) == ("fixedfloat", "", Class.P, 600)
    assert dict(made.figures)["kept_millionths"] == "5000"
    assert dict(made.figures)["placebo"].startswith("placebo: ")
    banked = [stop for stop in result.trace.stops if stop.address.display == BANK]
    assert [(stop.taint[Rule.PRO_RATA], stop.asset.symbol) for stop in banked] == [(19_900_000_000, "USDT")]
    assert all(account.balances for account in result.trace.accounts)
    over = [hop for hop in result.trace.hops if hop.transfer.tx == PAYOUT_TX.removeprefix("0x")]
    assert [(hop.cls, hop.worst) for hop in over] == [(Class.P, Class.P)]


def test_through_the_command_line_every_output_tells_it(tmp_path: Path, command: Command) -> None:
    """Import, trace, report: the tables, the summary and the rule card are there."""
    folder = tmp_path / "town"
    folder.mkdir()
    file = write_town(folder, settings=FOLLOW + QUOTES)
    assert command("import", "transfers", file, "--case", folder)[0] in {0, 3}
    code, _, err = command("trace", folder)
    assert code in {0, 3}, err
    (made,) = table(folder / "out" / "crossings.csv")
    assert (made["protocol"], made["class"], made["by"]) == ("fixedfloat", "P", "keyless/1")
    assert "expected_coincidences" in made["figures"]
    assert "placebo" in made["figures"]
    rows = table(folder / "out" / "crossing_candidates.csv")
    assert [row["standing"] for row in rows] == ["followed", *["candidate"] * 3]
    told = json.loads((folder / "out" / "summary.json").read_bytes())
    assert len(told["crossing_candidates"]) == 4
    assert told["parameters"]["crossings keyless"] == "followed"


def test_without_prices_it_is_said_to_be_untried(tmp_path: Path) -> None:
    """A deposit whose worth nobody tells is tried against nothing."""
    trace = worked(tmp_path / "town", FOLLOW).result.trace
    assert trace.crossings == ()
    assert {(one.standing, one.got) for one in trace.likely} == {(Standing.UNTRIED, None)}
    assert all("no price" in one.why for one in trace.likely)


def test_a_learnt_habit_is_heard(tmp_path: Path) -> None:
    """A habit that pays within five minutes leaves the payout after ten aside."""
    habit = (
        '[crossings.habit.fixedfloat]\nsource = "a test"\nkept_edges = [0, 50000]\nkept_weights = [1]\n'
        "delay_edges = [60, 300]\ndelay_weights = [1]\n"
    )
    trace = worked(tmp_path / "town", FOLLOW + habit + QUOTES).result.trace
    assert trace.crossings == ()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[crossings]\nkeyless = 1\n", "keyless"),
        ("[crossings]\nclever = true\n", "clever"),
        ('[crossings]\nswappers = "x"\n', "swappers"),
        ('[crossings.habit.x]\nsource = "a"\n', "kept_edges"),
        ('[[crossings.quotes]]\nasset = "eip155:1/slip44:60"\ntime = 1\nusd = "-1"\nsource = "a"\n', "usd"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: str, said: str) -> None:
    """Nothing is guessed from it."""
    folder = tmp_path / "town"
    folder.mkdir()
    write_town(folder, settings=settings)
    with pytest.raises(InputError, match=said):
        Case.open(folder)
