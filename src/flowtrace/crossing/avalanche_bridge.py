"""The Avalanche Bridge: wardens mint what arrived elsewhere. The key is the transaction it arrived by.

A mint names the transaction of origin, and BTC.b its output as well. The side that sends is a plain payment
to the bridge, which no log marks: :func:`deposit` makes an end of one that the caller knows to pay the
bridge. A way back (``Unwrap``) names no key that the payment on the other chain repeats: it is not read.

Source: the ABI of the bridged tokens on Avalanche (0x918d7767… and, with an output's number, 0xc5532043…),
as DefiLlama/bridges-server and go bindings of WETH.e have it.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.seen import Event, Seen

MINTED = Event("Mint(address,uint256,address,uint256,bytes32)", 0)
MINTED_COIN = Event("Mint(address,uint256,address,uint256,bytes32,uint256)", 0)
EVENTS = (MINTED, MINTED_COIN)
_PROTOCOL = "avalanche_bridge"


def ends(seen: Seen) -> Iterator[End]:
    """Yield the mints that one transaction tells. The fee is minted to the bridge beside the amount."""
    for event in EVENTS:
        for log, _, data in event.among(seen.own):
            key = data.raw(4).hex() + (f":{data.number(5, 32)}" if event is MINTED_COIN else "")
            yield seen.end(
                _PROTOCOL, key, side=Side.PAID, at=log.index, asset=f"{seen.chain}/{log.address}",
                units=data.number(1), fee=data.number(3), recipient=data.address(0),
            )  # fmt: skip


def deposit(seen: Seen, *, output: int | None = None, asset: str = "", units: int | None = None) -> End:
    """Return the end of a payment that is known to go to the bridge.

    Parameters
    ----------
    output
        Its number in a coin transaction; None on an account chain.
    """
    key = seen.tx.removeprefix("0x").lower() + ("" if output is None else f":{output}")
    return seen.end(_PROTOCOL, key, side=Side.SENT, at=output or 0, asset=asset, units=units)
