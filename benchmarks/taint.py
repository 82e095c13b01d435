"""How fast the taint engine is, beside plain integers, floating point, and what the memory allows.

    python benchmarks/taint.py [10000 100000 1000000 10000000]

Everything is measured in one run and told as a ratio: a shared machine is noisy, and a number of its own
says little. Times are of the processor, not of the wall, best of three; but what several threads do together
is by the wall. What a rule does a second, and its ratio to the bound, are in memory used before and cleared
again; after that comes both in fresh memory. Peak memory is that of a process of its own, without what the
interpreter had before. The bars come again at the end, each OK or MISSED.
"""

from __future__ import annotations

import gc
import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import disk
import numpy as np
from beside import cpu, fifo_by_hand, floating, pro_rata_by_hand, streaming, touching, wall
from ledgers import LABELS, coins, many_lots, network
from numpy.typing import NDArray

from flowtrace.kernel import Moves, Tainted
from flowtrace.kernel.columns import Wide
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.plain import Plain
from flowtrace.model import ACCOUNT_RULES, Rule

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from kernel.follow import Trail
from kernel.planted import DEPOSITS, ByPlan, Planted, Record, faults, planted, recorded, trace, traced, trail

PLAIN_UP_TO, FLOAT_UP_TO = 1_000_000, 100_000
LARGE = 10_000_000
BARS = {Rule.PRO_RATA: 3, Rule.LIBR: 3, Rule.FIFO: 6, Rule.LIFO: 6}
BY_HAND = {Rule.PRO_RATA: pro_rata_by_hand, Rule.FIFO: fifo_by_hand}
COIN_BAR, PLAIN_BAR, DISK_BAR, MEMORY_BAR = 10, 20, 8, 150
PLANTED_BARS = {100_000: 0.1, 1_000_000: 1.0}

verdicts: list[str] = []


def say(what: str, rows: int, seconds: float, *more: str) -> None:
    """Print a line: what, millions of rows a second, and ratios."""
    print(f"  {what:34}{rows / seconds / 1e6:9.2f} M/s  {'  '.join(more)}", flush=True)


def judge(what: str, found: float, bar: float, *, least: bool = False) -> str:
    """Return a figure beside its bar, and keep the verdict for the end."""
    good = found >= bar if least else found <= bar
    told = f"{found:.3g} ({'at least' if least else 'at most'} {bar:g}: {'OK' if good else 'MISSED'})"
    verdicts.append(f"{what:58} {told}")
    return told


def _at_large(rows: int, what: str, found: float, *, bar: float) -> str:
    """Return a figure, beside its bar where there are as many rows as the bar is for."""
    return judge(f"10^7, {what}", found, bar) if rows == LARGE else f"{found:.3g}"


def rules(rows: int, *, dense: bool) -> None:
    """Print each rule on a network of so many moves."""
    moves, labels, places = network(rows, dense=dense)
    print(f"{'dense' if dense else 'sparse'} network, {rows:,} moves, {places:,} places")
    bound, fresh = touching(moves.source, moves.target, places)
    say("bound: every column once", rows, streaming(moves))
    say("bound: both places, no arithmetic", rows, bound, f"in fresh memory {rows / fresh / 1e6:.2f} M/s")
    run = Compiled(Rule.POISON, places)
    kept = _kept(run.move(moves))
    for rule in ACCOUNT_RULES:
        again = cpu(lambda rule=rule: (run.restart(rule), run.move(moves, kept)))
        took = cpu(lambda rule=rule: Compiled(rule, places).move(moves))
        ratio = f"{again / bound:.2f}"
        if dense and rule in BARS:
            ratio = _at_large(rows, f"dense, {rule.words}, × the bound", again / bound, bar=BARS[rule])
        more = [f"the bound × {ratio}, in fresh memory {took / fresh:.2f}"]
        if rows <= PLAIN_UP_TO and dense:
            more += _beside_plain(rule, moves, places, took=took)
        say(rule.words, rows, again, *more)
    if rows <= FLOAT_UP_TO and dense:
        _beside_floating(moves, places)
    told_apart = Moves.of(moves.source, moves.target, moves.units, theft=labels)
    for rule in (Rule.PRO_RATA, Rule.FIFO, Rule.LIFO, Rule.LIBR):
        took = cpu(lambda rule=rule: Compiled(rule, places, thefts=LABELS).move(told_apart), 1)
        say(f"{rule.words}, {LABELS} thefts told apart", rows, took, f"the bound × {took / bound:.2f}")


def _kept(answer: Tainted) -> Wide:
    return answer.units if isinstance(answer.units, Wide) else Wide.of(answer.units)


def _beside_plain(rule: Rule, moves: Moves, places: int, *, took: float) -> list[str]:
    """Return how many times as fast as plain integers, and whether both say the same to the unit."""
    answers: list[object] = []
    slow = [cpu(lambda: answers.append(Plain(rule, places).move(moves).units), 1)]
    if rule in BY_HAND:
        slow.append(cpu(lambda: answers.append(BY_HAND[rule](moves, places)), 1))
    ours = _digest(Compiled(rule, places).move(moves).units)
    same = all(_digest(answer) == ours for answer in answers)
    told = " and ".join(f"{one / took:.0f}" for one in slow)
    if len(moves) == PLAIN_UP_TO and rule in BY_HAND:
        what = f"10^6, {rule.words}, × as fast as plain integers"
        told += f", {judge(what, min(slow) / took, PLAIN_BAR, least=True)}"
    by_hand = ", the second by hand" if rule in BY_HAND else ""
    return [f"plain integers take × {told}{by_hand}; digests {'equal' if same else 'DIFFER'}"]


def _digest(units: object) -> str:
    packed = units if isinstance(units, Wide) else Wide.of(units)  # type: ignore[call-overload]
    return hashlib.sha256(packed.rows).hexdigest()


def _beside_floating(moves: Moves, places: int) -> None:
    took, found = floating(moves)
    exact = Compiled(Rule.PRO_RATA, places).move(moves).units
    wrong = sum(int(one) != other for one, other in zip(found, exact, strict=True)) / len(found)
    say(
        "pro rata, pandas and networkx",
        len(moves),
        took,
        f"in floating point: {wrong:.1%} of moves are wrong",
    )


def lots(rows: int) -> None:
    """Print the queues on few accounts of very many parcels."""
    moves, places = many_lots(rows)
    print(f"many parcels, {rows:,} moves, {places:,} places")
    for rule in (Rule.FIFO, Rule.LIFO, Rule.PRO_RATA):
        say(rule.words, rows, cpu(lambda rule=rule: Compiled(rule, places).move(moves)))


def transactions(rows: int) -> None:
    """Print each rule on transactions of coins with so many legs."""
    groups, places, legs = coins(rows)
    print(f"coins, {legs:,} legs of {len(groups):,} transactions, {places:,} coins")
    everyone = np.concatenate([np.asarray(groups.input_place), np.asarray(groups.output_place)])
    order = np.argsort(np.concatenate([_owner(groups.input_ends), _owner(groups.output_ends)]), kind="stable")
    all_legs = np.ascontiguousarray(everyone[order])
    bound, fresh = touching(memoryview(all_legs), memoryview(np.full_like(all_legs, -1)), places)
    say("bound: every place, no arithmetic", legs, bound, f"in fresh memory {legs / fresh / 1e6:.2f} M/s")
    run = Compiled(Rule.POISON, places)
    kept = _kept(run.spend(groups))
    for rule in Rule:
        again = cpu(lambda rule=rule: (run.restart(rule), run.spend(groups, kept)))
        new = cpu(lambda rule=rule: Compiled(rule, places).spend(groups)) / fresh
        ratio = f"{again / bound:.2f}"
        if rule is Rule.TIHO:
            ratio = _at_large(rows, "coins, TIHO, × the bound", again / bound, bar=COIN_BAR)
        say(rule.words, legs, again, f"the bound × {ratio}, in fresh memory {new:.2f}")


def _owner(ends: memoryview) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(ends)), np.diff(np.asarray(ends), prepend=0))


def threads(rows: int) -> None:
    """Print two assets one after the other and side by side, by the wall."""
    moves, _, places = network(rows, dense=True)
    runs = [Compiled(Rule.PRO_RATA, places) for _ in range(2)]
    kept = [_kept(run.move(moves)) for run in runs]

    def again(asset: int) -> None:
        runs[asset].restart(Rule.PRO_RATA)
        runs[asset].move(moves, kept[asset])

    with ThreadPoolExecutor(2) as pool:
        times = wall(lambda: list(map(again, range(2)))) / wall(lambda: list(pool.map(again, range(2))))
    print(f"two assets of {rows:,} moves: side by side {times:.2f} times as fast", flush=True)


def from_disk(rows: int) -> None:
    """Print the way from a ledger file to every rule's envelope on disk beside the scan, and peak memory."""
    moves, _, places = network(rows, dense=True)
    columns = (moves.source, moves.target, disk.halves(moves.units), moves.theft)
    with TemporaryDirectory() as name:
        file = str(Path(name, "ledger.duckdb"))
        disk.write(file, moves)
        for number, column in enumerate(columns):
            np.save(f"{file}.{number}.npy", np.asarray(column))
        del moves, columns
        scan, whole, above = disk.measures("envelope", file, str(places))
        print(f"from ledger file to envelope on disk, {rows:,} moves: scan {scan:.2f} s, whole {whole:.2f} s")
        print(
            "  the scan ×", _at_large(rows, "file to envelope, × DuckDB's scan", whole / scan, bar=DISK_BAR)
        )
        most = _at_large(rows, "file to envelope, peak bytes a move", above / rows, bar=MEMORY_BAR)
        print(f"  its peak memory, bytes a move: {most}")
        print("peak memory of one rule, bytes a move, columns and answer among them")
        for rule in ACCOUNT_RULES:
            (most,) = disk.measures("peak", file, str(places), rule)
            told = _at_large(rows, f"{rule.words}, peak bytes a move", most / rows, bar=MEMORY_BAR)
            print(f"  {rule.words:12} {told}", flush=True)


def plant(rows: int) -> None:
    """Print how long it takes to find a theft among so many unrelated transfers, under every rule.

    The bar is the tracer's, from a ledger in memory to every rule's flow. Beside it the same tracer that lays
    the plan out anew at each step, as where something is swapped; and columns alone, without a ledger.
    """
    plan = planted(rows)
    print(f"planted theft among {rows:,} unrelated transfers, six rules, seconds of the processor")
    _found(f"columns alone {cpu(lambda: trace(plan)):.3f}", plan, trace(plan))
    made: list[Record] = []
    cold = cpu(lambda: made.append(recorded(plan)), 1)
    (record,) = made
    gc.collect()
    first = cpu(lambda: traced(record), 1)
    took = cpu(lambda: traced(record), 9)
    told = judge(f"theft among {rows:,} transfers, tracer, seconds", took, PLANTED_BARS[rows])
    on_wall = wall(lambda: traced(record))
    what = f"tracer {told}, the first time {first:.3f}, by the wall {on_wall:.3f}"
    _found(what, plan, trail(record, traced(record)))
    slow = cpu(lambda: traced(record, ByPlan), 2)
    _found(f"tracer by the plan alone {slow:.3f}", plan, trail(record, traced(record, ByPlan)))
    print(f"  in none of these: to make a ledger of {len(record.ledger):,} transfers {cold:.1f}", flush=True)


def _found(what: str, plan: Planted, found: Trail) -> None:
    """Print what a trace found of the deposits, and what it got wrong."""
    said: list[str] = []
    wrong = faults(plan, found, said.append)
    deposits = int(plan.deposits[list(found.rows)].sum())
    verdict = "nothing else, every unit conserved" if not wrong else f"MISSED: {'; '.join(said)}"
    print(f"  {what}: {deposits} of {DEPOSITS} deposits, {verdict}", flush=True)


def main(sizes: list[int]) -> None:
    """Print everything for each size; the bars are of 10^6 and 10^7."""
    for rows in sizes:
        for dense in (False, True):
            rules(rows, dense=dense)
        lots(min(rows, 10**6))
        transactions(rows)
        if rows in PLANTED_BARS:
            plant(rows)
    threads(max(sizes))
    from_disk(max(sizes))
    print("\nbars")
    print("\n".join(f"  {one}" for one in verdicts))


if __name__ == "__main__":
    main([int(float(size)) for size in sys.argv[1:]] or [10**4, 10**5, 10**6, 10**7])
