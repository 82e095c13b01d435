"""The summary: the figures of a case as one JSON document, every amount as text, everything sorted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from flowtrace.model import (
    Account,
    Address,
    Deposit,
    Gap,
    Incident,
    Label,
    Result,
    Stop,
    StopReason,
    Taint,
    Theft,
    Transfer,
    envelope,
)
from flowtrace.model.asset import Asset
from flowtrace.report.accounted import accounted
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import money, plain

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
        "no_data": [_no_data(stop) for stop in _stops(result, StopReason.NO_DATA)],
        "assumption": assumption(result),
        "gaps": [_gap(gap) for gap in trace.gaps],
        "set_aside": _counts(aside.by for aside in trace.set_aside),
        "roles": _counts(role.role.value for role in trace.roles),
        "hops": len(trace.hops),
        "transfers": len(result.transfers),
    }


def summary_json(result: Result) -> bytes:
    """Return the summary as canonical bytes."""
    text = json.dumps(summary(result), sort_keys=True, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def moved(result: Result, asset: Asset) -> Iterable[Transfer]:
    """Yield the transfers that succeeded and moved some of an asset between two addresses."""
    for t in result.transfers:
        if t.ok and t.source and t.target and t.amount.units and t.amount.asset == asset:
            yield t


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
    accounts = [account for account in result.trace.accounts if account.theft.id == theft.id]
    return {
        "id": theft.id,
        "asset": str(theft.asset),
        "stolen": money(theft.asset, theft.units),
        "transfer": theft.transfer,
        "victim": str(theft.victim),
        "thief": str(theft.thief),
        "recipients": [_recipient(stop) for stop in sorted(stops, key=_place)],
        "fees": {a.rule.value: money(theft.asset, a.fees) for a in accounts},
        "accounts": {a.rule.value: _account(a) for a in accounts},
    }


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
    return {"taint": by_rule, "low": money(asset, low), "high": money(asset, high)}


def _account(account: Account) -> Json:
    amounts = {
        "stolen": account.stolen,
        "clean": account.clean,
        "fees": account.fees,
        "resting": account.resting,
    }
    return {name: money(account.theft.asset, units) for name, units in amounts.items()}


def _theft_addresses(result: Result) -> list[Json]:
    seen = dict.fromkeys((theft.thief, theft.asset) for theft in result.incident.thefts)
    return [_outflow(result, address, asset) for address, asset in seen]


def _outflow(result: Result, address: Address, asset: Asset) -> Json:
    out = [t for t in moved(result, asset) if t.source == address]
    sent = money(asset, sum(t.amount.units for t in out))
    return {"address": str(address), "asset": str(asset), "sent": sent, "value_transfers": len(out)}


def _mixer(result: Result, stop: Stop) -> Json:
    into = [t for t in moved(result, stop.asset) if t.target == stop.address]
    sizes = Counter(t.amount.units for t in into)
    return {
        "address": str(stop.address),
        "entity": stop.entity.id if stop.entity else "",
        "theft": stop.theft,
        "depositors": len({t.source for t in into}),
        "deposits": len(into),
        "received": money(stop.asset, sum(t.amount.units for t in into)),
        "denominations": [{"size": money(stop.asset, u), "deposits": n} for u, n in sorted(sizes.items())],
    }


def _deposit_addresses(result: Result) -> list[Json]:
    by_address: dict[Address, list[Deposit]] = {}
    for deposit in result.trace.deposits:
        target = deposit.hop.transfer.target
        if target:
            by_address.setdefault(target, []).append(deposit)
    return [_deposit_address(result, address, by_address[address]) for address in sorted(by_address)]


def _deposit_address(result: Result, address: Address, deposits: list[Deposit]) -> Json:
    asset = deposits[0].hop.transfer.amount.asset
    wallets = sorted({d.hot_wallet for d in deposits if d.hot_wallet})
    swept = [t for t in moved(result, asset) if t.source == address and t.target in wallets]
    came = {d.hop.transfer.id: d.hop.transfer.amount.units for d in deposits}
    return {
        "address": str(address),
        "entity": deposits[0].entity.id,
        "asset": str(asset),
        "deposits": len(came),
        "received": money(asset, sum(came.values())),
        "sweeps": len(swept),
        "swept": money(asset, sum(t.amount.units for t in swept)),
        "hot_wallets": [str(wallet) for wallet in wallets],
    }


def _no_data(stop: Stop) -> Json:
    end = {"address": str(stop.address), "theft": stop.theft, "received": money(stop.asset, stop.received)}
    return {**end, "claims": [_claim(label) for label in stop.claims]}


def _claim(label: Label) -> Json:
    said = {"text": plain(label.text), "source": plain(label.source), "date": plain(label.date)}
    return {**said, "confidence": plain(label.confidence), "class": "X"}


def _stops(result: Result, reason: StopReason) -> list[Stop]:
    return sorted((s for s in result.trace.stops if s.reason is reason), key=lambda s: (s.theft, s.address))


def _counts(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
