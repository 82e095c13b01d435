"""A node's blocks: the same history from a new node and an old one, in JSON and in bytes, to the unit."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.bitcoind_service import Node
from fetch.coin_asking import Change, altered, history, instead, run, single, unchanged
from fetch.coin_world import COIN, World, world
from fetch.electrum_service import Electrum
from fetch.services import Reply
from flowtrace.errors import InputError, ReorgError, SourceError, UnreadableError
from flowtrace.fetch.utxo import bitcoind
from flowtrace.fetch.utxo.bitcoind_blocks import of_json, units
from flowtrace.model import Answer, Chain, Request, Scope

JSON = {"Content-Type": "application/json"}
FORMS = {
    "new": {"modern": True},
    "old": {"modern": False},
    "in bytes": {"in_bytes": True},
}
CHAINS = ("bitcoin", "litecoin", "dogecoin")


@pytest.fixture
def service() -> Node:
    """Return an old node's stand-in."""
    return Node(world("litecoin"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CHAINS)
def test_every_node_tells_what_an_electrum_server_tells(name: str, form: str) -> None:
    """New or old, with filters or without, JSON or bytes: equal transfers, on every chain."""
    service = Node(world(name), **FORMS[form])
    found, coverage = history(service)
    assert found == history(Electrum(service.made))[0]
    assert (coverage.scope, coverage.first, coverage.last) == (Scope.EXTERNAL, 0, service.pin.height)
    assert coverage.complete
    stated = form != "in bytes"
    assert ("are those the node has" in coverage.check) is stated
    assert ("the node did not say" in coverage.check) is not stated


def test_a_new_node_is_asked_for_little() -> None:
    """With filters, only the blocks that touch are asked for, and no parent where the block tells of it."""
    service = Node(world("bitcoin"), modern=True)
    _, _, asked = run(service, bitcoind.history(service.provider, service.address, service.pin))
    methods = [json.loads(one.body)["method"] for one in asked]
    heights = {height for _, height in service.made.history(service.made.ann)} | {0}
    assert methods.count("getblock") == len(heights) < len(service.made.blocks)
    assert "getrawtransaction" not in methods


def test_an_old_node_that_ignores_what_is_asked_is_noticed(service: Node) -> None:
    """Verbosity 3 is answered as 2, without a word: what inputs spend is looked up in the bytes of others."""
    _, _, asked = run(service, bitcoind.history(service.provider, service.address, service.pin))
    calls = [json.loads(one.body) for one in asked]
    assert {tuple(call["params"][1:]) for call in calls if call["method"] == "getblock"} == {(3,)}
    parents = [call["params"] for call in calls if call["method"] == "getrawtransaction"]
    assert parents
    assert all(len(one) == 1 for one in parents)


def test_a_node_without_such_json_is_asked_for_bytes() -> None:
    """A node of a chain that is not known for it says that it wants a boolean: from then on, bytes."""
    service = Node(world("bitcoin"), in_bytes=True)
    rows, (coverage,), asked = run(service, bitcoind.history(service.provider, service.address, service.pin))
    forms = [json.loads(one.body)["params"][1:] for one in asked if b'"getblock"' in one.body]
    assert len(rows.transfers) == 11
    assert coverage.complete
    assert forms.count([False]) == service.pin.height + 1
    assert forms.count([3]) == 1


@pytest.mark.parametrize("form", FORMS)
def test_the_head_lies_as_deep_as_the_provider_says(form: str) -> None:
    """The block two below the newest, by height, name and time."""
    service = Node(world("bitcoin"), **FORMS[form])
    assert run(service, bitcoind.head(service.provider))[1] == service.pin


@pytest.mark.parametrize("form", FORMS)
def test_a_transaction_is_told_as_in_a_history(form: str) -> None:
    """A transaction asked for by its name is the same transfer."""
    service = Node(world("bitcoin"), **FORMS[form])
    for tx, transfer in history(service)[0].items():
        assert single(service, tx) == [transfer]


def test_a_transaction_that_waits_or_is_an_orphans_is_refused(service: Node) -> None:
    """In no block, or in one that is no longer of the chain though the node's index still names it."""
    with pytest.raises(UnreadableError, match="no transaction in a block"):
        single(service, service.made.waiting[0].txid)
    orphan = altered('"getblock"', lambda it: it | {"result": it["result"] | {"confirmations": -1}})
    with pytest.raises(UnreadableError, match="no longer part of the chain"):
        single(service, service.made.blocks[5].txids[1], orphan)


@given(st.integers(0, (1 << 63) - 1))
def test_amounts_are_exact(number: int) -> None:
    """Any amount, written as nodes write it, is read to the unit; it never passes through floating point."""
    text = f"{number // 10**8}.{number % 10**8:08d}"
    assert units(text) == number == int(Decimal(text) * 10**8)
    assert units(number) == number * 10**8


@pytest.mark.parametrize(
    "text", ["1e-8", "1E2", "0.123456789", "NaN", "", "-", ".", "1.", 0.1, None, True, [], "1,0"]
)
def test_an_amount_that_is_none_is_refused(text: Any) -> None:  # noqa: ANN401  whatever comes
    """An exponent, more places than the coin has, floating point: refused, never rounded."""
    if text == "1.":
        assert units(text) == 10**8
        return
    with pytest.raises(InputError, match="is not a decimal number"):
        units(text)


def _blocks(change: Any, *, height: int = 5) -> Change:  # noqa: ANN401  JSON
    """Return a change of the block at a height, in JSON."""

    def spoil(request: Request, reply: Reply) -> Reply:
        told = json.loads(reply[2], parse_float=lambda text: f"@{text}@")
        if b'"getblock"' not in request.body or told["result"]["height"] != height:
            return reply
        change(told["result"])
        return reply[0], reply[1], re.sub(r'"@([0-9.]+)@"', r"\1", json.dumps(told)).encode()

    return spoil


def _amount(block: Any) -> None:  # noqa: ANN401  JSON
    block["tx"][1]["vout"][0]["value"] = "@7.00000000@"


def _renamed(block: Any) -> None:  # noqa: ANN401  JSON
    block["tx"][1]["txid"] = "ab" * 32


def _without_bytes(block: Any) -> None:  # noqa: ANN401  JSON
    for tx in block["tx"]:
        del tx["hex"]


REFUSED: dict[str, tuple[Change, str]] = {
    "an amount": (_blocks(_amount), "another by its bytes"),
    "a name": (_blocks(_renamed), "another by its bytes"),
    "a transaction left out": (_blocks(lambda block: block["tx"].pop()), "another block, or not all of it"),
    "an output left out": (_blocks(lambda block: block["tx"][1]["vout"].pop()), "another by its bytes"),
    "outputs turned": (_blocks(lambda block: block["tx"][1]["vout"].reverse()), "outputs out of order"),
    "no height": (_blocks(lambda block: block.update(height="5"), height=5), "no block"),
    "other blocks before": (
        _blocks(lambda block: block.update(previousblockhash="ab" * 32)),
        "does not follow",
    ),
    "another height": (_blocks(lambda block: block.update(height=6)), "does not follow"),
    "no list of coins": (
        altered("scantxoutset", lambda it: it | {"result": {"bestblock": 1}}),
        "no list of coins",
    ),
    "null": (instead("getblockhash", (200, JSON, b"null")), "no JSON-RPC result"),
    "no hash": (instead("getblockhash", (200, JSON, b'{"result":"x"}')), "no block's hash"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_block_that_is_not_what_it_should_be_is_refused(service: Node, name: str) -> None:
    """One part changed: refused with the reason, and asked for again."""
    change, words = REFUSED[name]
    with pytest.raises((UnreadableError, ReorgError), match=words):
        history(service, change)


def test_blocks_without_the_bytes_of_transactions_are_read(service: Node) -> None:
    """A node that does not tell a transaction's bytes with the block is read by its JSON alone."""
    found, coverage = history(service, _blocks(_without_bytes))
    assert (found, coverage.complete) == (history(service)[0], True)


def test_what_is_in_the_pool_is_no_coin() -> None:
    """Inputs and outputs that a node marks as Litecoin's confidential ones are not the public chain's."""
    tx = {
        "txid": "ab" * 32,
        "vin": [{"ismweb": True, "output_id": "cd" * 32}, {"ismweb": False, "txid": "ef" * 32, "vout": 1}],
        "vout": [
            {"ismweb": False, "n": 0, "value": 5, "scriptPubKey": {"hex": "51"}},
            {"ismweb": True, "output_id": "cd" * 32},
        ],
    }
    block = {"hash": "00" * 32, "height": 1, "time": 1, "merkleroot": "ab" * 32, "tx": [tx]}
    answer = Answer(
        Request("POST", "http://node"), json.dumps({"result": block}).encode(), "", "node", number=1
    )
    ((found, known),) = of_json(answer, "00" * 32).transactions
    assert found.spends == (f"{'ef' * 32}:1",)
    assert [(one.units, one.script) for one in found.outputs] == [(5 * 10**8, b"\x51")]
    assert known == ()


def test_other_coins_than_the_nodes_own_are_refused(service: Node) -> None:
    """The coins left by the blocks must be the node's; else all of it is asked for again."""
    fewer = altered("scantxoutset", lambda it: it | {"result": it["result"] | {"unspents": []}})
    with pytest.raises(ReorgError, match=r"has 3 coins left by its blocks, 0 or others") as error:
        history(service, fewer)
    assert error.value.height == 0


def test_a_block_named_by_the_filters_and_left_out_is_found() -> None:
    """Whichever relevant block the filters' scan leaves out, the coins left are not the node's."""
    service = Node(world("bitcoin"), modern=True)
    count = len({height for _, height in service.made.history(service.made.ann)}) + 1
    for place in range(1, count):

        def shorter(told: Any, place: int = place) -> Any:  # noqa: ANN401  JSON
            del told["result"]["relevant_blocks"][place]
            return told

        with pytest.raises(ReorgError, match=r"coins left by its blocks|which they never made"):
            history(service, altered("scanblocks", shorter))


def test_a_scan_that_broke_off_is_refused() -> None:
    """A scan that did not reach the last block is no scan."""
    service = Node(world("bitcoin"), modern=True)
    cut = altered("scanblocks", lambda it: it | {"result": it["result"] | {"completed": False}})
    with pytest.raises(UnreadableError, match="did not reach the last block"):
        history(service, cut)


def test_too_long_a_chain_is_not_read_block_by_block(service: Node) -> None:
    """Without filters a long chain would be read whole: it is not, and what helps is said."""
    service.provider = replace(service.provider, options={"blocks": "10"})
    with pytest.raises(
        SourceError, match=r"17 blocks are more than 10 to read: start it with -blockfilterindex=1"
    ):
        history(service)


def test_a_node_that_is_behind_is_said(service: Node) -> None:
    """A node whose chain ends below the pin cannot tell; it says no wrong history."""
    service.made.blocks = service.made.blocks[:10]
    with pytest.raises(SourceError, match=r"is at block 9, block 14 is wanted: let it catch up"):
        history(service)


def test_a_node_without_its_index_of_transactions_is_said(service: Node) -> None:
    """An older node that cannot tell parents: the error says what it has to be started with."""
    refusal = (
        b'{"result":null,"error":{"code":-5,"message":"No such mempool transaction. Use -txindex"},"id":1}'
    )
    with pytest.raises(SourceError, match="needs -txindex=1"):
        history(service, instead("getrawtransaction", (500, JSON, refusal)))


def test_a_node_that_does_not_say_at_which_block_its_coins_are_is_not_checked(service: Node) -> None:
    """The first nodes with a set of coins to be searched did not say at which block: then it is no check."""

    def older(told: Any) -> Any:  # noqa: ANN401  JSON
        del told["result"]["bestblock"]
        return told

    found, coverage = history(service, altered("scantxoutset", older))
    assert found == history(service)[0]
    assert "the node did not say, so that is not checked" in coverage.check


def test_a_pin_that_is_no_longer_of_the_chain_is_refused(service: Node) -> None:
    """Where the pin's block has become another, nothing that was read is certain; with filters or without."""
    for node in (service, Node(world("bitcoin"), modern=True)):
        node.pin = replace(node.pin, hash="ab" * 32)
        with pytest.raises(ReorgError, match=r"is no longer .* take the chain's head anew"):
            history(node)


def test_the_newest_block_rewritten_while_it_is_read_is_found(service: Node) -> None:
    """The set of coins was of another newest block than the one that is read."""
    other = altered("scantxoutset", lambda it: it | {"result": it["result"] | {"bestblock": "ab" * 32}})
    with pytest.raises(ReorgError, match="block 16 is"):
        history(service, other)


def test_the_first_blocks_coin_is_not_held() -> None:
    """Nobody can spend the coin of a chain's first block, so no node counts it: it is told, and not held."""
    made = World(Chain.of("bitcoin"))
    for _ in range(4):
        made.add(reward=(made.ann, COIN))
    node = Node(made)
    unspents = altered("scantxoutset", _without_first)
    found, coverage = history(node, unspents)
    assert len(found) == 2
    assert coverage.check.startswith(
        "2 transactions in 4 blocks, all there are; the 3 coins left by block 3 are"
    )


def _without_first(told: Any) -> Any:  # noqa: ANN401  JSON
    told["result"]["unspents"] = [one for one in told["result"]["unspents"] if one["height"]]
    return told


ERRORS = {
    "warming up": (500, -28, "Verifying blocks..."),
    "no such method": (404, -32601, "Method not found"),
    "out of range": (500, -8, "Block height out of range"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_inside_status_500_are_said(service: Node, name: str) -> None:
    """What a node complains of, its code and words inside an answer with an error's status, is the error."""
    status, code, words = ERRORS[name]
    body = json.dumps({"result": None, "error": {"code": code, "message": words}, "id": 1}).encode()
    with pytest.raises(SourceError, match=re.escape(words)):
        run(service, bitcoind.head(service.provider), instead("getblockcount", (status, JSON, body)))
    assert history(service, unchanged)[1].complete
