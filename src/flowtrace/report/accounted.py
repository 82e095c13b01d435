"""The money accounted for: every stolen base unit in one row of one table, or no export at all.

A tracing case was lost because its arithmetic did not reconcile (D'Aloia v Persons Unknown [2024] EWHC 2342
(Ch)); so this check is a gate before anything is written, not a warning after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.errors import IntegrityError
from flowtrace.model import (
    Account,
    Address,
    Category,
    Family,
    Hop,
    Result,
    Rule,
    Stop,
    StopReason,
    Taint,
    Theft,
)
from flowtrace.report.cells import plain
from flowtrace.report.credit import is_exchange_wallet

GROUPS = (
    "mixer",
    "exchange",
    "other service",
    "no data",
    "crowded address",
    "incomplete record",
    "at rest",
    "below minimum",
    "beyond budget",
    "no address",
    "network fees",
)
_BY_REASON = {
    StopReason.MIXER: "mixer",
    StopReason.DEPOSIT: "exchange",
    StopReason.NO_DATA: "no data",
    StopReason.CROWDED: "crowded address",
    StopReason.AT_REST: "at rest",
    StopReason.MINIMUM: "below minimum",
    StopReason.BUDGET: "beyond budget",
    StopReason.INCOMPLETE: "incomplete record",
}
_BY_CATEGORY = {Category.EXCHANGE: "exchange", Category.MIXER: "mixer"}
_NAMED = frozenset({"mixer", "exchange", "other service"})
NO_ORIGIN = "less: no stolen origin traced"
"""The row that takes off again what poison counts beyond the stolen amount, wherever it is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: where some of the money is, by each rule."""

    group: str
    name: str
    taint: Taint


@dataclass(frozen=True, slots=True)
class Accounted:
    """The table of one theft: under each rule, lines − clean = stolen.

    ``clean`` is value with no stolen origin traced that poison counts too; it is zero under every other rule.
    """

    theft: Theft
    lines: tuple[Line, ...]
    clean: Taint


def accounted(result: Result) -> tuple[Accounted, ...]:
    """Return the table of every theft.

    Raises
    ------
    IntegrityError
        If any row, theft and rule does not reconcile to the base unit; the message names it.
    """
    _check_hops(result)
    _check_stops(result)
    return tuple(_table(result, theft) for theft in result.incident.thefts)


def group_of(stop: Stop) -> tuple[str, str]:
    """Return the table's group and name for a stop; only mixers, exchanges and services are named."""
    category = stop.entity.category if stop.entity else Category.OTHER
    group = _BY_REASON.get(stop.reason) or _BY_CATEGORY.get(category, "other service")
    name = plain(stop.entity.name) if stop.entity else stop.address.display
    return group, name if group in _NAMED else ""


def _table(result: Result, theft: Theft) -> Accounted:
    accounts = {a.rule: a for a in result.trace.accounts if a.theft.id == theft.id}
    sums: dict[tuple[str, str], dict[Rule, int]] = defaultdict(lambda: dict.fromkeys(result.trace.rules, 0))
    for stop in _stops_of(result, theft):
        for rule in result.trace.rules:
            sums[group_of(stop)][rule] += stop.taint[rule]
    for rule in result.trace.rules:
        _check_account(theft, accounts.get(rule), sum(taint[rule] for taint in sums.values()))
    lines = [Line(group, name, dict(taint)) for (group, name), taint in sums.items()]
    lines.append(Line("network fees", "", {rule: accounts[rule].fees for rule in result.trace.rules}))
    lost = {rule: accounts[rule].unaddressed for rule in result.trace.rules}
    lines += [Line("no address", "", lost)] if any(lost.values()) else []
    lines.sort(key=lambda line: (GROUPS.index(line.group), line.name))
    return Accounted(theft, tuple(lines), {rule: accounts[rule].clean for rule in result.trace.rules})


def _stops_of(result: Result, theft: Theft) -> list[Stop]:
    stops = [stop for stop in result.trace.stops if stop.theft == theft.id]
    for stop in stops:
        if stop.asset != theft.asset:
            _refuse(
                theft.id, None, f"row {stop.address}: it rests in {stop.asset}, the theft is of {theft.asset}"
            )
    return stops


def _check_account(theft: Theft, account: Account | None, resting: int) -> None:
    if account is None:
        _refuse(theft.id, None, "a rule has no reconciliation row")
        return
    if account.stolen != theft.units:
        _refuse(theft.id, account.rule, f"row stolen: {account.stolen}, the theft is {theft.units}")
    if account.clean and account.rule is not Rule.POISON:
        _refuse(theft.id, account.rule, f"row clean: {account.clean}, only poison may count clean value")
    if account.resting != resting:
        _refuse(
            theft.id, account.rule, f"row resting: the stops sum to {resting}, the account {account.resting}"
        )
    if not account.balances:
        found = account.resting + account.fees + account.unaddressed
        difference = account.stolen + account.clean - found
        _refuse(theft.id, account.rule, f"row total: stolen + clean − resting − fees = {difference}, not 0")


def _check_hops(result: Result) -> None:
    for hop in result.trace.hops:
        for rule, units in hop.taint.items():
            if not 0 <= units <= hop.amount.units:
                moved = hop.amount.units
                _refuse(hop.theft, rule, f"row [{hop.row}]: {units} tainted of {moved} moved")


def _check_stops(result: Result) -> None:
    arrived = _arrived(result.trace.hops)
    stolen = {theft.thief: theft for theft in result.incident.thefts}
    for stop in result.trace.stops:
        for rule, units in stop.taint.items():
            # Under poison an address counts whole, with what others sent it: no bound by what came.
            if rule is not Rule.POISON and units > stop.received and stop.address not in stolen:
                _refuse(stop.theft, rule, f"row {stop.address}: {units} tainted of {stop.received} received")
            came = arrived[stop.theft, stop.address][rule]
            if differs(stop, units, came):
                _refuse(stop.theft, rule, f"row {stop.address}: {units} rests, the hops bring {came}")


def differs(stop: Stop, rests: int, came: int) -> bool:
    """Tell whether what rests at an exchange is not what the hops bring to it.

    On UTXO chains an exchange's transaction that is on the ledger for another reason may spend tainted coins,
    so there less may rest than came; never more.
    """
    if stop.reason is not StopReason.DEPOSIT and not is_exchange_wallet(stop):
        return False
    coins = stop.address.chain.family is Family.UTXO
    return rests > came if coins else rests != came


def _arrived(hops: Iterable[Hop]) -> dict[tuple[str, Address | None], dict[Rule, int]]:
    sums: dict[tuple[str, Address | None], dict[Rule, int]] = defaultdict(lambda: defaultdict(int))
    for hop in hops:
        for rule, units in hop.taint.items():
            sums[hop.theft, hop.target][rule] += units
    return sums


def _refuse(theft: str, rule: Rule | None, what: str) -> None:
    under = f", rule {rule.words}" if rule else ""
    msg = f"the money does not add up (theft {theft}{under}): {what}; nothing is exported"
    raise IntegrityError(msg)
