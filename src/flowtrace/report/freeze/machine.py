"""The request as JSON, for a recipient's intake: every amount as text, every hash in full."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from flowtrace.model import Asset, Result, Stop, Taint, envelope
from flowtrace.report.cells import decimal, digits, money, plain, utc
from flowtrace.report.credit import Credit
from flowtrace.report.document.words import sides
from flowtrace.report.freeze.actions import REPLY_DAYS, Action
from flowtrace.report.freeze.asking import subject_words, title_of
from flowtrace.report.freeze.contact import channel_words, contact_of
from flowtrace.report.freeze.lint import Remark, Sending
from flowtrace.report.freeze.paths import Way
from flowtrace.report.freeze.request import Cap, FreezeRequest, Kind
from flowtrace.report.tables import deposit_class, position

Json = dict[str, Any]


SCHEMA = "request.schema.json"


def request_schema() -> bytes:
    """Return the JSON Schema that every ``request.json`` is held to."""
    return files("flowtrace.report.freeze").joinpath(SCHEMA).read_bytes()


def request_json(
    result: Result,
    request: FreezeRequest,
    annexes: dict[str, str],
    *,
    sending: Sending | None = None,
    remarks: Iterable[Remark] = (),
) -> bytes:
    """Return the machine form; ``annexes`` are the SHA-256 of the package's other files."""
    body = _body(result, request, annexes)
    on = sending.at.date() if sending else None
    body["recipient"] = _recipient(request, sending)
    body["prepared_on"] = on.isoformat() if on else None
    body["draft"] = sending is None
    body["remarks"] = [{"rule": r.rule, "error": r.is_error, "text": plain(r.text)} for r in remarks]
    checked = result.requester.no_tip_off_checked or bool(sending and sending.no_tip_off_checked)
    body["coordination"] = {"told": plain(result.requester.told), "no_tip_off_checked": checked}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _recipient(request: FreezeRequest, sending: Sending | None) -> Json | None:
    if request.kind is Kind.MIXER:
        return None
    on = sending.at.date() if sending else None
    return {
        "id": request.entity.id,
        "entity": plain(request.entity.name),
        "channel": channel_words(request, on),
        "contact": contact_of(request, on),
    }


def _body(result: Result, request: FreezeRequest, annexes: dict[str, str]) -> Json:
    asker = result.requester
    return {
        "schema": "flowtrace/freeze-request/1",
        "request_id": request.id,
        "kind": request.kind.value,
        "about": {"id": request.entity.id, "name": plain(request.entity.name)},
        "mode": request.wording.mode,
        "title": title_of(request),
        "subject": subject_words(request),
        "sender": {
            "name": plain(asker.name), "role": plain(asker.role), "organisation": plain(asker.organisation),
            "reference": plain(asker.reference), "contact": plain(asker.contact),
            "report": plain(asker.report),
        },
        "urgency": request.urgency[0],
        "actions": [_action(action, request.caps) for action in request.actions],
        "reply_within": f"P{REPLY_DAYS}D" if request.actions else None,
        "periods_count_from": "receipt",
        "theft": _theft(result),
        "method": request.rule.value,
        "totals": [_cap(cap) for cap in request.caps],
        "deposits": [_deposit(result, request, credit) for credit in request.deposits],
        "resting": [_resting(request, stop) for stop in request.resting],
        "paths": [_path(way) for way in request.ways],
        "unverified_claims": [
            {"address": str(c.address), "text": plain(c.text), "source": plain(c.source), "class": "X"}
            for c in request.claims
        ],
        "snapshot": dict(result.snapshot),
        "as_of": result.as_of,
        "case_digest": result.digest,
        "version": result.version,
        "annexes": annexes,
    }  # fmt: skip


def _cap(cap: Cap) -> Json:
    parts = {"traced": cap.traced, "low": cap.low, "high": cap.high, "received": cap.received}
    return {name: money(cap.asset, units) for name, units in parts.items()}


def _resting(request: FreezeRequest, stop: Stop) -> Json:
    return {
        "address": stop.address.display,
        "chain": stop.address.chain_id,
        "asset": plain(stop.asset.symbol),
        "contract": stop.asset.contract,
        "traced": _traced(request, stop.asset, stop.taint),
    }


def _traced(request: FreezeRequest, asset: Asset, taint: Taint) -> Json:
    """Return what is traced: by the stated rule, the range, and under every rule, exact as text."""
    low, high = envelope(taint)
    stated = {"amount": taint[request.rule], "low": low, "high": high}
    return {
        "method": request.rule.value,
        **{name: decimal(asset, units) for name, units in stated.items()},
        "rules": {rule.value: decimal(asset, units) for rule, units in taint.items()},
    }


def _path(way: Way) -> Json:
    return {"id": way.id, "rows": [hop.row for hop in way.hops], "deposits": list(way.deposits)}


def _action(action: Action, caps: tuple[Cap, ...]) -> Json:
    capped = {"cap": [money(cap.asset, cap.traced) for cap in caps]} if action.capped else {}
    asked = {"type": action.kind, "basis": action.basis, "period": f"P{action.days}D"}
    return {**asked, "invited": action.invited, **capped}


def _theft(result: Result) -> Json:
    incident = result.incident
    stolen = [
        {"transfer": t.transfer, "asset": str(t.asset), **money(t.asset, t.units)} for t in incident.thefts
    ]
    cited = [{"who": c.who, "what": c.what, "date": c.date, "url": c.url} for c in incident.attribution]
    victim = {"victim": plain(incident.victim_party), "date": incident.date}
    return {**victim, "stolen": stolen, "official_statements": cited}


def _deposit(result: Result, request: FreezeRequest, credit: Credit) -> Json:
    hop, t = credit.hop, credit.hop.transfer
    asset, address = hop.amount.asset, credit.deposit_address
    return {
        "row": hop.row,
        "chain": t.chain_id,
        "tx": t.tx,
        "position": position(hop),
        "block": t.height,
        "block_time_utc": utc(t.time),
        "from": sides(hop)[0],
        "credited_to": credit.place or ("deposit address" if address else "pooled wallet of the exchange"),
        "address": address.display if address else "",
        "asset": plain(asset.symbol),
        "contract": asset.contract,
        "amount_base_units": digits(hop.amount.units),
        "amount": decimal(asset, hop.amount.units),
        "traced": _traced(request, asset, hop.taint),
        "path_ids": [way.id for way in request.ways if hop.row in way.deposits],
        "hops": hop.depth,
        "class": deposit_class(result, credit).value,
        "basis": t.basis.value,
        "recipient_basis": plain(credit.basis),
        "sweep_tx": credit.sweep.tx if credit.sweep else "",
        "hot_wallet": str(credit.hot_wallet) if credit.hot_wallet else "",
    }
