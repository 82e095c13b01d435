"""Pages break where a reader would break them: frames, small tables and hashes stay whole."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from flowtrace.report.cells import readable, rounded, thousands
from flowtrace.report.document.typeset import Block, boxed, bullets, pairs, para, table, typeset
from report.toy_result import ETH

HEAD = {"title": "t", "date": "2022-05-01", "footer": ""}
LINK = (
    "https://www.example.org/news/press-releases/statement-on-attribution-of-malicious-cyber-activity-posed-by-"
    "somebody"
)


def pages(*blocks: Block) -> list[str]:
    """Typeset blocks and return the text of each page."""
    body = typeset(HEAD, blocks)
    return [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]


def on(found: list[str], word: str) -> set[int]:
    """Return the pages that a word stands on."""
    return {number for number, text in enumerate(found) if word in text}


@pytest.mark.parametrize("lines", range(20, 48, 3))
def test_a_frame_is_on_one_page(lines: int) -> None:
    """With all that is in it, wherever on the page it begins."""
    said = bullets([f"first {LINK}", "second " + "word " * 60, "third"])
    found = pages(*(para("fill") for _ in range(lines)), boxed("Official", [said]))
    assert len(on(found, "Official") | on(found, "first") | on(found, "second") | on(found, "third")) == 1


def test_a_frame_taller_than_a_page_still_breaks() -> None:
    """Else its end would run off the paper."""
    found = pages(boxed("Long", [para(f"line {n}") for n in range(120)]))
    assert len(found) > 1
    assert on(found, "line 119")


@pytest.mark.parametrize("lines", range(30, 48, 3))
def test_a_small_table_is_on_one_page_with_what_introduces_it(lines: int) -> None:
    """Four rows on two pages are read as two tables."""
    rows: list[list[str | list[str]]] = [[f"row{n}", "x"] for n in range(4)]
    found = pages(*(para("fill") for _ in range(lines)), para("introduced"), table(["a", "b"], rows))
    assert len(on(found, "introduced").union(*(on(found, f"row{n}") for n in range(4)))) == 1


def test_a_row_of_many_lines_breaks_rather_than_leave_a_page_blank() -> None:
    """Where a table says how many lines are many."""
    rows: list[list[str | list[str]]] = [["F1", ["one"]], ["F2", [f"line{n}" for n in range(60)]]]
    found = pages(*(para("fill") for _ in range(20)), table(["mark", "what"], rows, whole=4))
    assert on(found, "line0") == {0}
    assert on(found, "line59") == {1}


@pytest.mark.parametrize("lines", range(38, 47))
def test_a_signature_is_not_alone_on_its_page(lines: int) -> None:
    """What is signed stands above it."""
    sign = pairs([("Name", "____"), ("Date", "____"), ("Signature", "____")])
    found = pages(*(para("fill") for _ in range(lines)), para("The facts are true."), sign)
    assert len(on(found, "The facts") | on(found, "Name") | on(found, "Signature")) == 1


@pytest.mark.parametrize("width", ["22mm", "25mm", "28mm"])
def test_hashes_and_pairs_of_rows_are_never_broken(width: str) -> None:
    """A cut identifier is refused by intake; half a pair reads as one row."""
    rows: list[list[str | list[str]]] = [["[3], [1480]–[1486], [1520]–[1549]", f"see 0x{'ab' * 32} there"]]
    text = "\n".join(pages(table(["rows", "why"], rows, columns=[width, "1fr"])))
    assert "0x" + "ab" * 32 in text
    assert "[1480]–[1486]" in text
    assert "[1520]–[1549]" in text


def test_a_web_address_breaks_behind_its_slashes_and_hyphens_only() -> None:
    """A reader puts the lines together again without a guess."""
    lines = "\n".join(pages(table(["where"], [[LINK]], columns=["36mm"]))).splitlines()
    parts = [line for line in lines if line.strip() and line.strip() in LINK]
    assert len(parts) > 2
    assert all(part.endswith(("/", "-")) for part in parts[:-1])
    assert "".join(parts) == LINK


def test_an_amount_that_is_not_nothing_is_never_shown_as_nothing() -> None:
    """To however many places; a real zero is one."""
    assert [rounded(ETH, 10**12, places) for places in (2, 4)] == ["<0.01", "<0.0001"]
    assert [rounded(ETH, 0, places) for places in (2, 4)] == ["0.00", "0.0000"]


def test_thousands_are_set_apart_in_others_words_too() -> None:
    """Amounts and counts, not years, blocks, hashes or parameters."""
    assert (
        readable("1 sweep of 1249.978 ETH in block 14442835") == "1 sweep of 1,249.978 ETH in block 14442835"
    )
    assert readable("it has more than 20000 transfers") == "it has more than 20,000 transfers"
    assert (
        readable("listed 2022-04-14 by 0x1234567890 in 2022") == "listed 2022-04-14 by 0x1234567890 in 2022"
    )
    assert thousands("1234567.5") == "1,234,567.5"


def sizes(*blocks: Block) -> dict[str, float]:
    """Typeset blocks and return the size in points of each text set in fixed pitch, by its first letter."""
    found: dict[str, float] = {}

    def seen(text: str, *at: object) -> None:
        (font, size) = at[-2:]
        if text.strip() and isinstance(font, dict) and "Mono" in str(font["/BaseFont"]):
            assert isinstance(size, float)
            found.setdefault(text.strip()[0], round(size, 2))

    PdfReader(io.BytesIO(typeset(HEAD, blocks))).pages[0].extract_text(visitor_text=seen)
    return found


def test_an_identifier_is_set_smaller_rather_than_run_into_the_next_column() -> None:
    """A signature of Solana has 88 letters, an address of Bitcoin up to 62: whole, in their own column."""
    cells: list[list[str | list[str]]] = [["A" * 88, "x"], ["B" * 62, "x"], ["C" * 20, "x"]]
    found = sizes(table(["what", "else"], cells, columns=["60mm", "1fr"], mono=[0], size=8))
    pitch, room = 0.602, 60 / 25.4 * 72 - 6
    assert found["C"] == round(8 * 0.84, 2)
    assert found["A"] < found["B"] < found["C"]
    assert all(found[letter] * pitch * many <= room + 0.5 for letter, many in (("A", 88), ("B", 62)))
