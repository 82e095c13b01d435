"""Operator clock: at which hours of the day whoever sends is awake. It is never attribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Nature, Pattern, RuleCard
from flowtrace_heuristics.pattern.hours import QUIET, Clock, clock_of
from flowtrace_heuristics.pattern.moves import (
    MOST_SHOWN,
    UNSURE_ROUNDS,
    Moves,
    moves_of,
    named,
    services_of,
    shown,
)

LEAST_SLOTS = 50
MOST_P = Decimal("0.01")
OFFICE = (9, 18)

CARD = RuleCard(
    id="operator_clock",
    version=2,
    claim=(
        "The hours at which one sender, or all senders of the ledger that no label makes a service, paid are "
        "not even over the day (Rayleigh test, p < 0.01, 50 or more distinct hours of distinct days). Every "
        "offset from UTC at which their mean falls in office hours is listed. It tells nobody's name."
    ),
    cls=Class.P,
    citation="Mardia and Jupp 2000, Directional Statistics (Rayleigh test); flowtrace pattern 4.11",
    parameters=(
        ("slots_at_least", str(LEAST_SLOTS)),
        ("p_below", str(MOST_P)),
        ("slot", "one hour of one day, however many payments it holds"),
        ("quiet_window_hours", str(QUIET)),
        ("office_hours_local", f"{OFFICE[0]} to {OFFICE[1]}"),
        ("transfers_and_addresses_named_at_most", str(MOST_SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "scripts run at any hour, and a victim's or a market's hours show through",
        "several operators in several places look like one in none of them",
        "nine offsets or so are always compatible; shift work and night work are as common as offices",
        "the ledger's senders may be unrelated: read it only of one operator's addresses",
    ),
    needs=("coinjoin",),
    falsified_by="the sends are shown to be automatic, or to be made by people in several time zones",
    nature=Nature.STATISTICAL,
    on=False,
)


@heuristic(CARD)
def operator_clock(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the clock of all senders together, then of each one with slots enough."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    sends = [n for n in range(len(moves)) if not service[moves.source[n]]]
    sends = [n for n in sends if moves.time[n]]
    yield from _told(ledger, moves, sends, addresses=())
    by_sender: dict[int, list[int]] = {}
    for move in sends:
        by_sender.setdefault(moves.source[move], []).append(move)
    for sender in sorted(by_sender):
        if len(by_sender[sender]) >= LEAST_SLOTS and len(by_sender) > 1:
            yield from _told(ledger, moves, by_sender[sender], addresses=(sender,))


def _told(
    ledger: Ledger, moves: Moves, sends: Sequence[int], *, addresses: tuple[int, ...]
) -> Iterator[Pattern]:
    if len(sends) < LEAST_SLOTS:
        return
    clock = clock_of(moves.time[n] for n in sends)
    if clock.slots < LEAST_SLOTS or clock.p >= MOST_P:
        return
    whose = "one sender" if addresses else "all senders that are no services"
    first, _ = clock.quiet
    near = {8, 9} & {*clock.offsets(*OFFICE)}
    east = "compatible, as are the others" if near else "not compatible"
    offsets = ", ".join(f"UTC{one:+d}" for one in clock.offsets(*OFFICE))
    detail = (
        f"{whose}: {clock.slots} active hours, quietest from {first:02d} UTC for {QUIET} hours; compatible "
        f"with an office day at each of {offsets}; no attribution"
    )
    because = shown(ledger, moves, sends)
    figures = (("of", whose), *_figures(clock), ("compatible_offsets", offsets), ("utc_plus_8_or_9", east))
    yield Pattern("operator clock", named(ledger, addresses), by(CARD), because, Class.P, figures, detail)


def _figures(clock: Clock) -> tuple[tuple[str, str], ...]:
    first, count = clock.quiet
    return (
        ("slots", str(clock.slots)),
        ("resultant", f"{clock.resultant:.3f}"),
        ("z", f"{clock.z:.1f}"),
        ("p", f"{clock.p:.2e}"),
        ("quiet_from_utc", f"{first:02d}"),
        ("quiet_share", f"{count}/{clock.slots}"),
        ("mean_hour_utc", f"{clock.mean:02d}"),
        ("slots_by_hour_utc", ",".join(map(str, clock.by_hour))),
        ("slots_monday_to_sunday", ",".join(map(str, clock.by_weekday))),
    )
