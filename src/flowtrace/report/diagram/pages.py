"""A flow as pages of A4 landscape: one where it fits, else an overview and a page for few recipients each.

Nothing is left out: the overview folds every hop, and every hop is also drawn on the page of a recipient that
it leads to, or on a page of what leads to none. Where even one recipient's ways have no room, the least
addresses are folded into a named remainder with its count and sums.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from flowtrace.errors import InputError
from flowtrace.model import Result
from flowtrace.report.diagram.captions import clean
from flowtrace.report.diagram.fold import ANNEX, MOST_BOXES, Grouped, fold
from flowtrace.report.diagram.goals import Goal, goals
from flowtrace.report.diagram.kinds import Facts
from flowtrace.report.diagram.marks import Measure
from flowtrace.report.diagram.overview import Room, overview
from flowtrace.report.diagram.part import explained, narrowed
from flowtrace.report.diagram.picture import BoxKind, FlowPicture
from flowtrace.report.diagram.sheet import Sheet, compose, numbered

_FEWER = (28, 22, 17, 13, 10, 7, 5)
_LAYOUTS = ((1, True), (2, True), (3, True), (2, False), (3, False), (4, False))
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what it shows, and where everything stands on it."""

    picture: FlowPicture
    sheet: Sheet


def pages(result: Result, measure: Measure, only: Collection[int] | None = None) -> tuple[Page, ...]:
    """Return the pages of a flow, the overview first where there are several.

    Parameters
    ----------
    only
        The numbers of the hops that may be shown; all where None. Then what folds stand for is said in the
        notes, for a part is read without the annex.
    """
    whole = result if only is None else narrowed(result, only)
    binder = _Binder(measure, whole, 0 if only is None else len(result.trace.hops))
    made = binder.single() or binder.several()
    if len(made) == 1:
        return tuple(made)
    of = len(made)
    return tuple(replace(p, sheet=numbered(p.sheet, (n, of), measure)) for n, p in enumerate(made, 1))


@dataclass(slots=True)
class _Binder:
    """Makes pages out of one result, and counts the marks of their folds."""

    measure: Measure
    whole: Result
    part_of: int
    marks: int = field(default=1)

    def single(self) -> list[Page]:
        """Return the one page that shows everything, where nothing has to be others for that."""
        page = self._page(self._folded(self.whole, MOST_BOXES, "", tight=False), remainder=False)
        return [page] if page else []

    def several(self) -> list[Page]:
        """Return the overview and the pages by recipient."""
        facts = Facts.of(self.whole)
        aims = goals(self.whole, facts)
        bound, at = self._bound(aims)
        seen = {row for aim in aims for row in aim.rows}
        rest = [hop.row for hop in self.whole.trace.hops if hop.row not in seen]
        for page in self._rows(rest, "Ways that lead to none of the recipients and ends of the other pages."):
            bound.append(self._kept(page))
        return [*self._overviews(aims, at), *bound]

    def _bound(self, aims: list[Goal]) -> tuple[list[Page], dict[Goal, list[int]]]:
        """Put as many recipients on each page as it holds without a remainder."""
        bound: list[Page] = []
        at: dict[Goal, list[int]] = {}
        group: list[Goal] = []
        open_page: Page | None = None
        for aim in aims:
            trial = self._together([*group, aim])
            if trial is None and open_page is not None:
                bound.append(self._kept(open_page))
                at.update({goal: [len(bound)] for goal in group})
                group, open_page = [], None
                trial = self._together([aim])
            if trial is not None:
                group, open_page = [*group, aim], trial
                continue
            group = []
            for page in self._rows(sorted(aim.rows), _words([aim])):
                bound.append(self._kept(page))
                at.setdefault(aim, []).append(len(bound))
        if open_page is not None:
            bound.append(self._kept(open_page))
            at.update({goal: [len(bound)] for goal in group})
        return bound, at

    def _together(self, group: list[Goal]) -> Page | None:
        rows = {row for goal in group for row in goal.rows}
        made = self._folded(narrowed(self.whole, rows), MOST_BOXES, _words(group), tight=False)
        return self._page(made, remainder=False)

    def _rows(self, rows: list[int], words: str) -> Iterator[Page]:
        """Yield the pages of some hops: one with a remainder, or where that has no room either, halves."""
        if not rows:
            return
        part = narrowed(self.whole, rows)
        for most in (MOST_BOXES, *_FEWER):
            page = self._page(self._folded(part, most, words, tight=True), remainder=True)
            if page is not None:
                yield page
                return
        if len(rows) == 1:
            msg = f"hop [{rows[0]}] has no room on a page: the texts around the figure are too long"
            raise InputError(msg)
        half = len(rows) // 2
        yield from self._rows(rows[:half], words)
        yield from self._rows(rows[half:], words)

    def _overviews(self, aims: list[Goal], at: dict[Goal, list[int]]) -> list[Page]:
        """Return the overview: with as many recipients in boxes of their own as have room."""
        referred = {aim: tuple(n + 1 for n in at.get(aim, ())) for aim in aims}
        marked = Grouped({}, first=self.marks, listed=self._listed)
        for shown, (columns, bridges) in product(_counts(len(aims)), _LAYOUTS):
            made = overview(self.whole, referred, Room(shown, columns, bridges), grouped=marked)
            page = self._page(self._said(made), remainder=True)
            if page is not None:
                return [self._kept(page)]
        words = "Overview of the flow, in parts."
        return [self._kept(page) for page in self._rows([h.row for h in self.whole.trace.hops], words)]

    def _kept(self, page: Page) -> Page:
        """Take a page in, so that the marks of the next page's folds count on."""
        self.marks += len(page.picture.folds)
        return page

    @property
    def _listed(self) -> str:
        return "notes below" if self.part_of else ANNEX

    def _folded(self, part: Result, most: int, words: str, *, tight: bool) -> FlowPicture:
        made = fold(part, most, first=self.marks, listed=self._listed, tight=tight)
        if words:
            made = replace(made, subtitle=f"{words} {made.subtitle}")
        return self._said(made)

    def _said(self, made: FlowPicture) -> FlowPicture:
        return explained(made, len(self.whole.trace.hops), self.part_of) if self.part_of else made

    def _page(self, made: FlowPicture, *, remainder: bool) -> Page | None:
        if len(made.boxes) > MOST_BOXES:
            return None
        if not remainder and any(box.kind is BoxKind.OTHERS for box in made.boxes):
            return None
        sheet = compose(made, int(self.whole.incident.date[:4]), self.measure)
        return Page(made, sheet) if sheet else None


def _words(group: list[Goal]) -> str:
    named = [clean(goal.title[:1].upper() + goal.title[1:], 40) for goal in group[:_NAMED]]
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    return f"Ways to: {'; '.join(named)}{more}. Overview: page 1."


def _counts(number: int) -> Iterator[int]:
    """Yield how many recipients to try with boxes of their own, most first."""
    step = max(1, number // 8)
    yield from range(min(number, MOST_BOXES), 0, -step)
    yield 0
