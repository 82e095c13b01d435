"""The bundled Ronin case to the wei: the figures of issue 2's acceptance list, computed and not stored.

Source of the figures: the public ledger as Etherscan's `txlist` answers record it (taken 2023-09-21 from
github.com/794798763/S-TRP at commit 2e561c555a8cefd5c89a1f4c2b6b8bc27aea6dfd), over transactions without
error and with value, each hash once; they stand in the shared `expected.json`, which `test_answer_key.py`
reads. Amounts of the theft: calldata of the two withdrawERC20For calls. Roles that are only claimed:
github.com/tayvano/lazarus-bluenoroff-research at commit 957479459e8296234c897c46a13f3bbaa5fe44c3.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowtrace import Case
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Class,
    Kind,
    RoleName,
    Rule,
    Scope,
    Stop,
    StopReason,
    Theft,
    Trace,
    Transfer,
    envelope,
)
from flowtrace.trace import End, Policy
from flowtrace.trace.flow import Flow
from flowtrace.trace.tracer import Tracer
from kernel.oracle import Move
from kernel.purses import Purses
from toytown import ETH, follow

ONE = 10**18
STOLEN_WEI, STOLEN_USDC = 173_600 * ONE, 25_500_000 * 10**6
SEED_OUT = 182_165_956_030_000_000_000_000
CLAIMS_SOURCE = "tayvano/lazarus-bluenoroff-research at 957479459e8296234c897c46a13f3bbaa5fe44c3"


def at(account: str) -> Address:
    """Return an Ethereum address."""
    return Address.parse("ethereum", account)


THIEF = at("0x098b716b8aaf21512996dc57eb0615e2383e2f96")
ROUTER = at("0xd90e2f925da726b50c4ed8d0fb90ad053324f31b")
HUOBI_33 = at("0x28ffe35688ffffd0659aee2e34778b0ae4e193ad")
HUOBI_34 = at("0xcac725bef4f114f728cbcfd744a731c2a463c3fc")
HUOBI_35 = at("0x73f8fc2e74302eb2efda125a326655acf0dc2d1b")
FTX_2 = at("0xc098b2a3aa256d2140208c3de6543aaef5cd3a94")
DEPOSITS = {
    at("0x036587e77eabe6a7e181886a5a6ed10dc25654f9"): (
        "FTX", 1_219_982_731_106_252_972_000, 1_219_961_789_396_573_753_000, FTX_2,
    ),
    at("0x17a96cd2aff8bece22b54a83955fbab5c92a98ca"): (
        "Huobi", 1_249_979_583_296_172_410_000, 1_249_978_575_296_000_000_000, HUOBI_35,
    ),
    at("0x5b5082214d62585d686850ab8d9e3f6b6a5c58ff"): (
        "Huobi", 1_233_980_569_423_942_933_000, 1_233_981_173_423_000_000_000, HUOBI_34,
    ),
    at("0x6102f081de19eb53404b684b4e14667745a4c874"): (
        "Huobi", 1_249_979_123_764_878_062_000, 1_249_978_115_764_000_000_000, HUOBI_33,
    ),
    at("0xbc771fb7b6a8876d09fd2e3e2f17fbc91896d8c8"): (
        "Huobi", 1_249_970_038_343_437_127_000, 1_249_969_030_342_000_000_000, HUOBI_35,
    ),
}  # fmt: skip
"""Deposit address: exchange, wei received from the trace, wei swept, hot wallet."""
WITHOUT_DATA = {
    at("0xf49fa9956cd53c4581a974a7fd535a15c47b954a"): (30 * ONE, "Huobi Deposit Address"),
    at("0xa9bfdc186c6bcf058fbb5bf62046d7bc74e96ce2"): (15 * ONE, "Huobi Deposit Address"),
    at("0x82906886796d110b7ec4c54f6611fb29128699dd"): (1 * ONE, "Cryptocom Deposit Address"),
    at("0x8b4959bc175d93d41d6ca278296ce714881c8b0f"): (73_811_834_374_516_485_548, "April 7 Dormant"),
}
"""End without recorded data: wei that went there, and what published research calls it."""


@pytest.fixture(scope="module")
def trace(ronin: Case) -> Trace:
    """Return the trace of the bundled case."""
    return ronin.result.trace


def stop_at(trace: Trace, address: Address) -> Stop:
    """Return where the stolen ETH rests at an address."""
    return next(stop for stop in trace.stops if stop.address == address and stop.asset == ETH)


def paid(case: Case, address: Address) -> list[Transfer]:
    """Return the ETH payments an address made that the record shows, zero values and failures left out."""
    sent = (t for t in case.ledger.outgoing(address) if t.kind is Kind.VALUE and t.ok)
    return [t for t in sent if t.amount.units and t.amount.asset == ETH]


def test_the_thefts_are_the_two_calls(ronin: Case) -> None:
    """173,600 ETH and 25.5M USDC: the record's own calls, read from calldata and marked so."""
    thefts = {theft.id: theft for theft in ronin.result.incident.thefts}
    assert (thefts["eth"].units, thefts["usdc"].units) == (STOLEN_WEI, STOLEN_USDC)
    assert all(theft.thief == THIEF for theft in thefts.values())
    gaps = " ".join(gap.what for gap in ronin.result.trace.gaps)
    for theft in thefts.values():
        assert theft.transfer.split(":")[2] in gaps


def test_what_left_the_theft_address(ronin: Case) -> None:
    """Issue 2: "182,165,956,030,000,000,000,000 wei leave the theft address in 31 value transfers"."""
    sent = paid(ronin, THIEF)
    assert (len(sent), sum(t.amount.units for t in sent)) == (31, SEED_OUT)


def test_what_entered_the_mixer(trace: Trace) -> None:
    """Issue 2: "1,751 deposits of 100 ETH (175,100 ETH) by 48 depositors enter Tornado Cash's router"."""
    stop = stop_at(trace, ROUTER)
    assert (stop.reason, stop.transfers, stop.senders) == (StopReason.MIXER, 1_751, 48)
    assert stop.received == 175_100 * ONE
    assert stop.entity is not None
    assert stop.entity.name == "Tornado Cash"
    into = [hop for hop in trace.hops if hop.transfer.target == ROUTER]
    assert {hop.transfer.amount.units for hop in into} == {100 * ONE}
    depositors = {role.address for role in trace.roles if role.role is RoleName.MIXER_DEPOSITOR}
    assert depositors == {hop.transfer.source for hop in into}


@pytest.mark.parametrize("address", DEPOSITS, ids=lambda address: address.account[:10])
def test_deposit_addresses_are_found_by_their_sweeps(ronin: Case, address: Address) -> None:
    """Issue 2: "four Huobi and one FTX deposit address are found by their sweeps, not by label"."""
    exchange, received, swept, hot_wallet = DEPOSITS[address]
    trace = ronin.result.trace
    stop = stop_at(trace, address)
    assert stop.reason is StopReason.DEPOSIT
    assert stop.entity is not None
    assert stop.entity.name.startswith(exchange)
    assert stop.received == received
    role = trace.role_of(address)
    assert role is not None
    assert role.by.startswith("deposit_reuse/")
    sweeps = [t for t in paid(ronin, address) if t.id in role.because]
    assert {t.target for t in sweeps} == {hot_wallet}
    assert sum(t.amount.units for t in sweeps) == swept
    own = ronin.result.labels.get(address, ())
    assert all(label.asserted for label in own), "found by label, not by sweep"
    deposits = [d for d in trace.deposits if d.hop.transfer.target == address]
    assert sum(d.hop.transfer.amount.units for d in deposits) == received
    assert {d.hot_wallet for d in deposits} == {hot_wallet}


def test_no_other_deposit_address_is_claimed(trace: Trace) -> None:
    """Five are found; every deposit stop and every deposit role is one of them."""
    assert {stop.address for stop in trace.stops if stop.reason is StopReason.DEPOSIT} == set(DEPOSITS)
    assert {role.address for role in trace.roles if role.role is RoleName.DEPOSIT} == set(DEPOSITS)


@pytest.mark.parametrize("address", WITHOUT_DATA, ids=lambda address: address.account[:10])
def test_ends_without_data_are_claims_and_no_findings(trace: Trace, address: Address) -> None:
    """Issue 2: they end with "no data"; what research says of them is "a third party's claim (class X)"."""
    received, role = WITHOUT_DATA[address]
    stop = stop_at(trace, address)
    assert (stop.reason, stop.received) == (StopReason.NO_DATA, received)
    assert (stop.entity, stop.cls) == (None, Class.D)
    assert [claim.text for claim in stop.claims] == [role]
    assert all(claim.asserted and CLAIMS_SOURCE in claim.source for claim in stop.claims)
    assert trace.role_of(address) is None


def test_no_other_end_is_without_data(trace: Trace) -> None:
    """Four addresses that stolen value reached are not on record, and no more."""
    assert {s.address for s in trace.stops if s.reason is StopReason.NO_DATA} == set(WITHOUT_DATA)


def test_what_the_record_cannot_show_is_a_gap(trace: Trace) -> None:
    """Issue 2: "What the record cannot show (internal transfers, token logs) is listed as a gap"."""
    words = [gap.what for gap in trace.gaps]
    for scope in (Scope.INTERNAL, Scope.TOKEN):
        assert any(scope.words in what for what in words)
    token_stops = [stop for stop in trace.stops if stop.theft == "usdc"]
    assert {stop.reason for stop in token_stops} == {StopReason.INCOMPLETE}


@pytest.mark.parametrize("rule", ACCOUNT_RULES)
def test_every_wei_is_accounted_for(trace: Trace, rule: Rule) -> None:
    """Issue 2: "sum of taint over all resting places and fees equals the stolen amount, to the wei"."""
    for name, units in (("eth", STOLEN_WEI), ("usdc", STOLEN_USDC)):
        (account,) = (a for a in trace.accounts if (a.theft.id, a.rule) == (name, rule))
        resting = sum(stop.taint[rule] for stop in trace.stops if stop.theft == name)
        assert resting + account.fees == units + account.clean
        assert rule is Rule.POISON or account.clean == 0


def test_no_rule_brings_more_than_arrived(trace: Trace) -> None:
    """Taint is a part of the value that came: at every stop, and on every hop, under every rule."""
    assert all(max(stop.taint.values()) <= stop.received for stop in trace.stops)
    assert all(max(hop.taint.values()) <= hop.transfer.amount.units for hop in trace.hops)
    assert all(hop.taint[Rule.POISON] >= envelope(hop.taint)[1] for hop in trace.hops)


@pytest.fixture(scope="module")
def tracer(ronin: Case) -> Tracer:
    """Follow the case again from its ledger, ending where the trace ended."""
    known = (StopReason.DEPOSIT, StopReason.MIXER, StopReason.SERVICE)
    ends = {s.address: End(s.reason, s.entity, s.cls, s.basis) for s in ronin.result.trace.stops}
    minimum = tuple((theft.asset, 10**theft.asset.decimals) for theft in ronin.result.incident.thefts)

    def end_of(address: Address) -> End | None:
        end = ends.get(address)
        return end if end is not None and end.reason in known else None

    return follow(ronin.ledger, ronin.result.incident.thefts, ends=end_of, policy=Policy(minimum))


def lives(tracer: Tracer, flow: Flow) -> Iterator[tuple[Address, list[tuple[int, int]], list[int]]]:
    """Yield each followed address, what the rule brought it (-1: it paid), and what of it left, in order."""
    events: dict[Address | None, list[tuple[int, int]]] = {address: [] for address in tracer.followed}
    gone: dict[Address | None, list[int]] = {address: [0] for address in tracer.followed}
    for transfer in tracer.in_order():
        if transfer.id not in flow.legs:
            continue
        taint = flow.of(transfer)
        units = transfer.amount.units
        if transfer.target in events:
            events[transfer.target].append((units, taint))
            gone[transfer.target].append(gone[transfer.target][-1])
        if transfer.source in events:
            events[transfer.source].append((units, -1))
            gone[transfer.source].append(gone[transfer.source][-1] + taint)
    yield from ((address, events[address], gone[address]) for address in tracer.followed)


def outflow(rule: Rule, life: list[tuple[int, int]]) -> list[int]:
    """Return the cumulative tainted outflow of one account that gets and gives what ``life`` says."""
    purses, sums = Purses(rule), [0]
    for units, tainted in life:
        if tainted < 0:
            sums.append(sums[-1] + purses.apply(Move("it", None, "coin", units)))
        else:
            purses.apply(Move(None, "it", "coin", tainted, stolen=True))
            purses.apply(Move(None, "it", "coin", units - tainted))
            sums.append(sums[-1])
    return sums


def eth_theft(case: Case) -> Theft:
    """Return the theft of ETH."""
    return next(theft for theft in case.result.incident.thefts if theft.id == "eth")


def test_the_envelope_at_the_theft_address(ronin: Case, tracer: Tracer) -> None:
    """Issue 2: "LIBR ≤ {FIFO, LIFO, pro rata} ≤ dirty-first for cumulative tainted outflow"."""
    theft = eth_theft(ronin)
    gone = {
        rule: next(out for a, _, out in lives(tracer, tracer.flow(theft, rule)) if a == THIEF)
        for rule in ACCOUNT_RULES
    }
    assert len({len(sums) for sums in gone.values()}) == 1
    for step in range(len(gone[Rule.LIBR])):
        now = {rule: sums[step] for rule, sums in gone.items()}
        for rule in (Rule.FIFO, Rule.LIFO, Rule.PRO_RATA):
            assert now[Rule.LIBR] <= now[rule] <= now[Rule.DIRTY_FIRST] <= now[Rule.POISON]
    assert gone[Rule.LIBR][-1] < gone[Rule.DIRTY_FIRST][-1]


def test_the_same_taint_again(ronin: Case, tracer: Tracer) -> None:
    """Same evidence, same trace: the second run gives every hop the same taint under every rule."""
    theft = eth_theft(ronin)
    for rule in ACCOUNT_RULES:
        flow = tracer.flow(theft, rule)
        hops = (hop for hop in ronin.result.trace.hops if hop.theft == theft.id)
        assert all(flow.of(hop.transfer) == hop.taint[rule] for hop in hops)


@pytest.mark.parametrize("rule", [Rule.PRO_RATA, Rule.FIFO, Rule.LIFO])
def test_the_envelope_at_every_account(ronin: Case, tracer: Tracer, rule: Rule) -> None:
    """Algorithms 8.6: at each account LIBR and dirty-first, given the same inflow, bound every rule."""
    for _, life, gone in lives(tracer, tracer.flow(eth_theft(ronin), rule)):
        low, high = outflow(Rule.LIBR, life), outflow(Rule.DIRTY_FIRST, life)
        assert all(least <= here <= most for least, here, most in zip(low, gone, high, strict=True))
