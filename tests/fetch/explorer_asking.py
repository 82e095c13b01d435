"""An explorer asked by its dialect: what it tells, what moved in truth, and answers that are meddled with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from fetch.explorer_service import (
    ANN,
    WETH,
    Explorer,
    Tx,
    services,
)
from fetch.services import Reply
from flowtrace.fetch.explorer import dialect as explorer
from flowtrace.fetch.source import Asking, Rows, drive
from flowtrace.model import (
    NOBODY,
    Address,
    Answer,
    Coverage,
    Kind,
    Request,
    Scope,
    Transfer,
)

both = pytest.mark.parametrize("service", services(), ids=["etherscan", "blockscout"])


@dataclass
class Found:
    """What an asking told and returned."""

    result: Any
    transfers: list[Transfer]
    asked: list[Request] = field(default_factory=list)

    @property
    def coverage(self) -> dict[Scope, Coverage]:
        """The coverage by its scope."""
        return {one.scope: one for one in self.result}


def run(
    service: Explorer, asking: Asking[Any], meddle: Callable[[Request, Reply], Reply] | None = None
) -> Found:
    """Drive an asking over a stand-in, whose answers may be meddled with."""
    rows, asked = Rows(), []

    def answer_of(request: Request) -> Answer:
        asked.append(request)
        reply = service.answer(request)
        status, _, body = meddle(request, reply) if meddle else reply
        return Answer(
            request, body, "2026-01-01T00:00", service.provider.id, status=status, number=len(asked)
        )

    result = drive(asking, answer_of, lambda batch: rows.take(batch, service.provider.chain.id))  # type: ignore[arg-type]
    return Found(result, rows.transfers, asked)


def history(service: Explorer, meddle: Callable[[Request, Reply], Reply] | None = None) -> Found:
    """Return the history of a stand-in's address."""
    return run(service, explorer.history(service.provider, service.address, service.pin), meddle)


def rows_changed(
    action: str, change: Callable[[list[dict[str, str]]], None]
) -> Callable[[Request, Reply], Reply]:
    """Return the meddling that changes the rows of one list."""

    def meddle(request: Request, reply: Reply) -> Reply:
        if f"action={action}&" not in request.url:
            return reply
        found = json.loads(reply[2])
        if isinstance(found["result"], list):
            change(found["result"])
        return reply[0], reply[1], json.dumps(found).encode()

    return meddle


Move = tuple[str, str, str | None, str | None, int]


def moves(transfers: list[Transfer]) -> Counter[Move]:
    """Return transfers in short: transaction, kind, giver, taker, units of those that moved."""
    return Counter(
        (t.tx, t.kind.value, account_of(t.source), account_of(t.target), t.amount.units)
        for t in transfers
        if t.ok or t.kind is Kind.FEE
    )


def account_of(address: Address | None) -> str | None:
    """Return an address's account; None for nobody."""
    return None if address is None else address.account


def true(txs: list[Tx]) -> Counter[Move]:
    """Return what transactions moved for Ann, told by nobody but themselves."""
    found: Counter[Move] = Counter()
    for tx in txs:
        if ANN in (tx.sender, tx.to):
            found[tx.hash, "fee", tx.sender, None, 3 * 21_000] += 1
            if tx.ok:
                found[tx.hash, "value", tx.sender, tx.to, tx.value] += 1
        for payer, payee, wei, kind in tx.paid:
            if ANN in (payer, payee) and kind == "call" and wei:
                found[tx.hash, "internal", payer, payee, wei] += 1
        for _, payer, payee, units in (*tx.logs, *tx.wrapped):
            if ANN in (payer, payee) and units:
                found[tx.hash, "token", payer, payee, units] += 1
    return found


def wraps(found: Found) -> list[tuple[str, str | None, str | None, int]]:
    """Return what was told of wrapped coin that was made or unmade."""
    return [
        (t.position, account_of(t.source), account_of(t.target), t.amount.units)
        for t in sorted(found.transfers, key=lambda t: t.key)
        if t.amount.asset.contract == WETH and NOBODY in (account_of(t.source), account_of(t.target))
    ]


def logs_changed(change: Callable[[list[dict[str, Any]]], None]) -> Callable[[Request, Reply], Reply]:
    """Return the meddling that changes the logs told."""
    return rows_changed("getLogs", change)
