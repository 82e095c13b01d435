"""Who is who, where that is not plain: labels that contradict each other, and what an issuer has frozen."""

from __future__ import annotations

from flowtrace.model import ORDER, Contradiction, Label, Result, Use, contradictions, envelope, frozen_by
from flowtrace.report.cells import grouped, printable
from flowtrace.report.document.typeset import Block, Cell, heading, para, table

_WORDS = {"entity": "whose it is", "category": "what its owner is"}


def who(result: Result) -> list[Block]:
    """Labels of this trace that contradict each other; nothing where there are none."""
    found = [
        one
        for address in sorted(result.labels)
        for one in contradictions(result.labels[address])
    ]  # fmt: skip
    if not found:
        return []
    return [
        heading("Labels that contradict each other"),
        para(
            "Sources disagree on the following addresses. What this report uses is the first, by this "
            f"order: {ORDER}. A reader should settle the others before relying on the name."
        ),
        table(
            ["address", "on", "what is said", "by", "date"],
            [row for one in found for row in _rows(one)],
            columns=["58mm", "20mm", "1fr", "1.5fr", "16mm"],
            mono=[0],
            size=7.5,
            quoted=[2, 3],
        ),
    ]


def _rows(one: Contradiction) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for label in one.said:
        named = label.entity.name if one.about == "entity" and label.entity else label.category.value
        said = f"{named}: “{label.text}”"
        by = f"{label.source} ({label.confidence})"
        rows.append(
            [label.address.display, _WORDS[one.about], printable(said), printable(by), printable(label.date)]
        )
    return rows


def frozen(result: Result) -> list[Block]:
    """What an issuer has frozen at addresses of this trace; nothing where there is none."""
    found = [label for address in sorted(result.labels) for label in result.labels[address]
             if label.use is Use.FROZEN]  # fmt: skip
    if not found:
        return []
    return [
        heading("Frozen by the issuer", 2),
        para(
            "The issuer of a token keeps the following addresses from moving it. What of the traced value "
            "rests there is frozen since the day given. No request to an exchange reaches it: the issuer is "
            "to be asked."
        ),
        table(
            ["address; told by", "what is frozen", "traced value at rest there", "since"],
            [_frozen_row(result, label) for label in found],
            columns=["92mm", "1fr", "1fr", "16mm"],
            size=7.5,
        ),
    ]


def _frozen_row(result: Result, label: Label) -> list[Cell]:
    where = [label.address.display, printable(label.source)]
    frozen = frozen_by(label)
    answered = frozen is not None and not frozen.tx
    day = f"{label.date} or before" if answered else label.date
    return [where, printable(label.text), _resting(result, label), printable(day)]


def _resting(result: Result, label: Label) -> str:
    """Return what of the token that a label names rests at its address, as the range over all rules."""
    frozen, parts = frozen_by(label), []
    for stop in result.trace.stops:
        if frozen is None or (stop.address, str(stop.asset)) != (label.address, frozen.asset):
            continue
        least, most = envelope(stop.taint)
        unit = printable(stop.asset.unit)
        low, high = (grouped(stop.asset, units) for units in (least, most))
        parts.append(f"{low} {unit}" if least == most else f"{low} to {high} {unit}")
    return "; ".join(parts) or "none"
