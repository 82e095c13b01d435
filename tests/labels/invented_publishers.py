"""Invented lists in each publisher's own structure: entries with addresses, and what is none."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

import xlsxwriter

DAY = "2019-03-07"
NO_ADDRESS = (
    "passport A1234567; born 07/03/1970; IBAN DE02120300000000202051; tel. 00491701234567890; "
    "tx 0x" + "ab" * 32 + "; a word Tooshortforanaddress; 1111111111111111111111111"
)


@dataclass(frozen=True)
class Invented:
    """An entry: its number, its name, another name, and its addresses."""

    number: int
    name: str = "LEE & <SONS>"
    other: str = "Lee Ho"
    addresses: tuple[str, ...] = ()
    programme: str = "DPRK"
    before: str = field(default="also known as a thief; wallets: ")

    @property
    def remarks(self) -> str:
        """What the list says of it in words."""
        return self.before + ", ".join(self.addresses) + "; " + NO_ADDRESS


Entries = Sequence[Invented]


def un_xml(entries: Entries) -> bytes:
    """Every other entry is an individual."""

    def of(one: Invented) -> str:
        kind = "INDIVIDUAL" if one.number % 2 else "ENTITY"
        return (
            f"<{kind}><DATAID>69{one.number}</DATAID><FIRST_NAME>{xml_escape(one.name)}</FIRST_NAME>"
            f"<UN_LIST_TYPE>{one.programme}</UN_LIST_TYPE>"
            f"<REFERENCE_NUMBER>KPi.{one.number}</REFERENCE_NUMBER>"
            f"<LISTED_ON>{DAY}</LISTED_ON><COMMENTS1>{xml_escape(one.remarks)}</COMMENTS1>"
            f"<{kind}_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>{one.other}</ALIAS_NAME></{kind}_ALIAS>"
            f"</{kind}>"
        )

    people = "".join(of(one) for one in entries if one.number % 2)
    others = "".join(of(one) for one in entries if not one.number % 2)
    return (
        "<?xml version='1.0'?><CONSOLIDATED_LIST xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
        f"dateGenerated='2026-01-02T00:00:05.5Z'><INDIVIDUALS>{people}</INDIVIDUALS>"
        f"<ENTITIES>{others}</ENTITIES></CONSOLIDATED_LIST>"
    ).encode()


def eu_xml(entries: Entries) -> bytes:
    """Entries in the namespace of FSF."""

    def of(one: Invented) -> str:
        name = quoteattr(one.name)
        return (
            f"<sanctionEntity euReferenceNumber='EU.{one.number}.1' logicalId='{one.number}' "
            f"designationDate='{DAY}'><remark>{xml_escape(one.remarks)}</remark>"
            f"<regulation regulationType='amendment' entryIntoForceDate='2022-01-01' "
            f"programme='{one.programme}'><publicationUrl>http://eur-lex.europa.eu/x</publicationUrl></regulation>"
            f"<subjectType code='person'/><nameAlias wholeName={quoteattr(one.other)} strong='false'/>"
            f"<nameAlias firstName='' wholeName={name} strong='true'/></sanctionEntity>"
        )

    inner = "".join(map(of, entries))
    return (
        "<export xmlns='http://eu.europa.ec/fpi/fsd/export' generationDate='2026-01-02T10:00:00+01:00' "
        f"globalFileId='1'>{inner}</export>"
    ).encode()


def uk_xml(entries: Entries) -> bytes:
    """Designations."""

    def of(one: Invented) -> str:
        return (
            "<Designation><LastUpdated>01/02/2024</LastUpdated><DateDesignated>07/03/2019</DateDesignated>"
            f"<UniqueID>DPR{one.number:04}</UniqueID><OFSIGroupID>1</OFSIGroupID><Names>"
            f"<Name><Name6>{one.other}</Name6><NameType>Alias</NameType></Name>"
            f"<Name><Name1></Name1><Name6>{xml_escape(one.name)}</Name6>"
            f"<NameType>Primary Name</NameType></Name></Names><RegimeName>{one.programme}</RegimeName>"
            f"<OtherInformation>{xml_escape(one.remarks)}</OtherInformation></Designation>"
        )

    inner = "".join(map(of, entries))
    return f"<Designations><DateGenerated>02/01/2026</DateGenerated>{inner}</Designations>".encode()


_UK = (
    "Last Updated", "Unique ID", "OFSI Group ID", "UN Reference Number", "Name 6", "Name 1", "Name type",
    "Regime Name", "Other Information", "Date Designated",
)  # fmt: skip


def _uk_rows(entries: Entries) -> list[list[str]]:
    rows = [["Report Date: 02-Jan-2026"], list(_UK)]
    for one in entries:
        said = [one.programme, one.remarks, "07/03/2019"]
        start = ["01/02/2024", f"DPR{one.number:04}", "1", ""]
        rows += [[*start, one.name, "", "Primary Name", *said], [*start, one.other, "", "Alias", *said]]
    return rows


def uk_csv(entries: Entries) -> bytes:
    """Rows, with a line end within a cell."""
    text = io.StringIO()
    csv.writer(text).writerows([[cell.replace("; ", ";\n") for cell in row] for row in _uk_rows(entries)])
    return text.getvalue().encode("utf-8-sig")


def uk_ods(entries: Entries) -> bytes:
    """Rows, with words cut by spans and cells that are repeated."""

    def cell(text: str) -> str:
        half = len(text) // 2
        inner = f"{xml_escape(text[:half])}<text:span>{xml_escape(text[half:])}</text:span>"
        return f"<table:table-cell office:value-type='string'><text:p>{inner}</text:p></table:table-cell>"

    empty = "<table:table-cell table:number-columns-repeated='16000'/>"
    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row))}{empty}</table:table-row>" for row in _uk_rows(entries)
    )
    spaces = " ".join(
        f"xmlns:{name}='urn:oasis:names:tc:opendocument:xmlns:{name}:1.0'"
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='UK'>"
        f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return archive(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()}
    )


def dfat_xlsx(entries: Entries) -> bytes:
    """Other names stand rows below; a word is cut into runs of two types."""
    heads = [
        "Reference", "Name of Individual or Entity", "Type", "Name Type", "Additional Information",
        "Listing Information", "Committees", "Control Date",
    ]  # fmt: skip
    listed = "Listed on 7 Mar 2019, amended on 1 Feb 2024"
    rows: list[list[object]] = [list(heads)]
    for suffix, kind in (("", "Primary Name"), ("a", "aka")):
        rows += [
            [
                f"{one.number}{suffix}", one.other if suffix else one.name, "Individual", kind, one.remarks,
                listed, one.programme, 45323,
            ]
            for one in entries
        ]  # fmt: skip
    return xlsx({"Sheet1": rows})


def mof_xlsx(entries: Entries) -> bytes:
    """A regime for each sheet, its title above the headings, a number that all share."""
    heads: list[object] = [
        "告示日付",
        "告示 番号",
        "日 本 語 表 記",
        "英 語 表 記",
        "別 名",
        "そ の 他 の 情 報",
    ]
    rows = [["2019.3.7", 7, "リー", one.name, one.other, one.remarks] for one in entries]
    return xlsx({"(1)": [["北朝鮮の核関連計画等に関与する者"], [], heads, *rows]})


_NBCTF = (
    "Order ID", "Full name", "ID No", "Passport No", "D.O.B (DD/MM/YYYY)",
    "Virtual currency address / User ID", "Currency",
)  # fmt: skip


def _nbctf_rows(entries: Entries) -> list[list[str]]:
    rows = [list(_NBCTF)]
    for one in entries:
        rows.append([f"ASO - {one.number}/25"])
        rows += [["", one.name, "12345678", "", "07/03/1970", text, ""] for text in one.addresses]
        rows.append(["", "A man", "2000712506", "", "37828", "361738751", ""])
    return rows


def nbctf_csv(entries: Entries) -> bytes:
    """The table of accounts."""
    text = io.StringIO()
    csv.writer(text).writerows(_nbctf_rows(entries))
    return text.getvalue().encode()


def nbctf_page(entries: Entries) -> bytes:
    """Both tables of the page."""

    def table(rows: Sequence[Sequence[str]]) -> str:
        cells = ("".join(f"<td><p>{escape(cell)}\u200b</p></td>" for cell in row) for row in rows)
        return f"<table class='ms-rteTable-4'>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"

    orders = [["File Type", "Last Updated", "Validity of Issue"]]
    orders += [
        [f"Seizure order (ASO {one.number}/25) of the Minister", "03.09.2025", "01.09.2027"]
        for one in entries
    ]
    return (
        "<!DOCTYPE html><html><head><script>var x='0x';</script></head><body><h1>Seizures</h1>"
        f"{table(orders)}{table(_nbctf_rows(entries))}</body></html>"
    ).encode()


def nbctf_text(entries: Entries) -> bytes:
    """Orders, one below the other."""
    parts = []
    for one in entries:
        parts += [f"ASO {one.number}/25", "under section 56 b; see ASO 1/20", one.remarks, *one.addresses]
    return "\n".join(parts).encode()


def fbi_page(entries: Entries) -> bytes:
    """An announcement: all addresses are of the one entry."""
    items = "".join(f"<li>{text}</li>" for one in entries for text in one.addresses)
    return (
        "<!DOCTYPE html><html><head><title>Internet Crime Complaint Center (IC3) | A theft</title></head>"
        "<body><p><strong>Alert Number: </strong>I-022625-PSA</p><p>February 26, 2025</p>"
        "<h1>A theft of <em>much</em></h1><p>The FBI says that it was done on February 21, 2025.</p>"
        f"<ul>{items}</ul><p>{NO_ADDRESS}</p></body></html>"
    ).encode()


def fbi_text(entries: Entries) -> bytes:
    """The same, saved as text."""
    items = "\n".join(text for one in entries for text in one.addresses)
    return (
        "Public Service Announcement\nFEDERAL BUREAU OF INVESTIGATION\nAlert Number: I-022625-PSA\n"
        f"February 26, 2025\nA theft of much\nThe FBI says so.\n{items}\n{NO_ADDRESS}\n"
    ).encode()


def archive(parts: dict[str, bytes]) -> bytes:
    """Return an archive of these files."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return body.getvalue()


def xlsx(sheets: dict[str, list[list[object]]]) -> bytes:
    """Return a workbook; long texts are cut into runs of two types, in the middle of a word."""
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str) and len(cell) > 60:
                        sheet.write_rich_string(number, column, cell[:45], bold, cell[45:])
                    elif isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    else:
                        sheet.write(number, column, cell)
    return body.getvalue()


@dataclass(frozen=True)
class Form:
    """A published form: how it is made, whose it is, and what an entry of it is known by."""

    of: str
    make: Callable[[Entries], bytes]
    file: str
    entry: Callable[[Invented], str]
    form: str
    day: str = "2026-01-02"


FORMS = (
    Form("un", un_xml, "consolidated.xml", lambda one: f"KPi.{one.number}", "UN consolidated XML"),
    Form("eu", eu_xml, "content", lambda one: f"EU.{one.number}.1", "EU FSF XML 1.1"),
    Form("uk", uk_xml, "UK.xml", lambda one: f"DPR{one.number:04}", "UK Sanctions List XML"),
    Form("uk", uk_csv, "UK.csv", lambda one: f"DPR{one.number:04}", "UK Sanctions List table"),
    Form("uk", uk_ods, "UK.ods", lambda one: f"DPR{one.number:04}", "UK Sanctions List table"),
    Form("dfat", dfat_xlsx, "list.xlsx", lambda one: str(one.number), "DFAT consolidated list", ""),
    Form("mof", mof_xlsx, "list.xlsx", lambda _: "7", "Japan MoF list", ""),
    Form("nbctf", nbctf_csv, "w.csv", lambda one: f"ASO {one.number}/25", "NBCTF seizure orders", ""),
    Form("nbctf", nbctf_page, "w.aspx", lambda one: f"ASO {one.number}/25", "NBCTF seizure orders", ""),
    Form("nbctf", nbctf_text, "w.txt", lambda one: f"ASO {one.number}/25", "NBCTF seizure orders, text", ""),
    Form("fbi", fbi_page, "PSA250226", lambda _: "I-022625-PSA", "FBI announcement", "2025-02-26"),
    Form("fbi", fbi_text, "psa.txt", lambda _: "I-022625-PSA", "FBI announcement", "2025-02-26"),
)
