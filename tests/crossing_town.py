"""A laundering way over three ledgers, planted among innocent traffic that looks like it.

    Ethereum  victim ─▶ thief ─▶ ann ═swap═▶ ann ─▶ ben ═CCTP═▶
    Arbitrum  cid ─▶ dan ═swap═▶ dan ─▶ eve ═Across═▶
    Ethereum  fay ═swap═▶ fay ─▶ gus ═swap═▶ gus ─▶ hal ═THORChain═▶
    Litecoin  ida ─▶ jon ─▶ the exchange

Each hand takes all and passes all on, less the network's fee; nothing else that moves is stolen. Bridges
speak by the real protocols' logs and memos, from the contracts that the shipped registry names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crossing.writing import log, wide, word
from flowtrace.crossing import across, cctp, shipped, thorchain
from flowtrace.ledger import Ledger
from flowtrace.model import (
    NOBODY,
    Address,
    Amount,
    Asset,
    Chain,
    Coverage,
    Fact,
    Scope,
    Theft,
    Transfer,
)
from flowtrace.moves.coin import CoinTransaction, Output
from flowtrace.moves.evm import EvmTransaction
from flowtrace.moves.facts import of_log
from flowtrace.moves.scripts import address_of, script_of

ETHEREUM, ARBITRUM, LITECOIN = (Chain.of(name) for name in ("ethereum", "arbitrum", "litecoin"))
ONE, CENT = 10**18, 10**6
GAS, LTC_FEE, FIRST = 21_000 * 10**9, 300, 1_700_000_000
COIN, LTC = Asset.native(ETHEREUM), Asset.native(LITECOIN)
SLOTS = 3


def who(name: str, chain: Chain = ETHEREUM) -> Address:
    """Return the address of a name: the same account on every EVM chain, a key's hash on Litecoin."""
    digest = hashlib.sha256(name.encode()).digest()[:20]
    if chain == LITECOIN:
        found = address_of(chain, b"\x00\x14" + digest)
        assert found is not None
        return found
    return Address.parse(chain, "0x" + digest.hex())


USDC = Asset.token(who("usdc"), "USDC", 6)
DAI = Asset.token(who("dai"), "DAI", 18)
USDC_THERE = Asset.token(who("usdc", ARBITRUM), "USDC", 6)
WETH_THERE = Asset.token(who("weth", ARBITRUM), "WETH", 18)
WETH = Asset.token(who("weth"), "WETH", 18)
EXCHANGE = who("exchange", LITECOIN)
VAULT, VAULT_LTC = who("vault"), who("vault", LITECOIN)
HANDS = ("thief", "ann", "ben")


def bridge(protocol: str, chain: Chain, role: str = "") -> Address:
    """Return a contract of the shipped registry."""
    found = next(c.address for c in shipped().of(protocol, chain.id) if c.role == role)
    return Address.parse(chain, found)


@dataclass
class Town:
    """What happened so far, chain by chain.

    Attributes
    ----------
    way
        The transactions of the planted way.
    """

    transfers: list[Transfer] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    heights: dict[str, int] = field(default_factory=dict)
    clock: int = FIRST
    way: set[str] = field(default_factory=set)
    coins: dict[Address, list[tuple[str, int]]] = field(default_factory=dict)
    count: int = 0

    def tx(self, name: str, chain: Chain = ETHEREUM) -> EvmTransaction:
        """Return the next transaction of a chain, a minute later."""
        self.clock += 60
        self.count += 1
        height = self.heights[chain.id] = self.heights.get(chain.id, 0) + 1
        digest = hashlib.sha256(f"{name} {self.count}".encode()).hexdigest()
        return EvmTransaction(chain, "0x" + digest, height, 0, self.clock)

    def do(
        self,
        name: str,
        sender: Address,
        *moves: tuple[Address, Address, int, Asset],
        logs: Iterable[dict[str, object]] = (),
        ours: bool = False,
    ) -> EvmTransaction:
        """Carry out a transaction: its fee, its moves in order, and what contracts write besides."""
        at = self.tx(name, sender.chain)
        self.transfers.append(at.fee(sender, GAS))
        for n, (source, target, units, asset) in enumerate(moves):
            if asset.contract:
                moved = at.log(n, source, target=target, amount=Amount(asset, units))
            elif source == sender:
                moved = at.value(source, target, units)
            else:
                moved = at.internal((n,), source, target=target, units=units)
            self.transfers.append(moved)
        for n, one in enumerate(logs, start=len(moves)):
            fact = of_log(at, sender, {**one, "logIndex": n})
            assert fact is not None
            self.facts.append(fact)
        if ours:
            self.way.add(at.hash)
        return at

    def spend(
        self, name: str, payer: Address, *pays: tuple[Address, int], memo: str = "", ours: bool = False
    ) -> str:
        """Spend all coins of a payer on Litecoin; what is left is the fee, or goes back if it is more."""
        at = self.tx(name, LITECOIN)
        spent = self.coins.pop(payer)
        outputs = [Output(units, script_of(address)) for address, units in pays]
        rest = sum(units for _, units in spent) - sum(units for _, units in pays) - LTC_FEE
        if rest > 0:
            outputs.append(Output(rest, script_of(payer)))
        if memo:
            outputs.append(Output(0, bytes([0x6A, len(memo)]) + memo.encode()))
        made = CoinTransaction(at.hash[2:], tuple(coin for coin, _ in spent), tuple(outputs))
        told = made.told(
            LITECOIN, [Output(units, script_of(payer)) for _, units in spent],
            height=at.height, index=0, time=at.time,
        )  # fmt: skip
        assert told is not None
        self.transfers.append(told)
        self.facts += made.shape(LITECOIN, height=at.height, index=0, time=at.time)
        for n, output in enumerate(outputs):
            owner = address_of(LITECOIN, output.script)
            if owner is not None:
                self.coins.setdefault(owner, []).append((made.coin(n), output.units))
        if ours:
            self.way.add(made.txid)
        return made.txid

    def mined(self, owner: Address, units: int) -> None:
        """Give an owner new coin."""
        at = self.tx("mined", LITECOIN)
        made = CoinTransaction(at.hash[2:], (), (Output(units, script_of(owner)),))
        told = made.told(LITECOIN, [], height=at.height, index=0, time=at.time)
        assert told is not None
        self.transfers.append(told)
        self.coins.setdefault(owner, []).append((made.coin(0), units))

    def ledger(self) -> Ledger:
        """Return all that happened, with every address on record whole."""
        touched = {leg.address for t in self.transfers for leg in (*t.inputs, *t.outputs) if leg.address}
        covered = [
            Coverage(a, scope, 0, 10**9, complete=True, check="the town's own books", fetched_at="2026-01-01",
                     source="town")
            for a in sorted(touched)
            for scope in ((Scope.EXTERNAL,) if a.chain == LITECOIN else Scope)
        ]  # fmt: skip
        return Ledger(self.transfers, covered, facts=self.facts)

    def swap(
        self,
        name: str,
        owner: Address,
        *,
        sold: tuple[int, Asset],
        bought: tuple[int, Asset],
        ours: bool = False,
    ) -> None:
        """Swap at a pool, by way of a router that holds nothing."""
        pool, router = (who(text, owner.chain) for text in ("pool", "router"))
        self.do(
            name, owner, (owner, router, *sold), (router, pool, *sold), (pool, router, *bought),
            (router, owner, *bought), ours=ours,
        )  # fmt: skip

    def cctp(self, owner: Address, target: Address, units: int, *, nonce: int, ours: bool = False) -> None:
        """Burn USDC on Ethereum and mint it on Arbitrum."""
        messenger, minter = bridge("cctp", ETHEREUM, "messenger"), who("minter")
        there = bridge("cctp", ARBITRUM, "messenger")
        body = bytes(4) + wide(who("usdc").account) + wide(target.account) + units.to_bytes(32)
        body += wide(owner.account)
        head = bytes(4) + bytes(4) + (3).to_bytes(4) + nonce.to_bytes(8) + wide(messenger.account)
        head += wide(there.account) + bytes(32)
        sent = log(cctp.SENT, bridge("cctp", ETHEREUM).account, [head + body], types="bytes")
        nobody = Address.parse(ETHEREUM, NOBODY)
        self.do(
            "burn", owner, (owner, minter, units, USDC), (minter, nobody, units, USDC), logs=[sent], ours=ours
        )
        came = log(
            cctp.RECEIVED, bridge("cctp", ARBITRUM).account, [0, wide(messenger.account), body],
            types="uint32,bytes32,bytes", topics=(word(who("relay").account), word(nonce)),
        )  # fmt: skip
        relay, born = who("relay", ARBITRUM), Address.parse(ARBITRUM, NOBODY)
        self.do("mint", relay, (born, target, units, USDC_THERE), logs=[came], ours=ours)

    def across(
        self, owner: Address, target: Address, units: tuple[int, int], *, number: int, ours: bool = False
    ) -> None:
        """Deposit WETH on Arbitrum; a relayer pays WETH of their own on Ethereum, less a fee."""
        put, out = units
        here, there = bridge("across", ARBITRUM), bridge("across", ETHEREUM)
        told = [wide(WETH_THERE.contract), wide(WETH.contract), put, out]
        nobody, relayer = bytes(32), who("relayer")
        deposit = log(
            across.DEPOSITED, here.account, [*told, 0, 0, 0, wide(target.account), nobody, b""],
            types="bytes32,bytes32,uint256,uint256,uint32,uint32,uint32,bytes32,bytes32,bytes",
            topics=(word(1), word(number), wide(owner.account)),
        )  # fmt: skip
        self.do("deposit", owner, (owner, here, put, WETH_THERE), logs=[deposit], ours=ours)
        fill = log(
            across.FILLED, there.account,
            [*told, 42161, 0, 0, nobody, wide(owner.account), wide(target.account), nobody,
             (wide(target.account), nobody, out, 0)],
            types="bytes32,bytes32,uint256,uint256,uint256,uint32,uint32,bytes32,bytes32,bytes32,bytes32,"
            "(bytes32,bytes32,uint256,uint8)",
            topics=(word(42161), word(number), wide(relayer.account)),
        )  # fmt: skip
        self.do("fill", relayer, (relayer, target, out, WETH), logs=[fill], ours=ours)

    def thorchain(
        self, owner: Address, target: Address, units: tuple[int, int], *, ours: bool = False
    ) -> None:
        """Pay coin to the router with a memo; the vault on Litecoin pays, and names the deposit."""
        put, out = units
        router = bridge("thorchain", ETHEREUM)
        memo = f"=:l:{target.account}:0/1/0"
        told = log(
            thorchain.DEPOSIT, router.account, [put, memo], types="uint256,string",
            topics=(word(VAULT.account), word(0)),
        )  # fmt: skip
        moves = (owner, router, put, COIN), (router, VAULT, put, COIN)
        at = self.do("deposit", owner, *moves, logs=[told], ours=ours)
        self.spend("payout", VAULT_LTC, (target, out), memo=f"OUT:{at.hash[2:].upper()}", ours=ours)

    def from_coins(
        self,
        owner: Address,
        target: Address,
        units: tuple[int, int],
        *,
        change: int = 0,
        outbound: str = "OUT",
    ) -> str:
        """Pay coins to the vault on Litecoin with a memo; the vault on Ethereum pays coin by the router."""
        put, out = units
        pays = [(VAULT_LTC, put), *([(owner, change)] if change else [])]
        tx = self.spend("deposit", owner, *pays, memo=f"=:e:{target.account}")
        router = bridge("thorchain", ETHEREUM)
        told = log(
            thorchain.OUT, router.account, [NOBODY, out, f"{outbound}:{tx.upper()}"],
            types="address,uint256,string", topics=(word(VAULT.account), word(target.account)),
        )  # fmt: skip
        self.do("payout", VAULT, (VAULT, router, out, COIN), (router, target, out, COIN), logs=[told])
        return tx


def innocents(town: Town, many: int, sums: tuple[int, int, int]) -> Iterator[None]:
    """Do what others do all day, in the same sums, through the same pools and bridges; yield after each."""
    for n in range(many):
        one, other = who(f"innocent {n % 97}"), who(f"innocent {(n * 7 + 1) % 97}")
        there, further = (Address.parse(ARBITRUM, each.account) for each in (one, other))
        match n % 8:
            case 0:
                town.swap("innocent", one, sold=(sums[0], COIN), bought=(sums[1], USDC))
            case 1:
                town.cctp(one, further, sums[1], nonce=10_000 + n)
            case 2:
                town.across(there, other, (sums[2], sums[2] - 1000), number=10_000 + n)
            case 3 if n % 24 == 3:
                town.thorchain(one, who(f"innocent {n}", LITECOIN), (sums[0], 50 * 10**8))
            case _:
                town.do("innocent", one, (one, other, sums[0] - n % 5, COIN))
        yield


@dataclass(frozen=True)
class Planted:
    """The town once all is done, the theft, and what the way's amounts are at its two ends."""

    town: Town
    theft: Theft
    arrives: int


def planted(many: int = 2000) -> Planted:
    """Return the town with the way in it and so many innocent transactions around."""
    town = Town()
    town.mined(VAULT_LTC, 10**15)
    stolen, dollars, wrapped = 1_000 * ONE, 2_500_000 * CENT, 990 * ONE
    crowd = innocents(town, many, (stolen, dollars, wrapped))
    steps = _way(town, stolen, (dollars, wrapped))
    name, arrives = "", 0
    for step in range(WAY):
        for _ in range(many // WAY):
            next(crowd, None)
        told = next(steps)
        if not step:
            name = str(told)
        arrives = int(told) if step == WAY - 1 else arrives
    for _ in crowd:
        pass
    theft = Theft("heist", COIN, stolen, name, who("victim"), who("thief"))
    return Planted(town, theft, arrives)


WAY = 15


def _way(town: Town, stolen: int, sums: tuple[int, int]) -> Iterator[str | int]:
    """Walk the way, and yield after each step: the theft's id first, what arrives last."""
    dollars, wrapped = sums
    thief, ann, ben = (who(name) for name in HANDS)
    at = town.do("theft", who("victim"), (who("victim"), thief, stolen, COIN), ours=True)
    yield at.value(who("victim"), thief, stolen).id
    left = stolen - GAS
    town.do("on", thief, (thief, ann, left, COIN), ours=True)
    yield 0
    town.swap("swap 1", ann, sold=(left - GAS, COIN), bought=(dollars, USDC), ours=True)
    yield 0
    town.do("on", ann, (ann, ben, dollars, USDC), ours=True)
    yield 0
    cid, dan, eve = (who(name, ARBITRUM) for name in ("cid", "dan", "eve"))
    town.cctp(ben, cid, dollars, nonce=7, ours=True)
    yield 0
    town.do("on", cid, (cid, dan, dollars, USDC_THERE), ours=True)
    yield 0
    town.swap("swap 2", dan, sold=(dollars, USDC_THERE), bought=(wrapped, WETH_THERE), ours=True)
    yield 0
    town.do("on", dan, (dan, eve, wrapped, WETH_THERE), ours=True)
    yield 0
    fay, gus, hal = (who(name) for name in ("fay", "gus", "hal"))
    got = wrapped - ONE // 3
    town.across(eve, fay, (wrapped, got), number=7, ours=True)
    yield 0
    town.swap("swap 3", fay, sold=(got, WETH), bought=(2_400_000 * ONE, DAI), ours=True)
    yield 0
    town.do("on", fay, (fay, gus, 2_400_000 * ONE, DAI), ours=True)
    yield 0
    town.swap("swap 4", gus, sold=(2_400_000 * ONE, DAI), bought=(980 * ONE, COIN), ours=True)
    yield 0
    town.do("on", gus, (gus, hal, 980 * ONE - GAS, COIN), ours=True)
    yield 0
    ida, jon = who("ida", LITECOIN), who("jon", LITECOIN)
    coins = 30_000 * 10**8
    town.thorchain(hal, ida, (980 * ONE - 2 * GAS, coins), ours=True)
    yield 0
    town.spend("on", ida, (jon, coins - LTC_FEE), ours=True)
    town.spend("cash in", jon, (EXCHANGE, coins - 2 * LTC_FEE), ours=True)
    yield coins - 2 * LTC_FEE
