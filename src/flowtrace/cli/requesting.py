"""The verbs on requests: write the packages, and keep the diary of what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from flowtrace.cli.options import CaseName, Json, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line
from flowtrace.errors import IncompleteError, InputError

if TYPE_CHECKING:
    from flowtrace.case import Reminder
    from flowtrace.model import Amount, RequestRecord
    from flowtrace.report.freeze import Package


def freeze(
    case: CaseName,
    accept_stale: Annotated[
        bool, typer.Option("--accept-stale", help="Write packages whose contact is stale too; they say so.")
    ] = False,
    no_tip_off_checked: Annotated[
        bool,
        typer.Option("--no-tip-off-checked", help="You made sure that no running operation is given away."),
    ] = False,
    at: Annotated[
        str, typer.Option("--at", help="The moment it is made for, ISO 8601; by default now.")
    ] = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write one freeze package for every recipient that stolen value reached, into CASE/requests."""
    from flowtrace import case as cases  # noqa: PLC0415  half a second of imports; --help must not pay it
    from flowtrace.report.freeze import Sending  # noqa: PLC0415  the same

    sending = Sending(_moment(at), accept_stale=accept_stale, no_tip_off_checked=no_tip_off_checked)
    with told(quiet=quiet or as_json) as say:
        opened = cases.Case.open(Path(case), say)
        made = cases.freeze(opened, sending)
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in made], indent=1))
    else:
        for line in _lines(made, quiet=quiet):
            typer.echo(one_line(line))
    stopped = [one.folder for one in made if one.errors]
    if stopped:
        names = ", ".join(stopped)
        raise IncompleteError(
            f"{len(stopped)} of {len(made)} packages are not written ({names}): "
            "requests/NOT_WRITTEN.txt says why"
        )


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"--at {text!r} is no time: write it as 2026-11-25 or 2026-11-25T10:00:00Z"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _lines(made: list[Package], *, quiet: bool) -> Iterator[str]:
    if not made:
        yield "no package: no stolen value reached a recipient (see report.pdf, Deposits per exchange)"
    said: dict[tuple[bool, str, str], list[str]] = {}
    for one in made:
        yield f"{one.folder}: {f'{len(one.files)} files' if one.files else 'NOT WRITTEN'}"
        for remark in one.remarks:
            said.setdefault((remark.is_error, remark.rule, remark.text), []).append(one.folder)
    for (is_error, rule, text), whom in sorted(said.items(), key=lambda item: not item[0][0]):
        if is_error or not quiet:
            yield f"{'error' if is_error else 'warning'}, rule {rule} ({', '.join(whom)}): {text}"


def _plain(one: Package) -> dict[str, object]:
    remarks = [{"rule": r.rule, "error": r.is_error, "text": r.text} for r in one.remarks]
    request = one.request.id if one.request else None
    return {"folder": one.folder, "request": request, "files": list(one.files), "remarks": remarks}


class _CaseFirst(TyperGroup):
    """A group whose first word may be a case: then its requests are listed."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  typer's own click, no types
        """Take a first word that is no verb for a case."""
        named = args if args and args[0] in self.commands else ["list", *args]
        return super().resolve_command(ctx, named)


requests = typer.Typer(
    cls=_CaseFirst, no_args_is_help=True, help="The diary of a case's requests: flowtrace requests CASE."
)


@requests.command("list")
def listed(
    case: CaseName,
    on: Annotated[str, typer.Option("--on", help="The day to remind of, ISO 8601; by default today.")] = "",
    as_json: Json = False,
) -> None:
    """List requests with their state, amounts and due dates, and what is due as of a day."""
    from flowtrace import case as cases  # noqa: PLC0415  the same

    found = cases.diary(cases.Case.open(Path(case)).folder)
    due = cases.reminders(found, _day(on, "--on"))
    if as_json:
        rows = {"requests": [_entry(one) for one in found], "reminders": [_due(one) for one in due]}
        typer.echo(json.dumps(rows, indent=1))
        return
    for line in (*_diary(found), *(f"due {one.text} ({one.request})" for one in due)):
        typer.echo(one_line(line))


@requests.command("set")
def enter(
    case: CaseName,
    request: Annotated[str, typer.Argument(metavar="ID", help="The request's id, as the list has it.")],
    state: Annotated[str, typer.Argument(metavar="STATE", help="sent, acknowledged, held, refused …")],
    who: Annotated[str, typer.Option("--who", help="Who makes the entry.")],
    amount: Annotated[
        list[str] | None, typer.Option("--amount", help="What was held or recovered: 12.5, or '12.5 ETH'.")
    ] = None,
    on: Annotated[str, typer.Option("--date", help="The day it happened, ISO 8601; by default today.")] = "",
    note: Annotated[str, typer.Option("--note", help="Anything else, in your words.")] = "",
    quiet: Quiet = False,
) -> None:
    """Enter what became of a request; entries are only ever added, in the custody log."""
    from flowtrace import case as cases  # noqa: PLC0415  the same
    from flowtrace.model import RequestState  # noqa: PLC0415  the same

    if state not in {one.value for one in RequestState}:
        known = ", ".join(one.value for one in RequestState)
        raise InputError(f"there is no state {state!r}; there are {known}")
    taken = cases.Step(RequestState(state), _day(on, "--date"), who, note, tuple(amount or ()))
    now = cases.step(cases.Case.open(Path(case)).folder, request, taken)
    if not quiet:
        typer.echo(one_line(_line(now)))
        typer.echo(f"the report takes it up when the case is traced again: flowtrace trace {case}", err=True)


def _day(text: str, option: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is no day: write it as 2026-11-25") from None


def _diary(found: tuple[RequestRecord, ...]) -> Iterator[str]:
    if not found:
        yield "no request is in the diary: flowtrace freeze CASE writes them"
    yield from (_line(one) for one in found)


def _line(one: RequestRecord) -> str:
    parts = [f"{one.request}: {one.state} {one.on}", one.name]
    sums = (("requested", one.requested), ("held", one.withheld), ("recovered", one.recovered))
    parts += [f"{name} {_sum(amounts)}" for name, amounts in sums if _sum(amounts)]
    dues = (("answer due", one.reply_due), ("hold ends", one.hold_ends), ("records until", one.records_end))
    parts += [f"{name} {day}" for name, day in dues if day]
    return "; ".join([*parts, *([one.note] if one.note else [])])


def _sum(amounts: tuple[Amount, ...]) -> str:
    return " and ".join(str(amount) for amount in amounts if amount.units)


def _entry(one: RequestRecord) -> dict[str, object]:
    days = {"reply_due": one.reply_due, "hold_ends": one.hold_ends, "records_end": one.records_end}
    sums = {"requested": one.requested, "held": one.withheld, "recovered": one.recovered}
    return {
        "request": one.request, "recipient": one.recipient, "name": one.name, "state": one.state.value,
        "on": one.on.isoformat(), "who": one.who, "note": one.note,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        **{name: [_money(amount) for amount in amounts] for name, amounts in sums.items()},
    }  # fmt: skip


def _money(amount: Amount) -> dict[str, str]:
    asset = amount.asset
    said = {"asset": str(asset), "symbol": asset.symbol}
    return {**said, "amount": amount.decimal, "base_units": str(amount.units)}


def _due(one: Reminder) -> dict[str, str]:
    return {"on": one.on.isoformat(), "request": one.request, "text": one.text}
