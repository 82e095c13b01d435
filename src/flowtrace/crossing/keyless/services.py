"""Which services swap without a key: named in a data file, each with its source, or by the user's word."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from flowtrace.errors import InputError
from flowtrace.model import Label

_FIELDS = frozenset({"id", "names", "source"})


@dataclass(frozen=True, slots=True)
class Swapper:
    """A service.

    Attributes
    ----------
    id
        Of the actor whom labels name.
    names
        How a label begins that names no actor.
    source
        Who says that it swaps without an account.
    """

    id: str
    names: tuple[str, ...]
    source: str


def read_swappers(text: str) -> tuple[Swapper, ...]:
    """Read the form of ``swappers.toml``.

    Raises
    ------
    InputError
        If a service lacks a field, or has one that is not known; the message names it.
    """
    found = []
    for number, row in enumerate(tomllib.loads(text).get("swappers", []), start=1):
        if set(row) != _FIELDS or not row["id"] or not row["source"]:
            known = ", ".join(sorted(_FIELDS))
            raise InputError(f"swapper {number}: write {known}, and nothing else")
        found.append(Swapper(str(row["id"]), tuple(map(str, row["names"])), str(row["source"])))
    return tuple(found)


@lru_cache(maxsize=1)
def shipped_swappers() -> tuple[Swapper, ...]:
    """Return the services that ship with flowtrace."""
    return read_swappers((resources.files("flowtrace.crossing") / "swappers.toml").read_text("utf-8"))


class Swappers:
    """Tells whether a label is a swapper's, and which one's.

    Parameters
    ----------
    own
        Ids of actors that a person names as swappers besides.
    """

    def __init__(self, own: Collection[str] = ()) -> None:
        self._ids = {one.id for one in shipped_swappers()} | set(own)
        names = ((name.casefold(), one.id) for one in shipped_swappers() for name in one.names)
        self._names = sorted(names, key=lambda name: -len(name[0]))

    def of(self, label: Label | None) -> str:
        """Return the id of the swapper whose label it is; empty where it is none's.

        A label that names no actor is a swapper's where its text begins with the name, whole.
        """
        if label is None or label.asserted or not label.category.is_service:
            return ""
        if label.entity is not None:
            return self.of_actor(label.entity.id)
        text = label.text.casefold()
        for name, service in self._names:
            if text.startswith(name) and not text[len(name) : len(name) + 1].isalnum():
                return service
        return ""

    def of_actor(self, name: str) -> str:
        """Return the id of an actor that is a swapper; else empty text."""
        return name if name in self._ids else ""
