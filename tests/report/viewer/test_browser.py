"""The viewer in a real browser, the network off: what it shows is the result, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from flowtrace.model import Label, Result, Rule, envelope
from flowtrace.report.cells import exact_amount
from report.toy_result import ACME_DEPOSIT, BOLT_DEPOSIT, IDA, JON, MALLORY, SWIRL, VAULT, toy_result
from report.viewer.crossed import CASHED, TARGET, crossed_result, swapped_result
from report.viewer.grown import grown
from report.viewer.opened import Opened

Open = Callable[[Result], Opened]
HOSTILE = (
    "<script>window.ran.push('label')</script>",
    "</script><script>window.ran.push('closed')</script>",
    "<img src=x onerror=\"window.ran.push('img')\">",
    "javascript:window.ran.push('link')",
    "\u202egnp.exe\u2066 \u200b",
    "${window.ran.push('template')}{{7*7}}",
    "nul\x00\x1b[2J\u2028\u2029",
    "]]>--><!--<style>*{display:none}</style>",
    "x" * 5000,
)


@pytest.mark.parametrize("count", [500, 5000])
def test_a_click_opens_the_details_of_a_large_flow(opened: Open, count: int) -> None:
    """At 500 and 5,000 addresses a card can be hit, its amounts are exact, and every payment is counted."""
    result = grown(count)
    seen = opened(result)
    hop = result.trace.hops[40]
    assert hop.target
    seen.click(str(hop.target))
    told = seen.details()
    assert hop.target.display in told
    assert exact_amount(hop.amount.asset, hop.amount.units) in told
    assert len(str(hop.amount.units)) >= 18
    assert hop.transfer.tx in told
    assert f"{len(result.trace.hops)} payments" in seen.page.inner_text(".count")
    assert seen.violations() == []


def test_details_tell_every_rule_and_the_range(opened: Open) -> None:
    """An address's sums are those of its payments under each rule, to the base unit, with full hashes."""
    result = toy_result()
    seen = opened(result)
    seen.click(str(BOLT_DEPOSIT))
    told = seen.details()
    into = [hop for hop in result.trace.hops if hop.target == BOLT_DEPOSIT]
    taint = {rule: sum(hop.taint[rule] for hop in into) for rule in result.trace.rules}
    asset = into[0].amount.asset
    for units in (sum(hop.amount.units for hop in into), *taint.values(), *envelope(taint)):
        assert exact_amount(asset, units) in told
    assert all(hop.transfer.tx in told for hop in into)
    assert "swept to a labelled hot wallet" in told
    assert str(sum(hop.amount.units for hop in into)) in told


def test_labels_stand_with_their_source(opened: Open) -> None:
    """A label is shown with who says it and when; a third party's word is marked as no finding."""
    seen = opened(toy_result())
    seen.click(str(SWIRL))
    assert "Swirl: Router" in seen.details()
    assert "https://register.example/toytown" in seen.details()
    assert "2022-04-01" in seen.details()
    nell = next(stop.address for stop in toy_result().trace.stops if stop.claims)
    seen.click(str(nell))
    assert "class X: asserted by a third party" in seen.details()


def test_strangers_texts_are_only_texts(opened: Open) -> None:
    """Nothing a stranger wrote runs, loads, hides or reorders; it is there as text."""
    seen = opened(_hostile())
    seen.click(str(SWIRL))
    shown = seen.page.locator(".pane li strong").all_inner_texts()
    assert len(shown) >= len(HOSTILE)
    assert "<script>window.ran.push('label')</script>" in shown
    for text in (*shown, seen.page.inner_text("h1"), seen.details()):
        assert not set(text) & set("\u202e\u2066\u200b\x00\x1b\u2028\u2029")
    strange = "#flow script, #flow style, #flow img, #flow a:not(.skip), #flow [onerror], #flow [href^=java]"
    assert seen.page.locator(strange).count() == 0
    seen.page.keyboard.press("t")
    assert seen.page.locator(".addresses tbody tr").count() > 0
    assert seen.violations() == []


def _hostile() -> Result:
    """Return the toy with hostile text for every label, entity, basis and the victim's name."""
    toy = toy_result()
    first = toy.labels[SWIRL][0]
    said = tuple(
        Label(SWIRL, text, first.category, first.use, None, text, text, text, asserted=asserted)
        for text in HOSTILE
        for asserted in (False, True)
    )
    stops = tuple(
        replace(stop, basis=text, entity=replace(stop.entity, name=text) if stop.entity else None)
        for stop, text in zip(toy.trace.stops, HOSTILE * 3, strict=False)
    )
    incident = replace(toy.incident, title=" ".join(HOSTILE), victim_party=HOSTILE[1])
    return replace(
        toy, labels={**toy.labels, SWIRL: said}, trace=replace(toy.trace, stops=stops), incident=incident
    )


def test_search_finds_what_is_meant(opened: Open) -> None:
    """An address, a label, an entity, a transaction and a row are found; other words are not."""
    result = toy_result()
    seen = opened(result)
    hop = result.trace.hops[2]
    for query, expected in (
        (JON.display[:12], JON.display),
        ("swirl: router", SWIRL.display),
        ("acme", ACME_DEPOSIT.display),
        (hop.transfer.tx, hop.transfer.tx),
        (f"[{hop.row}]", hop.transfer.tx),
    ):
        seen.page.keyboard.press("/")
        seen.page.keyboard.insert_text(query)
        assert expected in seen.page.inner_text(".found"), query
        seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("/")
    seen.page.keyboard.insert_text("no such thing")
    assert seen.page.inner_text(".found") == "Nothing found"
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("/")
    seen.page.keyboard.insert_text("swirl: router")
    seen.page.keyboard.press("Enter")
    assert SWIRL.display in seen.details()


def test_the_keyboard_follows_the_money(opened: Open) -> None:
    """From the theft along the largest payments, to the details and back, with no mouse."""
    seen = opened(toy_result())
    seen.page.focus(".drawing")
    for key, expected in (
        ("Home", MALLORY), ("ArrowRight", IDA), ("ArrowRight", SWIRL), ("ArrowLeft", IDA), ("ArrowDown", JON),
        ("ArrowLeft", MALLORY), ("ArrowLeft", VAULT),
    ):  # fmt: skip
        seen.page.keyboard.press(key)
        assert expected.display in seen.said(), key
        assert expected.display in seen.details()
    seen.page.keyboard.press("Enter")
    assert seen.asks("document.activeElement.closest('.pane') !== null")
    seen.page.keyboard.press("Escape")
    assert seen.asks("view.node") == -1
    assert seen.asks("document.activeElement === view.canvas")
    seen.page.keyboard.press("?")
    assert seen.page.is_visible("dialog.help")
    seen.page.keyboard.press("Escape")
    assert not seen.page.is_visible("dialog.help")


def test_the_slider_hides_what_is_outside_and_says_so(opened: Open) -> None:
    """Moved by keys, the end of the window takes payments away; how many is always on screen."""
    result = toy_result()
    seen = opened(result)
    seen.page.focus("input[aria-label='Show payments until']")
    for _ in range(3):
        seen.page.keyboard.press("PageDown")
    until = seen.asks("view.flow.filter.to")
    inside = [hop for hop in result.trace.hops if hop.transfer.time <= until]
    assert 0 < len(inside) < len(result.trace.hops)
    words = seen.page.inner_text(".count")
    assert f" {len(inside)} payments" in words
    assert f"and {len(result.trace.hops) - len(inside)}" in words
    seen.page.click("text=All time")
    assert "hidden" not in seen.page.inner_text(".count")


def test_filters_by_asset_and_share(opened: Open) -> None:
    """One asset alone, or only what a least share of the theft reached."""
    result = toy_result()
    seen = opened(result)
    usdc = [hop for hop in result.trace.hops if hop.amount.asset.symbol == "USDC"]
    seen.page.select_option("label:has-text('Asset') select", label="USDC")
    assert f" {len(usdc)} payments" in seen.page.inner_text(".count")
    seen.page.select_option("label:has-text('Asset') select", label="all")
    seen.page.select_option("label:has-text('Share') select", label="from 10 %")
    shown = seen.asks("view.data.nodes.filter((_, n) => view.flow.nodeOn[n]).map((node) => node.a)")
    assert JON.display in shown
    assert not any(name.lower() == "0x" + "d7" * 20 for name in shown)


def test_the_twin_has_the_drawings_numbers(opened: Open) -> None:
    """As many rows as there are addresses and payments, the amounts exact, sorted by their heads."""
    result = toy_result()
    seen = opened(result)
    seen.page.keyboard.press("t")
    rows = seen.page.locator(".payments tbody tr").all_inner_texts()
    assert len(rows) == len(result.trace.hops)
    assert seen.page.locator(".addresses tbody tr").count() == seen.asks("view.data.nodes.length")
    rule = result.trace.rules.index(Rule.PRO_RATA)
    for hop, row in zip(result.trace.hops, rows, strict=True):
        plainly = row.replace("\u00a0", " ")
        for units in (hop.amount.units, list(hop.taint.values())[rule]):
            assert exact_amount(hop.amount.asset, units) in plainly
        assert hop.transfer.tx in row
    amounts = ".payments thead button:has-text('Amount')"
    seen.page.click(amounts)
    assert seen.page.locator(".payments th[aria-sort=ascending]").count() == 1
    least = min(result.trace.hops, key=lambda hop: hop.amount.units)
    assert least.transfer.tx in seen.page.locator(".payments tbody tr").first.inner_text()
    seen.page.keyboard.press("Escape")
    assert seen.page.is_visible(".drawing")


def test_another_rule_tells_other_amounts(opened: Open) -> None:
    """The rule switch changes what is marked, the shares and the tables."""
    result = toy_result()
    seen = opened(result)
    seen.click(str(ACME_DEPOSIT))
    before = seen.page.inner_text(".sums .chosen")
    assert before.startswith("Traced, pro rata")
    seen.page.select_option("label:has-text('Rule') select", label="LIBR")
    after = seen.page.inner_text(".sums .chosen")
    assert after.startswith("Traced, LIBR")
    assert after.split("\t")[-1] != before.split("\t")[-1]


def test_a_trail_shows_the_way_and_its_shares(opened: Open) -> None:
    """What came to the first exchange came all by mallory and ida; jon is not on its way."""
    seen = opened(toy_result())
    seen.click(str(ACME_DEPOSIT))
    parts = {
        name: seen.asks("view.trail.nodes[given]", seen.number(str(where)))
        for name, where in (("mallory", MALLORY), ("ida", IDA), ("jon", JON), ("vault", VAULT))
    }
    assert parts["ida"] == pytest.approx(1, abs=1e-3)
    assert parts["mallory"] == pytest.approx(1, abs=1e-3)
    assert parts["vault"] == pytest.approx(1, abs=1e-3)
    assert parts["jon"] == 0
    assert "The way here from the theft" in seen.details()
    assert seen.page.locator(".way li").count() == 3


def test_a_trail_crosses_to_another_ledger(opened: Open) -> None:
    """Where value crossed by a bridge, the way goes on where it left."""
    seen = opened(crossed_result())
    seen.click(str(TARGET))
    assert seen.page.locator(".way li").count() == 3
    assert seen.asks("view.trail.nodes[given]", seen.number(str(VAULT))) == pytest.approx(1, abs=1e-3)
    assert seen.asks("view.data.lanes.length") == 2


def test_a_trail_goes_through_an_exchange(opened: Open) -> None:
    """What was bought goes on from what was sold in the same deal, though the pool had of it before."""
    seen = opened(swapped_result())
    seen.click(str(CASHED))
    way = seen.page.locator(".way li").all_inner_texts()
    assert [line.count("USDC") for line in way] == [0, 0, 1, 1, 1, 0, 0]


def test_a_hash_is_copied_whole(opened: Open) -> None:
    """The button beside a transaction puts its full hash on the clipboard."""
    result = toy_result()
    seen = opened(result)
    seen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.click(str(ACME_DEPOSIT))
    hop = next(hop for hop in result.trace.hops if hop.target == ACME_DEPOSIT)
    seen.page.click(f"button[aria-label='Copy transaction {hop.transfer.tx}']")
    seen.page.wait_for_selector("button:has-text('Copied')")
    assert "transaction copied" in seen.said()
    assert seen.page.evaluate("navigator.clipboard.readText()") == hop.transfer.tx
