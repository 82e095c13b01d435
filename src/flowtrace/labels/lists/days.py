"""Days as publishers write them: ISO, day first, month by name, Japanese, or a spreadsheet's number.

No publisher that is read by this writes the month before the day in figures (OFAC does, and is read
apart).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"([A-Za-z]{3,9})\.?"
_FORMS = (
    (re.compile(r"(?<!\d)(\d{4})[-./年] ?(\d{1,2})[-./月] ?(\d{1,2})(?!\d)"), (0, 1, 2)),
    (re.compile(r"(?<!\d)(\d{1,2})[-./](\d{1,2})[-./](\d{4})(?!\d)"), (2, 1, 0)),
    (re.compile(rf"(?<!\d)(\d{{1,2}})[- ]{_NAME}[- ,]{{1,2}}(\d{{4}})(?!\d)"), (2, 1, 0)),
    (re.compile(rf"(?<![A-Za-z]){_NAME} (\d{{1,2}}), ?(\d{{4}})(?!\d)"), (2, 0, 1)),
)
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?")
_EPOCH = date(1899, 12, 30)  # day 0 of ECMA-376's 1900 system, its leap year that never was allowed for


def days_in(text: str) -> Iterator[str]:
    """Yield every day that a text names, ISO 8601; form after form.

    >>> list(days_in("Listed on 17 Oct. 2007; amended 2.3.2011"))
    ['2011-03-02', '2007-10-17']
    """
    for form, (year, month, day) in _FORMS:
        for hit in form.finditer(text):
            parts = hit.groups()
            found = _day(parts[year], _month(parts[month]), parts[day])
            if found:
                yield found


def day_of(text: str) -> str:
    """Return the day that a cell or an element is; empty where it is none.

    >>> day_of("02-Oct-2026"), day_of("39372"), day_of("2024-10-11T00:00:05Z"), day_of("00/00/1975")
    ('2026-10-02', '2007-10-17', '2024-10-11', '')
    """
    text = text.strip()
    if serial := _SERIAL.fullmatch(text):
        return (_EPOCH + timedelta(days=int(serial[1]))).isoformat()
    return next(days_in(text[:80]), "")


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    short = text[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _day(year: str, month: int, day: str) -> str:
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return ""
