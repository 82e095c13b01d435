"""SWIFT MT940, the customer statement, as banks write it: with or without its envelope.

Field 61 is the entry. The account on the other side is in field 86, for which there is no one form: it is
taken from the German sub-fields (``?30``, ``?31``), from ``/CNTP/`` and from ``/IBAN/``, where one of them
stands once and before the text that a payer writes; else the other side is not named. The text itself stays
in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flowtrace.errors import InputError
from flowtrace.files.bank.statement import (
    Balance,
    Detail,
    Entry,
    Named,
    Statement,
    Where,
    amount,
    day_of,
    number_of,
)
from flowtrace.files.columns import shown
from flowtrace.model.bank import iban_of, read_bic, resembles_iban

FORM = "mt940"
_TAG = re.compile(r"(?:\{4:)?:([0-9]{2}[A-Z]?):(.*)", re.DOTALL)
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9,]{1,20})")
_LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>[0-9][0-9,]{0,19})"
    r"(?P<kind>[NFS][A-Z0-9 ]{3})(?P<ref>.*)",
)
_NUMBER = re.compile(r"([0-9]{1,9})(?:/([0-9]{1,9}))?.*", re.DOTALL)
_SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1}
_CHARGES = frozenset(("CHG", "COM"))
_PIVOT, _HALF_YEAR = 80, 6
_GERMAN = re.compile(r"[0-9]{3}\?")
_SUBFIELD = re.compile(r"\?([0-9]{2})([^?]*)")
_PAYERS_TEXT = "/REMI/"
_KEYED = re.compile(r"/(?:CNTP|IBAN)/([^/]*)(?:/([^/]*))?")
_BIC = re.compile(r"/BIC/([^/]*)")
_KEEPER, _ACCOUNT = "30", "31"
# What stands for a reference where there is none, or says that it is in field 86.
_NO_REF = frozenset(("", "NONREF", "NOTPROVIDED", "EREF", "KREF", "KREF+", "MARF", "PREF"))
_GERMAN_ACCOUNT = re.compile(r"([0-9]{8})/([0-9]{1,10})")
_MOST_LINE = 1 << 16


@dataclass
class _Field:
    """One field: its tag, its lines, and where it begins."""

    tag: str
    lines: list[str]
    line: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class _Message:
    """The fields of one statement, while they are gathered."""

    fields: list[_Field] = field(default_factory=list)

    def one(self, *tags: str) -> _Field | None:
        return next((each for each in self.fields if each.tag in tags), None)


def is_mt940(body: bytes) -> bool:
    """Tell whether a file is MT940: the fields that every statement has, in lines of their own."""
    return all(
        re.search(pattern, body[:_MOST_LINE], re.MULTILINE)
        for pattern in (rb"^(?:\{.*\{4:)?:20:", rb"^:25P?:", rb"^:60[FM]:")
    )


def read_mt940(body: bytes, name: str) -> list[Statement]:
    """Return the statements of a file.

    Raises
    ------
    InputError
        If something in it cannot be read; the message names entry, line and field.
    """
    found: list[Statement] = []
    count = 0
    for message in _messages(body, name):
        found.append(_statement(message, name, count))
        count += len(found[-1].entries)
    if not found:
        raise InputError(f"{name} is no MT940: it holds no field 20")
    return found


def _messages(body: bytes, name: str) -> Iterator[_Message]:
    """Yield the statements' fields, each with its line; a line without a tag goes on with the last field.

    A statement ends where the next begins. Its own sign for that, a line with ``-``, may stand in a payer's
    text too; what was put there to look like fields would show in the balances.
    """
    message: _Message | None = None
    text = body.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\x03 ")
        if len(line) > _MOST_LINE:
            raise InputError(f"{name}, line {number} is longer than {_MOST_LINE} characters: no MT940 is")
        line = line[line.rindex("{4:") + len("{4:") :] if line.startswith("{") and "{4:" in line else line
        found = _TAG.fullmatch(line)
        if found is not None and found[1] == "20":
            if message is not None:
                yield message
            message = _Message()
        if message is None:
            continue
        if found is not None:
            message.fields.append(_Field(found[1], [found[2]], number))
        elif message.fields:
            message.fields[-1].lines.append(line)
    if message is not None:
        yield message


def _statement(message: _Message, name: str, count: int) -> Statement:
    opening, closing = message.one("60F", "60M"), message.one("62F", "62M")
    start = Where(name, 0, message.fields[0].line)
    account = message.one("25", "25P")
    if account is None or opening is None:
        start.refuse("the statement", "has no account (field 25) or no opening balance (field 60)")
    first, currency = _balance(opening, name)
    last = _balance(closing, name) if closing else None
    if last is not None and last[1] != currency:
        start.refuse("field 62", f"is in {shown(last[1])}, and field 60 in {shown(currency)}")
    number = message.one("28C", "28")
    counted = _NUMBER.fullmatch(number.text) if number else None
    owner, bank = _owner(account, currency)
    return Statement(
        form=FORM,
        where=start,
        owner=owner,
        bank=bank,
        currency=currency,
        number=number_of(counted[1]) if counted else 0,
        page=(number_of(counted[2] or "") if counted else 0) or 1,
        opening=first,
        closing=last[0] if last else None,
        entries=tuple(_entries(message, name, currency, count=count)),
    )


def _owner(account: _Field, currency: str) -> tuple[Named, str]:
    """Return the account, and the bank that keeps it where the field says so.

    In Germany a bank code and an account number are what the IBAN is made of.
    """
    text, _, behind = account.text.partition("\n")
    before, slash, number = text.strip().partition("/")
    bank = _bic(behind) or (_bic(before) if slash else "")
    text = number if slash and bank and _bic(before) else text.strip()
    joined = text.replace(" ", "")
    german = _GERMAN_ACCOUNT.fullmatch(joined.removesuffix(currency))
    if german is not None:
        return Named(iban=iban_of("DE", f"{german[1]}{german[2]:0>10}")), bank
    iban = joined.removesuffix(currency) if resembles_iban(joined.removesuffix(currency)) else joined
    return (Named(iban=iban) if resembles_iban(iban) else Named(number=text)), bank


def _bic(text: str) -> str:
    try:
        return read_bic(text)
    except InputError:
        return ""


def _balance(told: _Field, name: str) -> tuple[Balance, str]:
    where = Where(name, 0, told.line)
    found = _BALANCE.fullmatch(told.lines[0].strip())
    if found is None:
        where.refuse(f"field {told.tag}", f"is {shown(told.text)}, where a balance belongs")
    units = amount(found[4], found[3], where, what=f"field {told.tag}")
    return Balance(_SIGNS[found[1]] * units, _day(found[2], where)), found[3]


def _day(text: str, where: Where) -> int:
    century = "19" if int(text[:2]) >= _PIVOT else "20"
    return day_of(f"{century}{text[:2]}-{text[2:4]}-{text[4:6]}", where, "the day")


def _entries(message: _Message, name: str, currency: str, *, count: int) -> Iterator[Entry]:
    fields = message.fields
    for place, told in enumerate(fields):
        if told.tag == "61":
            count += 1
            after = fields[place + 1] if place + 1 < len(fields) else None
            more = after.text if after is not None and after.tag == "86" else ""
            yield _entry(told, more, currency, where=Where(name, count, told.line))


def _entry(told: _Field, more: str, currency: str, *, where: Where) -> Entry:
    found = _LINE.fullmatch(told.text.partition("\n")[0].strip())
    if found is None:
        where.refuse("field 61", f"is {shown(told.text)}, where an entry belongs")
    units = _SIGNS[found["mark"]] * amount(found["amount"], currency, where, what="field 61")
    reversal = found["mark"].startswith("R")
    owners, _, banks = found["ref"].partition("//")
    other = _other(more)
    refs = {("EndToEndId", owners.strip()), ("AcctSvcrRef", banks.strip())}
    return Entry(
        where=where,
        units=units,
        day=_booked(found["value"], found["entry"] or "", where),
        is_reversal=reversal,
        is_charge=units < 0 and not reversal and found["kind"][1:] in _CHARGES,
        details=(
            Detail(
                abs(units),
                other if other != Named() else _beside(told),
                frozenset((kind, text) for kind, text in refs if text not in _NO_REF),
            ),
        ),
    )


def _booked(value: str, entry: str, where: Where) -> int:
    """Return the day of booking: of the year that brings it nearest to the value date, which has one."""
    day = _day(value, where)
    if not entry:
        return day
    year, month, booked = day // 10_000, day // 100 % 100, int(entry[:2])
    year += (month - booked > _HALF_YEAR) - (booked - month > _HALF_YEAR)
    return day_of(f"{year:04}-{entry[:2]}-{entry[2:]}", where, "the entry date")


def _other(text: str) -> Named:
    """Return the account on the other side, where field 86 names one for certain."""
    joined = text.replace("\n", "")
    if _GERMAN.match(joined):
        return _german(joined)
    own = joined.find(_PAYERS_TEXT)
    accounts = list(_KEYED.finditer(joined))
    if len(accounts) != 1 or 0 <= own < accounts[0].start():
        return Named()  # a payer can write such a word too: then it stands twice, or in the text
    banks = _BIC.findall(joined)
    second = accounts[0][2] or "" if accounts[0][0].startswith("/CNTP/") else ""
    return _named(accounts[0][1], banks[0] if len(banks) == 1 else second)


def _beside(told: _Field) -> Named:
    """Return the account that some banks write in a line of its own under the entry: an IBAN, and no more."""
    beside = told.lines[1].strip() if len(told.lines) > 1 else ""
    return Named(iban=beside) if resembles_iban(beside) else Named()


def _german(text: str) -> Named:
    """Read ``?30`` and ``?31``, where sub-fields stand in order: a payer's text may hold such a sign."""
    found = _SUBFIELD.findall(text)
    tags = [int(tag) for tag, _ in found]
    if tags != sorted(set(tags)):
        return Named()
    cells = dict(found)
    return _named(cells.get(_ACCOUNT, ""), cells.get(_KEEPER, ""))


def _named(account: str, keeper: str) -> Named:
    account = account.strip()
    if resembles_iban(account):
        return Named(iban=account)
    return Named(number=account, keeper=keeper.strip()) if account else Named()
