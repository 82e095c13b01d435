"""Fetching what a trace wants, address by address, until it wants nothing or may not have more.

The crawl decides only what is asked for. What is reported is worked out anew from the evidence, so the order
in which answers came, and how often the crawl was stopped, change nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from flowtrace.case.derive import LEFT
from flowtrace.errors import CrowdedError, FlowtraceError, IncompleteError, KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import Ask, Door, Pin, Provider, Rows, ask_of, providers, started_over
from flowtrace.fetch.dialects import dialect
from flowtrace.model import Address, Asset, Chain, Transfer

PINNED = "pinned"
_ENOUGH = 2  # services that tell a history, where it is to be confirmed


@dataclass
class Reach:
    """How far a case may reach out.

    Attributes
    ----------
    requests, seconds
        Most requests that may leave, and longest time to go on asking; None for no limit.
    confirm
        Whether each history is asked of two independent services.
    offline
        Whether nothing may leave.
    services
        The only services to ask, by name; empty for all.
    refresh
        Whether to read on to the chain's newest final block, instead of where the case stopped before.
    """

    requests: int | None = None
    seconds: float | None = None
    confirm: bool = False
    offline: bool = False
    services: tuple[str, ...] = ()
    refresh: bool = False
    _begun: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raise where the time is over."""
        if self.seconds is not None and time.monotonic() - self._begun > self.seconds:
            raise IncompleteError("the time given is over: run the same command again to go on")


class Fetcher:
    """Fetches histories into a case's evidence, from the first source that can tell them.

    Parameters
    ----------
    most
        Most transfers to read of one address.
    heard
        Told of each address once its history is there, or why it is not.
    """

    def __init__(
        self,
        door: Door,
        reach: Reach,
        *,
        most: int,
        heard: Callable[[Address, str], None] = lambda _address, _why: None,
    ) -> None:
        self.door = door
        self.most = most
        self.reach = reach
        self._heard = heard
        self._pinning: dict[str, asyncio.Lock] = {}
        self._pins: dict[str, Pin] = {}
        self.failed: dict[str, str] = {}

    @property
    def store(self) -> EvidenceStore:
        """The evidence that answers are kept in."""
        return self.door.store

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
        try:
            rows = await self._told(address)
        except CrowdedError as error:
            why = f"it has {error}"
            self.store.note(LEFT, target=str(address), why=why, crowded=1)
        except (SourceError, KeyRefusedError) as error:
            why = f"no source could tell its history: {error}"
            self.store.note(LEFT, target=str(address), why=why, crowded=0)
        else:
            self._heard(address, "")
            return rows
        self._heard(address, why)
        return None

    async def _told(self, address: Address) -> Rows:
        """Ask the sources of a chain in turn, until one tells the history (two, where it is confirmed)."""
        whys: list[str] = []
        told: list[Rows] = []
        services: set[str] = set()
        wanted = _ENOUGH if self.reach.confirm else 1
        for provider in self._in_turn(address.chain, str(address)):
            if provider.service in services:
                continue
            try:
                pin = await self.pin(address.chain)
                told.append(await ask_of(Ask(provider, str(address), pin), self.door, most=self.most))
            except CrowdedError:
                raise
            except (SourceError, KeyRefusedError) as error:
                whys.append(str(error))
                self.failed[provider.id] = str(error)
                continue
            services.add(provider.service)
            if len(services) >= wanted:
                break
        if not told:
            raise SourceError("; ".join(dict.fromkeys(whys)) or f"no source of {address.chain.name} is set")
        return _joined(told)

    def _in_turn(self, chain: Chain, target: str) -> list[Provider]:
        """Return the sources to ask: those this case asked before first, so that it goes on where it was."""
        ready = [p for p in providers() if p.chain == chain and p.ready]
        named = [p for p in ready if not self.reach.services or p.service in self.reach.services]
        before = {ask.provider.id for ask in map(Ask.read, self.store.asks()) if ask.target == target}
        return sorted(named, key=lambda provider: provider.id not in before)

    async def pin(self, chain: Chain) -> Pin:
        """Return the block up to which this case reads a chain; it is asked for once."""
        async with self._pinning.setdefault(chain.id, asyncio.Lock()):
            if chain.id in self._pins:
                return self._pins[chain.id]
            held = [entry for entry in self.store.noted(PINNED) if entry["chain"] == chain.id]
            if held and not self.reach.refresh:
                pin = Pin(chain.id, held[-1]["height"], held[-1]["hash"], held[-1]["time"])
            else:
                pin = await self._head(chain)
                self.store.note(PINNED, chain=chain.id, height=pin.height, hash=pin.hash, time=pin.time)
            self._pins[chain.id] = pin
            return pin

    async def _head(self, chain: Chain) -> Pin:
        whys = []
        for provider in self._in_turn(chain, ""):
            head = partial(dialect(provider.kind).head, provider)
            try:
                _, pin = await started_over(head, provider, self.door, fresh=not self.reach.offline)
            except (SourceError, KeyRefusedError) as error:
                whys.append(str(error))
                self.failed[provider.id] = str(error)
            else:
                return pin
        raise SourceError("; ".join(dict.fromkeys(whys)) or f"no source of {chain.name} is set")

    async def transaction(self, chain: Chain, tx: str) -> tuple[Transfer, ...]:
        """Fetch the transfers of one transaction.

        Raises
        ------
        SourceError
            If no source of the chain can tell it.
        """
        whys = []
        for provider in self._in_turn(chain, tx):
            try:
                rows = await ask_of(Ask(provider, tx), self.door)
            except (SourceError, KeyRefusedError) as error:
                whys.append(str(error))
            else:
                return tuple(rows.transfers)
        raise SourceError("; ".join(dict.fromkeys(whys)) or f"no source of {chain.name} is set")

    async def prices(self, wanted: Iterable[tuple[Asset, int]]) -> int:
        """Fetch the price of assets near times; return how many could not be had: there is none for many."""
        asked = sorted(set(wanted), key=lambda one: (str(one[0]), one[1]))
        sources = [p for p in providers() if p.kind == "llama" and p.ready]
        found = await asyncio.gather(*(self._price(sources, asset, time) for asset, time in asked))
        return found.count(False)

    async def _price(self, sources: Sequence[Provider], asset: Asset, time: int) -> bool:
        for provider in sources:
            try:
                await ask_of(Ask.of_price(provider, asset, time), self.door)
            except (SourceError, KeyRefusedError) as error:
                self.failed[provider.id] = str(error)
            else:
                return True
        return False


def _joined(told: Iterable[Rows]) -> Rows:
    """Return several tellings of one history as one."""
    joined = Rows()
    for rows in told:
        joined.transfers += rows.transfers
        joined.coverage += rows.coverage
    return joined


def network_failure(fetcher: Fetcher) -> FlowtraceError:
    """Return the error for a case of which no source could tell anything."""
    hosts = "; ".join(f"{name}: {why}" for name, why in sorted(fetcher.failed.items()))
    return IncompleteError(
        f"nothing could be fetched ({hosts}). The case is kept: run the same command again, or work on what "
        "is held with --offline"
    )
