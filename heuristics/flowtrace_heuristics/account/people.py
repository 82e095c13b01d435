"""Whose address may be a person's, as far as a ledger tells: no service and no contract."""

from __future__ import annotations

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Address, FactKind, Kind
from flowtrace_heuristics.account.entry_points import user_operations
from flowtrace_heuristics.account.payments import NOBODY, Columns, code

_NO_PERSON = (
    (FactKind.CREATION, "contract"),
    (FactKind.SAFE_SETUP, "safe"),
)
_BURNT = ("0x" + 40 * "0", "0x" + 36 * "0" + "dead")


class People:
    """Tells whose address may be a person's, and who signs transactions of his own."""

    def __init__(self, ledger: Ledger, attribution: Attribution, columns: Columns) -> None:
        import numpy as np

        internal = columns.usable & (columns.kind == code(Kind.INTERNAL)) & (columns.source != NOBODY)
        calls = np.unique(columns.source[internal]).tolist()
        self._not = {ledger.addresses[number] for number in [*columns.minted(), *calls]}
        for kind, role in _NO_PERSON:
            for fact in ledger.told(kind):
                self._not.update(fact.all_of(role))
        for fact in user_operations(ledger):
            self._not.update((*fact.all_of("bundler"), *fact.all_of("paymaster")))
        self._tokens = {(asset.chain_id, asset.contract) for asset in ledger.assets if asset.contract}
        self._service = attribution.service
        self._ledger, self._columns = ledger, columns
        self._signers: set[Address] | None = None

    def __contains__(self, address: Address) -> bool:
        return not (
            address in self._not
            or address.account in _BURNT
            or (address.chain_id, address.account) in self._tokens
            or self._service(address) is not None
        )

    @property
    def signers(self) -> set[Address]:
        """Who paid for a transaction on the ledger: an account with a key."""
        import numpy as np

        if self._signers is None:
            fees = self._columns.usable & (self._columns.kind == code(Kind.FEE))
            paid = np.unique(self._columns.source[fees & (self._columns.source != NOBODY)]).tolist()
            self._signers = {self._ledger.addresses[number] for number in paid}
        return self._signers
