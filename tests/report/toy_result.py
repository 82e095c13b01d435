"""A small, complete Result made by hand: one theft of ETH and one of USDC in a fictional toytown.

The way of the money (all names fictional; every address is 0x followed by one repeated pair of digits):

    carol (clean 100 ETH) ─▶ mallory ◀─ vault (1,000 ETH and 500,000 USDC, the theft)
    mallory ─▶ ida ─▶ swirl (mixer, 4 × 100 ETH) and ─▶ acme deposit ─▶ acme hot wallet
    mallory ─▶ jon ─▶ bolt deposit ─▶ bolt hot wallet, and ─▶ nell (no data)
    mallory ─▶ dot (below minimum)

The clean 100 ETH that mallory held before the theft, and 50 ETH that jon receives later, make every rule give
another answer. The taint is worked out by `_follow`, a few lines per rule, so that the accounts balance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from flowtrace.model import (
    ACCOUNT_RULES,
    ETHEREUM,
    Account,
    Address,
    Asset,
    Basis,
    Category,
    Citation,
    Class,
    Coverage,
    Deposit,
    Entity,
    Gap,
    GapKind,
    Hop,
    Incident,
    Kind,
    Label,
    Leg,
    Requester,
    Result,
    Role,
    RoleName,
    Rule,
    RuleCard,
    Scope,
    SetAside,
    Stop,
    StopReason,
    Theft,
    Trace,
    Transfer,
    Use,
)

ETH = Asset.native(ETHEREUM)
GWEI, ONE = 10**9, 10**18


def at(pair: str) -> Address:
    """Return the toytown address of a repeated pair of hexadecimal digits."""
    return Address(ETHEREUM.id, "0x" + pair * 20)


CAROL, VAULT, MALLORY, IDA, JON = at("c1"), at("fa"), at("d0"), at("1d"), at("10")
SWIRL, ACME_DEPOSIT, ACME_HOT = at("51"), at("ac"), at("ab")
BOLT_DEPOSIT, BOLT_HOT, NELL, DOT, SPOOF = at("b0"), at("b1"), at("2e"), at("d7"), at("5f")
USDC = Asset.token(at("0c"), "USDC", 6)
ACME = Entity("acme", "Acme Exchange", Category.EXCHANGE)
BOLT = Entity("bolt", "Bolt Exchange", Category.EXCHANGE)
SWIRL_MIXER = Entity("swirl", "Swirl", Category.MIXER)
NAMES = {SWIRL: SWIRL_MIXER, ACME_DEPOSIT: ACME, ACME_HOT: ACME, BOLT_DEPOSIT: BOLT, BOLT_HOT: BOLT}
STOPS = {
    SWIRL: (StopReason.MIXER, Class.D, "labelled as the mixer's contract; source: toytown register"),
    ACME_DEPOSIT: (StopReason.DEPOSIT, Class.P, "swept to a labelled hot wallet"),
    BOLT_DEPOSIT: (StopReason.DEPOSIT, Class.P, "swept to a labelled hot wallet"),
    NELL: (StopReason.NO_DATA, Class.D, "no recorded answer for this address"),
    DOT: (StopReason.MINIMUM, Class.D, "below the minimum value of the case"),
}
FOLLOWED = frozenset({MALLORY, IDA, JON})

_ETH_WAY: tuple[tuple[Address, Address, int], ...] = (
    (CAROL, MALLORY, 100 * ONE),
    (VAULT, MALLORY, 1000 * ONE),
    (MALLORY, IDA, 600 * ONE),
    (MALLORY, JON, 400 * ONE + 7),
    (CAROL, JON, 50 * ONE),
    (IDA, SWIRL, 100 * ONE),
    (IDA, SWIRL, 100 * ONE),
    (IDA, SWIRL, 100 * ONE),
    (IDA, SWIRL, 100 * ONE),
    (IDA, ACME_DEPOSIT, 150 * ONE),
    (ACME_DEPOSIT, ACME_HOT, 150 * ONE - 21000 * GWEI),
    (JON, BOLT_DEPOSIT, 120 * ONE + 123456789012345678),
    (JON, BOLT_DEPOSIT, 80 * ONE),
    (BOLT_DEPOSIT, BOLT_HOT, 200 * ONE + 123435789012345678),
    (JON, NELL, 73811834374516485548),
    (MALLORY, DOT, 3 * ONE),
    (SPOOF, MALLORY, 0),
)


def _transfer(number: int, kind: Kind, way: tuple[Address, Address | None, Asset, int]) -> Transfer:
    source, target, asset, units = way
    basis = Basis.DECODED if source == VAULT else Basis.RECORDED
    return Transfer(
        ETHEREUM.id, f"0x{number:064x}", "call 0" if kind is Kind.CALL else kind.value, 14_000_000 + number,
        number % 7, 0 if kind is Kind.FEE else 1, 1_648_000_000 + 13 * number, kind, basis, ok=True,
        inputs=(Leg(source, asset, units),), outputs=(Leg(target, asset, units),),
    )  # fmt: skip


def _transfers() -> Iterable[Transfer]:
    for number, (source, target, units) in enumerate(_ETH_WAY, start=1):
        if source in FOLLOWED:
            yield _transfer(number, Kind.FEE, (source, None, ETH, 21000 * GWEI))
        kind = Kind.CALL if source == VAULT else Kind.VALUE
        yield _transfer(number, kind, (source, target, ETH, units))
    yield _transfer(90, Kind.CALL, (VAULT, MALLORY, USDC, 500_000_000_000))


class _Pot:
    """What an address holds: lots of (units, whether stolen), in the order they came."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []

    def total(self, stolen: int | None = None) -> int:
        return sum(units for units, flag in self.lots if stolen in (None, flag))

    def take(self, order: Iterable[list[int]], units: int) -> int:
        taken = 0
        for lot in list(order):
            part = min(lot[0], units)
            lot[0], units, taken = lot[0] - part, units - part, taken + part * lot[1]
        return taken

    def pay(self, rule: Rule, units: int) -> int:
        if rule is Rule.POISON:
            poisoned = self.total(1) > 0
            self.take(self.lots, units)
            return units if poisoned else 0
        if rule is Rule.PRO_RATA:
            stolen = units * self.total(1) // self.total()
            dirty, clean = ([lot for lot in self.lots if lot[1] == flag] for flag in (1, 0))
            return self.take(dirty, stolen) + self.take(clean, units - stolen)
        return self.take(self._order(rule), units)

    def _order(self, rule: Rule) -> list[list[int]]:
        if rule is Rule.FIFO:
            return self.lots
        if rule is Rule.LIFO:
            return self.lots[::-1]
        return sorted(self.lots, key=lambda lot: lot[1], reverse=rule is Rule.DIRTY_FIRST)

    def resting(self, rule: Rule) -> int:
        return self.total() if rule is Rule.POISON and self.total(1) else self.total(1)

    def receive(self, rule: Rule, units: int, stolen: int) -> None:
        self.lots += [[stolen, 1], [units - stolen, 0]]
        if rule is Rule.POISON and self.total(1):
            self.lots = [[self.total(), 1]]


def _follow(rule: Rule, asset: Asset) -> tuple[dict[str, int], dict[Address, int], int]:
    """Return the taint of each transfer, what rests where, and what went into fees."""
    pots: dict[Address, _Pot] = defaultdict(_Pot)
    carried: dict[str, int] = {}
    fees = 0
    for t in (t for t in _transfers() if t.amount.asset == asset):
        units, source = t.amount.units, t.source
        assert source is not None
        stolen = units if source == VAULT else pots[source].pay(rule, units) if source in FOLLOWED else 0
        carried[t.id] = stolen
        if t.target is None:
            fees += stolen
        else:
            pots[t.target].receive(rule, units, stolen)
    known = FOLLOWED | set(STOPS)
    return carried, {a: pot.resting(rule) for a, pot in pots.items() if a in known}, fees


def _theft(asset: Asset) -> Theft:
    transfer = next(t for t in _transfers() if t.source == VAULT and t.amount.asset == asset)
    return Theft(asset.symbol.lower(), asset, transfer.amount.units, transfer.id, VAULT, MALLORY)


THEFTS = (_theft(ETH), _theft(USDC))


def _hops() -> Iterable[Hop]:
    depth = {VAULT: 0, MALLORY: 1, IDA: 2, JON: 2}
    row = 0
    for theft in THEFTS:
        carried = {rule: _follow(rule, theft.asset)[0] for rule in ACCOUNT_RULES}
        for t in (t for t in _transfers() if t.amount.asset == theft.asset and t.kind is not Kind.FEE):
            taint = {rule: carried[rule][t.id] for rule in ACCOUNT_RULES}
            if any(taint.values()):
                row += 1
                yield Hop(row, theft.id, t, depth[t.source], taint)  # type: ignore[index]


def _stops() -> Iterable[Stop]:
    for theft in THEFTS:
        resting = {rule: _follow(rule, theft.asset)[1] for rule in ACCOUNT_RULES}
        for address in resting[Rule.POISON]:
            taint = {rule: resting[rule][address] for rule in ACCOUNT_RULES}
            if any(taint.values()):
                yield _stop(theft, address, taint)


def _stop(theft: Theft, address: Address, taint: dict[Rule, int]) -> Stop:
    came = [t for t in _transfers() if t.target == address and t.amount.asset == theft.asset]
    came = [t for t in came if t.amount.units and t.source != CAROL]
    at_rest = (StopReason.AT_REST, Class.D, "the balance left at the end of the record")
    reason, cls, basis = STOPS.get(address, at_rest)
    claims = tuple(label for label in LABELS.get(address, ()) if label.asserted)
    return Stop(
        theft.id, address, theft.asset, reason, sum(t.amount.units for t in came), len(came),
        len({t.source for t in came}), taint, NAMES.get(address), cls, basis, claims,
    )  # fmt: skip


def _label(address: Address, text: str, use: Use) -> Label:
    entity = NAMES[address]
    source = "https://register.example/toytown"
    return Label(address, text, entity.category, use, entity, source, "web_crawl", "2022-04-01")


LABELS = {
    SWIRL: (_label(SWIRL, "Swirl: Router", Use.CONTRACT),),
    ACME_HOT: (_label(ACME_HOT, "Acme: Hot Wallet", Use.HOT_WALLET),),
    BOLT_HOT: (_label(BOLT_HOT, "Bolt: Hot Wallet", Use.HOT_WALLET),),
    NELL: (
        Label(
            NELL, "Acme Deposit Address", Category.EXCHANGE, Use.DEPOSIT, ACME,
            "https://research.example/toytown", "web_crawl", "2022-06-01", asserted=True,
        ),
    ),
}  # fmt: skip
CARD = RuleCard(
    "deposit_reuse", 1, "An address that empties into a labelled hot wallet is a deposit address.",
    Class.P, "Victor, Address clustering heuristics for Ethereum (FC 2020)", (("tolerance", "0.01"),),
    ("a payout processor may sweep to the same hot wallet",), "the exchange denies the address",
)  # fmt: skip


def _deposits(hops: tuple[Hop, ...]) -> Iterable[Deposit]:
    hot = {ACME_DEPOSIT: ACME_HOT, BOLT_DEPOSIT: BOLT_HOT}
    for hop in hops:
        target = hop.transfer.target
        if target in hot:
            sweep = next(t for t in _transfers() if t.source == target)
            basis = f"emptied into {hot[target].display} in {sweep.tx}"
            yield Deposit(hop, NAMES[target], sweep, hot[target], basis)


def _accounts() -> Iterable[Account]:
    for theft in THEFTS:
        for rule in ACCOUNT_RULES:
            _, resting, fees = _follow(rule, theft.asset)
            rest = sum(resting.values())
            yield Account(theft, rule, theft.units, rest + fees - theft.units, fees, rest)


def _trace() -> Trace:
    hops = tuple(_hops())
    spoof = next(t for t in _transfers() if t.source == SPOOF)
    role = Role(ACME_DEPOSIT, RoleName.DEPOSIT, "acme", "deposit_reuse/1", (spoof.id,), Class.P, "one sweep")
    mixing = Role(IDA, RoleName.MIXER_DEPOSITOR, "", "service_stop/1", (), Class.D, "4 deposits")
    return Trace(
        ACCOUNT_RULES, hops, tuple(_stops()), tuple(_deposits(hops)), tuple(_accounts()), (role, mixing),
        (SetAside(spoof.id, SPOOF, "dust_and_spoof/1", "zero value from a look-alike"),),
        (
            Gap(GapKind.DECODED, NELL, "No answer is held for this address."),
            Gap(GapKind.SCOPE, None, "Internal transfers are not held."),
        ),
        tuple(sorted(FOLLOWED)),
    )  # fmt: skip


INCIDENT = Incident(
    "toytown-2022", "Toytown Vault theft 2022", "2022-03-23", "Toytown Vault", (MALLORY,), THEFTS,
    (Citation("Toytown Police", "The police attribute the theft to Mallory.", "2022-04-14", "https://police.example/1"),),
    (Citation("Toytown Explorer", "recorded answers", "2022-05-01", "https://explorer.example"),),
)  # fmt: skip


def toy_result(requester: Requester | None = None) -> Result:
    """Return the toytown case, worked through."""
    span = [
        Coverage(a, Scope.EXTERNAL, 0, 14_000_100, complete, "row count", "2022-05-01T00:00:00Z", "explorer")
        for a, complete in ((MALLORY, True), (IDA, True), (JON, True), (NELL, False))
    ]
    return Result(
        "0.1.0", "2022-05-01", ((ETHEREUM.id, 14_000_100),), "d" * 64, "e" * 64, INCIDENT,
        (("budget", "1000"), ("minimum", "5 ETH")), (CARD,), _trace(), (), tuple(span), tuple(_transfers()),
        LABELS, requester or Requester(),
    )  # fmt: skip
