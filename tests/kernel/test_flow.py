"""The tracer's flow over both engines against the oracle: accounts and coins, thefts and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from base58_bech32.base58 import b58encode_check
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.kernel import engine
from flowtrace.model import ACCOUNT_RULES, Address, Asset, Chain, Kind, Leg, Theft, Transfer, rules_for
from flowtrace.moves.coin import coin_transfer
from flowtrace.trace.flow import Run, flow, groups_of
from flowtrace.trace.plan import Plan
from kernel.oracle_flow import flow as oracle
from strategies import PEOPLE, histories
from toytown import ALICE, CAROL, ETH, IDA, MALLORY, Pay
from trace_swaps import lives

BITCOIN = Chain.of("bitcoin")
BTC = Asset.native(BITCOIN)
HOLDERS = tuple(
    Address(BITCOIN.id, b58encode_check(b"\0" + sha256(name.encode()).digest()[:20]).decode())
    for name in ("ann", "ben", "cleo", "dan")
)
SATOSHI = st.integers(0, 9) | st.integers(0, 1 << 60)


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


def check(theft: Theft, way: Sequence[Transfer], *, followed: frozenset[Address], plainly: bool) -> None:
    """Compare what the tracer's flow makes of a theft with what the oracle makes of it, under every rule."""
    for rule in ACCOUNT_RULES:
        with pytest.MonkeyPatch.context() as patch:
            if plainly:
                patch.setattr(engine, "available", lambda: False)
            found = flow(theft, rule, way, followed=followed)
        told = oracle(theft, rule, way, followed=followed)
        assert set(found.legs) == set(told.taint)
        for transfer in way:
            if transfer.id in told.taint:
                assert found.of(transfer) == told.taint[transfer.id], rule
                legs = range(len(transfer.outputs))
                assert [found.of_leg(transfer, n) for n in legs] == [told.of_leg(transfer, n) for n in legs]
        book = found.book
        assert (book.stolen, book.clean, book.fees) == (told.purses.stolen, told.purses.clean, told.fees), (
            rule
        )
        assert found.stolen == told.stolen
        missing = {key: units for (key, _), units in told.purses.missing.items() if isinstance(key, Address)}
        assert found.missing[theft.asset] == missing
        for address in (*HOLDERS, *PEOPLE):
            assert found.resting(address) == told.resting(address), rule


@given(way=chains(), data=st.data(), plainly=st.booleans())
def test_coins(way: list[Transfer], data: st.DataObject, *, plainly: bool) -> None:
    """On a UTXO chain, of a theft and of a mark, whoever is followed."""
    followed = frozenset(data.draw(st.sets(st.sampled_from(HOLDERS))))
    heist = data.draw(st.sampled_from(way))
    thief = next(leg.address for leg in heist.outputs if leg.address is not None)
    theft = Theft("btc", BTC, heist.outputs[0].units, heist.id, HOLDERS[0], thief)
    mark = Theft("btc", BTC, 0, "", None, thief)
    for one in (theft, mark):
        check(one, way, followed=followed | {thief}, plainly=plainly)


@given(pays=histories(), data=st.data(), plainly=st.booleans())
def test_accounts(pays: list[Pay], data: st.DataObject, *, plainly: bool) -> None:
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
    for theft in thefts:
        check(theft, moved, followed=followed | {theft.thief}, plainly=plainly)


def told(thefts: Sequence[Theft], way: Sequence[Transfer], followed: frozenset[Address]) -> list[object]:
    """Return all that the runs of thefts say, under every rule that applies."""
    found: list[object] = []
    for group in groups_of(thefts):
        plan = Plan(group, followed).lay(way)
        for rule in rules_for(theft.asset for theft in group):
            run = Run(plan, rule).carry_out()
            flows = [run.flow(label) for label in range(len(group))]
            found += [
                (f.legs, f.books, f.missing, [f.resting(a) for a in (*HOLDERS, *PEOPLE, MALLORY, IDA)])
                for f in flows
            ]
    return found


def on_both(thefts: Sequence[Theft], way: Sequence[Transfer], followed: frozenset[Address]) -> None:
    """Hold the engine that serves against the plain one."""
    served = told(thefts, way, followed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "available", lambda: False)
        assert told(thefts, way, followed) == served


@given(way=lives(), data=st.data())
def test_swaps_and_several_thefts_on_both_engines(way: list[Transfer], data: st.DataObject) -> None:
    """Issue: fast equals plain "on random ledgers including [...] fees, swaps"; several thefts among them."""
    heist = next(t for t in way if t.kind is Kind.VALUE)
    coins = [t for t in way if t.kind is Kind.INTERNAL and t.target in {MALLORY, IDA} and t.source == CAROL]
    others = data.draw(st.lists(st.sampled_from(coins), unique=True, max_size=2)) if coins else []
    thefts = [
        Theft(f"theft {n}", ETH, t.amount.units, t.id, t.source, t.target)
        for n, t in enumerate([heist, *others])
        if t.target is not None
    ]
    on_both(thefts, way, frozenset({MALLORY, IDA}))


@given(way=chains(), data=st.data())
def test_several_thefts_of_coins_on_both_engines(way: list[Transfer], data: st.DataObject) -> None:
    """The same on coins, TIHO and TILO among the rules."""
    thefts = []
    for n, heist in enumerate(data.draw(st.lists(st.sampled_from(way), unique=True, min_size=1, max_size=3))):
        thief = next(leg.address for leg in heist.outputs if leg.address is not None)
        units = sum(leg.units for leg in heist.outputs if leg.address == thief)
        thefts.append(Theft(f"theft {n}", BTC, units, heist.id, None, thief))
    on_both(thefts, way, frozenset(theft.thief for theft in thefts))


@given(way=lives(), data=st.data())
def test_relabelling_addresses_changes_nothing(way: list[Transfer], data: st.DataObject) -> None:
    """Issue: "invariance under relabelling of addresses": other names, the same units on every output."""
    heist = next(t for t in way if t.kind is Kind.VALUE)
    met = {leg.address for t in way for leg in (*t.inputs, *t.outputs) if leg.address}
    people = sorted(met | {MALLORY, IDA})
    names = dict(zip(people, data.draw(st.permutations(people)), strict=True))

    def renamed(leg: Leg) -> Leg:
        return leg if leg.address is None else replace(leg, address=names[leg.address])

    other = [
        replace(t, inputs=tuple(map(renamed, t.inputs)), outputs=tuple(map(renamed, t.outputs))) for t in way
    ]
    theft = Theft("heist", ETH, heist.amount.units, heist.id, ALICE, MALLORY)
    moved = replace(theft, thief=names[MALLORY])
    for rule in ACCOUNT_RULES:
        one = flow(theft, rule, way, followed={MALLORY, IDA})
        two = flow(moved, rule, other, followed={names[MALLORY], names[IDA]})
        assert (one.legs, one.books) == (two.legs, two.books), rule
