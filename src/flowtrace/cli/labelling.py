"""The verbs on who is who: labels show, add, sync, lists, export, decide; and screen."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowtrace.cli.listed import (
    NO_LIST,
    asked_fields,
    asked_line,
    exposed,
    exposure_lines,
    listed,
    match_fields,
    match_lines,
    named,
    named_lines,
    say_snapshot,
    screened,
    snapshot_fields,
)
from flowtrace.cli.options import Json, Offline, Quiet
from flowtrace.cli.text import one_line
from flowtrace.errors import IncompleteError, InputError

if TYPE_CHECKING:
    from flowtrace.case.said import Claim, Said
    from flowtrace.case.screening import Exposure, Screened
    from flowtrace.labels.lists import Snapshot
    from flowtrace.ledger import Ledger
    from flowtrace.model import Label

app = typer.Typer(
    no_args_is_help=True, help="Who is who: what sources say of an address, and the lists it may be on."
)
CaseFolder = Annotated[
    str, typer.Option("--case", help="A case folder; without it, your own labels and lists.")
]
Day = Annotated[str, typer.Option("--date", help="The day the file stands for, YYYY-MM-DD.")]


@app.command()
def show(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An address of any chain.")],
    case: CaseFolder = "",
    as_json: Json = False,
) -> None:
    """Print every claim ever made about an address: by whom, when, how sure; and what contradicts what."""
    from flowtrace.labels.found import accounts_of  # noqa: PLC0415  --help must not pay it
    from flowtrace.labels.incident import naming  # noqa: PLC0415  the same
    from flowtrace.labels.lists import Snapshots  # noqa: PLC0415  the same
    from flowtrace.model import ORDER  # noqa: PLC0415  the same

    wanted, found = _said(address, case)
    thefts = naming(wanted)
    matches: list[dict[str, Any]] = []
    for folder in _list_folders(case):
        with Snapshots(folder) as snapshots:
            told_here = map(match_fields, snapshots.matches(accounts_of(wanted), _today()))
            matches += [one for one in told_here if one not in matches]
    if as_json:
        told: dict[str, Any] = {"address": str(wanted), "order": ORDER, "lists": matches}
        told["chains"] = [_plain(one) for one in found]
        told["incidents"] = [named(*one) for one in thefts]
        typer.echo(json.dumps(told, indent=1))
        return
    for line in [line for one in found for line in _lines(one)]:
        typer.echo(one_line(line))
    for line in [line for one in matches for line in listed(one)]:
        typer.echo(one_line(line))
    for line in named_lines(thefts):
        typer.echo(one_line(line))
    if not found and not matches and not thefts:
        typer.echo(f"{wanted}: nothing is said of it by the labels and lists that are held")


def _said(address: str, case: str) -> tuple[Any, list[Said]]:
    from flowtrace.case import said, work  # noqa: PLC0415  the same

    wanted = said.wanted_address(address)
    folder = said.labels_folder(case).parent
    book = said.book_for(work.own_book(folder) if case else None)
    return wanted, said.said_of(wanted, book, said.decisions_in(folder) if case else {})


def _list_folders(case: str) -> list[Path]:
    """Return the folders that hold lists: the user's own, and the case's."""
    from flowtrace.case import said  # noqa: PLC0415  the same
    from flowtrace.labels.lists.snapshots import TRUTH  # noqa: PLC0415  the same

    folders = dict.fromkeys((said.labels_folder(""), said.labels_folder(case)))
    return [one for one in folders if (one / TRUTH).is_file()]


def _lines(said: Said) -> list[str]:
    from flowtrace.model import ORDER  # noqa: PLC0415  the same

    lines = [f"{said.address}"]
    for claim in said.claims:
        lines += _claim_lines(claim)
    for one in said.contradictions:
        what = " / ".join(_thing(one.about, label) for label in one.said)
        lines.append(f"  CONTRADICTION of {one.about}: {what}; the first counts")
        lines += [f"    {_thing(one.about, label)}: {_dated(label)}" for label in one.said]
        lines.append(f"    order: {ORDER}")
    return lines


def _thing(about: str, label: Label) -> str:
    return label.entity.name if about == "entity" and label.entity else label.category.value


def _dated(label: Label) -> str:
    return f"{label.date or 'no date'}, {label.confidence}, {label.source}"


def _claim_lines(claim: Claim) -> list[str]:
    one, word = claim.label, claim.decision
    who = f"  {one.text}  [{one.category.value}{', ' + one.use.value if one.use else ''}"
    who += f", {one.entity.name}]" if one.entity else "]"
    basis = f"    {one.confidence}, {one.date or 'no date'}: {one.source}"
    more = " (a third party's word, class X)" if one.asserted else ""
    lines = [who + more, basis, f"    label {claim.id[:16]}" + (f", {one.licence}" if one.licence else "")]
    if word is not None:
        done = "accepted" if word.accepted else "REJECTED"
        lines.append(f"    {done} by {word.who}, {word.at}: {word.why}")
    return lines


def _plain(said: Said) -> dict[str, Any]:
    claims = []
    for claim in said.claims:
        one, word = claim.label, claim.decision
        claims.append(
            {
                "id": claim.id,
                "text": one.text,
                "category": one.category,
                "use": one.use,
                "entity": one.entity.id if one.entity else "",
                "name": one.entity.name if one.entity else "",
                "source": one.source,
                "confidence": one.confidence,
                "date": one.date,
                "asserted": one.asserted,
                "licence": one.licence,
                "decision": None if word is None else {"accepted": word.accepted, "who": word.who,
                                                       "why": word.why, "at": word.at},
            }
        )  # fmt: skip
    contradictions = [
        {
            "about": one.about,
            "said": [
                label.entity.id if one.about == "entity" and label.entity else label.category.value
                for label in one.said
            ],
            "sources": [label.source for label in one.said],
        }
        for one in said.contradictions
    ]
    return {"address": str(said.address), "claims": claims, "contradictions": contradictions}


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of labels, or of one list.")],
    of: Annotated[str, typer.Option("--list", help="They are of this list: ofac, fbi, un, eu …")] = "",
    date: Day = "",
    source: Annotated[str, typer.Option("--source", help="Who says so, where the file does not.")] = "",
    confidence: Annotated[
        str, typer.Option("--confidence", help="GraphSense's word for how sure.")
    ] = "unknown",
    licence: Annotated[str, typer.Option("--licence", help="Under which licence, as an SPDX id.")] = "",
    case: CaseFolder = "",
    quiet: Quiet = False,
) -> None:
    """Take in files of labels (TagPack, CSV, explorer dump, OpenSanctions), or a list with --list."""
    from flowtrace.case import said, screening  # noqa: PLC0415  the same
    from flowtrace.labels.dumps import Origin, check_confidence  # noqa: PLC0415  the same
    from flowtrace.labels.lists import Snapshots  # noqa: PLC0415  the same

    folder = said.labels_folder(case)
    if date > _today():
        raise InputError(f"{date} is yet to come: give the day the file stands for, YYYY-MM-DD")
    if of:
        with Snapshots(folder) as snapshots:
            for file in files:
                held = screening.taken_in(snapshots, file, of=of, day=date)
                say_snapshot(held, snapshots, quiet=quiet)
        return
    origin = Origin(source, check_confidence(confidence), date, licence) if source else None
    taken, refused = said.add_labels(folder, files, origin)
    if not quiet:
        for one in taken:
            again = "; held already, and left as it was taken in then" if one.again else ""
            text = f"{one.name}: {one.labels} labels, sha256 {one.sha256[:16]}…{again}"
            typer.echo(one_line(text), err=True)
        for why in refused[:5]:
            typer.echo(one_line(f"left out: {why}"), err=True)
        if refused:
            typer.echo(f"{len(refused)} rows could not be used", err=True)
    if not any(one.labels for one in taken):
        raise InputError("no label was taken in: none of the files holds one that can be used")


@app.command()
def sync(
    lists: Annotated[list[str] | None, typer.Argument(metavar="[LIST...]", help="Only these lists.")] = None,
    case: CaseFolder = "",
    offline: Offline = False,
    quiet: Quiet = False,
) -> None:
    """Fetch the lists from their official homes, and keep each as a snapshot beside all before it."""
    from flowtrace.case import said, screening  # noqa: PLC0415  the same
    from flowtrace.fetch import Door  # noqa: PLC0415  the same
    from flowtrace.labels.lists import Snapshots  # noqa: PLC0415  the same

    homes = screening.homes_of(lists or [])
    with Snapshots(said.labels_folder(case)) as snapshots:

        async def fetched() -> tuple[list[Any], list[str]]:
            async with Door(snapshots.store, offline=offline) as door:
                return await screening.sync(snapshots, homes, door)

        came, missed = asyncio.run(fetched())
        for one in came:
            say_snapshot(one, snapshots, quiet=quiet)
    for why in [] if lists or quiet else screening.not_asked():
        typer.echo(one_line(f"not asked: {why}"), err=True)
    for why in missed:
        typer.echo(one_line(f"not had: {why}"), err=True)
    if missed:
        by_hand = "run it again, or take a file from the disk: flowtrace labels add FILE --list NAME"
        kept = f"{len(came)} came; what was held before is kept (flowtrace labels lists)"
        raise IncompleteError(f"{len(missed)} files of lists could not be had, {kept}: {by_hand}")


@app.command("lists")
def held_lists(case: CaseFolder = "", as_json: Json = False) -> None:
    """List the snapshots that are held: of which list, of which day, with which hash."""
    from flowtrace.labels.lists import Snapshots  # noqa: PLC0415  the same

    rows = []
    for folder in _list_folders(case):
        with Snapshots(folder) as snapshots:
            rows += [snapshot_fields(one, snapshots) for one in snapshots.all()]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        text = "{list}  {day}  {addresses} addresses  sha256 {sha256}  {name}  ({form})".format(**row)
        typer.echo(one_line(text))
        for why in row["warnings"]:
            typer.echo(one_line(f"  WARNING: {why}"))
    if not rows:
        typer.echo("no list is held: flowtrace labels sync", err=True)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The TagPack to write.")],
    case: CaseFolder = "",
    creator: Annotated[str, typer.Option("--creator", help="Who answers for the pack.")] = "flowtrace",
) -> None:
    """Write the shipped labels and your own, or with --case a case's, as a TagPack in GraphSense's form."""
    from flowtrace.case import said, work  # noqa: PLC0415  the same

    book = work.own_book(said.labels_folder(case).parent) if case else said.book_for()
    try:
        out.write_bytes(said.exported(book, title=f"Labels of {case or 'flowtrace'}", creator=creator))
    except OSError as fault:
        raise InputError(
            f"{out} cannot be written ({fault.strerror}): name a file in a folder that is there"
        ) from None
    typer.echo(f"{out}: {len(book)} tags", err=True)


@app.command()
def decide(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The address the label is of.")],
    label: Annotated[str, typer.Argument(metavar="LABEL", help="The label's id, or its beginning.")],
    case: Annotated[str, typer.Option("--case", help="The case folder.")],
    accept: Annotated[bool, typer.Option("--accept/--reject", help="Whether it counts; say one of both.")],
    who: Annotated[str, typer.Option("--who", help="Who decides.")],
    why: Annotated[str, typer.Option("--why", help="The reason.")],
    quiet: Quiet = False,
) -> None:
    """Accept or reject a label in a case; the word is kept in the custody log, and counts before all else."""
    from flowtrace.case import said  # noqa: PLC0415  the same
    from flowtrace.model import Decision  # noqa: PLC0415  the same

    _, found = _said(address, case)
    claims = [claim for one in found for claim in one.claims]
    word = Decision("", accept, who, why, "")
    done = said.decide_on_label(said.labels_folder(case).parent, label, among=claims, word=word)
    if not quiet:
        text = f"{'accepted' if accept else 'rejected'}: {done.label.text}. Trace the case again"
        typer.echo(one_line(text), err=True)


def screen(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|ADDRESS...", help="Addresses, or texts that hold some."),
    ] = None,
    case: CaseFolder = "",
    at: Annotated[str, typer.Option("--at", help="As of this day, YYYY-MM-DD; by default today.")] = "",
    as_json: Json = False,
) -> None:
    """Say which lists an address is on, as of a day; with --case also what a hop from it is listed.

    An exact match and exposure are told apart: one hop from a listed address is no match. A case alone,
    without addresses, is screened whole: every address of its record.
    """
    from flowtrace.case import Case, screening  # noqa: PLC0415  the same
    from flowtrace.case.said import labels_folder  # noqa: PLC0415  the same
    from flowtrace.labels.found import account_of  # noqa: PLC0415  the same
    from flowtrace.labels.lists import Snapshots  # noqa: PLC0415  the same
    from flowtrace.labels.lists.snapshots import check_day  # noqa: PLC0415  the same

    day = check_day(at) or _today()
    asked = _asked(targets or [], day)
    if not asked and not case:
        raise InputError("nothing to screen: give addresses, a file that holds some, or --case CASE")
    ledger: Ledger | None = Case.open(case).ledger if case else None
    found: list[tuple[str, list[Screened]]] = []
    near: list[Exposure] = []
    held: list[Snapshot] = []
    accounts = frozenset(account_of(one.text) for one in asked)
    for folder in _list_folders(case):
        with Snapshots(folder) as snapshots:
            held += snapshots.all()
            whole = screening.listed_in(snapshots, ledger, day) if ledger is not None and not targets else []
            where = "your own lists" if folder == labels_folder("") else "the case's lists"
            found.append((where, screening.screened(snapshots, [*asked, *whole], ledger)))
            if ledger is not None:
                near += screening.exposures(snapshots, ledger, accounts)
    if not held:
        raise InputError(NO_LIST)
    _say_screened(screening.joined(found), list(dict.fromkeys(near)), held, as_json=as_json)


def _say_screened(
    found: list[Screened], near: list[Exposure], held: list[Snapshot], *, as_json: bool
) -> None:
    """Print what the lists say, and which were asked; refuse in the end what was no address."""
    if as_json:
        told = {"matches": [screened(one) for one in found], "exposure": [exposed(one) for one in near],
                "lists": asked_fields(held)}  # fmt: skip
        typer.echo(json.dumps(told, indent=1))
    else:
        for line in [*match_lines(found), *exposure_lines(near)]:
            typer.echo(one_line(line))
        if not found:
            typer.echo("no address of the case is on a list that is held")
        typer.echo(one_line(asked_line(held)), err=True)
    if wrong := [one for one in found if one.fault]:
        first = f"{wrong[0].asked.text[:100]!r}: {wrong[0].fault}"
        raise InputError(f"{len(wrong)} of {len(found)} could not be screened, the first {first}")


def _asked(targets: list[str], day: str) -> list[Any]:
    from flowtrace.case import screening  # noqa: PLC0415  the same

    asked = []
    for target in targets:
        if Path(target).is_file():
            text = Path(target).read_text(encoding="utf-8", errors="replace")
            held = list(screening.asked_in(text, day))
            if not held:
                raise InputError(f"{target}: holds no address that can be told by its form")
            asked += held
        else:
            asked.append(screening.Asked(target.strip(), day))
    return list(dict.fromkeys(asked))


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
