"""Prices as published: real answers of DefiLlama and of the European Central Bank, and their error forms.

DefiLlama: a public note of 2022 with the request for time 1648680149 and its answer; the OpenAPI file of
its documentation. The bank: three days of September 2026 as a public repository keeps them for its own tests,
and <https://data.ecb.europa.eu/help/api/status-codes>. All read on 2026-11-25.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from fetch.prices.test_prices import ECB, LLAMA, ask
from flowtrace.errors import SourceError, UnreadableError
from flowtrace.fetch.faults import Fault, fault_of
from flowtrace.fetch.prices import ecb, llama
from flowtrace.model import ETHEREUM, EURO, Address, Answer, Asset, Request

ASKED = 1_648_680_149
ETH = Asset.native(ETHEREUM)


LINA = Asset.token(Address.parse("bnb", "0x762539b45a1dcce3d36d080f74d1aed37844b878"), "lina", 18)
HUSD = Asset.token(Address.parse(ETHEREUM, "0xdF574c24545E5FfEcb9a659c229253D4111d87e1"), "HUSD", 8)
EURS = Asset.token(Address.parse(ETHEREUM, "0xdB25f211AB05b1c97D595516F45794528a807ad8"), "EURS", 2)
CDAI = Asset.token(Address.parse(ETHEREUM, "0x5d3a536E4D6DbD6114cc1Ead35777bAB948E3643"), "cDAI", 8)
# One answer for four coins, in the order and the writing of who asked. There was no `confidence` then.
QUOTES: Mapping[str, Mapping[str, str]] = {
    "bsc:0x762539b45a1dcce3d36d080f74d1aed37844b878": {
        "decimals": "18", "symbol": '"lina"', "price": "0.025644468757846508", "timestamp": "1648679991",
    },
    "ethereum:0xdF574c24545E5FfEcb9a659c229253D4111d87e1": {
        "decimals": "8", "symbol": '"HUSD"', "price": "0.9982396994710859", "timestamp": "1648680136",
    },
    "ethereum:0xdB25f211AB05b1c97D595516F45794528a807ad8": {
        "decimals": "2", "symbol": '"EURS"', "price": "1.112034360864863", "timestamp": "1648680027",
    },
    "coingecko:ethereum": {
        "symbol": '"ETH"', "price": "3386.0253743841786", "timestamp": "1648680221",
    },
}  # fmt: skip


def quoted(quotes: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return an answer of DefiLlama with these digits, which no float has seen."""
    coins = (
        f'"{name}":{{{",".join(f"{json.dumps(key)}:{value}" for key, value in one.items())}}}'
        for name, one in quotes.items()
    )
    return f'{{"coins":{{{",".join(coins)}}}}}'.encode()


@pytest.mark.parametrize(
    ("asset", "usd", "at"),
    [
        (LINA, "0.025644468757846508", 1_648_679_991),
        (HUSD, "0.9982396994710859", 1_648_680_136),
        (EURS, "1.112034360864863", 1_648_680_027),
        (ETH, "3386.0253743841786", 1_648_680_221),
    ],
    ids=str,
)
def test_each_coin_has_its_own_price(asset: Asset, usd: str, at: int) -> None:
    """Of several coins, in any order and writing, the one asked for is taken, to its last digit."""
    found = ask(llama.price(LLAMA, asset, ASKED), quoted(QUOTES))
    assert (found.asset, found.usd, found.quoted_at, found.confidence) == (asset, usd, at, "")
    backward = dict(reversed(list(QUOTES.items())))
    assert ask(llama.price(LLAMA, asset, ASKED), quoted(backward)) == found


def test_a_coin_is_asked_for_as_published() -> None:
    """The request is the published one, of one coin; the contract may be written in either way."""
    for name, asset in zip(QUOTES, (LINA, HUSD, EURS, ETH), strict=True):
        step = llama.price(LLAMA, asset, ASKED).send(None)
        assert isinstance(step, Request)
        path = f"https://coins.llama.fi/prices/historical/{ASKED}/{name}?searchWidth=4h"
        assert step.url.lower() == path.lower()


def test_the_price_of_another_coin_is_none() -> None:
    """An answer that does not have what was asked for, but something else, is read no further."""
    others = {name: one for name, one in QUOTES.items() if name != "coingecko:ethereum"}
    with pytest.raises(UnreadableError, match="another coin"):
        ask(llama.price(LLAMA, ETH, ASKED), quoted(others))


def test_the_specification_s_example_is_no_answer() -> None:
    """Its sample has the confidence in the place of the time: no price is made of that."""
    wrong = {
        "decimals": "8", "symbol": '"cDAI"', "price": "0.022053735051098835", "timestamp": "0.99",
    }  # fmt: skip
    name = f"ethereum:{CDAI.contract}"
    with pytest.raises(UnreadableError):
        ask(llama.price(LLAMA, CDAI, ASKED), quoted({name: wrong}))
    right = wrong | {"timestamp": str(ASKED), "confidence": "0.99"}
    assert ask(llama.price(LLAMA, CDAI, ASKED), quoted({name: right})).confidence == "0.99"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"coins":{}}', f"{LLAMA.id} has no price of {ETH} within 4h of {ASKED}"),
        (502, b"Internal error", f"{LLAMA.id}: Internal error"),
    ],
)
def test_what_defillama_says_for_no_price(status: int, body: bytes, said: str) -> None:
    """A coin it does not know is absent; what it could not find out is its own fault: tried again."""
    with pytest.raises(SourceError) as refused:
        ask(llama.price(LLAMA, ETH, ASKED), body, status)
    assert str(refused.value) == said
    assert type(refused.value) is SourceError
    assert _fault(status, body) is (Fault.NONE if status == 200 else Fault.SERVER)


def _fault(status: int, body: bytes) -> Fault:
    request = Request("GET", "https://prices.example/")
    return fault_of(Answer(request, body, "2026-01-01", "a test", status=status, number=1))


# The columns of one row, as the bank gives them now; the day and its rate stand between.
BEFORE = {
    "KEY": "EXR.D.USD.EUR.SP00.A", "FREQ": "D", "CURRENCY": "USD", "CURRENCY_DENOM": "EUR",
    "EXR_TYPE": "SP00", "EXR_SUFFIX": "A",
}  # fmt: skip
AFTER = {
    "OBS_STATUS": "A", "OBS_CONF": "F", "OBS_PRE_BREAK": "", "OBS_COM": "", "TIME_FORMAT": "P1D",
    "BREAKS": "", "COLLECTION": "A", "COMPILING_ORG": "", "DISS_ORG": "", "DOM_SER_IDS": "", "PUBL_ECB": "",
    "PUBL_MU": "", "PUBL_PUBLIC": "", "UNIT_INDEX_BASE": "99Q1=100", "COMPILATION": "", "COVERAGE": "",
    "DECIMALS": "4", "NAT_TITLE": "", "SOURCE_AGENCY": "4F0", "SOURCE_PUB": "",
    "TITLE": "US dollar/Euro ECB reference exchange rate",
    "TITLE_COMPL": "ECB reference exchange rate, US dollar/Euro, 2.15 pm (C.E.T.)",
    "UNIT": "USD", "UNIT_MULT": "0",
}  # fmt: skip
RATES = {"2026-09-03": "1.1615", "2026-09-04": "1.1622", "2026-09-07": "1.1622"}


def rated(rates: Mapping[str, str]) -> bytes:
    """Return an answer of the bank with these days."""
    text = io.StringIO()
    names = [*BEFORE, "TIME_PERIOD", "OBS_VALUE", *AFTER]
    rows = csv.DictWriter(text, names, lineterminator="\r\n")
    rows.writeheader()
    for day, rate in rates.items():
        rows.writerow(BEFORE | {"TIME_PERIOD": day, "OBS_VALUE": rate} | AFTER)
    return text.getvalue().encode()


def _time(day: str, hour: int = 0) -> int:
    return int(datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("day", "of", "usd"),
    [
        ("2026-09-03", "2026-09-03", "1.1615"),
        ("2026-09-04", "2026-09-04", "1.1622"),
        ("2026-09-05", "2026-09-04", "1.1622"),  # a Saturday
        ("2026-09-06", "2026-09-04", "1.1622"),
        ("2026-09-07", "2026-09-07", "1.1622"),
    ],
)
def test_a_day_has_its_rate_or_the_last_one(day: str, of: str, usd: str) -> None:
    """All 32 columns are there, one with commas in it; the weekend has Friday's rate and says so."""
    found = ask(ecb.price(ECB, EURO, _time(day, 18)), rated(RATES))
    assert (found.usd, found.quoted_at, found.source) == (usd, _time(of), "European Central Bank")


def test_a_rate_is_asked_for_as_published() -> None:
    """The request is the one in the bank's own guide: the series, the days and the form."""
    step = ecb.price(ECB, EURO, _time("2026-09-07", 18)).send(None)
    assert isinstance(step, Request)
    path, _, query = step.url.partition("?")
    assert path == "https://data-api.ecb.europa.eu/service/data/EXR/D.USD.EUR.SP00.A"
    assert set(query.split("&")) == {"format=csvdata", "startPeriod=2026-08-31", "endPeriod=2026-09-07"}


@pytest.mark.parametrize("none", ["", "NaN"])
def test_a_day_without_observation_is_passed_over(none: str) -> None:
    """A holiday of the system stands in the series with no value: the day before it is quoted."""
    found = ask(ecb.price(ECB, EURO, _time("2026-09-07")), rated(RATES | {"2026-09-07": none}))
    assert (found.usd, found.quoted_at) == ("1.1622", _time("2026-09-04"))
    with pytest.raises(SourceError, match="has no rate for 2026-09-07 or the week before it"):
        ask(ecb.price(ECB, EURO, _time("2026-09-07")), rated(dict.fromkeys(RATES, none)))


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (400, b"Syntax error", Fault.MISSING),
        (404, b"No results found.", Fault.EMPTY),
        (406, b"Not Acceptable", Fault.MISSING),
        (500, b"Internal Server Error", Fault.SERVER),
        (501, b"Not Implemented", Fault.SERVER),
        (503, b"Service Unavailable", Fault.RATE),
    ],
)
def test_what_the_bank_says_for_no_rate(status: int, body: bytes, fault: Fault) -> None:
    """Each status it lists is an error in its words; only what passes is tried again."""
    assert _fault(status, body) is fault
    with pytest.raises(SourceError) as refused:
        ask(ecb.price(ECB, EURO, _time("2026-09-07")), body, status)
    assert type(refused.value) is SourceError
    assert str(refused.value) == f"{ECB.id}: {body.decode()}"
