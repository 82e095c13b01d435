"""Labelled services end a trace; who pays a mixer or calls an exchange contract has a role for it."""

from __future__ import annotations

from flowtrace.model import Address, Class, Role, RoleName
from flowtrace_heuristics.account.service_stop import service_stop
from toytown import (
    ACME_HOT,
    BOLT_HOT,
    DEX,
    IDA,
    JON,
    NOBODY,
    ONE,
    PAID,
    REGISTER,
    SAM,
    SWIRL,
    SWIRL_MIXER,
    Pay,
    label_of,
    ledger_of,
    register,
    world,
)


def roles(*names: RoleName) -> dict[tuple[Address, RoleName], Role]:
    """Return the roles found in toytown, of the given names."""
    found = service_stop(world(), REGISTER)
    return {(f.address, f.role): f for f in found if isinstance(f, Role) and f.role in names}


def test_every_labelled_service_is_named_with_its_source() -> None:
    """Issue 2, part 7: "labelled services and mixers end a trace"; each role says who labels it, and when."""
    services = roles(RoleName.SERVICE)
    assert {address for address, _ in services} == {ACME_HOT, BOLT_HOT, SWIRL, DEX}
    for role in services.values():
        assert role.cls is Class.P
        assert "https://register.example/toytown, 2022-04-01" in role.detail


def test_who_pays_a_mixer_is_a_mixer_depositor() -> None:
    """The payments are on the ledger; that they went to a mixer rests on its label (class P)."""
    depositors = roles(RoleName.MIXER_DEPOSITOR)
    assert set(depositors) == {(IDA, RoleName.MIXER_DEPOSITOR)}
    role = depositors[IDA, RoleName.MIXER_DEPOSITOR]
    assert (role.entity, role.cls) == (SWIRL_MIXER.id, Class.P)
    assert role.because == tuple(PAID[f"mixer-in-{n}"].id for n in (1, 2, 3))
    assert role.detail == "paid 300 ETH to Swirl: wallet in 3 deposits"


def test_who_calls_a_decentralised_exchange_is_a_swapper() -> None:
    """A call with no coin in it swaps a token, so it counts; ida swapped coin, sam a token."""
    swappers = roles(RoleName.SWAPPER)
    assert {address for address, _ in swappers} == {IDA, SAM}
    assert swappers[SAM, RoleName.SWAPPER].because == (PAID["swap-1"].id,)


def test_a_call_without_coin_is_no_mixer_deposit() -> None:
    """Only what was paid in went in; an empty or failed call to a mixer deposits nothing."""
    calls = [Pay("empty", JON, SWIRL, 0), Pay("failed", JON, SWIRL, ONE, ok=False)]
    found = service_stop(ledger_of(calls), REGISTER)
    assert [f.role for f in found if isinstance(f, Role)] == [RoleName.SERVICE]


def test_a_mixer_that_pays_a_mixer_is_no_depositor() -> None:
    """A labelled service moves other people's money, so it has no role of its own here."""
    both = register(label_of(SWIRL, SWIRL_MIXER), label_of(JON, SWIRL_MIXER))
    found = service_stop(ledger_of([Pay("hop", JON, SWIRL, ONE)]), both)
    assert {f.role for f in found if isinstance(f, Role)} == {RoleName.SERVICE}


def test_nobody_known_gives_nothing() -> None:
    """Without labels nothing is called a service."""
    assert service_stop(world(), NOBODY) == ()


def test_a_third_partys_claim_is_no_service() -> None:
    """Class X is shown and never used to end a trace."""
    claimed = register(label_of(SWIRL, SWIRL_MIXER, asserted=True))
    assert service_stop(world(), claimed) == ()
