"""Deposit addresses found by their sweeps: vector DAR-1, both ways of sweeping, and every guard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Asset,
    Chain,
    Finding,
    Kind,
    Leg,
    Role,
    RoleName,
    SameOwner,
    Scope,
    Transfer,
)
from flowtrace_heuristics.account.deposit_reuse import deposit_reuse
from toytown import (
    ACME,
    ACME_DEPOSIT,
    ACME_HOT,
    ALICE,
    BOLT,
    BOLT_DEPOSIT,
    BOLT_HOT,
    GAS,
    IDA,
    JON,
    ONE,
    PAID,
    REGISTER,
    USDC,
    Pay,
    Register,
    label_of,
    ledger_of,
    record_of,
    register,
    who,
    world,
)

BITCOIN = Asset.native(Chain.of("bitcoin"))
ALLOWANCE, WINDOW, MOST_USERS = 10**16, 3_200, 50
DEPOSIT, USER = who("a deposit address"), who("a user")


def roles(findings: Iterable[Finding]) -> dict[Address, Role]:
    """Return the deposit addresses found."""
    return {f.address: f for f in findings if isinstance(f, Role) and f.role is RoleName.DEPOSIT}


def owners(findings: Iterable[Finding]) -> set[frozenset[Address]]:
    """Return the pairs of payers called one owner."""
    return {frozenset((f.a, f.b)) for f in findings if isinstance(f, SameOwner)}


def found(
    pays: Sequence[Pay], known: Sequence[Address] = (DEPOSIT,), attribution: Register = REGISTER
) -> tuple[Finding, ...]:
    """Return what the heuristic finds on a ledger of these transactions."""
    return deposit_reuse(ledger_of(pays, known), attribution)


def swept(units: int, left: int = 0) -> list[Pay]:
    """Return a payment into a deposit address and its sweep, which leaves something behind."""
    return [Pay("in", USER, DEPOSIT, units), Pay("sweep", DEPOSIT, ACME_HOT, units - GAS - left)]


def test_vector_dar_1() -> None:
    """Algorithms 2.1, vector DAR-1: "Expected links: (u1,d), (u2,d). Not u3 (3,201 blocks), not u4"."""
    u1, u2, u3, u4, d, w = (who(name) for name in ("u1", "u2", "u3", "u4", "d", "w"))
    way = [
        Pay("t1", u1, d, ONE, height=100),
        Pay("t2", d, ACME_HOT, ONE - 21_000 * 50 * 10**9, height=150),
        Pay("t3", u2, d, 959 * 10**15, height=4_000),
        Pay("t4", d, ACME_HOT, 949 * 10**15, height=4_100, gas=0),
        Pay("t5", u3, d, 5 * ONE, height=9_000),
        Pay("t6", d, ACME_HOT, 5 * ONE, height=12_201, gas=0),
        Pay("t7", u4, w, 3 * ONE, height=100),
        Pay("t8", w, ACME_HOT, 2 * ONE, height=110),
    ]
    findings = found(way, (d, w))
    assert set(roles(findings)) == {d}
    assert owners(findings) == {frozenset((u1, u2))}
    because = next(f.because for f in findings if isinstance(f, SameOwner))
    assert {name.split(":")[2] for name in because} == {"t1", "t2", "t3", "t4"}


def test_the_window_is_closed_at_its_last_block() -> None:
    """Algorithms 2.1: "b-t_max <= b' <= b": 3,200 blocks are within, 3,201 are not."""
    for gap, linked in ((WINDOW, True), (WINDOW + 1, False)):
        way = [
            Pay("in-1", IDA, DEPOSIT, ONE, height=100),
            Pay("sweep-1", DEPOSIT, ACME_HOT, ONE - GAS, height=200),
            Pay("in-2", JON, DEPOSIT, 2 * ONE, height=1_000),
            Pay("sweep-2", DEPOSIT, ACME_HOT, 2 * ONE - GAS, height=1_000 + gap),
        ]
        assert bool(owners(found(way))) is linked


def test_exact_sweeps_of_each_deposit_are_found() -> None:
    """FTX's way in the Ronin case: every payment is passed on at once, whole but for the gas of doing so."""
    role = roles(deposit_reuse(world(), REGISTER))[ACME_DEPOSIT]
    assert role.entity == ACME.id
    assert role.because == (PAID["sweep-1"].id, PAID["sweep-2"].id)
    assert "2 of 2 exact to the last unit" in role.detail


def test_a_consolidated_later_sweep_is_found() -> None:
    """Huobi's way in the Ronin case: many payments, one sweep much later, a little left behind."""
    role = roles(deposit_reuse(world(), REGISTER))[BOLT_DEPOSIT]
    assert role.entity == BOLT.id
    assert role.because == (PAID["consolidated-sweep"].id,)
    assert "leaving at most 0.000000000123456789 ETH behind after fees; 0 of 1 exact" in role.detail


def test_payers_who_share_a_deposit_address_are_one_owner() -> None:
    """Victor 2020: users whose payments one deposit address passed on are one entity."""
    assert owners(deposit_reuse(world(), REGISTER)) == {frozenset((IDA, JON))}


@given(st.integers(0, 2 * ALLOWANCE))
def test_a_sweep_leaves_no_more_than_the_allowance(left: int) -> None:
    """Algorithms 2.1: "0 <= v'-v <= a_max # exact integers, no rounding"."""
    assert (DEPOSIT in roles(found(swept(10 * ONE, left)))) is (left <= ALLOWANCE)


def test_sweeps_of_amounts_above_128_bits_are_exact() -> None:
    """A balance of 2^200 wei that leaves one unit too much behind is no sweep."""
    assert DEPOSIT in roles(found(swept(1 << 200, ALLOWANCE)))
    assert DEPOSIT not in roles(found(swept(1 << 200, ALLOWANCE + 1)))


def test_an_address_whose_record_is_incomplete_is_not_called_one() -> None:
    """What an address "ever sends" can be said of a complete record only."""
    ledger = ledger_of(swept(ONE), half_known=[DEPOSIT])
    assert not deposit_reuse(ledger, REGISTER)
    assert not deposit_reuse(ledger_of(swept(ONE)), REGISTER)
    internal = Ledger(ledger, [record_of(DEPOSIT, scope=Scope.INTERNAL)])
    assert not deposit_reuse(internal, REGISTER)


def test_another_payee_is_a_veto() -> None:
    """Algorithms 2.1: "if every outgoing transfer of d goes to X's collection set (our addition)"."""
    assert not found([*swept(ONE), Pay("in-2", USER, DEPOSIT, ONE), Pay("out", DEPOSIT, ALICE, 5)])


def test_another_payee_of_a_token_is_a_veto() -> None:
    """The same for tokens: a deposit address sends none of them to a stranger."""
    assert not found([*swept(ONE), Pay("out", DEPOSIT, ALICE, 5, asset=USDC)])


def test_a_failed_payment_to_another_is_no_veto() -> None:
    """A failed transaction moved nothing to anybody."""
    assert DEPOSIT in roles(found([*swept(ONE), Pay("out", DEPOSIT, ALICE, 5, ok=False, gas=0)]))


def test_two_exchanges_are_a_veto() -> None:
    """Who pays the wallets of two exchanges is a customer of both and a deposit address of neither."""
    two = [Pay("in-2", USER, DEPOSIT, ONE), Pay("sweep-2", DEPOSIT, BOLT_HOT, ONE - GAS)]
    assert not found([*swept(ONE), *two])


def test_two_wallets_of_one_exchange_are_one() -> None:
    """A collection set may have several wallets; what counts is whose they are."""
    cold = who("acme cold")
    both = register(label_of(ACME_HOT, ACME), label_of(cold, ACME))
    two = [Pay("in-2", USER, DEPOSIT, ONE), Pay("sweep-2", DEPOSIT, cold, ONE - GAS)]
    assert set(roles(found([*swept(ONE), *two], attribution=both))) == {DEPOSIT}


def test_a_service_is_no_deposit_address() -> None:
    """An exchange's own wallets pay each other; a labelled address is not found anew."""
    labelled = register(label_of(ACME_HOT, ACME), label_of(DEPOSIT, BOLT))
    assert not found(swept(ONE), attribution=labelled)


def test_a_third_partys_claim_makes_no_exchange() -> None:
    """Design 4: class X is a claim; an exchange that is only claimed makes no deposit address."""
    claimed = register(label_of(ACME_HOT, ACME, asserted=True))
    assert not found(swept(ONE), attribution=claimed)


def test_an_exchange_that_pays_in_is_no_customer() -> None:
    """Algorithms 2.1: "u = exchange hot wallet: excluded"."""
    way = [
        *swept(ONE),
        Pay("in-2", BOLT_HOT, DEPOSIT, 2 * ONE),
        Pay("sweep-2", DEPOSIT, ACME_HOT, 2 * ONE - GAS),
    ]
    findings = found(way)
    assert DEPOSIT in roles(findings)
    assert not owners(findings)


def test_many_users_are_not_one_owner() -> None:
    """Algorithms 2.1: "stop merging when distinct u > 50 (service deposit)": 50 merge, 51 do not."""
    for users, merged in ((MOST_USERS, MOST_USERS - 1), (MOST_USERS + 1, 0)):
        way = []
        for number in range(1, users + 1):
            way.append(Pay(f"in-{number}", who(f"user {number}"), DEPOSIT, number * ONE))
            way.append(Pay(f"sweep-{number}", DEPOSIT, ACME_HOT, number * ONE - GAS))
        findings = found(way)
        assert DEPOSIT in roles(findings)
        assert len(owners(findings)) == merged


def test_payers_are_not_deposit_addresses() -> None:
    """Who pays a deposit address, and not the exchange's wallet, is a user, however often."""
    assert set(roles(deposit_reuse(world(), REGISTER))) == {ACME_DEPOSIT, BOLT_DEPOSIT}


def test_exact_before_loose() -> None:
    """Algorithms 2.1: "prefer v' - v - fee(sweep) == 0 (exact sweep) before the tolerance rule"."""
    near = 5 * 10**15
    way = [
        Pay("in-1", IDA, DEPOSIT, ONE),
        Pay("sweep-1", DEPOSIT, ACME_HOT, ONE - GAS),
        Pay("exact", IDA, DEPOSIT, ONE),
        Pay("loose", JON, DEPOSIT, ONE + near),
        Pay("sweep-2", DEPOSIT, ACME_HOT, ONE - GAS),
        Pay("sweep-3", DEPOSIT, ACME_HOT, ONE + near - GAS),
    ]
    because = {name.split(":")[2] for f in found(way) if isinstance(f, SameOwner) for name in f.because}
    assert because == {"in-1", "sweep-1", "loose", "sweep-3"}


def test_other_families_of_chains_are_left_alone() -> None:
    """The rule is for account chains, with one payer per transfer; UTXO payers are not its business."""
    wallet = Address("bip122:000000000019d6689c085ae165831e93", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    coin = Leg(wallet, BITCOIN, 5, "a:0")
    spent = Transfer(
        chain_id=wallet.chain_id, tx="t", position="coin", height=1, index=0, order=0, time=0, kind=Kind.COIN,
        basis=world()[0].basis, ok=True, inputs=(coin,), outputs=(Leg(wallet, BITCOIN, 5, "t:0"),),
    )  # fmt: skip
    ledger = Ledger([spent], [record_of(wallet)])
    assert not deposit_reuse(ledger, register(label_of(wallet, ACME)))
