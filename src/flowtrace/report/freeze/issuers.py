"""Tokens that their issuer can keep from moving, and who that is."""

from __future__ import annotations

from flowtrace.model import Asset, Category, Entity
from flowtrace.moves.freezes import ISSUED


def issuer_of(asset: Asset) -> Entity | None:
    """Return who can block a token at an address; None where nobody is known to."""
    _, name = ISSUED.get((asset.chain_id, asset.contract), ("", "")) if asset.contract else ("", "")
    return Entity(name.lower(), name, Category.OTHER) if name else None
