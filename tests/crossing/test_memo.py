"""Memos of THORChain and Maya: the grammar, by what was recorded of it and by its own law."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossing.writing import TX, TX_2
from flowtrace.crossing import Side, UndecodableError, join, shipped
from flowtrace.crossing.memo import SHORT, Ask, Memo, read_memo, reference_of
from flowtrace.crossing.seen import Seen
from flowtrace.crossing.thorchain import from_memo, key_of
from flowtrace.model import Chain, Class

BITCOIN = Chain.of("bitcoin").id
USDT = "ETH.USDT-0XDAC17F958D2EE523A2206206994597C13D831EC7"
WAYS = [
    ("=:BTC.BTC:bc1qw:5216435/100/2", Memo(Ask.SWAP, "BTC.BTC", "bc1qw", "", "5216435", "100", "2")),
    ("SWAP:b:bc1qw", Memo(Ask.SWAP, "BTC.BTC", "bc1qw")),
    ("s:r:thor1x:0", Memo(Ask.SWAP, "THOR.RUNE", "thor1x", "", "0")),
    ("=:ETH.ETH:0xab/bc1qback:9::t:100", Memo(Ask.SWAP, "ETH.ETH", "0xab", "bc1qback", "9", affiliate="")),
    ("=:ETH/USDT:thor1x:0/1/0:dx:10", Memo(Ask.SWAP, "ETH/USDT", "thor1x", "", "0", "1", "0", "dx")),
    ("=:ETH~ETH:thor1x", Memo(Ask.SWAP, "ETH~ETH", "thor1x")),
    ("=<:e:0xab:7", Memo(Ask.SWAP, "ETH.ETH", "0xab", "", "7")),
    ("=:ARB.TGT-341:::wr:100", Memo(Ask.SWAP, "ARB.TGT-341", affiliate="wr")),
    (f"OUT:{'aB' * 32}", Memo(Ask.OUT, txid="AB" * 32)),
    (f"refund:{'ab' * 32}:more", Memo(Ask.REFUND, txid="AB" * 32)),
    ("r:12345", Memo(Ask.REFERENCE, reference="12345")),
    (f"REFERENCE:{USDT}:=:b:bc1qw", Memo(Ask.REGISTRATION, USDT, registered="=:b:bc1qw")),
]


@pytest.mark.parametrize(("text", "memo"), WAYS)
def test_a_memo_is_read_as_its_grammar_says(text: str, memo: Memo) -> None:
    """Abbreviations, streaming, refund address, references and registrations."""
    assert read_memo("thorchain", text) == memo


@pytest.mark.parametrize("text", ["", "+:BTC.BTC:thor1x", "hello", "BOND:thor1x", "TRADE+:thor1x"])
def test_a_memo_of_another_kind_moves_nothing(text: str) -> None:
    """Liquidity, bonds, words of people."""
    assert read_memo("thorchain", text) is None


@pytest.mark.parametrize(
    "text", ["OUT:", "OUT:ab", "REFUND:" + "g" * 64, "r:", "r:-1", "=:", "=:B T C:x", "=" + "x" * 3000]
)
def test_a_memo_that_begins_right_and_is_not_is_refused(text: str) -> None:
    """Its own error, and nothing made up."""
    with pytest.raises(UndecodableError):
        read_memo("thorchain", text)


def test_one_letter_is_another_asset_on_each_protocol() -> None:
    """``d`` is Dogecoin to THORChain and Dash to Maya."""
    assert {name: codes["d"] for name, codes in SHORT.items()} == {
        "thorchain": "DOGE.DOGE",
        "maya": "DASH.DASH",
    }
    assert read_memo("maya", "=:a:0xab").asset == "ARB.ETH"  # type: ignore[union-attr]


def test_a_swap_from_bitcoin_is_joined_to_the_payment_that_names_it() -> None:
    """The key is the deposit's own hash. A text in a coin transaction vouches for nothing."""
    (sent,) = from_memo(Seen(BITCOIN, "ab" * 32, 5), "=:ETH.ETH:0x1::t:9", asset="coin", units=10**8)
    answer = f"OUT:{'AB' * 32}"
    (paid,) = from_memo(Seen("eip155:1", TX_2, 9), answer, asset="coin", units=10**18, recipient="0x1")
    (unsure,) = from_memo(Seen("eip155:1", TX_2, 9), answer, units=10**18, recipient="0x1", vouched=False)
    assert join([sent, paid], shipped().manners).crossings[0].cls is Class.C
    assert join([sent, unsure], shipped().manners).crossings[0].cls is Class.P
    assert sent.key == paid.key == key_of("0x" + "ab" * 32)


def test_a_stream_is_paid_in_parts_and_what_is_left_comes_back() -> None:
    """Three payments and a refund under one key are one crossing."""
    (sent,) = from_memo(Seen("eip155:1", TX, 5), "=:b:bc1q:0/4/0", asset="0xt", units=100)
    parts = [
        next(from_memo(Seen(BITCOIN, f"{n:064x}", 9 + n), f"OUT:{key_of(TX)}", asset="coin", units=7))
        for n in range(3)
    ]
    (back,) = from_memo(Seen("eip155:1", TX_2, 20), f"REFUND:{key_of(TX)}", asset="0xt", units=40)
    assert back.side is Side.RETURNED
    (crossing,) = join([back, *parts, sent], shipped().manners).crossings
    assert (len(crossing.paid), crossing.gap, crossing.fee, crossing.returned) == (4, 4, None, False)


def test_a_registration_moves_nothing_and_a_reference_does() -> None:
    """What is registered is read like any memo; which number it got its memo does not say."""
    assert list(from_memo(Seen("eip155:1", TX), f"reference:{USDT}:=:b:bc1qw")) == []
    (end,) = from_memo(Seen("eip155:1", TX), "r:12345", units=100_012_345)
    assert (end.side, end.recipient) == (Side.SENT, "")
    assert reference_of(100_012_345) == "12345"
    assert reference_of(100_000_007) == "7"
    assert reference_of(100_000) == ""


@given(
    st.text(max_size=120) | st.from_regex(r"(?i)(out|refund|swap|=|s|r|reference):.{0,100}", fullmatch=True)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never another error; what pays names a whole transaction."""
    try:
        memo = read_memo("thorchain", text)
    except UndecodableError:
        return
    assert memo is None or memo.ask not in (Ask.OUT, Ask.REFUND) or len(bytes.fromhex(memo.txid)) == 32
