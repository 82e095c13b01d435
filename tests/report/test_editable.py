"""The editable twin: the same words, the same bytes everywhere, and an office suite opens it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from pypdf import PdfReader

from flowtrace.report.document.editable import typeset_docx
from flowtrace.report.document.typeset import (
    Block,
    boxed,
    bullets,
    heading,
    landscape,
    numbered,
    pairs,
    para,
    table,
    typeset,
)

HEAD = {"title": "Letter", "date": "2022-05-01", "footer": "made of toytown"}
HASH = "0x" + "ab" * 32
WIDE = table(["row", "transaction"], [["[1]", [HASH, "twelve"]], ["[2]", "=1+1"]], mono=[1], right=[0])
BLOCKS: list[Block] = [
    {"kind": "title", "over": "tlp", "text": "The title", "under": "under it"},
    {"kind": "break"},
    heading("A heading"),
    para(f"A paragraph with {HASH} in it."),
    numbered("A claim.", "P"),
    numbered("Another claim.", "D"),
    bullets(["first item", "second item"]),
    pairs([("Name", "Value"), ("Names", ["one", "two"])]),
    boxed("A frame", [para("framed words"), bullets(["framed item"])]),
    landscape([heading("Wide"), WIDE]),
    para("The end."),
]
soffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="no office suite is installed here")


def words(body: bytes) -> str:
    """Return all text of a DOCX, tables and footer too, without any white space."""
    with ZipFile(io.BytesIO(body)) as held:
        parts = [
            held.read(name).decode()
            for name in held.namelist()
            if re.search(r"(document|footer).*\.xml", name)
        ]
    return squeezed("".join(text for part in parts for text in re.findall(r"<w:t[^>]*>([^<]*)</w:t>", part)))


def squeezed(text: str) -> str:
    """Return text without white space, as no line break changes it."""
    return "".join(text.split())


def texts(blocks: list[Block]) -> Iterator[str]:
    """Yield what blocks say, as a page shows it."""
    for block in blocks:
        yield from (block[key] for key in ("text", "under", "title") if key in block)
        yield from block.get("items", [])
        yield from block.get("head", [])
        for row in block.get("rows", []):
            for cell in row:
                yield from [cell] if isinstance(cell, str) else cell
        yield from texts(block.get("blocks", []))


def converted(body: bytes, folder: Path) -> PdfReader:
    """Return a DOCX as the installed office suite prints it."""
    path = folder / "x.docx"
    path.write_bytes(body)
    home = f"-env:UserInstallation={(folder / 'home').as_uri()}"
    done = subprocess.run(
        ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)],
        check=False, capture_output=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return PdfReader(folder / "x.pdf")


def test_two_runs_give_the_same_bytes_and_no_clock_is_in_them() -> None:
    """Every member has the one time that a zip can state, and the document is dated by the record."""
    body = typeset_docx(HEAD, BLOCKS)
    assert body == typeset_docx(HEAD, BLOCKS)
    with ZipFile(io.BytesIO(body)) as held:
        assert {member.date_time[0] for member in held.infolist()} == {1980}
    about = docx.Document(io.BytesIO(body)).core_properties
    assert (about.created.year, about.modified.year, about.author) == (2022, 2022, "")


def test_it_says_what_the_pdf_says() -> None:
    """Every text of every block stands in both."""
    editable = words(typeset_docx(HEAD, BLOCKS))
    printed = squeezed("".join(p.extract_text() for p in PdfReader(io.BytesIO(typeset(HEAD, BLOCKS))).pages))
    for text in map(squeezed, texts(BLOCKS)):
        assert text in editable
        assert text in printed


@soffice
def test_an_office_suite_opens_it_with_every_word(tmp_path: Path) -> None:
    """Full hashes too, and the wide table on a page turned on its side."""
    reader = converted(typeset_docx(HEAD, BLOCKS), tmp_path)
    shown = squeezed("".join(page.extract_text() for page in reader.pages))
    assert all(squeezed(text) in shown for text in texts(BLOCKS))
    turned = [page.mediabox.width > page.mediabox.height for page in reader.pages]
    assert turned == [False, False, True, False]


def test_hostile_text_is_text() -> None:
    """Markup, a field's code and characters that XML cannot hold are letters of a run, or their mark."""
    evil = '</w:t><w:fldSimple w:instr="DDE"/>&amp; \x0b\x00\ud800 {HYPERLINK "x"}'
    body = typeset_docx({**HEAD, "footer": evil, "title": "t" * 999}, [para(evil), table([evil], [[evil]])])
    with ZipFile(io.BytesIO(body)) as held:
        written = held.read("word/document.xml").decode()
    assert "fldSimple" not in re.sub(r"<w:t[ >].*?</w:t>", "", written)
    assert "&lt;w:fldSimple" in written
    assert docx.Document(io.BytesIO(body)).paragraphs[0].text.startswith("</w:t><w:fldSimple")
