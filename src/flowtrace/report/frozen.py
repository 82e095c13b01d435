"""What of the traced value lies where the issuer of its token has frozen it, and the words for it."""

from __future__ import annotations

from flowtrace.model import Frozen, Result, Stop, envelope, frozen_at
from flowtrace.report.cells import grouped, plain


def frozen_of(result: Result, stop: Stop) -> Frozen | None:
    """Return since when the value that rests at a stop cannot move; None where it can, as far as is known."""
    return frozen_at(result.labels.get(stop.address, ()), stop.address, stop.asset)


def frozen_stops(result: Result) -> list[tuple[Stop, Frozen]]:
    """Return the stops at which traced value lies frozen, by theft and address."""
    stops = sorted(result.trace.stops, key=lambda one: (one.theft, one.address, str(one.asset)))
    found = ((stop, frozen_of(result, stop)) for stop in stops if any(stop.taint.values()))
    return [(stop, frozen) for stop, frozen in found if frozen is not None]


def told(frozen: Frozen) -> str:
    """Return by whom, since when, and which event of which transaction says so."""
    by = f"{frozen.event} in {frozen.tx}" if frozen.tx else f"{frozen.event}, no event"
    return plain(f"{frozen.since} ({by}{f'; {frozen.remark}' if frozen.remark else ''})")


def frozen_notes(result: Result, theft: str, asset: str) -> list[str]:
    """Return a sentence for each address at which value of a theft lies frozen."""
    notes = []
    for stop, frozen in frozen_stops(result):
        if (stop.theft, str(stop.asset)) == (theft, asset):
            low, high = (grouped(stop.asset, units) for units in envelope(stop.taint))
            amount = low if low == high else f"{low} to {high}"
            notes.append(f"{amount} {plain(stop.asset.unit)} at {stop.address.display}: {told(frozen)}.")
    return notes
