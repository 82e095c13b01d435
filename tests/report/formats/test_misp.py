"""MISP: read by pymisp, every object by the template it names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from flowtrace.model import Result
from flowtrace.report.formats import exported
from report.broken import with_evil_text
from report.coin_result import coin_result
from report.formats.enlarged import HUGE, enlarged, renamed
from report.toy_result import toy_result

RESULTS: dict[str, Callable[[], Result]] = {
    "accounts": toy_result,
    "coins": coin_result,
    "huge": lambda: enlarged(toy_result(), HUGE + 1),
    "hostile": lambda: with_evil_text(renamed(toy_result(), "=1+1\u202e\x00\"'")),
}


def event(result: Result) -> dict[str, Any]:
    """Return the event."""
    read = json.loads(exported(result, ["misp"])["misp/misp-event.json"])["Event"]
    assert isinstance(read, dict)
    return read


@pytest.fixture(scope="module")
def pymisp() -> Any:  # noqa: ANN401  a module that the project does not install
    """The library."""
    return pytest.importorskip("pymisp", reason="pymisp is a test dependency: validates the MISP event")


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_the_library_reads_the_event_and_writes_the_same(kind: str, pymisp: Any) -> None:  # noqa: ANN401
    """Every object, attribute, tag and reference comes out as it went in."""
    held = event(RESULTS[kind]())
    read = pymisp.MISPEvent()
    read.load(json.dumps({"Event": held}))
    again = json.loads(read.to_json())
    assert (again["info"], again["date"], again["uuid"]) == (held["info"], held["date"], held["uuid"])
    assert [tag["name"] for tag in again["Tag"]] == ["tlp:amber"]
    for one, other in zip(held["Object"], again["Object"], strict=True):
        assert _said(other) == _said(one)


def _said(one: dict[str, Any]) -> dict[str, Any]:
    attributes = [
        (a["uuid"], a["type"], a["object_relation"], a["value"], [tag["name"] for tag in a.get("Tag", [])])
        for a in one["Attribute"]
    ]
    references = [(r["referenced_uuid"], r["relationship_type"]) for r in one.get("ObjectReference", [])]
    named = {name: one[name] for name in ("uuid", "name", "template_uuid", "template_version", "comment")}
    return {**named, "attributes": attributes, "references": references}


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_each_object_is_by_its_template(kind: str, pymisp: Any) -> None:  # noqa: ANN401
    """Name, id, version, every attribute's type and what a template requires: as templates say."""
    for one in event(RESULTS[kind]())["Object"]:
        made = pymisp.MISPObject(one["name"], strict=True)
        assert (made.template_uuid, made.template_version) == (
            one["template_uuid"],
            int(one["template_version"]),
        )
        for attribute in one["Attribute"]:
            added = made.add_attribute(attribute["object_relation"], value=attribute["value"])
            assert added.type == attribute["type"]
        made.to_dict(strict=True)


def test_references_name_objects_of_the_event() -> None:
    """Each payment names who paid and who was paid."""
    held = event(toy_result())
    uuids = [one["uuid"] for one in held["Object"]]
    assert len(set(uuids)) == len(uuids)
    named = [ref["referenced_uuid"] for one in held["Object"] for ref in one.get("ObjectReference", [])]
    assert set(named) <= set(uuids)
    assert len(named) == 2 * len(toy_result().trace.hops)


def test_only_bitcoin_is_called_btc_and_nothing_is_for_detection() -> None:
    """The type btc fits no other ledger; an exchange's address in a block list would harm its customers."""
    kinds = {
        name: {
            a["type"]
            for one in event(result)["Object"]
            for a in one["Attribute"]
            if "address" in a["object_relation"]
        }
        for name, result in (("coins", coin_result()), ("accounts", toy_result()))
    }
    assert kinds == {"coins": {"btc"}, "accounts": {"text"}}
    flags = [a["to_ids"] for one in event(toy_result())["Object"] for a in one["Attribute"]]
    assert not any(flags)
    assert event(toy_result())["distribution"] == "0"


def test_the_evidence_class_is_a_tag() -> None:
    """So a reader can leave out what is inferred."""
    tags = {
        tag["name"]
        for one in event(toy_result())["Object"]
        for a in one["Attribute"]
        for tag in a.get("Tag", [])
    }
    assert tags == {'flowtrace:evidence-class="D"', 'flowtrace:evidence-class="P"'}
