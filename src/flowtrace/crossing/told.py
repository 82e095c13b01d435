"""The ends that a ledger's facts tell: bridges' logs, memos of coin transactions, protocols' own indexes.

A memo of a coin transaction names no protocol: THORChain's and Maya's are alike. A vault that is known says
whose it is; else the protocol whose router told the other side; else it is taken for THORChain's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flowtrace.crossing import midgard, wormholescan
from flowtrace.crossing.decode import Fault, read
from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.registry import Registry
from flowtrace.crossing.seen import Seen
from flowtrace.crossing.thorchain import from_memo
from flowtrace.model import Address, Fact, FactKind, Leg, Transfer

_MEMOS = ("thorchain", "maya")


@dataclass(frozen=True, slots=True)
class Told:
    """What facts tell.

    Attributes
    ----------
    ends
        What the ledgers say.
    asserted
        What protocols' own indexes say, which are third parties.
    faults
        Logs of bridges that could not be read, with their chain and transaction.
    """

    ends: tuple[End, ...]
    asserted: tuple[End, ...] = ()
    faults: tuple[tuple[str, str, Fault], ...] = ()


def told(
    facts: Iterable[Fact], transaction: Callable[[str, str], Sequence[Transfer]], registry: Registry
) -> Told:
    """Return the ends that facts tell.

    Parameters
    ----------
    transaction
        What moved in a transaction: a memo belongs to what its transaction pays.
    """
    groups: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        if fact.kind in {FactKind.MESSAGE, FactKind.MEMO, FactKind.OPERATION}:
            groups.setdefault((fact.chain_id, fact.tx), []).append(fact)
    found: list[End] = []
    faults: list[tuple[str, str, Fault]] = []
    for (chain, tx), group in sorted(groups.items()):
        logs = [_log(fact) for fact in group if fact.kind is FactKind.MESSAGE]
        reading = read(
            logs, chain=chain, tx=tx, time=group[0].time, registry=registry, vaults=registry.vaults(chain)
        )
        found += reading.ends
        faults += [(chain, tx, fault) for fault in reading.faults]
    keys = {end.key: end.protocol for end in found if end.protocol in _MEMOS}
    for fact in (fact for group in groups.values() for fact in group if fact.kind is FactKind.MEMO):
        moved = transaction(fact.chain_id, fact.tx)
        found += _memo(fact, moved, registry=registry, keys=keys)
    asserted = [
        end for group in groups.values() for fact in group if fact.kind is FactKind.OPERATION
        for end in asserted_by(fact)
    ]  # fmt: skip
    return Told(tuple(found), tuple(asserted), tuple(faults))


def _log(fact: Fact) -> dict[str, object]:
    contract = fact.party("contract")
    return {
        "address": "" if contract is None else contract.account,
        "topics": fact.figure("topics").split(","),
        "data": fact.figure("data"),
        "logIndex": fact.order,
    }


def _memo(
    fact: Fact, moved: Sequence[Transfer], *, registry: Registry, keys: Mapping[str, str]
) -> Iterator[End]:
    """Yield the end that a coin transaction's text makes of it; nothing of a text that is no such memo."""
    vaults = registry.vaults(fact.chain_id)
    coin = next((one for one in moved if one.outputs and one.outputs[0].coin), None)
    if coin is None:
        return
    payers, paid = _parties(coin.inputs), _parties(coin.outputs)
    known = [vaults[one] for one in (*payers, *paid) if one in vaults]
    seen = Seen(fact.chain_id, fact.tx, fact.time)
    try:
        for protocol in known[:1] or _MEMOS:
            for end in from_memo(seen, fact.figure("text"), protocol=protocol, at=fact.order):
                if known or keys.get(end.key, _MEMOS[0]) == protocol:
                    side = paid if end.side is Side.SENT else payers
                    yield replace(end, vouched=any(one in vaults for one in side))
    except UndecodableError:
        return


def _parties(legs: Iterable[Leg]) -> list[str]:
    return [leg.address.account for leg in legs if isinstance(leg.address, Address)]


def asserted_by(fact: Fact) -> Iterator[End]:
    """Yield the ends that a protocol's index told of a transaction."""
    try:
        answer, source = json.loads(fact.figure("answer")), fact.figure("source")
        if source == "wormhole":
            for operation in answer["operations"]:
                yield from wormholescan.ends(operation)
        elif source in _MEMOS:
            yield from midgard.ends([answer], source)
    except (UndecodableError, ValueError, KeyError, TypeError):
        return
