"""Across: deposits into a spoke pool, and the fills that relayers pay. The key is (origin chain, deposit id).

A fill is paid by a relayer with money of their own: follow the recipient, not the relayer. Both sides tell
the token and the amount put in, and they must agree. What comes out is another token, so that nothing is
held against it; the recipient may have been changed by the depositor, and then the fill's word counts.

A fill of the second version may be one of several, and fees are taken from what its log calls the amount:
no units are told for it. Versions before that (2021) are not read.

Source: across-protocol/contracts, V3SpokePoolInterface.sol; for the second version the ABI that
DefiLlama/dimension-adapters reads it by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.numbers import evm, evm_number
from flowtrace.crossing.seen import Event, Log, Seen
from flowtrace.crossing.words import Words

_IN = "uint256,uint256,uint256,uint256,uint32,uint32,uint32"
DEPOSITED = Event(f"FundsDeposited(bytes32,bytes32,{_IN},bytes32,bytes32,bytes32,bytes)", 3)
DEPOSITED_3 = Event(
    "V3FundsDeposited(address,address,uint256,uint256,uint256,uint32,uint32,uint32,uint32,address,address,"
    "address,bytes)", 3,
)  # fmt: skip
DEPOSITED_2 = Event(
    "FundsDeposited(uint256,uint256,uint256,int64,uint32,uint32,address,address,address,bytes)", 3
)
FILLED = Event(
    "FilledRelay(bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint32,uint32,bytes32,bytes32,bytes32,"
    "bytes32,bytes32,(bytes32,bytes32,uint256,uint8))", 3,
)  # fmt: skip
FILLED_3 = Event(
    "FilledV3Relay(address,address,uint256,uint256,uint256,uint256,uint32,uint32,uint32,address,address,address,"
    "address,bytes,(address,bytes,uint256,uint8))", 3,
)  # fmt: skip
FILLED_2 = Event(
    "FilledRelay(uint256,uint256,uint256,uint256,uint256,uint256,int64,int64,uint32,address,address,address,"
    "address,bytes,(address,bytes,int64,bool,int256))", 3,
)  # fmt: skip
EVENTS = (DEPOSITED, DEPOSITED_3, DEPOSITED_2, FILLED, FILLED_3, FILLED_2)


def ends(seen: Seen) -> Iterator[End]:
    """Yield the ends that one transaction tells."""
    for event in (DEPOSITED, DEPOSITED_3):
        for log, indexed, data in event.among(seen.own):
            yield _deposit(seen, log, indexed, data=data)
    for log, indexed, data in DEPOSITED_2.among(seen.own):
        asset, units, who = data.address(4), data.number(0), data.address(5)
        yield _end(
            seen, log, Side.SENT, origin=seen.chain, indexed=indexed, asset=asset, units=units, recipient=who
        )
    for log, indexed, data in FILLED.among(seen.own):
        yield _fill(seen, log, indexed, data=data, changed=data, at=11)
    for log, indexed, data in FILLED_3.among(seen.own):
        yield _fill(seen, log, indexed, data=data, changed=data.part(11), at=0)
    for log, indexed, data in FILLED_2.among(seen.own):
        origin, asset, who = evm(indexed.number(0)), data.address(7), data.address(9)
        yield _end(
            seen, log, Side.PAID, origin=origin, indexed=indexed, asset=asset, units=None, recipient=who
        )


def _deposit(seen: Seen, log: Log, indexed: Words, *, data: Words) -> End:
    token, units = data.account(0), data.number(2)
    return _end(
        seen, log, Side.SENT, origin=seen.chain, indexed=indexed, asset=token, units=units,
        recipient=data.account(7), terms=_terms(data, indexed.account(2), 7),
    )  # fmt: skip


def _fill(seen: Seen, log: Log, indexed: Words, *, data: Words, changed: Words, at: int) -> End:
    """Return a fill. ``changed`` holds, from word ``at`` on, what the depositor changed before it."""
    terms = _terms(data, data.account(8), 9)
    return _end(
        seen, log, Side.PAID, origin=evm(indexed.number(0)), indexed=indexed, asset=data.account(1),
        units=changed.number(at + 2), recipient=changed.account(at), terms=terms,
    )  # fmt: skip


def _terms(data: Words, depositor: str, at: int) -> tuple[tuple[str, str], ...]:
    """Return what deposit and fill both say; the recipient, before any change, stands in word ``at``."""
    return (
        ("token in", data.account(0)),
        ("amount in", str(data.number(2))),
        ("amount out", str(data.number(3))),
        ("depositor", depositor),
        ("recipient", data.account(at)),
    )


def _end(
    seen: Seen,
    log: Log,
    side: Side,
    *,
    origin: str,
    indexed: Words,
    asset: str,
    **told: Any,  # noqa: ANN401  fields of End
) -> End:
    """Return an end: both kinds of log have the deposit's id as the second of their topics."""
    return seen.end(
        "across", f"{evm_number(origin)}/{indexed.number(1)}", side=side, at=log.index,
        other_chain=evm(indexed.number(0)) if side is Side.SENT else origin,
        asset=f"{seen.chain}/{asset}", **told,
    )  # fmt: skip
