"""The coins of a ledger, indexed once: who spends what, where an address is new, who acts alone.

Rules on change and on peel chains look from one transaction to its neighbours. They ask here, by the number
of a row of the ledger, and build no transfer for it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Address, FactKind, Kind, Leg, Transfer
from flowtrace_heuristics.utxo.collaboration import NOBODY, Verdict, by_place
from flowtrace_heuristics.utxo.fingerprint import Fingerprint, ordered, read_shape
from flowtrace_heuristics.utxo.sides import NO_ADDRESS, script_kind

AGAIN_WITHIN = 7 * 86_400
"""Seconds after which an address that is paid again counts as reused no more: the look-ahead of freshness."""

_COIN = tuple(Kind).index(Kind.COIN)
_NEVER = -1


@dataclass(frozen=True, slots=True)
class Freshness:
    """What the ledger tells of an address that a transaction pays.

    ``new``: it appears here for the first time. ``again``: it is paid again within the look-ahead.
    ``told``: its record is whole, so that "for the first time" means what it says.
    """

    new: bool
    again: bool
    told: bool


class Coins:
    """An index over the transactions of coins of a ledger, in chain order; near-linear to make, read-only."""

    def __init__(self, ledger: Ledger, attribution: Attribution) -> None:
        self.ledger = ledger
        self._judged = by_place(ledger, attribution)
        self.places = [place for place, kind in enumerate(ledger.kind) if kind == _COIN]
        self._shapes = {(fact.chain_id, fact.tx): fact for fact in ledger.told(FactKind.SHAPE)}
        self._spender: dict[tuple[str, str], int] = {}
        self._maker: dict[tuple[str, str], int] = {}
        self._kinds = bytes(script_kind(address) for address in ledger.addresses)
        self._numbers = {address: number for number, address in enumerate(ledger.addresses)}
        self._first = array("q", [_NEVER]) * len(ledger.addresses)
        self._paid = array("q", [_NEVER]) * len(ledger.addresses)
        self._next_paid = array("q", [_NEVER]) * len(ledger.addresses)
        self._fingerprints: dict[int, Fingerprint] = {}
        for place in self.places:
            self._read(place)

    def _read(self, place: int) -> None:
        ledger = self.ledger
        chain = ledger.chain[place]
        for leg in range(ledger.start[place], ledger.start[place + 1]):
            number, coin, pays = ledger.leg_address[leg], ledger.leg_coin[leg], ledger.leg_side[leg]
            if coin:
                (self._maker if pays else self._spender).setdefault((chain, coin), place)
            if number == _NEVER:
                continue
            if self._first[number] == _NEVER:
                self._first[number] = place
            if pays and self._paid[number] == _NEVER:
                self._paid[number] = place
            elif pays and self._next_paid[number] == _NEVER and self._paid[number] != place:
                self._next_paid[number] = place

    def verdict(self, place: int) -> Verdict:
        """Return the collaborative verdict on the transaction in a row."""
        return self._judged.get(place, NOBODY)

    def alone(self, place: int) -> bool:
        """Tell whether one party made a transaction, as far as the collaborative verdict says."""
        return self.verdict(place).merges

    def id_of(self, place: int) -> str:
        """Return the id of the transfer in a row."""
        ledger = self.ledger
        return f"{ledger.chain[place]}:{ledger.tx[place]}:{ledger.position[place]}"

    def spender(self, chain_id: str, coin: str) -> int | None:
        """Return the row in which a coin is spent, or None where the ledger does not show it."""
        return self._spender.get((chain_id, coin))

    def maker(self, chain_id: str, coin: str) -> int | None:
        """Return the row in which a coin is made, or None where the ledger does not show it."""
        return self._maker.get((chain_id, coin))

    def freshness(self, leg: Leg, place: int) -> Freshness:
        """Say whether the address of an output is new in this row; one that nobody can name is untold."""
        if leg.address is None:
            return Freshness(new=True, again=False, told=False)
        number, time = self._numbers[leg.address], self.ledger.time
        new, later = self._first[number] == place, self._next_paid[number]
        again = new and later != _NEVER and time[later] - time[place] <= AGAIN_WITHIN
        return Freshness(new=new, again=again, told=self._told(leg))

    def _told(self, leg: Leg) -> bool:
        """Tell whether the record of an address is whole: by its coverage, where the ledger states any.

        A ledger that states no coverage at all is a stretch of the chain itself, and read as it is.
        """
        if not self.ledger.coverage or leg.address is None:
            return leg.address is not None
        return any(one.complete for one in self.ledger.coverage_of(leg.address).values())

    def fingerprint(self, place: int) -> Fingerprint:
        """Return how a transaction is built, as far as the ledger tells."""
        held = self._fingerprints.get(place)
        if held is None:
            held = self._fingerprints[place] = self._fingerprint(place)
        return held

    def _fingerprint(self, place: int) -> Fingerprint:
        ledger = self.ledger
        legs = range(ledger.start[place], ledger.start[place + 1])
        gives = [leg for leg in legs if not ledger.leg_side[leg]]
        takes = [leg for leg in legs if ledger.leg_side[leg] and ledger.leg_coin[leg]]
        kinds = {self._kind(leg) for leg in gives}
        fee = sum(ledger.leg_units[leg] for leg in legs if ledger.leg_side[leg] and not ledger.leg_coin[leg])
        shape = self._shapes.get((ledger.chain[place], ledger.tx[place]))
        return Fingerprint(
            inputs=len(gives),
            outputs=len(takes),
            kinds=tuple(sorted(kinds)),
            in_order=ordered(
                [ledger.leg_coin[leg] for leg in gives], [ledger.leg_units[leg] for leg in takes]
            ),
            shape=None if shape is None else read_shape(shape, fee),
        )

    def _kind(self, leg: int) -> int:
        number = self.ledger.leg_address[leg]
        return NO_ADDRESS if number == _NEVER else self._kinds[number]


def payer_of(transfer: Transfer) -> Address | None:
    """Return the address of the first input that has one: the one that stands for all who gave together."""
    return next((leg.address for leg in transfer.inputs if leg.address is not None), None)


def is_new_coin(transfer: Transfer) -> bool:
    """Tell a transaction that makes new coin: it spends nothing."""
    return not any(leg.coin for leg in transfer.inputs)


def spendable(transfer: Transfer) -> tuple[int, ...]:
    """Return the numbers of the outputs somebody can spend: not the fee, nor data that pays nothing."""
    return tuple(
        number
        for number, leg in enumerate(transfer.outputs)
        if leg.coin and (leg.address is not None or leg.units)
    )


def one_in_two_out(mark: Fingerprint) -> bool:
    """Tell the form of a peel: one input, two outputs."""
    return (mark.inputs, mark.outputs) == (1, 2)
