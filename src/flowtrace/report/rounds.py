"""CoinJoins that stolen coins entered, as candidate matrices: who may hold how much, never who does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowtrace.model import Asset, Left, Result, Round
from flowtrace.report.cells import cell, count, decimal, digits, grouped, money, plain, printable

Json = dict[str, Any]


def round_table(result: Result) -> Iterator[tuple[str, ...]]:
    """Yield one row for each stolen input and each output that it may have paid for, the first the names.

    ``output_least`` and ``output_most`` are of the output, over all feasible mappings of all inputs;
    ``pair_most`` is the most that this input can have there. An output that no stolen input can have paid
    for has a row without an input.
    """
    yield (
        "theft", "chain", "tx", "design", "verdict", "by", "rows", "input", "input_coin", "input_amount",
        "stolen_low", "stolen_high", "output", "output_coin", "output_address", "output_amount",
        "output_least", "output_most", "pair_most", "solved",
    )  # fmt: skip
    for one in result.rounds:
        rows = " ".join(map(digits, one.rows))
        head = (
            cell(one.theft),
            one.chain_id,
            one.tx,
            cell(one.design),
            cell(one.verdict),
            cell(one.by),
            rows,
        )
        reached: set[int] = set()
        for given in one.entered:
            amounts = (decimal(one.asset, units) for units in (given.units, given.low, given.high))
            said = (digits(given.number), cell(given.coin), *amounts)
            for number, most in given.into:
                reached.add(number)
                yield (*head, *said, *_left(one.asset, one.left[number], decimal(one.asset, most)))
        for left in one.left:
            if left.number not in reached:
                yield (*head, "", "", "", "", "", *_left(one.asset, left, ""))


def _left(asset: Asset, left: Left, pair: str) -> tuple[str, ...]:
    to = left.address.display if left.address else "" if left.coin else "fee"
    amounts = (decimal(asset, units) for units in (left.units, left.least, left.most))
    return (digits(left.number), cell(left.coin), to, *amounts, pair, "true" if left.solved else "false")


def rounds_told(result: Result) -> list[Json]:
    """Return the rounds for the summary."""
    return [_told(one) for one in result.rounds]


def _told(one: Round) -> Json:
    return {
        "theft": one.theft,
        "chain": one.chain_id,
        "tx": one.tx,
        "design": plain(one.design),
        "verdict": plain(one.verdict),
        "by": plain(one.by),
        "rows": list(one.rows),
        "inputs": [
            {
                "input": given.number,
                "amount": money(one.asset, given.units),
                "stolen_low": money(one.asset, given.low),
                "stolen_high": money(one.asset, given.high),
                "outputs": {str(number): money(one.asset, most) for number, most in given.into},
            }
            for given in one.entered
        ],
        "outputs": [
            {
                "output": left.number,
                "to": str(left.address) if left.address else "",
                "amount": money(one.asset, left.units),
                "least": money(one.asset, left.least),
                "most": money(one.asset, left.most),
                "solved": left.solved,
            }
            for left in one.left
        ],
    }


def round_in_words(one: Round) -> str:
    """Return a round as a paragraph of a report."""
    bad = sum(given.high for given in one.entered)
    outputs = [left for left in one.left if left.coin or left.address]
    sure = [left for left in outputs if left.least]
    none = [left for left in outputs if not left.most]
    named = printable(one.design) or "a round"
    head = (
        f"Transaction {one.tx} is assessed to be made by several ({named}, verdict "
        f"{printable(one.verdict)}): {count(len(one.entered), 'input')} of it carry {_amount(one, bad)} of "
        "traced value at most, and no "
        "record says which output is whose."
    )
    held = [
        f"output {left.number} holds {_amount(one, left.least)} to {_amount(one, left.most)}"
        for left in sure[:3]
    ]
    more = f" and {len(sure) - 3} more" if len(sure) > 3 else ""  # noqa: PLR2004  enough to see what they are
    said = f" Over all feasible mappings {'; '.join(held)}{more}." if held else ""
    free = f" {count(len(none), 'output')} can hold none." if none else ""
    rest = len(outputs) - len(sure) - len(none)
    may = f" {count(rest, 'output')} may hold some or none." if rest else ""
    return f"{head}{said}{may}{free}"


def _amount(one: Round, units: int) -> str:
    return f"{grouped(one.asset, units)}\u00a0{printable(one.asset.unit)}"
