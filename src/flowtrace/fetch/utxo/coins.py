"""What is gathered while a script's history is read: its coins, and the transactions asked for by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flowtrace.fetch.source import Asking, Batch, Together, unreadable
from flowtrace.model import Address, Answer
from flowtrace.moves.coin import CoinTransaction, Output
from flowtrace.moves.scripts import KEY_HASH, Mweb, mweb_of, script_of

_MOST_KNOWN = 5000


@dataclass(slots=True)
class Holding:
    """The coins of one address's script, by the transactions seen so far, in whatever order.

    ``confidential`` counts the transactions by which it paid into Litecoin's confidential pool.
    """

    address: Address
    script: bytes = b""
    received: dict[str, int] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    drawn: set[str] = field(default_factory=set)
    confidential: int = 0

    def __post_init__(self) -> None:
        self.script = script_of(self.address)

    def take(self, tx: CoinTransaction) -> bool:
        """Take a transaction in, and return whether it touches the script as far as is known by then."""
        touches = self.touched(tx)
        self.received |= {tx.coin(n): o.units for n, o in enumerate(tx.outputs) if o.script == self.script}
        self.spent.update(tx.spends)
        return touches

    def touched(self, tx: CoinTransaction) -> bool:
        """Return whether a transaction pays the script, or spends a coin known to be the script's.

        Only where transactions come in the order of the chain does False mean that it does neither.
        """
        paid = any(one.script == self.script for one in tx.outputs)
        return paid or not self.received.keys().isdisjoint(tx.spends)

    def told(self, tx: CoinTransaction, spent: Sequence[Output]) -> None:
        """Note what is known once a transaction's inputs are: the coins drawn, and what enters the pool."""
        drawn = {c for c, one in zip(tx.spends, spent, strict=False) if one.script == self.script}
        self.drawn |= drawn
        enters = any(mweb_of(self.address.chain, one.script) is Mweb.PEG_IN for one in tx.outputs)
        self.confidential += enters and bool(drawn)

    @property
    def lost(self) -> list[str]:
        """The coins of the script that were drawn, by transactions told, and never seen to be received."""
        return sorted(self.drawn - self.received.keys())

    @property
    def unspent(self) -> dict[str, int]:
        """The coins left, each with its units."""
        return {coin: units for coin, units in self.received.items() if coin not in self.spent}

    @property
    def unseen(self) -> str:
        """What the history of the script cannot show, in words to put behind a check; empty where nothing."""
        words = ""
        if self.script.startswith(KEY_HASH):
            words += "; coin paid to its bare public key is another script's, and not among these"
        if self.confidential:
            words += f"; {self.confidential} pay into Litecoin's pool, behind which all is CONFIDENTIAL"
        return words


@dataclass
class Made:
    """Transactions as they are asked for by name, each once while it is among the last few thousand.

    Parameters
    ----------
    ask
        Asks for one, and sees that it is the one of that name.
    """

    ask: Callable[[str], Asking[tuple[Answer, CoinTransaction]]]
    known: dict[str, tuple[Answer, CoinTransaction]] = field(default_factory=dict)

    def of(self, txid: str) -> Asking[tuple[Answer, CoinTransaction]]:
        """Return a transaction, asking for it where it is not known."""
        if txid not in self.known:
            found = yield from self.ask(txid)
            if len(self.known) >= _MOST_KNOWN:
                del self.known[next(iter(self.known))]
            self.known[txid] = found
            yield Batch((), found[0].number)
        return self.known[txid]

    def spent_by(self, tx: CoinTransaction) -> Asking[list[Output]]:
        """Return what the coins were that a transaction spends."""
        coins = [(parent, int(place)) for parent, _, place in (coin.partition(":") for coin in tx.spends)]
        parents = list(dict.fromkeys(parent for parent, _ in coins))
        found = yield Together(tuple(self.of(parent) for parent in parents))
        made: dict[str, tuple[Answer, CoinTransaction]] = dict(zip(parents, found, strict=True))
        spent = []
        for parent, place in coins:
            answer, one = made[parent]
            if place >= len(one.outputs):
                raise unreadable(answer, f"a transaction that did not make {parent}:{place}")
            spent.append(one.outputs[place])
        return spent
