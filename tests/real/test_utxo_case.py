"""A whole case on a real Litecoin chain, by node and by index: traced, and rolled back with the chain."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from commands import Command
from flowtrace import Case, verify
from real import utxo
from real.components import utxo_fixture  # noqa: F401  a fixture, by name

pytestmark = pytest.mark.real
CASES = ("electrum", "bitcoind")


def paid(node: utxo.Node, source: str, target: str, *, coins: str) -> None:
    """Pay from all that an address has, the change to itself, and put it in a block."""
    (coin,) = node.call("listunspent", 0, 9999, [source], wallet="town")
    change = f"{coin['amount'] - Decimal(coins) - Decimal('0.0001'):f}"
    spent = [{"txid": coin["txid"], "vout": coin["vout"]}]
    raw = node.call("createrawtransaction", spent, [{target: coins}, {source: change}])
    signed = node.call("signrawtransactionwithwallet", raw, wallet="town")["hex"]
    node.call("sendrawtransaction", signed)


def heights(folder: str) -> dict[str, int]:
    """Return the accounts that a case's hops pay, and the height of each."""
    hops = Case(Path(folder)).result.trace.hops
    return {hop.target.account: hop.transfer.height for hop in hops if hop.target}


def test_cases_on_a_real_chain(
    *, utxo_programs: tuple[Path, Path], command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both tell the same; a spend that is mined again in another block stands there once, and verifies."""
    monkeypatch.chdir(tmp_path)
    with (
        utxo.node(tmp_path / "node", utxo_programs[0]) as node,
        utxo.index(tmp_path / "index", node, utxo_programs[1]) as index,
    ):
        node.call("createwallet", "town")
        miner, thief, keeper = (node.call("getnewaddress", "", "bech32", wallet="town") for _ in range(3))
        node.mine(103, miner)
        node.call("sendtoaddress", thief, "9", wallet="town")
        node.mine(1, miner)
        paid(node, thief, keeper, coins="4")
        node.mine(5, miner)
        index.follow(node.height)
        for kind, url in (("ELECTRUM", index.url), ("BITCOIND", node.url)):
            monkeypatch.setenv(f"FLOWTRACE_{kind}_LITECOIN_REGTEST", url)
            monkeypatch.setenv(f"FLOWTRACE_{kind}_LITECOIN_REGTEST_OPTIONS", "depth=2 pace=5000/1")
        for case in CASES:
            words = ("--source", f"{case}_litecoin_regtest", "-q", "--case", case)
            assert command("trace", thief, *words)[0] == 0
        before = heights("electrum")
        assert before == heights("bitcoind")
        assert before[keeper] == 105

        node.call("invalidateblock", node.call("getblockhash", 105))
        node.mine(1, node.call("getnewaddress", "", "bech32", wallet="town"))  # with what was in the old one
        node.mine(7, miner)
        index.follow(node.height)
        for case in CASES:
            code, _, err = command("trace", case, "--source", f"{case}_litecoin_regtest")
            assert (code, "is no longer" in err) == (0, True)
            assert "the chain was rewritten above block 104, the last one read that still stands" in err
            assert heights(case) == before
            assert all(check.passed for check in verify(Case(Path(case))))
            with Case(Path(case)).store() as store:
                hashes = {entry["hash"] for entry in store.noted("pinned")}
            assert len(hashes) == 2
