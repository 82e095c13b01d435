"""Every shipped tag against the public files it names, where ``../shared/data`` has them."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
import yaml

from flowtrace.errors import InputError
from flowtrace.labels import load_incident, load_labels
from flowtrace.labels.row import read_yaml
from flowtrace.labels.vocabulary import NETWORKS
from flowtrace.model import Address, Chain

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
KEY = SHARED / "cases" / "ronin2022" / "answer_key_tayvano.tsv"
EXPLORERS = {
    "etherscan-labels": "etherscan",
    "polygonscan-labels": "polygonscan",
    "arbiscan-labels": "arbiscan",
    "avalanche-labels": "avalanche",
    "optimism-labels": "optimism",
    "bscscan-labels": "bscscan",
}
UNRECORDED = frozenset({"dimension-adapters"})
"""Sources that were read where they stand and of which no copy is beside the checkout."""
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the public source files are not beside the checkout"),
]


def claimed() -> Iterator[tuple[str, str, str]]:
    """Yield every (source key, account, where) of the shipped packs."""
    folder = resources.files("flowtrace.labels") / "data"
    for file in folder.iterdir():
        if file.name.endswith(".yaml") and not file.name.endswith(("entities.yaml", ".sorted.yaml")):
            header = read_yaml(file.read_bytes(), file.name)
            for tag in header.rows("tags"):
                chain = tag.optional("network") or header.text("network")
                named = tag.fields["source"]
                for key in named if isinstance(named, list) else [named]:
                    yield str(key), Address.parse(chain, tag.text("address")).account, tag.where


@cache
def accounts(key: str) -> frozenset[str]:
    """Return every account the public file of a source speaks of, in canonical form."""
    labels = SHARED / "labels"
    if key in EXPLORERS:
        found = json.loads((labels / "brianleect" / f"{EXPLORERS[key]}.combinedAllLabels.json").read_text())
        return frozenset(map(str.lower, found))
    if key == "raphtory-tags":
        with (labels / "raphtory" / "etherscan_tags.csv").open(newline="") as file:
            return frozenset(row["address"].lower() for row in csv.DictReader(file))
    if key.startswith(("ofac-", "fbi-")):
        return listed(key) if key.startswith("ofac-") else announced(key)
    if key == "tutela":
        return frozenset(json.loads((labels / "tutela" / "tornado_pools.json").read_text()))
    if key == "tayvano":
        return frozenset(line.split("\t")[0] for line in KEY.read_text().splitlines())
    return frozenset(tagpack(key))


def announced(key: str) -> frozenset[str]:
    """Return the accounts that the FBI named."""
    if key == "fbi-bybit-2025":
        path = SHARED / "labels" / "fbi" / "bybit_psa250226_51.txt"
        return frozenset(path.read_text().lower().split())
    cited = load_incident("harmony-2022").published  # no recorded file has them: it says where they were read
    return frozenset(one.account for block in cited for one in block.addresses)


def listed(key: str) -> frozenset[str]:
    """Return the accounts of OFAC's list of 2024-09-27, or those that an action of OFAC names."""
    if key.startswith("ofac-2024-") or key == "ofac-2024":
        path = SHARED / "labels" / "ofac" / "sanctioned_addresses_ETH.txt"
        return frozenset(path.read_text().lower().split())
    said = (one for one in load_incident("ronin-2022").attribution if one.url.endswith(key[-8:]))
    return frozenset(word.lower() for one in said for word in one.what.split())


def tagpack(key: str) -> Iterator[str]:
    """Yield the accounts of the GraphSense TagPack a source is named after."""
    name = key.removeprefix("defi_updated-").removesuffix("-help")
    packs = SHARED / "labels" / "graphsense-tagpacks" / "packs"
    folder = packs / "defi_updated" if key.startswith("defi_updated-") else packs
    found = yaml.load((folder / f"{name}.yaml").read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506  text only
    for tag in found["tags"]:
        network = str((found | tag).get("currency", "ETH")).strip()
        try:
            yield Address.parse(Chain.of(NETWORKS.get(network, network)), tag["address"]).account
        except InputError:
            continue


def test_every_tag_is_in_the_files_it_names() -> None:
    """Each source of each shipped tag has a row for its address."""
    unbacked = [
        f"{where}: {account} is not in {key}"
        for key, account, where in claimed()
        if key not in UNRECORDED and account not in accounts(key)
    ]
    assert not unbacked


def test_a_listing_is_said_to_have_ended_only_where_it_did() -> None:
    """OFAC ended that of Tornado Cash on 2025-03-21: of contracts explorers name so, and not of a person."""
    tags = {account: key for key, account, _ in claimed() if key.startswith("ofac-2024")}
    named = {
        account.lower()
        for site in EXPLORERS.values()
        for account, item in json.loads(
            (SHARED / "labels" / "brianleect" / f"{site}.combinedAllLabels.json").read_text()
        ).items()
        if item["name"].startswith("Tornado.Cash")
    }
    ended = {account for account, key in tags.items() if key == "ofac-2024-tornado"}
    assert len(ended) == 6
    assert ended <= named
    assert tags["0x5f48c2a71b2cc96e3f0ccae4e39318ff0dc375b2"] == "ofac-2024-semenov"


def test_the_theft_address_is_cited_from_the_day_it_was_listed() -> None:
    """OFAC listed it on 2022-04-14; an older action of OFAC is no source for it."""
    thief = load_incident("ronin-2022").seeds[0]
    (label,) = load_labels().of(thief)
    assert "recent-actions/20220414" in label.source
    assert "20200302" not in label.source


def test_no_role_of_the_case_is_given_away() -> None:
    """Of the answer key only the four claims and what OFAC listed are labelled, and no deposit address is."""
    key = {line.split("\t")[0] for line in KEY.read_text().splitlines()}
    labelled = [one for one in load_labels().labels if one.address.account in key and not one.asserted]
    assert {one.address.account for one in labelled} <= accounts("ofac-2024")
    assert not [one for one in labelled if one.category.is_service or one.use]


def test_the_thefts_are_in_the_recorded_answers() -> None:
    """Both transactions of the incident are calls of the thief in the recorded ledger, with these amounts."""
    ronin = load_incident("ronin-2022")
    seed = ronin.seeds[0].account
    recorded = SHARED / "cases" / "ronin2022" / "etherscan_txlist" / f"{seed}.json.gz"
    rows = {row["hash"]: row for row in json.loads(gzip.decompress(recorded.read_bytes()))["result"]}
    for theft in ronin.thefts:
        call = rows[theft.transfer.split(":")[2]]
        assert theft.victim is not None
        assert (call["from"], call["to"], call["isError"]) == (seed, theft.victim.account, "0")
        assert f"{theft.units:064x}" in call["input"]
