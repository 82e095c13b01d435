"""What a log says moved: ERC-20, ERC-721 and ERC-1155 transfers, and a chain's coin wrapped, by their topics.

That coin was wrapped is believed of the contracts that :mod:`flowtrace.model.wrapped` names, and no other.

A log is what a contract chose to say. Anyone can deploy one that says anything, so an asset is its contract,
never its symbol, and a balance is what decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowtrace.model import (
    DEPOSIT,
    WITHDRAWAL,
    Address,
    Amount,
    Asset,
    Transfer,
    wrap,
    wrapped_coin,
)
from flowtrace.moves.evm import EvmTransaction
from flowtrace.moves.tokens import known_token

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
SINGLE = "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62"
BATCH = "0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb"
WRAPS = (DEPOSIT, WITHDRAWAL)
_WORD, _ERC20, _INDEXED = 64, 3, 4


def moved(at: EvmTransaction, log: Mapping[str, Any]) -> list[Transfer]:
    """Return the transfers one log of a transaction tells; none where it tells of something else.

    ``log`` has ``address``, ``topics``, ``data`` and ``logIndex`` (a number, or hexadecimal text). A log that
    does not keep to its standard's form tells nothing.
    """
    topics, data = [str(topic).lower() for topic in log["topics"]], str(log["data"]).removeprefix("0x")
    index = log["logIndex"] if isinstance(log["logIndex"], int) else int(log["logIndex"], 16)
    contract = Address.parse(at.chain, log["address"])
    words = [data[n : n + _WORD] for n in range(0, len(data) - len(data) % _WORD, _WORD)]
    try:
        match topics[:1], len(topics):
            case [topic], 3 if topic == TRANSFER and len(words) == 1:
                asset = known_token(contract) or Asset.token(contract, "", 0)
                found = [(topics[1], topics[2], Amount(asset, int(words[0], 16)))]
            case [topic], 4 if topic == TRANSFER and not words:
                found = [(topics[1], topics[2], _item(contract, "erc721", topics[3], units=1))]
            case [topic], 4 if topic == SINGLE and len(words) == 2:  # noqa: PLR2004  the id, the amount
                amount = _item(contract, "erc1155", words[0], units=int(words[1], 16))
                found = [(topics[2], topics[3], amount)]
            case [topic], 2 if topic in WRAPS and len(words) == 1:
                return _wrapped(at, index, contract, topics=topics, units=int(words[0], 16))
            case [topic], 4 if topic == BATCH:
                parts = zip(_array(words, 0), _array(words, 1), strict=True)
                items = [_item(contract, "erc1155", one, units=int(many, 16)) for one, many in parts]
                found = [(topics[2], topics[3], item) for item in items]
            case _:
                return []
        told = [(_address(at, giver), _address(at, taker), amount) for giver, taker, amount in found]
    except (ValueError, IndexError):
        return []
    many = topics[0] == BATCH
    return [
        at.log(index, giver, target=taker, amount=amount, part=n if many else -1)
        for n, (giver, taker, amount) in enumerate(told)
        if amount.units
    ]


def _wrapped(
    at: EvmTransaction, index: int, contract: Address, *, topics: list[str], units: int
) -> list[Transfer]:
    """Return the wrapped coin that a contract made or took back."""
    coin = wrapped_coin(contract)
    if coin is None or not units:
        return []
    giver, taker = wrap(topics[0], _address(at, topics[1]))
    return [at.log(index, giver, target=taker, amount=Amount(coin, units))]


def _address(at: EvmTransaction, topic: str) -> Address:
    if int(topic[:-40], 16):
        raise ValueError("a topic holds more than an address")
    return Address.parse(at.chain, "0x" + topic[-40:])


def _item(contract: Address, standard: str, number: str, *, units: int) -> Amount:
    """Return units of one numbered item of a contract."""
    reference = f"{standard}:{contract.account}/{int(number, 16)}"
    return Amount(Asset(contract.chain_id, reference, "", 0), units)


def _array(words: list[str], place: int) -> list[str]:
    """Return a dynamic array of the ABI: the word at ``place`` says where it is, the word there how long."""
    start = int(words[place], 16) // 32
    length = int(words[start], 16)
    found = words[start + 1 : start + 1 + length]
    if len(found) != length:
        raise ValueError("an array is cut off")
    return found
