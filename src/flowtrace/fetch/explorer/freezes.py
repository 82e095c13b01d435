"""Issuers' freezes by Etherscan and its dialects: logs topic by topic, and what the contract answers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from flowtrace.errors import InputError
from flowtrace.fetch.evm.fields import Row, ordinal, word
from flowtrace.fetch.evm.freezes import checked, stated
from flowtrace.fetch.evm.node import attempt
from flowtrace.fetch.evm.spans import spans
from flowtrace.fetch.explorer.lists import get
from flowtrace.fetch.explorer.wraps import logs_in
from flowtrace.fetch.jsonrpc import call
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Together, unreadable
from flowtrace.model import Address, Answer, Asset, Request
from flowtrace.moves.freezes import freezes_of, issued_on, question, topics_of

OF_PIN = True
_AT_ONCE = 8


def freezes(provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:
    """Ask for the events of every issuer's contract up to the pin."""
    asked = [(asset, topic) for asset in issued_on(provider.chain) for topic in topics_of(asset).values()]
    wanted = frozenset(addresses)
    yield Together(tuple(_events(provider, pin, one, wanted=wanted) for one in asked))


def _events(
    provider: Provider, pin: Pin, asked: tuple[Asset, str], *, wanted: frozenset[Address]
) -> Asking[int]:
    asset, topic = asked

    def one(first: int, last: int) -> Asking[int | None]:
        answer: Answer = yield get(
            provider, module="logs", action="getLogs", address=asset.contract, fromBlock=str(first),
            toBlock=str(last), topic0=topic,
        )  # fmt: skip
        found = logs_in(answer)
        if found is None:
            return None
        try:
            logs = checked(asset, found, (first, last))
            told = [_timed(log) for log in logs]
            blocks = {
                (ordinal(log, "blockNumber"), word(log, "blockHash")) for log in logs if log.get("blockHash")
            }
        except InputError as error:
            raise unreadable(answer, f"logs in which {error}") from None
        acts = tuple(act for act in freezes_of(provider.chain, told) if act.address in wanted)
        yield Batch((), answer.number, tuple(sorted(blocks)), frozen=acts)
        return len(found)

    return (yield from spans(0, pin.height, one))


def _timed(log: Row) -> Row:
    return {**log, "blockTimestamp": ordinal(log, "timeStamp"), "blockNumber": ordinal(log, "blockNumber")}


def states(provider: Provider, addresses: Sequence[Address], pin: Pin) -> Asking[None]:
    """Ask every issuer's contract, as of the pin, whether addresses are frozen; the service may not say."""
    asked = [(asset, address) for asset in issued_on(provider.chain) for address in addresses]
    if not asked or not (yield from _state(provider, pin, asset=asked[0][0], address=asked[0][1])):
        return  # who refuses one such question refuses all
    for first in range(1, len(asked), _AT_ONCE):
        some = asked[first : first + _AT_ONCE]
        yield Together(tuple(_state(provider, pin, asset=asset, address=one) for asset, one in some))


def _state(provider: Provider, pin: Pin, *, asset: Asset, address: Address) -> Asking[bool]:
    """Ask for one state; return whether it was told."""
    answer = yield from attempt(_call(provider, asset.contract, question(asset, address), at=hex(pin.height)))
    if answer is not None:
        yield from stated(answer, asset, address, pin=pin)
    return answer is not None


def _call(provider: Provider, contract: str, data: str, *, at: str) -> Request:
    """Return the call of a contract: at the service's own endpoint for a node's methods, or in a GET."""
    path = provider.options.get("rpc")
    if not path:
        return get(provider, module="proxy", action="eth_call", to=contract, data=data, tag=at)
    parts = urlsplit(provider.url)
    url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return call(provider, "eth_call", [{"data": data, "to": contract}, at], url=url)
