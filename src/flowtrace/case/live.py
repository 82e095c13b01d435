"""A live case: fetch what the trace wants, best first, until it wants nothing or a limit is met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flowtrace import fetch, labels, trace
from flowtrace.case import settings as read
from flowtrace.case.crawl import Fetcher
from flowtrace.case.work import end_of_addresses
from flowtrace.fetch import Rows, Tally
from flowtrace.heuristic import load
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Asset,
    Class,
    Finding,
    Incident,
    Rule,
    StopReason,
    Theft,
    Transfer,
    decimal_text,
)

_ENDS = frozenset({StopReason.DEPOSIT, StopReason.MIXER, StopReason.SERVICE})


@dataclass(frozen=True, slots=True)
class Covered:
    """Of one theft or mark: base units that ended at services so far (pro rata), and all of it."""

    id: str
    asset: Asset
    units: int
    of: int

    @property
    def ended(self) -> str:
        """What ended so far, as exact decimal text."""
        return decimal_text(self.units, self.asset.decimals)

    @property
    def whole(self) -> str:
        """All of it, as exact decimal text."""
        return decimal_text(self.of, self.asset.decimals)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a live case has come.

    Attributes
    ----------
    done, wanted
        Addresses whose history is there, and those that are wanted now.
    sources
        What was asked of each source so far.
    """

    done: int
    wanted: int
    covered: tuple[Covered, ...] = ()
    sources: Mapping[str, Tally] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


Heard = Callable[[Progress], None]


async def follow(folder: Path, ledger: Ledger, fetcher: Fetcher, *, heard: Heard) -> int:
    """Fetch all that the trace of a case wants; return how many histories were asked for.

    ``ledger`` is what the case held before: its addresses are not asked for again. The order is that of the
    tracer, best first by tainted value; histories of one round are fetched side by side and added in the
    order of their addresses, so the same answers give the same crawl.

    Raises
    ------
    IncompleteError
        If a limit is met; all that was gathered is kept.
    """
    crawl = _Crawl(folder, ledger, fetcher, heard=heard)
    await crawl.begin()
    await crawl.on()
    return crawl.asked


class _Crawl:
    def __init__(self, folder: Path, ledger: Ledger, fetcher: Fetcher, *, heard: Heard) -> None:
        self.folder = folder
        self.held = ledger
        self.fetcher = fetcher
        self.heard = heard
        self.asked = 0
        self.settings = read.read_settings(folder)
        self.book = labels.load_labels(sorted(folder.glob("labels/*.yaml")))
        self.heuristics = load()
        self.known: dict[Address, tuple[Transfer, ...]] = {}
        self.found: dict[Address, trace.End] = {}

    async def begin(self) -> None:
        """Fetch the seeds, so that it is known what is to be followed."""
        transfers: list[Transfer] = []
        for seed in self.settings.seeds:
            if seed.address is None:
                transfers += await self.fetcher.transaction(seed.chain, seed.tx)
            else:
                await self._fetch([seed.address])
                transfers += self.known.get(seed.address, ())
        incident = self._incident(transfers)
        await self._fetch(sorted({theft.thief for theft in incident.thefts}))
        policy = read.policy_of(self.settings, incident.thefts)
        self.tracer = trace.Tracer(incident.thefts, end_of_addresses(self.book, ()), policy)

    def _incident(self, transfers: Sequence[Transfer]) -> Incident:
        distinct = {transfer.id: transfer for transfer in transfers}
        return read.incident_of(self.folder, self.settings, Ledger(distinct.values()))

    async def on(self) -> None:
        """Give the tracer what it wants, round by round."""
        while wanted := self.tracer.wanted():
            self.heard(self._progress(len(wanted)))
            await self._fetch(wanted)
            for address in sorted(wanted):
                self._give(address)
        self.heard(self._progress(0))

    async def _fetch(self, addresses: Sequence[Address]) -> None:
        unknown = [address for address in addresses if address not in self.known]
        for address in unknown:
            if any(item.complete for item in self.held.coverage_of(address).values()):
                self.known[address] = tuple(self.held.of(address))
        asked = [address for address in unknown if address not in self.known]
        self.asked += len(asked)
        for address, rows in (await self.fetcher.histories(asked)).items():
            if rows is not None:
                self.known[address] = fetch.reconcile(rows.transfers).transfers
                self._read(address, rows)

    def _read(self, address: Address, rows: Rows) -> None:
        """Look whether an address's own history shows that it is an exchange's deposit address."""
        ledger = Ledger({t.id: t for t in self.known[address]}.values(), rows.coverage)
        findings: list[Finding] = []
        for heuristic in self.heuristics:
            findings += heuristic(ledger, self.book)
        end = end_of_addresses(self.book, findings)(address)
        if end is not None:
            self.found[address] = end

    def _give(self, address: Address) -> None:
        if address in self.found:
            self.tracer.end(address, self.found[address])
        else:
            self.tracer.add(address, self.known.get(address))

    def _progress(self, wanted: int) -> Progress:
        covered = tuple(self._covered(theft) for theft in self.tracer.stated())
        return Progress(
            done=len(self.tracer.followed),
            wanted=wanted,
            covered=covered,
            sources=dict(self.fetcher.door.tallies),
            failed=tuple(sorted(self.fetcher.failed)),
        )

    def _covered(self, theft: Theft) -> Covered:
        flow = self.tracer.flow(theft, Rule.PRO_RATA)
        ends = (a for a, end in self.tracer.ends.items() if end.reason in _ENDS and end.cls is not Class.X)
        return Covered(theft.id, theft.asset, sum(map(flow.resting, ends)), theft.units)
