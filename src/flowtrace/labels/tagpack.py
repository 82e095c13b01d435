"""TagPacks and ActorPacks: GraphSense's form of attribution, read into labels and entities.

The project's own packs are TagPacks with additions. A header may keep a table ``sources`` (key to source,
confidence, lastmod, licence), and a tag's ``source`` may name several of its keys: it then stands for all who
say so, with the confidence and date of the strongest. ``use`` tells what the address does, ``asserted`` marks
a third party's word (class X).

References
----------
GraphSense TagPack schema: https://github.com/graphsense/graphsense-tagpack-tool
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flowtrace.errors import InputError
from flowtrace.labels.row import Row, read_yaml
from flowtrace.labels.untrusted import LONGEST
from flowtrace.labels.vocabulary import CATEGORIES, CONFIDENCE, ELSEWHERE, NETWORKS, USES
from flowtrace.model import Address, Category, Chain, Entity, Label, Use

Entities = Mapping[str, Entity]
OWN = "flowtrace"
_STRANGE, _LONGEST_ID = re.compile("[^a-z0-9_.-]"), 64
OWN_FIELDS = ("asserted", "licence", "use")


@dataclass(frozen=True, slots=True)
class _Source:
    text: str
    confidence: str
    date: str
    licence: str = ""

    @property
    def rank(self) -> tuple[int, str]:
        return CONFIDENCE[self.confidence], self.date


def read_entities(data: bytes, name: str) -> dict[str, Entity]:
    """Read an ActorPack: every actor by its id.

    Raises
    ------
    InputError
        If the file or one of its actors cannot be used; the message names both.
    """
    found: dict[str, Entity] = {}
    for row in read_yaml(data, name).rows("actors"):
        entity = _entity(row)
        if found.setdefault(entity.id, entity) != entity:
            row.refuse(f"repeats the id {entity.id!r} of another actor: give it its own")
    return found


def read_tagpack(data: bytes, name: str, entities: Entities) -> tuple[Label, ...]:
    """Read a TagPack, in its own order.

    Left out are tags of chains flowtrace does not follow and tags of transactions: no address of a case could
    ever ask for them.

    Raises
    ------
    InputError
        If the file or one of its tags cannot be used; the message names both.
    """
    header = read_yaml(data, name)
    label_of = label_reader(header, entities)
    found = (label_of(row) for row in header.rows("tags"))
    return tuple(label for label in found if label is not None)


def label_reader(header: Row, entities: Entities) -> Callable[[Row], Label | None]:
    """Return what reads one tag under a header; None of one that no address of a case could ever ask for."""
    sources = {key: _stated(row) for key, row in header.named("sources").items()}
    inherited = {key: value for key, value in header.fields.items() if key not in {"tags", "sources"}}

    def label_of(tag: Row) -> Label | None:
        row = Row(tag.where, {**inherited, **tag.fields})
        return _label(row, sources, entities) if _followed(row) else None

    return label_of


def _entity(row: Row) -> Entity:
    category = _categories(row, "categories") or (Category.OTHER,)
    return Entity(_id(row.text("id")), row.text("label", LONGEST), category[0], row.optional("uri"))


def _id(text: str) -> str:
    """Return an actor's id in the plain form that may name a folder: GraphSense has some in capitals."""
    plain = _STRANGE.sub("-", text.lower())[:_LONGEST_ID]
    return re.sub(r"\.\.+", ".", plain).lstrip("-_.") or "unnamed"


def _stated(row: Row) -> _Source:
    said = (row.text("source"), _confidence(row) or "unknown", row.day("lastmod"))
    return _Source(*said, row.optional("licence", LONGEST))


def _confidence(row: Row) -> str:
    found = row.optional("confidence")
    if found and found not in CONFIDENCE:
        row.refuse(f"has confidence {found!r}: use one of {', '.join(CONFIDENCE)}")
    return found


def _followed(row: Row) -> bool:
    if "address" not in row.fields and "tx_hash" in row.fields:
        return False
    return _network(row).upper() not in ELSEWHERE


def _network(row: Row) -> str:
    return row.optional("network") or row.text("currency")


def _label(row: Row, sources: Mapping[str, _Source], entities: Entities) -> Label:
    row = _with_own_words(row)
    category, use = _kind(row)
    said = _said(row, sources)
    strongest = max(said, key=lambda one: one.rank)
    return Label(
        address=_address(row),
        text=row.text("label", LONGEST),
        category=category,
        use=use,
        entity=_actor(row, category, entities),
        source="; ".join(one.text for one in said),
        confidence=_confidence(row) or strongest.confidence,
        date=row.day("lastmod") or strongest.date,
        asserted=_flag(row, "asserted"),
        licence="; ".join(dict.fromkeys(one.licence for one in said if one.licence)),
    )


def _with_own_words(row: Row) -> Row:
    """Return a tag with what flowtrace wrote into its context, where GraphSense's schema has no field."""
    context = row.fields.get("context")
    if not isinstance(context, str) or OWN not in context:
        return row
    try:
        own = json.loads(context)[OWN]
    except (ValueError, RecursionError, KeyError, TypeError):
        return row  # a stranger's context: any text is allowed there
    kept = {key: own[key] for key in OWN_FIELDS if key in own} if isinstance(own, dict) else {}
    return Row(row.where, {**row.fields, **kept})


def _address(row: Row) -> Address:
    network = _network(row)
    try:
        chain = Chain.of(NETWORKS.get(network.upper(), network))
        return Address.parse(chain, row.text("address"))
    except InputError as fault:
        row.refuse(str(fault))


def _said(row: Row, sources: Mapping[str, _Source]) -> tuple[_Source, ...]:
    """Return every source of a tag: keys of the header's table, or the tag's own words."""
    value = row.fields.get("source")
    keys = row.words("source") if isinstance(value, list) else [row.text("source")]
    unknown = [key for key in keys if key not in sources]
    if not unknown and keys:
        return tuple(sources[key] for key in keys)
    if isinstance(value, list):
        row.refuse(f"has source {unknown}, which is not among the header's sources: add it there")
    return (_stated(row),)


def _kind(row: Row) -> tuple[Category, Use]:
    """Return what the actor is and what the address does, from category, concepts, abuse and use."""
    words = [row.optional("category"), *row.words("concepts")]
    uses = [USES[word] for word in words if word in USES]
    categories = [_category(row, word) for word in words if word and word not in USES]
    category = next((found for found in categories if found is not Category.OTHER), Category.OTHER)
    if category is Category.OTHER and row.optional("abuse"):
        category = Category.PERPETRATOR
    return category, _use(row) or (uses or [Use.UNSPECIFIED])[0]


def _use(row: Row) -> Use:
    found = row.optional("use")
    if found not in set(Use):
        row.refuse(f"has use {found!r}: use one of {', '.join(filter(None, Use))}")
    return Use(found)


def _categories(row: Row, key: str) -> tuple[Category, ...]:
    found = [_category(row, word) for word in row.words(key) if word not in USES]
    return tuple(sorted(found, key=lambda one: one is Category.OTHER))


def _category(row: Row, word: str) -> Category:
    known = CATEGORIES.get(word)
    return known or row.refuse(f"has category {word!r}: use one of {', '.join(sorted(CATEGORIES))}")


def _actor(row: Row, category: Category, entities: Entities) -> Entity | None:
    name = row.optional("actor", LONGEST)
    if not name:
        return None
    return entities.get(_id(name)) or Entity(_id(name), name, category)


def _flag(row: Row, key: str) -> bool:
    found = row.optional(key) or "false"
    return found == "true" or (found != "false" and row.refuse(f"has {key} {found!r}: write true or false"))
