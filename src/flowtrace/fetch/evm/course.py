"""One address's history while it is read from a node: its moves so far, and how complete they are."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from flowtrace.fetch.evm import checks as evm_checks
from flowtrace.fetch.evm.authority import authorised
from flowtrace.fetch.evm.block import Header, Mined
from flowtrace.fetch.evm.checks import AGREES, DIFFERS, Outcome
from flowtrace.fetch.evm.facts import naming
from flowtrace.fetch.evm.fields import quantity
from flowtrace.fetch.evm.node import Node, rewritten
from flowtrace.fetch.evm.search import Search
from flowtrace.fetch.evm.tokens import Tokens
from flowtrace.fetch.evm.tracer import OPERATIONS, Trace, Tracer
from flowtrace.fetch.source import Asking, Batch, Step, Together
from flowtrace.model import Address, Coverage, Kind, Scope, Transfer
from flowtrace.moves.evm import EvmTransaction

_AT_ONCE = 32


@dataclass
class Course:
    """One address's history.

    Attributes
    ----------
    net
        What its coin moves sum to.
    doubtful
        Moves of which it is not told whether they were reverted; kept back until the balance decides.
    unclear
        How many transactions do not say whether they failed.
    operations
        How many user operations of its own others sent for it (ERC-4337).
    """

    node: Node
    address: Address
    last: int
    net: int = 0
    internal: int = 0
    unclear: int = 0
    operations: int = 0
    untraced: list[str] = field(default_factory=list)
    doubtful: list[Batch] = field(default_factory=list)
    nonces: set[int] = field(default_factory=set)
    authorised: set[int] = field(default_factory=set)
    fetched_at: str = ""

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.node, self.address, self.last)
        self.tracer = Tracer(self.node)
        self.search = Search(self.node, self.tracer, self.address, last=self.last)

    def run(self) -> Generator[Step, Any, tuple[Coverage, ...]]:
        """Ask for everything, and return how complete it is."""
        yield from self.tokens.walk()
        yield from self.search.run()
        yield from self._transactions()
        yield from self._opening()
        yield from self._blocks()
        return (yield from self._coverage())

    def _transactions(self) -> Asking[None]:
        """Read every transaction found, whole: what was sent, its receipt, its block, its trace."""
        hits = sorted(self.search.hits.items(), key=lambda hit: (hit[1][0], hit[0]))
        if hits and not self.tracer.used and self.tracer.methods:
            mined = yield from self.node.mined(hits[0][0])
            if mined is not None:
                yield from self.tracer.choose(mined)
        for place in range(0, len(hits), _AT_ONCE):
            some = hits[place : place + _AT_ONCE]
            yield Together(tuple(self._transaction(tx, block) for tx, block in some))

    def _transaction(self, tx: str, block: tuple[int, str]) -> Asking[None]:
        mined = yield from self.node.mined(tx)
        if mined is None or mined.header.named != (block,):
            raise rewritten(f"transaction {tx} is no longer in block {block[0]}, {block[1]}")
        trace = yield from self.tracer.of(mined)
        self.tokens.compare(mined.receipt["logs"], mined.header.height)
        self._note(mined, trace)
        ok = mined.status if mined.status is not None else trace is None or not trace.failed
        own = [move for move in mined.moves(self.address.chain, ok=ok) if move.kind is not Kind.TOKEN]
        told = self._told(own, mined.answer.number, mined.header)
        yield replace(told, facts=naming(mined, self.address))
        if trace is not None:
            yield from self._internal(mined, trace)
        self.search.headers.setdefault(mined.header.height, mined.header)

    def _note(self, mined: Mined, trace: Trace | None) -> None:
        mine = self.address.account
        if mined.sender == mine:
            self.nonces.add(quantity(mined.sent, "nonce"))
        self.authorised |= authorised(mined.sent, mine)
        self.operations += mined.is_user_operation(mine)
        self.fetched_at = max(self.fetched_at, mined.answer.fetched_at)
        if trace is None:
            self.untraced.append(mined.hash)
        if mined.status is None and (trace is None or trace.method == OPERATIONS):
            self.unclear += 1

    def _internal(self, mined: Mined, trace: Trace) -> Asking[None]:
        at = mined.at(self.address.chain, ok=True)
        moves = tuple(move for move in trace.moves(at) if self._is_mine(move))
        self.internal += len(moves)
        if trace.method == OPERATIONS:
            self.doubtful.append(Batch(moves, trace.answer, mined.header.named))
        else:
            yield self._told(moves, trace.answer, mined.header)

    def _blocks(self) -> Asking[None]:
        """Tell the staked coin that the blocks read pay."""
        for header in sorted(self.search.headers.values(), key=lambda header: header.height):
            yield self._told(header.payments(self.address), header.answer, header)

    def _opening(self) -> Asking[None]:
        """Tell the coin that the address had from the beginning of the chain."""
        units = yield from self.node.state("eth_getBalance", self.address.account, hex(0))
        if units:
            first = yield from self.node.header(0)
            at = EvmTransaction(self.address.chain, "block.0", 0, 0, first.time)
            yield self._told([at.mint(self.address, units, "genesis")], first.answer, first)

    def _told(self, moves: Iterable[Transfer], answer: int, header: Header) -> Batch:
        mine = tuple(move for move in moves if self._is_mine(move))
        self.net += self._sum(mine)
        return Batch(mine, answer, header.named)

    def _is_mine(self, move: Transfer) -> bool:
        return self.address in (move.source, move.target)

    def _sum(self, moves: Iterable[Transfer]) -> int:
        return sum(
            move.amount.units * ((move.target == self.address) - (move.source == self.address))
            for move in moves
            if move.ok or move.kind is Kind.FEE
        )

    def _coverage(self) -> Generator[Step, Any, tuple[Coverage, ...]]:
        words = yield from evm_checks.tokens(self.tokens)
        words = f"{len(self.tokens.held)} logs; {words}"
        token = self._covered(Scope.TOKEN, words, "eth_getLogs", complete=True)
        if not self.search.method:
            why = (
                "this node cannot list an address's coin moves: it has neither trace_filter nor Otterscan's "
                "index, and the chain is too long to read every block. Ask another source"
            )
            coin = (Scope.EXTERNAL, Scope.INTERNAL)
            return (*(self._covered(scope, why, "", complete=False) for scope in coin), token)
        balance = yield from self._balance()
        nonces = yield from evm_checks.nonces(
            self.node, self.address.account, held=self.nonces, authorised=self.authorised, last=self.last,
            proved=bool(balance.agrees),
        )  # fmt: skip
        external = "; ".join((*self._found(), nonces.words, balance.words))
        internal = "; ".join((*self._traced(), balance.words))
        sound = balance.agrees is not DIFFERS
        proved = bool(balance.agrees) or OPERATIONS not in self.tracer.used
        sent = sound and nonces.agrees is not DIFFERS and not self.unclear
        traced = sound and proved and not self.untraced
        return (
            self._covered(Scope.EXTERNAL, external, self.search.method, complete=sent),
            self._covered(Scope.INTERNAL, internal, self.tracer.first, complete=traced),
            token,
        )

    def _balance(self) -> Generator[Step, Any, Outcome]:
        """Check the sum; it alone decides whether moves that may have been reverted are told."""
        doubtful = [move for batch in self.doubtful for move in batch.transfers]
        account, more = self.address.account, self._sum(doubtful)
        outcome = yield from evm_checks.balance(self.node, account, net=self.net + more, last=self.last)
        if outcome.agrees or not doubtful:
            yield from self.doubtful
            return outcome
        self.internal -= len(doubtful)
        bare = yield from evm_checks.balance(self.node, account, net=self.net, last=self.last)
        if bare.agrees:
            return Outcome(AGREES, f"{bare.words}, without {len(doubtful)} moves, which were reverted then")
        return Outcome(bare.agrees, f"{bare.words}; left out are {len(doubtful)} moves that may be reverted")

    def _found(self) -> list[str]:
        built = max(self.search.built, len(self.search.rewards))
        told = (
            (1, f"{len(self.search.hits)} transactions"),
            (
                self.operations,
                f"{self.operations} of them carry user operations of its own (ERC-4337)",
            ),
            (built, f"it built {built} blocks, whose fees and rewards are not among its moves"),
            (self.unclear, f"{self.unclear} of them do not say whether they failed"),
        )
        return [words for count, words in told if count]

    def _traced(self) -> list[str]:
        words = [f"{self.internal} moves"]
        if self.untraced:
            words.append(f"{len(self.untraced)} transactions have no trace: {self.tracer.why}")
        if OPERATIONS in self.tracer.used:
            words.append(f"{OPERATIONS} does not tell reverted moves from others")
        return words

    def _covered(self, scope: Scope, check: str, source: str, *, complete: bool) -> Coverage:
        return Coverage(
            address=self.address, scope=scope, first=0, last=self.last, complete=complete, check=check,
            fetched_at=max(self.fetched_at, self.tokens.fetched_at),
            source=f"{self.node.provider.id} {source}".rstrip(),
        )  # fmt: skip
