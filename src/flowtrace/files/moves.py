"""How a move is named, so that an imported row and a fetched one of the same move are one transfer.

These say what :mod:`flowtrace.fetch.evm_moves`, :mod:`flowtrace.fetch.coins` and
:mod:`flowtrace.fetch.scripts` say, for files and fetch stand on one floor and do not see each other; a test
holds them together.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from base58_bech32.base58 import b58encode_check
from base58_bech32.bech32 import BECH32_1_CONST, BECH32_M_CONST, bech32_encode, convertbits
from Crypto.Hash import RIPEMD160

from flowtrace.errors import InputError
from flowtrace.model import Address, Amount, Asset, Basis, Chain, Kind, Leg, Transfer

_VALUE, _INTERNAL, _TOKEN = 1, 10, 1_000_000
_VERSIONS = {
    "bitcoin": (0, 5),
    "litecoin": (48, 50),
    "litecoin-regtest": (111, 58),
    "dogecoin": (30, 22),
}
POOL, PEG_IN = 8, 9
"""Witness versions of Litecoin's confidential pool, and of what pays into it; they are no addresses."""
_CONFIDENTIAL = ("litecoin", "litecoin-regtest")
_FORMS = ((b"\x76\xa9\x14", b"\x88\xac", 0), (b"\xa9\x14", b"\x87", 1))
_HASH, _CHECK_SIGNATURE, _OP_1, _OP_16 = 20, 0xAC, 0x51, 0x60
_KEYS = {33: (2, 3), 65: (4, 6, 7)}
_V0_SIZES, _PROGRAM_SIZES = (20, 32), range(2, 41)

Legs = tuple[Address | None, Address | None, Amount]
Side = tuple[Address | None, int, str]
"""One input or output: whose it is, its base units, and its coin ``txid:n``."""


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
        """Return the fee."""
        return self._transfer(Kind.FEE, "fee", 0, legs=(payer, None, self._coins(units)))

    def value(self, source: Address, target: Address, units: int) -> Transfer:
        """Return what the transaction itself pays."""
        return self._transfer(Kind.VALUE, "value", _VALUE, legs=(source, target, self._coins(units)))

    def internal(self, path: tuple[int, ...], source: Address, *, target: Address, units: int) -> Transfer:
        """Return coin a contract paid at this path of the tree of calls."""
        position = "trace " + ".".join(map(str, path))
        return self._transfer(Kind.INTERNAL, position, _INTERNAL, legs=(source, target, self._coins(units)))

    def log(self, index: int, source: Address, *, target: Address, amount: Amount) -> Transfer:
        """Return what the log at this index in its block says moved."""
        legs = (source, target, amount)
        return self._transfer(Kind.TOKEN, f"log {index}", _TOKEN + index, legs=legs)

    def vague(self, name: str, seen: Counter[str], *, legs: tuple[Address, Address, Amount]) -> Transfer:
        """Return a move without path or index, named by what moved and how often."""
        source, target, amount = legs
        what = f"{source.account} {target.account} {amount.asset} {amount.units}"
        digest = hashlib.sha256(what.encode()).hexdigest()[:8]
        key = f"{self.hash} {name}{digest}"
        position = f"{name}{digest} {seen[key]}"
        seen[key] += 1
        kind = Kind.INTERNAL if name == "internal " else Kind.TOKEN
        order = _INTERNAL if kind is Kind.INTERNAL else _TOKEN
        return self._transfer(kind, position, order, legs=legs)

    def _coins(self, units: int) -> Amount:
        return Amount(Asset.native(self.chain), units)

    def _transfer(self, kind: Kind, position: str, order: int, *, legs: Legs) -> Transfer:
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
            basis=Basis.RECORDED,
            ok=self.ok,
            inputs=(Leg(source, amount.asset, amount.units),),
            outputs=(Leg(target, amount.asset, amount.units),),
        )


def coin_transfer(
    chain: Chain,
    txid: str,
    *,
    height: int,
    index: int,
    time: int,
    inputs: Sequence[Side],
    outputs: Sequence[Side],
) -> Transfer:
    """Return a transaction of a UTXO chain as one transfer.

    Raises
    ------
    InputError
        If the outputs are more than the inputs, or the transaction spends a coin twice.
    """
    asset = Asset.native(chain)
    if len({coin for _, _, coin in inputs}) != len(inputs):
        raise InputError(f"transaction {txid} spends a coin twice: no block can hold it")
    gives = [Leg(address, asset, units, coin) for address, units, coin in inputs]
    takes = [Leg(address, asset, units, coin) for address, units, coin in outputs]
    paid = sum(leg.units for leg in takes)
    fee = sum(leg.units for leg in gives) - paid if gives else 0
    if fee < 0:
        raise InputError(f"transaction {txid} pays {-fee} more than it spends: an input is missing or wrong")
    if fee:
        takes.append(Leg(None, asset, fee))
    return Transfer(
        chain_id=chain.id,
        tx=txid,
        position="coin",
        height=height,
        index=index,
        order=0,
        time=time,
        kind=Kind.COIN,
        basis=Basis.RECORDED,
        ok=True,
        inputs=tuple(gives or [Leg(None, asset, paid)]),
        outputs=tuple(takes),
    )


def address_of(chain: Chain, script: bytes) -> Address | None:
    """Return the address a script pays; None where no address stands for it."""
    witness = _witness(script)
    if witness is not None:
        version, program = witness
        if not chain.hrp or confidential(chain, script):
            return None
        data = [version, *convertbits(program, 8, 5)]
        constant = BECH32_M_CONST if version else BECH32_1_CONST
        return Address(chain.id, bech32_encode(chain.hrp, data, m=constant).decode())
    found = _payload(script)
    if found is None:
        return None
    kind, payload = found
    return Address(chain.id, b58encode_check(bytes([_VERSIONS[chain.name][kind]]) + payload).decode())


def confidential(chain: Chain, script: bytes) -> int:
    """Return POOL or PEG_IN where a script is that of Litecoin's confidential pool; 0 where it is not."""
    version, program = _witness(script) or (0, b"")
    known = chain.name in _CONFIDENTIAL and len(program) == _V0_SIZES[1]
    return version if known and version in (POOL, PEG_IN) else 0


def _witness(script: bytes) -> tuple[int, bytes] | None:
    """Return (version, program) of a witness program, by the rules of BIP-141."""
    if len(script) - 2 not in _PROGRAM_SIZES or script[1] != len(script) - 2:
        return None
    if script[0] == 0:
        return (0, script[2:]) if script[1] in _V0_SIZES else None
    return (script[0] - _OP_1 + 1, script[2:]) if _OP_1 <= script[0] <= _OP_16 else None


def _payload(script: bytes) -> tuple[int, bytes] | None:
    """Return 0 and the hash of a public key, or 1 and that of a script; a bare key counts as its hash."""
    for before, after, kind in _FORMS:
        size = len(before) + _HASH + len(after)
        if len(script) == size and script.startswith(before) and script.endswith(after):
            return kind, script[len(before) : -len(after)]
    size, key = len(script) - 2, script[1:-1]
    if size in _KEYS and script[0] == size and script[-1] == _CHECK_SIGNATURE and key[0] in _KEYS[size]:
        return 0, RIPEMD160.new(hashlib.sha256(key).digest()).digest()
    return None
