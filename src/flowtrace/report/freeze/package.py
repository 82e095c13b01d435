"""One folder per recipient: the letter, the e-mail, the identifiers, the machine form."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flowtrace.model import Result
from flowtrace.report.accounted import accounted
from flowtrace.report.document.typeset import typeset
from flowtrace.report.document.words import footer
from flowtrace.report.freeze.identifiers import identifiers_csv, identifiers_txt
from flowtrace.report.freeze.letter import letter_blocks, letter_texts
from flowtrace.report.freeze.lint import check_ask, check_mode, check_request, check_words
from flowtrace.report.freeze.machine import request_json
from flowtrace.report.freeze.mail import mail
from flowtrace.report.freeze.opening import opening
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
    data = {
        "identifiers.xlsx": workbook(result, request),
        "identifiers.csv": identifiers_csv(result, request),
        "identifiers.txt": identifiers_txt(request),
    }
    data["request.json"] = request_json(result, request, _hashes(data))
    blocks = letter_blocks(result, request, _hashes(data))
    text = mail(result, request, ["letter.pdf", *data])
    check_words(request, [*letter_texts(blocks), text])
    check_ask(request, [*letter_texts(opening(result, request)), text])
    head = {"title": f"{request.wording.title}: {request.id}", "date": result.as_of, "footer": footer(result)}
    return {"letter.pdf": typeset(head, blocks), **data, "email.txt": text.encode()}


def _hashes(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}


def _write(path: Path, body: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path
