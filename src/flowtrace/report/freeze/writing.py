"""All packages of a case: drafts as part of its report, or whole packages in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flowtrace.model import Entity, Result
from flowtrace.report.accounted import accounted
from flowtrace.report.control import check_controls
from flowtrace.report.credit import by_entity, fault
from flowtrace.report.freeze.lint import Remark, Sending, check_mode
from flowtrace.report.freeze.machine import SCHEMA, request_schema
from flowtrace.report.freeze.package import MANIFEST, Made, as_json, described, draft, package
from flowtrace.report.freeze.recipients import freeze_requests
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.kept import keep_foreign
from flowtrace.report.placed import beside, swap
from flowtrace.report.subject import is_theft

NOT_WRITTEN = "NOT_WRITTEN.txt"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Package:
    """What was made of one request: its files, or the reasons why there are none; and what to know.

    Attributes
    ----------
    request
        The request; None where none could be made of what reached the recipient.
    files
        The names of its files; none where a gate stopped it.
    """

    folder: str
    entity: Entity
    request: FreezeRequest | None
    files: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def errors(self) -> tuple[Remark, ...]:
        """The reasons why it is not written; none where it is."""
        return () if self.files else tuple(one for one in self.remarks if one.is_error)


def write_drafts(result: Result, folder: Path) -> list[Package]:
    """Write a draft per recipient, from the record alone, marked as a draft.

    A draft does not depend on the day. What stands in the way of sending it is told in it; what is wrong with
    its facts stops it, and is told in `NOT_WRITTEN`.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    InputError
        If the mode is unknown.
    """
    return _write_all(result, folder, lambda request: draft(result, request))


def write_packages(result: Result, folder: Path, sending: Sending, *, progress: Progress) -> list[Package]:
    """Write one whole package per recipient, to be sent; what a gate stops is told in `NOT_WRITTEN`.

    The folder is written beside its place and moved there whole. What a person put or changed in it is moved
    to ``requests-kept`` beside it first.

    Raises
    ------
    IntegrityError
        If the money does not add up, or an amount was changed since the case was worked.
    InputError
        If the mode is unknown.
    """

    def make(request: FreezeRequest) -> Made:
        progress(f"package for {request.folder}")
        return package(result, request, sending)

    check_controls(result)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with beside(folder) as fresh:
        made = _write_all(result, fresh, make)
        if made:
            (fresh / SCHEMA).write_bytes(request_schema())
        (fresh / MANIFEST).write_bytes(_manifest(result, fresh))
        keep_foreign(folder, progress)
        swap(fresh, folder)
    return made


def _write_all(result: Result, folder: Path, make: Callable[[FreezeRequest], Made]) -> list[Package]:
    accounted(result)
    check_mode(result)
    made = [_put(folder, request, make(request)) for request in freeze_requests(result)]
    made += _faulty(result)
    stopped = [one for one in made if one.errors]
    if stopped:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / NOT_WRITTEN).write_bytes(_told(stopped).encode())
    return made


def _faulty(result: Result) -> list[Package]:
    """Return the exchanges about which no request can be made at all."""
    if not is_theft(result.incident):
        return []
    found = ((entity, fault(result, held)) for entity, held in by_entity(result).values())
    return [
        Package(entity.id, entity, None, (), (Remark("3 identifiers or 6 pooled address", why),))
        for entity, why in found
        if why
    ]


def _told(stopped: Iterable[Package]) -> str:
    lines = ["These packages are not written, and why:", ""]
    for one in stopped:
        lines += [one.folder, *(f"  rule {e.rule}: {e.text}" for e in one.errors), ""]
    return "\n".join(lines)


def _manifest(result: Result, folder: Path) -> bytes:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return as_json({"schema": "flowtrace/freeze-packages/1", **described(files, result)})


def _put(folder: Path, request: FreezeRequest, made: Made) -> Package:
    files, remarks = made
    place = folder / request.folder
    for name, body in files.items():
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(body)
    return Package(request.folder, request.entity, request, tuple(files), tuple(remarks))
