"""FollowTheMoney: every entity by its schema, and read by the library where it is installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowtrace.model import Result
from flowtrace.report.formats import exported
from report.broken import with_evil_text
from report.coin_result import HEIST, UNVEIL, VEIL, coin_result
from report.formats.enlarged import HUGE, enlarged, renamed
from report.toy_result import ACME_DEPOSIT, MALLORY, toy_result
from report.variants import marked

RESULTS: dict[str, Callable[[], Result]] = {
    "accounts": toy_result,
    "coins": coin_result,
    "no address": lambda: coin_result((HEIST, VEIL, UNVEIL)),
    "huge": lambda: enlarged(toy_result(), HUGE + 1),
    "hostile": lambda: with_evil_text(renamed(toy_result(), "=1+1\u202e\x00\"'")),
}
PUBLISHED = json.loads((Path(__file__).parent / "ftm_schemata.json").read_text(encoding="utf-8"))
"""The three schemata that are used, with each property's type and range, out of the published model."""


def entities(result: Result) -> list[dict[str, Any]]:
    """Return the entities."""
    lines = exported(result, ["ftm"])["ftm/entities.ftm.json"].decode().splitlines()
    return [json.loads(line) for line in lines]


def wallet(result: Result, account: str) -> dict[str, Any]:
    """Return an address's wallet."""
    return next(one for one in entities(result) if one["properties"].get("publicKey") == [account])


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_each_entity_is_by_the_published_schema(kind: str) -> None:
    """Known properties alone, all that are required, and links to entities that may stand there."""
    found = entities(RESULTS[kind]())
    by_id = {one["id"]: one for one in found}
    assert len(by_id) == len(found)
    for one in found:
        schema = PUBLISHED["schemata"][one["schema"]]
        assert set(schema["required"]) <= set(one["properties"])
        for name, values in one["properties"].items():
            kinds = schema["properties"][name]
            assert kinds[0] != "number", "the library's numbers are floating point"
            assert values
            assert all(isinstance(value, str) and value for value in values)
            if kinds[0] == "entity":
                assert all(kinds[1] in PUBLISHED["schemata"][by_id[v]["schema"]]["is"] for v in values)


def test_the_schemata_here_are_those_of_the_library() -> None:
    """What is kept beside this test is what the library publishes."""
    library = pytest.importorskip(
        "followthemoney", reason="its schemata are kept here: nox -s followthemoney asks the library itself"
    )
    for name, held in PUBLISHED["schemata"].items():
        schema = library.model.get(name)
        assert sorted(schema.required) == held["required"]
        for key, kinds in held["properties"].items():
            assert schema.properties[key].type.name == kinds[0]


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_the_library_takes_every_value_as_it_is(kind: str) -> None:
    """Its cleaning, which drops what is not valid, drops and changes nothing."""
    library = pytest.importorskip(
        "followthemoney", reason="its schemata are kept here: nox -s followthemoney asks the library itself"
    )
    for one in entities(RESULTS[kind]()):
        read = library.model.get_proxy(one, cleaned=False)
        back = read.to_dict()
        assert back["schema"] == one["schema"]
        assert {name: set(values) for name, values in back["properties"].items()} == {
            name: set(values) for name, values in one["properties"].items()
        }


def test_a_deposit_address_has_a_holder_and_a_theft_address_a_topic() -> None:
    """Class and amounts are in the summary."""
    deposit = wallet(toy_result(), ACME_DEPOSIT.account)
    names = {one["id"]: one["properties"].get("name") for one in entities(toy_result())}
    assert names[deposit["properties"]["holder"][0]] == ["Acme Exchange"]
    assert "cls: P" in deposit["properties"]["summary"][0]
    assert wallet(toy_result(), MALLORY.account)["properties"]["topics"] == ["crime.theft"]


def test_a_marked_address_is_no_thief() -> None:
    """A case that states no theft accuses nobody."""
    assert "topics" not in wallet(marked(), MALLORY.account)["properties"]
    assert "theft" not in json.dumps(entities(marked()))
