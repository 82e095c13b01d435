"""A small Result on Bitcoin: a theft, a peel straight to an exchange, and a spend of two holders' coins.

    vic ─▶ thief (0.009 BTC) ─▶ shop, a wallet labelled as Acme's (0.001), the rest back to the thief
    thief and peeler together ─▶ late (two payments)

It is worked by the tracer itself, so hops are per output, as in any case of coins.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from base58_bech32.base58 import b58encode_check

from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Asset,
    Category,
    Chain,
    Class,
    Coverage,
    Entity,
    Incident,
    Label,
    Result,
    Scope,
    StopReason,
    Theft,
    Transfer,
    Use,
)
from flowtrace.moves.coin import coin_transfer
from flowtrace.trace import End, Known, Policy, Tracer, account_for
from report.toy_result import toy_result

BITCOIN = Chain.of("bitcoin")
BTC = Asset.native(BITCOIN)


def holder(name: str) -> Address:
    """Return the Bitcoin address of a name."""
    return Address(BITCOIN.id, b58encode_check(b"\0" + sha256(name.encode()).digest()[:20]).decode())


def _txid(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _spend(
    name: str, height: int, *, inputs: list[tuple[str, int, str]], outputs: list[tuple[str, int]]
) -> Transfer:
    """Return a transaction; what is paid to nobody is paid to a script that no address stands for."""
    paid = [(holder(who) if who else None, units) for who, units in outputs]
    return coin_transfer(
        BITCOIN, _txid(name), height=height, index=0, time=1_648_000_000 + 600 * height,
        inputs=[(holder(who) if who else None, units, coin) for who, units, coin in inputs],
        outputs=[(who, units, f"{_txid(name)}:{n}") for n, (who, units) in enumerate(paid)],
    )  # fmt: skip


VIC, THIEF, PEELER, SHOP, LATE = (holder(name) for name in ("vic", "thief", "peeler", "shop", "late"))
HEIST = _spend(
    "heist", 10,
    inputs=[("vic", 1_000_000, f"{_txid('old')}:0")], outputs=[("vic", 90_000), ("thief", 900_000)],
)  # fmt: skip
PEEL = _spend(
    "peel", 11,
    inputs=[("thief", 900_000, f"{_txid('heist')}:1")], outputs=[("thief", 790_000), ("shop", 100_000)],
)  # fmt: skip
MERGE = _spend(
    "merge", 12,
    inputs=[("thief", 790_000, f"{_txid('peel')}:0"), ("peeler", 210_000, f"{_txid('clean')}:0")],
    outputs=[("late", 600_000), ("thief", 100_000), ("late", 290_000)],
)  # fmt: skip
VEIL = _spend(
    "veil", 11,
    inputs=[("thief", 900_000, f"{_txid('heist')}:1")], outputs=[("", 700_000), ("thief", 190_000)],
)  # fmt: skip
UNVEIL = _spend("unveil", 13, inputs=[("", 700_000, f"{_txid('veil')}:0")], outputs=[("thief", 690_000)])
ACME = Entity("acme", "Acme Exchange", Category.EXCHANGE)
NAMED = Label(
    SHOP, "Acme: Wallet", Category.EXCHANGE, Use.HOT_WALLET, ACME, "https://register.example", "web_crawl",
    "2022-04-01",
)  # fmt: skip
LOOT = Theft("btc", BTC, 900_000, HEIST.id, VIC, THIEF)


def coin_result(transfers: tuple[Transfer, ...] = (HEIST, PEEL, MERGE)) -> Result:
    """Return the case, worked through; with other transfers, where they are given."""
    span = ("row count", "2022-05-01T00:00:00Z", "node")
    coverage = [Coverage(who, Scope.EXTERNAL, 0, 20, True, *span) for who in (THIEF, PEELER)]  # noqa: FBT003  complete
    ledger = Ledger(transfers, coverage)
    ends = {SHOP: End(StopReason.SERVICE, ACME, Class.P, "labelled 'Acme: Wallet'")}
    tracer = Tracer([LOOT], ends.get, Policy(((BTC, 1_000),)))
    while wanted := tracer.wanted():
        for address in wanted:
            tracer.add(address, ledger.of(address) if ledger.coverage_of(address) else None)
    trace = account_for(tracer, Known(ledger, lambda _: (), ()))
    incident = Incident("coins", "Toytown coins", "2022-03-23", "Vic", (THIEF,), trace.thefts, (), ())
    return replace(
        toy_result(), incident=incident, trace=trace, coverage=tuple(coverage), transfers=tuple(ledger),
        labels={SHOP: (NAMED,)}, snapshot=((BITCOIN.id, 20),), parameters=(),
    )  # fmt: skip
