"""MISP: one event, with a `coin-address` per address and a `cryptocurrency-transaction` per payment.

MISP's amounts are floating point, so none is filled in: exact amounts stand in the comment of each object.
Its type `btc` is for Bitcoin alone; every other address is the text attribute `address-crypto`. Nothing is
marked for detection, and the event is for the own organisation only, until a person widens it.

Reference: the object templates of https://github.com/MISP/misp-objects.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flowtrace.model import Result
from flowtrace.report.cells import plain
from flowtrace.report.formats.flow import Flow, Paid, Place, flow_of
from flowtrace.report.formats.identity import day_of, uuid_of

Json = dict[str, Any]
_ADDRESS = {
    "name": "coin-address",
    "meta-category": "financial",
    "template_uuid": "d0e6997e-78da-4815-a6a1-cfc1c1cb8a46",
    "template_version": "7",
}
_TRANSACTION = {
    "name": "cryptocurrency-transaction",
    "meta-category": "financial",
    "template_uuid": "a4aab70f-e43a-48cb-bf82-505de8228dd6",
    "template_version": "3",
}
_OWN_ORGANISATION, _INHERIT = "0", "5"
_UNDEFINED, _ONGOING = "4", "1"


def files(result: Result) -> dict[str, bytes]:
    """Return the event."""
    flow = flow_of(result)
    event = {
        "uuid": uuid_of(result, "event", ""),
        "info": plain(f"flowtrace: {result.incident.title}"),
        "date": day_of(result),
        "timestamp": _timestamp(result),
        "distribution": _OWN_ORGANISATION,
        "threat_level_id": _UNDEFINED,
        "analysis": _ONGOING,
        "published": False,
        "Tag": [{"name": result.sharing.lower()}],
        "Attribute": [_case(result)],
        "Object": [*_addresses(result, flow), *_transactions(result, flow)],
    }
    return {"misp-event.json": f"{json.dumps({'Event': event}, ensure_ascii=True, indent=1)}\n".encode()}


def _timestamp(result: Result) -> str:
    return str(int(datetime.fromisoformat(day_of(result)).replace(tzinfo=UTC).timestamp()))


def _case(result: Result) -> Json:
    text = f"flowtrace {result.version}, case digest {result.digest}, record as of {day_of(result)}"
    attribute = _attribute(result, ("text", "case", plain(text)))
    return {name: value for name, value in attribute.items() if name != "object_relation"}


def _addresses(result: Result, flow: Flow) -> list[Json]:
    return [_address(result, place) for place in flow.places.values() if place.address is not None]


def _address(result: Result, place: Place) -> Json:
    relation = ("btc", "address") if place.chain.name == "bitcoin" else ("text", "address-crypto")
    attributes = [
        _attribute(result, (*relation, place.account), of=place.id, cls=place.data["cls"]),
        _attribute(result, ("text", "symbol", place.chain.symbol), of=place.id),
        _attribute(result, ("text", "text", f"{place.id}; {place.known_as}"), of=place.id),
    ]
    return _object(result, _ADDRESS, place.id) | {"comment": place.name, "Attribute": attributes}


def _transactions(result: Result, flow: Flow) -> list[Json]:
    return [_transaction(result, paid) for paid in flow.paid]


def _transaction(result: Result, paid: Paid) -> Json:
    data = paid.data
    attributes = [
        _attribute(result, ("text", "transaction-number", data["tx"]), of=paid.id, cls=data["cls"]),
        _attribute(result, ("text", "symbol", data["symbol"] or data["asset"]), of=paid.id),
        _attribute(result, ("datetime", "time", data["time"].replace("Z", "+00:00")), of=paid.id),
    ]
    ends = ((paid.source, "connected-from", "paid by"), (paid.target, "connected-to", "paid to"))
    references = [
        {
            "uuid": uuid_of(result, "reference", f"{paid.id}|{relation}"),
            "object_uuid": uuid_of(result, "object", paid.id),
            "referenced_uuid": uuid_of(result, "object", end.id),
            "relationship_type": relation,
            "comment": comment,
        }
        for end, relation, comment in ends
        if end.address is not None
    ]
    body = {"comment": paid.words, "Attribute": attributes, "ObjectReference": references}
    return _object(result, _TRANSACTION, paid.id) | body


def _object(result: Result, template: Json, key: str) -> Json:
    own = {"uuid": uuid_of(result, "object", key), "timestamp": _timestamp(result), "distribution": _INHERIT}
    return template | own


def _attribute(result: Result, said: tuple[str, str, str], *, of: str = "", cls: str = "") -> Json:
    kind, relation, value = said
    tags = {"Tag": [{"name": f'flowtrace:evidence-class="{cls}"'}]} if cls else {}
    return {
        "uuid": uuid_of(result, "attribute", f"{of}|{relation}"),
        "type": kind,
        "object_relation": relation,
        "category": "Financial fraud" if kind == "btc" else "Other",
        "value": value,
        "timestamp": _timestamp(result),
        "distribution": _INHERIT,
        "to_ids": False,
        "disable_correlation": relation not in {"address", "address-crypto", "transaction-number"},
        **tags,
    }
