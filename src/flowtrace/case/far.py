"""The other side of crossings, while a live case is fetched: whom to ask for it, and what is known of it.

What a bridge took names a chain and an account, or leads to a transaction. The account's history shows what
was paid to it, with what the bridge wrote; where no source gives that, the protocol's own index is asked what
became of the transaction, and the transaction that it names is fetched from its chain: the index is a
pointer, and what it says of value is not believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from flowtrace.case.crawl import Fetcher
from flowtrace.case.crossed import known_by, transfers_of
from flowtrace.crossing import Registry, bridges_of, far_of
from flowtrace.errors import InputError, KeyRefusedError, SourceError
from flowtrace.fetch import Rows, reconcile
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Chain, Crossings, Fact, Family, Transfer, Uncrossed, Unmet

_MOST = 20  # of the payments that an account got, how many are looked at for a bridge's message
_ROUNDS = 3  # what one side tells may lead to another: an index, then the transaction it names


class FarSide:
    """What is known of crossings so far.

    Parameters
    ----------
    registry
        Which bridges are believed.
    held
        What the case held before.
    service
        Tells whether an address is a service's: its history is everyone's, and is not asked for.
    """

    def __init__(
        self, registry: Registry, held: Ledger, service: Callable[[Address], bool] = lambda _: False
    ) -> None:
        self.registry = registry
        self.known = Crossings(bridges=frozenset(bridges_of(registry)))
        self._bridges = self.known.bridges
        self._service = service
        self._held = held
        self._facts: dict[str, Fact] = {fact.id: fact for fact in held.facts}
        self._moved: dict[tuple[str, str], dict[str, Transfer]] = {}
        self._asked: set[tuple[str, ...]] = set()
        self._changed = bool(self._facts)

    def take(self, transfers: Iterable[Transfer], facts: Iterable[Fact]) -> None:
        """Take what a history or a transaction tells."""
        for transfer in transfers:
            self._moved.setdefault((transfer.chain_id, transfer.tx), {})[transfer.id] = transfer
        for fact in facts:
            self._changed |= fact.id not in self._facts
            self._facts[fact.id] = fact

    def transaction(self, chain: str, tx: str) -> Sequence[Transfer]:
        """Return what moved in a transaction, as far as it is known, in order."""
        held = {transfer.id: transfer for transfer in self._held.transaction(chain, tx)}
        known = held | self._moved.get((chain, tx), {})
        return sorted(reconcile(known.values()).transfers, key=lambda one: (*one.key, one.position))

    def transfers(self) -> list[Transfer]:
        """Return what moved in the transactions of the crossings."""
        return transfers_of(self.known, self.transaction)

    async def look(self, fetcher: Fetcher) -> int:
        """Ask for the other side of what is waiting; return how much was asked.

        Raises
        ------
        IncompleteError
            If a limit of the reach is met.
        """
        asked = 0
        for _ in range(_ROUNDS):
            for chain, tx in self._called():
                asked += await self._transaction(fetcher, chain, tx)
            if not self._changed:
                break
            self._changed = False
            self.known = known_by(self.registry, self._facts.values(), self.transaction)
            for one in self.known.unmet:
                if one.unmet is not Unmet.MISFIT:
                    asked += await self._ask(fetcher, one)
        return asked

    async def _ask(self, fetcher: Fetcher, one: Uncrossed) -> int:
        count = 0
        address = _account(one.goes_to, one.recipient)
        theirs = address is not None and not (address in self._bridges or self._service(address))
        if address is not None and theirs and self._first("history", str(address)):
            rows = await fetcher.history(address)
            count += 1
            self._take(rows)
        if one.unmet is Unmet.WAITING and self._first("index", one.protocol, one.chain_id, one.tx):
            self._take(await fetcher.operation(one.protocol, Chain.of(one.chain_id), one.tx))
            count += 1
        for chain, tx in (*far_of(one, self._facts.values()), *self._came(one, address)):
            count += await self._transaction(fetcher, chain, tx)
        return count

    async def _transaction(self, fetcher: Fetcher, chain: str, tx: str) -> int:
        """Ask for a transaction, whole: a history need not show what others wrote in it."""
        if not self._first("transaction", chain, tx):
            return 0
        with suppress(SourceError, KeyRefusedError):  # the fetcher keeps why; what is not known waits
            self._take(await fetcher.transaction_rows(Chain.of(chain), tx))
        return 1

    def _called(self) -> list[tuple[str, str]]:
        """Return the transactions that pay or call a bridge and of which no message is known."""
        told = {(fact.chain_id, fact.tx) for fact in self._facts.values()}
        return [
            key
            for key, moved in self._moved.items()
            if key not in told
            and any(leg.address in self._bridges for t in moved.values() for leg in t.outputs)
        ]

    def _came(self, one: Uncrossed, address: Address | None) -> list[tuple[str, str]]:
        """Return the transactions that paid an account since a bridge was to pay it, the nearest first."""
        left = next((transfer.time for transfer in self.transaction(one.chain_id, one.tx)), None)
        if address is None or left is None:
            return []
        told = {(fact.chain_id, fact.tx) for fact in self._facts.values()}
        found = {
            (transfer.chain_id, transfer.tx): transfer.time
            for moved in self._moved.values()
            for transfer in moved.values()
            if transfer.target == address and transfer.source != address and transfer.time >= left
        }
        nearest = sorted(found, key=lambda key: (found[key], key))
        return [key for key in nearest if key not in told][:_MOST]

    def _first(self, *asked: str) -> bool:
        """Tell whether something is asked for the first time."""
        new = asked not in self._asked
        self._asked.add(asked)
        return new

    def _take(self, rows: Rows | None) -> None:
        if rows is not None:
            self.take(rows.transfers, rows.facts)


def _account(chain: str, account: str) -> Address | None:
    """Return the account that a bridge is to pay; None where it names none that is an address there."""
    try:
        known = Chain.of(chain) if chain and account else None
        return Address.parse(known, account) if known and known.family is not Family.BANK else None
    except InputError:
        return None
