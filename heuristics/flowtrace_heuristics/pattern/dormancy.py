"""Dormancy: nothing leaves for half a year, then most of it moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Kind, Pattern, RuleCard
from flowtrace_heuristics.pattern.moves import MOST_SHOWN, amount_of, ids, named

SLEEP = 180 * 24 * 3600
WAKING = 7 * 24 * 3600
MOVED_PERCENT = 50
_FEE, _PAIR = tuple(Kind).index(Kind.FEE), 2

CARD = RuleCard(
    id="dormancy",
    version=1,
    claim=(
        "Of an asset that an address held, nothing was paid out for 180 days or more; then half or more of "
        "what had lain there that long was paid out within 7 days."
    ),
    cls=Class.P,
    citation=(
        "FATF 2020, Virtual Assets Red Flag Indicators of Money Laundering and Terrorist Financing (sudden "
        "use of a dormant account); thresholds of flowtrace pattern 4.6"
    ),
    parameters=(
        ("no_payment_for_at_least_seconds", str(SLEEP)),
        ("moved_at_least_percent", str(MOVED_PERCENT)),
        ("moved_within_seconds", str(WAKING)),
        ("transfers_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        "savings are dormant too, and estates are settled late",
        "the balance is what the record shows: receipts that are not on record make it too small",
    ),
    falsified_by="a payment in between is found that the record lacks",
)


@dataclass(slots=True)
class _Holding:
    """One address's holding of one asset, as the chain goes on."""

    balance: int = 0
    idle_since: int | None = None
    late: list[tuple[int, int]] = field(default_factory=list)
    """(time, units) received since the last payment."""
    slept: int = 0
    old: int = 0
    woke: int = 0
    moved: int = 0
    places: list[int] = field(default_factory=list)

    def receive(self, units: int, time: int) -> None:
        self.balance += units
        self.idle_since = time if self.idle_since is None else self.idle_since
        self.late.append((time, units))

    def pay(self, units: int, time: int, place: int) -> bool:
        """Take a payment in; tell whether with it a sleeper has moved enough for the first time."""
        since = time if self.idle_since is None else self.idle_since
        if time - since >= SLEEP:
            young = sum(units for at, units in self.late if at > time - SLEEP)
            self.old, self.woke, self.slept = max(0, self.balance - young), time, time - since
            self.moved, self.places = 0, []
        before = self.moved
        if self.old and time - self.woke <= WAKING:
            self.moved += units
            self.places.append(place)
        self.balance = max(0, self.balance - units)
        self.idle_since, self.late = time, []
        enough = self.old * MOVED_PERCENT
        return bool(self.old) and before * 100 < enough <= self.moved * 100


@heuristic(CARD)
def dormancy(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each waking, once it has moved enough."""
    if not len(ledger) or max(ledger.time) - min(ledger.time) < SLEEP:
        return
    held: dict[tuple[int, int], _Holding] = {}
    for place in range(len(ledger)):
        fee, time = ledger.kind[place] == _FEE, ledger.time[place]
        if not ledger.ok[place] and not fee:
            continue
        for key, change in _changes(ledger, place):
            holding = held.get(key)
            if holding is None:
                holding = held[key] = _Holding()
            if change > 0:
                holding.receive(change, time)
            elif fee:
                holding.balance = max(0, holding.balance + change)
            elif holding.pay(-change, time, place) and attribution.service(ledger.addresses[key[0]]) is None:
                yield _pattern(ledger, key, holding)


def _changes(ledger: Ledger, place: int) -> list[tuple[tuple[int, int], int]]:
    """Return by how much a transfer changes what each of its addresses holds, by asset; none by nothing."""
    first, end = ledger.start[place], ledger.start[place + 1]
    if end - first == _PAIR:  # as almost every transfer of an account is
        giver, taker = ledger.leg_address[first], ledger.leg_address[first + 1]
        asset, units = ledger.leg_asset[first], ledger.leg_units[first]
        if not units or giver == taker:
            return []
        both = (((giver, asset), -units), ((taker, asset), units))
        return [one for one in both if one[0][0] >= 0]
    changes: dict[tuple[int, int], int] = {}
    for leg in range(first, end):
        number = ledger.leg_address[leg]
        if number >= 0:
            key = (number, ledger.leg_asset[leg])
            units = ledger.leg_units[leg]
            changes[key] = changes.get(key, 0) + (units if ledger.leg_side[leg] else -units)
    return [(key, change) for key, change in changes.items() if change]


def _pattern(ledger: Ledger, key: tuple[int, int], holding: _Holding) -> Pattern:
    days = holding.slept // (24 * 3600)
    figures = (
        ("asset", str(ledger.assets[key[1]])),
        ("slept_seconds", str(holding.slept)),
        ("units_held", str(holding.old)),
        ("units_moved", str(holding.moved)),
        ("payments", str(len(holding.places))),
    )
    moved, old = (amount_of(ledger.assets[key[1]], units) for units in (holding.moved, holding.old))
    more = ", more than the record shows" if holding.moved > holding.old else ""
    detail = f"nothing paid for {days} days, then {moved}; {old} had lain there that long{more}"
    because = ids(ledger, holding.places)
    return Pattern("dormancy", named(ledger, (key[0],)), by(CARD), because, Class.P, figures, detail)
