"""Reading a file a person wrote: YAML or TOML tables, every fault named with file, item and what to do."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import yaml

from flowtrace.errors import InputError
from flowtrace.labels.untrusted import one_line

# libyaml is about ten times as fast; a build without it reads the same documents. The base loader makes text
# of every scalar: an unquoted 0x… stays an address, and no document can ask for an object or a number.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_ABSENT = ("", "~", "null")
_LONGEST_SOURCE = 2000
_LENGTH_OF_DAY = 10
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One table of a file: its fields, and where it stands, for messages."""

    where: str
    fields: Mapping[str, object]

    def text(self, key: str, longest: int = _LONGEST_SOURCE) -> str:
        """Return a field that must be there, as one plain line."""
        found = self.optional(key, longest)
        return found or self.refuse(f"has no {key}: give it one, here or in the header")

    def optional(self, key: str, longest: int = _LONGEST_SOURCE) -> str:
        """Return a field as one plain line; empty where it is absent."""
        value = self.fields.get(key)
        if value is None or value in _ABSENT:
            return ""
        if not isinstance(value, str):
            self.refuse(f"has {key} {value!r}: write it as text, in quotes")
        return one_line(value, longest)

    def day(self, key: str) -> str:
        """Return an ISO 8601 day, or the month or year where the source states no more; may be absent."""
        found = self.optional(key)[:_LENGTH_OF_DAY]
        if found and not _DATE.fullmatch(found):
            self.refuse(f"has {key} {found!r}: write it as YYYY-MM-DD, YYYY-MM or YYYY")
        return found

    def rows(self, key: str) -> tuple[Row, ...]:
        """Return a list of tables."""
        items = self.fields.get(key)
        if not isinstance(items, list):
            self.refuse(f"has no list of {key}: add one")
        return tuple(_row(item, f"{self.where}, {key} {n}") for n, item in enumerate(items, 1))

    def some(self, key: str) -> tuple[Row, ...]:
        """Return a list of tables; empty where it is absent."""
        return self.rows(key) if key in self.fields else ()

    def named(self, key: str) -> dict[str, Row]:
        """Return a table of tables, by name; empty where it is absent."""
        items = self.fields.get(key, {})
        if not isinstance(items, dict):
            self.refuse(f"has {key} that are no table: write NAME: {{KEY: VALUE}}")
        return {str(name): _row(item, f"{self.where}, {key} {name}") for name, item in items.items()}

    def words(self, key: str) -> list[str]:
        """Return a list of texts; empty where it is absent."""
        found = self.fields.get(key) or []
        if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
            self.refuse(f"has {key} that are no list of words: write them as [WORD, WORD]")
        return found

    def refuse(self, why: str) -> NoReturn:
        """Raise the error that names this table."""
        raise InputError(f"{self.where}: {why}")


def read_yaml(data: bytes, name: str) -> Row:
    """Read a YAML document whose top is a table.

    Raises
    ------
    InputError
        If it is not UTF-8, not YAML, or not a table.
    """
    try:
        _check_depth(data.decode())
        with _undisturbed():
            found = yaml.load(data.decode(), Loader=_LOADER)  # noqa: S506  it makes text, lists and tables
    except (ValueError, yaml.YAMLError) as fault:
        why = one_line(str(fault))
        raise InputError(f"{name}: cannot be read as YAML ({why}): correct the file") from None
    return _row(found, name)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Look for no garbage meanwhile: a large pack is all tables that stay, looked at again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _check_depth(text: str) -> None:
    """Refuse deep nesting: libyaml recurses without a limit, and a hostile file would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError(f"nested deeper than {_DEEPEST}")


def _row(found: object, where: str) -> Row:
    if not isinstance(found, dict):
        raise InputError(f"{where}: is not a table of fields: write it as KEY: VALUE")
    return Row(where, {str(key): value for key, value in found.items()})
