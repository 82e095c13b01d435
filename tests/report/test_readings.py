"""Clusters and patterns in what a case reports: with their rules, inert, and nothing where there is none."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

from flowtrace.model import Class, Cluster, Pattern, Result, SameOwner, finding_id
from flowtrace.report.document.readings import cited, read
from flowtrace.report.document.report import blocks
from flowtrace.report.tables import write_tables
from report.toy_result import IDA, JON, toy_result
from toytown import NED

SAME = SameOwner(IDA, JON, "deposit_reuse/1", ("a", "b"), score="0.9")
HOSTILE = "=HYPERLINK(1)\x1b[2J\u202e"
SHAPES = tuple(
    Pattern(HOSTILE, (JON, IDA), "fan_out/1", (f"t{n}",), Class.P, (("payees", str(n)),), HOSTILE)
    for n in (12, 13)
)


def found() -> Result:
    """Return the toytown case with a cluster, one that touches nothing, and two patterns."""
    result = toy_result()
    silent = replace(result.rule_cards[0], id="coinjoin")
    return replace(
        result,
        clusters=(Cluster((IDA, JON), (SAME,)), Cluster((NED,), ())),
        patterns=SHAPES,
        rule_cards=(*result.rule_cards, silent),
    )


def test_the_section_names_members_rules_and_counts() -> None:
    """One row a cluster of the trace, and one a kind of pattern, with the first of it."""
    text = json.dumps(read(found()), ensure_ascii=False)
    assert IDA.display in text
    assert "deposit_reuse/1: 1" in text
    assert "fan_out/1" in text
    assert "and 1 address more" in text
    assert NED.display not in text
    assert "What touches no address of the trace is left out here." in text
    assert "(class P)" not in text  # a pattern may be recorded, class D
    assert read(toy_result()) == []
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_only_cards_that_say_something_are_printed_whole() -> None:
    """The others are named: that they were used and found nothing is a finding too."""
    result = found()
    assert [card.id for card in cited(result)] == ["deposit_reuse"]
    text = json.dumps(blocks(result), ensure_ascii=False)
    assert "Also used, and with nothing to say of this trace: coinjoin/1." in text
    assert "coinjoin, version 1" not in text


def test_tables_list_every_member_union_and_pattern(tmp_path: Path) -> None:
    """Each union and pattern with the id by which a person decides on it; cells run nothing."""
    write_tables(found(), tmp_path)

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    assert [(row["cluster"], row["address"]) for row in rows("clusters")] == [
        ("1", IDA.display), ("1", JON.display), ("2", NED.display)
    ]  # fmt: skip
    (union,) = rows("cluster_findings")
    assert (union["finding"], union["score"], union["because"]) == (finding_id(SAME), "0.9", "a b")
    first, second = rows("patterns")
    assert (first["finding"], first["figures"], second["because"]) == (
        finding_id(SHAPES[0]),
        "payees = 12",
        "t13",
    )
    assert not first["pattern"].startswith("=")
