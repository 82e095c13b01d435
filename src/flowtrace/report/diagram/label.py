"""The words beside an arrow and inside a box, broken into lines, with the room they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flowtrace.report.diagram import palette
from flowtrace.report.diagram.captions import amount_text, dates, keys
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Font, Mark, Measure, Words, wrapped
from flowtrace.report.diagram.picture import Arrow, Box, BoxKind
from flowtrace.report.diagram.shapes import crown, inset

BOX_WIDTH = 66.0
_STRONG = Font(6.6, bold=True)
_PLAIN = Font(6.5)
_TITLE = Font(6.9, bold=True)
_ADDRESS = Font(6.5, mono=True)
_LABEL_WIDTH = 57.0
FLAG = 9.0
_HATCHED = 9.0  # room in which a frozen box shows its hatching, above and below its words
_PAD = 6.0
_TITLE_LINES = 3
_ABOUT = "≈"
_UNRESOLVED = (BoxKind.NO_DATA, BoxKind.INCOMPLETE)

Line = tuple[str, Font]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text, one under another, centred."""

    lines: tuple[Line, ...]
    widths: tuple[float, ...]
    height: float

    @property
    def width(self) -> float:
        """The width of the widest line."""
        return max(self.widths, default=0.0)

    def grounds(self, rect: Rect) -> list[Rect]:
        """Return the place of each line in the middle of a rectangle."""
        x, y = rect.middle
        top, found = y - self.height / 2, []
        for (_, font), width in zip(self.lines, self.widths, strict=True):
            found.append(Rect(x - width / 2 - 1.2, top, x + width / 2 + 1.2, top + font.line))
            top += font.line
        return found

    def marks(self, rect: Rect) -> list[Mark]:
        """Set the lines in the middle of a rectangle."""
        x, y = rect.middle
        top = y - self.height / 2
        found: list[Mark] = []
        for text, font in self.lines:
            colour = palette.INK if font.bold else palette.QUIET
            found.append(Words(x, top + font.line / 2, text, font, colour, centred=True))
            top += font.line
        return found


def block(lines: Sequence[Line], measure: Measure) -> Block:
    """Measure lines."""
    widths = tuple(measure(text, font) for text, font in lines)
    return Block(tuple(lines), widths, sum(font.line for _, font in lines))


def arrow_label(arrow: Arrow, year: int, measure: Measure, *, level: bool = False) -> Block:
    """Write an arrow's label: [n] and amount first, then count and dates, on few short lines.

    ``level`` labels are one line: they stand on arrows that run side by side between lanes.
    """
    strong = [f"{keys(arrow.rows)} {arrow.fold}".strip(), *_amounts(arrow)]
    # Said already where the rows are counted beside [n], or where the amount is written as a product.
    said = (arrow.fold and arrow.count == len(arrow.rows)) or _product(arrow)
    count = [] if said else [f"{arrow.count:,} tx"]
    plain = [*count, dates(arrow.first, arrow.last, year)]
    if level:
        return block([(" ".join([*strong, "·", *" · ".join(plain).split()]), _STRONG)], measure)
    lines = [(text, _STRONG) for text in _joined(strong, " ", lambda text: measure(text, _STRONG))]
    lines += [(text, _PLAIN) for text in _joined(plain, " · ", lambda text: measure(text, _PLAIN))]
    return block(lines, measure)


def _amounts(arrow: Arrow) -> list[str]:
    total = amount_text(arrow.asset, arrow.units) + ("†" if arrow.decoded else "")
    each = _product(arrow)
    return [each, f"= {total}"] if each else [total]


def _product(arrow: Arrow) -> str:
    """Return an amount as so many times another; a product of rounded amounts would say nothing."""
    if arrow.each is None or arrow.count == 1:
        return ""
    text = f"{arrow.count:,} × {amount_text(arrow.asset, arrow.each)}"
    return "" if _ABOUT in text + amount_text(arrow.asset, arrow.units) else text


def _joined(parts: Sequence[str], between: str, width: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]}{between}{part}" if lines else part
        if lines and width(joined) <= _LABEL_WIDTH:
            lines[-1] = joined
        else:
            lines.append(part)
    return lines


def box_text(box: Box, measure: Measure) -> Block:
    """Write a box's text: its title on up to three lines, its address or fold, its remarks."""
    width = BOX_WIDTH - 2 * inset(palette.STYLES[box.kind].shape)
    title = f"? {box.title}" if box.kind in _UNRESOLVED else box.title
    lines: list[Line] = [(t, _TITLE) for t in wrapped(title, width, _TITLE, measure=measure)[:_TITLE_LINES]]
    first, *remarks = box.lines
    lines.append((first, _PLAIN if box.fold else _ADDRESS))
    lines += [(t, _PLAIN) for remark in remarks for t in wrapped(remark, width, _PLAIN, measure=measure)]
    return block(lines, measure)


def box_height(box: Box, text: Block) -> float:
    """Return the height of a box around its text."""
    marked = (2 * FLAG if box.listed else 0.0) + (_HATCHED if box.frozen else 0.0)
    return text.height + _PAD + crown(palette.STYLES[box.kind].shape) + marked


def text_area(box: Box, rect: Rect) -> Rect:
    """Return the part of a box in which its text is centred."""
    return Rect(rect.left, rect.top + crown(palette.STYLES[box.kind].shape), rect.right, rect.bottom)


def body(box: Box, rect: Rect) -> Rect:
    """Return the part of a box's place that its outline takes: all but the flag under a listed one.

    As much is left above it, so that its middle stays where its arrows expect it.
    """
    return Rect(rect.left, rect.top + FLAG, rect.right, rect.bottom - FLAG) if box.listed else rect
