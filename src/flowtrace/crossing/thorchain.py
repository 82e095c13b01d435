"""THORChain and Maya: routers on EVM chains, and memos on any chain. The key is the deposit's transaction.

A deposit and its payments meet in one text: the hash of the deposit, upper case, without 0x. A streaming
swap is paid in one or several payments, an affiliate is paid beside it, and what is refused comes back
under the same key. Amounts in a router's logs are the token's own units; what comes out is another asset,
so that only a refund can be held against what was sent.

Nothing but the hash stands in the key, so a memo that anyone writes can name any deposit, and a router
pays out for anyone who calls it: an ``OUT:`` is vouched for where the caller knows that a vault paid it.
Vaults change every few days; the nodes tell them (``/thorchain/inbound_addresses``, at a height).

Source: THORChain_Router.sol of gitlab.com/thorchain/ethereum/eth-router (versions 1 to 5); the memos of
:mod:`flowtrace.crossing.memo`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from flowtrace.crossing.ends import End, Side
from flowtrace.crossing.memo import Ask, Memo, read_memo
from flowtrace.crossing.numbers import thorchain_chain
from flowtrace.crossing.seen import Event, Seen

DEPOSIT = Event("Deposit(address,address,uint256,string)", 2)
OUT = Event("TransferOut(address,address,address,uint256,string)", 2)
OUT_AND_CALL = Event("TransferOutAndCall(address,address,uint256,address,address,uint256,string)", 1)
EVENTS = (DEPOSIT, OUT, OUT_AND_CALL)


def ends(seen: Seen, protocol: str = "thorchain", vaults: Collection[str] = ()) -> Iterator[End]:
    """Yield the ends that a router's logs tell.

    Parameters
    ----------
    vaults
        Addresses known for vaults, lower case: what one of them pays is vouched for.
    """
    for log, indexed, data in DEPOSIT.among(seen.own):
        asset, memo = indexed.address(1), data.text(1)
        yield from from_memo(seen, memo, protocol=protocol, at=log.index, asset=asset, units=data.number(0))
    for log, indexed, data in OUT.among(seen.own):
        yield from from_memo(
            seen, data.text(2), protocol=protocol, at=log.index, asset=data.address(0), units=data.number(1),
            recipient=indexed.address(1), vouched=indexed.address(0) in vaults,
        )  # fmt: skip
    for log, indexed, data in OUT_AND_CALL.among(seen.own):
        # The coin is handed to a swap that pays another asset: what arrives this log does not tell.
        yield from from_memo(
            seen, data.text(5), protocol=protocol, at=log.index, recipient=data.address(3),
            vouched=indexed.address(0) in vaults,
        )  # fmt: skip


def maya_ends(seen: Seen, vaults: Collection[str] = ()) -> Iterator[End]:
    """Yield the ends that one of Maya's routers tells: the same contract under other vaults."""
    return ends(seen, "maya", vaults)


def from_memo(
    seen: Seen,
    text: str,
    *,
    protocol: str = "thorchain",
    at: int = 0,
    asset: str = "",
    units: int | None = None,
    recipient: str = "",
    vouched: bool = True,
) -> Iterator[End]:
    """Yield the end that a memo makes of a transaction; none where it moves nothing between ledgers.

    Parameters
    ----------
    seen
        The transaction, on whichever chain.
    recipient
        Whom the transaction pays, where the memo is a payment's.
    vouched
        False where the memo is a text of a coin transaction and nobody says that a vault paid it.
    """
    memo = read_memo(protocol, text)
    if memo is None or memo.ask is Ask.REGISTRATION:
        return
    told = {"asset": f"{seen.chain}/{asset}" if asset else "", "units": units, "vouched": vouched}
    if memo.ask in (Ask.SWAP, Ask.REFERENCE):
        yield seen.end(
            protocol, key_of(seen.tx), side=Side.SENT, at=at, recipient=memo.recipient,
            other_chain=thorchain_chain(memo.asset) if memo.asset else "",
            **told | {"vouched": True},  # who sends speaks for itself
        )  # fmt: skip
    else:
        yield seen.end(protocol, memo.txid, side=_side(memo), at=at, recipient=recipient, **told)


def key_of(tx: str) -> str:
    """Return the key under which a deposit is paid.

    Examples
    --------
    >>> key_of("0xab")
    'AB'
    """
    return tx.removeprefix("0x").upper()


def _side(memo: Memo) -> Side:
    return Side.RETURNED if memo.ask is Ask.REFUND else Side.PAID
