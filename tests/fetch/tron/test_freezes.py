"""Issuers' freezes on TRON: TronGrid's list of a contract's events, and what its node answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from fetch.services import Reply
from fetch.tron_service import ANN, BEN, CLEO, TRON, USDT, Grid, Row, account, chain, run
from flowtrace.errors import FlowtraceError, SourceError
from flowtrace.fetch.source import Rows
from flowtrace.fetch.tron.freezes import freezes, states
from flowtrace.model import Act, Address, Freeze, FreezeState, Request

ADDRESSES = [Address(TRON.id, account(one)) for one in (ANN, BEN, CLEO)]
ADDED, REMOVED, DESTROYED = "AddedBlackList", "RemovedBlackList", "DestroyedBlackFunds"


def event(name: str, who: str, number: int, *, index: int = 0, units: str = "") -> Row:
    """Return an event of USDT's contract as TronGrid lists it."""
    key = "_blackListedUser" if name == DESTROYED else "_user"
    more = {"1": units, "_balance": units} if units else {}
    return {
        "block_number": number, "block_timestamp": 1_600_000_000_000 + 3000 * number, "event_index": index,
        "caller_contract_address": account(USDT), "contract_address": account(USDT), "event_name": name,
        "result": {"0": f"0x{who[2:]}", key: f"0x{who[2:]}", **more}, "result_type": {key: "address"},
        "event": f"{name}(address indexed {key})", "transaction_id": f"{number:060x}{index:04x}",
    }  # fmt: skip


class Issuer(Grid):
    """TronGrid with a list of the contract's events; ``deaf`` where it does not heed the times asked for."""

    def __init__(self, events: Iterable[Row], frozen: Iterable[str] = ()) -> None:
        super().__init__(chain())
        self.events = sorted(events, key=lambda row: (row["block_timestamp"], row["event_index"]))
        self.frozen = set(frozen)
        self.deaf = False
        self.provider = replace(self.provider, page=200)

    def answer(self, request: Request) -> Reply:
        """Answer for the contract's events; for all else as the service does."""
        parts = urlsplit(request.url)
        if not parts.path.startswith("/v1/contracts/"):
            return super().answer(request)
        asked = dict(parse_qsl(parts.query))
        first, last = int(asked["min_block_timestamp"]), int(asked["max_block_timestamp"])
        rows = [
            one
            for one in self.events
            if one["event_name"] == asked["event_name"]
            and (self.deaf or first <= one["block_timestamp"] <= last)
        ]
        start, size = int(asked.get("fingerprint", "0")), min(int(asked["limit"]), self.most)
        meta = {"fingerprint": str(start + size)} if start + size < len(rows) and not self.forgets else {}
        body = {"data": rows[start : start + size], "success": True, "meta": meta}
        return 200, {"content-type": "application/json"}, json.dumps(body).encode()

    def _triggerconstantcontract(self, asked: Row) -> Row:
        if asked["function_selector"] != "isBlackListed(address)":
            return super()._triggerconstantcontract(asked)
        return {"constant_result": [f"{asked['owner_address'] in self.frozen:064x}"]}


def told(grid: Issuer) -> list[Freeze]:
    """Return the acts that are read."""
    rows, _ = run(grid, freezes(grid.provider, ADDRESSES, grid.pin))
    return [one for one in rows.frozen if isinstance(one, Freeze)]


def crowd(count: int) -> list[Row]:
    """Return events about others, one a block, then some about Ann."""
    others = [event(ADDED, f"41{n:040x}", n // 3, index=n % 3 + 1) for n in range(count)]
    return [*others, event(ADDED, ANN, 10), event(REMOVED, ANN, 12), event(DESTROYED, BEN, 11, units="77")]


@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("most", [4, 7, 200])
def test_a_list_is_walked_to_its_end(*, most: int, forgets: bool) -> None:
    """Whether it says that it goes on or not, all events up to the case's block are read, each once."""
    grid = Issuer(crowd(27))
    grid.most, grid.forgets = most, forgets
    found = sorted(told(grid), key=lambda one: one.height)
    assert [(one.address, one.act, one.height, one.units) for one in found] == [
        (ADDRESSES[0], Act.FROZEN, 10, None),
        (ADDRESSES[1], Act.DESTROYED, 11, 77),
        (ADDRESSES[0], Act.RELEASED, 12, None),
    ]
    assert {one.time for one in found} == {1_600_000_030, 1_600_000_033, 1_600_000_036}


def test_what_comes_after_the_case_s_block_is_not_asked_for() -> None:
    """A freeze above the pin is none yet."""
    assert not told(Issuer([event(ADDED, ANN, 21)]))


def test_a_service_that_does_not_heed_the_times_is_no_end() -> None:
    """Rows that were not asked for are an error: else a first page would stand for the whole list."""
    grid = Issuer(crowd(27))
    grid.most, grid.forgets, grid.deaf = 4, True, True
    with pytest.raises(FlowtraceError, match="not within what was asked for"):
        told(grid)


def test_a_moment_that_fills_a_page_is_said() -> None:
    """Where no question can lead on, the list is not taken for complete."""
    grid = Issuer([event(ADDED, f"41{n:040x}", 5 + n // 230, index=n) for n in range(231)])
    grid.forgets = True
    with pytest.raises(SourceError, match="cuts off its list of AddedBlackList"):
        told(grid)


def test_an_event_of_another_contract_freezes_nothing() -> None:
    """A row that names another contract than the one asked for is not read."""
    wrong = event(ADDED, ANN, 5) | {"contract_address": account(BEN)}
    with pytest.raises(FlowtraceError, match="of the contract"):
        told(Issuer([wrong]))


def test_the_state_is_that_of_the_moment() -> None:
    """The node answers for its newest final block: no height is claimed for it."""
    grid = Issuer([], frozen=[ANN])
    rows: Rows
    rows, _ = run(grid, states(grid.provider, ADDRESSES, grid.pin))
    found = [one for one in rows.frozen if isinstance(one, FreezeState)]
    assert [(one.address, one.frozen, one.height) for one in found] == [
        (ADDRESSES[0], True, 0),
        (ADDRESSES[1], False, 0),
        (ADDRESSES[2], False, 0),
    ]
    assert all(one.function == "isBlackListed" for one in found)
