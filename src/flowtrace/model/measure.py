"""A measured error rate: what a heuristic got right and wrong on a stated sample."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext

from flowtrace.errors import InputError

_Z = Decimal("1.959963984540054")  # the normal quantile of a two-sided 95 % interval
_SHA, _DATE = re.compile(r"[0-9a-f]{64}"), re.compile(r"\d{4}-\d\d-\d\d")


def wilson(hits: int, of: int) -> tuple[Decimal, Decimal]:
    """Return the 95 % interval of a share, by Wilson's score (Wilson 1927, JASA 22, 209).

    Examples
    --------
    >>> low, high = wilson(120, 120)
    >>> f"{low:.3f} {high:.3f}"
    '0.969 1.000'
    """
    if not 0 <= hits <= of or not of:
        raise InputError(f"a share of {hits} of {of} has no interval")
    with localcontext(prec=30):
        n, p, zz = Decimal(of), Decimal(hits) / of, _Z * _Z
        middle = p + zz / (2 * n)
        width = _Z * ((p * (1 - p) + zz / (4 * n)) / n).sqrt()
        low, high = ((middle + side * width) / (1 + zz / n) for side in (-1, 1))
    return low if hits else Decimal(0), high if hits < of else Decimal(1)


@dataclass(frozen=True, slots=True)
class Measure:
    """How often a heuristic was right on a sample whose truth is known otherwise.

    Attributes
    ----------
    by
        The rule card's id and version.
    sample, source, sha256, date
        What it was measured on, where that is public, the hash of the bytes read, the day it was run.
    what
        What one count counts: "pairs of addresses", "transactions".
    tp, fp, fn, tn
        Right and wrong findings; missed and rightly left alone. ``fn`` and ``tn`` are None where the sample
        cannot tell.
    """

    by: str
    sample: str
    source: str
    sha256: str
    date: str
    what: str
    tp: int
    fp: int
    fn: int | None = None
    tn: int | None = None

    def __post_init__(self) -> None:
        texts = (self.by, self.sample, self.source, self.sha256, self.date, self.what)
        if not all(texts) or not all(str(text).isprintable() for text in texts):
            raise InputError(f"the measure of {self.by!r} lacks by, sample, source, sha256, date or what")
        if not _SHA.fullmatch(self.sha256) or not _DATE.fullmatch(self.date):
            raise InputError(f"the measure of {self.by} on {self.sample}: no SHA-256 or no day")
        counts = [count for count in (self.tp, self.fp, self.fn, self.tn) if count is not None]
        if any(type(count) is not int or count < 0 for count in counts):
            raise InputError(f"the measure of {self.by} on {self.sample}: a count is no whole number")

    @property
    def words(self) -> str:
        """The rates with their intervals and the sample, for a reader."""
        rates = [
            _rate("precision", self.tp, self.tp + self.fp),
            "" if self.fn is None else _rate("recall", self.tp, self.tp + self.fn),
            "" if self.tn is None else _rate("false positive rate", self.fp, self.fp + self.tn),
        ]
        said = ", ".join(rate for rate in rates if rate)
        sample = f"{self.sample} ({self.source}; SHA-256 {self.sha256[:16]}…; measured {self.date})"
        return f"{said or 'nothing found and nothing to find'}, in {self.what}, on {sample}"


def _rate(name: str, hits: int, of: int) -> str:
    if not of:
        return ""
    low, high = (f"{100 * end:.2f}" for end in wilson(hits, of))
    return f"{name} {hits}/{of} = {Decimal(100 * hits) / of:.2f} % (95 % interval {low} to {high} %)"
