"""What bridges write, as facts: kept as it stands, by topic, and never an error whatever the bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.crossing import shipped
from flowtrace.model import ETHEREUM, Address, Chain, FactKind
from flowtrace.moves.coin import CoinTransaction, Output
from flowtrace.moves.evm import EvmTransaction
from flowtrace.moves.facts import of_log
from flowtrace.moves.messages import TOPICS, memo_of

AT = EvmTransaction(ETHEREUM, "0x" + "ab" * 32, 5, 1, 1_700_000_000)
WHO = "0x" + "11" * 20


def test_the_topics_are_those_of_the_registry() -> None:
    """A log that a decoder reads is kept, and no other: two lists that must not drift apart."""
    assert {topic for protocol in shipped().protocols for topic in protocol.topics} == TOPICS


def test_a_bridges_log_is_kept_whole() -> None:
    """Contract, topics and data stand in the fact as the node has them; another topic is none."""
    topic = min(TOPICS)
    log = {"address": WHO, "topics": [topic, "0x" + "00" * 32], "data": "0xAB", "logIndex": "0x7"}
    found = of_log(AT, Address.parse(ETHEREUM, WHO), log)
    assert found is not None
    assert (found.kind, found.order, found.figure("data")) == (FactKind.MESSAGE, 7, "0xab")
    assert found.figure("topics") == f"{topic},0x{'00' * 32}"
    assert of_log(AT, Address.parse(ETHEREUM, WHO), log | {"topics": ["0x" + "12" * 32]}) is None


def test_a_text_of_a_coin_transaction_is_a_fact() -> None:
    """OP_RETURN with one push or several is text; what cannot be printed, or is cut off, is none."""
    memo = b"OUT:" + b"AB" * 32
    long = b"=:e:0x" + b"1" * 90
    script = bytes([0x6A, len(memo)]) + memo
    assert memo_of(script) == memo.decode()
    assert memo_of(bytes([0x6A, 0x4C, len(long)]) + long) == long.decode()
    assert memo_of(script[:-1]) == memo_of(bytes([0x6A, 1, 7])) == memo_of(memo) == ""
    made = CoinTransaction("cd" * 32, ("aa" * 32 + ":0",), (Output(5, b""), Output(0, script)))
    (fact,) = made.shape(Chain.of("bitcoin"), height=3, index=1, time=9)
    assert (fact.kind, fact.order, fact.figure("text")) == (FactKind.MEMO, 1, memo.decode())


@given(st.binary(max_size=200))
def test_any_script_is_read_or_told_to_hold_no_text(script: bytes) -> None:
    """Scripts are strangers' bytes: what is told of them can be printed."""
    assert memo_of(script).isprintable()
    assert memo_of(b"\x6a" + script).isprintable()
