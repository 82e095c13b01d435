"""The one door to python-docx: the same blocks as `typeset` takes, as a document that a person can edit.

All that varies becomes text of a run, never markup, field code or link. python-docx stamps its zip with the
clock, so the archive is written again with one time; the bytes are then the same everywhere.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flowtrace.report.document.code import code_png
from flowtrace.report.document.editable_tables import framed, grid, named
from flowtrace.report.document.editable_text import element, inked, paragraph, picture, put, ruled
from flowtrace.report.document.typeset import Block, day_of, placed

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement

_PAPER = (210.0, 297.0)  # A4, millimetres
_MARGIN, _TURNED, _FOOT = 20.0, 15.0, 18.0
# A figure is drawn for a whole page, with margins of its own: the larger it is, the better it is read.
_EDGE, _EDGE_FOOT = 4.0, 8.0
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can state


def typeset_docx(
    head: Mapping[str, str], blocks: Iterable[Block], figures: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a DOCX.

    Parameters
    ----------
    head
        ``title``, ``date`` (ISO 8601, the document's only date) and ``footer``, as for `typeset`.
    blocks
        The body in reading order, made by the functions beside `typeset`.
    figures
        PNGs by their names, each drawn where the ``figure`` block of its name stands.

    Raises
    ------
    InputError
        If a figure is placed that is not given, or given and not placed.
    """
    import docx

    body = list(blocks)
    drawn = placed(body, figures)
    document = docx.Document()
    _describe(document, head)
    _style(document)
    writer = _Writer(document, head["footer"], drawn)
    for block in body:
        writer.write(block)
    made = io.BytesIO()
    document.save(made)
    return _same_everywhere(made.getvalue())


def _describe(document: Document, head: Mapping[str, str]) -> None:
    about, day = document.core_properties, day_of(head["date"]).replace(tzinfo=None)
    about.title, about.author, about.comments, about.last_modified_by = head["title"][:255], "", "", ""
    about.created = about.modified = day
    about.language = "en-GB"


def _style(document: Document) -> None:
    from docx.shared import Pt

    looks = {"Normal": (10, 4.0), "Heading 1": (14, 12), "Heading 2": (11.5, 10), "Heading 3": (10.5, 8)}
    for name, (size, above) in looks.items():
        style = document.styles[name]
        inked(style.element.get_or_add_rPr(), size=size, strong=name != "Normal")
        style.font.size = Pt(size)
        style.paragraph_format.space_before = Pt(0 if name == "Normal" else above)
        style.paragraph_format.space_after = Pt(above if name == "Normal" else 4)


class _Writer:
    """Puts blocks into a document, each on pages of the orientation it asks for."""

    def __init__(self, document: Document, footer: str, figures: Mapping[str, bytes]) -> None:
        self._document = document
        self._figures = figures
        self._number = 0
        self._turned, self._margin = False, _MARGIN
        self._bare = True
        self._lay_out(turned=False)
        ruled(document.sections[0].footer.paragraphs[0]._p, footer)  # noqa: SLF001  its only door

    def write(self, block: Block) -> None:
        """Write a block of the top level."""
        turned = block["kind"] in {"landscape", "figure"}
        if self._turned != turned or turned:
            self._turn(turned=turned, drawn=block["kind"] == "figure")
        self._bare = False
        body = self._document.element.body
        if block["kind"] == "landscape":
            for inner in block["blocks"]:
                self._put(body, inner, self._width)
        else:
            self._put(body, block, self._width)

    @property
    def _width(self) -> float:
        """The width of the text in millimetres."""
        return (_PAPER[1] if self._turned else _PAPER[0]) - 2 * self._margin

    def _turn(self, *, turned: bool, drawn: bool) -> None:
        from docx.enum.section import WD_SECTION
        from docx.oxml.ns import qn

        self._turned = turned
        if not self._bare:
            self._document.add_section(WD_SECTION.NEW_PAGE)
            # The section before ends in a paragraph of its own, which must not ask for a page of its own.
            ended = self._document.element.body.findall(qn("w:p"))[-1]
            ended.get_or_add_pPr().insert(0, element("spacing", before=0, after=0, line=20, lineRule="exact"))
        self._lay_out(turned=turned, drawn=drawn)

    def _lay_out(self, *, turned: bool, drawn: bool = False) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm

        section = self._document.sections[-1]
        self._margin = margin = _EDGE if drawn else _TURNED if turned else _MARGIN
        section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (Mm(side) for side in (_PAPER[::-1] if turned else _PAPER))
        section.left_margin = section.right_margin = Mm(margin)
        foot = _EDGE_FOOT if drawn else _FOOT
        section.top_margin, section.bottom_margin = Mm(margin), Mm(foot)
        section.footer_distance = Mm(foot / 2)

    def _put(self, into: BaseOxmlElement, block: Block, width: float) -> None:
        """Write a block into a body or a cell that is so many millimetres wide."""
        match block["kind"]:
            case "numbered":
                self._put_numbered(into, block)
            case "boxed":
                cell = framed(into, width)
                put(cell, paragraph(block["title"], strong=True, keep=True))
                for inner in block["blocks"]:
                    self._put(cell, inner, width - 8)
                put(into, paragraph("", size=4))
            case "figure":
                self._put_figure(into, block)
            case "qr":
                self._put_code(into, block)
            case _:
                for made in _made(block, width):
                    put(into, made)

    def _put_numbered(self, into: BaseOxmlElement, block: Block) -> None:
        self._number += 1
        known = f" [class {block['class']}]" if block["class"] else ""
        put(into, paragraph(f"{block['text']}{known}", lead=f"{self._number}.", keep=bool(block.get("ids"))))
        if block.get("ids"):
            put(into, paragraph(f"Evidence: {block['ids']}", size=8, lead=" "))

    def _put_figure(self, into: BaseOxmlElement, block: Block) -> None:
        put(into, paragraph(block["text"], style="Heading1", size=9, strong=True))
        room = (self._width, _PAPER[0] - _EDGE - _EDGE_FOOT - 8)
        drawn = picture(self._document.part, self._figures[block["name"]], room=room, alt=block["alt"])
        put(into, drawn)

    def _put_code(self, into: BaseOxmlElement, block: Block) -> None:
        side = block["side"]
        drawn = code_png(block["text"])
        put(into, picture(self._document.part, drawn, room=(side, side), alt=block["alt"]))
        put(into, paragraph(block["alt"], size=8))


def _made(block: Block, width: float) -> list[BaseOxmlElement]:
    """Return what a block of words or rows becomes."""
    made: list[BaseOxmlElement] = []
    match block["kind"]:
        case "heading":
            made = [paragraph(block["text"], style=f"Heading{block['level']}")]
        case "para":
            made = [paragraph(block["text"], size=8.5 if block["small"] else 0)]
        case "bullets":
            made = [paragraph(item, lead="•") for item in block["items"]]
        case "pairs":
            made = [named(block["rows"], width), paragraph("", size=4)]
        case "table":
            made = [grid(block, width), paragraph("", size=4)]
        case "title":
            over = paragraph(block["over"].upper(), size=9, above=100)
            made = [over, paragraph(block["text"], size=24, strong=True), paragraph(block["under"], size=12)]
        case "break":
            made = [paragraph("", size=1, broken=True)]
    return made


def _same_everywhere(made: bytes) -> bytes:
    """Write a zip again with its members in their order, and one time for all."""
    whole = io.BytesIO()
    with ZipFile(io.BytesIO(made)) as held, ZipFile(whole, "w") as fresh:
        for name in held.namelist():
            member = ZipInfo(name, _FIRST_DAY)
            member.compress_type, member.external_attr, member.create_system = ZIP_DEFLATED, 0o600 << 16, 3
            fresh.writestr(member, held.read(name))
    return whole.getvalue()
