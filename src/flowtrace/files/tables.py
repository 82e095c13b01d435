"""flowtrace's own transfer table, CSV (plain or gzip) or Parquet: one row per transfer of an account chain.

Columns: ``chain`` (CAIP-2), ``tx`` (the full hash), ``position`` (``fee``, ``value``, ``call 0`` …),
``block``, ``index`` (of the transaction in its block), ``order`` (in the transaction), ``time`` (unix
seconds), ``kind`` (``fee``, ``value``, ``call`` …), ``basis`` (``recorded``, ``decoded``), ``ok`` (1,
or 0 for a failed transaction), ``from``, ``to`` (empty for a fee), ``asset`` (CAIP-19), ``symbol``,
``decimals``, ``amount`` (integer base units).

A second table beside it, ``NAME.coverage.csv``, says what is complete: ``address`` (CAIP-10), ``scope``,
``first``, ``last``, ``complete`` (1 or 0), ``check``, ``fetched_at``, ``source``. Without it nothing counts
as complete.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from flowtrace.errors import InputError
from flowtrace.files.body import read_body
from flowtrace.ledger import read_parquet
from flowtrace.model import (
    Address,
    Asset,
    Basis,
    Chain,
    Coverage,
    Family,
    Kind,
    Leg,
    Scope,
    Transfer,
    read_units,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_NUMBER = re.compile(r"[0-9]{1,19}")
_HEX = "give all 64 hexadecimal digits"
_HASHES = {
    Family.EVM: (re.compile(r"(0x)?[0-9a-fA-F]{64}"), _HEX),
    Family.UTXO: (re.compile(r"[0-9a-fA-F]{64}"), _HEX),
    Family.TRON: (re.compile(r"[0-9a-fA-F]{64}"), _HEX),
    Family.SOLANA: (re.compile(r"[1-9A-HJ-NP-Za-km-z]{64,88}"), "give the whole signature in base58"),
    Family.BANK: (re.compile(r"[0-9A-Za-z_.-]{8,128}"), "name the entry of the statement"),
}
TRANSFERS_MEDIA, COVERAGE_MEDIA = "flowtrace-transfers", "flowtrace-coverage"
_TRANSFER_COLUMNS = (
    "chain", "tx", "position", "block", "index", "order", "time", "kind", "basis", "ok", "from", "to",
    "asset", "symbol", "decimals", "amount",
)  # fmt: skip
_COVERAGE_COLUMNS = ("address", "scope", "first", "last", "complete", "check", "fetched_at", "source")


def table_answers(file: Path) -> list[tuple[str, bytes]]:
    """Return (media, CSV bytes) of a transfer table and, where present, its coverage table.

    Raises
    ------
    InputError
        If the file is absent, damaged, or neither CSV nor Parquet.
    """
    answers = [(TRANSFERS_MEDIA, _csv_bytes(file))]
    stem = file.name.removesuffix(".gz").removesuffix(".csv").removesuffix(".parquet")
    beside = (file.parent / f"{stem}.coverage.csv{suffix}" for suffix in ("", ".gz"))
    return answers + [(COVERAGE_MEDIA, _csv_bytes(path)) for path in beside if path.is_file()]


def read_table(media: str, body: bytes, name: str) -> tuple[list[Transfer], list[Coverage]]:
    """Read the CSV bytes of one of the two tables.

    Raises
    ------
    InputError
        If a column is missing or a cell is wrong; the message names table, row and cell.
    """
    if media == TRANSFERS_MEDIA:
        return list(_read(body, name, columns=_TRANSFER_COLUMNS, make=_transfer)), []
    return [], list(_read(body, name, columns=_COVERAGE_COLUMNS, make=_coverage))


def write_tables(transfers: Iterable[Transfer], coverage: Iterable[Coverage]) -> tuple[bytes, bytes]:
    """Write both tables as CSV bytes; reading them back gives the same transfers and coverage."""
    return (
        _write(_TRANSFER_COLUMNS, (_transfer_row(t) for t in transfers)),
        _write(_COVERAGE_COLUMNS, (_coverage_row(c) for c in coverage)),
    )


def _csv_bytes(file: Path) -> bytes:
    if file.suffix == ".parquet":
        return _write(*read_parquet(file))
    return read_body(file)


def _read(
    body: bytes, name: str, *, columns: tuple[str, ...], make: Callable[[dict[str, str]], T]
) -> Iterator[T]:
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig")), strict=True)
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            msg = f"{name} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}"
            raise InputError(msg)
        for number, row in enumerate(reader, start=2):
            if None in row or None in row.values():
                msg = f"{name}, row {number} has more or fewer cells than there are columns"
                raise InputError(msg)
            yield _row(f"{name}, row {number}", row, make)
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{name} is not CSV in UTF-8: {error}"
        raise InputError(msg) from None


def _row(name: str, row: dict[str, Any], make: Callable[[dict[str, str]], T]) -> T:
    try:
        return make(row)
    except InputError as error:
        msg = f"{name}: {error}"
        raise InputError(msg) from None


def _transfer(row: dict[str, str]) -> Transfer:
    chain = Chain.of(row["chain"])
    asset = Asset.of(row["asset"], row["symbol"], _number(row, "decimals"))
    units = read_units(row["amount"])
    if not row["position"]:
        raise InputError("position is empty: with tx it names the transfer")
    target = Address.parse(chain, row["to"]) if row["to"] else None
    return Transfer(
        chain_id=chain.id,
        tx=_hash(chain, row["tx"]),
        position=row["position"],
        height=_number(row, "block"),
        index=_number(row, "index"),
        order=_number(row, "order"),
        time=_number(row, "time"),
        kind=_one_of(Kind, row, "kind"),
        basis=_one_of(Basis, row, "basis"),
        ok=_yes(row, "ok"),
        inputs=(Leg(Address.parse(chain, row["from"]), asset, units),),
        outputs=(Leg(target, asset, units),),
    )


def _hash(chain: Chain, text: str) -> str:
    """Return a transaction's hash as its chain writes it; a cut one would be refused by every recipient."""
    pattern, form = _HASHES[chain.family]
    if not pattern.fullmatch(text):
        raise InputError(f"tx {text[:100]!r} is no full transaction hash of {chain.name}: {form}")
    if chain.family in (Family.SOLANA, Family.BANK):
        return text
    return ("0x" if chain.family is Family.EVM else "") + text.lower().removeprefix("0x")


def _coverage(row: dict[str, str]) -> Coverage:
    return Coverage(
        address=Address.of(row["address"]),
        scope=_one_of(Scope, row, "scope"),
        first=_number(row, "first"),
        last=_number(row, "last"),
        complete=_yes(row, "complete"),
        check=row["check"],
        fetched_at=row["fetched_at"],
        source=row["source"],
    )


def _number(row: dict[str, str], column: str) -> int:
    if not _NUMBER.fullmatch(row[column]):
        msg = f"{column} is {row[column]!r}: write a whole number"
        raise InputError(msg)
    return int(row[column])


def _yes(row: dict[str, str], column: str) -> bool:
    if row[column] not in ("0", "1"):
        msg = f"{column} is {row[column]!r}: write 1 or 0"
        raise InputError(msg)
    return row[column] == "1"


def _one_of(words: type[E], row: dict[str, str], column: str) -> E:
    if row[column] not in set(words):
        msg = f"{column} is {row[column]!r}: write one of {', '.join(words)}"
        raise InputError(msg)
    return words(row[column])


def _transfer_row(t: Transfer) -> list[str]:
    source = "" if t.source is None else t.source.account
    target = "" if t.target is None else t.target.account
    asset = t.amount.asset
    numbers = [str(n) for n in (t.height, t.index, t.order, t.time)]
    return [t.chain_id, t.tx, t.position, *numbers, t.kind, t.basis, str(int(t.ok)), source, target,
            str(asset), asset.symbol, str(asset.decimals), str(t.amount.units)]  # fmt: skip


def _coverage_row(c: Coverage) -> list[str]:
    numbers = [str(n) for n in (c.first, c.last, int(c.complete))]
    return [str(c.address), c.scope, *numbers, c.check, c.fetched_at, c.source]


def _write(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()
