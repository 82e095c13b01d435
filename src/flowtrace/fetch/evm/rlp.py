"""Recursive length prefix (Yellow Paper, appendix B), as far as creations and authorisations need it."""

from __future__ import annotations

from collections.abc import Iterable

_TEXT, _LIST, _SHORT = 0x80, 0xC0, 55


def encoded(parts: Iterable[int | bytes]) -> bytes:
    """Return the encoding of a list of numbers and bytes.

    >>> encoded([b"cat", b"dog"]).hex()
    'c88363617483646f67'
    """
    return _prefixed(b"".join(map(_one, parts)), _LIST)


def _one(part: int | bytes) -> bytes:
    text = part.to_bytes((part.bit_length() + 7) // 8) if isinstance(part, int) else part
    return text if len(text) == 1 and text[0] < _TEXT else _prefixed(text, _TEXT)


def _prefixed(text: bytes, offset: int) -> bytes:
    if len(text) <= _SHORT:
        return bytes([offset + len(text)]) + text
    size = len(text).to_bytes((len(text).bit_length() + 7) // 8)
    return bytes([offset + _SHORT + len(size)]) + size + text
