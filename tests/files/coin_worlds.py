"""Little worlds of a UTXO chain, what a live source would say of them, and the files made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import strategies as st

from flowtrace.model import Chain, Transfer
from flowtrace.moves.coin import coin_transfer
from flowtrace.moves.scripts import address_of

BITCOIN = Chain.of("bitcoin")
KEY = bytes.fromhex("02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
# Each common form of output, with what bitcoin-etl calls it; the bare key it calls nonstandard.
SCRIPTS = (
    ("pubkeyhash", b"\x76\xa9\x14" + b"\x11" * 20 + b"\x88\xac"),
    ("scripthash", b"\xa9\x14" + b"\x22" * 20 + b"\x87"),
    ("witness_v0_keyhash", b"\x00\x14" + b"\x33" * 20),
    ("witness_v1_taproot", b"\x51\x20" + b"\x44" * 32),
    ("nonstandard", b"\x21" + KEY + b"\xac"),
    ("nulldata", b"\x6a\x04flow"),
)


@dataclass(frozen=True)
class Out:
    """One output: which of SCRIPTS it pays, and how much."""

    form: int
    units: int

    def side(self, coin: str) -> tuple[Any, int, str]:
        """Return it as a side of a transfer."""
        return (address_of(BITCOIN, SCRIPTS[self.form][1]), self.units, coin)

    def cells(self, *, script: bool) -> dict[str, Any]:
        """Return it as the tool writes it; with an input, there is no script of the output it spends."""
        kind, raw = SCRIPTS[self.form]
        owner = address_of(BITCOIN, raw)
        named = [owner.account] if owner and kind != "nonstandard" else [f"nonstandard{'ab' * 20}"]
        found = {"type": kind, "addresses": named, "value": self.units}
        return found | ({"script_hex": raw.hex()} if script else {"script_hex": "aa"})


@dataclass(frozen=True)
class CoinTx:
    """One transaction; ``spends`` are coins with the outputs that they are."""

    number: int
    height: int
    index: int
    spends: tuple[tuple[str, Out], ...]
    outs: tuple[Out, ...]

    @property
    def hash(self) -> str:
        """Its hash."""
        return f"{self.number:064x}"

    @property
    def time(self) -> int:
        """Its block's time."""
        return 1_600_000_000 + 600 * self.height

    def transfer(self) -> Transfer:
        """Return what a live source tells of it."""
        return coin_transfer(
            BITCOIN,
            self.hash,
            height=self.height,
            index=self.index,
            time=self.time,
            inputs=[out.side(coin) for coin, out in self.spends],
            outputs=[out.side(f"{self.hash}:{n}") for n, out in enumerate(self.outs)],
        )

    def row(self, *, enriched: bool = True) -> dict[str, Any]:
        """Return the tool's row."""
        inputs = []
        for place, (coin, out) in enumerate(self.spends):
            tx, _, number = coin.partition(":")
            told = out.cells(script=False) if enriched else {"type": None, "addresses": [], "value": None}
            inputs.append(
                {"index": place, "spent_transaction_hash": tx, "spent_output_index": int(number), **told}
            )
        given, paid = sum(out.units for _, out in self.spends), sum(out.units for out in self.outs)
        sums = (given, paid, given - paid) if enriched and self.spends else (0, paid, 0)
        return {
            "hash": self.hash, "block_number": self.height, "block_timestamp": self.time,
            "is_coinbase": not self.spends, "index": self.index, "inputs": inputs,
            "outputs": [{"index": n, **out.cells(script=True)} for n, out in enumerate(self.outs)],
            "input_count": len(inputs), "output_count": len(self.outs), "input_value": sums[0],
            "output_value": sums[1], "fee": sums[2],
        }  # fmt: skip


@st.composite
def coin_worlds(draw: st.DrawFn) -> list[CoinTx]:
    """Draw two or three blocks: new coin, then payments of what came before, each coin spent once."""
    world: list[CoinTx] = []
    unspent: list[tuple[str, Out]] = []
    outs = st.builds(Out, st.integers(0, len(SCRIPTS) - 1), st.integers(1, 21 * 10**14))
    for height in range(1, draw(st.integers(1, 3)) + 1):
        for index in range(draw(st.integers(1, 3))):
            count = draw(st.integers(1, min(3, len(unspent)))) if index and unspent else 0
            if index and not count:
                break
            spends, unspent = tuple(unspent[:count]), unspent[count:]
            budget = sum(out.units for _, out in spends)
            paid = tuple(draw(st.lists(outs, min_size=1, max_size=3)))
            made = tuple(Out(o.form, min(o.units, budget // len(paid))) for o in paid) if spends else paid
            tx = CoinTx(len(world) + 1, height, index, spends, made)
            unspent += [(f"{tx.hash}:{n}", out) for n, out in enumerate(made)]
            world.append(tx)
    return world


def lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as the tool writes JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def coin_blocks(world: Sequence[CoinTx]) -> bytes:
    """Return the tool's blocks."""
    heights = sorted({tx.height for tx in world})
    return lines(
        {
            "hash": f"{height:064x}", "number": height, "merkle_root": "00" * 32,
            "timestamp": 1_600_000_000 + 600 * height,
            "transaction_count": sum(tx.height == height for tx in world),
        }
        for height in heights
    )  # fmt: skip


_PART = '"index" BIGINT, "type" VARCHAR, address VARCHAR, "value" DOUBLE, script_hex VARCHAR'
_AWS = {
    "hash": "VARCHAR", "block_number": "BIGINT", "block_timestamp": "TIMESTAMP", "is_coinbase": "BOOLEAN",
    "index": "BIGINT", "input_count": "BIGINT", "output_count": "BIGINT", "input_value": "DOUBLE",
    "output_value": "DOUBLE", "fee": "DOUBLE", "last_modified": "TIMESTAMP",
    "inputs": f"STRUCT({_PART}, spent_transaction_hash VARCHAR, spent_output_index BIGINT)[]",
    "outputs": f"STRUCT({_PART})[]",
}  # fmt: skip


def aws_coins(world: Iterable[CoinTx]) -> bytes:
    """Return the Parquet that AWS's data set has of a world: whole coins as doubles, one address each."""
    rows = [_in_coins(tx.row()) for tx in world]
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        plain, file = Path(folder) / "t.json", Path(folder) / "t.parquet"
        plain.write_bytes(lines(rows))
        columns = ", ".join(f"\"{name}\": '{kind}'" for name, kind in _AWS.items())
        read = f"read_json('{plain}', format = 'newline_delimited', columns = {{{columns}}})"
        query = f"SELECT * FROM {read}"  # noqa: S608
        db.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
        return file.read_bytes()


def _in_coins(row: dict[str, Any]) -> dict[str, Any]:
    told = row | {"last_modified": "2024-01-01 00:00:00"}
    told |= {name: row[name] / 10**8 for name in ("input_value", "output_value", "fee")}
    told["block_timestamp"] = f"2024-01-01 00:00:{row['block_number']:02}"
    for side in ("inputs", "outputs"):
        parts = []
        for part in row[side]:
            (named,) = part.pop("addresses")
            parts.append(part | {"address": named, "value": part["value"] / 10**8})
        told[side] = parts
    return told
