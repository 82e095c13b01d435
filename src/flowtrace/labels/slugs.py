"""What an explorer's label cloud says: its slugs as kinds of actors, and its names as uses.

The slugs are those of etherscan.io and its sisters, as the public dumps of them have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from flowtrace.labels.tagpack import Entities
from flowtrace.model import Category, Entity, Use

# In this order: the first that an address carries decides.
_KINDS = (
    (Category.PERPETRATOR, "heist exploit phish-hack upbit-hack ponzi scam hack ofac-sanctions-lists"),
    (Category.MIXER, "tornado-cash typhoon-cash cyclone mixer"),
    (Category.TOKEN, "token-contract stablecoin bridged-token token-sale"),
    (Category.EXCHANGE, "exchange"),
    (
        Category.BRIDGE,
        "bridge cross-chain hop-protocol across-protocol wormhole multichain synapse ren connext",
    ),
    (Category.DEX, "dex uniswap sushiswap curve-fi balancer bancor kyber kyberswap 1inch 0x 0x-protocol"),
    (Category.OTHER_SERVICE, "gambling mining payments loans marketplace fiat-gateway"),
)
KINDS = {slug: category for category, slugs in reversed(_KINDS) for slug in slugs.split()}
_RANK = {category: rank for rank, (category, _) in enumerate(_KINDS)}
# Slugs that name an actor by another id than GraphSense's.
_ACTORS = {
    "0x-protocol": "0x", "crypto-com": "cryptocom", "curve-fi": "curve", "gate-io": "gate", "okx": "okex",
    "kyberswap": "kyber", "tornado-cash": "tornado", "celsius-network": "celsius", "ascendex": "bitmax",
    "centre": "circle", "cow-protocol": "cow", "upbit-hack": "",
}  # fmt: skip
_SYMBOL = re.compile(r"\([^()]{1,20}\)$")
_NUMBERED = re.compile(r"[A-Za-z][\w.\- ]*? ?[0-9]{0,3}")


def kind_of(slugs: Iterable[str], name: str = "") -> Category:
    """Return what an address's slugs make its actor; a name such as "Gate Token (GT)" is a token's."""
    kinds = [Category.TOKEN] if _SYMBOL.search(name) else []
    kinds += [KINDS[slug] for slug in slugs if slug in KINDS]
    return min(kinds, key=lambda one: _RANK[one], default=Category.OTHER)


def actor_of(slugs: Iterable[str], entities: Entities) -> Entity | None:
    """Return the known actor that a slug names."""
    named = (entities.get(_ACTORS.get(slug, slug)) for slug in slugs)
    return next((one for one in named if one is not None), None)


def use_of(name: str, category: Category) -> Use:
    """Return what a name of an explorer tells of an address: "Huobi 35" is a hot wallet of Huobi's."""
    low = name.lower()
    if "cold wallet" in low:
        return Use.COLD_WALLET
    if "deposit" in low and category is Category.EXCHANGE:
        return Use.DEPOSIT
    if category is Category.EXCHANGE and ("hot wallet" in low or _NUMBERED.fullmatch(name)):
        return Use.HOT_WALLET
    return Use.UNSPECIFIED
