"""Status of funds: under each rule one bar from nothing to all that was stolen, cut into where it is."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.model import Result, Rule, envelope
from flowtrace.report.cells import exact_amount, share
from flowtrace.report.chart.ground import PLAIN, SMALL, STRONG, bound, ground, line
from flowtrace.report.chart.parts import Part, Whole, wholes
from flowtrace.report.chart.pattern import EDGE, FILLS, filled
from flowtrace.report.diagram import palette
from flowtrace.report.diagram.captions import amount_text, clean
from flowtrace.report.diagram.geometry import Rect
from flowtrace.report.diagram.marks import Mark, Measure, Words, fitted
from flowtrace.report.diagram.sheet import Sheet
from flowtrace.report.subject import is_theft, stated

_BAR, _ROW, _HEAD, _KEY, _APART = 11.0, 15.0, 17.0, 11.5, 12.0
_NAMES, _SWATCH = 52.0, 16.0
_COLUMNS = 2
_LEAST_SHARE, _LEAST_LETTER = 7, 11  # per cent, and per mille, from which there is room for a share, a letter
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def status_sheets(result: Result, measure: Measure) -> tuple[Sheet, ...]:
    """Return the status-of-funds bars of every theft, as many pages as they take.

    Raises
    ------
    IntegrityError
        If any bar does not sum to its theft to the base unit.
    """
    pages: list[list[Mark]] = []
    y, area = 0.0, Rect(0, 0, 0, 0)
    for whole in wholes(result):
        depth = _depth(whole)
        if not pages or y + depth > area.bottom:
            marks, area = ground(result, _words(result), measure)
            pages.append(marks)
            y = area.top
        pages[-1] += _table(result, whole, Rect(area.left, y, area.right, y + depth), measure=measure)
        y += depth + _APART
    if not pages:
        pages.append(ground(result, _words(result), measure)[0])
    return bound(pages, measure)


def _words(result: Result) -> tuple[str, str]:
    about = f"where the {stated(result.incident, 'stolen')} value is, under each rule"
    title = f"{clean(result.incident.title, 60)}: {about}"
    scope = (
        "Every bar is the whole amount, to the base unit; only poison counts more, and that much reaches "
        "beyond the line. The ranges are over the rules that conserve. Letters name the parts of a bar."
    )
    return title, scope


def _depth(whole: Whole) -> float:
    keys = -(-len(whole.parts) // _COLUMNS)
    return _HEAD + _ROW * len(whole.whole) + 6 + _KEY * keys


def _table(result: Result, whole: Whole, rect: Rect, *, measure: Measure) -> Iterator[Mark]:
    yield Words(rect.left, rect.top + 6, _heading(result, whole), STRONG)
    most = max([*whole.whole.values(), *(whole.whole[r] + whole.clean[r] for r in whole.whole)]) or 1
    left, right = rect.left + _NAMES, rect.right
    y = rect.top + _HEAD
    if any(whole.clean.values()):  # seen between the bars, not across them
        x = left + (right - left) * whole.whole[Rule.POISON] // most
        yield line((x, y - 4), (x, y + _ROW * len(whole.whole) - 1), EDGE, width=0.9)
    for rule in whole.whole:
        yield Words(rect.left, y + _BAR / 2, rule.words, PLAIN, palette.QUIET)
        yield from _bar(whole, rule, (left, right, y, most))
        y += _ROW
    yield from _key(whole, Rect(rect.left, y + 6, rect.right, rect.bottom), measure)


def _heading(result: Result, whole: Whole) -> str:
    amount = exact_amount(whole.asset, max(whole.whole.values()))
    if whole.became:
        return f"Up to {amount} that it was exchanged for"
    what = f"Theft of {amount}" if is_theft(result.incident) else f"{amount} marked"
    return f"{what} [{clean(whole.theft.id, 24)}]"


def _bar(whole: Whole, rule: Rule, place: tuple[float, float, float, int]) -> Iterator[Mark]:
    left, right, y, most = place
    done = 0
    for letter, part in _lettered(whole):
        units = part.taint[rule]
        if not units:
            continue
        a, b = (left + (right - left) * n / most for n in (done, done + units))
        rect = Rect(a, y, b, y + _BAR)
        yield from filled(rect, FILLS[part.group])
        if units * 100 >= _LEAST_SHARE * most:
            yield from _plate(rect, f"{letter} {share(units, whole.whole[rule])}")
        elif units * 1000 >= _LEAST_LETTER * most:
            yield from _plate(rect, letter)
        done += units


def _plate(rect: Rect, text: str) -> Iterator[Mark]:
    """Write on a segment, on plain ground: lines would make small figures hard to read."""
    x, y = rect.middle
    half = len(text) * 2.05 + 1.2
    yield from filled(Rect(x - half, rect.top + 1.6, x + half, rect.bottom - 1.6), FILLS["no data"])[:1]
    yield Words(x, y, text, SMALL, centred=True)


def _key(whole: Whole, rect: Rect, measure: Measure) -> Iterator[Mark]:
    """Say what each fill stands for, and how much that is: the range over the rules."""
    wide = (rect.right - rect.left) / _COLUMNS
    deep = -(-len(whole.parts) // _COLUMNS)
    for i, (letter, part) in enumerate(_lettered(whole)):
        x, y = rect.left + wide * (i // deep), rect.top + _KEY * (i % deep)
        yield from filled(Rect(x, y, x + _SWATCH, y + 8), FILLS[part.group])
        amount = _range(whole, part)
        room = wide - _SWATCH - 18 - measure(amount, STRONG)
        title = fitted(f"{letter} {clean(part.title, 60)}", room, PLAIN, measure=measure)
        yield Words(x + _SWATCH + 4, y + 4, title, PLAIN)
        yield Words(x + _SWATCH + 9 + measure(title, PLAIN), y + 4, amount, STRONG)


def _lettered(whole: Whole) -> Iterator[tuple[str, Part]]:
    """Yield every part with its letter: two parts of one kind have one fill."""
    for i, part in enumerate(whole.parts):
        turn, letter = divmod(i, len(_LETTERS))
        yield _LETTERS[letter] + (str(turn) if turn else ""), part


def _range(whole: Whole, part: Part) -> str:
    low, high = envelope(part.taint)
    most = max(whole.whole.values())
    if low == high:
        return f"{amount_text(whole.asset, low)} · {share(low, most)}"
    amounts = f"{amount_text(whole.asset, low)} to {amount_text(whole.asset, high)}"
    return f"{amounts} · {share(low, most) or '0 %'} to {share(high, most)}"
