"""What moves in one transaction of an EVM chain, as transfers: one way to name each, whoever tells of it.

A transfer is the same transfer whichever source tells it, so its position is made from what every source
has: ``fee``, ``value``, ``trace 0.1`` (the path of the call), ``log 12`` (the index of the log in its block),
``log 12.3`` (the third of a batch). A source that gives no path and no index gets a position made of what
moved and how many times, ``internal 1f3a99c0 0``; :mod:`flowtrace.fetch.reconcile` puts such a row aside
where a better one tells of the same move.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

from flowtrace.model import Address, Amount, Asset, Basis, Chain, Kind, Leg, Transfer

_VALUE, _CALL, _INTERNAL, _TOKEN = 1, 2, 10, 1_000_000
_LONGEST_PATH = 58  # a position has 64 characters, and anyone can make calls nest deeper than that
VAGUE = ("internal ", "erc20 ", "nft ")
"""How the positions begin that a source without paths and indexes gives."""


@dataclass(frozen=True, slots=True)
class EvmTransaction:
    """Where a transaction stands, and whether it succeeded."""

    chain: Chain
    hash: str
    height: int
    index: int
    time: int
    ok: bool = True

    def fee(self, payer: Address, units: int) -> Transfer:
        """Return the fee: gas used times the effective price, and what a rollup adds for its data."""
        amount = Amount(Asset.native(self.chain), units)
        return self._transfer(Kind.FEE, "fee", 0, legs=(payer, None, amount))

    def value(self, source: Address, target: Address, units: int) -> Transfer:
        """Return what the transaction itself pays; nothing moves where it failed."""
        amount = Amount(Asset.native(self.chain), units)
        return self._transfer(Kind.VALUE, "value", _VALUE, legs=(source, target, amount))

    def call(self, source: Address, target: Address, amount: Amount) -> Transfer:
        """Return what the transaction's calldata says it moves: asked for, not proved."""
        legs = (source, target, amount)
        return self._transfer(Kind.CALL, "call 0", _CALL, legs=legs, basis=Basis.DECODED)

    def internal(self, path: tuple[int, ...], source: Address, *, target: Address, units: int) -> Transfer:
        """Return coin a contract paid; ``path`` is where in the tree of calls, never empty."""
        amount = Amount(Asset.native(self.chain), units)
        position = "trace " + ".".join(map(str, short(path)))
        return self._transfer(Kind.INTERNAL, position, _INTERNAL, legs=(source, target, amount))

    def log(
        self, index: int, source: Address, *, target: Address, amount: Amount, part: int = -1
    ) -> Transfer:
        """Return what the log at this index in its block says moved; ``part`` counts within a batch."""
        position = f"log {index}" if part < 0 else f"log {index}.{part}"
        return self._transfer(Kind.TOKEN, position, _TOKEN + index, legs=(source, target, amount))

    def vague(self, name: str, seen: Counter[str], *, legs: tuple[Address, Address, Amount]) -> Transfer:
        """Return a move without path or index; ``name`` is one of VAGUE, ``seen`` counts equal ones.

        Every source that lists an address's moves lists equal ones equally often, so the count names them.
        """
        source, target, amount = legs
        what = f"{source.account} {target.account} {amount.asset} {amount.units}"
        digest = hashlib.sha256(what.encode()).hexdigest()[:8]
        key = f"{self.hash} {name}{digest}"
        position = f"{name}{digest} {seen[key]}"
        seen[key] += 1
        kind = Kind.INTERNAL if name == VAGUE[0] else Kind.TOKEN
        order = _INTERNAL if kind is Kind.INTERNAL else _TOKEN
        return self._transfer(kind, position, order, legs=legs)

    def mint(self, target: Address, units: int, position: str) -> Transfer:
        """Return coin that came from no account: a block reward, a validator's withdrawal."""
        amount = Amount(Asset.native(self.chain), units)
        return self._transfer(Kind.MINT, position, 0, legs=(None, target, amount))

    def _transfer(
        self,
        kind: Kind,
        position: str,
        order: int,
        *,
        legs: tuple[Address | None, Address | None, Amount],
        basis: Basis = Basis.RECORDED,
    ) -> Transfer:
        source, target, amount = legs
        return Transfer(
            chain_id=self.chain.id,
            tx=self.hash,
            position=position,
            height=self.height,
            index=self.index,
            order=order,
            time=self.time,
            kind=kind,
            basis=basis,
            ok=self.ok,
            inputs=(Leg(source, amount.asset, amount.units),),
            outputs=(Leg(target, amount.asset, amount.units),),
        )


def short(path: tuple[int, ...]) -> tuple[int, ...]:
    """Return a path as a position can name it: one too long for that becomes a number made of all of it.

    Calls under one call are never so many that the number could be one of theirs.
    """
    text = ".".join(map(str, path))
    if len(text) <= _LONGEST_PATH:
        return path
    return (int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) | 1 << 63,)
