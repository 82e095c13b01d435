"""A whole case over three real ledgers: a planted way through swaps and bridges, and nothing beside it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from commands import Command
from flowtrace import Case, verify
from flowtrace.model import Class, StopReason
from flowtrace.report.accounted import accounted
from real import utxo
from real.anvil import Contract, contracts_fixture, running  # noqa: F401  a fixture, by name
from real.components import (  # noqa: F401  fixtures, by name
    anvil_fixture,
    litecoind_fixture,
    solc_fixture,
)
from real.crossing_world import ARBITRUM, ETHER, INNOCENT, World, bridge, built, who

pytestmark = pytest.mark.real
_OPTIONS = ("--balance", "1000000", "--gas-limit", "1000000000", "--base-fee", "0")
_PACK = (
    "title: t\ncreator: c\nnetwork: litecoin-regtest\ncurrency: RLTC\ntags:\n- {{address: '{address}', "
    "label: An exchange, category: exchange, actor: acme, source: 'https://a.example', "
    "confidence: ownership, lastmod: 2024-05-06}}\n"
)
_VAULT = (
    '[[contract]]\nprotocol = "thorchain"\nchain = "{chain}"\naddress = "{address}"\nrole = "vault"\n'
    'source = "a test"\n'
)


def test_the_way_over_three_real_ledgers_is_found_whole(
    *,
    anvil_program: Path,
    litecoin_program: Path,
    contracts: dict[str, Contract],
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """From the theft to the exchange: recall 1, precision 1, and every table closes, fees included."""
    monkeypatch.chdir(tmp_path)
    with (
        running(anvil_program, *_OPTIONS, accounts=40) as here,
        running(anvil_program, *_OPTIONS, accounts=40, chain=42161) as there,
        utxo.node(tmp_path / "node", litecoin_program) as coins,
    ):
        world = built((here, there), coins, contracts)
        for name, url, more in (
            ("RPC_1", f"http://127.0.0.1:{here.port}", ""),
            ("RPC_42161", f"http://127.0.0.1:{there.port}", ""),
            ("BITCOIND_LITECOIN_REGTEST", coins.url, "depth=2 "),
        ):
            monkeypatch.setenv(f"FLOWTRACE_{name}", url)
            monkeypatch.setenv(f"FLOWTRACE_{name}_OPTIONS", f"{more}pace=5000/1")
        code, _, said = command("trace", who("thief"), "--source", "own", "-q", "--case", "live")
        assert code == 0, said
    _found_whole(world, Path("live"))
    _ends_at_the_exchange(world, Path("live"), command)


def _found_whole(world: World, folder: Path) -> None:
    case = Case(folder)
    trace = case.result.trace
    assert len(world.here.sent) + len(world.there.sent) > INNOCENT
    assert {hop.transfer.tx for hop in trace.hops} == world.way
    assert len(trace.hops) >= 12
    assert len({hop.transfer.chain_id for hop in trace.hops}) == 3
    assert trace.uncrossed == ()
    last = trace.hops[-1]
    assert (last.amount.units, last.crossed, last.worst) == (world.arrives, 3, Class.P)
    made = {one.protocol: one for one in trace.crossings}
    assert {name: one.cls for name, one in made.items()} == {
        "cctp": Class.C, "across": Class.C, "thorchain": Class.P,
    }  # fmt: skip
    assert made["cctp"].key == "0/7"
    assert made["cctp"].fee is not None
    assert made["cctp"].fee.units == 0
    assert made["across"].key == "42161/7"
    accounted(case.result)
    assert all(account.balances for account in trace.accounts)
    reached = {hop.target.account for hop in trace.hops if hop.target}
    assert bridge("across", ARBITRUM) in reached
    assert not {who("relayer"), *world.here.node.accounts[2:]} & reached
    assert all(check.passed for check in verify(case))


def _ends_at_the_exchange(world: World, folder: Path, command: Command) -> None:
    """Labelled, the exchange is where it ends; with the vault vouched for, the last crossing is sure."""
    (folder / "labels").mkdir(exist_ok=True)
    (folder / "labels" / "own.yaml").write_text(_PACK.format(address=world.exchange), encoding="utf-8")
    vault = _VAULT.format(chain=utxo.CHAIN.id, address=world.vault)
    (folder / "bridges.toml").write_text(vault, encoding="utf-8")
    assert command("trace", str(folder), "--offline", "-q")[0] == 0
    result = Case(folder).result
    stop = next(one for one in result.trace.stops if one.address.account == world.exchange)
    assert (stop.reason, max(stop.taint.values())) == (StopReason.SERVICE, world.arrives)
    assert {one.cls for one in result.trace.crossings} == {Class.C}
    with (folder / "out" / "crossings.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["protocol"]: row for row in csv.DictReader(file)}
    assert rows["across"]["left_amount_base_units"] == str(990 * ETHER)
    assert rows["thorchain"]["key"] == rows["thorchain"]["left_tx"][2:].upper()
    told = json.loads((folder / "out" / "summary.json").read_bytes())
    assert [one["protocol"] for one in told["crossings"]] == ["cctp", "across", "thorchain"]
    with (folder / "out" / "deposits.csv").open(newline="", encoding="utf-8") as file:
        (credit,) = csv.DictReader(file)
    assert credit["ledgers_crossed"] == "3"
