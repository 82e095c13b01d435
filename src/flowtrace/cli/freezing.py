"""The verb that asks the issuers of tokens what they froze, and the same within trace."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowtrace.cli import reaching
from flowtrace.cli.options import (
    CaseOption,
    ChainName,
    Json,
    Minutes,
    Offline,
    Quiet,
    Refresh,
    Requests,
    SourceNames,
)
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line
from flowtrace.errors import FlowtraceError, IncompleteError, InputError, KeyRefusedError

if TYPE_CHECKING:
    from flowtrace.case import Case, Reach, Target
    from flowtrace.case.freezes import Asked
    from flowtrace.model import Address

_NOTHING = (
    "no value that this case traced is of a token whose issuer can be asked (USDT, USDC): name addresses to "
    "ask about them all the same"
)
_FEW = 40  # lines that are printed whole; of more, only what is frozen or contradicted
_NONE = (
    "no address here is of a chain where an issuer that freezes is known: USDT and USDC on Ethereum, USDT on "
    "TRON, USDC on Arbitrum, Avalanche, Base, Optimism and Polygon"
)


def freezes(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="CASE|ADDRESS...", help="A case, for all that it met; or some addresses."),
    ],
    case: CaseOption = "",
    chain: ChainName = "",
    offline: Offline = False,
    requests: Requests = 0,
    minutes: Minutes = 0,
    refresh: Refresh = False,
    source: SourceNames = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask the issuers of USDT and USDC whether they froze addresses of a case; trace marks them then."""
    reach = reaching.reach_of(
        requests=requests, minutes=minutes, confirm=False, offline=offline, refresh=refresh, source=source
    )
    from flowtrace.case.freezes import freezes_in  # noqa: PLC0415  --help must not pay it

    opened, wanted = _wanted(targets, case=case, chain=chain)
    missed = _asked(opened, wanted, reach, quiet=quiet or as_json)
    asked = frozenset(wanted)
    rows = [one for one in freezes_in(opened.folder).asked() if one.address in asked]
    if as_json:
        typer.echo(json.dumps({"asked": [_plain(one) for one in rows], "missed": missed}, indent=1))
    else:
        shown = [one for one in rows if one.frozen or one.contradiction] if len(rows) > _FEW else rows
        for line in _lines(shown):
            typer.echo(one_line(line))
        if rows and not quiet:
            typer.echo(_closing(opened, rows), err=True)
    if missed:
        what, why = next(iter(missed.items()))
        raise IncompleteError(f"{what} could not be told ({why}); what was is kept")


def _wanted(targets: Sequence[str], *, case: str, chain: str) -> tuple[Case, list[Address]]:
    """Return the case that answers go to, and whom to ask about: those named, else those of the case.

    Raises
    ------
    InputError
        If there is nobody to ask about them.
    """
    from flowtrace.case import Case  # noqa: PLC0415  the same
    from flowtrace.case.freezes import freezable  # noqa: PLC0415  the same

    folders = [one for one in targets if _is_case(one)]
    named = _named([one for one in targets if one not in folders], chain)
    if len({*folders, *filter(None, [case])}) > 1:
        raise InputError("several cases are named: ask for one after the other")
    folder = case or (folders[0] if folders else "")
    if named and not (folder and _is_case(folder)):
        opened = Case.of_target(named[0], Path(folder or named[0].folder), alone=False)
    else:
        opened = Case.open(Path(folder))
    wanted = [one.address for one in named if one.address is not None] or freezable(opened.result)
    if not wanted:
        raise InputError(_NOTHING)
    return opened, wanted


def _named(texts: Sequence[str], chain: str) -> list[Target]:
    """Return the addresses that are named and can be asked about.

    Raises
    ------
    InputError
        If one is no address, or none is of a chain with an issuer to ask.
    """
    from flowtrace.case import target_of  # noqa: PLC0415  the same
    from flowtrace.case.freezes import is_freezable  # noqa: PLC0415  the same

    found: list[Target] = []
    for text in texts:
        target = target_of(text, chain)
        if target is None or target.address is None:
            raise InputError(f"{text!r} is no address, and no case: copy it again")
        found.append(target)
    able = [one for one in found if one.address is not None and is_freezable(one.address)]
    if found and not able:
        raise InputError(_NONE)
    return able


def _is_case(text: str) -> bool:
    from flowtrace.case import bundled_cases  # noqa: PLC0415  the same

    return (Path(text) / "case.toml").is_file() or Path(text).name in bundled_cases()


def _asked(case: Case, addresses: Sequence[Address], reach: Reach, *, quiet: bool) -> dict[str, str]:
    from flowtrace.case.freezes import ask_freezes  # noqa: PLC0415  the same

    if reach.offline:
        return _unasked(case, addresses)
    with told(quiet=quiet) as say:
        say(f"asking issuers' contracts about {len(addresses)} addresses")
        return asyncio.run(ask_freezes(case, addresses, reach))


def _unasked(case: Case, addresses: Sequence[Address]) -> dict[str, str]:
    from flowtrace.case.freezes import freezes_in  # noqa: PLC0415  the same

    held = freezes_in(case.folder).events
    lacking = [one for one in addresses if one not in held]
    why = "the evidence holds no answer: run the same command once without --offline"
    return {f"events on {one.chain.name} of {one.display}": why for one in lacking}


def with_freezes(case: Case, reach: Reach, *, quiet: bool) -> tuple[Case, FlowtraceError | None]:
    """Ask about all addresses of a case; return the case read anew, and why that came to no end, if so."""
    from flowtrace.case import Case  # noqa: PLC0415  the same
    from flowtrace.case.freezes import freezable  # noqa: PLC0415  the same

    missed: dict[str, str] = {}
    stopped: FlowtraceError | None = None
    if addresses := freezable(case.result):
        try:
            missed = _asked(case, addresses, reach, quiet=quiet)
        except (IncompleteError, KeyRefusedError) as error:
            stopped = error
    if missed:
        what, why = next(iter(missed.items()))
        stopped = IncompleteError(f"issuers' freezes: {what} could not be told ({why})")
    return Case(case.folder, case.say), stopped


def _lines(rows: Sequence[Asked]) -> list[str]:
    lines = []
    for one in sorted(rows, key=lambda row: (row.frozen is None, row.address, str(row.asset))):
        symbol = f"{one.address.display}  {one.address.chain.name}  {one.asset.symbol}"
        lines.append(f"{symbol}  {_said(one)}")
        lines += (
            [f"    {one.contradiction.upper()[:13]}{one.contradiction[13:]}"] if one.contradiction else []
        )
    return lines


def _said(one: Asked) -> str:
    answer = "its contract was not asked, or does not tell"
    if one.state is not None:
        answer = f"{one.state.function} answers {'yes' if one.state.frozen else 'no'} for {one.state.of}"
    if one.frozen is not None:
        event = (
            f"{one.frozen.event} in block {one.frozen.height}, {one.frozen.tx}"
            if one.frozen.tx
            else "no event"
        )
        return f"{one.frozen.since.upper()[:6]}{one.frozen.since[6:]}; {event}; {answer}"
    upto = f"no event freezes it up to block {one.height}" if one.height is not None else "events not told"
    return f"not frozen: {upto}; {answer}"


def _closing(case: Case, rows: Sequence[Asked]) -> str:
    held = len({one.address for one in rows if one.frozen is not None})
    return (
        f"{held} of {len({one.address for one in rows})} addresses are frozen. The answers are kept in "
        f"{case.folder}; flowtrace trace {case.folder} marks what lies there"
    )


def _plain(one: Asked) -> dict[str, Any]:
    frozen, state = one.frozen, one.state
    return {
        "address": str(one.address),
        "asset": str(one.asset),
        "symbol": one.asset.symbol,
        "issuer": one.issuer,
        "frozen": frozen is not None,
        "since": frozen.day if frozen and frozen.tx else "",
        "event": frozen.event if frozen and frozen.tx else "",
        "block": frozen.height if frozen and frozen.tx else None,
        "transaction": frozen.tx if frozen else "",
        "events_to_block": one.height,
        "state": None if state is None else state.frozen,
        "state_of": "" if state is None else state.of,
        "contradiction": one.contradiction,
    }
