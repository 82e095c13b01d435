"""Blocks, transactions and receipts as a node's JSON has them, every field checked before it is believed."""

from __future__ import annotations

from dataclasses import dataclass

from eth_hash.auto import keccak

from flowtrace.errors import InputError
from flowtrace.fetch.evm import transaction as evm_transaction
from flowtrace.fetch.evm.bloom import unexplained
from flowtrace.fetch.evm.fields import (
    Row,
    account,
    account_or,
    named,
    octets,
    ordinal,
    quantity,
    row,
    rows,
    word,
)
from flowtrace.fetch.evm.rlp import encoded
from flowtrace.fetch.source import unreadable
from flowtrace.model import Address, Answer, Chain, Transfer
from flowtrace.moves.evm import EvmTransaction

_GWEI = 10**9
_AFTER_ALL = 1 << 31  # the place of what a block itself pays: after every transaction it can hold
_USER_OPERATION = "0x49628fd1471006c1482da88028e9ce4dbb080b815c9b0344d39e5a8e6ec1419f"
_SENT = ("value", "nonce", "gasPrice", "blockNumber", "transactionIndex", "type")
_RECEIVED = ("blockNumber", "gasUsed", "status", "effectiveGasPrice", "blobGasUsed", "blobGasPrice", "l1Fee")
_WORD = 64
_MOST_TOPICS = 4  # of a log


@dataclass(frozen=True, slots=True)
class Header:
    """A block; its transactions only where they were asked for.

    ``answer`` is the number of the answer that told it; ``withdrawals`` are (number, account, units) of the
    staked coin that it pays out.
    """

    answer: int
    height: int
    hash: str
    parent: str
    time: int
    builder: str
    withdrawals: tuple[tuple[int, str, int], ...]
    transactions: tuple[str, ...]

    @property
    def named(self) -> tuple[tuple[int, str], ...]:
        """The block as a batch names it."""
        return ((self.height, self.hash),)

    def payments(self, address: Address) -> list[Transfer]:
        """Return the staked coin that the block pays an address. No transaction does: the block names it."""
        at = EvmTransaction(address.chain, f"block.{self.height}", self.height, _AFTER_ALL, self.time)
        return [
            at.mint(address, units, f"withdrawal {number}")
            for number, to, units in self.withdrawals
            if to == address.account
        ]


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction in a block: what was sent, its receipt and its block, which agree.

    ``answer`` is the one that gave the receipt.
    """

    sent: Row
    receipt: Row
    header: Header
    answer: Answer

    @property
    def hash(self) -> str:
        """Its hash."""
        return word(self.sent, "hash")

    @property
    def sender(self) -> str:
        """The account that signed it."""
        return account(self.sent, "from")

    @property
    def target(self) -> str:
        """The account it calls, or creates."""
        return account_or(self.sent, "to", "") or account(self.receipt, "contractAddress")

    @property
    def status(self) -> bool | None:
        """Whether it succeeded; None before the Byzantium fork, when receipts did not say."""
        told = self.receipt.get("status")
        return None if told is None else told == "0x1"

    def at(self, chain: Chain, *, ok: bool) -> EvmTransaction:
        """Return its place in the chain."""
        index = ordinal(self.sent, "transactionIndex")
        return EvmTransaction(chain, self.hash, self.header.height, index, self.header.time, ok)

    def moves(self, chain: Chain, *, ok: bool) -> list[Transfer]:
        """Return its fee, what it pays itself, and what its logs say moved."""
        receipt = {**self.receipt, "status": "0x1" if ok else "0x0"}
        try:
            return evm_transaction.transfers(chain, self.sent, receipt, time=self.header.time)
        except InputError as error:
            raise unreadable(self.answer, f"a receipt in which {error}") from None

    def is_user_operation(self, of: str) -> bool:
        """Return whether someone else sent it for an account, whose operation it carries out (ERC-4337)."""
        topic = "0x" + of[2:].rjust(_WORD, "0")
        named_ = (log["topics"] for log in self.receipt["logs"])
        return self.sender != of and any(one[:1] == [_USER_OPERATION] and topic in one[2:3] for one in named_)


def header_of(found: Row, answer: int, *, whole: bool) -> Header:
    """Return a block."""
    paid = rows(found.get("withdrawals") or [])
    return Header(
        answer=answer,
        height=ordinal(found, "number"),
        hash=word(found, "hash"),
        parent=word(found, "parentHash"),
        time=ordinal(found, "timestamp"),
        builder=account_or(found, "miner", ""),
        withdrawals=tuple(
            (ordinal(one, "index"), account(one, "address"), quantity(one, "amount") * _GWEI) for one in paid
        ),
        transactions=tuple(word(one, "hash") for one in rows(found.get("transactions"))) if whole else (),
    )


def sent_of(found: object, tx: str) -> Row:
    """Return a transaction; without a block's number where it is in none yet."""
    told = _written(row(found), _SENT)
    if word(told, "hash") != tx:
        raise InputError(f"transaction {told['hash']} stands for {tx}")
    account(told, "from")
    account_or(told, "to", "")
    quantity(told, "value")
    quantity(told, "nonce")
    if "blockNumber" in told:
        ordinal(told, "blockNumber")
        ordinal(told, "transactionIndex")
        word(told, "blockHash")
    return told


def receipt_of(found: object, sent: Row) -> Row:
    """Return the receipt of a transaction."""
    told = _written(row(found), _RECEIVED)
    if word(told, "transactionHash") != word(sent, "hash"):
        raise InputError(f"the receipt of {told['transactionHash']} stands for that of {sent['hash']}")
    ordinal(told, "blockNumber")
    quantity(told, "gasUsed")
    word(told, "blockHash")
    made = account_or(told, "contractAddress", "") or account_or(sent, "to", "") or _created(sent)
    logs = [log_of(log) for log in rows(told.get("logs"))]
    entries = [entry for log in logs for entry in (log["address"].lower(), *log["topics"])]
    if unexplained(int(octets(told, "logsBloom")[2:] or "0", 16) if "logsBloom" in told else 0, entries):
        raise InputError("there are fewer logs than its bloom filter holds")
    return {**told, "contractAddress": made, "logs": logs}


def log_of(log: Row) -> Row:
    """Return a log, its index as a number and its topics in lower case."""
    account(log, "address")
    octets(log, "data")
    topics = log.get("topics")
    if not isinstance(topics, list) or len(topics) > _MOST_TOPICS:
        raise InputError(f"{named(topics)} stands where at most {_MOST_TOPICS} topics must be")
    lower = [word({"a topic": topic}, "a topic") for topic in topics]
    return {**log, "topics": lower, "logIndex": ordinal(log, "logIndex")}


def _created(sent: Row) -> str:
    """Return the account that a creation makes, where a receipt leaves it out because the creation failed."""
    parts = bytes.fromhex(account(sent, "from")[2:]), quantity(sent, "nonce")
    return "0x" + keccak(encoded(parts))[12:].hex()


def _written(found: Row, keys: tuple[str, ...]) -> Row:
    """Return the fields with these numbers written in one way, and without those that say nothing."""
    told = {key: value for key, value in found.items() if value is not None}
    return told | {key: hex(quantity(told, key)) for key in keys if key in told}
