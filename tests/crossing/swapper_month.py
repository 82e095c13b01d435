"""An invented month of a swapper: deposits, payouts, and which payout is whose.

What it keeps lies about half a per cent, the delay about nine minutes; one payout in ten keeps anything up to
five per cent, and one deposit in five is of a round amount.
"""

from __future__ import annotations

import random
from fractions import Fraction

from flowtrace.crossing.keyless import Deposit, Habit, Payout, Steps

MONTH = 30 * 86_400
ROUND = (5 * 10**6, 10**7, 2 * 10**7, 10**8)
KEPT = (0, 2000, 3000, *range(3500, 6501, 250), 7000, 8000, 10_000, 20_000, 50_000)
DELAY = (60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 720, 840, 960, 1200, 1500, 1800, 2400, 3000, 3600)


def month(many: int, seed: int = 1) -> tuple[list[Deposit], list[Payout], dict[str, str]]:
    """Return the deposits, the payouts within the month, and which payout is whose."""
    rng = random.Random(seed)  # noqa: S311  an invented month, no secret
    deposits, payouts, truth = [], [], {}
    for n in range(many):
        at = rng.randrange(30) * 86_400 + int(rng.triangular(0, 86_399, 54_000))
        worth = rng.choice(ROUND) if rng.random() < 0.2 else int(10 ** rng.gauss(7, 0.7))
        usual = rng.random() < 0.9
        kept = min(50_000, max(0, int(rng.gauss(5000, 400)))) if usual else rng.randrange(50_000)
        delay = int(min(3600, max(60, rng.lognormvariate(6.3, 0.5))))
        deposits.append(Deposit(f"d{n}", at, Fraction(worth)))
        if at + delay <= MONTH:
            payouts.append(Payout(at + delay, worth * (10**6 - kept) // 10**6, f"p{n}"))
            truth[f"d{n}"] = f"p{n}"
    return deposits, payouts, truth


def habit(deposits: list[Deposit], payouts: list[Payout], truth: dict[str, str]) -> Habit:
    """Learn the swapper's habit from the given deposits, whose payouts are known."""
    known = {payout.id: payout for payout in payouts}
    pairs = [(d, known[truth[d.id]]) for d in deposits if d.id in truth]
    kept = [10**6 - payout.units * 10**6 / deposit.worth for deposit, payout in pairs]
    waited = [payout.time - deposit.time for deposit, payout in pairs]
    return Habit(Steps.learnt(kept, KEPT), Steps.learnt(waited, DELAY))
