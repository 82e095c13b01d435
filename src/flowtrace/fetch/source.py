"""The contract of a source: it asks, and does not fetch.

A source is a generator. It yields Requests and is sent their Answers; it yields Batches of what it has read;
it may yield Together, to have several askings run side by side and be sent the tuple of what they return; and
in the end it returns what it found out. Whoever drives it decides where answers come from: the network,
through the door, or the evidence of a case. So paging, splitting and checking are ordinary code without a
network in it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from flowtrace.errors import (
    CrowdedError,
    FlowtraceError,
    KeyRefusedError,
    ReorgError,
    SourceError,
    UnreadableError,
)
from flowtrace.fetch.faults import one_line
from flowtrace.fetch.provider import Provider
from flowtrace.model import (
    Address,
    Answer,
    Asset,
    Chain,
    Coverage,
    Fact,
    Freeze,
    FreezeState,
    Price,
    Request,
    Transfer,
)

R = TypeVar("R")
WHOLE = (CrowdedError, ReorgError, UnreadableError)
"""What ends an asking: it says something of the whole, so no step of the asking may get round it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read from one answer, ``answer`` being its number in the custody log.

    ``blocks`` are (height, hash) of the blocks it names, so that answers can be held against each other;
    ``facts`` what its transactions record beside the value they move; ``frozen`` what issuers of tokens did
    to addresses, or their contracts say of them.
    """

    transfers: tuple[Transfer, ...]
    answer: int
    blocks: tuple[tuple[int, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    frozen: tuple[Freeze | FreezeState, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """Askings to run side by side."""

    askings: tuple[Asking[Any], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A price that was read."""

    price: Price


Step: TypeAlias = Request | Batch | Quote | Together
Asking: TypeAlias = Generator[Step, Any, R]


@dataclass(frozen=True, slots=True)
class Pin:
    """The block up to which a chain is read: everything of a case stops at the same one.

    ``hash`` is empty where the source does not tell it; ``time`` is the block's, in unix seconds.
    """

    chain_id: str
    height: int
    hash: str = ""
    time: int = 0


class Dialect(Protocol):
    """What a module that speaks a kind of service offers. Pure: nothing here reaches a network."""

    def head(self, provider: Provider) -> Asking[Pin]:
        """Ask for the last block that will not change any more."""

    def history(self, provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
        """Ask for everything an address sent and received up to the pin; return how complete it is."""

    def transaction(self, provider: Provider, tx: str) -> Asking[None]:
        """Ask for the transfers of one transaction."""


class Freezes(Protocol):
    """What a module that can ask about issuers' freezes offers.

    Attributes
    ----------
    OF_PIN
        Whether it can ask for the state at a block; where not, a state is that of the moment it is asked.
    """

    OF_PIN: bool

    def freezes(self, provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:
        """Ask for what the issuers of a chain's tokens did to addresses up to the pin."""

    def states(self, provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:
        """Ask the contracts of a chain's tokens whether addresses are frozen."""


class Index(Protocol):
    """A module that speaks one kind of service with what became of transactions."""

    def operation(self, provider: Provider, chain: Chain, tx: str) -> Asking[None]:
        """Ask what became of a transaction."""
        ...


class Prices(Protocol):
    """What a module that speaks a kind of service with prices offers."""

    def price(self, provider: Provider, asset: Asset, time: int) -> Asking[Price]:
        """Ask for the price of an asset near a time, in unix seconds."""


@dataclass
class Rows:
    """What an asking has read so far.

    Attributes
    ----------
    witness
        Per transfer id, the numbers of the answers that show it.
    blocks
        Per height, the hash that answers name, and the number of the first that does.
    answers
        Per number of an answer, the height of the highest block it names; -1 where it names none.
    """

    # Not in its repr: asyncio writes out what a task returns, and a history would take a hundred megabytes.
    transfers: list[Transfer] = field(default_factory=list, repr=False)
    coverage: list[Coverage] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list, repr=False)
    facts: list[Fact] = field(default_factory=list, repr=False)
    frozen: list[Freeze | FreezeState] = field(default_factory=list, repr=False)
    witness: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    blocks: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict, repr=False)
    answers: dict[int, int] = field(default_factory=dict, repr=False)

    def take(self, batch: Batch, chain_id: str) -> None:
        """Add a batch.

        Raises
        ------
        ReorgError
            If it names another hash for a block than an answer before it.
        """
        top = self.answers.get(batch.answer, -1)
        self.answers[batch.answer] = max((top, *(height for height, _ in batch.blocks)))
        for height, name in batch.blocks:
            held, first = self.blocks.setdefault((chain_id, height), (name, batch.answer))
            if held != name:
                what = f"answers {first} and {batch.answer} name different blocks of {chain_id} at {height}"
                raise ReorgError(f"{what}: the chain was rewritten between them", height)
        self.transfers += batch.transfers
        self.facts += batch.facts
        self.frozen += batch.frozen
        alone = (batch.answer,)
        with undisturbed():
            for transfer in batch.transfers:
                seen = self.witness.setdefault(transfer.id, alone)
                if batch.answer not in seen:
                    self.witness[transfer.id] = tuple(sorted((*seen, batch.answer)))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for no garbage meanwhile.

    A page makes thousands of rows that are to stay; looking at them again and again takes as long as making
    them.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def resumed(asking: Asking[R], sent: object, error: FlowtraceError | None) -> Step:
    """Let an asking go on to its next step: send it what it asked for, or raise within it why not."""
    with undisturbed():
        return asking.send(sent) if error is None else asking.throw(error)


def drive(
    asking: Asking[R], answer_of: Callable[[Request], Answer], take: Callable[[Batch | Quote], None]
) -> R:
    """Run an asking to its end, one answer at a time, and return what it returns.

    An answer that cannot be had is raised inside the asking, which may know another way. An answer that is
    no good, or a chain that was rewritten, ends it.

    Raises
    ------
    FlowtraceError
        Whatever the asking raises.
    """
    sent: object = None
    error: FlowtraceError | None = None
    while True:
        try:
            step = resumed(asking, sent, error)
        except StopIteration as end:
            found: R = end.value
            return found
        sent, error = None, None
        try:
            if isinstance(step, Batch | Quote):
                take(step)
            elif isinstance(step, Together):
                sent = _driven(step, answer_of, take)
            else:
                sent = answer_of(step)
        except WHOLE:
            raise
        except (SourceError, KeyRefusedError) as refusal:
            error = refusal


def _driven(
    step: Together, answer_of: Callable[[Request], Answer], take: Callable[[Batch | Quote], None]
) -> tuple[object, ...]:
    """Let all of them end, as they do side by side; then raise what the first one raised."""
    found: list[object] = []
    first: FlowtraceError | None = None
    for one in step.askings:
        try:
            found.append(drive(one, answer_of, take))
        except WHOLE:
            raise
        except (SourceError, KeyRefusedError) as error:
            first = first or error
    if first is not None:
        raise first
    return tuple(found)


def unreadable(answer: Answer, why: str) -> UnreadableError:
    """Return the error that says why an answer cannot be read, so that it is asked for again."""
    text = f"{answer.source} answered {answer.request.url} with {one_line(why)}"
    return UnreadableError(text, answer.number)
