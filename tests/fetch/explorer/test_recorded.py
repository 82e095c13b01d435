"""Explorer answers: what a row moves, what its call states, and how complete the answer is."""

from __future__ import annotations

from functools import partial

import pytest
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.answers import (
    ANN,
    BEN,
    BRIDGE,
    URL,
    USDC,
    WETH,
    body,
    evidence,
    row,
    rows,
    token_transfer,
    withdrawal,
)
from flowtrace.errors import InputError
from flowtrace.fetch import media_of, read_answer
from flowtrace.fetch.explorer.rows import rows_of
from flowtrace.fetch.explorer.rows import told as rows_told
from flowtrace.model import Address, Basis, Coverage, FactKind, Kind, Transfer

UINT256_MAX = (1 << 256) - 1


def read(*found: object, url: str = URL) -> tuple[list[Transfer], Coverage]:
    """Return what an answer of these rows says."""
    transfers, (coverage,) = read_answer(evidence(url), body(*found))
    return transfers, coverage


def told(transfer: Transfer) -> tuple[object, ...]:
    """Return the facts of a transfer in short."""
    giver = None if transfer.source is None else transfer.source.account
    taker = None if transfer.target is None else transfer.target.account
    return (transfer.position, transfer.ok, giver, taker, transfer.amount.units)


def test_a_row_is_a_fee_and_a_value() -> None:
    """A plain payment is two recorded transfers: the gas to nobody, first, and the value to the payee."""
    transfers, _ = read(row())
    assert [told(t) for t in transfers] == [("fee", True, ANN, None, 210_000), ("value", True, ANN, BEN, 5)]
    assert [t.key for t in transfers] == [(14, 3, 0), (14, 3, 1)]
    assert {t.basis for t in transfers} == {Basis.RECORDED}
    assert {t.time for t in transfers} == {1648000000}


def test_a_failed_transaction_says_so() -> None:
    """A failed payment is kept, marked failed; its fee was paid all the same."""
    transfers, _ = read(row(isError="1"))
    assert [told(t) for t in transfers] == [("fee", False, ANN, None, 210_000), ("value", False, ANN, BEN, 5)]


def test_a_creation_pays_the_contract_it_makes() -> None:
    """A transaction without a payee pays the contract it creates."""
    transfers, _ = read(row(to="", contractAddress=BEN))
    assert told(transfers[1]) == ("value", True, ANN, BEN, 5)


def test_a_creation_is_a_fact_as_a_node_tells_it() -> None:
    """Who put up which contract, by which code; a failed one, or a row without its code, tells none."""
    made: dict[str, object] = {"to": "", "contractAddress": BEN, "input": "0x6001"}
    ann, ben = (Address.parse("ethereum", one) for one in (ANN, BEN))
    listed = partial(rows_of, action="txlist")
    (fact,) = rows_told("txlist", ann, listed(body(row(**made)))).facts
    assert (fact.kind, fact.parties) == (FactKind.CREATION, (("creator", ann), ("contract", ben)))
    assert fact.figure("code") == keccak(b"\x60\x01").hex()
    assert (fact.height, fact.index, fact.order) == (14, 3, 0)
    for other in ({"isError": "1"}, {"input": "deprecated"}, {"to": BEN}):
        assert not rows_told("txlist", ann, listed(body(row(**made | other)))).facts


def test_a_known_tokens_transfer_is_decoded() -> None:
    """`transfer()` on a token we know is a move of that token, marked decoded, after fee and value."""
    transfers, coverage = read(row(to=USDC, value="0", input=token_transfer(BEN, UINT256_MAX)))
    move = transfers[2]
    assert told(move) == ("call 0", True, ANN, BEN, UINT256_MAX)
    assert (move.kind, move.basis, move.amount.asset.symbol) == (Kind.CALL, Basis.DECODED, "USDC")
    assert move.amount.asset.decimals == 6
    assert "broken" not in coverage.check


def test_a_strangers_token_is_not_believed() -> None:
    """Anyone can deploy a contract that answers `transfer`: of one we do not know nothing is decoded."""
    transfers, _ = read(row(to=BEN, value="0", input=token_transfer(BEN, 5)))
    assert [t.kind for t in transfers] == [Kind.FEE, Kind.VALUE]


def test_another_call_or_another_chain_is_not_decoded() -> None:
    """Another selector states nothing we read, and the same address elsewhere is another contract."""
    calldata = token_transfer(BEN, 5)
    assert len(read(row(to=USDC, input="0x095ea7b3" + calldata[10:]))[0]) == 2
    assert len(read(row(to=USDC, input=calldata), url=URL + "&chainid=137")[0]) == 2


@pytest.mark.parametrize(
    ("token", "asset"),
    [
        (WETH, "eip155:1/slip44:60"),
        (USDC, f"eip155:1/erc20:{Address.parse('ethereum', USDC).display}"),
        (BEN, f"eip155:1/erc20:{BEN}"),
    ],
)
def test_a_bridge_withdrawal_is_what_the_bridge_pays_out(token: str, asset: str) -> None:
    """`withdrawERC20For` moves from the bridge to the user: ether for WETH, other tokens as they are."""
    transfers, _ = read(row(to=BRIDGE, value="0", input=withdrawal(BEN, token, 173_600 * 10**18)))
    move = transfers[2]
    assert told(move) == ("call 0", True, BRIDGE, BEN, 173_600 * 10**18)
    assert str(move.amount.asset).lower() == asset.lower()
    assert move.basis is Basis.DECODED


def test_a_withdrawal_from_another_contract_is_not_believed() -> None:
    """Only the bridge pays out the bridge's coins."""
    assert len(read(row(to=BEN, input=withdrawal(BEN, WETH, 5)))[0]) == 2


@pytest.mark.parametrize(
    "calldata",
    ["0xa9059cbb", "0xa9059cbb00", "0xa9059cbb" + "ff" * 64, token_transfer(BEN, 5)[:-2], "0xa9059cbbzz"],
)
def test_a_broken_call_hides_nothing_but_itself(calldata: str) -> None:
    """Anyone can send broken arguments: the row's fee and value are read, the call is not, and it is said."""
    transfers, coverage = read(row(to=USDC, input=calldata), row(hash="0x" + "8" * 64, nonce="1"))
    assert [t.kind for t in transfers] == [Kind.FEE, Kind.VALUE] * 2
    assert coverage.check.endswith("; 1 calls have broken arguments and are not decoded")


@given(
    st.sampled_from(((USDC, "a9059cbb"), (BRIDGE, "993e1c42"))),
    st.binary(max_size=224) | st.just(b"\xff" * 192) | st.just(b"\x00" * 159 + b"\x80" + b"\xff" * 64),
)
@settings(max_examples=200, deadline=None)
def test_no_calldata_stops_the_reading(contract: tuple[str, str], arguments: bytes) -> None:
    """Whatever bytes follow a known selector, the rows are read."""
    transfers, _ = read(row(to=contract[0], input=f"0x{contract[1]}{arguments.hex()}"))
    assert [t.kind for t in transfers][:2] == [Kind.FEE, Kind.VALUE]


WRONG = {
    "value": ("5.0", "1e18", "0x5", "", "-5", "five"),
    "gasPrice": ("ten", "-10"),
    "gasUsed": ("", "1.5"),
    "blockNumber": ("14.0", "-1", "9" * 30, "9" * 5000),
    "transactionIndex": ("x",),
    "timeStamp": ("2022-03-23", "-1"),
    "nonce": ("?",),
    "confirmations": ("many",),
    "isError": ("2", "", "true"),
    "hash": ("0x12", "7" * 66, "0x" + "g" * 64, "0x" + "-" + "1" * 63),
    "from": ("", "0x12", "0x098B716B8Aaf21512996dC57EB0615e2383E2f97"),
    "to": ("nobody", "0x098B716B8Aaf21512996dC57EB0615e2383E2f97"),
}


@pytest.mark.parametrize(("field", "text"), [(f, t) for f, texts in WRONG.items() for t in texts])
def test_a_wrong_field_is_named_with_its_row(field: str, text: str) -> None:
    """A cell that is not what it must be is named: answer, row and, where it can be, the transaction."""
    with pytest.raises(InputError, match=r"row 1|confirmations|nonce") as error:
        read(row(), row(**{field: text}))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("field", ["hash", "value", "from", "to", "gasUsed", "input", "nonce", "isError"])
@pytest.mark.parametrize("value", [None, 5, ["5"]])
def test_a_missing_field_is_named(field: str, value: object) -> None:
    """A field that is absent, or is not text, is named with its row."""
    broken = row(**{field: value})
    if value is None:
        del broken[field]
    with pytest.raises(InputError, match=rf"row 1 lacks {field}"):
        read(row(), broken)


@pytest.mark.parametrize("found", [5, "x", None, [1]])
def test_a_row_that_is_no_table_is_named(found: object) -> None:
    """A number where a row should be is an answer we cannot read."""
    with pytest.raises(InputError, match="row 0 lacks blockNumber"):
        read(found)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "cut off or not JSON"),
        (body(row())[:-30], "cut off or not JSON"),
        (b"\xff\xfe", "cut off or not JSON"),
        (b"[" * 100_000, "cut off or not JSON"),
        (b"<html>502 Bad Gateway</html>", "cut off or not JSON"),
        (
            b'{"status":"0","message":"NOTOK","result":"Max rate limit reached"}',
            "error answer: 'Max rate limit",
        ),
        (b'{"jsonrpc":"2.0","error":{"code":-32000}}', "error answer: None"),
        (b"[]", "error answer"),
        (b"null", "error answer"),
    ],
)
def test_an_error_answer_is_no_answer(answer: bytes, words: str) -> None:
    """Cut off, not JSON, or an error of the service: named, never read as an empty account."""
    with pytest.raises(InputError, match=words):
        read_answer(evidence(), answer)


def test_an_account_without_transactions_is_complete() -> None:
    """No rows is a fact: nothing moved up to the last block asked."""
    transfers, coverage = read()
    assert transfers == []
    assert (coverage.complete, coverage.first, coverage.last) == (True, 0, 99)


def test_all_nonces_present_is_complete() -> None:
    """Outgoing transactions 0 to n are all there: the check says so; incoming ones do not count."""
    other = row(hash="0x" + "9" * 64, nonce="77", **{"from": BEN, "to": ANN})
    _, coverage = read(*rows(3), other)
    assert coverage.complete
    assert coverage.check == "4 rows; 3 outgoing transactions, nonces 0 to 2 all present"
    assert (coverage.last, coverage.source) == (20, "api.etherscan.io txlist")
    assert str(coverage.address).lower() == f"eip155:1:{ANN}"


def test_a_nonce_gap_is_incomplete() -> None:
    """A nonce that is missing is a transaction that is missing."""
    one, _, three, four, *_ = rows(5)
    _, coverage = read(one, three, four)
    assert not coverage.complete
    assert coverage.check == "outgoing transactions are missing: nonce 1 and 0 more"
    _, coverage = read(row(nonce=str(10**18)))
    assert coverage.check == f"outgoing transactions are missing: nonce 0 and {10**18 - 1} more"


def test_a_full_page_is_incomplete() -> None:
    """As many rows as one page gives: there may be more, so it is not complete."""
    assert not read(*rows(10_000))[1].complete
    assert read(*rows(9_999))[1].complete


@pytest.mark.parametrize(
    ("query", "complete"), [("&offset=3", False), ("&offset=4", True), ("&page=2", False)]
)
def test_a_page_of_a_smaller_size_is_known(query: str, complete: bool) -> None:  # noqa: FBT001  a table
    """A page that asked for three rows and got three is full; a second page is never the whole."""
    assert read(*rows(3), url=URL + query)[1].complete is complete


@pytest.mark.parametrize(
    "url",
    [
        "https://api.etherscan.io/api?action=txlist",
        URL.replace(ANN, "0x12"),
        URL + "&chainid=424242",
        URL.replace("startblock=0", "startblock=first"),
    ],
)
def test_a_url_that_asks_for_nothing_we_know_is_named(url: str) -> None:
    """No address, a wrong one, an unknown chain, a block that is no number: named."""
    with pytest.raises(InputError, match=r"https://api\.etherscan\.io"):
        read(url=url)


@pytest.mark.parametrize(
    ("url", "media"),
    [
        (URL, "etherscan"),
        (URL.replace("api.", "api-cn.").replace(".io/", ".com/"), "etherscan"),
    ],
)
def test_the_reader_is_chosen_by_the_url(url: str, media: str) -> None:
    """The service's hosts and the action name the reader."""
    assert media_of(url) == media


@pytest.mark.parametrize(
    "url",
    [
        "https://host.example/?a=1",
        "file:?a=1",
        URL.replace("txlist", "tokentx"),
        URL.replace("etherscan", "example"),
        URL.replace("api.", "api-sepolia."),
        URL.replace("etherscan.io", "etherscan.evil.example"),
    ],
)
def test_an_unknown_url_is_refused_without_its_key(url: str) -> None:
    """No reader: said with what is read, and a key in the URL is not repeated."""
    with pytest.raises(InputError, match=r"no reader for .*are read so far") as error:
        media_of(f"{url}&apikey=Zq8x3v9LtTq1mN5b")
    assert "Zq8x3v9LtTq1mN5b" not in str(error.value)
