"""A purse of coins: transactions written by name, each with its shape, into a little ledger of Bitcoin.

A coin is named by the transaction that makes it, ``rent:0``; one from before the ledger by its owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Chain, Fact, FactKind, Price, Transfer
from flowtrace.moves.coin import Side, coin_transfer
from flowtrace.moves.scripts import address_of

BITCOIN = Chain.of("bitcoin")
BLOCK = 600
"""Seconds between the purse's blocks."""
FINAL, REPLACEABLE = 0xFFFFFFFF, 0xFFFFFFFD
_SCRIPTS = {
    "key": (b"\x76\xa9\x14", 20, b"\x88\xac"),
    "script": (b"\xa9\x14", 20, b"\x87"),
    "witness": (b"\x00\x14", 20, b""),
    "taproot": (b"\x51\x20", 32, b""),
}


def holder(name: str, kind: str = "witness") -> Address:
    """Return the address of a name, of a kind of script: the first bytes of the name's SHA-256."""
    before, size, after = _SCRIPTS[kind]
    found = address_of(BITCOIN, before + sha256(name.encode()).digest()[:size] + after)
    assert found is not None
    return found


def paid(name: str, units: int, kind: str = "witness") -> tuple[Address, int]:
    """Return an output to the address of a name."""
    return holder(name, kind), units


class Purse:
    """Transactions as they are written, a block each; without ``shapes`` none tells how it is built."""

    def __init__(self, *, shapes: bool = True) -> None:
        self.shapes = shapes
        self.transfers: list[Transfer] = []
        self.facts: list[Fact] = []
        self.made: dict[str, tuple[Address | None, int]] = {}

    def spend(
        self,
        name: str,
        gives: Sequence[str | tuple[Address, int]],
        takes: Sequence[tuple[Address | None, int]],
        *,
        height: int | None = None,
        lock: int = 0,
        sequence: int = FINAL,
        version: int = 2,
        weight: int = 0,
    ) -> Transfer:
        """Write a transaction down; it spends coins by name, or such as were there before the ledger."""
        at = 800_000 + len(self.transfers) if height is None else height
        inputs: list[Side] = [self._input(name, n, give) for n, give in enumerate(gives)]
        outputs: list[Side] = [(address, units, f"{name}:{n}") for n, (address, units) in enumerate(takes)]
        self.made.update({coin: (address, units) for address, units, coin in outputs})
        transfer = coin_transfer(
            BITCOIN, name, height=at, index=0, time=at * BLOCK, inputs=inputs, outputs=outputs
        )
        self.transfers.append(transfer)
        figures = {"version": version, "locktime": lock, "weight": weight}
        shape = [(key, str(value)) for key, value in figures.items() if key != "weight" or value]
        shape.append(("sequences", ",".join(str(sequence) for _ in gives)))
        if self.shapes:
            self.facts.append(Fact(BITCOIN.id, name, at, 0, 0, at * BLOCK, FactKind.SHAPE, (), tuple(shape)))
        return transfer

    def _input(self, name: str, place: int, give: str | tuple[Address, int]) -> Side:
        if isinstance(give, str):
            return (*self.made[give], give)
        return (*give, f"before.{name}:{place}")

    def ledger(self, prices: Sequence[Price] = ()) -> Ledger:
        """Return all that was written as a ledger."""
        return Ledger(self.transfers, facts=self.facts, prices=prices)
