"""How fast bridge events are joined by their key.

    python benchmarks/crossing.py [1000000]

Half of the ends send and half pay, shuffled; one in a thousand pays too much, and is to be refused. Times are
of the processor. The bar stands beside the figure, OK or MISSED.
"""

from __future__ import annotations

import gc
import random
import sys
from time import process_time

from flowtrace.crossing import End, Side, join, shipped

BAR, LIE = 5.0, 1000


def ends(many: int) -> list[End]:
    """Return shuffled ends of ``many // 2`` crossings."""
    made = []
    for n in range(many // 2):
        key, units, time = f"0/{n}", 10**6 + n, 1_700_000_000 + n
        told = units + (n % LIE == 0)
        made.append(
            End("cctp", key, Side.SENT, "eip155:1", f"0x{n:064x}", 3, time, asset="usdc", units=units)
        )
        made.append(
            End(
                "cctp",
                key,
                Side.PAID,
                "eip155:10",
                f"0x{~n & 0xFF:064x}",
                4,
                time + 60,
                asset="usdc",
                units=told,
            )
        )
    random.Random(1).shuffle(made)  # noqa: S311  a benchmark's order, no secret
    return made


def main(many: int) -> None:
    """Print one figure, beside its bar."""
    given, manners = ends(many), shipped().manners
    gc.collect()
    start = process_time()
    result = join(given, manners)
    spent = process_time() - start
    bar = BAR * many / 1_000_000
    print(f"{many:,} ends by key: {len(result.crossings):,} crossings, {len(result.misfits):,} refused")
    print(f"{spent:.2f} s of the processor (at most {bar:.2f}: {'OK' if spent <= bar else 'MISSED'})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
