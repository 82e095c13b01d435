"""Bank statements of invented parties, as camt.053 and as MT940: test data, no bank's and no person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flowtrace.files.formats import found_files, read_files
from flowtrace.files.gathered import Imported
from flowtrace.model import ETHEREUM, Address, Asset, Chain, Evidence, Request, decimal_text
from flowtrace.model.currency import places_of

BIC = "TOYBDEFF"
BANK = Chain.of(f"iso20022:{BIC}")
EUR = Asset.currency(BANK, "EUR")


def iban(number: int, country: str = "DE") -> str:
    """Return an invented IBAN with right check digits; its bank code, 00000000, is nobody's."""
    bban = f"{number:018}" if country == "DE" else f"{number:020}"
    letters = "".join(str(int(letter, 36)) for letter in country)
    return f"{country}{98 - int(f'{bban}{letters}00') % 97:02}{bban}"


VICTIM, THIEF, MULE = iban(1), iban(2), iban(3)
SHOP, EMPLOYER, EXCHANGE = iban(7, "ES"), iban(8, "ES"), iban(9, "ES")


def at(account: str) -> Address:
    """Return an account's place on the toy bank's ledger."""
    return Address(BANK.id, account)


@dataclass(frozen=True)
class Line:
    """One entry: what it did to the account, when, and whose account is on the other side, if it says."""

    units: int
    day: int
    other: str = ""
    ref: str = ""
    reversal: bool = False
    charge: int = 0
    is_fee: bool = False
    text: str = "INVENTED"


@dataclass(frozen=True)
class Book:
    """One statement of an account; it closes with what its lines lead to, unless said otherwise."""

    owner: str
    number: int
    opening: int
    opens: int
    closes: int
    lines: Sequence[Line]
    currency: str = "EUR"
    closing: int | None = None
    page: int = 1

    @property
    def end(self) -> int:
        """The closing balance."""
        return self.opening + sum(line.units for line in self.lines) if self.closing is None else self.closing


def camt(books: Sequence[Book], version: str = "08", *, bank: str = BIC) -> bytes:
    """Write statements as camt.053; the elements that versions differ in are those of the version."""
    new = version >= "08"
    told = "".join(_stmt(book, bank=bank, new=new) for book in books)
    namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}">\n<BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>TEST</MsgId></GrpHdr>\n{told}</BkToCstmrStmt>\n</Document>\n"
    ).encode()


def _stmt(book: Book, *, bank: str, new: bool) -> str:
    servicer = f"<Svcr><FinInstnId><{_bic(new)}>{bank}</{_bic(new)}></FinInstnId></Svcr>" if bank else ""
    page = f"<StmtPgntn><PgNb>{book.page}</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>" if new else ""
    return (
        f"<Stmt><Id>{book.number}</Id>{page}<ElctrncSeqNb>{book.number}</ElctrncSeqNb>\n"
        f"<Acct><Id><IBAN>{book.owner}</IBAN></Id><Ccy>{book.currency}</Ccy>{servicer}</Acct>\n"
        f"{_bal('OPBD', book.opening, book.opens, currency=book.currency)}"
        f"{_bal('CLBD', book.end, book.closes, currency=book.currency)}"
        + "".join(_ntry(line, book, new=new) for line in book.lines)
        + "</Stmt>\n"
    )


def _bic(new: bool) -> str:  # noqa: FBT001  the version
    return "BICFI" if new else "BIC"


def _iso(day: int) -> str:
    return f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}"


def _sides(units: int) -> str:
    return "DBIT" if units < 0 else "CRDT"


def _text(units: int, currency: str) -> str:
    return decimal_text(abs(units), places_of(currency))


def _bal(code: str, units: int, day: int, *, currency: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{_text(units, currency)}"
        f"</Amt><CdtDbtInd>{_sides(units)}</CdtDbtInd><Dt><Dt>{_iso(day)}</Dt></Dt></Bal>\n"
    )


def _ntry(line: Line, book: Book, *, new: bool) -> str:
    amount = f"<Amt Ccy='{book.currency}'>{_text(line.units, book.currency)}</Amt>"
    status = "<Sts><Cd>BOOK</Cd></Sts>" if new else "<Sts>BOOK</Sts>"
    role = "Dbtr" if (line.units > 0) is not line.reversal else "Cdtr"
    party = f"<{role}Acct><Id><IBAN>{line.other}</IBAN></Id></{role}Acct>" if line.other else ""
    ref = f"<Refs><EndToEndId>{line.ref}</EndToEndId></Refs>" if line.ref else ""
    code = "<BkTxCd><Domn><Fmly><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>" if line.is_fee else ""
    return (
        f"<Ntry>{amount}<CdtDbtInd>{_sides(line.units)}</CdtDbtInd>"
        f"<RvslInd>{str(line.reversal).lower()}</RvslInd>{status}<BookgDt><Dt>{_iso(line.day)}</Dt></BookgDt>"
        f"{code}{_charge(line, book, new=new)}<NtryDtls><TxDtls>{ref}<RltdPties>{party}</RltdPties>"
        f"<RmtInf><Ustrd>{line.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def _charge(line: Line, book: Book, *, new: bool) -> str:
    if not line.charge:
        return ""
    record = (
        f"<Amt Ccy='{book.currency}'>{_text(line.charge, book.currency)}</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
        "<ChrgInclInd>true</ChrgInclInd>"
    )
    return f"<Chrgs><Rcrd>{record}</Rcrd></Chrgs>" if new else f"<Chrgs>{record}</Chrgs>"


def mt940(books: Sequence[Book], *, bank: str = BIC) -> bytes:
    """Write statements as MT940, in the German form of field 86; charges cannot be told apart in it."""
    return "".join(_message(book, bank) for book in books).encode("latin-1")


def _message(book: Book, bank: str) -> str:
    owner = f"{bank}/{book.owner}" if bank else book.owner
    lines = [
        ":20:TEST",
        f":25:{owner}",
        f":28C:{book.number}/{book.page}",
        f":60F:{_swift(book.opening, book.opens, book.currency)}",
    ]
    for line in book.lines:
        mark = ("R" if line.reversal else "") + ("C" if (line.units > 0) is not line.reversal else "D")
        kind = "NCHG" if line.is_fee else "NTRF"
        amount = _comma(line.units, book.currency)
        lines.append(
            f":61:{line.day % 1000000:06}{line.day % 10000:04}{mark}{amount}{kind}{line.ref or 'NONREF'}"
        )
        lines.append(f":86:166?00TRANSFER?20{line.text}" + (f"?31{line.other}" if line.other else ""))
    return "\r\n".join([*lines, f":62F:{_swift(book.end, book.closes, book.currency)}", "-", ""])


def _swift(units: int, day: int, currency: str) -> str:
    return f"{'D' if units < 0 else 'C'}{day % 1000000:06}{currency}{_comma(units, currency)}"


def _comma(units: int, currency: str) -> str:
    text = _text(units, currency)
    return text.replace(".", ",") if "." in text else f"{text},"


def kept(files: Mapping[str, bytes], chain: Chain = ETHEREUM) -> list[tuple[Evidence, bytes]]:
    """Keep files as an import does; return what is kept."""
    with TemporaryDirectory() as folder:
        for name, body in files.items():
            (Path(folder) / name).write_bytes(body)
        found = list(found_files([Path(folder) / name for name in files], chain))
    return [
        (Evidence(n, Request("GET", one.url), f"{n}", len(one.body), "", one.told, one.media), one.body)
        for n, one in enumerate(found, start=1)
    ]


def imported(files: Mapping[str, bytes], chain: Chain = ETHEREUM) -> Imported:
    """Return what files tell together."""
    return read_files(kept(files, chain))


# A theft of 4,000.00 from an account at the toy bank, by the way of a mule's account at the same bank.
THIEFS = Book(
    THIEF,
    5,
    opening=1_000_00,
    opens=20240501,
    closes=20240531,
    lines=(
        Line(4_000_00, 20240502, VICTIM, "THEFT"),
        Line(-2_000_00, 20240503, SHOP, "SHOP"),
        Line(3_000_00, 20240506, EMPLOYER, "PAY"),
        Line(-4_505_00, 20240507, MULE, "TO MULE", charge=5_00),
    ),
)
MULES = Book(
    MULE,
    11,
    opening=500_00,
    opens=20240430,
    closes=20240510,
    lines=(
        Line(4_500_00, 20240507, THIEF, "TO MULE"),
        Line(-3_000_00, 20240508, EXCHANGE, "OUT"),
        Line(-1_000_00, 20240509),
    ),
)
STATEMENTS = {"thief.xml": camt([THIEFS]), "mule.sta": mt940([MULES])}
THEFT = f"{BANK.id}:{THIEF}-EUR-20240531-5-1-1:entry"
