"""From a finished tracer to a Trace: hops, stops with taint under every rule, deposits, reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flowtrace.errors import InputError, IntegrityError
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Account,
    Address,
    Amount,
    Asset,
    Basis,
    Class,
    Crossings,
    Deposit,
    Family,
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
from flowtrace.trace.flow import Book, Flow
from flowtrace.trace.hops import Flows, hops_of
from flowtrace.trace.plan import Sale
from flowtrace.trace.roles import roles
from flowtrace.trace.swap import baskets_in
from flowtrace.trace.tracer import End, Tracer
from flowtrace.trace.ways import walked

_WITHOUT_CONTRACTS = (Family.UTXO, Family.BANK)  # nothing there pays but by a transaction of its own


@dataclass(frozen=True)
class Known:
    """What the other stages know: the ledger, labels, and findings of the heuristics."""

    ledger: Ledger
    claims_of: Callable[[Address], tuple[Label, ...]]
    findings: tuple[Role, ...]
    crossings: Crossings = field(default_factory=Crossings)


def account_for(tracer: Tracer, known: Known) -> Trace:
    """Run every rule over the finished trace and account for every stolen unit.

    Raises
    ------
    InputError
        If a theft's transfer is not in the record, or is not what the incident states.
    IntegrityError
        If any rule fails to conserve.
    """
    thefts = tracer.stated()
    if not thefts:
        raise InputError("nothing that could be followed came to the seeds by the end of the record")
    flows = {theft.id: {rule: tracer.flow(theft, rule) for rule in tracer.rules} for theft in thefts}
    for theft in thefts:
        _require_theft(tracer, theft)
    hops = tuple(hops_of(tracer, thefts, flows, crossings=known.crossings))
    stops = tuple(
        stop for theft in thefts for stop in _stops(tracer, theft, flows=flows, hops=hops, known=known)
    )
    accounts = tuple(_accounts(thefts, flows, stops))
    found = roles(tracer, hops, known.findings)
    crossed, uncrossed, likely = walked(known.crossings, hops)
    return Trace(
        rules=tracer.rules,
        thefts=thefts,
        hops=hops,
        stops=stops,
        deposits=tuple(_deposits(hops, stops, known.ledger)),
        accounts=accounts,
        roles=found,
        set_aside=(),
        gaps=tuple(_gaps(tracer, thefts, flows=flows, ledger=known.ledger, hops=hops)),
        expanded=tuple(sorted(tracer.followed)),
        crossings=crossed,
        uncrossed=uncrossed,
        likely=likely,
    )


def _require_theft(tracer: Tracer, theft: Theft) -> None:
    if theft.is_mark:
        return
    transfer = tracer.transfers.get(theft.transfer)
    if transfer is None:
        msg = (
            f"theft {theft.id}: transfer {theft.transfer} is not in the record of {theft.thief}: "
            "check its id, or import the answers that show it"
        )
        raise InputError(msg)
    legs = [leg for leg in transfer.outputs if leg.address == theft.thief and leg.asset == theft.asset]
    paid = transfer.ok and theft.victim in {leg.address for leg in transfer.inputs}
    if not paid or sum(leg.units for leg in legs) != theft.units:
        claim = f"{Amount(theft.asset, theft.units)} from {theft.victim} to {theft.thief}"
        msg = f"theft {theft.id}: the record shows {_act(transfer)}, not {claim}"
        raise InputError(msg)


def _act(transfer: Transfer) -> str:
    failed = "" if transfer.ok else " in a failed transaction"
    return f"{transfer.amount} from {transfer.source} to {transfer.target}{failed}"


def _known(address: Address | None) -> Address:
    if address is None:
        msg = "a transfer without an address carries taint: only fees may"
        raise IntegrityError(msg)
    return address


def _stops(tracer: Tracer, theft: Theft, *, flows: Flows, hops: Sequence[Hop], known: Known) -> list[Stop]:
    """Return every place where taint of a theft rests, largest first, the theft's own asset before others."""
    arrivals: dict[tuple[Asset, Address], list[Hop]] = {}
    for hop in hops:
        if hop.theft == theft.id:
            arrivals.setdefault((hop.amount.asset, _known(hop.target)), []).append(hop)
    stops = []
    for (asset, address), came in arrivals.items():
        taint = {rule: flow.resting(address, asset) for rule, flow in flows[theft.id].items()}
        if any(taint.values()):
            end = tracer.ends.get(address) or _unsettled(tracer, address, asset=asset, ledger=known.ledger)
            stops.append(_stop(theft, end, came, taint=taint, claims=known.claims_of(address)))
    return sorted(stops, key=lambda s: (s.asset != theft.asset, s.asset, -max(s.taint.values()), s.address))


def _stop(
    theft: Theft,
    end: End,
    came: Sequence[Hop],
    *,
    taint: dict[Rule, int],
    claims: tuple[Label, ...],
) -> Stop:
    return Stop(
        theft=theft.id,
        address=_known(came[0].target),
        asset=came[0].amount.asset,
        reason=end.reason,
        received=sum(hop.amount.units for hop in came),
        transfers=len({hop.transfer.id for hop in came}),
        senders=len({hop.source for hop in came}),
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
    came = min((t.height for t in ledger.incoming(address)), default=0)
    if coverage is None or not coverage.complete or coverage.first > came:
        return End(StopReason.INCOMPLETE, None, Class.D, f"the record lacks {scope.words} of this address")
    plain = address.chain.family in _WITHOUT_CONTRACTS
    if scope is Scope.EXTERNAL and not plain and _may_be_contract(address, ledger):
        basis = "it never sent a transaction: were it a contract, its payments would not be in this record"
        return End(StopReason.INCOMPLETE, None, Class.D, basis)
    basis = f"no transaction of its own sent it on by {address.chain.at(coverage.last)}; {coverage.check}"
    return End(StopReason.AT_REST, None, Class.D, basis)


def _may_be_contract(address: Address, ledger: Ledger) -> bool:
    """Tell whether nothing shows that a key signs for the address, and its internal transfers are unknown."""
    signs = any(transfer.kind is Kind.FEE for transfer in ledger.outgoing(address))
    internal = ledger.coverage_of(address).get(Scope.INTERNAL)
    return not signs and (internal is None or not internal.complete)


def _accounts(thefts: Sequence[Theft], flows: Flows, stops: Sequence[Stop]) -> list[Account]:
    accounts = []
    for theft in thefts:
        for asset in _assets(theft, flows):
            for rule, flow in flows[theft.id].items():
                accounts.append(_account(theft, rule, flow.books[asset], stops=stops, asset=asset))
    return accounts


def _assets(theft: Theft, flows: Flows) -> list[Asset]:
    """Return a theft's own asset, then what it was exchanged for under any rule."""
    by_rule = flows[theft.id].values()
    bought = {asset for flow in by_rule for asset, book in flow.books.items() if book.bought}
    return [theft.asset, *sorted(bought - {theft.asset})]


def _account(theft: Theft, rule: Rule, book: Book, *, stops: Sequence[Stop], asset: Asset) -> Account:
    resting = sum(stop.taint[rule] for stop in stops if (stop.theft, stop.asset) == (theft.id, asset))
    account = Account(
        theft, rule, book.stolen, book.clean, book.fees, resting,
        unaddressed=book.unaddressed, overtaken=book.overtaken, sold=book.sold, bought=book.bought,
        asset=None if asset == theft.asset else asset,
    )  # fmt: skip
    if not account.balances or account.stolen != (theft.units if asset == theft.asset else 0):
        msg = f"{theft.id} under {rule.words} does not conserve: {account}"
        raise IntegrityError(msg)
    return account


def _deposits(hops: Sequence[Hop], stops: Sequence[Stop], ledger: Ledger) -> list[Deposit]:
    ends = {(s.theft, s.address): s for s in stops if s.reason is StopReason.DEPOSIT}
    deposits = []
    for hop in hops:
        stop = ends.get((hop.theft, _known(hop.target)))
        if stop is not None and stop.entity is not None:
            sweep = _sweep_after(ledger, stop.address, hop)
            hot = None if sweep is None else _taker(sweep, stop.address)
            deposits.append(Deposit(hop, stop.entity, sweep, hot, stop.basis))
    return deposits


def _sweep_after(ledger: Ledger, address: Address, credit: Hop) -> Transfer | None:
    later = (
        t
        for t in ledger.outgoing(address)
        if t.key > credit.transfer.key and t.ok and t.kind is not Kind.FEE
        and any(leg.asset == credit.amount.asset and leg.units for leg in t.inputs if leg.address == address)
    )  # fmt: skip
    return next(later, None)


def _taker(sweep: Transfer, address: Address) -> Address | None:
    """Return who got the most of a sweep, its own sender apart."""
    taken = [leg for leg in sweep.outputs if leg.address not in (None, address)]
    return max(taken, key=lambda leg: leg.units).address if taken else None


def _gaps(
    tracer: Tracer, thefts: Sequence[Theft], *, flows: Flows, ledger: Ledger, hops: Sequence[Hop]
) -> Iterator[Gap]:
    """Yield what the record cannot show: scopes never asked, and units spent that no record brought."""
    for lack in ledger.lacks:
        whose = Address.of(lack.address) if lack.address else None
        yield Gap(GapKind.UNREAD, whose, lack.why)
    accounts = [a for a in tracer.followed if a.chain.family not in _WITHOUT_CONTRACTS]
    count = len(accounts)
    for scope in (Scope.INTERNAL, Scope.TOKEN):
        lacking = sum(scope not in ledger.coverage_of(address) for address in accounts)
        if lacking:
            what = f"{scope.words} of {lacking} of the {count} followed addresses were not asked for"
            yield Gap(GapKind.SCOPE, None, what)
    for opening in tracer.policy.openings:
        amount = Amount(opening.asset, opening.units)
        what = f"held {amount} before its record begins, by {opening.source}; no rule counts it as stolen"
        yield Gap(GapKind.OPENING, opening.address, what, amount)
    for theft in thefts:
        for asset in _assets(theft, flows):
            came = {h.target for h in hops if (h.theft, h.amount.asset) == (theft.id, asset)}
            yield from _unrecorded(theft, asset, next(iter(flows[theft.id].values())), came=came)
        yield from _swapped(tracer, flows[theft.id].values())
        yield from _baskets(tracer, list(flows[theft.id].values()))
        yield from _decoded(tracer, theft, next(iter(flows[theft.id].values())))


def _swapped(tracer: Tracer, flows: Iterable[Flow]) -> Iterator[Gap]:
    """Yield each swap that took something of a theft: that it was one is read off its sender's net."""
    for swap in (step.swap for plan in tracer.plans() for step in plan.steps if isinstance(step, Sale)):
        places = [(tracer.transfers[name], number) for (name, number), _ in swap.gave]
        if any(flow.of_leg(*place) for flow in flows for place in places):
            paid, came = Amount(swap.sold, swap.out), Amount(swap.bought, swap.come)
            tx = places[0][0].tx
            what = (
                f"paid {paid} and got {came} in transaction {tx}: taken for a swap, so what came is followed "
                "and not what was paid; were it none, the value paid went on elsewhere"
            )
            yield Gap(GapKind.SWAP, swap.address, what, paid)


def _baskets(tracer: Tracer, flows: Sequence[Flow]) -> Iterator[Gap]:
    """Yield each exchange of several assets that took something of a theft: there is no one price for it."""
    for basket in baskets_in(tracer.in_order(), set(tracer.followed)):
        places = [(tracer.transfers[name], number) for name, number in basket.places]
        if any(flow.of_leg(*place) for flow in flows for place in places):
            paid, came = (
                " and ".join(str(Amount(asset, units)) for asset, units in side)
                for side in (basket.gave, basket.got)
            )
            what = (
                f"gave {paid} and got {came} in transaction {basket.tx}: no one price divides them, so what "
                "was paid is followed to whom it was paid, and what came counts as not stolen"
            )
            yield Gap(GapKind.SWAP, basket.address, what)


def _decoded(tracer: Tracer, theft: Theft, flow: Flow) -> Iterator[Gap]:
    """Yield the theft itself where only calldata shows it, and how many payments of the way are like that."""
    transfer = tracer.transfers.get(theft.transfer)
    if transfer is not None and transfer.basis is Basis.DECODED:
        what = (
            f"the theft of {transfer.amount} is decoded from the calldata of {transfer.tx}; the payment "
            "itself is not in the record"
        )
        yield Gap(GapKind.DECODED, theft.thief, what)
    moved = (tracer.transfers[name] for name in flow.legs if name != theft.transfer)
    way = (one for one in moved if one.amount.asset == theft.asset and flow.of(one))
    others = [one for one in way if one.basis is Basis.DECODED]
    if others:
        amount = Amount(theft.asset, sum(one.amount.units for one in others))
        what = (
            f"{len(others)} payment{'s' * (len(others) > 1)} of {amount} in all after the theft are decoded "
            "from calldata; the token's logs are not in the record"
        )
        yield Gap(GapKind.DECODED, None, what)


def _unrecorded(theft: Theft, asset: Asset, flow: Flow, *, came: Collection[Address | None]) -> Iterator[Gap]:
    """Yield each followed address that spent more of the asset than the record gave it.

    Of what a theft was exchanged for, it matters only where some of that came.
    """
    for address, units in sorted(flow.missing[asset].items(), key=lambda item: (-item[1], str(item[0]))):
        concerns = asset == theft.asset or address in came
        if concerns and not (theft.is_mark and address == theft.thief and asset == theft.asset):
            amount = Amount(asset, units)
            what = (
                f"sent {amount} more than the record shows it received; every rule but poison takes this for "
                "not stolen, so if it is exchanged stolen value, more of what left here is stolen than shown"
            )
            yield Gap(GapKind.UNRECORDED, address, what, amount)
