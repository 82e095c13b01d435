"""A protocol's own index: Wormhole's scanner, and Midgard of THORChain and of Maya. What it says is kept.

An index is a third party. It is asked where the chain does not show where value went on to, and its answer
stands in the ledger as it was given: what it says of the other side is for ``crossing`` to read.

Sources: Wormhole's scanner, ``/api/v1/operations?txHash=``; Midgard v2 (specification 2.34),
``/v2/actions?txid=``.
"""

from __future__ import annotations

import json
from typing import Any

from flowtrace.errors import SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, unreadable
from flowtrace.model import Answer, Chain, Fact, FactKind, Family, Request

_PATHS = {"wormhole": "/api/v1/operations?txHash={tx}", "midgard": "/v2/actions?txid={tx}"}
_ROWS = {"wormhole": "operations", "midgard": "actions"}
_MOST = 1 << 17


def operation(provider: Provider, chain: Chain, tx: str) -> Asking[None]:
    """Ask what became of a transaction, and tell the answer as a fact of it.

    Raises
    ------
    SourceError
        If the index does not answer, or knows nothing of the transaction.
    """
    protocol = provider.options["protocol"]
    speaks = "wormhole" if protocol == "wormhole" else "midgard"
    name = tx if speaks == "wormhole" or chain.family is not Family.EVM else tx.removeprefix("0x").upper()
    answer: Answer = yield Request("GET", provider.url + _PATHS[speaks].format(tx=name))
    if fault_of(answer) is not Fault.NONE:
        raise SourceError(f"{provider.id}: {complaint(answer)[1]}")
    rows = _rows(answer, _ROWS[speaks])
    if not rows:
        raise SourceError(f"{provider.id} knows nothing of {tx} yet")
    text = json.dumps({_ROWS[speaks]: rows}, ensure_ascii=True, separators=(",", ":"))
    if len(text) > _MOST:
        raise SourceError(f"{provider.id} says more of {tx} than any transaction is worth: it is not read")
    figures = (("source", protocol), ("answer", text))
    fact = Fact(chain.id, tx, 0, 0, 0, 0, FactKind.OPERATION, figures=figures)
    yield Batch((), answer.number, facts=(fact,))


def _rows(answer: Answer, name: str) -> list[Any]:
    try:
        found = json.loads(answer.body)
        rows = found[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise unreadable(answer, f"no list of {name}") from None
    if not isinstance(rows, list):
        raise unreadable(answer, f"no list of {name}")
    return rows
