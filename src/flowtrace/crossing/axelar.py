"""Axelar: a contract called with a token on another chain. The key is (source transaction, payload's hash).

The approval on the destination names the transaction it answers, so the key needs nothing off the chains.
It also names the event's number in that transaction, counted in a way that no recorded answer was at hand
to check: it is not used, and two equal calls of one transaction are left unjoined. Plain transfers
(``TokenSent``, deposit addresses) have no key on the chains and are left out.

The token's symbol is Axelar's own name for it on both sides, in the same unit. What arrives goes to a
contract (Squid's router, for one), and whom that pays its payload says.

Source: axelarnetwork/axelar-cgp-solidity, IAxelarGateway.sol.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.seen import Event, Seen

CALLED = Event("ContractCallWithToken(address,string,string,bytes32,bytes,string,uint256)", 2)
APPROVED = Event(
    "ContractCallApprovedWithMint(bytes32,string,string,address,bytes32,string,uint256,bytes32,uint256)", 3
)
EVENTS = (CALLED, APPROVED)
_MOST_SYMBOL = 32


def ends(seen: Seen) -> Iterator[End]:
    """Yield the ends that one transaction tells."""
    for log, indexed, data in CALLED.among(seen.own):
        key = f"{seen.tx.lower()}/{indexed.hex(1)}"
        yield seen.end(
            "axelar", key, side=Side.SENT, at=log.index, asset=_symbol(data.text(3)), units=data.number(4),
            recipient=data.text(1)[:100],
        )  # fmt: skip
    for log, indexed, data in APPROVED.among(seen.own):
        key = f"{data.hex(4)}/{indexed.hex(2)}"
        yield seen.end(
            "axelar", key, side=Side.PAID, at=log.index, asset=_symbol(data.text(2)), units=data.number(3),
            recipient=indexed.address(1),
        )  # fmt: skip


def _symbol(text: str) -> str:
    if not text or len(text) > _MOST_SYMBOL or not text.isprintable():
        raise UndecodableError("a token of Axelar has no name")
    return f"axelar:{text}"
