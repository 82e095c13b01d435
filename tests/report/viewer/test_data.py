"""What the viewer is handed, and the page around it: exact, in order, inert, always the same."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace import Case
from flowtrace.model import Category, Result, Use, envelope
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.palette import STYLES
from flowtrace.report.diagram.picture import BoxKind
from flowtrace.report.diagram.shapes import outline
from flowtrace.report.summary import summary
from flowtrace.report.viewer import flow_html, looks, view_data
from flowtrace.report.viewer.page import MODULES, bundled, embedded
from flowtrace.report.viewer.shares import MILLION
from report.flows import flows
from report.formats.enlarged import enlarged
from report.toy_result import ACME_DEPOSIT, SWIRL, USDC, toy_result
from report.viewer.crossed import CASHED, crossed_result, swapped_result
from report.viewer.grown import grown

AMOUNTS = {"u", "taint", "range"}
CASES: dict[str, Callable[[], Result]] = {
    "toy": toy_result,
    "crossed": crossed_result,
    "swapped": swapped_result,
    "grown": lambda: grown(300),
}


def fields(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield every plain value of the data with the name it stands under."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from fields(held, key)
    elif isinstance(value, list):
        for held in value:
            yield from fields(held, name)
    else:
        yield name, value


@pytest.mark.parametrize("name", sorted(CASES))
def test_amounts_are_texts_of_digits(name: str) -> None:
    """No amount is a number in the JSON: JavaScript would round it."""
    told = list(fields(view_data(CASES[name]())))
    assert any(key in AMOUNTS for key, _ in told)
    for key, value in told:
        assert key not in AMOUNTS or (isinstance(value, str) and value.isdigit()), (key, value)
        assert not isinstance(value, int) or abs(value) < 2**53, (key, value)


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_hop_stop_and_address_is_there(name: str) -> None:
    """Each hop stands once by its row, each between addresses in one line; each stop is at its address."""
    result = CASES[name]()
    data = view_data(result)
    rows = [hop["row"] for hop in data["hops"]]
    assert sorted(rows) == [hop.row for hop in result.trace.hops]
    drawn = sorted(n for edge in data["edges"] for n in edge["h"])
    assert drawn == [n for n, hop in enumerate(data["hops"]) if hop["e"] >= 0]
    assert sum(len(node["stops"]) for node in data["nodes"]) == len(result.trace.stops)
    for hop in result.trace.hops:
        told = data["hops"][rows.index(hop.row)]
        assert told["u"] == str(hop.amount.units)
        assert told["range"] == [str(units) for units in envelope(hop.taint)]
        assert data["nodes"][told["t"]]["id"] == str(hop.target)


def test_what_is_frozen_or_listed_stands_out() -> None:
    """An issuer's freeze and an authority's own list are told; a third party's word is neither."""
    toy = toy_result()
    first = toy.labels[SWIRL][0]
    frozen = replace(first, text="USDC frozen", use=Use.FROZEN)
    listed = replace(
        first, text="OFAC SDN address", category=Category.PERPETRATOR, confidence="authority_data",
    )  # fmt: skip
    for labels, expected in (
        ((frozen,), (["USDC frozen"], "")),
        ((listed,), ([], "sanctions list 2022-04-01")),
        ((replace(listed, asserted=True), replace(listed, confidence="web_crawl")), ([], "")),
    ):
        data = view_data(replace(toy, labels={SWIRL: labels}))
        node = next(node for node in data["nodes"] if node["id"] == str(SWIRL))
        assert (node["frozen"], node["listed"]) == expected


def test_what_was_bought_is_worth_what_was_sold() -> None:
    """Half of what the theft was exchanged for, and back, is half of the theft."""
    node = next(node for node in view_data(swapped_result())["nodes"] if node["id"] == str(CASHED))
    assert MILLION // 2 - node["share"] in {0, 1}


def test_the_bundled_case_has_the_summarys_numbers(ronin: Case) -> None:
    """Each deposit address of the summary stands in the page with what it received, under each rule."""
    nodes = {node["id"]: node for node in view_data(ronin.result)["nodes"]}
    told = summary(ronin.result)["deposit_addresses"]
    assert told
    for one in told:
        (came,) = (
            sum_ for sum_ in nodes[one["address"]]["came"] if sum_["u"] == one["received"]["base_units"]
        )
        by_rule = [one["taint"][rule.value]["base_units"] for rule in ronin.result.trace.rules]
        assert came["taint"] == by_rule or [came["taint"]] * len(by_rule) == by_rule
        assert came["range"] == [one["low"]["base_units"], one["high"]["base_units"]]


def test_what_came_is_the_sum_of_the_hops() -> None:
    """The sums at an address are those of its hops under each rule."""
    result = toy_result()
    node = next(node for node in view_data(result)["nodes"] if node["id"] == str(ACME_DEPOSIT))
    into = [hop for hop in result.trace.hops if hop.target == ACME_DEPOSIT]
    taint = [str(sum(hop.taint[rule] for hop in into)) for rule in result.trace.rules]
    assert node["came"][0]["taint"] == taint
    stolen = next(theft.units for theft in result.incident.thefts if theft.asset != USDC)
    assert node["share"] == [int(units) * MILLION // stolen for units in taint]


@given(st.integers(1, 10**30))
@settings(max_examples=40)
def test_shares_are_exact_whatever_was_stolen(times: int) -> None:
    """A share of the theft is the traced part over what was stolen, to the millionth, whatever the sizes."""
    result = enlarged(toy_result(), times)
    stolen = {theft.asset: theft.units for theft in result.incident.thefts}
    data = view_data(result)
    assets = list(stolen)
    for node in data["nodes"]:
        for one in (*node["came"], *node["stops"]):
            asset = next(a for a in assets if str(a) == data["assets"][one["a"]]["id"])
            share = one["share"] if isinstance(one["share"], list) else [one["share"]] * len(data["rules"])
            taint = one["taint"] if isinstance(one["taint"], list) else [one["taint"]] * len(data["rules"])
            for part, units in zip(share, taint, strict=True):
                assert 0 <= int(units) * MILLION // stolen[asset] - part <= 1


@given(flows)
def test_no_card_stands_on_another(result: Result) -> None:
    """Whatever the flow, cards are apart and inside their lane and their hop's column."""
    data = view_data(result)
    places = [tuple(node["at"]) for node in data["nodes"]]
    for (ax, ay), (bx, by) in combinations(places, 2):
        assert abs(ax - bx) >= looks.WIDTH or abs(ay - by) >= looks.HEIGHT
    for node in data["nodes"]:
        top, bottom = data["lanes"][node["lane"]]["span"]
        assert top <= node["at"][1] <= bottom - looks.HEIGHT
        assert any(a <= node["at"][0] <= b - looks.WIDTH for a, b in (c["span"] for c in data["columns"]))


def test_no_card_of_a_large_flow_stands_on_another() -> None:
    """The same of 2,000 addresses on two ledgers."""
    places = sorted(tuple(node["at"]) for node in view_data(grown(2000))["nodes"])
    columns: dict[int, list[int]] = {}
    for x, y in places:
        columns.setdefault(x, []).append(y)
    lefts = sorted(columns)
    assert all(b - a >= looks.WIDTH for a, b in pairwise(lefts))
    for tops in columns.values():
        assert all(b - a >= looks.HEIGHT for a, b in pairwise(tops))


@given(flows)
def test_the_first_that_comes_brought_all(result: Result) -> None:
    """Going back, nothing that came is left unexplained: its first payment brought all of it."""
    data = view_data(result)
    seen: set[tuple[int, int, int]] = set()
    for hop in data["hops"]:
        pot = hop["th"], hop["t"], hop["a"]
        parts = hop["part"] if isinstance(hop["part"], list) else [hop["part"]]
        assert all(0 <= part <= MILLION for part in parts)
        if pot not in seen:
            assert parts == [MILLION] * len(parts)
        seen.add(pot)


def test_shapes_and_strokes_are_the_figures() -> None:
    """The viewer draws what the printed figure draws: same outline, same colour, same dashes."""
    data = view_data(toy_result())
    by_words = {kind["words"]: kind for kind in data["kinds"]}
    for kind in (BoxKind.VICTIM, BoxKind.THEFT, BoxKind.MIXER, BoxKind.DEPOSIT, BoxKind.NO_DATA):
        told, style = by_words[kind.value], STYLES[kind]
        drawn = outline(style.shape, Rect(0.0, 0.0, looks.WIDTH, looks.HEIGHT))
        assert told["outline"] == [[code, round(x, 2), round(y, 2)] for code, (x, y) in drawn]
        assert (told["light"]["stroke"], told["dashes"]) == (style.stroke, list(style.dashes))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_strokes_and_texts_can_be_told_from_their_ground(theme: str) -> None:
    """Strokes have a contrast of 3 to 1 at least, texts of 4.5 (WCAG 2.2), on either ground."""
    colours = looks.looks()[theme]
    for kind in STYLES:
        stroke = STYLES[kind].stroke if theme == "light" else looks.lightened(STYLES[kind].stroke)
        assert looks.contrast(stroke, colours["ground"]) >= 3, kind
    for name in ("ink", "quiet", "trail", "focus"):
        assert looks.contrast(colours[name], colours["ground"]) >= 4.5, name


def _page() -> str:
    return flow_html(toy_result()).decode()


def test_the_policy_lets_in_one_script_and_one_style() -> None:
    """Nothing is allowed but what has the hash of the page's own script and style."""
    page = _page()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    script = re.search(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert script
    assert style
    for found in (script, style):
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    assert len(re.findall("<script", page)) == 2
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:|//)", page)


def test_the_footer_states_the_hash_of_the_data() -> None:
    """The hash in the page is that of the block of data in it."""
    page = _page()
    block = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    stated = re.search(r'data-sha256="(\w+)"', page)
    assert block
    assert stated
    assert hashlib.sha256(block[1].encode()).hexdigest() == stated[1]


@pytest.mark.parametrize("text", ["</script>", "<!--", "<script", "&lt;", "\u2028\u2029", "é\x00"])
def test_data_cannot_leave_its_block(text: str) -> None:
    """What HTML or JavaScript might read in the JSON is escaped, and comes back whole."""
    block = embedded({"text": text})
    assert not set(block) & set("<>&\u2028\u2029\x00")
    assert json.loads(block) == {"text": text}


def test_hostile_words_reach_the_page_without_a_tag() -> None:
    """A title and labels made of markup add no element to the page, with scripts or without."""
    toy = toy_result()
    evil = '</title></noscript><script>x</script><img src=x onerror="x">'
    stops = tuple(replace(stop, basis=evil) for stop in toy.trace.stops)
    result = replace(toy, incident=replace(toy.incident, title=evil), trace=replace(toy.trace, stops=stops))
    page = flow_html(result).decode()
    assert len(re.findall("<script", page)) == 2
    assert "<img" not in page


def test_modules_import_only_from_above() -> None:
    """In the order of the bundle every import is there already, under the name it is exported by."""
    text = bundled()
    assert "import " not in re.sub(
        r"/\*.*?\*/|//[^\n]*|'[^']*'|\"[^\"]*\"|`[^`]*`", "", text, flags=re.DOTALL
    )
    for number, name in enumerate(MODULES):
        start = text.index(f"const {name}Module =")
        end = text.find("Module = (() =>", start + 20)
        used = re.findall(r"\} = (\w+)Module;", text[start : end if end > 0 else None])
        assert set(used) <= set(MODULES[:number]), name


_DIGEST = (
    "import sys, hashlib; sys.path.insert(0, 'tests');"
    "from report.toy_result import toy_result; from flowtrace.report.viewer import flow_html;"
    "print(hashlib.sha256(flow_html(toy_result())).hexdigest())"
)


def test_the_page_is_the_same_everywhere(request: pytest.FixtureRequest) -> None:
    """Another hash seed, time zone and locale give the same bytes."""
    found: set[Any] = {hashlib.sha256(flow_html(toy_result())).hexdigest()}
    for seed, zone, locale in (("1", "Asia/Tokyo", "C"), ("77", "America/Lima", "de_DE.UTF-8")):
        surroundings = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        run = [sys.executable, "-c", _DIGEST]
        done = subprocess.run(
            run, env=surroundings, cwd=request.config.rootpath, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert len(found) == 1
