"""An explanation as sentences and as data: which payments and lots put a tainted amount where it is."""

from __future__ import annotations

from typing import Any

from flowtrace.model import Explanation, Result, Step
from flowtrace.report.cells import exact_amount, money, plain, utc
from flowtrace.report.subject import stated

Json = dict[str, Any]
_SHARED = (
    "Under {rule} units have no order, so the parts are shares in proportion: an attribution, no identity."
)


def explanation_json(result: Result, explained: Explanation) -> Json:
    """Return an explanation as data, every amount as text."""
    asset = explained.asset
    return {
        "theft": explained.theft,
        "address": str(explained.address),
        "asset": str(asset),
        "rule": explained.rule.value,
        "arrived": money(asset, explained.arrived),
        "resting": money(asset, explained.resting),
        "exact": explained.is_exact,
        "steps": [_step(number, step) for number, step in enumerate(explained.steps, start=1)],
        "lots": [{**money(asset, lot.units), "steps": [n + 1 for n in lot.way]} for lot in explained.lots],
        "case_digest": result.digest,
    }


def _step(number: int, step: Step) -> Json:
    transfer, asset = step.transfer, step.amount.asset
    return {
        "step": number,
        "row": step.row,
        "transfer": transfer.id,
        "tx": transfer.tx,
        "block": transfer.height,
        "time_utc": utc(transfer.time),
        "from": str(step.source) if step.source else "",
        "to": str(step.target) if step.target else "",
        "asset": str(asset),
        "paid": money(asset, step.amount.units),
        "tainted": money(asset, step.tainted),
        "part": money(asset, step.part),
    }


def explanation_text(result: Result, explained: Explanation) -> list[str]:
    """Return an explanation as sentences: what came, by which payments, and which lots it lies in."""
    asset, rule = explained.asset, explained.rule.words
    who = explained.address.display
    came, rests = exact_amount(asset, explained.arrived), "none of it rests there"
    if explained.resting:
        rests = f"{exact_amount(asset, explained.resting)} of it rest there"
    lines = [
        stated(
            result.incident,
            f"Under {rule}, {came} of stolen value ({plain(explained.theft)}) came to {who}; {rests}.",
        )
    ]
    lines += [_sentence(n, step, who) for n, step in enumerate(explained.steps, start=1)]
    for lot in explained.lots:
        way = " → ".join(str(n + 1) for n in lot.way)
        lines.append(f"Lot of {exact_amount(asset, lot.units)}: by {way}.")
    return lines if explained.is_exact else [*lines, _SHARED.format(rule=rule)]


def _sentence(number: int, step: Step, who: str) -> str:
    asset = step.amount.asset
    transfer = step.transfer
    source = step.source.display if step.source else "new coin"
    target = step.target.display if step.target else "the network"
    row = f" [{step.row}]" if step.row else ""
    tainted = "all of it" if step.tainted == step.amount.units else exact_amount(asset, step.tainted)
    arrives = target == who
    part = "" if arrives else f", {exact_amount(asset, step.part)} of that on the way here"
    return (
        f"{number}. {utc(transfer.time)}, {transfer.where}: {source} paid {target} "
        f"{exact_amount(asset, step.amount.units)}{row}; traced: {tainted}{part}. tx {transfer.tx}"
    )
