"""The verbs about who is who: incidents and vasps, listed, whole, and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Command


def test_incidents_are_listed_with_who_attributes_them(command: Command) -> None:
    """One line per theft: id, date, status, seeds, victim, and the public body or that there is none."""
    code, out, err = command("incidents")
    head, *rows = out.splitlines()
    assert (code, len(rows)) == (0, 49)
    assert "flowtrace incidents ID" in err
    assert head.split()[:5] == ["ID", "DATE", "STATUS", "SEEDS", "NAMED"]
    (bybit,) = (row for row in rows if row.startswith("bybit-2025"))
    assert bybit.split()[1:5] == ["2025-02-21", "attributed", "1", "52"]
    assert "Federal Bureau of Investigation" in bybit
    (drift,) = (row for row in rows if row.startswith("drift-2026"))
    assert drift.endswith("no public body")


def test_one_incident_is_shown_whole_and_apart(command: Command) -> None:
    """Official words, what contradicts them and our own reading stand under headings of their own."""
    code, out, _ = command("incidents", "lykke-2024")
    assert code == 0
    places = [out.index(words) for words in ("Official statements:", "Contradicted by:", "Said by others")]
    assert places == sorted(places)
    assert "Our own reading, not official:" in command("incidents", "kucoin-2020")[1]
    ronin = command("incidents", "ronin-2022")[1]
    assert "Seed: eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96" in ronin
    assert "Theft eth: 173600000000000000000000 base units" in ronin


def test_incidents_as_data(command: Command) -> None:
    """Amounts stay text, addresses full; one incident is the same as in the list."""
    every = json.loads(command("incidents", "--json")[1])
    (ronin,) = (one for one in every if one["id"] == "ronin-2022")
    assert ronin["thefts"][0]["units"] == "173600000000000000000000"
    assert ronin["traceable"] is True
    assert json.loads(command("incidents", "ronin-2022", "--json")[1]) == ronin
    assert sum(one["traceable"] for one in every) == 1


def test_recipients_are_listed_and_shown_with_their_age(command: Command) -> None:
    """A contact that may be out of date says so in the list, on its card and as data."""
    code, out, err = command("vasps")
    head, *rows = out.splitlines()
    assert (code, err) == (0, "")
    assert head.startswith("ID")
    assert len(rows) >= 25
    (row,) = (row for row in rows if row.startswith("bitget"))
    assert row.endswith("stale")
    card = command("vasps", "bitget")[1]
    assert "STALE, check the page first: verified on 2026-11-25 (the day a stored copy" in card
    assert "kind email; value lawenforcement@bitget.com" in card
    held = json.loads(command("vasps", "bitget", "--json")[1])
    assert held["stale"] is True
    assert held in json.loads(command("vasps", "--json")[1])


def test_an_unknown_name_is_refused(command: Command) -> None:
    """Exit code 2 and the names there are."""
    for verb, word in (("incidents", "unknown incident"), ("vasps", "unknown recipient")):
        code, out, err = command(verb, "nope")
        assert (code, out) == (2, "")
        assert word in err


def test_freezes_refuses_what_nobody_can_tell(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A word that is no address, a chain without an issuer, two cases: refused, and no case is started."""
    monkeypatch.chdir(tmp_path)
    bitcoin = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    for words, why in (
        (("nonsense",), "'nonsense' is no address, and no case"),
        ((bitcoin,), "no address here is of a chain where an issuer that freezes is known"),
        (("0x" + "1" * 64,), "is no address, and no case"),
    ):
        code, out, err = command("freezes", *words)
        assert (code, out) == (2, "")
        assert why in err
    assert not list(tmp_path.iterdir())


def test_freezes_offline_says_that_nothing_is_held(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing was asked yet, so nothing is known: that is not the same as not frozen."""
    monkeypatch.chdir(tmp_path)
    code, out, err = command("freezes", "0x" + "12" * 20, "--offline")
    assert (code, out) == (3, "")
    assert "the evidence holds no answer: run the same command once without --offline" in err
    assert "are frozen" not in err
