"""Whether an account's balance is what its moves make it: differences of state, one after another.

A dataset that keeps differences of state lists every transaction that changed a balance, with the balance
before and after. So each must begin where the one before it ended, and change by what the transaction's moves
sum to. What was overlooked shows as a difference; coin that comes outside of transactions, such as withdrawn
stakes, shows as a step between two of them.
"""

from __future__ import annotations

from dataclasses import dataclass

Difference = tuple[int, int]
"""The balance before and after a transaction."""


@dataclass
class BalanceChain:
    """The balance of one account while its history is read, ``held`` being None before it is known.

    ``silent`` counts transactions whose moves change the balance where no difference is told.
    """

    held: int | None = None
    told: int = 0
    wrong: int = 0
    silent: int = 0
    first: str = ""

    def step(self, tx: str, net: int, difference: Difference | None, *, gone: bool = False) -> None:
        """Take the next transaction: what its moves sum to, and the difference told of it.

        ``gone`` says that the account destroyed itself in it: some nodes tell no difference of that.
        """
        if difference is None:
            self._untold(tx, net, gone=gone)
            return
        before, after = difference
        self.told += 1
        if self.held is not None and before != self.held:
            what = (
                f"before transaction {tx} the balance changed by {before - self.held:+} wei outside of those"
            )
            self._note(f"{what} told, as by a stake's withdrawal or a block reward")
        if after - before != net:
            self._note(
                f"transaction {tx} changes the balance by {after - before:+} wei, its moves by {net:+}"
            )
        self.held = after

    def _untold(self, tx: str, net: int, *, gone: bool) -> None:
        if not net:
            return
        if self.held is not None:
            self.held += net
            if gone and self.held == 0:
                return
        self.silent += 1
        self._note(f"transaction {tx} moves {net:+} wei, but no difference of the balance is told")

    def _note(self, what: str) -> None:
        self.wrong += 1
        self.first = self.first or what

    @property
    def agrees(self) -> bool | None:
        """Whether everything fits; None where no difference is told at all, so that nothing can be said."""
        if not self.told and self.silent:
            return None
        return not self.wrong

    @property
    def words(self) -> str:
        """What the check found."""
        if self.agrees is None:
            return "no differences of the balance are told, so the sum of the moves is not checked"
        if self.wrong:
            return f"the balance does not follow from the moves, {self.wrong} times; the first: {self.first}"
        if not self.told:
            return "the balance never changed"
        steps = f"{self.told} differences of the balance, each from where the last ended"
        return f"{steps} and the sum of its transaction's moves, to {self.held} wei"
