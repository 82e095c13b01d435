"""The charts: their sums, their words, and how they look in grey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from flowtrace.errors import IntegrityError
from flowtrace.model import Result
from flowtrace.report.accounted import FROZEN, GROUPS
from flowtrace.report.chart import CHARTS, write_charts
from flowtrace.report.chart.parts import wholes
from flowtrace.report.chart.paths import strips
from flowtrace.report.chart.pattern import FILLS
from flowtrace.report.chart.sankey import STAGES, ends_of
from flowtrace.report.diagram.marks import Words
from flowtrace.report.diagram.sheet import PAGE, Sheet
from flowtrace.report.paint import painted, width_of
from report.broken import with_trace
from report.coin_result import coin_result
from report.eyes import seen
from report.test_diagram import ronin as ronin  # noqa: PLC0414  a fixture
from report.test_frozen import act, told
from report.test_rendered import extents, meet
from report.toy_result import ETH, JON, toy_result


def frozen() -> Result:
    """Return the toytown case with jon's ETH frozen, as an issuer's label says it."""
    result = toy_result()
    stop = next(one for one in result.trace.stops if one.address == JON and one.asset == ETH)
    return told(result, act(stop).label())


def fit_to_print(sheet: Sheet) -> None:
    """Hold that no two texts of a painted page share a pixel, and that none is cut off or too small."""
    assert (sheet.width, sheet.height) == PAGE
    fig = painted(sheet)
    texts = extents(fig)
    assert [(a, b) for (a, x), (b, y) in combinations(texts, 2) if meet(x, y)] == []
    assert all(fig.bbox.contains(x.x0, x.y0) and fig.bbox.contains(x.x1, x.y1) for _, x in texts)
    assert all(float(t.get_fontsize()) >= 6.0 for t in fig.axes[0].texts)


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("made", [toy_result, coin_result, frozen])
def test_no_text_of_a_chart_is_on_another(name: str, made: Callable[[], Result]) -> None:
    """Measured as matplotlib paints them."""
    for sheet in CHARTS[name](made(), width_of):
        fit_to_print(sheet)


def test_the_charts_of_the_real_case_are_fit_to_print(ronin: Result) -> None:
    """Long names, many rules, two thefts."""
    for made in CHARTS.values():
        for sheet in made(ronin, width_of):
            fit_to_print(sheet)


@pytest.mark.parametrize("made", [toy_result, coin_result, frozen])
def test_every_bar_sums_to_the_theft_to_the_base_unit(made: Callable[[], Result]) -> None:
    """Under every rule parts − clean = whole, and only poison has a clean part."""
    for whole in wholes(made()):
        for rule, units in whole.whole.items():
            assert sum(part.taint[rule] for part in whole.parts) - whole.clean[rule] == units
            if not whole.became:
                assert units == whole.theft.units


def test_what_is_frozen_is_taken_out_of_where_it_rests() -> None:
    """No unit is shown twice: at rest becomes less by what is frozen."""
    (before, _), (after, _) = wholes(toy_result()), wholes(frozen())
    held = next(part for part in after.parts if part.group == FROZEN)
    old, new = (next(p for p in w.parts if p.group == "at rest").taint for w in (before, after))
    assert any(held.taint.values())
    assert {rule: new[rule] + held.taint[rule] for rule in new} == dict(old)


def test_money_that_does_not_add_up_is_not_drawn(tmp_path: Path) -> None:
    """The gate of every export holds for charts too, and no file is left behind."""
    accounts = tuple(replace(a, resting=a.resting + 1) for a in toy_result().trace.accounts)
    broken = with_trace(toy_result(), lambda trace: replace(trace, accounts=accounts))
    with pytest.raises(IntegrityError, match="does not add up"):
        write_charts(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("made", [toy_result, coin_result, frozen])
def test_the_bands_of_the_sankey_sum_to_the_whole_under_every_rule(made: Callable[[], Result]) -> None:
    """What leaves at all hops is all there was, and there are no more columns than a page has."""
    result = made()
    for whole in wholes(result):
        for rule, units in whole.whole.items():
            ends = ends_of(result, whole, rule)
            assert sum(end.units for end in ends) == units + whole.clean[rule]
            assert all(0 <= hop <= STAGES - 2 for end in ends for hop in end.by_hop)
            assert all(part > 0 for end in ends for part in end.by_hop.values())


def test_a_strip_leads_from_the_theft_to_the_deposit() -> None:
    """Every hop begins where the one before ended, and none is earlier."""
    made = strips(toy_result())
    assert {strip.owner for strip in made} == {"Acme Exchange", "Bolt Exchange"}
    for strip in made:
        assert strip.hops[0].source == toy_result().incident.thefts[0].victim
        assert strip.hops[-1].target == strip.address
        for one, two in pairwise(strip.hops):
            assert one.target == two.source
            assert one.transfer.time <= two.transfer.time
    bolt = next(strip for strip in made if strip.owner == "Bolt Exchange")
    assert len(bolt.more) == 1  # the smaller of two deposits is told, not drawn


def test_the_timeline_tells_every_payment_once() -> None:
    """The counts of its rows sum to the payments of the trace."""
    (sheet,) = CHARTS["timeline"](toy_result(), width_of)
    told = [mark.text for mark in sheet.marks if isinstance(mark, Words)]
    numbers = [int(text.split()[0]) for text in told if text.endswith(("transfer", "transfers"))]
    hops = toy_result().trace.hops
    assert sum(numbers) == len({(hop.transfer.id, hop.leg) for hop in hops})


def test_every_group_has_a_fill_and_no_two_look_alike_in_grey() -> None:
    """What the table may hold has a fill; two of the same lines differ in lightness for every eye."""
    assert set(FILLS) == {*GROUPS, FROZEN}
    for (_, one), (_, two) in combinations(FILLS.items(), 2):
        if one.lines == two.lines:
            assert all(abs(a - b) >= 0.06 for a, b in zip(seen(one.colour), seen(two.colour), strict=True))


def test_strangers_names_reach_no_file_as_markup(tmp_path: Path) -> None:
    """A title full of markup is drawn as shapes; in the metadata no control or markup character is left."""
    result = toy_result()
    title = '<script>alert(1)</script>"\u202e]]>&\x00'
    hostile = replace(result, incident=replace(result.incident, title=title))
    for path in write_charts(hostile, tmp_path):
        body = path.read_bytes()
        assert b"<script" not in body
        if path.suffix == ".svg":
            assert b"<text" not in body
            assert "\u202e".encode() not in body
