"""The ledger on disk: one DuckDB file, derived from the evidence, deletable and open to SQL.

Amounts are HUGEINT, or BIGNUM in a second column where they need more than 127 bits; DuckDB divides and
averages either as floating point, so do sums and comparisons there and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowtrace.errors import FlowtraceError, InputError, IntegrityError
from flowtrace.ledger.ledger import Ledger
from flowtrace.model import (
    Address,
    Asset,
    Basis,
    Coverage,
    Fact,
    FactKind,
    Kind,
    Lack,
    Leg,
    Opening,
    Price,
    Scope,
    Transfer,
)

if TYPE_CHECKING:
    import duckdb

FORMAT = 2
# A ledger file from a stranger must not reach other files or the network when it is opened.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": "false",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_HUGE = 1 << 127
_SCHEMA = """
CREATE TABLE meta (format INTEGER, source_digest VARCHAR, ledger_digest VARCHAR);
CREATE TABLE address (id INTEGER, chain VARCHAR, account VARCHAR);
CREATE TABLE asset (id INTEGER, caip19 VARCHAR, symbol VARCHAR, decimals INTEGER);
CREATE TABLE transfer (id INTEGER, chain VARCHAR, tx VARCHAR, position VARCHAR, height BIGINT, idx BIGINT,
  ord BIGINT, time BIGINT, kind VARCHAR, basis VARCHAR, ok BOOLEAN);
CREATE TABLE leg (transfer INTEGER, side VARCHAR, address INTEGER, asset INTEGER, units HUGEINT,
  units_big BIGNUM, coin VARCHAR);
CREATE TABLE coverage (address VARCHAR, scope VARCHAR, first BIGINT, last BIGINT, complete BOOLEAN,
  "check" VARCHAR, fetched_at VARCHAR, source VARCHAR);
CREATE TABLE witness (transfer INTEGER, evidence INTEGER);
CREATE TABLE confirmed (transfer INTEGER);
CREATE TABLE lack (address VARCHAR, why VARCHAR, crowded BOOLEAN);
CREATE TABLE price (asset VARCHAR, symbol VARCHAR, decimals INTEGER, time BIGINT, usd VARCHAR,
  quoted_at BIGINT, source VARCHAR, confidence VARCHAR);
CREATE TABLE fact (id INTEGER, chain VARCHAR, tx VARCHAR, height BIGINT, idx BIGINT, ord BIGINT, time BIGINT,
  kind VARCHAR);
CREATE TABLE party (fact INTEGER, role VARCHAR, chain VARCHAR, account VARCHAR);
CREATE TABLE figure (fact INTEGER, name VARCHAR, value VARCHAR);
CREATE TABLE opening (address VARCHAR, asset VARCHAR, symbol VARCHAR, decimals INTEGER, units VARCHAR,
  source VARCHAR);
"""


def write_ledger(ledger: Ledger, path: Path, source_digest: str) -> None:
    """Write the ledger beside ``path`` and move it there whole; a crash leaves the old file or the new."""
    fresh = path.with_name(path.name + ".new")
    for stale in (fresh, path.with_name(path.name + ".new.wal"), path.with_name(path.name + ".wal")):
        stale.unlink(missing_ok=True)
    with _open(fresh) as db:
        db.execute(_SCHEMA)
        db.execute("INSERT INTO meta VALUES (?, ?, ?)", [FORMAT, source_digest, ledger.digest])
        for table, columns in _tables(ledger).items():
            _insert(db, table, columns)
        db.execute("CHECKPOINT")
    fresh.replace(path)


def read_ledger(path: Path, source_digest: str) -> Ledger | None:
    """Read a ledger back, or return None where it is absent, older, or derived from other evidence.

    Raises
    ------
    InputError
        If a newer flowtrace wrote it, or another process holds it.
    IntegrityError
        If the file is damaged.
    """
    if not path.is_file():
        return None
    with _open(path, readonly=True) as db:
        version, source, digest = _meta(db, path)
        if version > FORMAT:
            msg = f"{path} is of format {version}; this one reads up to {FORMAT}: delete it, it is derived"
            raise InputError(msg)
        if source != source_digest or version < FORMAT:
            return None
        try:
            ledger = _read(db, path)
        except (FlowtraceError, LookupError, TypeError, ValueError) as error:
            msg = f"{path} cannot be read: {error}. Delete it, it is derived"
            raise IntegrityError(msg) from None
    if ledger.digest != digest:
        msg = f"{path}: its rows do not give its digest; it was changed. Delete it, it is derived"
        raise IntegrityError(msg)
    return ledger


def _open(path: Path, *, readonly: bool = False) -> duckdb.DuckDBPyConnection:
    import duckdb

    try:
        return duckdb.connect(str(path), read_only=readonly, config=_CLOSED)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            msg = f"{path} is in use by another process: close it and try again"
            raise InputError(msg) from None
        msg = f"{path} cannot be read: {str(error).splitlines()[0]}"
        raise IntegrityError(msg) from None
    except duckdb.Error as error:
        msg = f"{path} cannot be read: {str(error).splitlines()[0]}"
        raise IntegrityError(msg) from None


def _rows(db: duckdb.DuckDBPyConnection, sql: str, path: Path) -> list[tuple[Any, ...]]:
    import duckdb

    try:
        return db.execute(sql).fetchall()
    except (duckdb.Error, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read: {str(error).splitlines()[0]}. Delete it, it is derived"
        raise IntegrityError(msg) from None


def _meta(db: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, str, str]:
    rows = _rows(db, "SELECT format, source_digest, ledger_digest FROM meta", path)
    if len(rows) != 1 or type(rows[0][0]) is not int:
        msg = f"{path} is not a ledger of flowtrace. Delete it, it is derived"
        raise IntegrityError(msg)
    version, source, digest = rows[0]
    return version, source, digest


def _tables(ledger: Ledger) -> dict[str, list[tuple[str, list[Any]]]]:
    transfers, legs = range(len(ledger)), range(len(ledger.leg_units))
    of_leg = [t for t in transfers for _ in range(ledger.start[t], ledger.start[t + 1])]
    seen = [(t, n) for t in transfers for n in ledger.witness.get(ledger[t].id, ())]
    return {
        "address": [
            ("INTEGER", list(range(len(ledger.addresses)))),
            ("VARCHAR", [a.chain_id for a in ledger.addresses]),
            ("VARCHAR", [a.account for a in ledger.addresses]),
        ],
        "asset": [
            ("INTEGER", list(range(len(ledger.assets)))),
            ("VARCHAR", [str(a) for a in ledger.assets]),
            ("VARCHAR", [a.symbol for a in ledger.assets]),
            ("INTEGER", [a.decimals for a in ledger.assets]),
        ],
        "transfer": [
            ("INTEGER", list(transfers)),
            ("VARCHAR", ledger.chain),
            ("VARCHAR", ledger.tx),
            ("VARCHAR", ledger.position),
            ("BIGINT", list(ledger.height)),
            ("BIGINT", list(ledger.index)),
            ("BIGINT", list(ledger.order)),
            ("BIGINT", list(ledger.time)),
            ("VARCHAR", [list(Kind)[k].value for k in ledger.kind]),
            ("VARCHAR", [list(Basis)[b].value for b in ledger.basis]),
            ("BOOLEAN", [bool(ok) for ok in ledger.ok]),
        ],
        "leg": [
            ("INTEGER", of_leg),
            ("VARCHAR", ["in" if ledger.leg_side[n] == 0 else "out" for n in legs]),
            ("INTEGER", list(ledger.leg_address)),
            ("INTEGER", list(ledger.leg_asset)),
            ("HUGEINT", [str(u) if u < _HUGE else None for u in ledger.leg_units]),
            ("BIGNUM", [str(u) if u >= _HUGE else None for u in ledger.leg_units]),
            ("VARCHAR", ledger.leg_coin),
        ],
        "coverage": [
            ("VARCHAR", [str(c.address) for c in ledger.coverage]),
            ("VARCHAR", [c.scope.value for c in ledger.coverage]),
            ("BIGINT", [c.first for c in ledger.coverage]),
            ("BIGINT", [c.last for c in ledger.coverage]),
            ("BOOLEAN", [c.complete for c in ledger.coverage]),
            ("VARCHAR", [c.check for c in ledger.coverage]),
            ("VARCHAR", [c.fetched_at for c in ledger.coverage]),
            ("VARCHAR", [c.source for c in ledger.coverage]),
        ],
        "witness": [("INTEGER", [t for t, _ in seen]), ("INTEGER", [n for _, n in seen])],
        "confirmed": [("INTEGER", [t for t in transfers if ledger[t].id in ledger.confirmed])],
        "lack": [
            ("VARCHAR", [lack.address for lack in ledger.lacks]),
            ("VARCHAR", [lack.why for lack in ledger.lacks]),
            ("BOOLEAN", [lack.crowded for lack in ledger.lacks]),
        ],
        "price": [
            ("VARCHAR", [str(price.asset) for price in ledger.prices.values()]),
            ("VARCHAR", [price.asset.symbol for price in ledger.prices.values()]),
            ("INTEGER", [price.asset.decimals for price in ledger.prices.values()]),
            ("BIGINT", [price.time for price in ledger.prices.values()]),
            ("VARCHAR", [price.usd for price in ledger.prices.values()]),
            ("BIGINT", [price.quoted_at for price in ledger.prices.values()]),
            ("VARCHAR", [price.source for price in ledger.prices.values()]),
            ("VARCHAR", [price.confidence for price in ledger.prices.values()]),
        ],
        "opening": [
            ("VARCHAR", [str(held.address) for held in ledger.openings]),
            ("VARCHAR", [str(held.asset) for held in ledger.openings]),
            ("VARCHAR", [held.asset.symbol for held in ledger.openings]),
            ("INTEGER", [held.asset.decimals for held in ledger.openings]),
            ("VARCHAR", [str(held.units) for held in ledger.openings]),
            ("VARCHAR", [held.source for held in ledger.openings]),
        ],
        **_fact_tables(ledger),
    }


def _fact_tables(ledger: Ledger) -> dict[str, list[tuple[str, list[Any]]]]:
    facts = ledger.facts
    parties = [(n, role, address) for n, fact in enumerate(facts) for role, address in fact.parties]
    figures = [(n, *figure) for n, fact in enumerate(facts) for figure in fact.figures]
    return {
        "fact": [
            ("INTEGER", list(range(len(facts)))),
            ("VARCHAR", [fact.chain_id for fact in facts]),
            ("VARCHAR", [fact.tx for fact in facts]),
            ("BIGINT", [fact.height for fact in facts]),
            ("BIGINT", [fact.index for fact in facts]),
            ("BIGINT", [fact.order for fact in facts]),
            ("BIGINT", [fact.time for fact in facts]),
            ("VARCHAR", [fact.kind.value for fact in facts]),
        ],
        "party": [
            ("INTEGER", [number for number, _, _ in parties]),
            ("VARCHAR", [role for _, role, _ in parties]),
            ("VARCHAR", [address.chain_id for _, _, address in parties]),
            ("VARCHAR", [address.account for _, _, address in parties]),
        ],
        "figure": [
            ("INTEGER", [number for number, _, _ in figures]),
            ("VARCHAR", [name for _, name, _ in figures]),
            ("VARCHAR", [value for _, _, value in figures]),
        ],
    }


def _insert(db: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, list[Any]]]) -> None:
    """Insert whole columns at once: row by row DuckDB takes about a millisecond each."""
    casts = []
    for number, (kind, _) in enumerate(columns, start=1):
        wire = "VARCHAR" if kind in ("HUGEINT", "BIGNUM") else kind
        casts.append(f"CAST(unnest(${number}::{wire}[]) AS {kind})")
    db.execute(f"INSERT INTO {table} SELECT {', '.join(casts)}", [values for _, values in columns])


def _read(db: duckdb.DuckDBPyConnection, path: Path) -> Ledger:
    addresses = {n: Address(c, a) for n, c, a in _rows(db, "SELECT * FROM address", path)}
    assets = {n: Asset.of(c, s, d) for n, c, s, d in _rows(db, "SELECT * FROM asset", path)}
    legs: dict[int, tuple[list[Leg], list[Leg]]] = {}
    sql = "SELECT transfer, side, address, asset, units, units_big, coin FROM leg ORDER BY rowid"
    for transfer, side, address, asset, units, big, coin in _rows(db, sql, path):
        amount = int(big) if units is None else units
        leg = Leg(addresses.get(address), assets[asset], amount, coin)
        legs.setdefault(transfer, ([], []))[side == "out"].append(leg)
    transfers = {
        row[0]: _transfer(row, legs[row[0]]) for row in _rows(db, "SELECT * FROM transfer ORDER BY id", path)
    }
    coverage = [
        Coverage(Address.of(row[0]), Scope(row[1]), *row[2:])
        for row in _rows(db, "SELECT * FROM coverage", path)
    ]
    witness: dict[str, tuple[int, ...]] = {}
    for transfer, number in _rows(db, "SELECT * FROM witness ORDER BY transfer, evidence", path):
        name = transfers[transfer].id
        witness[name] = (*witness.get(name, ()), number)
    confirmed = [transfers[number].id for (number,) in _rows(db, "SELECT transfer FROM confirmed", path)]
    lacks = [Lack(*row) for row in _rows(db, "SELECT address, why, crowded FROM lack", path)]
    prices = [
        Price(Asset.of(caip19, symbol, decimals), *rest)
        for caip19, symbol, decimals, *rest in _rows(db, "SELECT * FROM price", path)
    ]
    openings = [
        Opening(Address.of(address), Asset.of(asset, symbol, decimals), int(units), said)
        for address, asset, symbol, decimals, units, said in _rows(db, "SELECT * FROM opening", path)
    ]
    return Ledger(
        transfers.values(),
        coverage,
        witness,
        confirmed=confirmed,
        lacks=lacks,
        prices=prices,
        openings=openings,
        facts=_facts(db, path),
    )


def _facts(db: duckdb.DuckDBPyConnection, path: Path) -> list[Fact]:
    parties: dict[int, list[tuple[str, Address]]] = {}
    for number, role, chain, account in _rows(db, "SELECT * FROM party ORDER BY rowid", path):
        parties.setdefault(number, []).append((role, Address(chain, account)))
    figures: dict[int, list[tuple[str, str]]] = {}
    for number, name, value in _rows(db, "SELECT * FROM figure ORDER BY rowid", path):
        figures.setdefault(number, []).append((name, value))
    return [
        Fact(
            chain_id=chain,
            tx=tx,
            height=height,
            index=index,
            order=order,
            time=time,
            kind=FactKind(kind),
            parties=tuple(parties.get(number, ())),
            figures=tuple(figures.get(number, ())),
        )
        for number, chain, tx, height, index, order, time, kind in _rows(
            db, "SELECT * FROM fact ORDER BY id", path
        )
    ]


def _transfer(row: tuple[Any, ...], legs: tuple[list[Leg], list[Leg]]) -> Transfer:
    _, chain, tx, position, height, index, order, time, kind, basis, ok = row
    return Transfer(
        chain_id=chain,
        tx=tx,
        position=position,
        height=height,
        index=index,
        order=order,
        time=time,
        kind=Kind(kind),
        basis=Basis(basis),
        ok=ok,
        inputs=tuple(legs[0]),
        outputs=tuple(legs[1]),
    )
