"""Midgard's forms that no recorded answer has: refunds, and streams that stop half-way."""

from __future__ import annotations

from typing import Any

from crossing.writing import TX
from flowtrace.crossing import Side, join, midgard, shipped
from flowtrace.crossing.thorchain import key_of


def action(kind: str, *outs: tuple[str, str, int], given: int = 100) -> dict[str, Any]:
    """Return an action on one deposit of ETH."""
    return {
        "type": kind,
        "date": "1700000000000000000",
        "in": [{"address": "0xa", "txID": key_of(TX), "coins": [{"asset": "ETH.ETH", "amount": str(given)}]}],
        "out": [
            {"address": "x", "txID": tx, "coins": [{"asset": asset, "amount": str(units)}]}
            for tx, asset, units in outs
        ],
    }


def test_a_refund_is_a_crossing_that_came_back() -> None:
    """It has the same asset, so the fee is known; when it was paid is not told."""
    found = midgard.ends([{"actions": [action("refund", ("B", "ETH.ETH", 97))]}])
    (crossing,) = join(found, shipped().manners).crossings
    assert (crossing.returned, crossing.fee, crossing.gap) == (True, 3, None)
    assert crossing.paid[0].side is Side.RETURNED


def test_a_stream_that_stops_is_one_crossing_of_payments_and_a_refund() -> None:
    """A swap and a refund of one deposit, each told twice by answers that overlap."""
    swap, back = (
        action("swap", ("B", "BTC.BTC", 5), ("C", "BTC.BTC", 5)),
        action("refund", ("D", "ETH.ETH", 40)),
    )
    found = midgard.ends([{"actions": [swap, back]}, {"actions": [back]}, {"actions": [swap]}])
    (crossing,) = join(found, shipped().manners).crossings
    assert [end.side for end in crossing.paid].count(Side.RETURNED) == 1
    assert (len(crossing.paid), crossing.sent.units, crossing.returned) == (3, 100, False)


def test_more_refunded_than_sent_is_a_misfit() -> None:
    """What an index says is held against the same law."""
    found = midgard.ends([{"actions": [action("refund", ("B", "ETH.ETH", 101))]}])
    assert join(found, shipped().manners).misfits


def test_other_actions_move_nothing() -> None:
    """Liquidity, donations."""
    assert (
        list(midgard.ends([{"actions": [action("addLiquidity"), action("donate", ("", "THOR.RUNE", 1))]}]))
        == []
    )
