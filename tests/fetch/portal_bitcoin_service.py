"""A Bitcoin dataset of the SQD Portal over a toy chain of real transactions, bytes and hashes and all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from fetch.portal_dataset import Block, Dataset, Found, Row, Table, joined
from fetch.portal_service import provider
from flowtrace.fetch.source import Pin
from flowtrace.model import Address, Chain

BITCOIN = Chain.of("bitcoin")
ANN = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
BEN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
CLEO = "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"
DAN = "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
SCRIPTS = {
    ANN: "0014751e76e8199196d454941c45d1b3a323f1433bd6",
    BEN: "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac",
    CLEO: "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87",
    DAN: "5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c",
}
NOTE, KEY = (
    "6a0568656c6c6f",
    "21" + "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" + "ac",
)
COIN = 10**8

Pay = tuple[str, int]
"""A script or an address, and satoshi."""


@dataclass
class Ledger:
    """A chain of transactions, with every coin it ever made."""

    blocks: list[Block] = field(default_factory=list)
    coins: dict[str, Pay] = field(default_factory=dict)
    unspent: dict[str, Pay] = field(default_factory=dict)
    told: list[tuple[str, tuple[str, ...], tuple[Pay, ...]]] = field(default_factory=list)

    def block(self, *sent: tuple[Sequence[str], Sequence[Pay]]) -> list[str]:
        """Add a block of (coins spent, payments); return the transactions' names."""
        number = len(self.blocks)
        tables: Found = {"transactions": [], "inputs": [], "outputs": []}
        parent = self.blocks[-1].hash if self.blocks else ""
        made = Block(number, f"{number:08x}" + "cd" * 28, 1_300_000_000 + 600 * number, tables, parent)
        reward: tuple[Sequence[str], Sequence[Pay]] = ((), ((BEN, 50 * COIN), (NOTE, 0)))
        names = [self._add(made, index, one) for index, one in enumerate((reward, *sent))]
        self.blocks.append(made)
        return names[1:]

    def _add(self, block: Block, index: int, sent: tuple[Sequence[str], Sequence[Pay]]) -> str:
        spends, pays = sent
        raw = _raw(spends, [(_script(to), units) for to, units in pays], block.number)
        name = _twice(raw)[::-1].hex()
        place = {"transactionIndex": index}
        block.tables["transactions"].append(place | {"txid": name, "hex": raw.hex()})
        for number, coin in enumerate(spends or [""]):
            row: Row = place | {"inputIndex": number, "txid": None, "vout": None, "prevoutValue": None}
            row |= {"prevoutScriptPubKeyHex": None, "prevoutScriptPubKeyAddress": None}
            if coin:
                to, units = self.unspent.pop(coin)
                txid, _, vout = coin.partition(":")
                row |= {"txid": txid, "vout": int(vout), "prevoutValue": units / COIN}
                row |= {"prevoutScriptPubKeyHex": _script(to), "prevoutScriptPubKeyAddress": _address(to)}
            block.tables["inputs"].append(row)
        for number, (to, units) in enumerate(pays):
            value = {
                "value": units / COIN,
                "scriptPubKeyHex": _script(to),
                "scriptPubKeyAddress": _address(to),
            }
            block.tables["outputs"].append(place | {"outputIndex": number} | value)
            self.coins[f"{name}:{number}"] = self.unspent[f"{name}:{number}"] = (to, units)
        self.told.append((name, tuple(spends), tuple(pays)))
        return name

    def chain(self, coins: Sequence[str], *pays: Pay) -> None:
        """Add a block of payments of which each spends the one before it."""
        sent: list[tuple[Sequence[str], Sequence[Pay]]] = []
        number = len(self.blocks)
        for pay in pays:
            sent.append((coins, [pay]))
            raw = _raw(coins, [(_script(pay[0]), pay[1])], number)
            coins = [f"{_twice(raw)[::-1].hex()}:0"]
        self.block(*sent)

    def of(self, account: str) -> set[str]:
        """Return the names of the transactions that pay an account or spend its coins."""
        return {
            name
            for name, spends, pays in self.told
            if account in {to for to, _ in (*pays, *(self.coins[coin] for coin in spends))}
        }


def _script(to: str) -> str:
    return SCRIPTS.get(to, to)


def _address(to: str) -> str | None:
    return to if to in SCRIPTS else None


def _raw(spends: Sequence[str], pays: Sequence[tuple[str, int]], height: int) -> bytes:
    """Return a transaction's bytes, without signatures."""
    parts = [(2).to_bytes(4, "little"), bytes([len(spends) or 1])]
    for coin in spends:
        txid, _, vout = coin.partition(":")
        parts += [bytes.fromhex(txid)[::-1], int(vout).to_bytes(4, "little"), b"\0", b"\xff" * 4]
    if not spends:
        parts += [bytes(32), b"\xff" * 4, b"\x04" + height.to_bytes(4, "little"), b"\xff" * 4]
    parts.append(bytes([len(pays)]))
    for script, units in pays:
        parts += [units.to_bytes(8, "little"), bytes([len(script) // 2]), bytes.fromhex(script)]
    return b"".join([*parts, bytes(4)])


def _twice(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


_WHOLE = {
    "transaction": joined("transactions"),
    "transactionInputs": joined("inputs"),
    "transactionOutputs": joined("outputs"),
}
TABLES = {
    "transactions": Table("transaction", ("transactionIndex", "txid", "hex"), {}, {}),
    "inputs": Table(
        "input",
        ("transactionIndex", "inputIndex", "txid", "vout", "prevoutValue", "prevoutScriptPubKeyHex"),
        {"prevoutScriptPubKeyAddress": "prevoutScriptPubKeyAddress"},
        _WHOLE,
    ),
    "outputs": Table(
        "output",
        ("transactionIndex", "outputIndex", "value", "scriptPubKeyHex"),
        {"scriptPubKeyAddress": "scriptPubKeyAddress"},
        _WHOLE,
    ),
}


def ledger() -> Ledger:
    """Return a chain with merges, change, peels, a chain within one block, and outputs without an address."""
    made = Ledger()
    for _ in range(3):
        made.block()
    rewards = [f"{name}:0" for name, spends, _ in made.told if not spends]
    one, two = made.block(
        (rewards[:1], [(ANN, 20 * COIN), (BEN, 30 * COIN)]),
        (rewards[1:2], [(ANN, 1), (ANN, 10 * COIN + 7), (KEY, 39 * COIN), (NOTE, 0)]),
    )
    made.block()
    (merged,) = made.block(([f"{one}:0", f"{two}:1", f"{one}:1"], [(CLEO, 59 * COIN), (ANN, COIN // 2)]))
    peel = f"{merged}:1"
    for units in (40_000_000, 30_000_000, 20_000_000):
        (name,) = made.block(([peel], [(DAN, 9_000_000), (ANN, units)]))
        peel = f"{name}:1"
    (first,) = made.block(([peel, f"{two}:0"], [(ANN, 20_000_001)]))
    second = made.block((rewards[2:], [(ANN, 50 * COIN)]))[0]
    made.block(([f"{first}:0"], [(BEN, 1000), (NOTE, 0), (CLEO, 20_000_000 - 1234)]))
    (halves,) = made.block(([f"{second}:0"], [(DAN, 25 * COIN), (ANN, 25 * COIN)]))
    made.chain([f"{halves}:1"], (ANN, 24 * COIN), (BEN, 23 * COIN), (ANN, 22 * COIN))
    made.block()
    made.block()
    return made


def dataset(made: Ledger, account: str = ANN) -> Dataset:
    """Return a portal before a chain; Bitcoin has no finality of its own, so blocks are final by depth."""
    last = made.blocks[-3]
    pin = Pin(BITCOIN.id, last.number, last.hash, last.time)
    known = Address.parse(BITCOIN, account)
    return Dataset(provider(BITCOIN, depth=2), known, pin, "bitcoin", TABLES, made.blocks)


def service() -> Dataset:
    """Return the stand-in."""
    return dataset(ledger())
