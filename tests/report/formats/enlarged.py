"""Results with amounts of any size, that still add up: every amount is multiplied by the same number."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import Account, Asset, Deposit, Hop, Leg, Result, Stop, Taint, Theft, Trace, Transfer

HUGE = 1 << 200


def enlarged(result: Result, times: int) -> Result:
    """Return a result with every amount multiplied."""
    incident = replace(result.incident, thefts=tuple(_theft(one, times) for one in result.incident.thefts))
    transfers = tuple(_transfer(one, times) for one in result.transfers)
    return replace(result, incident=incident, transfers=transfers, trace=_trace(result.trace, times))


def renamed(result: Result, symbol: str) -> Result:
    """Return a result whose assets all tell the same symbol, as a token may."""

    def asset(held: Asset) -> Asset:
        return replace(held, symbol=symbol)

    def legs(held: tuple[Leg, ...]) -> tuple[Leg, ...]:
        return tuple(replace(leg, asset=asset(leg.asset)) for leg in held)

    def hop(held: Hop) -> Hop:
        t = held.transfer
        return replace(held, transfer=replace(t, inputs=legs(t.inputs), outputs=legs(t.outputs)))

    trace = result.trace
    stops = tuple(replace(stop, asset=asset(stop.asset)) for stop in trace.stops)
    deposits = tuple(replace(one, hop=hop(one.hop)) for one in trace.deposits)
    changed = replace(trace, hops=tuple(hop(one) for one in trace.hops), stops=stops, deposits=deposits)
    return replace(result, trace=changed)


def _trace(trace: Trace, times: int) -> Trace:
    return replace(
        trace,
        hops=tuple(_hop(hop, times) for hop in trace.hops),
        stops=tuple(_stop(stop, times) for stop in trace.stops),
        deposits=tuple(_deposit(one, times) for one in trace.deposits),
        accounts=tuple(_account(one, times) for one in trace.accounts),
        thefts=tuple(_theft(one, times) for one in trace.thefts),
    )


def _taint(taint: Taint, times: int) -> Taint:
    return {rule: units * times for rule, units in taint.items()}


def _transfer(transfer: Transfer, times: int) -> Transfer:
    legs = [
        tuple(replace(leg, units=leg.units * times) for leg in side)
        for side in (transfer.inputs, transfer.outputs)
    ]
    return replace(transfer, inputs=legs[0], outputs=legs[1])


def _hop(hop: Hop, times: int) -> Hop:
    return replace(hop, transfer=_transfer(hop.transfer, times), taint=_taint(hop.taint, times))


def _stop(stop: Stop, times: int) -> Stop:
    return replace(stop, received=stop.received * times, taint=_taint(stop.taint, times))


def _deposit(deposit: Deposit, times: int) -> Deposit:
    sweep = _transfer(deposit.sweep, times) if deposit.sweep else None
    return replace(deposit, hop=_hop(deposit.hop, times), sweep=sweep)


def _theft(theft: Theft, times: int) -> Theft:
    return replace(theft, units=theft.units * times)


def _account(account: Account, times: int) -> Account:
    return replace(
        account,
        theft=_theft(account.theft, times),
        **{name: getattr(account, name) * times for name in _PARTS},
    )


_PARTS = ("stolen", "clean", "fees", "resting", "unaddressed", "overtaken", "sold", "bought")
