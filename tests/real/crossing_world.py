"""A laundering way over three real ledgers, planted among 2,000 innocent transactions that look like it.

    Ethereum  victim ─▶ thief ─▶ ann ═aggregator═▶ ann ─▶ ben ═CCTP═▶
    Arbitrum  cid ─▶ dan ═pool═▶ dan ─▶ eve ═Across═▶
    Ethereum  fay ═pool═▶ fay ─▶ gus ═aggregator═▶ gus ─▶ hal ═THORChain═▶
    Litecoin  ida ─▶ jon ─▶ the exchange

Two nodes of Ethereum's kind and one of Litecoin, with contracts of our own at the addresses that the shipped
registry names. Blocks are made by hand, many transactions at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.client import HTTPConnection
from typing import Any

from eth_hash.auto import keccak

from flowtrace.crossing import shipped
from flowtrace.model import Chain
from real.anvil import Anvil, Contract
from real.utxo import Node

ETHER, CENT, COIN = 10**18, 10**6, 10**8
ETHEREUM, ARBITRUM = (Chain.of(name) for name in ("ethereum", "arbitrum"))
FIRST, STEP, PRICE = 1_700_000_000, 60, 10**9
NOTHING, ZERO = "0x" + "0" * 40, bytes(32)
INNOCENT = 2_000
_GAS, _SMALL, _PLAIN, _AT_ONCE, _OFF = 600_000, 250_000, 21_000, 250, False
_RLTC_FEE = Decimal("0.0001")


def who(name: str) -> str:
    """Return the account of a name: a node plays it, nobody has its key."""
    return "0x" + keccak(name.encode())[-20:].hex()


def wide(account: str) -> bytes:
    """Return an account as 32 bytes."""
    return bytes.fromhex(account[2:]).rjust(32, b"\0")


def bridge(protocol: str, chain: Chain, role: str = "") -> str:
    """Return a contract of the shipped registry."""
    return next(c.address for c in shipped().of(protocol, chain.id) if c.role == role)


@dataclass
class Side:
    """One chain: its node, what stands where, and what waits for the next block."""

    node: Anvil
    chain: Chain
    contracts: dict[str, Contract]
    at: dict[str, str] = field(default_factory=dict)
    waiting: list[dict[str, str]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    nonces: dict[str, int] = field(default_factory=dict)

    def make(self, name: str, of: str, *values: object, place: str = "") -> str:
        """Create a contract, and where a place is named put its code there."""
        kinds = ["string", "uint8"] if of == "Chip" else []
        made = self.node.made(self.node.accounts[0], self.contracts[of].made(kinds, *values))
        if place:
            self.node.call("anvil_setCode", place, self.node.call("eth_getCode", made, "latest"))
        self.at[name] = place or made
        return self.at[name]

    def put(self, sender: str, target: str, data: str = "0x", *, value: int = 0, gas: int = _GAS) -> None:
        """Let a transaction wait for the next block."""
        if sender not in self.nonces:
            self.nonces[sender] = int(self.node.call("eth_getTransactionCount", sender, "latest"), 16)
        self.waiting.append(
            {"from": sender, "to": target, "data": data, "value": hex(value), "gas": hex(gas),
             "gasPrice": hex(PRICE), "nonce": hex(self.nonces[sender])}
        )  # fmt: skip
        self.nonces[sender] += 1

    def mine(self, time: int) -> list[str]:
        """Make a block of what waits; return the hashes, which all succeeded."""
        hashes = self._sent()
        self.node.call("evm_setNextBlockTimestamp", hex(time))
        self.node.call("anvil_mine", hex(1))
        self.sent += hashes
        receipts = self._batch([("eth_getTransactionReceipt", [tx]) for tx in hashes])
        failed = [tx for tx, one in zip(hashes, receipts, strict=True) if not one or one["status"] != "0x1"]
        assert not failed, (failed[:3], self.chain.name)
        self.waiting = []
        return hashes

    def _sent(self) -> list[str]:
        found = self._batch([("eth_sendTransaction", [one]) for one in self.waiting])
        return [str(one) for one in found]

    def _batch(self, calls: list[tuple[str, list[object]]]) -> list[Any]:  # JSON
        found: list[Any] = []
        for start in range(0, len(calls), _AT_ONCE):
            some = calls[start : start + _AT_ONCE]
            body = json.dumps(
                [{"jsonrpc": "2.0", "id": n, "method": m, "params": p} for n, (m, p) in enumerate(some)]
            )
            connection = HTTPConnection("127.0.0.1", self.node.port, timeout=60)
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answers = sorted(json.loads(connection.getresponse().read()), key=lambda one: int(one["id"]))
            connection.close()
            assert all("result" in one for one in answers), [one for one in answers if "error" in one][:1]
            found += [one["result"] for one in answers]
        return found

    def does(self, name: str, function: str, *values: object, of: str) -> tuple[str, str]:
        """Return a contract's place and the calldata of one of its functions."""
        return self.at[name], self.contracts[of].call(function, *values)


@dataclass
class World:
    """The three ledgers, the clock that they share, and the transactions of the way."""

    here: Side
    there: Side
    coins: Node
    clock: int = FIRST
    way: set[str] = field(default_factory=set)
    exchange: str = ""
    arrives: int = 0
    vault: str = ""
    vault_coin: str = ""

    def tick(self) -> int:
        """Let a minute pass."""
        self.clock += STEP
        return self.clock

    def step(self, side: Side, sender: str, call: tuple[str, str], *, value: int = 0) -> str:
        """Take a step of the way, in a block with whatever waits; return its hash."""
        side.put(sender, *call, value=value, gas=_GAS if len(call[1]) > len("0x") else _PLAIN)
        tx = side.mine(self.tick())[-1]
        self.way.add(tx)
        return tx

    def pay(self, side: Side, sender: str, target: str, *, value: int = 0, chip: str = "") -> None:
        """Pay on, in coin or in a token."""
        if chip:
            at, data = side.does(chip, "transfer", target, value, of="Chip")
            self.step(side, sender, (at, data))
        else:
            self.step(side, sender, (target, "0x"), value=value)


def built(nodes: tuple[Anvil, Anvil], coins: Node, contracts: dict[str, Contract]) -> World:
    """Set the contracts up, and let the way be walked amid everyone else's day."""
    here, there = nodes
    world = World(Side(here, ETHEREUM, contracts), Side(there, ARBITRUM, contracts), coins)
    for side in (world.here, world.there):
        _set_up(side)
    _fund(world)
    crowd = iter(range(INNOCENT))
    for _ in range(4):
        _innocents(world, crowd, INNOCENT // 8)
    _way(world, lambda: _innocents(world, crowd, INNOCENT // 20))
    _innocents(world, crowd, INNOCENT)
    for side in (world.here, world.there):
        side.node.call("anvil_mine", hex(3))
    return world


def _set_up(side: Side) -> None:
    side.make("usdc", "Chip", "USDC", 6)
    side.make("weth", "Chip", "WETH", 18)
    side.make("dai", "Chip", "DAI", 18)
    side.make("pool", "Swapper")
    side.make("router", "Aggregator")
    side.make("mixer", "Mixer")
    side.make("cctp", "Transmitter", place=bridge("cctp", side.chain))
    side.make("across", "SpokePool", place=bridge("across", side.chain))
    side.make("endpoint", "Endpoint", place=bridge("layerzero", side.chain, "endpoint"))
    if side.chain == ETHEREUM:
        side.make("thorchain", "Router", place=bridge("thorchain", ETHEREUM))
    side.node.call("evm_setAutomine", _OFF)
    side.node.call("anvil_autoImpersonateAccount", not _OFF)
    side.node.call("anvil_setBlockGasLimit", hex(10**9))


def _fund(world: World) -> None:
    """Fill the pools, and give whoever holds tokens the coin for gas: a station's, and no one's theft."""
    for side in (world.here, world.there):
        station, bank = side.node.accounts[:2]
        side.put(bank, side.at["pool"], value=50_000 * ETHER)
        for token in ("usdc", "weth", "dai"):
            for whom in (side.at["pool"], who("relayer"), *side.node.accounts[2:]):
                side.put(bank, *side.does(token, "mint", whom, 10**30, of="Chip"), gas=_SMALL)
        for name in ("ben", "cid", "dan", "eve", "fay", "gus", "relayer", "relay"):
            side.put(station, who(name), value=ETHER, gas=_SMALL)
        side.mine(world.tick())
    coins = world.coins
    coins.call("createwallet", "town")
    miner = _new(coins)
    coins.mine(105, miner)
    world.vault = _new(coins)
    world.vault_coin = str(coins.call("sendtoaddress", world.vault, "150", wallet="town"))
    coins.mine(1, miner)


def _new(coins: Node) -> str:
    return str(coins.call("getnewaddress", "", "bech32", wallet="town"))


def _innocents(world: World, crowd: Iterator[int], many: int) -> None:
    """Let others do as the way does: same sums, same pools and bridges, at the same time."""
    for _ in range(many):
        n = next(crowd, None)
        if n is None:
            break
        _innocent(world, n)
    for side in (world.here, world.there):
        if side.waiting:
            side.mine(world.tick())


def _innocent(world: World, n: int) -> None:
    here, there = world.here, world.there
    people = here.node.accounts[2:]
    one, other = people[n % len(people)], people[(n * 7 + 1) % len(people)]
    dollars, wrapped = 2_500_000 * CENT, 990 * ETHER
    match n % 10:
        case 0:
            pool = here.at["pool"]
            call = here.does("router", "route", pool, NOTHING, 0, here.at["usdc"], dollars, of="Aggregator")
            here.put(one, *call, value=1000 * ETHER)
        case 1:
            here.put(one, *_burn(world, other, dollars, nonce=1000 + n))
        case 2:
            there.put(one, *_mint(world, one, other, units=dollars, nonce=1000 + n - 1))
        case 3:
            there.put(one, *_deposit(world, other, (wrapped, wrapped - 5), number=1000 + n))
        case 4:
            here.put(
                who("relayer"), *_fill(world, one, other, units=(wrapped, wrapped - 5), number=1000 + n - 1)
            )
        case 5:
            here.put(
                one, *here.does("mixer", "deposit", keccak(str(n).encode()), of="Mixer"), value=100 * ETHER
            )
        case 6:
            eids, sums = [30101, 30110], [dollars, dollars]
            call = here.does(
                "endpoint", "send", here.at["dai"], n, eids, there.at["dai"], sums, of="Endpoint"
            )
            here.put(one, *call)
        case 7:
            values = there.at["dai"], n - 1, [30101, 30110], here.at["dai"], other, dollars
            there.put(one, *there.does("endpoint", "deliver", *values, of="Endpoint"))
        case _:
            here.put(one, other, value=1000 * ETHER - n, gas=_SMALL)


def _burn(world: World, target: str, units: int, *, nonce: int) -> tuple[str, str]:
    messengers = [wide(bridge("cctp", chain, "messenger")) for chain in (ETHEREUM, ARBITRUM)]
    values = world.here.at["usdc"], units, [0, 3], nonce, [*messengers, wide(target)]
    return world.here.does("cctp", "burn", *values, of="Transmitter")


def _mint(world: World, giver: str, target: str, *, units: int, nonce: int) -> tuple[str, str]:
    body = bytes(4) + wide(world.here.at["usdc"]) + wide(target) + units.to_bytes(32) + wide(giver)
    sender = wide(bridge("cctp", ETHEREUM, "messenger"))
    values = world.there.at["usdc"], 0, nonce, sender, body
    return world.there.does("cctp", "receiveMessage", *values, of="Transmitter")


def _tokens(world: World) -> list[bytes]:
    return [wide(world.there.at["weth"]), wide(world.here.at["weth"])]


def _deposit(world: World, target: str, units: tuple[int, int], *, number: int) -> tuple[str, str]:
    values = _tokens(world), list(units), 1, number, wide(target)
    return world.there.does("across", "deposit", *values, of="SpokePool")


def _fill(world: World, giver: str, target: str, *, units: tuple[int, int], number: int) -> tuple[str, str]:
    values = _tokens(world), list(units), 42161, number, [wide(giver), wide(target)]
    return world.here.does("across", "fill", *values, of="SpokePool")


def _way(world: World, pause: Callable[[], None]) -> None:
    """Walk the way; others do what they do between its steps."""
    here, there = world.here, world.there
    thief, ann, ben, cid, dan, eve = (who(n) for n in ("thief", "ann", "ben", "cid", "dan", "eve"))
    fay, gus, hal = (who(n) for n in ("fay", "gus", "hal"))
    dollars, wrapped = 2_500_000 * CENT, 990 * ETHER
    filled = wrapped - ETHER // 3
    world.pay(here, here.node.accounts[1], thief, value=1000 * ETHER)
    world.pay(here, thief, ann, value=1000 * ETHER - 21_000 * PRICE)
    pause()
    bought = here.does(
        "router", "route", here.at["pool"], NOTHING, 0, here.at["usdc"], dollars, of="Aggregator"
    )
    world.step(here, ann, bought, value=999 * ETHER)
    world.pay(here, ann, ben, value=dollars, chip="usdc")
    world.step(here, ben, _burn(world, cid, dollars, nonce=7))
    world.step(there, who("relay"), _mint(world, ben, cid, units=dollars, nonce=7))
    pause()
    world.pay(there, cid, dan, value=dollars, chip="usdc")
    swapped = there.at["usdc"], dollars, there.at["weth"], wrapped, dan
    world.step(there, dan, there.does("pool", "swap", *swapped, of="Swapper"))
    world.pay(there, dan, eve, value=wrapped, chip="weth")
    pause()
    world.step(there, eve, _deposit(world, fay, (wrapped, filled), number=7))
    world.step(here, who("relayer"), _fill(world, eve, fay, units=(wrapped, filled), number=7))
    dai = 2_400_000 * ETHER
    world.step(
        here, fay, here.does("pool", "swap", here.at["weth"], filled, here.at["dai"], dai, fay, of="Swapper")
    )
    world.pay(here, fay, gus, value=dai, chip="dai")
    pause()
    back = here.at["pool"], here.at["dai"], dai, NOTHING, 980 * ETHER
    world.step(here, gus, here.does("router", "route", *back, of="Aggregator"))
    world.pay(here, gus, hal, value=980 * ETHER)
    _over_to_coins(world, hal)


def _over_to_coins(world: World, hal: str) -> None:
    """Deposit coin with a memo, be paid in litecoin by the vault, and pay on to the exchange."""
    coins = world.coins
    miner, ida, jon, world.exchange = (_new(coins) for _ in range(4))
    memo = f"=:RLTC.RLTC:{ida}:0/1/0"
    call = world.here.does("thorchain", "deposit", who("vault"), memo, of="Router")
    tx = world.step(world.here, hal, call, value=979 * ETHER)
    out = f"OUT:{tx[2:].upper()}".encode().hex()
    first = _spend(world, world.vault_coin, {ida: "100"}, data=out)
    second = _spend(world, first, {jon: "99.9999"})
    third = _spend(world, second, {world.exchange: "99.9998"})
    world.way |= {first, second, third}
    world.arrives = int(Decimal("99.9998") * COIN)
    coins.mine(7, miner)


def _spend(world: World, tx: str, pays: dict[str, str], *, data: str = "") -> str:
    """Spend the largest output of a transaction that is the town's; what is left goes back to its payer."""
    coins = world.coins
    told = coins.call("getrawtransaction", tx, 1)
    held = max(told["vout"], key=lambda one: (one["value"] == Decimal(150), one["value"]))
    rest = held["value"] - sum(map(Decimal, pays.values())) - _RLTC_FEE
    outputs: list[dict[str, str]] = [{to: units} for to, units in pays.items()]
    if rest > 0:
        outputs.append({held["scriptPubKey"]["addresses"][0]: f"{rest:f}"})
    if data:
        outputs.append({"data": data})
    spent = [{"txid": tx, "vout": held["n"]}]
    raw = coins.call("createrawtransaction", spent, outputs)
    signed = coins.call("signrawtransactionwithwallet", raw, wallet="town")["hex"]
    return str(coins.call("sendrawtransaction", signed))
