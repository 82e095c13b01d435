"""What can be wrong with the facts of a request: identifiers, pooled addresses, paths, sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowtrace.errors import InputError
from flowtrace.model import Address, Asset, Family, Result, Stop, StopReason, Transfer
from flowtrace.report.accounted import differs
from flowtrace.report.credit import Credit, is_exchange_wallet, is_full_hash, pooled_because
from flowtrace.report.freeze.paths import Way, follows
from flowtrace.report.freeze.request import FreezeRequest, Kind

Sums = dict[tuple[str, Address, Asset], int]


def identifiers(_result: Result, request: FreezeRequest) -> Iterator[str]:
    """Yield every identifier that is not whole, or whose checksum does not hold on its chain."""
    for transfer in _transfers(request):
        if not is_full_hash(transfer):
            yield f"transaction {transfer.tx!r} is not a full hash: intake refuses cut identifiers"
    addresses = (a for hop in request.hops for a in (hop.source, hop.target) if a)
    for address in dict.fromkeys(addresses):
        try:
            Address.parse(address.chain, address.display)
        except InputError as error:
            yield f"address {address.display!r} is not whole: {error}"


def pooled(result: Result, request: FreezeRequest) -> Iterator[str]:
    """Yield every credit whose address pools the funds of many, unless it is the recipient's own wallet."""
    if request.kind is Kind.MIXER:
        if request.actions:
            yield f"something is asked about {request.entity.name}, which pools the funds of many: refused"
        return
    for credit in request.deposits:
        address = credit.hop.target
        if address is None:
            yield f"row [{credit.hop.row}] pays no address"
        elif credit.pooled:
            yield from _not_own(result, request, credit)
        elif why := pooled_because(result, address):
            yield f"{address} is pooled ({why}); a freeze of it would strike other customers: refused"


def _not_own(result: Result, request: FreezeRequest, credit: Credit) -> Iterator[str]:
    """Allow a credit straight into a wallet only where a label names it as the recipient's own."""
    stops = [s for s in result.trace.stops if s.address == credit.hop.target and is_exchange_wallet(s)]
    own = any(stop.entity and stop.entity.id == request.entity.id for stop in stops)
    is_wallet = credit.deposit_address is None and credit.hot_wallet == credit.hop.target
    if not own or not credit.basis or not is_wallet or request.kind is not Kind.EXCHANGE:
        yield (
            f"row [{credit.hop.row}] pays {credit.hop.target}, which no label names as a wallet of the "
            "recipient: refused"
        )


def _transfers(request: FreezeRequest) -> Iterable[Transfer]:
    yield from (hop.transfer for hop in request.hops)
    yield from (credit.sweep for credit in request.deposits if credit.sweep)


def amounts(result: Result, request: FreezeRequest) -> Iterator[str]:
    """Yield every sum that is not what the trace ends with."""
    for hop in (credit.hop for credit in request.deposits):
        if hop.taint[request.rule] > hop.amount.units:
            yield f"row [{hop.row}] traces more than was received"
    came = _came(request)
    if request.kind is Kind.ISSUER:
        yield from _rests(request, came)
        return
    for stop in result.trace.stops:
        key = (stop.theft, stop.address, stop.asset)
        ours = key in came or (stop.entity is not None and stop.entity.id == request.entity.id)
        rests, sums = stop.taint[request.rule], came.get(key, 0)
        if ours and _unlike(stop, rests, sums):
            yield (
                f"the deposits sum to {sums}, the trace ends at {stop.address} with {rests} base units of "
                f"theft {stop.theft}"
            )
    if sum(cap.traced for cap in request.caps) != sum(came.values()):
        yield "the amount cap is not what the deposits sum to"


def _unlike(stop: Stop, rests: int, sums: int) -> bool:
    """Tell whether an end is not what its rows bring; coins that were spent since may be less."""
    if stop.reason in {StopReason.DEPOSIT, StopReason.SERVICE}:
        return differs(stop, rests, sums)
    return rests > sums if stop.address.chain.family is Family.UTXO else rests != sums


def _came(request: FreezeRequest) -> Sums:
    came: Sums = {}
    for hop in (credit.hop for credit in request.deposits):
        if hop.target:
            key = (hop.theft, hop.target, hop.amount.asset)
            came[key] = came.get(key, 0) + hop.taint[request.rule]
    return came


def _rests(request: FreezeRequest, came: Sums) -> Iterator[str]:
    """Yield where more rests than came, or the cap is not what rests; what was paid on does not rest."""
    for stop in request.resting:
        rests, sums = stop.taint[request.rule], came.get((stop.theft, stop.address, stop.asset), 0)
        if rests > sums:
            yield f"{stop.address} is said to hold {rests} base units, and {sums} came by the rows listed"
    if sum(cap.traced for cap in request.caps) != sum(stop.taint[request.rule] for stop in request.resting):
        yield "the amount cap is not what rests at the addresses"


def paths(result: Result, request: FreezeRequest) -> Iterator[str]:
    """Yield every path that does not lead from the theft to a credit, and every credit without one."""
    thefts = {(theft.transfer, theft.thief) for theft in result.incident.thefts}
    for way in request.ways:
        if (way.hops[0].transfer.id, way.hops[0].target) not in thefts:
            yield f"path {way.id} does not begin at the theft"
        yield from _breaks(way)
    shown = {row for way in request.ways for row in way.deposits}
    bare = [credit.hop.row for credit in request.deposits if credit.hop.row not in shown]
    yield from (f"no path leads to row [{row}]" for row in bare)


def _breaks(way: Way) -> Iterator[str]:
    for first, then in zip(way.hops, way.hops[1:], strict=False):
        if not follows(first, then):
            yield f"path {way.id} breaks at row [{then.row}]"
