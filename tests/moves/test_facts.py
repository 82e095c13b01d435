"""What logs of EVM transactions tell beside moves; what breaks its own form tells nothing."""

from __future__ import annotations

from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import ETHEREUM, Address, FactKind
from flowtrace.moves import facts
from flowtrace.moves.evm import EvmTransaction
from flowtrace.moves.facts import of_log

AT = EvmTransaction(ETHEREUM, "0xaa", 7, 1, 1_700_000_000)
ANN, BEN, CAT, DAN = ("0x" + letter * 40 for letter in "abcd")
SENDER = Address.parse(ETHEREUM, DAN)


def word(value: int | str) -> str:
    """Return 32 bytes of a log, in hexadecimal: a number, or an account."""
    return f"{int(value, 16) if isinstance(value, str) else value:064x}"


def log(topics: list[str], *words: int | str) -> dict[str, Any]:
    """Return a log as a node has it."""
    return {"address": CAT, "topics": topics, "data": "0x" + "".join(map(word, words)), "logIndex": "0x9"}


SIGNATURES = {
    facts.APPROVAL: "Approval(address,address,uint256)",
    facts.SAFE_SETUP: "SafeSetup(address,address[],uint256,address,address)",
    facts.SAFE_OWNER: "AddedOwner(address)",
    facts.SAFE_LEFT: "RemovedOwner(address)",
    facts.USER_OPERATION: "UserOperationEvent(bytes32,address,address,uint256,bool,uint256,uint256)",
    facts.UPGRADED: "Upgraded(address)",
    facts.MASTER_COPY: "ChangedMasterCopy(address)",
    facts.MIXER_DEPOSIT: "Deposit(bytes32,uint32,uint256)",
    facts.MIXER_WITHDRAWAL: "Withdrawal(address,bytes32,address,uint256)",
    facts.MIXER_REWARD: "Swap(address,uint256,uint256)",
    facts.SHIELD: (
        "Shield(uint256,uint256,(bytes32,(uint8,address,uint256),uint120)[],(bytes32[3],bytes32)[],uint256[])"
    ),
    facts.UNSHIELD: "Unshield(address,(uint8,address,uint256),uint256,uint256)",
}
ANN_TOPIC, BEN_TOPIC, NONE_TOPIC = ("0x" + word(one) for one in (ANN, BEN, 0))
TOLD = [
    (log([facts.APPROVAL, ANN_TOPIC, BEN_TOPIC], 115), FactKind.APPROVAL,
     [("owner", ANN), ("spender", BEN), ("token", CAT)], {"units": "115"}),
    (log([facts.SAFE_SETUP, "0x" + word(DAN)], 128, 2, 0, 0, 2, ANN, BEN), FactKind.SAFE_SETUP,
     [("safe", CAT), ("owner", ANN), ("owner", BEN)], {"threshold": "2"}),
    (log([facts.SAFE_OWNER], ANN), FactKind.SAFE_OWNER, [("safe", CAT), ("owner", ANN)], {}),
    (log([facts.SAFE_OWNER, ANN_TOPIC]), FactKind.SAFE_OWNER, [("safe", CAT), ("owner", ANN)], {}),
    (log([facts.SAFE_LEFT, ANN_TOPIC]), FactKind.SAFE_LEFT, [("safe", CAT), ("owner", ANN)], {}),
    (log([facts.USER_OPERATION, NONE_TOPIC, ANN_TOPIC, BEN_TOPIC], 0, 1, 40, 30), FactKind.USER_OPERATION,
     [("sender", ANN), ("bundler", DAN), ("paymaster", BEN), ("entry_point", CAT)], {"success": "1"}),
    (log([facts.USER_OPERATION, NONE_TOPIC, ANN_TOPIC, NONE_TOPIC], 0, 0, 40, 30), FactKind.USER_OPERATION,
     [("sender", ANN), ("bundler", DAN), ("entry_point", CAT)], {"success": "0"}),
    (log([facts.UPGRADED, ANN_TOPIC]), FactKind.IMPLEMENTATION, [("proxy", CAT), ("new", ANN)], {}),
    (log([facts.MASTER_COPY], ANN), FactKind.IMPLEMENTATION, [("proxy", CAT), ("new", ANN)], {}),
    (log([facts.MIXER_DEPOSIT, NONE_TOPIC], 12, 99), FactKind.MIXER_DEPOSIT,
     [("depositor", DAN), ("pool", CAT)], {"leaf": "12"}),
    (log([facts.MIXER_WITHDRAWAL, BEN_TOPIC], ANN, 0, 5), FactKind.MIXER_WITHDRAWAL,
     [("recipient", ANN), ("pool", CAT), ("relayer", BEN)], {"fee": "5"}),
    (log([facts.SHIELD], 0, 7, 160, 512, 544, 2, 1, 0, BEN, 0, 399, 2, 0, BEN, 0, 798, 0, 2, 1, 2),
     FactKind.SHIELD, [("depositor", DAN), ("pool", CAT), ("token", BEN)],
     {"units": "399,798", "fee": "1,2"}),
    (log([facts.UNSHIELD], ANN, 0, BEN, 0, 398, 1), FactKind.UNSHIELD,
     [("recipient", ANN), ("pool", CAT), ("token", BEN)], {"units": "398", "fee": "1"}),
]  # fmt: skip


def test_only_the_contract_that_pays_for_points_tells_of_them() -> None:
    """Many contracts have an event Swap of that form; Tornado Cash's pays for points of its pools."""
    said = log([facts.MIXER_REWARD, ANN_TOPIC], 4_000, 7)
    assert of_log(AT, SENDER, said) is None
    found = of_log(AT, SENDER, said | {"address": facts.REWARD_SWAP[1]})
    assert found is not None
    assert (found.kind, found.figure("points")) == (FactKind.MIXER_REWARD, "4000")
    assert found.parties == (("recipient", Address.parse(ETHEREUM, ANN)),)


def test_every_topic_is_the_hash_of_its_signature() -> None:
    """A log's first topic is the Keccak-256 of its event's signature (Solidity ABI)."""
    assert {topic: "0x" + keccak(text.encode()).hex() for topic, text in SIGNATURES.items()} == {
        topic: topic for topic in SIGNATURES
    }


@pytest.mark.parametrize("row", TOLD)
def test_a_log_tells_a_fact(
    row: tuple[dict[str, Any], FactKind, list[tuple[str, str]], dict[str, str]],
) -> None:
    """With the parties its standard names, the contract that said it, and the place of the log."""
    said, kind, parties, figures = row
    found = of_log(AT, SENDER, said)
    assert found is not None
    assert (found.kind, found.order, found.key) == (kind, 9, (7, 1, 9))
    assert [(role, one.account) for role, one in found.parties] == parties
    assert dict(found.figures) == figures


@pytest.mark.parametrize(
    "said",
    [
        log([]),
        log([facts.APPROVAL, ANN_TOPIC, BEN_TOPIC, NONE_TOPIC]),  # of an item, not of units
        log([facts.APPROVAL, ANN_TOPIC, BEN_TOPIC]),
        log([facts.APPROVAL, "0x" + "1" * 64, BEN_TOPIC], 1),
        log([facts.SAFE_SETUP, ANN_TOPIC], 128, 2, 0, 0, 1 << 200),
        log([facts.SAFE_SETUP, ANN_TOPIC], 1 << 250),
        log([facts.SAFE_OWNER]),
        log(["0x" + "12" * 32], 1),
    ],
)
def test_what_breaks_its_form_tells_nothing(said: dict[str, Any]) -> None:
    """Anyone can deploy a contract that logs anything."""
    assert of_log(AT, SENDER, said) is None


@given(
    st.sampled_from(sorted(SIGNATURES)),
    st.lists(st.binary(min_size=32, max_size=32), max_size=3),
    st.binary(),
)
def test_any_log_is_read_or_left(topic: str, topics: list[bytes], data: bytes) -> None:
    """Whatever it holds, nothing but a fact or nothing comes of it."""
    said = log([topic, *("0x" + one.hex() for one in topics)]) | {"data": "0x" + data.hex()}
    found = of_log(AT, SENDER, said)
    assert found is None or found.id.startswith("eip155:1:0xaa:fact ")
