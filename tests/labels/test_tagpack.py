"""TagPacks and ActorPacks: what is read, what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels.tagpack import read_entities, read_tagpack
from flowtrace.labels.untrusted import one_line
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Address, Category, Entity, Label, Use

ACCOUNT = "0x73f8FC2e74302eb2EfdA125A326655aCF0DC2D1B"
TAG: dict[str, object] = {
    "address": ACCOUNT,
    "network": "ETH",
    "label": "Huobi 35",
    "source": "https://example.org/a",
    "confidence": "web_crawl",
    "lastmod": "2023-10",
    "category": "exchange",
    "actor": "huobi",
    "use": "hot_wallet",
}
HUOBI = Entity("huobi", "Huobi", Category.EXCHANGE, "https://example.org")
EXPECTED = Label(
    Address.parse("ethereum", ACCOUNT),
    "Huobi 35",
    Category.EXCHANGE,
    Use.HOT_WALLET,
    HUOBI,
    "https://example.org/a",
    "web_crawl",
    "2023-10",
)


def pack(*tags: object, **header: object) -> bytes:
    """Return a TagPack. JSON is YAML, where it escapes no surrogates."""
    whole = {"title": "t", "creator": "c", **header, "tags": list(tags)}
    return json.dumps(whole, ensure_ascii=False).encode()


def read(*tags: object, **header: object) -> tuple[Label, ...]:
    """Read a TagPack of these tags."""
    return read_tagpack(pack(*tags, **header), "p.yaml", {"huobi": HUOBI})


def test_a_tag_becomes_a_label() -> None:
    """Every field of a tag is in its label."""
    assert read(TAG) == (EXPECTED,)


@given(st.sets(st.sampled_from(sorted(set(TAG) - {"address"}))))
def test_a_field_may_stand_in_the_header(moved: set[str]) -> None:
    """Any tag field may be given once in the header and is inherited."""
    tag = {key: value for key, value in TAG.items() if key not in moved}
    assert read(tag, **{key: TAG[key] for key in moved}) == (EXPECTED,)


@given(
    st.builds(
        Label,
        address=st.integers(1, 2**160 - 1).map(lambda n: Address("eip155:1", f"0x{n:040x}")),
        text=st.text(min_size=1).map(one_line).filter(lambda text: text not in {"", "~", "null"}),
        category=st.sampled_from(Category),
        use=st.sampled_from(Use),
        entity=st.sampled_from([None, HUOBI]),
        source=st.just("https://example.org/a"),
        confidence=st.sampled_from(sorted(CONFIDENCE)),
        date=st.dates().map(str),
        asserted=st.booleans(),
    )
)
def test_a_label_written_as_a_tag_reads_back(label: Label) -> None:
    """Writing a label as a tag and reading the tag gives the label."""
    tag = {
        "address": label.address.display,
        "network": label.address.chain.name,
        "label": label.text,
        "source": label.source,
        "confidence": label.confidence,
        "lastmod": label.date,
        "category": label.category,
        "use": label.use,
        "actor": label.entity.id if label.entity else None,
        "asserted": label.asserted,
    }
    assert read(tag) == (label,)


def test_one_tag_stands_for_all_its_sources() -> None:
    """A tag that names several sources joins them, with confidence and date of the strongest."""
    sources = {
        "a": {"source": "https://example.org/a", "confidence": "web_crawl", "lastmod": "2023-10"},
        "b": {"source": "https://example.org/b", "confidence": "service_data", "lastmod": "2022-11-16"},
    }
    tag = {"address": ACCOUNT, "label": "Huobi 35", "source": ["a", "b"], "network": "ETH"}
    (label,) = read(tag, sources=sources)
    assert label.source == "https://example.org/a; https://example.org/b"
    assert (label.confidence, label.date) == ("service_data", "2022-11-16")


def test_an_unquoted_address_and_date_stay_text() -> None:
    """An EVM address without quotes is not read as a number, nor a day as anything but its text."""
    data = (
        f"source: s\nnetwork: ETH\nlastmod: 2022-11-16\ntags:\n- address: {ACCOUNT}\n  label: 35\n".encode()
    )
    (label,) = read_tagpack(data, "p.yaml", {})
    assert (label.address, label.text, label.date) == (EXPECTED.address, "35", "2022-11-16")


def test_graphsense_words_are_understood() -> None:
    """Concepts give use and category, an abuse makes a perpetrator, an unknown actor keeps its id."""
    bare = {"address": ACCOUNT, "currency": "ETH", "label": "x", "source": "s"}
    hot, thief = read(
        bare | {"concepts": ["hot_wallet", "exchange"], "actor": "new"},
        bare | {"category": "user", "abuse": "service_hack"},
    )
    assert (hot.use, hot.category, hot.confidence) == (Use.HOT_WALLET, Category.EXCHANGE, "unknown")
    assert hot.entity == Entity("new", "new", Category.EXCHANGE)
    assert (thief.category, thief.entity) == (Category.PERPETRATOR, None)


def test_what_no_case_can_ask_for_is_left_out() -> None:
    """Tags of transactions and of chains flowtrace does not follow are left out."""
    elsewhere = {"address": "addr1", "currency": "ADA", "label": "x", "source": "s"}
    assert read({"tx_hash": "0x1", "currency": "ETH", "label": "x", "source": "s"}, elsewhere) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"address": ACCOUNT.replace("F8", "f8").replace("FC", "fC")}, "EIP-55 checksum is wrong"),
        ({"address": None}, "has no address"),
        ({"address": [1]}, "write it as text"),
        ({"network": "KCS"}, "unknown chain 'KCS'"),
        ({"label": ""}, "has no label"),
        ({"label": "\u202e\n"}, "has no label"),
        ({"source": None}, "has no source"),
        ({"source": ["gone"]}, "not among the header's sources"),
        ({"source": []}, "not among the header's sources"),
        ({"source": [{}]}, "no list of words"),
        ({"confidence": "sure"}, "confidence 'sure': use one of override"),
        ({"lastmod": "16.11.2022"}, "lastmod '16.11.2022': write it as YYYY-MM-DD"),
        ({"category": "exchnage"}, "category 'exchnage': use one of"),
        ({"concepts": "exchange"}, "no list of words"),
        ({"use": "lukewarm"}, "use 'lukewarm': use one of hot_wallet"),
        ({"asserted": "perhaps"}, "asserted 'perhaps': write true or false"),
    ],
)
def test_a_bad_tag_is_named(change: dict[str, object], words: str) -> None:
    """A bad tag gives one line that names the file, the tag and what to do."""
    with pytest.raises(InputError) as caught:
        read(TAG, TAG | change)
    message = str(caught.value)
    assert message.startswith("p.yaml, tags 2: ")
    assert words in message
    assert "\n" not in message


def test_actors_are_read() -> None:
    """An actor's category is the first that says what it does; a repeated id of another actor is refused."""
    data = b"actors:\n- {id: a, label: A, categories: [organization, exchange], uri: a.org}\n"
    assert read_entities(data, "a.yaml") == {"a": Entity("a", "A", Category.EXCHANGE, "a.org")}
    with pytest.raises(InputError, match="actors 2: repeats the id 'a'"):
        read_entities(data + b"- {id: a, label: B}\n", "a.yaml")
