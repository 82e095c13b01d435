"""Who can be asked, under which limits, and how each did in a case so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import Provider, key_value, providers


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source, and what the custody log of a case says of it.

    Attributes
    ----------
    key
        What its key is set under, and whether it is; empty where it takes none.
    answered, failed
        Requests of the case that it answered, and those that failed.
    """

    provider: Provider
    key: str
    answered: int = 0
    failed: int = 0
    last_error: str = ""

    @property
    def pace(self) -> str:
        """How fast it may be asked, in words."""
        return f"{self.provider.requests} per {self.provider.seconds:g} s"

    @property
    def state(self) -> str:
        """In one word or two, whether it can be asked, and how it does."""
        if not self.provider.ready:
            return "needs key"
        if self.failed and not self.answered:
            return "failing"
        return "ready" if not self.answered else "answering"


def sources(folder: Path | None = None) -> Iterator[SourceHealth]:
    """Yield every source, in the order in which they are asked."""
    answered: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    errors: dict[str, str] = {}
    if folder is not None:
        with EvidenceStore(folder / "evidence.sqlite", readonly=True) as store:
            answered.update(entry["source"] for entry in store.noted("acquired"))
            for entry in store.noted("failed"):
                failed[entry["source"]] += 1
                errors[entry["source"]] = entry["why"]
    for one in providers():
        yield SourceHealth(one, _key(one), answered[one.id], failed[one.id], errors.get(one.id, ""))


def _key(provider: Provider) -> str:
    if provider.key is None:
        return ""
    state = "set" if key_value(provider.key.name) else "not set"
    return f"{provider.key.name} {state}"
