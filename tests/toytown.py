"""Toytown: a deterministic little world on an account chain, where every address and transaction has a name.

The way of the money (all fictional; `WORLD` is the whole of it, in chain order):

    carol (clean 100 ETH) ─▶ mallory ◀─ alice (the theft: 1,000 ETH and 500,000 USDC)
    mallory ─▶ ida ─▶ swirl (mixer, 3 × 100 ETH), acme's deposit address, the exchange dex, ned (no data)
    mallory ─▶ jon (◀─ carol, clean 50 ETH) ─▶ acme's and bolt's deposit addresses, olga (half a record)
    mallory ─▶ sam, who swaps the USDC and sends back ETH that no record brought him
    mallory ─▶ rita, who keeps it, and dot, who gets crumbs
    a stranger and a twin of ida write to mallory with dust and with nothing

A transaction's hash is its name, so the id of a transfer reads ``eip155:1:mixer-in-1:value``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from flowtrace.ledger import Ledger
from flowtrace.model import (
    ETHEREUM,
    Address,
    Asset,
    Basis,
    Category,
    Class,
    Coverage,
    Entity,
    Finding,
    Kind,
    Label,
    Leg,
    Role,
    RoleName,
    Scope,
    StopReason,
    Theft,
    Trace,
    Transfer,
    Use,
)
from flowtrace.trace import End, Known, Policy, Tracer, account_for

ONE = 10**18
GAS = 21_000 * 50 * 10**9
ETH = Asset.native(ETHEREUM)


def who(name: str) -> Address:
    """Return the address of a name: the first 20 bytes of the name's SHA-256."""
    return Address(ETHEREUM.id, "0x" + sha256(name.encode()).hexdigest()[:40])


def twin(address: Address) -> Address:
    """Return another address with the same first and last four digits, as an address poisoner makes it."""
    middle = sha256(address.account.encode()).hexdigest()[:32]
    return Address(address.chain_id, address.account[:6] + middle + address.account[-4:])


ALICE, CAROL, MALLORY, STRANGER = who("alice"), who("carol"), who("mallory"), who("stranger")
IDA, JON, SAM, RITA, DOT = who("ida"), who("jon"), who("sam"), who("rita"), who("dot")
NED, OLGA, KIM = who("ned"), who("olga"), who("kim")
SWIRL, DEX = who("swirl"), who("dex")
ACME_DEPOSIT, ACME_HOT = who("acme deposit"), who("acme hot")
BOLT_DEPOSIT, BOLT_HOT = who("bolt deposit"), who("bolt hot")
USDC = Asset.token(who("usdc"), "USDC", 6)


@dataclass(frozen=True)
class Pay:
    """One named transaction: its payment and its gas. ``height`` is the place in the list unless given."""

    name: str
    source: Address
    target: Address
    units: int
    asset: Asset = field(default=ETH, kw_only=True)
    gas: int = field(default=GAS, kw_only=True)
    ok: bool = field(default=True, kw_only=True)
    height: int | None = field(default=None, kw_only=True)

    @property
    def id(self) -> str:
        """The id of the transfer that pays."""
        return f"{ETHEREUM.id}:{self.name}:{'call 0' if self.asset.contract else 'value'}"

    @property
    def fee_id(self) -> str:
        """The id of the transfer that buys the gas."""
        return f"{ETHEREUM.id}:{self.name}:fee"

    def transfers(self, height: int) -> list[Transfer]:
        """Return its legs as the record shows them: the gas first, then the value, then a token's call."""
        value = 0 if self.asset.contract else self.units
        made = [
            self._transfer(Kind.FEE, height, Leg(None, ETH, self.gas)),
            self._transfer(Kind.VALUE, height, Leg(self.target, ETH, value)),
        ]
        if self.asset.contract:
            made.append(self._transfer(Kind.CALL, height, Leg(self.target, self.asset, self.units)))
        return made

    def _transfer(self, kind: Kind, height: int, out: Leg) -> Transfer:
        return Transfer(
            chain_id=ETHEREUM.id,
            tx=self.name,
            position="call 0" if kind is Kind.CALL else kind.value,
            height=height if self.height is None else self.height,
            index=0,
            order=list(Kind).index(kind),
            time=1_650_000_000 + 12 * height,
            kind=kind,
            basis=Basis.DECODED if kind is Kind.CALL else Basis.RECORDED,
            ok=self.ok,
            inputs=(Leg(self.source, out.asset, out.units),),
            outputs=(out,),
        )


def transfers(pays: Iterable[Pay]) -> list[Transfer]:
    """Return the transfers of named transactions; each stands one block after the one before it."""
    return [t for height, pay in enumerate(pays, start=100) for t in pay.transfers(height)]


def record_of(address: Address, *, complete: bool = True, scope: Scope = Scope.EXTERNAL) -> Coverage:
    """Return what a toytown explorer says of one address: all of it, or a part."""
    check = "row count" if complete else "the answer stops at 10,000 rows"
    return Coverage(address, scope, 0, 100_000, complete, check, "2022-05-01T00:00:00Z", "toytown explorer")


def ledger_of(
    pays: Iterable[Pay], known: Iterable[Address] = (), half_known: Iterable[Address] = ()
) -> Ledger:
    """Return a ledger with a complete record of ``known`` and an incomplete one of ``half_known``."""
    record = [record_of(address) for address in known]
    record += [record_of(address, complete=False) for address in half_known]
    return Ledger(transfers(pays), record)


@dataclass(frozen=True)
class Register:
    """A tiny attribution: who is who in toytown."""

    labels: Mapping[Address, Label]
    lists: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def service(self, address: Address) -> Label | None:
        """Return the label that makes the address a service, or None."""
        label = self.labels.get(address)
        return label if label is not None and label.category.is_service and not label.asserted else None

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return all that is said of an address."""
        label = self.labels.get(address)
        return () if label is None else (label,)

    def listed(self, chain_id: str, tx: str) -> tuple[str, ...]:
        """Return the names of the lists of transactions that hold this one."""
        return self.lists.get((chain_id, tx), ())


def register(*labels: Label) -> Register:
    """Return the attribution that these labels make."""
    return Register({label.address: label for label in labels})


def label_of(address: Address, entity: Entity, *, asserted: bool = False) -> Label:
    """Return the toytown register's word that an address is an entity's."""
    source = "https://register.example/toytown"
    text = f"{entity.name}: wallet"
    category = entity.category
    return Label(
        address, text, category, Use.UNSPECIFIED, entity, source, "web_crawl", "2022-04-01", asserted=asserted
    )


ACME = Entity("acme", "Acme", Category.EXCHANGE)
BOLT = Entity("bolt", "Bolt", Category.EXCHANGE)
SWIRL_MIXER = Entity("swirl", "Swirl", Category.MIXER)
TOY_DEX = Entity("dex", "Toy Dex", Category.DEX)
REGISTER = register(
    label_of(ACME_HOT, ACME), label_of(BOLT_HOT, BOLT), label_of(SWIRL, SWIRL_MIXER), label_of(DEX, TOY_DEX)
)
NOBODY = register()

WORLD = (
    Pay("own-funds", CAROL, MALLORY, 100 * ONE),
    Pay("theft", ALICE, MALLORY, 1_000 * ONE),
    Pay("token-theft", ALICE, MALLORY, 500_000 * 10**6, asset=USDC),
    Pay("split-1", MALLORY, IDA, 600 * ONE),
    Pay("split-2", MALLORY, JON, 400 * ONE),
    Pay("top-up", CAROL, JON, 50 * ONE),
    Pay("dust-1", STRANGER, MALLORY, 10**14),
    Pay("spoof-1", twin(IDA), MALLORY, 10**9),
    Pay("zero-1", STRANGER, MALLORY, 0),
    Pay("mixer-in-1", IDA, SWIRL, 100 * ONE),
    Pay("mixer-in-2", IDA, SWIRL, 100 * ONE),
    Pay("mixer-in-3", IDA, SWIRL, 100 * ONE),
    Pay("failed-1", IDA, KIM, 10 * ONE, ok=False),
    Pay("cash-in-1", IDA, ACME_DEPOSIT, 150 * ONE),
    Pay("sweep-1", ACME_DEPOSIT, ACME_HOT, 150 * ONE - GAS),
    Pay("cash-in-2", JON, ACME_DEPOSIT, 120 * ONE),
    Pay("sweep-2", ACME_DEPOSIT, ACME_HOT, 120 * ONE - GAS),
    Pay("bolt-in-1", JON, BOLT_DEPOSIT, 80 * ONE + 123_456_789),
    Pay("bolt-in-2", JON, BOLT_DEPOSIT, 40 * ONE),
    Pay("consolidated-sweep", BOLT_DEPOSIT, BOLT_HOT, 120 * ONE - GAS),
    Pay("token-split-1", MALLORY, SAM, 500_000 * 10**6, asset=USDC),
    Pay("swap-1", SAM, DEX, 0),
    Pay("swap-back", SAM, MALLORY, 150 * ONE),
    Pay("return-1", IDA, MALLORY, 20 * ONE),
    Pay("swap-2", IDA, DEX, 10 * ONE),
    Pay("peel-1", IDA, NED, 73_811_834_374_516_485_548),
    Pay("hide-1", JON, OLGA, 60 * ONE),
    Pay("keep-1", MALLORY, RITA, 30 * ONE),
    Pay("crumbs", MALLORY, DOT, ONE // 2),
)
PAID = {pay.name: pay for pay in WORLD}
KNOWN = (MALLORY, IDA, JON, SAM, RITA, KIM, ACME_DEPOSIT, BOLT_DEPOSIT)
HALF_KNOWN = (OLGA,)


def theft_of(pay: Pay, name: str = "") -> Theft:
    """Return a transaction as a theft."""
    return Theft(name or pay.name, pay.asset, pay.units, pay.id, pay.source, pay.target)


THEFT, TOKEN_THEFT = theft_of(PAID["theft"]), theft_of(PAID["token-theft"])
MINIMUM = ((ETH, ONE), (USDC, 10**6))


def world() -> Ledger:
    """Return toytown's ledger with what is on record of each address."""
    return ledger_of(WORLD, KNOWN, HALF_KNOWN)


EndOf = Callable[[Address], End | None]


def nowhere(_: Address) -> End | None:
    """Say of every address that no trace ends there."""
    return None


def end_of(attribution: Register, findings: Iterable[Finding] = ()) -> EndOf:
    """Tell where a trace ends: at found deposit addresses and at labelled services."""
    deposits = {f.address: f for f in findings if isinstance(f, Role) and f.role is RoleName.DEPOSIT}
    entities = {label.entity.id: label.entity for label in attribution.labels.values() if label.entity}

    def ends(address: Address) -> End | None:
        role = deposits.get(address)
        if role is not None:
            return End(StopReason.DEPOSIT, entities[role.entity], role.cls, role.detail)
        label = attribution.service(address)
        if label is None:
            return None
        reason = StopReason.MIXER if label.category is Category.MIXER else StopReason.SERVICE
        return End(reason, label.entity, Class.P, f"labelled by {label.source}")

    return ends


def follow(
    ledger: Ledger, thefts: Sequence[Theft], *, ends: EndOf = nowhere, policy: Policy | None = None
) -> Tracer:
    """Give a tracer what it wants until it wants nothing."""
    tracer = Tracer(thefts, ends, policy or Policy(MINIMUM))
    while wanted := tracer.wanted():
        for address in wanted:
            tracer.add(address, ledger.of(address) if ledger.coverage_of(address) else None)
    return tracer


def account(tracer: Tracer, ledger: Ledger, findings: Sequence[Finding] = ()) -> Trace:
    """Account for every unit of a finished tracer."""
    found = tuple(f for f in findings if isinstance(f, Role))
    return account_for(tracer, Known(ledger, lambda _: (), found))
