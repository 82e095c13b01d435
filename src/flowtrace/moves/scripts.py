"""Which address a script pays, and which script an address stands for, on chains of Bitcoin's kind.

A script is what a chain knows; an address is how people write the common forms of it. A bare public key has
no form of its own: it counts as the address of its hash, whose owner holds the same key. Bare multisignature
and data have none.

Sources: each chain's chainparams (version bytes), BIP-13, BIP-141, BIP-350; Litecoin's script.h (MWEB).
"""

from __future__ import annotations

import hashlib
from enum import Enum
from functools import lru_cache

from base58_bech32.base58 import b58decode_check, b58encode_check
from base58_bech32.bech32 import BECH32_1_CONST, BECH32_M_CONST, bech32_encode, convertbits
from Crypto.Hash import RIPEMD160

from flowtrace.model import Address, Chain
from flowtrace.model.bech32 import witness_program

# Version bytes of a public key's hash and of a script's, as addresses are written today.
_VERSIONS = {
    "bitcoin": (0, 5),
    "litecoin": (48, 50),
    "litecoin-regtest": (111, 58),
    "dogecoin": (30, 22),
}
_MWEB_CHAINS = ("litecoin", "litecoin-regtest")
KEY_HASH = b"\x76\xa9\x14"
"""How a script begins that pays the hash of a public key."""
_KEY_HASH, _SCRIPT_HASH = (KEY_HASH, b"\x88\xac"), (b"\xa9\x14", b"\x87")
_HASH, _CHECK_SIGNATURE, _OP_1 = 20, 0xAC, 0x51
_KEYS = {33: (2, 3), 65: (4, 6, 7)}  # sizes of a public key, each with the bytes it may begin with
_V0_SIZES, _PROGRAM_SIZES = (20, 32), range(2, 41)


class Mweb(Enum):
    """The two outputs by which Litecoin's public chain meets its confidential one; neither is an address.

    PEG_IN takes coin into it. POOL holds all that is in it; one transaction a block spends it and makes it
    anew, and pays out what leaves.
    """

    PEG_IN = 9
    POOL = 8


def mweb_of(chain: Chain, script: bytes) -> Mweb | None:
    """Return what a script is to Litecoin's confidential pool; None where it is nothing to it."""
    if chain.name not in _MWEB_CHAINS or len(script) != 2 + 32:
        return None
    version, _ = _witness(script) or (0, b"")
    return next((kind for kind in Mweb if kind.value == version), None)


@lru_cache(maxsize=1 << 16)
def address_of(chain: Chain, script: bytes) -> Address | None:
    """Return the address a script pays; None where no address stands for it.

    Examples
    --------
    >>> address_of(Chain.of("bitcoin"), bytes.fromhex("0014751e76e8199196d454941c45d1b3a323f1433bd6")).account
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'
    """
    witness = _witness(script)
    if witness is not None:
        if not chain.hrp or mweb_of(chain, script):
            return None
        version, program = witness
        constant = BECH32_M_CONST if version else BECH32_1_CONST
        data = [version, *convertbits(program, 8, 5)]
        return Address(chain.id, bech32_encode(chain.hrp, data, m=constant).decode())
    of_key, of_script = _VERSIONS[chain.name]
    key_hash = _hash_in(script, _KEY_HASH) or _hash_of_key(script)
    payload = key_hash or _hash_in(script, _SCRIPT_HASH)
    if payload is None:
        return None
    return Address(chain.id, b58encode_check(bytes([of_key if key_hash else of_script]) + payload).decode())


def script_of(address: Address) -> bytes:
    """Return the script that pays an address."""
    chain = address.chain
    found = witness_program(chain.hrp, address.account) if chain.hrp else None
    if found is not None:
        version, program = found
        return bytes([version + _OP_1 - 1 if version else 0, len(program)]) + program
    payload = b58decode_check(address.account)
    before, after = _KEY_HASH if payload[0] == _VERSIONS[chain.name][0] else _SCRIPT_HASH
    return before + payload[1:] + after


def esplora_hash(script: bytes) -> str:
    """Return the name Esplora has for a script: its SHA-256."""
    return hashlib.sha256(script).hexdigest()


def electrum_hash(script: bytes) -> str:
    """Return the name Electrum's protocol has for a script: its SHA-256, last byte first."""
    return hashlib.sha256(script).digest()[::-1].hex()


def _witness(script: bytes) -> tuple[int, bytes] | None:
    """Return (version, program) of a witness program, by the rules of BIP-141."""
    if len(script) - 2 not in _PROGRAM_SIZES or script[1] != len(script) - 2:
        return None
    if script[0] == 0:
        return (0, script[2:]) if script[1] in _V0_SIZES else None
    version = script[0] - _OP_1 + 1
    return (version, script[2:]) if 1 <= version <= 16 else None  # noqa: PLR2004  OP_1 to OP_16


def _hash_in(script: bytes, form: tuple[bytes, bytes]) -> bytes | None:
    before, after = form
    if len(script) != len(before) + _HASH + len(after):
        return None
    fits = script.startswith(before) and script.endswith(after)
    return script[len(before) : -len(after)] if fits else None


def _hash_of_key(script: bytes) -> bytes | None:
    """Return the hash of the bare public key that a script asks for."""
    size = len(script) - 2
    if size not in _KEYS or script[0] != size or script[-1] != _CHECK_SIGNATURE:
        return None
    key = script[1:-1]
    return RIPEMD160.new(hashlib.sha256(key).digest()).digest() if key[0] in _KEYS[size] else None
