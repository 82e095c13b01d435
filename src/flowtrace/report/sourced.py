"""Sources of funds as sentences and as data."""

from __future__ import annotations

from typing import Any

from flowtrace.model import Origin, Result, Source
from flowtrace.report.cells import count, exact_amount, money, plain, share

Json = dict[str, Any]
_SHARED = (
    "Under {rule} units have no order: the shares are an attribution in proportion over every payment of the "
    "way, no identity."
)


def origin_json(result: Result, origin: Origin) -> Json:
    """Return sources of funds as data, every amount as text; they sum to what was received."""
    return {
        "address": str(origin.address),
        "asset": str(origin.asset),
        "rule": origin.rule.value,
        "exact": origin.is_exact,
        "received": money(origin.asset, origin.received),
        "sources": [
            {
                "kind": source.kind.value,
                "address": str(source.address) if source.address else "",
                "theft": plain(source.theft),
                "entity": source.entity.id if source.entity else "",
                "why_it_ends": plain(source.why),
                **money(origin.asset, source.units),
            }
            for source in origin.sources
        ],
        "followed": [str(address) for address in origin.followed],
        "case_digest": result.digest,
    }


def origin_text(origin: Origin) -> list[str]:
    """Return sources of funds as sentences, the largest first."""
    came = exact_amount(origin.asset, origin.received)
    looked = count(len(origin.followed), "address")
    rule = origin.rule.words
    head = f"Under {rule}, the {came} that came to {origin.address.display} are of ({looked} looked through):"
    lines = [head, *(_sentence(origin, source) for source in origin.sources)]
    return lines if origin.is_exact else [*lines, _SHARED.format(rule=rule)]


def _sentence(origin: Origin, source: Source) -> str:
    part = f"{exact_amount(origin.asset, source.units)} ({share(source.units, origin.received)})"
    who = source.address.display if source.address else ""
    named = f", {plain(source.entity.name)}" if source.entity else ""
    theft = f" {plain(source.theft)} of" if source.theft else ""
    return f"{part}: {source.kind.value}{theft} {who}{named}; {plain(source.why)}."
