"""Reading what contracts write: 32-byte words, and bytes that an offset leads to. Hostile until read.

Source: the contract ABI specification of Solidity. Every length and offset is checked against what is
there, and padding that must be zero is zero: a value that does not fit its type is no value.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.crossing.ends import UndecodableError

_WORD, _BITS, _ADDRESS = 32, 256, 20
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Words:
    """Bytes, read as words.

    Examples
    --------
    >>> Words((5).to_bytes(32)).number(0)
    5
    """

    data: bytes

    def raw(self, n: int) -> bytes:
        """Return word ``n``."""
        found = self.data[n * _WORD : (n + 1) * _WORD]
        if len(found) != _WORD:
            raise UndecodableError(f"word {n} is missing: {len(self.data)} bytes are there")
        return found

    def number(self, n: int, bits: int = _BITS) -> int:
        """Return word ``n`` as a number that is not negative."""
        value = int.from_bytes(self.raw(n))
        if value >> bits:
            raise UndecodableError(f"word {n} is larger than {bits} bits allow")
        return value

    def address(self, n: int) -> str:
        """Return word ``n`` as an address of an EVM chain."""
        return f"0x{self.number(n, _ADDRESS * 8):040x}"

    def account(self, n: int) -> str:
        """Return word ``n`` as an account of any chain: an address where it fits one, else all 32 bytes."""
        return account(self.raw(n))

    def hex(self, n: int) -> str:
        """Return word ``n`` in hexadecimal."""
        return f"0x{self.raw(n).hex()}"

    def part(self, n: int) -> Words:
        """Return what the offset in word ``n`` leads to: a structure without fixed size."""
        return Words(self.data[self._offset(n) :])

    def bytes(self, n: int) -> bytes:
        """Return the bytes or text that the offset in word ``n`` leads to."""
        there = self.part(n)
        length = there.number(0)
        found = there.data[_WORD : _WORD + length] if length <= _MOST_BYTES else b""
        if len(found) != length:
            raise UndecodableError(f"{length} bytes are told and {len(found)} are there")
        return found

    def text(self, n: int) -> str:
        """Return the text that the offset in word ``n`` leads to."""
        try:
            return self.bytes(n).decode()
        except UnicodeDecodeError as error:
            raise UndecodableError(f"a text is not UTF-8: {error.reason}") from error

    def _offset(self, n: int) -> int:
        at = self.number(n)
        if at > len(self.data):
            raise UndecodableError(
                f"word {n} leads to byte {at:.3g}, past the end" if at < 1 << 64 else "far out"
            )
        return at


def account(raw: bytes) -> str:
    """Return an account of 32 bytes as text: an EVM chain's where the first twelve are zero.

    Examples
    --------
    >>> account(bytes(12) + bytes([0x11]) * 20)
    '0x1111111111111111111111111111111111111111'
    """
    return f"0x{(raw if any(raw[: _WORD - _ADDRESS]) else raw[-_ADDRESS:]).hex()}"
