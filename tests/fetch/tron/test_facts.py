"""What a TRON contract records beside the value it moves."""

from __future__ import annotations

from typing import Any

import pytest

from flowtrace.fetch.tron.facts import contract_facts
from flowtrace.fetch.tron.moves import TronTransaction, address_of
from flowtrace.model import Chain, FactKind

TRON = Chain.of("tron")
ANN, BEN = "41" + "a1" * 20, "41" + "b2" * 20
AT = TronTransaction(TRON, "ab" * 32, 7, 3, 1_700_000_000)
A, B = address_of(TRON, ANN), address_of(TRON, BEN)
LENT = {"owner_address": ANN, "receiver_address": BEN, "balance": "65000", "resource": "ENERGY"}
MOVED = {
    "owner_address": ANN,
    "owner": {"threshold": 2, "keys": [{"address": ANN}, {"address": BEN, "weight": 1}]},
}


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("DelegateResourceContract", LENT, FactKind.RESOURCE),
        ("UnDelegateResourceContract", LENT, FactKind.RESOURCE_ENDED),
    ],
)
def test_lent_resources_name_both_sides(name: str, value: dict[str, Any], kind: FactKind) -> None:
    """Who lends, who receives, which resource, how much is staked for it; bandwidth where it is not said."""
    (fact,) = contract_facts(AT, name, value)
    assert (fact.kind, fact.parties) == (kind, (("owner", A), ("receiver", B)))
    assert fact.figures == (("resource", "ENERGY"), ("units", "65000"))
    bare = {key: text for key, text in value.items() if key != "resource"}
    (plain,) = contract_facts(AT, name, bare)
    assert plain.figure("resource") == "BANDWIDTH"


def test_a_permission_names_every_key() -> None:
    """Whose account it is, and who may sign as its owner from now on."""
    (fact,) = contract_facts(AT, "AccountPermissionUpdateContract", MOVED)
    assert (fact.kind, fact.party("owner"), fact.all_of("key")) == (FactKind.PERMISSION, A, (A, B))
    assert fact.figure("threshold") == "2"


def test_an_account_made_for_another() -> None:
    """Who pays for an account to be, and which."""
    made = {"owner_address": ANN, "account_address": BEN}
    (fact,) = contract_facts(AT, "AccountCreateContract", made)
    assert (fact.kind, fact.parties) == (FactKind.ACTIVATION, (("payer", A), ("account", B)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TransferContract", {"owner_address": ANN, "to_address": BEN, "amount": 1}),
        ("DelegateResourceContract", {"owner_address": ANN}),
        ("DelegateResourceContract", {**LENT, "balance": -1}),
        ("AccountPermissionUpdateContract", {"owner_address": ANN}),
        ("AccountPermissionUpdateContract", {"owner_address": ANN, "owner": {"keys": [3]}}),
        ("AccountPermissionUpdateContract", {"owner_address": ANN, "owner": {"keys": [{}] * 65}}),
    ],
)
def test_another_or_a_broken_contract_records_nothing(name: str, value: dict[str, Any]) -> None:
    """Facts move nothing: one that cannot be read takes nothing from a history."""
    assert contract_facts(AT, name, value) == ()


def test_a_failed_transaction_records_nothing() -> None:
    """What failed did not happen."""
    failed = TronTransaction(TRON, "ab" * 32, 7, 3, 1_700_000_000, ok=False)
    assert contract_facts(failed, "DelegateResourceContract", LENT) == ()
