"""Replacing what is withheld, wherever in a result it stands: in an address, a transaction, or any words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from flowtrace.model import Address, Transfer, withheld

R = TypeVar("R")
_WORD = re.compile(r"[0-9A-Za-z]+")
_TELLING = 8  # letters of a hash or reference that is found in words too


class Masks:
    """What stands for what.

    Parameters
    ----------
    addresses
        Each withheld address with the name that stands for it.
    texts
        Each withheld text with what stands for it; found in any case, and with any signs between its words.
    transfers
        The transfers whose hash is withheld, each with the name that stands for the hash.
    """

    def __init__(
        self,
        addresses: Mapping[Address, str],
        texts: Mapping[str, str],
        transfers: Iterable[tuple[Transfer, str]] = (),
    ) -> None:
        self._addresses = {one: withheld(one.chain_id, name) for one, name in addresses.items()}
        every = {one.account: name for one, name in addresses.items()}
        every |= {one.short: name for one, name in addresses.items()}
        self._ids: dict[str, str] = {}
        for one, name in transfers:
            # A bank's reference may be a mere number, which stands for other things elsewhere.
            every |= {one.tx: name} if len(one.tx) >= _TELLING else {}
            self._ids[one.id] = one.id.replace(f":{one.tx}:", f":{name}:")
        every |= texts
        self._words = {text.casefold(): name for text, name in every.items() if _WORD.fullmatch(text)}
        phrases = [(text, name) for text, name in every.items() if text and not _WORD.fullmatch(text)]
        phrases.sort(key=lambda one: (-len(one[0]), one[0]))
        self._phrases = [(re.compile(_found(text), re.IGNORECASE), name) for text, name in phrases]
        self._done: dict[int, tuple[object, Any]] = {}

    def over(self, value: R) -> R:
        """Return a value with every withheld thing in it replaced; what holds none is the same object."""
        return self._over(value)  # type: ignore[no-any-return]

    def text(self, text: str) -> str:
        """Return words with every withheld one replaced."""
        if text in self._ids:
            return self._ids[text]
        for pattern, name in self._phrases:
            text = pattern.sub(name, text)
        if not self._words:
            return text
        return _WORD.sub(lambda found: self._words.get(found[0].casefold(), found[0]), text)

    def _over(self, value: Any) -> Any:  # noqa: ANN401  it walks whatever a result is made of
        if isinstance(value, Enum | int | float | None):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Address):
            return self._addresses.get(value, value)
        held = self._done.get(id(value))
        if held is None:
            # The value is kept with its answer, so that no other takes its id.
            held = self._done[id(value)] = (value, self._rebuilt(value))
        return held[1]

    def _rebuilt(self, value: Any) -> Any:  # noqa: ANN401  the same
        if isinstance(value, tuple | frozenset):
            new = [self._over(one) for one in value]
            return value if all(a is b for a, b in zip(value, new, strict=True)) else type(value)(new)
        if isinstance(value, Mapping):
            return {self._over(key): self._over(one) for key, one in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            old = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
            changed = {name: new for name, one in old.items() if (new := self._over(one)) != one}
            if isinstance(value, Transfer) and value.id in self._ids:
                changed["tx"] = self._ids[value.id].split(":")[-2]
            return replace(value, **changed) if changed else value
        return value


def _found(text: str) -> str:
    """Return a pattern for a text: its words in order, with any signs or none between them."""
    words = re.findall(r"\w+", text)
    if not words:
        return re.escape(text)
    end = re.escape(text[text.rindex(words[-1]) + len(words[-1]) :])
    after = f"(?:{end})?" if end else ""
    return r"(?<![^\W_])" + r"[\W_]*".join(map(re.escape, words)) + r"(?![^\W_])" + after
