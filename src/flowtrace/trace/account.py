"""From a finished tracer to a Trace: hops, stops with taint under every rule, deposits, reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowtrace.errors import InputError, IntegrityError
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Account,
    Address,
    Amount,
    Asset,
    Basis,
    Class,
    Deposit,
    Gap,
    GapKind,
    Hop,
    Kind,
    Label,
    Role,
    Rule,
    Scope,
    Stop,
    StopReason,
    Theft,
    Trace,
    Transfer,
)
from flowtrace.trace.roles import roles
from flowtrace.trace.tracer import End, Flow, Tracer

Flows = Mapping[str, Mapping[Rule, Flow]]
"""Per theft and rule, the flow run over the whole trace."""


@dataclass(frozen=True)
class Known:
    """What the other stages know: the ledger, labels, and findings of the heuristics."""

    ledger: Ledger
    claims_of: Callable[[Address], tuple[Label, ...]]
    findings: tuple[Role, ...]


def account_for(tracer: Tracer, known: Known) -> Trace:
    """Run every rule over the finished trace and account for every stolen unit.

    Raises
    ------
    InputError
        If a theft's transfer is not in the record, or is not what the incident states.
    IntegrityError
        If any rule fails to conserve.
    """
    flows = {
        theft.id: {rule: tracer.flow(theft, rule) for rule in tracer.policy.rules} for theft in tracer.thefts
    }
    for theft in tracer.thefts:
        _require_theft(tracer, theft)
    hops = tuple(_hops(tracer, flows))
    stops = tuple(
        stop for theft in tracer.thefts for stop in _stops(tracer, theft, flows=flows, hops=hops, known=known)
    )
    accounts = tuple(_accounts(tracer.thefts, flows, stops))
    found = roles(tracer, hops, known.findings)
    return Trace(
        rules=tracer.policy.rules,
        hops=hops,
        stops=stops,
        deposits=tuple(_deposits(hops, stops, known.ledger)),
        accounts=accounts,
        roles=found,
        set_aside=(),
        gaps=tuple(_gaps(tracer, flows, known.ledger)),
        expanded=tuple(sorted(tracer.followed)),
    )


def _require_theft(tracer: Tracer, theft: Theft) -> None:
    transfer = tracer.transfers.get(theft.transfer)
    if transfer is None:
        msg = (
            f"theft {theft.id}: transfer {theft.transfer} is not in the record of {theft.thief}: "
            "check its id, or import the answers that show it"
        )
        raise InputError(msg)
    stated = Amount(theft.asset, theft.units)
    parties = (transfer.source, transfer.target) == (theft.victim, theft.thief)
    if transfer.amount != stated or not parties or not transfer.ok:
        claim = f"{stated} from {theft.victim} to {theft.thief}"
        msg = f"theft {theft.id}: the record shows {_act(transfer)}, not {claim}"
        raise InputError(msg)


def _act(transfer: Transfer) -> str:
    failed = "" if transfer.ok else " in a failed transaction"
    return f"{transfer.amount} from {transfer.source} to {transfer.target}{failed}"


def _hops(tracer: Tracer, flows: Flows) -> list[Hop]:
    found: list[tuple[Transfer, str, int]] = []
    for theft in tracer.thefts:
        by_rule = flows[theft.id]
        depth = {theft.thief: 0}
        for transfer in tracer.in_order():
            if not _carries(transfer, by_rule):
                continue
            here = 0 if transfer.id == theft.transfer else depth[_known(transfer.source)] + 1
            target = _known(transfer.target)
            depth[target] = min(depth.get(target, here), here)
            found.append((transfer, theft.id, here))
    found.sort(key=lambda item: (item[0].chain_id, *item[0].key, item[0].tx, item[0].position, item[1]))
    return [
        Hop(row, theft, transfer, depth, _taint(flows[theft], transfer.id))
        for row, (transfer, theft, depth) in enumerate(found, start=1)
    ]


def _carries(transfer: Transfer, by_rule: Mapping[Rule, Flow]) -> bool:
    """Tell whether a transfer moves value that is tainted under at least one rule. Fees are kept apart."""
    return transfer.kind is not Kind.FEE and any(flow.taint.get(transfer.id, 0) for flow in by_rule.values())


def _known(address: Address | None) -> Address:
    if address is None:
        msg = "a transfer without an address carries taint: only fees may"
        raise IntegrityError(msg)
    return address


def _taint(by_rule: Mapping[Rule, Flow], name: str) -> dict[Rule, int]:
    return {rule: flow.taint.get(name, 0) for rule, flow in by_rule.items()}


def _stops(tracer: Tracer, theft: Theft, *, flows: Flows, hops: Sequence[Hop], known: Known) -> list[Stop]:
    """Return every place where taint of a theft rests, largest first."""
    arrivals: dict[Address, list[Transfer]] = {}
    for hop in hops:
        if hop.theft == theft.id:
            arrivals.setdefault(_known(hop.transfer.target), []).append(hop.transfer)
    stops = []
    for address, transfers in arrivals.items():
        taint = {rule: _resting(flow, address, theft.asset) for rule, flow in flows[theft.id].items()}
        if any(taint.values()):
            end = tracer.ends.get(address) or _unsettled(
                tracer, address, asset=theft.asset, ledger=known.ledger
            )
            stops.append(_stop(theft, end, transfers, taint=taint, claims=known.claims_of(address)))
    return sorted(stops, key=lambda s: (-max(s.taint.values()), s.address))


def _resting(flow: Flow, address: Address, asset: Asset) -> int:
    held = flow.purses.held.get((address, asset))
    return 0 if held is None else held.taint


def _stop(
    theft: Theft,
    end: End,
    transfers: Sequence[Transfer],
    *,
    taint: dict[Rule, int],
    claims: tuple[Label, ...],
) -> Stop:
    return Stop(
        theft=theft.id,
        address=_known(transfers[0].target),
        asset=theft.asset,
        reason=end.reason,
        received=sum(t.amount.units for t in transfers),
        transfers=len(transfers),
        senders=len({t.source for t in transfers}),
        taint=taint,
        entity=end.entity,
        cls=end.cls,
        basis=end.basis,
        claims=claims,
    )


def _unsettled(tracer: Tracer, address: Address, *, asset: Asset, ledger: Ledger) -> End:
    """Return why taint rests at an address that no end was recorded for."""
    if address not in tracer.followed:
        little = End(StopReason.MINIMUM, None, Class.D, "less arrived here than the minimum to follow")
        return tracer.end_of(address) or little
    scope = Scope.TOKEN if asset.contract else Scope.EXTERNAL
    coverage = ledger.coverage_of(address).get(scope)
    if coverage is None or not coverage.complete:
        return End(StopReason.INCOMPLETE, None, Class.D, f"the record lacks {scope.words} of this address")
    if scope is Scope.EXTERNAL and _may_be_contract(address, ledger):
        basis = "it never sent a transaction: were it a contract, its payments would not be in this record"
        return End(StopReason.INCOMPLETE, None, Class.D, basis)
    basis = f"no transaction of its own sent it on by block {coverage.last}; {coverage.check}"
    return End(StopReason.AT_REST, None, Class.D, basis)


def _may_be_contract(address: Address, ledger: Ledger) -> bool:
    """Tell whether nothing shows that a key signs for the address, and its internal transfers are unknown."""
    signs = any(transfer.kind is Kind.FEE for transfer in ledger.outgoing(address))
    internal = ledger.coverage_of(address).get(Scope.INTERNAL)
    return not signs and (internal is None or not internal.complete)


def _accounts(thefts: Sequence[Theft], flows: Flows, stops: Sequence[Stop]) -> list[Account]:
    accounts = []
    for theft in thefts:
        for rule, flow in flows[theft.id].items():
            resting = sum(stop.taint[rule] for stop in stops if stop.theft == theft.id)
            account = Account(theft, rule, flow.purses.stolen, flow.purses.clean, flow.fees, resting)
            if not account.balances or account.stolen != theft.units:
                msg = f"{theft.id} under {rule.words} does not conserve: {account}"
                raise IntegrityError(msg)
            accounts.append(account)
    return accounts


def _deposits(hops: Sequence[Hop], stops: Sequence[Stop], ledger: Ledger) -> list[Deposit]:
    ends = {(s.theft, s.address): s for s in stops if s.reason is StopReason.DEPOSIT}
    deposits = []
    for hop in hops:
        stop = ends.get((hop.theft, _known(hop.transfer.target)))
        if stop is not None and stop.entity is not None:
            sweep = _sweep_after(ledger, stop.address, hop.transfer)
            hot = None if sweep is None else sweep.target
            deposits.append(Deposit(hop, stop.entity, sweep, hot, stop.basis))
    return deposits


def _sweep_after(ledger: Ledger, address: Address, credit: Transfer) -> Transfer | None:
    later = (
        t
        for t in ledger.outgoing(address)
        if t.key > credit.key and t.ok and t.kind is not Kind.FEE and t.amount.asset == credit.amount.asset
    )
    return next((t for t in later if t.amount.units), None)


def _gaps(tracer: Tracer, flows: Flows, ledger: Ledger) -> Iterator[Gap]:
    """Yield what the record cannot show: scopes never asked, and units spent that no record brought."""
    count = len(tracer.followed)
    for scope in (Scope.INTERNAL, Scope.TOKEN):
        lacking = sum(scope not in ledger.coverage_of(address) for address in tracer.followed)
        if lacking:
            what = f"{scope.words} of {lacking} of the {count} followed addresses were not asked for"
            yield Gap(GapKind.SCOPE, None, what)
    for theft in tracer.thefts:
        yield from _unrecorded(theft, flows[theft.id])
        transfer = tracer.transfers[theft.transfer]
        if transfer.basis is Basis.DECODED:
            what = (
                f"the theft of {transfer.amount} is decoded from the calldata of {transfer.tx}; the payment "
                "itself is not in the record"
            )
            yield Gap(GapKind.DECODED, theft.thief, what)


def _unrecorded(theft: Theft, by_rule: Mapping[Rule, Flow]) -> Iterator[Gap]:
    """Yield each followed address that spent more of the asset than the record gave it."""
    missing = next(iter(by_rule.values())).purses.missing
    for (address, _), units in sorted(missing.items(), key=lambda item: (-item[1], str(item[0]))):
        if isinstance(address, Address):
            amount = Amount(theft.asset, units)
            what = (
                f"sent {amount} more than the record shows it received; every rule but poison takes this for "
                "not stolen, so if it is exchanged stolen value, more of what left here is stolen than shown"
            )
            yield Gap(GapKind.UNRECORDED, address, what, amount)
