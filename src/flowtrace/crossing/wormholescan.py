"""What Wormhole's scanner says of an operation: its two ends, as ends.

For where a chain is not read: the key is the operation's ``id``. Amounts are normalised to eight decimals
and stand in ``content.payload`` of a token bridge's transfer only. ``toAddress`` may be a relayer or a
router: where a payload names the person behind it, that is the payload's to say.

Source: ``/api/v1/operations`` of Wormhole's scanner; "standarized" is its own spelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.numbers import chain_of

_MOST_DIGITS = 80


def ends(operation: Mapping[str, Any]) -> Iterator[End]:
    """Yield the ends of one operation: the second where its target is completed.

    Raises
    ------
    UndecodableError
        If it is not of the form the scanner gives it.
    """
    try:
        yield from _ends(operation)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UndecodableError(f"this is no operation of Wormhole's scanner: {error!r:.80}") from error


def _ends(operation: Mapping[str, Any]) -> Iterator[End]:
    key, source, target = str(operation["id"]), operation["sourceChain"], operation.get("targetChain")
    content = operation.get("content") or {}
    told = content.get("standarizedProperties") or {}
    asset, units = _moved(content.get("payload") or {})
    goes = int(told.get("toChain") or 0)
    yield End(
        "wormhole", key, Side.SENT, chain_of("wormhole", int(source["chainId"])), _tx(source), 0,
        _time(source), asset=asset, units=units, recipient=str(told.get("toAddress") or ""),
        other_chain=chain_of("wormhole", goes) if goes else "",
    )  # fmt: skip
    if target and target.get("status") == "completed" and _tx(target):
        yield End(
            "wormhole", key, Side.PAID, chain_of("wormhole", int(target["chainId"])), _tx(target), 0,
            _time(target), other_chain=chain_of("wormhole", int(source["chainId"])),
        )  # fmt: skip


def _moved(payload: Mapping[str, Any]) -> tuple[str, int | None]:
    """Return what a token bridge's transfer moves; nothing of a payload of another kind."""
    amount, token = str(payload.get("amount") or ""), payload.get("tokenAddress")
    if not token or not amount.isascii() or not amount.isdecimal() or len(amount) > _MOST_DIGITS:
        return "", None
    return f"{chain_of('wormhole', int(payload['tokenChain']))}/{token}", int(amount)


def _tx(side: Mapping[str, Any]) -> str:
    return str((side.get("transaction") or {}).get("txHash") or "")


def _time(side: Mapping[str, Any]) -> int:
    return int(datetime.fromisoformat(str(side["timestamp"])).timestamp())
