"""One investigation, one folder: evidence, ledger, and what was reported. Only wiring."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flowtrace import files, labels, report, trace
from flowtrace.case import settings as read
from flowtrace.case.back import origins_of
from flowtrace.case.crawl import Fetcher, fetching, network_failure
from flowtrace.case.derive import kept_ledger
from flowtrace.case.intake import Say, keep_files, keep_recordings, keep_tables, lay_out, make_folder, silent
from flowtrace.case.live import Heard, Watch, follow, unheard
from flowtrace.case.noted import noted_export
from flowtrace.case.quotes import quotes_wanted
from flowtrace.case.reach import Reach
from flowtrace.case.readings import Readings, decide, decisions_of
from flowtrace.case.rewritten import rolled_back
from flowtrace.case.seal import write_seal
from flowtrace.case.standing import planned, unfinished
from flowtrace.case.target import Target
from flowtrace.case.work import Worked, clustered, followed, read_by, told
from flowtrace.errors import InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.labels import LabelBook
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Chain,
    Clustering,
    Decision,
    Explanation,
    Family,
    Finding,
    Origin,
    Result,
    Rule,
)
from flowtrace.report import AccountTable

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from matplotlib.figure import Figure


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
    """

    def __init__(self, folder: Path, say: Say = silent) -> None:
        self.folder = folder
        self.say = say
        self.settings = read.read_settings(folder)

    @classmethod
    def open(cls, name: str | Path, say: Say = silent) -> Case:
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
    def start(cls, folder: Path, incident_id: str, say: Say = silent) -> Case:
        """Start a case in a folder, or open the one that is there.

        Raises
        ------
        InputError
            If the folder cannot be made, or a newer flowtrace wrote the case in it.
        """
        if not (folder / read.FILE).is_file():
            make_folder(folder)
            read.write_settings(folder, incident_id)
        return cls(folder, say)

    @classmethod
    def of_target(cls, target: Target, into: Path, say: Say = silent, *, alone: bool = True) -> Case:
        """Open or start the case about an address or transaction in ``into``.

        An address at which a shipped incident's stolen value arrived takes that incident's facts. With
        ``alone``, a case that is there must be about it.

        Raises
        ------
        InputError
            If the case that is there is about something else.
        """
        if not (into / read.FILE).is_file():
            known = labels.incident_of_seed(target.address) if target.address else None
            make_folder(into)
            read.write_settings(into, known.id if known else "", (target,))
        case = cls(into, say)
        if alone and target not in case.settings.seeds:
            about = ", ".join(seed.text for seed in case.settings.seeds) or "something else"
            raise InputError(f"{into} is a case about {about}, not {target.text}: name another with --case")
        return case

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
    def of_recordings(cls, folder: Path, into: Path, say: Say = silent) -> tuple[Case, int]:
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

    def import_files(self, paths: Sequence[Path], chain: Chain, decimals: Sequence[str] = ()) -> list[str]:
        """Take files that other tools export in as evidence; return what each of the new ones is.

        Parameters
        ----------
        decimals
            ``TOKEN=DECIMALS`` for tokens of which a file states rounded amounts only.
        """
        with self.store() as store:
            told = keep_files(store, files.found_files(paths, chain, decimals), self.say)
            self._changed(store)
        return told

    def _changed(self, store: EvidenceStore) -> int:
        """Forget what was derived from less evidence; return how many answers are held."""
        self._forget()
        return len(store.items())

    async def fetch(
        self, addresses: Sequence[Address], reach: Reach | None = None, heard: Heard = unheard
    ) -> dict[Address, str]:
        """Fetch the histories of addresses into the evidence; return why, for each that could not be had.

        Raises
        ------
        IncompleteError, KeyRefusedError
            If a limit of the reach is met, or nothing at all could be fetched. What was gathered is kept.
        """
        missed: dict[Address, str] = {}
        async with self._fetcher(reach or Reach()) as fetcher:
            watch = Watch(fetcher, heard, missed)
            watch.tell(*await rolled_back(fetcher))
            watch.want(addresses)
            try:
                await fetcher.histories(list(dict.fromkeys(addresses)))
                watch.end()
            finally:
                self._forget()
            if len(missed) == len(set(addresses)) and not fetcher.crowded:
                raise network_failure(fetcher)
        return missed

    async def follow(self, reach: Reach | None = None, heard: Heard = unheard) -> None:
        """Fetch whatever the trace wants, best first, until it wants nothing.

        Raises
        ------
        IncompleteError, KeyRefusedError
            If a limit of the reach is met, or nothing at all could be fetched. What was gathered is kept.
        """
        async with self._fetcher(reach or Reach()) as fetcher:
            try:
                Watch(fetcher, heard).tell(*await rolled_back(fetcher))
                await self._renew(fetcher)
                held = self.ledger if self.holds_evidence else Ledger(())
                await follow(self.folder, held, fetcher, heard=heard)
            finally:
                self._forget()

    async def _renew(self, fetcher: Fetcher) -> None:
        """Where the case is to read on, ask first how far: without that nothing newer can be had."""
        if fetcher.reach.refresh:
            chains = dict.fromkeys(seed.chain for seed in self.settings.seeds)
            for chain in (one for one in chains if one.family is not Family.BANK):
                await fetcher.pin(chain)

    async def quote(self, reach: Reach | None = None) -> int:
        """Fetch the prices that :mod:`flowtrace.case.quotes` wants; return how many are not had."""
        wanted = quotes_wanted(self.settings, self.ledger, self.worked, result=self.result)
        async with self._fetcher(reach or Reach()) as fetcher:
            missed = await fetcher.prices(wanted)
        self._forget()
        return missed

    @asynccontextmanager
    async def _fetcher(self, reach: Reach) -> AsyncIterator[Fetcher]:
        with self.store() as store:
            async with fetching(store, reach, read.most_of(self.settings)) as fetcher:
                yield fetcher

    @property
    def holds_evidence(self) -> bool:
        """Whether the evidence holds any history or answer."""
        with self.store() as store:
            return bool(store.items())

    @property
    def is_live(self) -> bool:
        """Whether the case began at an address or a transaction, and so fetches what its trace wants."""
        return bool(self.settings.seeds)

    @property
    def unfinished(self) -> str:
        """Why the trace did not follow all that it wanted to; empty where it did."""
        return unfinished(self.result, self.ledger, is_live=self.is_live)

    def plan(self, reach: Reach) -> list[str]:
        """Return whom a live case would ask, in which order and how fast, in words."""
        return planned(self.settings, reach)

    def _forget(self) -> None:
        """Forget what was derived from less evidence."""
        for name in ("ledger", "worked", "reading", "result"):
            self.__dict__.pop(name, None)

    @cached_property
    def ledger(self) -> Ledger:
        """All transfers of the evidence, in chain order."""
        with self.store() as store:
            return kept_ledger(store, self.folder / "ledger.duckdb", self.say)

    @cached_property
    def result(self) -> Result:
        """The worked case: a pure function of the evidence."""
        return told(self.folder, self.ledger, self.worked, say=self.say)

    @cached_property
    def worked(self) -> Worked:
        """The case followed to its ends, under no rule yet."""
        return followed(self.folder, self.ledger, self.say, found=self.reading)

    @cached_property
    def reading(self) -> tuple[LabelBook, Readings]:
        """Who is who, and what the heuristics find."""
        return self._read(self.settings)

    def _read(self, settings: read.Settings) -> tuple[LabelBook, Readings]:
        ledger = self.ledger
        with self.store() as store:
            decisions = decisions_of(store)
        return read_by(self.folder, ledger, self.say, decisions=decisions, settings=settings)

    def cluster(self, *, off: Iterable[str] = (), on: Iterable[str] = ()) -> tuple[Clustering, Readings]:
        """Return who is one owner, with what made every union; and all that the heuristics found.

        What was rejected counts no more; what was accepted joins though its rule alone would not.

        Parameters
        ----------
        off, on
            Ids of heuristics to leave out, or to use, beside what the case itself switches.

        Raises
        ------
        InputError
            If no heuristic of such an id is installed.
        """
        if not off and not on:
            book, found = self.reading
        else:
            held = self.settings
            switched = replace(held, off=(held.off - {*on}) | {*off}, on=(held.on - {*off}) | {*on})
            book, found = self._read(switched)
        return clustered(book, found), found

    def decide(self, finding: str, *, accept: bool, who: str, why: str) -> Finding:
        """Accept or reject a finding, by its id or enough of its beginning; return it.

        Raises
        ------
        InputError
            If no finding, or several, have such an id, or no person or reason is given.
        """
        _, found = self.reading
        every, word = (*found.findings, *found.rejected), Decision("", accept, who, why, "")
        with self.store() as store:
            decided = decide(store, finding, among=every, word=word)
        self._forget()
        return decided

    def explain(self, address: Address, rule: Rule | None = None) -> tuple[Explanation, ...]:
        """Return what stolen value came to an address, and by which payments and lots.

        Parameters
        ----------
        rule
            The rule to explain it under; the one that the case's letters state amounts by unless given.

        Raises
        ------
        InputError
            If the rule has no amounts to explain, or was not applied to this case.
        """
        rule = rule or read.stated_rule(self.settings)
        return trace.explain(self.worked.tracer, address, rule, hops=self.result.trace.hops)

    def origin(self, address: Address, rule: Rule | None = None) -> tuple[Origin, ...]:
        """Return where what an address received came from, as far as the case's ledger goes back.

        Parameters
        ----------
        rule
            The rule to divide it by; the one that the case's letters state amounts by unless given.
        """
        return origins_of(self.ledger, self.worked, address, rule=rule or read.stated_rule(self.settings))

    def report(self) -> list[Path]:
        """Write every output into ``out/``, log it, and seal the case."""
        written = report.write_report(self.result, self.out, self.say)
        manifest = hashlib.sha256((self.out / "manifest.json").read_bytes()).hexdigest()
        with self.store() as store:
            store.note("exported", manifest=manifest, digest=self.result.digest)
        write_seal(self.folder)
        return written

    def export(self, names: Sequence[str], into: Path | None = None) -> list[Path]:
        """Write machine formats of the case into a folder, ``exports`` in its own unless given; log it.

        Raises
        ------
        InputError, IntegrityError
            If there is no such format, a file there is somebody else's, or the money does not add up.
        """
        from flowtrace.report.formats import write_formats  # noqa: PLC0415  a trace needs none of them

        written = write_formats(self.result, names, into or self.folder / "exports", say=self.say)
        return noted_export(self.folder, names, written, digest=self.result.digest)

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
