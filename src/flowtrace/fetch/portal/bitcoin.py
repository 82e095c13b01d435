"""What the portal's Bitcoin dataset tells of an address: whole transactions, by their inputs and outputs.

The dataset is filtered by addresses as text, so coin paid to a bare public key is not found by the address of
its hash. Amounts are whole coins in floating point, whose shortest form is exact. A transaction is told with
its bytes too, and these must be what its rows say, and hash to its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from flowtrace.errors import InputError
from flowtrace.fetch.portal.family import Finding, Query, Reader, fields
from flowtrace.fetch.portal.lines import Block, Row, text, units, whole
from flowtrace.fetch.utxo.coins import Holding
from flowtrace.model import Address, Scope, Transfer
from flowtrace.moves.coin import CoinTransaction, Output, read_transaction

_FIELDS = {
    "block": ("number", "hash", "timestamp"),
    "transaction": ("transactionIndex", "txid", "hex"),
    "input": ("transactionIndex", "inputIndex", "txid", "vout", "prevoutValue", "prevoutScriptPubKeyHex"),
    "output": ("transactionIndex", "outputIndex", "value", "scriptPubKeyHex"),
}
_DECIMALS = 8
_HASH = re.compile(r"[0-9a-f]{64}")


def reader(address: Address) -> Reader:
    """Return the reader for an address."""
    return _Bitcoin(address)


@dataclass
class _Bitcoin:
    """The history of an address while it is read.

    ``hashed`` counts the transactions whose bytes were told; ``lost`` names the coins that the address spends
    but was never seen to receive.
    """

    address: Address
    count: int = 0
    hashed: int = 0
    lost: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.holding = Holding(self.address)

    def queries(self) -> Sequence[Query]:
        whole_transactions = {"transaction": True, "transactionInputs": True, "transactionOutputs": True}
        account = [self.address.account]
        asked = {
            "fields": fields(_FIELDS),
            "inputs": [{"prevoutScriptPubKeyAddress": account, **whole_transactions}],
            "outputs": [{"scriptPubKeyAddress": account, **whole_transactions}],
        }
        return [Query(asked)]

    def lacks(self, what: Sequence[str]) -> None:
        """Nothing can be left out: there is only one question."""

    def read(self, block: Block) -> list[Transfer]:
        inputs, outputs = (block.by_transaction(table) for table in ("inputs", "outputs"))
        found = []
        for index, row in block.transactions().items():
            spends, spent = _inputs(inputs.pop(index, []))
            paid = _outputs(outputs.pop(index, []))
            tx = CoinTransaction(_name(row), spends, paid)
            self.hashed += _is_hashed(tx, row)
            self._hold(tx, spent)
            transfer = tx.told(self.address.chain, spent, height=block.number, index=index, time=block.time)
            found += [transfer] if transfer is not None else []
        if inputs or outputs:
            raise InputError("an input or output is told without its transaction")
        self.count += len(found)
        return found

    def _hold(self, tx: CoinTransaction, spent: Sequence[Output]) -> None:
        """Hold what the transaction spends of the address against what it was seen to receive."""
        script = self.holding.script
        drawn = {coin: one.units for coin, one in zip(tx.spends, spent, strict=True) if one.script == script}
        for coin, amount in drawn.items():
            if coin in self.holding.spent:
                raise InputError(f"coin {coin} is spent a second time")
            if self.holding.received.get(coin, amount) != amount:
                raise InputError(f"coin {coin} is spent as {amount} satoshi, which is not what it was")
        self.lost += [coin for coin in drawn if coin not in self.holding.received]
        if not self.holding.take(tx) and not drawn:
            raise InputError(f"transaction {tx.txid} does not touch the address")

    def findings(self) -> list[Finding]:
        """Return how complete the history is: each coin that is spent must be one that was received."""
        holding = self.holding
        left = holding.unspent
        hashed = "each" if self.hashed == self.count else f"{self.hashed} of them"
        words = (
            f"{self.count} transactions, {hashed} hashed to its name; {len(holding.received)} coins received"
        )
        if self.lost:
            words += (
                f"; {len(self.lost)} coins are spent but not seen to be received: the first, {self.lost[0]}"
            )
        else:
            words += ", every coin spent is one of them"
        words += (
            f"; {len(left)} with {sum(left.values())} satoshi are left, which this source cannot be asked"
        )
        return [Finding(Scope.EXTERNAL, not self.lost, words + holding.unseen)]


def _inputs(rows: Sequence[Row]) -> tuple[tuple[str, ...], tuple[Output, ...]]:
    """Return the coins that a transaction spends, and what they were; none where it makes new coin."""
    rows = _in_order(rows, "inputIndex")
    if len(rows) == 1 and rows[0].get("txid") is None:
        return (), ()
    coins = tuple(f"{_name(row)}:{whole(row, 'vout')}" for row in rows)
    spent = (Output(units(r, "prevoutValue", _DECIMALS), _script(r, "prevoutScriptPubKeyHex")) for r in rows)
    return coins, tuple(spent)


def _outputs(rows: Sequence[Row]) -> tuple[Output, ...]:
    rows = _in_order(rows, "outputIndex")
    return tuple(Output(units(row, "value", _DECIMALS), _script(row, "scriptPubKeyHex")) for row in rows)


def _in_order(rows: Sequence[Row], key: str) -> list[Row]:
    """Return all inputs or outputs of a transaction in its own order, none left out."""
    ordered = sorted(rows, key=lambda row: whole(row, key))
    if not ordered or [whole(row, key) for row in ordered] != list(range(len(ordered))):
        raise InputError(f"a transaction is told without all of it: {key} has gaps")
    return ordered


def _is_hashed(tx: CoinTransaction, row: Row) -> bool:
    """Return whether the transaction's bytes are told; they must say what its rows say."""
    told = row.get("hex")
    if told is None:
        return False
    if not isinstance(told, str) or read_transaction(_bytes(told)) != tx:
        raise InputError(f"transaction {tx.txid} is another by its bytes")
    return True


def _name(row: Row) -> str:
    name = text(row, "txid").lower()
    if not _HASH.fullmatch(name):
        raise InputError(f"txid is {name!r:.80}, which is no transaction's name")
    return name


def _script(row: Row, key: str) -> bytes:
    told = row.get(key)
    if not isinstance(told, str):
        raise InputError(f"{key} is no script")
    return _bytes(told)


def _bytes(told: str) -> bytes:
    try:
        return bytes.fromhex(told)
    except ValueError:
        raise InputError("what should be hexadecimal is not") from None
