"""Gates: what gets a request rejected, or harms a third party, stops the export here."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.errors import InputError, IntegrityError
from flowtrace.model import Address, Asset, Category, Label, Result, StopReason, Transfer, Use
from flowtrace.report.accounted import differs
from flowtrace.report.credit import Credit, is_exchange_wallet, is_full_hash
from flowtrace.report.freeze.paths import follows
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.wording import FORBIDDEN, HOLD_DAYS, PRESERVE_DAYS, REPLY_DAYS, WORDING

_POOLED_USE = frozenset({Use.HOT_WALLET, Use.COLD_WALLET})
_POOLED = frozenset({Category.MIXER, Category.BRIDGE, Category.DEX, Category.TOKEN})
_POOLED_STOP = frozenset({StopReason.MIXER, StopReason.SERVICE})


def check_mode(result: Result) -> None:
    """Refuse a mode that has no locked wording."""
    if result.requester.mode not in WORDING:
        known = " or ".join(sorted(WORDING))
        msg = f"requester mode {result.requester.mode!r} has no locked wording: use {known}"
        raise InputError(msg)


def check_request(result: Result, request: FreezeRequest) -> None:
    """Refuse a pooled address, a cut identifier, a broken path, or amounts that do not sum."""
    for credit in request.deposits:
        if credit.pooled:
            _is_wallet(result, request, credit)
        else:
            _not_pooled(result, request, credit.hop.target)
    for transfer in _transfers(request):
        if not is_full_hash(transfer):
            raise IntegrityError(
                f"transaction {transfer.tx!r} is not a full hash: intake refuses cut identifiers"
            )
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


def check_ask(request: FreezeRequest, texts: Iterable[str]) -> None:
    """Refuse to name a pooled wallet in what is asked: it is named only as where a transaction paid to."""
    wallets = {credit.hot_wallet for credit in request.deposits if credit.hot_wallet}
    names = {name.casefold() for wallet in wallets for name in (wallet.account, wallet.display)}
    for text in texts:
        found = next((name for name in sorted(names) if name in text.casefold()), "")
        if found:
            raise IntegrityError(
                f"request {request.id}: what is asked names the pooled wallet {found}: refused"
            )


def _is_wallet(result: Result, request: FreezeRequest, credit: Credit) -> None:
    """Allow a credit straight into a wallet only where a label names it as the recipient's own."""
    stops = [s for s in result.trace.stops if s.address == credit.hop.target and is_exchange_wallet(s)]
    own = any(stop.entity and stop.entity.id == request.entity.id for stop in stops)
    if (
        not own
        or not credit.basis
        or credit.deposit_address is not None
        or credit.hot_wallet != credit.hop.target
    ):
        raise IntegrityError(
            f"request {request.id}: row [{credit.hop.row}] pays {credit.hop.target}, which no label names "
            "as a wallet of the recipient: refused"
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
    yield from (hop.transfer for hop in request.hops)
    yield from (credit.sweep for credit in request.deposits if credit.sweep)


def _amounts(result: Result, request: FreezeRequest) -> None:
    for credit in request.deposits:
        hop = credit.hop
        if hop.taint[request.rule] > hop.amount.units:
            raise IntegrityError(f"request {request.id}: row [{hop.row}] traces more than was received")
    came: dict[tuple[str, Address, Asset], int] = {}
    for hop in (credit.hop for credit in request.deposits):
        if hop.target:
            key = (hop.theft, hop.target, hop.amount.asset)
            came[key] = came.get(key, 0) + hop.taint[request.rule]
    for stop in result.trace.stops:
        ours = stop.entity is not None and stop.entity.id == request.entity.id
        rests, sums = stop.taint[request.rule], came.get((stop.theft, stop.address, stop.asset), 0)
        if ours and differs(stop, rests, sums):
            raise IntegrityError(
                f"request {request.id}: the deposits sum to {sums}, the trace ends at {stop.address} with "
                f"{rests} base units"
            )
    if sum(cap.traced for cap in request.caps) != sum(came.values()):
        raise IntegrityError(f"request {request.id}: the amount cap is not what the deposits sum to")


def _connected(result: Result, request: FreezeRequest) -> None:
    thefts = {(theft.transfer, theft.thief) for theft in result.incident.thefts}
    for way in request.ways:
        if (way.hops[0].transfer.id, way.hops[0].target) not in thefts:
            raise IntegrityError(f"request {request.id}: path {way.id} does not begin at the theft")
        for first, then in zip(way.hops, way.hops[1:], strict=False):
            if not follows(first, then):
                raise IntegrityError(f"request {request.id}: path {way.id} breaks at row [{then.row}]")
