"""Best first against breadth first: requests until 90 % of the value at exchanges and mixer is reached.

The recorded answers of the Ronin theft are served on this machine as Etherscan would serve them; all crawls
use the same source, labels and heuristics, and stop at the same services. Best first follows the most tainted
value, and nothing below the case's minimum. Breadth first asks for every counterparty, hop by hop, as the
breadth-first strategies of open crawlers do; its frugal form only for those who were paid something.

Run: python benchmarks/crawl.py. Needs the recorded public data in ../shared/data.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

from flowtrace import trace
from flowtrace.case import Case, Progress, Reach, target_of
from flowtrace.errors import IncompleteError
from flowtrace.model import Address, Transfer

RECORDED = Path(__file__).parents[2] / "shared/data/cases/ronin2022/etherscan_txlist"
THIEF = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
HEAD = 18_183_932
SHARE = 90  # per cent
_MOST = 4_000


class Handler(BaseHTTPRequestHandler):
    """Etherscan's txlist, from the recorded answers; other lists are empty."""

    def do_GET(self) -> None:
        """Answer one request."""
        asked = dict(parse_qsl(urlsplit(self.path).query))
        body = json.dumps(answer(asked)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def answer(asked: dict[str, str]) -> dict[str, object]:
    """Answer as the service does."""
    nothing: dict[str, object] = {"status": "0", "message": "No transactions found", "result": []}
    match asked.get("action"):
        case "eth_blockNumber":
            return {"jsonrpc": "2.0", "id": 1, "result": hex(HEAD)}
        case "eth_getBlockByNumber":
            block = {"number": asked["tag"], "hash": "0x" + "ab" * 32, "timestamp": "0x650c0000"}
            return {"jsonrpc": "2.0", "id": 1, "result": block}
        case "txlist":
            file = RECORDED / f"{asked['address']}.json.gz"
            rows = json.loads(gzip.decompress(file.read_bytes()))["result"] if file.is_file() else []
            first, last, size = (int(asked[key]) for key in ("startblock", "endblock", "offset"))
            start = (int(asked["page"]) - 1) * size
            within = [row for row in rows if first <= int(row["blockNumber"]) <= last][start : start + size]
            return {"status": "1", "message": "OK", "result": within} if within else nothing
        case _:
            return nothing


class BreadthFirst(trace.Tracer):
    """Asks for every counterparty, in the order of hops."""

    def wanted(self) -> list[Address]:
        """Return the next addresses in the order in which the way first meets them."""
        seeds = {theft.thief for theft in self.thefts}.difference(self.followed, self.ends)
        if seeds:
            return sorted(seeds)
        frontier = []
        for address in self._met():
            if address in self.ends or address in self.followed:
                continue
            end = self.end_of(address)
            if end is not None:
                self.ends[address] = end
            else:
                frontier.append(address)
        return frontier[:8]

    def _met(self) -> list[Address]:
        met = dict.fromkeys(theft.thief for theft in self.thefts)
        for address in self.followed:
            for transfer in self.in_order():
                if address in (transfer.source, transfer.target):
                    met |= dict.fromkeys(a for a in self.next_of(transfer, address) if a is not None)
        return list(met)

    def next_of(self, transfer: Transfer, _: Address) -> tuple[Address | None, ...]:
        """Return whom a transfer leads to."""
        return transfer.source, transfer.target


class FrugalBreadthFirst(BreadthFirst):
    """Asks for those only who were paid something."""

    def next_of(self, transfer: Transfer, address: Address) -> tuple[Address | None, ...]:
        """Return whom a transfer leads to."""
        return (transfer.target,) if transfer.source == address and transfer.amount.units else ()


def crawl(tracer: type[trace.Tracer], most: int) -> list[tuple[int, int]]:
    """Crawl the case; return (requests so far, base units at services so far) after every round."""
    rounds: list[tuple[int, int]] = []

    def hear(progress: Progress) -> None:
        sent = sum(tally.sent for tally in progress.sources.values())
        rounds.append((sent, sum(one.units for one in progress.covered if one.id == "eth")))

    target = target_of(THIEF)
    if target is None:
        sys.exit(f"{THIEF} is no address")
    with TemporaryDirectory() as name, mock.patch.object(trace, "Tracer", tracer):
        case = Case.of_target(target, Path(name) / "case")
        try:
            asyncio.run(case.follow(Reach(services=("own",), requests=most), hear))
        except IncompleteError as error:
            print(f"  {tracer.__name__} ended: {error}")
    return rounds


def needed(rounds: Sequence[tuple[int, int]], whole: int) -> int | None:
    """Return how many requests it took to reach the share of the value, or None where it was not reached."""
    return next((sent for sent, units in rounds if 100 * units >= SHARE * whole), None)


def main() -> None:
    """Run both crawls on one server and print the ratio."""
    if not RECORDED.is_dir():
        sys.exit("the recorded public data is not beside this checkout")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["FLOWTRACE_EXPLORER_1"] = f"http://127.0.0.1:{server.server_address[1]}/api"
    kinds: tuple[type[trace.Tracer], ...] = (trace.Tracer, BreadthFirst, FrugalBreadthFirst)
    crawls = {kind.__name__: crawl(kind, _MOST) for kind in kinds}
    whole = max(units for rounds in crawls.values() for _, units in rounds)
    counts = {name: needed(rounds, whole) for name, rounds in crawls.items()}
    best = counts["Tracer"] or 0
    for name, count in counts.items():
        ratio = f", best first needs {best / count:.2f} of them" if count else ""
        reached = count or f"more than {_MOST}"
        print(f"{name}: {reached} requests to {SHARE} % of {whole} wei at exchanges and mixer{ratio}")
    server.shutdown()


if __name__ == "__main__":
    main()
