"""The addresses of a flow as the viewer takes them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flowtrace.model import Address, Asset, Category, Class, Label, Stop, Use
from flowtrace.report.cells import plain
from flowtrace.report.diagram.captions import amounts_text
from flowtrace.report.graph import node_data
from flowtrace.report.viewer.index import Index
from flowtrace.report.viewer.shares import MILLION, once, worth_of

Json = dict[str, Any]
_AUTHORITY, _SANCTION = "authority_data", re.compile(r"\bSDN\b|sanction", re.IGNORECASE)
_LONGEST = 300  # characters of a stranger's label: more is no label


def nodes(index: Index, at: Mapping[str, tuple[int, int]]) -> list[Json]:
    """Return every address: what it is, what came to it, why the trace ends there, who says what of it."""
    owners = {a: n for n, cluster in enumerate(index.result.clusters) for a in cluster.members}
    return [
        _node(index, address, at=at[str(address)], owner=owners.get(address, -1)) for address in index.number
    ]


def _node(index: Index, address: Address, *, at: tuple[int, int], owner: int) -> Json:
    facts = index.facts
    data = {name: plain(text) for name, text in node_data(address, facts).items()}
    stops, kind = facts.stops.get(address, ()), facts.kind(address)
    claims = [claim for stop in stops for claim in stop.claims]
    came = _came(index, address)
    labels = dict.fromkeys((*claims, *index.result.labels.get(address, ())))
    return {
        "id": str(address),
        "a": address.display,
        "short": address.short,
        "lane": index.lanes[address.chain_id],
        "k": index.kinds[kind],
        "t": facts.title((address,), kind),
        "line": _line(index, address),
        "at": list(at),
        "cls": data["cls"],
        "role": data["role"],
        "entity": data["entity"] or data["counterparty"],
        "share": once(_greatest(came, len(index.rules))),
        "came": came,
        "stops": [_stop(index, stop) for stop in stops],
        "labels": [_label(label) for label in labels],
        "frozen": [plain(label.text)[:_LONGEST] for label in labels if label.use is Use.FROZEN],
        "listed": next((f"sanctions list {plain(one.date)[:10]}" for one in labels if _is_listing(one)), ""),
        "owner": owner,
    }


def _is_listing(label: Label) -> bool:
    """Whether a label repeats an authority's own list of sanctions; a perpetrator elsewhere is not listed."""
    official = label.confidence == _AUTHORITY and label.category is Category.PERPETRATOR
    return official and not label.asserted and bool(_SANCTION.search(label.text))


def _came(index: Index, address: Address) -> list[Json]:
    """Return what came, by theft and asset, with its part of the theft."""
    found: dict[tuple[str, Asset], list[int]] = defaultdict(list)
    for n in index.into.get(address, ()):
        found[index.hops[n].theft, index.hops[n].amount.asset].append(n)
    return [
        {
            "th": index.thefts[theft],
            "a": index.assets[asset],
            "n": len(some),
            **index.summed(some),
            "share": once(_worth(index, (theft, asset), some)),
        }
        for (theft, asset), some in found.items()
    ]


def _worth(index: Index, what: tuple[str, Asset], some: Iterable[int]) -> tuple[int, ...]:
    hops = [index.hops[n] for n in some]
    return worth_of(index.worth, what, [sum(hop.taint[rule] for hop in hops) for rule in index.rules])


def _greatest(came: Iterable[Json], rules: int) -> list[int]:
    """Return the share of an address under each rule: of the theft of which the most came, all at most."""
    by_theft: dict[int, list[int]] = {}
    for one in came:
        share = one["share"] if isinstance(one["share"], list) else [one["share"]] * rules
        sums = by_theft.setdefault(one["th"], [0] * rules)
        sums[:] = [a + b for a, b in zip(sums, share, strict=True)]
    return [min(max(parts), MILLION) for parts in zip(*by_theft.values(), strict=True)] or [0]


def _line(index: Index, address: Address) -> str:
    """Return in a few words what came, or what went out where nothing came."""
    for words, some in (("in", index.into.get(address, ())), ("out", index.out.get(address, ()))):
        amounts = {(index.hops[n].transfer.id, index.hops[n].leg): index.hops[n].amount for n in some}
        if amounts:
            return f"{words} {amounts_text(amounts.values())}"
    return ""


def _stop(index: Index, stop: Stop) -> Json:
    return {
        "th": index.thefts.get(stop.theft, 0),
        "a": index.assets[stop.asset],
        "why": stop.reason.value,
        "entity": plain(stop.entity.name) if stop.entity else "",
        "u": str(stop.received),
        "n": stop.transfers,
        **index.stated(stop.taint),
        "share": once(
            worth_of(index.worth, (stop.theft, stop.asset), [stop.taint[rule] for rule in index.rules])
        ),
        "cls": stop.cls.value,
        "basis": plain(stop.basis),
    }


def _label(label: Label) -> Json:
    return {
        "text": plain(label.text)[:_LONGEST],
        "what": label.category.value,
        "source": plain(label.source),
        "confidence": plain(label.confidence),
        "date": plain(label.date),
        "cls": Class.X.value if label.asserted else "",
    }
