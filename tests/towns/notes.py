"""Toytown's mixer: notes put into pools and taken out, the vector TC-1 among them."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Fact, FactKind, Transfer
from towns.named import NamedCase
from towns.shaped import DAY, EPOCH, fact, flow, paid
from toytown import ONE

ONE_ETHER = Address.parse("ethereum", "0x47CE0C6eD5B0Ce3d3A51fdb1C52DC66a7c3c2936")
TEN_ETHER = Address.parse("ethereum", "0x910Cbd523D972eb0a6f4cAe4618aD62622b39DbF")


def deposit(
    tx: str, who_: str, block: int, *, gas: int = 0, pool: Address = ONE_ETHER, at: int | None = None
) -> list[Fact]:
    """Return a deposit and its gas."""
    made = fact(FactKind.MIXER_DEPOSIT, tx, [("depositor", who_), ("pool", pool)], block=block, at=at)
    return [made, *_gas(tx, who_, block, price=gas, at=at)]


def withdrawal(
    tx: str,
    taker: str,
    block: int,
    *,
    sender: str = "",
    gas: int = 0,
    pool: Address = ONE_ETHER,
    at: int | None = None,
) -> list[Fact]:
    """Return a withdrawal and its gas; where another sends it, he is its relayer."""
    parties: list[tuple[str, str | Address]] = [("recipient", taker), ("pool", pool)]
    if sender:
        parties.append(("relayer", sender))
    made = fact(FactKind.MIXER_WITHDRAWAL, tx, parties, block=block, at=at)
    return [made, *_gas(tx, sender or taker, block, price=gas, at=at)]


def _gas(tx: str, payer: str, block: int, *, price: int, at: int | None) -> list[Fact]:
    if not price:
        return []
    return [fact(FactKind.GAS, tx, [("payer", payer)], block=block, figures=[("price", str(price))], at=at)]


def noted(facts: Iterable[Iterable[Fact]], transfers: Iterable[Transfer] = ()) -> Ledger:
    """Return a ledger of notes."""
    return flow(transfers, [one for group in facts for one in group])


TC_1 = [
    deposit("d1", "a", 10, gas=50),
    deposit("d2", "b", 20, gas=123456789),
    deposit("d3", "c", 30, gas=50),
    deposit("d4", "c", 31, gas=60, pool=TEN_ETHER),
    deposit("d5", "c", 32, gas=60),
    deposit("d6", "c", 33, gas=61, pool=TEN_ETHER),
    deposit("d7", "c", 34, gas=62),
    withdrawal("w1", "a", 40, gas=70),
    withdrawal("w2", "x", 41, gas=123456789),
    *(
        withdrawal(f"w{n}", "y", 47 + n, sender="relayer", gas=80 + n, pool=pool)
        for n, pool in enumerate([ONE_ETHER, TEN_ETHER, ONE_ETHER, TEN_ETHER, ONE_ETHER], start=3)
    ),
]
"""Algorithms 5.1: (pool, block, gas) of seven deposits and seven withdrawals."""


def linked(times: int) -> Ledger:
    """Return a deposit and a withdrawal of two who paid each other so often."""
    direct = [paid(f"direct-{n}", "depositor", "taker", ONE, at=n) for n in range(times)]
    return noted([deposit("d", "depositor", 100), withdrawal("w", "taker", 200)], direct)


def mined(blocks: int) -> Ledger:
    """Return a note of 50 blocks and a claim of the points of so many, 20 a block."""
    points = [("points", str(20 * blocks))]
    claim = fact(FactKind.MIXER_REWARD, "claim", [("recipient", "depositor")], block=300, figures=points)
    return noted([deposit("d", "depositor", 100), withdrawal("w", "taker", 150), [claim]])


RHYTHM = (0, 60, 660, 700, 4_000, 4_010, 9_000)


def followed(rhythm: Iterable[int]) -> Ledger:
    """Return seven deposits in a rhythm, and a day later seven withdrawals in another."""
    made = [deposit(f"d{n}", "giver", n, at=EPOCH + at) for n, at in enumerate(RHYTHM)]
    taken = [
        withdrawal(f"w{n}", "taker", 100 + n, at=EPOCH + DAY + at) for n, at in enumerate(sorted(rhythm))
    ]
    return noted([*made, *taken])


def relayed(takers: int) -> Ledger:
    """Return withdrawals of as many takers through one relayer, hours apart."""
    return noted([withdrawal(f"w{n}", f"taker {n}", 600 * n, sender="relayer") for n in range(takers)])


RAILGUN = Address.parse("ethereum", "0xFA7093CDD9EE6932B4eb2c9e1cde7CE00B1FA4b9")
RARE = Address.parse("ethereum", "0x" + "7a" * 20)


def shielded(tx: str, who_: str, block: int, *, units: int, token: Address = RARE) -> list[Fact]:
    """Return a note put into Railgun, of so many units after its fee."""
    parties: list[tuple[str, str | Address]] = [("depositor", who_), ("pool", RAILGUN), ("token", token)]
    figures = [("units", str(units)), ("fee", str(units // 400))]
    return [fact(FactKind.SHIELD, tx, parties, block=block, figures=figures)]


def unshielded(tx: str, who_: str, block: int, *, units: int, token: Address = RARE) -> list[Fact]:
    """Return a note taken out of Railgun, of so many units with its fee."""
    parties: list[tuple[str, str | Address]] = [("recipient", who_), ("pool", RAILGUN), ("token", token)]
    figures = [("units", str(units - units // 400)), ("fee", str(units // 400))]
    return [fact(FactKind.UNSHIELD, tx, parties, block=block, figures=figures)]


TORNADO_CASES = (
    NamedCase(
        "railgun_equal_value",
        "one unit less came out",
        noted([shielded("s", "a", 10, units=777_003), unshielded("u", "b", 20, units=777_003)]),
        noted([shielded("s", "a", 10, units=777_003), unshielded("u", "b", 20, units=777_002)]),
    ),
    NamedCase(
        "tornado_address_match",
        "the recipient deposits afterwards",
        noted([deposit("d", "a", 10), withdrawal("w", "a", 20)]),
        noted([withdrawal("w", "a", 10), deposit("d", "a", 20)]),
    ),
    NamedCase(
        "tornado_gas_price",
        "two deposits at that price",
        noted([deposit("d", "a", 10, gas=7), withdrawal("w", "x", 20, gas=7)]),
        noted([*(deposit(f"d{n}", f"a{n}", 10, gas=7) for n in "12"), withdrawal("w", "x", 20, gas=7)]),
    ),
    NamedCase(
        "tornado_multi_denomination",
        "another put in the same",
        noted(TC_1),
        noted(
            [
                *TC_1,
                *(deposit(f"e{n}", "other", 35) for n in range(3)),
                *(deposit(f"f{n}", "other", 35, pool=TEN_ETHER) for n in range(2)),
            ]
        ),
    ),
    NamedCase("tornado_linked_address", "two payments are chance", linked(3), linked(2)),
    NamedCase("tornado_anonymity_mining", "a claim for other blocks", mined(50), mined(49)),
    NamedCase("tornado_fifo", "another rhythm", followed(RHYTHM), followed(range(0, 700, 100))),
    NamedCase("tornado_soft", "a relayer whom many use", relayed(3), relayed(9)),
)
