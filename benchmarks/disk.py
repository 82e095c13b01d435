"""From a ledger file to the envelope of all rules on disk, and the peak memory of runs: each a process.

python disk.py envelope FILE PLACES prints the seconds of the scan alone, those of the whole way, and by how
many bytes its peak is above what the interpreter had before. python disk.py peak FILE PLACES RULE prints the
peak of one rule's run alone, columns and answer in memory.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pandas as pd
from beside import wall
from numpy.typing import NDArray

from flowtrace.kernel import Moves, envelope
from flowtrace.kernel.columns import Wide
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.library import library
from flowtrace.model import Rule

TRIES = 3
_SCAN = (
    "select source, target, theft, (units & 18446744073709551615)::ubigint as low, "
    "(units >> 64)::ubigint as high from moves"
)


def write(file: str, moves: Moves) -> None:
    """Write moves as a ledger file: places as numbers, amounts as DuckDB's own 128-bit integers."""
    units = halves(moves.units)
    frame = pd.DataFrame(  # noqa: F841  DuckDB reads it by its name
        {
            "source": np.asarray(moves.source),
            "target": np.asarray(moves.target),
            "theft": np.asarray(moves.theft),
            "low": units[:, 0],
            "high": units[:, 1],
        }
    )
    with duckdb.connect(file) as store:
        store.execute(
            "create table moves as select source, target, theft, "
            "high::hugeint * 18446744073709551616 + low::hugeint as units from frame"
        )


def scan(file: str) -> dict[str, NDArray[np.int32] | NDArray[np.uint64]]:
    """Return the columns as DuckDB puts them into memory."""
    with duckdb.connect(file, read_only=True) as store:
        return store.execute(_SCAN).fetchnumpy()


def read(file: str) -> Moves:
    """Return the moves of a ledger file."""
    got = scan(file)
    units = np.empty((len(got["low"]), 2), np.uint64)
    units[:, 0], units[:, 1] = got.pop("low"), got.pop("high")
    source, target, theft = (np.ascontiguousarray(got.pop(name)) for name in ("source", "target", "theft"))
    return Moves.of(source, target, units, theft=theft)


def halves(units: object) -> NDArray[np.uint64]:
    """Return amounts as two 64-bit halves a row."""
    if not isinstance(units, Wide):
        sys.exit("amounts of this ledger do not fit 128 bits")
    return np.frombuffer(units.rows, np.uint64).reshape(-1, 2)


def whole(file: str, places: int, away: Path) -> None:
    """Read the file, run every rule, and write the envelope."""
    found = envelope(read(file), places)
    for name, column in (("low", found.low), ("high", found.high), ("poison", found.poison)):
        np.save(away / name, halves(column))


def measures(*what: str) -> Iterator[float]:
    """Yield the figures that a process of this program prints."""
    command = [sys.executable, __file__, *what]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  this file
    yield from map(float, done.stdout.split())


def peak() -> int:
    """Return the peak of this process alone; getrusage would tell the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def _envelope(file: str, places: int) -> None:
    library()
    duckdb.connect().close()
    before = peak()
    with TemporaryDirectory() as name:
        took = wall(lambda: whole(file, places, Path(name)), TRIES)
        above = peak() - before
        print(wall(lambda: scan(file), TRIES), took, above)


def _peak(file: str, places: int, rule: str) -> None:
    library()
    columns = [np.load(f"{file}.{number}.npy") for number in range(4)]
    before = peak() - sum(column.nbytes for column in columns)
    Compiled(Rule(rule), places).move(Moves.of(*columns[:3], theft=columns[3]))
    print(peak() - before)


if __name__ == "__main__":
    task, ledger, count, *others = sys.argv[1:]
    {"envelope": _envelope, "peak": _peak}[task](ledger, int(count), *others)
