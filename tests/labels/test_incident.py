"""Incidents: the facts of Ronin 2022, what every shipped file holds, and what a bad one says."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from flowtrace.errors import InputError
from flowtrace.labels import incident_ids, incident_of_seed, load_incident
from flowtrace.labels.incident import read_incident
from flowtrace.model import Address, Incident, IncidentStatus, PublishedRole

SEED = Address.parse("ethereum", "0x098b716b8aaf21512996dc57eb0615e2383e2f96")
BRIDGE = Address.parse("ethereum", "0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2")


SHARED = Path(__file__).parents[2].parent / "shared" / "data"
MINIMAL = """
id = "x"
title = "t"
date = "2024"
victim = "v"
"""
SAID = """
[[{key}]]
who = "w"
what = "s"
url = "https://example.org/"
"""
real = pytest.mark.skipif(not SHARED.is_dir(), reason="the public source files are not beside the checkout")


def every() -> list[Incident]:
    """Return all shipped incidents."""
    return list(map(load_incident, incident_ids()))


def said(*keys: str) -> str:
    """Return a statement under each key."""
    return "".join(SAID.format(key=key) for key in keys)


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
        with pytest.raises(InputError, match=r"unknown incident .* use one of .*ronin-2022"):
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
        ("[[attribution]]", "[[blame]]", "has an unknown blame: use addresses"),
        ("[[thefts]]", "[thefts]", "cannot be read as TOML"),
        ("seeds = [", "chains = [", "has no list of seeds"),
        ("https://www.fbi.gov", "ftp://www.fbi.gov", "write it as https://"),
    ],
)
def test_a_bad_incident_file_is_named(old: str, new: str, words: str) -> None:
    """A bad file gives one line that names it and what to do."""
    assert old in recorded()
    with pytest.raises(InputError, match=r"^x\.toml") as caught:
        read_incident(recorded().replace(old, new).encode(), "x.toml")
    assert words in str(caught.value)


def test_at_least_thirty_thefts_are_attributed_by_a_public_body() -> None:
    """Issue 6: at least 30 with a public official attribution that nobody official or named contradicts."""
    counts = Counter(one.status for one in every())
    assert counts == {
        IncidentStatus.ATTRIBUTED: 34,
        IncidentStatus.CONTESTED: 6,
        IncidentStatus.UNOFFICIAL: 9,
    }
    assert counts[IncidentStatus.ATTRIBUTED] >= 30
    assert {"2017", "2025"} <= {one.date[:4] for one in every() if one.attribution}


def test_every_incident_has_a_citation_and_a_status_that_fits_it() -> None:
    """Issue 6: "Contested or unofficial attributions are marked as such"."""
    for one in every():
        assert one.attribution or one.claims, one.id
        assert (one.status is IncidentStatus.UNOFFICIAL) == (not one.attribution), one.id
        assert (one.status is IncidentStatus.CONTESTED) == bool(one.disputed), one.id
        cited = (*one.attribution, *one.disputed, *one.claims, *one.amounts, *one.sources)
        for citation in (*cited, *(block.said for block in one.published)):
            assert citation.who, one.id
            assert re.match(r"https?://", citation.url), one.id


def test_ids_are_unique_and_days_are_days() -> None:
    """An id is its file's; a full date is a day of the calendar, between 2017 and a day that has passed."""
    ids = [one.id for one in every()]
    assert len(ids) == len(set(ids))
    for one in every():
        filled = f"{one.date}-01-01"[:10] if len(one.date) == 4 else f"{one.date}-01"[:10]
        assert date(2017, 1, 1) <= date.fromisoformat(filled) <= date(2026, 11, 25), one.id


def test_addresses_are_written_as_they_are_shown() -> None:
    """Every address of the files is canonical: its text is what it is shown as, checksum and all."""
    folder = resources.files("flowtrace.labels") / "data" / "incidents"
    for name in incident_ids():
        text = (folder / f"{name}.toml").read_text(encoding="utf-8")
        for address in load_incident(name).named:
            assert f'"{address}"' in text, (name, str(address))


def test_an_incident_without_transfers_cannot_be_followed_by_amounts() -> None:
    """The address where Bybit's ether arrived is a seed, and still no theft whose amounts could be traced."""
    bybit = load_incident("bybit-2025")
    (seed,) = bybit.seeds
    assert not bybit.is_traceable
    assert incident_of_seed(seed) is None
    assert len(bybit.named) == 52


@pytest.mark.parametrize(
    ("status", "keys", "words"),
    [
        ("attributed", ("claims",), "is attributed with no attribution by a public body"),
        ("contested", ("attribution",), "is contested with no disputed statement"),
        ("attributed", ("attribution", "disputed"), "is attributed with a disputed statement"),
        ("unofficial", ("attribution", "claims"), "is unofficial with an attribution"),
        ("unofficial", (), "is unofficial without claims"),
        ("proven", ("attribution",), "has status 'proven': use one of attributed, contested, unofficial"),
    ],
)
def test_a_status_must_fit_what_was_said(status: str, keys: tuple[str, ...], words: str) -> None:
    """Who said it decides the status; a file that claims more is refused."""
    with pytest.raises(InputError, match=r"^x\.toml") as caught:
        read_incident(f'{MINIMAL}status = "{status}"\n{said(*keys)}'.encode(), "x.toml")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            'role = "thief"\nlist = ["eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96"]',
            "has role 'thief'",
        ),
        (
            'role = "held"\nlist = ["eip155:1:0x098b716B8Aaf21512996dC57EB0615e2383E2f96"]',
            "checksum is wrong",
        ),
        ('role = "held"', "lists no address and no transaction"),
        ('role = "held"\ntransactions = ["0xabc"]', "unknown chain"),
        ('role = "held"\nguess = "x"', "addresses 1: has an unknown guess"),
        ('role = "held"\nlist = "0x"', "no list of words"),
    ],
)
def test_bad_published_addresses_are_named(lines: str, words: str) -> None:
    """A list of addresses says who published it, in which role, and every address is checked."""
    with pytest.raises(InputError, match=r"^x\.toml, addresses 1: ") as caught:
        read_incident(f"{MINIMAL}{said('addresses')}{lines}".encode(), "x.toml")
    assert words in str(caught.value)


def test_received_addresses_are_seeds_and_held_ones_are_not() -> None:
    """A seed is where the stolen funds arrived; whoever held them later is named, and no seed."""
    here, there = (
        "eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
        "bip122:000000000019d6689c085ae165831e93:",
    )
    there += "3LU8wRu4ZnXP4UM8Yo6kkTiGHM9BubgyiG"
    text = f'{MINIMAL}{said("addresses")}role = "received"\nlist = ["{here}"]'
    text += f'{said("addresses")}role = "held"\nlist = ["{there}"]'
    found = read_incident(text.encode(), "x.toml")
    assert found.seeds == (SEED,)
    assert found.named == (SEED, Address.of(there))
    assert found.status is IncidentStatus.UNOFFICIAL


@pytest.mark.real
@real
def test_the_addresses_of_the_fbi_are_those_it_published() -> None:
    """Issue 6: "The 51 FBI addresses ... are all found with their source"; so are the six of August 2023."""
    file = SHARED / "labels" / "fbi" / "bybit_psa250226_51.txt"
    (held,) = (one for one in load_incident("bybit-2025").published if one.role is PublishedRole.HELD)
    assert set(held.addresses) == {Address.parse("ethereum", text) for text in file.read_text().split()}
    assert len(held.addresses) == 51
    assert "I-022625-PSA" in held.said.what
    pack = (SHARED / "labels" / "graphsense-tagpacks" / "packs" / "lazarus2.yaml").read_text()
    six = {Address.parse("bitcoin", text) for text in re.findall(r"address: (\S+)", pack)}
    for name in ("alphapo-2023", "atomic-wallet-2023", "coinspaid-2023"):
        assert set(load_incident(name).published[0].addresses) == six


@pytest.mark.real
@real
def test_the_other_addresses_of_the_public_sets_are_theirs() -> None:
    """The sources of the laundering network of Atomic Wallet, and what explorers call two thieves."""
    sources = (SHARED / "laundernet" / "atomic" / "source.csv").read_text().split()
    network = load_incident("atomic-wallet-2023").published[1]
    assert set(network.addresses) == {Address.parse("ethereum", text) for text in sources}
    for name, kind in (("upbit-2019", "Upbit Hacker 1,"), ("kucoin-2020", "Kucoin Hacker,")):
        tags = (SHARED / "labels" / "raphtory" / "etherscan_tags.csv").read_text()
        (seed,) = load_incident(name).seeds
        assert f"{seed.account},{kind}" in tags
