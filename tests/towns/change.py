"""Named cases of change, peel chains and what happens after a mix: each with its innocent look-alike."""

from __future__ import annotations

from flowtrace.ledger import Ledger
from towns.named import NamedCase
from towns.purse import Purse, paid

ONE = 10**8
VECTOR = {
    "inputs": (600_000, 500_000, 75_000, 3_000_000, 500_000, 600_000, 75_000),
    "shared": (148_176,) * 6,
    "changes": (451_830, 351_830, 451_830, 2_851_830, 351_830),
}
"""Algorithms, vector of 1.2: the round da50e2d7...476283 of the JoinMarket emulation."""


def ch_1() -> Ledger:
    """Algorithms CH-1: a payment of one bitcoin to a known address, and change."""
    purse = Purse()
    purse.spend("before", [paid("elder", 3 * ONE)], [paid("merchant", 2 * ONE, "script")])
    purse.spend(
        "tx",
        [paid("a1", 70_000_000), paid("a2", 45_000_000)],
        [paid("merchant", ONE, "script"), paid("c", 14_998_200)],
        lock=800_000,
    )
    twelve = [paid(f"customer {n}", 8_000_000) for n in range(12)]
    purse.spend("batch", ["tx:0"], twelve)
    purse.spend("next", ["tx:1"], [paid("shop", 4_000_000), paid("rest", 10_990_000)], lock=800_010)
    return purse.ledger()


def ch_2() -> Ledger:
    """Algorithms CH-2: one input, two new addresses of its kind, unspent."""
    purse = Purse()
    outputs = [paid("n1", ONE // 2, "key"), paid("n2", 149_990_000, "key")]
    purse.spend("tx", [paid("b1", 2 * ONE, "key")], outputs)
    return purse.ledger()


def joinmarket_round(inputs: tuple[int, ...], shared: tuple[int, ...], changes: tuple[int, ...]) -> Ledger:
    """Return one transaction of these amounts, every input and output with an address of its own."""
    purse = Purse()
    gives = [paid(f"input {n}", units) for n, units in enumerate(inputs)]
    purse.spend("round", gives, [paid(f"output {n}", units) for n, units in enumerate((*shared, *changes))])
    return purse.ledger()


def pc_1(versions: tuple[int, ...] = (2, 2, 2, 2)) -> Ledger:
    """Algorithms PC-1: three peels of a hundred bitcoin, and the exit; each of a version of its own."""
    purse = Purse()
    before: str | None = None
    steps = ((50_000_000, 9_949_990_000), (120_000_000, 9_829_980_000), (80_000_000, 9_749_970_000))
    for n, (peel, rest) in enumerate(steps, start=1):
        gives = [paid("hoard", 100 * ONE) if before is None else before]
        purse.spend(
            f"hop{n}", gives, [paid(f"peel {n}", peel), paid(f"rest {n}", rest)], version=versions[n - 1]
        )
        before = f"hop{n}:1"
    purse.spend("exit", ["hop3:1"], [paid("exit", 9_749_000_000)], version=versions[3])
    return purse.ledger()


def mixed(*spends: tuple[str, ...]) -> Ledger:
    """Return a round of three with change, and later transactions that spend these of its coins."""
    purse = Purse()
    gives = [paid(f"party {n}", units) for n, units in enumerate((700_000, 900_000, 1_300_000))]
    equal = [paid(f"mixed {n}", 400_000) for n in range(3)]
    changes = [paid(f"change {n}", units) for n, units in enumerate((300_500, 500_600, 896_900))]
    purse.spend("round", gives, [*equal, *changes])
    for number, coins in enumerate(spends):
        purse.spend(f"later{number}", coins, [paid(f"later {number}", 250_000 * len(coins))])
    return purse.ledger()


def _back(to: str) -> Ledger:
    purse = Purse()
    purse.spend("tx", [paid("payer", 9 * ONE)], [paid("payee", 4 * ONE), paid(to, 5 * ONE - 700)])
    return purse.ledger()


def _sweep() -> Ledger:
    purse = Purse()
    purse.spend("sweep", [paid("one", ONE), paid("two", ONE)], [paid("cold", 2 * ONE - 900)])
    return purse.ledger()


_ALIKE = joinmarket_round((500_000,) * 5, (148_000,) * 5, (352_006, 352_007, 352_008, 352_009, 351_000))

CASES = (
    NamedCase(
        "self_change", "change comes back to the payer, and to no new address", _back("payer"), _back("new")
    ),
    NamedCase("change_candidates", "a payment with change; coins that are only gathered", ch_1(), _sweep()),
    NamedCase("change_vote", "eight rules agree; two are too few", ch_1(), ch_2()),
    NamedCase(
        "joinmarket_change",
        "one party is richer than the others; five give the same",
        joinmarket_round(VECTOR["inputs"], VECTOR["shared"], VECTOR["changes"]),
        _ALIKE,
    ),
    NamedCase(
        "peel_chain_links", "one wallet peels; another takes the second hop", pc_1(), pc_1((2, 1, 1, 1))
    ),
    NamedCase(
        "postmix_consolidation",
        "two coins of a round are spent together; each by itself",
        mixed(("round:0", "round:2")),
        mixed(("round:0",), ("round:2",)),
    ),
)
