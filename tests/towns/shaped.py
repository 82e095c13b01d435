"""Little flows by hand: payments at stated seconds, transactions of coins, and facts, each by its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from base58_bech32.base58 import b58encode_check

from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Asset,
    Basis,
    Category,
    Chain,
    Entity,
    Fact,
    FactKind,
    Kind,
    Label,
    Leg,
    Transfer,
    Use,
)
from toytown import ETH, who

EPOCH = 1_650_000_000
HOUR, DAY = 3_600, 24 * 3_600
USDT = Asset.token(Address.parse("ethereum", "0xdAC17F958D2ee523a2206206994597C13D831ec7"), "USDT", 6)
BTC = Asset.native(Chain.of("bitcoin"))


def paid(  # noqa: PLR0917  who pays whom what, as one says it
    name: str, source: str | Address, target: str | Address, units: int, *, at: int = 0, asset: Asset = ETH
) -> Transfer:
    """Return a payment at so many seconds; its transaction is its name, its block twelve seconds long."""
    giver, taker = (who(one) if isinstance(one, str) else one for one in (source, target))
    token = bool(asset.contract)
    return Transfer(
        chain_id=asset.chain_id,
        tx=name,
        position="log 0" if token else "value",
        height=at // 12,
        index=at % 12,
        order=0,
        time=EPOCH + at,
        kind=Kind.TOKEN if token else Kind.VALUE,
        basis=Basis.RECORDED,
        ok=True,
        inputs=(Leg(giver, asset, units),),
        outputs=(Leg(taker, asset, units),),
    )


def coin_address(name: str) -> Address:
    """Return the Bitcoin address of a name."""
    digest = sha256(name.encode()).digest()[:20]
    return Address.parse("bitcoin", b58encode_check(b"\x00" + digest).decode())


def spent(
    name: str, inputs: Sequence[tuple[str, str, int]], outputs: Sequence[tuple[str, int]], *, at: int = 0
) -> Transfer:
    """Return a transaction of coins: of (coin, owner, units) to (owner, units); the rest is its fee."""
    fee = sum(units for *_, units in inputs) - sum(units for _, units in outputs)
    outs = [Leg(coin_address(owner), BTC, units, f"{name}:{n}") for n, (owner, units) in enumerate(outputs)]
    return Transfer(
        chain_id=BTC.chain_id,
        tx=name,
        position="coin",
        height=at // 600,
        index=at % 600,
        order=0,
        time=EPOCH + at,
        kind=Kind.COIN,
        basis=Basis.RECORDED,
        ok=True,
        inputs=tuple(Leg(coin_address(owner), BTC, units, coin) for coin, owner, units in inputs),
        outputs=(*outs, Leg(None, BTC, fee)) if fee else tuple(outs),
    )


def fact(
    kind: FactKind,
    tx: str,
    parties: Iterable[tuple[str, str | Address]],
    *,
    block: int = 0,
    figures: Iterable[tuple[str, str]] = (),
    at: int | None = None,
) -> Fact:
    """Return a fact of a transaction at a block, twelve seconds after the one before it."""
    named = tuple((role, who(one) if isinstance(one, str) else one) for role, one in parties)
    seconds = EPOCH + (12 * block if at is None else at)
    return Fact(ETH.chain_id, tx, block, 0, 0, seconds, kind, named, tuple(figures))


def labelled(name: str | Address, entity: str, category: Category, *, text: str = "") -> Label:
    """Return the word of a public register that an address is an entity's."""
    address = who(name) if isinstance(name, str) else name
    party = Entity(entity, entity.title(), category)
    source = "https://register.example/shaped"
    return Label(address, text or entity, category, Use.UNSPECIFIED, party, source, "web_crawl", "2022-04-01")


def flow(transfers: Iterable[Transfer], facts: Iterable[Fact] = ()) -> Ledger:
    """Return a ledger of some transfers and facts."""
    return Ledger(transfers, facts=facts)
