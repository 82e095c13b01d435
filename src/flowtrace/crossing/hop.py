"""Hop: transfers that a bonder pays at once. The key is the transfer's id, which both logs carry.

The amount in both logs is the whole of it: the bonder's fee is taken from it as it is paid out, and the
recipient may get it swapped from Hop's token into the usual one. Transfers from the first layer have no id
in their logs and are left out; so are those that were withdrawn without a bonder.

Source: hop-protocol/contracts, L2_Bridge.sol (TransferSent) and Bridge.sol (WithdrawalBonded).
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.numbers import evm
from flowtrace.crossing.seen import Event, Seen

SENT = Event("TransferSent(bytes32,uint256,address,uint256,bytes32,uint256,uint256,uint256,uint256)", 3)
BONDED = Event("WithdrawalBonded(bytes32,uint256)", 1)
EVENTS = (SENT, BONDED)


def ends(seen: Seen) -> Iterator[End]:
    """Yield the ends that one transaction tells."""
    for log, indexed, data in SENT.among(seen.own):
        units, fee = data.number(0), data.number(2)
        if fee > units:
            raise UndecodableError("a transfer of Hop pays its bonder more than it moves")
        yield seen.end(
            "hop", indexed.hex(0), side=Side.SENT, at=log.index, units=units,
            other_chain=evm(indexed.number(1)), recipient=indexed.address(2),
            terms=(("amount", str(units)),),
        )  # fmt: skip
    for log, indexed, data in BONDED.among(seen.own):
        units = data.number(0)
        yield seen.end(
            "hop", indexed.hex(0), side=Side.PAID, at=log.index, units=units, terms=(("amount", str(units)),)
        )
