"""TagPack: what this case finds of addresses, for GraphSense and for whoever reads TagPacks.

Only the case's own findings are written; third parties' labels stay with those who publish them. GraphSense's
confidence says how a finding is known: `forensic_investigation` for what ledgers record (D, C), `heuristic`
for what is inferred (P). Amounts, class and range stand in `context`, as JSON text.

Reference: the TagPack schema of https://github.com/graphsense/graphsense-lib.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flowtrace.model import Chain, Result, Stop, StopReason, envelope
from flowtrace.report.cells import plain
from flowtrace.report.formats.flow import Place, flow_of
from flowtrace.report.formats.identity import day_of, uuid_of
from flowtrace.report.subject import is_theft

Json = dict[str, Any]
_CODES = {"arbitrum": "ARB", "avalanche": "AVAX", "bnb": "BSC", "bitcoin": "BTC", "dogecoin": "DOGE",
          "ethereum": "ETH", "litecoin": "LTC", "polygon": "POL", "solana": "SOL", "tron": "TRX"}  # fmt: skip


def files(result: Result) -> dict[str, bytes]:
    """Return the pack."""
    import yaml  # noqa: PLC0415  as heavy as all else here

    pack = {
        "title": plain(f"flowtrace {result.incident.id}"),
        "creator": plain(result.requester.organisation or result.requester.name) or "flowtrace",
        "description": plain(f"{result.incident.title}; case digest {result.digest}"),
        "source": f"urn:uuid:{uuid_of(result, 'case', '')}",
        "lastmod": date.fromisoformat(day_of(result)),
        "tags": [_tag(result, place) for place in flow_of(result).places.values() if place.address],
    }
    text = yaml.safe_dump(pack, sort_keys=False, allow_unicode=False, width=100)
    return {"tagpack.yaml": text.encode()}


def _tag(result: Result, place: Place) -> Json:
    concepts = _concepts(result, place)
    code = _code(place.chain)
    return {
        "address": place.account,
        "label": place.name,
        "currency": code,
        "network": code,
        "confidence": "heuristic" if place.data["cls"] in {"P", "X"} else "forensic_investigation",
        "tag_type": "event",
        **({"concepts": concepts} if concepts else {}),
        "context": json.dumps(_context(result, place), ensure_ascii=True, sort_keys=True),
    }


def _code(chain: Chain) -> str:
    """Return GraphSense's code of a ledger; flowtrace's own name where GraphSense has none."""
    return _CODES.get(chain.name, chain.name)


def _concepts(result: Result, place: Place) -> list[str]:
    """Return GraphSense's words for an address: none of them says more than the case does."""
    thefts = result.incident.thefts if is_theft(result.incident) else ()
    if any(place.address == theft.thief for theft in thefts):
        return ["perpetrator"]
    if any(place.address == theft.victim for theft in thefts):
        return ["victim"]
    if any(stop.reason is StopReason.DEPOSIT for stop in place.stops):
        return ["exchange", "deposit_wallet"]
    return [place.data["category"]] if place.data["category"] not in {"", "other"} else []


def _context(result: Result, place: Place) -> Json:
    return {
        "caip10": place.id,
        "case_digest": result.digest,
        "evidence_class": place.data["cls"],
        "role": place.data["role"],
        "stops": [_stop(stop) for stop in place.stops],
    }


def _stop(stop: Stop) -> Json:
    low, high = envelope(stop.taint)
    return {
        "theft": plain(stop.theft),
        "asset": str(stop.asset),
        "reason": stop.reason.value,
        "received_base_units": str(stop.received),
        "taint_base_units": {rule.value: str(units) for rule, units in stop.taint.items()},
        "low_base_units": str(low),
        "high_base_units": str(high),
        "basis": plain(stop.basis),
    }
