"""Wrapped coins: the contracts that are believed, and the two logs they write."""

from __future__ import annotations

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.fetch.evm.logs import moved
from flowtrace.model import (
    CHAINS,
    DEPOSIT,
    NOBODY,
    WITHDRAWAL,
    Address,
    Chain,
    Family,
    wrapped_coin,
    wrapped_coins,
)
from flowtrace.model.wrapped import WRAPPED
from flowtrace.moves.evm import EvmTransaction

HOLDER = "0x" + "a1" * 20
EVM = [chain for chain in CHAINS if chain.family is Family.EVM]


def test_topics_are_the_hashes_of_the_events() -> None:
    """As WETH9 declares them."""
    for topic, event in ((DEPOSIT, "Deposit(address,uint256)"), (WITHDRAWAL, "Withdrawal(address,uint256)")):
        assert topic == "0x" + keccak(event.encode()).hex()


def test_every_contract_has_its_public_source() -> None:
    """One coin a chain, with the places of the chain's own coin, and where its code can be read."""
    assert len({one.coin.chain_id for one in WRAPPED}) == len(WRAPPED)
    for one in WRAPPED:
        chain = Chain.of(one.coin.chain_id)
        assert one.coin.decimals == chain.decimals
        assert one.coin.symbol == f"W{chain.symbol.upper()}"
        assert one.source.startswith("https://")
        assert wrapped_coins(chain) == (one.coin,)


@pytest.mark.parametrize(
    ("chain", "contract"),
    [
        ("arbitrum", "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1"),  # writes Transfer where coin is wrapped
        ("ronin", "0xe514d9DEB7966c8BE0ca922de8a064264eA6bcd4"),  # names nobody in its topics
        ("arbitrum", "0x4200000000000000000000000000000000000006"),
        ("polygon", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"),
    ],
)
def test_others_are_not_believed(chain: str, contract: str) -> None:
    """What does otherwise, and what is a wrapped coin on another chain, is none here."""
    assert wrapped_coin(Address.parse(chain, contract)) is None
    assert _moved(Chain.of(chain), contract, DEPOSIT, units=5) == []


@given(st.sampled_from(EVM), st.sampled_from((DEPOSIT, WITHDRAWAL)), st.integers(0, (1 << 256) - 1))
def test_a_log_moves_what_it_says_between_its_holder_and_nobody(chain: Chain, topic: str, units: int) -> None:
    """Wrapped: from the zero address to the holder; unwrapped: back; nothing where it is of nothing."""
    for coin in wrapped_coins(chain):
        told = _moved(chain, coin.contract, topic, units=units)
        ends = (NOBODY, HOLDER) if topic == DEPOSIT else (HOLDER, NOBODY)
        assert told == ([(*ends, coin, units)] if units else [])


@pytest.mark.parametrize(
    ("topics", "data"),
    [
        ([DEPOSIT], "0x" + "00" * 64),
        ([DEPOSIT, "0x" + "11" * 32], "0x" + "00" * 31 + "05"),
        ([DEPOSIT, "0x" + HOLDER[2:].rjust(64, "0"), "0x" + "00" * 32], "0x" + "00" * 31 + "05"),
        ([WITHDRAWAL, "0x" + HOLDER[2:].rjust(64, "0")], "0x"),
        ([WITHDRAWAL, "0x" + HOLDER[2:].rjust(64, "0")], "0x" + "00" * 64),
    ],
)
def test_a_log_of_another_form_tells_nothing(topics: list[str], data: str) -> None:
    """Not even of a contract that is believed."""
    at = EvmTransaction(Chain.of("ethereum"), "0x" + "00" * 32, 1, 0, 1)
    log = {"address": wrapped_coins(at.chain)[0].contract, "topics": topics, "data": data, "logIndex": 3}
    assert moved(at, log) == []


def _moved(chain: Chain, contract: str, topic: str, *, units: int) -> list[tuple[object, ...]]:
    at = EvmTransaction(chain, "0x" + "00" * 32, 1, 0, 1)
    log = {
        "address": contract, "topics": [topic, "0x" + HOLDER[2:].rjust(64, "0")], "data": f"0x{units:064x}",
        "logIndex": 3,
    }  # fmt: skip
    return [
        (t.source and t.source.account, t.target and t.target.account, t.amount.asset, t.amount.units)
        for t in moved(at, log)
    ]
