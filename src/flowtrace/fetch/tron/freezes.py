"""Issuers' freezes on TRON: TronGrid's list of a contract's events, and what the contract answers now.

The events of one name are walked by time, each question beginning at the last moment of the answer before,
as the lists of an account are. TronGrid's node answers for its newest final block alone: so a state is that
of the moment it is asked, which is kept with it, and it is asked anew each time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flowtrace.errors import InputError, SourceError
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import WHOLE, Asking, Batch, Pin, Together, unreadable
from flowtrace.fetch.tron.lists import get, listed, node_object, post
from flowtrace.fetch.tron.moves import Row, address_of, hex_of, whole
from flowtrace.model import Address, Answer, Asset, Freeze, FreezeState, Request
from flowtrace.moves.freezes import freezes_of, function_of, issued_on, issuer_of, question, topics_of

OF_PIN = False
_PAGE, _AT_ONCE = 200, 8
_ACCOUNT = re.compile(r"(?:0x|41)?([0-9a-fA-F]{40})")
_WORD = re.compile(r"[0-9a-fA-F]{64}")
_UNITS = re.compile(r"[0-9]{1,30}")  # fewer than the digits of an account
_SELECTOR = 10  # the characters of call data before its arguments


def freezes(provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:
    """Ask for the events of every issuer's contract up to the pin.

    Raises
    ------
    SourceError
        If it is not told when the pin's block was, or a list does not keep to what was asked for.
    """
    if not pin.time:
        raise SourceError(
            f"{provider.id}: the time of block {pin.height} is not known, and events go by time"
        )
    wanted = frozenset(addresses)
    asked = [(asset, *one) for asset in issued_on(provider.chain) for one in topics_of(asset).items()]
    walks = (_Events(provider, asset, name, topic=topic, wanted=wanted) for asset, name, topic in asked)
    yield Together(tuple(one.walk(1000 * pin.time + 999) for one in walks))


class _Events:
    """The events of one name of one contract."""

    def __init__(
        self, provider: Provider, asset: Asset, name: str, *, topic: str, wanted: frozenset[Address]
    ) -> None:
        self.provider = provider
        self.asset = asset
        self.name = name
        self.topic = topic
        self.wanted = wanted
        self.seen: set[tuple[str, int]] = set()

    def walk(self, last: int) -> Asking[None]:
        """Walk the list up to a moment, in milliseconds.

        Where an answer brings nothing new, the moment after it is asked for too: rows there would show that
        the moment before was cut off, for the question that begins with it should have brought them.

        Raises
        ------
        SourceError
            If one moment has more events than are given at once.
        """
        first, mark, ended = 0, "", False
        while first <= last:
            answer: Answer = yield self._question(first, last, mark)
            rows, mark = listed(answer)
            fresh, acts = self._read(answer, rows, (first, last))
            yield Batch((), answer.number, frozen=acts)
            if fresh and ended:
                raise SourceError(
                    f"{self.provider.id} cuts off its list of {self.name} at block time {first - 1}"
                )
            if mark and fresh:
                continue
            if not fresh and (ended or not rows):
                return
            ended, mark = not fresh, ""
            first = max(whole(row, "block_timestamp") for row in rows) + ended

    def _question(self, first: int, last: int, mark: str) -> Request:
        asked = {
            "event_name": self.name, "only_confirmed": "true", "order_by": "block_timestamp,asc",
            "limit": str(self.provider.page or _PAGE), "min_block_timestamp": str(first),
            "max_block_timestamp": str(last), **({"fingerprint": mark} if mark else {}),
        }  # fmt: skip
        return get(self.provider, f"/v1/contracts/{self.asset.contract}/events", **asked)

    def _read(
        self, answer: Answer, rows: Sequence[Row], span: tuple[int, int]
    ) -> tuple[list[Row], tuple[Freeze, ...]]:
        """Return the rows that are new, and what they say of the addresses wanted."""
        try:
            fresh = [row for row in rows if self._is_new(row, span)]
            acts = tuple(freezes_of(self.provider.chain, map(self._log, fresh)))
        except InputError as error:
            raise unreadable(answer, f"an event whose {error}") from None
        return fresh, tuple(act for act in acts if act.address in self.wanted)

    def _is_new(self, row: Row, span: tuple[int, int]) -> bool:
        """Tell whether an event was not told before.

        Raises
        ------
        InputError
            If it is none that was asked for: then the service does not know what it was asked.
        """
        time = whole(row, "block_timestamp")
        place = str(row.get("transaction_id")), whole(row, "event_index")
        contract = address_of(self.provider.chain, row.get("contract_address"))
        if row.get("event_name") != self.name or contract.account != self.asset.contract:
            raise InputError(f"name is {row.get('event_name')!r:.80}, of the contract {contract.account}")
        if not span[0] <= time <= span[1]:
            raise InputError(f"time, {time}, is not within what was asked for")
        new = place not in self.seen
        self.seen.add(place)
        return new

    def _log(self, row: Row) -> dict[str, Any]:
        """Return an event as a node writes its log."""
        result = row.get("result")
        values = list(result.values()) if isinstance(result, dict) else []
        accounts = [found[1] for one in values if isinstance(one, str) and (found := _ACCOUNT.fullmatch(one))]
        units = [int(one) for one in values if isinstance(one, str) and _UNITS.fullmatch(one)]
        if not accounts:
            raise InputError("result names no address")
        data = f"{max(units, default=0):064x}" if units else ""
        return {
            "address": hex_of(Address(self.asset.chain_id, self.asset.contract)),
            "topics": [self.topic, "0x" + accounts[0].lower().rjust(64, "0")],
            "data": f"0x{data}",
            "blockNumber": whole(row, "block_number"),
            "blockTimestamp": whole(row, "block_timestamp") // 1000,
            "transactionHash": str(row.get("transaction_id")),
        }


def states(provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:  # noqa: ARG001  as others
    """Ask every issuer's contract whether addresses are frozen at the newest final block."""
    asked = [(asset, address) for asset in issued_on(provider.chain) for address in addresses]
    for first in range(0, len(asked), _AT_ONCE):
        yield Together(tuple(_state(provider, *one) for one in asked[first : first + _AT_ONCE]))


def _state(provider: Provider, asset: Asset, address: Address) -> Asking[None]:
    try:
        answer: Answer = yield post(
            provider, "triggerconstantcontract", owner_address=hex_of(address),
            contract_address=hex_of(Address(asset.chain_id, asset.contract)),
            function_selector=f"{function_of(asset)}(address)",
            parameter=question(asset, address)[_SELECTOR:],
        )  # fmt: skip
        words = node_object(answer).get("constant_result")
    except WHOLE:
        raise
    except SourceError:
        return
    if isinstance(words, list) and words and _WORD.fullmatch(str(words[0])):
        said = FreezeState(
            address=address, asset=asset, issuer=issuer_of(asset), function=function_of(asset),
            frozen=int(str(words[0]), 16) == 1, height=0, at=answer.fetched_at,
        )  # fmt: skip
        yield Batch((), answer.number, frozen=(said,))
