"""Assets (CAIP-19) and amounts: integer base units, never a float.

Sources: CAIP-19 (``slip44:`` native, ``erc20:`` and like tokens); ISO 4217 (``iso4217:`` the currencies that
banks keep accounts in); decimals are display facts, not arithmetic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flowtrace.errors import InputError
from flowtrace.model.address import Address
from flowtrace.model.chain import Chain, Family
from flowtrace.model.currency import places_of

_INTEGER = re.compile(r"-?[0-9]{1,999}")  # far above any ledger's, far below where int() takes long
_MAX_DECIMALS = 255
_COIN, _CURRENCY = "slip44", "iso4217"
_SHORT = 12  # of a contract's name, that is written out


@dataclass(frozen=True, slots=True, order=True)
class Asset:
    """What is moved: a chain's native coin, a token named by its contract, or a currency at a bank.

    No token is named by its symbol; a currency is, by its code of ISO 4217.

    ``symbol`` is for display only and, for tokens, is attacker-written text unless a label vouches for it.
    """

    chain_id: str
    reference: str
    symbol: str = field(compare=False, default="")
    decimals: int = field(compare=False, default=0)

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= _MAX_DECIMALS:
            msg = (
                f"asset {self.reference!r} claims {self.decimals} decimals: a token has 0 to {_MAX_DECIMALS}"
            )
            raise InputError(msg)

    @classmethod
    def native(cls, chain: Chain) -> Asset:
        """Return the chain's own coin.

        Raises
        ------
        InputError
            If the chain is a bank, which has none.
        """
        if chain.family is Family.BANK:
            raise InputError(f"{chain.name} is a bank and has no coin: name a currency, {chain}/iso4217:EUR")
        return cls(chain.id, f"slip44:{chain.coin_type}", chain.symbol, chain.decimals)

    @classmethod
    def currency(cls, chain: Chain, code: str) -> Asset:
        """Return a currency that a bank keeps accounts in; an amount of it counts its minor unit.

        Raises
        ------
        InputError
            If the chain is no bank, or ISO 4217 knows no such currency.

        Examples
        --------
        >>> str(Asset.currency(Chain.of("iso20022:COBADEFF"), "EUR"))
        'iso20022:COBADEFF/iso4217:EUR'
        """
        if chain.family is not Family.BANK:
            raise InputError(f"{chain.name} is no bank: only a bank keeps accounts in {code[:20]!r}")
        return cls(chain.id, f"{_CURRENCY}:{code}", code, places_of(code))

    @classmethod
    def token(cls, contract: Address, symbol: str, decimals: int, *, standard: str = "erc20") -> Asset:
        """Return the token a contract keeps."""
        return cls(contract.chain_id, f"{standard}:{contract.account}", symbol, decimals)

    @classmethod
    def of(cls, caip19: str, symbol: str = "", decimals: int = 0) -> Asset:
        """Read a CAIP-19 id, such as ``eip155:1/slip44:60``."""
        chain_id, slash, reference = caip19.partition("/")
        kind, colon, name = reference.partition(":")
        if not slash or not colon or not name:
            msg = f"{caip19!r} is not a CAIP-19 asset: write it as CHAIN/NAMESPACE:REFERENCE"
            raise InputError(msg)
        chain = Chain.of(chain_id)
        if kind == _CURRENCY or chain.family is Family.BANK:
            return cls._stated_currency(chain, kind, name)
        if kind == _COIN:
            if name != str(chain.coin_type):
                msg = f"{caip19!r} is not the coin of {chain.name}: that is slip44:{chain.coin_type}"
                raise InputError(msg)
            return cls.native(chain)
        return cls.token(Address(chain.id, name), symbol, decimals, standard=kind)

    @classmethod
    def _stated_currency(cls, chain: Chain, kind: str, name: str) -> Asset:
        if kind != _CURRENCY:
            raise InputError(f"{chain.name} is a bank, and {kind[:20]!r} no currency: write iso4217:EUR")
        return cls.currency(chain, name)

    @property
    def contract(self) -> str:
        """The token's contract account; empty for a native coin and for a currency."""
        kind, _, name = self.reference.partition(":")
        return "" if kind in (_COIN, _CURRENCY) else name

    def written(self, units: int) -> str:
        """Return base units as exact decimal text; of a currency with all its places, as money is written.

        >>> Asset("iso20022:COBADEFF", "iso4217:EUR", "EUR", 2).written(150)
        '1.50'
        """
        text = decimal_text(units, self.decimals)
        if not self.decimals or not self.reference.startswith(f"{_CURRENCY}:"):
            return text
        whole, _, part = text.partition(".")
        return f"{whole}.{part.ljust(self.decimals, '0')}"

    @property
    def unit(self) -> str:
        """What an amount of it is of, for people: the symbol; of a token that tells none, its contract.

        >>> Asset("eip155:1", "erc20:0x5fbdb2315678afecb367f032d93f642f64180aa3").unit
        'base units of token 0x5fbd…0aa3'
        """
        if self.symbol:
            return self.symbol
        name = self.contract
        short = name if len(name) <= _SHORT else f"{name[:6]}…{name[-4:]}"
        return f"{'units' if self.decimals else 'base units'} of token {short}"

    def __str__(self) -> str:
        return f"{self.chain_id}/{self.reference}"


@dataclass(frozen=True, slots=True, order=True)
class Amount:
    """Integer base units (wei, satoshi, sun) of one asset. Sums and differences stay within the asset."""

    asset: Asset
    units: int

    def __post_init__(self) -> None:
        if type(self.units) is not int:
            msg = f"an amount is an integer of base units, not {type(self.units).__name__} {self.units!r}"
            raise InputError(msg)

    @classmethod
    def read(cls, asset: Asset, text: str) -> Amount:
        """Read base units from text.

        Raises
        ------
        InputError
            If the text is not a whole number: a point, an exponent or a unit is refused, never rounded.
        """
        return cls(asset, read_units(text))

    def __add__(self, other: Amount) -> Amount:
        return Amount(self._same(other), self.units + other.units)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self._same(other), self.units - other.units)

    def _same(self, other: Amount) -> Asset:
        if other.asset != self.asset:
            msg = f"{self.asset} and {other.asset} are different assets: their amounts cannot be added"
            raise InputError(msg)
        return self.asset

    @property
    def decimal(self) -> str:
        """The exact decimal text, such as ``1.5`` for 15·10¹⁷ wei."""
        return self.asset.written(self.units)

    def __str__(self) -> str:
        return f"{self.decimal} {self.asset.symbol or self.asset.reference}"


def read_units(text: str) -> int:
    """Read a whole number of base units; anything else is refused with the item named."""
    if not _INTEGER.fullmatch(text):
        msg = f"amount {text!r} is not an integer of base units: give wei, satoshi or sun as a whole number"
        raise InputError(msg)
    return int(text)


def decimal_text(units: int, decimals: int) -> str:
    """Write base units as exact decimal text, without trailing zeros.

    >>> decimal_text(73811834374516485548, 18)
    '73.811834374516485548'
    """
    sign = "-" if units < 0 else ""
    digits = str(abs(units)).rjust(decimals + 1, "0")
    whole, part = (digits[:-decimals], digits[-decimals:].rstrip("0")) if decimals else (digits, "")
    return f"{sign}{whole}.{part}" if part else sign + whole


def read_decimal(text: str, decimals: int) -> int:
    """Read exact decimal text into base units; more places than the asset has are refused.

    >>> read_decimal("73.811834374516485548", 18)
    73811834374516485548
    """
    whole, _, part = text.partition(".")
    if not _INTEGER.fullmatch(whole + part) or not whole or len(part) > decimals:
        msg = f"amount {text!r} is not a decimal number with at most {decimals} places"
        raise InputError(msg)
    return int(whole + part.ljust(decimals, "0"))
