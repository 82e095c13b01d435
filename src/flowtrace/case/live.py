"""A live case: fetch what the trace wants, best first, until it wants nothing or a limit is met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from flowtrace import fetch, trace
from flowtrace.case import settings as read
from flowtrace.case.crawl import Fetcher, network_failure
from flowtrace.case.crossed import registry_of, with_bridges
from flowtrace.case.far import FarSide
from flowtrace.case.pins import standing
from flowtrace.case.readings import used
from flowtrace.case.target import Target
from flowtrace.case.work import book_of, end_of_addresses
from flowtrace.errors import IncompleteError, KeyRefusedError, SourceError
from flowtrace.fetch import Tally
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Asset,
    Class,
    Coverage,
    Family,
    Finding,
    Incident,
    Rule,
    StopReason,
    Theft,
    Transfer,
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
        return self.asset.written(self.units)

    @property
    def whole(self) -> str:
        """All of it, as exact decimal text."""
        return self.asset.written(self.of)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a live case has come.

    Attributes
    ----------
    done, wanted
        Addresses whose history is there, and those that are wanted now.
    sources
        What was asked of each source so far.
    said
        What a person should be told besides, once.
    ended
        Whether nothing more is wanted.
    """

    done: int
    wanted: int
    covered: tuple[Covered, ...] = ()
    sources: Mapping[str, Tally] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    ended: bool = False


Heard = Callable[[Progress], None]


def unheard(*_: object) -> None:
    """Hear nothing."""


async def follow(folder: Path, ledger: Ledger, fetcher: Fetcher, *, heard: Heard) -> int:
    """Fetch all that the trace of a case wants; return how many histories were asked for.

    ``ledger`` is what the case held before: what it has of an address up to the pin is not asked for again.
    The order is that of the tracer, best first by tainted value; histories of one round are fetched side by
    side and added in the order of their addresses, so the same answers give the same crawl.

    Raises
    ------
    IncompleteError
        If a limit is met; all that was gathered is kept.
    """
    crawl = _Crawl(folder, ledger, fetcher, heard=heard)
    await crawl.begin()
    await crawl.on()
    return crawl.asked


class Watch:
    """Tells how far the fetching of addresses has come, whenever something comes or goes.

    ``missed`` is filled with why, for each address whose history could not be had.
    """

    def __init__(self, fetcher: Fetcher, heard: Heard, missed: dict[Address, str] | None = None) -> None:
        self._fetcher = fetcher
        self._heard = heard
        self._missed = {} if missed is None else missed
        self._wanted: set[Address] = set()
        self._last = Progress(0, 0)
        fetcher.heard, fetcher.stepped = self._read, self.tell

    def want(self, addresses: Iterable[Address], covered: Sequence[Covered] | None = None) -> None:
        """Take that these addresses are wanted now, and what of the value ended at services so far."""
        self._wanted = set(addresses)
        if covered is not None:
            self._last = replace(self._last, covered=tuple(covered))
        self.tell()

    def held(self, address: Address) -> None:
        """Take that an address's history is there."""
        self._wanted.discard(address)
        self._last = replace(self._last, done=self._last.done + 1)

    def end(self, covered: Sequence[Covered] = ()) -> None:
        """Take that nothing more is wanted."""
        self._last = replace(self._last, ended=True)
        self.want((), covered)

    def tell(self, *said: str) -> None:
        """Tell how far it has come; with something said, that too."""
        failed, tallies = tuple(sorted(self._fetcher.failed)), self._fetcher.door.tallies
        now = replace(self._last, wanted=len(self._wanted), sources=dict(tallies), failed=failed)
        self._heard(replace(now, said=said))

    def _read(self, address: Address, why: str) -> None:
        if why:
            self._missed[address] = why
            self._wanted.discard(address)
        else:
            self.held(address)
        self.tell()


class _Crawl:
    def __init__(self, folder: Path, ledger: Ledger, fetcher: Fetcher, *, heard: Heard) -> None:
        self.folder = folder
        self.held = ledger
        self.fetcher = fetcher
        self.watch = Watch(fetcher, heard)
        self.asked = 0
        self.settings = read.read_settings(folder)
        self.book = book_of(folder)
        self.heuristics = tuple(one for one in used(self.settings) if one.card.ends)
        self.before = {ask.target for ask in standing(fetcher.store) if ask.pin is not None}
        self.known: dict[Address, tuple[Transfer, ...]] = {}
        self.found: dict[Address, trace.End] = {}
        ends = end_of_addresses(self.book, ())
        self.far = FarSide(registry_of(folder), ledger, lambda address: ends(address) is not None)

    async def begin(self) -> None:
        """Fetch the seeds, so that it is known what is to be followed."""
        transfers: list[Transfer] = []
        for seed in self.settings.seeds:
            if seed.address is None:
                transfers += await self._transaction(seed)
            else:
                await self._fetch([seed.address])
                transfers += self.known.get(seed.address, ())
        self._require_seeds()
        incident = self._incident(transfers)
        await self._fetch(sorted({theft.thief for theft in incident.thefts}))
        policy = read.policy_of(self.settings, incident.thefts, self.held.openings)
        self.tracer = trace.Tracer(incident.thefts, self._end_of, policy)

    async def _transaction(self, seed: Target) -> tuple[Transfer, ...]:
        held = tuple(self.held.transaction(seed.chain.id, seed.tx))
        if held and seed.chain.family is Family.BANK:
            return held
        try:
            return await self.fetcher.transaction(seed.chain, seed.tx)
        except (SourceError, KeyRefusedError):
            other = f"If it is of another chain than {seed.chain.name}, name that with --chain. "
            raise network_failure(self.fetcher, other) from None

    def _require_seeds(self) -> None:
        """Say why, where nothing is known of any address the case begins at: there is nothing to follow.

        Raises
        ------
        IncompleteError, KeyRefusedError
            If so.
        """
        seeds = [seed.address for seed in self.settings.seeds]
        if not seeds or any(seed is None or seed in self.known for seed in seeds):
            return
        for seed in self.fetcher.crowded.intersection(seeds):
            what = f"{seed.display} has more than {self.fetcher.most} transfers, so it is not followed"
            raise IncompleteError(f"{what}: begin at a transaction, or set policy.most higher in {read.FILE}")
        raise network_failure(self.fetcher)

    def _incident(self, transfers: Sequence[Transfer]) -> Incident:
        distinct = {transfer.id: transfer for transfer in transfers}
        return read.incident_of(self.folder, self.settings, Ledger(distinct.values()))

    async def on(self) -> None:
        """Give the tracer what it wants, round by round, and look for what left for other ledgers."""
        while wanted := self.tracer.wanted():
            self.watch.want(wanted, self._covered())
            await self._fetch(wanted)
            for address in sorted(wanted):
                self._give(address)
            await self._cross()
        self.watch.end(self._covered())

    def _end_of(self, address: Address) -> trace.End | None:
        return with_bridges(end_of_addresses(self.book, ()), self.far.known, lambda _: None)(address)

    async def _cross(self) -> None:
        """Ask for the other side of what bridges took, and let the tracer follow what came."""
        self.asked += await self.far.look(self.fetcher)
        if self.far.known.links != self.tracer.links:
            self.tracer.link(self.far.known.links, self.far.transfers())

    async def _fetch(self, addresses: Sequence[Address]) -> None:
        unknown = [address for address in addresses if address not in self.known]
        self.watch.want(unknown)
        for address in unknown:
            if await self._is_held(address):
                self.known[address] = tuple(self.held.of(address))
                self.far.take(self.known[address], ())
                self._read(address, self.held.coverage_of(address).values())
                self.watch.held(address)
        asked = [address for address in unknown if address not in self.known]
        self.asked += len(asked)
        for address, rows in (await self.fetcher.histories(asked)).items():
            if rows is not None:
                self.known[address] = fetch.reconcile(rows.transfers).transfers
                self.far.take(self.known[address], rows.facts)
                self._read(address, rows.coverage)

    async def _is_held(self, address: Address) -> bool:
        """Tell whether the case holds all of an address that it is to have.

        What came from files counts for what it is; what was fetched must reach as far as the case is read
        now. Where two services are to tell it, the sources are asked, and the evidence answers for them.
        """
        if address.chain.family is Family.BANK:
            return bool(self.held.coverage_of(address) or self.held.outgoing(address))
        whole = [item for item in self.held.coverage_of(address).values() if item.complete]
        if not whole or self.fetcher.reach.confirm:
            return False
        if str(address) not in self.before and not self.fetcher.reach.refresh:
            return True
        try:
            pin = await self.fetcher.pin(address.chain)
        except (SourceError, KeyRefusedError):
            return False  # whoever is asked for the history says why
        return any(item.last >= pin.height for item in whole)

    def _read(self, address: Address, coverage: Iterable[Coverage]) -> None:
        """Look whether an address's own history shows that it is an exchange's deposit address."""
        ledger = Ledger({t.id: t for t in self.known[address]}.values(), coverage)
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

    def _covered(self) -> list[Covered]:
        """Return what ended at services so far of each theft or mark."""
        return [self._ended(theft) for theft in self.tracer.stated()]

    def _ended(self, theft: Theft) -> Covered:
        flow = self.tracer.flow(theft, Rule.PRO_RATA)
        ends = (a for a, end in self.tracer.ends.items() if end.reason in _ENDS and end.cls is not Class.X)
        return Covered(theft.id, theft.asset, sum(map(flow.resting, ends)), theft.units)
