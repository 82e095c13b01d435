"""The request as JSON, for a recipient's intake: every amount as text, every hash in full."""

from __future__ import annotations

import json
from typing import Any

from flowtrace.model import Result, envelope
from flowtrace.report.cells import decimal, digits, money, plain
from flowtrace.report.credit import Credit
from flowtrace.report.freeze.contact import channel_words, contact_of
from flowtrace.report.freeze.paths import Way
from flowtrace.report.freeze.request import Cap, FreezeRequest
from flowtrace.report.freeze.wording import REPLY_DAYS, Action
from flowtrace.report.tables import deposit_class, position

Json = dict[str, Any]


def request_json(result: Result, request: FreezeRequest, annexes: dict[str, str]) -> bytes:
    """Return the machine form; ``annexes`` are the SHA-256 of the package's other files."""
    text = json.dumps(_body(result, request, annexes), sort_keys=True, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _body(result: Result, request: FreezeRequest, annexes: dict[str, str]) -> Json:
    asker = result.requester
    return {
        "schema": "flowtrace/freeze-request/1",
        "request_id": request.id,
        "mode": request.wording.mode,
        "title": request.wording.title,
        "sender": {"name": plain(asker.name), "organisation": plain(asker.organisation),
                   "reference": plain(asker.reference), "contact": plain(asker.contact)},
        "recipient": {
            "id": request.entity.id,
            "entity": plain(request.entity.name),
            "channel": channel_words(request),
            "contact": contact_of(request),
        },
        "urgency": request.urgency,
        "actions": [_action(action, request.caps) for action in request.wording.actions],
        "reply_within": f"P{REPLY_DAYS}D",
        "periods_count_from": "receipt",
        "theft": _theft(result),
        "method": request.rule.value,
        "deposits": [_deposit(result, request, credit) for credit in request.deposits],
        "paths": [_path(way) for way in request.ways],
        "unverified_claims": [
            {"address": str(c.address), "text": plain(c.text), "source": plain(c.source), "class": "X"}
            for c in request.claims
        ],
        "snapshot": dict(result.snapshot),
        "as_of": result.as_of,
        "case_digest": result.digest,
        "annexes": annexes,
    }  # fmt: skip


def _path(way: Way) -> Json:
    return {"id": way.id, "rows": [hop.row for hop in way.hops], "deposits": list(way.deposits)}


def _action(action: Action, caps: tuple[Cap, ...]) -> Json:
    capped = (
        {"cap": [money(cap.asset, cap.traced) for cap in caps]} if action.kind == "hold_withdrawals" else {}
    )
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
    low, high = envelope(hop.taint)
    traced = {"amount": hop.taint[request.rule], "low": low, "high": high}
    return {
        "row": hop.row,
        "chain": t.chain_id,
        "tx": t.tx,
        "position": position(hop),
        "block": t.height,
        "credited_to": "deposit address" if address else "pooled wallet of the exchange",
        "address": address.display if address else "",
        "asset": plain(asset.symbol),
        "contract": asset.contract,
        "amount_base_units": digits(hop.amount.units),
        "amount": decimal(asset, hop.amount.units),
        "traced": {"method": request.rule.value, **{k: decimal(asset, u) for k, u in traced.items()}},
        "path_ids": [way.id for way in request.ways if hop.row in way.deposits],
        "hops": hop.depth,
        "class": deposit_class(result, credit).value,
        "basis": t.basis.value,
        "recipient_basis": plain(credit.basis),
        "sweep_tx": credit.sweep.tx if credit.sweep else "",
        "hot_wallet": str(credit.hot_wallet) if credit.hot_wallet else "",
    }
