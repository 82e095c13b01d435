"""Segregated-witness addresses: bech32 for witness version 0 (BIP-173), bech32m for later ones (BIP-350)."""

from __future__ import annotations

from base58_bech32.bech32 import BECH32_1_CONST, BECH32_M_CONST, bech32_decode, convertbits

_MAX_LENGTH, _MAX_VERSION = 90, 16
_PROGRAM_SIZES, _V0_SIZES = range(2, 41), (20, 32)


def witness_program(hrp: str, text: str) -> tuple[int, bytes] | None:
    """Decode a segwit address into (witness version, program), or None if any rule of the BIPs is broken."""
    try:
        prefix, data, constant = bech32_decode(text, limit=_MAX_LENGTH)
        program = bytes(convertbits(data[1:], 5, 8, pad=False))
    except ValueError:
        return None
    if prefix != hrp or not data or data[0] > _MAX_VERSION:
        return None
    version = data[0]
    if constant != (BECH32_1_CONST if version == 0 else BECH32_M_CONST):
        return None
    sizes = _V0_SIZES if version == 0 else _PROGRAM_SIZES
    return (version, program) if len(program) in sizes else None
