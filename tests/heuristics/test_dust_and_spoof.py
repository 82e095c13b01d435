"""Noise is listed with its reason, and nothing of it vanishes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import Rule, SetAside
from flowtrace_heuristics.pattern.dust_and_spoof import dust_and_spoof
from toytown import (
    IDA,
    JON,
    KNOWN,
    MALLORY,
    NOBODY,
    ONE,
    PAID,
    REGISTER,
    STRANGER,
    SWIRL,
    THEFT,
    USDC,
    WORLD,
    Pay,
    account,
    end_of,
    follow,
    ledger_of,
    twin,
    who,
    world,
)

DUST = 10**15


def aside(ledger: Ledger) -> dict[str, str]:
    """Return what is set aside: the name of each transaction, and why."""
    found = dust_and_spoof(ledger, REGISTER)
    return {f.transfer.split(":")[2]: f.why for f in found if isinstance(f, SetAside)}


def test_dust_nothing_and_look_alikes_are_set_aside_in_toytown() -> None:
    """Issue 2, part 7: "dust, zero-value, look-alike addresses [...] are set aside and listed"."""
    assert aside(world()) == {
        "dust-1": "dust from an address the receiver never paid",
        "spoof-1": f"look-alike: the sender resembles {IDA.display}, which the receiver pays",
        "zero-1": "zero value",
    }


def test_nothing_vanishes() -> None:
    """Issue 2, part 7: "never silently dropped": ledger and balances hold every unit that was set aside."""
    ledger = world()
    names = aside(ledger)
    assert all(ledger.holds(PAID[name].id) for name in names)
    tracer = follow(ledger, [THEFT], ends=end_of(REGISTER))
    with_noise = tracer.flow(THEFT, Rule.POISON).balance(MALLORY)
    quiet = ledger_of([pay for pay in WORLD if pay.name not in names], KNOWN)
    without = follow(quiet, [THEFT], ends=end_of(REGISTER)).flow(THEFT, Rule.POISON)
    assert with_noise - without.balance(MALLORY) == sum(PAID[name].units for name in names)


def test_stolen_value_cut_into_dust_still_counts() -> None:
    """Setting aside is a list, not a loss: dust that the thief sends carries its taint to the last unit."""
    dust = [Pay(f"dust-{n}", MALLORY, who(f"victim of dust {n}"), 7, gas=0) for n in range(9)]
    ledger = ledger_of([PAID["theft"], *dust], [MALLORY])
    assert len(aside(ledger)) == 9
    trace = account(follow(ledger, [THEFT]), ledger)
    assert sum(s.taint[Rule.DIRTY_FIRST] for s in trace.stops if s.address != MALLORY) == 63
    assert all(sum(stop.taint[rule] for stop in trace.stops) == THEFT.units for rule in trace.rules)


@given(st.integers(0, 2 * DUST))
def test_dust_is_less_than_its_limit(units: int) -> None:
    """The card states the limit in base units; at the limit a payment is a payment."""
    assert ("in" in aside(ledger_of([Pay("in", STRANGER, MALLORY, units)]))) is (units < DUST)


def test_dust_from_somebody_who_was_paid_before_is_change() -> None:
    """A payee may send little back; dust is what comes from an address the receiver never paid."""
    way = [Pay("wages", MALLORY, JON, ONE), Pay("change", JON, MALLORY, 5), Pay("dust", STRANGER, MALLORY, 5)]
    assert set(aside(ledger_of(way))) == {"dust"}


def test_a_look_alike_comes_after_whom_it_resembles() -> None:
    """Address poisoning copies a payee, so before there is one a small transfer is dust and no look-alike."""
    spoof = Pay("spoof", twin(IDA), MALLORY, 5)
    paid = Pay("paid", MALLORY, IDA, ONE)
    assert aside(ledger_of([paid, spoof]))["spoof"].startswith("look-alike")
    assert aside(ledger_of([spoof, paid]))["spoof"].startswith("dust")


def test_a_look_alike_that_sends_real_value_is_no_noise() -> None:
    """Value above the dust limit is followed, whoever its sender resembles."""
    way = [Pay("paid", MALLORY, IDA, ONE), Pay("real", twin(IDA), MALLORY, DUST)]
    assert aside(ledger_of(way)) == {}


def test_a_call_that_moves_a_token_is_not_empty() -> None:
    """A transaction whose coin value is zero may move a token beside it: that is not nothing."""
    assert aside(ledger_of([Pay("token", STRANGER, MALLORY, 5, asset=USDC)])) == {}


def test_a_call_to_a_service_is_not_empty() -> None:
    """What a call to a known contract moves may not be on this record; it is a call, not noise."""
    call = ledger_of([Pay("call", JON, SWIRL, 0)])
    assert aside(call) == {}
    assert [f for f in dust_and_spoof(call, NOBODY) if isinstance(f, SetAside)]


def test_a_failed_transfer_is_nothing_to_set_aside() -> None:
    """A failed transaction moved no value and is no noise of the flow."""
    assert aside(ledger_of([Pay("failed", STRANGER, MALLORY, 5, ok=False)])) == {}
