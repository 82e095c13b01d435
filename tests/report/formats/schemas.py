"""JSON Schemas, by the validator that a test dependency brings."""

from __future__ import annotations

import json
from typing import Any

import pytest


def errors(schema: bytes, thing: object) -> list[list[str | int]]:
    """Return where a thing is not as a schema says; the schema itself is checked first."""
    reason = "jsonschema is a test dependency: validates documents by their published schemas"
    library: Any = pytest.importorskip("jsonschema", reason=reason)
    kind = library.Draft202012Validator
    held = json.loads(schema)
    kind.check_schema(held)
    return [list(error.absolute_path) for error in kind(held).iter_errors(thing)]
