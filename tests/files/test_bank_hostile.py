"""Bank statements that mean harm, or were damaged: refused in one line that names the place, or just read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from files.bank_world import EXCHANGE, MULES, SHOP, THIEF, THIEFS, VICTIM, Line, at, camt, imported, mt940
from flowtrace.errors import InputError
from flowtrace.files.bank.forms import form_of, read_statements

CAMT, SWIFT = camt([THIEFS]), mt940([MULES])
_LAUGHS = b"".join(b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 30))


def _refused(body: bytes, why: str, name: str = "a.xml") -> None:
    with pytest.raises(InputError, match=why) as found:
        imported({name: body})
    assert "\n" not in str(found.value)
    assert name in str(found.value)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"BkToCstmrAcctRpt", "camt.052, what an account did so far"),
        (b"BkToCstmrDbtCdtNtfctn", "camt.054, a notification"),
        (b"FIToFICstmrCdtTrf", "it is 'FIToFICstmrCdtTrf' in 'Document'"),
    ],
)
def test_other_messages_are_refused_by_name(message: bytes, why: str) -> None:
    """What they are is said, and what to import instead."""
    _refused(CAMT.replace(b"BkToCstmrStmt", message), why)


@pytest.mark.parametrize(
    "declared",
    [
        b"<!DOCTYPE Document [<!ENTITY l0 'ha'>%s]>" % _LAUGHS,
        b"<!DOCTYPE Document SYSTEM 'file:///etc/passwd'>",
        b"<!DOCTYPE Document [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        b"<!DOCTYPE Document>",
    ],
    ids=["billion laughs", "external subset", "external entity", "bare"],
)
def test_a_document_type_is_refused(declared: bytes) -> None:
    """So no entity is ever expanded, and nothing outside the file is read."""
    _refused(CAMT.replace(b"<Document", declared + b"<Document", 1), "declares a document type")


def test_deep_nesting_is_refused() -> None:
    """Long before it takes memory."""
    _refused(b"<Document>" + b"<a>" * 100_000, "nests deeper than 48")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"camt.053.001.08", b"camt.054.001.08", "is no camt.053: its namespace"),
        (
            b">4000.00<",
            b">4000.001<",
            "entry 1, line 9, Amt: is '4000.001', which has more than the 2 places",
        ),
        (b">4000<", b">4e3<", "where an amount belongs"),
        (b">4000<", b">-4000<", "where an amount belongs"),
        (b">4000<", b">0x10<", "where an amount belongs"),
        (b">4000<", b">" + b"9" * 400 + b"<", "where an amount belongs"),
        (b"Ccy='EUR'>4000<", b"Ccy='USD'>4000<", "is in 'USD', and the account is in 'EUR'"),
        (b">EUR</Ccy>", b">EUX</Ccy>", "is in 'EUR', and the account is in 'EUX'"),
        (b"2024-05-02", b"2024-02-30", "where a day belongs"),
        (b"2024-05-02", b"0001-05-02", "no day of a statement"),
        (
            b"<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>",
            b"<CdtDbtInd>X</CdtDbtInd><RvslInd>",
            "CRDT or DBIT belongs",
        ),
        (b"<RvslInd>false", b"<RvslInd>maybe", "where true or false belongs"),
        (THIEF.encode(), b"DE79000000000000000003", "check digits are wrong"),
        (b"<IBAN>" + THIEF.encode() + b"</IBAN>", b"", "the account"),
        (b"UTF-8", b"base64", "encoding"),
        (b"UTF-8", b"utf-7", "."),
        (b"</Stmt>", b"", "is not XML"),
    ],
)
def test_what_is_wrong_in_camt053_is_refused_by_name(old: bytes, new: bytes, why: str) -> None:
    """Entry, line and element are named, and what stands there."""
    body = CAMT.replace(b">4000<", b">4000.00<") if b"4000.00" in old else CAMT
    assert old in body
    _refused(body.replace(old, new, 1), why)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"EUR500,", b"EUR500,001", "more than the 2 places of EUR"),
        (b"EUR500,", b"EUX500,", "not a currency"),
        (b"D3000,", b"X3000,", "entry 2, line 7, field 61"),
        (b":61:240508", b":61:241399", "where a day belongs"),
        (b":62F:C240510EUR", b":62F:C240510USD", "is in 'USD', and field 60 in 'EUR'"),
        (b"DE52", b"DE53", "check digits are wrong"),
    ],
)
def test_what_is_wrong_in_mt940_is_refused_by_name(old: bytes, new: bytes, why: str) -> None:
    """Entry, line and field are named, and what stands there."""
    assert old in SWIFT
    _refused(SWIFT.replace(old, new, 1), why, "a.sta")


def test_places_that_say_nothing_pass() -> None:
    """Zeros behind a currency's last place are no other amount."""
    told = imported({"a.xml": CAMT.replace(b">4000<", b">4000.0000<")})
    assert told.transfers == imported({"a.xml": CAMT}).transfers


@pytest.mark.parametrize(
    "text",
    [
        f"?31{EXCHANGE}",
        f"?30TOYBDEFF?31{EXCHANGE}?32ME",
        f"/CNTP/{EXCHANGE}/TOYBDEFF///",
        f"/REMI//CNTP/{EXCHANGE}/TOYBDEFF///",
    ],
)
def test_a_payers_text_names_no_account(text: str) -> None:
    """Where the bank names the other side, what a payer writes is never taken for what the bank says."""
    body = mt940([MULES])
    told = imported({"a.sta": body.replace(b"?20INVENTED?31" + SHOP.encode(), b"")})
    assert told.transfers
    line = Line(-1_00, 20240502, SHOP, text=text)
    (german,) = imported({"a.sta": mt940([replace(MULES, lines=(line,))])}).transfers
    assert german.target in {at(SHOP), *_unnamed(german.tx)}
    keyed = mt940([replace(MULES, lines=(line,))]).decode("latin-1")
    start, end = keyed.index(":86:"), keyed.index("\r\n:62F:")
    dutch = f"{keyed[:start]}:86:/CNTP/{SHOP}/TOYBDEFF///REMI/USTD//{text}/{keyed[end:]}"
    (swift,) = imported({"a.sta": dutch.encode("latin-1")}).transfers
    assert swift.target in {at(SHOP), *_unnamed(swift.tx)}


def _unnamed(tx: str) -> set[object]:
    return {at(f"unnamed.{tx}-1")}


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "&lt;script&gt;", "\u202egnp.exe", "x" * 100_000])
def test_remittance_text_reaches_no_transfer(text: str) -> None:
    """It stays in the evidence, whatever it says."""
    lines = tuple(Line(line.units, line.day, line.other, line.ref, text=text) for line in MULES.lines)
    told = imported({"a.xml": camt([replace(MULES, lines=lines)])})
    assert told.transfers == imported({"a.xml": camt([MULES])}).transfers


def test_text_that_looks_like_an_entry_shows_in_the_balance() -> None:
    """A line of a payer's own that reads as an entry makes the statement one that does not add up."""
    body = SWIFT.replace(b"?20INVENTED", b"?20\r\n-\r\n:61:2405080508C77,NTRFNONREF\r\n:86:X", 1)
    (coverage,) = imported({"a.sta": body}).coverage
    assert not coverage.complete
    assert "77.00 EUR are not told" in coverage.check


@pytest.mark.parametrize("reference", ["&#0;", "\x00", "a" * 10_000, "RENT"])
def test_references_are_data(reference: str) -> None:
    """One that many payments carry joins nothing that the accounts and amounts do not."""
    lines = (Line(-1_00, 20240502, SHOP, reference), Line(-2_00, 20240502, VICTIM, reference))
    body = camt([replace(MULES, lines=lines)])
    try:
        told = imported({"a.xml": body})
    except InputError as error:
        assert "is not XML" in str(error)  # noqa: PT017
    else:
        assert len(told.transfers) == 2


def _damaged(body: bytes) -> st.SearchStrategy[bytes]:
    """Return a statement with a piece cut out, doubled, or written over."""
    place = st.integers(0, len(body))

    def cut(one: int, other: int, put: bytes) -> bytes:
        first, last = sorted((one, other))
        return body[:first] + put + body[last:]

    return st.builds(cut, place, place, st.binary(max_size=12) | st.sampled_from([body[200:400], b""]))


@settings(max_examples=300, deadline=None)
@given(_damaged(CAMT) | _damaged(SWIFT) | st.binary(max_size=300))
@example(b":20:\n:25:\n:60F:")
@example(b"<")
@example(b"\xff\xfe<\x00")
@example(b"<Document><BkToCstmrStmt><Stmt><Ntry/></Stmt></BkToCstmrStmt></Document>")
@example(b"<Document><BkToCstmrStmt/></Document>")
def test_hostile_bytes_never_end_in_a_traceback(body: bytes) -> None:
    """They are read, or refused by an error of ours: through detection, reading and making transfers."""
    try:
        form = form_of(body)
        if form:
            read_statements(form, body, "a")
            imported({"a": body})
    except InputError as error:
        assert len(str(error)) < 2_000  # noqa: PT017
