"""The verbs about who is who: incidents and vasps, listed, whole, and as data."""

from __future__ import annotations

import json

from commands import Command


def test_incidents_are_listed_with_who_attributes_them(command: Command) -> None:
    """One line per theft: id, date, status, seeds, victim, and the public body or that there is none."""
    code, out, err = command("incidents")
    head, *rows = out.splitlines()
    assert (code, err, len(rows)) == (0, "", 49)
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
