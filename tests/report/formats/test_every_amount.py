"""Every amount of a result comes out of every format digit for digit, whatever its size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowtrace.model import Asset, Hop, Result, decimal_text, envelope
from flowtrace.report.formats import FORMATS, exported
from report.coin_result import HEIST, UNVEIL, VEIL, coin_result
from report.formats import readers
from report.formats.enlarged import HUGE, enlarged
from report.toy_result import toy_result

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
RESULTS: dict[str, Callable[[], Result]] = {
    "accounts": toy_result,
    "coins": coin_result,
    "no address": lambda: coin_result((HEIST, VEIL, UNVEIL)),
}
SLOW = {"xlsx", "parquet"}
# GraphSense has no field for an amount: the note of a transaction states what moved, and the range.
BRIEF = {"graphsense"}


def _files(result: Result, name: str) -> dict[str, bytes]:
    return {file.partition("/")[2]: body for file, body in exported(result, [name]).items()}


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def _forms(asset: Asset, units: int) -> set[str]:
    """Return both ways to write an amount: base units, and exact decimal text."""
    return {str(units), decimal_text(units, asset.decimals)}


def _amounts(hop: Hop, *, brief: bool) -> Iterable[int]:
    return (*envelope(hop.taint), *(() if brief else hop.taint.values()))


def _is_whole(result: Result, name: str) -> None:
    rows = readers.FLOW[name](_files(result, name))
    assert set(rows) == {str(hop.row) for hop in result.trace.hops}
    for hop in result.trace.hops:
        found, asset = _numbers(rows[str(hop.row)]), hop.amount.asset
        assert str(hop.amount.units) in found, (name, hop.row)
        for units in _amounts(hop, brief=name in BRIEF):
            assert _forms(asset, units) & found, (name, hop.row, units)


@pytest.mark.parametrize("name", sorted(readers.FLOW))
@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_each_payment_keeps_its_amounts(name: str, kind: str) -> None:
    """Amount, taint under each rule, low and high stand with the row they belong to, at 2^200 times too."""
    _is_whole(RESULTS[kind](), name)
    _is_whole(enlarged(RESULTS[kind](), HUGE + 1), name)


@pytest.mark.parametrize("name", sorted(set(readers.FLOW) - SLOW))
@given(times=st.integers(1, HUGE))
@example(times=HUGE)
@settings(max_examples=15, deadline=None)
def test_any_size_comes_through(name: str, times: int) -> None:
    """So do amounts of any size up to 2^200 and beyond."""
    _is_whole(enlarged(toy_result(), times), name)


@pytest.mark.parametrize("name", sorted(SLOW))
@given(times=st.integers(1, HUGE))
@settings(max_examples=4, deadline=None)
def test_any_size_comes_through_files_of_tables(name: str, times: int) -> None:
    """The same for the formats that take longer to write."""
    _is_whole(enlarged(toy_result(), times), name)


@pytest.mark.parametrize("name", ["json", "csv", "xlsx", "parquet", "graphml", "gexf", "cytoscape", "neo4j",
                                  "misp", "stix", "ftm", "tagpack", "html"])  # fmt: skip
def test_each_stop_keeps_its_amounts(name: str) -> None:
    """What an address received and what rests there under each rule is told of it."""
    result = enlarged(toy_result(), HUGE + 1)
    found = _numbers(_text(_files(result, name)))
    for stop in result.trace.stops:
        for units in (stop.received, *stop.taint.values(), *envelope(stop.taint)):
            assert str(units) in found, (name, stop.address)


def _text(files: dict[str, bytes]) -> str:
    """Return all that files say, read by what reads them where they are not text."""
    if "flowtrace.xlsx" in files:
        return str(readers.sheet_rows(files["flowtrace.xlsx"], "stops"))
    if "stops.parquet" in files:
        return str(readers.parquet_rows(files["stops.parquet"])[1])
    if "tagpack.yaml" in files:
        return str(readers.tags(files))
    return b"\n".join(files.values()).decode()


@pytest.mark.parametrize("name", ["json", "csv", "xlsx", "parquet"])
def test_the_formats_of_the_whole_result_keep_all_else(name: str) -> None:
    """Thefts, accounts under each rule and every transfer of the ledger are there too."""
    result = enlarged(toy_result(), HUGE + 1)
    files = _files(result, name)
    found = _numbers("\n".join(_all(name, files)))
    parts = ("stolen", "clean", "fees", "resting")
    amounts = [getattr(account, part) for account in result.trace.accounts for part in parts]
    amounts += [leg.units for transfer in result.transfers for leg in transfer.outputs]
    amounts += [theft.units for theft in result.incident.thefts]
    assert {str(units) for units in amounts} <= found


def _all(name: str, files: dict[str, bytes]) -> Iterable[str]:
    tables = ("thefts", "accounts", "transfers")
    if name == "xlsx":
        return (str(readers.sheet_rows(files["flowtrace.xlsx"], table)) for table in tables)
    if name == "parquet":
        return (str(readers.parquet_rows(files[f"{table}.parquet"])[1]) for table in tables)
    return (body.decode() for body in files.values())


def test_every_format_is_read_back() -> None:
    """No format is without a test of its amounts."""
    assert set(FORMATS) == set(readers.FLOW) | {"tagpack"}
