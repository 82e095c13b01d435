"""The contracts with which issuers freeze: the events they write, and the question whether one is frozen.

Tether calls it a blacklist (``AddedBlackList``, ``RemovedBlackList``, ``DestroyedBlackFunds``), Circle too
(``Blacklisted``, ``UnBlacklisted``). The contract that wrote an event tells whose list it is; anyone may
write an event of such a name. Tether's contract on Ethereum has the address among the data, Circle's as a
topic, and TRON's event lists name it in a result: all are read.

References
----------
TetherToken and BlackList (Ethereum 0xdac1…1ec7, TRON TR7N…Lj6t); FiatTokenV2 and Blacklistable of Circle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from base58_bech32.base58 import b58decode_check, b58encode_check
from eth_hash.auto import keccak

from flowtrace.errors import InputError
from flowtrace.model import Act, Address, Asset, Chain, Family, Freeze

_TOKENS = {
    ("ethereum", "0xdac17f958d2ee523a2206206994597c13d831ec7"): ("USDT", "Tether"),
    ("ethereum", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"): ("USDC", "Circle"),
    ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"): ("USDT", "Tether"),
    ("avalanche", "0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e"): ("USDC", "Circle"),
    ("arbitrum", "0xaf88d065e77c8cc2239327c5edb3a432268e5831"): ("USDC", "Circle"),
    ("base", "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"): ("USDC", "Circle"),
    ("optimism", "0x0b2c639c533813f4aa9d7837caf62653d097ff85"): ("USDC", "Circle"),
    ("polygon", "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359"): ("USDC", "Circle"),
}
ISSUED = {(Chain.of(chain).id, account): said for (chain, account), said in _TOKENS.items()}
"""Per (chain id, contract): the token's symbol and its issuer."""
PLACES = 6
"""Decimals of every one of these tokens."""
_FUNCTIONS = {"Tether": "isBlackListed", "Circle": "isBlacklisted"}
_HEX = re.compile(r"0x[0-9a-fA-F]*")
_WORD, _ADDRESS = 64, 40


def _topic(signature: str) -> str:
    return "0x" + keccak(signature.encode()).hex()


EVENTS = {
    _topic("AddedBlackList(address)"): (Act.FROZEN, "AddedBlackList"),
    _topic("RemovedBlackList(address)"): (Act.RELEASED, "RemovedBlackList"),
    _topic("DestroyedBlackFunds(address,uint256)"): (Act.DESTROYED, "DestroyedBlackFunds"),
    _topic("Blacklisted(address)"): (Act.FROZEN, "Blacklisted"),
    _topic("UnBlacklisted(address)"): (Act.RELEASED, "UnBlacklisted"),
}
"""Per topic of a log: what was done, and the event's name."""
_OF = {"Tether": ("AddedBlackList", "RemovedBlackList", "DestroyedBlackFunds"),
       "Circle": ("Blacklisted", "UnBlacklisted")}  # fmt: skip


def issued_on(chain: Chain) -> tuple[Asset, ...]:
    """Return the tokens of a chain whose issuers can freeze them here, in the order of their contracts."""
    contracts = sorted(account for chain_id, account in ISSUED if chain_id == chain.id)
    return tuple(issued_by(Address(chain.id, account)) for account in contracts)


def issued_by(contract: Address) -> Asset:
    """Return the token that a contract of an issuer keeps.

    Raises
    ------
    KeyError
        If it is none of those.
    """
    standard = "trc20" if contract.chain.family is Family.TRON else "erc20"
    return Asset.token(contract, ISSUED[contract.chain_id, contract.account][0], PLACES, standard=standard)


def issuer_of(asset: Asset) -> str:
    """Return who issues a token."""
    return ISSUED[asset.chain_id, asset.contract][1]


def topics_of(asset: Asset) -> dict[str, str]:
    """Return the events by which the issuer of a token freezes and releases: topic by the event's name."""
    return {name: topic for topic, (_, name) in EVENTS.items() if name in _OF[issuer_of(asset)]}


def function_of(asset: Asset) -> str:
    """Return the function of a token's contract that tells whether an address is frozen."""
    return _FUNCTIONS[issuer_of(asset)]


def freezes_of(chain: Chain, logs: Iterable[Mapping[str, Any]]) -> Iterator[Freeze]:
    """Yield the freezes and releases among logs, as ``eth_getLogs`` answers them.

    Logs of other contracts, and other events, are passed over: anyone may write an event of such a name. A
    log of an issuer's contract that is not of the form its event has is passed over too.
    """
    for log in logs:
        found = _of_log(chain, log)
        if found is not None:
            yield found


def _of_log(chain: Chain, log: Mapping[str, Any]) -> Freeze | None:
    topics, data = log.get("topics"), log.get("data")
    if not isinstance(topics, list) or not topics or not isinstance(data, str):
        return None
    if not all(isinstance(one, str) and _HEX.fullmatch(one) for one in (*topics, data)):
        return None
    try:
        contract = Address(chain.id, _account(chain, str(log.get("address"))))
    except InputError:
        return None
    issued = ISSUED.get((chain.id, contract.account))
    act, event = EVENTS.get(topics[0].lower(), (None, ""))
    words = [one[2:] for one in topics[1:]] + [data[n : n + _WORD] for n in range(2, len(data), _WORD)]
    if issued is None or act is None or not words or any(len(word) != _WORD for word in words):
        return None
    whole = act is not Act.DESTROYED or len(words) > 1
    numbers = [_number(log.get(key)) for key in ("blockNumber", "blockTimestamp")]
    if not whole or int(words[0][:-_ADDRESS], 16) or numbers[0] is None:
        return None
    return Freeze(
        address=Address(chain.id, _account(chain, "0x" + words[0][-_ADDRESS:])),
        asset=issued_by(contract),
        issuer=issued[1],
        act=act,
        event=event,
        tx=str(log.get("transactionHash", ""))[: _WORD + 2],
        height=numbers[0],
        time=numbers[1] or 0,
        units=int(words[1], 16) if act is Act.DESTROYED else None,
    )


def _account(chain: Chain, text: str) -> str:
    """Return an account as its chain writes it: TRON's logs have it in hexadecimal."""
    if chain.family is Family.TRON and re.fullmatch("(0x)?(41)?[0-9a-fA-F]{40}", text):
        return b58encode_check(b"\x41" + bytes.fromhex(text[-_ADDRESS:])).decode()
    return text.lower()


def _number(value: object) -> int | None:
    if type(value) is int:
        return value if 0 <= value < 1 << 40 else None
    known = isinstance(value, str) and re.fullmatch("0x[0-9a-fA-F]{1,10}", value)
    return int(value, 16) if isinstance(value, str) and known else None


def question(asset: Asset, address: Address) -> str:
    """Return the call data that asks a token's contract whether an address is frozen now.

    >>> from flowtrace.model import Chain
    >>> usdt = issued_by(Address.parse("ethereum", "0xdac17f958d2ee523a2206206994597c13d831ec7"))
    >>> question(usdt, Address.parse("ethereum", "0x" + "11" * 20))[:10]
    '0xe47d6060'
    """
    account = address.account
    if address.chain.family is Family.TRON:
        account = "0x" + b58decode_check(account)[1:].hex()
    selector = keccak(f"{function_of(asset)}(address)".encode())[:4].hex()
    return "0x" + selector + account[2:].rjust(_WORD, "0")
