"""ISO 20022 camt.053, the bank-to-customer statement, whichever of its versions.

Only elements that all versions share, or that took each other's place, are read: by name, in any namespace.
``CdtDbtInd`` says what an entry did to the account, of reversals too. What is not booked moved nothing. Texts
for people (names, remittance information) are not read: they stay in the evidence, at the entry's line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from flowtrace.files.bank.xml_tree import Node, read_xml
from flowtrace.files.columns import shown

FORM = "camt.053"
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.[0-9]{2}|")
_SIGNS = {"CRDT": 1, "DBIT": -1}
_TRUE = {"true": True, "1": True, "false": False, "0": False, "": False}
_CHARGES = frozenset(("CHRG", "COMM"))
_REFS = ("AcctSvcrRef", "UETR", "TxId", "EndToEndId", "InstrId")
_NO_REF = frozenset(("", "NOTPROVIDED", "NOTAVAILABLE", "NONREF", "NONE"))
_FOR_PEOPLE = frozenset(
    (
        *("RmtInf", "RltdRmtInf", "AddtlTxInf", "AddtlNtryInf", "AddtlStmtInf", "Nm", "PstlAdr", "CtctDtls"),
        *("GrpHdr", "Ownr", "TxsSummry", "Purp", "Tax", "Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr"),
    )
)
"""What is passed over: texts, and what no transfer is made of. Accounts stand beside the names."""
_OTHER_MESSAGES = {
    "BkToCstmrAcctRpt": "camt.052, what an account did so far in a day: import the day's statement, camt.053",
    "BkToCstmrDbtCdtNtfctn": "camt.054, a notification without balances: import the statement, camt.053",
}


def read_camt053(body: bytes, name: str) -> list[Statement]:
    """Return the statements of a file.

    Raises
    ------
    InputError
        If it is no camt.053, or something in it cannot be read; the message names entry, line and element.
    """
    root = read_xml(body, name, _FOR_PEOPLE)
    message = root.first("BkToCstmrStmt") if root.name == "Document" else root.first(*_enveloped())
    if message is None:
        found = next((node.name for node in root.children), root.name)
        told = _OTHER_MESSAGES.get(found, f"{shown(found)} in {shown(root.name)}")
        raise InputError(f"{name} is XML and no camt.053: it is {told}")
    if not _NAMESPACE.fullmatch(message.namespace):
        raise InputError(f"{name} is no camt.053: its namespace is {shown(message.namespace)}")
    reading = _Reading(name)
    return [reading.statement(node) for node in message.all("Stmt")]


def _enveloped() -> tuple[str, ...]:
    """Return where a message is found in the envelopes that banks deliver it in."""
    return ("BkToCstmrStmt", "Document/BkToCstmrStmt", "Body/Document/BkToCstmrStmt")


class _Reading:
    """Reads the statements of one file, counting its entries."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    def statement(self, node: Node) -> Statement:
        where = Where(self.name, 0, node.line)
        currency = node.said("Acct/Ccy") or _currency_of(node)
        opening, closing = _balances(node, currency, where)
        entries, unbooked = [], 0
        for each in node.all("Ntry"):
            self.count += 1
            if _booked(each):
                entries.append(_entry(each, currency, Where(self.name, self.count, each.line)))
            else:
                unbooked += 1
        return Statement(
            form=FORM,
            where=where,
            owner=_account(node.first("Acct/Id"), ""),
            bank=_bank(node.first("Acct/Svcr")),
            currency=currency,
            number=number_of(node.said("ElctrncSeqNb", "LglSeqNb")),
            page=number_of(node.said("StmtPgntn/PgNb")) or 1,
            opening=opening,
            closing=closing,
            entries=tuple(entries),
            unbooked=unbooked,
        )


def _currency_of(node: Node) -> str:
    """Return the one currency of a statement that does not say its account's; empty where there is no one."""
    amounts = (found for path in ("Bal/Amt", "Ntry/Amt") for found in node.all(path))
    told = {found.attributes.get("Ccy", "") for found in amounts}
    return told.pop() if len(told) == 1 else ""


def _balances(node: Node, currency: str, where: Where) -> tuple[Balance | None, Balance | None]:
    """Return the balances a statement opens and closes with; of a page, those of the page."""
    found: dict[str, list[Balance]] = {}
    for each in node.all("Bal"):
        code = each.said("Tp/CdOrPrtry/Cd", "Tp/Cd")
        if code in ("OPBD", "PRCD", "ITBD", "CLBD"):
            here = Where(where.file, 0, each.line)
            units = _signed(each, currency, here)
            day = day_of(each.said("Dt/Dt", "Dt/DtTm"), here, "Bal/Dt")
            found.setdefault(code, []).append(Balance(units, day))
    middle = found.get("ITBD", [])
    first = found.get("OPBD") or found.get("PRCD") or middle[:1]
    last = found.get("CLBD") or middle[-1:]
    if len(middle) == 1 and first == last == middle:
        first = []  # one balance cannot be before the entries and after them
    return (first[0] if first else None), (last[-1] if last else None)


def _signed(node: Node, currency: str, where: Where) -> int:
    sign = node.said("CdtDbtInd")
    if sign not in _SIGNS:
        where.refuse("CdtDbtInd", f"is {shown(sign)}, where CRDT or DBIT belongs")
    return _SIGNS[sign] * _amount(node.first("Amt"), currency, where)


def _amount(node: Node | None, currency: str, where: Where) -> int:
    if node is None:
        where.refuse("Amt", "is not there")
    told = node.attributes.get("Ccy", "")
    if told != currency:
        where.refuse("Amt", f"is in {shown(told)}, and the account is in {shown(currency)}")
    return amount(node.text, currency, where, what="Amt")


def _booked(node: Node) -> bool:
    return node.said("Sts/Cd", "Sts") in ("BOOK", "")


def _entry(node: Node, currency: str, where: Where) -> Entry:
    units = _signed(node, currency, where)
    told = node.said("RvslInd").lower()
    if told not in _TRUE:
        where.refuse("RvslInd", f"is {shown(told)}, where true or false belongs")
    day = node.said("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    refs = _refs(node, ("AcctSvcrRef",))
    details = tuple(
        _detail(each, currency, refs, credit=(units > 0) is not _TRUE[told])
        for each in node.all("NtryDtls/TxDtls")
    )
    code = node.said("BkTxCd/Domn/Fmly/SubFmlyCd")
    return Entry(
        where=where,
        units=units,
        day=day_of(day, where, "BookgDt"),
        is_reversal=_TRUE[told],
        is_charge=units < 0 and code in _CHARGES and not _TRUE[told],
        charges=_charges(node, currency, where) if units < 0 else 0,
        details=_alone(details, units) or (Detail(refs=refs),),
    )


def _alone(details: tuple[Detail, ...], units: int) -> tuple[Detail, ...]:
    """Return the details; a single one is the entry, whatever it says of amounts in other currencies."""
    if len(details) != 1:
        return details
    return (Detail(abs(units), details[0].other, details[0].refs),)


def _detail(node: Node, currency: str, refs: frozenset[tuple[str, str]], *, credit: bool) -> Detail:
    """Read one payment: the account that is not ours, the amount where it is told in our currency."""
    found = _party(node, "Dbtr" if credit else "Cdtr")
    told = node.first("Amt", "AmtDtls/TxAmt/Amt")
    units: int | None = None
    if told is not None and told.attributes.get("Ccy", "") == currency:
        units = _or_none(told.text, currency)
    return Detail(units, found, _refs(node.first("Refs"), _REFS) | refs)


def _or_none(text: str, currency: str) -> int | None:
    """Return an amount; None where it cannot be read: an entry's own amount stands beside it."""
    try:
        return amount(text, currency, Where("", 0, 0), what="Amt")
    except InputError:
        return None


def _party(node: Node, role: str) -> Named:
    """Return the account of a payment's debtor or creditor, with the bank that keeps it."""
    agent = _bank(node.first(f"RltdAgts/{role}Agt"))
    return _account(node.first(f"RltdPties/{role}Acct/Id"), agent)


def _account(node: Node | None, keeper: str) -> Named:
    if node is None:
        return Named()
    return Named(node.said("IBAN"), node.said("Othr/Id"), keeper)


def _bank(node: Node | None) -> str:
    """Return what names a bank: its BIC, or its clearing system's code and its number there."""
    if node is None:
        return ""
    found = node.said("FinInstnId/BICFI", "FinInstnId/BIC")
    if found:
        return found
    system = node.said("FinInstnId/ClrSysMmbId/ClrSysId/Cd")
    number = node.said("FinInstnId/ClrSysMmbId/MmbId")
    return f"{system}{number}" if number else ""


def _refs(node: Node | None, kinds: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    if node is None:
        return frozenset()
    told: Iterator[tuple[str, str]] = ((kind, node.said(kind)) for kind in kinds)
    return frozenset((kind, text) for kind, text in told if text.upper() not in _NO_REF)


def _charges(node: Node, currency: str, where: Where) -> int:
    """Return what of a debit the bank took for itself: the charges that the entry's amount includes.

    Older versions write each charge where newer ones write a list; an entry may leave them to its details.
    """
    for path in ("Chrgs/Rcrd", "Chrgs", "NtryDtls/TxDtls/Chrgs/Rcrd", "NtryDtls/TxDtls/Chrgs"):
        taken = [each.first("Amt") for each in node.all(path) if _is_taken(each)]
        if taken:
            return sum(_amount(each, currency, where) for each in taken)
    return 0


def _is_taken(charge: Node) -> bool:
    included = charge.said("ChrgInclInd").lower() in ("true", "1")
    return included and charge.said("CdtDbtInd") in ("", "DBIT") and charge.first("Amt") is not None
