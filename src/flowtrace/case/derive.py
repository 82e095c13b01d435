"""From the evidence to the ledger: every kept answer read again, alone or as part of what was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowtrace import fetch, files
from flowtrace.case import pins
from flowtrace.case.intake import Say, read_kept
from flowtrace.errors import IncompleteError, InputError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import Ask, Rows
from flowtrace.files.gathered import Imported
from flowtrace.ledger import Ledger, read_ledger, write_ledger
from flowtrace.model import Coverage, Fact, Lack, Opening, Price, Transfer

LEFT = "left"
"""The event that says a history was left, and why; an ask that is answered in full later undoes it."""
_BEGUN = {"why": "its history was not read to its end", "crowded": 0}


@dataclass
class _Told:
    """What the evidence tells, while it is read."""

    transfers: list[Transfer] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    witness: dict[str, set[int]] = field(default_factory=dict)
    services: dict[str, set[str]] = field(default_factory=dict)
    lacks: list[Lack] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)

    def take(self, rows: Rows, service: str) -> None:
        self.transfers += rows.transfers
        self.coverage += rows.coverage
        self.prices += rows.prices
        self.facts += rows.facts
        for name, numbers in rows.witness.items():
            self.witness.setdefault(name, set()).update(numbers)
            self.services.setdefault(name, set()).add(service)

    def import_files(self, found: Imported) -> None:
        """Take what files tell, where nothing better is told of the same; and what they do not make clear."""
        witness = {name: tuple(sorted({file for file, _ in rows})) for name, rows in found.rows.items()}
        kept = files.settled(found, self.transfers)
        self.take(
            Rows(
                transfers=list(kept),
                coverage=list(found.coverage),
                facts=list(found.facts),
                witness=witness,
            ),
            "imported files",
        )
        self.lacks += [Lack("", str(note)) for note in found.notes]
        self.openings += found.openings

    def ledger(self) -> Ledger:
        """Return the ledger: one telling of each move, the better one, with all who tell it."""
        stands = fetch.reconcile(self.transfers)
        for name, other in stands.aside.items():
            self.witness.setdefault(other, set()).update(self.witness.get(name, ()))
            self.services.setdefault(other, set()).update(self.services.get(name, ()))
        kept = {transfer.id for transfer in stands.transfers}
        witness = {name: tuple(sorted(self.witness[name])) for name in kept if name in self.witness}
        confirmed = [name for name in kept if len(self.services.get(name, ())) > 1]
        return Ledger(
            stands.transfers,
            self.coverage,
            witness,
            confirmed=confirmed,
            lacks=self.lacks,
            prices=self.prices,
            facts=self.facts,
            openings=self.openings,
        )


def derive(store: EvidenceStore, say: Say) -> Ledger:
    """Read every kept answer into a ledger, without looking at the derived file.

    Raises
    ------
    InputError
        If there is no evidence.
    """
    told = _Told()
    held = store.items()
    imported = [item for item in held if item.media in files.IMPORTED]
    items = [item for item in held if item.media != fetch.ASKED and item.media not in files.IMPORTED]
    asks = [ask for ask in pins.standing(store) if not ask.is_of_freezes]  # of those the labels tell
    if not held and not asks:
        what = "import recordings or transfers first, or trace an address"
        raise InputError(f"{store.path.parent} holds no evidence: {what}")
    for number, item in enumerate(items, start=1):
        say(f"reading answer {number} of {len(items)}")
        found, covered = read_kept(store, item)
        witness: dict[str, tuple[int, ...]] = {transfer.id: (item.number,) for transfer in found}
        told.take(Rows(transfers=found, coverage=covered, witness=witness), item.source)
    ended = pins.told(store)
    answered: dict[str, bool] = {}
    for number, ask in enumerate(asks, start=1):
        say(f"reading history {number} of {len(asks)}")
        whole = _take(told, ask, store, ended=ask.text in ended)
        if ask.pin is not None:
            answered[ask.target] = whole or answered.get(ask.target, False)
    if imported:
        say(f"reading {len(imported)} imported files")
        told.import_files(files.read_files((item, store.body(item)) for item in imported))
    told.lacks += [*_rejected(store), *_left(store, answered)]
    return told.ledger()


def kept_ledger(store: EvidenceStore, path: Path, say: Say) -> Ledger:
    """Return the ledger of the evidence: the derived file while it is that, else worked out and kept."""
    source = source_of(store)
    held = read_ledger(path, source)
    if held is None:
        held = derive(store, say)
        write_ledger(held, path, source)
    return held


def source_of(store: EvidenceStore) -> str:
    """Return a digest of all that :func:`derive` reads: the answers, and what the log says of them."""
    last = {entry["target"]: (entry["why"], entry["crowded"]) for entry in store.noted(LEFT)}
    rejected = [(entry["evidence"], entry["why"]) for entry in store.noted("rejected")]
    said = [
        store.digest,
        sorted(last.items()),
        rejected,
        sorted(map(repr, pins.orphaned(store))),
        sorted(pins.told(store)),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _take(told: _Told, ask: Ask, store: EvidenceStore, *, ended: bool) -> bool:
    """Read what was asked; tell whether the evidence answers it in full."""
    try:
        rows = fetch.replay(ask, store, ended=ended)
    except IncompleteError:
        return False
    told.take(rows, ask.provider.service)
    return True


def _rejected(store: EvidenceStore) -> Iterator[Lack]:
    """Yield the answers from files that could not be read, where no good one to the same came after."""
    good = {(item.request.url, item.media) for item in store.items()}
    for entry in store.noted("rejected"):
        item = store.entry(entry["evidence"])
        if item["media"] != fetch.ASKED and (item["url"], item["media"]) not in good:
            yield Lack("", f"answer {entry['evidence']} could not be read: {entry['why']}")


def _left(store: EvidenceStore, answered: Mapping[str, bool]) -> Iterator[Lack]:
    """Yield the histories that were left, and those that were begun and not read to their end."""
    last = {entry["target"]: entry for entry in store.noted(LEFT)}
    begun = {target: _BEGUN for target, whole in answered.items() if not whole}
    for target, entry in (begun | last).items():
        if not answered.get(target):
            yield Lack(target, entry["why"], bool(entry["crowded"]))
