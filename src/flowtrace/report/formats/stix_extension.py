"""What the STIX bundle says of its extensions, the same in every case: the community's two, and our own."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

Json = dict[str, Any]
WALLET = "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7"
TRANSACTION = "extension-definition--151d042d-4dcf-5e44-843f-1024440318e5"
EXACT = f"extension-definition--{uuid5(NAMESPACE_URL, 'urn:flowtrace:stix:exact-amounts:1')}"
"""The ids of the extensions for wallets and transactions, and of flowtrace's own."""

_SINCE = "2026-11-01T00:00:00.000Z"
TOOL: Json = {
    "type": "identity",
    "spec_version": "2.1",
    "id": f"identity--{uuid5(NAMESPACE_URL, 'urn:flowtrace:stix:identity')}",
    "created": _SINCE,
    "modified": _SINCE,
    "name": "flowtrace",
    "identity_class": "system",
}
_WORDS = (
    "Property extension for cryptocurrency-wallet and cryptocurrency-transaction. A wallet has `addresses`: "
    "per ledger its CAIP-10 id, part in the flow, evidence class and what rests there. A transaction has "
    "`payments`: each with chain (CAIP-2), asset (CAIP-19), from and to (CAIP-10), position in the "
    "transaction, block, amount (exact decimal text), amount_base_units, taint_base_units per rule, low and "
    "high over the rules that conserve, evidence class `cls` and basis. All amounts are text of whole "
    "numbers, never floating point. JSON Schema: stix-exact-amounts.schema.json, written beside the bundle."
)


def _communitys(key: str, name: str, kind: str) -> Json:
    """Return a definition as the community publishes it: one id must not stand for two texts."""
    schemas = "https://raw.githubusercontent.com/muchdogesec/stix2extensions/main/automodel_generated/schemas"
    what = f"This extension creates a new SCO that can be used to represent {kind.replace('-', ' ')}s."
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": key,
        "created_by_ref": "identity--9779a2db-f98c-5f4b-8d08-8ee04e02dbb5",
        "created": "2020-01-01T00:00:00.000Z",
        "modified": "2020-01-01T00:00:00.000Z",
        "name": name,
        "description": what,
        "schema": f"{schemas}/scos/{kind}.json",
        "version": "1.0",
        "extension_types": ["new-sco"],
        "object_marking_refs": [
            "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
            "marking-definition--60c0f466-511a-5419-9f7e-4814e696da40",
        ],
    }


DEFINITIONS: tuple[Json, ...] = (
    _communitys(WALLET, "CryptocurrencyWallet", "cryptocurrency-wallet"),
    _communitys(TRANSACTION, "CryptocurrencyTransaction", "cryptocurrency-transaction"),
    {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXACT,
        "created_by_ref": TOOL["id"],
        "created": _SINCE,
        "modified": _SINCE,
        "name": "Exact amounts of crypto assets",
        "description": "Ledger, exact amounts and evidence of wallets and transactions, by flowtrace.",
        "schema": _WORDS,
        "version": "1.0",
        "extension_types": ["property-extension"],
    },
)
_UNITS = {"type": "string", "pattern": "^[0-9]+$"}
_TEXT = {"type": "string"}
_CLASS = {"enum": ["D", "C", "P", "X"]}
_STATED = (
    "chain", "from", "to", "decimals", "row", "theft", "tx", "position", "block", "asset", "amount",
    "amount_base_units", "taint_base_units", "low_base_units", "high_base_units", "time", "cls", "kind",
    "basis",
)  # fmt: skip
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "flowtrace: exact amounts of crypto assets in STIX 2.1",
    "type": "object",
    "required": ["extension_type"],
    "properties": {
        "extension_type": {"const": "property-extension"},
        "addresses": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/address"}},
        "payments": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/payment"}},
    },
    "oneOf": [{"required": ["addresses"]}, {"required": ["payments"]}],
    "additionalProperties": False,
    "$defs": {
        "address": {
            "type": "object",
            "required": ["caip10", "role", "cls"],
            "properties": {"caip10": _TEXT, "cls": _CLASS},
            "additionalProperties": _TEXT,
        },
        "payment": {
            "type": "object",
            "required": list(_STATED),
            "properties": {
                "cls": _CLASS,
                "amount": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
                "amount_base_units": _UNITS,
                "low_base_units": _UNITS,
                "high_base_units": _UNITS,
                "decimals": _UNITS,
                "block": _UNITS,
                "row": _UNITS,
                "taint_base_units": {"type": "object", "additionalProperties": _UNITS},
            },
            "additionalProperties": _TEXT,
        },
    },
}
