"""Issuers' freezes on a real node: contracts with the blacklists of Tether and Circle."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from commands import Command
from flowtrace import Case, verify
from real.anvil import Anvil, Contract, contracts_fixture, running  # noqa: F401  the same
from real.components import anvil_fixture, solc_fixture  # noqa: F401  fixtures, by name

pytestmark = pytest.mark.real
USDT, USDC = "0xdac17f958d2ee523a2206206994597c13d831ec7", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
THIEF, KEEPER, FREED, SILENT, CASHED = (f"0x{digit * 40}" for digit in "12345")
UNIT = 10**6


class Tokens:
    """The two tokens at the addresses of the real ones, on a node."""

    def __init__(self, node: Anvil, contracts: dict[str, Contract]) -> None:
        self.node = node
        self.contracts = {USDT: contracts["Tether"], USDC: contracts["Circle"]}
        for place, contract in self.contracts.items():
            made = node.made(node.accounts[0], contract.made([]))
            node.call("anvil_setCode", place, node.call("eth_getCode", made, "latest"))
        for account in (THIEF, FREED):
            node.call("anvil_impersonateAccount", account)
            node.call("anvil_setBalance", account, hex(10**18))

    def do(self, token: str, function: str, *values: object, by: str = "") -> dict[str, Any]:
        """Call a function; return the receipt."""
        data = self.contracts[token].call(function, *values)
        return self.node.done(by or self.node.accounts[0], token, data)


def world(tokens: Tokens) -> None:
    """Let a thief pay on what came to it; freeze one address, freeze and release another, one in silence."""
    victim = tokens.node.accounts[0]
    for token in (USDT, USDC):
        tokens.do(token, "issue", victim, 1000 * UNIT)
        tokens.do(token, "transfer", THIEF, 1000 * UNIT)
    tokens.do(USDT, "transfer", KEEPER, 600 * UNIT, by=THIEF)
    tokens.do(USDT, "transfer", FREED, 250 * UNIT, by=THIEF)
    tokens.do(USDT, "transfer", SILENT, 150 * UNIT, by=THIEF)
    tokens.do(USDC, "transfer", CASHED, 1000 * UNIT, by=THIEF)
    tokens.do(USDT, "addBlackList", KEEPER)
    tokens.do(USDT, "addBlackList", FREED)
    tokens.do(USDT, "removeBlackList", FREED)
    tokens.do(USDT, "setSilently", SILENT, True)  # noqa: FBT003  as the contract has it
    tokens.do(USDC, "blacklist", CASHED)
    tokens.node.call("anvil_mine", "0x3")


def rows(out: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the verb answers, per account and token."""
    asked = json.loads(out)["asked"]
    return {(one["address"].rpartition(":")[2], one["symbol"]): one for one in asked}


def test_a_frozen_amount_is_marked_everywhere(
    *,
    anvil_program: Path,
    contracts: dict[str, Contract],
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """State and events are asked and kept; what lies frozen has date, issuer, event, and all still sums."""
    monkeypatch.chdir(tmp_path)
    with running(anvil_program) as node:
        monkeypatch.setenv("FLOWTRACE_RPC_1", f"http://127.0.0.1:{node.port}")
        monkeypatch.setenv("FLOWTRACE_RPC_1_OPTIONS", "range=5 pace=500/1")
        tokens = Tokens(node, contracts)
        world(tokens)
        assert command("trace", THIEF, "--source", "own", "-q", "--case", "c")[0] == 0
        assert json.loads(Path("c/out/summary.json").read_bytes())["frozen"] == []

        code, out, err = command("freezes", "c", "--source", "own", "--json")
        assert (code, err) == (0, "")
        told = rows(out)
        day = told[KEEPER, "USDT"]["since"]
        assert (told[KEEPER, "USDT"]["event"], told[KEEPER, "USDT"]["state"]) == ("AddedBlackList", True)
        assert (told[CASHED, "USDC"]["event"], told[CASHED, "USDC"]["state"]) == ("Blacklisted", True)
        assert not told[FREED, "USDT"]["frozen"]
        assert not told[FREED, "USDT"]["contradiction"]
        assert not told[KEEPER, "USDC"]["frozen"]
        assert told[SILENT, "USDT"]["frozen"]
        assert "isBlackListed answers yes" in told[SILENT, "USDT"]["contradiction"]
        assert "no event up to block" in told[SILENT, "USDT"]["contradiction"]

        assert command("trace", THIEF, "--source", "own", "-q", "--case", "d", "--freezes")[0] == 0
        sent = node.height
        asked = len(list_of(Path("c"), "acquired"))
        assert command("freezes", "c", "--source", "own", "--offline")[0] == 0  # the evidence answers
        assert len(list_of(Path("c"), "acquired")) == asked
        assert node.height == sent

    code, out, err = command("trace", "c", "--offline")
    assert code == 0, err
    assert f"frozen by Tether since {day} (AddedBlackList in 0x" in " ".join(out.split())
    assert "Tether (frozen by the issuer)" in out
    summary = json.loads(Path("c/out/summary.json").read_bytes())
    known = summary["parameters"]["issuers' freezes on ethereum"]
    assert re.fullmatch(r"events to block \d+ of 6 addresses, state of 6", known)
    found = {one["address"].rpartition(":")[2]: one for one in summary["frozen"]}
    assert set(found) == {KEEPER, SILENT, CASHED}
    assert found[KEEPER]["since"] == day
    assert [found[one]["low"]["amount"] for one in (KEEPER, SILENT, CASHED)] == ["600", "150", "1000"]
    assert found[SILENT]["since"] == ""
    assert "contradiction" in found[SILENT]["remark"]
    assert json.loads(Path("d/out/summary.json").read_bytes())["frozen"] == summary["frozen"]
    assert all(check.passed for one in ("c", "d") for check in verify(Case(Path(one))))


def list_of(folder: Path, event: str) -> list[dict[str, Any]]:
    """Return the entries of a case's custody log."""
    with Case(folder).store() as store:
        return list(store.noted(event))


def test_a_release_after_the_pin_is_seen_on_refresh(
    *,
    anvil_program: Path,
    contracts: dict[str, Contract],
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """What is asked is asked of the case's block; a refresh reads on, and an address alone makes a case."""
    monkeypatch.chdir(tmp_path)
    with running(anvil_program) as node:
        monkeypatch.setenv("FLOWTRACE_RPC_1", f"http://127.0.0.1:{node.port}")
        monkeypatch.setenv("FLOWTRACE_RPC_1_OPTIONS", "range=5 pace=500/1")
        tokens = Tokens(node, contracts)
        tokens.do(USDT, "issue", KEEPER, 7 * UNIT)
        tokens.do(USDT, "addBlackList", KEEPER)
        node.call("anvil_mine", "0x3")
        words = ("freezes", KEEPER, "--source", "own", "--json", "--case", "alone")
        first = rows(command(*words)[1])[KEEPER, "USDT"]
        tokens.do(USDT, "destroyBlackFunds", KEEPER)
        tokens.do(USDT, "removeBlackList", KEEPER)
        node.call("anvil_mine", "0x3")
        again = rows(command(*words)[1])[KEEPER, "USDT"]
        later = rows(command(*words, "--refresh")[1])[KEEPER, "USDT"]
        assert first["frozen"]
        assert again == first
        assert not later["frozen"]
        assert later["state"] is False
        assert later["events_to_block"] > first["events_to_block"]
        said = command("labels", "show", KEEPER, "--case", "alone")[1]
        assert "USDT frozen by Tether (released since)" in said
        assert "USDT frozen and destroyed by Tether, 7 USDT" in said
        assert "USDT released by Tether" in said


def test_a_freeze_on_blocks_that_are_gone_is_none(
    *,
    anvil_program: Path,
    contracts: dict[str, Contract],
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Where the chain was rewritten below the case's block, what was told of it counts no more."""
    monkeypatch.chdir(tmp_path)
    with running(anvil_program) as node:
        monkeypatch.setenv("FLOWTRACE_RPC_1", f"http://127.0.0.1:{node.port}")
        monkeypatch.setenv("FLOWTRACE_RPC_1_OPTIONS", "range=5 pace=500/1")
        tokens = Tokens(node, contracts)
        tokens.do(USDT, "issue", KEEPER, 7 * UNIT)
        before = node.height
        tokens.do(USDT, "addBlackList", KEEPER)
        node.call("anvil_mine", "0x3")
        words = ("freezes", KEEPER, "--source", "own", "--json", "--case", "alone")
        assert rows(command(*words)[1])[KEEPER, "USDT"]["frozen"]
        node.call("anvil_reorg", node.height - before, [])
        node.call("anvil_mine", "0x3")
        again = rows(command(*words)[1])[KEEPER, "USDT"]
        assert (again["frozen"], again["state"], again["contradiction"]) == (False, False, "")
        assert "frozen" not in command("labels", "show", KEEPER, "--case", "alone")[1]
