"""Into the case: answers that come in files, kept first and read after."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from flowtrace import fetch, files
from flowtrace.case.settings import bundled_cases
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.files import Recording
from flowtrace.files.formats import Found
from flowtrace.model import Answer, Coverage, Evidence, Request, Transfer

Say = Callable[[str], None]
Rows = tuple[list[Transfer], list[Coverage]]
TableAnswer = tuple[str, str, bytes]
"""URL, media and CSV bytes of a table."""
_BUNDLED = {"transfers": files.TRANSFERS_MEDIA, "transfers.coverage": files.COVERAGE_MEDIA}


def keep_recordings(store: EvidenceStore, recordings: Sequence[Recording], say: Say) -> None:
    """Keep each recorded answer, then read it.

    Raises
    ------
    InputError
        If any cannot be read: the first is named. The others are kept all the same, before and after it.
    """
    faults: list[InputError] = []
    for number, recording in enumerate(recordings, start=1):
        say(f"keeping answer {number} of {len(recordings)}")
        try:
            _keep_recording(store, recording)
        except InputError as error:
            faults.append(error)
    if faults:
        more = f" ({len(faults)} of {len(recordings)} recordings cannot be read)" if len(faults) > 1 else ""
        raise InputError(f"{faults[0]}{more}")


def _keep_recording(store: EvidenceStore, recording: Recording) -> None:
    body = recording.body()
    media = fetch.media_of(recording.url)
    request = Request("GET", recording.url)
    held = store.keep(Answer(request, body, recording.fetched_at, recording.source, media))
    read_kept(store, held, partial(recording.check, body))


def keep_tables(store: EvidenceStore, answers: Iterable[TableAnswer], source: str) -> None:
    """Keep transfer and coverage tables, then read them."""
    for url, media, body in answers:
        held = store.keep(Answer(Request("GET", url), body, "", source, media))
        read_kept(store, held)


def keep_files(store: EvidenceStore, found: Iterable[Found], say: Say) -> list[str]:
    """Keep files that other tools export, then read all such files of the case together; say what each is.

    Raises
    ------
    InputError
        If they cannot be read: then those kept now are rejected, and what was held before stays as it was.
    """
    held = {item.number for item in store.items()}
    told = []
    for file in found:
        say(f"keeping {file.told}")
        answer = Answer(Request("GET", file.url), file.body, "", f"imported: {file.told}", file.media)
        if store.keep(answer).number not in held:
            told.append(file.told)
    items = [item for item in store.items() if item.media in files.IMPORTED]
    try:
        files.read_files((item, store.body(item)) for item in items)
    except InputError as error:
        for item in items:
            if item.number not in held:
                store.note("rejected", evidence=item.number, why=str(error))
        raise
    return told


def lay_out(store: EvidenceStore, name: str) -> None:
    """Keep a bundled case's tables as its evidence; a case with evidence of its own is left alone."""
    home = f"flowtrace:cases/{name}"
    held = [item.request.url for item in store.items()]
    if len(held) >= len(_BUNDLED) or not all(url.startswith(home) for url in held):
        return
    folder = bundled_cases()[name]
    answers = (
        (f"{home}/{table}.csv", media, gzip.decompress((folder / f"{table}.csv.gz").read_bytes()))
        for table, media in _BUNDLED.items()
    )
    keep_tables(store, answers, (folder / "SOURCE.txt").read_text(encoding="utf-8").strip())


def read_kept(store: EvidenceStore, item: Evidence, check: Callable[[], None] | None = None) -> Rows:
    """Read a kept answer; one that cannot be read is marked rejected, and the error goes on."""
    body = store.body(item)
    try:
        if check is not None:
            check()
        if item.media in _BUNDLED.values():
            return files.read_table(item.media, body, item.request.url)
        return fetch.read_answer(item, body)
    except InputError as error:
        if not store.readonly:
            store.note("rejected", evidence=item.number, why=str(error))
        raise


def make_folder(folder: Path) -> None:
    """Make the folder of a case.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"no case can be started in {folder}: {error.strerror}") from None


def silent(_: str) -> None:
    """Say nothing."""
