"""From facts to crossings: ends are read, joined by their key, and found among the payments of the ledger.

A crossing is told only where both payments are on the ledger. Where an end is joined and its payment is not
told, or nothing came, or what came contradicts what was sent, that is said, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from flowtrace.crossing.ends import Crossing, End, Joined, Misfit, Side
from flowtrace.crossing.join import join
from flowtrace.crossing.places import Place, came, left
from flowtrace.crossing.registry import Registry, shipped
from flowtrace.crossing.told import Told, asserted_by, told
from flowtrace.errors import InputError
from flowtrace.model import (
    CHAINS,
    Address,
    Amount,
    Chain,
    Class,
    Crossed,
    Crossings,
    Fact,
    FactKind,
    Family,
    Leg,
    Link,
    Transfer,
    Uncrossed,
    Unmet,
)

BY, SAID = "bridge_key/1", "bridge_index/1"
"""By which rule a crossing is told: by its key on both ledgers, or by what the protocol's own index says."""
_CHAINS = frozenset(chain.id for chain in CHAINS)
_SKEW = 7200  # a block of Bitcoin may bear a time two hours off
_LOOSE = ("thorchain", "maya", "chainflip", "avalanche_bridge")
Transaction = Callable[[str, str], Sequence[Transfer]]
"""What moved in a transaction, by its chain and name: a ledger's own word, ``Ledger.transaction``."""


def crossings(facts: Iterable[Fact], transaction: Transaction, registry: Registry | None = None) -> Crossings:
    """Return what facts tell of value that left one ledger for another.

    Parameters
    ----------
    transaction
        What moved in a transaction, as far as the ledgers show.
    registry
        Which contracts are believed; the shipped one where none is given.
    """
    book = registry or shipped()
    read = told(facts, transaction, book)
    bridges = frozenset(bridges_of(book))
    added = _added(read)
    finder = _Finder(transaction, bridges, frozenset(added))
    joined = _joined((*read.ends, *added), book)
    made, unmet = finder.made(joined.crossings)
    unmet += [finder.waiting(end) for end in joined.waiting]
    unmet += [one for misfit in joined.misfits for one in finder.misfits(misfit)]
    unmet += [
        Uncrossed(
            fault.protocol,
            "",
            Unmet.UNTOLD,
            chain,
            tx,
            f"its log {fault.position} cannot be read: {fault.why}",
        )
        for chain, tx, fault in read.faults
    ]
    crossed = {(one.protocol, one.key) for one in made}
    left_over = {
        one for one in unmet if one.unmet is not Unmet.WAITING or (one.protocol, one.key) not in crossed
    }
    return Crossings(
        tuple(sorted(made, key=lambda one: (one.protocol, one.key, one.links[0].gave))),
        tuple(sorted(left_over, key=repr)),
        bridges,
    )


def far_of(one: Uncrossed, facts: Iterable[Fact]) -> Iterator[tuple[str, str]]:
    """Yield the transactions, each with its chain, by which a protocol's own index says that it was paid."""
    for fact in facts:
        if fact.kind is FactKind.OPERATION:
            for end in asserted_by(fact):
                same = (end.protocol, end.key) == (one.protocol, one.key) and end.side is not Side.SENT
                if same and end.tx and end.chain in _CHAINS:
                    yield end.chain, _tx(end)


def bridges_of(registry: Registry) -> Iterable[Address]:
    """Yield the contracts and vaults of a registry that are on ledgers flowtrace knows."""
    for contract in registry.contracts:
        try:
            yield Address.parse(Chain.of(contract.chain), contract.address)
        except InputError:
            continue


def _added(read: Told) -> list[End]:
    """Return what an index asserts of sides that the ledgers do not show, without what it says of value."""
    own = {(end.protocol, end.key, end.side is Side.SENT) for end in read.ends}
    lacking = (end for end in read.asserted if (end.protocol, end.key, end.side is Side.SENT) not in own)
    return [replace(end, tx=_tx(end), asset="", units=None) for end in lacking]


def _joined(ends: Iterable[End], book: Registry) -> Joined:
    """Join ends; a side that may be a coin chain, whose blocks bear loose times, with that much of skew."""
    parted: tuple[list[End], list[End]] = ([], [])
    for end in ends:
        parted[end.protocol in _LOOSE].append(end)
    strict, loose = join(parted[0], book.manners), join(parted[1], book.manners, skew=_SKEW)
    return Joined(
        strict.crossings + loose.crossings,
        strict.misfits + loose.misfits,
        strict.waiting + loose.waiting,
        strict.orphans + loose.orphans,
    )


def _tx(end: End) -> str:
    """Return a transaction's name as its ledger writes it: indexes have ways of their own."""
    try:
        family = Chain.of(end.chain).family
    except InputError:
        return end.tx
    plain = end.tx.removeprefix("0x")
    if family is Family.EVM:
        return f"0x{plain.lower()}"
    return plain if family is Family.SOLANA else plain.lower()


@dataclass(frozen=True)
class _Finder:
    """Finds the payments of ends among what moved."""

    transaction: Transaction
    bridges: frozenset[Address]
    asserted: frozenset[End]

    def made(self, joined: Iterable[Crossing]) -> tuple[list[Crossed], list[Uncrossed]]:
        """Return the crossings of which both payments are told, and what is lacking of the others."""
        made: list[Crossed] = []
        unmet: list[Uncrossed] = []
        taken: dict[Place, str] = {}
        for crossing in joined:
            found = self._crossed(crossing)
            if isinstance(found, Uncrossed):
                unmet.append(found)
                continue
            twice = next((p for p in (found.gave, *found.got) if taken.get(p, found.key) != found.key), None)
            if twice is not None:
                why = f"its payment is told to be that of {taken[twice]} too: which is whose is not told"
                unmet.append(self._unmet(crossing.sent, Unmet.UNTOLD, why))
                continue
            taken |= dict.fromkeys((found.gave, *found.got), found.key)
            made.append(found)
        return made, unmet

    def _crossed(self, crossing: Crossing) -> Crossed | Uncrossed:
        sent = crossing.sent
        gave = left(sent, self._of(sent), self.bridges)
        if gave is None:
            why = "which payment of the transaction it took, the record does not tell"
            return self._unmet(sent, Unmet.UNTOLD, why)
        got = []
        for end in crossing.paid:
            recipient = end.recipient or (sent.recipient if end.side is Side.PAID else "")
            place = came(end, self._of(end), self.bridges, recipient=recipient)
            if place is not None and place != gave:
                got.append(place)
        if not got:
            paid = ", ".join(f"{end.tx or 'no transaction'} on {_name(end.chain)}" for end in crossing.paid)
            why = f"it was paid by {paid}, which the record does not hold or tell apart"
            return self._unmet(sent, Unmet.UNTOLD, why)
        said = not self.asserted.isdisjoint((sent, *crossing.paid))
        cls, by = (Class.X, SAID) if said else (crossing.cls, BY)
        links = tuple(Link(gave, place, cls, by) for place in dict.fromkeys(got))
        fee = self._fee(gave, got, crossing.fee) if len(got) == len(crossing.paid) else None
        return Crossed(sent.protocol, sent.key, cls, by, links, fee, crossing.gap, crossing.returned)

    def _fee(self, gave: Place, got: Sequence[Place], told: int | None) -> Amount | None:
        """Return what was kept, where both sides are of one asset: told by the ends, or of one symbol."""
        sent, legs = self._leg(gave), [self._leg(place) for place in got]
        out, come = sent.units, sum(leg.units for leg in legs)
        one = (sent.asset.symbol, sent.asset.decimals)
        alike = bool(one[0]) and all((leg.asset.symbol, leg.asset.decimals) == one for leg in legs)
        if not alike and told != out - come and not all(leg.asset == sent.asset for leg in legs):
            return None
        return Amount(sent.asset, out - come) if out >= come else None

    def _leg(self, place: Place) -> Leg:
        name, number = place
        chain, _, tx = name.rpartition(":")[0].rpartition(":")
        return next(one for one in self.transaction(chain, tx) if one.id == name).outputs[number]

    def waiting(self, end: End) -> Uncrossed:
        """Return an end of which nothing came yet."""
        goes = f" on {_name(end.other_chain)}" if end.other_chain else ""
        why = f"nothing is known to have come{goes} under its key yet"
        return self._unmet(end, Unmet.WAITING, why)

    def misfits(self, misfit: Misfit) -> Iterable[Uncrossed]:
        """Yield the sending ends of a misfit."""
        for end in misfit.ends:
            if end.side is Side.SENT:
                yield self._unmet(end, Unmet.MISFIT, misfit.why)

    def _unmet(self, end: End, unmet: Unmet, why: str) -> Uncrossed:
        place = left(end, self._of(end), self.bridges)
        paid = None if place is None else self._leg(place).address
        return Uncrossed(
            end.protocol, end.key, unmet, end.chain, end.tx, why, paid, end.other_chain, end.recipient
        )

    def _of(self, end: End) -> Sequence[Transfer]:
        return self.transaction(end.chain, end.tx)


def _name(chain: str) -> str:
    try:
        return Chain.of(chain).title
    except InputError:
        return chain
