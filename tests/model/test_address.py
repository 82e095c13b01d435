"""Addresses: the published vectors of every checksum, canonical on construction, CAIP-10 both ways."""

from __future__ import annotations

import dataclasses

import pytest
from base58_bech32.base58 import BITCOIN_ALPHABET, b58encode_check
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.model import CHAINS, Address, Chain, Family
from model.nouns import accounts, addresses, segwit

# EIP-55, section "Test Cases": all upper, all lower, and mixed case.
EIP55 = (
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)
MIXED = EIP55[4:]
BASE58 = [
    ("bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),  # the genesis block's payee
    ("bitcoin", "17VZNX1SN5NtKa8UQFxwQbFeFc3iqRYhem"),
    ("bitcoin", "3EktnHQD7RiAE6uzMj2ZifT9YgRrkSgzQX"),  # pay to script hash
    ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),  # the contract of USDT
]
# BIP-350, "Test vectors for v0-v16 native segregated witness addresses", those of mainnet.
SEGWIT = (
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
)
# The same section's invalid addresses, with its reasons.
NOT_SEGWIT = {
    "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut": "invalid human-readable part",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd": "bech32 instead of bech32m",
    "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf": "bech32 instead of bech32m",
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL": "bech32 instead of bech32m",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh": "bech32m instead of bech32",
    "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47": "bech32m instead of bech32",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4": "invalid character in the checksum",
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R": "invalid witness version",
    "bc1pw5dgrnzv": "a program of one byte",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav": "41 bytes",
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P": "a size that version 0 does not have",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq": "mixed case",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf": "more than four bits of padding",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j": "padding that is not zero",
    "bc1gmk9yu": "no data",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5": "BIP-173: wrong checksum",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7Kv8F3T4": "BIP-173: mixed case",
}


@pytest.mark.parametrize("text", EIP55)
def test_eip55_vectors_are_read_and_written(text: str) -> None:
    """Every vector of EIP-55 is an address, and is written back as the EIP writes it."""
    address = Address.parse("ethereum", text)
    assert address.account == text.lower()
    assert address.display == text


@pytest.mark.parametrize("text", MIXED)
def test_any_one_changed_digit_of_an_eip55_address_is_refused(text: str) -> None:
    """All 3,200-odd one-character changes of the mixed-case vectors: refused, or the same address.

    EIP-55 lets about one change in 4,000 through by chance; none of these is one.
    """
    for place in range(2, len(text)):
        for other in "0123456789abcdefABCDEFgGxX ":
            changed = text[:place] + other + text[place + 1 :]
            try:
                found = Address.parse("ethereum", changed)
            except InputError:
                continue
            assert found.account == text.lower(), changed


@given(st.binary(min_size=20, max_size=20), st.integers(0, 39))
def test_a_wrong_case_is_refused(raw: bytes, place: int) -> None:
    """EIP-55: a letter of the wrong case is an error, unless the text then states no checksum at all."""
    right = Address("eip155:1", "0x" + raw.hex()).display
    wrong = right[: place + 2] + right[place + 2].swapcase() + right[place + 3 :]
    if wrong == right or wrong[2:] in (wrong[2:].lower(), wrong[2:].upper()):
        return
    with pytest.raises(InputError, match="EIP-55 checksum is wrong"):
        Address.parse("ethereum", wrong)


@pytest.mark.parametrize(("chain", "text"), BASE58)
def test_base58check_vectors(chain: str, text: str) -> None:
    """Known addresses of Bitcoin and TRON are read, and stay as they are written."""
    assert Address.parse(chain, text).display == text


@pytest.mark.parametrize(
    ("chain", "version", "letter"),
    [
        *(("bitcoin", 0, "1"), ("bitcoin", 5, "3"), ("litecoin", 48, "L"), ("litecoin", 50, "M")),
        *(("dogecoin", 30, "D"), ("dogecoin", 22, "9A"), ("tron", 65, "T")),
    ],
)
def test_version_bytes_give_the_letter_users_know(chain: str, version: int, letter: str) -> None:
    """Each chain's version byte gives addresses that begin with its known letter, and no other chain's."""
    text = b58encode_check(bytes([version]) + bytes(range(20))).decode()
    assert text[0] in letter
    assert Address.parse(chain, text).account == text
    takers = {c.name for c in CHAINS if c.family in (Family.UTXO, Family.TRON) and version in c.versions}
    for other in ("bitcoin", "litecoin", "dogecoin", "tron"):
        if other not in takers:
            with pytest.raises(InputError, match="another chain"):
                Address.parse(other, text)


def test_both_spellings_of_a_litecoin_script_are_one_address() -> None:
    """Litecoin wrote script hashes with 3 before M: the same script is the same Address."""
    script = bytes(range(20))
    old, new = (b58encode_check(bytes([version]) + script).decode() for version in (5, 50))
    assert (old[0], new[0]) == ("3", "M")
    assert Address.parse("litecoin", old) == Address.parse("litecoin", new)
    assert Address.parse("litecoin", old).display == new
    assert Address.parse("bitcoin", old).display == old


@pytest.mark.parametrize("text", SEGWIT)
def test_segwit_vectors_are_read(text: str) -> None:
    """Every mainnet vector of BIP-350 is an address; upper case is the same one in lower case."""
    assert Address.parse("bitcoin", text).account == text.lower()
    assert Address.parse("bitcoin", text.upper()) == Address.parse("bitcoin", text.lower())


@pytest.mark.parametrize("text", NOT_SEGWIT, ids=list(NOT_SEGWIT.values()))
def test_invalid_segwit_vectors_are_refused(text: str) -> None:
    """Every invalid vector of BIP-350 and BIP-173 is refused with the address named."""
    with pytest.raises(InputError, match="is not an address on bitcoin"):
        Address.parse("bitcoin", text)


CHECKED = [c for c in CHAINS if c.family in (Family.UTXO, Family.TRON)]


@given(st.data())
def test_any_one_changed_character_of_a_checksummed_address_is_refused(data: st.DataObject) -> None:
    """One character of a base58check or bech32 address changed: refused, or the same address."""
    chain = data.draw(st.sampled_from(CHECKED))
    text = data.draw(accounts(chain))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([chr(c) for c in BITCOIN_ALPHABET] + list("0OIl1bcq é\u212a")))
    changed = text[:place] + other + text[place + 1 :]
    try:
        found = Address(chain.id, changed)
    except InputError:
        return
    assert found == Address(chain.id, text)


@pytest.mark.parametrize("account", ["So11111111111111111111111111111111111111112", "1" * 32])
def test_solana_accounts_are_32_bytes(account: str) -> None:
    """A Solana account is 32 bytes in base58; one byte less or more, or a wrong letter, is refused."""
    assert Address.parse("solana", account).display == account
    for wrong in (account[:-2], account + "1" * 33, account[:-1] + "0", "", account + " x"):
        with pytest.raises(InputError, match="is not an address on solana"):
            Address.parse("solana", wrong)


@pytest.mark.parametrize(
    "text",
    ["", "0x", "0x12", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0X" + "a" * 40, "0x" + "\u0661" * 40],
)
def test_what_is_no_ethereum_address_is_refused(text: str) -> None:
    """Too short, without 0x, or in other digits: refused, and what an address looks like is said."""
    with pytest.raises(InputError, match="40 hexadecimal digits"):
        Address.parse("ethereum", text)


@given(addresses())
def test_caip10_round_trip(address: Address) -> None:
    """CAIP-10 text read back is the same address, whichever way it is read."""
    assert Address.of(str(address)) == address
    assert Address.parse(address.chain, str(address)) == address
    assert Address(address.chain_id, address.account) == address
    assert Address(address.chain_id, address.display) == address


@given(addresses(), st.booleans())
def test_canonical_on_construction(address: Address, by_name: bool) -> None:  # noqa: FBT001  drawn
    """However the chain or the account is spelled, one account is one Address with one hash."""
    bank = address.chain.family is Family.BANK  # a bank is named by its id only
    name = f"iso20022:{address.chain.name.lower()}xxx" if bank else address.chain.name
    spelled = name if by_name else address.chain_id.upper()
    if address.chain.family is Family.EVM or by_name:
        same = Address(spelled, address.display)
        assert (same, hash(same), str(same)) == (address, hash(address), str(address))
        assert same.chain_id == address.chain_id


def test_caip10_needs_a_chain() -> None:
    """A bare account names no chain and is refused; so is a chain nobody knows."""
    with pytest.raises(InputError, match="CAIP-10"):
        Address.of("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    with pytest.raises(InputError, match="unknown chain"):
        Address.of("eip155:424242:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")


def test_an_address_is_frozen() -> None:
    """Nothing about an address can be changed after its checksum was verified."""
    address = Address.parse("ethereum", EIP55[4])
    with pytest.raises(dataclasses.FrozenInstanceError):
        address.account = EIP55[5]  # type: ignore[misc]


def test_chains_are_found_by_id_and_name() -> None:
    """Every chain is found by its CAIP-2 id and its name, and ids and names are unique."""
    for chain in CHAINS:
        assert Chain.of(chain.id) is Chain.of(chain.name) is Chain.of(chain.name.upper()) is chain
    assert len({c.id for c in CHAINS} | {c.name for c in CHAINS}) == 2 * len(CHAINS)


def test_a_segwit_address_of_another_chain_is_refused() -> None:
    """A Litecoin segwit address is none of Bitcoin's, and Dogecoin has none."""
    text = segwit("ltc", 0, bytes(20))
    assert Address.parse("litecoin", text).account == text
    for chain in ("bitcoin", "dogecoin"):
        with pytest.raises(InputError):
            Address.parse(chain, text)
