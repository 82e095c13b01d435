"""An address's token moves, from the logs of a chain: the one thing that every node keeps an index of.

A transfer's log names giver and taker among its topics, so the logs of either can be asked for; that of a
wrap of the chain's coin names its holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flowtrace.errors import InputError, UnreadableError
from flowtrace.fetch.evm.block import log_of
from flowtrace.fetch.evm.fields import Row, ordinal, rows, word
from flowtrace.fetch.evm.logs import BATCH, SINGLE, TRANSFER, WRAPS, moved
from flowtrace.fetch.evm.node import Node, read, rewritten
from flowtrace.fetch.evm.spans import spans
from flowtrace.fetch.faults import Fault, fault_of
from flowtrace.fetch.source import Asking, Together, unreadable
from flowtrace.model import Address, Answer, Request, Transfer, wrapped_coins
from flowtrace.moves.evm import EvmTransaction

_AT_ONCE = 32
_WORD = 64
Topics = Sequence[object]


@dataclass(frozen=True, slots=True)
class Told:
    """A log as an answer told it; ``time`` is None where the answer does not tell its block's."""

    log: Row
    height: int
    block: str
    index: int
    tx: str
    tx_index: int
    time: int | None


@dataclass(frozen=True, slots=True)
class _Span:
    topics: Topics
    first: int
    last: int
    answer: Answer


@dataclass
class Tokens:
    """The token moves of one address up to a block.

    Attributes
    ----------
    held
        Per place (height, index) of a log, of which a chain has one, what the log says, in short.
    net
        What they sum to, per holding: a token, an item of ERC-1155, all items of an ERC-721 contract.
    """

    node: Node
    address: Address
    last: int
    held: dict[tuple[int, int], int] = field(default_factory=dict)
    net: dict[str, int] = field(default_factory=dict)
    fetched_at: str = ""
    _times: dict[int, int] = field(default_factory=dict)
    _spans: list[_Span] = field(default_factory=list)

    def walk(self) -> Asking[None]:
        """Ask for the logs that name the address as giver or as taker."""
        yield Together(tuple(self._walked(topics) for topics in self._filters()))

    def again(self, contracts: Sequence[str]) -> Asking[None]:
        """Ask for the logs of some contracts once more, by another question.

        Raises
        ------
        UnreadableError
            If that brings a log that was not there before.
        """
        yield Together(tuple(self._compared(topics, contracts) for topics in self._filters()))

    def compare(self, logs: Iterable[Row], height: int) -> None:
        """Hold the logs of a receipt against those read.

        Raises
        ------
        UnreadableError
            If one is missing here; the answer that should have it is asked for again.
        """
        for log in logs:
            if self.held.get((height, ordinal(log, "logIndex"))) != _said(log):
                for topics in self._filters():
                    if _fits(log, topics):
                        raise self._short(topics, height)

    def _filters(self) -> tuple[Topics, ...]:
        """Return the filters: ERC-1155 names its operator first, so its giver stands where takers do.

        A wrap's log names its holder where a transfer's names the giver, so it takes no question of its own.
        """
        mine = "0x" + self.address.account[2:].rjust(_WORD, "0")
        items = [SINGLE, BATCH]
        first = [TRANSFER, *WRAPS] if wrapped_coins(self.address.chain) else TRANSFER
        return [first, mine], [[TRANSFER, *items], None, mine], [items, None, None, mine]

    def _walked(self, topics: Topics) -> Asking[int]:
        def one(first: int, last: int) -> Asking[int | None]:
            answer: Answer = yield self._question(topics, first, last)
            if fault_of(answer) is Fault.TOO_BIG:
                return None
            found = _logs(answer, topics, span=(first, last))
            self._spans.append(_Span(topics, first, last, answer))
            self.fetched_at = max(self.fetched_at, answer.fetched_at)
            yield from self._timed(found)
            transfers = [transfer for told in found for transfer in self._new(told, answer)]
            yield self.node.batch(transfers, answer.number, _blocks(found))
            return len(found)

        return (yield from spans(0, self.last, one, widest=self._widest))

    def _compared(self, topics: Topics, contracts: Sequence[str]) -> Asking[int]:
        def one(first: int, last: int) -> Asking[int | None]:
            answer: Answer = yield self._question(topics, first, last, address=list(contracts))
            if fault_of(answer) is Fault.TOO_BIG:
                return None
            found = _logs(answer, topics, span=(first, last))
            yield self.node.batch((), answer.number, _blocks(found))
            for told in found:
                if self.held.get((told.height, told.index)) != _said(told.log):
                    raise self._short(topics, told.height)
            return len(found)

        return (yield from spans(0, self.last, one, widest=self._widest))

    @property
    def _widest(self) -> int:
        return int(self.node.provider.options.get("range", "0"))

    def _question(self, topics: Topics, first: int, last: int, **more: object) -> Request:
        """Return a question about some blocks. A node answers one about none with nothing, and no word."""
        if first > last:
            raise ValueError(f"blocks {first} to {last} are none")
        asked = {"fromBlock": hex(first), "toBlock": hex(last), "topics": topics, **more}
        return self.node.request("eth_getLogs", asked)

    def _timed(self, found: Iterable[Told]) -> Asking[None]:
        """Ask for the times of the blocks; some nodes tell them with the log."""
        self._times.update({told.height: told.time for told in found if told.time is not None})
        lacking = sorted({told.height for told in found} - set(self._times))
        for first in range(0, len(lacking), _AT_ONCE):
            yield Together(tuple(self._time(height) for height in lacking[first : first + _AT_ONCE]))

    def _time(self, height: int) -> Asking[None]:
        header = yield from self.node.header(height)
        self._times[height] = header.time

    def _new(self, told: Told, answer: Answer) -> list[Transfer]:
        """Return what a log moved for the address; nothing where it was read before: a move to oneself."""
        place, said = (told.height, told.index), _said(told.log)
        if place in self.held:
            if self.held[place] != said:
                raise unreadable(answer, f"another log {told.index} of block {told.height} than before")
            return []
        self.held[place] = said
        at = EvmTransaction(
            chain=self.address.chain, hash=told.tx, height=told.height, index=told.tx_index,
            time=self._times[told.height],
        )  # fmt: skip
        try:
            found = [t for t in moved(at, told.log) if self.address in (t.source, t.target)]
        except InputError as error:
            raise unreadable(answer, f"a log in which {error}") from None
        for transfer in found:
            sign = (transfer.target == self.address) - (transfer.source == self.address)
            holding = _holding(transfer)
            self.net[holding] = self.net.get(holding, 0) + sign * transfer.amount.units
        return found

    def _short(self, topics: Topics, height: int) -> UnreadableError:
        span = next(one for one in self._spans if one.topics == topics and one.first <= height <= one.last)
        return unreadable(span.answer, f"fewer logs of block {height} than the block has")


def _logs(answer: Answer, topics: Topics, *, span: tuple[int, int]) -> list[Told]:
    found = read(answer, lambda told: [_told(log) for log in rows(told)])
    for told in found:
        if told.log.get("removed") is True:
            raise rewritten(f"{answer.source} gives a log that it removed from block {told.block}")
        if not span[0] <= told.height <= span[1] or not _fits(told.log, topics):
            raise unreadable(answer, f"a log of block {told.height} that was not asked for")
    return found


def _told(log: Row) -> Told:
    checked = log_of(log)
    return Told(
        log=checked,
        height=ordinal(log, "blockNumber"),
        block=word(log, "blockHash"),
        index=ordinal(checked, "logIndex"),
        tx=word(log, "transactionHash"),
        tx_index=ordinal(log, "transactionIndex"),
        time=None if log.get("blockTimestamp") is None else ordinal(log, "blockTimestamp"),
    )


def _said(log: Row) -> int:
    """Return what a log says, in short; only ever compared with others of this run."""
    return hash((str(log["address"]).lower(), *log["topics"], str(log["data"]).lower()))


def _blocks(found: Iterable[Told]) -> set[tuple[int, str]]:
    return {(told.height, told.block) for told in found}


def _holding(transfer: Transfer) -> str:
    reference = transfer.amount.asset.reference
    return reference.partition("/")[0] if reference.startswith("erc721:") else reference


def _fits(log: Row, asked: Topics) -> bool:
    """Return whether a log has the topics that a filter asks for, as a node decides it."""
    topics = log["topics"]
    wanted = [want if isinstance(want, list) else [want] for want in asked]
    return len(topics) >= len(wanted) and all(
        topic in want or None in want for topic, want in zip(topics, wanted, strict=False)
    )
