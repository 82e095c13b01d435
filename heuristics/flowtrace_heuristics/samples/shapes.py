"""The shapes of emulated transactions: what the node's blocks tell of each beside its value."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from flowtrace.ledger import Ledger
from flowtrace.model import Chain, Fact, FactKind
from flowtrace_heuristics.samples.wallets import AS_IF_AT, Run, runs

_BITCOIN = Chain.of("bitcoin").id
_DER, _SHORT = 0x30, 32  # a signature begins so; bytes of a number r that needs no sign byte


@lru_cache(maxsize=4)
def shaped_runs(file: Path) -> tuple[Run, ...]:
    """Return the emulations in a zip, with the shape of each transaction on the ledger."""
    with zipfile.ZipFile(file) as held:
        facts = {fact.tx: fact for name in held.namelist() for fact in _facts(held, name)}
    found = []
    for run in runs(file):
        names = {transfer.tx for transfer in run.ledger}
        told = [facts[name] for name in sorted(names) if name in facts]
        found.append(replace(run, ledger=Ledger(run.ledger, facts=told)))
    return tuple(found)


def _facts(held: zipfile.ZipFile, name: str) -> Iterator[Fact]:
    if "/btc-node/block_" not in name:
        return
    block = json.loads(held.read(name))
    for place, tx in enumerate(block["tx"]):
        if place:
            yield Fact(
                chain_id=_BITCOIN,
                tx=tx["txid"],
                height=AS_IF_AT + block["height"],
                index=place,
                order=0,
                time=block["time"],
                kind=FactKind.SHAPE,
                figures=tuple(_figures(tx)),
            )


def _figures(tx: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((name, str(tx[name])) for name in ("version", "locktime", "weight"))
    yield "sequences", ",".join(str(row["sequence"]) for row in tx["vin"])
    yield "low_r", ",".join(_low_r(row.get("txinwitness", [""])[0]) for row in tx["vin"])


def _low_r(signature: str) -> str:
    """Return 1 for a short signature, 0 for a long one, nothing for what is none of that kind."""
    raw = bytes.fromhex(signature)
    return str(int(raw[3] <= _SHORT)) if len(raw) > 4 and raw[0] == _DER else ""  # noqa: PLR2004
