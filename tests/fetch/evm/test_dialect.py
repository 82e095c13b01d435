"""A node's history of an address: the same by every method, and held against the node's state."""

from __future__ import annotations

import json

import pytest

from fetch.rpc_asking import ETHER, LACKS, TRACED, history, run
from fetch.rpc_chain import NOBODY, WETH
from fetch.rpc_service import ANN, BEN, BOMB, CLEO, COIN, SPLITTER, Rpc, chain, service
from flowtrace.errors import ReorgError, SourceError
from flowtrace.fetch.evm import dialect as evm
from flowtrace.model import DEPOSIT, ETHEREUM, Asset, Kind, Request, Scope


@pytest.mark.parametrize("lacks", TRACED)
@pytest.mark.parametrize("account", [ANN, BEN, CLEO, SPLITTER, BOMB])
def test_balance(lacks: str, account: str) -> None:
    """The balance from the history is the one the chain holds, whatever the node can do."""
    node = Rpc(chain(), lacks=LACKS[lacks])
    told = history(node, account)
    assert told.total(ETHER, account) == node.chain.after[node.pin.height][account]
    assert all(one.complete for one in told.coverage), told.coverage
    assert "to the wei" in told.scope(Scope.EXTERNAL).check


@pytest.mark.parametrize("account", [ANN, BEN, SPLITTER])
def test_wrapped_coin(account: str) -> None:
    """What is wrapped, unwrapped and paid sums to what the contract holds for an account, as it states."""
    node = service()
    told = history(node, account)
    weth = Asset(ETHEREUM.id, f"erc20:{WETH}")
    assert told.total(weth, account) == node.chain.holdings[node.pin.height][WETH, account, -1] > 0
    assert "units off" not in told.scope(Scope.TOKEN).check


def test_wraps_are_believed_of_known_contracts_only() -> None:
    """Another contract may write the same log: it is read, and it moves nothing."""
    told = history(service())
    logs = [log for receipt in service().chain.receipts.values() for log in receipt["logs"]]
    foreign = [log for log in logs if log["topics"][0] == DEPOSIT and log["address"] == COIN]
    assert len(foreign) == 3
    places = {(log["transactionHash"], f"log {int(log['logIndex'], 16)}") for log in foreign}
    assert not places & {(one.tx, one.position) for one in told.transfers.values()}
    wraps = [
        (one.source.account, one.target.account, one.amount.units)
        for one in told.transfers.values()
        if one.source and one.target and one.amount.asset.contract == WETH
    ]
    assert wraps == 3 * [(NOBODY, ANN, 40), (ANN, NOBODY, 15), (ANN, BEN, 5)]


def test_same_by_every_method() -> None:
    """Every method tells the same transfers under the same ids."""
    first, *others = (history(Rpc(chain(), lacks=LACKS[lacks])).transfers for lacks in TRACED)
    assert first
    for other in others:
        assert other == first


def test_what_the_chain_itself_pays() -> None:
    """Coin of the first block, and staked coin that blocks pay out, are moves from nobody."""
    told = history(service())
    mints = sorted(
        (one.position, one.tx, one.amount.units) for one in told.transfers.values() if one.kind is Kind.MINT
    )
    assert mints == [
        ("genesis", "block.0", 10**18),
        ("withdrawal 1000", "block.1", 10**9),
        ("withdrawal 26000", "block.26", 26 * 10**9),
        ("withdrawal 27000", "block.27", 27 * 10**9),
    ]


def test_reverted_operations_are_kept_back() -> None:
    """Where reverts are not told, moves are told only if the balance proves them, and else named."""
    node = Rpc(chain(), lacks=LACKS["any trace but operations"])
    ann, cleo = history(node), history(node, CLEO)
    assert not [one for one in ann.transfers.values() if one.kind is Kind.INTERNAL]
    assert not ann.scope(Scope.INTERNAL).complete
    assert "moves that may be reverted" in ann.scope(Scope.INTERNAL).check
    assert [one.amount.units for one in cleo.transfers.values() if one.kind is Kind.INTERNAL] == [20, 20, 20]
    assert cleo.total(ETHER, CLEO) == node.chain.after[node.pin.height][CLEO]
    assert all(one.complete for one in cleo.coverage)


def test_without_any_trace() -> None:
    """Without traces, internal moves are not known to be complete, and the balance says what is missing."""
    told = history(Rpc(chain(), lacks=LACKS["any trace"]))
    assert not told.scope(Scope.INTERNAL).complete
    assert "27 transactions have no trace: the node has no method for it" in told.scope(Scope.INTERNAL).check
    assert not told.scope(Scope.EXTERNAL).complete
    assert "wei off the sum of all moves" in told.scope(Scope.EXTERNAL).check


def test_plain_node() -> None:
    """A node without any search, of a chain too long to read whole, says so; its token moves are whole."""
    node = Rpc(chain(), lacks=("trace_", "ots_"), options={"scan": "10"})
    told = history(node)
    for scope in (Scope.EXTERNAL, Scope.INTERNAL):
        assert not told.scope(scope).complete
        assert "cannot list an address's coin moves" in told.scope(scope).check
    assert told.scope(Scope.TOKEN).complete
    assert {name for name, one in history(service()).transfers.items() if one.kind is Kind.TOKEN} < set(
        told.transfers
    )
    assert len(told.answers) < 100


def test_unlisted_payments() -> None:
    """Staked coin paid in a block that no transaction leads to is missed by a search, and says so."""
    made = chain()
    made.mine((), paid=[(ANN, 7)])
    made.mine(())
    searched, scanned = history(Rpc(made)), history(Rpc(made, lacks=("trace_filter", "ots_")))
    assert not searched.scope(Scope.EXTERNAL).complete
    assert f"the balance is +{7 * 10**9} wei off" in searched.scope(Scope.EXTERNAL).check
    assert all(one.complete for one in scanned.coverage)
    assert set(scanned.transfers) - set(searched.transfers) == {
        f"eip155:1:block.{made.height - 1}:withdrawal {1000 * (made.height - 1)}"
    }


def test_before_byzantium() -> None:
    """Where a receipt does not say whether its transaction failed, its trace does."""

    def older(_: Request, body: bytes) -> bytes:
        found = json.loads(body)
        if isinstance(found.get("result"), dict):
            found["result"].pop("status", None)
        return json.dumps(found).encode()

    assert history(service(), bend=older).transfers == history(service()).transfers
    told = history(Rpc(chain(), lacks=LACKS["any trace"]), bend=older)
    assert "of them do not say whether they failed" in told.scope(Scope.EXTERNAL).check
    assert not told.scope(Scope.EXTERNAL).complete


def test_user_operations_are_named() -> None:
    """Operations that others sent for an account are counted: their sender is not the actor."""
    assert (
        "3 of them carry user operations of its own (ERC-4337)"
        in history(service()).scope(Scope.EXTERNAL).check
    )
    assert "user operations" not in history(service(), BEN).scope(Scope.EXTERNAL).check


def test_missing_transaction() -> None:
    """A search that leaves out a transaction is caught, by the nonce and by the balance."""
    node = service()
    gone = next(
        sent["hash"] for sent in node.chain.sent.values() if sent["from"] == ANN and sent["nonce"] == "0x3"
    )

    def short(request: Request, body: bytes) -> bytes:
        found = json.loads(body)
        if b"trace_filter" in request.body and "result" in found:
            found["result"] = [row for row in found["result"] if row["transactionHash"] != gone]
        return json.dumps(found).encode()

    external = history(node, bend=short).scope(Scope.EXTERNAL)
    assert not external.complete
    assert "the node counts 1 more, nonce 3 first: they are missing" in external.check


def test_removed_log() -> None:
    """A log that the node says it removed is a rewritten chain."""

    def removed(_: Request, body: bytes) -> bytes:
        return body.replace(b'"removed": false', b'"removed": true')

    with pytest.raises(ReorgError, match="removed"):
        history(service(), bend=removed)


def test_block_too_big() -> None:
    """Where even one block holds more than the node gives, the history cannot be complete, and is none."""

    def big(request: Request, body: bytes) -> bytes:
        if b"eth_getLogs" not in request.body:
            return body
        error = {"code": -32005, "message": "query returned more than 10000 results"}
        return json.dumps({"id": 1, "jsonrpc": "2.0", "error": error}).encode()

    with pytest.raises(SourceError, match="block 0 holds more than the service gives"):
        history(service(), bend=big)


def test_questions_name_the_pin() -> None:
    """Every question of a history names the block it is pinned to; the last one is this address's own."""
    node = service()
    told = history(node)
    names = [json.loads(answer.request.body)["id"] for answer in told.answers]
    assert all(name.startswith(node.pin.hash) for name in names)
    assert [name for name in names if ANN in name] == [names[-1]]
    assert json.loads(told.answers[-1].body)["result"]["hash"] == node.pin.hash


def test_head() -> None:
    """The head is the block that the node calls final; else one so far below the newest."""
    node = service()
    assert run(node, evm.head(node.provider))[1] == node.pin

    def unknown(request: Request, body: bytes) -> bytes:
        told = {
            "id": 1,
            "jsonrpc": "2.0",
            "error": {"code": -32602, "message": "unknown block tag finalized"},
        }
        return json.dumps(told).encode() if b"finalized" in request.body else body

    def nothing(request: Request, body: bytes) -> bytes:
        return b'{"id": 1, "jsonrpc": "2.0", "result": null}' if b"finalized" in request.body else body

    for bend in (unknown, nothing):
        assert run(node, evm.head(node.provider), bend)[1].height == node.chain.height - node.provider.depth


@pytest.mark.parametrize("lacks", ["nothing", "callTracer"])
def test_transaction(lacks: str) -> None:
    """A transaction alone tells all that histories tell of it; one that is not known is an error."""
    node = Rpc(chain(), lacks=LACKS[lacks])
    known = history(node).transfers
    for tx in {one.tx for one in known.values() if one.kind is not Kind.MINT}:
        told = run(node, evm.transaction(node.provider, tx.upper().replace("0X", "0x")))[0].transfers
        assert {name: one for name, one in known.items() if one.tx == tx}.items() <= told.items()
    with pytest.raises(SourceError, match="is not known"):
        run(node, evm.transaction(node.provider, "0x" + "00" * 32))
