"""Label sets as large as the public ones: indexing all, looking one address up, streaming OFAC's file.

The index is made of the GraphSense TagPacks of the recorded public data; the look-ups are of its own
addresses and of strangers'. The list is an invented one as large as OFAC's. Peak memory is the process's own.

Run: python benchmarks/labels.py. Needs the recorded public data in ../shared/data.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from flowtrace.labels.book import entities_in
from flowtrace.labels.dumps import Dump
from flowtrace.labels.files import read_labels
from flowtrace.labels.index import LabelIndex
from flowtrace.model import Address

PACKS = Path(__file__).parents[2] / "shared/data/labels/graphsense-tagpacks"
_LOOK_UPS = 20_000
_MB = 80


def peak() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def indexing(folder: Path) -> None:
    """Index every TagPack; print time, size and memory, and the time of a look-up."""
    start, cpu = time.perf_counter(), time.process_time()
    actors = entities_in([(one.name, one.read_bytes()) for one in sorted(PACKS.glob("actors/*.yaml"))])
    refused: list[str] = []
    with LabelIndex(folder / "index.sqlite") as index:
        for pack in sorted(PACKS.glob("packs/**/*.yaml")):
            data = pack.read_bytes()
            dump = Dump(pack.name, data, actors)
            index.add(pack.name, data, read_labels(dump))
            refused += dump.refused
        taken = sum(one.labels for one in index.files())
        spent = f"{time.perf_counter() - start:.1f} s ({time.process_time() - cpu:.1f} s of a processor)"
        print(f"{taken} labels of {len(index.files())} packs indexed in {spent}, peak {peak():.0f} MB")
        print(f"the index takes {(folder / 'index.sqlite').stat().st_size >> 20} MB; {len(index)} differ")
        print(f"{len(refused)} tags could not be used, the first: {refused[0]}")
    looked_up(folder / "index.sqlite")


def looked_up(path: Path) -> None:
    """Print the time of a look-up, of addresses that are there and of such that are not."""
    with LabelIndex(path, readonly=True) as index:
        rows = index._db.execute("SELECT DISTINCT chain, account FROM said")  # noqa: SLF001  no verb lists them
        there = [Address(*row) for row in rows]
        chance = random.Random(1)  # noqa: S311  a sample, no secret
        wanted = chance.sample(there, _LOOK_UPS)
        strange = [Address("eip155:1", f"0x{chance.getrandbits(160):040x}") for _ in range(_LOOK_UPS)]
        for name, addresses in (("labelled", wanted), ("strange", strange)):
            start, cpu = time.perf_counter(), time.process_time()
            found = sum(len(index.of(address)) for address in addresses)
            spent = (time.perf_counter() - start, time.process_time() - cpu)
            wall, busy = (1e6 * one / len(addresses) for one in spent)
            each = f"{wall:.1f} us ({busy:.1f} of a processor)"
            print(f"a look-up of a {name} address takes {each}; {found} labels found")


def streaming(folder: Path) -> None:
    """Read an invented advanced XML as large as OFAC's; print time and memory."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "labels"))
    from invented_lists import advanced_xml  # noqa: PLC0415  found by the line above

    from flowtrace.labels.lists import read_list  # noqa: PLC0415  its memory is measured from here

    path = folder / "sdn_advanced.xml"
    with path.open("wb") as file:
        planted = advanced_xml(file, size=_MB << 20)
    before, start, cpu = peak(), time.perf_counter(), time.process_time()
    with path.open("rb") as file:
        read = read_list(file, path.name)
    assert {one.account for one in read.listings} == planted, "the addresses are not those planted"  # noqa: S101
    spent = f"{time.perf_counter() - start:.1f} s ({time.process_time() - cpu:.1f} s of a processor)"
    print(f"{path.stat().st_size / 1e6:.0f} MB of advanced XML, {len(planted)} addresses, read in {spent}")
    print(f"peak {peak():.0f} MB, {peak() - before:.0f} MB more than before")


def main() -> None:
    """Measure each part in a process of its own, so that each peak is its own."""
    parts = {"indexing": indexing, "streaming": streaming}
    if len(sys.argv) > 1:
        with TemporaryDirectory() as folder:
            parts[sys.argv[1]](Path(folder))
        return
    for name in parts:
        subprocess.run([sys.executable, __file__, name], check=True)  # noqa: S603  this script itself


if __name__ == "__main__":
    main()
