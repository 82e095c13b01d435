"""What toytown's people do beside paying: facts, and the towns that live by TRON and Solana."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from base58_bech32.base58 import b58encode, b58encode_check

from flowtrace.ledger import Ledger
from flowtrace.model import (
    ETHEREUM,
    Address,
    Asset,
    Basis,
    Chain,
    Coverage,
    Fact,
    FactKind,
    Kind,
    Leg,
    Price,
    Transfer,
)
from toytown import Pay, record_of, transfers

TRON, SOLANA = Chain.of("tron"), Chain.of("solana")
START = 1_650_000_000


def tron(name: str) -> Address:
    """Return the TRON account of a name."""
    return Address(TRON.id, b58encode_check(b"\x41" + sha256(name.encode()).digest()[:20]).decode())


def solana(name: str) -> Address:
    """Return the Solana account of a name."""
    return Address(SOLANA.id, b58encode(sha256(name.encode()).digest()).decode())


def deed(
    kind: FactKind,
    tx: str,
    *parties: tuple[str, Address],
    height: int = 100,
    time: int | None = None,
    **figures: str,
) -> Fact:
    """Return a fact of a named transaction; blocks are 12 seconds apart unless a time is given."""
    chain_id = parties[0][1].chain_id if parties else ETHEREUM.id
    moment = START + 12 * height if time is None else time
    return Fact(chain_id, tx, height, 0, 0, moment, kind, parties, tuple(figures.items()))


def timed(pays: Iterable[Pay]) -> list[Transfer]:
    """Return the transfers of payments, each at the time of the block that it stands in."""
    return [replace(one, time=START + 12 * one.height) for one in transfers(pays)]


def town(
    pays: Iterable[Pay] = (),
    facts: Iterable[Fact] = (),
    *,
    known: Iterable[Address] = (),
    more: Iterable[Transfer] = (),
    prices: Iterable[Price] = (),
) -> Ledger:
    """Return a ledger of payments and facts, with a complete record of whom is known."""
    record: list[Coverage] = [record_of(address) for address in known]
    return Ledger([*timed(pays), *more], record, facts=facts, prices=prices)


def moved(
    tx: str, source: Address, target: Address, *, units: int, asset: Asset, kind: Kind, height: int = 100
) -> Transfer:
    """Return one move of a transaction, of any kind and on any chain."""
    return Transfer(
        source.chain_id, tx, kind.value, height, 0, list(Kind).index(kind), START + 12 * height, kind,
        Basis.RECORDED, ok=True, inputs=(Leg(source, asset, units),), outputs=(Leg(target, asset, units),),
    )  # fmt: skip
