"""Gates: what gets a request rejected, or harms a third party, stops the export here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flowtrace.errors import InputError, IntegrityError
from flowtrace.model import Address, Category, Chain, Family, Label, Result, StopReason, Transfer, Use
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.wording import FORBIDDEN, HOLD_DAYS, PRESERVE_DAYS, REPLY_DAYS, WORDING

_POOLED_USE = frozenset({Use.HOT_WALLET, Use.COLD_WALLET})
_POOLED = frozenset({Category.MIXER, Category.BRIDGE, Category.DEX, Category.TOKEN})
_POOLED_STOP = frozenset({StopReason.MIXER, StopReason.SERVICE})
_HASH = {Family.EVM: r"0x[0-9a-f]{64}", Family.UTXO: r"[0-9a-f]{64}", Family.TRON: r"[0-9a-f]{64}"}
_ANY_HASH = r"[1-9A-HJ-NP-Za-km-z]{64,88}"


def check_mode(result: Result) -> None:
    """Refuse a mode that has no locked wording."""
    if result.requester.mode not in WORDING:
        known = " or ".join(sorted(WORDING))
        msg = f"requester mode {result.requester.mode!r} has no locked wording: use {known}"
        raise InputError(msg)


def check_request(result: Result, request: FreezeRequest) -> None:
    """Refuse a pooled address, a cut identifier, a broken path, or amounts that do not sum."""
    for deposit in request.deposits:
        _not_pooled(result, request, deposit.hop.transfer.target)
    for transfer in _transfers(request):
        _full(transfer)
    _amounts(result, request)
    _connected(result, request)
    actions = {action.kind for action in request.wording.actions}
    if not actions or not all((REPLY_DAYS, PRESERVE_DAYS, HOLD_DAYS)) or not request.caps:
        raise IntegrityError(f"request {request.id} lacks an action, a period, a deadline or an amount cap")


def check_words(request: FreezeRequest, texts: Iterable[str]) -> None:
    """Refuse, in researcher mode, any text that claims an authority."""
    if request.wording.mode != "researcher":
        return
    for text in texts:
        flat = " ".join(text.casefold().split())
        for phrase in FORBIDDEN:
            if phrase in flat:
                raise InputError(
                    f"request {request.id}: a researcher's letter cannot say {phrase!r}; remove it"
                )


def _not_pooled(result: Result, request: FreezeRequest, address: Address | None) -> None:
    if address is None:
        raise IntegrityError(f"request {request.id}: a deposit without an address")
    why = next((label.text for label in result.labels.get(address, ()) if _is_pooled(label)), "")
    if not why and any(deposit.hot_wallet == address for deposit in result.trace.deposits):
        why = "a hot wallet that deposits are swept to"
    if not why and any(s.address == address and s.reason in _POOLED_STOP for s in result.trace.stops):
        why = "a service or mixer where the trace ends"
    if why:
        raise IntegrityError(
            f"request {request.id}: {address} is pooled ({why}); a freeze of it would strike other "
            "customers: refused"
        )


def _is_pooled(label: Label) -> bool:
    return label.use in _POOLED_USE or label.category in _POOLED


def _transfers(request: FreezeRequest) -> Iterable[Transfer]:
    for deposit in request.deposits:
        yield deposit.hop.transfer
        if deposit.sweep:
            yield deposit.sweep
    for way in request.ways:
        yield from (hop.transfer for hop in way.hops)


def _full(transfer: Transfer) -> None:
    pattern = _HASH.get(Chain.of(transfer.chain_id).family, _ANY_HASH)
    if not re.fullmatch(pattern, transfer.tx):
        raise IntegrityError(
            f"transaction {transfer.tx!r} is not a full hash: intake refuses cut identifiers"
        )


def _amounts(result: Result, request: FreezeRequest) -> None:
    for deposit in request.deposits:
        hop = deposit.hop
        if hop.taint[request.rule] > hop.transfer.amount.units:
            raise IntegrityError(f"request {request.id}: row [{hop.row}] traces more than was received")
    stops = [
        s for s in result.trace.stops
        if s.reason is StopReason.DEPOSIT and s.entity and s.entity.id == request.entity.id
    ]  # fmt: skip
    for cap in request.caps:
        rests = sum(s.taint[request.rule] for s in stops if s.asset == cap.asset)
        if rests != cap.traced:
            raise IntegrityError(
                f"request {request.id}: the deposits sum to {cap.traced}, the trace ends there with {rests} "
                "base units"
            )


def _connected(result: Result, request: FreezeRequest) -> None:
    origins = {a for theft in result.incident.thefts for a in (theft.thief, theft.victim)}
    for way in request.ways:
        if way.hops[0].transfer.source not in origins:
            raise IntegrityError(f"request {request.id}: path {way.id} does not begin at the theft")
        for first, then in zip(way.hops, way.hops[1:], strict=False):
            if first.transfer.target != then.transfer.source:
                raise IntegrityError(f"request {request.id}: path {way.id} breaks at row [{then.row}]")
