"""Labels that are looked up where they lie, address by address, and never all loaded.

A sorted pack is a TagPack of the project's own form whose tags stand one on a line, as JSON (which is YAML),
sorted by address. So a person can read it, a diff can show it, any YAML reader loads it, and an address is
found in it by halving.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

from flowtrace.errors import InputError
from flowtrace.labels.row import Row, read_yaml
from flowtrace.labels.tagpack import Entities, label_reader
from flowtrace.model import Address, Entity, Label

_TAGS = b"\ntags:\n"
_BEFORE = b'- {"address": "'


class Shelf(Protocol):
    """A set of labels that tells what it says of an address without being loaded."""

    @property
    def digest(self) -> str:
        """SHA-256 that changes when any of its labels does."""

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return its labels of an address, in any order."""

    def actor(self, name: str) -> Entity | None:
        """Return the actor of this id."""

    def __iter__(self) -> Iterator[Label]: ...

    def __len__(self) -> int: ...


class SortedPack:
    """A sorted pack, read from its bytes.

    Parameters
    ----------
    name
        For messages.
    entities
        The actors that its tags may name.

    Raises
    ------
    InputError
        If it has no tags, one on a line.
    """

    def __init__(self, data: bytes, name: str, entities: Entities) -> None:
        head, found, self._lines = data.partition(_TAGS)
        if not found:
            raise InputError(f"{name}: has no tags, one on a line: write it as labels/shelf.py says")
        self.name = name
        self.entities = entities
        self._data = data
        self._label_of = label_reader(read_yaml(head, name), entities)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self._data).hexdigest()

    def actor(self, name: str) -> Entity | None:
        """Return the actor of this id."""
        return self.entities.get(name)

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return its labels of an address."""
        found = (self._read(line) for line in self._at(address.account.encode()))
        return tuple(label for label in found if label is not None and label.address == address)

    def __iter__(self) -> Iterator[Label]:
        found = map(self._read, self._lines.splitlines())
        return (label for label in found if label is not None)

    def __len__(self) -> int:
        return self._lines.count(b"\n")

    def _at(self, account: bytes) -> Iterator[bytes]:
        """Yield the lines of an account: the first by halving, the others behind it."""
        lines, low, high = self._lines, 0, len(self._lines)
        while low < high:
            middle = (low + high) // 2
            begin = lines.rfind(b"\n", 0, middle) + 1
            end = lines.find(b"\n", begin) + 1
            if _account(lines, begin) < account:
                low = end
            else:
                high = begin
        while low < len(lines) and _account(lines, low) == account:
            end = lines.find(b"\n", low)
            yield lines[low:end]
            low = end + 1

    def _read(self, line: bytes) -> Label | None:
        tag = json.loads(line[2:])
        return self._label_of(Row(f"{self.name}, {tag.get('address')}", tag))


def _account(lines: bytes, begin: int) -> bytes:
    first = begin + len(_BEFORE)
    return lines[first : lines.find(b'"', first)]
