"""flowtrace's own JSON: by its published schema, and nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from flowtrace.model import (
    Acquired,
    Amount,
    Audience,
    Change,
    Entered,
    Gap,
    GapKind,
    Left,
    Outcome,
    Pattern,
    Price,
    Reply,
    Result,
    Round,
    SameOwner,
    Statement,
)
from flowtrace.model.finding import Class, Cluster
from flowtrace.report.formats import exported
from flowtrace.report.formats.own import schema
from report.broken import EVIL, with_evil_text, with_trace
from report.coin_result import HEIST, UNVEIL, VEIL, coin_result
from report.formats.enlarged import HUGE, enlarged
from report.formats.rebuilt import rebuilt
from report.formats.schemas import errors
from report.toy_result import ETH, IDA, JON, MALLORY, toy_result
from report.variants import marked, paid, straight


def full() -> Result:
    """Return the toytown case with everything that a result may hold."""
    result = toy_result()
    same = SameOwner(IDA, JON, "change/1", ("a",), soft=True, score="0.9")
    hops = result.trace.hops
    price = Price(ETH, hops[0].transfer.time, "3000.10", hops[0].transfer.time - 5, "quotes", "0.99")
    pattern = Pattern("peel chain", (IDA,), "peel/1", ("a",), Class.P, (("length", "4"),), "words")
    gap = Gap(GapKind.UNRECORDED, MALLORY, "spent more than came", Amount(ETH, HUGE + 1))
    fuller = replace(
        result, clusters=(Cluster((IDA, JON), (same,)),), patterns=(pattern,),
        prices={(price.asset, price.time): price}, confirmed=frozenset({hops[0].transfer.id}),
    )  # fmt: skip
    return with_trace(fuller, lambda trace: replace(trace, gaps=(*trace.gaps, gap)))


def hostile() -> Result:
    """Return the toytown case with strangers' text in labels and grounds; its entities stay one per id."""
    evil = with_evil_text(toy_result())
    held = {deposit.hop.row: deposit.entity for deposit in toy_result().trace.deposits}
    deposits = tuple(replace(one, entity=held[one.hop.row]) for one in evil.trace.deposits)
    return with_trace(evil, lambda trace: replace(trace, deposits=deposits))


def stated() -> Result:
    """Return the toytown case with what its authors state, what is held, and what came of a request."""
    said = Statement(
        authors=("A. Author",), replies=(Reply("Acme", "2022-05-01"),),
        changes=(Change("2", "2022", "words"),), embargo=(IDA,), confidential=("a source",),
        victim_is_public=True,
    )  # fmt: skip
    held = Acquired(1, "acquired", "", "explorer", "GET x", "a" * 64, 5, "0" * 64, "b" * 64, (1, 2))
    came = Outcome("acme", "held", "2022-05-02", "150 ETH")
    return replace(toy_result(), statement=said, custody=(held,), outcomes=(came,))


def rounds() -> Result:
    """Return a case of coins with a round that several made together."""
    result = coin_result()
    hop = result.trace.hops[0]
    one = Round(
        hop.theft, hop.transfer.id, hop.transfer.chain_id, hop.transfer.tx, hop.amount.asset, "equal outputs",
        "a round", "wasabi/1", (Entered(0, "aa:0", 10**18 + 1, 5, 10**18, ((0, 7), (1, 10**18))),),
        (Left(0, hop.target, "bb:0", 10**18, 0, 7), Left(1, None, "", 3, 1, 3, solved=True)), (hop.row,),
    )  # fmt: skip
    return replace(result, rounds=(one,))


RESULTS: dict[str, Callable[[], Result]] = {
    "full": full,
    "huge": lambda: enlarged(toy_result(), HUGE + 1),
    "coins": coin_result,
    "no address": lambda: coin_result((HEIST, VEIL, UNVEIL)),
    "marked": marked,
    "paid": paid,
    "straight": straight,
    "hostile": hostile,
    "stated": stated,
    "rounds": rounds,
}


def document(result: Result) -> dict[str, Any]:
    """Return what the file holds; a number with a point in it is an error."""

    def refuse(text: str) -> float:
        raise AssertionError(f"{text} is a floating-point number")

    read = json.loads(exported(result, ["json"])["json/result.json"], parse_float=refuse)
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_the_document_is_what_the_schema_says(kind: str) -> None:
    """No field is missing, unknown or of another kind."""
    assert errors(schema(), document(RESULTS[kind]())) == []


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_the_result_can_be_built_again_from_the_document_alone(kind: str) -> None:
    """Every field of every part comes back as it was, strangers' text included."""
    result = RESULTS[kind]()
    back = rebuilt(document(result))
    assert back.trace.hops == result.trace.hops
    assert back.trace == result.trace
    assert back == result


@pytest.mark.parametrize(
    "where",
    [("trace", "hops", 0, "amount", "units"), ("transfers", 0, "height"), ("digest",), ("trace", "stops")],
)
def test_the_schema_refuses_what_is_wrong(where: tuple[str | int, ...]) -> None:
    """A number for an amount, text for a height, a digest of another length: each is an error there."""
    read: Any = document(toy_result())
    held = read
    for step in where[:-1]:
        held = held[step]
    wrong: dict[str | int, object] = {"units": 1, "height": "1", "digest": "00", "stops": {}}
    held[where[-1]] = wrong[where[-1]]
    assert errors(schema(), read) == [list(where)]


def test_the_schema_is_a_schema_and_is_written_beside_the_document() -> None:
    """It is checked by the meta-schema it names; nothing at all is no result."""
    assert errors(schema(), {}) != []
    assert exported(toy_result(), ["json"])["json/result.schema.json"] == schema()


def test_strangers_text_is_whole_and_shows_as_codes() -> None:
    """Nothing but printable ASCII is in the file, so that no editor reorders or hides a line."""
    body = exported(with_evil_text(toy_result()), ["json"])["json/result.json"]
    assert set(body) <= {*range(0x20, 0x7F), 0x0A}
    assert EVIL in {label["text"] for label in json.loads(body)["labels"]}


def test_a_public_document_is_valid_too() -> None:
    """What stands for a withheld address has the form of one, and of no chain's."""
    public = replace(stated(), audience=Audience.PUBLIC)
    held = document(public)
    assert errors(schema(), held) == []
    assert held["dropped"]
    assert IDA.account not in json.dumps(held)
