"""What an address's moves are held against: the balances and the count of transactions that a node states.

A balance is the state's own word, and no list that it was made from: where the moves sum to it, to the wei,
nothing that matters is missing, and nothing is told that never moved.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

from flowtrace.fetch.evm.fields import octets
from flowtrace.fetch.evm.node import Node, attempt, read
from flowtrace.fetch.evm.tokens import Tokens
from flowtrace.fetch.source import Step, Together

_AT_ONCE = 32
_MOST = 256  # holdings asked for: anyone can send an address thousands of tokens of his own
_NAMED = 3  # tokens named in a coverage's words
_BALANCE_OF, _BALANCE_OF_ITEM = "0x70a08231", "0x00fdd58e"  # balanceOf(address), balanceOf(address,uint256)
_WORD = 64
_DELEGATED = "0xef0100"  # EIP-7702: so begins the code of an account that runs another's
_UNLISTED = (
    "what no answer lists are block rewards and fees of blocks built, withdrawals of staked coin, coin "
    "that a rollup mints, and coin destroyed with a contract"
)


AGREES, DIFFERS, UNTOLD = True, False, None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check: whether it agrees, None where it could not be made; and words for it."""

    agrees: bool | None
    words: str


def balance(node: Node, account: str, *, net: int, last: int) -> Generator[Step, Any, Outcome]:
    """Hold the sum of all coin moves against the balance at the last block."""
    stated = yield from node.state("eth_getBalance", account, hex(last))
    if stated is None:
        return Outcome(UNTOLD, "the balance was not told, so the sum is not checked")
    if stated == net:
        return Outcome(AGREES, "the sum of all moves is the balance, to the wei")
    return Outcome(DIFFERS, f"the balance is {stated - net:+d} wei off the sum of all moves: {_UNLISTED}")


def nonces(
    node: Node, account: str, *, held: set[int], authorised: set[int], last: int, proved: bool
) -> Generator[Step, Any, Outcome]:
    """Hold the nonces of outgoing transactions, and of authorisations (EIP-7702), against their count.

    An authorisation that others sent in a transaction which does not touch the account is found by no search.
    So where the balance is ``proved``, to the wei, nonces that are missing are no transactions that paid.
    """
    count = yield from node.state("eth_getTransactionCount", account, hex(last))
    if count is None:
        return Outcome(UNTOLD, "the count of transactions was not told, so nonces are not checked")
    known = {nonce for nonce in held | authorised if nonce < count}
    if beyond := sorted(held - known):
        return Outcome(DIFFERS, f"the node counts {count} outgoing transactions, and gave nonce {beyond[0]}")
    said = f"{len(held)} outgoing transactions"
    said += f" and {len(known - held)} authorisations" if known - held else ""
    lacking = count - len(known)
    if not lacking:
        return Outcome(AGREES, f"{said}, as many as the node counts")
    code = yield from _code(node, account, last)
    first = next(nonce for nonce in range(count) if nonce not in known)
    return _unexplained(f"{said}; the node counts {lacking} more", first, code, proved=proved)


def _unexplained(said: str, first: int, code: str, *, proved: bool) -> Outcome:
    """Return what nonces mean that no transaction found explains, the first of which is named."""
    if code.startswith(_DELEGATED):
        return Outcome(UNTOLD, f"{said}, perhaps creations by its delegated code")
    if len(code) > len("0x"):
        return Outcome(UNTOLD, "a contract's nonce counts what it creates, so it is no check")
    if proved:
        what = "authorisations that others sent (EIP-7702), for the balance is told to the wei"
        return Outcome(UNTOLD, f"{said}, which moved no coin: {what}")
    return Outcome(DIFFERS, f"{said}, nonce {first} first: they are missing")


def _code(node: Node, account: str, last: int) -> Generator[Step, Any, str]:
    answer = yield from attempt(node.request("eth_getCode", account, hex(last)))
    return "" if answer is None else read(answer, lambda found: octets({"it": found}, "it"))


def tokens(moves: Tokens) -> Generator[Step, Any, str]:
    """Hold the sums of token moves against the balances that their contracts state; say what came of it.

    Where they differ, the logs are asked for once more by contract: either that brings logs that were left
    out before, or the difference is the token's own doing.
    """
    holdings = sorted(moves.net)[:_MOST]
    stated: list[int | None] = []
    for first in range(0, len(holdings), _AT_ONCE):
        some = holdings[first : first + _AT_ONCE]
        stated += yield Together(tuple(_stated(moves, holding) for holding in some))
    told = {name: units for name, units in zip(holdings, stated, strict=True) if units is not None}
    other = {name: units - moves.net[name] for name, units in told.items() if units != moves.net[name]}
    contracts = sorted({_parts(name)[1] for name in other})
    for first in range(0, len(contracts), _AT_ONCE):
        yield from moves.again(contracts[first : first + _AT_ONCE])
    if not holdings:
        return "no token moved"
    words = [f"{len(told) - len(other)} of {len(moves.net)} token balances are the sum of their moves"]
    if len(told) < len(moves.net):
        words.append(f"{len(moves.net) - len(told)} are not told or not asked")
    return "; ".join((*words, *_differing(other.items())))


def _differing(other: Iterable[tuple[str, int]]) -> list[str]:
    listed = sorted(other)
    if not listed:
        return []
    words = [f"{name} is {units:+d} units off" for name, units in listed[:_NAMED]]
    if len(listed) > _NAMED:
        words.append(f"{len(listed) - _NAMED} more are off")
    words.append("asked by contract the logs are the same: these tokens move without logs, or take fees")
    return words


def _stated(moves: Tokens, holding: str) -> Generator[Step, Any, int | None]:
    """Ask a contract for a balance; None where it tells none. A redirect elsewhere is never followed."""
    standard, contract, item = _parts(holding)
    mine = moves.address.account[2:].rjust(_WORD, "0")
    data = _BALANCE_OF + mine if standard != "erc1155" else f"{_BALANCE_OF_ITEM}{mine}{int(item):0{_WORD}x}"
    asked = {"data": data, "to": contract}
    answer = yield from attempt(moves.node.request("eth_call", asked, hex(moves.last)))
    if answer is None:
        return None
    told = read(answer, lambda found: octets({"it": found}, "it"))
    return int(told, 16) if len(told) == len("0x") + _WORD else None


def _parts(holding: str) -> tuple[str, str, str]:
    standard, _, name = holding.partition(":")
    contract, _, item = name.partition("/")
    return standard, contract, item
