"""The lines of a portal's stream: one block each, in order, and reading their fields with doubt.

A stream may end anywhere, by design of the service; its last whole line says how far it came. What stands
after the last newline was cut off and is not read.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from flowtrace.errors import InputError
from flowtrace.fetch.source import unreadable
from flowtrace.model import Answer

Row = Mapping[str, Any]
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,64}|[0-9]{1,78}")  # hexadecimal on EVM chains, decimal elsewhere
_MOST = 1 << 256
_LONGEST = 256  # of a hash, an address, a name; what is longer is none
_MOST_PLACES = 30  # of a decimal number, on either side of its point


@dataclass(frozen=True, slots=True)
class Block:
    """One line: a block's number, hash and time, as its dataset writes them, and the tables asked for."""

    number: int
    hash: str
    time: int
    tables: Row

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none where nothing of it was found."""
        return rows_of(self.tables, table)

    def by_transaction(self, table: str) -> dict[int, list[Row]]:
        """Return the rows of a table by the index of their transaction in the block."""
        found: dict[int, list[Row]] = {}
        for row in self.rows(table):
            found.setdefault(whole(row, "transactionIndex"), []).append(row)
        return found

    def transactions(self) -> dict[int, Row]:
        """Return the transactions by their index, in the order of the block."""
        rows = {whole(row, "transactionIndex"): row for row in self.rows("transactions")}
        if len(rows) != len(self.rows("transactions")):
            raise InputError("two transactions have one index")
        return dict(sorted(rows.items()))


def blocks_of(answer: Answer, first: int, last: int) -> Iterator[Block]:
    """Read the whole lines of an answer to a question about the blocks from ``first`` to ``last``.

    Raises
    ------
    UnreadableError
        If a line is no block, or of another block than asked for, or out of order.
    """
    reached = first - 1
    for place, line in enumerate(io.BytesIO(answer.body)):
        if not line.endswith(b"\n"):
            return
        try:
            block = _block(line)
        except InputError as error:
            raise unreadable(answer, f"line {place} of which {error}") from None
        if not reached < block.number <= last:
            asked = f"asked for were blocks after {reached} up to {last}"
            raise unreadable(answer, f"line {place} of block {block.number}, where {asked}")
        reached = block.number
        yield block


def _block(line: bytes) -> Block:
    found = parsed_row(line)
    header = inner(found, "header")
    return Block(whole(header, "number"), text(header, "hash"), whole(header, "timestamp"), found)


def parsed(body: bytes) -> Any:  # noqa: ANN401  JSON
    """Read JSON with every number exact."""
    try:
        return json.loads(body, parse_float=_decimal, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise InputError("no JSON can be read") from None


def parsed_row(body: bytes) -> Row:
    """Read a JSON object with every number exact."""
    found = parsed(body)
    if not isinstance(found, dict):
        raise InputError(f"there is {_named(found)}, not a row")
    return found


def _decimal(number: str) -> Decimal:
    try:
        return Decimal(number)
    except ArithmeticError:
        raise ValueError(number) from None


def _refused(number: str) -> NoReturn:
    raise ValueError(number)


def text(row: Row, key: str) -> str:
    """Return a field that must be text: a name, a hash, an account, and so not much of it and plain."""
    value = row.get(key)
    plain = isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()
    if not isinstance(value, str) or not plain:
        raise InputError(f"{key} is {_named(value)}, which is no name or hash")
    return value


def whole(row: Row, key: str) -> int:
    """Return a field that must be a whole number from 0 to 2^256 - 1, as a number or as text."""
    value = row.get(key)
    if type(value) is int and 0 <= value < _MOST:
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = int(value, 16 if value.startswith("0x") else 10)
        if number < _MOST:
            return number
    raise InputError(f"{key} is {_named(value)}, which is no whole number")


def whole_or_none(row: Row, key: str) -> int | None:
    """Return a whole number, or None where the field is absent or null."""
    return None if row.get(key) is None else whole(row, key)


def units(row: Row, key: str, decimals: int) -> int:
    """Return the base units of a field that holds whole coins as a decimal number.

    The service keeps such a number as floating point and writes its shortest form, which is the exact one:
    more places than the coin has are not rounded but refused.
    """
    value = row.get(key)
    if type(value) is int:
        value = Decimal(whole(row, key))
    if not isinstance(value, Decimal):
        raise InputError(f"{key} is {_named(value)}, which is no amount")
    sign, digits, exponent = value.as_tuple()
    if sign or len(digits) > _MOST_PLACES or not isinstance(exponent, int) or abs(exponent) > _MOST_PLACES:
        raise InputError(f"{key} is {_named(value)}, which is no amount")
    number, shift = int("".join(map(str, digits))), exponent + decimals
    scale: int = 10 ** abs(shift)
    if shift < 0 and number % scale:
        raise InputError(f"{key} is {value}, which has more than {decimals} places")
    return number * scale if shift >= 0 else number // scale


def inner(row: Row, key: str) -> Row:
    """Return a field that is a row of its own; an empty one where it is absent or null."""
    value = row.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{key} is {_named(value)}, which is no row")
    return value


def rows_of(row: Row, key: str) -> list[Row]:
    """Return a field that is a list of rows; none where it is absent or null."""
    rows = row.get(key)
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise InputError(f"{key} is {_named(rows)}, which are no rows")
    return rows


def _named(value: object) -> str:
    """Return a value for a message: text as it is; of anything else its type, for it may be endless."""
    return f"{value!r:.80}" if isinstance(value, str) or value is None else f"a {type(value).__name__}"
