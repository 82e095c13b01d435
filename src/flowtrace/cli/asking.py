"""The verbs that ask a worked case a question: explain, origin."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowtrace.cli.options import CaseName, ChainName, Json, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line
from flowtrace.errors import InputError

if TYPE_CHECKING:
    from flowtrace.model import Address, Rule

AddressOf = Annotated[str, typer.Argument(metavar="ADDRESS", help="The address that is asked about.")]
RuleName = Annotated[
    str, typer.Option("--rule", help="pro_rata, fifo, lifo, dirty_first, libr; by default the case's own.")
]


def explain(
    case: CaseName,
    address: AddressOf,
    rule: RuleName = "",
    chain: ChainName = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say which payments and lots put stolen value at an address, in order, under one rule."""
    from flowtrace.case import Case  # noqa: PLC0415  half a second of imports; --help must not pay it
    from flowtrace.report import explanation_json, explanation_text  # noqa: PLC0415  the same

    named, asked = _rule(rule), _address(address, chain)
    with told(quiet=quiet or as_json) as say:
        opened = Case.open(Path(case), say)
        found = opened.explain(asked, named)
        result = opened.result
    if as_json:
        _echo_json([explanation_json(result, one) for one in found])
        return
    lines = [line for one in found for line in explanation_text(result, one)]
    _echo_lines(lines or [f"no traced value came to {asked.display} under that rule"])


def origin(
    case: CaseName,
    address: AddressOf,
    rule: RuleName = "",
    chain: ChainName = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say where an address's funds came from, as far back as the case's record goes, under one rule."""
    from flowtrace.case import Case  # noqa: PLC0415  the same
    from flowtrace.report import origin_json, origin_text  # noqa: PLC0415  the same

    named, asked = _rule(rule), _address(address, chain)
    with told(quiet=quiet or as_json) as say:
        opened = Case.open(Path(case), say)
        found = opened.origin(asked, named)
        result = opened.result
    if as_json:
        _echo_json([origin_json(result, one) for one in found])
        return
    lines = [line for one in found for line in origin_text(one)]
    _echo_lines(lines or [f"the record shows nothing that came to {asked.display}"])


def _echo_json(rows: Sequence[object]) -> None:
    typer.echo(json.dumps(rows, indent=1))


def _echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(one_line(line))


def _rule(name: str) -> Rule | None:
    from flowtrace.model import Rule  # noqa: PLC0415  the same

    if name and name not in set(Rule):
        raise InputError(f"no rule is called {one_line(name)!r}: use one of {', '.join(Rule)}")
    return Rule(name) if name else None


def _address(text: str, chain: str) -> Address:
    from flowtrace.case import target_of  # noqa: PLC0415  the same

    target = target_of(text, chain)
    if target is None or target.address is None:
        raise InputError(f"{one_line(text)!r} is no address of a known chain: give it in full")
    return target.address
