"""Issuers' freezes: who may not move USDT or USDC any more, since which block, and with how much.

Tether calls it a blacklist (``AddedBlackList``, ``RemovedBlackList``, ``DestroyedBlackFunds``), Circle too
(``Blacklisted``, ``UnBlacklisted``). The events are facts of the ledger; the contract that wrote
them tells whose list it is.

References
----------
TetherToken and BlackList (Ethereum 0xdac1…1ec7, TRON TR7N…Lj6t); FiatTokenV2 and Blacklistable of Circle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from base58_bech32.base58 import b58encode_check
from eth_hash.auto import keccak

from flowtrace.errors import InputError
from flowtrace.labels.dumps import rows_of
from flowtrace.labels.untrusted import one_line
from flowtrace.model import Address, Amount, Asset, Category, Chain, Family, Label, Use, read_decimal

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
_PLACES, _BEGINNING = 6, 4096
_COLUMNS = frozenset({"chain", "address", "usdt_balance", "tx_hash", "block", "timestamp_utc"})
_HASH = re.compile(r"(0x)?[0-9a-fA-F]{64}")
_HEX = re.compile(r"0x[0-9a-fA-F]*")
_WORD, _ADDRESS = 64, 40


class Act(StrEnum):
    """What an issuer did to an address."""

    FROZEN = "frozen"
    RELEASED = "released"
    DESTROYED = "destroyed"


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


@dataclass(frozen=True, slots=True)
class Freeze:
    """One act of an issuer on one address.

    Attributes
    ----------
    token
        What is frozen: the asset and its issuer's name stand in ``asset`` and ``issuer``.
    units
        What the address held of it then, or what was destroyed; None where it is not told.
    time
        Unix seconds; 0 where it is not told.
    """

    address: Address
    asset: Asset
    issuer: str
    act: Act
    event: str
    tx: str
    height: int
    time: int
    units: int | None = None

    @property
    def day(self) -> str:
        """The day, ISO 8601; empty where no time is told."""
        return datetime.fromtimestamp(self.time, UTC).date().isoformat() if self.time else ""

    def label(self, told_by: str = "") -> Label:
        """Return it as a label of the address."""
        done = {Act.FROZEN: "frozen", Act.RELEASED: "released", Act.DESTROYED: "frozen and destroyed"}[
            self.act
        ]
        held = "" if self.units is None else f", {Amount(self.asset, self.units).decimal} {self.asset.symbol}"
        source = f"{self.event} of {self.asset}, block {self.height}, transaction {self.tx}"
        return Label(
            address=self.address,
            text=f"{self.asset.symbol} {done} by {self.issuer}{held}",
            category=Category.OTHER,
            use=Use.UNSPECIFIED if self.act is Act.RELEASED else Use.FROZEN,
            entity=None,
            source=f"{source}, as {told_by} tells" if told_by else source,
            confidence="ledger_immanent" if not told_by else "service_data",
            date=self.day,
        )


def is_freezes(columns: Sequence[str]) -> bool:
    """Tell whether a table's columns are those of a list of freezes."""
    return set(columns) >= _COLUMNS


def read_freezes(data: bytes, name: str) -> tuple[Freeze, ...]:
    """Read a table of freezes: chain, address, usdt_balance, tx_hash, block, timestamp_utc.

    Raises
    ------
    InputError
        If a row cannot be used; the message names it.
    """
    return tuple(_row(row, f"{name}, line {n}") for n, row in enumerate(rows_of(data, name), start=2))


def freeze_labels(data: bytes, name: str) -> Iterator[Label]:
    """Yield the labels of a table of freezes."""
    return (one.label(f"the file {name}") for one in read_freezes(data, name))


def log_labels(data: bytes, name: str) -> Iterator[Label]:
    """Yield the labels of freezes among logs as a node answers them: a list, or a JSON-RPC answer.

    A log names no chain. The contract does: each issuer's stands on one.

    Raises
    ------
    InputError
        If it is no such JSON.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{name}: cannot be read as JSON ({one_line(str(fault))})") from None
    logs = found.get("result") if isinstance(found, dict) else found
    if not isinstance(logs, list):
        raise InputError(f"{name}: holds no list of logs: give what eth_getLogs answers")
    chains = [Chain.of(chain_id) for chain_id in sorted({chain_id for chain_id, _ in ISSUED})]
    events = [log for log in logs if isinstance(log, dict)]
    freezes = [one for chain in chains for one in freezes_of(chain, events)]
    held = frozen_now(freezes)
    for one in freezes:
        label = one.label()
        ended = one.act is Act.FROZEN and (one.address, one.asset) not in held
        yield replace(label, use=Use.UNSPECIFIED, text=f"{label.text} (released since)") if ended else label


def is_logs(data: bytes) -> bool:
    """Tell whether a JSON file begins as logs do."""
    start = data[:_BEGINNING]
    return b'"topics"' in start and b'"data"' in start


def _row(row: Mapping[str, str], where: str) -> Freeze:
    try:
        chain = Chain.of(row["chain"])
        tx, height = _hash(row["tx_hash"]), _height(row["block"])
        time = datetime.fromisoformat(row["timestamp_utc"]).replace(tzinfo=UTC)
        return Freeze(
            address=Address.parse(chain, row["address"]),
            asset=_usdt(chain),
            issuer="Tether",
            act=Act.FROZEN,
            event="AddedBlackList",
            tx=tx,
            height=height,
            time=int(time.timestamp()),
            units=read_decimal(row["usdt_balance"], _PLACES),
        )
    except KeyError as lacking:
        raise InputError(f"{where}: has no {lacking.args[0]}") from None
    except (InputError, ValueError) as fault:
        raise InputError(f"{where}: {fault}") from None


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise InputError(f"{text[:80]!r} is no transaction hash")
    return text.lower()


def _height(text: str) -> int:
    if not re.fullmatch("[0-9]{1,12}", text):
        raise InputError(f"{text[:80]!r} is no number of a block")
    return int(text)


def _usdt(chain: Chain) -> Asset:
    found = (account for (of, account), said in ISSUED.items() if of == chain.id and said[0] == "USDT")
    account = next(found, None)
    if account is None:
        raise InputError(f"no USDT of Tether is known on {chain.name}")
    return _asset(Address(chain.id, account))


def _asset(contract: Address) -> Asset:
    standard = "trc20" if contract.chain.family is Family.TRON else "erc20"
    return Asset.token(contract, ISSUED[contract.chain_id, contract.account][0], _PLACES, standard=standard)


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
        asset=_asset(contract),
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
    >>> usdt = _usdt(Chain.of("ethereum"))
    >>> question(usdt, Address.parse("ethereum", "0x" + "11" * 20))[:10]
    '0xe47d6060'
    """
    issuer = ISSUED[asset.chain_id, asset.contract][1]
    name = "isBlackListed(address)" if issuer == "Tether" else "isBlacklisted(address)"
    account = address.account
    if address.chain.family is Family.TRON:
        from base58_bech32.base58 import b58decode_check  # noqa: PLC0415  for one chain alone

        account = "0x" + b58decode_check(account)[1:].hex()
    return "0x" + keccak(name.encode())[:4].hex() + account[2:].rjust(_WORD, "0")


def frozen_now(freezes: Iterable[Freeze]) -> dict[tuple[Address, Asset], Freeze]:
    """Return the last act on each address and token, where it left the address frozen."""
    last: dict[tuple[Address, Asset], Freeze] = {}
    for one in sorted(freezes, key=lambda freeze: freeze.height):
        if one.act is not Act.DESTROYED or (one.address, one.asset) not in last:
            last[one.address, one.asset] = one
    return {place: one for place, one in last.items() if one.act is not Act.RELEASED}
