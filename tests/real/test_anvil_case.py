"""A whole case against a real node: cut short, gone on with, rolled back when the chain is rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import Command
from flowtrace import Case, verify
from real.anvil import Anvil, running
from real.components import anvil_fixture  # noqa: F401  a fixture, by name

pytestmark = pytest.mark.real
ETHER = 10**18
THIEF, MID, KEEPER, LATER = (f"0x{digit * 40}" for digit in "1234")
MIXER = "0xd90e2f925da726b50c4ed8d0fb90ad053324f31b"


def world(node: Anvil) -> None:
    """Let a victim pay a thief, who pays on to a mixer by way of another, and keeps some."""
    for account in (THIEF, MID):
        node.call("anvil_impersonateAccount", account)
    node.done(node.accounts[0], THIEF, value=50 * ETHER)
    node.done(THIEF, MID, value=20 * ETHER)
    node.done(MID, MIXER, value=19 * ETHER)
    node.done(THIEF, KEEPER, value=10 * ETHER)
    node.call("anvil_mine", "0x3")


def paid(folder: str) -> set[str]:
    """Return the accounts that a case's hops pay."""
    return {hop.target.account for hop in Case(Path(folder)).result.trace.hops if hop.target}


def test_a_case_on_a_real_node(
    *, anvil_program: Path, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Cut by its budget and gone on with, it is as if it had not been; rolled back, it is of one chain."""
    monkeypatch.chdir(tmp_path)
    with running(anvil_program) as node:
        monkeypatch.setenv("FLOWTRACE_RPC_1", f"http://127.0.0.1:{node.port}")
        monkeypatch.setenv("FLOWTRACE_RPC_1_OPTIONS", "range=2 pace=500/1")
        world(node)
        words = ("trace", THIEF, "--source", "own", "-q", "--case")
        code = 3
        while code == 3:
            code, _, err = command(*words, "cut", "--requests", "40")
            assert (code, "budget of requests" in err) in ((3, True), (0, False))
        assert command(*words, "whole")[0] == 0
        assert paid("cut") == paid("whole") == {THIEF, MID, MIXER, KEEPER}
        with Case(Path("cut")).store() as one, Case(Path("whole")).store() as other:
            assert one.digest == other.digest
            asked = [entry["request"] for entry in one.noted("acquired")]
            assert len(set(asked)) > len(asked) - 40  # but for whether the last block is there, once a run

        node.call("anvil_reorg", node.height - 3, [])  # the payment to the keeper, and all after
        node.done(THIEF, LATER, value=5 * ETHER)
        node.call("anvil_mine", "0x3")
        code, _, err = command("trace", "whole", "--source", "own")
        assert code == 0
        assert "the chain was rewritten above block 3, the last one read that still stands" in err
        assert paid("whole") == {THIEF, MID, MIXER, LATER}
        assert all(check.passed for check in verify(Case(Path("whole"))))
