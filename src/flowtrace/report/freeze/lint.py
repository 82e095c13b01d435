"""Gates: what gets a request rejected, or harms a third party, is found here, by the number of its rule.

The rules are the fifteen of the project's notes on what recipients ask for, and one on the age of a contact.
An error stops the package; a warning is printed and stands in ``request.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowtrace.errors import InputError
from flowtrace.model import Requester, Result
from flowtrace.report.cells import plain
from flowtrace.report.freeze.actions import COMPELLED, REPLY_DAYS, SILENCE
from flowtrace.report.freeze.contact import aged
from flowtrace.report.freeze.facts import amounts, identifiers, paths, pooled
from flowtrace.report.freeze.request import FreezeRequest, Kind
from flowtrace.report.freeze.texts import cut_identifiers, forbidden, wallets_named
from flowtrace.report.freeze.wording import WORDING

_FRESH = timedelta(minutes=15)
_MUCH = 2
PUBLIC_MAIL = frozenset(
    {
        "aol.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com",
        "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com",
        "qq.com", "tutanota.com", "web.de", "yahoo.com", "yandex.com", "yandex.ru", "ymail.com", "163.com",
    }
)  # fmt: skip
"""Domains at which anybody can have a mailbox."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule says of a package: an error stops it, a warning goes with it."""

    rule: str
    text: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Sending:
    """The circumstances of making packages to be sent: when, and what the sender answers for."""

    at: datetime
    accept_stale: bool = False
    no_tip_off_checked: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """What a package says: all of its letter, of it what is asked, and the message that carries it."""

    letter: tuple[str, ...]
    asked: tuple[str, ...]
    mail: str


def check_mode(result: Result) -> None:
    """Refuse a mode that has no locked wording."""
    if result.requester.mode not in WORDING:
        known = " or ".join(sorted(WORDING))
        msg = f"requester mode {result.requester.mode!r} has no locked wording: use {known}"
        raise InputError(msg)


def lint_facts(result: Result, request: FreezeRequest) -> list[Remark]:
    """Return what is wrong with the facts of a request, whoever sends it and whenever."""
    rules: tuple[tuple[str, Callable[[Result, FreezeRequest], Iterable[str]]], ...] = (
        ("3 identifiers", identifiers),
        ("6 pooled address", pooled),
        ("7 connected path", paths),
        ("8 amounts", amounts),
        ("10 amount cap", _cap),
    )
    return [Remark(rule, text) for rule, tell in rules for text in tell(result, request)]


def lint_texts(request: FreezeRequest, texts: Texts) -> list[Remark]:
    """Return what is wrong with the words of a package."""
    said = (*texts.letter, texts.mail)
    found = [Remark("1 authority", text) for text in forbidden(request, said)]
    found += [Remark("3 identifiers", text) for text in cut_identifiers(said)]
    found += [Remark("6 pooled address", text) for text in wallets_named(request, texts.asked)]
    if not any(request.rule.words in text for text in texts.letter):
        found.append(Remark("9 method", f"the letter does not name the rule {request.rule.words}"))
    return found


def lint_sender(result: Result, request: FreezeRequest, subject: str) -> list[Remark]:
    """Return what stands in the way of sending, as far as the sender's settings tell."""
    asker = result.requester
    return [*_authority(asker), *_case_number(asker, request, subject), *_asked(asker, request)]


def lint_sending(result: Result, request: FreezeRequest, sending: Sending) -> list[Remark]:
    """Return what stands in the way of sending now, and what the sender has to know."""
    rules = (_modes, _entity, _contact, _large, _silence, _stale_funds, _language, _feeds)
    found = [one for tell in rules for one in tell(result, request, sending)]
    if not (result.requester.no_tip_off_checked or sending.no_tip_off_checked):
        found.append(
            Remark(
                "15 tip-off",
                "nobody says that this warns nobody of a running operation: ask the authority that leads the "
                "case, then set no_tip_off_checked = true in [requester], or give --no-tip-off-checked",
            )
        )
    return found


def _cap(_result: Result, request: FreezeRequest) -> Iterator[str]:
    reaches = [action.kind for action in request.actions if action.capped]
    if reaches and not any(cap.traced for cap in request.caps):
        yield (
            f"nothing is traced to {request.entity.name} under {request.rule.words}, so there is no amount "
            f"that {reaches[0]} could stop at"
        )


def _authority(asker: Requester) -> Iterator[Remark]:
    domain = asker.email.rpartition("@")[2].casefold().strip(" >")
    official = asker.mode in {"le", "counsel"}
    if official and domain in PUBLIC_MAIL:
        yield Remark(
            "1 authority",
            f"the sender's address is at {domain}, where anybody can have one: recipients refuse it; set "
            "requester.email to one of your own organisation",
        )
    if not (asker.name or asker.organisation):
        text = "the sender has no name: set requester.name or requester.organisation"
        yield Remark("1 authority", text, is_error=asker.mode != "researcher")


def _case_number(asker: Requester, request: FreezeRequest, subject: str) -> Iterator[Remark]:
    if asker.mode != "researcher" and not asker.reference:
        yield Remark("2 case number", "there is no case number: set requester.reference")
    elif plain(asker.reference or request.id) not in subject:
        yield Remark("2 case number", "the subject does not hold the case number")


def _asked(asker: Requester, request: FreezeRequest) -> Iterator[Remark]:
    if request.kind is Kind.MIXER:
        return
    if not request.actions:
        yield Remark("5 action", "nothing that this recipient can do is asked: set requester.actions")
    if any(action.days <= 0 for action in request.actions) or REPLY_DAYS <= 0:
        yield Remark("5 action", "an action has no period, or the answer no deadline")
    stated = dict(asker.basis)
    bare = [
        a.kind
        for a in request.actions
        if a.kind in COMPELLED and not (stated.get(a.kind) or asker.legal_basis)
    ]
    yield from (
        Remark("5 action", f"{kind} has no basis: set requester.basis.{kind} or requester.legal_basis")
        for kind in bare
    )


def _modes(result: Result, request: FreezeRequest, _sending: Sending) -> Iterator[Remark]:
    mode, held = result.requester.mode, request.contact
    if held and held.accepted_modes and mode not in held.accepted_modes:
        tells = ", ".join(held.accepted_modes)
        text = f"the recipient's page tells of requests by {tells} only, not by {mode}: it may not answer"
        yield Remark("1 authority", text, is_error=False)


def _entity(_result: Result, request: FreezeRequest, _sending: Sending) -> Iterator[Remark]:
    if request.kind is Kind.MIXER:
        return
    if not plain(request.entity.name):
        yield Remark("4 legal entity", "the recipient has no name")
    elif not (request.contact and any(one.name and one.jurisdiction for one in request.contact.entities)):
        text = (
            "no legal entity with its jurisdiction is registered for the recipient: fill the blank, or list "
            "all that may have held the accounts"
        )
        yield Remark("4 legal entity", text, is_error=False)


def _contact(_result: Result, request: FreezeRequest, sending: Sending) -> Iterator[Remark]:
    held, day = request.contact, sending.at.date()
    if held is None:
        if request.kind is not Kind.MIXER:
            text = "no contact is registered: take it from the recipient's own page, never from a list"
            yield Remark("contact", text, is_error=False)
    elif held.is_stale(day):
        text = f"{aged(held, day)}: read that page again"
        more = "" if sending.accept_stale else "; --accept-stale writes the package nevertheless and says so"
        yield Remark("contact", text + more, is_error=not sending.accept_stale)


def _large(_result: Result, request: FreezeRequest, _sending: Sending) -> Iterator[Remark]:
    for cap in request.caps:
        if any(a.capped for a in request.actions) and cap.received > _MUCH * cap.traced > 0:
            text = f"more than twice the traced {cap.asset.unit} was received: see that the cap is kept"
            yield Remark("10 amount cap", text, is_error=False)


def _silence(_result: Result, request: FreezeRequest, _sending: Sending) -> Iterator[Remark]:
    tells = request.contact is None or request.contact.notifies_user_by_default is not False
    if request.kind in {Kind.EXCHANGE, Kind.CLAIM} and tells and not request.asks(SILENCE):
        text = "the recipient may tell its customer: do_not_notify_user is not asked for"
        yield Remark("11 non-disclosure", text, is_error=False)


def _stale_funds(result: Result, request: FreezeRequest, sending: Sending) -> Iterator[Remark]:
    seen = _moment(result.as_of, sending)
    if sending.at - seen > _FRESH:
        day = result.as_of[:10]
        text = f"balances and sweeps are of {day}: trace the case again with --refresh just before sending"
        yield Remark("12 stale funds", text, is_error=False)
    swept = [credit.sweep for credit in request.deposits if credit.sweep]
    if swept and len(swept) == len(request.deposits):
        last = max(swept, key=lambda transfer: transfer.time)
        text = f"all of it has left the deposit addresses for the exchange's wallets, last in {last.tx}"
        yield Remark("12 stale funds", text, is_error=False)


def _moment(text: str, sending: Sending) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=sending.at.tzinfo)


def _language(result: Result, request: FreezeRequest, _sending: Sending) -> Iterator[Remark]:
    language = result.requester.language
    if language != "en":
        text = f"the letters are in English: attach a certified translation into {plain(language)}"
        yield Remark("13 language", text, is_error=False)
    if request.contact and request.contact.languages and "en" not in request.contact.languages:
        text = f"the recipient reads {', '.join(request.contact.languages)}: attach a certified translation"
        yield Remark("13 language", text, is_error=False)


def _feeds(_result: Result, request: FreezeRequest, _sending: Sending) -> Iterator[Remark]:
    if request.kind is not Kind.MIXER:
        text = "a flag is faster than a letter: give the addresses to the screening feeds that exchanges use"
        yield Remark("14 screening feeds", text, is_error=False)
