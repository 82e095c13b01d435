"""Prices: exact from the wire to the cent, the last business day's rate, every other form refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import SourceError, UnreadableError
from flowtrace.fetch import Ask, providers
from flowtrace.fetch.prices import ecb, llama
from flowtrace.fetch.source import Asking, drive
from flowtrace.model import ETHEREUM, EURO, Address, Amount, Answer, Asset, Chain, Price, Request

RECORDED = Path(__file__).parents[4] / "shared/data/recorded_apis/rotki_selected/coins.llama.fi"
ETH = Asset.native(ETHEREUM)
USDC = Asset.token(Address.parse(ETHEREUM, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"), "USDC", 6)
WHEN = 1_648_000_000  # 2022-03-23, a Wednesday
LLAMA, ECB = (next(p for p in providers() if p.service == name) for name in ("defillama", "ecb"))
HEAD = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE"


def ask(asking: Asking[Price], body: bytes, status: int = 200) -> Price:
    """Run an asking whose every request gets this answer."""

    def answer_of(request: Request) -> Answer:
        return Answer(request, body, "2026-01-01T00:00:00+00:00", "a test", status=status, number=7)

    def take(_: object) -> None:
        """Take nothing: a price is returned."""

    return drive(asking, answer_of, take)


def coins(**quote: object) -> bytes:
    """Return an answer of DefiLlama with one coin."""
    return json.dumps({"coins": {"coingecko:ethereum": quote} if quote else {}}).encode()


def rates(*days: tuple[str, str]) -> bytes:
    """Return an answer of the European Central Bank."""
    rows = (f"EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,{day},{rate}" for day, rate in days)
    return "\n".join((HEAD, *rows, "")).encode()


def test_a_price_is_exact() -> None:
    """Every digit of the wire is kept, with how far from the time wanted it was quoted."""
    body = b'{"coins":{"coingecko:ethereum":{"price":3037.123456789012345678901,"timestamp":1648000123,'
    found = ask(llama.price(LLAMA, ETH, WHEN), body + b'"symbol":"ETH","confidence":0.99}}}')
    assert found == Price(ETH, WHEN, "3037.123456789012345678901", WHEN + 123, "DefiLlama", "0.99")
    assert found.value(Amount(ETH, 173_600 * 10**18)) == "527244632.10"
    assert found.said == "DefiLlama, quoted 123 s from the block's time, confidence 0.99"


@given(units=st.integers(0, 1 << 200), cents=st.integers(0, 10**9))
def test_a_value_is_the_nearest_cent(units: int, cents: int) -> None:
    """An amount's value is units times price, rounded half to even, whatever the size of either."""
    price = Price(ETH, WHEN, f"{Decimal(cents) / 100:f}", WHEN, "a test")
    exact = units * cents
    value = int(price.value(Amount(ETH, units)).replace(".", ""))
    assert 2 * abs(value * 10**18 - exact) <= 10**18


def test_what_is_asked() -> None:
    """A coin is asked for by its name, a token by chain and contract, near the block's time."""
    for asset, coin in ((ETH, "coingecko:ethereum"), (USDC, f"ethereum:{USDC.contract}")):
        step = llama.price(LLAMA, asset, WHEN).send(None)
        assert isinstance(step, Request)
        assert step.url == f"https://coins.llama.fi/prices/historical/{WHEN}/{coin}?searchWidth=4h"


@pytest.mark.parametrize(
    "asset",
    [Asset.token(Address.parse("ronin", "0x" + "1" * 40), "X", 0), Asset.native(Chain.of("solana"))],
)
def test_a_price_nobody_has(asset: Asset) -> None:
    """An unknown coin is absent from the answer, or not asked for at all: no price, and never a zero."""
    with pytest.raises(SourceError, match=r"has no price of|no price source knows"):
        ask(llama.price(LLAMA, asset, WHEN), coins())


HOSTILE = [
    b"", b"{", b"[]", b'{"coins": 5}', b'{"coins": {"a": 1}}', coins(price="3037", timestamp=WHEN),
    coins(price=-1, timestamp=WHEN), coins(price=1), coins(price=True, timestamp="x"), b"[" * 100_000,
    coins(price=1, timestamp=1.5), b'{"coins": {"a": {"price": NaN, "timestamp": 5}}}',
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_another_form_is_refused(body: bytes) -> None:
    """Anything but a price with its time is put aside and asked for again."""
    with pytest.raises(UnreadableError):
        ask(llama.price(LLAMA, ETH, WHEN), body)


def test_the_euro_on_a_business_day_and_after_one() -> None:
    """A rate of the day itself, or of the last business day before it; later ones are not looked at."""
    days = rates(("2022-03-21", "1.1038"), ("2022-03-22", "1.1024"), ("2022-03-24", "1.0978"))
    found = ask(ecb.price(ECB, EURO, WHEN), days)
    assert (found.usd, found.asset) == ("1.1024", EURO)
    assert found.quoted_at < WHEN
    assert ask(ecb.price(ECB, EURO, WHEN), rates(("2022-03-23", "1.0985"))).usd == "1.0985"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (rates(), 200, SourceError),
        (rates(("2022-03-23", "NaN")), 200, SourceError),
        (b"No results found.", 404, SourceError),
        (b"TIME,VALUE\n1,2\n", 200, UnreadableError),
        (rates(("yesterday", "1.1")), 200, UnreadableError),
        (b"\xff\xfe", 200, UnreadableError),
    ],
)
def test_a_rate_that_is_none(body: bytes, status: int, kind: type[SourceError]) -> None:
    """No rate, no such day, or another form: an error, never a guess."""
    with pytest.raises(kind):
        ask(ecb.price(ECB, EURO, WHEN), body, status)


def test_an_ask_for_a_price_reads_back() -> None:
    """The custody log's text of an ask makes the same request again, without any service being set up."""
    for provider, asset in ((LLAMA, USDC), (ECB, EURO)):
        asked = Ask.of_price(provider, asset, WHEN)
        again = Ask.read(asked.text)
        first, second = (one.asking().send(None) for one in (asked, again))
        assert first == second


@pytest.mark.real
@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded public data is not beside this checkout")
def test_recorded_answers_are_read() -> None:
    """Every recorded answer with a price is read to its last digit, and every one without is no price."""
    files = sorted(RECORDED.rglob("*.json"))
    read: Callable[[str], dict[str, object]] = lambda text: json.loads(text, parse_float=Decimal)  # noqa: E731
    counts = {"priced": 0, "absent": 0}
    for file in files:
        body = read(file.read_text(encoding="utf-8"))["body"]
        known = body["coins"] if isinstance(body, dict) else {}
        if not known:
            with pytest.raises(SourceError, match="has no price"):
                ask(llama.price(LLAMA, ETH, WHEN), json.dumps(body, default=float).encode())
            counts["absent"] += 1
            continue
        for quote in known.values():
            renamed = {"coins": {"coingecko:ethereum": quote}}
            found = ask(llama.price(LLAMA, ETH, WHEN), json.dumps(renamed, default=float).encode())
            assert float(found.usd) == float(quote["price"])
            assert found.quoted_at == quote["timestamp"]
        counts["priced"] += 1
    assert sum(counts.values()) == len(files)
    assert counts["priced"] > 0
