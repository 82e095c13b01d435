"""The e-mail that carries a request: a subject an intake can sort, and a short body without a link."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from flowtrace.model import Result
from flowtrace.report.cells import count, plain, rounded
from flowtrace.report.freeze.opening import asked, where_received
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.wording import BLANK

MOST_LINES = 25
_WIDTH = 100


def mail(result: Result, request: FreezeRequest, files: Iterable[str]) -> str:
    """Return subject and body as plain text; the body has at most `MOST_LINES` lines."""
    asker, wording = result.requester, request.wording
    sender = ", ".join(plain(part) for part in (asker.name, asker.organisation) if part) or BLANK
    body = [
        f"To: {plain(request.entity.name)}, the team that receives such letters",
        "",
        *_wrapped(wording.opening.format(where=where_received(request))),
        "",
        *_wrapped(asked(request)),
        "",
        *_wrapped(
            f"Attached: {', '.join(files)}. Sections are those of letter.pdf; identifiers.txt holds the full "
            "identifiers as text."
        ),
        *_wrapped(wording.silence),
        "",
        f"Reference: {request.id}; mode: {wording.mode}; record as of {result.as_of[:10]}.",
        f"From: {sender}",
        f"Call-back, independent of this message: {plain(asker.contact) or BLANK}",
    ]
    return "\n".join([f"Subject: {subject(result, request)}", "", *body, ""])


def subject(result: Result, request: FreezeRequest) -> str:
    """Return the subject: what is asked, case number, sender, amount, number of transactions.

    It says URGENT only where value may still be reached: a historic case marked so would cost the next one.
    """
    asker = result.requester
    urgent = "" if request.urgency == "C" else "[URGENT] "
    amount = " + ".join(f"{plain(c.asset.unit)} {rounded(c.asset, c.traced)}" for c in request.caps)
    number = count(len({credit.hop.transfer.tx for credit in request.deposits}), "TXID")
    case = plain(asker.reference) or request.id
    sender = plain(asker.organisation) or plain(asker.name) or BLANK
    return f"{urgent}{request.wording.subject} - {case} - {sender} - {amount} - {number}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(plain(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
