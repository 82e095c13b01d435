"""A small world on a real Ethereum node: coin and tokens moved in every way that a trace can get wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_hash.auto import keccak

from flowtrace.model import NOBODY
from real.anvil import Anvil, Contract

EVE, FAY, GUS, IDA = (f"0x{digit * 40}" for digit in "ef98")  # accounts that only ever receive
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
ETHER = 10**18
_HEADER, _OFF, _ON = False, False, True  # a block without its transactions; mining one per transaction
_CODES = {"Proxy": "Wallet", "Smart": "Wallet", "Foreign": "Weth"}  # by another name than their own
_SPONSORED = keccak(b"a key of a test").hex()


@dataclass
class World:
    """What was set up, by name.

    Attributes
    ----------
    reverted
        Accounts touched by a move that a revert took back: some methods cannot tell.
    """

    node: Anvil
    contracts: dict[str, Contract]
    at: dict[str, str] = field(default_factory=dict)
    tx: dict[str, str] = field(default_factory=dict)
    reverted: set[str] = field(default_factory=set)

    def make(self, name: str, kinds: list[str], *values: object, of: str = "") -> str:
        """Create a contract; remember it by its name."""
        data = self.contracts[of or name].made(kinds, *values)
        self.at[name] = self.node.made(self.node.accounts[0], data)
        return self.at[name]

    def do(self, name: str, function: str, *values: object, by: int = 0, value: int = 0) -> dict[str, Any]:
        """Call a function of a contract named before."""
        code = self.contracts[_CODES.get(name, name)].call(function, *values)
        return self.node.done(self.node.accounts[by], self.at[name], code, value=value)

    def made_by(self, receipt: dict[str, Any]) -> str:
        """Return the account that a factory's log says it made."""
        return "0x" + str(receipt["logs"][-1]["data"])[-40:]

    def accounts(self) -> list[str]:
        """Return every account that took part in anything, as the node's own traces have it."""
        found: set[str] = set()
        for height in range(self.node.height + 1):
            found.add(self.node.call("eth_getBlockByNumber", hex(height), _HEADER)["miner"])
            for trace in self.node.call("trace_block", hex(height)):
                parts = {**trace["action"], **(trace.get("result") or {})}
                named = (parts.get(key) for key in ("from", "to", "address", "refundAddress"))
                found |= {account for account in named if account}
        return sorted(found)


def built(node: Anvil, contracts: dict[str, Contract], *, delegating: bool) -> World:
    """Move coin and tokens in every way; ``delegating`` where the chain knows EIP-7702."""
    world = World(node, contracts)
    _plain(world)
    _tokens(world)
    _internal(world)
    _made_and_destroyed(world)
    _wrapped(world)
    _operated(world)
    if delegating:
        _delegated(world)
    node.call("anvil_mine", hex(3))
    return world


def _plain(world: World) -> None:
    node, (ann, ben, cid, *_) = world.node, world.node.accounts
    world.tx["paid"] = node.done(ann, ben, value=3 * ETHER)["transactionHash"]
    node.done(ben, ben, value=ETHER)
    node.done(ben, EVE)
    node.call("evm_setAutomine", _OFF)
    together = [node.send(ann, cid, value=n) for n in (1, 2, 3)] + [node.send(ben, cid, value=2)]
    node.call("anvil_mine", hex(1))
    node.call("evm_setAutomine", _ON)
    for tx in together:
        node.receipt(tx)


def _tokens(world: World) -> None:
    ben, cid = world.node.accounts[1:3]
    world.make("Coin", ["uint256"], 10**24)
    world.do("Coin", "transfer", ben, 500)
    world.do("Coin", "transfer", ben, 0)
    world.do("Coin", "transfer", ben, 20, by=1)
    world.do("Coin", "transfer", EVE, 480, by=1)
    world.make("Taxed", ["uint256"], 1000)
    world.do("Taxed", "transfer", cid, 100)
    world.make("Rebasing", ["uint256"], 1000)
    world.do("Rebasing", "transfer", FAY, 100)
    world.do("Rebasing", "rebase")
    world.do("Rebasing", "transfer", GUS, 50)
    world.make("Items", [])
    for number in (7, 8, 9):
        world.do("Items", "mint", ben, number, 100)
    world.do("Items", "move", cid, 7, 10, by=1)
    world.do("Items", "moveBatch", cid, [7, 8, 9], [1, 2, 3], by=1)
    world.do("Items", "moveBatch", EVE, [8, 8], [1, 1], by=2)
    world.make("Deeds", [])
    for number in (1, 2):
        world.do("Deeds", "mint", ben, number)
    world.do("Deeds", "move", FAY, 2, by=1)


def _internal(world: World) -> None:
    world.make("Splitter", [])
    world.do("Splitter", "split", [EVE, FAY, EVE], value=31)
    caught = world.do("Splitter", "tryFail", FAY, 1000, value=1000)
    world.tx["caught"] = caught["transactionHash"]
    failed = world.do("Splitter", "payAndFail", EVE, 1000, by=1, value=1000)
    assert failed["status"] == "0x0"
    world.tx["failed"] = failed["transactionHash"]
    world.do("Splitter", "deep", FAY, 60, value=1)
    world.reverted |= {EVE, FAY, world.at["Splitter"]}


def _made_and_destroyed(world: World) -> None:
    node, ann = world.node, world.node.accounts[0]
    world.make("Factory", [])
    for number, function in enumerate(("bomb", "bomb2")):
        salt = [b"\1" * 32] if function == "bomb2" else []
        world.at["Bomb"] = world.made_by(world.do("Factory", function, *salt, value=100 + number))
        world.do("Bomb", "blow", GUS)
        node.done(ann, world.at["Bomb"], value=5)  # an account that is, or is no longer, a contract
    world.do("Factory", "flash", GUS, value=7)
    world.do("Factory", "badBomb", value=9)
    world.reverted.add(world.at["Factory"])
    node.made(ann, world.contracts["Bomb"].made([]), value=55)
    broken = node.done(ann, None, "0xfe", value=77)
    assert broken["status"] == "0x0"
    world.make("Wallet", [])
    world.at["Proxy"] = world.made_by(world.do("Factory", "proxy", world.at["Wallet"]))
    node.done(ann, world.at["Proxy"], value=1000)
    world.do("Proxy", "run", GUS, 400, b"", by=1)


def _wrapped(world: World) -> None:
    """Wrap coin and unwrap it: oneself, through contracts, in vain; and let others write the same logs."""
    node, (_, ben, cid, *_) = world.node, world.node.accounts
    world.make("Foreign", [], of="Weth")
    node.call("anvil_setCode", WETH, node.call("eth_getCode", world.at["Foreign"], "latest"))
    world.at["Weth"] = WETH
    world.do("Weth", "deposit", value=10 * ETHER)
    node.done(ben, WETH, value=7)
    world.do("Weth", "deposit", by=1)
    world.do("Weth", "transfer", cid, 4 * ETHER)
    world.do("Weth", "transfer", ben, 3, by=1)
    world.do("Weth", "withdraw", ETHER, by=2)
    assert world.do("Weth", "withdraw", 10**30, by=1)["status"] == "0x0"
    world.do("Splitter", "tryFail", WETH, 1000, value=1000)
    world.reverted.add(WETH)
    weth = world.contracts["Weth"]
    calls = (weth.call("deposit"), 50), (weth.call("withdraw", 20), 0), (weth.call("transfer", IDA, 5), 0)
    for data, value in calls:
        world.do("Wallet", "run", WETH, value, bytes.fromhex(data[2:]), value=value)
    world.do("Foreign", "deposit", by=1, value=9)
    world.do("Foreign", "transfer", cid, 4, by=1)
    world.make("Liar", [])
    world.do("Liar", "lie", ben, ETHER)


def _operated(world: World) -> None:
    """Let a bundler send what an account wants, once in vain, and be paid for it out of its deposit."""
    bundler = world.node.accounts[3]
    world.make("EntryPoint", [])
    world.make("Smart", [], of="Wallet")
    world.node.done(world.node.accounts[0], world.at["Smart"], value=1000)
    world.do("EntryPoint", "depositTo", world.at["Smart"], value=500)
    for name, value in (("operated", 300), ("in vain", 10**30)):
        done = world.do("EntryPoint", "handle", world.at["Smart"], IDA, value, 40, bundler, by=3)
        assert done["status"] == "0x1"
        world.tx[name] = done["transactionHash"]


def _delegated(world: World) -> None:
    """Let an account sign over its code, another send that, and a third spend the account's coin."""
    node, (ann, ben, *_) = world.node, world.node.accounts
    signer, sponsor = Account.from_key(_SPONSORED), Account.from_key(keccak(b"a sponsor").hex())
    world.at["Delegated"], world.at["Sponsor"] = signer.address.lower(), sponsor.address.lower()
    for account in (signer.address, sponsor.address):
        node.done(ann, account, value=ETHER)
    _authorise(world, (sponsor, signer), world.at["Wallet"], to=signer.address, value=3)
    data = world.contracts["Wallet"].call("run", GUS, 11, b"")
    assert node.done(ben, signer.address, data)["status"] == "0x1"
    own = {
        "chainId": 1, "nonce": 1, "gas": 200_000, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 1,
        "to": GUS, "value": 13, "data": "0x",
    }  # fmt: skip
    raw = signer.sign_transaction(own).raw_transaction
    assert node.receipt(node.call("eth_sendRawTransaction", "0x" + raw.hex()))["status"] == "0x1"
    # Another signs twice, over its code and back to none, in transactions that do not touch it.
    apart = Account.from_key(keccak(b"another signer").hex())
    world.at["Apart"] = apart.address.lower()
    node.done(ann, apart.address, value=ETHER)
    for number, code in enumerate((world.at["Wallet"], NOBODY)):
        _authorise(world, (sponsor, apart), code, to=sponsor.address, nonces=(1 + number, number))


def _authorise(
    world: World,
    pair: tuple[Any, Any],
    code: str,
    *,
    to: str,
    value: int = 0,
    nonces: tuple[int, int] = (0, 0),
) -> None:
    """Send a transaction of a sponsor that carries an authorisation of a signer (EIP-7702)."""
    sponsor, signer = pair
    authorisation = {"chainId": 1, "address": code, "nonce": nonces[1]}
    sent = {
        "type": 4, "chainId": 1, "nonce": nonces[0], "gas": 200_000, "maxFeePerGas": 10**10, "value": value,
        "maxPriorityFeePerGas": 1, "to": to, "data": "0x",
        "authorizationList": [signer.sign_authorization(authorisation)],
    }  # fmt: skip
    raw = sponsor.sign_transaction(sent).raw_transaction
    world.node.receipt(world.node.call("eth_sendRawTransaction", "0x" + raw.hex()))
