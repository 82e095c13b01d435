"""Assets and amounts: CAIP-19 both ways, integers only, exact decimal text."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.model import CHAINS, Address, Amount, Asset, Family, decimal_text, read_decimal, read_units
from model.nouns import ETHER, TOKEN, UINT256_MAX


@given(st.sampled_from(CHAINS))
def test_a_native_coin_round_trips(chain: object) -> None:
    """CAIP-19 text of a chain's own coin read back is the same coin, with its symbol and decimals."""
    coin = Asset.native(chain)  # type: ignore[arg-type]
    again = Asset.of(str(coin))
    assert (again, again.symbol, again.decimals) == (coin, coin.symbol, coin.decimals)
    assert coin.contract == ""


@given(st.sampled_from([c.id for c in CHAINS if c.family is Family.EVM]), st.binary(min_size=20, max_size=20))
def test_a_token_round_trips(chain_id: str, raw: bytes) -> None:
    """CAIP-19 text of a token read back is the same token, however its contract's letters are cased."""
    contract = Address(chain_id, "0x" + raw.hex())
    token = Asset.token(contract, "TKN", 6)
    assert Asset.of(str(token)) == token
    assert Asset.of(f"{chain_id}/erc20:{contract.display}") == token
    assert token.contract == contract.account


@pytest.mark.parametrize(
    "text",
    ["", "eip155:1", "eip155:1/", "eip155:1/erc20", "eip155:1/erc20:", "eip155:1/slip44:61", "x/slip44:0"],
)
def test_what_is_no_asset_is_refused(text: str) -> None:
    """Text that is not CAIP-19, or names another chain's coin, is refused."""
    with pytest.raises(InputError):
        Asset.of(text)


def test_a_token_is_named_by_its_contract_never_by_its_symbol() -> None:
    """Two contracts that call themselves USDC are two assets; one contract under two symbols is one."""
    one, other = (Address("eip155:1", "0x" + digit * 40) for digit in "12")
    assert Asset.token(one, "USDC", 6) != Asset.token(other, "USDC", 6)
    assert Asset.token(one, "USDC", 6) == Asset.token(one, "USDС (fake)", 18)  # noqa: RUF001  look-alike
    with pytest.raises(InputError, match="0 to 255"):
        Asset.token(one, "", 256)


@pytest.mark.parametrize(
    "units", [1.0, True, False, "1", None, Decimal(1), Fraction(1), float("nan"), b"1", 1e18, [1]]
)
def test_only_an_integer_is_an_amount(units: object) -> None:
    """An amount is an int of base units: no float, no bool, no text, no Decimal."""
    with pytest.raises(InputError, match="integer of base units"):
        Amount(ETHER, units)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1.0", "1.", ".5", "1e18", "1_000", "1,000", "0x10", "+1", "--1", "\u0661", "1\n", "NaN",
     "Infinity", "1 ETH", "9" * 1000],
)  # fmt: skip
def test_text_that_is_no_whole_number_is_refused_never_rounded(text: str) -> None:
    """A point, an exponent, a separator, a unit, more digits than any ledger has: refused, and named."""
    with pytest.raises(InputError, match="not an integer of base units"):
        Amount.read(ETHER, text)


@given(st.integers())
def test_units_round_trip_as_text(units: int) -> None:
    """Any integer written and read back is the same amount."""
    assert Amount.read(ETHER, str(units)) == Amount(ETHER, units)
    assert read_units(str(units)) == units


@given(st.integers(-(1 << 600), 1 << 600) | st.sampled_from((UINT256_MAX, 1 << 256)), st.integers(0, 255))
def test_exact_decimal_text_round_trips(units: int, decimals: int) -> None:
    """Decimal text of any amount at any decimals is exact: read back it is the same, and is units / 10^d."""
    text = decimal_text(units, decimals)
    assert read_decimal(text, decimals) == units
    assert Fraction(text) == Fraction(units, 10**decimals)
    assert not (text.endswith("0") and "." in text)


@pytest.mark.parametrize("text", ["", ".", "-", "1.5.5", "1.-5", "1e3", "1.0000000", "1,5", " 1", "\u06610"])
def test_decimal_text_that_cannot_be_exact_is_refused(text: str) -> None:
    """More places than the asset has, or what is no number, is refused."""
    with pytest.raises(InputError, match="decimal number"):
        read_decimal(text, 6)


@given(st.integers(), st.integers())
def test_amounts_add_exactly_within_their_asset_only(a: int, b: int) -> None:
    """Sums and differences are those of integers; two assets cannot be added."""
    assert (Amount(ETHER, a) + Amount(ETHER, b)).units == a + b
    assert (Amount(ETHER, a) - Amount(ETHER, b)).units == a - b
    with pytest.raises(InputError, match="different assets"):
        _ = Amount(ETHER, a) + Amount(TOKEN, b)


def test_an_amount_says_what_it_is() -> None:
    """The words of an amount are exact: the odd wei is not lost."""
    assert str(Amount(ETHER, 73811834374516485548)) == "73.811834374516485548 ETH"
    assert str(Amount(Asset.of("eip155:1/erc20:0x" + "1" * 40), 5)) == "5 erc20:0x" + "1" * 40


def test_an_amount_is_frozen() -> None:
    """No amount can be changed."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Amount(ETHER, 1).units = 2  # type: ignore[misc]
