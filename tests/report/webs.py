"""Webs of payments of a wanted size, for tests of figures: splits, peels, merges, ends of every kind, chains.

Everything is drawn from a seeded generator, so a web is the same wherever it is made. Its taint is whole
transfers and its accounts are the toy's: a figure reads hops, stops, deposits, roles and labels, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Asset,
    Basis,
    Category,
    Chain,
    Class,
    Deposit,
    Entity,
    Hop,
    Kind,
    Label,
    Leg,
    Result,
    Stop,
    StopReason,
    Transfer,
    Use,
)
from report.toy_result import toy_result

CHAINS = tuple(Chain.of(name) for name in ("eip155:1", "eip155:56", "eip155:137"))
_SERVICES = (
    ("huobi", "Huobi", Category.EXCHANGE, StopReason.DEPOSIT),
    ("kraken", "Kraken", Category.EXCHANGE, StopReason.DEPOSIT),
    ("binance", "Binance", Category.EXCHANGE, StopReason.SERVICE),
    ("tornado", "Tornado Cash", Category.MIXER, StopReason.MIXER),
    ("dealer", "Silk OTC desk", Category.OTHER_SERVICE, StopReason.SERVICE),
    ("bank", "Bank of Toytown", Category.BANK, StopReason.SERVICE),
    ("uni", "Uniswap", Category.DEX, StopReason.SERVICE),
    ("bridge", "Stargate", Category.BRIDGE, StopReason.SERVICE),
    ("pay", "Payments Ltd", Category.OTHER_SERVICE, StopReason.SERVICE),
)
_OPEN = (StopReason.NO_DATA, StopReason.BUDGET, StopReason.MINIMUM, StopReason.AT_REST, StopReason.CROWDED)
_PEEL, _MERGE, _END, _CROSS = 0.25, 0.2, 0.22, 0.03
_DAY, _BEGAN = 86_400, 1_648_000_000


@dataclass
class _Web:
    """A web while it is made."""

    random: Random
    chains: tuple[Chain, ...]
    recipients: int
    hops: list[Hop] = field(default_factory=list)
    ends: dict[Address, tuple[StopReason, Entity | None]] = field(default_factory=dict)
    crossed: int = 0
    made: int = 0

    def address(self, chain: Chain) -> Address:
        self.made += 1
        return Address(chain.id, f"0x{self.random.getrandbits(120):030x}{self.made:010x}")

    def pay(self, giver: Address, taker: Address, units: int) -> Hop:
        chain = Chain.of(giver.chain_id)
        asset = Asset.native(chain)
        n = len(self.hops) + 1
        move = Transfer(
            chain.id, f"0x{n:064x}", "value", 14_000_000 + n, 0, 0, _BEGAN + n * _DAY // 8, Kind.VALUE,
            Basis.RECORDED, ok=True, inputs=(Leg(giver, asset, units),), outputs=(Leg(taker, asset, units),),
        )  # fmt: skip
        self.hops.append(Hop(n, "eth", move, 1, dict.fromkeys(ACCOUNT_RULES, units)))
        return self.hops[-1]

    def end(self, chain: Chain) -> Address:
        """Return an address at which the way ends: a service's, or one that is followed no further."""
        address = self.address(chain)
        if self.random.random() < 0.7:
            number = self.random.randrange(self.recipients)
            name, title, category, reason = _SERVICES[number % len(_SERVICES)]
            more = number // len(_SERVICES)
            entity = Entity(f"{name}{more or ''}", f"{title} {more + 1}" if more else title, category)
            self.ends[address] = (reason, entity)
        else:
            self.ends[address] = (self.random.choice(_OPEN), None)
        return address

    def cross(self, giver: Address, units: int) -> Address:
        """Pay a bridge; return who is paid on another chain."""
        here = Chain.of(giver.chain_id)
        there = self.random.choice([chain for chain in self.chains if chain != here])
        vault, payer, taker = self.address(here), self.address(there), self.address(there)
        self.pay(giver, vault, units)
        came = self.pay(payer, taker, units)
        self.hops[-1] = replace(came, crossing="stargate 0x1", bridge=vault, cls=Class.C, worst=Class.C)
        self.crossed += 1
        self.ends[vault] = (StopReason.SERVICE, Entity("bridge", "Stargate", Category.BRIDGE))
        return taker


def web(nodes: int, seed: int = 1, *, chains: int = 1, recipients: int = 6) -> Result:
    """Return a result of about ``nodes`` addresses over so many chains, with so many recipients."""
    made = _Web(Random(seed), CHAINS[:chains], recipients)  # noqa: S311  no secret hangs on it
    _grow(made, nodes)
    toy = toy_result()
    stops = tuple(_stop(address, made) for address in made.ends)
    deposits = tuple(
        Deposit(hop, entity, None, None, "swept to a labelled wallet")
        for hop in made.hops
        for reason, entity in [made.ends.get(hop.target, (None, None))]  # type: ignore[arg-type]
        if reason is StopReason.DEPOSIT and entity is not None
    )
    thief = made.hops[0].target
    assert thief is not None
    theft = replace(toy.incident.thefts[0], victim=made.hops[0].source, thief=thief)
    trace = replace(
        toy.trace, hops=tuple(made.hops), stops=stops, deposits=deposits, roles=(), set_aside=(), gaps=()
    )
    incident = replace(toy.incident, thefts=(theft,), seeds=(theft.thief,))
    snapshot = tuple((chain.id, 14_000_000 + len(made.hops)) for chain in made.chains)
    return replace(toy, incident=incident, trace=trace, labels=_labels(made), snapshot=snapshot)


def _grow(web: _Web, nodes: int) -> None:
    random = web.random
    victim, thief = web.address(web.chains[0]), web.address(web.chains[0])
    web.pay(victim, thief, 10**24)
    holding, wallets = [(thief, 10**24)], [thief]
    while web.made < nodes:
        giver, units = holding.pop(random.randrange(len(holding))) if holding else (thief, 10**22)
        chain = Chain.of(giver.chain_id)
        if len(web.chains) > 1 and (random.random() < _CROSS or web.crossed < web.made // 12):
            taker = web.cross(giver, units)
        elif random.random() < _PEEL:
            web.pay(giver, web.end(chain), units // 20 + 1)
            taker = web.address(chain)
            web.pay(giver, taker, units - units // 20)
        elif random.random() < _END and len(holding) > 1:
            web.pay(giver, web.end(chain), units)
            continue
        elif random.random() < _MERGE and len(wallets) > 3:
            taker = random.choice(
                [w for w in wallets if w.chain_id == giver.chain_id and w != giver] or [thief]
            )
            if taker.chain_id == giver.chain_id and taker != giver:
                web.pay(giver, taker, units)
            continue
        else:
            ways = random.randint(1, 5)
            for _ in range(ways - 1):
                other = web.address(chain)
                web.pay(giver, other, units // ways + 1)
                holding.append((other, units // ways + 1))
                wallets.append(other)
            taker = web.address(chain)
            web.pay(giver, taker, units // ways + 1)
        holding.append((taker, units))
        wallets.append(taker)


def _stop(address: Address, web: _Web) -> Stop:
    reason, entity = web.ends[address]
    came = [hop for hop in web.hops if hop.target == address]
    units = sum(hop.amount.units for hop in came)
    return Stop(
        "eth", address, came[0].amount.asset, reason, units, len(came), len({h.source for h in came}),
        dict.fromkeys(ACCOUNT_RULES, units), entity, Class.P if entity else Class.D, "labelled",
    )  # fmt: skip


def _labels(web: _Web) -> Mapping[Address, tuple[Label, ...]]:
    return {
        address: (
            Label(address, f"{entity.name}: wallet", entity.category, Use.UNSPECIFIED, entity,
                  "https://register.example", "web_crawl", "2022-04-01"),
        )
        for address, (_, entity) in web.ends.items()
        if entity
    }  # fmt: skip
