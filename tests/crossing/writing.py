"""Writing what bridges write: logs with ABI-encoded data, messages and packets, for tests to read back."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode

from flowtrace.crossing.seen import Event

ETH, BASE, ARB, OP, AVAX = (f"eip155:{n}" for n in (1, 8453, 42161, 10, 43114))
TX, TX_2 = "0x" + "ab" * 32, "0x" + "cd" * 32


def who(n: int) -> str:
    """Return an address."""
    return f"0x{n:040x}"


def wide(text: str) -> bytes:
    """Return an address as 32 bytes."""
    return bytes.fromhex(text[2:]).rjust(32, b"\0")


def log(
    event: Event,
    contract: str,
    values: list[Any],
    *,
    types: str = "",
    topics: tuple[bytes, ...] = (),
    at: int = 0,
) -> dict[str, Any]:
    """Return a log: the indexed values as topics of 32 bytes, the others by their types."""
    kinds = _split(types) if types else []
    assert len(topics) == event.indexed
    return {
        "address": contract,
        "topics": [event.topic, *(f"0x{topic.hex()}" for topic in topics)],
        "data": f"0x{encode(kinds, values).hex()}",
        "logIndex": at,
    }


def word(value: int | str) -> bytes:
    """Return a number or an address as a topic."""
    return value.to_bytes(32) if isinstance(value, int) else wide(value)


def _split(types: str) -> list[str]:
    """Split types at the commas that no bracket holds."""
    parts, depth = [""], 0
    for letter in types:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
