"""What is asked of a source, as a record that stands in the custody log, and running it.

An ask holds all that decides which requests it makes. Run again over the evidence it makes the same requests,
finds their answers, and reads the same rows: so a case needs no network to be worked again, and a killed one
goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import (
    CrowdedError,
    FlowtraceError,
    IncompleteError,
    KeyRefusedError,
    ReorgError,
    SourceError,
    UnreadableError,
)
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.dialects import dialect, freezes, index, prices
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.provider import NO_CHAIN, Provider
from flowtrace.fetch.source import WHOLE, Asking, Batch, Pin, Quote, R, Rows, Together, drive, resumed
from flowtrace.model import EURO, Address, Answer, Asset, Chain, Coverage, Price, Request

_STARTS = 3  # how often an ask starts over for one request that is not answered well, or a rewritten chain
_DEEPER = 32  # how often it starts over because a chain turns out to be rewritten from further below
_AROUND = 8  # answers before a bad one that are put aside with it, when it alone was not to blame
FREEZES = "issuers' freezes"
"""Begins the target of an ask for them, and stands in no other ask's text."""
_ACTS, _STATES = f"{FREEZES}: acts", f"{FREEZES}: states"
INDEX = "index"
"""The kind of a provider that says what became of a transaction that a bridge took."""
_REWRITTEN, _DEEP = "a rewritten chain", "a chain rewritten from further below"  # beside ids of requests


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the history of an address up to a pin, a transaction, a price, or issuers' freezes.

    ``target`` is the address, or the transaction's hash where ``pin`` is None. Of a price, and of freezes, it
    is JSON: see :meth:`of_price` and :meth:`of_freezes`.
    """

    provider: Provider
    target: str
    pin: Pin | None = None

    @property
    def text(self) -> str:
        """The ask as the custody log holds it."""
        named = ("id", "service", "kind", "url", "page", "window", "depth")
        asked = {name: getattr(self.provider, name) for name in named}
        asked |= {"chain": self.provider.chain.id, "options": dict(self.provider.options)}
        pin = None if self.pin is None else [self.pin.height, self.pin.hash, self.pin.time]
        return json.dumps({"of": asked, "target": self.target, "pin": pin}, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Ask:
        """Read an ask from the custody log; its provider can be replayed, not asked again."""
        found: Mapping[str, Any] = json.loads(text)
        name = found["of"]["chain"]
        chain = NO_CHAIN if name == NO_CHAIN.id else Chain.of(name)
        provider = Provider(**{**_REPLAYED, **found["of"], "chain": chain})
        pin = None if found["pin"] is None else Pin(chain.id, *found["pin"])
        return cls(provider, found["target"], pin)

    @classmethod
    def of_price(cls, provider: Provider, asset: Asset, time: int) -> Ask:
        """Return the ask for the price of an asset near a time, in unix seconds."""
        return cls(provider, json.dumps([str(asset), asset.symbol, asset.decimals, time]))

    @classmethod
    def of_freezes(cls, provider: Provider, addresses: Sequence[Address], pin: Pin, *, state: bool) -> Ask:
        """Return the ask for issuers' freezes of addresses: what contracts say of them, or what was done."""
        return cls(provider, json.dumps([_STATES if state else _ACTS, *sorted(map(str, addresses))]), pin)

    @property
    def is_of_freezes(self) -> bool:
        """Whether it asks for issuers' freezes."""
        return self.pin is not None and self.target.startswith(f'["{FREEZES}')

    @property
    def of_acts(self) -> tuple[Address, ...]:
        """The addresses of which it asks what issuers did to them; none where it asks something else."""
        what, *named = json.loads(self.target) if self.is_of_freezes else ("",)
        return tuple(map(Address.of, named)) if what == _ACTS else ()

    @classmethod
    def of_operation(cls, provider: Provider, chain: Chain, tx: str) -> Ask:
        """Return the ask for what a protocol's index says of a transaction."""
        return cls(provider, json.dumps([chain.id, tx]))

    def asking(self) -> Asking[tuple[Coverage, ...]]:
        """Return the generator that asks it; one that asks a price yields it."""
        if self.provider.kind == INDEX:
            named, tx = json.loads(self.target)
            return _uncovered(index(INDEX).operation(self.provider, Chain.of(named), tx))
        if self.provider.chain == NO_CHAIN:
            caip19, symbol, decimals, time = json.loads(self.target)
            asset = EURO if caip19 == str(EURO) else Asset.of(caip19, symbol, decimals)
            return _quoted(prices(self.provider.kind).price(self.provider, asset, time))
        if self.pin is not None and self.is_of_freezes:
            return _uncovered(self._of_freezes(self.pin))
        speaks = dialect(self.provider.kind)
        if self.pin is None:
            return _uncovered(speaks.transaction(self.provider, self.target))
        return speaks.history(self.provider, Address.of(self.target), self.pin)

    def _of_freezes(self, pin: Pin) -> Asking[None]:
        what, *named = json.loads(self.target)
        speaks = freezes(self.provider.kind)
        if speaks is None:
            raise SourceError(f"{self.provider.id} cannot tell of issuers' freezes")
        ask = speaks.states if what == _STATES else speaks.freezes
        return ask(self.provider, list(map(Address.of, named)), pin)


_REPLAYED: Mapping[str, Any] = {
    "key": None, "needs_key": False, "requests": 1, "seconds": 1.0, "concurrent": 1, "verified_on": "",
    "source": "",
}  # fmt: skip


def _quoted(asking: Asking[Price]) -> Asking[tuple[Coverage, ...]]:
    found = yield from asking
    yield Quote(found)
    return ()


def _uncovered(asking: Asking[None]) -> Asking[tuple[Coverage, ...]]:
    yield from asking
    return ()


async def ask_of(ask: Ask, door: Door, *, most: int | None = None, fresh: bool = False) -> Rows:
    """Ask a source, through the door, and return what it told.

    Parameters
    ----------
    most
        How many transfers to read before the history is left; None for all of them.
    fresh
        Whether to ask anew what the evidence answers: the question is of the moment it is asked.

    Raises
    ------
    CrowdedError
        If there are more transfers than that.
    SourceError, KeyRefusedError
        If the source cannot answer.
    IncompleteError
        If the door's budget is spent.
    """
    if ask.text not in door.store.asks():
        door.store.note("asked", ask=ask.text)
    rows, coverage = await started_over(ask.asking, ask.provider, door, most=most, fresh=fresh)
    rows.coverage += coverage
    return rows


async def started_over(
    make: Callable[[], Asking[R]],
    provider: Provider,
    door: Door,
    *,
    most: int | None = None,
    fresh: bool = False,
) -> tuple[Rows, R]:
    """Run an asking; where an answer proves no good, put it aside and start over.

    What was answered well is taken from the evidence then, so only the rest is asked again. An answer that
    cannot be read the second time may contradict one before it that was wrong: then those are asked for too.
    Where a chain was rewritten, the first block that differs need not be the lowest: it is rolled back again,
    lower each time, until what is left is of one chain.
    """
    failed: Counter[str] = Counter()
    lowest = -1
    while True:
        run = _Run(provider, door, most, fresh)
        try:
            return run.rows, await run.of(make())
        except UnreadableError as error:
            last: SourceError = error
            cause = run.seen[error.answer].request if error.answer in run.seen else ""
            run.put_aside(error, around=_AROUND if failed[cause] else 0)
        except ReorgError as error:
            last, cause = error, _DEEP if error.height < lowest else _REWRITTEN
            lowest = error.height
            run.roll_back(error)
        failed[cause] += 1
        if failed[cause] == (_DEEPER if cause is _DEEP else _STARTS):
            raise SourceError(f"{provider.id} failed {failed[cause]} times in a row: {last}")


@dataclass(frozen=True, slots=True)
class _Seen:
    """An answer that was seen: to which request, and the numbers of all that its asking saw, in order."""

    request: str
    trail: list[int]


@dataclass
class _Run:
    """One run of an asking over a door."""

    provider: Provider
    door: Door
    most: int | None = None
    fresh: bool = False
    rows: Rows = field(default_factory=Rows)
    seen: dict[int, _Seen] = field(default_factory=dict)

    async def of(self, asking: Asking[R]) -> R:
        sent: object = None
        error: FlowtraceError | None = None
        trail: list[int] = []
        while True:
            try:
                step = resumed(asking, sent, error)
            except StopIteration as end:
                found: R = end.value
                return found
            sent, error = None, None
            try:
                if isinstance(step, Batch):
                    self._take(step)
                elif isinstance(step, Quote):
                    self.rows.prices.append(step.price)
                elif isinstance(step, Together):
                    sent = await self._together(step)
                else:
                    sent = await self._answer(step, trail)
            except WHOLE:
                raise
            except (SourceError, KeyRefusedError) as refusal:
                error = refusal  # the source may know another way

    def _take(self, batch: Batch) -> None:
        self.rows.take(batch, self.provider.chain.id)
        if self.most is not None and len(self.rows.transfers) > self.most:
            raise CrowdedError(f"more than {self.most} transfers: it was not read further")

    async def _answer(self, request: Request, trail: list[int]) -> Answer:
        answer = await self.door.ask(request, self.provider, fresh=self.fresh)
        trail.append(answer.number)
        self.seen[answer.number] = _Seen(request.id, trail)
        return answer

    async def _together(self, step: Together) -> tuple[object, ...]:
        """Let all of them end, so that what was under way is kept; then raise what the first one raised.

        What ends the whole asking comes before what it may get round.
        """
        waiting: list[Awaitable[object]] = [self.of(one) for one in step.askings]
        found = await asyncio.gather(*waiting, return_exceptions=True)
        raised = [one for one in found if isinstance(one, BaseException)]
        mild = (SourceError, KeyRefusedError)
        for error in sorted(raised, key=lambda e: isinstance(e, mild) and not isinstance(e, WHOLE)):
            raise error
        return tuple(found)

    def put_aside(self, error: UnreadableError, *, around: int) -> None:
        """Put aside an answer that is no good, and so many that the same asking saw before it."""
        numbers = self.seen[error.answer].trail if error.answer in self.seen else []
        place = numbers.index(error.answer) if numbers else 0
        for number in dict.fromkeys((*numbers[max(0, place - around) : place], error.answer)):
            self.door.store.note("rejected", evidence=number, why=str(error))

    def roll_back(self, error: ReorgError) -> None:
        """Put aside every answer that does not lie wholly below the rewritten blocks."""
        for number in self.seen:
            top = self.rows.answers.get(number, error.height)
            if top < 0 or top >= error.height:
                self.door.store.note("rejected", evidence=number, why=str(error))


def replay(ask: Ask, store: EvidenceStore, *, ended: bool = True) -> Rows:
    """Ask again over the evidence alone.

    Parameters
    ----------
    ended
        Whether the ask came to its end when it was asked. Then an answer that is lacking was refused, and the
        source may get round it as it did then; else nobody knows what it would have been.

    Raises
    ------
    SourceError
        If the evidence lacks an answer; the message names the request.
    IncompleteError
        The same, of an ask that did not come to its end.
    """
    rows = Rows()
    lacking = SourceError if ended else IncompleteError

    def answer_of(request: Request) -> Answer:
        held = store.held(request)
        if held is None:
            raise lacking(f"the evidence does not answer {request.method} {request.url}")
        return held

    def take(read: Batch | Quote) -> None:
        if isinstance(read, Quote):
            rows.prices.append(read.price)
        else:
            rows.take(read, ask.provider.chain.id)

    rows.coverage += drive(ask.asking(), answer_of, take)
    return rows
