"""Flows over coins and marks: nothing is lost among many inputs and outputs, nothing is marked twice."""

from __future__ import annotations

from hashlib import sha256

import pytest
from base58_bech32.base58 import b58encode_check
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import ACCOUNT_RULES, Address, Asset, Chain, Rule, Theft, Transfer
from flowtrace.moves.coin import coin_transfer
from flowtrace.trace import Policy, Tracer
from flowtrace.trace.flow import flow
from toytown import ETH, ONE, Pay, who

BITCOIN = Chain.of("bitcoin")
BTC = Asset.native(BITCOIN)
CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)
NAMES = ("vic", "thief", "peeler", "shop", "miner", "mixer")


def holder(name: str) -> Address:
    """Return the Bitcoin address of a name: a hash of the name with the version of P2PKH."""
    return Address(BITCOIN.id, b58encode_check(b"\0" + sha256(name.encode()).digest()[:20]).decode())


VIC, THIEF, PEELER, SHOP = (holder(name) for name in NAMES[:4])


def spend(
    name: str, height: int, *, inputs: list[tuple[str, int, str]], outputs: list[tuple[str, int]]
) -> Transfer:
    """Return a transaction: inputs as (holder, units, coin), outputs as (holder, units); the fee is left."""
    txid = sha256(name.encode()).hexdigest()
    return coin_transfer(
        BITCOIN, txid, height=height, index=0, time=1_600_000_000 + 600 * height,
        inputs=[(holder(who), units, coin) for who, units, coin in inputs],
        outputs=[(holder(who), units, f"{txid}:{n}") for n, (who, units) in enumerate(outputs)],
    )  # fmt: skip


def coin(name: str, place: int) -> str:
    """Return the outpoint of an output of a transaction by its name."""
    return f"{sha256(name.encode()).hexdigest()}:{place}"


HEIST = spend("heist", 10, inputs=[("vic", 1_000, coin("old", 0))], outputs=[("thief", 900), ("vic", 90)])
PEEL = spend("peel", 11, inputs=[("thief", 900, coin("heist", 0))], outputs=[("shop", 100), ("thief", 790)])
MERGE = spend(
    "merge",
    12,
    inputs=[("thief", 790, coin("peel", 1)), ("peeler", 210, coin("clean", 0))],
    outputs=[("mixer", 600), ("peeler", 395)],
)
WAY = (HEIST, PEEL, MERGE)
LOOT = Theft("btc", BTC, 900, HEIST.id, VIC, THIEF)


@pytest.mark.parametrize("rule", ACCOUNT_RULES)
def test_coins_conserve(rule: Rule) -> None:
    """Algorithms 3.1: "sum out + fee = sum in, for value and for taint"; poison names its surplus."""
    found = flow(LOOT, rule, WAY, followed={THIEF, PEELER})
    resting = sum(found.resting(holder(name)) for name in NAMES)
    assert resting + found.book.fees == found.book.stolen + found.book.clean
    assert found.book.stolen == 900
    assert rule is Rule.POISON or found.book.clean == 0


def test_a_peel_under_fifo_and_tiho() -> None:
    """The peel is paid first under FIFO; the largest output takes the stolen part first under dirty-first."""
    fifo = flow(LOOT, Rule.FIFO, WAY, followed={THIEF, PEELER})
    assert (fifo.of_leg(PEEL, 0), fifo.of_leg(PEEL, 1)) == (100, 790)
    assert (fifo.of_leg(MERGE, 0), fifo.of_leg(MERGE, 1), fifo.book.fees) == (600, 190, 10)
    largest = flow(LOOT, Rule.DIRTY_FIRST, WAY, followed={THIEF, PEELER})
    assert (largest.of_leg(MERGE, 0), largest.of_leg(MERGE, 1)) == (600, 190)


def test_the_hops_of_a_coin_name_who_was_paid() -> None:
    """One hop per output that carries stolen value; change that comes back to its payer is none."""
    histories = {THIEF: WAY, SHOP: (PEEL,), PEELER: (MERGE,), holder("mixer"): (MERGE,)}
    tracer = Tracer([LOOT], lambda _: None, Policy())
    while wanted := tracer.wanted():
        for address in wanted:
            tracer.add(address, histories.get(address))
    assert {THIEF, SHOP, PEELER} <= set(tracer.followed)
    assert tracer.flow(LOOT, Rule.FIFO).resting(SHOP) == 100


def test_coins_have_two_rules_more() -> None:
    """Issue 4: six rules side by side, "plus TIHO and TILO on UTXO chains"; by hand, of two outputs."""
    tracer = Tracer([LOOT], lambda _: None, Policy())
    assert tracer.rules == (*ACCOUNT_RULES, Rule.TIHO, Rule.TILO)
    tracer.add(THIEF, WAY)
    told = {rule: tracer.flow(LOOT, rule) for rule in tracer.rules}
    assert [told[Rule.TIHO].of_leg(MERGE, n) for n in (0, 1)] == [600, 190]
    assert [told[Rule.TILO].of_leg(MERGE, n) for n in (0, 1)] == [395, 395]
    eth = Theft("eth", ETH, 1, "eip155:1:theft:value", who("vic"), who("thief"))
    assert Tracer([eth], lambda _: None, Policy()).rules == ACCOUNT_RULES


def test_a_coin_paid_to_its_own_holder_stays_stolen() -> None:
    """Coins that are paid to the address they came from, without a fee, are other coins, and as stolen."""
    turn = spend("turn", 11, inputs=[("thief", 900, coin("heist", 0))], outputs=[("thief", 900)])
    found = flow(LOOT, Rule.FIFO, (HEIST, turn), followed={THIEF})
    assert found.resting(THIEF) == 900


UNITS = st.integers(1, 1 << 60)


@st.composite
def chains(draw: st.DrawFn) -> list[Transfer]:
    """Draw a chain of transactions: each spends some unspent coins and pays some holders."""
    first = spend("heist", 1, inputs=[("vic", draw(UNITS), coin("old", 0))], outputs=[("thief", 1)])
    units = first.outputs[0].units + first.outputs[-1].units
    first = spend("heist", 1, inputs=[("vic", units, coin("old", 0))], outputs=[("thief", units)])
    made, unspent = [first], [("thief", units, coin("heist", 0))]
    for number in range(draw(st.integers(0, 8))):
        name = f"tx {number}"
        outside = range(draw(st.integers(0, 2)))
        fresh = [(draw(st.sampled_from(NAMES)), draw(UNITS), coin(f"outside {number}", n)) for n in outside]
        spent = draw(st.lists(st.sampled_from(unspent), unique=True, max_size=3)) if unspent else []
        inputs = [*spent, *fresh]
        if not inputs:
            continue
        left = sum(units for _, units, _ in inputs)
        outputs = []
        for _ in range(draw(st.integers(1, 3))):
            part = draw(st.integers(0, left))
            outputs.append((draw(st.sampled_from(NAMES)), part))
            left -= part
        made.append(spend(name, 2 + number, inputs=inputs, outputs=outputs))
        unspent = [one for one in unspent if one not in spent]
        unspent += [(who_, units, coin(name, n)) for n, (who_, units) in enumerate(outputs) if units]
    return made


@given(way=chains(), rule=st.sampled_from(ACCOUNT_RULES), followed=st.sets(st.sampled_from(NAMES)))
def test_any_way_of_coins_conserves(way: list[Transfer], rule: Rule, followed: set[str]) -> None:
    """Whatever is spent with whatever, and whoever is followed, every stolen unit rests or went for fees."""
    heist = way[0]
    theft = Theft("btc", BTC, heist.outputs[0].units, heist.id, VIC, THIEF)
    found = flow(theft, rule, way, followed={holder(name) for name in followed} | {THIEF})
    resting = sum(found.resting(holder(name)) for name in NAMES)
    assert resting + found.book.fees == found.book.stolen + found.book.clean


def test_a_mark_is_all_that_comes_from_elsewhere() -> None:
    """What an address got from outside is marked; what came back from its own way is not marked again."""
    ann, ben, cleo = who("ann"), who("ben"), who("cleo")
    pays = [
        Pay("in", cleo, ann, 10 * ONE),
        Pay("out", ann, ben, 6 * ONE, gas=0),
        Pay("back", ben, ann, 4 * ONE, gas=0),
    ]
    way = [t for height, pay in enumerate(pays, start=1) for t in pay.transfers(height)]
    mark = Theft("eth", ETH, 0, "", None, ann)
    for rule in ACCOUNT_RULES:
        found = flow(mark, rule, way, followed={ann, ben})
        assert found.book.stolen == 10 * ONE
        assert found.resting(ann) + found.resting(ben) + found.book.fees == 10 * ONE + found.book.clean


def test_a_mark_has_what_its_address_spent_without_a_record() -> None:
    """What the marked address spends beyond its record is followed too, under every rule alike."""
    ann, ben = who("ann"), who("ben")
    way = Pay("out", ann, ben, 6 * ONE, gas=0).transfers(1)
    tracer = Tracer([Theft("eth", ETH, 0, "", None, ann)], lambda _: None, Policy())
    while wanted := tracer.wanted():
        for address in wanted:
            tracer.add(address, way)
    (mark,) = tracer.stated()
    assert mark.units == 6 * ONE
    assert {rule: tracer.flow(mark, rule).book.stolen for rule in CONSERVING} == dict.fromkeys(
        CONSERVING, 6 * ONE
    )


def test_a_theft_is_found_under_its_other_name() -> None:
    """A theft known by its calldata is found where another source tells it as a payment of the same."""
    ann, ben = who("ann"), who("ben")
    way = Pay("theft", ann, ben, 5 * ONE).transfers(1)
    theft = Theft("eth", ETH, 5 * ONE, "eip155:1:theft:call 0", ann, ben)
    tracer = Tracer([theft], lambda _: None, Policy())
    tracer.add(ben, way)
    assert [one.transfer for one in tracer.stated()] == ["eip155:1:theft:value"]
    assert tracer.flow(theft, Rule.FIFO).resting(ben) == 5 * ONE
