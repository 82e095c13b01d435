"""Which table of which data set a file is, told by its columns; and from files to what they tell.

A bank statement is no table: it is told by how it begins, and may name its ledger itself.

A file is kept first and read after, so reading is a function of the kept bytes, the name and the chain they
were imported under, and the other files of the case: a table of receipts that is imported later makes the
transfers of transactions that were imported before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote

from flowtrace.errors import InputError
from flowtrace.files import aws, bank, bitcoin_etl, cryo, ethereum_etl, explorer_csv
from flowtrace.files.body import read_body
from flowtrace.files.columns import Table, columns_of, is_sparse, read_columns, shown
from flowtrace.files.format_table import FORMATS, STATEMENTS, Format
from flowtrace.files.gathered import Imported, merged
from flowtrace.files.tokens import Tokens, stated_tokens
from flowtrace.model import Chain, Evidence

IMPORTED = frozenset(one.media for one in (*FORMATS, *STATEMENTS))
"""The media of imported files."""
_BY_MEDIA = {one.media: one for one in (*FORMATS, *STATEMENTS)}
_BY_FORM = {one.table: one for one in STATEMENTS}
_ENDINGS = (".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".xml", ".sta", ".mt940", ".940")
_SCHEME = "import:"
_STATED = "stated-tokens.csv"
_SHOWN = 30
_SHARED = ("tokens", "contracts")
Reader = Callable[[Mapping[str, Sequence[Table]], Tokens], Imported]
_READERS: Mapping[str, Reader] = {
    "explorer-csv": explorer_csv.read,
    "ethereum-etl": ethereum_etl.read,
    "bitcoin-etl": bitcoin_etl.read,
    "cryo": cryo.read,
    "aws-eth": aws.read,
    "aws-btc": aws.read,
    "bank": bank.read,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A file to keep. ``told`` says in words what it is."""

    url: str
    media: str
    body: bytes
    told: str


def detect(columns: Iterable[str], name: str, *, sparse: bool = False) -> tuple[Format, str]:
    """Return which table has these columns, and which version of it.

    Parameters
    ----------
    sparse
        Whether a column may be absent because it is empty in every row.

    Raises
    ------
    InputError
        If none has; the message lists what was seen and what is known.
    """
    seen = tuple(columns)
    fits = [one for one in FORMATS if not _lacking(one, seen, sparse=sparse)]
    if fits:
        best = max(fits, key=lambda one: len(one.needed))
        return best, next((label for column, label in best.marks if column in seen), "")
    nearest = min(FORMATS, key=lambda one: len(_lacking(one, seen, sparse=sparse)) / len(one.needed))
    lacking = ", ".join(sorted(_lacking(nearest, seen, sparse=sparse)))
    more = ", …" if len(seen) > _SHOWN else ""
    told = ", ".join(shown(column) for column in seen[:_SHOWN]) + more if seen else "none"
    known = ", ".join(one.media for one in FORMATS)
    raise InputError(
        f"{name} is no table that is known. Its columns: {told}. Nearest is {nearest.media}, of which it "
        f"lacks {lacking}. Known are {known}"
    )


def _lacking(form: Format, columns: Iterable[str], *, sparse: bool) -> frozenset[str]:
    """Return the columns that a table needs and does not find."""
    seen = {explorer_csv.plain(column) if form.renamed else column for column in columns}
    return form.needed - seen - (form.sparse if sparse else frozenset())


def found_files(paths: Iterable[Path], chain: Chain, decimals: Sequence[str] = ()) -> Iterator[Found]:
    """Yield the files to keep: those given, and those in folders given, in order of name.

    Parameters
    ----------
    decimals
        What a person states of tokens, as ``TOKEN=DECIMALS``; it is kept as a table of its own.

    Raises
    ------
    InputError
        If a file cannot be read or is no table that is known, or a folder holds none.
    """
    if decimals:
        yield _found(_STATED, stated_tokens(chain, decimals), chain)
    for path in paths:
        for name, file in _files(path):
            yield _found(name, read_body(file), chain)


def _found(name: str, body: bytes, chain: Chain) -> Found:
    if statement := bank.form_of(body):
        form, named = _BY_FORM[statement], bank.bank_of(statement, body, name, named=chain)
        return Found(f"{_SCHEME}{named.id}/{quote(name)}", form.media, body, f"{name}: {form.media}")
    form, version = detect(columns_of(body, name), name, sparse=is_sparse(body))
    if chain.family not in form.chains:
        raise InputError(f"{name} is a table of {form.media}, which {chain.name} has not: name its chain")
    told = f"{name}: {form.media}{f', {version}' if version else ''}"
    return Found(f"{_SCHEME}{chain.id}/{quote(name)}", form.media, body, told)


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if not path.is_dir():
        yield path.name, path
        return
    found = False
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        hidden = any(part.startswith(".") for part in inside.parts)
        here = file.is_file() and file.resolve().is_relative_to(path.resolve())
        if here and not hidden and file.name.removesuffix(".gz").endswith(_ENDINGS):
            found = True
            yield inside.as_posix(), file
    if not found:
        raise InputError(f"{path} holds no file that ends in {', '.join(_ENDINGS)}, plain or .gz")


def read_files(kept: Iterable[tuple[Evidence, bytes]]) -> Imported:
    """Return what kept files tell, all of a case together; others than of :data:`IMPORTED` are passed over.

    Raises
    ------
    InputError
        If a cell is wrong, or rows contradict each other; the message names file, row and column.
    """
    groups: dict[tuple[str, str], dict[str, list[Table]]] = {}
    shared: dict[str, dict[str, list[Table]]] = {}
    for item, body in kept:
        form = _BY_MEDIA.get(item.media)
        if form is None:
            continue
        chain_id, _, name = item.request.url.removeprefix(_SCHEME).partition("/")
        group = groups.setdefault((chain_id, form.dataset), {})
        tables = shared.setdefault(chain_id, {}) if form.table in _SHARED else group
        tables.setdefault(form.table, []).append(_table(form, item, body, name=unquote(name)))
    return merged(
        _READERS[dataset](tables, _known(Chain.of(chain_id), shared.get(chain_id, {})))
        for (chain_id, dataset), tables in sorted(groups.items())
    )


def _known(chain: Chain, shared: Mapping[str, Sequence[Table]]) -> Tokens:
    """Return what a chain's tables of tokens and contracts tell, of whichever data set."""
    return Tokens.read(chain, shared.get("tokens", ()), shared.get("contracts", ()))


def _table(form: Format, item: Evidence, body: bytes, *, name: str) -> Table:
    if form in STATEMENTS:
        table = bank.statement_table(form.table, body, name)
    else:
        table = read_columns(body, name, only=form.used, lossy=form.lossy)
        lacking = _lacking(form, table.columns, sparse=is_sparse(body))
        if lacking:
            raise InputError(f"{name} lacks {', '.join(sorted(lacking))}, so it is not {form.media}")
    return replace(table, evidence=item.number, fetched_at=item.fetched_at, source=item.source)
