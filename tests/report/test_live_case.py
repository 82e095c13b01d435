"""What live cases bring: tokens that tell no symbol, crowds of small payments, payers who pay together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtrace.model import ETHEREUM, Amount, Asset, Chain, Leg, Result, Rule, StopReason, Trace, Transfer
from flowtrace.report import account_tables
from flowtrace.report.document.annex import annexes, minor
from flowtrace.report.document.beginning import began
from flowtrace.report.document.resting import resting
from flowtrace.report.document.words import between, snapshot
from flowtrace.report.freeze.letter import letter_texts
from report.broken import with_trace
from report.coin_result import MERGE, coin_result
from report.flows import wallet
from report.texts import figure_texts, report_text
from report.toy_result import ETH, toy_result

UNNAMED = Asset("eip155:1", f"erc20:0x{'5f' * 20}", "", 0)
WHOLE = 10**18


def renamed(result: Result) -> Result:
    """Return a result of its coin alone, which is a token that tells no symbol and no decimals."""
    thefts = tuple(replace(theft, asset=UNNAMED) for theft in result.incident.thefts if theft.asset == ETH)
    by_name = {theft.id: theft for theft in thefts}

    def leg(one: Leg) -> Leg:
        return replace(one, asset=UNNAMED)

    def act(one: Transfer) -> Transfer:
        return replace(one, inputs=tuple(map(leg, one.inputs)), outputs=tuple(map(leg, one.outputs)))

    def changed(trace: Trace) -> Trace:
        return replace(
            trace,
            hops=tuple(replace(h, transfer=act(h.transfer)) for h in trace.hops if h.theft in by_name),
            stops=tuple(replace(stop, asset=UNNAMED) for stop in trace.stops if stop.theft in by_name),
            accounts=tuple(
                replace(one, theft=by_name[one.theft.id]) for one in trace.accounts if one.theft.id in by_name
            ),
            deposits=(),
        )

    return replace(with_trace(result, changed), incident=replace(result.incident, thefts=thefts))


def test_a_token_that_tells_no_symbol_is_named_by_its_contract() -> None:
    """In the terminal, the report and the figure; and what its amounts are is said: base units."""
    result = renamed(toy_result())
    (block,) = account_tables(result)
    assert block.columns[0] == "to (base units of token 0x5f5f…5f5f)"
    assert "base units of token 0x5f5f…5f5f went" in block.title
    assert "base units of token 0x5f5f…5f5f" in report_text(result)
    assert any(text.endswith("of 0x5f5f…5f5f") for text in figure_texts(result))
    assert not any(text.endswith(" ?") for text in figure_texts(result))


def test_units_of_a_token_with_decimals() -> None:
    """Decimals that are told are used, whatever it is called."""
    assert Asset("eip155:1", UNNAMED.reference, "", 6).unit == "units of token 0x5f5f…5f5f"
    assert Asset("eip155:1", UNNAMED.reference, "USDC", 6).unit == "USDC"
    assert Asset.native(ETHEREUM).unit == "ETH"
    assert Asset(Chain.of("tron").id, "trc10:1002000").unit == "base units of token 1002000"


def test_an_amount_of_the_annex_fits_its_column() -> None:
    """In one line where it fits; else number and token each in one, the token's own word for itself cut."""
    from flowtrace.report.document.annex import _amount  # noqa: PLC0415  what each row of the annex shows

    def lines(asset: Asset) -> list[str]:
        found = _amount(Amount(asset, 4 * 10**14))
        return [line.replace("\u00a0", " ") for line in ([found] if isinstance(found, str) else found)]

    assert lines(ETH) == ["0.0004 ETH"]
    assert lines(UNNAMED) == ["400,000,000,000,000", "base units of token 0x5f5f…5f5f"]
    long = lines(Asset("eip155:1", UNNAMED.reference, "FREE MONEY AT WWW.EXAMPLE.ORG, CLAIM IT NOW", 18))
    assert long == ["0.0004", "FREE MONEY AT WWW.EXAMPLE.ORG, C…"]


def crowd(number: int) -> Result:
    """Return a result in which one address pays so many others next to nothing."""
    toy = toy_result()
    giver = next(hop for hop in toy.trace.hops if hop.amount.asset == ETH and hop.depth == 0)
    stop = next(stop for stop in toy.trace.stops if stop.reason is StopReason.MINIMUM)

    def changed(trace: Trace) -> Trace:
        hops = list(trace.hops)
        stops = list(trace.stops)
        for n in range(number):
            legs = [replace(leg, units=1) for leg in giver.transfer.outputs]
            act = replace(
                giver.transfer,
                tx=f"0x{n:064x}",
                inputs=tuple(replace(leg, units=1, address=giver.target) for leg in giver.transfer.inputs),
                outputs=tuple(replace(leg, address=wallet(5000 + n)) for leg in legs),
            )
            taint = dict.fromkeys(giver.taint, 1)
            hops.append(replace(giver, row=len(hops) + 1, transfer=act, depth=1, taint=taint))
            stops.append(replace(stop, address=wallet(5000 + n), received=1, taint=taint, transfers=1))
        return replace(trace, hops=tuple(hops), stops=tuple(stops))

    return with_trace(toy, changed)


def test_a_crowd_of_small_payments_is_counted_and_not_listed() -> None:
    """An address that pays hundreds next to nothing would fill a report by itself: the tables have them."""
    result = crowd(250)
    small = minor(result)
    assert len(small) >= 250
    text = "\n".join(letter_texts(annexes(result)))
    assert f"{len(small)} addresses more got less than the minimum to follow: hops.csv lists them" in text
    assert "payments more are to addresses that got less than the minimum to follow" in text
    assert text.count(wallet(5007).display) <= 1  # in the mark of the figure, at most
    assert "and 1" in text
    rests = "\n".join(letter_texts(resting(result)))
    assert f"The 100 that got most of {len(small)}; summary.json lists every one." in rests
    assert sum(wallet(5000 + n).display in rests for n in range(250)) < 101


def test_a_few_small_payments_are_listed_as_all_others_are() -> None:
    """What fits is not left out."""
    assert minor(crowd(20)) == frozenset()
    text = "\n".join(letter_texts(annexes(crowd(20))))
    assert all(wallet(5000 + n).display in text for n in range(20))
    assert "got less than the minimum" not in text


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (5 * WHOLE, 5 * WHOLE, "5.00 ETH (50.00 %) under every conserving rule"),
        (5 * WHOLE, 5 * WHOLE + 1, "about 5.00 ETH (50.00 %) under every conserving rule"),
        (5 * WHOLE, 6 * WHOLE, "between 5.00 ETH (50.00 %) and 6.00 ETH (60.00 %)"),
    ],
)
def test_a_range_that_rounds_alike_is_no_range(low: int, high: int, words: str) -> None:
    """Between 5.00 and 5.00 says nothing."""
    taint = {Rule.FIFO: low, Rule.LIFO: high, Rule.POISON: 9 * WHOLE}
    assert between(ETH, taint, 10 * WHOLE).replace("\u00a0", " ") == words


def test_a_chain_is_called_by_its_name() -> None:
    """With its id beside it."""
    assert snapshot(coin_result()) == "Bitcoin (bip122:000000000019d6689c085ae165831e93) block 20"


def test_those_who_pay_together_are_all_counted() -> None:
    """A marked address that two paid in one transaction was paid by two."""
    result = coin_result()
    (theft,) = result.incident.thefts
    hop = replace(result.trace.hops[0], transfer=MERGE, leg=0, depth=0)
    mark = replace(theft, transfer="", victim=None)
    marked = replace(result.incident, thefts=(mark,), victim_party="")
    text = began(replace(result, trace=replace(result.trace, hops=(hop,)), incident=marked), mark)
    assert "in 1 payment from 2 addresses that this trace had not met before" in text
