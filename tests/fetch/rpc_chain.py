"""A toy chain that a node can be asked about: calls run on balances, and what a failed one did is taken back.

What it tells as traces, receipts and logs is written down while it runs; what it holds is what is left in the
end. So the two can be held against each other, as with a real node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_abi import abi
from eth_hash.auto import keccak

from flowtrace.fetch.evm.bloom import bloom
from flowtrace.model import DEPOSIT, WITHDRAWAL

Json = dict[str, Any]
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
SINGLE = "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62"
BATCH = "0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb"
NOBODY = "0x" + "00" * 20
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
GAS, PRICE = 50_000, 7


@dataclass(frozen=True)
class Call:
    """A call: whom it goes to, what it pays, what it calls, and whether it fails in the end."""

    to: str
    value: int = 0
    inside: tuple[Call, ...] = ()
    kind: str = "CALL"
    fails: bool = False


@dataclass(frozen=True)
class Log:
    """A log: the contract, its topics and its data. The chain carries out the move that it tells."""

    contract: str
    topics: tuple[str, ...]
    data: str = "0x"


@dataclass
class Chain:
    """Blocks, and what accounts hold after each."""

    opening: dict[str, int] = field(default_factory=dict)
    fork: str = ""  # the name of the chain from here on: other blocks, other transactions
    blocks: list[Json] = field(default_factory=list)
    sent: dict[str, Json] = field(default_factory=dict)
    receipts: dict[str, Json] = field(default_factory=dict)
    trees: dict[str, Json] = field(default_factory=dict)
    after: list[Counter[str]] = field(default_factory=list)
    counts: list[Counter[str]] = field(default_factory=list)
    holdings: list[Counter[tuple[str, str, int]]] = field(default_factory=list)
    code: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._coin, self._nonces = Counter(self.opening), Counter[str]()
        self._held: Counter[tuple[str, str, int]] = Counter()
        self.mine(())

    @property
    def height(self) -> int:
        """The newest block."""
        return len(self.blocks) - 1

    def mine(
        self, sent: Sequence[tuple[str, Call, Sequence[Log]]], *, paid: Sequence[tuple[str, int]] = ()
    ) -> None:
        """Make a block of transactions, and of (account, gwei) of staked coin that it pays out."""
        height = len(self.blocks)
        name = _hash(f"block {height} {self.fork}")
        above = self.blocks[-1]["hash"] if self.blocks else "0x" + "00" * 32
        block = {
            "number": hex(height), "hash": name, "parentHash": above, "miner": NOBODY, "transactions": [],
            "timestamp": hex(1_700_000_000 + 12 * height),
            "withdrawals": [
                {"index": hex(1000 * height + n), "validatorIndex": "0x1", "address": to, "amount": hex(gwei)}
                for n, (to, gwei) in enumerate(paid)
            ],
        }  # fmt: skip
        self.blocks.append(block)
        logs = 0
        for index, (sender, call, told) in enumerate(sent):
            logs += self._run(block, index, sender=sender, call=call, told=told, first=logs)
        for to, gwei in paid:
            self._coin[to] += gwei * 10**9
        self.after.append(self._coin.copy())
        self.counts.append(self._nonces.copy())
        self.holdings.append(self._held.copy())

    def _run(
        self, block: Json, index: int, *, sender: str, call: Call, told: Sequence[Log], first: int
    ) -> int:
        tx = _hash(f"{block['hash']} {index}")
        place = {
            "blockNumber": block["number"], "blockHash": block["hash"], "transactionIndex": hex(index),
        }  # fmt: skip
        creates = call.kind == "CREATE"
        self.sent[tx] = {
            **place, "hash": tx, "from": sender, "to": None if creates else call.to, "value": hex(call.value),
            "nonce": hex(self._nonces[sender]), "gasPrice": hex(PRICE), "input": "0x", "type": "0x2",
        }  # fmt: skip
        block["transactions"].append(self.sent[tx])
        self._nonces[sender] += 1
        self._coin[sender] -= GAS * PRICE
        before = self._coin.copy()
        self.trees[tx] = self._call(sender, call)
        if call.fails:
            self._coin = before
            told = ()
        for log in told:
            self._moved(log)
        self.receipts[tx] = {
            **place, "transactionHash": tx, "status": hex(not call.fails), "gasUsed": hex(GAS),
            "effectiveGasPrice": hex(PRICE), "contractAddress": call.to if creates else None,
            "logsBloom": f"0x{bloom(e for log in told for e in (log.contract, *log.topics)):0512x}",
            "logs": [
                {**place, "transactionHash": tx, "logIndex": hex(first + n), "address": log.contract,
                 "topics": list(log.topics), "data": log.data, "removed": False}
                for n, log in enumerate(told)
            ],
        }  # fmt: skip
        return len(told)

    def _call(self, source: str, call: Call) -> Json:
        """Carry out a call; return what callTracer would write of it."""
        before = self._coin.copy()
        if call.kind in ("CALL", "CREATE", "SELFDESTRUCT"):
            self._coin[source] -= call.value
            self._coin[call.to] += call.value
        inner = [self._call(call.to if call.kind != "DELEGATECALL" else source, one) for one in call.inside]
        told: Json = {
            "type": call.kind,
            "from": source,
            "to": call.to,
            "gas": "0x1",
            "gasUsed": "0x1",
            "input": "0x",
        }
        if call.kind != "STATICCALL":
            told["value"] = hex(call.value)
        if inner:
            told["calls"] = inner
        if call.fails:
            told["error"] = "execution reverted"
            self._coin = before
        return told

    def _moved(self, log: Log) -> None:
        def shift(item: int, units: int, giver: str, *, taker: str) -> None:
            self._held[log.contract, "0x" + giver[-40:], item] -= units
            self._held[log.contract, "0x" + taker[-40:], item] += units

        data = bytes.fromhex(log.data[2:])
        match log.topics:
            case (topic, giver, taker) if topic == TRANSFER:
                shift(-1, abi.decode(["uint256"], data)[0], giver, taker=taker)
            case (topic, giver, taker, _) if topic == TRANSFER:
                shift(-1, 1, giver, taker=taker)
            case (topic, holder) if topic in (DEPOSIT, WITHDRAWAL) and log.contract == WETH:
                sign = 1 if topic == DEPOSIT else -1
                self._held[WETH, "0x" + holder[-40:], -1] += sign * abi.decode(["uint256"], data)[0]
            case (topic, _, giver, taker) if topic == SINGLE:
                item, units = abi.decode(["uint256", "uint256"], data)
                shift(item, units, giver, taker=taker)
            case (topic, _, giver, taker) if topic == BATCH:
                for item, units in zip(*abi.decode(["uint256[]", "uint256[]"], data), strict=True):
                    shift(item, units, giver, taker=taker)


def _hash(text: str) -> str:
    return "0x" + keccak(text.encode()).hex()


def topic(account: str) -> str:
    """Return an account as a log's topic."""
    return "0x" + account[2:].rjust(64, "0")


def paid(contract: str, giver: str, taker: str, *, units: int) -> Log:
    """Return the log of an ERC-20 transfer."""
    return Log(
        contract, (TRANSFER, topic(giver), topic(taker)), "0x" + abi.encode(["uint256"], [units]).hex()
    )


def wrapped(topic_: str, holder: str, units: int, *, by: str = WETH) -> Log:
    """Return the log of coin that is wrapped or unwrapped; the chain moves it for the real contract only."""
    return Log(by, (topic_, topic(holder)), "0x" + abi.encode(["uint256"], [units]).hex())


def deed(contract: str, giver: str, taker: str, *, number: int) -> Log:
    """Return the log of an ERC-721 transfer."""
    return Log(contract, (TRANSFER, topic(giver), topic(taker), f"0x{number:064x}"))


def item(contract: str, giver: str, taker: str, *, number: int, units: int) -> Log:
    """Return the log of an ERC-1155 transfer."""
    data = "0x" + abi.encode(["uint256", "uint256"], [number, units]).hex()
    return Log(contract, (SINGLE, topic(giver), topic(giver), topic(taker)), data)


def items(contract: str, giver: str, taker: str, *, units: dict[int, int]) -> Log:
    """Return the log of an ERC-1155 batch."""
    data = "0x" + abi.encode(["uint256[]", "uint256[]"], [list(units), list(units.values())]).hex()
    return Log(contract, (BATCH, topic(giver), topic(giver), topic(taker)), data)
