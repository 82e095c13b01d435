"""The summary: the figures of a case as one JSON document, every amount as text, everything sorted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flowtrace.model import (
    Account,
    Act,
    Address,
    Deposit,
    Frozen,
    Gap,
    Incident,
    Label,
    Result,
    Stop,
    StopReason,
    Taint,
    Theft,
    Transfer,
    depends_on_rule,
    envelope,
)
from flowtrace.model.asset import Asset
from flowtrace.report.accounted import accounted
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import money, plain
from flowtrace.report.credit import is_exchange_wallet
from flowtrace.report.crossed import crossings_told, uncrossed_told
from flowtrace.report.frozen import frozen_stops
from flowtrace.report.likely import candidates_told
from flowtrace.report.rounds import rounds_told

Json = dict[str, Any]


def summary(result: Result) -> Json:
    """Return the figures of a case.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    """
    accounted(result)
    trace = result.trace
    return {
        "schema": "flowtrace/summary/1",
        "version": result.version,
        "digest": result.digest,
        "ledger_digest": result.ledger_digest,
        "as_of": result.as_of,
        "snapshot": dict(result.snapshot),
        "parameters": dict(result.parameters),
        "rules": [rule.value for rule in trace.rules],
        "incident": _incident(result.incident),
        "thefts": [_theft(result, theft) for theft in result.incident.thefts],
        "theft_addresses": _theft_addresses(result),
        "mixers": [_mixer(result, stop) for stop in _stops(result, StopReason.MIXER)],
        "deposit_addresses": _deposit_addresses(result),
        "exchange_wallets": _exchange_wallets(result),
        "frozen": [_frozen(stop, one) for stop, one in frozen_stops(result)],
        "no_data": [_no_data(stop) for stop in _stops(result, StopReason.NO_DATA)],
        "assumption": assumption(result),
        "gaps": [_gap(gap) for gap in trace.gaps],
        "set_aside": _counts(aside.by for aside in trace.set_aside),
        "roles": _counts(role.role.value for role in trace.roles),
        **_crossed(result),
        "hops": len(trace.hops),
        "transfers": len(result.transfers),
    }


def _crossed(result: Result) -> Json:
    """Return the crossings, what did not arrive, and what only may have, where the trace met any."""
    made, unmet = crossings_told(result), uncrossed_told(result)
    told = {"crossings": made, "uncrossed": unmet, "crossing_candidates": candidates_told(result)}
    told["coinjoins"] = rounds_told(result)
    return {name: some for name, some in told.items() if some}


def summary_json(result: Result) -> bytes:
    """Return the summary as canonical bytes."""
    text = json.dumps(summary(result), sort_keys=True, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


@dataclass(frozen=True, slots=True)
class Move:
    """Units of an asset that went from one address to another: a transfer, to one of its takers."""

    transfer: Transfer
    source: Address
    target: Address
    units: int


def moved(result: Result, asset: Asset) -> Iterable[Move]:
    """Yield what went of an asset from one address to another; not fees, not change, nothing that failed."""
    for t in result.transfers:
        giver = t.giver_of(asset) if t.ok else None
        givers = {leg.address for leg in t.inputs} if len(t.outputs) > 1 else set()
        for leg in t.outputs:
            if giver and leg.address and leg.units and leg.asset == asset and leg.address not in givers:
                yield Move(t, giver, leg.address, leg.units)


def _gap(gap: Gap) -> Json:
    return {
        "kind": gap.kind.value,
        "address": str(gap.address) if gap.address else "",
        "amount_base_units": str(gap.amount.units) if gap.amount else "",
        "what": plain(gap.what),
    }


def _incident(incident: Incident) -> Json:
    cited = [{"who": c.who, "what": c.what, "date": c.date, "url": c.url} for c in incident.attribution]
    known = {"id": incident.id, "title": incident.title, "date": incident.date}
    return {**known, "victim": incident.victim_party, "official_attribution": cited}


def _theft(result: Result, theft: Theft) -> Json:
    stops = [stop for stop in result.trace.stops if stop.theft == theft.id]
    accounts = [a for a in result.trace.accounts if a.theft.id == theft.id and a.asset is None]
    return {
        "id": theft.id,
        "asset": str(theft.asset),
        "stolen": money(theft.asset, theft.units),
        "transfer": theft.transfer,
        "victim": str(theft.victim) if theft.victim else "",
        "thief": str(theft.thief),
        "recipients": [_recipient(stop) for stop in sorted(stops, key=_place)],
        "fees": {a.rule.value: money(theft.asset, a.fees) for a in accounts},
        "accounts": {a.rule.value: _account(a) for a in accounts},
        **_became(result, theft),
    }


def _became(result: Result, theft: Theft) -> Json:
    """Return the accounts of what a theft was exchanged for, where it was."""
    found: dict[Asset, Json] = {}
    for account in result.trace.accounts:
        if account.theft.id == theft.id and account.asset is not None:
            found.setdefault(account.asset, {})[account.rule.value] = _account(account)
    became = [{"asset": str(asset), "accounts": accounts} for asset, accounts in found.items()]
    return {"became": became} if became else {}


def _place(stop: Stop) -> tuple[str, str, str]:
    return stop.reason.value, stop.entity.id if stop.entity else "", str(stop.address)


def _recipient(stop: Stop) -> Json:
    return {
        "address": str(stop.address),
        "entity": stop.entity.id if stop.entity else "",
        "stop": stop.reason.value,
        "class": stop.cls.value,
        "basis": plain(stop.basis),
        "received": money(stop.asset, stop.received),
        "transfers": stop.transfers,
        "senders": stop.senders,
        **_taint(stop.asset, stop.taint),
    }


def _taint(asset: Asset, taint: Taint) -> Json:
    low, high = envelope(taint)
    by_rule = {rule.value: money(asset, units) for rule, units in taint.items()}
    span = {"low": money(asset, low), "high": money(asset, high)}
    return {"taint": by_rule, **span, "depends_on_rule": depends_on_rule(taint)}


def _account(account: Account) -> Json:
    amounts = {
        "stolen": account.stolen,
        "clean": account.clean,
        "fees": account.fees,
        "resting": account.resting,
        "unaddressed": account.unaddressed,
    }
    amounts |= {name: units for name in ("overtaken", "sold", "bought") if (units := getattr(account, name))}
    return {name: money(account.of, units) for name, units in amounts.items()}


def _theft_addresses(result: Result) -> list[Json]:
    seen = dict.fromkeys((theft.thief, theft.asset) for theft in result.incident.thefts)
    return [_outflow(result, address, asset) for address, asset in seen]


def _outflow(result: Result, address: Address, asset: Asset) -> Json:
    out = [move for move in moved(result, asset) if move.source == address]
    sent = money(asset, sum(move.units for move in out))
    return {"address": str(address), "asset": str(asset), "sent": sent, "value_transfers": len(out)}


def _mixer(result: Result, stop: Stop) -> Json:
    into = [move for move in moved(result, stop.asset) if move.target == stop.address]
    sizes = Counter(move.units for move in into)
    return {
        "address": str(stop.address),
        "entity": stop.entity.id if stop.entity else "",
        "theft": stop.theft,
        "depositors": len({move.source for move in into}),
        "deposits": len(into),
        "received": money(stop.asset, sum(move.units for move in into)),
        "denominations": [{"size": money(stop.asset, u), "deposits": n} for u, n in sorted(sizes.items())],
    }


def _deposit_addresses(result: Result) -> list[Json]:
    found: dict[tuple[Address, Asset], list[Deposit]] = {}
    for deposit in result.trace.deposits:
        target = deposit.hop.target
        if target:
            found.setdefault((target, deposit.hop.amount.asset), []).append(deposit)
    return [_deposit_address(result, address, found[address, asset]) for address, asset in sorted(found)]


def _deposit_address(result: Result, address: Address, deposits: list[Deposit]) -> Json:
    asset = deposits[0].hop.amount.asset
    wallets = sorted({d.hot_wallet for d in deposits if d.hot_wallet})
    swept = [move for move in moved(result, asset) if move.source == address and move.target in wallets]
    came = {(d.hop.transfer.id, d.hop.leg): d.hop.amount.units for d in deposits}
    return {
        "address": str(address),
        "entity": deposits[0].entity.id,
        "asset": str(asset),
        "deposits": len(came),
        "received": money(asset, sum(came.values())),
        **_taint(asset, {rule: sum(d.hop.taint[rule] for d in deposits) for rule in result.trace.rules}),
        "sweeps": len(swept),
        "swept": money(asset, sum(move.units for move in swept)),
        "hot_wallets": [str(wallet) for wallet in wallets],
    }


def _exchange_wallets(result: Result) -> list[Json]:
    """Return the exchanges' own wallets that value was paid straight into, apart from deposit addresses."""
    found = [stop for stop in _stops(result, StopReason.SERVICE) if stop.entity and is_exchange_wallet(stop)]
    return [
        {
            "address": str(stop.address),
            "entity": stop.entity.id if stop.entity else "",
            "theft": stop.theft,
            "asset": str(stop.asset),
            "credits": stop.transfers,
            "received": money(stop.asset, stop.received),
        }
        for stop in found
    ]


def _no_data(stop: Stop) -> Json:
    end = {"address": str(stop.address), "theft": stop.theft, "received": money(stop.asset, stop.received)}
    return {**end, "claims": [_claim(label) for label in stop.claims]}


def _frozen(stop: Stop, frozen: Frozen) -> Json:
    """Return traced value that lies frozen; ``since`` is empty where no event says since when."""
    return {
        "address": str(stop.address),
        "theft": stop.theft,
        "asset": str(stop.asset),
        "issuer": frozen.issuer,
        "since": frozen.day if frozen.tx else "",
        "asked": "" if frozen.tx else frozen.day,
        "event": frozen.event,
        "transaction": frozen.tx,
        "block": frozen.height,
        "destroyed": frozen.act is Act.DESTROYED,
        "remark": plain(frozen.remark),
        "source": plain(frozen.source),
        **_taint(stop.asset, stop.taint),
    }


def _claim(label: Label) -> Json:
    said = {"text": plain(label.text), "source": plain(label.source), "date": plain(label.date)}
    return {**said, "confidence": plain(label.confidence), "class": "X"}


def _stops(result: Result, reason: StopReason) -> list[Stop]:
    return sorted((s for s in result.trace.stops if s.reason is reason), key=lambda s: (s.theft, s.address))


def _counts(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
