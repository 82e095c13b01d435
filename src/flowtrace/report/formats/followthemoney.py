"""FollowTheMoney: JSON lines for Aleph and OpenSanctions: wallets, their holders, and payments as links.

A `Payment` there is between legal entities, which addresses are not: so a payment on a ledger is an
`UnknownLink` of two `CryptoWallet`, with its exact amounts in the summary. Numbers there are floating point,
so no numeric property is filled in. Wallets carry `publicKey`, `currency` and `holder`, as OpenSanctions' do.

Reference: the schemata of https://followthemoney.tech, version 4.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from flowtrace.model import Result
from flowtrace.report.cells import plain
from flowtrace.report.formats.flow import Flow, Paid, Place, flow_of
from flowtrace.report.formats.identity import day_of, uuid_of
from flowtrace.report.subject import is_theft

Properties = dict[str, list[str]]


def files(result: Result) -> dict[str, bytes]:
    """Return the entities, one per line."""
    return {"entities.ftm.json": "".join(_lines(result, flow_of(result))).encode()}


def _lines(result: Result, flow: Flow) -> Iterator[str]:
    owners = sorted({place.data.get("entity", "") for place in flow.places.values()} - {""})
    for owner in owners:
        yield _line(uuid_of(result, "owner", owner), "LegalEntity", {"name": [owner]})
    for place in flow.places.values():
        yield _line(uuid_of(result, "wallet", place.id), "CryptoWallet", _wallet(result, place))
    for paid in flow.paid:
        yield _line(uuid_of(result, "paid", paid.id), "UnknownLink", _link(result, paid))


def _line(key: str, schema: str, properties: Properties) -> str:
    filled = {name: values for name, values in properties.items() if any(values)}
    return json.dumps({"id": key, "schema": schema, "properties": filled}, ensure_ascii=True) + "\n"


def _wallet(result: Result, place: Place) -> Properties:
    owner = place.data.get("entity", "")
    known = [f"{place.id}; {place.known_as}"]
    if place.address is None:
        return {"name": [f"{place.data['role']}, {place.chain.name}"], "summary": known}
    return {
        "publicKey": [place.account],
        "currency": [place.chain.symbol],
        "blockchain": [place.chain.name],
        "holder": [uuid_of(result, "owner", owner)] if owner else [],
        "topics": ["crime.theft"] if _is_thief(result, place) else [],
        "summary": known,
        "modifiedAt": [day_of(result)],
    }


def _is_thief(result: Result, place: Place) -> bool:
    thieves = {theft.thief for theft in result.incident.thefts}
    return is_theft(result.incident) and place.address in thieves


def _link(result: Result, paid: Paid) -> Properties:
    return {
        "subject": [uuid_of(result, "wallet", paid.source.id)],
        "object": [uuid_of(result, "wallet", paid.target.id)],
        "role": ["on-chain transfer"],
        "status": [f"evidence class {paid.data['cls']}"],
        "date": [paid.data["time"].removesuffix("Z")],
        "recordId": [f"{paid.data['tx']} {paid.data['position']}"],
        "summary": [paid.words],
        "publisher": [plain(f"flowtrace, case digest {result.digest}")],
    }
