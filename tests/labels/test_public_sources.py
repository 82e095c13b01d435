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
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the public source files are not beside the checkout"),
]


def claimed() -> Iterator[tuple[str, str, str]]:
    """Yield every (source key, account, where) of the shipped packs."""
    folder = resources.files("flowtrace.labels") / "data"
    for file in folder.iterdir():
        if file.name.endswith(".yaml") and file.name != "entities.yaml":
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
    if key == "ofac-2024":
        return frozenset((labels / "ofac" / "sanctioned_addresses_ETH.txt").read_text().lower().split())
    if key == "tutela":
        return frozenset(json.loads((labels / "tutela" / "tornado_pools.json").read_text()))
    if key == "tayvano":
        return frozenset(line.split("\t")[0] for line in KEY.read_text().splitlines())
    return frozenset(tagpack(key))


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
        if account not in accounts(key)
    ]
    assert not unbacked


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
        assert (call["from"], call["to"], call["isError"]) == (seed, theft.victim.account, "0")
        assert f"{theft.units:064x}" in call["input"]
