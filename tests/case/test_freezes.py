"""Issuers' freezes in a case: asked of TRON's service and of an explorer, and kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from fetch.server import Server
from fetch.services import Reply
from fetch.tron.test_freezes import ADDED, ADDRESSES, DESTROYED, REMOVED, Issuer, event
from fetch.tron_service import ANN, BEN, CLEO
from flowtrace import Case
from flowtrace.case import Reach, Target
from flowtrace.case.freezes import Asked, ask_freezes, freezes_in
from flowtrace.case.work import book_of
from flowtrace.labels import load_labels
from flowtrace.model import ETHEREUM, Act, Address, Freeze, Label, Request, Use, frozen_at, frozen_by
from flowtrace.moves.freezes import EVENTS, issued_on

TOPICS = {name: topic for topic, (_, name) in EVENTS.items()}
USDC, USDT = issued_on(ETHEREUM)


def asked(
    answer: Callable[[Request], Reply], *, case: Case, addresses: list[Address], reach: Reach
) -> tuple[dict[str, str], dict[tuple[str, str], Asked]]:
    """Ask a service at a real address of this machine; return why not, and what is known then."""

    async def run() -> dict[str, str]:
        async with Server(answer) as server:
            with pytest.MonkeyPatch.context() as patch:
                for name in ("FLOWTRACE_TRON_TRON", "FLOWTRACE_EXPLORER_1"):
                    patch.setenv(name, server.url)
                return await ask_freezes(case, addresses, reach)

    missed = asyncio.run(run())
    told = freezes_in(case.folder).asked()
    return missed, {(one.address.account, one.asset.symbol): one for one in told}


def started(folder: Path, address: Address) -> Case:
    """Start a case about an address."""
    return Case.of_target(Target(address.chain, address), folder)


def own() -> Reach:
    """Return the reach to the server of one's own."""
    return Reach(services=("own",))


def test_a_case_on_tron(tmp_path: Path) -> None:
    """Events tell since when, the state of the moment whether; it is asked anew, contradictions are said."""
    events = [event(ADDED, ANN, 5), event(ADDED, BEN, 6), event(REMOVED, BEN, 7)]
    grid = Issuer([*events, event(DESTROYED, ANN, 8, units="77")], frozen=[ANN])
    ann, ben, cleo = ADDRESSES
    case = started(tmp_path / "c", ann)
    missed, told = asked(grid.answer, case=case, addresses=ADDRESSES, reach=own())
    assert missed == {}
    first = told[ann.account, "USDT"]
    assert first.frozen is not None
    assert (first.frozen.event, first.frozen.height, first.frozen.day) == (ADDED, 5, "2020-09-13")
    assert first.state is not None
    assert first.state.of.startswith("the newest final block at 20")
    assert told[ben.account, "USDT"].frozen is None
    assert not any(one.contradiction for one in told.values())

    grid.frozen = {BEN, CLEO}  # without an event: the contract's word against the list's
    _, told = asked(grid.answer, case=case, addresses=ADDRESSES, reach=own())
    assert told[ann.account, "USDT"].frozen is None
    assert "but isBlackListed answers no" in told[ann.account, "USDT"].contradiction
    assert "the last event up to block 20 is RemovedBlackList" in told[ben.account, "USDT"].contradiction
    found = told[cleo.account, "USDT"].frozen
    assert found is not None
    assert (found.tx, found.height) == ("", 0)
    assert "no event up to block 20 freezes it" in told[cleo.account, "USDT"].contradiction
    again = freezes_in(case.folder)
    assert list(again.labels()) == list(freezes_in(case.folder).labels())

    grid.frozen = {ANN}
    offline = Reach(services=("own",), offline=True)
    before = told
    _, told = asked(grid.answer, case=case, addresses=ADDRESSES, reach=offline)
    assert told == before


class Etherscan:
    """An explorer with logs of USDT's contract, a state, and a head; ``silent`` where it tells no state."""

    def __init__(self, logs: list[dict[str, object]], frozen: str = "", *, silent: bool = False) -> None:
        self.logs = logs
        self.frozen = frozen
        self.silent = silent
        self.calls = 0

    def answer(self, request: Request) -> Reply:
        """Answer as Etherscan does."""
        asked_for = dict(parse_qsl(urlsplit(request.url).query))
        return 200, {"content-type": "application/json"}, json.dumps(self._told(asked_for)).encode()

    def _told(self, asked_for: dict[str, str]) -> dict[str, object]:
        self.calls += asked_for["action"] == "eth_call"
        match asked_for["action"]:
            case "eth_blockNumber":
                return {"jsonrpc": "2.0", "id": 1, "result": hex(100)}
            case "eth_getBlockByNumber":
                block = {
                    "number": asked_for["tag"],
                    "hash": "0x" + "ab" * 32,
                    "timestamp": hex(1_700_000_000),
                }
                return {"jsonrpc": "2.0", "id": 1, "result": block}
            case "eth_call" if self.silent:
                return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "missing trie node"}}
            case "eth_call":
                yes = asked_for["to"] == USDT.contract and asked_for["data"].endswith(self.frozen[2:])
                return {"jsonrpc": "2.0", "id": 1, "result": f"0x{yes:064x}"}
            case _:
                rows = [
                    log for log in self.logs
                    if (log["address"], log["topics"]) == (asked_for["address"], [asked_for["topic0"]])
                ]  # fmt: skip
                message = "OK" if rows else "No records found"
                return {"status": "1" if rows else "0", "message": message, "result": rows}


def log(name: str, account: str, height: int) -> dict[str, object]:
    """Return an event of Tether's contract as Etherscan lists it."""
    return {
        "address": USDT.contract, "topics": [TOPICS[name]], "data": "0x" + account[2:].rjust(64, "0"),
        "blockNumber": hex(height), "timeStamp": hex(1_600_000_000 + height), "logIndex": "0x",
        "transactionHash": "0x" + f"{height:064x}", "transactionIndex": "0x1", "gasUsed": "0x1",
    }  # fmt: skip


@pytest.mark.parametrize("silent", [False, True])
def test_an_explorer_tells_it_too(tmp_path: Path, *, silent: bool) -> None:
    """Logs topic by topic, and the state where the service has one: where not, that is said, and no more."""
    ann, ben = (Address.parse(ETHEREUM, "0x" + pair * 20) for pair in ("a1", "b2"))
    service = Etherscan(
        [log(ADDED, ann.account, 20), log(ADDED, "0x" + "c3" * 20, 21)], ann.account, silent=silent
    )
    case = started(tmp_path / "c", ann)
    missed, told = asked(service.answer, case=case, addresses=[ann, ben], reach=own())
    assert list(missed) == (["state on ethereum"] if silent else [])
    assert service.calls == (1 if silent else 4)  # who refuses one is asked no more
    frozen = told[ann.account, "USDT"].frozen
    assert frozen is not None
    assert (frozen.event, frozen.height) == (ADDED, 20)
    assert (told[ann.account, "USDT"].state is None) is silent
    assert told[ben.account, "USDT"].frozen is None
    assert told[ann.account, "USDC"].frozen is None
    assert not any(one.contradiction for one in told.values())
    (label,) = book_of(case.folder).of(ann)
    assert (label.use, label.confidence) == (Use.FROZEN, "ledger_immanent")


def test_a_label_says_what_its_freeze_was() -> None:
    """A freeze, its label, and the freeze read from the label are one; a released one is none."""
    ann = Address.parse(ETHEREUM, "0x" + "a1" * 20)
    act = Freeze(ann, USDT, "Tether", Act.FROZEN, ADDED, "0x" + "cd" * 32, 20, 1_700_000_000, 5)
    for label in (act.label(), act.label("the file a.csv"), act.label(remark="so it is")):
        found = frozen_by(label)
        assert found is not None
        assert (found.asset, found.event, found.tx, found.height) == (str(USDT), ADDED, act.tx, 20)
    gone = Freeze(ann, USDT, "Tether", Act.RELEASED, REMOVED, "0x" + "ce" * 32, 21, 1_700_000_100)
    assert frozen_at([act.label("the file a.csv"), gone.label()], ann, USDT) is None
    assert frozen_at([act.label(), gone.label()], ann, USDC) is None
    later = Freeze(ann, USDT, "Tether", Act.FROZEN, ADDED, "0x" + "cf" * 32, 22, 1_700_000_200)
    stands = frozen_at([act.label(), gone.label(), later.label()], ann, USDT)
    assert stands is not None
    assert stands.height == 22


def test_a_shipped_freeze_counts_until_the_contract_denies_it(tmp_path: Path) -> None:
    """Tether's freezes of the bundled set mark value too; an answer that an address is free ends that."""
    shipped = next(one for one in load_labels() if one.use is Use.FROZEN)
    held = frozen_at([shipped], shipped.address, USDT)
    assert held is not None
    assert held.tx.startswith("0x")
    case = started(tmp_path / "c", shipped.address)
    assert frozen_at(book_of(case.folder).of(shipped.address), shipped.address, USDT) == held
    service = Etherscan([], "0x" + "c3" * 20)
    asked(service.answer, case=case, addresses=[shipped.address], reach=own())
    said = book_of(case.folder).of(shipped.address)
    assert frozen_at(said, shipped.address, USDT) is None
    assert any(
        "contradiction: labels have it frozen, but isBlackListed answers no" in one.text for one in said
    )


@pytest.mark.parametrize(
    "text", ["USDT frozen by", "frozen by Tether", "USDT frozen by Tether\n(x)", "x" * 10_000]
)
def test_a_stranger_s_words_are_no_freeze(text: str) -> None:
    """What is not in the words of a freeze marks nothing."""
    ann = Address.parse(ETHEREUM, "0x" + "a1" * 20)
    act = Freeze(ann, USDT, "Tether", Act.FROZEN, ADDED, "0x" + "cd" * 32, 20, 1_700_000_000).label()
    said = Label(ann, text, act.category, Use.FROZEN, None, act.source, "unknown", "2026-01-01")
    assert frozen_by(said) is None
