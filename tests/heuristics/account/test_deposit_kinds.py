"""Deposit addresses of every kind: tokens, the exchange's gas, forwarders; and how sure a pair is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    FactKind,
    Finding,
    Kind,
    Pattern,
    Role,
    SameOwner,
    Scope,
    Transfer,
)
from flowtrace_heuristics.account.deposit_reuse import MOST_USERS, deposit_reuse
from flowtrace_heuristics.account.sweeps import ALLOWANCE, GAS_WINDOW, WINDOW, confidence
from towns.deeds import deed, moved, town
from toytown import (
    ACME,
    ACME_HOT,
    ALICE,
    BOLT_HOT,
    ETH,
    GAS,
    IDA,
    JON,
    NOBODY,
    ONE,
    REGISTER,
    USDC,
    Pay,
    label_of,
    ledger_of,
    record_of,
    register,
    who,
)

DEPOSIT, MAKER = who("a deposit address"), who("acme's maker")
CODE = "0x" + 64 * "c"


def found(pays: Sequence[Pay], known: Sequence[Address] = (DEPOSIT,)) -> tuple[Finding, ...]:
    """Return what the heuristic finds on a ledger of these payments."""
    return deposit_reuse(ledger_of(pays, known), REGISTER)


def roles(findings: Sequence[Finding]) -> dict[Address, Role]:
    """Return the deposit addresses found."""
    return {one.address: one for one in findings if isinstance(one, Role)}


def in_tokens(gave: int, sent: int, gap: int = 10) -> list[Pay]:
    """Return a token payment in, and a token sweep so many blocks later."""
    return [
        Pay("in", IDA, DEPOSIT, gave, asset=USDC, height=100),
        Pay("sweep", DEPOSIT, ACME_HOT, sent, asset=USDC, height=100 + gap),
    ]


@pytest.mark.parametrize(
    ("sent", "gap", "is_one"),
    [(500, 10, True), (499, 10, False), (500, WINDOW, True), (500, WINDOW + 1, False)],
)
def test_a_token_is_passed_on_in_the_same_amount(sent: int, gap: int, is_one: bool) -> None:  # noqa: FBT001
    """Algorithms 2.1: "tokens: amount must be **equal**, t_max as for ETH"."""
    role = roles(found(in_tokens(500, sent, gap))).get(DEPOSIT)
    assert (role is not None) is is_one
    if role is not None:
        assert role.detail == "passed 1 payments on to Acme: wallet, 1 of them exactly"
        assert [one.split(":")[2] for one in role.because] == ["in", "sweep"]


@pytest.mark.parametrize(("giver", "gap", "is_one"), [
    (ACME_HOT, GAS_WINDOW, True), (ACME_HOT, GAS_WINDOW + 1, False), (BOLT_HOT, 5, False), (ALICE, 5, False),
])  # fmt: skip
def test_the_exchanges_gas_marks_what_it_sweeps(giver: Address, gap: int, is_one: bool) -> None:  # noqa: FBT001
    """Algorithms 2.1: "gas was sent by an exchange gas-station within 1,000 blocks before the sweep"."""
    way = [
        Pay("in-1", IDA, DEPOSIT, 500, asset=USDC, height=100),
        Pay("in-2", IDA, DEPOSIT, 300, asset=USDC, height=200),
        Pay("gas", giver, DEPOSIT, 10 * GAS + 10**17, height=1_000),
        Pay("sweep", DEPOSIT, ACME_HOT, 800, asset=USDC, height=1_000 + gap),
    ]
    role = roles(found(way)).get(DEPOSIT)
    assert (role is not None) is is_one
    assert role is None or [one.split(":")[2] for one in role.because] == ["gas", "sweep"]


def test_gas_that_comes_after_a_sweep_did_not_pay_for_it() -> None:
    """The gas is bought before anything runs."""
    way = [*in_tokens(800, 700), Pay("gas", ACME_HOT, DEPOSIT, 10**17, height=111)]
    assert not roles(found(way))


def forwarder(*, scopes: Sequence[Scope]) -> Ledger:
    """Return a contract that passes on at once what it gets; the exchange calls it and pays the gas."""
    way = [Pay("in", IDA, DEPOSIT, ONE, height=100), Pay("flush", ACME_HOT, DEPOSIT, 0, height=110)]
    out = moved("flush", DEPOSIT, ACME_HOT, units=ONE, asset=ETH, kind=Kind.INTERNAL, height=110)
    made = deed(FactKind.CREATION, "make", ("creator", MAKER), ("contract", DEPOSIT), code=CODE, salt="0x1")
    twin = deed(FactKind.CREATION, "twin", ("creator", MAKER), ("contract", ALICE), code=CODE, salt="0x2")
    held = town(way, [made, twin], more=[out])
    return Ledger(held, [record_of(DEPOSIT, scope=one) for one in scopes], facts=held.facts)


def test_a_forwarder_needs_a_record_of_what_contracts_pay() -> None:
    """All that it ever sends, it sends within others' transactions: without that record nothing is said."""
    assert DEPOSIT in roles(deposit_reuse(forwarder(scopes=(Scope.EXTERNAL, Scope.INTERNAL)), REGISTER))
    assert not deposit_reuse(forwarder(scopes=(Scope.EXTERNAL,)), REGISTER)


def test_what_was_made_like_a_deposit_address_is_one() -> None:
    """Algorithms 2.1: "a CREATE2 minimal proxy with the exchange's factory/init-code hash"."""
    ledger = forwarder(scopes=(Scope.EXTERNAL, Scope.INTERNAL))
    role = roles(deposit_reuse(ledger, REGISTER))[ALICE]
    assert role.entity == ACME.id
    assert [one.split(":")[2] for one in role.because] == ["make", "twin"]
    assert "made by the contract, and of the code, of deposit addresses of Acme" in role.detail


@pytest.mark.parametrize("change", [{"code": "0x" + 64 * "d", "salt": "0x2"}, {"code": CODE}])
def test_other_code_or_no_salt_makes_no_forwarder(change: dict[str, str]) -> None:
    """Only CREATE2 of the same code ties a contract to its maker's others."""
    ledger = forwarder(scopes=(Scope.EXTERNAL, Scope.INTERNAL))
    facts = [
        replace(one, figures=tuple(change.items())) if one.party("contract") == ALICE else one
        for one in ledger.facts
    ]
    changed = Ledger(ledger, ledger.coverage, facts=facts)
    assert set(roles(deposit_reuse(changed, REGISTER))) == {DEPOSIT}


def test_a_maker_for_two_exchanges_tells_nothing() -> None:
    """A supplier of contracts serves several exchanges; and what pays a stranger is no forwarder of one."""
    ledger = forwarder(scopes=(Scope.EXTERNAL, Scope.INTERNAL))
    rival = deed(
        FactKind.CREATION, "rival", ("creator", MAKER), ("contract", BOLT_HOT), code=CODE, salt="0x3"
    )
    shared = Ledger(ledger, ledger.coverage, facts=[*ledger.facts, rival])
    assert set(roles(deposit_reuse(shared, REGISTER))) == {DEPOSIT}
    strays: list[Transfer] = [
        *ledger,
        moved("x", ALICE, JON, units=1, asset=ETH, kind=Kind.INTERNAL, height=120),
    ]
    stray = Ledger(strays, ledger.coverage, facts=ledger.facts)
    assert set(roles(deposit_reuse(stray, REGISTER))) == {DEPOSIT}


def shared_by(left: int, gap: int) -> tuple[Finding, ...]:
    """Return what is found of two payers, one swept to the unit, one with something left so much later."""
    return found([
        Pay("in-1", IDA, DEPOSIT, ONE, height=100), Pay("sweep-1", DEPOSIT, ACME_HOT, ONE - GAS, height=110),
        Pay("in-2", JON, DEPOSIT, 3 * ONE, height=9_000),
        Pay("sweep-2", DEPOSIT, ACME_HOT, 3 * ONE - left, height=9_000 + gap),
    ])  # fmt: skip


def test_how_sure_a_pair_is() -> None:
    """Algorithms 2.1: exact has confidence 1, else Tutela's c = 1/2[(1-dt/t_max)+(1-da/a_max)]."""
    exact = [one for one in shared_by(GAS, 100) if isinstance(one, SameOwner)]
    near = [one for one in shared_by(ALLOWANCE, 100) if isinstance(one, SameOwner)]
    assert [(one.score, one.soft) for one in exact] == [("", False)]
    assert [(one.score, one.soft) for one in near] == [("0.4843", False)]


@given(st.integers(0, WINDOW), st.integers(0, ALLOWANCE))
def test_confidence_is_a_share_and_falls(blocks: int, units: int) -> None:
    """A pair further apart in time or amount is never surer, and all lie between 0 and 1."""
    sure = confidence(blocks, units)
    assert 0 <= sure <= 10_000
    assert confidence(blocks + 1, units) <= sure
    assert confidence(blocks, units + 1) <= sure


def test_many_users_are_reported_as_a_service() -> None:
    """Algorithms 2.1: "stop merging when distinct u > 50 (service deposit) and report"."""
    way = []
    for number in range(1, MOST_USERS + 2):
        way.append(Pay(f"in-{number}", who(f"user {number}"), DEPOSIT, number * ONE))
        way.append(Pay(f"sweep-{number}", DEPOSIT, ACME_HOT, number * ONE - GAS))
    (pattern,) = (one for one in found(way) if isinstance(one, Pattern))
    assert (pattern.name, pattern.addresses, pattern.figure("users")) == ("service deposit", (DEPOSIT,), "51")
    assert len(pattern.because) == 50


@pytest.mark.parametrize("kind", [Kind.INTERNAL, Kind.MINT])
def test_contracts_and_miners_are_no_customers(kind: Kind) -> None:
    """Algorithms 2.1: "senders exclude miners/validators fee recipients, exchanges, contracts"."""
    way = [
        Pay("in-1", IDA, DEPOSIT, ONE), Pay("sweep-1", DEPOSIT, ACME_HOT, ONE - GAS),
        Pay("in-2", JON, DEPOSIT, 2 * ONE), Pay("sweep-2", DEPOSIT, ACME_HOT, 2 * ONE - GAS),
    ]  # fmt: skip
    assert any(isinstance(one, SameOwner) for one in found(way))
    source = None if kind is Kind.MINT else JON
    other = moved("other", JON, JON if source is None else ALICE, units=5, asset=ETH, kind=kind)
    if source is None:
        other = replace(other, inputs=(replace(other.inputs[0], address=None),))
    held = Ledger([*ledger_of(way), other], [record_of(DEPOSIT)])
    assert not any(isinstance(one, SameOwner) for one in deposit_reuse(held, REGISTER))


def test_an_empty_ledger_and_a_ledger_without_labels_give_nothing() -> None:
    """Nothing is known of nobody."""
    assert deposit_reuse(Ledger(()), REGISTER) == ()
    assert deposit_reuse(ledger_of(in_tokens(5, 5), [DEPOSIT]), NOBODY) == ()


def test_no_rows_of_coins_disturb_those_of_accounts() -> None:
    """Transactions of coins have any number of legs; beside them an account's payments read the same."""
    wallet = Address("bip122:000000000019d6689c085ae165831e93", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    coins = Transfer(
        wallet.chain_id, "t", "coin", 1, 0, 0, 0, Kind.COIN, ledger_of(in_tokens(5, 5))[0].basis, ok=True,
        inputs=tuple(replace(moved("t", wallet, wallet, units=5, asset=replace(ETH, chain_id=wallet.chain_id),
                                   kind=Kind.COIN).inputs[0], coin=f"a:{n}") for n in range(3)),
        outputs=(moved("t", wallet, wallet, units=15, asset=replace(ETH, chain_id=wallet.chain_id),
                       kind=Kind.COIN).outputs[0],),
    )  # fmt: skip
    plain = ledger_of(in_tokens(500, 500), [DEPOSIT])
    mixed = Ledger([*plain, coins], plain.coverage)
    assert deposit_reuse(mixed, REGISTER) == deposit_reuse(plain, REGISTER)
    assert deposit_reuse(plain, register(label_of(ACME_HOT, ACME)))
