"""What a reader must not overlook on a flow diagram: freezes, lists, crossings, chains, page numbers."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import Address, Category, Class, Label, Result, Use
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.drawing import pages_of, sheet_of
from flowtrace.report.diagram.fold import fold
from flowtrace.report.diagram.marks import Path
from flowtrace.report.diagram.picture import BoxKind
from report.flows import moved, wallet
from report.test_diagram import check_page, texts
from report.test_frozen import act, told
from report.toy_result import ETH, JON, MALLORY, toy_result
from report.webs import web


def labelled(address: Address, text: str, use: Use, *, date: str) -> Result:
    """Return the toytown case with one more label, by an authority."""
    category = Category.OTHER if use is Use.FROZEN else Category.PERPETRATOR
    label = Label(address, text, category, use, None, f"list of {ETH}", "authority_data", date)
    result = toy_result()
    return replace(result, labels={**result.labels, address: (*result.labels.get(address, ()), label)})


def test_a_frozen_address_is_hatched_thick_and_says_by_whom_and_since_when() -> None:
    """The reader's action point stands out in grey, too."""
    stop = next(one for one in toy_result().trace.stops if one.address == JON and one.asset == ETH)
    result = told(toy_result(), act(stop).label())
    box = next(box for box in fold(result).boxes if JON in box.members)
    assert box.frozen
    assert "frozen by Circle since 2025-03-19" in box.lines
    sheet = sheet_of(result)
    check_page(sheet)
    strokes = [m for m in sheet.marks if isinstance(m, Path) and m.stroke == palette.FROZEN]
    assert any(mark.width == palette.FROZEN_WIDTH for mark in strokes)
    assert "Frozen by the issuer of the token" in set(texts(sheet))
    assert "Frozen by the issuer of the token" not in set(texts(sheet_of(toy_result())))


def test_a_listed_address_flies_the_list_and_its_date() -> None:
    """What a third party merely calls a perpetrator is on no list."""
    said = "OFAC SDN digital currency address"
    result = labelled(MALLORY, said, Use.UNSPECIFIED, date="2024-09-27")
    assert "OFAC 2024-09-27" in set(texts(sheet_of(result)))
    check_page(sheet_of(result))
    others = labelled(MALLORY, "Mallory, UN of thieves", Use.UNSPECIFIED, date="2024-09-27")
    assert not any(box.listed for box in fold(others).boxes)


def test_value_that_crosses_leads_from_the_bridge_to_the_other_ledger() -> None:
    """The payer there is the bridge's own, and the arrow is dashed: matched by an identifier, class C."""
    result = web(30, chains=2)
    assert any(hop.bridge for hop in result.trace.hops)
    picture = fold(result)
    across = {box.key: box for box in picture.boxes}
    crossing = [a for a in picture.arrows if across[a.source].lane != across[a.target].lane]
    assert {arrow.cls for arrow in crossing} == {Class.C}
    assert {across[arrow.source].kind for arrow in crossing} == {BoxKind.BRIDGE}


def test_a_row_of_addresses_that_pay_each_other_is_a_chain_and_with_peels_a_peel_chain() -> None:
    """Fourteen hops are one box that says so; what was peeled off is another."""
    way = [(n, n + 1, 10**21 - n) for n in range(1, 30)]
    titles = [box.title for box in fold(moved(way)).boxes]
    assert any(title.startswith("Chain \N{MULTIPLICATION SIGN}") for title in titles)
    peels = [(n, 100 + n, 10**18) for n in range(1, 30)]
    titles = [box.title for box in fold(moved([*way, *peels])).boxes]
    assert any(title.startswith("Peel chain \N{MULTIPLICATION SIGN}") for title in titles)
    assert any(title.endswith(" addresses") for title in titles)
    assert wallet(30) in [a for box in fold(moved(way)).boxes for a in box.members]


def test_the_overview_names_the_page_of_every_recipient() -> None:
    """Whoever looks a recipient up finds the ways to it on the page that its box names."""
    result = web(150, recipients=12)
    overview, *pages = pages_of(result)
    named = [box for box in overview.picture.boxes if box.lines[-1].startswith("page")]
    assert len(named) > 3
    for box in named:
        numbers = {int(n) for part in box.lines[-1].split(" ")[1:] for n in part.strip(",").split("\u2013")}
        drawn = {
            a
            for n in range(min(numbers), max(numbers) + 1)
            for b in pages[n - 2].picture.boxes
            for a in b.members
        }
        assert set(box.members) <= drawn


def test_kinds_of_services_have_boxes_of_their_own() -> None:
    """A broker, a bank and a bridge are told apart by shape."""
    kinds = {box.kind for page in pages_of(web(150, recipients=9)) for box in page.picture.boxes}
    assert {BoxKind.BROKER, BoxKind.BANK, BoxKind.BRIDGE, BoxKind.SERVICE} <= kinds
    shapes = [
        palette.STYLES[kind].shape for kind in (BoxKind.BROKER, BoxKind.BANK, BoxKind.BRIDGE, BoxKind.SERVICE)
    ]
    assert len(set(shapes)) == len(shapes)
