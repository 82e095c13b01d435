"""TagPack: read back by flowtrace's own reader, with fields and words that GraphSense's schema knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml

from flowtrace.labels.tagpack import read_tagpack
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Category, Result, Use
from flowtrace.report.formats import exported
from report.broken import with_evil_text
from report.coin_result import coin_result
from report.formats.enlarged import HUGE, enlarged
from report.toy_result import ACME_DEPOSIT, MALLORY, SWIRL, VAULT, toy_result
from report.variants import marked

RESULTS: dict[str, Callable[[], Result]] = {
    "accounts": toy_result,
    "coins": coin_result,
    "huge": lambda: enlarged(toy_result(), HUGE + 1),
    "hostile": lambda: with_evil_text(toy_result()),
    "marked": marked,
}
# The schema of graphsense-lib 2.18 (tagpack_schema.yaml): the fields of a header and of a tag.
HEADER = {"title", "creator", "description", "tags"}
TAG = {
    "label",
    "source",
    "currency",
    "network",
    "context",
    "confidence",
    "lastmod",
    "address",
    "concepts",
    "tag_type",
}
MANDATORY = {"label", "source", "currency", "network", "confidence"}
CONCEPTS = {"perpetrator", "victim", "exchange", "deposit_wallet", "mixing_service", "defi_bridge",
            "defi_dex", "defi_token", "service"}  # fmt: skip


def pack(result: Result) -> bytes:
    """Return the pack."""
    return exported(result, ["tagpack"])["tagpack/tagpack.yaml"]


def tag(result: Result, account: str) -> dict[str, Any]:
    """Return an address's tag."""
    found = next(one for one in yaml.safe_load(pack(result))["tags"] if one["address"] == account)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_each_tag_has_the_fields_and_words_of_the_schema(kind: str) -> None:
    """None is unknown, none that is mandatory is missing, and concepts and confidence are GraphSense's."""
    held = yaml.safe_load(pack(RESULTS[kind]()))
    assert set(held) <= HEADER | TAG
    assert type(held["lastmod"]) is date
    for one in held["tags"]:
        assert set(one) | set(held) >= MANDATORY
        assert set(one) <= TAG
        assert set(one.get("concepts", [])) <= CONCEPTS
        assert one["confidence"] in CONFIDENCE
        assert one["tag_type"] == "event"
        assert isinstance(json.loads(one["context"]), dict)


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_flowtrace_reads_its_own_pack(kind: str) -> None:
    """Every address of the flow comes back, as an address of its own ledger."""
    result = RESULTS[kind]()
    labels = read_tagpack(pack(result), "tagpack.yaml", {})
    read = {label.address for label in labels}
    ends = {end for hop in result.trace.hops for end in (hop.source, hop.target) if end}
    assert read == ends | {stop.address for stop in result.trace.stops}
    deposits = {deposit.hop.target for deposit in result.trace.deposits}
    assert {label.address for label in labels if label.use is Use.DEPOSIT} == deposits


def test_an_inferred_tag_says_so() -> None:
    """A deposit address is inferred; what ledgers record is an investigation's."""
    deposit = tag(toy_result(), ACME_DEPOSIT.account)
    assert (deposit["confidence"], deposit["concepts"]) == ("heuristic", ["exchange", "deposit_wallet"])
    assert json.loads(deposit["context"])["evidence_class"] == "P"
    assert tag(toy_result(), MALLORY.account)["confidence"] == "forensic_investigation"


def test_nobody_is_accused_where_no_theft_is_stated() -> None:
    """A perpetrator and a victim are there only where the incident tells a theft."""
    assert tag(toy_result(), MALLORY.account)["concepts"] == ["perpetrator"]
    assert tag(toy_result(), VAULT.account)["concepts"] == ["victim"]
    assert tag(toy_result(), SWIRL.account)["concepts"] == [Category.MIXER.value]
    assert "concepts" not in tag(marked(), MALLORY.account)
    assert "concepts" not in tag(marked(), VAULT.account)
