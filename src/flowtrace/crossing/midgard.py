"""What Midgard, the index of THORChain and of Maya, says of deposits and payments. Its answers, as ends.

For where the chains do not show it: RUNE, CACAO and synthetic assets are paid within the protocol's ledger
and no transaction is named (``txID`` is empty). Amounts are in units of 1e-8 of any asset, CACAO of 1e-10;
dates are in nanoseconds; a deposit whose affiliate took a part is told as two actions with the same
payments.

Source: Midgard v2, ``/v2/actions`` (specification 2.34).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.thorchain import key_of

_SECOND = 1_000_000_000
_MOVES = ("swap", "refund")
_MOST_DIGITS = 30

Coin = tuple[str, str, str, int]
"""(transaction, address, asset, units) of what one side moved."""


def ends(answer: Mapping[str, Any], protocol: str = "thorchain") -> Iterator[End]:
    """Yield both ends of each swap or refund in an answer; one that is pending has its first end only.

    Raises
    ------
    UndecodableError
        If the answer is not of the form its specification gives it.
    """
    try:
        deposits = _deposits(answer)
        for (key, kind), (time, given, taken) in deposits.items():
            yield from _told(protocol, key, kind=kind, time=time, given=given, taken=taken)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UndecodableError(f"this is no answer of Midgard: {error!r:.80}") from error


def _deposits(
    answer: Mapping[str, Any],
) -> dict[tuple[str, str], tuple[int, dict[Coin, int], dict[Coin, int]]]:
    """Return each deposit with what it gave and what was paid for it, told once however often it is."""
    found: dict[tuple[str, str], tuple[int, dict[Coin, int], dict[Coin, int]]] = {}
    for action in answer["actions"]:
        if action["type"] not in _MOVES:
            continue
        given = [coin for side in action["in"] for coin in _coins(side)]
        taken = [coin for side in action["out"] for coin in _coins(side)]
        if not given:
            raise UndecodableError("an action of Midgard gives nothing")
        key = (key_of(given[0][0]), str(action["type"]))
        entry = found.setdefault(key, (int(str(action["date"])[:_MOST_DIGITS]) // _SECOND, {}, {}))
        for held, coins in zip(entry[1:], (given, taken), strict=True):
            held.update((coin, n) for n, coin in enumerate(coins, len(held)) if coin not in held)
    return found


def _coins(side: Mapping[str, Any]) -> list[Coin]:
    address, tx = str(side["address"]), str(side["txID"])
    return [(tx, address, str(coin["asset"]), _units(coin["amount"])) for coin in side["coins"]]


def _units(text: object) -> int:
    digits = str(text)
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        raise UndecodableError(f"{digits[:40]!r} is no amount of Midgard's")
    return int(digits)


def _told(
    protocol: str, key: str, *, kind: str, time: int, given: dict[Coin, int], taken: dict[Coin, int]
) -> Iterator[End]:
    assets = {asset for _, _, asset, _ in given}
    asset = assets.pop() if len(assets) == 1 else ""
    units = sum(units for *_, units in given) if asset else None
    tx = next(iter(given))[0]
    yield End(protocol, key, Side.SENT, _chain(asset), tx, 0, time, asset=asset, units=units)
    for (paid, address, got, many), n in taken.items():
        back = kind == "refund"
        yield End(
            protocol, key, Side.RETURNED if back else Side.PAID, _chain(got), paid, n, time,
            asset=got, units=many, recipient=address,
        )  # fmt: skip


def _chain(asset: str) -> str:
    """Return the ledger an asset is on, by the protocol's own name; synthetic and trade assets on its own."""
    name = asset.partition(".")[0] if "." in asset and not set("/~") & set(asset) else "pool"
    return f"thorchain:{name}"
