"""One investigation, one folder: evidence, ledger, and what was reported. Only wiring."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flowtrace import files, labels, report
from flowtrace.case import settings as read
from flowtrace.case.intake import Say, derive, keep_recordings, keep_tables, lay_out
from flowtrace.case.seal import write_seal
from flowtrace.case.work import work
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.ledger import Ledger, read_ledger, write_ledger
from flowtrace.model import Address, Result
from flowtrace.report import AccountTable

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from matplotlib.figure import Figure


def _silent(_: str) -> None:
    """Say nothing."""


class Case:
    """One investigation.

    Parameters
    ----------
    folder
        Where it lives. Open one with :meth:`open`, start one with :meth:`start`.
    say
        Told, in words, what is being done.

    Examples
    --------
    >>> case = Case.open("ronin-2022")          # doctest: +SKIP
    >>> case.frame().head()                     # doctest: +SKIP
    >>> case.figure().savefig("flow.png")       # doctest: +SKIP
    """

    def __init__(self, folder: Path, say: Say = _silent) -> None:
        self.folder = folder
        self.say = say
        self.settings = read.read_settings(folder)

    @classmethod
    def open(cls, name: str | Path, say: Say = _silent) -> Case:
        """Open a case folder; a bundled case that is not there yet is laid out first.

        Raises
        ------
        InputError
            If there is no such case, or a newer flowtrace wrote it.
        """
        folder = Path(name)
        bundled = folder.name in read.bundled_cases()
        if bundled and not (folder / read.FILE).is_file():
            cls.start(folder, folder.name)
        case = cls(folder, say)
        if bundled:
            with case.store() as store:
                lay_out(store, folder.name)
        return case

    @classmethod
    def start(cls, folder: Path, incident_id: str, say: Say = _silent) -> Case:
        """Start a case in a folder, or open the one that is there.

        Raises
        ------
        InputError
            If the folder cannot be made, or a newer flowtrace wrote the case in it.
        """
        if not (folder / read.FILE).is_file():
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"no case can be started in {folder}: {error.strerror}") from None
            read.write_settings(folder, incident_id)
        return cls(folder, say)

    @property
    def out(self) -> Path:
        """Where results are written."""
        return self.folder / "out"

    def store(self, *, readonly: bool = False) -> EvidenceStore:
        """Open the evidence; use it as a context manager."""
        return EvidenceStore(self.folder / "evidence.sqlite", readonly=readonly)

    def import_recordings(self, folder: Path) -> int:
        """Take a folder of recorded answers in as evidence; return how many answers the case now holds.

        Each answer is kept before it is read. One that cannot be read is marked rejected, and named; those
        before it stay.
        """
        _, recordings = files.read_recordings(folder)
        with self.store() as store:
            keep_recordings(store, recordings, self.say)
            return self._changed(store)

    @classmethod
    def of_recordings(cls, folder: Path, into: Path, say: Say = _silent) -> tuple[Case, int]:
        """Open or start the case in ``into`` and import recordings; return it and the answers it holds.

        A new case takes the shipped incident whose seed the recordings' manifest names, if there is one.
        """
        seed, _ = files.read_recordings(folder)
        known = labels.incident_of_seed(Address.parse("ethereum", seed)) if seed else None
        case = cls.start(into, known.id if known else "", say)
        return case, case.import_recordings(folder)

    def import_transfers(self, file: Path) -> int:
        """Take a transfer table in as evidence; return how many answers the case now holds."""
        answers = [(f"file:{file.name}#{media}", media, body) for media, body in files.table_answers(file)]
        with self.store() as store:
            keep_tables(store, answers, f"imported from {file.name}")
            return self._changed(store)

    def _changed(self, store: EvidenceStore) -> int:
        """Forget what was derived from less evidence; return how many answers are held."""
        self.__dict__.pop("ledger", None)
        self.__dict__.pop("result", None)
        return len(store.items())

    @cached_property
    def ledger(self) -> Ledger:
        """All transfers of the evidence, in chain order."""
        with self.store() as store:
            source = store.digest
            held = read_ledger(self.folder / "ledger.duckdb", source)
            if held is not None:
                return held
            ledger = derive(store, self.say)
        write_ledger(ledger, self.folder / "ledger.duckdb", source)
        return ledger

    @cached_property
    def result(self) -> Result:
        """The worked case: a pure function of the evidence."""
        return work(self.folder, self.ledger, self.say)

    def report(self) -> list[Path]:
        """Write every output into ``out/``, log it, and seal the case."""
        written = report.write_report(self.result, self.out, self.say)
        manifest = hashlib.sha256((self.out / "manifest.json").read_bytes()).hexdigest()
        with self.store() as store:
            store.note("exported", manifest=manifest, digest=self.result.digest)
        write_seal(self.folder)
        return written

    def account(self) -> tuple[AccountTable, ...]:
        """Return where the money went, one short table per theft, for a terminal."""
        return report.account_tables(self.result)

    def frame(self) -> pd.DataFrame:
        """Return the ledger as a pandas DataFrame, one row per transfer."""
        return self.ledger.frame()

    def graph(self) -> nx.MultiDiGraph[str]:
        """Return the trace as a networkx MultiDiGraph: addresses, and one edge per hop."""
        return report.flow_graph(self.result)

    def figure(self) -> Figure:
        """Return the flow diagram as a matplotlib Figure."""
        return report.figure(self.result)
