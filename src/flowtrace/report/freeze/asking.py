"""What a request says in its locked words: title, opening, what is asked, and on confidentiality."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.report.cells import printable
from flowtrace.report.document.words import exact
from flowtrace.report.freeze.actions import REPLY_DAYS, SILENCE
from flowtrace.report.freeze.request import FreezeRequest, Kind
from flowtrace.report.freeze.wording import (
    CLAIM_ASK,
    CLAIM_SUBJECT,
    CLAIM_TITLE,
    CLAIMED,
    MIXER_OPENING,
    MIXER_SUBJECT,
    MIXER_TITLE,
    MIXER_USE,
    RESTS,
    WHERE,
)


def title_of(request: FreezeRequest) -> str:
    """Return the document's title: the mode's own, except where nothing is requested."""
    titles = {Kind.CLAIM: CLAIM_TITLE, Kind.MIXER: f"{MIXER_TITLE}: {printable(request.entity.name)}"}
    return titles.get(request.kind, request.wording.title)


def subject_words(request: FreezeRequest) -> str:
    """Return what the subject of a message says it is, with the mode."""
    mode = f" ({request.wording.mode})"
    words = {Kind.CLAIM: f"{CLAIM_SUBJECT}{mode}", Kind.MIXER: f"{MIXER_SUBJECT}{mode}"}
    return words.get(request.kind, request.wording.subject)


def opening_words(request: FreezeRequest) -> str:
    """Return the locked opening: what was received where, and by what authority it is told."""
    if request.kind is Kind.MIXER:
        return MIXER_OPENING.format(mixer=printable(request.entity.name))
    words = request.wording.opening
    if request.kind is Kind.CLAIM and request.wording.mode in {"le", "counsel"}:
        # Nothing is requested or served on a claim that nobody verified.
        words = "We inform you that value traced from the theft named below {where}."
    return words.format(where=where_received(request))


def where_received(request: FreezeRequest) -> str:
    """Return where value was received: at deposit addresses, straight in the exchange's wallets, or both."""
    if request.kind is Kind.CLAIM:
        return CLAIMED
    if request.kind is Kind.ISSUER:
        return RESTS
    kinds = sorted({credit.pooled for credit in request.deposits})
    return " and ".join(WHERE[pooled] for pooled in kinds)


def asked(request: FreezeRequest) -> str:
    """Return the request in its locked words, with the amounts it stops at."""
    if request.kind is Kind.CLAIM:
        return CLAIM_ASK
    if request.kind is Kind.MIXER:
        return MIXER_USE
    cap = " and ".join(exact(one.asset, one.traced) for one in request.caps)
    of_issuer = request.kind is Kind.ISSUER
    plainly = [a.words(cap, of_issuer=of_issuer) for a in request.actions if not a.invited]
    plainly.append(f"reply within {REPLY_DAYS} days of receipt")
    said = f"{request.wording.ask} {_list(plainly)}."
    for action in (one for one in request.actions if one.invited):
        said += f" If your own rules allow it, you are invited to {action.words(cap)}, at your discretion."
    return said


def _list(parts: Iterable[str]) -> str:
    *most, last = parts
    return f"{'; '.join(most)}; and {last}" if most else last


def silence_words(request: FreezeRequest) -> str:
    """Return the words on confidentiality: asked with its basis, or left to the recipient."""
    action = request.asks(SILENCE)
    if action is None:
        return request.wording.silence
    basis = printable(action.basis)
    return request.wording.silence_asked.format(days=action.days, basis=basis.removesuffix("."))
