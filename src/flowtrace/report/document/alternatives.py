"""How sure it is, and what else could explain it: each rule per deposit, and the rival readings of the flow.

What speaks for and against a rival reading is counted in this very result; what its record cannot tell is
said to be open. None of the counts proves or refutes a reading: each row ends with what would.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from flowtrace.model import Address, Asset, Result, envelope
from flowtrace.report.cells import count, printable, rounded, share, utc
from flowtrace.report.credit import by_address, by_entity, credits_of, summed
from flowtrace.report.document.readings import met_by
from flowtrace.report.document.typeset import Block, Cell, heading, landscape, para, table
from flowtrace.report.document.words import about
from flowtrace.report.subject import stated
from flowtrace.report.summary import Move, moved
from flowtrace.report.tables import csv_of, tables

_MANY = 50  # payers outside the trace at which an address may well be a service's
_AMOUNTS = 176  # millimetres for the columns of amounts
_DAY = 86_400
_LONG = 30 * _DAY


def confidence(result: Result) -> list[Block]:
    """Return the section, on pages turned on their side."""
    return [
        landscape(
            [
                heading("Confidence, error and alternatives"),
                para(
                    "Two questions are kept apart: how a thing is known (the class of each finding), and how "
                    "far the amount depends on the rule (below). The rates at which the heuristics err stand "
                    "in Annex I, each with its sample.",
                ),
                *_per_deposit(result),
                heading("Alternative explanations considered", 2),
                para(
                    stated(
                        result.incident,
                        "Each is a way in which the flow shown could be something else than one hand's own "
                        "movement of stolen value. The counts are of this record alone.",
                    )
                ),
                table(
                    ["explanation", "found for it", "found against it", "what would settle it"],
                    _rivals(Seen(result)),
                    columns=["46mm", "1fr", "1fr", "58mm"],
                    size=8,
                ),
            ]
        )
    ]


def _per_deposit(result: Result) -> list[Block]:
    rules = result.trace.rules
    rows: list[list[Cell]] = []
    for entity, held in by_entity(result).values():
        for (address, asset), credits_ in by_address(held).items():
            taint = summed(credits_, rules)
            low, high = envelope(taint)
            span = rounded(asset, high - low)
            who = [address.display, f"{printable(entity.name)}, {count(len(credits_), 'credit')}"]
            rows.append([who, *(rounded(asset, taint[rule]) for rule in rules), span])
    if not rows:
        return []
    listed = csv_of(tables(result)["deposits"])
    return [
        heading("Sensitivity per deposit address", 2),
        para(
            f"Traced amount under each rule, rounded. Each single credit under each rule, exact, is a row of "
            f"deposits.csv ({count(len(credits_of(result)), 'row')}; SHA-256 "
            f"{hashlib.sha256(listed).hexdigest()}).",
            small=True,
        ),
        table(
            ["deposit address or wallet; whose", *(rule.words for rule in rules), "spread"],
            rows,
            columns=["1fr", *([f"{_AMOUNTS // (len(rules) + 1)}mm"] * (len(rules) + 1))],
            right=list(range(1, len(rules) + 2)),
            size=7.5,
        ),
    ]


@dataclass
class Seen:
    """What the record shows of the followed addresses, for and against the rival readings."""

    result: Result
    followed: frozenset[Address] = field(init=False)

    def __post_init__(self) -> None:
        self.followed = frozenset(self.result.trace.expanded)

    @cached_property
    def moves(self) -> dict[Asset, list[Move]]:
        """All that moved of each asset that is followed."""
        assets = dict.fromkeys(hop.amount.asset for hop in self.result.trace.hops)
        return {asset: list(moved(self.result, asset)) for asset in assets}

    @cached_property
    def payers(self) -> dict[Address, set[Address]]:
        """Who paid each followed address from outside the trace."""
        inside, found = met_by(self.result), defaultdict(set)
        for move in (one for moves in self.moves.values() for one in moves):
            if move.target in self.followed and move.source not in inside:
                found[move.target].add(move.source)
        return dict(found)

    def paid_from_outside(self, address: Address) -> str:
        """Return what an address got from payers outside the trace, with its share of all that it got."""
        outside = self.payers.get(address, set())
        said = []
        for asset, moves in self.moves.items():
            into = [move for move in moves if move.target == address]
            units = sum(move.units for move in into if move.source in outside)
            whole = share(units, sum(move.units for move in into))
            said += [f"{about(asset, units)} ({whole} of what it got)"] if units else []
        return " and ".join(said)

    @cached_property
    def first_payer(self) -> dict[Address, Address]:
        """Who first paid each followed address."""
        first: dict[Address, Move] = {}
        for move in (one for moves in self.moves.values() for one in moves):
            held = first.get(move.target)
            if move.target in self.followed and (held is None or move.transfer.key < held.transfer.key):
                first[move.target] = move
        return {address: move.source for address, move in first.items()}

    @cached_property
    def waits(self) -> list[tuple[int, Address]]:
        """How long traced value lay at each followed address before it first moved on, in seconds."""
        came: dict[Address, int] = {}
        went: dict[Address, int] = {}
        for hop in self.result.trace.hops:
            at, source, target = hop.transfer.time, hop.source, hop.target
            if target is not None:
                came[target] = min(at, came.get(target, at))
            if source in came:
                went.setdefault(source, at)
        return sorted(((went[one] - came[one], one) for one in went if went[one] >= came[one]), reverse=True)


def _rivals(seen: Seen) -> list[list[Cell]]:
    return [_operator(seen), _shared(seen), _handed_over(seen), _coincidence(seen)]


def _operator(seen: Seen) -> list[Cell]:
    many = {address: len(who) for address, who in seen.payers.items() if len(who) >= _MANY}
    alone = len(seen.followed) - len(seen.payers)
    most = max(((len(who), address) for address, who in seen.payers.items()), default=None)
    for_it = (
        f"{count(len(many), 'followed address')} had {_MANY} or more payers outside the trace."
        if many
        else f"No followed address had {_MANY} or more payers outside the trace."
    )
    if most:
        for_it += (
            f" The most that one had is {count(most[0], 'payer')}, who paid it "
            f"{seen.paid_from_outside(most[1])} in all: {most[1].display}."
        )
    against = (
        f"{alone:,} of {count(len(seen.followed), 'followed address')} had no payer outside the trace "
        "at all. An address that a label names as a service's is not followed."
    )
    return [
        "A service's own books: a followed address belongs to a service that pays for its customers.",
        for_it,
        against,
        "Labels or the operator's word for the addresses with outside payers.",
    ]


def _shared(seen: Seen) -> list[Cell]:
    inside = met_by(seen.result)
    outside: defaultdict[Address, list[Address]] = defaultdict(list)
    for address, payer in seen.first_payer.items():
        if payer not in inside:
            outside[payer].append(address)
    several = {payer: found for payer, found in outside.items() if len(found) > 1}
    within = sum(payer in inside for payer in seen.first_payer.values())
    joined = sum(bool(seen.followed.intersection(one.members)) for one in seen.result.clusters)
    shared = sum(len(found) for found in several.values())
    for_it = (
        f"{count(shared, 'followed address')} got the first payment on record from "
        f"{count(len(several), 'address')} outside the trace that did so for several."
        if several
        else "No address outside the trace made the first payment on record to several followed addresses."
    )
    return [
        "A shared wallet service: one custodian's software moves the funds of unrelated customers.",
        for_it,
        (
            f"{within:,} of {count(len(seen.first_payer), 'followed address')} got the first payment on "
            f"record from within the trace. Findings join some of them in {count(joined, 'cluster')}."
        ),
        "The custodian's records of who ordered each payment.",
    ]


def _handed_over(seen: Seen) -> list[Cell]:
    long = [wait for wait, _ in seen.waits if wait >= _LONG]
    dormant = [one for one in seen.result.patterns if one.name.startswith("dorman")]
    longest = f" The longest wait was {seen.waits[0][0] // _DAY:,} days." if seen.waits else ""
    middle = f" Half waited {_span(seen.waits[len(seen.waits) // 2][0])} or less." if seen.waits else ""
    return [
        "A change of control: keys were sold or handed over between two payments.",
        (
            f"At {len(long):,} of {count(len(seen.waits), 'address')} traced value lay for 30 days or more "
            f"before it first moved on.{longest} {count(len(dormant), 'finding')} of dormancy."
        ),
        f"At {len(seen.waits) - len(long):,} it moved on sooner.{middle}",
        (
            "Signatures, devices or accounts behind the addresses before and after the wait. A ledger "
            "does not record who holds a key."
        ),
    ]


def _coincidence(seen: Seen) -> list[Cell]:
    deposits = seen.result.trace.deposits
    at = {deposit.hop.target for deposit in deposits}
    traced = {deposit.hop.transfer.id for deposit in deposits}
    into = [move for moves in seen.moves.values() for move in moves if move.target in at]
    others = [move for move in into if move.transfer.id not in traced]
    swept = sum(deposit.sweep is not None for deposit in deposits)
    first = min((hop.transfer.time for hop in seen.result.trace.hops), default=0)
    before = sum(move.transfer.time < first for move in into)
    if not deposits:
        return [
            "Coincidence: an address inferred to be an exchange's is somebody else's.",
            "No deposit address is inferred in this trace.",
            "Nothing rests on such an inference.",
            "",
        ]
    return [
        "Coincidence: an address inferred to be an exchange's is somebody else's.",
        (
            f"{count(len(others), 'payment')} to these addresses came from outside the trace; "
            f"{before:,} of them before {utc(first)[:10]}."
        ),
        (
            f"{share(len(into) - len(others), len(into))} of the payments they received are of this "
            f"trace. A sweep into a labelled wallet followed {swept:,} of {count(len(deposits), 'credit')}."
        ),
        "The exchange's word on whose account each address is.",
    ]


def _span(seconds: int) -> str:
    """Return a time in the unit a reader thinks in."""
    for size, noun in ((_DAY, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(seconds // size, noun)
    return count(seconds, "second")
