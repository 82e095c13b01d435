"""The e-mail that carries a request: a subject an intake can sort, and a short body without a link."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from flowtrace.model import Result
from flowtrace.report.cells import count, plain, rounded
from flowtrace.report.freeze.asking import asked, opening_words, silence_words, subject_words
from flowtrace.report.freeze.request import FreezeRequest, Kind
from flowtrace.report.freeze.wording import BLANK, SILENCE_MIXER

MOST_LINES = 25
_WIDTH = 120


def mail(result: Result, request: FreezeRequest, files: Iterable[str], *, draft: bool = False) -> str:
    """Return subject and body, `MOST_LINES` lines at most: else the letter alone tells what is asked."""
    names = list(files)
    whole = _message(result, request, names, asks=asked(request))
    if len(whole) > MOST_LINES:
        kinds = ", ".join(action.kind for action in request.actions)
        whole = _message(result, request, names, asks=f"Section 1 of {names[0]} says what is asked: {kinds}.")
    mark = "[DRAFT] " if draft else ""
    return "\n".join([f"Subject: {mark}{subject(result, request)}", *whole[1:], ""])


def _message(result: Result, request: FreezeRequest, names: list[str], *, asks: str) -> list[str]:
    asker, is_notice = result.requester, request.kind is Kind.MIXER
    sender = ", ".join(plain(part) for part in (asker.name, asker.organisation) if part) or BLANK
    to = "" if is_notice else f"To: {plain(request.entity.name)}, the team that receives such letters"
    letter = names[0]
    return [
        "Subject",
        "",
        *([to, ""] if to else []),
        *_wrapped(opening_words(request)),
        "",
        *_wrapped(asks),
        "",
        *_wrapped(
            f"Attached: {', '.join(names)}. Sections are those of {letter}; identifiers.txt holds the full "
            "identifiers as text."
        ),
        *_wrapped(SILENCE_MIXER if is_notice else silence_words(request)),
        "",
        f"Reference: {request.id}; mode: {request.wording.mode}; record as of {result.as_of[:10]}.",
        f"From: {sender}",
        f"Call-back, independent of this message: {plain(asker.contact) or BLANK}",
    ]


def subject(result: Result, request: FreezeRequest) -> str:
    """Return the subject: what is asked, case number, sender, amount, number of transactions.

    It says URGENT only where value may still be reached: a historic case marked so would cost the next one.
    """
    asker = result.requester
    urgent = "" if request.urgency.startswith("C") or request.kind is Kind.MIXER else "[URGENT] "
    amount = " + ".join(f"{plain(c.asset.unit)} {rounded(c.asset, c.traced)}" for c in request.caps)
    number = count(len({credit.hop.transfer.tx for credit in request.deposits}), "TXID")
    case = plain(asker.reference) or request.id
    sender = plain(asker.organisation) or plain(asker.name) or BLANK
    return f"{urgent}{subject_words(request)} - {case} - {sender} - {amount} - {number}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(plain(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
