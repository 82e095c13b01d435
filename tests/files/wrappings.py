"""One EVM world in five wrappings: ethereum-etl, BigQuery, cryo, AWS, an explorer's CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from files.worlds import COIN, PEOPLE, Step, Tx
from flowtrace.files.columns import columns_of, read_columns
from flowtrace.files.formats import found_files, read_files
from flowtrace.files.gathered import Imported
from flowtrace.model import ETHEREUM, Chain, Evidence, Request, decimal_text

MADE = Path(__file__).parent / "made"
Cells = Mapping[str, object]
Rows = list[dict[str, object]]


def whole_blocks(world: Sequence[Tx]) -> Rows:
    """Return the rows of a table of blocks, each linked to the one before."""
    heights = range(world[0].height, world[-1].height + 1)
    return [
        {
            "number": height,
            "hash": f"0x{height:064x}",
            "parent_hash": f"0x{height - 1:064x}",
            "timestamp": 1_700_000_000 + 12 * height,
            "transaction_count": sum(tx.height == height for tx in world),
            "miner": PEOPLE[0].account,
        }
        for height in heights
    ]


def transactions(world: Iterable[Tx], *, receipts: bool = False) -> Rows:
    """Return the rows of ``transactions``, with BigQuery's columns of the receipt or without."""
    rows: Rows = []
    for tx in world:
        row: dict[str, object] = {
            "hash": tx.hash,
            "block_number": tx.height,
            "transaction_index": tx.index,
            "from_address": tx.source.account,
            "to_address": tx.target.account,
            "value": tx.units,
            "gas_price": tx.price,
            "block_timestamp": tx.time,
            "transaction_type": 2,
        }
        told = {f"receipt_{key}": value for key, value in receipt(tx).items() if key in _IN_BIGQUERY}
        rows.append(row | told if receipts else row)
    return rows


_IN_BIGQUERY = ("gas_used", "status", "effective_gas_price", "contract_address")


def receipt(tx: Tx) -> dict[str, object]:
    """Return a row of ``receipts``."""
    return {
        "transaction_hash": tx.hash,
        "transaction_index": tx.index,
        "cumulative_gas_used": tx.gas,
        "gas_used": tx.gas,
        "contract_address": "",
        "status": int(not tx.error),
        "effective_gas_price": tx.price,
    }


def traces(world: Iterable[Tx], *, parity: bool) -> Rows:
    """Return the rows of ``traces``; without ``parity``, as they are extracted from a Geth-like node."""
    rows: Rows = []
    for tx in world:
        root = Step((), "call", tx.source, tx.target, tx.units, tx.error)
        for step in (root, *tx.steps):
            named = step.how in ("create", "suicide")
            failed = tx.error if not step.path else tx.failed(step)
            rows.append(
                {
                    "transaction_hash": tx.hash if parity else "",
                    "transaction_index": tx.index,
                    "block_number": tx.height,
                    "from_address": step.source.account,
                    "to_address": step.target.account,
                    "value": step.units,
                    "trace_type": step.how if named else "call",
                    "call_type": "" if named else step.how,
                    "subtraces": sum(one.path[:-1] == step.path for one in tx.steps),
                    "trace_address": ",".join(map(str, step.path)),
                    "error": "Reverted" if step.error else "",
                    "status": int(not failed) if parity else "",
                }
            )
    return rows


def token_transfers(world: Iterable[Tx]) -> Rows:
    """Return the rows of ``token_transfers``."""
    return [
        {
            "token_address": COIN.contract,
            "from_address": source.account,
            "to_address": target.account,
            "value": units,
            "transaction_hash": tx.hash,
            "log_index": log,
            "block_number": tx.height,
        }
        for tx in world
        for log, source, target, units in tx.logs
    ]


TOKENS: Cells = {"address": COIN.contract, "symbol": COIN.symbol, "decimals": COIN.decimals}


def etl(world: Sequence[Tx], *, parity: bool = True) -> dict[str, bytes]:
    """Return the files that ethereum-etl makes of a world."""
    tables: dict[str, Sequence[Cells]] = {
        "blocks": whole_blocks(world),
        "transactions": transactions(world),
        "receipts": [receipt(tx) for tx in world],
        "traces": traces(world, parity=parity),
        "token_transfers": token_transfers(world),
        "tokens": [TOKENS],
    }
    return {f"{name}.csv": as_csv(rows) for name, rows in tables.items() if rows}


def cryo(world: Sequence[Tx]) -> dict[str, bytes]:
    """Return the files that cryo makes of a world, with text for bytes."""
    stated = {
        "block_number": (row["number"] for row in whole_blocks(world)),
        "timestamp": (row["timestamp"] for row in whole_blocks(world)),
    }
    blocks = [
        {"block_number": n, "timestamp": t, "author": "", "gas_used": 0, "chain_id": 1}
        for n, t in zip(stated["block_number"], stated["timestamp"], strict=True)
    ]
    sent = [
        {"block_number": tx.height, "transaction_index": tx.index, "transaction_hash": tx.hash,
         "from_address": tx.source.account, "to_address": tx.target.account, **_amount(tx.units),
         "gas_used": tx.gas, "gas_price": tx.price, "transaction_type": 2, "success": not tx.error,
         "chain_id": 1}
        for tx in world
    ]  # fmt: skip
    calls: Rows = []
    claims: Rows = []
    for row in traces(world, parity=True):
        made = row["trace_type"] == "create"
        named: dict[str, object] = {
            "block_number": row["block_number"],
            "transaction_index": row["transaction_index"],
            "transaction_hash": row["transaction_hash"],
            "chain_id": 1,
        }
        calls.append(
            {**named, "action_from": row["from_address"], "action_to": "" if made else row["to_address"],
             "action_value": str(row["value"]), "action_call_type": row["call_type"],
             "action_type": row["trace_type"], "result_address": row["to_address"] if made else "",
             "trace_address": str(row["trace_address"]).replace(",", "_"), "subtraces": row["subtraces"],
             "error": row["error"]}
        )  # fmt: skip
        if row["call_type"] != "delegatecall":
            units = row["value"]
            assert isinstance(units, int)
            ends: dict[str, object] = {"from_address": row["from_address"], "to_address": row["to_address"]}
            claims.append({**named, "transfer_index": len(claims), **ends, **_amount(units)})
    logs = [
        {"block_number": tx.height, "transaction_index": tx.index, "log_index": log,
         "transaction_hash": tx.hash, "erc20": COIN.contract, "from_address": source.account,
         "to_address": target.account, **_amount(units), "chain_id": 1}
        for tx in world for log, source, target, units in tx.logs
    ]  # fmt: skip
    tables: dict[str, list[dict[str, object]]] = {
        "blocks": blocks, "transactions": sent, "traces": calls, "native_transfers": claims,
        "erc20_transfers": logs,
    }  # fmt: skip
    types = {"value_f64": "DOUBLE", "success": "BOOLEAN", "chain_id": "UBIGINT", "block_number": "UINTEGER"}
    return {f"ethereum__{name}.parquet": as_parquet(rows, types) for name, rows in tables.items() if rows}


def _amount(units: int) -> dict[str, object]:
    return {"value_string": str(units), "value_binary": f"0x{units:064x}", "value_f64": float(units)}


def aws(world: Sequence[Tx]) -> dict[str, bytes]:
    """Return the files that AWS's data set has of a world: doubles."""
    changed: dict[str, object] = {"last_modified": "2024-01-01 00:00:00"}
    types = {"value": "DOUBLE", "last_modified": "TIMESTAMP", "block_number": "BIGINT", "log_index": "BIGINT"}
    tables: dict[str, Sequence[Cells]] = {
        "transactions": transactions(world, receipts=True),
        "traces": traces(world, parity=True),
        "token_transfers": token_transfers(world),
        "tokens": [TOKENS],
    }
    return {
        f"{name}.parquet": as_parquet(
            [dict(row) | (changed if name != "tokens" else {}) for row in rows], types
        )
        for name, rows in tables.items()
        if rows
    }


def explorer(world: Iterable[Tx], *, newer: bool = True, coin: str = "ETH") -> dict[str, bytes]:
    """Return the exports that an explorer makes of a world, as if all of it were one account's."""
    header = ("Transaction Hash", "DateTime (UTC)") if newer else ("Txhash", "DateTime")
    normal: Rows = []
    internal: Rows = []
    tokens: Rows = []
    for tx in world:
        place = {
            header[0]: tx.hash,
            "Blockno": tx.height,
            "UnixTimestamp": tx.time,
            header[1]: written(tx.time),
        }
        ended: dict[str, object] = {
            "Status": "Error(0)" if tx.error else "",
            "ErrCode": "Reverted" if tx.error else "",
        }
        normal.append(
            {**place, "From": tx.source.display, "To": tx.target.display, "ContractAddress": "",
             f"Value_IN({coin})": thousands(tx.units, 18), f"Value_OUT({coin})": "0",
             "CurrentValue @ $1800/Eth": "0", f"TxnFee({coin})": thousands(tx.gas * tx.price, 18),
             "TxnFee(USD)": "0.1", "Historical $Price/Eth": "", **ended, "Method": "=Transfer()"}
        )  # fmt: skip
        for step in tx.steps:
            if step.how != "delegatecall":
                bad = tx.failed(step)
                internal.append(
                    {**place, "ParentTxFrom": tx.source.display, "ParentTxTo": tx.target.display,
                     f"ParentTx{coin}_Value": "0", "From": step.source.display, "TxTo": step.target.display,
                     "ContractAddress": "", f"Value_IN({coin})": "0",
                     f"Value_OUT({coin})": thousands(step.units, 18), "Status": "1" if bad else "0",
                     "ErrCode": "Reverted" if bad else "", "Type": step.how}
                )  # fmt: skip
        for _, source, target, units in tx.logs:
            tokens.append(
                {**place, "From": source.account, "To": target.account, "TokenValue": thousands(units, 6),
                 "USDValueDayOfTx": "$1.00", "ContractAddress": COIN.contract, "TokenName": "=1+1",
                 "TokenSymbol": "COIN"}
            )  # fmt: skip
    tables: dict[str, Rows] = {
        "export-normal.csv": normal,
        "export-internal.csv": internal,
        "export-erc20.csv": tokens,
    }
    return {name: as_csv(rows, quoting=csv.QUOTE_ALL) for name, rows in tables.items() if rows}


def written(time: int) -> str:
    """Return a time as an explorer writes it."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S")


def thousands(units: int, decimals: int) -> str:
    """Return an amount as an explorer writes it: decimal, thousands separated."""
    whole, point, part = decimal_text(units, decimals).partition(".")
    return f"{int(whole):,}{point}{part}"


def as_csv(rows: Sequence[Cells], quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    """Return rows as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n", quoting=quoting)  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_lines(rows: Iterable[Cells]) -> bytes:
    """Return rows as BigQuery exports JSON lines: whole numbers as text, what is empty left out."""
    told = ({k: str(v) if isinstance(v, int) else v for k, v in row.items() if v != ""} for row in rows)
    return b"".join(json.dumps(row).encode() + b"\n" for row in told)


def as_parquet(rows: Sequence[Cells], types: Mapping[str, str]) -> bytes:
    """Return rows as Parquet, with the types told; every other column as text, what is empty as absent."""
    names = list(rows[0])
    columns = ", ".join(f'CAST("{name}" AS {types.get(name, "VARCHAR")}) AS "{name}"' for name in names)
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        plain, file = Path(folder) / "t.csv", Path(folder) / "t.parquet"
        plain.write_bytes(as_csv(rows, quoting=csv.QUOTE_ALL))
        read = f"read_csv('{plain}', header = true, all_varchar = true, nullstr = '', strict_mode = false)"
        query = f"SELECT {columns} FROM {read}"  # noqa: S608
        db.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
        return file.read_bytes()


def cells(body: bytes) -> Rows:
    """Return the rows of a table as text."""
    table = read_columns(body, "a table", lossy=columns_of(body, "a table"))
    return [dict(row.cells) for row in table]


def imported(files: Mapping[str, bytes], chain: Chain = ETHEREUM, decimals: Sequence[str] = ()) -> Imported:
    """Keep files as a case would, and read them."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, body in files.items():
            (folder / file).write_bytes(body)
        found = list(found_files([folder / file for file in files], chain, decimals))
    return read_files(
        (
            Evidence(number, Request("GET", one.url), "", len(one.body), "2026-01-01", "a test", one.media),
            one.body,
        )
        for number, one in enumerate(found, start=1)
    )


def made(*names: str) -> dict[str, bytes]:
    """Return files that the real tools made."""
    files = (path for name in names for path in sorted(MADE.glob(name)))
    return {path.name: path.read_bytes() for path in files}
