"""Paragraphs and pictures of an editable document, as the elements of WordprocessingML."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.parts.document import DocumentPart

SERIF, MONO = "Times New Roman", "Courier New"
"""Fonts that every office suite has, or has one of the same widths for."""
_FIXED = re.compile(r"(0x[0-9a-fA-F]{40,64}|\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b)")
# XML 1.0 cannot hold these, however they are written.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, **values: object) -> BaseOxmlElement:
    """Return an element of the namespace ``w``, its attributes too."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{tag}")
    for name, value in values.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def put(into: BaseOxmlElement, made: BaseOxmlElement) -> None:
    """Append to a body, before what describes its last section, or to a cell."""
    from docx.oxml.ns import qn

    last = into.find(qn("w:sectPr"))
    if last is None:
        into.append(made)
    else:
        last.addprevious(made)


def inked(look: BaseOxmlElement, *, size: float = 0, fixed: bool = False, strong: bool = False) -> None:
    """Set font, weight, colour and size of run properties, in the schema's order."""
    font = MONO if fixed else SERIF
    look.clear()
    look.append(element("rFonts", ascii=font, hAnsi=font, cs=font, eastAsia=font))
    if strong:
        look.append(element("b"))
    look.append(element("color", val="1F2937"))
    if size:
        half = max(1, round(size * 2))
        look.append(element("sz", val=half))
        look.append(element("szCs", val=half))


def runs(text: str, *, size: float = 0, fixed: bool = False, strong: bool = False) -> list[BaseOxmlElement]:
    """Return text as runs: full identifiers in fixed pitch and small, wherever they stand."""
    parts = [text] if fixed else _FIXED.split(text)
    return [
        _run(part, size=(size or 10.5) * 0.76 if n % 2 else size, fixed=fixed or n % 2 == 1, strong=strong)
        for n, part in enumerate(parts)
        if part
    ]


def _run(text: str, *, size: float, fixed: bool, strong: bool) -> BaseOxmlElement:
    made, look, words = element("r"), element("rPr"), element("t")
    inked(look, size=size, fixed=fixed, strong=strong)
    words.text = _NO_XML.sub("\ufffd", text)
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    made.append(look)
    made.append(words)
    return made


def paragraph(
    text: str,
    *,
    style: str = "",
    lead: str = "",
    size: float = 0,
    strong: bool = False,
    keep: bool | None = False,
    above: float = 0,
    broken: bool = False,
) -> BaseOxmlElement:
    """Return a paragraph.

    Parameters
    ----------
    style, size
        Its style, and its size in points if not the style's; with both it has no space around it.
    lead
        What stands before it, hanging: a number or a bullet.
    keep
        On the page of the next.
    above
        Millimetres of space before it.
    broken
        Whether a page ends with it.
    """
    made, look = element("p"), element("pPr")
    if style:
        look.append(element("pStyle", val=style))
    if keep:
        look.append(element("keepNext"))
    if above or broken or (size and not text):
        look.append(element("spacing", before=round(above * 56.7), after=0 if not text else 80))
    if lead:
        look.append(element("ind", left=510, hanging=510))
    made.append(look)
    if broken:
        page = element("r")
        page.append(element("br", type="page"))
        made.append(page)
    if lead:
        made.append(_run(lead, size=size, fixed=False, strong=False))
        tab = element("r")
        tab.append(element("tab"))
        made.append(tab)
    if style and size:
        look.append(element("spacing", before=0, after=0))
    for run in [_plain(text)] if style and not size else runs(text, size=size, strong=strong):
        made.append(run)
    if size and not text:
        mark = element("rPr")
        inked(mark, size=size)
        look.append(mark)
    return made


def _plain(text: str) -> BaseOxmlElement:
    """Return a run that looks as its paragraph's style says."""
    run = _run(text, size=0, fixed=False, strong=False)
    run.remove(run[0])
    return run


def ruled(into: BaseOxmlElement, text: str) -> None:
    """Fill a footer's paragraph: a line above, the words, and the number of the page."""
    look = element("pPr")
    border = element("pBdr")
    border.append(element("top", val="single", sz=4, space=4, color="9CA3AF"))
    look.append(border)
    into.insert(0, look)
    for run in runs(f"{text}   ·   page ", size=7):
        into.append(run)
    for field in ("PAGE", "NUMPAGES"):
        shown = element("fldSimple", instr=field)
        for run in runs("1", size=7):
            shown.append(run)
        into.append(shown)
        if field == "PAGE":
            into.append(_run(" of ", size=7, fixed=False, strong=False))


def picture(part: DocumentPart, png: bytes, *, room: tuple[float, float], alt: str) -> BaseOxmlElement:
    """Return a paragraph with a picture, as large as ``room`` (millimetres) lets it be."""
    from docx.image.image import Image
    from docx.shared import Mm

    image = Image.from_blob(png)
    scale = min(room[0] / image.px_width, room[1] / image.px_height)
    drawn = part.new_pic_inline(io.BytesIO(png), Mm(image.px_width * scale), Mm(image.px_height * scale))
    drawn.docPr.set("descr", _NO_XML.sub("\ufffd", alt))
    run, holder, made = element("r"), element("drawing"), element("p")
    holder.append(drawn)
    run.append(holder)
    made.append(run)
    return made
