"""All transfers of a case, columnar, in chain order; by address, by transaction; and how complete it is."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowtrace.errors import IntegrityError
from flowtrace.model import (
    Address,
    Asset,
    Basis,
    Coverage,
    Fact,
    FactKind,
    Kind,
    Lack,
    Leg,
    Opening,
    Price,
    Scope,
    Transfer,
)

if TYPE_CHECKING:
    import pandas as pd

_FEE_SINK = -1
_INPUT, _OUTPUT, _PAIR = 0, 1, 2
_UNSTATED = ("", 0)
_KINDS, _BASES = tuple(Kind), tuple(Basis)


class Ledger:
    """A read-only view in chain order: (chain, height, index, order), never timestamps.

    Two tables of columns: one row per transfer, one row per leg; legs of transfer ``i`` are rows
    ``start[i]`` to ``start[i + 1]``. Addresses and assets are small integers; -1 is the fee sink. Amounts are
    Python integers of base units.

    ``confirmed`` are the ids of transfers that two independent services tell alike; ``lacks`` is what was
    wanted and could not be had; ``prices`` are quotes by asset and time; ``facts`` are what transactions
    record beside the value they move, in chain order; ``openings`` what accounts held before their record
    begins, as the record itself states it.

    Raises
    ------
    IntegrityError
        If two sources tell different things of one transfer or fact.
    """

    def __init__(
        self,
        transfers: Iterable[Transfer],
        coverage: Iterable[Coverage] = (),
        witness: Mapping[str, tuple[int, ...]] | None = None,
        *,
        confirmed: Iterable[str] = (),
        lacks: Iterable[Lack] = (),
        prices: Iterable[Price] = (),
        facts: Iterable[Fact] = (),
        openings: Iterable[Opening] = (),
    ) -> None:
        given = list(transfers)
        ordered = sorted(_distinct(given), key=lambda t: (t.chain_id, *t.key, t.tx, t.position))
        self.coverage = tuple(sorted(set(coverage), key=_coverage_key))
        self._covered: dict[Address, list[Coverage]] = {}
        for item in self.coverage:
            self._covered.setdefault(item.address, []).append(item)
        self.witness = dict(witness or {})
        self.confirmed = frozenset(confirmed)
        self.prices = {(price.asset, price.time): price for price in sorted(prices, key=repr)}
        self.lacks = tuple(sorted(set(lacks), key=lambda lack: (lack.address, lack.why)))
        self.facts = _told_once(facts)
        self._facts_of: dict[tuple[str, str], list[Fact]] = {}
        for fact in self.facts:
            self._facts_of.setdefault((fact.chain_id, fact.tx), []).append(fact)
        self._named = {address for fact in self.facts for _, address in fact.parties}
        self.openings = tuple(sorted(set(openings), key=repr))
        self.addresses: list[Address] = []
        self.assets: list[Asset] = []
        self._fill(ordered, _described(given))
        self._by_address = self._index()
        self._ids = {t.id for t in ordered} | {fact.id for fact in self.facts}
        self._by_tx: dict[tuple[str, str], list[int]] = {}
        for place, key in enumerate(zip(self.chain, self.tx, strict=True)):
            self._by_tx.setdefault(key, []).append(place)

    def _fill(self, ordered: Sequence[Transfer], described: Mapping[Asset, Asset]) -> None:
        self._address_ids: dict[Address | None, int] = {None: _FEE_SINK}
        self._asset_ids: dict[Asset, int] = {}
        self.chain = [t.chain_id for t in ordered]
        self.tx = [t.tx for t in ordered]
        self.position = [t.position for t in ordered]
        self.height = array("q", (t.height for t in ordered))
        self.index = array("q", (t.index for t in ordered))
        self.order = array("q", (t.order for t in ordered))
        self.time = array("q", (t.time for t in ordered))
        self.kind = array("b", (_KINDS.index(t.kind) for t in ordered))
        self.basis = array("b", (_BASES.index(t.basis) for t in ordered))
        self.ok = array("b", (int(t.ok) for t in ordered))
        self.start = array("q", [0])
        self.leg_address, self.leg_asset, self.leg_side = array("q"), array("q"), array("b")
        self.leg_units: list[int] = []
        self.leg_coin: list[str] = []
        for transfer in ordered:
            for side, legs in enumerate((transfer.inputs, transfer.outputs)):
                for leg in legs:
                    self._fill_leg(side, leg)
            self.start.append(len(self.leg_units))
        self.assets = [described[asset] for asset in self.assets]

    def _fill_leg(self, side: int, leg: Leg) -> None:
        if leg.address is not None and leg.address not in self._address_ids:
            self._address_ids[leg.address] = len(self.addresses)
            self.addresses.append(leg.address)
        if leg.asset not in self._asset_ids:
            self._asset_ids[leg.asset] = len(self.assets)
            self.assets.append(leg.asset)
        self.leg_side.append(side)
        self.leg_address.append(self._address_ids[leg.address])
        self.leg_asset.append(self._asset_ids[leg.asset])
        self.leg_units.append(leg.units)
        self.leg_coin.append(leg.coin)

    def _index(self) -> dict[Address, list[int]]:
        index: dict[Address, list[int]] = {address: [] for address in self.addresses}
        for place in range(len(self)):
            for number in sorted(set(self.leg_address[self.start[place] : self.start[place + 1]])):
                if number != _FEE_SINK:
                    index[self.addresses[number]].append(place)
        return index

    def __len__(self) -> int:
        return len(self.tx)

    def __getitem__(self, place: int) -> Transfer:
        start, end = self.start[place], self.start[place + 1]
        middle = start + 1  # inputs come first; of two legs there is one of each
        while end - start > _PAIR and self.leg_side[middle] == _INPUT:
            middle += 1
        return Transfer(
            chain_id=self.chain[place],
            tx=self.tx[place],
            position=self.position[place],
            height=self.height[place],
            index=self.index[place],
            order=self.order[place],
            time=self.time[place],
            kind=_KINDS[self.kind[place]],
            basis=_BASES[self.basis[place]],
            ok=bool(self.ok[place]),
            inputs=tuple(map(self._leg, range(start, middle))),
            outputs=tuple(map(self._leg, range(middle, end))),
        )

    def _leg(self, number: int) -> Leg:
        at = self.leg_address[number]
        address = None if at == _FEE_SINK else self.addresses[at]
        return Leg(
            address, self.assets[self.leg_asset[number]], self.leg_units[number], self.leg_coin[number]
        )

    def __iter__(self) -> Iterator[Transfer]:
        return (self[place] for place in range(len(self)))

    def of(self, address: Address) -> list[Transfer]:
        """Return the transfers that touch an address, in chain order."""
        return [self[place] for place in self._by_address.get(address, ())]

    def outgoing(self, address: Address) -> list[Transfer]:
        """Return what an address gave, fees included, in chain order."""
        return [self[place] for place in self._places(address, _INPUT)]

    def incoming(self, address: Address) -> list[Transfer]:
        """Return what an address got, in chain order."""
        return [self[place] for place in self._places(address, _OUTPUT)]

    def gives(self, address: Address) -> bool:
        """Tell whether an address gave anything, were it a fee."""
        return next(self._places(address, _INPUT), None) is not None

    def _places(self, address: Address, side: int) -> Iterator[int]:
        """Yield the places of the transfers that an address gives to, or takes from."""
        number = self._address_ids.get(address)
        for place in self._by_address.get(address, ()):
            for leg in range(self.start[place], self.start[place + 1]):
                if self.leg_address[leg] == number and self.leg_side[leg] == side:
                    yield place
                    break

    def holds(self, transfer_id: str) -> bool:
        """Tell whether a transfer or a fact of this id is on the ledger."""
        return transfer_id in self._ids

    def knows(self, address: Address) -> bool:
        """Tell whether any transfer touches the address, or any fact names it."""
        return address in self._by_address or address in self._named

    def transaction(self, chain_id: str, tx: str) -> list[Transfer]:
        """Return the transfers of one transaction, in order."""
        return [self[place] for place in self._by_tx.get((chain_id, tx), ())]

    def facts_of(self, chain_id: str, tx: str) -> list[Fact]:
        """Return what a transaction records beside the value it moves, in order."""
        return self._facts_of.get((chain_id, tx), [])

    def told(self, kind: FactKind) -> list[Fact]:
        """Return every fact of a kind, in chain order."""
        return [fact for fact in self.facts if fact.kind is kind]

    def coverage_of(self, address: Address) -> dict[Scope, Coverage]:
        """Return what is known about an address, by scope; the widest and latest answer of each scope."""
        best: dict[Scope, Coverage] = {}
        for item in self._covered.get(address, ()):
            held = best.get(item.scope)
            if held is None or _width(item) > _width(held):
                best[item.scope] = item
        return best

    @property
    def digest(self) -> str:
        """SHA-256 over every transfer and coverage in canonical form, however they were obtained."""
        sha = hashlib.sha256()
        for asset in sorted(self.assets):
            sha.update(json.dumps([str(asset), asset.symbol, asset.decimals]).encode() + b"\n")
        for transfer in self:
            sha.update(_canonical(transfer))
        for item in self.coverage:
            fields = [str(item.address), item.scope, item.first, item.last, item.complete, item.check]
            sha.update(json.dumps([*fields, item.fetched_at, item.source]).encode() + b"\n")
        for lack in self.lacks:
            sha.update(json.dumps([lack.address, lack.why, lack.crowded]).encode() + b"\n")
        sha.update(json.dumps(sorted(self.confirmed)).encode())
        for price in self.prices.values():
            sha.update(json.dumps([str(price.asset), price.time, price.usd, price.said]).encode() + b"\n")
        for fact in self.facts:
            parties = [[role, address.display] for role, address in fact.parties]
            sha.update(json.dumps([fact.id, *fact.key, fact.time, parties, fact.figures]).encode() + b"\n")
        for held in self.openings:
            fields = [str(held.address), str(held.asset), str(held.units), held.source]
            sha.update(json.dumps(["opening", *fields]).encode() + b"\n")
        return sha.hexdigest()

    def frame(self) -> pd.DataFrame:
        """Return one row per pair of legs as a pandas DataFrame.

        Amounts are Python integers of base units in an object column: pandas' own integers are too narrow.
        """
        import pandas as pd

        rows = [
            (t.chain_id, t.tx, t.position, t.height, t.index, t.time, t.kind.value, t.basis.value, t.ok,
             _text(t.source), _text(t.target), str(t.amount.asset), t.amount.units)
            for t in self
        ]  # fmt: skip
        names = [
            "chain",
            "tx",
            "position",
            "block",
            "index",
            "time",
            "kind",
            "basis",
            "ok",
            "from",
            "to",
            "asset",
            "amount",
        ]
        frame = pd.DataFrame(rows, columns=pd.Index(names))
        frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True)
        frame["amount"] = pd.Series([row[-1] for row in rows], dtype=object)
        return frame


def _distinct(transfers: Iterable[Transfer]) -> list[Transfer]:
    seen: dict[str, Transfer] = {}
    for transfer in transfers:
        held = seen.setdefault(transfer.id, transfer)
        if held != transfer:
            msg = (
                f"two sources differ on transfer {transfer.id}: {held.amount} from {held.source} in block "
                f"{held.height}, and {transfer.amount} from {transfer.source} in block {transfer.height}"
            )
            raise IntegrityError(msg)
    return list(seen.values())


def _told_once(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return each fact once, in chain order: the telling that says most, where another says less of it."""
    seen: dict[str, Fact] = {}
    for fact in facts:
        held = seen.setdefault(fact.id, fact)
        if held == fact or _within(fact, held):
            continue
        if not _within(held, fact):
            told = " and ".join(str((one.key, one.parties, one.figures)) for one in (held, fact))
            raise IntegrityError(f"two sources differ on {fact.id}: {told}")
        seen[fact.id] = fact
    return tuple(sorted(seen.values(), key=lambda fact: (fact.chain_id, *fact.key, fact.tx, fact.kind)))


def _within(less: Fact, more: Fact) -> bool:
    same = (less.key, less.time) == (more.key, more.time)
    return same and {*less.parties} <= {*more.parties} and {*less.figures} <= {*more.figures}


def _described(transfers: Iterable[Transfer]) -> dict[Asset, Asset]:
    """Return each asset with its symbol and decimals, in whichever transfer they are stated.

    Services write one token's symbol in several ways: the first in alphabetical order is taken. They cannot
    differ on its decimals, which say what an amount is.
    """
    found: dict[Asset, Asset] = {}
    for transfer in transfers:
        for leg in (*transfer.inputs, *transfer.outputs):
            held, given = found.setdefault(leg.asset, leg.asset), leg.asset
            if _facts(held) == _facts(given) or _facts(given) == _UNSTATED:
                continue
            if _facts(held) == _UNSTATED:
                found[given] = given
            elif held.decimals != given.decimals:
                msg = (
                    f"two sources differ on the asset of transfer {transfer.id}: {given} is {held.symbol!r} "
                    f"with {held.decimals} decimals, and {given.symbol!r} with {given.decimals}"
                )
                raise IntegrityError(msg)
            elif given.symbol and (not held.symbol or given.symbol < held.symbol):
                found[given] = given
    return found


def _facts(asset: Asset) -> tuple[str, int]:
    return (asset.symbol, asset.decimals)


def _coverage_key(item: Coverage) -> tuple[Any, ...]:
    span = (item.address, item.scope, item.first, item.last)
    return (*span, item.fetched_at, item.source, item.complete, item.check)


def _width(item: Coverage) -> tuple[bool, int, str]:
    return (item.complete, item.last - item.first, item.fetched_at)


def _canonical(transfer: Transfer) -> bytes:
    legs = [
        [_text(leg.address), str(leg.asset), str(leg.units), leg.coin]
        for leg in (*transfer.inputs, *transfer.outputs)
    ]
    fields = [transfer.id, *transfer.key, transfer.time, transfer.kind, transfer.basis, transfer.ok]
    return json.dumps([*fields, len(transfer.inputs), legs]).encode() + b"\n"


def _text(address: Address | None) -> str:
    return "" if address is None else address.display
