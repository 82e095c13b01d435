"""Rounds of coins: what several make together, written small, and what only looks like it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Chain, Fact, FactKind, Transfer
from flowtrace.moves.coin import coin_transfer
from flowtrace.moves.scripts import address_of
from towns.named import NamedCase

BITCOIN = Chain.of("bitcoin")
HEIGHT = 883_000
DATA = ""
"""Whom an output of data pays: nobody."""
_SCRIPTS = {
    "key": (b"\x76\xa9\x14", 20, b"\x88\xac"),
    "script": (b"\xa9\x14", 20, b"\x87"),
    "witness script": (b"\x00\x20", 32, b""),
    "taproot": (b"\x51\x20", 32, b""),
    "witness": (b"\x00\x14", 20, b""),
}


def person(name: str, chain: Chain = BITCOIN) -> Address | None:
    """Return the address of a name; ``kind:name`` asks for another script than a witness key's hash."""
    kind, _, rest = name.rpartition(":")
    before, size, after = _SCRIPTS[kind or "witness"]
    return address_of(chain, before + sha256(rest.encode()).digest()[:size] + after) if name else None


def known(name: str, chain: Chain = BITCOIN) -> Address:
    """Return the address of a name that has one."""
    found = person(name, chain)
    assert found is not None
    return found


def spend(
    tx: str,
    gives: Sequence[tuple[str, int] | tuple[str, int, str]],
    takes: Sequence[tuple[str, int]],
    *,
    height: int = HEIGHT,
    index: int = 0,
    chain: Chain = BITCOIN,
) -> Transfer:
    """Return a transaction; an input is (who, units), and the coin it spends where that is on the ledger."""
    inputs = [
        (person(give[0], chain), give[1], give[2] if len(give) > 2 else f"before.{tx}:{n}")
        for n, give in enumerate(gives)
    ]
    outputs = [(person(who, chain), units, f"{tx}:{n}") for n, (who, units) in enumerate(takes)]
    return coin_transfer(chain, tx, height=height, index=index, time=0, inputs=inputs, outputs=outputs)


def new_coin(tx: str, takes: Sequence[tuple[str, int]], *, height: int = HEIGHT) -> Transfer:
    """Return a block's reward."""
    outputs = [(person(who), units, f"{tx}:{n}") for n, (who, units) in enumerate(takes)]
    return coin_transfer(BITCOIN, tx, height=height, index=0, time=0, inputs=[], outputs=outputs)


def shape(transfer: Transfer, **figures: str) -> Fact:
    """Return what is told of a transaction's build."""
    return Fact(
        transfer.chain_id,
        transfer.tx,
        transfer.height,
        transfer.index,
        0,
        0,
        FactKind.SHAPE,
        (),
        tuple(sorted(figures.items())),
    )


JOINMARKET = spend(
    "round",
    [("ann", 5_000_000), ("ben", 3_000_000), ("cyd", 2_000_000)],
    [
        ("ann mixed", 1_000_000),
        ("ben mixed", 1_000_000),
        ("cyd mixed", 1_000_000),
        ("ann change", 4_002_000),
        ("ben change", 2_001_000),
        ("cyd change", 994_000),
    ],
)
"""Three share 0.01 BTC; cyd asked for it and pays ann, ben and the network."""
WAGES = spend(
    "wages",
    [("shop", 5_000_000), ("shop till", 3_000_000)],
    [("ann", 1_250_000), ("ben", 1_310_000), ("cyd", 2_400_000), ("dan", 2_900_000), ("shop", 139_000)],
)
"""A shop pays four people, each another amount."""
POOL = 1_000_000
MIX = spend(
    "mix",
    [
        ("eve premix", POOL + 5_000, "prepared:2"),
        ("fay premix", POOL + 4_000),
        *((f"{who} mixed", POOL) for who in ("gus", "hal", "ivy")),
    ],
    [(f"anybody {n}", POOL) for n in range(5)],
    height=HEIGHT + 1,
)
PREPARED = spend(
    "prepared",
    [("eve", 2_000_000), ("eve savings", 1_000_000)],
    [
        (DATA, 0),
        ("coordinator", 50_000),
        ("eve premix", POOL + 5_000),
        ("eve premix 2", POOL + 5_000),
        ("eve change", 930_000),
    ],
)
PURCHASES = [
    spend("tx1", [("a1", 70_000), ("a2", 45_000)], [("shop", 100_000), ("a9", 14_000)]),
    spend("tx2", [("a2", 50_000), ("a3", 45_000)], [("shop", 80_000), ("a8", 14_500)], index=1),
]

CASES = (
    NamedCase(
        "coinjoin",
        "three share an amount, and a shop that pays wages from two tills shares none",
        Ledger([JOINMARKET]),
        Ledger([WAGES]),
    ),
    NamedCase(
        "whirlpool_tx0",
        "eve cuts her coins and has one mixed; the same cut that feeds no mix",
        Ledger([PREPARED, MIX]),
        Ledger([PREPARED]),
    ),
    NamedCase(
        "multi_input",
        "a buyer spends her coins together; three who share an amount, and a miner's reward",
        Ledger(PURCHASES),
        Ledger([JOINMARKET, new_coin("reward", [("miner", 312_500_000)])]),
    ),
)
