"""TagPacks in GraphSense's own form, in and out: every field is kept, whether flowtrace uses it or not.

What a label holds beyond GraphSense's schema (``use`` of a deposit, ``asserted``, ``licence``) is written
into the tag's ``context``, which is free text there, and read back from it.

References
----------
GraphSense TagPack schema: https://github.com/graphsense/graphsense-tagpack-tool
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowtrace.labels.row import read_yaml
from flowtrace.labels.tagpack import OWN
from flowtrace.labels.vocabulary import CONFIDENCE, NETWORKS, USES
from flowtrace.model import Category, Label

_HEADER = ("title", "creator", "tags")
_TAG = ("label", "source", "currency", "network", "confidence")
_FLAGS = frozenset({"is_cluster_definer", "is_public"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# YAML takes these in quotes only as an escape.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_CODES = {chain: code for code, chain in reversed(NETWORKS.items())}
_CONCEPTS = {use: word for word, use in USES.items()}

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pack:
    """A TagPack as it is written: the header's fields, and each tag's own."""

    header: Fields
    tags: tuple[Fields, ...]

    def faults(self) -> Iterator[str]:
        """Yield what GraphSense's schema asks for and this pack lacks."""
        yield from (f"the header has no {name}" for name in _HEADER[:2] if not self.header.get(name))
        for number, tag in enumerate(self.tags, start=1):
            fields = {**self.header, **tag}
            yield from (f"tag {number} has no {name}" for name in _TAG if not fields.get(name))
            if not fields.get("address") and not fields.get("tx_hash"):
                yield f"tag {number} has no address or tx_hash"
            if fields.get("confidence") and fields["confidence"] not in CONFIDENCE:
                yield f"tag {number} has an unknown confidence {fields['confidence']!r}"


def read_pack(data: bytes, name: str) -> Pack:
    """Read a TagPack with all of its fields, as text and lists of text.

    Raises
    ------
    InputError
        If it is no YAML, or has no list of tags.
    """
    top = read_yaml(data, name)
    tags = tuple(_normal(row.fields) for row in top.rows("tags"))
    return Pack(_normal({key: value for key, value in top.fields.items() if key != "tags"}), tags)


def write_pack(pack: Pack) -> bytes:
    """Write a TagPack; reading it again gives an equal one."""
    lines = [f"{_key(key)}: {_value(key, value)}" for key, value in pack.header.items()]
    lines.append("tags:" if pack.tags else "tags: []")
    for tag in pack.tags:
        inner = [f"{_key(key)}: {_value(key, value)}" for key, value in tag.items()]
        lines += [("- " if n == 0 else "  ") + line for n, line in enumerate(inner)] or ["- {}"]
    return ("\n".join(lines) + "\n").encode()


def pack_of(labels: Iterable[Label], *, title: str, creator: str, description: str = "") -> Pack:
    """Return labels as a TagPack that holds to GraphSense's schema."""
    header = {"title": title, "creator": creator} | ({"description": description} if description else {})
    return Pack(header, tuple(map(_tag, labels)))


def _tag(label: Label) -> Fields:
    chain = label.address.chain
    network = _CODES.get(chain.name, chain.name)
    own = {"asserted": "true"} if label.asserted else {}
    own |= {"licence": label.licence} if label.licence else {}
    own |= {"use": label.use.value} if label.use and label.use not in _CONCEPTS else {}
    tag: dict[str, Any] = {
        "address": label.address.display,
        "label": label.text,
        "source": label.source,
        "currency": chain.symbol,
        "network": network,
        "confidence": label.confidence,
    }
    tag |= {"lastmod": label.date} if label.date else {}
    tag |= {"category": label.category.value} if label.category is not Category.OTHER else {}
    tag |= {"concepts": [_CONCEPTS[label.use]]} if label.use in _CONCEPTS else {}
    tag |= {"actor": label.entity.id} if label.entity else {}
    return tag | ({"context": json.dumps({OWN: own})} if own else {})


def _normal(fields: Fields) -> Fields:
    """Return fields with one spelling of yes and no."""
    return {key: _flag(value) if key in _FLAGS else value for key, value in fields.items()}


def _flag(value: Any) -> Any:  # noqa: ANN401  whatever a stranger wrote stays what it is
    known = {"true": "true", "false": "false", "True": "true", "False": "false"}
    return known.get(value, value) if isinstance(value, str) else value


def _key(key: str) -> str:
    return key if _PLAIN.fullmatch(key) else _quoted(key)


def _value(key: str, value: Any) -> str:  # noqa: ANN401  as YAML has it: text, lists and tables
    if isinstance(value, list):
        return "[" + ", ".join(_value("", item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(k))}: {_value('', v)}" for k, v in value.items()) + "}"
    text = str(value)
    bare = (key in _FLAGS and text in ("true", "false")) or (key == "lastmod" and _DAY.fullmatch(text))
    return text if bare else _quoted(text)


def _quoted(text: str) -> str:
    """Return text in double quotes, as JSON and YAML both read it."""
    return _ESCAPED.sub(lambda hit: f"\\u{ord(hit[0]):04x}", json.dumps(text, ensure_ascii=False))
