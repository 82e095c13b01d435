"""What the taint engine is measured beside: what memory allows, and the same by hand in plain Python.

Bounds: every column read once; both places of every move read and written with no arithmetic. By hand: plain
integers in as few steps as they take, and floating point in pandas and networkx as one would write it.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
import time
from collections import deque
from collections.abc import Callable

import networkx as nx
import numpy as np
import pandas as pd

from flowtrace.kernel import Moves
from flowtrace.kernel.library import MoveColumns, address, library


def cpu(work: Callable[[], object], tries: int = 3) -> float:
    """Return the least processor time of some tries."""
    times = []
    for _ in range(tries):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def wall(work: Callable[[], object], tries: int = 3) -> float:
    """Return the least time of some tries by the clock on the wall."""
    times = []
    for _ in range(tries):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def touching(source: memoryview, target: memoryview, places: int) -> tuple[float, float]:
    """Return the times to touch both places of every move: in memory used before, and in fresh memory."""
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
    columns = (moves.source, moves.target, getattr(moves.units, "rows", b""), moves.theft or b"")
    views = [np.frombuffer(view, np.uint64 if len(view) % 2 == 0 else np.int32) for view in columns]
    return cpu(lambda: [int(view.max()) for view in views])


def pro_rata_by_hand(moves: Moves, places: int) -> list[int]:
    """Return the tainted units of each move in plain integers, in as few steps as they take."""
    held, taint, gone = [0] * places, [0] * places, []
    for source, target, units, theft in zip(
        moves.source, moves.target, moves.units, moves.theft or (), strict=True
    ):
        part = 0
        if source == target and theft < 0:
            gone.append(0)
            continue
        if source >= 0:
            before, tainted = held[source], taint[source]
            if units >= before:
                part, held[source], taint[source] = tainted, 0, 0
            else:
                if tainted:
                    part, left = divmod(tainted * units, before)
                    part += 2 * left >= before and left > 0
                    taint[source] = tainted - part
                held[source] = before - units
        part = units if theft >= 0 else part
        if target >= 0:
            held[target] += units
            taint[target] += part
        gone.append(part)
    return gone


def fifo_by_hand(moves: Moves, places: int) -> list[int]:
    """Return the same by FIFO: parcels of (units, whether they are tainted)."""
    lots: list[deque[tuple[int, bool]]] = [deque() for _ in range(places)]
    gone = []
    for source, target, units, theft in zip(
        moves.source, moves.target, moves.units, moves.theft or (), strict=True
    ):
        part = 0
        if source == target and theft < 0:
            gone.append(0)
            continue
        queue, left = (lots[source] if source >= 0 else deque()), units
        while left and queue:
            size, tainted = queue.popleft()
            if size > left:
                queue.appendleft((size - left, tainted))
                size = left
            left -= size
            part += size if tainted else 0
        part = units if theft >= 0 else part
        if target >= 0:
            for size, tainted in ((part, True), (units - part, False)):
                if size and lots[target] and lots[target][-1][1] == tainted:
                    lots[target].append((lots[target].pop()[0] + size, tainted))
                elif size:
                    lots[target].append((size, tainted))
        gone.append(part)
    return gone


def floating(moves: Moves) -> tuple[float, list[float]]:
    """Return the time and outcome of pro rata as one writes it with pandas and networkx: floating point."""
    frame = pd.DataFrame(
        {"source": moves.source, "target": moves.target, "units": list(map(float, moves.units))}
    )
    stolen, gone = np.asarray(moves.theft) >= 0, list[float]()

    def run() -> None:
        graph = nx.DiGraph()
        graph.add_nodes_from(set(frame.source) | set(frame.target), held=0.0, taint=0.0)
        nodes = graph.nodes
        for row in frame.itertuples():
            giver, taker = nodes[row.source], nodes[row.target]
            giver["held"] = max(giver["held"], row.units)
            part = giver["taint"] * row.units / giver["held"] if giver["held"] and row.source >= 0 else 0.0
            giver["held"] -= row.units
            giver["taint"] -= part
            part = row.units if stolen[row.Index] else part
            taker["held"] += row.units
            taker["taint"] += part
            gone.append(part)

    return cpu(run, 1), gone
