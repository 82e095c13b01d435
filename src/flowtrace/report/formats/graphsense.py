"""GraphSense ``.gs``: the flow as a saved graph of the Pathfinder dashboard.

The file is JSON, in base64, packed by LZW into 32-bit numbers, little-endian. It names addresses and
transactions, which the dashboard then looks up by itself; amounts are in the notes of the transactions. What
GraphSense keeps no ledger of is listed in a text file beside it.

Reference: ``convert/gs_files`` of https://github.com/graphsense/graphsense-lib (the format, version 1).
"""

from __future__ import annotations

import base64
import json
import struct
from typing import TypeVar

from flowtrace.model import Chain, Result
from flowtrace.report.formats.flow import Flow, Paid, Place, flow_of

Json = list[object]
Key = TypeVar("Key")
NETWORKS = {"bitcoin": "btc", "ethereum": "eth", "litecoin": "ltc", "tron": "trx"}
"""The ledgers of GraphSense that flowtrace reads too, by their codes there."""

_ACROSS, _DOWN = 4, 3
"""Distances between columns and rows, in the dashboard's units: a little more than its own."""


def files(result: Result) -> dict[str, bytes]:
    """Return the saved graph, and a list of what it leaves out where it leaves anything out."""
    flow = flow_of(result)
    left_out = [paid for paid in flow.paid if not _is_kept(paid)]
    found = {"flow.gs": packed(_graph(result, flow))}
    if left_out:
        words = "GraphSense keeps no such ledger or address, so flow.gs lacks these payments:\n"
        lines = "".join(f"{paid.words}\n" for paid in left_out)
        found["flow.gs.left-out.txt"] = f"{words}{lines}".encode()
    return found


def packed(payload: Json) -> bytes:
    """Return a payload in the dashboard's container."""
    text = json.dumps(payload, ensure_ascii=True, separators=(",", ":")).encode()
    codes = _lzw(base64.b64encode(text))
    return struct.pack(f"<{len(codes)}I", *codes)


def _lzw(data: bytes) -> list[int]:
    known = {bytes([number]): number for number in range(256)}
    codes: list[int] = []
    held = b""
    for number in data:
        longer = held + bytes([number])
        if longer not in known:
            codes.append(known[held])
            known[longer] = len(known)
            longer = longer[-1:]
        held = longer
    return [*codes, known[held]] if held else codes


def _is_kept(paid: Paid) -> bool:
    ends = (paid.source, paid.target)
    return all(end.address is not None and end.chain.name in NETWORKS for end in ends)


def _graph(result: Result, flow: Flow) -> Json:
    kept = [paid for paid in flow.paid if _is_kept(paid)]
    places = {end.id: end for paid in kept for end in (paid.source, paid.target)}
    columns = _columns(kept)
    thieves = {theft.thief for theft in result.incident.thefts}
    addresses = _stacked({key: columns[key] * _ACROSS for key in places})
    transactions = _transactions(kept)
    along = {key: columns[some[0].source.id] * _ACROSS + _ACROSS // 2 for key, some in transactions.items()}
    middles = _stacked(along)
    notes: list[Json] = [[_id(place), _note(place), None] for place in places.values()]
    notes += [
        [list(key), "; ".join(_amount(paid) for paid in some), None] for key, some in transactions.items()
    ]
    return [
        "pathfinder",
        "1",
        result.incident.id,
        [[_id(place), *addresses[key], place.address in thieves] for key, place in places.items()],
        [[list(key), *middles[key], False, 0] for key in transactions],
        notes,
        _edges(kept, places),
    ]


def _columns(kept: list[Paid]) -> dict[str, int]:
    """Return how many steps from the theft each address is: as many as the shortest way to it."""
    columns: dict[str, int] = {}
    for paid in kept:
        depth = paid.hop.depth
        for end, steps in ((paid.source, depth), (paid.target, depth + 1)):
            columns[end.id] = min(steps, columns.get(end.id, steps))
    return columns


def _stacked(columns: dict[Key, int]) -> dict[Key, tuple[int, int]]:
    rows: dict[int, int] = {}
    placed: dict[Key, tuple[int, int]] = {}
    for key, across in columns.items():
        row = rows.setdefault(across, 0)
        placed[key] = (across, row * _DOWN)
        rows[across] = row + 1
    return placed


def _transactions(kept: list[Paid]) -> dict[tuple[str, str], list[Paid]]:
    found: dict[tuple[str, str], list[Paid]] = {}
    for paid in kept:
        found.setdefault(_transaction(paid), []).append(paid)
    return found


def _transaction(paid: Paid) -> tuple[str, str]:
    return _code(paid.source.chain), paid.data["tx"]


def _edges(kept: list[Paid], places: dict[str, Place]) -> list[Json]:
    edges: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
    for paid in kept:
        edges.setdefault((paid.source.id, paid.target.id), {})[_transaction(paid)] = None
    return [[_id(places[a]), _id(places[b]), [list(tx) for tx in txs]] for (a, b), txs in edges.items()]


def _id(place: Place) -> Json:
    return [_code(place.chain), place.account]


def _code(chain: Chain) -> str:
    return NETWORKS[chain.name]


def _note(place: Place) -> str:
    return f"{place.name} [{place.data['cls']}]"


def _amount(paid: Paid) -> str:
    d = paid.data
    span = f"tainted {d['low_base_units']} to {d['high_base_units']}"
    return (
        f"[{d['row']}] {d['amount']} {d['symbol']} ({d['amount_base_units']} base units; {span}; {d['cls']})"
    )
