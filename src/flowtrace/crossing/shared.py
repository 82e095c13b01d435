"""Bridges that nobody registered: a rare word that two ledgers' logs share, beside a burn and a mint.

A bridge that burns or locks on one chain and mints or releases on another mostly writes one id on both. The
id is sought without knowing the protocol: a word of 32 bytes that is no address, no amount and no text, and
that stands in exactly one transaction of each of two ledgers, and nowhere else in all that is held. What is
found is listed with the word and where it stands, class P, and never followed.

Source: algorithms 3.6 (CONNECTOR and ABCTracer learn such keys; here the evidence is the word itself).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from flowtrace.model import (
    NOBODY,
    Address,
    Class,
    Fact,
    FactKind,
    Kind,
    Likely,
    Nature,
    RuleCard,
    Standing,
    Transfer,
)

PROTOCOL = "unregistered"
WINDOW = 7 * 24 * 3600
_WORD, _PLAIN_BYTES, _LEAST_DISTINCT, _MOST_WORDS = 64, 8, 12, 512
_PRINTABLE = (0x20, 0x7E)
Place = tuple[str, int]

CARD = RuleCard(
    id="shared_word",
    version=1,
    claim=(
        "The logs of two transactions on two ledgers share a word of 32 bytes that stands in no other "
        "transaction held; one burns or locks value at the contract that wrote it, the other, later, mints "
        "or releases value there: the two may be one transfer over a bridge that is not registered."
    ),
    cls=Class.P,
    citation="flowtrace, after CONNECTOR and ABCTracer, which learn the keys of bridges from their logs",
    parameters=(
        ("window_seconds", str(WINDOW)),
        (
            "word",
            f"{_LEAST_DISTINCT} distinct bytes or more, at most {_PLAIN_BYTES - 1} zero bytes at an end",
        ),
        ("transactions_with_the_word", "two, on two ledgers, of all whose logs are held"),
    ),
    failures=(
        "logs are held where their topic is one that a registered protocol writes: of others nothing is seen",
        "a word that both sides take from elsewhere, as a price feed's round, is no id",
        "any contract can write any word, so a pair can be planted",
        "a bridge that writes its id on one side only, or hashed anew, matches nothing",
    ),
    falsified_by="the bridge's own record says that the transfers are two",
    nature=Nature.STATISTICAL,
)
BY = f"{CARD.id}/{CARD.version}"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A word, and where it stands: in which log, as which topic or word of its data."""

    fact: Fact
    where: str


def shared(
    facts: Iterable[Fact], transaction: Callable[[str, str], Sequence[Transfer]]
) -> tuple[Likely, ...]:
    """Return the pairs of payments beside which two ledgers' logs share a rare word, in the chain's order."""
    seen: dict[str, list[_Seen]] = {}
    for fact in facts:
        if fact.kind is FactKind.MESSAGE:
            for word, where in words_of(fact):
                if is_rare_form(word):
                    seen.setdefault(word, []).append(_Seen(fact, where))
    found: dict[tuple[Place, Place], list[tuple[str, _Seen, _Seen]]] = {}
    for word, some in sorted(seen.items()):
        pair = _pair(some)
        sides = None if pair is None else _sides(*pair, transaction)
        if pair is not None and sides is not None:
            found.setdefault(sides[:2], []).append((word, *pair))
    return tuple(_likely(sides, some) for sides, some in sorted(found.items()))


def words_of(fact: Fact) -> Iterator[tuple[str, str]]:
    """Yield every whole word of a log but the topic that names it, with where it stands."""
    for number, topic in enumerate(fact.figure("topics").split(",")[1:], start=1):
        yield topic.removeprefix("0x"), f"topic {number}"
    data = fact.figure("data").removeprefix("0x")
    for number in range(min(len(data) // _WORD, _MOST_WORDS)):
        yield data[number * _WORD : (number + 1) * _WORD], f"word {number} of its data"


def is_rare_form(word: str) -> bool:
    """Tell whether a word can be an id: no address, amount, offset or text, which leave zeros at an end.

    >>> is_rare_form("00" * 12 + "ab" * 20), is_rare_form("5f2e9c" * 10 + "0b1d")
    (False, False)
    """
    try:
        value = bytes.fromhex(word)
    except ValueError:
        return False
    if len(value) * 2 != _WORD or len(set(value)) < _LEAST_DISTINCT:
        return False
    zeros = bytes(_PLAIN_BYTES)
    if all(_PRINTABLE[0] <= byte <= _PRINTABLE[1] for byte in value.rstrip(b"\0")):
        return False
    return not (value.startswith(zeros) or value.endswith(zeros))


def _pair(some: Sequence[_Seen]) -> tuple[_Seen, _Seen] | None:
    """Return the two logs, the earlier first, where the word is in one transaction of each of two ledgers."""
    by_tx = {(one.fact.chain_id, one.fact.tx): one for one in reversed(some)}
    if len(by_tx) != 2 or len({chain for chain, _ in by_tx}) != 2:  # noqa: PLR2004  a pair
        return None
    first, last = sorted(by_tx.values(), key=lambda one: (one.fact.time, one.fact.chain_id))
    return (first, last) if 0 < last.fact.time - first.fact.time <= WINDOW else None


def _sides(
    first: _Seen, last: _Seen, transaction: Callable[[str, str], Sequence[Transfer]]
) -> tuple[Place, Place] | None:
    """Return the one payment that burns or locks, and the one that mints or releases; None where unclear."""
    gave = list(_payments(first.fact, transaction, into=True))
    got = list(_payments(last.fact, transaction, into=False))
    return (gave[0], got[0]) if len(gave) == len(got) == 1 else None


def _payments(
    fact: Fact, transaction: Callable[[str, str], Sequence[Transfer]], *, into: bool
) -> Iterator[Place]:
    """Yield what was paid to the contract that wrote a log or to nobody; or came from either."""
    contract = fact.party("contract")
    for transfer in transaction(fact.chain_id, fact.tx):
        plain = transfer.ok and transfer.kind is not Kind.FEE and len(transfer.outputs) == 1
        leg = transfer.outputs[0]
        end, other = (leg.address, transfer.source) if into else (transfer.source, leg.address)
        if plain and leg.units and _is_bridge(end, contract) and not _is_bridge(other, contract):
            yield (transfer.id, 0)


def _is_bridge(address: Address | None, contract: Address | None) -> bool:
    return address is not None and (address == contract or address.account == NOBODY)


def _likely(sides: tuple[Place, Place], some: Sequence[tuple[str, _Seen, _Seen]]) -> Likely:
    word, first, last = some[0]
    figures = (
        ("word", f"0x{word}"),
        ("left_log", _where(first)),
        ("came_log", _where(last)),
        ("words_shared", str(len(some))),
        ("seconds_between", str(last.fact.time - first.fact.time)),
    )
    why = (
        "no registered bridge writes this id: add its contracts to bridges.toml to have it judged by its key"
    )
    return Likely(PROTOCOL, BY, Standing.CANDIDATE, *sides, why, figures=figures)


def _where(seen: _Seen) -> str:
    contract = seen.fact.party("contract")
    by = contract.display if contract else "a contract"
    return f"{seen.where} in log {seen.fact.order} of {seen.fact.tx} on {seen.fact.chain_id}, by {by}"
