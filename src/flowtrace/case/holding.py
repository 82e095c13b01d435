"""The chain of custody as a report may print it: what is held and since when, wherever it is worked.

The custody log in ``evidence.sqlite`` also says when this machine did each thing, so its hashes differ from
machine to machine. This chain is over what does not: who answered what, when, and with which bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flowtrace.evidence import EvidenceStore
from flowtrace.ledger import Ledger
from flowtrace.model import Acquired, Hop

_GENESIS = "0" * 64


def held_in(folder: Path, ledger: Ledger, hops: Iterable[Hop]) -> tuple[Acquired, ...]:
    """Return a case's chain of custody; empty where it has no evidence of its own."""
    path = folder / "evidence.sqlite"
    if not path.is_file():
        return ()
    with EvidenceStore(path, readonly=True) as store:
        kept = list(_kept(store))
    told = _told(ledger, hops)
    lines: list[Acquired] = []
    for number, (seq, said) in enumerate(kept, start=1):
        previous = lines[-1].chain if lines else _GENESIS
        text = json.dumps([number, *said.values(), previous], ensure_ascii=True)
        chain = hashlib.sha256(text.encode()).hexdigest()
        lines.append(
            Acquired(
                number=number, **said, previous=previous, chain=chain, rows=tuple(sorted(told.get(seq, ())))
            )
        )
    return tuple(lines)


def _kept(store: EvidenceStore) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield answers held and decisions made, each with its place in the log, in order."""
    found: list[tuple[int, dict[str, Any]]] = [
        (
            item.number,
            {
                "event": "acquired",
                "at": item.fetched_at,
                "source": item.source,
                "what": f"{item.request.method} {item.request.url}",
                "sha256": item.sha256,
                "size": item.size,
            },
        )
        for item in store.items()
    ]
    found += [
        (
            int(entry["seq"]),
            {
                "event": "decided",
                "at": str(entry["at"]),
                "source": str(entry["who"]),
                "what": _decision(entry),
                "sha256": "",
                "size": 0,
            },
        )
        for entry in store.noted("decided")
    ]
    yield from sorted(found, key=lambda one: one[0])


def _decision(entry: dict[str, Any]) -> str:
    of = f"finding {entry['finding']}" if "finding" in entry else f"label {entry.get('label', '')}"
    return f"{'accepted' if entry['accepted'] else 'rejected'} {of}: {entry['why']}"


def _told(ledger: Ledger, hops: Iterable[Hop]) -> dict[int, set[int]]:
    """Return, by an answer's place in the log, the rows that it tells."""
    rows: defaultdict[int, set[int]] = defaultdict(set)
    for hop in hops:
        for seq in ledger.witness.get(hop.transfer.id, ()):
            rows[seq].add(hop.row)
    return dict(rows)
