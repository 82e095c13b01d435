"""Rows that contradict each other, and single damaged cells: named by row, or no worse than stated."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from files.worlds import BUSY, PAID, PEOPLE, by_id, moves
from files.wrappings import (
    Cells,
    as_csv,
    etl,
    imported,
    receipt,
    token_transfers,
    traces,
    transactions,
    whole_blocks,
)
from flowtrace.errors import InputError

ANN, _, _, DAN = PEOPLE
CONTRADICTIONS: dict[str, Mapping[str, Sequence[Cells]]] = {
    "two receipts": {"receipts.csv": [receipt(PAID), receipt(PAID) | {"status": 0}]},
    "two rows": {"transactions.csv": [*transactions([PAID]), transactions([PAID])[0] | {"value": 8}]},
    "row and trace": {"transactions.csv": [transactions([PAID])[0] | {"value": 8}]},
    "giver and trace": {"transactions.csv": [transactions([PAID])[0] | {"from_address": DAN.account}]},
    "receipt and trace": {"receipts.csv": [receipt(PAID) | {"status": 0}]},
    "block and row": {"blocks.csv": [whole_blocks([PAID])[0] | {"timestamp": 5}]},
    "two blocks": {
        "blocks.csv": [*whole_blocks([PAID]), whole_blocks([PAID])[0] | {"hash": "0x" + "9" * 64}]
    },
    "trace elsewhere": {
        "traces.csv": [traces([PAID], parity=True)[0] | {"transaction_hash": "0x" + "9" * 64}]
    },
    "two traces": {
        "traces.csv": [*traces([PAID], parity=True), traces([PAID], parity=True)[0] | {"value": 8}]
    },
    "effect below failure": {
        "traces.csv": [
            traces([PAID], parity=True)[0] | {"error": "Reverted", "status": 0},
            traces([PAID], parity=True)[0] | {"trace_address": "0"},
        ],
        "receipts.csv": [receipt(PAID) | {"status": 0}],
    },
    "log of a failure": {
        "token_transfers.csv": [token_transfers([BUSY])[0] | {"transaction_hash": PAID.hash}],
        "receipts.csv": [receipt(PAID) | {"status": 0}],
        "traces.csv": [traces([PAID], parity=True)[0] | {"error": "Reverted", "status": 0}],
    },
}


@pytest.mark.parametrize("told", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_rows_that_contradict_each_other_are_named(told: Mapping[str, Sequence[Cells]]) -> None:
    """Two words on one thing are an error with file and row, never a choice."""
    files = etl([PAID]) | {name: as_csv(rows) for name, rows in told.items()}
    with pytest.raises(InputError, match=r"^\w+\.csv, row \d+, [\w ]+: ") as error:
        imported(files)
    assert "\n" not in str(error.value)


WORDS = (
    *(
        "",
        "-1",
        "1.5",
        "1e18",
        "=1+1",
        "NaN",
        "0x12",
        "9" * 80,
        "9" * 5000,
        "true",
        "call",
        "7",
        "2",
        "0",
        "1",
    ),
    *("a\x00b", "\x1b[2J", ANN.account, DAN.account, "0x" + "9" * 64, "0,0", "1,000"),
)
WORLD = [PAID, BUSY]


def check_named(told: str) -> None:
    """Hold an error to its form: file, row, one line, not long."""
    assert re.match(r"\w+\.csv, row \d+", told)
    assert "\n" not in told
    assert len(told) < 400


@given(st.data())
@settings(max_examples=400)
def test_a_damaged_cell_is_named_or_changes_only_what_it_states(data: st.DataObject) -> None:
    """Any one cell: refused with file and row; or no other transaction's transfers change in the least."""
    parity = data.draw(st.booleans())
    files = etl(WORLD, parity=parity)
    name = data.draw(st.sampled_from([name for name in files if name != "tokens.csv"]))
    header, *rows = csv.reader(io.StringIO(files[name].decode()))
    row, column = data.draw(st.sampled_from(range(len(rows)))), data.draw(st.sampled_from(range(len(header))))
    was, now = rows[row][column], data.draw(st.sampled_from(WORDS))
    rows[row][column] = now
    files[name] = as_csv([dict(zip(header, cells, strict=True)) for cells in rows])
    whole = by_id(moves(WORLD))
    try:
        found = imported(files)
    except InputError as error:
        event("refused")
        check_named(str(error))
        return
    place = dict(zip(header, rows[row], strict=True))
    if header[column] == "value":
        changed = [t for t in found.transfers if whole[t.id] != t]
        assert all(t.amount.units == int(now) for t in changed)
        assert len(changed) <= 1
    elif name != "blocks.csv":
        tx = was if header[column].endswith("hash") else place.get("hash") or place.get("transaction_hash")
        touched = {tx} if tx else {t.hash for t in WORLD if str(t.index) in (was, place["transaction_index"])}
        others = {i: t for i, t in whole.items() if t.tx not in touched}
        assert {
            i: t for i, t in by_id(found.transfers).items() if t.tx not in {*touched, now.lower()}
        } == others
