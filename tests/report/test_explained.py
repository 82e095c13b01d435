"""An explanation on paper: sentences in order, and the same as data with every amount as text."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import Rule
from flowtrace.report import explanation_json, explanation_text
from flowtrace.trace import Policy, explain
from report.broken import EVIL
from report.toy_result import toy_result
from toytown import ACME_DEPOSIT, IDA, REGISTER, THEFT, end_of, follow, world


def told(rule: Rule) -> tuple[list[str], dict[str, object]]:
    """Return the words and the data on what came to acme's deposit address in toytown."""
    tracer = follow(world(), [THEFT], ends=end_of(REGISTER), policy=Policy())
    (one,) = explain(tracer, ACME_DEPOSIT, rule)
    return explanation_text(toy_result(), one), explanation_json(toy_result(), one)


def test_the_sentences_follow_the_money() -> None:
    """Each payment has a number, its time, block, payer, payee, amount and hash; then the lots by numbers."""
    words, data = told(Rule.FIFO)
    assert words[0].startswith("Under FIFO, 270 ETH of stolen value (theft) came to ")
    assert f"1. 2022-04-15T05:40:12Z, block 101: {THEFT.victim.display}" in words[1]  # type: ignore[union-attr]
    steps = [line for line in words if line[0].isdigit()]
    assert [line.rpartition("tx ")[2] for line in steps[:3]] == ["theft", "split-1", "split-2"]
    assert len(steps) == len(data["steps"])  # type: ignore[arg-type]
    lots = [line for line in words if line.startswith("Lot of")]
    assert lots == ["Lot of 150 ETH: by 1 → 2 → 4.", "Lot of 120 ETH: by 1 → 3 → 5."]


def test_the_data_is_the_same_as_the_sentences() -> None:
    """Amounts are text in base units; lots name steps by number; the parts of arrivals sum to what came."""
    _, data = told(Rule.LIFO)
    steps = data["steps"]
    assert isinstance(steps, list)
    arrives = [step for step in steps if step["to"] == str(ACME_DEPOSIT)]
    assert sum(int(step["part"]["base_units"]) for step in arrives) == int(data["arrived"]["base_units"])  # type: ignore[index]
    assert {step["from"] for step in arrives} >= {str(IDA)}
    assert data["exact"] is True


def test_a_rule_without_an_order_says_that_parts_are_shares() -> None:
    """Algorithms 3.1: "haircut is not invertible": what is told is an attribution."""
    words, data = told(Rule.PRO_RATA)
    assert "an attribution, no identity" in words[-1]
    assert (data["exact"], data["lots"]) == (False, [])


def test_a_symbol_of_a_stranger_stays_one_harmless_line() -> None:
    """A token's symbol is attacker text: no control or direction marks reach the words."""
    tracer = follow(world(), [THEFT], ends=end_of(REGISTER), policy=Policy())
    (one,) = explain(tracer, ACME_DEPOSIT, Rule.FIFO)
    evil = replace(one, asset=replace(one.asset, symbol=EVIL), theft=EVIL)
    assert all(line.isprintable() for line in explanation_text(toy_result(), evil))
