"""Incidents: the facts of Ronin 2022, and what a bad incident file says."""

from __future__ import annotations

from importlib import resources

import pytest

from flowtrace.errors import InputError
from flowtrace.labels import incident_ids, incident_of_seed, load_incident
from flowtrace.labels.incident import read_incident
from flowtrace.model import Address

SEED = Address.parse("ethereum", "0x098b716b8aaf21512996dc57eb0615e2383e2f96")
BRIDGE = Address.parse("ethereum", "0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2")


def recorded() -> str:
    """Return the shipped file of Ronin 2022."""
    file = resources.files("flowtrace.labels") / "data" / "incidents" / "ronin-2022.toml"
    return file.read_text(encoding="utf-8")


def test_ronin_2022_is_what_the_ledger_and_the_authorities_say() -> None:
    """The two thefts, their transfers and the official attribution are those of the public record."""
    ronin = load_incident("ronin-2022")
    assert (ronin.id, ronin.date, ronin.seeds) == ("ronin-2022", "2022-03-23", (SEED,))
    assert {one.id: (one.asset.symbol, one.units) for one in ronin.thefts} == {
        "eth": ("ETH", 173600 * 10**18),
        "usdc": ("USDC", 25_500_000 * 10**6),
    }
    assert {(one.victim, one.thief) for one in ronin.thefts} == {(BRIDGE, SEED)}
    assert all(one.transfer.endswith(":call 0") for one in ronin.thefts)
    assert [one.date for one in ronin.attribution] == ["2022-04-14", "2022-04-14"]
    assert all(one.url.startswith("https://") for one in (*ronin.attribution, *ronin.sources))


def test_every_incident_is_named_as_its_file() -> None:
    """Each id loads the incident of that id."""
    assert [load_incident(one).id for one in incident_ids()] == list(incident_ids())


def test_a_seed_leads_to_its_incident() -> None:
    """The theft address names the incident; another address names none."""
    assert incident_of_seed(SEED) == load_incident("ronin-2022")
    assert incident_of_seed(BRIDGE) is None


def test_an_unknown_incident_is_named() -> None:
    """An id that is not shipped gives one line with those that are; a path is no id."""
    for wrong in ("ronin-2023", "../incidents/ronin-2022"):
        with pytest.raises(InputError, match=r"unknown incident .* use one of ronin-2022"):
            load_incident(wrong)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('units = "25500000000000"', 'units = "2.55e13"', "thefts 2: amount '2.55e13' is not an integer"),
        ('units = "25500000000000"', "units = 25500000000000", "write it as text, in quotes"),
        ("slip44:60", "slip44:61", "is not the coin of ethereum"),
        ("decimals = 6", 'decimals = "6"', "write a whole number"),
        ('date = "2022-03-23"', 'date = "23.03.2022"', "write it as YYYY-MM-DD"),
        ('date = "2022-03-23"', "", "has no date"),
        ("098B716B", "098b716B", "EIP-55 checksum is wrong"),
        ("seeds = [", "saplings = [", "has an unknown saplings"),
        ("[[attribution]]", "[[blame]]", "has an unknown blame: use attribution"),
        ("[[thefts]]", "[thefts]", "cannot be read as TOML"),
    ],
)
def test_a_bad_incident_file_is_named(old: str, new: str, words: str) -> None:
    """A bad file gives one line that names it and what to do."""
    assert old in recorded()
    with pytest.raises(InputError, match=r"^x\.toml") as caught:
        read_incident(recorded().replace(old, new).encode(), "x.toml")
    assert words in str(caught.value)
