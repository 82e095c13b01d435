"""The files of one package: the letter, the e-mail, the identifiers, the figure, the machine form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from flowtrace.model import Result
from flowtrace.report.document.editable import typeset_docx
from flowtrace.report.document.typeset import typeset
from flowtrace.report.document.words import footer
from flowtrace.report.freeze.asking import title_of
from flowtrace.report.freeze.figure import figures
from flowtrace.report.freeze.identifiers import identifiers_csv, identifiers_txt
from flowtrace.report.freeze.letter import letter_blocks, letter_texts
from flowtrace.report.freeze.lint import (
    Remark,
    Sending,
    Texts,
    lint_facts,
    lint_sender,
    lint_sending,
    lint_texts,
)
from flowtrace.report.freeze.machine import request_json
from flowtrace.report.freeze.mail import mail, subject
from flowtrace.report.freeze.opening import opening
from flowtrace.report.freeze.request import FreezeRequest, Kind
from flowtrace.report.freeze.workbook import workbook

Made = tuple[dict[str, bytes], list[Remark]]
MANIFEST = "manifest.json"


def package(result: Result, request: FreezeRequest, sending: Sending) -> Made:
    """Return the files of a package to be sent, none where a gate stops it, and what the gates say."""
    remarks = lint_facts(result, request)
    if not remarks:
        remarks = [
            *lint_sender(result, request, subject(result, request)),
            *lint_sending(result, request, sending),
        ]
    if _stopped(remarks):
        return {}, remarks
    return _written(result, request, remarks, sending=sending)


def draft(result: Result, request: FreezeRequest) -> Made:
    """Return the files of a draft: no figure, no manifest; what stands in the way of sending is told."""
    wrong = lint_facts(result, request)
    if wrong:
        return {}, wrong
    held_up = lint_sender(result, request, subject(result, request))
    files, remarks = _written(result, request, held_up, sending=None)
    return files, [one for one in remarks if one not in held_up]


def described(files: Mapping[str, bytes], result: Result) -> dict[str, object]:
    """Return what a manifest says: the SHA-256 of every file, and of which case they are."""
    return {
        "version": result.version,
        "case_digest": result.digest,
        "ledger_digest": result.ledger_digest,
        "as_of": result.as_of,
        "snapshot": dict(result.snapshot),
        "files": {name: {"sha256": _hash(body), "size": len(body)} for name, body in files.items()},
    }


def as_json(parts: Mapping[str, object]) -> bytes:
    """Return an object as the bytes of a file, the same on every run."""
    return f"{json.dumps(parts, sort_keys=True, ensure_ascii=False, indent=1)}\n".encode()


def _written(result: Result, request: FreezeRequest, told: list[Remark], *, sending: Sending | None) -> Made:
    data = {
        **(figures(result, request) if sending else {}),
        "identifiers.xlsx": workbook(result, request),
        "identifiers.csv": identifiers_csv(result, request),
        "identifiers.txt": identifiers_txt(request),
    }
    data["request.json"] = request_json(result, request, _hashes(data), sending=sending, remarks=told)
    name = "notice" if request.kind is Kind.MIXER else "letter"
    letters = [f"{name}.pdf", f"{name}.docx"] if sending else [f"{name}.pdf"]
    top = opening(result, request, sending=sending, held_up=told)
    blocks = [*top, *letter_blocks(result, request, _hashes(data))]
    text = mail(result, request, [*letters, *data], draft=sending is None)
    said = Texts(tuple(letter_texts(blocks)), (*letter_texts(top), text), text)
    remarks = [*told, *lint_texts(request, said)]
    if _stopped(one for one in remarks if one not in told):
        return {}, remarks
    head = {"title": f"{title_of(request)}: {request.id}", "date": result.as_of, "footer": footer(result)}
    files = {f"{name}.pdf": typeset(head, blocks)}
    if sending:
        files[f"{name}.docx"] = typeset_docx(head, blocks)
    files |= {**data, "email.txt": text.encode()}
    if sending:
        parts = {"schema": "flowtrace/freeze-package/1", "request_id": request.id, **described(files, result)}
        files[MANIFEST] = as_json(parts)
    return files, remarks


def _stopped(remarks: Iterable[Remark]) -> bool:
    return any(one.is_error for one in remarks)


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _hash(body) for name, body in files.items()}


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
