"""What a Solana account holds, from one transaction to the next: the check that none is missing.

A transaction tells what its accounts hold before and after it, and whose its token accounts are. So between
two transactions of an account nothing may change, before the first there is nothing, and after the last it
holds what the node says it holds now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flowtrace.fetch.solana.moves import NATIVE_MINTS, SolanaTransaction

Held: TypeAlias = tuple[int | None, int | None, str | None]
"""Lamports, token units, and the owner of a token account, "" where it is none; None where it is not told."""
_NOTHING: Held = (0, 0, "")


@dataclass(frozen=True, slots=True)
class State:
    """What an account is before and after one transaction."""

    before: Held
    after: Held


def state_of(tx: SolanaTransaction, name: str) -> State:
    """Return what a transaction says of an account; without a token program it tells no token accounts."""
    lamports = tx.lamports[name]
    none: tuple[int | None, str | None] = (0, "") if tx.holdings else (None, None)
    before = after = none
    for one in tx.holdings:
        units = (0, 0) if one.mint in NATIVE_MINTS else (one.before, one.after)
        if one.account == name and one.owner_before is not None:
            before = units[0], one.owner_before
        if one.account == name and one.owner_after is not None:
            after = units[1], one.owner_after
    return State((lamports[0], *before), (lamports[1], *after))


def checked(
    states: Sequence[tuple[str, State]], now: Held | None, *, owner: str, later: bool
) -> tuple[bool, str]:
    """Return whether what an account is follows from one transaction to the next, and words for it.

    Parameters
    ----------
    states
        Its transactions in chain order, each with what it says.
    now
        What the node says it holds; None where the node does not list it.
    owner
        Whose accounts the node was asked to list.
    later
        Whether it took part in transactions after these.
    """
    held, gaps = _NOTHING, []
    for signature, state in states:
        if not _agree(state.before, held):
            gaps.append(f"{_words(state.before)} before {signature}, where {_words(held)} was left")
        held = _later(held, state.after)
    if gaps:
        return False, f"{len(gaps)} times it is not what was left (first {gaps[0]}): moves are missing"
    chain = "what it holds before each is what was left after the one before, from nothing on"
    if later:
        return True, f"{chain}; it moved after the last block read, so its balance is not compared"
    if now is None and held[2] == owner:
        now = _NOTHING
    if now is None or now[0] is None:
        return True, f"{chain}; its balance is not told"
    if not _agree(now, held):
        return False, f"{_words(held)} is left of all moves, but it holds {_words(now)}: moves are missing"
    return True, f"{chain}; what is left is its balance"


def _agree(one: Held, other: Held) -> bool:
    return all(None in pair or pair[0] == pair[1] for pair in zip(one, other, strict=True))


def _later(held: Held, after: Held) -> Held:
    """Return what is known after a transaction: what it does not tell is as before."""
    lamports, units, owner = after
    return (
        held[0] if lamports is None else lamports,
        held[1] if units is None else units,
        held[2] if owner is None else owner,
    )


def _words(held: Held) -> str:
    lamports, units, owner = held
    token = f", {units} units of {owner}" if owner else ""
    return f"{lamports} lamports{token}"
