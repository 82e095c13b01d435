"""Indexes of bridges: what they say is kept as it was given, and leads to both sides of each operation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.crossing import crossings, far_of
from flowtrace.crossing.numbers import chain_of
from flowtrace.errors import SourceError, UnreadableError
from flowtrace.fetch import INDEX, Ask, providers
from flowtrace.fetch.bridges.index import operation
from flowtrace.fetch.source import Batch, drive
from flowtrace.model import (
    CHAINS,
    Address,
    Amount,
    Answer,
    Asset,
    Chain,
    Class,
    Fact,
    FactKind,
    Request,
    Transfer,
    Uncrossed,
    Unmet,
)
from flowtrace.moves.evm import EvmTransaction

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis"
WORMHOLE, MIDGARD = (
    next(p for p in providers() if p.kind == INDEX and p.options["protocol"] == name)
    for name in ("wormhole", "thorchain")
)
ETHEREUM = Chain.of("ethereum")
TX = "0x" + "ab" * 32
present = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the recorded answers in ../shared/data are not here"
)


def asked(body: bytes, *, status: int = 200, protocol: str = "wormhole", chain: Chain = ETHEREUM) -> Fact:
    """Ask an index that gives this answer; return the fact that it comes to."""
    found: list[Fact] = []
    urls: list[str] = []
    provider = WORMHOLE if protocol == "wormhole" else MIDGARD

    def answer_of(request: Request) -> Answer:
        urls.append(request.url)
        return Answer(request, body, "2026-01-01T00:00:00+00:00", "a test", status=status, number=7)

    def take(read: object) -> None:
        assert isinstance(read, Batch)
        found.extend(read.facts)

    drive(operation(provider, chain, TX), answer_of, take)
    (fact,) = found
    (url,) = urls
    assert url.endswith(TX if protocol == "wormhole" else TX[2:].upper())
    return fact


def test_an_answer_is_kept_as_a_fact_of_the_transaction() -> None:
    """It stands where the transaction stands, whole, with who said it; the ask can be replayed."""
    fact = asked(b'{"operations": [{"id": "2/00/1", "x": "\xc3\xbc"}], "more": 1}')
    assert (fact.kind, fact.tx, fact.figure("source")) == (FactKind.OPERATION, TX, "wormhole")
    assert json.loads(fact.figure("answer")) == {"operations": [{"id": "2/00/1", "x": "ü"}]}
    assert asked(b'{"actions": [{}]}', protocol="thorchain").figure("source") == "thorchain"
    ask = Ask.of_operation(WORMHOLE, ETHEREUM, TX)
    assert Ask.read(ask.text).text == ask.text
    assert Ask.read(ask.text).provider.options["protocol"] == "wormhole"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"operations": 3}', b"\xff", b'{"operations": {}}'])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    """Its own error, which puts the answer aside and asks again."""
    with pytest.raises(UnreadableError):
        asked(body)


def test_an_index_that_knows_nothing_says_so() -> None:
    """No operation yet: nothing is told, and the same may be asked of it later."""
    with pytest.raises(SourceError, match="knows nothing"):
        asked(b'{"operations": []}')
    with pytest.raises(SourceError):
        asked(b'{"error": "no"}', status=500)
    with pytest.raises(SourceError, match="more of"):
        asked(b'{"operations": ["' + b"x" * (1 << 17) + b'"]}')


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    keys = st.text(max_size=9) | st.sampled_from(["id", "sourceChain", "targetChain", "in", "out", "type"])
    return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)


@given(
    said=st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), _nested, max_leaves=9)
)
def test_whatever_an_index_says_joins_nothing_by_itself(said: object) -> None:
    """Any JSON in the place of an operation: no exception, and no crossing."""
    answer = json.dumps({"operations": [said], "actions": [said]}, ensure_ascii=True)
    for source in ("wormhole", "thorchain", "maya", "else"):
        figures = (("source", source), ("answer", answer))
        fact = Fact(ETHEREUM.id, TX, 0, 0, 0, 0, FactKind.OPERATION, figures=figures)
        one = Uncrossed(source, "", Unmet.WAITING, ETHEREUM.id, TX, "")
        assert list(far_of(one, [fact])) == []
        assert crossings([fact], lambda _chain, _tx: ()).made == ()


def moved(chain: Chain, tx: str, when: int) -> Transfer:
    """Return a payment of one token in a transaction."""
    name = tx if chain.id.startswith("eip155") else "0x" + "cd" * 32
    token = Asset.token(Address.parse(chain, "0x" + "70" * 20), "T", 6)
    source, target = (Address.parse(chain, "0x" + text * 20) for text in ("aa", "bb"))
    return EvmTransaction(chain, name, 5, 0, when).log(1, source, target=target, amount=Amount(token, 9))


def told_of(operation_: dict[str, object], chain: str, tx: str) -> Fact:
    """Return what the scanner told of a transaction, as a fact."""
    text = json.dumps({"operations": [operation_]}, ensure_ascii=True)
    return Fact(chain, tx, 0, 0, 0, 0, FactKind.OPERATION, figures=(("source", "wormhole"), ("answer", text)))


def test_where_only_an_index_tells_it_the_crossing_is_of_class_x() -> None:
    """Both payments are on their ledgers, and that they are one is a third party's word."""
    base, far = Chain.of("base"), "0x" + "CD" * 32
    ends = [
        {"chainId": number, "timestamp": f"2026-01-01T00:0{number % 10}:00Z", "transaction": {"txHash": tx}}
        for number, tx in ((2, TX), (30, far))
    ]
    ends[1] |= {"status": "completed", "timestamp": "2026-01-01T00:09:00Z"}
    said = told_of({"id": "2/00/1", "sourceChain": ends[0], "targetChain": ends[1]}, ETHEREUM.id, TX)
    held = {(ETHEREUM.id, TX): moved(ETHEREUM, TX, 1), (base.id, far.lower()): moved(base, far.lower(), 2)}
    known = crossings([said], lambda chain, tx: [held[chain, tx]] if (chain, tx) in held else [])
    (crossed,) = known.made
    assert (crossed.cls, crossed.key, crossed.by) == (Class.X, "2/00/1", "bridge_index/1")
    assert crossed.got == ((held[base.id, far.lower()].id, 0),)


@present
@pytest.mark.real
def test_every_recorded_operation_leads_to_its_other_transaction() -> None:
    """Each completed one whose target is a ledger that flowtrace knows names the transaction there."""
    known, led, done = {chain.id for chain in CHAINS}, 0, 0
    for path in sorted((RECORDED / "wormholescan").glob("*.json")):
        told = json.loads(path.read_text())
        source, target = told["sourceChain"], told.get("targetChain") or {}
        if target.get("status") != "completed":
            continue
        here, there = (chain_of("wormhole", side["chainId"]) for side in (source, target))
        tx = source["transaction"]["txHash"]
        one = Uncrossed("wormhole", told["id"], Unmet.WAITING, here, tx, "")
        found = list(far_of(one, [told_of(told, here, tx)]))
        assert found == ([(there, target["transaction"]["txHash"].lower())] if there in known else [])
        done, led = done + 1, led + len(found)
    print(f"wormholescan: {led} of {done} completed operations lead to a ledger that is read")  # noqa: T201
    assert (done, led) == (10, 5)
