"""The parts a stolen amount ends in, for charts: the table of what is accounted for."""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.errors import IntegrityError
from flowtrace.model import Asset, Result, Taint, Theft
from flowtrace.report.accounted import GROUPS, Accounted, accounted


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
    """Return every theft and asset with its parts.

    Raises
    ------
    IntegrityError
        If the money does not add up.
    """
    return tuple(_whole(result, table) for table in accounted(result))


def _whole(result: Result, table: Accounted) -> Whole:
    rules, asset = result.trace.rules, table.theft.asset
    sums = {(line.group, line.name): line.taint for line in table.lines}
    order = sorted(sums, key=lambda key: (GROUPS.index(key[0]), key[1]))
    parts = [Part(*key, sums[key]) for key in order if any(sums[key].values())]
    for rule in rules:
        total = sum(part.taint[rule] for part in parts) - table.clean[rule]
        if total != table.whole[rule] or any(part.taint[rule] < 0 for part in parts):
            said = f"sums to {total}, not {table.whole[rule]}"
            raise IntegrityError(f"a chart of theft {table.theft.id} under {rule.words} {said}")
    return Whole(table.theft, asset, table.whole, table.clean, tuple(parts), table.became)
