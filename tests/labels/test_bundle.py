"""The bundled set: what it must hold, what it must not, and that it is what its rules make."""

from __future__ import annotations

import hashlib
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from flowtrace.labels import incident_ids, load_incident, load_labels
from flowtrace.labels.row import read_yaml
from flowtrace.labels.shelf import SortedPack
from flowtrace.model import Address, Category, Use
from labels import bundled

FILE = resources.files("flowtrace.labels") / "data" / "bundle.sorted.yaml"


@pytest.fixture(scope="module")
def bundle() -> SortedPack:
    """Return the bundled set as the shipped book has it."""
    (shelf,) = load_labels().shelves
    assert isinstance(shelf, SortedPack)
    return shelf


def test_it_is_sorted_and_small(bundle: SortedPack) -> None:
    """Every tag is found by its address, and all of it takes less than 5 MB in the wheel."""
    lines = [line for line in FILE.read_bytes().splitlines() if line.startswith(b"- ")]
    assert lines == sorted(lines)
    assert len(FILE.read_bytes()) < 5 << 20
    assert len(bundle) == len(lines) > 3000
    assert all(label in bundle.of(label.address) for label in bundle)


def test_a_look_up_reads_no_tag_but_those_of_its_address(bundle: SortedPack) -> None:
    """With every other line broken after its address, a look-up answers as before: none of them was read."""
    data = FILE.read_bytes()
    wanted = next(one for one in bundle if one.use is Use.FROZEN).address
    mine = b'- {"address": "' + wanted.account.encode() + b'"'
    head, mark, tags = data.partition(b"\ntags:\n")
    broken = [line if line.startswith(mine) else line[: line.index(b'",') + 2] for line in tags.splitlines()]
    pack = SortedPack(head + mark + b"\n".join(broken) + b"\n", FILE.name, bundle.entities)
    assert pack.of(wanted) == bundle.of(wanted) != ()
    with pytest.raises(ValueError, match="property name"):
        list(pack)


def test_it_is_a_tagpack_of_the_projects_form() -> None:
    """Any YAML reader loads it; every tag has a source of the header, or its own words."""
    top = read_yaml(FILE.read_bytes(), FILE.name)
    keys = set(top.named("sources"))
    assert all(set(tag.words("source")) <= keys for tag in top.rows("tags") if "use" not in tag.fields)


def test_every_tag_says_who_when_and_under_which_licence(bundle: SortedPack) -> None:
    """Source, date, confidence and licence stand with every tag."""
    assert all(one.source and one.date and one.licence and one.confidence != "unknown" for one in bundle)


def test_the_kinds_that_are_asked_for_are_there(bundle: SortedPack) -> None:
    """Exchanges' wallets, mixers, bridges, routers, stablecoins, DPRK addresses and frozen ones."""
    kinds = Counter(one.category for one in bundle)
    wanted = (Category.EXCHANGE, Category.MIXER, Category.BRIDGE, Category.DEX, Category.TOKEN)
    assert all(kinds[kind] > 40 for kind in wanted)
    assert sum(one.use is Use.FROZEN for one in bundle) > 700
    lazarus = [one for one in bundle if one.entity and one.entity.id == "lazarusgroup"]
    assert len(lazarus) > 10


def test_upbit_hacker_is_a_claim(bundle: SortedPack) -> None:
    """An explorer's word on where stolen funds went is class X: it ends no trace and names no actor."""
    upbit = [one for one in bundle if one.text.startswith("Upbit Hacker")]
    assert len(upbit) > 800
    assert all(one.asserted and one.entity is None for one in upbit)
    book = load_labels()
    assert book.service(upbit[0].address) is None
    assert upbit[0] in book.claims(upbit[0].address)


def test_no_part_of_a_bundled_case_is_given_away(bundle: SortedPack) -> None:
    """Nothing is said of the thief's addresses beyond what the packs say that were looked through by hand."""
    assert not [seed for seed in load_incident("ronin-2022").seeds if bundle.of(seed)]
    assert bundle.of(Address("eip155:1", "0x" + "0" * 39 + "1")) == ()


@pytest.mark.real
@pytest.mark.skipif(not bundled.SHARED.is_dir(), reason="the public source files are not beside the checkout")
def test_it_is_what_its_rules_make(tmp_path: Path) -> None:
    """Making it anew of the public files gives the same bytes."""
    made = tmp_path / "bundle.sorted.yaml"
    made.write_bytes(bundled.made())
    assert hashlib.sha256(made.read_bytes()).digest() == hashlib.sha256(FILE.read_bytes()).digest()


def test_every_address_that_the_fbi_named_is_labelled() -> None:
    """Issue 6: "DPRK addresses; sources per tag": what incidents cite of the FBI, a trace meets as labels."""
    book = load_labels()
    named = {
        address: block.said.date
        for incident in map(load_incident, incident_ids())
        for block in incident.published
        if block.said.who == "Federal Bureau of Investigation"
        for address in block.addresses
    }
    assert len(named) == 51 + 11 + 6
    for address, day in named.items():
        said = [label for label in book.of(address) if "FBI" in label.source or "fbi.gov" in label.source]
        assert said, address
        assert {label.category for label in said} == {Category.PERPETRATOR}
        assert all(label.confidence == "authority_data" for label in said)
        assert day[:7] in {label.date[:7] for label in said}
