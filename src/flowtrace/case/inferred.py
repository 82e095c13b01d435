"""``[crossings]`` of a ``case.toml``: what the case says of crossings that no key joins.

[crossings]
keyless = true                   # follow what amount and time alone join; without it they are only listed
swappers = ["someswap"]          # actors of the case's labels that swap without a key, beside the shipped

[crossings.habit.fixedfloat]     # a habit learnt from orders that are known, instead of the usual bounds
source = "40 orders of the victim's own"
kept_edges = [0, 5000, 10000]    # millionths of the deposit's worth; one more edge than weights
kept_weights = [3, 30]
delay_edges = [60, 300, 900]     # seconds
delay_weights = [20, 13]

[[crossings.quotes]]             # a price that a person states, beside those that were fetched
asset = "eip155:1/slip44:60"
time = 1700000000                # unix seconds
usd = "2000.5"                   # dollars for one whole coin
source = "the exchange's daily record"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowtrace.crossing.keyless import Habit, Steps
from flowtrace.errors import InputError
from flowtrace.model import Asset, Price

_KNOWN = frozenset({"habit", "keyless", "quotes", "swappers"})
_QUOTE = ("asset", "time", "usd", "source")
_DOLLARS = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?")
_HABIT = ("source", "kept_edges", "kept_weights", "delay_edges", "delay_weights")


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a case says of crossings without a key.

    Attributes
    ----------
    keyless
        Whether what amount and time alone join is followed.
    swappers
        Ids of actors that swap without a key, beside the shipped ones.
    habits
        By a swapper's id, the habit that was learnt of it.
    sources
        Of each, where it was learnt.
    quotes
        Prices that a person states.
    """

    keyless: bool = False
    swappers: tuple[str, ...] = ()
    habits: Mapping[str, Habit] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    quotes: tuple[Price, ...] = ()

    @property
    def stated(self) -> Iterator[tuple[str, str]]:
        """As parameters of the report; nothing where the case says nothing."""
        if self.keyless:
            yield "crossings keyless", "followed"
        if self.swappers:
            yield "crossings swappers", ", ".join(self.swappers)
        for name, habit in sorted(self.habits.items()):
            steps = (f"{edges.edges} {edges.weights}" for edges in (habit.kept, habit.delay))
            yield f"crossings habit {name}", f"{'; '.join(steps)}, by {self.sources[name]}"
        for one in self.quotes:
            yield f"crossings quote {one.asset} {one.time}", f"{one.usd}, by {one.source}"


def read_inferred(table: Mapping[str, Any], path: Path) -> Inferred:
    """Read the table.

    Raises
    ------
    InputError
        If a setting is not known, or of no use; the message names it.
    """
    wrong = sorted(set(table) - _KNOWN)
    if wrong:
        raise InputError(
            f"{path}: unknown setting crossings.{wrong[0]}; known are {', '.join(sorted(_KNOWN))}"
        )
    keyless, swappers = table.get("keyless", False), table.get("swappers", [])
    if not isinstance(keyless, bool):
        raise InputError(f"{path}: crossings.keyless is {keyless!r}: write true or false")
    if not isinstance(swappers, list) or not all(isinstance(one, str) for one in swappers):
        raise InputError(f'{path}: crossings.swappers is not a list of ids: write swappers = ["ID"]')
    rows = table.get("habit", {})
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise InputError(f"{path}: write a habit as a table: [crossings.habit.ID]")
    habits = {name: _habit(row, f"{path}, crossings.habit.{name}") for name, row in rows.items()}
    quotes = table.get("quotes", [])
    if not isinstance(quotes, list) or not all(isinstance(row, dict) for row in quotes):
        raise InputError(f"{path}: write a quote as a table: [[crossings.quotes]]")
    stated = [_quote(row, f"{path}, crossings.quotes, row {n}") for n, row in enumerate(quotes, start=1)]
    sources = {name: rows[name]["source"] for name in habits}
    return Inferred(keyless, tuple(swappers), habits, sources, tuple(stated))


def _quote(row: Mapping[str, Any], where: str) -> Price:
    if set(row) != set(_QUOTE):
        raise InputError(f"{where}: write {', '.join(_QUOTE)}, and nothing else")
    time, usd = row["time"], row["usd"]
    if type(time) is not int or time < 0 or not isinstance(usd, str) or not _DOLLARS.fullmatch(usd):
        raise InputError(f'{where}: time is unix seconds, usd a decimal number as text: usd = "2000.5"')
    try:
        return Price(Asset.of(str(row["asset"])), time, usd, time, str(row["source"]))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _habit(row: Mapping[str, Any], where: str) -> Habit:
    wrong = [f"{name} is missing" for name in _HABIT if not row.get(name)]
    wrong += [f"unknown setting {name}" for name in row if name not in _HABIT]
    if wrong or not isinstance(row["source"], str):
        said = wrong[0] if wrong else "source is no text"
        raise InputError(f"{where}: {said}; known are {', '.join(_HABIT)}")
    lists = [row[name] for name in _HABIT[1:]]
    if not all(isinstance(one, list) for one in lists):
        raise InputError(f"{where}: edges and weights are lists of whole numbers")
    kept, weights, delay, others = (tuple(one) for one in lists)
    try:
        return Habit(Steps(kept, weights), Steps(delay, others))
    except (InputError, TypeError) as error:
        raise InputError(f"{where}: {error}") from None
