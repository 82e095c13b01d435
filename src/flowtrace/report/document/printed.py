"""How much of a long list is printed: past some hundred pages a table with its hash serves better."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from flowtrace.model import Address, Result
from flowtrace.report.tables import csv_of, tables

MOST = 1_500
"""Rows of a schedule that are printed."""
Item = TypeVar("Item")


def first(items: list[Item], matters: Callable[[Item], bool]) -> list[Item]:
    """Return as many as are printed, in their order: those that matter most, then the first."""
    if len(items) <= MOST:
        return items
    order = sorted(range(len(items)), key=lambda n: (not matters(items[n]), n))
    return [items[n] for n in sorted(order[:MOST])]


def named_ends(result: Result) -> frozenset[Address]:
    """Return the addresses at which a trace ends that somebody is known to hold."""
    return frozenset(stop.address for stop in result.trace.stops if stop.entity)


def unprinted(result: Result, number: int, *, what: str) -> str:
    """Say that not all is printed, and by which hash the table is known that has it all."""
    if number <= MOST:
        return ""
    digest = hashlib.sha256(csv_of(tables(result)["hops"])).hexdigest()
    return (
        f" {MOST:,} of {number:,} {what} are printed, those of named recipients first: hops.csv lists every "
        f"one (SHA-256 {digest})."
    )
