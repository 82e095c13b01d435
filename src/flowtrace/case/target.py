"""What a user points at: an address or a transaction of some chain, told by how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from base58_bech32.base58 import b58decode

from flowtrace.errors import InputError
from flowtrace.model import CHAINS, ETHEREUM, Address, Chain, Family
from flowtrace.model.bank import read_iban

_EVM_TX = re.compile(r"0x[0-9a-fA-F]{64}")
_TX = re.compile(r"[0-9a-fA-F]{64}")
_FIRST = {"bitcoin": ("1", "3"), "litecoin": ("L", "M"), "dogecoin": ("D",), "tron": ("T",)}
"""The letters that addresses in base58 begin with."""
_ENTRY = re.compile(r"[0-9A-Za-z_-]{5,90}-[A-Z]{3}-[0-9]{8}-[0-9]{1,9}-[0-9.]{1,12}-[0-9]{1,9}")
"""An entry of a bank's statement: account, currency, closing day, number, page, entry."""
_SHORTEST = 20  # characters of what is taken for a mistyped address, and not for a name
_BASE58, _HEX = re.compile(r"[0-9A-Za-z]{26,36}"), re.compile(r"[0-9a-fA-F]{60,68}")
_SIGNATURE = 64  # bytes of a Solana signature
_NAMED = 12  # characters of the account or hash that name a case's folder


@dataclass(frozen=True, slots=True)
class Target:
    """An address, or a transaction's hash, on a chain; one of the two is set."""

    chain: Chain
    address: Address | None = None
    tx: str = ""

    @property
    def text(self) -> str:
        """As ``case.toml`` holds it: ``CHAIN:ACCOUNT``, or ``CHAIN:tx:HASH``."""
        return str(self.address) if self.address else f"{self.chain.id}:tx:{self.tx}"

    @property
    def folder(self) -> str:
        """The name of a case about it."""
        name = self.address.account if self.address else f"tx-{self.tx.removeprefix('0x')}"
        return f"{self.chain.name}-{name[:_NAMED]}"

    @property
    def title(self) -> str:
        """What a case about it is called."""
        return f"Trace of {self.address.short if self.address else f'transaction {self.tx[:10]}…'}"

    @classmethod
    def read(cls, text: str) -> Target:
        """Read what :attr:`text` writes.

        Raises
        ------
        InputError
            If it is no such text; the message says what is wrong.
        """
        chain, mark, tx = text.rpartition(":tx:")
        if mark:
            return cls(Chain.of(chain), tx=tx)
        address = Address.of(text)
        return cls(address.chain, address)


def target_of(text: str, chain_name: str = "") -> Target | None:
    """Return what a text points at, or None where it looks like neither an address nor a transaction.

    A checksum tells most chains apart. Where several chains write the same way, Ethereum stands for the EVM
    chains and Bitcoin for the UTXO chains, unless ``chain_name`` says another.

    Raises
    ------
    InputError
        If it looks like an address of the chain, but its checksum is wrong; or the chain is unknown.
    """
    text = text.strip()
    if text.count(":") > 1:
        return Target.read(text)
    if chain_name:
        chain = Chain.of(chain_name)
        tx = _transaction(text, chain)
        return Target(chain, tx=tx) if tx else Target(chain, Address.parse(chain, text))
    if _EVM_TX.fullmatch(text):
        return Target(ETHEREUM, tx=text.lower())
    if _TX.fullmatch(text):
        return Target(Chain.of("bitcoin"), tx=text.lower())
    if text.startswith("0x"):
        return Target(ETHEREUM, Address.parse(ETHEREUM, text))
    return _told_by_checksum(text)


def resembles(text: str) -> str:
    """Return what a text that points at nothing looks like, and what is wrong with it; else an empty text.

    Examples
    --------
    >>> resembles("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb").partition(":")[0]
    "'1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb' is not an address on bitcoin"
    """
    named = (chain for chain in CHAINS if _has_the_form_of(chain, text))
    for chain in named:
        try:
            Address.parse(chain, text)
        except InputError as error:
            return str(error)
    if _is_iban(text):
        return f"{text!r} is an IBAN: name the bank too whose statements the case holds, iso20022:BIC:{text}"
    if _HEX.fullmatch(text):
        return f"{text!r} is no transaction: its hash would have 64 hexadecimal digits, not {len(text)}"
    return ""


def _has_the_form_of(chain: Chain, text: str) -> bool:
    """Tell whether a text begins and goes on as the addresses of a chain do, whatever its checksum."""
    if chain.hrp and text.lower().startswith(f"{chain.hrp}1"):
        return len(text) > _SHORTEST and text.isalnum()
    return text[:1] in _FIRST.get(chain.name, ()) and _BASE58.fullmatch(text) is not None


def _told_by_checksum(text: str) -> Target | None:
    for chain in CHAINS:
        if chain.family is Family.EVM:
            continue
        try:
            return Target(chain, Address.parse(chain, text))
        except InputError:
            continue
    return Target(Chain.of("solana"), tx=text) if _is_signature(text) else None


def _transaction(text: str, chain: Chain) -> str:
    """Return a text as a transaction's hash of a chain; empty where it is none."""
    match chain.family:
        case Family.EVM:
            return text.lower() if _EVM_TX.fullmatch(text) else ""
        case Family.UTXO | Family.TRON:
            return text.lower() if _TX.fullmatch(text) else ""
        case Family.SOLANA:
            return text if _is_signature(text) else ""
        case Family.BANK:
            return text if _ENTRY.fullmatch(text) else ""


def _is_iban(text: str) -> bool:
    try:
        return bool(read_iban(text))
    except InputError:
        return False


def _is_signature(text: str) -> bool:
    try:
        return len(b58decode(text, max_length=2 * _SIGNATURE)) == _SIGNATURE
    except ValueError:
        return False
