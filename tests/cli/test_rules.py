"""The verbs about rules and clusters: heuristics, heuristics measure, cluster, decide."""

from __future__ import annotations

import json
from pathlib import Path

from case.shared_deposit import DEPOSIT, HUOBI, OTHER, shared_deposit
from commands import Command
from flowtrace import cli


def test_heuristics_are_listed_with_their_rates(command: Command) -> None:
    """Claim, class, citation, failures, and the measured rate or that there is none."""
    listed = json.loads(command("heuristics", "--json")[1])
    (reuse,) = (one for one in listed if one["id"].startswith("deposit_reuse/"))
    assert reuse["citation"].startswith("Victor 2020")
    assert "precision 5/5" in reuse["measured"][0]
    said = command("heuristics")[1]
    assert "fails: a wrong label on the receiving wallet" in said
    assert all(f"parameter {name}: {value}" in said for name, value in reuse["parameters"].items())
    assert "reads: evm chains" in said
    assert "rests on: coinjoin" in said


def test_a_folder_without_data_is_named(command: Command, tmp_path: Path) -> None:
    """Nothing is measured on nothing."""
    code, _, err = command("heuristics", "measure", tmp_path)
    assert (code, "holds none of the" in err) == (2, True)


def test_a_measure_says_beforehand_what_cannot_be(command: Command, tmp_path: Path) -> None:
    """A rule without samples, and a file that cannot be written, are told before the work is done."""
    code, _, err = command("heuristics", "measure", tmp_path, "--only", "nosuch")
    assert (code, "has a sample for 'nosuch'" in err) == (2, True)
    code, _, err = command("heuristics", "measure", tmp_path, "--write", tmp_path / "none" / "m.json")
    assert (code, "cannot be written: there is no folder" in err) == (2, True)


def test_clusters_are_shown_decided_and_built_again(command: Command, tmp_path: Path) -> None:
    """Issue 5: "any heuristic can be switched off or any finding rejected" and it is clustered anew."""
    folder = shared_deposit(tmp_path).folder

    def said(*words: str) -> str:
        code, out, _ = command(words[0], folder, *words[1:])
        assert code == 0
        return out

    shown = said("cluster")
    assert shown.startswith("cluster 1: 2 addresses, joined by 1 findings")
    assert "deposit_reuse/" in shown
    assert said("cluster", "--off", "deposit_reuse").startswith("no two addresses")
    held = json.loads(said("cluster", "--json"))
    ((union,),) = (one["because"] for one in held["clusters"])
    first, second = (member.rpartition(":")[2] for member in held["clusters"][0]["members"])
    why = said("cluster", "--why", first, "--why", second)
    assert union["id"] in why
    assert "nothing joins" in said("cluster", "--why", first, "--why", HUOBI)
    words = ("--who", "an analyst", "--why", "two people")
    code, _, err = command("decide", folder, union["id"], "--reject", *words)
    assert code == 0
    assert "rejected: deposit_reuse/" in err
    assert "rejected by a person: 1" in said("cluster")
    assert f"rejected [{union['id']}]" in said("cluster", "--findings")
    assert DEPOSIT in said("cluster", "--findings").lower()
    assert OTHER in json.dumps(held).lower()


def test_why_takes_two_addresses(command: Command, tmp_path: Path) -> None:
    """What joins one address with nothing is no question."""
    code, _, err = command("cluster", shared_deposit(tmp_path).folder, "--why", HUOBI)
    assert (code, "--why takes two addresses" in err) == (2, True)


def test_json_is_ascii_whatever_a_stranger_has_written() -> None:
    """SECURITY.md: "control and bidirectional characters are removed or made visible"; JSON escapes them."""
    modules = sorted(Path(cli.__file__).parent.glob("*.py"))
    assert len(modules) > 5
    assert [one.name for one in modules if "ensure_ascii" in one.read_text(encoding="utf-8")] == []
