"""The payouts of a swapper as a ledger records them: by its own wallets, of which the record is whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from flowtrace.crossing.keyless.payouts import Payout, Payouts
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Asset, Kind, Scope, Transfer

Place = tuple[str, int]
Span = tuple[int, int]


@dataclass
class Record:
    """What a swapper paid out.

    Attributes
    ----------
    payouts
        Per asset, its payouts to others, and for which time they are known whole.
    places
        By the id of a payout, the transfer's id and output.
    wallets
        Whose payments they are.
    """

    payouts: dict[Asset, Payouts] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    wallets: tuple[Address, ...] = ()


class Records:
    """Reads payouts off a ledger.

    Parameters
    ----------
    service_of
        The id of the swapper whose wallet an address is, empty where it is none's.
    """

    def __init__(self, ledger: Ledger, service_of: Callable[[Address], str]) -> None:
        self._ledger, self._service_of = ledger, service_of
        self._wallets: dict[str, list[Address]] = {}
        for address in sorted({one.address for one in ledger.coverage}):
            service = service_of(address)
            if service and ledger.gives(address):
                self._wallets.setdefault(service, []).append(address)
        self._known: dict[str, Record] = {}

    def of(self, service: str) -> Record:
        """Return the record of a swapper: empty where no wallet of it is known whole."""
        if service not in self._known:
            self._known[service] = self._read(service)
        return self._known[service]

    def _read(self, service: str) -> Record:
        wallets = self._wallets.get(service, [])
        paid: dict[Asset, dict[str, Payout]] = {}
        spans: dict[Asset, Span] = {}
        record = Record(wallets=tuple(wallets))
        for wallet in wallets:
            held = {scope: self._span(wallet, scope) for scope in (Scope.EXTERNAL, Scope.TOKEN)}
            for transfer in self._ledger.outgoing(wallet):
                for place, asset, units in self._payouts(transfer, service):
                    span = held[Scope.TOKEN if asset.contract else Scope.EXTERNAL]
                    if span is None:
                        continue
                    name = f"{place[0]}#{place[1]}"
                    before = spans.get(asset, span)
                    spans[asset] = (max(before[0], span[0]), min(before[1], span[1]))
                    paid.setdefault(asset, {})[name] = Payout(transfer.time, units, name)
                    record.places[name] = place
        for asset in sorted(paid):
            first, last = spans[asset]
            within = [one for one in paid[asset].values() if first <= one.time <= last]
            if first < last and within:
                record.payouts[asset] = Payouts(within, (first, last))
        return record

    def _payouts(self, transfer: Transfer, service: str) -> Iterable[tuple[Place, Asset, int]]:
        """Yield what a transfer pays to others: not fees, not change, nothing to a wallet of the service."""
        if not transfer.ok or transfer.kind is Kind.FEE:
            return
        givers = {leg.address for leg in transfer.inputs}
        for number, leg in enumerate(transfer.outputs):
            if leg.address is None or leg.address in givers or not leg.units:
                continue
            if self._service_of(leg.address) != service:
                yield (transfer.id, number), leg.asset, leg.units

    @cached_property
    def _rows(self) -> dict[str, range]:
        """The rows of each chain: a ledger is in chain order."""
        rows: dict[str, range] = {}
        for row, chain in enumerate(self._ledger.chain):
            held = rows.get(chain, range(row, row))
            rows[chain] = range(held.start, row + 1)
        return rows

    def _span(self, wallet: Address, scope: Scope) -> Span | None:
        """Return between which times a wallet is known whole: those of rows within its heights."""
        told = self._ledger.coverage_of(wallet).get(scope)
        rows = self._rows.get(wallet.chain_id)
        if told is None or not told.complete or rows is None:
            return None
        heights, times = self._ledger.height, self._ledger.time
        first = bisect_left(heights, told.first, rows.start, rows.stop)
        last = bisect_right(heights, told.last, rows.start, rows.stop)
        within = times[first:last]
        return (min(within), max(within)) if within else None
