"""The label book: every label of a run, asked by address; the same labels in any order are the same book.

Small packs are loaded; large ones stand on shelves and are looked up there, address by address.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path

from flowtrace.errors import InputError
from flowtrace.labels.dumps import Dump
from flowtrace.labels.files import read_labels
from flowtrace.labels.index import LabelIndex
from flowtrace.labels.rounds import read_rounds
from flowtrace.labels.row import read_yaml
from flowtrace.labels.shelf import Shelf, SortedPack
from flowtrace.labels.tagpack import read_entities, read_tagpack
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Address, Entity, Label, contradictions

_ENTITIES = "entities.yaml"
_SORTED = ".sorted.yaml"
INDEX = "index.sqlite"


@dataclass(frozen=True)
class LabelBook:
    """All labels, strongest first for each address.

    Strength is a person's decision, then the GraphSense confidence level, then the newer date, then the text.
    Asserted labels (class X) are kept and shown by :meth:`of`, but never answer :meth:`entity` or
    :meth:`service`.

    Attributes
    ----------
    labels
        Those that are loaded.
    lists
        Per transaction, the names of the lists that hold it.
    shelves
        Where further labels are looked up.
    decided
        What a person said of labels, by :func:`label_id`: True accepts, False rejects. A rejected label is
        left out of all that this book answers, except :meth:`said`.
    """

    labels: tuple[Label, ...]
    lists: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    shelves: tuple[Shelf, ...] = ()
    decided: Mapping[str, bool] = field(default_factory=dict)
    _by_address: Mapping[Address, tuple[Label, ...]] = field(init=False, repr=False, compare=False)
    _seen: dict[Address, tuple[Label, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        ordered = tuple(dict.fromkeys(_ordered(self.labels)))
        grouped = {address: tuple(group) for address, group in groupby(ordered, lambda one: one.address)}
        object.__setattr__(self, "labels", ordered)
        object.__setattr__(self, "_by_address", grouped)

    def of(self, address: Address) -> tuple[Label, ...]:
        """Return all that is said of an address and nobody rejected, strongest first."""
        if not self.shelves and not self.decided:
            return self._by_address.get(address, ())
        found = self._seen.get(address)
        if found is None:
            found = self._seen[address] = self._decided(self.said(address))
        return found

    def said(self, address: Address) -> tuple[Label, ...]:
        """Return all that was ever said of an address, what was rejected too, strongest first."""
        loaded = self._by_address.get(address, ())
        further = tuple(one for shelf in self.shelves for one in shelf.of(address))
        return tuple(dict.fromkeys(_ordered((*loaded, *further)))) if further else loaded

    def _decided(self, said: tuple[Label, ...]) -> tuple[Label, ...]:
        if not self.decided or not said:
            return said
        words = {one: self.decided.get(label_id(one)) for one in said}
        return tuple(sorted((one for one in said if words[one] is not False), key=lambda one: not words[one]))

    def actor(self, name: str) -> Entity | None:
        """Return the actor of this id that any label may name."""
        loaded = self._actors_by_id.get(name)
        return loaded or next((found for shelf in self.shelves if (found := shelf.actor(name))), None)

    @cached_property
    def _actors_by_id(self) -> Mapping[str, Entity]:
        return {label.entity.id: label.entity for label in self.labels if label.entity}

    def __iter__(self) -> Iterator[Label]:
        """Yield every label: the loaded ones, then those of each shelf."""
        yield from self.labels
        for shelf in self.shelves:
            yield from shelf

    def __len__(self) -> int:
        return len(self.labels) + sum(map(len, self.shelves))

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
        """Return every address for which sources name different actors, with the actors, strongest first.

        Addresses of loaded labels are looked at, with all that is said of them; see
        :func:`flowtrace.model.contradictions` for one address, and for kinds of actors.
        """
        found = []
        for address in self._by_address:
            told = (one for one in contradictions(self.of(address)) if one.about == "entity")
            found += [(address, tuple(label.entity for label in one.said if label.entity)) for one in told]
        return tuple(found)

    @property
    def digest(self) -> str:
        """SHA-256 over the content, in canonical form: one JSON line a label, in the book's order."""
        lines = (json.dumps(_plain(one), ensure_ascii=False, separators=(",", ":")) for one in self.labels)
        listed = (json.dumps([*tx, *said]) for tx, said in sorted(self.lists.items()))
        shelved = (json.dumps(["shelf", one.digest]) for one in self.shelves)
        decided = (json.dumps(["decided", *one]) for one in sorted(self.decided.items()))
        return hashlib.sha256("\n".join((*lines, *listed, *shelved, *decided)).encode()).hexdigest()

    def _held(self, address: Address) -> Iterator[Label]:
        return (one for one in self.of(address) if not one.asserted)


def label_id(label: Label) -> str:
    """Return a label's id: SHA-256 of its content, as a decision names it."""
    return hashlib.sha256(json.dumps(_plain(label), ensure_ascii=False).encode()).hexdigest()


def load_labels(
    extra: Sequence[Path] = (), lists: Sequence[Path] = (), *, decided: Mapping[str, bool] | None = None
) -> LabelBook:
    """Read the shipped packs and any further files of labels, and lists of transactions.

    Parameters
    ----------
    extra
        TagPacks and ActorPacks of GraphSense or in the form of the shipped ones, other files that
        :mod:`flowtrace.labels.files` knows, and indexes of :mod:`flowtrace.labels.index`.
    lists
        Text files of :mod:`flowtrace.labels.rounds`.
    decided
        What a person said of labels, by :func:`label_id`.

    Raises
    ------
    InputError
        If a file or one of its rows cannot be used; the message names both.
    """
    indexes = [path for path in extra if path.name == INDEX]
    shelves: list[Shelf] = [LabelIndex(path, readonly=True) for path in indexes]
    documents = [*_shipped(), *((path.name, _bytes(path)) for path in extra if path not in indexes)]
    entities = entities_in(documents)
    labels: list[Label] = []
    for name, data in documents:
        if name.endswith(_SORTED):
            shelves.append(SortedPack(data, name, entities))
        elif not name.endswith(".yaml"):
            labels += read_labels(Dump(name, data, entities))
        elif not _is_actorpack(name, data):
            labels += read_tagpack(data, name, entities)
    return LabelBook(tuple(labels), _listed(lists), tuple(shelves), decided or {})


def entities_in(documents: Iterable[tuple[str, bytes]]) -> dict[str, Entity]:
    """Return the actors of all ActorPacks among documents."""
    entities: dict[str, Entity] = {}
    for name, data in documents:
        if name.endswith(".yaml") and not name.endswith(_SORTED) and _is_actorpack(name, data):
            entities |= read_entities(data, name)
    return entities


def shipped_entities() -> dict[str, Entity]:
    """Return the actors that ship with flowtrace."""
    return entities_in([(_ENTITIES, (_data() / _ENTITIES).read_bytes())])


def _listed(lists: Sequence[Path]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for path in lists:
        for tx, said in read_rounds(path):
            found[tx] = tuple(sorted({*found.get(tx, ()), said}))
    return found


def _data() -> Traversable:
    return resources.files("flowtrace.labels") / "data"


def _shipped() -> Iterator[tuple[str, bytes]]:
    for file in sorted(_data().iterdir(), key=lambda one: one.name):
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
