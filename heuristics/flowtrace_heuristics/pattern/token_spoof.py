"""Counterfeit tokens and spoofed token transfers: listed and not followed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Asset,
    Chain,
    Class,
    Family,
    Finding,
    Kind,
    RuleCard,
    SetAside,
    wrapped_coins,
)
from flowtrace_heuristics.pattern.currencies import KNOWN

ENDS = 4  # characters at each end that a person compares
_TOKENS = (Kind.TOKEN, Kind.CALL)
_LIKE_LATIN = str.maketrans("аеорсхутмнквіѕԁԍј", "aeopcxytmhkbisdgj")

CARD = RuleCard(
    id="token_spoof",
    version=1,
    claim=(
        "A transfer of a token that bears the symbol of the chain's coin or of a well-known token, but is "
        "kept by another contract; or a token transfer of nothing; or one from an address that looks like "
        "one the receiver paid, unless it moves 1 dollar or euro or more of a well-known token: noise, "
        "listed and not followed."
    ),
    cls=Class.P,
    citation=(
        "flowtrace pattern 4.10; Tsuchiya et al. 2025, Blockchain Address Poisoning, USENIX Security; "
        "confusable letters after Unicode Technical Standard 39"
    ),
    parameters=(
        (
            "well_known_tokens",
            ", ".join(sorted({name for name, _ in KNOWN.values()})) + " …",
        ),
        ("look_alike_characters_each_end", str(ENDS)),
    ),
    failures=(
        "a bridged version that the list lacks bears the same symbol and is set aside; it still counts",
        "a counterfeit under a symbol that is on no list is missed",
        "some honest contracts write transfers of nothing",
    ),
    falsified_by="the issuer of the well-known token states that the contract is its own",
    chains=(Family.EVM, Family.TRON),
)


@heuristic(CARD)
def token_spoof(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the transfers to set aside, each with its reason."""
    del attribution
    fakes = {n: why for n, asset in enumerate(ledger.assets) if (why := counterfeit(asset))}
    kinds = {number for number, kind in enumerate(Kind) if kind in _TOKENS}
    paid: dict[tuple[int, str], int] = {}
    for place in range(len(ledger)):
        first = ledger.start[place]
        giver, taker = ledger.leg_address[first], ledger.leg_address[first + 1]
        if min(giver, taker) < 0 or not ledger.ok[place] or ledger.start[place + 1] - first > 2:  # noqa: PLR2004
            continue
        if ledger.addresses[taker].chain.family not in CARD.chains:
            continue
        units, asset = ledger.leg_units[first], ledger.leg_asset[first]
        twin = paid.get((taker, _ends(ledger.addresses[giver])), giver)
        why = fakes.get(asset, "")
        if ledger.kind[place] in kinds and not why:
            why = "a token transfer of nothing" if not units else ""
            if units and twin != giver and _small(ledger.assets[asset], units):
                payee = ledger.addresses[twin].display
                why = f"look-alike: the sender resembles {payee}, which the receiver pays"
        if why:
            yield SetAside(ledger[place].id, ledger.addresses[taker], by(CARD), why)
        elif units:
            paid.setdefault((giver, _ends(ledger.addresses[taker])), taker)


def counterfeit(asset: Asset) -> str:
    """Return why a token is a counterfeit, or nothing."""
    if not asset.contract or not asset.symbol or (asset.chain_id, asset.contract) in KNOWN:
        return ""
    chain = Chain.of(asset.chain_id)
    if chain.family not in CARD.chains:
        return ""
    wrapped = wrapped_coins(chain)
    if any(asset == coin for coin in wrapped):
        return ""
    genuine = {symbol for (chain_id, _), (symbol, _) in KNOWN.items() if chain_id == asset.chain_id}
    genuine |= {coin.symbol for coin in wrapped} | {chain.symbol}
    alike = next((symbol for symbol in sorted(genuine) if _read(symbol) == _read(asset.symbol)), "")
    return f"a counterfeit: its symbol reads {alike}, its contract is another" if alike else ""


def _read(symbol: str) -> str:
    """Return a symbol as a hurried reader takes it: no case, no signs, look-alike letters as Latin."""
    plain = unicodedata.normalize("NFKC", symbol).casefold().translate(_LIKE_LATIN)
    return "".join(letter for letter in plain if letter.isalnum())


def _small(asset: Asset, units: int) -> bool:
    """Tell whether units of a token are less than one dollar or euro, or of unknown worth."""
    known = KNOWN.get((asset.chain_id, asset.contract))
    return known is None or units < 10 ** known[1]


def _ends(address: Address) -> str:
    begin = 2 if address.chain.family is Family.EVM else 1
    return address.account[begin : begin + ENDS] + address.account[-ENDS:]
