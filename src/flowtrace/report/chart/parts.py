"""The parts a stolen amount ends in, for charts: what is accounted for, with what is frozen apart."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from flowtrace.errors import IntegrityError
from flowtrace.model import Asset, Result, Rule, Stop, Taint, Theft, Use
from flowtrace.report.accounted import GROUPS, Accounted, accounted, group_of

FROZEN = "frozen by an issuer"


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the money, by each rule: a group of the table, with the entity's name where it has one."""

    group: str
    name: str
    taint: Taint

    @property
    def title(self) -> str:
        """As a chart calls it."""
        return f"{self.name} ({self.group})" if self.name else self.group


@dataclass(frozen=True, slots=True)
class Whole:
    """What a theft is or became of one asset: under each rule parts − clean = whole, exactly."""

    theft: Theft
    asset: Asset
    whole: Taint
    clean: Taint
    parts: tuple[Part, ...]
    became: bool


def wholes(result: Result) -> tuple[Whole, ...]:
    """Return every theft and asset with its parts, what is frozen taken out of where it rests.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    """
    return tuple(_whole(result, table) for table in accounted(result))


def frozen_at(result: Result, stop: Stop) -> bool:
    """Whether an issuer keeps what rests at a stop from being moved: the label names the stop's asset."""
    labels = result.labels.get(stop.address, ())
    return any(label.use is Use.FROZEN and str(stop.asset) in label.source for label in labels)


def _whole(result: Result, table: Accounted) -> Whole:
    rules, asset = result.trace.rules, table.theft.asset
    sums: dict[tuple[str, str], dict[Rule, int]] = {
        (line.group, line.name): dict(line.taint) for line in table.lines
    }
    held: dict[Rule, int] = defaultdict(int)
    for stop in result.trace.stops:
        if (stop.theft, stop.asset) == (table.theft.id, asset) and frozen_at(result, stop):
            for rule in rules:
                sums[group_of(stop)][rule] -= stop.taint[rule]
                held[rule] += stop.taint[rule]
    parts = [Part(FROZEN, "", dict(held))] if any(held.values()) else []
    order = sorted(sums, key=lambda key: (GROUPS.index(key[0]), key[1]))
    parts += [Part(*key, sums[key]) for key in order if any(sums[key].values())]
    for rule in rules:
        total = sum(part.taint[rule] for part in parts) - table.clean[rule]
        if total != table.whole[rule] or any(part.taint[rule] < 0 for part in parts):
            msg = f"a chart of theft {table.theft.id} under {rule.words}: {total}, not {table.whole[rule]}"
            raise IntegrityError(msg)
    return Whole(table.theft, asset, table.whole, table.clean, tuple(parts), table.became)
