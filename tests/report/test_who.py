"""Who is who in the report: labels that contradict each other, and what an issuer has frozen."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import Category, Entity, Label, Result, Stop, Use, envelope
from flowtrace.report.cells import grouped
from report.texts import report_text
from report.toy_result import toy_result


def labelled(result: Result, *labels: Label) -> Result:
    """Return a result with further labels, the first ones strongest."""
    held = dict(result.labels)
    for label in labels:
        held[label.address] = (*held.get(label.address, ()), label)
    return replace(result, labels=held)


def a_stop(result: Result) -> Stop:
    """Return where some token rests."""
    return next(stop for stop in result.trace.stops if stop.asset.contract and any(stop.taint.values()))


def freeze(stop: Stop) -> Label:
    """Return the label that says the token is frozen there."""
    text, source = "USDC frozen by Circle", f"Blacklisted of {stop.asset}, block 9, transaction 0x{'ab' * 32}"
    said = (text, Category.OTHER, Use.FROZEN, None, source, "ledger_immanent", "2025-03-19")
    return Label(stop.address, *said)


def test_nothing_is_said_where_nothing_is_to_say() -> None:
    """A trace without either has no such section."""
    text = report_text(toy_result())
    assert "contradict each other" not in text
    assert "Frozen by the issuer" not in text


def test_a_frozen_amount_is_stated() -> None:
    """What of the frozen token rests there stands beside the freeze, as the range over all rules."""
    result = toy_result()
    stop = a_stop(result)
    text = report_text(labelled(result, freeze(stop)))
    least, most = (grouped(stop.asset, units) for units in envelope(stop.taint))
    assert "Frozen by the issuer" in text
    assert f"{least} to {most} {stop.asset.unit}" in text or f"{most} {stop.asset.unit}" in text
    assert "frozen by the issuer of a token" in text
    assert "2025-03-19" in text


def test_another_token_is_not_frozen() -> None:
    """A freeze of one token freezes no other at the same address."""
    result = toy_result()
    stop = a_stop(result)
    other = replace(
        freeze(stop), source=f"Blacklisted of eip155:1/erc20:0xother, block 9, transaction 0x{'ab' * 32}"
    )
    section = report_text(labelled(result, other)).partition("Frozen by the issuer")[2]
    assert "none" in section.partition("Third-party")[0].split("\n")


def test_two_entities_of_one_address_are_both_named() -> None:
    """Each with what it says, source, confidence and day; class X makes no conflict."""
    result = toy_result()
    place = a_stop(result).address
    said = []
    for name, asserted in (("alpha", False), ("beta", False), ("gamma", True)):
        actor = Entity(name, name.title(), Category.EXCHANGE)
        words = (f"wallet of {name}", Category.EXCHANGE, Use.UNSPECIFIED, actor)
        said.append(Label(place, *words, f"https://{name}.example", "web_crawl", "2024", asserted=asserted))
    text = report_text(labelled(replace(result, labels={}), *said))
    section = text.partition("Labels that contradict")[2].partition("Third-party claims")[0]
    assert "Alpha: “wallet of alpha”" in section
    assert "https://beta.example (web_crawl)" in section
    assert "gamma" not in section
    assert "a person's decision first" in section
