"""How fast addresses that spend together are joined, beside graphsense-clustering, scipy and networkx.

    python benchmarks/cluster.py [1000000 10000000]

All of them join the same rows, an input each, in one run, and answer with the component of every address; the
outcomes are compared. They take turns, and the best time of each counts, by the wall: graphsense-clustering
works on all cores, ours on one; processor time is told beside it. What is measured of it is from making its
union-find to its mapping, fed by its fastest way, from Arrow's own memory.

The guard's columns (values, kinds of script, outputs) lie in memory as the inputs do. Peak memory is that of
a process of its own: the most that was resident while it worked, above what was before, which is the
interpreter and every input column. The bars come again at the end, each OK or MISSED. graphsense-clustering
and scipy are no dependencies: what is not installed is left out, and said.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from spends import Spends, spends

from flowtrace.kernel import Fired, Inputs, Joined, Side, available, guard, join
from flowtrace.kernel.cospend import plain

BARE_BAR, GUARDED_BAR, MEMORY_BAR = 0.5, 1.5, 64
TRIES, FEW_TRIES = 7, 2
SMALL = 1_000_000  # rows for which the slow ways are tried more than once
BARE, GUARDED, RIVAL = "bare union", "guard, union, every reason kept", "graphsense-clustering"
Components = NDArray[np.int32]
COLUMNS = ("ends", "address", "units", "kind")

verdicts: list[str] = []


@dataclass(frozen=True)
class Took:
    """The best of some tries: seconds by the wall, and of the processor, all threads together."""

    wall: float
    cpu: float


class Contest:
    """Ways to do the same, tried in turn, so that a noisy machine is as unfair to one as to another."""

    def __init__(self) -> None:
        self._ways: dict[str, tuple[Callable[[], object], int]] = {}

    def enter(self, name: str, work: Callable[[], object], tries: int = TRIES) -> None:
        """Add a way, tried so often."""
        self._ways[name] = (work, tries)

    def run(self) -> dict[str, Took]:
        """Return the best of each way."""
        found: dict[str, Took] = {}
        for turn in range(TRIES):
            for name, (work, tries) in self._ways.items():
                if turn < tries:
                    one, best = _timed(work), found.get(name)
                    found[name] = one if best is None or one.wall < best.wall else best
        return found


def _timed(work: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def judge(what: str, found: float, bar: float) -> str:
    """Return a figure beside its bar, and keep the verdict for the end."""
    told = f"{found:.3g} (at most {bar:g}: {'OK' if found <= bar else 'MISSED'})"
    verdicts.append(f"{what:66} {told}")
    return told


def guarded(made: Spends) -> tuple[memoryview, Joined]:
    """Judge every transaction; join the inputs of those that pass, every union with the row that made it."""
    held = guard(made.given, made.paid)
    return held, join(made.given.inputs, made.addresses, held=held)


def graphsense(made: Spends) -> Callable[[], object] | None:
    """Return what joins the rows in graphsense-clustering; None where it is not installed."""
    if find_spec("gs_clustering") is None:
        return None
    import gs_clustering  # noqa: PLC0415  not everybody has it
    import pyarrow as pa  # noqa: PLC0415  it comes with it

    address = np.asarray(made.given.address).astype(np.uint32) + 1  # its number 0 is kept for nobody
    ends = np.concatenate([[0], np.asarray(made.given.ends)]).astype(np.int32)
    rows = pa.ListArray.from_arrays(pa.array(ends), pa.array(address))

    def work() -> object:
        run = gs_clustering.Clustering(made.addresses)
        run.process_transactions_arrow(rows)
        return run.get_mapping_min(True)  # noqa: FBT003  its only parameter: leave out who is with nobody

    return work


def scipy_components(made: Spends) -> Callable[[], Components] | None:
    """Return what joins the rows in scipy; None where it is not installed."""
    if find_spec("scipy") is None:
        return None
    from scipy.sparse import coo_matrix  # noqa: PLC0415  not everybody has it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    first, address = pairs(made)
    shape = (made.addresses, made.addresses)

    def work() -> Components:
        graph = coo_matrix((np.ones(len(first), np.int8), (first, address)), shape=shape).tocsr()
        return connected_components(graph, directed=False)[1]

    return work


def networkx_components(made: Spends) -> Callable[[], list[set[int]]]:
    """Return what joins the rows in networkx."""
    first, address = (column.tolist() for column in pairs(made))

    def work() -> list[set[int]]:
        graph: nx.Graph[int] = nx.Graph()
        graph.add_edges_from(zip(first, address, strict=True))
        return list(nx.connected_components(graph))

    return work


def pairs(made: Spends) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the first address of each transaction beside every other one of it."""
    ends, address = np.asarray(made.given.ends), np.asarray(made.given.address)
    starts = np.concatenate([[0], ends[:-1]])
    first = np.repeat(address[starts], ends - starts)
    others = np.ones(len(address), np.bool_)
    others[starts] = False
    return first[others], address[others]


def contest(made: Spends, size: int) -> None:
    """Print every way beside ours, and whether all say the same."""
    rows, inputs = len(made.given.address), made.given.inputs
    print(
        f"{rows:,} inputs and {len(made.paid.address):,} outputs of {len(made.given):,} transactions, "
        f"{made.rounds:,} of them rounds; {made.addresses:,} addresses"
    )
    race = Contest()
    theirs, matrix, graph = graphsense(made), scipy_components(made), networkx_components(made)
    race.enter(BARE, lambda: join(inputs, made.addresses))
    if theirs is not None:
        race.enter(RIVAL, theirs)
    race.enter(GUARDED, lambda: guarded(made))
    race.enter("the guard of it", lambda: guard(made.given, made.paid))
    if matrix is not None:
        race.enter("scipy", matrix, FEW_TRIES)
    race.enter("networkx", graph, FEW_TRIES if size <= SMALL else 1)
    if size <= SMALL:
        race.enter("plain Python", lambda: plain(inputs, made.addresses), 1)
    tell(race.run(), rows, size)
    same = {RIVAL: theirs and _as_graphsense(theirs(), made), "scipy": matrix and _as_scipy(matrix(), made)}
    if size <= SMALL:
        same |= {"networkx": _as_networkx(graph(), made), "plain Python": _as_plain(made)}
    told = ", ".join(f"{name} {'yes' if good else 'NO'}" for name, good in same.items() if good is not None)
    print(f"  components as of ours: {told}")
    if False in same.values():
        verdicts.append(f"{size:,} rows, components differ: MISSED")
    effect(made)


def tell(took: dict[str, Took], rows: int, size: int) -> None:
    """Print the times, and judge those that have a bar."""
    name = RIVAL if RIVAL in took else BARE
    measure = took[name]
    for what, one in sorted(took.items(), key=lambda item: item[1].wall):
        wall, cpu = one.wall / measure.wall, one.cpu / measure.cpu
        speed = f"{one.wall:8.3f} s {rows / one.wall / 1e6:7.1f} M/s"
        print(f"  {what:32}{speed}   {name} × {wall:.2f}, in processor time × {cpu:.2f}", flush=True)
    if name != RIVAL:
        print(f"  {RIVAL} is not installed here: its bars are not measured")
        return
    for what, bar in ((BARE, BARE_BAR), (GUARDED, GUARDED_BAR)):
        judge(f"{size:,} rows, {what}, × {RIVAL}", took[what].wall / measure.wall, bar)


def _components(made: Spends) -> Components:
    return np.asarray(join(made.given.inputs, made.addresses).component)


def _as_graphsense(batch: Any, made: Spends) -> bool:  # noqa: ANN401  a table of Arrow's
    known, low = (batch.column(number).to_numpy().astype(np.int64) - 1 for number in range(2))
    full = np.arange(made.addresses)
    full[known] = low
    return bool((full == _components(made)).all())


def _as_scipy(label: Components, made: Spends) -> bool:
    low = np.full(int(label.max()) + 1, made.addresses)
    np.minimum.at(low, label, np.arange(made.addresses))
    return bool((low[label] == _components(made)).all())


def _as_networkx(groups: list[set[int]], made: Spends) -> bool:
    ours = _components(made)
    return all((ours[list(group)] == min(group)).all() for group in groups)


def _as_plain(made: Spends) -> bool:
    first, second = (one(made.given.inputs, made.addresses) for one in (plain, join))
    return first.made == second.made and first.component == second.component


def effect(made: Spends) -> None:
    """Print what the guard holds, and what that changes."""
    held, joined = guarded(made)
    fired = np.asarray(held)
    each = ", ".join(
        f"{kind.name} {int((fired & kind > 0).sum()):,}" for kind in Fired if (fired & kind).any()
    )
    sizes = [int(np.bincount(one).max()) for one in (_components(made), np.asarray(joined.component))]
    kept = int((fired & ~Fired.NEEDLESS > 0).sum())
    print(f"  the guard holds {kept:,} transactions, the union doubts {len(joined.doubted):,} more: {each}")
    print(
        f"  the largest cluster is of {sizes[0]:,} addresses without it, of {sizes[1]:,} with it", flush=True
    )


def memory(made: Spends, size: int) -> None:
    """Print the peak memory of both ways, each a process of its own."""
    rows = len(made.given.address)
    with TemporaryDirectory() as name:
        for side, columns in (("given", made.given), ("paid", made.paid)):
            for column in COLUMNS:
                np.save(Path(name, f"{side}-{column}"), np.asarray(getattr(columns, column)))
        for way in ("bare", "guarded"):
            command = [sys.executable, __file__, way, name, str(made.addresses)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  this file
            what = f"{size:,} rows, {way}, peak bytes a row above the columns"
            print(
                f"  {way}: peak memory, bytes a row {judge(what, int(done.stdout) / rows, MEMORY_BAR)}",
                flush=True,
            )


def _peak(way: str, name: str, addresses: int) -> None:
    """Print how many bytes more were resident at the peak of the work than before it."""
    sides = [
        Side.of(*(np.load(Path(name, f"{side}-{one}.npy")) for one in COLUMNS)) for side in ("given", "paid")
    ]
    join(Inputs.of([2], [0, 1]), 2)  # opens the library
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is what is resident now
    before = _resident("VmRSS")
    if way == "bare":
        join(sides[0].inputs, addresses)
    else:
        guarded(Spends(sides[0], sides[1], addresses, 0))
    print(_resident("VmHWM") - before)


def _resident(what: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition(f"{what}:")[2].split()[0])


def main(sizes: list[int]) -> None:
    """Print everything for each size."""
    if not available():
        sys.exit("no compiled library here: install flowtrace where it can be built")
    for size in sizes:
        made = spends(size)
        contest(made, size)
        memory(made, size)
    print("\nbars")
    print("\n".join(f"  {one}" for one in verdicts))


if __name__ == "__main__":
    if sys.argv[1:2] in (["bare"], ["guarded"]):
        _peak(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main([int(float(size)) for size in sys.argv[1:]] or [10**6, 10**7])
