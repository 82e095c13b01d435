"""A copy for others holds nothing of what it leaves out, in any file, and says how much that is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest

from flowtrace.errors import InputError
from flowtrace.model import (
    Address,
    Audience,
    Change,
    Coverage,
    Dropped,
    Gap,
    GapKind,
    Label,
    Reply,
    Requester,
    Result,
    Scope,
    Statement,
    Use,
    withheld,
)
from flowtrace.report import controls, write_report
from flowtrace.report.accounted import accounted
from flowtrace.report.control import check_controls
from flowtrace.report.formats import FORMATS, exported
from flowtrace.report.masks import Masks
from flowtrace.report.profile import published
from report.broken import relabelled, with_trace
from report.texts import pdf_text
from report.toy_result import ACME, ACME_DEPOSIT, NELL, VAULT, toy_result

LEAK = "whisper.example/leaks"
SECRETS = {
    "embargoed": ACME_DEPOSIT.account[2:],
    "victim's address": VAULT.account[2:],
    "victim": "Toytown Vault",
    "case": "toytown-2022",
    "source": "whisper.example",
    "requester": "Officer Quill",
    "contact": "quill@toytown.example",
    "reference": "REF-4711",
    "asked": "explorer.example/api",
    "file": "Wanda-Whist",
}
PRIVATE = ("source", "We assess", "Acme Deposit Address", "reply-to-nobody")


def told_in_full() -> Result:
    """Return toytown's case with something of all that a profile leaves out."""
    from flowtrace.model import Acquired  # noqa: PLC0415  used here alone

    label = Label(
        NELL, "nell's", ACME.category, Use.DEPOSIT, ACME, f"https://{LEAK} page 3", "web_crawl", "2022-06-01"
    )
    said = Statement(
        authors=("A. Author",),
        assessment="We assess that Mallory did it.",
        embargo=(ACME_DEPOSIT,),
        confidential=(LEAK,),
        replies=(Reply("reply-to-nobody", "2022-05-01"),),
        changes=(Change("2", "2022-06-01", "one label of Toytown Vault corrected"),),
    )
    asked = f"GET https://explorer.example/api?address={ACME_DEPOSIT.account}"
    kept = Acquired(1, "acquired", "2022-05-01", "Toytown Explorer", asked, "a" * 64, 9, "0" * 64, "b" * 64)
    requester = Requester(
        "le", "Officer Quill", "Bureau", "REF-4711", "quill@toytown.example", "Toytown Act, section 1"
    )
    unread = Gap(GapKind.UNREAD, None, "statement-of-Wanda-Whist.csv, line 3: cannot be read")
    span = Coverage(
        VAULT, Scope.EXTERNAL, 0, 9, complete=True, check="balances", fetched_at="2022-05-01",
        source="file:statement-of-Wanda-Whist",
    )  # fmt: skip
    held = with_trace(toy_result(requester), lambda trace: replace(trace, gaps=(*trace.gaps, unread)))
    result = replace(
        relabelled(held, label), statement=said, custody=(kept,), coverage=(*held.coverage, span)
    )
    return replace(result, controls=controls(result))


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file of a folder as text, and what is packed inside it."""
    for path in (p for p in sorted(folder.rglob("*")) if p.is_file()):
        body = path.read_bytes()
        yield path.name, body.decode("utf-8", errors="ignore")
        if path.suffix == ".pdf":
            yield f"{path.name} as text", pdf_text(body)
        if is_zipfile(io.BytesIO(body)):
            with ZipFile(io.BytesIO(body)) as packed:
                for name in packed.namelist():
                    yield f"{path.name}/{name}", packed.read(name).decode("utf-8", errors="ignore")


def squeezed(text: str) -> str:
    """Return text in one case without white space: a line break hides nothing."""
    return "".join(text.split()).casefold()


def told(result: Result, audience: Audience, folder: Path) -> Path:
    """Write the whole report for an audience, and every machine format beside it."""
    made = replace(result, audience=audience)
    write_report(made, folder / "out", lambda _: None)
    for name, body in exported(made, FORMATS).items():
        path = folder / "out" / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder / "out"


def dropped_in(out: Path) -> dict[str, int]:
    """Return what a copy says that it leaves out, with how many."""
    with (out / "dropped.csv").open(encoding="utf-8", newline="") as file:
        return {row["what"]: int(row["how_many"]) for row in csv.DictReader(file)}


def test_a_public_copy_holds_nothing_of_what_it_leaves_out(tmp_path: Path) -> None:
    """Every byte is searched: tables, JSON, SVG, the text of PDFs, the insides of DOCX and XLSX."""
    out = told(told_in_full(), Audience.PUBLIC, tmp_path)
    found = list(everything(out))
    assert len(found) > 60
    away = {ACME_DEPOSIT, VAULT}
    touching = (
        t for t in toy_result().transfers if any(leg.address in away for leg in (*t.inputs, *t.outputs))
    )
    hashes = {t.tx.removeprefix("0x") for t in touching}
    assert len(hashes) > 2
    for name, text in found:
        held = squeezed(text)
        for what, secret in [*SECRETS.items(), *(("hash", one) for one in hashes)]:
            assert squeezed(secret) not in held, f"{what} is in {name}"
    assert not (out / "requests").exists()
    assert dropped_in(out) == {
        "address under embargo": 1,
        "victim's address": 1,
        "transaction": len(hashes),
        "confidential source": 1,
        "victim's name": 1,
        "requester's name and contact": 1,
        "line of the chain of custody, in part": 1,
        "letter with its identifiers": 2,
    }


def test_the_full_report_holds_all_of_it(tmp_path: Path) -> None:
    """So the search above can find what it looks for."""
    out = told(told_in_full(), Audience.LE, tmp_path)
    whole = squeezed("".join(text for _, text in everything(out)))
    assert all(squeezed(secret) in whole for secret in SECRETS.values())
    assert not (out / "dropped.csv").exists()


def test_a_copy_for_a_service_keeps_its_letter_and_leaves_out_what_is_for_investigators(
    tmp_path: Path,
) -> None:
    """Its compliance desk still gets every identifier that it is asked about."""
    out = told(told_in_full(), Audience.VASP, tmp_path)
    held = squeezed("".join(text for _, text in everything(out)))
    assert not [secret for secret in (LEAK, *PRIVATE[1:]) if squeezed(secret) in held]
    assert ACME_DEPOSIT.display.casefold() in (out / "requests/acme/identifiers.txt").read_text().casefold()
    assert "Officer Quill" in (out / "requests/acme/email.txt").read_text()
    assert dropped_in(out) == {
        "confidential source": 1,
        "third-party claim (class X)": 1,
        "the authors' own assessment": 1,
        "line of the record of replies": 1,
    }


@pytest.mark.parametrize("audience", list(Audience))
def test_no_amount_changes(audience: Audience) -> None:
    """The same sums, rule by rule, and the control sums of the case still hold."""
    result = told_in_full()
    shown = published(replace(result, audience=audience))
    check_controls(shown)
    sums = [[line.taint for line in book.lines] for book in accounted(shown)]
    assert sums == [[line.taint for line in book.lines] for book in accounted(result)]
    assert published(shown) == shown
    assert (shown.digest, shown.ledger_digest) == (result.digest, result.ledger_digest)


def test_a_frozen_address_is_no_live_target_and_a_public_victim_is_named() -> None:
    """Their embargo ends with the freeze; what the case says is public stays."""
    frozen = Label(
        ACME_DEPOSIT, "frozen", ACME.category, Use.FROZEN, None, "issuer", "authority_data", "2022-05-01"
    )
    result = relabelled(told_in_full(), frozen)
    open_ = replace(result.statement, victim_is_public=True)
    shown = published(replace(result, statement=open_, audience=Audience.PUBLIC, controls={}))
    assert ACME_DEPOSIT in {hop.target for hop in shown.trace.hops}
    assert shown.incident.victim_party == "Toytown Vault"
    assert shown.incident.id == "toytown-2022"
    assert "victim's name" not in {one.what for one in shown.dropped}


def test_what_stands_for_an_address_is_never_one() -> None:
    """No text is read as it, and it is shown as what it is."""
    stand_in = withheld("eip155:1", "withheld-1")
    assert (stand_in.display, stand_in.short) == ("withheld-1", "withheld-1")
    for chain in ("eip155:1", "tron:mainnet"):
        with pytest.raises(InputError):
            Address(chain, "withheld-1")
    with pytest.raises(InputError, match="could be taken for an address"):
        withheld("eip155:1", "0x" + "1" * 40)


def test_a_name_goes_with_its_signs_and_in_any_spelling() -> None:
    """No bracket is left behind, and a name in a web address is one too; a longer word is not."""
    masks = Masks({}, {"Toy Network (Sky)": "the victim", "Toy Network": "the victim"})
    told = "Toy Network (Sky) was robbed; https://toy-network-sky.example/toynetwork; toynetworks"
    assert masks.text(told) == "the victim was robbed; https://the victim.example/the victim; toynetworks"


def test_nothing_of_a_statement_is_forgotten_by_the_profiles() -> None:
    """A new field of it makes this test fail, until somebody says who may see it."""
    assert is_dataclass(Statement)
    assert {one.name for one in fields(Statement)} == {
        "version", "authors", "funding", "conflicts", "corrections", "assessment", "replies", "changes",
        "embargo", "confidential", "victim_is_public",
    }  # fmt: skip


def test_the_manifest_says_for_whom(tmp_path: Path) -> None:
    """And the report says it on its cover, with what is left out."""
    write_report(replace(told_in_full(), audience=Audience.PUBLIC), tmp_path / "out", lambda _: None)
    assert json.loads((tmp_path / "out/manifest.json").read_bytes())["profile"] == "public"
    text = pdf_text(tmp_path / "out" / "report.pdf")
    assert "public: anybody; dropped.csv counts what is left out" in text
    assert "Left out of this copy" in text
    assert "A draft of the request" not in text
    assert not (tmp_path / "out" / "requests").exists()
    assert Dropped("victim's name", "personal data", 1).what in text
