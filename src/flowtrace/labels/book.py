"""The label book: every label of a run, asked by address; the same labels in any order are the same book."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import groupby
from pathlib import Path

from flowtrace.errors import InputError
from flowtrace.labels.rounds import read_rounds
from flowtrace.labels.row import read_yaml
from flowtrace.labels.tagpack import read_entities, read_tagpack
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Address, Entity, Label

_ENTITIES = "entities.yaml"


@dataclass(frozen=True)
class LabelBook:
    """All labels, strongest first for each address.

    Strength is the GraphSense confidence level, then the newer date, then the text. Asserted labels (class X)
    are kept and shown by :meth:`of`, but never answer :meth:`entity` or :meth:`service`.
    """

    labels: tuple[Label, ...]
    lists: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _by_address: Mapping[Address, tuple[Label, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(dict.fromkeys(_ordered(self.labels)))
        grouped = {address: tuple(group) for address, group in groupby(ordered, lambda one: one.address)}
        object.__setattr__(self, "labels", ordered)
        object.__setattr__(self, "_by_address", grouped)

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return all that is said of an address, strongest first."""
        return self._by_address.get(address, ())

    def entity(self, address: Address) -> Entity | None:
        """Return the actor of the strongest label that names one."""
        return next((one.entity for one in self._held(address) if one.entity), None)

    def claims(self, address: Address) -> tuple[Label, ...]:
        """Return what third parties assert of an address (class X)."""
        return tuple(one for one in self.of(address) if one.asserted)

    def service(self, address: Address) -> Label | None:
        """Return the strongest label that says funds of many users mix there, so that a trace ends."""
        return next((one for one in self._held(address) if one.category.is_service), None)

    def listed(self, chain_id: str, tx: str) -> tuple[str, ...]:
        """Return the names of the lists of transactions that hold this one."""
        return self.lists.get((chain_id, tx), ())

    def conflicts(self) -> tuple[tuple[Address, tuple[Entity, ...]], ...]:
        """Return every address for which sources name different actors, with the actors, strongest first."""
        named = ((address, self._actors(address)) for address in self._by_address)
        return tuple((address, actors) for address, actors in named if len(actors) > 1)

    @property
    def digest(self) -> str:
        """SHA-256 over the content, in canonical form: one JSON line a label, in the book's order."""
        lines = (json.dumps(_plain(one), ensure_ascii=False, separators=(",", ":")) for one in self.labels)
        listed = (json.dumps([*tx, *said]) for tx, said in sorted(self.lists.items()))
        return hashlib.sha256("\n".join((*lines, *listed)).encode()).hexdigest()

    def _held(self, address: Address) -> Iterator[Label]:
        return (one for one in self.of(address) if not one.asserted)

    def _actors(self, address: Address) -> tuple[Entity, ...]:
        named = {one.entity.id: one.entity for one in self._held(address) if one.entity}
        return tuple(named.values())


def load_labels(extra: Sequence[Path] = (), lists: Sequence[Path] = ()) -> LabelBook:
    """Read the shipped packs and any further TagPacks or ActorPacks, and lists of transactions.

    Parameters
    ----------
    extra
        YAML files in the form of GraphSense or of the shipped packs.
    lists
        Text files of :mod:`flowtrace.labels.rounds`.

    Raises
    ------
    InputError
        If a file or one of its rows cannot be used; the message names both.
    """
    documents = [*_shipped(), *((path.name, _bytes(path)) for path in extra)]
    actors = [(name, data) for name, data in documents if _is_actorpack(name, data)]
    entities: dict[str, Entity] = {}
    for name, data in actors:
        entities |= read_entities(data, name)
    packs = (document for document in documents if document not in actors)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for path in lists:
        for tx, said in read_rounds(path):
            found[tx] = tuple(sorted({*found.get(tx, ()), said}))
    return LabelBook(
        tuple(label for name, data in packs for label in read_tagpack(data, name, entities)), found
    )


def _shipped() -> Iterator[tuple[str, bytes]]:
    folder = resources.files("flowtrace.labels") / "data"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            yield file.name, file.read_bytes()


def _is_actorpack(name: str, data: bytes) -> bool:
    # The shipped packs are told by name: reading each twice would double the time.
    return name == _ENTITIES or (b"\nactors:" in data and "actors" in read_yaml(data, name).fields)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path.name}: cannot be read ({fault.strerror}): check the path") from None


def _ordered(labels: Iterable[Label]) -> list[Label]:
    """Order by address, then strength. Dates fall and text rises, so the passes are stable sorts."""
    by_text = sorted(labels, key=_plain)
    by_date = sorted(by_text, key=lambda one: one.date, reverse=True)
    by_level = sorted(by_date, key=lambda one: CONFIDENCE[one.confidence], reverse=True)
    return sorted(by_level, key=lambda one: one.address)


def _plain(label: Label) -> tuple[str, ...]:
    """Return the content of a label as text, its own words first."""
    entity = label.entity or Entity("none", "", label.category)
    actor = (entity.id, entity.name, entity.category, entity.uri)
    said = (label.source, label.confidence, label.date, str(label.asserted))
    return (label.text, label.category, label.use, str(label.address), *actor, *said)
