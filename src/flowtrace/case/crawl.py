"""Fetching what a trace wants, address by address, until it wants nothing or may not have more.

The crawl decides only what is asked for. What is reported is worked out anew from the evidence, so the order
in which answers came, and how often the crawl was stopped, change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from flowtrace.case.derive import LEFT
from flowtrace.case.pins import PINNED, TOLD, pins_of, told
from flowtrace.case.reach import Reach
from flowtrace.case.turns import Turns
from flowtrace.errors import CrowdedError, FlowtraceError, IncompleteError, KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import (
    Ask,
    Door,
    Pin,
    Provider,
    Rows,
    ask_of,
    block_of,
    freezes,
    providers,
    started_over,
)
from flowtrace.fetch.dialects import dialect
from flowtrace.model import Address, Asset, Chain, Family, Transfer

_ENOUGH = 2  # services that tell a history, where it is to be confirmed
T = TypeVar("T")


class Fetcher:
    """Fetches histories into a case's evidence, from the first source that can tell them.

    Parameters
    ----------
    most
        Most transfers to read of one address.

    Attributes
    ----------
    failed
        Per source, or chain without one, the last error that kept it from telling something.
    crowded
        Addresses that were left for having too many transfers.
    heard
        Told of each address once its history is there, or why it is not.
    stepped
        Called whenever an answer came or a request failed.

    Raises
    ------
    InputError
        If the reach names a source that there is not.
    """

    def __init__(
        self,
        door: Door,
        reach: Reach,
        *,
        most: int,
    ) -> None:
        self.door = door
        self.most = most
        self.reach = reach
        self.heard: Callable[[Address, str], None] = lambda _address, _why: None
        self.stepped: Callable[[], None] = lambda: None
        self.failed: dict[str, FlowtraceError] = {}
        self.crowded: set[Address] = set()
        self._ended = set(told(door.store))
        self._turns = Turns(door.store, reach)
        self._pinning: dict[str, asyncio.Lock] = {}
        self._pins: dict[str, Pin] = {}

    @property
    def store(self) -> EvidenceStore:
        """The evidence that answers are kept in."""
        return self.door.store

    def step(self, *_: object) -> None:
        """Take that something was answered or failed.

        Raises
        ------
        IncompleteError
            If the time of the reach is over.
        """
        self.stepped()
        self.reach.check()

    async def histories(self, addresses: Sequence[Address]) -> dict[Address, Rows | None]:
        """Fetch the histories of addresses side by side; None for one that could not be had.

        Raises
        ------
        IncompleteError
            If a limit of the reach is met. What was under way by then is kept.
        """
        self.reach.check()
        found = await asyncio.gather(*map(self.history, addresses), return_exceptions=True)
        for one in found:
            if isinstance(one, BaseException):
                raise one
        return dict(zip(addresses, (one for one in found if not isinstance(one, BaseException)), strict=True))

    async def history(self, address: Address) -> Rows | None:
        """Fetch one history; None where no source can tell it, or it is too long to be worth reading."""
        if address.chain.family is Family.BANK:  # nobody to ask, so nothing is left: statements are imported
            self.heard(address, str(self._none(address.chain, ())))
            return None
        try:
            rows = await self._told(address)
        except CrowdedError as error:
            self.crowded.add(address)
            why = f"it has {error}"
            self.store.note(LEFT, target=str(address), why=why, crowded=1)
        except (SourceError, KeyRefusedError) as error:
            why = f"no source could tell its history: {error}"
            self.store.note(LEFT, target=str(address), why=why, crowded=0)
        else:
            self.heard(address, "")
            return rows
        self.heard(address, why)
        return None

    async def _told(self, address: Address) -> Rows:
        """Ask the sources of a chain in turn, until one tells the history (two, where it is confirmed)."""
        pin = await self.pin(address.chain)
        rows: list[Rows] = []
        services: set[str] = set()
        errors: list[FlowtraceError] = []
        wanted = _ENOUGH if self.reach.confirm else 1
        for provider in self._turns.of(address.chain, str(address)):
            if provider.service in services:
                continue
            try:
                rows.append(await self._ask(Ask(provider, str(address), pin), most=self.most))
            except CrowdedError:
                raise
            except (SourceError, KeyRefusedError) as error:
                errors.append(self._note(provider, error))
                continue
            services.add(provider.service)
            if len(services) >= wanted:
                break
        if not rows:
            raise self._none(address.chain, errors)
        return _joined(rows)

    async def _ask(self, ask: Ask, *, most: int | None = None, fresh: bool = False) -> Rows:
        """Ask a source, and note that it came to its end: what it was refused on the way is known then."""
        rows = await ask_of(ask, self.door, most=most, fresh=fresh)
        if ask.text not in self._ended:
            self._ended.add(ask.text)
            self.store.note(TOLD, ask=ask.text)
        return rows

    async def _first(
        self,
        chain: Chain,
        target: str,
        ask: Callable[[Provider], Awaitable[T]],
        *,
        able: Callable[[Provider], bool] = lambda _: True,
    ) -> T:
        """Return what the first source says that can be asked."""
        errors = []
        for provider in filter(able, self._turns.of(chain, target)):
            try:
                return await ask(provider)
            except (SourceError, KeyRefusedError) as error:
                errors.append(self._note(provider, error))
        raise self._none(chain, errors)

    def _note(self, provider: Provider, error: FlowtraceError) -> FlowtraceError:
        self.failed[provider.id] = error
        return error

    def _none(self, chain: Chain, errors: Sequence[FlowtraceError]) -> FlowtraceError:
        """Return the error for a question that no source answers."""
        if not errors:
            self.failed[chain.name] = self._turns.lacking(chain)
            return self.failed[chain.name]
        kind = KeyRefusedError if all(isinstance(one, KeyRefusedError) for one in errors) else SourceError
        return kind("; ".join(dict.fromkeys(map(str, errors))))

    async def pin(self, chain: Chain) -> Pin:
        """Return the block up to which this case reads a chain; it is asked for once.

        Raises
        ------
        SourceError, KeyRefusedError
            If no source of the chain can tell it.
        """
        async with self._pinning.setdefault(chain.id, asyncio.Lock()):
            if chain.id in self._pins:
                return self._pins[chain.id]
            pin = None if self.reach.refresh else pins_of(self.store).get(chain.id)
            if pin is None:
                pin = await self._first(chain, "", self._head)
                self.store.note(PINNED, chain=chain.id, height=pin.height, hash=pin.hash, time=pin.time)
            self._pins[chain.id] = pin
            return pin

    async def _head(self, provider: Provider) -> Pin:
        head = partial(dialect(provider.kind).head, provider)
        _, pin = await started_over(head, provider, self.door, fresh=not self.reach.offline)
        return pin

    async def block(self, chain: Chain, height: int) -> str:
        """Ask for the hash of the block at a height, whatever the evidence says.

        Raises
        ------
        SourceError, KeyRefusedError
            If no source of the chain can tell it.
        """

        async def ask(provider: Provider) -> str:
            at = block_of(provider.kind)
            if at is None:
                raise SourceError(f"{provider.id} tells of final blocks only")
            _, name = await started_over(partial(at, provider, height), provider, self.door, fresh=True)
            return name

        return await self._first(chain, "", ask)

    async def transaction(self, chain: Chain, tx: str) -> tuple[Transfer, ...]:
        """Fetch the transfers of one transaction.

        Raises
        ------
        SourceError, KeyRefusedError
            If no source of the chain can tell it.
        """
        return tuple((await self.transaction_rows(chain, tx)).transfers)

    async def transaction_rows(self, chain: Chain, tx: str) -> Rows:
        """Fetch one transaction: its transfers, and what it records beside them.

        Raises
        ------
        SourceError, KeyRefusedError
            If no source of the chain can tell it.
        """
        return await self._first(chain, tx, lambda provider: self._ask(Ask(provider, tx)))

    async def operation(self, protocol: str, chain: Chain, tx: str) -> Rows | None:
        """Ask a bridge's own index what became of a transaction; None where there is none that knows.

        Where the reach names its sources, only an index among them is asked.
        """
        for provider in self._turns.indexes(protocol):
            try:
                return await self._ask(Ask.of_operation(provider, chain, tx))
            except (SourceError, KeyRefusedError) as error:
                self._note(provider, error)
        return None

    async def freezes(self, addresses: Sequence[Address], *, state: bool) -> Rows:
        """Fetch what issuers did to addresses of one chain, or what their contracts say of them.

        Raises
        ------
        SourceError, KeyRefusedError
            If no source of the chain can tell it.
        """
        chain = addresses[0].chain
        pin = await self.pin(chain)

        async def ask(provider: Provider) -> Rows:
            speaks = freezes(provider.kind)
            now = state and speaks is not None and not speaks.OF_PIN and not self.reach.offline
            rows = await self._ask(Ask.of_freezes(provider, addresses, pin, state=state), fresh=now)
            if state and not rows.frozen:
                raise SourceError(f"{provider.id} does not have the state of block {pin.height}")
            return rows

        return await self._first(chain, "", ask, able=lambda one: freezes(one.kind) is not None)

    async def prices(self, wanted: Iterable[tuple[Asset, int]]) -> int:
        """Fetch the price of assets near times; return how many could not be had: there is none for many."""
        asked = sorted(set(wanted), key=lambda one: (str(one[0]), one[1]))
        sources = [p for p in providers() if p.kind == "llama" and p.ready]
        found = await asyncio.gather(*(self._price(sources, asset, time) for asset, time in asked))
        return found.count(False)

    async def _price(self, sources: Sequence[Provider], asset: Asset, time: int) -> bool:
        for provider in sources:
            try:
                await self._ask(Ask.of_price(provider, asset, time))
            except (SourceError, KeyRefusedError) as error:
                self._note(provider, error)
            else:
                return True
        return False


def _joined(told: Iterable[Rows]) -> Rows:
    """Return several tellings of one history as one."""
    joined = Rows()
    for rows in told:
        joined.transfers += rows.transfers
        joined.coverage += rows.coverage
        joined.facts += rows.facts
    return joined


def network_failure(fetcher: Fetcher, hint: str = "") -> FlowtraceError:
    """Return the error for a case of which no source could tell anything; ``hint`` is a sentence on that."""
    errors = list(fetcher.failed.values())
    whys = "; ".join(dict.fromkeys(map(str, errors)))
    what = f"nothing could be fetched: {whys}. {hint}The case is kept: run the same command again"
    if errors and all(isinstance(one, KeyRefusedError) for one in errors):
        return KeyRefusedError(what)
    return IncompleteError(f"{what}, or work on what is held with --offline")


@asynccontextmanager
async def fetching(store: EvidenceStore, reach: Reach, most: int) -> AsyncIterator[Fetcher]:
    """Open the door of a case, and count in ``reach`` what was sent through it."""
    door = Door(store, offline=reach.offline, budget=reach.budget, told=lambda *_: fetcher.step())
    fetcher = Fetcher(door, reach, most=most)
    try:
        async with door:
            yield fetcher
    finally:
        reach.sent += sum(tally.sent for tally in door.tallies.values())
