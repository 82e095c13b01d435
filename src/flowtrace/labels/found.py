"""Addresses in any text: found by form, kept only where their checksum is right.

An address on Solana carries no checksum and looks like any long word, so it is read only where a list says
that a word is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowtrace.errors import InputError
from flowtrace.model import CHAINS, Address, Chain, Family

LONGEST = 200
_WORD = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_FORMS = re.compile(
    "|".join(
        _WORD.format(form)
        for form in (
            "0[xX][0-9a-fA-F]{40}",
            "(?:[bB][cC]|[lL][tT][cC])1[02-9a-zA-Z]{11,87}",
            "[13TLMDA9][1-9A-HJ-NP-Za-km-z]{24,33}",
        )
    )
)
# Who is asked first whether an address is his: those whose forms overlap with nobody's, then by age.
_NAMES = ("ethereum", "bitcoin", "tron", "litecoin", "dogecoin")
_CHAINS = tuple(Chain.of(name) for name in _NAMES)
_EVM = tuple(chain for chain in CHAINS if chain.family is Family.EVM)
TICKERS = {
    "ARB": "arbitrum", "AVAX": "avalanche", "BNB": "bnb", "BSC": "bnb", "BTC": "bitcoin", "DOGE": "dogecoin",
    "ETH": "ethereum", "LTC": "litecoin", "MATIC": "polygon", "POL": "polygon", "SOL": "solana",
    "TRX": "tron", "XBT": "bitcoin",
}  # fmt: skip


def address_of(text: str, ticker: str = "") -> Address | None:
    """Return the address that a text is, by its form; None where it is none of a chain that is followed.

    The ticker of a list is no chain: USDT is on many. It only says which of the chains that fit is meant,
    and that a word without a checksum is an address.
    """
    text = text.strip()
    named = TICKERS.get(ticker.upper())
    wanted = (Chain.of(named),) if named else ()
    for chain in (*wanted, *_CHAINS):
        try:
            return Address(chain.id, text.replace("0X", "0x", 1) if text[:2] == "0X" else text)
        except InputError:
            continue
    return None


def found_in(text: str) -> Iterator[tuple[str, Address | None]]:
    """Yield every word of a text that has the form of an address, and the address.

    None stands for one whose checksum is wrong. Words that only look like base58 are not yielded then: any
    number of words do.
    """
    for hit in _FORMS.finditer(text):
        word = hit[0]
        address = address_of(word)
        if address is not None or word[:2] in ("0x", "0X") or word[:3].lower() in ("bc1", "ltc"):
            yield word, address


def account_of(text: str) -> str:
    """Return the one spelling under which a list's address is held against others, followed or not."""
    address = address_of(text)
    if address is not None:
        return address.account
    plain = text.strip()[:LONGEST]
    return plain.lower() if plain[:2] in ("0x", "0X") else plain


def accounts_of(address: Address) -> tuple[str, ...]:
    """Return the spellings under which a list may hold an address: older forms of it beside its own."""
    other = {address.account: None}
    if address.chain.older_versions:  # a list read by form alone takes Litecoin's older form for Bitcoin's
        other |= dict.fromkeys(_older(address))
    return tuple(other)


def _older(address: Address) -> Iterator[str]:
    from base58_bech32.base58 import b58decode_check, b58encode_check  # noqa: PLC0415  for one chain alone

    try:
        payload = b58decode_check(address.account)
    except ValueError:
        return  # bech32 has no older form
    for older, newer in address.chain.older_versions.items():
        if payload[0] == newer:
            yield b58encode_check(bytes([older]) + payload[1:]).decode()


def everywhere(address: Address) -> tuple[Address, ...]:
    """Return an address on every chain where it may be the same owner's: all EVM chains, or its own."""
    if address.chain.family is not Family.EVM:
        return (address,)
    return tuple(Address(chain.id, address.account) for chain in _EVM)
