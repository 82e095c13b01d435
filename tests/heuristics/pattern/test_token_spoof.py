"""Counterfeit tokens and spoofed token transfers are set aside, and only those."""

from __future__ import annotations

import pytest

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Asset, Chain, SetAside
from flowtrace_heuristics.pattern.token_spoof import counterfeit, token_spoof
from towns.shaped import USDT, flow, paid
from toytown import NOBODY, twin, who


def aside(ledger: Ledger) -> dict[str, str]:
    """Return what is set aside, by transaction."""
    found = token_spoof(ledger, NOBODY)
    return {one.transfer.split(":")[2]: one.why for one in found if isinstance(one, SetAside)}


def token(symbol: str, chain: str = "ethereum") -> Asset:
    """Return a token of some contract under a symbol."""
    return Asset.token(Address.parse(chain, "0x" + "ab" * 20), symbol, 6)


@pytest.mark.parametrize(
    "symbol",
    [
        "USDT",
        "usdt",
        "USD T",
        "USD\N{CYRILLIC CAPITAL LETTER TE}",
        "\N{FULLWIDTH LATIN CAPITAL LETTER U}SDT",
        "DAI",
        "ETH",
        "WETH",
    ],
)
def test_a_symbol_that_reads_like_a_known_one_is_a_counterfeit(symbol: str) -> None:
    """Pattern 4.10: "token contract not in allow-list"; Cyrillic and full-width letters read alike."""
    assert counterfeit(token(symbol)).startswith("a counterfeit: its symbol reads")


@pytest.mark.parametrize(
    "asset",
    [
        USDT,
        token("SHIB"),
        token(""),
        token("USDTX"),
        token("USDT", "gnosis"),
        Asset.native(Chain.of("ethereum")),
        Asset.token(Address.parse("ethereum", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"), "WETH", 18),
    ],
)
def test_what_is_genuine_or_has_a_name_of_its_own_is_none(asset: Asset) -> None:
    """The listed contract itself, other names, coins, and chains of which the list holds no such token."""
    assert not counterfeit(asset)


def test_a_counterfeit_is_set_aside_and_the_genuine_is_not() -> None:
    """Pattern 4.10: "exclude from flows, list separately"."""
    way = [
        paid("fake", "faker", "ann", 10**12, asset=token("USDT")),
        paid("real", "ben", "ann", 10**12, asset=USDT),
    ]
    assert set(aside(flow(way))) == {"fake"}


def test_a_token_transfer_of_nothing_is_noise() -> None:
    """Address poisoners have a token write transfers of nothing in a victim's name."""
    assert aside(flow([paid("zero", "ann", "look-alike", 0, asset=USDT)])) == {
        "zero": "a token transfer of nothing"
    }
    assert aside(flow([paid("coin", "ann", "ben", 0)])) == {}


@pytest.mark.parametrize(("units", "there"), [(999_999, True), (1_000_000, False)])
def test_a_look_alike_of_a_payee_sends_little(units: int, there: bool) -> None:  # noqa: FBT001
    """Pattern 4.10: "look-alike address (first 4 + last 4 hex equal)", as far as it is not real value."""
    way = [
        paid("wage", "ann", "ben", 500 * 10**6, asset=USDT),
        paid("spoof", twin(who("ben")), "ann", units, at=60, asset=USDT),
    ]
    assert ("spoof" in aside(flow(way))) is there
    assert not aside(flow([*way[:1], paid("back", "ben", "ann", units, at=60, asset=USDT)]))
