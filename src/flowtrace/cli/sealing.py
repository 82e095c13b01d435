"""The verbs pack, verify, stamp and custody: a case as something that a stranger can check."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowtrace.cli.options import CaseName, Json, Quiet
from flowtrace.cli.progress import told
from flowtrace.cli.text import one_line
from flowtrace.errors import InputError, IntegrityError

if TYPE_CHECKING:
    from flowtrace.case import Check

Bundle = Annotated[str, typer.Argument(metavar="BUNDLE", help="A bundle that flowtrace pack made.")]
Roots = Annotated[
    list[Path] | None,
    typer.Option("--tsa-root", help="A root certificate (PEM) to check a stamp against; may be repeated."),
]


def pack(
    case: CaseName,
    out: Annotated[
        str, typer.Option("--out", help="The file to write; by default CASE.zip beside CASE.")
    ] = "",
    stamp: Annotated[
        str,
        typer.Option("--stamp", help="Have a time-stamping authority at this URL stamp it: sends a hash."),
    ] = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Pack a reported case into one zip that anyone can verify: the same case gives the same bytes."""
    from flowtrace.case import Case, bundle  # noqa: PLC0415  --help must not pay it

    with told(quiet=quiet or as_json) as say:
        opened = Case(Path(case), say)
        target = Path(out) if out else bundle.bundle_of(opened)
        if stamp:
            from flowtrace.case.bundle.stamp import require  # noqa: PLC0415  the same

            require()
        packed = bundle.pack(opened, target, bundle.Authority(stamp, opened.folder) if stamp else None)
    if as_json:
        rows = {"bundle": packed.path.as_posix(), "size": packed.size, "files": packed.files}
        rows |= {"manifest": packed.manifest, "stamped": packed.stamped}
        typer.echo(json.dumps(rows, indent=1))
        return
    typer.echo(one_line(packed.path.as_posix()))
    if not quiet:
        how = ", stamped" if packed.stamped else ""
        words = f"{packed.files} files, {packed.size} bytes{how}; SHA-256 of its manifest: {packed.manifest}"
        typer.echo(f"{words}\nCheck it anywhere: flowtrace verify {one_line(str(packed.path))}", err=True)


def verify(
    case: Annotated[str, typer.Argument(metavar="CASE|BUNDLE", help="A case folder, or a bundle of one.")],
    tsa_root: Roots = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Re-hash a case or a bundle, rebuild every result, and compare; exit code 5 if anything differs."""
    from flowtrace import case as cases  # noqa: PLC0415
    from flowtrace.case import bundle  # noqa: PLC0415

    path, roots = Path(case), [_read(root) for root in tsa_root or ()]
    with told(quiet=quiet or as_json) as say:
        if path.is_file():
            checks = list(bundle.verify_bundle(path, say, roots))
        elif roots:
            raise InputError(f"{case} is no bundle: only a bundle holds a stamp to check (flowtrace pack)")
        else:
            checks = list(cases.verify(cases.Case(path, say)))
    _print(checks, as_json=as_json, quiet=quiet)
    failed = [check for check in checks if check.failed]
    if failed:
        raise IntegrityError(
            f"{len(failed)} of {len(checks)} checks failed, first: {failed[0].item} {failed[0].why}"
        )


def _print(checks: Sequence[Check], *, as_json: bool, quiet: bool) -> None:
    if as_json:
        rows = [{"item": c.item, "passed": c.passed, "state": c.word, "why": c.why} for c in checks]
        typer.echo(json.dumps(rows, indent=1))
        return
    for check in checks:
        if not (check.passed and quiet):
            typer.echo(one_line(f"{check.word}  {check.item}  {check.why}".rstrip()))


def stamp(
    bundle: Bundle,
    url: Annotated[str, typer.Argument(metavar="[URL]", help="The authority to ask; a hash is sent.")] = "",
    request: Annotated[
        str, typer.Option("--request", help="Without a network: write (or, with --response, read) the .tsq.")
    ] = "",
    response: Annotated[str, typer.Option("--response", help="Take in the authority's answer, a .tsr.")] = "",
    out: Annotated[str, typer.Option("--out", help="Write the stamped bundle here, not in its place.")] = "",
) -> None:
    """Have a time-stamping authority (RFC 3161) stamp a bundle, at once or by way of another machine."""
    from flowtrace.case import bundle as bundles  # noqa: PLC0415  --help must not pay it
    from flowtrace.case.bundle.taking import manifest_of  # noqa: PLC0415  the same

    path = Path(bundle)
    if bool(url) == bool(request or response):
        raise InputError("name an authority's URL, or --request FILE to carry there, or --response FILE")
    if request and not response:
        bundles.write_request(path, Path(request))
        typer.echo(one_line(request))
        typer.echo("Send it to an authority, then: flowtrace stamp BUNDLE --response FILE", err=True)
        return
    token = _read(Path(response)) if response else bundles.stamped_by(url, manifest_of(path))
    asked = _read(Path(request)) if request else b""
    target = Path(out) if out else path
    when = bundles.stamp_taken(path, target, token, request=asked)
    typer.echo(one_line(target.as_posix()))
    typer.echo(f"Stamped at {when}, by the authority's own word; verify checks it: --tsa-root PEM", err=True)


def custody(case: CaseName, as_json: Json = False) -> None:
    """Print what was done with a case's evidence, when, and each entry's hash; code 5 if one is wrong."""
    from flowtrace.case.custody import told_of  # noqa: PLC0415  --help must not pay it

    entries, faults = told_of(Path(case))
    if as_json:
        rows: list[dict[str, Any]] = [{**one.entry, "hash": one.hash} for one in entries]
        typer.echo(json.dumps(rows, indent=1))
    else:
        _print_lines(
            f"{one.number:>5}  {one.at}  {one.event:<9} {one.hash[:12]}  {one.words}" for one in entries
        )
    if faults:
        raise IntegrityError(faults[0])


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(one_line(line))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path}: cannot be read ({fault.strerror}): check the path") from None
