"""The words a report may not use, enforced: such a document is not made, and the paragraph is named.

Verbs follow the class (D records, C is matched, P is assessed, X is according to somebody). An actor is
named, and somebody called in control of an address, only in an official's words or in the authors' own
assessment. No adjectives of judgement. No worth in dollars without the amount it is the worth of. No sentence
with both a confidence and a likelihood (ICD 203). What others wrote, a label or a token's name, is not ours
to choose: such a word of theirs is put into quotation marks, so that no stranger can stop a report by a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flowtrace.errors import InputError
from flowtrace.model import Result
from flowtrace.report.document.typeset import Block

_ACTORS = "DPRK|North[ -]Korean?s?|Lazarus|Bluenoroff|TraderTraitor|APT ?38|Kimsuky|Andariel"
_JUDGING = (
    "massive|huge|enormous|staggering|shocking|alarming|brazen|audacious|sophisticated|notorious|infamous|"
    "heinous|devastating|unprecedented|nefarious|undoubtedly|obviously|evidently"
)
_GUARDED = tuple(
    (re.compile(rf"\b({words})\b", re.IGNORECASE), why)
    for words, why in (
        (_ACTORS, "names an actor: an official's words, quoted, or the authors' own assessment may"),
        ("(controlled|owned|operated) by", "says who controls an address: only a quoted attribution may"),
        (_JUDGING, "judges: a report has no adjectives of judgement"),
    )
)
_VERBS = {
    "D": (re.compile(r"\b(assessed to|matched to|according to)\b"), False, "does not plainly record"),
    "C": (re.compile(r"\bmatched to\b"), True, "does not say “matched to”"),
    "P": (re.compile(r"\bassessed to\b"), True, "does not say “assessed to”"),
    "X": (re.compile(r"\baccording to\b"), True, "does not say “according to”"),
}
_LIKELY = re.compile(
    r"\b(almost no chance|almost certain(ly)?|(very )?(un)?likely|roughly even chance|(im)?probabl[ey])\b",
    re.IGNORECASE,
)
_CONFIDENT = re.compile(
    r"\b(low|moderate|medium|high)[ -]confidence\b|\bconfidence (is|level)\b", re.IGNORECASE
)
_DOLLARS = re.compile(r"(US)?\$\s?\d|\bUSD[ \u00a0]\d|\d[ \u00a0](dollars|USD)\b")
_AMOUNT = re.compile(r"\d\u00a0(?!USD\b)\S|\d (?!USD\b|UTC\b)[A-Z][A-Za-z0-9.]{1,11}\b")
_OTHERS = re.compile(r"“[^”]*”|\S+/\S+")  # what is quoted, and addresses of pages and files


@dataclass
class _At:
    """Where in a document one is, to name it."""

    section: str = ""
    number: int = 0
    is_numbered: bool = False

    def name(self, text: str) -> str:
        """Return the place of a text, with its beginning."""
        begin = f"“{text[:60]}{'…' if len(text) > 60 else ''}”"  # noqa: PLR2004  enough to find it by
        where = f"paragraph {self.number}" if self.is_numbered else f"the section “{self.section}”"
        return f"{where}, {begin},"


def worded(blocks: Iterable[Block], others: str = "", *, dollars: bool = False) -> list[Block]:
    """Return blocks with the guarded words of others in quotation marks.

    Parameters
    ----------
    others
        All that strangers wrote and the blocks may repeat, as one text.
    dollars
        Whether the dollar is itself an asset that is followed, as at a bank.

    Raises
    ------
    InputError
        If a word is used that a report may not use; the message names the paragraph.
    """
    at = _At()
    heard = others.casefold()

    def spoken(text: str) -> str:
        said = _guarded(text, heard, at)
        _sentences(_OTHERS.sub(" ", said), heard, at, dollars=dollars)
        return said

    return [_block(block, (at, heard), spoken) for block in blocks]


def others_words(result: Result) -> str:
    """Return all that labels, tokens and sources say, as one text; rule cards are quoted where they stand."""
    labels = [one for held in result.labels.values() for one in held]
    labels += [one for stop in result.trace.stops for one in stop.claims]
    assets = {hop.amount.asset for hop in result.trace.hops} | {t.asset for t in result.incident.thefts}
    texts = [text for one in labels for text in (one.text, one.source, one.entity.name if one.entity else "")]
    texts += [asset.symbol for asset in assets]
    texts += [text for s in result.trace.stops for text in (s.basis, s.entity.name if s.entity else "")]
    texts += [text for d in result.trace.deposits for text in (d.basis, d.entity.name)]
    texts += [gap.what for gap in result.trace.gaps] + [c.check for c in result.coverage]
    texts += [price.said for price in result.prices.values()]
    texts += [one.detail for one in result.patterns]
    texts += [result.incident.title, result.incident.victim_party, result.incident.id]
    return "\n".join(texts)


def _block(block: Block, where: tuple[_At, str], spoken: Callable[[str], str]) -> Block:
    if block.get("quoted") is True:
        return block
    at, heard = where
    kind = block["kind"]
    at.is_numbered = kind == "numbered"
    at.number += at.is_numbered
    at.section = block["text"] if kind == "heading" else at.section
    if at.is_numbered:
        _verb(block, heard, at)
    aside = set(block.get("quoted") or ())
    told: dict[str, Any] = dict(block)
    for name in ("text", "title", "ids", "under"):
        if name in block:
            told[name] = spoken(block[name])
    if "items" in block:
        told["items"] = [spoken(item) for item in block["items"]]
    if "rows" in block:
        told["rows"] = [
            [cell if n in aside else _cell(cell, spoken) for n, cell in enumerate(row)]
            for row in block["rows"]
        ]
    if "blocks" in block:
        told["blocks"] = [_block(inner, where, spoken) for inner in block["blocks"]]
    return told


def _cell(cell: str | list[str], spoken: Callable[[str], str]) -> str | list[str]:
    return spoken(cell) if isinstance(cell, str) else [spoken(line) for line in cell]


def _guarded(text: str, heard: str, at: _At) -> str:
    """Put guarded words of others into quotation marks; refuse our own."""
    for pattern, why in _GUARDED:
        spans = [found.span() for found in _OTHERS.finditer(text)]
        for found in reversed(list(pattern.finditer(text))):
            first, last = found.span()
            if any(begin <= first and last <= end for begin, end in spans):
                continue
            if found[0].casefold() not in heard:
                _refuse(at, text, f"{why} (“{found[0]}”)")
            text = f"{text[:first]}“{found[0]}”{text[last:]}"
    return text


def _verb(block: Block, heard: str, at: _At) -> None:
    if block["class"] not in _VERBS:
        return
    pattern, wanted, why = _VERBS[block["class"]]
    said = pattern.search(_OTHERS.sub(" ", block["text"]))
    is_strangers = said is not None and not wanted and said[0].casefold() in heard
    if (said is not None) is not wanted and not is_strangers:
        _refuse(at, block["text"], f"is of class {block['class']} and {why}")


def _sentences(text: str, heard: str, at: _At, *, dollars: bool) -> None:
    for sentence in re.split(r"(?<=[.;:!?])\s", text):
        if (
            _LIKELY.search(sentence)
            and (sure := _CONFIDENT.search(sentence))
            and sure[0].casefold() not in heard
        ):
            _refuse(at, text, "has a confidence and a likelihood in one sentence")
        worth = None if dollars else _DOLLARS.search(sentence)
        if worth and not _AMOUNT.search(sentence) and worth[0].casefold() not in heard:
            _refuse(at, text, "states a worth in dollars without the amount it is the worth of")


def _refuse(at: _At, text: str, why: str) -> None:
    raise InputError(f"{at.name(text)} {why}: the report is not written")
