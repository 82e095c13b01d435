"""What an address's lists are held against: nonces, balances, receipts of moves told more than once."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

from flowtrace.errors import InputError, KeyRefusedError, SourceError
from flowtrace.fetch.evm.block import receipt_of
from flowtrace.fetch.evm.logs import moved
from flowtrace.fetch.evm.node import attempt, read
from flowtrace.fetch.explorer.lists import AddressList, get, proxied
from flowtrace.fetch.explorer.rows import whole
from flowtrace.fetch.explorer.wraps import Wraps
from flowtrace.fetch.faults import Fault, fault_of
from flowtrace.fetch.source import Pin, Step, unreadable
from flowtrace.model import Address, Answer, Asset, Transfer, wrapped_coin
from flowtrace.moves.evm import EvmTransaction

_END = 999_999_999
_MOST_RECEIPTS = 20
Outcome = tuple[bool | None, str]
"""Whether a check agrees (None where it cannot be told), and words for it."""


def nonces(external: AddressList, *, proved: bool) -> Outcome:
    """Return whether every transaction that the address sent is there.

    An authorisation (EIP-7702) takes a nonce and is in no list: where the balance is ``proved``, to the wei,
    nonces that are missing are no transactions that paid.
    """
    held = external.nonces
    if not held:
        return None, "no outgoing transaction, so no nonce to check by"
    lacking = max(held) + 1 - len(held)
    if lacking and proved:
        what = "authorisations (EIP-7702), for the balance is told to the wei"
        return None, f"{len(held)} outgoing transactions and {lacking} nonces that moved no coin: {what}"
    if lacking:
        first = next(nonce for nonce in range(max(held)) if nonce not in held)
        return False, f"outgoing transactions are missing: nonce {first} and {lacking - 1} more"
    return True, f"{len(held)} outgoing transactions, nonces 0 to {max(held)} all present"


def coin(external: AddressList, internal: AddressList, pin: Pin) -> Generator[Step, Any, Outcome]:
    """Return whether the moves of coin sum to the balance."""
    asset = Asset.native(external.address.chain)
    stated = yield from _stated(external, action="balance")
    if stated is None:
        return None, "the balance was not told, so the sum is not checked"
    difference = stated - external.net[asset] - internal.net[asset]
    if not difference:
        return True, "the sum of all moves is the balance, to the wei"
    for one in (external, internal):
        if (yield from _moved_later(one, pin)):
            return None, "coin moved after the last block read, so the balance is not checked"
    return False, f"the balance is {difference} wei off the sum of all moves"


def tokens(token: AddressList, pin: Pin, wraps: Wraps) -> Generator[Step, Any, Outcome]:
    """Return whether the moves of well-known tokens sum to their balances.

    Of other tokens a sum proves nothing: anyone can write logs of moves that never were.
    """
    agreed, open_, wrong = [], [], []
    for asset in sorted(token.net):
        stated = yield from _stated(token, action="tokenbalance", contractaddress=asset.contract)
        if stated == token.net[asset]:
            agreed.append(asset.symbol)
        elif stated is None or (yield from _may_have_moved(token, pin, asset, wraps=wraps)):
            open_.append(asset.symbol)
        else:
            wrong.append(f"{asset.symbol} by {stated - token.net[asset]}")
    said = [
        *([f"the sums of {', '.join(agreed)} are the balances, to the unit"] if agreed else ()),
        *([f"{', '.join(open_)} moved later, or the balance was not told: not checked"] if open_ else ()),
        *([f"balances are off the sums: {', '.join(wrong)} units"] if wrong else ()),
        *([f"balances of {len(token.unchecked)} other tokens prove nothing"] if token.unchecked else ()),
    ]
    return not wrong, "; ".join(said) or "no token moved"


def repeated(token: AddressList) -> Generator[Step, Any, str]:
    """Hold moves that a list tells more than once against the logs of their transactions; return words.

    Such rows are alike to the last letter, so the list alone does not say whether it made one of them up.
    """
    alike = list(token.repeated.values())
    for count, transfer, answer in alike[:_MOST_RECEIPTS]:
        asked = proxied(token.provider, "eth_getTransactionReceipt", txhash=transfer.tx)
        receipt = yield from attempt(asked)
        if receipt is None:
            return f"{len(alike)} moves told more than once are not checked"
        logged = _logged(token, receipt, transfer)
        if logged < count:
            raise unreadable(answer, f"{count} moves where the logs of {transfer.tx} tell {logged}")
    if len(alike) > _MOST_RECEIPTS:
        return f"of {len(alike)} moves told more than once, {_MOST_RECEIPTS} agree with their receipts"
    return f"{len(alike)} moves told more than once agree with their receipts" if alike else ""


def _logged(token: AddressList, answer: Answer, transfer: Transfer) -> int:
    """Return how many logs of a transaction tell the same move."""
    at = EvmTransaction(token.address.chain, transfer.tx, transfer.height, 0, transfer.time)
    sent = {"hash": transfer.tx, "from": "0x" + "0" * 40, "nonce": 0}
    receipt = read(answer, lambda found: receipt_of(found, sent))
    same = (transfer.source, transfer.target, transfer.amount)
    return sum((t.source, t.target, t.amount) == same for log in receipt["logs"] for t in moved(at, log))


def _stated(one: AddressList, **asked: str) -> Generator[Step, Any, int | None]:
    """Ask for a balance; None where it is not told."""
    question = get(one.provider, module="account", address=one.address.account, tag="latest", **asked)
    try:
        answer: Answer = yield question
    except (SourceError, KeyRefusedError):
        return None
    if fault_of(answer) is not Fault.NONE:
        return None
    try:
        return whole(json.loads(answer.body), "result")
    except (InputError, ValueError, KeyError, TypeError, RecursionError):
        raise unreadable(answer, "no balance") from None


def _moved_later(one: AddressList, pin: Pin, *, contract: str = "") -> Generator[Step, Any, bool]:
    """Tell whether the list goes on after the pin, as far as the service says."""
    later: Answer = yield one.request(pin.height + 1, _END, number=1, size=1, contract=contract)
    return one.read(later) != []


def _may_have_moved(
    token: AddressList, pin: Pin, asset: Asset, *, wraps: Wraps
) -> Generator[Step, Any, bool]:
    """Tell whether a token moved after the pin; a coin may have been wrapped, of which the list is silent."""
    later = yield from _moved_later(token, pin, contract=asset.contract)
    if later or wrapped_coin(Address(asset.chain_id, asset.contract)) is None:
        return later
    return (yield from wraps.later(asset))


def words(*parts: str) -> str:
    """Return the words of several checks as one sentence."""
    return "; ".join(filter(None, parts))
