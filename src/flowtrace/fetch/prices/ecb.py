"""The European Central Bank's reference rate of the dollar: business days only, so the last one before."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

from flowtrace.errors import SourceError
from flowtrace.fetch.faults import Fault, complaint, fault_of
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, unreadable
from flowtrace.model import EURO, Answer, Asset, Price, Request, read_decimal

_LONGEST_PAUSE = 7  # days without a business day
_PLACES = 8
_NEEDED = ("TIME_PERIOD", "OBS_VALUE")


def price(provider: Provider, asset: Asset, time: int) -> Asking[Price]:
    """Ask for dollars per euro on the day of a time, or on the last business day before it.

    Raises
    ------
    SourceError
        If it has no rate for those days, or something else than the euro is asked for.
    """
    if asset != EURO:
        raise SourceError(f"{provider.id} quotes the euro, not {asset}")
    day = datetime.fromtimestamp(time, UTC).date()
    span = f"startPeriod={day - timedelta(_LONGEST_PAUSE)}&endPeriod={day}"
    url = f"{provider.url}/service/data/EXR/D.USD.EUR.SP00.A?format=csvdata&{span}"
    answer: Answer = yield Request("GET", url)
    fault = fault_of(answer)
    if fault is not Fault.NONE:
        raise SourceError(f"{provider.id}: {complaint(answer)[1][:200] or fault.name}")
    rates = _rates(answer)
    known = [quoted for quoted in sorted(rates) if quoted <= day.isoformat()]
    if not known:
        raise SourceError(f"{provider.id} has no rate for {day} or the week before it")
    quoted_at = int(datetime.fromisoformat(known[-1]).replace(tzinfo=UTC).timestamp())
    return Price(asset, time, rates[known[-1]], quoted_at, "European Central Bank")


def _rates(answer: Answer) -> dict[str, str]:
    """Return the rates of an answer by day, each as decimal text."""
    try:
        rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise unreadable(answer, "no CSV") from None
    found: dict[str, str] = {}
    for row in rows:
        if any(not isinstance(row.get(name), str) for name in _NEEDED):
            raise unreadable(answer, "a row without a day or a rate")
        try:
            datetime.fromisoformat(row["TIME_PERIOD"])
            if row["OBS_VALUE"] not in ("", "NaN"):
                read_decimal(row["OBS_VALUE"], _PLACES)
                found[row["TIME_PERIOD"]] = row["OBS_VALUE"]
        except ValueError:
            raise unreadable(answer, f"a day {row['TIME_PERIOD']!r:.40}") from None
    return found
