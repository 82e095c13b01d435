"""The summary holds the figures of a case, as text, sorted, the same on every run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flowtrace.errors import IntegrityError
from flowtrace.model import Rule
from flowtrace.report.summary import summary, summary_json
from report.broken import with_evil_text, with_stop
from report.toy_result import toy_result


def test_the_bytes_are_canonical_and_the_same_twice() -> None:
    """Sorted keys, UTF-8, one newline at the end."""
    body = summary_json(toy_result())
    assert body == summary_json(toy_result())
    assert body.endswith(b"}\n")
    assert list(json.loads(body)) == sorted(json.loads(body))


def test_no_amount_is_a_number() -> None:
    """A JSON number would lose digits in most readers."""

    def walk(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                walk(part, name)
        elif isinstance(value, list):
            for part in value:
                walk(part, key)
        else:
            assert not isinstance(value, float)
            assert key not in {"amount", "base_units"} or isinstance(value, str)

    walk(json.loads(summary_json(toy_result())))


def test_the_mixer_the_deposits_and_the_ends_are_counted_from_the_ledger() -> None:
    """Toytown: four times 100 ETH by one depositor, two exchanges found by sweeps, one end without data."""
    figures = summary(toy_result())
    (mixer,) = figures["mixers"]
    assert (mixer["depositors"], mixer["deposits"], mixer["received"]["amount"]) == (1, 4, "400")
    assert mixer["denominations"] == [
        {"size": {"amount": "100", "base_units": "1" + "0" * 20, "symbol": "ETH"}, "deposits": 4}
    ]
    found = {
        d["entity"]: (d["received"]["amount"], d["swept"]["amount"]) for d in figures["deposit_addresses"]
    }
    assert found == {
        "acme": ("150", "149.999979"),
        "bolt": ("200.123456789012345678", "200.123435789012345678"),
    }
    (end,) = figures["no_data"]
    assert end["received"]["base_units"] == "73811834374516485548"
    assert [claim["class"] for claim in end["claims"]] == ["X"]
    assert figures["theft_addresses"][0]["value_transfers"] == 3


def test_each_recipient_has_every_rule_and_its_range() -> None:
    """The range leaves poison out."""
    eth = summary(toy_result())["thefts"][0]
    acme = next(r for r in eth["recipients"] if r["entity"] == "acme")
    assert set(acme["taint"]) == {"poison", "pro_rata", "fifo", "lifo", "dirty_first", "libr"}
    assert (acme["low"]["amount"], acme["high"]["amount"]) == ("99.999916", "150")
    assert eth["accounts"]["fifo"]["stolen"]["amount"] == "1000"


def test_what_depends_on_the_rule_is_flagged() -> None:
    """Algorithms 3.2: "flag findings whose sign depends on the rule": recipients and deposits."""
    told = summary(toy_result())
    flagged = [one for theft in told["thefts"] for one in theft["recipients"]] + told["deposit_addresses"]
    assert flagged
    for one in flagged:
        low, high = (int(one[end]["base_units"]) for end in ("low", "high"))
        assert one["depends_on_rule"] is (low == 0 < high)


def test_a_broken_amount_blocks_the_summary() -> None:
    """The gate stands before this export too."""
    wrong = with_stop(toy_result(), 1, lambda s: replace(s, taint={**s.taint, Rule.FIFO: 5}))
    with pytest.raises(IntegrityError, match="rule FIFO"):
        summary_json(wrong)


def test_hostile_text_is_one_line_without_tricks() -> None:
    """No right-to-left override and no line break inside a value."""
    text = summary_json(with_evil_text(toy_result())).decode()
    assert "\u202e" not in text
    assert "\\n" not in text
