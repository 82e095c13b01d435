"""Verify a case: re-hash everything kept, rebuild everything derived, compare byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flowtrace import report
from flowtrace.case import seal
from flowtrace.case.case import Case
from flowtrace.case.derive import derive, source_of
from flowtrace.case.diary import outcomes_in
from flowtrace.case.readings import decisions_of
from flowtrace.case.work import work
from flowtrace.errors import FlowtraceError, InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.ledger import Ledger, read_ledger

REPORT = "report"
"""What an export of the custody log was, where it does not say: older flowtraces logged nothing else."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing verified: what, whether it holds, and if not, why; ``unproven`` where neither was shown."""

    item: str
    passed: bool
    why: str = ""
    unproven: bool = False

    @property
    def failed(self) -> bool:
        """Whether it was shown not to hold."""
        return not self.passed and not self.unproven

    @property
    def word(self) -> str:
        """How a person reads it: PASS, FAIL, or OPEN where neither was shown."""
        return "PASS" if self.passed else "FAIL" if self.failed else "OPEN"


def verify(case: Case) -> Iterator[Check]:
    """Check seal, evidence, ledger and every output of a case, and yield each check as it is done.

    The order is: bytes of the sealed files; the custody log and every kept body; the outputs against their
    manifest; then ledger, trace and outputs rebuilt from the evidence alone.
    """
    yield from _sealed(case.folder)
    try:
        with case.store(readonly=True) as store:
            faults = list(store.faults())
            yield from (Check("evidence", passed=False, why=fault) for fault in faults)
            if not faults:
                yield Check(f"evidence: {len(store.items())} answers and the custody log", passed=True)
                yield from _manifest(case.out)
                yield from _rebuilt(case, store)
    except InputError as error:
        if (case.folder / "evidence.sqlite").is_file():
            raise  # of a newer format, or in use: nothing was changed
        yield Check("evidence", passed=False, why=str(error))
    except FlowtraceError as error:
        yield Check("evidence", passed=False, why=str(error))


def standing(case: Case) -> Iterator[Check]:
    """Check, without working it again, that a case stands as it was last reported."""
    yield from _sealed(case.folder)
    yield from _manifest(case.out)
    with case.store(readonly=True) as store:
        yield _exported(case, store)


def _sealed(folder: Path) -> Iterator[Check]:
    for name in ("evidence.sqlite-wal", "evidence.sqlite-journal", "ledger.duckdb.wal"):
        beside = folder / name
        if beside.exists() and beside.stat().st_size:
            yield Check(name, passed=False, why="holds changes beside the sealed file: run flowtrace trace")
    try:
        stated = seal.sealed(json.loads((folder / seal.FILE).read_bytes()))
    except FileNotFoundError:
        yield Check(seal.FILE, passed=False, why="is missing: run flowtrace trace to report the case")
        return
    except ValueError:
        stated = None
    if stated is None:
        yield Check(seal.FILE, passed=False, why="was changed: it is not as it was written")
        return
    for name, found in seal.hashes(folder).items():
        same = stated.get(name) == found
        yield Check(name, same, "" if same else "its bytes differ from when the case was reported")


def _manifest(out: Path) -> Iterator[Check]:
    """Check the outputs against their manifest: none changed, none missing, none slipped in."""
    try:
        stated = {
            name: item["sha256"]
            for name, item in json.loads((out / "manifest.json").read_bytes())["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield Check("out/manifest.json", passed=False, why=f"cannot be read ({type(error).__name__})")
        return
    present = {p.relative_to(out).as_posix(): p for p in sorted(out.rglob("*")) if not _is_room(p)}
    present.pop("manifest.json", None)
    for name in sorted({*stated, *present}):
        why = _differs(present.get(name), str(stated.get(name, "")))
        yield Check(f"out/{name}", not why, why)


def _is_room(path: Path) -> bool:
    """Tell whether a path is a real folder with something in it; links and empty folders are looked at."""
    return path.is_dir() and not path.is_symlink() and any(path.iterdir())


def _differs(path: Path | None, stated: str) -> str:
    if path is None:
        return "is missing"
    if not stated:
        return "is not listed in the manifest"
    if path.is_symlink() or not path.is_file():
        return "is not a plain file"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    return "" if found == stated else f"its SHA-256 is {found[:16]}…, not as in the manifest"


def _exported(case: Case, store: EvidenceStore, digest: str | None = None) -> Check:
    """Check that the custody log's last report is this one, of this case where its digest is given."""
    path = case.out / "manifest.json"
    manifest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    last = _last_report(store)
    same = last.get("manifest") == manifest and digest in (None, last.get("digest"))
    why = (
        ""
        if same
        else "does not name this report: evidence or settings changed after it, run flowtrace trace"
    )
    return Check("last export in the custody log", same, why)


def _last_report(store: EvidenceStore) -> Mapping[str, Any]:
    """Return the log entry of the last report; an empty one where there is none."""
    reports = [entry for entry in store.noted("exported") if entry.get("what", REPORT) == REPORT]
    return reports[-1] if reports else {}


def _rebuilt(case: Case, store: EvidenceStore) -> Iterator[Check]:
    try:
        ledger = derive(store, case.say)
        derived = read_ledger(case.folder / "ledger.duckdb", source_of(store))
        same = derived is not None and (derived.digest, derived.witness) == (ledger.digest, ledger.witness)
        why = "" if same else "ledger.duckdb is not what the evidence gives"
        yield Check("ledger rebuilt from the evidence", same, why)
        yield from worked_again(case, store, ledger)
    except FlowtraceError as error:
        yield Check("rebuilding", passed=False, why=str(error))


def worked_again(case: Case, store: EvidenceStore, ledger: Ledger) -> Iterator[Check]:
    """Work a case again from its ledger, and compare every output byte for byte.

    What the diary of requests says is taken as it stood when the case was reported: a request that was sent
    since then changes no report.

    Raises
    ------
    FlowtraceError
        If it cannot be worked.
    """
    result = work(case.folder, ledger, case.say, decisions=decisions_of(store))
    result = replace(result, outcomes=outcomes_in(case.folder, _last_report(store).get("seq")))
    yield _exported(case, store, result.digest)
    with TemporaryDirectory() as name:
        fresh = Path(name) / "out"
        report.write_report(result, fresh, case.say)
        for path in sorted(p for p in fresh.rglob("*") if p.is_file()):
            inner = path.relative_to(fresh)
            reported = case.out / inner
            same = reported.is_file() and reported.read_bytes() == path.read_bytes()
            why = "" if same else "is not what the evidence gives when worked again"
            yield Check(f"out/{inner.as_posix()} rebuilt", same, why)
