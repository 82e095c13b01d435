"""The money accounted for: every stolen base unit in one row of one table, or no export at all.

A tracing case was lost because its arithmetic did not reconcile (D'Aloia v Persons Unknown [2024] EWHC 2342
(Ch)); so this check is a gate before anything is written, not a warning after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from flowtrace.errors import IntegrityError
from flowtrace.model import (
    Account,
    Address,
    Asset,
    Category,
    Chain,
    Family,
    Hop,
    Result,
    Rule,
    Stop,
    StopReason,
    Taint,
    Theft,
    envelope,
)
from flowtrace.report.cells import plain
from flowtrace.report.credit import is_exchange_wallet, passed_on
from flowtrace.report.frozen import frozen_of

EXCHANGED, OVERTAKEN = "exchanged for another asset", "taken by a later theft"
FROZEN = "frozen by the issuer"
FEES, BURNT, CHARGES = "network fees", "burnt or withheld", "bank charges"
GROUPS = (
    "mixer",
    "exchange",
    "bank",
    "other service",
    "bridge, not matched",
    "no data",
    "crowded address",
    "incomplete record",
    FROZEN,
    "at rest",
    "below minimum",
    "beyond budget",
    "no address",
    EXCHANGED,
    OVERTAKEN,
    BURNT,
    CHARGES,
    FEES,
)
_BY_REASON = {
    StopReason.MIXER: "mixer",
    StopReason.DEPOSIT: "exchange",
    StopReason.BRIDGE: "bridge, not matched",
    StopReason.NO_DATA: "no data",
    StopReason.CROWDED: "crowded address",
    StopReason.AT_REST: "at rest",
    StopReason.MINIMUM: "below minimum",
    StopReason.BUDGET: "beyond budget",
    StopReason.INCOMPLETE: "incomplete record",
}
_BY_CATEGORY = {Category.EXCHANGE: "exchange", Category.MIXER: "mixer", Category.BANK: "bank"}
_NAMED = frozenset({"mixer", "exchange", "bank", "other service", "bridge, not matched"})
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
    """The table of one theft: under each rule, lines − clean = whole.

    Attributes
    ----------
    theft
        With its own asset and units; for what it was exchanged for, with that asset, and the most of it that
        came under any conserving rule.
    clean
        Value with no stolen origin traced that poison counts too; it is zero under every other rule.
    whole
        The stolen units, the same under every rule; for an exchange what came by it, which the rule decides.
    became
        Whether this is what the theft was exchanged for.
    """

    theft: Theft
    lines: tuple[Line, ...]
    clean: Taint
    whole: Taint
    became: bool = False


def accounted(result: Result) -> tuple[Accounted, ...]:
    """Return the table of every theft.

    Raises
    ------
    IntegrityError
        If any row, theft and rule does not reconcile to the base unit; the message names it.
    """
    _check_hops(result)
    _check_stops(result)
    return tuple(
        _table(result, theft, asset) for theft in result.incident.thefts for asset in _assets(result, theft)
    )


def _assets(result: Result, theft: Theft) -> list[Asset]:
    """Return a theft's own asset, then those it was exchanged for."""
    held = dict.fromkeys(a.of for a in result.trace.accounts if a.theft.id == theft.id)
    return list(dict.fromkeys((theft.asset, *held)))


def group_of(result: Result, stop: Stop) -> tuple[str, str]:
    """Return the table's group and name for a stop; only mixers, exchanges, banks and services are named.

    Value that its issuer has frozen at nobody's address in particular is named by the issuer.
    """
    category = stop.entity.category if stop.entity else Category.OTHER
    group = _BY_REASON.get(stop.reason) or _BY_CATEGORY.get(category, "other service")
    name = plain(stop.entity.name) if stop.entity else stop.address.display
    if group in _NAMED:
        return group, name
    frozen = frozen_of(result, stop)
    return (FROZEN, plain(frozen.issuer)) if frozen else (group, "")


def _table(result: Result, theft: Theft, asset: Asset) -> Accounted:
    rules = result.trace.rules
    accounts = {a.rule: a for a in result.trace.accounts if (a.theft.id, a.of) == (theft.id, asset)}
    sums: dict[tuple[str, str], dict[Rule, int]] = defaultdict(lambda: dict.fromkeys(rules, 0))
    for stop in _stops_of(result, theft, asset):
        for rule in rules:
            sums[group_of(result, stop)][rule] += stop.taint[rule]
    for rule in rules:
        _check_account(theft, accounts.get(rule), sum(taint[rule] for taint in sums.values()))
    lines = [Line(group, name, dict(taint)) for (group, name), taint in sums.items()]
    for group, gone in (
        (_spent(asset), {rule: accounts[rule].fees for rule in rules}),
        ("no address", {rule: accounts[rule].unaddressed for rule in rules}),
        (EXCHANGED, {rule: accounts[rule].sold for rule in rules}),
        (OVERTAKEN, {rule: accounts[rule].overtaken for rule in rules}),
    ):
        lines.append(Line(group, "", gone))
    # What is nothing under every rule is no row; that a network took no fee is worth a line.
    lines = [line for line in lines if any(line.taint.values()) or line.group == FEES]
    lines.sort(key=lambda line: (GROUPS.index(line.group), line.name))
    clean = {rule: accounts[rule].clean for rule in rules}
    whole = {rule: accounts[rule].stolen + accounts[rule].bought for rule in rules}
    if asset == theft.asset:
        return Accounted(theft, tuple(lines), clean, whole)
    most = replace(theft, asset=asset, units=envelope(whole)[1])
    return Accounted(most, tuple(lines), clean, whole, became=True)


def _spent(asset: Asset) -> str:
    """Return what it is that went to nobody: no token pays for a network's work, nor does a currency."""
    if Chain.of(asset.chain_id).family is Family.BANK:
        return CHARGES
    return BURNT if asset.contract else FEES


def _stops_of(result: Result, theft: Theft, asset: Asset) -> list[Stop]:
    known = _assets(result, theft)
    stops = [stop for stop in result.trace.stops if stop.theft == theft.id]
    for stop in stops:
        if stop.asset not in known:
            what = f"row {stop.address}: it rests in {stop.asset}, the theft is of {theft.asset}"
            _refuse(theft.id, None, what)
    return [stop for stop in stops if stop.asset == asset]


def _check_account(theft: Theft, account: Account | None, resting: int) -> None:
    if account is None:
        _refuse(theft.id, None, "a rule has no reconciliation row")
        return
    stolen = 0 if account.asset else theft.units
    if account.stolen != stolen:
        _refuse(theft.id, account.rule, f"row stolen: {account.stolen}, the theft is {stolen}")
    if account.clean and account.rule is not Rule.POISON:
        _refuse(theft.id, account.rule, f"row clean: {account.clean}, only poison may count clean value")
    if account.resting != resting:
        _refuse(
            theft.id, account.rule, f"row resting: the stops sum to {resting}, the account {account.resting}"
        )
    if not account.balances:
        difference = account.stolen + account.bought + account.clean - account.resting - account.fees
        difference -= account.sold + account.overtaken + account.unaddressed
        _refuse(theft.id, account.rule, f"row total: stolen + clean − resting − fees = {difference}, not 0")


def _check_hops(result: Result) -> None:
    for hop in result.trace.hops:
        for rule, units in hop.taint.items():
            if not 0 <= units <= hop.amount.units:
                moved = hop.amount.units
                _refuse(hop.theft, rule, f"row [{hop.row}]: {units} tainted of {moved} moved")


def _check_stops(result: Result) -> None:
    gone = passed_on(result)
    arrived = _arrived(hop for hop in result.trace.hops if (hop.transfer.id, hop.leg) not in gone)
    stolen = {theft.thief: theft for theft in result.incident.thefts}
    for stop in result.trace.stops:
        for rule, units in stop.taint.items():
            # Under poison an address counts whole, with what others sent it: no bound by what came.
            if rule is not Rule.POISON and units > stop.received and stop.address not in stolen:
                _refuse(stop.theft, rule, f"row {stop.address}: {units} tainted of {stop.received} received")
            came = arrived[stop.theft, stop.address, stop.asset][rule]
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


def _arrived(hops: Iterable[Hop]) -> dict[tuple[str, Address | None, Asset], dict[Rule, int]]:
    sums: dict[tuple[str, Address | None, Asset], dict[Rule, int]] = defaultdict(lambda: defaultdict(int))
    for hop in hops:
        for rule, units in hop.taint.items():
            sums[hop.theft, hop.target, hop.amount.asset][rule] += units
    return sums


def _refuse(theft: str, rule: Rule | None, what: str) -> None:
    under = f", rule {rule.words}" if rule else ""
    msg = f"the money does not add up (theft {theft}{under}): {what}; nothing is exported"
    raise IntegrityError(msg)
