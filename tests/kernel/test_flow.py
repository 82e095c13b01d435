"""Both engines against ``trace/flow.py`` on random transfers: accounts and coins, thefts and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from base58_bech32.base58 import b58encode_check
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.fetch.coins import coin_transfer
from flowtrace.kernel.compiled import Compiled
from flowtrace.kernel.plain import Plain
from flowtrace.model import ACCOUNT_RULES, Address, Asset, Chain, Kind, Leg, Theft, Transfer
from flowtrace.trace.flow import Flow, flow
from kernel.stories import Run, Transaction, grouped, told
from strategies import PEOPLE, histories
from toytown import ETH, Pay

BITCOIN = Chain.of("bitcoin")
BTC = Asset.native(BITCOIN)
HOLDERS = tuple(
    Address(BITCOIN.id, b58encode_check(b"\0" + sha256(name.encode()).digest()[:20]).decode())
    for name in ("ann", "ben", "cleo", "dan")
)
SATOSHI = st.integers(0, 9) | st.integers(0, 1 << 60)


@dataclass
class Plan:
    """A theft's transfers in columns: what moves does not depend on the rule."""

    theft: Theft
    followed: frozenset[Address]
    places: dict[object, int] = field(default_factory=dict)
    acts: list[Transaction] = field(default_factory=list)
    moved: list[tuple[Transfer, list[Leg]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._marked = {self.theft.thief}
        self._mark = self._slot(self.theft.thief) if self.theft.is_mark else -1
        self._held: set[object] = set()

    def add(self, transfer: Transfer) -> None:
        """Take a transfer where it concerns what is followed."""
        asset = self.theft.asset
        inputs = [leg for leg in transfer.inputs if leg.asset == asset]
        outputs = [leg for leg in transfer.outputs if leg.asset == asset]
        if not inputs or not outputs:
            return
        givers = {leg.address for leg in inputs if leg.address}
        takers = {leg.address for leg in outputs if leg.address}
        given = [self._key(leg) if self._gives(leg) else None for leg in inputs]
        ours = any(key is not None for key in given)
        stolen = self._stolen(transfer, outputs, givers)
        held = len(inputs) == len(outputs) == 1 and not inputs[0].coin  # a coin spent is another coin after
        within = held and givers == takers and not stolen
        if within or not (ours or stolen or takers & self.followed):
            return
        taken = [self._key(leg) if ours or leg.address in self.followed else None for leg in outputs]
        gets = [(self._slot(key), leg.units, 0 if n in stolen else -1)
                for n, (key, leg) in enumerate(zip(taken, outputs, strict=True))]  # fmt: skip
        if len(outputs) > 1 and (outputs[-1].address or outputs[-1].coin):
            gets.append((-1, 0, -1))
        gives = [(self._slot(key), leg.units, -1) for key, leg in zip(given, inputs, strict=True)]
        self._held |= {key for key in (*given, *taken) if key is not None}
        self.acts.append((gives, gets))
        self.moved.append((transfer, outputs))
        if self.theft.is_mark and ours and givers & self._marked:
            self._marked |= takers

    def run(self, run: Run) -> list[list[int]]:
        """Return the tainted units of the outputs of each transfer that moves."""
        units = iter([units for units, _ in told(run.spend(grouped(tuple(self.acts))))])
        rows = [[next(units) for _ in gets] for _, gets in self.acts]
        return [row[: len(outputs)] for row, (_, outputs) in zip(rows, self.moved, strict=True)]

    @property
    def marked(self) -> dict[int, int]:
        """The marked place, if the theft is a mark."""
        return {} if self._mark < 0 else {self._mark: 0}

    def _gives(self, leg: Leg) -> bool:
        return leg.address in self.followed or bool(leg.coin and self._key(leg) in self._held)

    def _stolen(self, transfer: Transfer, outputs: Sequence[Leg], givers: set[Address]) -> set[int]:
        if self.theft.is_mark:
            if not transfer.ok or transfer.kind is Kind.FEE or givers & self._marked:
                return set()
        elif transfer.id != self.theft.transfer:
            return set()
        return {n for n, leg in enumerate(outputs) if leg.address == self.theft.thief}

    def _key(self, leg: Leg) -> object:
        return leg.coin or leg.address

    def _slot(self, key: object) -> int:
        return -1 if key is None else self.places.setdefault(key, len(self.places))


@st.composite
def chains(draw: st.DrawFn) -> list[Transfer]:
    """Draw transactions of coins: each spends some unspent coins, and some from elsewhere."""
    made: list[Transfer] = []
    unspent: list[tuple[Address, int, str]] = []
    for number in range(draw(st.integers(1, 9))):
        spent = draw(st.lists(st.sampled_from(unspent), unique=True, max_size=3)) if unspent else []
        fresh = [(draw(st.sampled_from(HOLDERS)), draw(SATOSHI), f"{sha256(b'%d' % number).hexdigest()}:{n}")
                 for n in range(draw(st.integers(0 if spent else 1, 2)))]  # fmt: skip
        left, outputs = sum(units for _, units, _ in (*spent, *fresh)), []
        txid = sha256(f"tx {number}".encode()).hexdigest()
        for place in range(draw(st.integers(1, 4))):
            part = draw(st.integers(0, left) | st.just(left))
            outputs.append((draw(st.sampled_from(HOLDERS)), part, f"{txid}:{place}"))
            left -= part
        made.append(
            coin_transfer(
                BITCOIN,
                txid,
                height=1 + number,
                index=0,
                time=1_600_000_000 + number,
                inputs=[*spent, *fresh],
                outputs=outputs,
            )
        )
        unspent = [one for one in unspent if one not in spent] + [one for one in outputs if one[1]]
    return made


def check(theft: Theft, transfers: Sequence[Transfer], *, followed: frozenset[Address], built: bool) -> None:
    """Compare what both engines make of a theft with what the flow makes of it, under every rule."""
    plan = Plan(theft, followed)
    for transfer in transfers:
        plan.add(transfer)
    for rule in ACCOUNT_RULES:
        found = flow(theft, rule, transfers, followed=followed)
        for engine in (Plain, Compiled) if built else (Plain,):
            run = engine(rule, len(plan.places), marked=plan.marked)
            rows = plan.run(run)
            assert len(rows) == len(found.taint)
            _check_rows(plan, rows, found)
            sums, state = run.sums()[-1], run.state()
            assert (sums.stolen, sums.clean) == (found.purses.stolen, found.purses.clean), rule
            for (key, asset), held in found.purses.held.items():
                at = plan.places[key]
                missing = found.purses.missing.get((key, asset), 0)
                here = (state.balance[at], state.taint(at), state.missing[at])
                assert here == (held.balance, held.taint, missing), rule


def _check_rows(plan: Plan, rows: Sequence[list[int]], found: Flow) -> None:
    for (transfer, outputs), row in zip(plan.moved, rows, strict=True):
        legs = [n for n, leg in enumerate(transfer.outputs) if leg.asset == plan.theft.asset]
        if transfer.kind is not Kind.FEE:
            to_someone = sum(u for u, leg in zip(row, outputs, strict=True) if leg.address or leg.coin)
            assert found.taint[transfer.id] == to_someone
        if len(transfer.outputs) > 1:
            assert [found.of_leg(transfer, n) for n in legs] == row


@given(way=chains(), data=st.data())
def test_coins(built: bool, way: list[Transfer], data: st.DataObject) -> None:  # noqa: FBT001  a fixture
    """On a UTXO chain, of a theft and of a mark, whoever is followed."""
    followed = frozenset(data.draw(st.sets(st.sampled_from(HOLDERS))))
    heist = data.draw(st.sampled_from(way))
    thief = next(leg.address for leg in heist.outputs if leg.address is not None)
    theft = Theft("btc", BTC, heist.outputs[0].units, heist.id, HOLDERS[0], thief)
    mark = Theft("btc", BTC, 0, "", None, thief)
    for one in (theft, mark):
        check(one, way, followed=followed | {thief}, built=built)


@given(pays=histories(), data=st.data())
def test_accounts(built: bool, pays: list[Pay], data: st.DataObject) -> None:  # noqa: FBT001  as above
    """On an account chain, with gas, failed transactions and payments to oneself."""
    way = [t for height, pay in enumerate(pays, start=1) for t in pay.transfers(height)]
    moved = [t for t in way if t.ok or t.kind is Kind.FEE]
    followed = frozenset(data.draw(st.sets(st.sampled_from(PEOPLE))))
    paid = [t for t in moved if t.target is not None and t.amount.asset == ETH]
    thief = data.draw(st.sampled_from(PEOPLE))
    thefts = [Theft("eth", ETH, 0, "", None, thief)]
    if paid:
        heist = data.draw(st.sampled_from(paid))
        assert heist.target is not None
        thefts.append(Theft("eth", ETH, heist.amount.units, heist.id, PEOPLE[0], heist.target))
    # amounts of histories may pass 2^126: those runs are for the plain engine alone
    narrow = sum(t.amount.units for t in moved) < 1 << 126
    for theft in thefts:
        check(theft, moved, followed=followed | {theft.thief}, built=built and narrow)
