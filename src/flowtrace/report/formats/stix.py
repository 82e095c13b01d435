"""STIX 2.1: one bundle, the community's objects for wallets and transactions, and exact amounts of our own.

The community's extensions (DOGESEC's stix2extensions) know no ledger, and their amounts are floating point.
So none of those is filled in: ledger, exact amounts, taint, class and place in the chain are in a property
extension, whose JSON Schema is written beside the bundle. Ids follow STIX: of an observable from what
identifies it, of all else from the case's digest. An address of several ledgers is one wallet there.

References: STIX 2.1 (OASIS, 2021); https://github.com/muchdogesec/stix2extensions; TLP 2.0 for STIX.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from flowtrace.model import Result
from flowtrace.report.cells import plain
from flowtrace.report.formats import stix_extension
from flowtrace.report.formats.flow import Flow, Paid, Place, flow_of
from flowtrace.report.formats.identity import moment_of, uuid_of

Json = dict[str, Any]
_SPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, section 2.9: of the ids of observables
_KINDS = {
    "cryptocurrency-wallet": stix_extension.WALLET,
    "cryptocurrency-transaction": stix_extension.TRANSACTION,
}
_NEW = {"extension_type": "new-sco"}
_MARKINGS = {
    "TLP:CLEAR": "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "TLP:GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "TLP:AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_TLP = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


def files(result: Result) -> dict[str, bytes]:
    """Return the bundle, and the schema of the extension."""
    objects = _objects(result, flow_of(result))
    marking = _marking(result)
    marked = [one | {"object_marking_refs": [marking["id"]]} for one in objects]
    known = [marking, stix_extension.TOOL, *stix_extension.DEFINITIONS]
    bundle = {
        "type": "bundle",
        "id": f"bundle--{uuid_of(result, 'bundle', '')}",
        "objects": [*known, *marked],
    }
    return {
        "stix-bundle.json": _written(bundle),
        "stix-exact-amounts.schema.json": _written(stix_extension.SCHEMA),
    }


def _written(body: Json) -> bytes:
    return f"{json.dumps(body, ensure_ascii=True, indent=1)}\n".encode()


def _objects(result: Result, flow: Flow) -> list[Json]:
    """Return what the case itself says; every object is marked with its TLP label."""
    owners = sorted({place.data.get("entity", "") for place in flow.places.values()} - {""})
    found = [*_author(result), *(_owner(result, name) for name in owners)]
    found += [*wallets(result, flow), *_transactions(flow)]
    report = _report(result, [one["id"] for one in found])
    return [*found, report, _note(result, report["id"])]


def _said(result: Result, kind: str, name: str) -> Json:
    """Return what every object has that a person or program states: its id, dates and author."""
    day = moment_of(result)
    author = next((one["id"] for one in _author(result)), stix_extension.TOOL["id"])
    return _dated(kind, uuid_of(result, kind, name), day) | {"created_by_ref": author}


def _dated(kind: str, key: str, day: str) -> Json:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{key}", "created": day, "modified": day}


def _author(result: Result) -> list[Json]:
    """Return who asks, where the case says so; else flowtrace itself stands as the author."""
    name = plain(result.requester.organisation or result.requester.name)
    if not name:
        return []
    one = _dated("identity", uuid_of(result, "identity", "author"), moment_of(result))
    kind = "organization" if plain(result.requester.organisation) else "individual"
    return [one | {"name": name, "identity_class": kind}]


def _owner(result: Result, name: str) -> Json:
    return _said(result, "identity", f"owner {name}") | {"name": name, "identity_class": "organization"}


def _marking(result: Result) -> Json:
    name = result.sharing.upper()
    level = name if name in _MARKINGS else "TLP:RED"  # what is not understood is shared with nobody
    own = {"extension_type": "property-extension", "tlp_2_0": level.removeprefix("TLP:").lower()}
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{_MARKINGS[level]}",
        "created": "2022-10-01T00:00:00.000Z",
        "name": level,
        "extensions": {_TLP: own},
    }


def _observed(kind: str, known: Json, own: Json) -> Json:
    """Return an observable: what identifies it makes its id, as canonical JSON (RFC 8785)."""
    text = json.dumps(known, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    exact = {"extension_type": "property-extension", **own}
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid5(_SPACE, text)}",
        **known,
        "extensions": {_KINDS[kind]: dict(_NEW), stix_extension.EXACT: exact},
    }


def _wallet_id(place: Place) -> str:
    return str(_observed("cryptocurrency-wallet", {"value": place.account}, {})["id"])


def wallets(result: Result, flow: Flow) -> Iterator[Json]:
    """Yield one wallet per address, whatever the number of ledgers it is on: STIX knows none."""
    found: dict[str, list[Place]] = {}
    for place in flow.places.values():
        if place.address is not None:
            found.setdefault(place.account, []).append(place)
    for account, places in found.items():
        own = {"addresses": [{"caip10": one.id, **_filled(one)} for one in places]}
        wallet = _observed("cryptocurrency-wallet", {"value": account}, own)
        owners = {one.data.get("entity", "") for one in places}
        if len(owners) == 1 and (owner := owners.pop()):
            wallet["holder_ref"] = _owner(result, owner)["id"]
        yield wallet


def _filled(place: Place) -> dict[str, str]:
    return {name: text for name, text in place.data.items() if text and name not in {"chain", "address"}}


def _transactions(flow: Flow) -> Iterator[Json]:
    found: dict[tuple[str, str], list[Paid]] = {}
    for paid in flow.paid:
        symbol = paid.data["symbol"] or paid.data["asset"]
        found.setdefault((paid.data["tx"], symbol), []).append(paid)
    for (tx, symbol), some in found.items():
        own = {"payments": [_payment(paid) for paid in some]}
        one = _observed("cryptocurrency-transaction", {"symbol": symbol, "value": tx}, own)
        one["execution_time"] = some[0].data["time"]
        for side, places in (("input", [p.source for p in some]), ("output", [p.target for p in some])):
            ids = dict.fromkeys(_wallet_id(place) for place in places if place.address)
            one |= {side: [{"address_ref": key} for key in ids]} if ids else {}
        yield one


def _payment(paid: Paid) -> Json:
    data = {name: text for name, text in paid.data.items() if text and not name.startswith("taint_")}
    taint = {rule.value: paid.data[f"taint_{rule.value}_base_units"] for rule in paid.hop.taint}
    ends = {"from": paid.source.id, "to": paid.target.id, "decimals": str(paid.hop.amount.asset.decimals)}
    return {"chain": paid.source.chain.id, **ends, **data, "taint_base_units": taint}


def _report(result: Result, keys: list[str]) -> Json:
    incident = result.incident
    own = {"name": plain(incident.title) or incident.id, "published": moment_of(result), "object_refs": keys}
    words = f"Trace of {incident.id} by flowtrace {result.version}; case digest {result.digest}."
    return _said(result, "report", "") | own | {"description": plain(words)}


def _note(result: Result, report: str) -> Json:
    rules = ", ".join(rule.words for rule in result.trace.rules)
    words = (
        f"Taint is stated under each of the rules {rules}; low and high are the range over those that "
        "conserve. Classes: D recorded on one ledger, C matched across ledgers by hard identifiers, P "
        "inferred, X asserted by a third party. Amounts are whole numbers of base units, as text."
    )
    return _said(result, "note", "method") | {"abstract": "Method", "content": words, "object_refs": [report]}
