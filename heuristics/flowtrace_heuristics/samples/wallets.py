"""Reader of emulated CoinJoins with every wallet's keys: who owns what is known, not inferred.

Private chains on which wallets of JoinMarket and of Wasabi 2 ran, published by crocs-muni/coinjoin-analysis:
the node's blocks as JSON, and each wallet's addresses. The chains begin at height 0; they are read as if they
stood at a height of Bitcoin's at which every detector applies.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Chain, Transfer
from flowtrace.model.bech32 import witness_program
from flowtrace.moves.coin import Side, coin_transfer
from flowtrace.moves.scripts import address_of

JOINMARKET = "coinjoin/emul__joinmarket_1taker_2tumbler_40maker_pruned.zip"
WASABI = "coinjoin/emul__ww2_lognorm-static-5utxo.zip"
AS_IF_AT = 883_000
_BITCOIN = Chain.of("bitcoin")
_UNIT = 100_000_000
_OP_1 = 0x50


@dataclass(frozen=True, slots=True)
class Run:
    """One emulation: its transactions, the wallet that owns each address, and those left out.

    ``unread`` counts transactions of which no record tells what a spent coin was.
    """

    ledger: Ledger
    owner: dict[Address, str]
    unread: int


@lru_cache(maxsize=4)
def runs(file: Path) -> tuple[Run, ...]:
    """Return the emulations in a zip, each a world of its own."""
    with zipfile.ZipFile(file) as held:
        names = sorted(held.namelist())
        bases = sorted({name.partition("data/btc-node/")[0] for name in names if "data/btc-node/" in name})
        return tuple(_run(held, [name for name in names if name.startswith(base)]) for base in bases)


def _run(held: zipfile.ZipFile, names: list[str]) -> Run:
    blocks = [_json(held, name) for name in names if "/btc-node/block_" in name]
    owner: dict[Address, str] = {}
    coins: dict[str, Side] = {}
    for name in names:
        wallet, _, file = name.rpartition("/")
        if file == "keys.json":
            owner |= {_address(row["address"]): wallet for row in _json(held, name)}
        elif file == "coins.json":
            coins |= {side[2]: side for side in map(_coin, _json(held, name))}
    for block in blocks:
        coins |= {side[2]: side for tx in block["tx"] for side in _paid(tx)}
    told = [(block, place, tx) for block in blocks for place, tx in enumerate(block["tx"]) if place]
    read = [_transfer(block, place, tx, coins=coins) for block, place, tx in told]
    return Run(Ledger(one for one in read if one is not None), owner, read.count(None))


def _json(held: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401  another program's record
    return json.loads(held.read(name), parse_float=Decimal)


def _coin(row: dict[str, Any]) -> Side:
    return (_address(row["address"]), int(row["amount"]), f"{row['txid']}:{row['index']}")


def _address(text: str) -> Address:
    """Return the address of Bitcoin that has the script of a private chain's."""
    version, program = witness_program("bcrt", text) or (0, b"")
    found = address_of(_BITCOIN, bytes([version + _OP_1 if version else 0, len(program)]) + program)
    if found is None:
        raise ValueError(f"{text!r} is no segregated-witness address of a private chain")
    return found


def _paid(tx: dict[str, Any]) -> Iterator[Side]:
    for row in tx["vout"]:
        address = address_of(_BITCOIN, bytes.fromhex(row["scriptPubKey"]["hex"]))
        yield (address, int(Decimal(row["value"]) * _UNIT), f"{tx['txid']}:{row['n']}")


def _transfer(
    block: dict[str, Any], place: int, tx: dict[str, Any], *, coins: dict[str, Side]
) -> Transfer | None:
    spent = [coins.get(f"{row['txid']}:{row['vout']}") for row in tx["vin"]]
    known = [side for side in spent if side is not None]
    if len(known) < len(spent):
        return None
    return coin_transfer(
        _BITCOIN,
        tx["txid"],
        height=AS_IF_AT + block["height"],
        index=place,
        time=block["time"],
        inputs=known,
        outputs=list(_paid(tx)),
    )


def owners(run: Run, transfer: Transfer) -> set[str]:
    """Return the wallets whose coins a transaction spends."""
    return {run.owner[leg.address] for leg in transfer.inputs if leg.address in run.owner}


def pairs(run: Run, unions: Iterable[tuple[Address, Address]]) -> tuple[int, int, int]:
    """Return how many pairs of spent addresses are joined and one wallet's, joined and not, and parted."""
    spent = sorted({leg.address for t in run.ledger for leg in t.inputs if leg.address in run.owner})
    parent = {address: address for address in run.ledger.addresses}

    def root(address: Address) -> Address:
        while parent[address] != address:
            address = parent[address]
        return address

    for one, other in unions:
        parent[root(one)] = root(other)
    wallets: dict[str, int] = {}
    clusters: dict[Address, int] = {}
    both: dict[tuple[str, Address], int] = {}
    for address in spent:
        wallet, cluster = run.owner[address], root(address)
        wallets[wallet] = wallets.get(wallet, 0) + 1
        clusters[cluster] = clusters.get(cluster, 0) + 1
        both[wallet, cluster] = both.get((wallet, cluster), 0) + 1
    right, joined, owned = (_pairs(of.values()) for of in (both, clusters, wallets))
    return right, joined - right, owned - right


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
