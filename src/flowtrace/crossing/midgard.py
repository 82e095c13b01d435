"""What Midgard, the index of THORChain and of Maya, says of deposits and payments. Its answers, as ends.

For where the chains do not show it: RUNE, CACAO and synthetic assets are paid within the protocol's ledger
and no transaction is named (``txID`` is empty). Amounts are in units of 1e-8 of any asset, CACAO of 1e-10;
dates are in nanoseconds; a deposit whose affiliate took a part is told as two actions with the same
payments.

Source: Midgard v2, ``/v2/actions`` (specification 2.34).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.numbers import thorchain_chain
from flowtrace.crossing.thorchain import key_of

_SECOND = 1_000_000_000
_MOVES = ("swap", "refund")
_MOST_DIGITS = 30

Coin = tuple[str, str, str, int]
"""(transaction, address, asset, units) of what one side moved."""


@dataclass(slots=True)
class _Deposit:
    time: int
    given: Counter[Coin]
    taken: Counter[Coin]


def ends(answers: Iterable[Mapping[str, Any]], protocol: str = "thorchain") -> Iterator[End]:
    """Yield both ends of each swap or refund; one that is pending has its first end only.

    Parameters
    ----------
    answers
        All that were given, together: one alone may tell a part of a deposit, and several the same part.

    Raises
    ------
    UndecodableError
        If an answer is not of the form its specification gives it.
    """
    found: dict[tuple[str, str], _Deposit] = {}
    try:
        for answer in answers:
            for key, deposit in _deposits(answer).items():
                held = found.setdefault(key, deposit)
                held.given |= deposit.given
                held.taken |= deposit.taken
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UndecodableError(f"this is no answer of Midgard: {error!r:.80}") from error
    whole: dict[str, _Deposit] = {}
    for (
        deposited,
        _,
    ), deposit in found.items():  # a stream that stopped is told twice: as a swap and as a refund
        held = whole.setdefault(deposited, _Deposit(deposit.time, Counter(), Counter()))
        held.given |= deposit.given
    for deposited, deposit in whole.items():
        yield _sent(protocol, deposited, deposit)
    for (deposited, kind), deposit in found.items():
        yield from _paid(protocol, deposited, back=kind == "refund", deposit=deposit)


def _deposits(answer: Mapping[str, Any]) -> dict[tuple[str, str], _Deposit]:
    """Return what one answer tells: parts of a deposit add up, its payments stand with each of them."""
    found: dict[tuple[str, str], _Deposit] = {}
    for action in answer["actions"]:
        if action["type"] not in _MOVES:
            continue
        given = [coin for side in action["in"] for coin in _coins(side)]
        taken = [coin for side in action["out"] for coin in _coins(side)]
        if not given:
            raise UndecodableError("an action of Midgard gives nothing")
        time = _units(action["date"]) // _SECOND
        deposit = _Deposit(time, Counter(), Counter())
        held = found.setdefault((key_of(given[0][0]), str(action["type"])), deposit)
        held.given += Counter(given)
        held.taken |= Counter(taken)
    return found


def _coins(side: Mapping[str, Any]) -> list[Coin]:
    address, tx = str(side["address"]), str(side["txID"])
    return [(tx, address, str(coin["asset"]), _units(coin["amount"])) for coin in side["coins"]]


def _units(text: object) -> int:
    digits = str(text)
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        raise UndecodableError(f"{digits[:40]!r} is no amount of Midgard's")
    return int(digits)


def _sent(protocol: str, key: str, deposit: _Deposit) -> End:
    coins = list(deposit.given.elements())
    asset = coins[0][2] if len({asset for _, _, asset, _ in coins}) == 1 else ""
    return End(
        protocol, key, Side.SENT, thorchain_chain(asset), coins[0][0], 0, deposit.time,
        asset=asset, units=sum(units for *_, units in coins) if asset else None,
    )  # fmt: skip


def _paid(protocol: str, key: str, *, back: bool, deposit: _Deposit) -> Iterator[End]:
    """Yield the payments. An action's date is the deposit's: when it was paid is not told."""
    side = Side.RETURNED if back else Side.PAID
    for n, (tx, address, asset, units) in enumerate(deposit.taken.elements()):
        yield End(
            protocol, key, side, thorchain_chain(asset), tx, n, asset=asset, units=units, recipient=address
        )
