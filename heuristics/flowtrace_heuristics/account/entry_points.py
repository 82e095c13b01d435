"""The user operations of a ledger (ERC-4337), as far as an entry point that is known tells them.

Anybody may put up a contract that writes the same event and names whom he likes; only the entry points that
wallets and bundlers share are believed. They stand at the same address on every EVM chain.
"""

from __future__ import annotations

from flowtrace.ledger import Ledger
from flowtrace.model import Fact, FactKind

ENTRY_POINTS = {
    "0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789": "0.6",
    "0x0000000071727de22e5e9d8baf0edac6f37da032": "0.7",
    "0x4337084d9e255ff0702461cf8895ce9e3b5ff108": "0.8",
}
"""The shared entry points, with their versions (eth-infinitism/account-abstraction)."""


def user_operations(ledger: Ledger) -> list[Fact]:
    """Return the user operations that a known entry point tells, in chain order."""
    told = ledger.told(FactKind.USER_OPERATION)
    return [fact for fact in told if any(one.account in ENTRY_POINTS for one in fact.all_of("entry_point"))]
