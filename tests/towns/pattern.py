"""Toytown's shapes: one named case for every heuristic of the pattern room, and an innocent look-alike."""

from __future__ import annotations

from flowtrace.ledger import Ledger
from flowtrace.model import Category, Transfer
from towns.named import NamedCase
from towns.notes import TORNADO_CASES
from towns.shaped import DAY, HOUR, USDT, flow, labelled, paid, spent
from toytown import KNOWN, ONE, PAID, ledger_of, register, world

_DOLLAR = 10**6
MEN = register(
    labelled("acme hot", "acme", Category.EXCHANGE),
    labelled("bolt hot", "bolt", Category.EXCHANGE),
    labelled("ferry", "ferry", Category.BRIDGE, text="THORChain vault"),
    labelled("swirl", "swirl", Category.MIXER),
    labelled("wallet one", "gang", Category.PERPETRATOR),
    labelled("wallet two", "gang", Category.PERPETRATOR),
)


def payroll(
    payer: str, payees: int, *, name: str = "out", at: int = 0, gap: int = 60, units: int = ONE
) -> list[Transfer]:
    """Return payments of one to many, one a minute."""
    return [paid(f"{name}-{n}", payer, f"{name} payee {n}", units, at=at + n * gap) for n in range(payees)]


def collection(
    payee: str, payers: int, *, name: str = "in", at: int = 0, gap: int = 60, units: int = ONE
) -> list[Transfer]:
    """Return payments of many to one."""
    return [paid(f"{name}-{n}", f"{name} payer {n}", payee, units, at=at + n * gap) for n in range(payers)]


def fan_through(middles: int, kept: int) -> Ledger:
    """Return one who pays several, each of whom passes on all but a percentage to the same last one."""
    scattered = [paid(f"scatter-{n}", "head", f"mule {n}", 100 * ONE, at=n * 60) for n in range(middles)]
    passed = (100 - kept) * ONE
    gathered = [paid(f"gather-{n}", f"mule {n}", "tail", passed, at=HOUR + n * 60) for n in range(middles)]
    return flow([*scattered, *gathered])


def crossed(name: str, givers: str, takers: str, *, at: int = 0, least: int = 0) -> list[Transfer]:
    """Return payments of each giver to each taker, but for the first ``least`` pairs."""
    pairs = [(giver, taker) for giver in givers for taker in takers][least:]
    return [
        paid(f"{name}-{n}", giver, taker, ONE + n, at=at + 12 * n) for n, (giver, taker) in enumerate(pairs)
    ]


def peeled(*peels: int) -> list[Transfer]:
    """Return 100 BTC and what is peeled off hop by hop, in units of 10⁻⁴, each with a fee of one."""
    held, coin, made = 1_000_000, "loot:0", []
    for n, peel in enumerate(peels):
        rest = held - peel - 1
        made.append(
            spent(
                f"peel-{n}",
                [(coin, f"hop {n}", held * 10**4)],
                [(f"payee {n}", peel * 10**4), (f"hop {n + 1}", rest * 10**4)],
                at=HOUR * (n + 1),
            )
        )
        held, coin = rest, f"peel-{n}:1"
    return made


PC_1 = [
    *peeled(5_000, 12_000, 8_000),
    spent("exit", [("peel-2:1", "hop 3", 974_997 * 10**4)], [("exchange", 974_900 * 10**4)], at=5 * HOUR),
]


def loop(*units: int, gap: int = HOUR) -> Ledger:
    """Return value that goes round among as many people, in the amounts given."""
    people = [f"round {n}" for n in range(len(units))]
    return flow(
        paid(f"loop-{n}", people[n], people[(n + 1) % len(people)], held, at=n * gap)
        for n, held in enumerate(units)
    )


def nightly(hours: range, days: int = 12) -> Ledger:
    """Return a sender at work at these hours of each day, UTC, on so many days."""
    start = -1_650_000_000 % DAY
    return flow(
        paid(f"shift-{day}-{hour}", "clerk", f"client {day}", ONE, at=start + day * DAY + hour * HOUR)
        for day in range(days)
        for hour in hours
    )


def slept(days: int, part: int) -> Ledger:
    """Return a holder who pays a part of 100 after so many days."""
    return flow(
        [
            paid("laid-down", "origin", "sleeper", 100 * ONE),
            paid("woken", "sleeper", "spender", part * ONE, at=days * DAY),
        ]
    )


HOPPED = [
    paid("deposit", "runner", "acme hot", 100 * ONE),
    paid("withdrawal", "acme hot", "runner two", 99 * ONE, at=HOUR),
    paid("second-deposit", "runner two", "bolt hot", 98 * ONE, at=3 * HOUR),
]
FAKE = type(USDT)(USDT.chain_id, "erc20:" + "0x" + "ab" * 20, "USDT", 6)
OTHER = type(USDT)(USDT.chain_id, "erc20:" + "0x" + "cd" * 20, "SHIB", 18)
_STAGES = [
    paid("split", "boss", "mule", 10 * ONE),
    *[paid(f"equal-{n}", "mule", f"runner {n}", ONE, at=60 * (n + 1)) for n in range(10)],
    paid("hide", "runner 1", "swirl", ONE, at=DAY),
    paid("hop", "runner 2", "ferry", ONE, at=DAY),
    paid("cash", "runner 3", "acme hot", ONE, at=DAY),
]

CASES = (
    NamedCase(
        "dust_and_spoof",
        "small change from somebody the receiver pays",
        world(),
        ledger_of([PAID["split-1"], PAID["return-1"]], KNOWN),
    ),
    NamedCase("fan_out", "nine payees are a birthday", flow(payroll("boss", 10)), flow(payroll("boss", 9))),
    NamedCase(
        "fan_in",
        "ten payers over ten days are customers",
        flow(collection("boss", 10)),
        flow(collection("boss", 10, gap=DAY)),
    ),
    NamedCase("scatter_gather", "friends who keep half", fan_through(5, 2), fan_through(5, 50)),
    NamedCase(
        "gather_scatter",
        "a fundraiser who pays months later",
        flow([*collection("hub", 10), *payroll("hub", 10, at=2 * HOUR)]),
        flow([*collection("hub", 10), *payroll("hub", 10, at=90 * DAY)]),
    ),
    NamedCase(
        "bipartite",
        "one payment is missing",
        flow(crossed("pay", "abc", "xyz")),
        flow(crossed("pay", "abc", "xyz", least=1)),
    ),
    NamedCase(
        "stack",
        "the second layer stands elsewhere",
        flow([*crossed("low", "abc", "xyz"), *crossed("high", "xyz", "uvw", at=HOUR)]),
        flow([*crossed("low", "abc", "xyz"), *crossed("high", "pqr", "uvw", at=HOUR)]),
    ),
    NamedCase("cycle", "change comes back", loop(100, 99, 98), loop(100, 99, 50)),
    NamedCase("round_trip", "a fee of a fifth", loop(100, 96), loop(100, 80)),
    NamedCase("peel_chain", "two hops are shopping", flow(PC_1), flow(peeled(5_000, 12_000))),
    NamedCase(
        "structuring",
        "rent of a round sum",
        flow(paid(f"cut-{n}", "payer", f"p{n}", 9_500 * _DOLLAR, at=n * DAY, asset=USDT) for n in range(3)),
        flow(paid(f"rent-{n}", "payer", "p", 10_000 * _DOLLAR, at=n * DAY, asset=USDT) for n in range(3)),
    ),
    NamedCase(
        "pass_through",
        "a saver who waits a day",
        flow([paid("in", "a", "mule", 100 * ONE), paid("out", "mule", "b", 99 * ONE, at=300)]),
        flow([paid("in", "a", "saver", 100 * ONE), paid("out", "saver", "b", 99 * ONE, at=DAY)]),
    ),
    NamedCase("dormancy", "a saver who takes a tenth", slept(200, 60), slept(200, 10)),
    NamedCase(
        "exchange_hopping",
        "two withdrawals would fit",
        flow(HOPPED),
        flow([*HOPPED, paid("others", "acme hot", "stranger", 97 * ONE, at=2 * HOUR)]),
        MEN,
    ),
    NamedCase(
        "chain_hop_burst",
        "a customer of the bridge all year",
        flow(paid(f"hop-{n}", "runner", "ferry", ONE, at=n * 60) for n in range(50)),
        flow(paid(f"hop-{n}", "runner", "ferry", ONE, at=n * DAY) for n in range(50)),
        MEN,
    ),
    NamedCase(
        "token_spoof",
        "a token with a name of its own",
        flow([paid("fake", "faker", "victim", 100, asset=FAKE)]),
        flow([paid("meme", "fan", "holder", 100, asset=OTHER), paid("real", "a", "b", 9, asset=USDT)]),
    ),
    NamedCase("operator_clock", "a script at every hour", nightly(range(1, 8)), nightly(range(24))),
    NamedCase("typology", "two stages are everyday", flow(_STAGES), flow(_STAGES[-2:]), MEN),
    *TORNADO_CASES,
)
