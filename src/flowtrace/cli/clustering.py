"""The verb that clusters a case: who is one owner, by which findings; and what else was found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import CaseName, ChainName, Json, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line
from flowtrace.errors import InputError

if TYPE_CHECKING:
    from flowtrace.case import Readings
    from flowtrace.model import Address, Clustering, Finding, Refusal, SameOwner

_REASONS = 3


def cluster(
    case: CaseName,
    off: Annotated[
        list[str] | None, typer.Option("--off", help="Leave this heuristic out; may be given more than once.")
    ] = None,
    on: Annotated[
        list[str] | None, typer.Option("--on", help="Use this heuristic, though it is off by default.")
    ] = None,
    why: Annotated[
        list[str] | None, typer.Option("--why", help="Say what joins two addresses; give it twice.")
    ] = None,
    findings: Annotated[
        bool, typer.Option("--findings", help="List everything the heuristics found, with its id.")
    ] = False,
    chain: ChainName = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show who is one owner, with the reason for every union, by the installed heuristics."""
    from flowtrace.case import Case  # noqa: PLC0415  half a second of imports; --help must not pay it

    pair = _pair(why or [], chain)
    with told(quiet=quiet or as_json) as say:
        found, read = Case.open(Path(case), say).cluster(off=off or (), on=on or ())
    if pair is not None:
        _say(_path(found, *pair))
    elif as_json:
        typer.echo(json.dumps(_plain(found, read), indent=1))
    else:
        _say([*_clusters(found), *_refused(found), *(_all(read) if findings else _counted(read))])


def _pair(why: list[str], chain: str) -> tuple[Address, Address] | None:
    from flowtrace.case import target_of  # noqa: PLC0415  the same

    if not why:
        return None
    targets = [target_of(text, chain) for text in why]
    asked = [target.address if target else None for target in targets]
    if len(asked) != 2 or asked[0] is None or asked[1] is None:  # noqa: PLR2004  what joins two
        raise InputError("--why takes two addresses: flowtrace cluster CASE --why ADDRESS --why ADDRESS")
    return asked[0], asked[1]


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(one_line(line))


def _clusters(found: Clustering) -> Iterator[str]:
    if not found.clusters:
        yield "no two addresses are one owner's by these heuristics"
    for number, held in enumerate(found.clusters, start=1):
        yield f"cluster {number}: {len(held.members)} addresses, joined by {len(held.because)} findings"
        yield from (f"  {address.display}" for address in held.members)
        yield from (f"    {_union(one)}" for one in held.because)


def _union(one: SameOwner) -> str:
    from flowtrace.model import finding_id  # noqa: PLC0415  the same

    score = f", {one.score} sure" if one.score else ""
    return f"[{finding_id(one)}] {one.a.display} = {one.b.display}  {one.by}{score}: {_reasons(one.because)}"


def _reasons(because: tuple[str, ...]) -> str:
    more = len(because) - _REASONS
    return ", ".join(because[:_REASONS]) + (f" and {more} more" if more > 0 else "")


def _refused(found: Clustering) -> Iterator[str]:
    kinds = (("not joined", found.blocked), ("contradicted", found.conflicts), ("to review", found.queued))
    for name, refusals in kinds:
        yield from (f"{name}: {_refusal(one)}" for one in refusals)


def _refusal(one: Refusal) -> str:
    from flowtrace.model import finding_id  # noqa: PLC0415  the same

    said = one.finding
    return f"[{finding_id(said)}] {said.a.display} and {said.b.display} by {said.by}: {one.why}"


def _counted(read: Readings) -> Iterator[str]:
    counts: dict[str, int] = {}
    for one in read.findings:
        counts[one.by] = counts.get(one.by, 0) + 1
    listed = ", ".join(f"{by} {count}" for by, count in sorted(counts.items()))
    yield f"findings: {listed or 'none'}; --findings lists them"
    if read.rejected:
        yield f"rejected by a person: {len(read.rejected)}"


def _all(read: Readings) -> Iterator[str]:
    for mark, found in (("", read.findings), ("rejected ", read.rejected)):
        yield from (f"{mark}{_line(one)}" for one in found)


def _line(one: Finding) -> str:
    said = _fields(one)
    words = f"{said['kind']}: {said['says']}" + (f"; {said['detail']}" if said["detail"] else "")
    return f"[{said['id']}] {one.by}  {words}"


def _fields(one: Finding) -> dict[str, object]:
    from flowtrace.model import SetAside, finding_id  # noqa: PLC0415  the same

    says, detail = _words(one)
    because = [one.transfer] if isinstance(one, SetAside) else list(one.because)
    kind = type(one).__name__
    told_of = {"id": finding_id(one), "by": one.by, "kind": kind, "says": says}
    return {**told_of, "detail": detail, "because": because}


def _words(one: Finding) -> tuple[str, str]:
    """Return what a finding says, and the detail behind it."""
    from flowtrace.model import Distinct, Pattern, Role, SameOwner  # noqa: PLC0415  the same

    match one:
        case SameOwner():
            sure = f"{one.score} sure" if one.score else ""
            shown = "shown only: it joins nothing unless accepted" if one.soft else ""
            return f"{one.a.display} is {one.b.display}", ", ".join(part for part in (sure, shown) if part)
        case Distinct():
            return f"{one.a.display} is not {one.b.display}", f"{one.score} sure" if one.score else ""
        case Role():
            return f"{one.address.display} is {one.role} {one.entity}".strip(), one.detail
        case Pattern():
            whom = ", ".join(address.display for address in one.addresses[:_REASONS])
            return f"{one.name} {whom}".strip(), one.detail
        case _:
            return f"{one.transfer} is set aside", one.why


def _path(found: Clustering, a: Address, b: Address) -> list[str]:
    way = found.why(a, b)
    if way is None:
        return [f"nothing joins {a.display} and {b.display}"]
    return [_union(one) for one in way] or [f"both are {a.display}"]


def _plain(found: Clustering, read: Readings) -> dict[str, object]:
    kinds = (("blocked", found.blocked), ("conflicts", found.conflicts), ("queued", found.queued))
    return {
        "clusters": [
            {
                "members": [str(address) for address in held.members],
                "because": [_fields(one) for one in held.because],
            }
            for held in found.clusters
        ],
        **{name: [{**_fields(one.finding), "why": one.why} for one in refusals] for name, refusals in kinds},
        "findings": [_fields(one) for one in read.findings],
        "rejected": [_fields(one) for one in read.rejected],
    }
