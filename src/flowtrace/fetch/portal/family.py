"""What a chain family brings to the portal: what to ask, what a block tells, and how it is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flowtrace.fetch.portal.lines import Block
from flowtrace.model import Scope, Transfer


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of every block: filters and fields. ``lacks`` names all it leaves out, in words."""

    asked: Mapping[str, Any]
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """How complete one scope is, and by which check."""

    scope: Scope
    complete: bool
    check: str


class Reader(Protocol):
    """Reads the history of one address, block by block."""

    def queries(self) -> Sequence[Query]:
        """Return the questions, best first; the next is asked where a dataset does not know a field."""

    def lacks(self, what: Sequence[str]) -> None:
        """Take note of all that the dataset cannot be asked for; what was noted before is superseded."""

    def read(self, block: Block) -> list[Transfer]:
        """Return what a block tells of the address; blocks come in order.

        Raises
        ------
        InputError
            If the block is not what a dataset of this family holds; the message goes on from "in which".
        """

    def findings(self) -> list[Finding]:
        """Return how complete the history was, one for each scope that the family can show."""


def fields(names: Mapping[str, Sequence[str]]) -> dict[str, dict[str, bool]]:
    """Return the fields of a question as the portal wants them."""
    return {table: dict.fromkeys(columns, True) for table, columns in names.items()}
