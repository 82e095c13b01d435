"""A report shows every page of its figures, each where its name stands; none is blank, none is dropped."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZipFile

import pypdfium2
import pytest
from pypdf import PdfReader

from flowtrace.errors import InputError
from flowtrace.model import Result
from flowtrace.report.chart import ground, write_charts
from flowtrace.report.diagram import boxes, write_figure
from flowtrace.report.diagram.marks import Font
from flowtrace.report.document.drawn import figures_in, flow_pages
from flowtrace.report.document.editable import typeset_docx
from flowtrace.report.document.report import blocks, report_files
from flowtrace.report.document.typeset import Block, drawing, figure_names, heading, para, typeset
from report.drawings import PNG, SVG
from report.test_editable import converted, soffice
from report.toy_result import toy_result
from report.webs import web

HEAD = {"title": "Letter", "date": "2022-05-01", "footer": "made of toytown"}
TWO: list[Block] = [drawing("b", "Second", "blue"), para("between"), drawing("a", "First", "red")]


def _coloured(colour: str) -> bytes:
    return SVG.replace(b"#ddd", colour.encode())


def _is_inked(page: pypdfium2.PdfPage) -> bool:
    """Tell whether anything is drawn below the first sixth of a page."""
    image = page.render(scale=0.5).to_pil().convert("L")
    least, _ = image.crop((0, image.height // 6, image.width, image.height * 5 // 6)).getextrema()
    return bool(least < 128)


def _drawn(result: Result, folder: Path) -> set[str]:
    """Draw all that a report may show; return the names of the pages of the three figures it shows."""
    write_figure(result, folder)
    write_charts(result, folder)
    shown = ("flow", "sankey", "status")
    return {p.stem for p in folder.glob("*.svg") if p.stem.split("-")[0] in shown}


def test_every_page_that_is_drawn_is_shown_once(tmp_path: Path) -> None:
    """Of every figure that the report shows."""
    names = figure_names(blocks(toy_result()))
    assert set(names) == _drawn(toy_result(), tmp_path)
    assert len(set(names)) == len(names)


def test_a_flow_of_several_pages_is_shown_whole(tmp_path: Path) -> None:
    """In the order of its pages, each with its number."""
    result = web(60)
    shown = flow_pages(result)
    assert len(shown) > 2
    files = [p.stem for p in write_figure(result, tmp_path) if p.suffix == ".svg"]
    assert figure_names(shown) == files
    assert [block["text"] for block in shown] == [
        f"How the money moved ({n} of {len(files)})" for n in range(1, len(files) + 1)
    ]


def test_the_flow_stands_behind_the_findings_and_the_charts_in_the_money() -> None:
    """The Sankey in where it went, the bars in what is accounted for."""
    order: list[str] = []
    for block in blocks(toy_result()):
        inner = block["blocks"] if block["kind"] == "landscape" else [block]
        order += [str(b.get("name") or b["text"]) for b in inner if b["kind"] in {"heading", "figure"}]
    at = {name: n for n, name in enumerate(order)}
    where = next(n for text, n in at.items() if text.startswith("Where the money went"))
    accounted = next(n for text, n in at.items() if text.startswith("Money accounted for"))
    assert at["Findings"] < at["flow"] < where < accounted < at["sankey"] < at["status"]
    assert at["status"] < at["Confidence, error and alternatives"]


def test_each_figure_is_on_the_page_of_its_name() -> None:
    """Whatever the order they are given in."""
    body = typeset(HEAD, TWO, {"a": _coloured("#ff0000"), "b": _coloured("#0000ff")})
    pages = pypdfium2.PdfDocument(body)
    middles = []
    for n in (0, 2):
        image = pages[n].render(scale=0.5).to_pil().convert("RGB")
        middles.append(image.getpixel((image.width // 2, image.height // 2)))
    assert middles == [(0, 0, 255), (255, 0, 0)]
    printed = PdfReader(io.BytesIO(body)).pages
    assert [page.mediabox.width > page.mediabox.height for page in printed] == [True, False, True]
    assert ["Second" in page.extract_text() for page in printed] == [True, False, False]


def test_a_page_of_a_figure_is_so_large_that_six_points_stay_six() -> None:
    """The smallest type in any figure is of 6.2 points on A4; a figure loses no more than that."""
    least = min(
        font.size for font in (*vars(ground).values(), *vars(boxes).values()) if isinstance(font, Font)
    )
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 842 595"><path d="M0 0h842v595H0z"/></svg>'
    (page,) = pypdfium2.PdfDocument(typeset(HEAD, [drawing("a", "First", "black")], {"a": svg}))
    image = page.render(scale=2).to_pil().convert("L")
    row = [image.getpixel((x, image.height // 2)) for x in range(image.width)]
    assert row.count(0) / image.width * least >= 6


@pytest.mark.parametrize("made", [typeset, typeset_docx])
def test_a_missing_or_unplaced_figure_is_an_error(made: type) -> None:
    """Never a blank page, and nothing is left out without a word."""
    with pytest.raises(InputError, match="figure 'b', which was not given"):
        made(HEAD, TWO, {"a": SVG})
    with pytest.raises(InputError, match="figure 'b', which was not given"):
        made(HEAD, TWO, {"a": SVG, "b": b""})
    with pytest.raises(InputError, match="figure 'c' was given to the document, which places it nowhere"):
        made(HEAD, TWO, {"a": PNG, "b": PNG, "c": PNG})


def test_a_figure_that_is_not_in_the_folder_is_named(tmp_path: Path) -> None:
    """And no report is made."""
    _drawn(toy_result(), tmp_path)
    (tmp_path / "status.png").unlink()
    with pytest.raises(InputError, match=r"the figure status\.png, which is not in its folder"):
        report_files(toy_result(), tmp_path)


@soffice
def test_the_editable_twin_has_every_figure_on_one_page_of_its_own(tmp_path: Path) -> None:
    """With its heading; no page of it is blank."""
    names = _drawn(toy_result(), tmp_path)
    pictures = figures_in(tmp_path, blocks(toy_result()), "png")
    assert set(pictures) == names
    several = [heading("Before"), *(drawing(n, f"Figure {n}", n) for n in sorted(names)), para("The end.")]
    body = typeset_docx(HEAD, several, pictures)
    with ZipFile(io.BytesIO(body)) as held:
        kept = {held.read(name) for name in held.namelist() if name.startswith("word/media/")}
    assert kept == set(pictures.values())
    pages = converted(body, tmp_path).pages
    drawn = [False, *(True for _ in names), False]
    assert [page.mediabox.width > page.mediabox.height for page in pages] == drawn
    assert [_is_inked(page) for page in pypdfium2.PdfDocument(tmp_path / "x.pdf")] == drawn
    for name, page in zip(sorted(names), pages[1:-1], strict=True):
        assert f"Figure {name}" in page.extract_text()
