"""A chain with all that makes such chains hard to read, each transaction and address with a name.

Many inputs of many forms, a peel chain partly within one block, a CoinJoin, coin that enters and leaves
Litecoin's confidential pool, a note, scripts that no address stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flowtrace.model import Address
from flowtrace.moves.scripts import address_of, mweb_of
from real import utxo

FEE = 10_000


@dataclass
class Town:
    """A chain with names: who owns which address, which transaction is which."""

    node: utxo.Node
    names: dict[str, Address] = field(default_factory=dict)
    txs: dict[str, str] = field(default_factory=dict)

    def address(self, name: str, form: str = "bech32") -> str:
        """Return the address of a name; a new one the first time."""
        if name not in self.names:
            text = self.node.call("getnewaddress", "", form, wallet="town")
            self.names[name] = Address.parse(utxo.CHAIN, text)
        return self.names[name].account

    def coin(self, name: str, tx: str) -> tuple[str, int, int]:
        """Return the coin that a named transaction pays to a name: its transaction, place and units."""
        found = self.node.call("getrawtransaction", self.txs[tx], 1)
        for one in found["vout"]:
            if self.names[name].account in one["scriptPubKey"].get("addresses", ()):
                return self.txs[tx], one["n"], int(one["value"] * utxo.COIN)
        raise KeyError(name)

    def pay(self, tx: str, coins: list[tuple[str, str]], **pays: int) -> None:
        """Spend coins, each of (name, transaction), and pay names; name the transaction."""
        spent = [self.coin(*one) for one in coins]
        inputs = [{"txid": txid, "vout": place} for txid, place, _ in spent]
        outputs: list[dict[str, str]] = [
            {self.address(name): f"{units / utxo.COIN:.8f}"} for name, units in pays.items() if name != "data"
        ]
        if "data" in pays:
            outputs.append({"data": f"{pays['data']:032x}"})
        raw = self.node.call("createrawtransaction", inputs, outputs)
        signed = self.node.call("signrawtransactionwithwallet", raw, wallet="town")
        assert signed["complete"]
        self.txs[tx] = self.node.call("sendrawtransaction", signed["hex"])


def built(node: utxo.Node) -> Town:
    """Build the chain."""
    town = Town(node)
    for wallet in ("town", "veil"):
        node.call("createwallet", wallet)
    miner = town.address("miner")
    node.mine(110, miner)
    forms = {"ann": "bech32", "ben": "p2sh-segwit", "cat": "legacy"}
    pays = {town.address(name, form): f"{n + 1}.5" for n, (name, form) in enumerate(forms.items())}
    veiled = node.call("getnewaddress", "", "bech32", wallet="veil")
    town.names["veiled"] = Address.parse(utxo.CHAIN, veiled)
    town.txs["funds"] = node.call("sendmany", "", pays | {veiled: "4"}, wallet="town")
    node.mine(1, miner)

    three = [(name, "funds") for name in forms]
    town.pay("gathers", three, pot=750_000_000 - FEE, data=7)
    left, before, holder = 750_000_000 - FEE, "gathers", "pot"
    for hop in range(1, 7):
        left -= 50_000_000 + FEE
        town.pay(f"peel-{hop}", [(holder, before)], **{f"sold-{hop}": 50_000_000, f"peel-{hop}": left})
        before, holder = f"peel-{hop}", f"peel-{hop}"
        if hop > 3:
            node.mine(1, miner)

    joiners = {"join_a": 100_000_000, "join_b": 110_000_000, "join_c": 120_000_000}
    town.pay("splits", [("peel-6", "peel-6")], **joiners, saved=left - 330_000_000 - FEE)
    node.mine(1, miner)
    mixed = [(name, "splits") for name in ("join_a", "join_b", "join_c")]
    rest = {"rest_a": 10_000_000 - FEE, "rest_b": 20_000_000, "rest_c": 30_000_000}
    town.pay("joins", mixed, **{f"mixed_{n}": 90_000_000 for n in range(3)}, **rest)
    node.mine(1, miner)

    key = node.call("getaddressinfo", town.address("keeper", "legacy"), wallet="town")["pubkey"]
    other = node.call("getaddressinfo", town.address("second", "legacy"), wallet="town")["pubkey"]
    for odd in (f"pk({key})", f"multi(1,{key},{other})"):
        node.call("generatetodescriptor", 1, node.call("getdescriptorinfo", odd)["descriptor"])

    node.mine(431 - node.height, miner)
    hidden = node.call("getnewaddress", "", "mweb", wallet="veil")
    town.txs["peg-in"] = node.call("sendtoaddress", hidden, 3, wallet="veil")
    node.mine(1, miner)
    node.call("sendtoaddress", town.address("exit", "legacy"), 1, wallet="veil")
    node.mine(1, miner)
    town.txs["hogex"] = node.call("getblock", node.call("getbestblockhash"))["tx"][-1]
    node.mine(6, miner)
    town.pay("after", [("exit", "hogex")], last=100_000_000 - FEE)
    node.mine(2, miner)
    return town


def addresses(node: utxo.Node) -> dict[str, Address]:
    """Return every address that a block of the chain pays, as the node writes it and as we do."""
    found: dict[str, Address] = {}
    for height in range(1, node.height + 1):
        for tx in node.call("getblock", node.call("getblockhash", height), 2)["tx"]:
            for one in tx["vout"]:
                script = bytes.fromhex(one["scriptPubKey"]["hex"])
                ours, theirs = address_of(utxo.CHAIN, script), one["scriptPubKey"].get("addresses", [])
                assert theirs == ([ours.account] if ours else []) or one["scriptPubKey"]["type"] in (
                    "multisig",
                    "pubkey",
                )
                assert (one["scriptPubKey"]["type"].startswith("witness_mweb")) is bool(
                    mweb_of(utxo.CHAIN, script)
                )
                found |= {ours.account: ours} if ours else {}
    return found
