"""Reader of Dumplings' lists of transactions, as crocs-muni/coinjoin-analysis publishes them in zips.

One transaction a line: ``txid:::block hash:::index:::time:::inputs:::outputs``. An input reads
``txid-n-units+script+type``, an output ``units+script+type``, and ``}{`` stands between two.

The lists tell times and no heights. A height is reckoned from the time, by blocks whose time is known; it is
right to some hundred blocks, and no gate of a detector lies so near to any of them.
"""

from __future__ import annotations

import zipfile
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from flowtrace.model import Chain, Transfer
from flowtrace.moves.coin import coin_transfer
from flowtrace.moves.scripts import address_of

_BITCOIN = Chain.of("bitcoin")
_CLOCK = (  # heights with their blocks' times
    (500_000, 1_513_622_125),
    (600_000, 1_571_443_461),
    (700_000, 1_631_333_672),
    (800_000, 1_690_168_629),
    (840_000, 1_713_571_767),
    (880_000, 1_737_500_000),
)


@lru_cache(maxsize=16)
def transactions(file: Path, name: str) -> tuple[Transfer, ...]:
    """Return the transactions of one list in a zip, in the list's order."""
    with zipfile.ZipFile(file) as held, held.open(f"Scanner/{name}.txt") as lines:
        return tuple(_transaction(line.decode().strip()) for line in lines)


def _transaction(line: str) -> Transfer:
    tx, _, index, time, inputs, outputs = line.split(":::")
    spent, paid = [], []
    for one in inputs.split("}{"):
        coin, script = one.split("+")[:2]
        source, number, units = coin.split("-")
        spent.append((address_of(_BITCOIN, bytes.fromhex(script)), int(units), f"{source}:{number}"))
    for place, one in enumerate(outputs.split("}{")):
        units, script = one.split("+")[:2]
        paid.append((address_of(_BITCOIN, bytes.fromhex(script)), int(units), f"{tx}:{place}"))
    return coin_transfer(
        _BITCOIN,
        tx,
        height=_height(int(time)),
        index=int(index),
        time=int(time),
        inputs=spent,
        outputs=paid,
    )


def _height(time: int) -> int:
    for (low, since), (high, until) in pairwise(_CLOCK):
        if time <= until:
            return low + (time - since) * (high - low) // (until - since)
    return _CLOCK[-1][0]
