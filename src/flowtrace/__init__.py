"""flowtrace: stolen crypto assets traced from the theft to a freeze request, on kept evidence, exactly.

    from flowtrace import Case
    case = Case.open("ronin-2022")
    case.frame(), case.graph(), case.figure()

The words below are the public ones. They load on first use, so that importing flowtrace costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowtrace.case import Case, verify
    from flowtrace.conformance import check_heuristic
    from flowtrace.errors import FlowtraceError, IncompleteError, InputError, IntegrityError
    from flowtrace.labels import LabelBook, load_labels
    from flowtrace.ledger import Ledger
    from flowtrace.model import (
        Address,
        Amount,
        Asset,
        Chain,
        Coverage,
        Incident,
        Label,
        Result,
        Role,
        Rule,
        StopReason,
        Trace,
        Transfer,
    )

_HOMES = {
    "flowtrace.case": ("Case", "verify"),
    "flowtrace.conformance": ("check_heuristic",),
    "flowtrace.errors": ("FlowtraceError", "IncompleteError", "InputError", "IntegrityError"),
    "flowtrace.labels": ("LabelBook", "load_labels"),
    "flowtrace.ledger": ("Ledger",),
    "flowtrace.model": (
        *("Address", "Amount", "Asset", "Chain", "Coverage", "Incident", "Label", "Result", "Role", "Rule"),
        *("StopReason", "Trace", "Transfer"),
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Address",
    "Amount",
    "Asset",
    "Case",
    "Chain",
    "Coverage",
    "FlowtraceError",
    "Incident",
    "IncompleteError",
    "InputError",
    "IntegrityError",
    "Label",
    "LabelBook",
    "Ledger",
    "Result",
    "Role",
    "Rule",
    "StopReason",
    "Trace",
    "Transfer",
    "check_heuristic",
    "load_labels",
    "verify",
]


def __getattr__(name: str) -> object:
    """Load a public word from its home on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'flowtrace' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
