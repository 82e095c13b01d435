"""One folder per recipient: the letter, the identifiers, the machine form."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flowtrace.model import Result
from flowtrace.report.accounted import accounted
from flowtrace.report.document.typeset import typeset
from flowtrace.report.document.words import footer
from flowtrace.report.freeze.letter import letter_blocks, letter_texts
from flowtrace.report.freeze.lint import check_mode, check_request, check_words
from flowtrace.report.freeze.machine import request_json
from flowtrace.report.freeze.request import FreezeRequest, freeze_requests
from flowtrace.report.freeze.workbook import workbook


def write_freeze(result: Result, folder: Path) -> list[Path]:
    """Write one package per exchange into ``folder``; refuse all of them if one fails a gate.

    Raises
    ------
    IntegrityError
        If the money does not add up, an identifier is cut, or a pooled address is asked for.
    InputError
        If the mode is unknown, or a researcher's letter claims an authority.
    """
    accounted(result)
    check_mode(result)
    packages = {request.entity.id: _files(result, request) for request in freeze_requests(result)}
    return [
        _write(folder / entity / name, body)
        for entity, files in packages.items()
        for name, body in files.items()
    ]


def _files(result: Result, request: FreezeRequest) -> dict[str, bytes]:
    check_request(result, request)
    sheet = workbook(result, request)
    machine = request_json(result, request, {"identifiers.xlsx": _sha256(sheet)})
    annexes = {"identifiers.xlsx": _sha256(sheet), "request.json": _sha256(machine)}
    blocks = letter_blocks(result, request, annexes)
    check_words(request, letter_texts(blocks))
    head = {"title": f"{request.wording.title}: {request.id}", "date": result.as_of, "footer": footer(result)}
    return {"letter.pdf": typeset(head, blocks), "identifiers.xlsx": sheet, "request.json": machine}


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _write(path: Path, body: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path
