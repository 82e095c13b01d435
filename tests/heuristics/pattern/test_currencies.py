"""What a payment was worth: by contract, by currency, by quote; else nobody says."""

from __future__ import annotations

from fractions import Fraction

import pytest

from flowtrace.ledger import Ledger
from flowtrace.model import Asset, Price
from flowtrace_heuristics.pattern.currencies import FREEZABLE, KNOWN, Worth, currency_of
from towns.shaped import EPOCH, USDT, flow, paid
from toytown import ETH, ONE


@pytest.mark.parametrize(
    ("asset", "currency"),
    [
        (USDT, "USD"),
        (Asset.of("eip155:1/erc20:0x1aBaEA1f7C830bD89Acc67eC4af516284b1bC33c", "EURC", 6), "EUR"),
        (Asset("iso20022:COBADEFF", "iso4217:EUR", "EUR", 2), "EUR"),
        (Asset("iso20022:COBADEFF", "iso4217:JPY", "JPY", 0), ""),
        (Asset(USDT.chain_id, "erc20:0x" + "ab" * 20, "USDT", 6), ""),
        (ETH, ""),
    ],
)
def test_a_currency_is_told_by_the_contract_or_the_bank(asset: Asset, currency: str) -> None:
    """Never by a symbol, which anyone can write."""
    assert currency_of(asset) == currency


def test_the_decimals_of_a_known_token_are_its_own() -> None:
    """A record that states no decimals, or others, does not change what a unit is worth."""
    strange = Asset(USDT.chain_id, USDT.reference, "", 0)
    ledger = flow([paid("tx", "a", "b", 5_000_000, asset=strange)])
    assert Worth(ledger)(0, 5_000_000, EPOCH) == 5


def test_a_quote_counts_at_its_time_only() -> None:
    """A price at another second says nothing of this payment, and none is invented between two."""
    ledger = flow([paid("tx", "a", "b", ONE)])
    priced = Ledger(ledger, prices=[Price(ETH, EPOCH, "3166.67", EPOCH, "quotes.example")])
    assert Worth(priced).told(0) == "USD"
    assert Worth(priced)(0, 3 * ONE, EPOCH) == Fraction("9500.01")
    assert Worth(priced)(0, 3 * ONE, EPOCH + 1) is None
    assert not Worth(ledger).told(0)


def test_whoever_issues_dai_cannot_freeze_it() -> None:
    """The typology's swap is of tokens that can be frozen: of the list, all but DAI."""
    assert {KNOWN[key][0] for key in KNOWN if key not in FREEZABLE} == {"DAI"}
