"""Payouts of a swapper that publishes no key: how fast they are matched, how well, and what a placebo says.

    python benchmarks/keyless.py [100000 [1000000]]

An invented month (tests/crossing/swapper_month.py): as many payouts as told, of which the deposits are some
customers'. Bars stand beside the figures, OK or MISSED.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from crossing.swapper_month import MONTH, habit, month
from flowtrace.crossing.keyless import Payouts, match, placebo

BAR = 30.0


def main(many: int, of: int) -> None:
    """Match some customers' deposits against all payouts; then a whole month of 50,000 with its placebo."""
    deposits, payouts, truth = month(of)
    learnt = habit(deposits[:2000], payouts, truth)
    start = perf_counter()
    claims = [m for m in match(deposits[:many], Payouts(payouts, (0, MONTH)), learnt) if m.found]
    spent = perf_counter() - start
    bar = BAR * many / 100_000
    said = "OK" if spent <= bar else "MISSED"
    print(f"{many:,} deposits against {len(payouts):,} payouts: {len(claims):,} claims")
    print(f"{spent:.1f} s (at most {bar:.1f}: {said})")
    deposits, payouts, truth = month(50_000, seed=2)
    learnt, record = habit(deposits[:2000], payouts, truth), Payouts(payouts, (0, MONTH))
    claims = [m for m in match(deposits, record, learnt) if m.found]
    right = sum(m.found is not None and truth.get(m.deposit.id) == m.found.payout.id for m in claims)
    print(f"a month of 50,000: {len(claims):,} claims, {right:,} right: precision {right / len(claims):.5f}")
    print(placebo(deposits, record, learnt).words)


if __name__ == "__main__":
    main(*[int(word) for word in (*sys.argv[1:], *("100000", "1000000")[len(sys.argv) - 1 :])])
