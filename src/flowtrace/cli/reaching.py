"""The verbs that reach out: fetch, sources, and the fetching half of trace."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import (
    CaseOption,
    ChainName,
    Confirm,
    Json,
    Minutes,
    Offline,
    Quiet,
    Refresh,
    Requests,
    SourceNames,
)
from flowtrace.cli.progress import heard
from flowtrace.cli.text import one_line
from flowtrace.errors import FlowtraceError, IncompleteError, InputError, KeyRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowtrace.case import Case, Reach, Target


def reach_of(
    *,
    requests: int,
    minutes: float,
    confirm: bool,
    offline: bool,
    refresh: bool,
    source: Sequence[str] | None,
) -> Reach:
    """Return how far a case may reach out, from what the user wrote."""
    from flowtrace.case import Reach  # noqa: PLC0415  half a second of imports; --help must not pay it

    return Reach(
        requests=requests or None,
        seconds=60 * minutes if minutes else None,
        confirm=confirm,
        offline=offline,
        refresh=refresh,
        services=tuple(source or ()),
    )


def opened(target: str, *, case: str, chain: str, say: Callable[[str], None]) -> Case:
    """Open the case that a word names: a folder, a bundled case, or an address or transaction."""
    from flowtrace.case import Case, bundled_cases, resembles, target_of  # noqa: PLC0415  the same

    path = Path(target)
    if path.is_dir() or path.name in bundled_cases():
        return Case.open(path, say)
    wanted = target_of(target, chain)
    if wanted is None:
        if like := resembles(target.strip()):
            raise InputError(like)
        _refuse_incident(target)
        return Case.open(path, say)  # which says why it is no case
    return Case.of_target(wanted, Path(case or wanted.folder), say)


def _refuse_incident(name: str) -> None:
    """Say of a known theft that has no bundled case which of its addresses can be traced.

    Raises
    ------
    InputError
        If it is one.
    """
    from flowtrace.labels import incident_ids, load_incident  # noqa: PLC0415  only where nothing else fits

    if name in incident_ids():
        known = load_incident(name)
        place = next(iter((*known.seeds, *known.named)), None)
        go_on = (
            f"trace an address of it: flowtrace trace {place}" if place else "no address of it is published"
        )
        raise InputError(
            f"{name} is a known theft without a bundled case (flowtrace incidents {name}): {go_on}"
        )


def followed(case: Case, reach: Reach, *, wanted: bool, quiet: bool, as_json: bool) -> FlowtraceError | None:
    """Fetch what a live case's trace wants; return why that came to no end, if it did not.

    Raises
    ------
    IncompleteError, KeyRefusedError
        If there is nothing to go on with.
    """
    if reach.offline and case.is_live and not case.holds_evidence:
        raise IncompleteError(f"{case.folder} holds nothing yet: run the same command once without --offline")
    if reach.offline or not (wanted or case.is_live):
        return None
    try:
        with heard(reach, quiet=quiet, as_json=as_json) as hears:
            asyncio.run(case.follow(reach, hears))
    except (IncompleteError, KeyRefusedError) as error:
        if not case.holds_evidence:
            raise
        return _anew(error) if reach.refresh and type(error) is IncompleteError else error
    return None


def _anew(error: FlowtraceError) -> FlowtraceError:
    """Say of a refresh that was cut short how it is gone on with."""
    return type(error)(f"{error} (without --refresh, which would begin at a newer block again)")


def quoted(case: Case, reach: Reach, *, quiet: bool) -> FlowtraceError | None:
    """Fetch the prices of a case's thefts and deposits; return why that came to no end, if it did not.

    How many there are none for is said.
    """
    try:
        missed = asyncio.run(case.quote(reach))
    except IncompleteError as error:
        return error
    if missed and not quiet:
        prices = "1 price" if missed == 1 else f"{missed} prices"
        typer.echo(f"{prices} could not be had; those amounts stand without a value", err=True)
    return None


def print_plan(case: Case, reach: Reach) -> None:
    """Say whom a live case would ask, in which order and how fast, and send nothing."""
    for line in case.plan(reach):
        typer.echo(line)


def fetch(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS", help="Addresses of any chain.")],
    case: CaseOption = "",
    chain: ChainName = "",
    offline: Offline = False,
    requests: Requests = 0,
    minutes: Minutes = 0,
    confirm: Confirm = False,
    refresh: Refresh = False,
    source: SourceNames = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fetch the histories of addresses into a case's evidence, and do no more."""
    from flowtrace.case import Case, target_of  # noqa: PLC0415  the same

    targets = [target_of(text, chain) for text in addresses]
    found = [target.address for target in targets if target and target.address]
    wrong = [text for text, target in zip(addresses, targets, strict=True) if not (target and target.address)]
    first = targets[0]
    if wrong or first is None:
        raise InputError(_no_address(wrong[0], targets[addresses.index(wrong[0])]))
    reach = reach_of(
        requests=requests, minutes=minutes, confirm=confirm, offline=offline, refresh=refresh, source=source
    )
    opened = Case.of_target(first, Path(case or first.folder), alone=not case)
    with heard(reach, quiet=quiet, as_json=as_json) as hears:
        missed = asyncio.run(opened.fetch(found, reach, hears))
    if as_json:
        told = {"case": str(opened.folder), "asked": len(found), "held": len(found) - len(missed)}
        typer.echo(json.dumps({**told, "missed": {str(one): why for one, why in missed.items()}}, indent=1))
    elif not quiet:
        typer.echo(f"{opened.folder} holds {len(found) - len(missed)} of {len(found)} histories. "
                   f"Next: flowtrace trace {opened.folder}", err=True)  # fmt: skip
    if missed:
        address, why = next(iter(missed.items()))
        raise IncompleteError(f"{len(missed)} of {len(found)} could not be fetched, first {address}: {why}")


def _no_address(text: str, target: Target | None) -> str:
    from flowtrace.case import resembles  # noqa: PLC0415  the same

    if target is not None:
        return f"{text!r} is a transaction: flowtrace trace follows it, fetch takes addresses"
    return resembles(text) or f"{text!r} is no address of a chain that flowtrace knows: copy it again"


def sources(
    case: Annotated[str, typer.Argument(metavar="[CASE]", help="Also say how each did in this case.")] = "",
    chain: ChainName = "",
    as_json: Json = False,
) -> None:
    """List every source in the order it is asked: chain, pace, key, when last checked, and how it does."""
    from flowtrace.case import sources as all_sources  # noqa: PLC0415  the same
    from flowtrace.model import Chain  # noqa: PLC0415  the same

    wanted = Chain.of(chain) if chain else None
    rows = [
        {
            "source": one.provider.id,
            "speaks": one.provider.kind,
            "pace": one.pace,
            "key": one.key,
            "checked": one.provider.verified_on,
            "state": one.state,
            "answered": str(one.answered) if case else "",
            "failed": str(one.failed) if case else "",
            "last error": one.last_error,
        }
        for one in all_sources(Path(case) if case else None)
        if wanted is None or one.provider.chain == wanted
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    names = [name for name in rows[0] if any(row[name] for row in rows)] if rows else []
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    for row in ({name: name for name in names}, *rows):
        typer.echo(one_line("  ".join(row[name].ljust(widths[name]) for name in names).rstrip()))
