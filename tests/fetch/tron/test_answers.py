"""TronGrid's answers: recorded, contradicting each other, or anything at all in the place of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.services import Reply
from fetch.tron.test_dialect import LISTS, WHOLE, history, moved, worth
from fetch.tron_service import TRON, Grid, Row, chain, provider, run
from flowtrace.errors import FlowtraceError, UnreadableError
from flowtrace.fetch.source import Pin
from flowtrace.fetch.tron import dialect as tron
from flowtrace.fetch.tron.lists import TimeList
from flowtrace.model import Address, Request, Scope

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis/trongrid"
CHANGES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "a row without its hash": ("/transactions?", lambda found: found["data"][0].pop("txID")),
    "a row of no block": ("/transactions?", lambda found: found["data"][0].update(blockNumber="x")),
    "a row of another block": ("/transactions?", lambda found: found["data"][0].update(blockNumber=19)),
    "a row without a time": ("/transactions?", lambda found: found["data"][0].pop("block_timestamp")),
    "a row of another time": ("/transactions?", lambda found: found["data"][0].update(block_timestamp=5**30)),
    "a row without its contract": ("/transactions?", lambda found: found["data"][0].update(raw_data={})),
    "rows that are none": ("/transactions?", lambda found: found.update(data=[5])),
    "an empty page that leads on": (
        "/trc20?",
        lambda found: found.update(data=[], meta={"fingerprint": "x"}),
    ),
    "another transaction": ("gettransactioninfobyid?", lambda found: found.update(id="0" * 64)),
    "a block without it": ("blocknum?", lambda found: found.clear()),
    "a log that lies": ("blocknum?", lambda found: found[0].update(internal_transactions={"a": 1})),
    "an account that lies": ("getaccount?", lambda found: found.update(balance=-1)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_answers_that_contradict_each_other_are_asked_for_again(what: str) -> None:
    """What is not of the form that was promised, or not what another answer says, is never read past."""
    path, change = CHANGES[what]

    class Changed(Grid):
        def answer(self, request: Request) -> Reply:
            status, headers, body = super().answer(request)
            found = json.loads(body)
            if path in self.asked[-1] and (not isinstance(found, dict) or found.get("data") != []):
                change(found)
            return status, headers, json.dumps(found).encode()

    with pytest.raises(UnreadableError):
        history(Changed(chain()))


ANSWERS = (
    b"", b"null", b"[]", b"{}", b"[{}]", b'{"data":[]}', b'{"data":{}}', b'{"data":[],"success":true}', b"5",
    b'{"success":false,"error":"too many","statusCode":429}', b'{"Error":"class java.lang.NullPointer"}',
    b"[" * 10_000, b'{"balance":' + b"9" * 5_000 + b"}", b"<html>", b'{"constant_result":["zz"]}',
)  # fmt: skip


@given(st.integers(0, 40), st.sampled_from(ANSWERS))
@settings(max_examples=400, deadline=None)
def test_any_answer_in_any_place_is_an_error_or_no_gap(place: int, body: bytes) -> None:
    """One answer of the run replaced by anything: a flowtrace error, or a coverage that is true."""

    class Broken(Grid):
        def answer(self, request: Request) -> Reply:
            good = super().answer(request)
            return (200, {}, body) if len(self.asked) == place + 1 else good

    try:
        rows, coverage = history(Broken(chain()))
    except FlowtraceError:
        return
    unchecked = "not checked" in coverage[Scope.EXTERNAL].check
    complete = all(one.complete for one in coverage.values())
    assert unchecked or not complete or worth(moved(rows)) == worth(WHOLE)


@pytest.mark.real
def test_recorded_rows_are_read() -> None:
    """Real rows of transactions and tokens: two payments to the sun, four token rows with their contract."""
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded answers at {RECORDED}")
    rows = json.loads((RECORDED / "accounts_transactions.json").read_bytes())["data"]
    paid = []
    for row in rows:
        (contract,) = row["raw_data"]["contract"]
        info = {"id": row["txID"], "blockNumber": row["blockNumber"], "fee": row["ret"][0]["fee"]}
        grid = Replayed([row], {"blockTimeStamp": row["block_timestamp"], **info})
        owner = contract["parameter"]["value"]["owner_address"]
        found, _ = history(grid, owner)
        paid += [(one.position, one.amount.units) for one in moved(found)]
    assert paid == [("fee", 0), ("value", 5), ("fee", 1_100_000), ("value", 100_000_000)]
    tokens = json.loads((RECORDED / "accounts_transactions_trc20.json").read_bytes())["data"]
    assert [int(row["value"]) for row in tokens] == [1_500_000, 1_000_000, 500_000, 1_506_542]
    one = TimeList(provider(page=200), Address(TRON.id, "TAVrrARNdnjHgCGMQYeQV7hv4PSu7mVsMj"), LISTS[1])
    grid = Replayed(tokens[::-1], {})
    run(grid, tron._walked(one, 1 << 50))  # noqa: SLF001  a list by itself
    assert len(one.rows) == 4


class Replayed(Grid):
    """Answers every list with the same rows, in pages, and every block with one transaction's information."""

    def __init__(self, rows: list[Row], info: Row) -> None:
        super().__init__(chain())
        self.pin = Pin(TRON.id, 1 << 40, "", 1 << 40)
        self._recorded, self._info = rows, info

    def _listed(self, _name: str, path: str, asked: dict[str, str]) -> Reply:
        first, last = int(asked["min_timestamp"]), int(asked.get("max_timestamp", 1 << 60))
        wanted = path == "transactions" if self._info else path == "transactions/trc20"
        rows = [row for row in self._recorded if wanted and first <= row["block_timestamp"] <= last]
        return 200, {}, json.dumps({"data": rows, "success": True, "meta": {}}).encode()

    def _gettransactioninfobyblocknum(self, asked: Row) -> Any:  # noqa: ANN401  JSON
        return [self._info] if asked["num"] == self._info["blockNumber"] else {}
