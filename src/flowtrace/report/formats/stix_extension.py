"""What the STIX bundle says of its extensions: the community's two, and flowtrace's own with its schema."""

from __future__ import annotations

from typing import Any

_COMMUNITY = (
    "https://raw.githubusercontent.com/muchdogesec/stix2extensions/main/automodel_generated/schemas/scos/"
)
WALLET = ("CryptocurrencyWallet", f"{_COMMUNITY}cryptocurrency-wallet.json")
TRANSACTION = ("CryptocurrencyTransaction", f"{_COMMUNITY}cryptocurrency-transaction.json")
WORDS = (
    "Property extension for cryptocurrency-wallet and cryptocurrency-transaction. A wallet has `addresses`: "
    "per ledger its CAIP-10 id, part in the flow, evidence class and what rests there. A transaction has "
    "`payments`: each with chain (CAIP-2), asset (CAIP-19), from and to (CAIP-10), position in the "
    "transaction, block, amount (exact decimal text), amount_base_units, taint_base_units per rule, low and "
    "high over the rules that conserve, evidence class `cls` and basis. All amounts are text of whole "
    "numbers, never floating point. JSON Schema: stix-exact-amounts.schema.json, written beside the bundle."
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
