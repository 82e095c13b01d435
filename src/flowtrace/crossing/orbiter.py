"""Orbiter's code digits: the last four of an amount paid to a maker name the chain it is to arrive on.

This is no key: it tells where to look and nothing that joins the two sides. The payment is a plain transfer
by a maker, and finding it is a matter of amount and time.

Sources: VlodkoMr/nft-collections and Hew9999/scroll11 (``orbiter_bridge/config.py``), which agree with the
chain numbers that a third repository lists; only the chains that both name are here.
"""

from __future__ import annotations

_CODE = 10_000
CHAINS = {
    9001: "eip155:1",
    9002: "eip155:42161",
    9006: "eip155:137",
    9007: "eip155:10",
    9015: "eip155:56",
    9016: "eip155:42170",
    9021: "eip155:8453",
}


def destination(units: int) -> str:
    """Return the chain that an amount names, empty where its digits are no code.

    Examples
    --------
    >>> destination(50_000_000_000_009_002)
    'eip155:42161'
    """
    return CHAINS.get(units % _CODE, "") if units > 0 else ""
