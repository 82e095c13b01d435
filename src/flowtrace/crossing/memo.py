"""Memos of THORChain and its fork Maya: what a deposit asks for, and what a payment answers.

A swap is ``SWAP|=|s : ASSET : DEST[/REFUND] : LIMIT[/INTERVAL/QUANTITY] : AFFILIATE : POINTS``, and so is a
limit swap with ``=<``. A payment is ``OUT:TXID``, what goes back is ``REFUND:TXID``, and TXID is the
deposit. A memoless deposit has ``r:NUMBER``, or no memo and the number as the last digits of its amount;
the memo it stands for was registered by a transaction of its own, ``REFERENCE:ASSET:MEMO``. Which number a
registration was given its memo does not say: only THORChain's state does (``/thorchain/memo/HASH``).

Sources: THORNode's ``x/thorchain/memo`` and ``common/asset.go`` (short codes), merge request 3151 (refund
address), work item 1569 (memoless), each on gitlab.com/thorchain/thornode; mayanode's ``common/asset.go``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.crossing.ends import UndecodableError

_SWAPS = frozenset({"swap", "=", "s", "=<"})
_TXID = re.compile(r"(?:0x)?([0-9A-Fa-f]{64})")
_MOST, _ASSET = 2000, re.compile(r"[A-Za-z0-9.~/_-]{1,120}")
_REFERENCE = re.compile(r"[0-9]{1,20}")
_DIGITS = 5
SHORT = {
    "thorchain": {
        "a": "AVAX.AVAX", "b": "BTC.BTC", "c": "BCH.BCH", "d": "DOGE.DOGE", "e": "ETH.ETH", "f": "BASE.ETH",
        "g": "GAIA.ATOM", "l": "LTC.LTC", "n": "BNB.BNB", "o": "SOL.SOL", "r": "THOR.RUNE", "s": "BSC.BNB",
        "tr": "TRON.TRX", "x": "XRP.XRP",
    },
    "maya": {
        "a": "ARB.ETH", "b": "BTC.BTC", "c": "MAYA.CACAO", "d": "DASH.DASH", "e": "ETH.ETH", "k": "KUJI.KUJI",
        "r": "THOR.RUNE", "x": "XRD.XRD", "z": "ZEC.ZEC",
    },
}  # fmt: skip
"""What one letter stands for in a memo, by protocol."""


class Ask(StrEnum):
    """What a memo is."""

    SWAP = "swap"
    OUT = "out"
    REFUND = "refund"
    REFERENCE = "reference"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Memo:
    """A memo that was read; a field that its kind does not have is empty.

    Attributes
    ----------
    asset
        What is asked for, short codes written out: ``ETH.USDT-0XDAC1…``, ``BTC.BTC``.
    recipient, refund_to
        An address of the asset's chain, or a name registered with the protocol; empty where the sender's own.
    limit, interval, quantity
        The least that is accepted, and how the swap is streamed, as written.
    txid
        The deposit that this pays or returns: upper case, without 0x.
    reference
        The number of a registered memo.
    registered
        The memo that is registered, as written.
    """

    ask: Ask
    asset: str = ""
    recipient: str = ""
    refund_to: str = ""
    limit: str = ""
    interval: str = ""
    quantity: str = ""
    affiliate: str = ""
    txid: str = ""
    reference: str = ""
    registered: str = ""


def read_memo(protocol: str, text: str) -> Memo | None:
    """Read a memo; None where it is of a kind that moves nothing between ledgers.

    Raises
    ------
    UndecodableError
        If it begins as one of these and is not of its form.

    Examples
    --------
    >>> read_memo("thorchain", "=:b:bc1qexample/0xab:0/1/0").quantity
    '0'
    """
    if len(text) > _MOST:
        raise UndecodableError(f"a memo of {len(text)} characters is none")
    kind, _, rest = text.strip().partition(":")
    match kind.lower():
        case "out":
            return Memo(Ask.OUT, txid=_txid(rest))
        case "refund":
            return Memo(Ask.REFUND, txid=_txid(rest))
        case "r":
            return Memo(Ask.REFERENCE, reference=_matching(_REFERENCE, rest, "reference"))
        case "reference":
            asset, _, registered = rest.partition(":")
            return Memo(Ask.REGISTRATION, asset=_asset(protocol, asset), registered=registered)
        case kind if kind in _SWAPS:
            return _swap(protocol, rest.split(":"))
    return None


def reference_of(units: int, digits: int = _DIGITS) -> str:
    """Return the number that an amount, in units of 1e-8, carries as its last digits; empty where none.

    Examples
    --------
    >>> reference_of(100_012_345)
    '12345'
    """
    number = units % 10**digits
    return str(number) if units > 0 and number else ""


def _swap(protocol: str, parts: list[str]) -> Memo:
    asset, recipient, limits, affiliate, *_ = (*parts, "", "", "")
    who, _, back = recipient.partition("/")
    limit, interval, quantity, *_ = (*limits.split("/"), "", "")
    return Memo(
        Ask.SWAP,
        asset=_asset(protocol, asset),
        recipient=who.strip(),
        refund_to=back.strip(),
        limit=limit,
        interval=interval,
        quantity=quantity,
        affiliate=affiliate,
    )


def _asset(protocol: str, text: str) -> str:
    name = _matching(_ASSET, text, "asset")
    return SHORT.get(protocol, {}).get(name.lower(), name.upper())


def _txid(text: str) -> str:
    found = _TXID.fullmatch(text.partition(":")[0].strip())
    if found is None:
        raise UndecodableError(f"a payment's memo names no transaction: {text[:80]!r}")
    return found[1].upper()


def _matching(form: re.Pattern[str], text: str, what: str) -> str:
    if not form.fullmatch(text):
        raise UndecodableError(f"a memo's {what} is not of its form: {text[:80]!r}")
    return text
