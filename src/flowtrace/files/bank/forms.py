"""Which form of statement a file is, which bank wrote it, and its statements as a table of one column."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from flowtrace.errors import InputError
from flowtrace.files.bank import camt053, mt940
from flowtrace.files.bank.statement import COLUMN, Statement
from flowtrace.files.columns import Table
from flowtrace.model import Chain, Family
from flowtrace.model.bank import NAMESPACE, read_bic

_HEAD, _BIC8 = 256, 8


def form_of(body: bytes) -> str:
    """Return ``camt.053`` for XML, ``mt940`` for its fields, or nothing."""
    head = body[:_HEAD].removeprefix(BOM_UTF8)
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        head = body[:_HEAD].decode("utf-16", "replace").encode()
    if head.lstrip()[:1] == b"<":
        return camt053.FORM
    return mt940.FORM if mt940.is_mt940(body) else ""


def read_statements(form: str, body: bytes, name: str) -> list[Statement]:
    """Return the statements of a file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if form == camt053.FORM:
        return camt053.read_camt053(body, name)
    return mt940.read_mt940(body, name)


def statement_table(form: str, body: bytes, name: str) -> Table:
    """Return the statements of a file as a table, one to a row.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    rows = [(n, [one]) for n, one in enumerate(read_statements(form, body, name), start=1)]
    return Table(name, (COLUMN,), held=(COLUMN,), rows=rows)


def bank_of(form: str, body: bytes, name: str, *, named: Chain) -> Chain:
    """Return the ledger that a file is the record of: the bank that was named, or the one that it names.

    Raises
    ------
    InputError
        If it names another bank than was named, or several, or none was named at all.
    """
    told: set[str] = set()
    for statement in read_statements(form, body, name):
        if statement.bank:
            try:
                told.add(read_bic(statement.bank))
            except InputError:
                continue  # a clearing code: it says which bank, and not by which name
    if named.family is Family.BANK:
        others = sorted(bic for bic in told if bic[:_BIC8] != named.name[:_BIC8])
        if others:
            raise InputError(f"{name} is of {others[0]}, not of {named.name}: import it under its own bank")
        return named
    if len(told) != 1:
        what = f"names several banks ({', '.join(sorted(told))})" if told else "does not name its bank"
        raise InputError(f"{name} {what}: name the one that wrote it, --chain {NAMESPACE}:BIC")
    return Chain.of(f"{NAMESPACE}:{told.pop()}")
