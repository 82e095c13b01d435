"""The label book: order, strength, conflicts, and the facts the shipped packs must hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels import LabelBook, load_labels
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Address, Category, Entity, Label, Use

HUOBI = (
    "0x73f8fc2e74302eb2efda125a326655acf0dc2d1b",
    "0xcac725bef4f114f728cbcfd744a731c2a463c3fc",
    "0x28ffe35688ffffd0659aee2e34778b0ae4e193ad",
)
FTX = "0xc098b2a3aa256d2140208c3de6543aaef5cd3a94"
TORNADO_ROUTER = "0xd90e2f925da726b50c4ed8d0fb90ad053324f31b"
CLAIMED = {
    "0x82906886796d110b7ec4c54f6611fb29128699dd": "Cryptocom Deposit Address",
    "0x8b4959bc175d93d41d6ca278296ce714881c8b0f": "April 7 Dormant",
    "0xa9bfdc186c6bcf058fbb5bf62046d7bc74e96ce2": "Huobi Deposit Address",
    "0xf49fa9956cd53c4581a974a7fd535a15c47b954a": "Huobi Deposit Address",
}
SERVICES = {Category.EXCHANGE, Category.MIXER, Category.BRIDGE, Category.DEX, Category.OTHER_SERVICE}

addresses = st.integers(1, 4).map(lambda n: Address("eip155:1", f"0x{n:040x}"))
entities = st.none() | st.sampled_from([Entity(name, name, Category.EXCHANGE) for name in "abc"])
labels = st.builds(
    Label,
    address=addresses,
    text=st.sampled_from(["one", "two"]),
    category=st.sampled_from(Category),
    use=st.sampled_from(Use),
    entity=entities,
    source=st.just("https://example.org"),
    confidence=st.sampled_from(sorted(CONFIDENCE)),
    date=st.sampled_from(["", "2021", "2022-03", "2022-03-23"]),
    asserted=st.booleans(),
)


def ethereum(account: str) -> Address:
    """Return an Ethereum address."""
    return Address.parse("ethereum", account)


@pytest.fixture(scope="module")
def shipped() -> LabelBook:
    """Return the book of the shipped packs."""
    return load_labels()


@given(st.lists(labels).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_reading_changes_nothing(both: tuple[list[Label], list[Label]]) -> None:
    """The same labels in any order, each any number of times, are the same book with the same digest."""
    first, second = both
    one, other = LabelBook(tuple(first)), LabelBook((*second, *second))
    assert one == other
    assert one.digest == other.digest


@given(st.lists(labels, unique=True), labels)
def test_every_label_enters_the_digest(found: list[Label], further: Label) -> None:
    """A book with one more label has another digest."""
    before, after = LabelBook(tuple(found)), LabelBook((*found, further))
    assert (before.digest == after.digest) == (further in found)


@given(st.lists(labels), addresses)
def test_labels_come_strongest_first(found: list[Label], address: Address) -> None:
    """Labels of an address fall in confidence, and within one level in date."""
    ranks = [(CONFIDENCE[one.confidence], one.date) for one in LabelBook(tuple(found)).of(address)]
    assert ranks == sorted(ranks, reverse=True)


@given(st.lists(labels), addresses)
def test_an_asserted_label_never_decides(found: list[Label], address: Address) -> None:
    """Taking all asserted labels (class X) away changes no entity, no service and no conflict."""
    whole = LabelBook(tuple(found))
    held = LabelBook(tuple(one for one in found if not one.asserted))
    assert whole.entity(address) == held.entity(address)
    assert whole.service(address) == held.service(address)
    assert whole.conflicts() == held.conflicts()


@given(st.lists(labels), addresses)
def test_a_conflict_is_two_actors_of_one_address(found: list[Label], address: Address) -> None:
    """An address is in conflict exactly where its labels, asserted ones apart, name two actors or more."""
    book = LabelBook(tuple(found))
    named = {one.entity for one in book.of(address) if one.entity and not one.asserted}
    assert (address in dict(book.conflicts())) == (len(named) > 1)


@pytest.mark.parametrize(
    ("account", "entity"), [*((account, "Huobi") for account in HUOBI), (FTX, "FTX")], ids=str
)
def test_the_hot_wallets_of_the_case_are_services(shipped: LabelBook, account: str, entity: str) -> None:
    """The hot wallets to which the deposit addresses of Ronin 2022 sweep are labelled, with their sources."""
    label = shipped.service(ethereum(account))
    assert label is not None
    assert label.entity is not None
    assert (label.entity.name, label.category, label.use) == (entity, Category.EXCHANGE, Use.HOT_WALLET)
    assert "etherscan-labels" in label.source


def test_the_tornado_router_is_a_mixer(shipped: LabelBook) -> None:
    """The router of Tornado Cash ends a trace as a mixer, whatever list it was once on."""
    label = shipped.service(ethereum(TORNADO_ROUTER))
    assert label is not None
    assert label.category is Category.MIXER
    assert shipped.entity(ethereum(TORNADO_ROUTER)) == label.entity


def test_claims_of_research_are_shown_and_decide_nothing(shipped: LabelBook) -> None:
    """Exactly four addresses carry an asserted role, and none of them is a service or has an owner by it."""
    claims = {one.address.account: one.text for one in shipped.labels if one.asserted}
    assert claims == CLAIMED
    assert all(shipped.service(ethereum(account)) is None for account in CLAIMED)
    assert all(shipped.entity(ethereum(account)) is None for account in CLAIMED)


def test_tokens_and_perpetrators_end_no_trace(shipped: LabelBook) -> None:
    """The token of an exchange is a contract, the theft address a perpetrator; neither is a service."""
    token = ethereum("0x6f259637dcd74c767781e37bc6133cd6a68aa161")
    thief = ethereum("0x098b716b8aaf21512996dc57eb0615e2383e2f96")
    assert [one.category for one in shipped.of(token)] == [Category.TOKEN]
    assert [one.category for one in shipped.of(thief)] == [Category.PERPETRATOR]
    assert shipped.service(token) is shipped.service(thief) is None


def test_every_shipped_label_says_who_and_when(shipped: LabelBook) -> None:
    """Every shipped label has a source, a date and a confidence better than unknown, once per actor."""
    assert all(one.source and one.date and one.confidence != "unknown" for one in shipped.labels)
    pairs = [(one.address, one.entity) for one in shipped.labels]
    assert len(pairs) == len(set(pairs))
    assert shipped.conflicts() == ()


def test_the_major_exchanges_are_there(shipped: LabelBook) -> None:
    """Every major exchange of which the public sources show a wallet on Ethereum has one here."""
    names = "Binance Huobi FTX Coinbase Kraken OKX KuCoin Bitfinex Bybit Crypto.com Gate.io Gemini Bitstamp"
    more = "Poloniex Bittrex MEXC Upbit Bithumb HitBTC bitFlyer BitMEX Deribit WhiteBIT Liquid CoinEx"
    found = {
        one.entity.name
        for one in shipped.labels
        if one.entity and one.category is Category.EXCHANGE and one.address.chain_id == "eip155:1"
    }
    assert set(f"{names} {more}".split()) <= found


def test_an_unknown_address_has_nothing(shipped: LabelBook) -> None:
    """An address no source speaks of has no label, no actor and no service."""
    nobody = ethereum("0x" + "0" * 39 + "1")
    assert (shipped.of(nobody), shipped.entity(nobody), shipped.service(nobody)) == ((), None, None)


def test_a_user_adds_packs_and_actors(tmp_path: Path) -> None:
    """Further TagPacks and ActorPacks join the shipped ones; the pack may name actors of either."""
    actors = tmp_path / "actors.yaml"
    actors.write_text("title: t\nactors:\n- {id: own, label: Own Desk, categories: [exchange]}\n")
    pack = tmp_path / "pack.yaml"
    pack.write_text(
        "title: t\nsource: https://example.org\nconfidence: ownership\nnetwork: ETH\nlastmod: 2026-01-02\n"
        f"tags:\n- {{address: '{FTX}', label: ours, actor: own, category: exchange}}\n"
    )
    book = load_labels([pack, actors])
    own = Entity("own", "Own Desk", Category.EXCHANGE)
    assert book.entity(ethereum(FTX)) == own
    assert [actor.id for _, found in book.conflicts() for actor in found] == ["own", "ftx"]


def test_a_missing_pack_is_named(tmp_path: Path) -> None:
    """A pack that is not there gives one line with its name."""
    with pytest.raises(InputError, match=r"gone\.yaml: cannot be read"):
        load_labels([tmp_path / "gone.yaml"])
