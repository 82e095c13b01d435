"""Coin that an address wrapped or unwrapped, which an explorer's list of token moves does not tell aright.

Etherscan's ``tokentx`` has no row of it, for no ``Transfer`` is logged. Blockscout's has one, from or to the
zero address, but in older rows a deposit stands as a withdrawal: in a recorded one the transaction calls
``deposit()``, and the row takes from who paid. So no such row is believed. The lists of coin show whether
there was any: coin paid to the contract is wrapped, coin that it pays is unwrapped. Then its logs are asked
for, which tell it as a node does, and held against that coin.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowtrace.errors import InputError, KeyRefusedError, SourceError
from flowtrace.fetch.evm.block import log_of
from flowtrace.fetch.evm.fields import Row, quantity, rows, word
from flowtrace.fetch.evm.logs import WRAPS, moved
from flowtrace.fetch.evm.spans import spans
from flowtrace.fetch.explorer.lists import AddressList, get
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.source import WHOLE, Asking, Batch, Pin, Step, Together, unreadable
from flowtrace.model import DEPOSIT, Answer, Asset, Request, Transfer
from flowtrace.moves.evm import EvmTransaction

_END = 999_999_999
_WORD = 64
_NUMBERS = ("logIndex", "transactionIndex")
_ZERO = "0x"  # so Etherscan writes the number 0


@dataclass
class Wraps:
    """The wraps and unwraps of one address, once its three lists are read.

    Attributes
    ----------
    told
        Per coin and topic, the units that logs tell.
    """

    external: AddressList
    internal: AddressList
    token: AddressList
    pin: Pin
    told: Counter[tuple[Asset, str]] = field(default_factory=Counter)
    _held: set[tuple[int, int]] = field(default_factory=set)

    def run(self) -> Generator[Step, Any, tuple[bool, str]]:
        """Ask for the logs, where there are any; return whether none is missing, and words."""
        shown = self.external.wrapped + self.internal.wrapped
        coins = sorted({coin for coin, _ in shown} | self.token.wraps)
        if not coins:
            return True, ""
        names = ", ".join(coin.symbol for coin in coins)
        try:
            yield Together(tuple(self._walked(coin, topic) for coin in coins for topic in WRAPS))
        except WHOLE:
            raise
        except (SourceError, KeyRefusedError):
            self.token.leave_unchecked(coins)
            return False, f"{names} was wrapped or unwrapped: no list tells how, and no log is given"
        lacking = shown - self.told  # a Counter: what is negative is left out
        if lacking:
            (coin, topic), units = min(lacking.items())
            way = "to" if topic == DEPOSIT else "from"
            return False, f"{units} more units went {way} the contract of {coin.symbol} than its logs tell"
        return (
            True,
            f"wraps and unwraps by the logs of {names}: {len(self._held)}, for all coin moved so",
        )

    def later(self, coin: Asset) -> Generator[Step, Any, bool]:
        """Tell whether the address wrapped or unwrapped after the pin, or may have, for nobody says."""
        for topic in WRAPS:
            try:
                answer: Answer = yield self._question(coin, topic, first=self.pin.height + 1, last=_END)
                if _rows(answer) != []:
                    return True
            except WHOLE:
                raise
            except (SourceError, KeyRefusedError):
                return True
        return False

    def _walked(self, coin: Asset, topic: str) -> Asking[int]:
        def one(first: int, last: int) -> Asking[int | None]:
            answer: Answer = yield self._question(coin, topic, first=first, last=last)
            found = _rows(answer)
            if found is None:
                return None
            try:
                yield self._read(answer, found, coin, topic=topic, span=range(first, last + 1))
            except InputError as error:
                raise unreadable(answer, f"logs in which {error}") from None
            return len(found)

        return (yield from spans(0, self.pin.height, one))

    def _question(self, coin: Asset, topic: str, *, first: int, last: int) -> Request:
        mine = "0x" + self.token.address.account[2:].rjust(_WORD, "0")
        return get(
            self.token.provider, module="logs", action="getLogs", address=coin.contract, fromBlock=str(first),
            toBlock=str(last), topic0=topic, topic0_1_opr="and", topic1=mine,
        )  # fmt: skip

    def _read(self, answer: Answer, found: list[Row], coin: Asset, *, topic: str, span: range) -> Batch:
        """Return what logs tell; they must be the coin's own, of the address and of blocks asked for.

        Some may have been read before, where an answer was long enough to be only a part.
        """
        asked = [topic, "0x" + self.token.address.account[2:].rjust(_WORD, "0")]
        transfers: list[Transfer] = []
        places: set[tuple[int, int]] = set()
        blocks: set[tuple[int, str]] = set()
        for raw in found:
            row = _plain(raw)
            log, height = log_of(row), quantity(row, "blockNumber")
            if height not in span or log["address"].lower() != coin.contract or log["topics"] != asked:
                raise InputError(f"one of block {height} was not asked for")
            if (height, log["logIndex"]) in places:
                raise InputError(f"log {log['logIndex']} of block {height} stands twice")
            places.add((height, log["logIndex"]))
            if row.get("blockHash"):
                blocks.add((height, word(row, "blockHash")))
            if (height, log["logIndex"]) not in self._held:
                transfers += self._moved(row, log, height)
        self._held |= places
        self.told[coin, topic] += sum(transfer.amount.units for transfer in transfers)
        self.token.fetched_at = max(self.token.fetched_at, answer.fetched_at)
        for transfer in transfers:
            self.token.count_in(transfer)
        return Batch(tuple(transfers), answer.number, tuple(sorted(blocks)))

    def _moved(self, row: Row, log: Row, height: int) -> list[Transfer]:
        at = EvmTransaction(
            chain=self.token.address.chain,
            hash=word(row, "transactionHash"),
            height=height,
            index=quantity(row, "transactionIndex"),
            time=quantity(row, "timeStamp"),
        )
        return moved(at, log)


def logs_in(answer: Answer) -> list[Row] | None:
    """Return the logs of an answer as a node writes them; None where that was too much at once.

    Raises
    ------
    SourceError
        If the service complains.
    UnreadableError
        If it is no list of logs.
    """
    found = _rows(answer)
    return None if found is None else [_plain(row) for row in found]


def _rows(answer: Answer) -> list[Row] | None:
    """Return the logs of an answer, none where there are none, None where that was too much at once."""
    fault = fault_of(answer)
    if fault is Fault.TOO_BIG:
        return None
    if fault not in (Fault.NONE, Fault.EMPTY):
        raise SourceError(f"{answer.source}: {complaint(answer)[1]}")
    try:
        told = json.loads(answer.body)
        found = rows(told.get("result") if isinstance(told, dict) else None)
    except (InputError, ValueError, RecursionError):
        raise unreadable(answer, "no logs") from None
    if found and fault is Fault.EMPTY:
        raise unreadable(answer, "logs, and the words that there are none")
    return found


def _plain(row: Row) -> Row:
    """Return a log as a node writes it: Blockscout fills up its topics, Etherscan leaves out a zero."""
    topics = row.get("topics")
    named: Mapping[str, object] = {key: "0x0" for key in _NUMBERS if row.get(key) == _ZERO}
    kept = [topic for topic in topics if topic is not None] if isinstance(topics, list) else topics
    return {**row, **named, "topics": kept}
