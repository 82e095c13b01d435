"""Into the case: answers kept first, read after; and read again into a ledger."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from flowtrace import fetch, files
from flowtrace.case.settings import bundled_cases
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.files import Recording
from flowtrace.ledger import Ledger
from flowtrace.model import Answer, Coverage, Evidence, Request, Transfer

Say = Callable[[str], None]
Rows = tuple[list[Transfer], list[Coverage]]
TableAnswer = tuple[str, str, bytes]
"""URL, media and CSV bytes of a table."""
_BUNDLED = {"transfers": files.TRANSFERS_MEDIA, "transfers.coverage": files.COVERAGE_MEDIA}


def keep_recordings(store: EvidenceStore, recordings: Sequence[Recording], say: Say) -> None:
    """Keep each recorded answer, then read it; the first that cannot be read stops the import, named."""
    for number, recording in enumerate(recordings, start=1):
        say(f"keeping answer {number} of {len(recordings)}")
        body = recording.body()
        media = fetch.media_of(recording.url)
        request = Request("GET", recording.url)
        held = store.keep(Answer(request, body, recording.fetched_at, recording.source, media))
        _read(store, held, partial(recording.check, body))


def keep_tables(store: EvidenceStore, answers: Iterable[TableAnswer], source: str) -> None:
    """Keep transfer and coverage tables, then read them."""
    for url, media, body in answers:
        held = store.keep(Answer(Request("GET", url), body, "", source, media))
        _read(store, held)


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


def derive(store: EvidenceStore, say: Say) -> Ledger:
    """Read every kept answer into a ledger, without looking at the derived file.

    Raises
    ------
    InputError
        If there is no evidence.
    """
    transfers: list[Transfer] = []
    coverage: list[Coverage] = []
    witness: dict[str, tuple[int, ...]] = {}
    items = store.items()
    if not items:
        raise InputError(f"{store.path.parent} holds no evidence: import recordings or transfers first")
    for number, item in enumerate(items, start=1):
        say(f"reading answer {number} of {len(items)}")
        found, covered = _read(store, item)
        transfers += found
        coverage += covered
        for transfer in found:
            witness[transfer.id] = (*witness.get(transfer.id, ()), item.number)
    return Ledger(transfers, coverage, witness)


def _read(store: EvidenceStore, item: Evidence, check: Callable[[], None] | None = None) -> Rows:
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
