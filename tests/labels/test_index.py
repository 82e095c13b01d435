"""Looking labels up without loading them: the index, the sorted pack, and the book with shelves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels import LabelBook, label_id
from flowtrace.labels.dumps import Dump, Origin
from flowtrace.labels.files import read_labels
from flowtrace.labels.index import LabelIndex
from flowtrace.labels.shelf import SortedPack
from flowtrace.model import Address, Category, Entity, Label, Use, contradictions

accounts = st.integers(0, 40).map(lambda n: Address("eip155:1", f"0x{n * 7:040x}"))
labels = st.builds(
    Label,
    address=accounts,
    text=st.sampled_from(["one", "two", "drei ü"]),
    category=st.sampled_from(Category),
    use=st.sampled_from(Use),
    entity=st.none() | st.sampled_from([Entity(name, name, Category.EXCHANGE) for name in "ab"]),
    source=st.just("https://example.org"),
    confidence=st.sampled_from(["web_crawl", "service_data"]),
    date=st.sampled_from(["", "2022-03"]),
    asserted=st.booleans(),
)


def sorted_pack(found: list[Label]) -> bytes:
    """Return labels as a sorted pack."""
    rows = [
        {
            "address": one.address.account, "label": one.text, "category": one.category.value,
            "use": one.use.value,
            "actor": one.entity.id if one.entity else "", "confidence": one.confidence, "lastmod": one.date,
            "asserted": "true" if one.asserted else "false",
        }
        for one in found
    ]  # fmt: skip
    lines = sorted("- " + json.dumps(row, ensure_ascii=False) for row in rows)
    head = "title: t\nnetwork: ethereum\nsource: https://example.org\ntags:\n"
    return (head + "".join(line + "\n" for line in lines)).encode()


@given(st.lists(labels, unique=True, max_size=30), accounts)
def test_a_sorted_pack_says_what_a_loaded_one_says(found: list[Label], wanted: Address) -> None:
    """Halving finds exactly the labels of an address, and none of a neighbour's."""
    entities = {name: Entity(name, name, Category.EXCHANGE) for name in "ab"}
    pack = SortedPack(sorted_pack(found), "p", entities)
    assert set(pack.of(wanted)) == {one for one in found if one.address == wanted}
    assert set(pack) == set(found)
    assert len(pack) == len(found)


@given(st.lists(labels, unique=True, max_size=30), accounts)
def test_a_book_with_shelves_answers_as_one_that_has_loaded_all(found: list[Label], wanted: Address) -> None:
    """Half of the labels on a shelf, or all loaded: every answer is the same."""
    entities = {name: Entity(name, name, Category.EXCHANGE) for name in "ab"}
    half = len(found) // 2
    shelf = SortedPack(sorted_pack(found[half:]), "p", entities)
    mixed, whole = LabelBook(tuple(found[:half]), shelves=(shelf,)), LabelBook(tuple(found))
    assert mixed.of(wanted) == whole.of(wanted)
    assert mixed.entity(wanted) == whole.entity(wanted)
    assert mixed.service(wanted) == whole.service(wanted)
    assert len(mixed) == len(whole)


@given(found=st.lists(labels, unique=True, max_size=20), wanted=accounts)
def test_an_index_gives_back_what_went_in(
    tmp_path_factory: pytest.TempPathFactory, found: list[Label], wanted: Address
) -> None:
    """Every label of an address comes back, with its actor."""
    with LabelIndex(tmp_path_factory.mktemp("index") / "index.sqlite") as index:
        index.add("a", b"a", found)
        assert set(index.of(wanted)) == {one for one in found if one.address == wanted}
        assert set(index) == set(found)
        assert all(index.actor(one.entity.id) == one.entity for one in found if one.entity)


def test_a_file_is_taken_in_once_whole_or_not_at_all(tmp_path: Path) -> None:
    """The same file again adds nothing; one that fails half way leaves nothing."""
    one = Label(
        Address("eip155:1", "0x" + "1" * 40), "x", Category.OTHER, Use.UNSPECIFIED, None, "s", "unknown", ""
    )
    with LabelIndex(tmp_path / "index.sqlite") as index:
        before = index.digest
        assert index.add("a", b"a", [one]) == index.add("b", b"a", [])
        assert index.digest != before

        def failing() -> list[Label]:
            raise InputError("half way")

        with pytest.raises(InputError, match="half way"):
            index.add("c", b"c", (label for _ in range(2) for label in failing()))
        assert [file.name for file in index.files()] == ["a"]


def test_a_strange_file_is_no_index(tmp_path: Path) -> None:
    """Another file, or none, gives one line."""
    (tmp_path / "index.sqlite").write_bytes(b"no database at all, not in the least" * 40)
    with pytest.raises(InputError, match="no index of labels"):
        LabelIndex(tmp_path / "index.sqlite")
    with pytest.raises(InputError, match="is missing"):
        LabelIndex(tmp_path / "gone.sqlite", readonly=True)


def test_a_persons_word_counts_first() -> None:
    """An accepted label comes before stronger ones; a rejected one is left out, and stays among all said."""
    place = Address("eip155:1", "0x" + "1" * 40)
    rest = ("https://example.org", "web_crawl", "2021")
    strong = Label(place, "A", Category.EXCHANGE, Use.UNSPECIFIED, Entity("a", "A", Category.EXCHANGE),
                   "s", "ownership", "2024")  # fmt: skip
    weak = Label(place, "B", Category.MIXER, Use.UNSPECIFIED, Entity("b", "B", Category.MIXER), *rest)
    plain = LabelBook((strong, weak))
    assert [one.about for one in contradictions(plain.of(place))] == ["entity", "category"]
    accepted = LabelBook((strong, weak), decided={label_id(weak): True})
    assert accepted.service(place) == weak
    rejected = LabelBook((strong, weak), decided={label_id(strong): False})
    assert rejected.of(place) == (weak,)
    assert rejected.said(place) == (strong, weak)
    assert len({plain.digest, accepted.digest, rejected.digest}) == 3


def read(name: str, data: bytes, origin: Origin | None = None) -> tuple[list[Label], list[str]]:
    """Read a file of labels; return them and what was refused."""
    actors = {"huobi": Entity("huobi", "Huobi", Category.EXCHANGE)}
    dump = Dump(name, data, actors)
    return list(read_labels(dump, origin)), dump.refused


def test_an_explorers_dump_is_read() -> None:
    """Names, slugs and actors of a label cloud become labels with source, date and licence."""
    account = "0x73f8FC2e74302eb2EfdA125A326655aCF0DC2D1B"
    cloud = {
        account: {"name": "Huobi 35", "labels": ["huobi", "exchange"]},
        "0x" + "2" * 40: {"name": "Fake\u202ePhishing=1\n", "labels": ["phish-hack"]},
        "": {"name": "Sum", "labels": ["exchange"]},
        "0x12": "no table",
    }
    origin = Origin("https://example.org", "web_crawl", "2023-10", "MIT")
    found, refused = read("etherscan.all.json", json.dumps(cloud).encode(), origin)
    hot, phish = found
    assert (hot.use, hot.entity and hot.entity.id, hot.licence) == (Use.HOT_WALLET, "huobi", "MIT")
    assert (phish.text, phish.category) == ("FakePhishing=1", Category.PERPETRATOR)
    assert [why.partition(": ")[2][:5] for why in refused] == ["'' is", "'0x12"]
    with pytest.raises(InputError, match="tells no explorer"):
        read("another.json", b"{}")


def test_explorers_dumps_of_other_shapes_are_read() -> None:
    """An address with its name alone, and a list whose rows tell their own chains; the rest is counted."""
    one, two = "0x" + "2" * 40, "0x" + "3" * 40
    (named,), refused = read("bscscan.phish-hack.json", json.dumps({one: "Fake_Phishing7"}).encode())
    assert (named.text, named.address.chain.name, refused) == ("Fake_Phishing7", "bnb", [])
    rows = [
        {"address": one, "chainId": 1, "label": "phish-hack", "nameTag": "Fake_Phishing8"},
        {"address": two, "chainId": 8453, "labels": ["exchange"], "name": "\u202eA house"},
        {"address": two, "chainId": 424242, "label": "x", "nameTag": "y"},
        {"address": two, "label": "x"},
        "nothing",
    ]
    (phish, house), refused = read("labels.json", json.dumps(rows).encode())
    assert (phish.category, phish.address.chain.name) == (Category.PERPETRATOR, "ethereum")
    assert (house.text, house.address.chain.name) == ("A house", "base")
    assert len(refused) == 3


def test_a_csv_of_labels_is_read() -> None:
    """Columns are named as a TagPack's fields; a formula stays text."""
    rows = (
        "address,chain,label,source,confidence,date,category\n"
        f"0x{'3' * 40},base,=1+1,s,forensic,2024,exchange\n"
    )
    (one,), _ = read("own.csv", rows.encode())
    assert (one.text, one.address.chain.name, one.confidence, one.date) == (
        "=1+1",
        "base",
        "forensic",
        "2024",
    )
    with pytest.raises(InputError, match="has no source"):
        read("own.csv", b"address,chain,label\n0x" + b"3" * 40 + b",base,x\n")


def test_wallets_of_opensanctions_are_read() -> None:
    """A CryptoWallet carries its holder's name, its data set as source, and the day of the last change."""
    person = {"id": "p", "schema": "Person", "caption": "A B", "properties": {"name": ["A B"]}}
    wallet = {
        "id": "w", "schema": "CryptoWallet", "datasets": ["us_ofac_sdn"],
        "last_change": "2024-05-06T01:02:03",
        "properties": {"publicKey": ["0x" + "4" * 40, "not one"], "currency": ["ETH"], "holder": ["p"],
                       "topics": ["sanction"]},
    }  # fmt: skip
    data = "\n".join(map(json.dumps, (person, wallet))).encode()
    origin = Origin("OpenSanctions", "authority_data", licence="CC-BY-NC-4.0")
    (one,), refused = read("ftm.jsonl", data, origin)
    assert (one.text, one.category, one.date) == ("wallet of A B", Category.PERPETRATOR, "2024-05-06")
    assert one.source == "OpenSanctions us_ofac_sdn: w"
    assert refused == ["ftm.jsonl: 'not one' of w is no address of a chain that is followed"]
    assert read("entities.json", data, origin)[0] == [one]
    with pytest.raises(InputError, match="is no JSON"):
        read("ftm.jsonl", b"[" * 100_000)


def test_sanctions_of_wallets_and_of_their_holders_are_told() -> None:
    """They stand in entities of their own, or nested; a day on which one ended is told."""
    account = "0x" + "4" * 40
    wallet = {
        "id": "w",
        "schema": "CryptoWallet",
        "properties": {"cryptoAddress": [account], "holder": ["p"]},
    }
    person = {"id": "p", "schema": "Person", "caption": "=A B", "properties": {}}
    said = {"authority": ["OFAC"], "program": ["DPRK3"], "listingDate": ["2022-05-06"]}
    sanction = {"id": "s", "schema": "Sanction", "properties": {**said, "entity": ["p"]}}
    data = "\n".join(map(json.dumps, (sanction, wallet, person))).encode()
    (one,), _ = read("entities.ftm.json", data)
    assert one.text == "wallet of =A B; sanction of OFAC (DPRK3) since 2022-05-06"
    assert one.category is Category.PERPETRATOR
    ended = {"id": "s", "schema": "Sanction", "properties": {**said, "endDate": ["2025-03-21"]}}
    nested = {"id": "w", "schema": "CryptoWallet",
              "properties": {"publicKey": [account], "holder": [person], "sanctions": [ended]}}  # fmt: skip
    (one,), _ = read("targets.nested.json", json.dumps(nested).encode())
    assert one.text == "wallet of =A B; sanction of OFAC (DPRK3) since 2022-05-06 until 2025-03-21"
