"""What traces find of two real cases, held against what others published: recall and precision, per rule.

Atomic Wallet (2023): the laundering edges, sources and terminals of LaunderNetEvm41, cluster 1. Nothing but
those edges is on that record, in US dollars; so a trace of it cannot find a wrong edge or a wrong node, and
only terminals and value have a precision. Ronin Bridge (2022): the addresses that the key of tayvano's
research lists, and the payments between them on the recorded answers; the trace is the shipped case's own.
The key is of addresses: what it does not list need not be wrong.

Run: python benchmarks/truth.py. Needs the recorded public data in ../shared/data.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flowtrace.kernel import Engine, Moves
from flowtrace.model import ACCOUNT_RULES, Rule

DATA = Path(__file__).parents[2] / "shared/data"
ROUTER = "0xd90e2f925da726b50c4ed8d0fb90ad053324f31b"
PRINTED_REACH = 99.3  # per cent of Atomic's edges: algorithms.md, R8


@dataclass(frozen=True)
class Edge:
    """One payment of the published record, its value in cents."""

    block: int
    source: str
    target: str
    cents: int


def share(part: float, whole: float) -> str:
    """Return a share in per cent."""
    return f"{100 * part / whole:6.1f}" if whole else "     -"


def table(title: str, lines: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Print a line per rule: recall and precision of edges, nodes, terminals and value."""
    heads = ["edges R", "P", "nodes R", "P", "terminals R", "P", "value R", "P"]
    print(f"\n{title}\n{'':24}" + " ".join(f"{head:>11}" for head in heads))
    for name, cells in lines:
        print(f"{name:24}" + " ".join(f"{cell:>11}" for cell in cells))


# ---- Atomic


def edges() -> list[Edge]:
    """Return the published edges by block; within a block what is paid in comes before what is paid on."""
    with (DATA / "laundernet/atomic/flow.csv").open(encoding="utf-8") as lines:
        rows = [
            Edge(int(r["Block"]), r["From"].lower(), r["To"].lower(), round(100 * float(r["Value_in_USD"])))
            for r in csv.DictReader(lines)
        ]
    blocks: dict[int, list[Edge]] = {}
    for row in rows:
        blocks.setdefault(row.block, []).append(row)
    return [edge for block in sorted(blocks) for edge in _ordered(blocks[block])]


def _ordered(block: list[Edge]) -> list[Edge]:
    left, found = list(block), list[Edge]()
    while left:
        to_come = {edge.target for edge in left}
        first = next((edge for edge in left if edge.source not in to_come), left[0])
        left.remove(first)
        found.append(first)
    return found


def listed(name: str) -> set[str]:
    """Return the addresses of a published list."""
    text = (DATA / f"laundernet/atomic/{name}.csv").read_text(encoding="utf-8")
    return {line.strip().lower() for line in text.splitlines() if line.strip()}


def reach(way: Sequence[Edge], sources: Collection[str]) -> list[bool]:
    """Return which edges can be reached from the sources in the order of blocks."""
    seen, got = set(sources), [False] * len(way)
    start = 0
    while start < len(way):
        end = start
        while end < len(way) and way[end].block == way[start].block:
            end += 1
        before = -1
        while before != sum(got[start:end]):  # within a block, until nothing more is reached
            before = sum(got[start:end])
            for row in range(start, end):
                got[row] = got[row] or way[row].source in seen
                seen |= {way[row].target} if got[row] else set()
        start = end
    return got


def atomic() -> None:
    """Print the reach, and each rule."""
    way, sources, terminals = edges(), listed("source"), listed("terminal")
    reached = reach(way, sources)
    carried = [edge.cents if got else 0 for edge, got in zip(way, reached, strict=True)]
    met = {edge.target for edge, got in zip(way, reached, strict=True) if got}
    verdict = "OK" if round(100 * sum(reached) / len(way), 1) == PRINTED_REACH else "MISSED"
    value = share(sum(carried), sum(edge.cents for edge in way)).strip()
    print(f"Atomic Wallet: {len(way)} edges, {len(sources)} sources, {len(terminals)} terminals")
    print(f"time-respecting reach: {sum(reached)} edges, {sum(reached) / len(way):.2%} "
          f"({PRINTED_REACH} %: {verdict}), {value} % of value, {len(met & terminals)} ends")  # fmt: skip
    lines = [("reach, no amounts", _scores(way, carried, terminals))]
    lines += [(rule.words, _scores(way, _taint(rule, way, sources), terminals)) for rule in ACCOUNT_RULES]
    table("Atomic Wallet, per cent (edges and nodes have no precision: the record holds no others)", lines)
    print("Stolen is what comes to a source from where nothing stolen came, and what it spends beyond that.")
    print(
        "Edges that pay the sources count as not found: there a trace begins. A terminal found is an address"
    )
    print("that something stolen came to and that pays nobody on this record.")


def _taint(rule: Rule, way: Sequence[Edge], sources: Collection[str]) -> list[int]:
    """Return the tainted cents of each edge; the edges by which the sources are paid are the theft."""
    names = sorted({name for edge in way for name in (edge.source, edge.target)} | set(sources))
    number = {name: at for at, name in enumerate(names)}
    reached = reach(way, sources)
    begins = [edge.target in sources and not got for edge, got in zip(way, reached, strict=True)]
    moves = Moves.of(
        [number[edge.source] for edge in way],
        [number[edge.target] for edge in way],
        [edge.cents for edge in way],
        theft=[0 if first else -1 for first in begins],
    )
    run = Engine(rule, len(names), marked={number[name]: 0 for name in sources})
    units = run.move(moves).units
    return [0 if first else tainted for first, tainted in zip(begins, units, strict=True)]


def _scores(way: Sequence[Edge], taint: Sequence[int], terminals: set[str]) -> list[str]:
    """Return recall and precision of edges, nodes, terminals and value.

    Value: recall is of all that came to the published terminals; precision is the part of what came to the
    terminals found that came to published ones.
    """
    hits = [edge for edge, units in zip(way, taint, strict=True) if units]
    nodes = {name for edge in way for name in (edge.source, edge.target)}
    met = {name for edge in hits for name in (edge.source, edge.target)}
    ends = {edge.target for edge in hits} - {edge.source for edge in way}
    got = dict.fromkeys(nodes, 0)
    for edge, units in zip(way, taint, strict=True):
        got[edge.target] += units
    published = sum(edge.cents for edge in way if edge.target in terminals)
    right, arrived = len(ends & terminals), sum(got[name] for name in terminals)
    pairs = (
        (len(hits), len(way)),
        None,
        (len(met), len(nodes)),
        None,
        (right, len(terminals)),
        (right, len(ends)),
    )
    value = (arrived, published), (arrived, sum(got[name] for name in ends | terminals))
    return [share(*pair) if pair else "-" for pair in (*pairs, *value)]


# ---- Ronin


@dataclass(frozen=True)
class Key:
    """What is published of the Ronin theft, and the payments between those addresses on the record."""

    addresses: set[str]
    terminals: set[str]
    payments: dict[str, tuple[str, str, int]]


def key() -> Key:
    """Read the published key and the recorded answers."""
    folder = DATA / "cases/ronin2022"
    text = (folder / "answer_key_tayvano.tsv").read_text(encoding="utf-8")
    roles = dict(line.lower().split("\t") for line in text.splitlines() if line)
    ends = {name for name, role in roles.items() if "deposit address" in role} | {ROUTER}
    known = set(roles) | {ROUTER}
    payments = {}
    for path in sorted((folder / "etherscan_txlist").glob("*.json.gz")):
        for row in json.loads(gzip.decompress(path.read_bytes()))["result"]:
            pair = (row["from"].lower(), row["to"].lower())
            if row["isError"] == "0" and int(row["value"]) and pair[0] != pair[1] and known.issuperset(pair):
                payments[row["hash"]] = (*pair, int(row["value"]))
    return Key(set(roles), ends, payments)


def ronin() -> None:
    """Work the shipped case and print each rule's hops against the key; ETH alone, as the key has it."""
    with TemporaryDirectory() as name:
        command = [sys.executable, "-m", "flowtrace", "trace", "ronin-2022", "--quiet"]
        subprocess.run(command, cwd=name, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  this package
        out = Path(name, "ronin-2022", "out")
        with (out / "hops.csv").open(encoding="utf-8") as lines:
            hops = [row for row in csv.DictReader(lines) if row["theft"] == "eth" and row["depth"] != "0"]
        with (out / "deposits.csv").open(encoding="utf-8") as lines:
            ends = {row["deposit_address_lower_case"] for row in csv.DictReader(lines)}
        mixers = json.loads((out / "summary.json").read_text(encoding="utf-8"))["mixers"]
    ends |= {mixer["address"].rpartition(":")[2].lower() for mixer in mixers}
    known = key()
    print(f"\nRonin Bridge: {len(known.addresses)} addresses, {len(known.terminals)} terminals, "
          f"{len(known.payments)} payments between them")  # fmt: skip
    lines = [(rule.words, _against(known, hops, f"taint_{rule}", ends=ends)) for rule in ACCOUNT_RULES]
    table("Ronin Bridge, ETH, per cent", lines)
    print(
        "A terminal found is a deposit address or a mixer of the case; of three the record holds no answer,"
    )
    print("so nothing shows what they are. Value: recall is of all that the key's addresses paid to its")
    print("terminals, which is more than was stolen; precision is of what came to the terminals found.")


def _against(known: Key, hops: list[dict[str, str]], column: str, *, ends: set[str]) -> list[str]:
    found = [hop for hop in hops if float(hop[column])]
    right = {hop["tx"] for hop in found} & known.payments.keys()
    met = {hop[end].lower() for hop in found for end in ("from", "to")}
    published = known.addresses | {ROUTER}
    said = ends & met
    hits = len(said & known.terminals)
    paid = sum(units for _, target, units in known.payments.values() if target in known.terminals)
    arrived = [(hop["to"].lower(), _wei(hop[column])) for hop in found]
    brought = sum(units for target, units in arrived if target in known.terminals)
    pairs = [
        (len(right), len(known.payments)), (len(right), len(found)),
        (len(met & published), len(published)), (len(met & published), len(met)),
        (hits, len(known.terminals)), (hits, len(said)),
        (brought, paid), (brought, sum(units for end, units in arrived if end in said | known.terminals)),
    ]  # fmt: skip
    return [share(*pair) for pair in pairs]


def _wei(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 10**18 + int(part.ljust(18, "0") or 0)


if __name__ == "__main__":
    if not DATA.is_dir():
        sys.exit(f"no recorded data in {DATA}")
    atomic()
    ronin()
