"""Addresses: (chain, account), canonical on construction, every checksum verified.

Sources: CAIP-10; EIP-55 (mixed-case hexadecimal checksum); base58check (Bitcoin, TRON); BIP-173 and BIP-350
(bech32, bech32m); Solana accounts are 32 bytes in base58 and carry no checksum; ISO 13616 (IBAN).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from base58_bech32.base58 import b58decode, b58decode_check, b58encode_check
from eth_hash.auto import keccak

from flowtrace.errors import InputError
from flowtrace.model.bank import is_unnamed, read_account
from flowtrace.model.bech32 import witness_program
from flowtrace.model.chain import Chain, Family

_HEX = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH160, _PUBKEY, _MAX_BASE58 = 21, 32, 64
_WITHHELD = "withheld-"  # no account of any chain begins so
_TAIL = 6  # of an entry's name that tells unnamed places of one figure apart


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An account on a chain.

    ``account`` is canonical: lower-case hexadecimal on EVM chains, lower-case bech32, base58 with the chain's
    newest version byte. At a bank it is an IBAN, or ``acct.KEEPER.NUMBER`` where an account has none, or
    ``unnamed.ENTRY`` for whoever an entry of a statement does not name. Two spellings of one account are one
    Address.

    Examples
    --------
    >>> Address.parse("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").account
    '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'

    Raises
    ------
    InputError
        If the text is no address of the chain, or its checksum is wrong.
    """

    chain_id: str
    account: str

    def __post_init__(self) -> None:
        chain = Chain.of(self.chain_id)
        object.__setattr__(self, "chain_id", chain.id)
        object.__setattr__(self, "account", _canonical(chain, self.account))

    @classmethod
    def parse(cls, chain: Chain | str, text: str) -> Address:
        """Read an address of a known chain, with or without its CAIP-10 prefix."""
        return _parsed(chain.id if isinstance(chain, Chain) else Chain.of(chain).id, text)

    @classmethod
    def of(cls, caip10: str) -> Address:
        """Read a CAIP-10 account id, such as ``eip155:1:0xab…``."""
        chain, colon, account = caip10.strip().rpartition(":")
        if not colon:
            msg = f"{caip10!r} is not a CAIP-10 address: write it as CHAIN:ACCOUNT, such as eip155:1:0x…"
            raise InputError(msg)
        return cls(chain, account)

    @property
    def chain(self) -> Chain:
        """The chain it lives on."""
        return Chain.of(self.chain_id)

    @property
    def display(self) -> str:
        """As a person writes it: EIP-55 mixed case on EVM chains, canonical elsewhere."""
        if self.account.startswith(_WITHHELD):
            return self.account
        return _eip55(self.account) if self.chain.family is Family.EVM else self.account

    @property
    def short(self) -> str:
        """First six and last four characters, for figures only; never for a document's identifiers."""
        if self.account.startswith(_WITHHELD):
            return self.account
        if self.chain.family is Family.BANK and is_unnamed(self.account):
            return f"unnamed {self.account[-_TAIL:].lstrip('-')}"
        return f"{self.display[:6]}…{self.display[-4:]}"

    def __str__(self) -> str:
        return f"{self.chain_id}:{self.display}"


def withheld(chain_id: str, name: str) -> Address:
    """Return what stands for an address that is not shown: ``withheld-1``, which no text is read as.

    Raises
    ------
    InputError
        If the name does not say that it is withheld.
    """
    if not name.startswith(_WITHHELD):
        msg = f"{name!r} does not begin with {_WITHHELD!r}: it could be taken for an address"
        raise InputError(msg)
    made = object.__new__(Address)
    object.__setattr__(made, "chain_id", Chain.of(chain_id).id)
    object.__setattr__(made, "account", name)
    return made


@lru_cache(maxsize=1 << 16)
def _parsed(chain_id: str, text: str) -> Address:
    """Return the one Address of a text: a history names the same ones over and over."""
    return Address(chain_id, text.strip().removeprefix(f"{chain_id}:"))


@lru_cache(maxsize=1 << 16)
def _eip55(account: str) -> str:
    digest = keccak(account[2:].encode()).hex()
    return (
        "0x"
        + "".join(
            c.upper() if int(d, 16) > 7 else c  # noqa: PLR2004  EIP-55: nibble of 8 and above is upper case
            for c, d in zip(account[2:], digest, strict=False)
        )
    )


@lru_cache(maxsize=1 << 16)
def _canonical(chain: Chain, text: str) -> str:
    match chain.family:
        case Family.EVM:
            return _evm(chain, text)
        case Family.TRON | Family.UTXO:
            return _bitcoin_like(chain, text)
        case Family.SOLANA:
            return _solana(chain, text)
        case Family.BANK:
            return _bank(chain, text)


def _evm(chain: Chain, text: str) -> str:
    if not _HEX.fullmatch(text):
        raise _refused(chain, text, "an address is 0x and 40 hexadecimal digits")
    digits = text[2:]
    lower = "0x" + digits.lower()
    if digits not in (digits.lower(), digits.upper()) and _eip55(lower) != text:
        raise _refused(
            chain, text, "its EIP-55 checksum is wrong: a digit was mistyped or changed; copy it again"
        )
    return lower


def _bitcoin_like(chain: Chain, text: str) -> str:
    if chain.hrp and text.lower().startswith(chain.hrp + "1"):
        if witness_program(chain.hrp, text) is None:
            raise _refused(chain, text, "its bech32 checksum or form is wrong: copy it again")
        return text.lower()
    payload = _base58(chain, text, checked=True)
    if len(payload) != _HASH160 or payload[0] not in chain.versions:
        raise _refused(chain, text, "it is an address of another chain")
    version = chain.older_versions.get(payload[0])
    return text if version is None else b58encode_check(bytes([version]) + payload[1:]).decode()


def _solana(chain: Chain, text: str) -> str:
    if len(_base58(chain, text, checked=False)) != _PUBKEY:
        raise _refused(chain, text, "an account is 32 bytes in base58")
    return text


def _bank(chain: Chain, text: str) -> str:
    try:
        return read_account(text)
    except InputError as error:
        raise _refused(chain, text[:60], str(error)) from None


def _base58(chain: Chain, text: str, *, checked: bool) -> bytes:
    try:
        return b58decode_check(text) if checked else b58decode(text, max_length=_MAX_BASE58)
    except ValueError:
        why = "its base58 checksum or alphabet is wrong: copy it again"
        raise _refused(chain, text, why) from None


def _refused(chain: Chain, text: str, why: str) -> InputError:
    return InputError(f"{text!r} is not an address on {chain.name}: {why}")
