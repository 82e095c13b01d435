"""Contracts of one maker and one code: EIP-1014's addresses, and a service that is no owner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_hash.auto import keccak

from flowtrace.model import Address, Class, FactKind, Pattern
from flowtrace_heuristics.account.create2_service import create2, create2_service
from towns.account import made
from towns.deeds import deed, town
from toytown import CAROL, NOBODY, who

ZERO = Address("eip155:1", "0x" + 40 * "0")
SALT = "0x" + 64 * "0"


FEED = "000000000000000000000000feed000000000000000000000000000000000000"
CAFE = "00000000000000000000000000000000000000000000000000000000cafebabe"
EXAMPLES = {
    ("00" * 20, "00" * 32, "00"): "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38",
    ("deadbeef" + "00" * 16, "00" * 32, "00"): "0xb928f69bb1d91cd65274e3c79d8986362984fda3",
    ("deadbeef" + "00" * 16, FEED, "00"): "0xd04116cdd17bebe565eb2422f2497e06cc1c9833",
    ("00" * 20, "00" * 32, "deadbeef"): "0x70f2b2914a2a4b783faefb75f459a580616fcb5e",
    ("00" * 16 + "deadbeef", CAFE, "deadbeef"): "0x60f3f640a8508fc6a86d45df051962668e1e8ac7",
}


@pytest.mark.parametrize("given", EXAMPLES)
def test_the_addresses_of_eip_1014(given: tuple[str, str, str]) -> None:
    """EIP-1014, examples 0 to 4; algorithms 2.7 names the first."""
    deployer, salt, code = given
    init = "0x" + keccak(bytes.fromhex(code)).hex()
    assert create2(Address("eip155:1", "0x" + deployer), "0x" + salt, init).account == EXAMPLES[given]


def test_contracts_of_one_maker_and_code_are_one_service() -> None:
    """Algorithms 2.7: "same deployer + same init hash = same *service*": a pattern, and no owner."""
    (found,) = create2_service(made(CAROL, CAROL, CAROL), NOBODY)
    assert isinstance(found, Pattern)
    assert (found.name, found.cls, found.addresses[0]) == ("one service", Class.D, CAROL)
    assert set(found.addresses[1:]) == {who(f"made {number}") for number in range(3)}
    assert (found.figure("contracts"), found.figure("addresses_recomputed")) == ("3", "0")


def test_an_address_that_follows_is_counted_as_proved() -> None:
    """Where the code told is that of the init code, the address can be computed again."""
    init = "0x" + keccak(b"init").hex()
    facts = [
        deed(FactKind.CREATION, f"make-{n}", ("creator", CAROL), ("contract", create2(CAROL, salt, init)),
             code=init, salt=salt)
        for n, salt in enumerate(("0x" + 64 * "1", "0x" + 64 * "2"))
    ]  # fmt: skip
    (found,) = create2_service(town(facts=facts), NOBODY)
    assert isinstance(found, Pattern)
    assert found.figure("addresses_recomputed") == "2"


def test_hostile_figures_are_no_addresses() -> None:
    """A salt or a code that is no word of 32 bytes computes nothing and breaks nothing."""
    facts = [
        deed(
            FactKind.CREATION,
            f"make-{n}",
            ("creator", ZERO),
            ("contract", who(f"odd {n}")),
            code="0xzz",
            salt="-1",
        )
        for n in range(2)
    ]
    (found,) = create2_service(town(facts=facts), NOBODY)
    assert isinstance(found, Pattern)
    assert found.figure("addresses_recomputed") == "0"


def test_one_contract_told_twice_is_one() -> None:
    """A contract that is made anew at its old address is still one contract."""
    one = made(CAROL).facts[0]
    again = replace(one, tx="again", height=200)
    assert create2_service(town(facts=[one, again]), NOBODY) == ()
