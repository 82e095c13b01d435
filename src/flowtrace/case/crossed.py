"""What a case knows of crossings: the shipped registry of bridges, the case's own, and what facts tell.

Every way of finding a crossing meets here: each is a function of the ledger that returns ``Crossings``. What
a protocol's own key joins comes first; a way that rests on less is given what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from flowtrace import crossing, trace
from flowtrace.errors import InputError
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Crossings, Entity, Fact, StopReason, Transfer, Uncrossed

BRIDGES = "bridges.toml"
"""A case's own registry, beside the shipped one: contracts and vaults that a person vouches for."""


def registry_of(folder: Path) -> crossing.Registry:
    """Return the shipped registry with what the case adds.

    Raises
    ------
    InputError
        If the case's own is not of the registry's form; the message names the file.
    """
    own = folder / BRIDGES
    return _registry(own.read_text(encoding="utf-8") if own.is_file() else "", str(own))


@lru_cache(maxsize=8)
def _registry(text: str, path: str) -> crossing.Registry:
    shipped = crossing.shipped()
    try:
        return shipped.beside(crossing.Registry.read(text)) if text else shipped
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def crossings_of(folder: Path, ledger: Ledger) -> Crossings:
    """Return all that is known of a ledger's crossings."""
    return known_by(registry_of(folder), ledger.facts, ledger.transaction)


def known_by(
    registry: crossing.Registry,
    facts: Iterable[Fact],
    transaction: Callable[[str, str], Sequence[Transfer]],
) -> Crossings:
    """Return what facts tell of crossings, by every way there is."""
    return crossing.crossings(facts, transaction, registry)


def transfers_of(known: Crossings, transaction: Callable[[str, str], Sequence[Transfer]]) -> list[Transfer]:
    """Return every transfer of the transactions that crossings go by: what the tracer has to know of them."""
    names = {name.rpartition(":")[0] for link in known.links for name, _ in (link.gave, link.got)}
    parts = (name.rpartition(":") for name in sorted(names))
    return [transfer for chain, _, tx in parts for transfer in transaction(chain, tx)]


def with_bridges(
    end_of: Callable[[Address], trace.End | None],
    known: Crossings,
    entity_of: Callable[[Address], Entity | None],
) -> Callable[[Address], trace.End | None]:
    """Return what tells where a trace ends: at bridges too, with why what came there is not followed on."""
    lost: dict[Address, list[Uncrossed]] = {}
    for one in known.unmet:
        if one.address is not None:
            lost.setdefault(one.address, []).append(one)

    def ends(address: Address) -> trace.End | None:
        if address in lost:
            return trace.End(StopReason.BRIDGE, entity_of(address), Class.D, _why(lost[address]))
        if address in known.bridges:
            basis = "a bridge's contract: no message of it that the record holds takes what came here on"
            return trace.End(StopReason.BRIDGE, entity_of(address), Class.D, basis)
        return end_of(address)

    return ends


_MOST = 3


def _why(lost: Sequence[Uncrossed]) -> str:
    said = [f"{one.protocol}, {one.unmet}: by {one.tx}, {one.why}" for one in lost[:_MOST]]
    more = len(lost) - _MOST
    return "; ".join([*said, *([f"and {more} more"] if more > 0 else [])])
