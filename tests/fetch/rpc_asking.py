"""Asking a toy node: what was told, the answers it took, and the error it ended with instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fetch.rpc_service import ANN, Rpc
from flowtrace.errors import FlowtraceError
from flowtrace.fetch.evm import dialect as evm
from flowtrace.fetch.source import Asking, Batch, Pin, Quote, R, Rows, drive
from flowtrace.model import ETHEREUM, Address, Answer, Asset, Coverage, Kind, Request, Scope, Transfer

ETHER = Asset.native(ETHEREUM)
# What a node lacks, by the beginnings of its methods' names; of the last two, reverts or traces are not told.
LACKS = {
    "nothing": (),
    "callTracer": ("debug_",),
    "trace_filter": ("trace_",),
    "any index": ("trace_filter", "ots_"),
    "any index, and callTracer": ("trace_filter", "ots_", "debug_"),
    "any trace but operations": ("trace_", "debug_"),
    "any trace": ("trace_", "debug_", "ots_"),
}
TRACED = list(LACKS)[:-2]


@dataclass
class Told:
    """What an asking read, and the answers it was given in the order they were asked for."""

    rows: Rows = field(default_factory=Rows)
    coverage: tuple[Coverage, ...] = ()
    answers: list[Answer] = field(default_factory=list)

    @property
    def transfers(self) -> dict[str, Transfer]:
        """The transfers by their ids."""
        found: dict[str, Transfer] = {}
        for one in self.rows.transfers:
            assert found.setdefault(one.id, one) == one
        return found

    def total(self, asset: Asset, account: str = ANN) -> int:
        """Return what an account's moves of an asset sum to."""
        mine = Address.parse(ETHEREUM, account)
        return sum(
            one.amount.units * ((one.target == mine) - (one.source == mine))
            for one in self.transfers.values()
            if one.amount.asset == asset and (one.ok or one.kind is Kind.FEE)
        )

    def scope(self, scope: Scope) -> Coverage:
        """Return the coverage of a scope."""
        return next(one for one in self.coverage if one.scope is scope)


Bend = Callable[[Request, bytes], bytes]


def run(node: Rpc, asking: Asking[R], bend: Bend = lambda _, body: body) -> tuple[Told, R]:
    """Drive an asking with a node's answers, each bent on its way."""
    told = Told()

    def answer_of(request: Request) -> Answer:
        status, _, body = node.answer(request)
        told.answers.append(
            Answer(request, bend(request, body), "2026-01-01T00:00:00+00:00", "toy", status=status,
                   number=len(told.answers) + 1)
        )  # fmt: skip
        return told.answers[-1]

    def take(batch: Batch | Quote) -> None:
        assert isinstance(batch, Batch)
        told.rows.take(batch, ETHEREUM.id)

    return told, drive(asking, answer_of, take)


def history(
    node: Rpc, account: str = ANN, *, pin: Pin | None = None, bend: Bend = lambda _, body: body
) -> Told:
    """Ask for a history."""
    asking = evm.history(node.provider, Address.parse(ETHEREUM, account), pin or node.pin)
    told, coverage = run(node, asking, bend)
    told.coverage = coverage
    return told


def outcome(ask: Callable[[], Told]) -> Told | FlowtraceError:
    """Return what an asking tells, or the error of flowtrace's own that it ends with."""
    try:
        return ask()
    except FlowtraceError as error:
        return error
