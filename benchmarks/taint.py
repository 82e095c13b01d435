"""How fast the taint engine is, beside plain integers, floating point, and what the memory allows.

    python benchmarks/taint.py [10000 100000 1000000 10000000]

Everything is measured in one run and told as a ratio: a shared machine is noisy, and a number of its own
says little. Times are of the processor, not of the wall, best of three. What a rule does a second, and its
ratio to the bound, are in memory used before and cleared again; after that comes both in fresh memory. Peak
memory is that of a process of its own, without what the interpreter had before.
"""

from __future__ import annotations

import ctypes
import mmap
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import networkx as nx
import numpy as np
import pandas as pd
from ledgers import LABELS, coins, many_lots, network
from numpy.typing import NDArray

from flowtrace.kernel import Moves
from flowtrace.kernel.columns import Wide
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.library import MoveColumns, address, library
from flowtrace.kernel.plain import Plain
from flowtrace.model import ACCOUNT_RULES, Rule
from flowtrace.trace.taint import Move, Purses

PLAIN_UP_TO = 1_000_000
FLOAT_UP_TO = 100_000
BARS = {Rule.PRO_RATA: 3, Rule.LIBR: 3, Rule.FIFO: 6, Rule.LIFO: 6}
COIN_BAR, PLAIN_BAR, DISK_BAR, MEMORY_BAR = 10, 20, 8, 150


def cpu(work: Callable[[], object], tries: int = 3) -> float:
    """Return the least processor time of some tries."""
    times = []
    for _ in range(tries):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def touching(source: memoryview, target: memoryview, places: int) -> tuple[float, float]:
    """Return the times to read and write both places of every move with no arithmetic: in memory that was
    used before, and in fresh memory, as every run has it.
    """  # noqa: D205  one sentence
    opened = library()
    if opened is None:
        sys.exit("no compiled library here: install flowtrace where it can be built")
    columns = MoveColumns(len(source), None, address(source), address(target), None, None)

    def fresh() -> mmap.mmap:
        memory = mmap.mmap(-1, 32 * places + (1 << 21))
        if hasattr(mmap, "MADV_HUGEPAGE"):
            memory.madvise(mmap.MADV_HUGEPAGE)
        return memory

    def touch(memory: mmap.mmap) -> None:
        view = np.frombuffer(memory, np.uint8)
        opened.flow_touch(ctypes.byref(columns), view.ctypes.data)

    used = fresh()
    touch(used)
    return cpu(lambda: touch(used)), cpu(lambda: touch(fresh()))


def streaming(moves: Moves) -> float:
    """Return the time to read every column once."""
    views = [
        np.frombuffer(view, np.uint64 if view.nbytes % 8 == 0 else np.int32)
        for view in (moves.source, moves.target, moves.units.rows, moves.theft)
    ]  # type: ignore[union-attr]
    return cpu(lambda: [int(view.max()) for view in views])


def floating(moves: Moves) -> float:
    """Return the time of pro rata as one writes it with pandas and networkx: in floating point."""
    frame = pd.DataFrame(
        {"source": moves.source, "target": moves.target, "units": list(map(float, moves.units))}
    )
    stolen = np.asarray(moves.theft) >= 0

    def run() -> None:
        graph = nx.DiGraph()
        graph.add_nodes_from(set(frame.source) | set(frame.target), held=0.0, taint=0.0)
        nodes = graph.nodes
        for row in frame.itertuples():
            giver, taker = nodes[row.source], nodes[row.target]
            giver["held"] = max(giver["held"], row.units)
            part = giver["taint"] * row.units / giver["held"] if giver["held"] else 0.0
            giver["held"] -= row.units
            giver["taint"] -= part
            taker["held"] += row.units
            taker["taint"] += row.units if stolen[row.Index] else part

    return cpu(run, 1)


def purses(rule: Rule, moves: Moves) -> float:
    """Return the time of the trace's own purses."""
    rows = list(zip(moves.source, moves.target, moves.units, moves.theft or (), strict=True))
    made = [Move(None if s < 0 else s, None if t < 0 else t, "coin", u, stolen=k >= 0) for s, t, u, k in rows]

    def run() -> None:
        held = Purses(rule)
        for move in made:
            if move.source != move.target:
                held.apply(move)

    return cpu(run, 1)


def say(what: str, rows: int, seconds: float, *more: str) -> None:
    """Print a line: what, millions of rows a second, and ratios."""
    print(f"  {what:34}{rows / seconds / 1e6:9.2f} M/s  {'  '.join(more)}", flush=True)


def bar(ratio: float, most: float) -> str:
    """Return a ratio beside its bar."""
    return f"{ratio:.2f} x (bar {most}: {'met' if ratio <= most else 'MISSED'})"


def rules(rows: int, *, dense: bool) -> None:
    """Print each rule on a network of so many moves."""
    moves, labels, places = network(rows, dense=dense)
    print(f"{'dense' if dense else 'sparse'} network, {rows:,} moves, {places:,} places")
    bound, fresh = touching(moves.source, moves.target, places)
    say("bound: every column once", rows, streaming(moves))
    say("bound: both places, no arithmetic", rows, bound, f"in fresh memory {rows / fresh / 1e6:.2f} M/s")
    run = Compiled(Rule.POISON, places)
    kept = run.move(moves).units
    for rule in ACCOUNT_RULES:
        again = cpu(lambda rule=rule: (run.restart(rule), run.move(moves, kept)))
        took = cpu(lambda rule=rule: Compiled(rule, places).move(moves))
        ratio = again / bound
        told = bar(ratio, BARS[rule]) if dense and rows >= 10**7 and rule in BARS else f"{ratio:.2f} x"
        more = [f"the bound times {told}, in fresh memory {took / fresh:.2f} x"]
        if rows < PLAIN_UP_TO or (rows == PLAIN_UP_TO and dense and rule in {Rule.PRO_RATA, Rule.FIFO}):
            plain = cpu(lambda rule=rule: Plain(rule, places).move(moves), 1)
            slow = purses(rule, moves)
            held = (
                ""
                if rows < PLAIN_UP_TO or rule not in {Rule.PRO_RATA, Rule.FIFO}
                else (f" (bar {PLAIN_BAR}: {'met' if min(plain, slow) / took >= PLAIN_BAR else 'MISSED'})")
            )
            more.append(f"plain / {plain / took:.0f}, trace's purses / {slow / took:.0f}{held}")
        say(rule.words, rows, again, *more)
    if rows <= FLOAT_UP_TO and dense:
        say("pro rata, pandas and networkx", rows, floating(moves), "in floating point: not exact")
    told_apart = Moves.of(moves.source, moves.target, moves.units, theft=labels)
    for rule in (Rule.PRO_RATA, Rule.FIFO, Rule.LIFO, Rule.LIBR):
        took = cpu(lambda rule=rule: Compiled(rule, places, thefts=LABELS).move(told_apart), 1)
        say(f"{rule.words}, {LABELS} thefts told apart", rows, took, f"the bound times {took / bound:.2f} x")


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
    kept = run.spend(groups).units
    for rule in Rule:
        again = cpu(lambda rule=rule: (run.restart(rule), run.spend(groups, kept)))
        ratio, new = again / bound, cpu(lambda rule=rule: Compiled(rule, places).spend(groups)) / fresh
        told = bar(ratio, COIN_BAR) if rule is Rule.TIHO and rows >= 10**7 else f"{ratio:.2f} x"
        say(rule.words, legs, again, f"the bound times {told}, in fresh memory {new:.2f} x")


def _owner(ends: memoryview) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(ends)), np.diff(np.asarray(ends), prepend=0))


def threads(rows: int) -> None:
    """Print two assets one after the other and side by side, by the wall."""
    moves, _, places = network(rows, dense=True)

    def run(_: int) -> None:
        Compiled(Rule.PRO_RATA, places).move(moves)

    start = time.perf_counter()
    list(map(run, range(2)))
    middle = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    apart = time.perf_counter() - middle
    print(
        f"two assets of {rows:,} moves: side by side {(middle - start) / apart:.2f} times as fast", flush=True
    )


def disk(rows: int) -> None:
    """Print the way from a ledger file to every rule's envelope on disk, beside the scan alone."""
    moves, _, places = network(rows, dense=True)
    with TemporaryDirectory() as name:
        file = str(Path(name, "ledger.duckdb"))
        _write(file, moves)
        start = time.perf_counter()
        _read(file)
        scan = time.perf_counter() - start
        start = time.perf_counter()
        read = _read(file)
        run = Compiled(Rule.POISON, places)
        answer = run.move(read).units
        np.save(Path(name, "poison"), _halves(answer))
        run.restart(Rule.LIBR)
        low = _halves(run.move(read).units)
        high = low.copy()
        for rule in (Rule.PRO_RATA, Rule.FIFO, Rule.LIFO, Rule.DIRTY_FIRST):
            run.restart(rule)
            _widen(low, high, _halves(run.move(read, answer).units))
        np.save(Path(name, "low"), low)
        np.save(Path(name, "high"), high)
        whole = time.perf_counter() - start
    print(
        f"from ledger file to envelope on disk, {rows:,} moves: the scan times {bar(whole / scan, DISK_BAR)}"
    )


def _write(file: str, moves: Moves) -> None:
    halves = np.asarray(moves.units.rows).view(np.uint64).reshape(-1, 2)  # type: ignore[union-attr]
    frame = pd.DataFrame(  # noqa: F841  DuckDB reads it by its name
        {
            "source": np.asarray(moves.source),
            "target": np.asarray(moves.target),
            "theft": np.asarray(moves.theft),
            "low": halves[:, 0],
            "high": halves[:, 1],
        }
    )
    with duckdb.connect(file) as store:
        store.execute(
            "create table moves as select source, target, theft, "
            "high::hugeint * 18446744073709551616 + low::hugeint as units from frame"
        )


def _read(file: str) -> Moves:
    with duckdb.connect(file, read_only=True) as store:
        got = store.execute(
            "select source, target, theft, (units & 18446744073709551615)::ubigint as low, "
            "(units >> 64)::ubigint as high from moves"
        ).fetchnumpy()
    units = np.empty((len(got["low"]), 2), np.uint64)
    units[:, 0], units[:, 1] = got["low"], got["high"]
    source, target, theft = (np.ascontiguousarray(got[name]) for name in ("source", "target", "theft"))
    return Moves.of(source, target, units, theft=theft)


def _halves(units: Wide) -> NDArray[np.uint64]:
    return np.asarray(units.rows).view(np.uint64).reshape(-1, 2)


def _widen(low: NDArray[np.uint64], high: NDArray[np.uint64], found: NDArray[np.uint64]) -> None:
    """Let the least and the most of each row take in another rule's."""
    rows = np.flatnonzero((found != low).any(1) | (found != high).any(1))
    here, least, most = found[rows], low[rows], high[rows]
    for bound, place, takes in ((least, low, _less(here, least)), (most, high, _less(most, here))):
        bound[takes] = here[takes]
        place[rows] = bound


def _less(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.bool_]:
    return (one[:, 1] < other[:, 1]) | ((one[:, 1] == other[:, 1]) & (one[:, 0] < other[:, 0]))


def memory(rows: int) -> None:
    """Print the peak memory of each rule, in a process of its own."""
    moves, _, places = network(rows, dense=True)
    with TemporaryDirectory() as name:
        columns = (moves.source, moves.target, moves.units.rows, moves.theft)  # type: ignore[union-attr]
        for number, column in enumerate(columns):
            np.save(Path(name, str(number)), np.asarray(column))
        for rule in ACCOUNT_RULES:
            command = [sys.executable, __file__, "--memory", name, rule, str(places)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  this file
            print(f"  {rule.words:12} {bar(float(done.stdout) / rows, MEMORY_BAR)} bytes a move at its peak")


def measure(name: str, rule: str, places: str) -> None:
    """Print by how many bytes a run's peak is above what the interpreter had before."""
    library()
    before = _peak()
    moves = Moves.of(*(np.load(Path(name, f"{number}.npy")) for number in range(3)),
                     theft=np.load(Path(name, "3.npy")))  # fmt: skip
    Compiled(Rule(rule), int(places)).move(moves)
    print(_peak() - before)


def _peak() -> int:
    """Return the peak of this process alone; getrusage would tell the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def main(sizes: list[int]) -> None:
    """Print everything for each size; the bars are of 10^6 and 10^7."""
    for rows in sizes:
        for dense in (False, True):
            rules(rows, dense=dense)
        lots(min(rows, 10**6))
        transactions(rows)
    threads(max(sizes))
    disk(max(sizes))
    print(f"peak memory, {max(sizes):,} moves")
    memory(max(sizes))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        measure(*sys.argv[2:])
    else:
        main([int(float(size)) for size in sys.argv[1:]] or [10**4, 10**5, 10**6, 10**7])
