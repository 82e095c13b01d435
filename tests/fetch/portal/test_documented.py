"""The portal as its makers publish it: questions that its catalogue knows, and rows from its pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fetch import portal_bitcoin_service, portal_service, portal_solana_service, portal_tron_service
from fetch.portal_dataset import Dataset, run
from fetch.portal_published import BODY, CATALOGUE, ITEMS, MENTIONED, lines, metadata, strange, told
from fetch.portal_service import provider
from fetch.services import Reply
from flowtrace.errors import SourceError
from flowtrace.fetch.portal import bitcoin, dialect, evm, solana, tron
from flowtrace.fetch.portal.family import Reader
from flowtrace.fetch.provider import providers
from flowtrace.fetch.source import Pin
from flowtrace.fetch.tron.moves import address_of
from flowtrace.model import ETHEREUM, Address, Chain, Kind, Request, Transfer

BITCOIN, TRON = Chain.of("bitcoin"), Chain.of("tron")
READERS: Mapping[str, tuple[Callable[[Address], Reader], Address]] = {
    "evm": (evm.reader, portal_service.service().address),
    "bitcoin": (bitcoin.reader, portal_bitcoin_service.service().address),
    "solana": (solana.reader, portal_solana_service.service().address),
    "tron": (tron.reader, portal_tron_service.service().address),
}
STANDS: Mapping[str, Callable[[], Dataset]] = {
    "evm": portal_service.service,
    "bitcoin": portal_bitcoin_service.service,
    "solana": portal_solana_service.service,
    "tron": portal_tron_service.service,
}
KINDS = tuple(CATALOGUE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_question_is_one_that_the_catalogue_knows(kind: str) -> None:
    """No field, filter or relation is asked for by a name that the service does not publish."""
    make, address = READERS[kind]
    for query in make(address).queries():
        assert strange(kind, query.asked) == set()
        items = [item for name in query.asked if name != "fields" for item in query.asked[name]]
        assert len(items) <= ITEMS
        assert len(json.dumps(query.asked).encode()) < BODY
        assert all(len(item.get("mentionsAccount", ())) <= MENTIONED for item in items)


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_is_misspelt_would_be_found(kind: str) -> None:
    """The check above can fail: with one letter more, each name of a question is strange."""
    make, address = READERS[kind]
    asked: dict[str, Any] = dict(make(address).queries()[0].asked)
    for part, names in asked["fields"].items():
        for name in names:
            spoilt = asked | {"fields": asked["fields"] | {part: {**names, f"{name}x": True}}}
            assert strange(kind, spoilt) == {f"{part}.{name}x"}
    for table, items in asked.items():
        for item in items if table != "fields" else ():
            for key, value in item.items():
                assert strange(kind, asked | {table: [{f"{key}x": value}]}) == {f"{table}.{key}x"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_stand_in_knows_no_more_than_the_portal(kind: str) -> None:
    """What the tests' own portal answers, the real one knows too: tables, fields, filters, relations."""
    for name, table in STANDS[kind]().tables.items():
        published = CATALOGUE[kind][name]
        assert table.part == published.part
        assert set(table.columns) <= published.fields
        assert set(table.filters) <= published.filters
        assert set(table.relations) <= published.relations


@pytest.mark.parametrize("kind", ["solana", "tron"])
def test_a_stand_in_writes_large_numbers_as_the_portal_does(kind: str) -> None:
    """A ``decimalString`` is quoted: "a decimal string, never a JSON number", or null."""
    toy, seen = STANDS[kind](), 0
    for block in toy.blocks:
        for name, rows in block.tables.items():
            for row in rows:
                values = [row[key] for key in CATALOGUE[kind][name].decimal if key in row]
                assert all(value is None or str(int(value)) == value for value in values)
                seen += len(values)
    assert seen > 10


def test_the_portals_of_the_shipped_list_are_those_of_the_catalogue() -> None:
    """Each shipped dataset is of one of the four kinds, at the address that the documentation gives."""
    shipped = [one for one in providers() if one.kind == "portal"]
    assert {dialect._FAMILIES[one.chain.family].kind for one in shipped} == set(KINDS)  # noqa: SLF001
    for one in shipped:
        assert one.url == f"https://portal.sqd.dev/datasets/{one.options['slug']}"
        assert (one.requests, one.seconds) == (20, 10.0)


# beta.docs.sqd.dev/api/catalog/evm/mode-mainnet/stream, as read on 2026-11-25.
MODE = {
    "number": 20_000_000,
    "hash": "0xfd4bbbf25056e2750b6b61a7ab5076c53f2cd69dc5c03bc00366023a8fae543c",
    "timestamp": 1_740_167_583,
    "gasUsed": "0xab6f",
}


def test_the_published_block_is_the_head() -> None:
    """Number, hash and time as the page has them; a head of none is null."""
    heads = {"finalized-head": told({"number": MODE["number"], "hash": MODE["hash"]})}

    def answer(request: Request) -> Reply:
        return heads.get(request.url.rpartition("/")[2], lines({"header": MODE}))

    _, pin = run(dialect.head(provider()), answer, provider())
    assert pin == Pin(ETHEREUM.id, 20_000_000, str(MODE["hash"]), 1_740_167_583)
    with pytest.raises(SourceError, match="names no final block"):
        run(dialect.head(provider()), lambda _request: told(None), provider())


# subsquid/docs, docs/subsquid-network/reference/evm-api.md at 01d1073c4e51: moves of one token in one block.
# Per transaction: the places of its logs, from whom, to whom, and the data.
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
NUMBER, HASH = 16_000_000, "0x3dc4ef568ae2635db1419c5fec55c4a9322c05302ae527cd40bff380c1d465dd"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
GIVER, TAKER = "0xffec0067f5a79cff07527f63d83dd5462ccf8ba4", "0xe47872c80e3af63bd237b82c065e441fa75c4dea"
TRADER, SWAP = "0x1d76271fb3d5a61184ba00052caa636e666d11ec", "0x74de5d4fcbf63e00296fd95d33236b9794016631"
POOL = "0xaf0b0000f0210d0f421f0009c72406703b50506b"
LOGS = (
    (0, 0, GIVER, TAKER, "07270e00"),
    (131, 34, TRADER, SWAP, "0fa56ea0"),
    (131, 35, SWAP, POOL, "0fa56ea0"),
)


def _evm_block(account: str) -> dict[str, Any]:
    """Return the block as the portal would tell it of an account; what the page does not show is made up."""
    topic = "0x" + account[2:].rjust(64, "0")
    logs: list[dict[str, Any]] = [
        {
            "logIndex": place, "transactionIndex": index, "address": USDC, "data": "0x" + data.rjust(64, "0"),
            "topics": [TRANSFER, *("0x" + one[2:].rjust(64, "0") for one in (giver, taker))],
        }
        for index, place, giver, taker, data in LOGS
    ]  # fmt: skip
    logs = [log for log in logs if topic in log["topics"]]
    made_up = {
        "from": "0x" + "f1" * 20, "to": USDC, "value": "0x0", "nonce": 5, "status": 1, "type": 2,
        "gasUsed": "0xfde8", "gasPrice": "0x3b9aca00", "effectiveGasPrice": "0x3b9aca00",
        "contractAddress": None, "blobGasUsed": None, "blobGasPrice": None, "l1Fee": None,
    }  # fmt: skip
    rows = {log["transactionIndex"] for log in logs}
    txs = [made_up | {"transactionIndex": index, "hash": f"0x{index:064x}"} for index in sorted(rows)]
    header = {"number": NUMBER, "hash": HASH, "timestamp": 1_668_811_907}
    return {"header": header, "transactions": txs, "logs": logs}


def _evm_history(account: str) -> list[Transfer]:
    pin = Pin(ETHEREUM.id, NUMBER, HASH)
    answers = {
        True: metadata("ethereum-mainnet", ("eth", "ethereum"), NUMBER),
        False: lines(_evm_block(account)),
    }
    asking = dialect.history(provider(), Address.parse(ETHEREUM, account), pin)
    rows, coverage = run(asking, lambda request: answers[request.method == "GET"], provider())
    assert {(one.first, one.last) for one in coverage} == {(NUMBER, NUMBER)}
    return rows.transfers


def test_the_published_logs_of_a_real_block_are_read() -> None:
    """Who gave what to whom, to the unit, at the log's own place in the block."""
    (one,) = _evm_history(TAKER)
    assert (one.position, one.height, one.kind) == ("log 0", NUMBER, Kind.TOKEN)
    assert (one.source, one.target) == tuple(Address.parse(ETHEREUM, end) for end in (GIVER, TAKER))
    assert (one.amount.asset.symbol, one.amount.units) == ("USDC", 120_000_000)
    through = _evm_history(SWAP)
    assert [(one.position, one.amount.units) for one in through] == [
        ("log 34", 262_500_000),
        ("log 35", 262_500_000),
    ]
    assert through[0].target == through[1].source == Address.parse(ETHEREUM, SWAP)


# subsquid-labs/skills, "Bitcoin — Query Reference" as stored on 2026-11-25: an address it asks about, and
# "Values are in BTC (float), not satoshis", with these three; "Coinbase inputs have txid: null, vout: null".
PAID = "bc1qxhmdufsvnuaaaer4ynz88fspdsxq2h9e9cetdj"
VALUES = {3.15237202: 315_237_202, 0.00007336: 7_336, 0.54199819: 54_199_819}
SCRIPT = "001435f6de260c9f3bdee47524c473a6016c0c055cb9"


def _coinbase(index: int, value: object) -> dict[str, Any]:
    place = {"transactionIndex": 0}
    made = {"inputIndex": 0, "txid": None, "vout": None, "prevoutValue": None, "prevoutScriptPubKeyHex": None}
    paid = {"outputIndex": 0, "value": value, "scriptPubKeyHex": SCRIPT}
    data = {"outputIndex": 1, "value": 0.0, "scriptPubKeyHex": "6a00"}
    return {
        "header": {"number": 942_000 + index, "hash": f"{index:064x}", "timestamp": 1_774_000_000},
        "transactions": [place | {"txid": f"{7 + index:064x}", "hex": None}],
        "inputs": [place | made], "outputs": [place | paid, place | data],
    }  # fmt: skip


def test_published_amounts_of_bitcoin_are_read_to_the_satoshi() -> None:
    """Whole coins in floating point: each is the satoshi that the page says it is."""
    blocks = [_coinbase(n, value) for n, value in enumerate(VALUES)]
    pin = Pin(BITCOIN.id, 942_000 + len(VALUES) - 1)
    answers = {True: metadata("bitcoin-mainnet", start=942_000), False: lines(*blocks)}
    address = Address.parse(BITCOIN, PAID)
    asking = dialect.history(provider(BITCOIN, depth=6), address, pin)
    rows, (coverage,) = run(
        asking, lambda request: answers[request.method == "GET"], provider(BITCOIN, depth=6)
    )
    paid = [[leg.units for leg in one.outputs if leg.address == address] for one in rows.transfers]
    assert paid == [[units] for units in VALUES.values()]
    assert [one.inputs[0].coin for one in rows.transfers] == [""] * len(VALUES)
    assert f"{sum(VALUES.values())} satoshi are left" in coverage.check


# A payment of TRX as TronGrid tells it (LedgerHQ/ledger-live, coin-tron/src/network/types.fixture.ts, stored
# copy of 2026-11-25; its bytes hash to its name), in the columns into which subsquid/squid-sdk,
# tron-normalization/src/mapping.ts, puts such an object.
TRX = {
    "hash": "47086db397eac45d2fe7dacedcb6f77267d6895dce645210e495e64f8a2a7910",
    "type": "TransferContract",
    "parameter": {
        "value": {
            "amount": 5, "owner_address": "419b3281a60ab7a44f351ef2896c653f134972ad22",
            "to_address": "4105cc125604448afeb6867eb688efb7e80411d57a",
        },
        "type_url": "type.googleapis.com/protocol.TransferContract",
    },
    "ret": [{"contractRet": "SUCCESS", "fee": 0}],
    "result": None, "fee": None, "contractAddress": None, "withdrawAmount": None,
}  # fmt: skip


def test_a_published_payment_of_tron_is_read() -> None:
    """Five sun, no fee, at the second that the block's milliseconds say."""
    header = {"number": 62_258_698, "hash": "0" * 63 + "1", "timestamp": 1_717_419_792_000}
    block = {"header": header, "transactions": [TRX | {"transactionIndex": 3}]}
    answers = {True: metadata("tron-mainnet", start=62_258_698), False: lines(block)}
    value: Mapping[str, str] = TRX["parameter"]["value"]  # type: ignore[index,assignment,call-overload]
    owner, to = (address_of(TRON, value[key]) for key in ("owner_address", "to_address"))
    asking = dialect.history(provider(TRON), to, Pin(TRON.id, 62_258_698))
    rows, _ = run(asking, lambda request: answers[request.method == "GET"], provider(TRON))
    fee, paid = rows.transfers
    assert (fee.kind, fee.source, fee.amount.units) == (Kind.FEE, owner, 0)
    assert (paid.source, paid.target, paid.amount.units) == (owner, to, 5)
    assert (paid.tx, paid.height, paid.index, paid.time) == (TRX["hash"], 62_258_698, 3, 1_717_419_792)


def test_an_internal_transaction_of_tron_that_pays_nothing_need_not_name_anyone() -> None:
    """``transferToAddress`` may be missing in the published form: without coin nothing is wrong with that."""
    header = {"number": 62_258_698, "hash": "0" * 63 + "1", "timestamp": 1_717_419_792_000}
    inside = {
        "transactionIndex": 3, "internalTransactionIndex": 0,
        "callerAddress": "4105cc125604448afeb6867eb688efb7e80411d57a",
        "transferToAddress": None, "callValueInfo": [{}], "note": "63616c6c", "rejected": None,
    }  # fmt: skip
    block = {
        "header": header,
        "transactions": [TRX | {"transactionIndex": 3}],
        "internalTransactions": [inside],
    }
    answers = {True: metadata("tron-mainnet", start=62_258_698), False: lines(block)}
    to = address_of(TRON, "4105cc125604448afeb6867eb688efb7e80411d57a")
    asking = dialect.history(provider(TRON), to, Pin(TRON.id, 62_258_698))
    rows, _ = run(asking, lambda request: answers[request.method == "GET"], provider(TRON))
    assert [one.kind for one in rows.transfers] == [Kind.FEE, Kind.VALUE]
