"""EVM datasets: what a history tells is what happened, and the balance proves it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.portal_dataset import Row, told
from fetch.portal_service import (
    ANN,
    BEN,
    BOMB,
    CLEO,
    ETHER,
    FAUCET,
    ITEMS,
    LOGIC,
    NEST,
    SPLITTER,
    TOKEN,
    WALLET,
    WETH,
    Call,
    Sent,
    World,
    call,
    coin,
    dataset,
    log,
    name_of,
    net,
    world,
)
from flowtrace.errors import UnreadableError
from flowtrace.fetch.evm import transaction as evm_transaction
from flowtrace.fetch.portal.evm import reader
from flowtrace.model import NOBODY, Chain, Kind, Scope, Transfer

TOY = world()
PEOPLE = (ANN, BEN, CLEO, WALLET, SPLITTER, LOGIC, BOMB, NEST, WETH, "0x" + "77" * 20)


@pytest.mark.parametrize("account", PEOPLE)
def test_every_history_is_what_happened_to_the_wei(account: str) -> None:
    """For each account of the toy chain: the moves that were made, no other, and they sum to its balance."""
    transfers, coverage = told(dataset(TOY, account))
    assert coin(transfers) == TOY.told(account)
    assert net(transfers, account) == TOY.balances[account]
    assert all(c.complete for c in coverage.values()), coverage


def moves_of(transfers: list[Transfer], height: int) -> list[tuple[str, str, str, int, bool]]:
    """Return what moved in a block: position, giver, taker, units, and whether the transaction succeeded."""
    found = [t for t in transfers if t.height == height]
    return [(t.position, name_of(t.source), name_of(t.target), t.amount.units, t.ok) for t in found]


def test_what_a_reverted_call_paid_never_moved() -> None:
    """Of two payments to Ann, the one below a call that was reverted is none, though it bears no error."""
    toy = dataset(TOY)
    lines: list[Row] = []
    transfers, _ = told(toy, lines.append)
    assert moves_of(transfers, 5) == [("trace 1", NEST, ANN, 2 * ETHER, True)]
    (line,) = (line for line in lines if line["header"]["number"] == 5)
    paths = {tuple(trace["traceAddress"]): trace["error"] for trace in line["traces"]}
    assert paths == {(): None, (0,): "Reverted", (0, 0): None, (1,): None}


def test_a_failed_transaction_costs_its_fee_and_moves_nothing() -> None:
    """Its value is told as not moved; what it paid before it failed is not told at all."""
    transfers, _ = told(dataset(TOY))
    assert moves_of(transfers, 6) == [("fee", ANN, "", 210_000, False), ("value", ANN, BEN, 7 * ETHER, False)]
    assert moves_of(transfers, 7) == [("fee", BEN, "", 210_000, True), ("value", BEN, ANN, 3, True)]


def test_noise_of_nothing_is_left_out() -> None:
    """Calls and logs that move nothing are noise that anyone can make; a transaction's own value stands."""
    transfers, _ = told(dataset(TOY))
    moved = [t for t in transfers if not t.amount.units]
    assert {t.kind for t in moved} == {Kind.VALUE}
    assert not [t for t in moves_of(transfers, 4) if t[0].startswith("trace 2")]


def test_tokens_of_all_three_standards_are_told() -> None:
    """ERC-20, ERC-721 and ERC-1155, batches item by item, each by the index of its log in the block."""
    transfers, _ = told(dataset(TOY))
    tokens = [t for t in transfers if t.kind is Kind.TOKEN and t.amount.asset.contract != WETH]
    assert [(t.position, t.amount.asset.reference, t.amount.units) for t in tokens] == [
        ("log 0", f"erc20:{TOKEN}", 1000),
        ("log 2", f"erc20:{TOKEN}", 1 << 255),
        ("log 3", f"erc721:{ITEMS}/7", 1),
        ("log 4", f"erc1155:{ITEMS}/1", 5),
        ("log 5.0", f"erc1155:{ITEMS}/1", 2),
        ("log 5.2", f"erc1155:{ITEMS}/3", 4),
    ]
    assert [(name_of(t.source), name_of(t.target)) for t in tokens[:3]] == [
        (ANN, BEN),
        (BEN, ANN),
        (BEN, ANN),
    ]


def test_wrapped_coin_is_told_by_the_two_logs_of_its_contract() -> None:
    """Wrapped is from nobody, unwrapped to nobody; another contract's log of the same form tells nothing."""
    transfers, coverage = told(dataset(TOY))
    wrapped = [t for t in transfers if t.kind is Kind.TOKEN and t.height == len(TOY.blocks) - 1]
    assert [(t.position, name_of(t.source), name_of(t.target), t.amount.units) for t in wrapped] == [
        ("log 0", NOBODY, ANN, 3 * ETHER),
        ("log 2", ANN, BEN, ETHER),
        ("log 4", ANN, NOBODY, ETHER),
    ]
    assert {str(t.amount.asset) for t in wrapped} == {f"eip155:1/erc20:{WETH}"}
    assert {(t.amount.asset.symbol, t.amount.asset.decimals) for t in wrapped} == {("WETH", 18)}
    assert coverage[Scope.TOKEN].check.startswith("9 moves in logs")
    (log,) = (
        t for t in told(dataset(TOY, BEN))[0] if t.position == "log 1" and t.height == wrapped[0].height
    )
    assert (name_of(log.source), name_of(log.target), log.amount.units) == (NOBODY, BEN, 8)


@pytest.mark.parametrize(("name", "asks"), [("base", True), ("arbitrum", False), ("ronin", False)])
def test_logs_of_wrapped_coin_are_asked_for_where_a_contract_is_known(name: str, asks: bool) -> None:  # noqa: FBT001
    """By that contract's account; where none is known, nothing is asked."""
    service = dataset(World(), chain=Chain.of(name))
    (best, *_) = reader(service.address).queries()
    named = [found["address"] for found in best.asked["logs"] if "address" in found]
    assert named == ([["0x4200000000000000000000000000000000000006"]] if asks else [])


def test_a_creation_pays_what_it_makes_and_a_failed_one_nothing() -> None:
    """The new contract is the payee, though the transaction names none."""
    transfers, _ = told(dataset(TOY))
    assert moves_of(transfers, 9)[1:] == [("value", ANN, BOMB, 2 * ETHER, True)]
    assert moves_of(transfers, 10)[1:] == [("value", ANN, "0x" + "99" * 20, ETHER, False)]
    created, _ = told(dataset(TOY, "0x" + "77" * 20))
    assert moves_of(created, 13) == [("trace 0", WALLET, "0x" + "77" * 20, 2, True)]


@pytest.mark.parametrize("account", [ANN, BOMB])
def test_a_contract_that_destroys_itself_pays_its_heir(account: str) -> None:
    """Both the heir's history and the contract's own tell it, though no filter finds the latter."""
    transfers, _ = told(dataset(TOY, account))
    paid = ("trace 0", BOMB, ANN, 2 * ETHER - 1, True)
    assert paid in moves_of(transfers, 11)


def test_newer_datasets_call_it_selfdestruct() -> None:
    """The type has two names, by the age of the dataset."""

    def rename(line: Row) -> None:
        for trace in line.get("traces", ()):
            trace["type"] = trace["type"].replace("suicide", "selfdestruct")

    assert told(dataset(TOY, BOMB), rename)[0] == told(dataset(TOY, BOMB))[0]


def test_the_value_a_delegated_call_shows_is_not_paid_again() -> None:
    """Nodes show the value of the call around it; another's code moves nothing to that other."""
    transfers, _ = told(dataset(TOY, WALLET))
    assert moves_of(transfers, 12) == [
        ("fee", ANN, "", 210_000, True),
        ("value", ANN, WALLET, 9, True),
        ("trace 0.0", WALLET, BEN, 4, True),
    ]
    assert told(dataset(TOY, LOGIC))[0] == []


def test_before_2017_the_first_call_says_whether_a_transaction_failed() -> None:
    """No status was kept then."""
    transfers, _ = told(dataset(TOY))
    assert ("value", ANN, BEN, 1, True) in moves_of(transfers, 15)
    others, _ = told(dataset(TOY, NEST))
    assert ("value", BEN, NEST, 1, False) in moves_of(others, 15)


def test_blobs_are_paid_for() -> None:
    """The fee of a transaction with blobs is gas and blobs, each at its price."""
    transfers, _ = told(dataset(TOY))
    assert moves_of(transfers, 16)[0] == ("fee", ANN, "", 210_000 + 3 * 131_072, True)


def calls() -> st.SearchStrategy[Call]:
    """Return trees of calls between the people, of every kind, failing here and there."""
    people = st.sampled_from((ANN, BEN, WALLET, SPLITTER))
    kinds = st.sampled_from(("call", "call", "call", "delegatecall", "staticcall", "callcode"))
    ends = st.builds(Call, people, st.just(0), st.just(()), st.just("suicide"))
    leaf = st.builds(Call, people, st.integers(0, 3), st.just(()), kinds, st.booleans())
    tree = st.recursive(
        leaf | ends,
        lambda inner: st.builds(
            Call, people, st.integers(0, 5), st.lists(inner, max_size=3).map(tuple), kinds,
            st.sampled_from((False, False, True)),
        ),
        max_leaves=12,
    )  # fmt: skip
    return tree.filter(lambda one: one.kind == "call")


@given(st.lists(st.tuples(st.sampled_from((ANN, BEN)), calls()), max_size=6), st.integers(1, 4))
@settings(max_examples=150)
def test_whatever_calls_do_histories_sum_to_balances(sent: list[tuple[str, Call]], stride: int) -> None:
    """For any tree of calls: every account's history is what happened, and is proved by its balance."""
    made = World()
    made.block(*(Sent(FAUCET, call(who, 10**9)) for who in (ANN, BEN, WALLET, SPLITTER)))
    for sender, one in sent:
        made.block(Sent(sender, one), Sent(sender, one, gas=1))
    for account in (ANN, BEN, WALLET, SPLITTER):
        toy = dataset(made, account)
        toy.ends = lambda first, _last: first + stride - 1
        transfers, coverage = told(toy)
        assert coin(transfers) == made.told(account)
        assert net(transfers, account) == made.balances[account]
        assert coverage[Scope.EXTERNAL].complete, coverage
        assert coverage[Scope.INTERNAL].complete, coverage


def test_a_payment_from_deep_below_is_told() -> None:
    """Anyone can pay from deeper than a path can be written out: the payment has a name all the same."""
    made = World()
    deep = call(ANN, 1)
    for _ in range(40):
        deep = call(NEST, 0, deep)
    made.block(Sent(FAUCET, call(NEST, 5)), Sent(FAUCET, deep))
    transfers, coverage = told(dataset(made))
    paid = [t for t in transfers if t.kind is Kind.INTERNAL]
    assert [t.amount.units for t in paid] == [1]
    assert coverage[Scope.INTERNAL].complete


@pytest.mark.parametrize(
    ("name", "changed", "short"),
    [
        ("optimism", {"l1Fee": "0x7"}, False),
        ("base", {}, True),
        ("base", {"type": 126}, False),
        ("ethereum", {}, False),
    ],
)
def test_a_rollups_charge_for_data_is_part_of_the_fee(name: str, changed: Row, short: bool) -> None:  # noqa: FBT001
    """It has a field of its own; where that is empty, the fee is said to be told in part."""
    made = World()
    made.block(Sent(FAUCET, call(ANN, 10**9)))
    made.block(Sent(ANN, call(BEN, 1), extra=int(changed.get("l1Fee", "0x0"), 16), changed=changed))
    transfers, coverage = told(dataset(made, chain=Chain.of(name)))
    assert net(transfers, ANN) == made.balances[ANN]
    assert ("1 fees are told in part" in coverage[Scope.EXTERNAL].check) is short


@pytest.mark.parametrize(("height", "count"), [(8, 8), (len(TOY.blocks) - 1, 7)])
def test_the_same_moves_have_the_same_names_as_a_node_gives_them(height: int, count: int) -> None:
    """Fee, value and logs equal those made of a node's transaction and receipt, field by field."""
    transfers = [t for t in told(dataset(TOY))[0] if t.kind is not Kind.INTERNAL]
    block = TOY.blocks[height]
    rows = [row for row in block.tables["transactions"] if row["transactionIndex"] < 3]
    node: list[Transfer] = []
    for row in rows:
        index = row["transactionIndex"]
        logs = [
            {
                "address": one["address"],
                "topics": one["topics"],
                "data": one["data"],
                "logIndex": hex(one["logIndex"]),
            }
            for one in block.tables["logs"]
            if one["transactionIndex"] == index
        ]
        place = {"blockNumber": hex(block.number), "transactionIndex": hex(index), "input": "0x"}
        status = {"status": hex(row["status"]), "logs": logs}
        node += evm_transaction.transfers(Chain.of("ethereum"), row | place, row | status, time=block.time)
    mine = {t.id: t for t in transfers if t.height == height}
    theirs = {t.id: t for t in node}
    assert len(mine) == count
    assert mine == {name: theirs[name] for name in mine}


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("traces", {"traceAddress": [7, 1]}, "the calls above trace 7.1 are not told"),
        ("traces", {"traceAddress": None}, "a trace has no path"),
        ("traces", {"traceAddress": [0] * 5000}, "a trace has no path"),
        ("traces", {"traceAddress": [-1]}, "path or error is none"),
        ("traces", {"traceAddress": [True]}, "a trace has no path"),
        ("traces", {"error": ["Reverted"]}, "path or error is none"),
        ("traces", {"action": {"from": NEST, "to": ANN, "value": "0x1"}}, "does not say of which kind"),
        ("traces", {"action": {"from": ANN, "to": ANN, "value": "1.5", "callType": "call"}}, "value is"),
        ("traces", {"action": {"from": NEST, "value": "0x1", "callType": "call"}}, "to is None"),
        ("traces", {"action": [1]}, "action is a list"),
        ("transactions", {"hash": "0x12"}, "hash is '0x12'"),
        ("transactions", {"from": "0x12"}, "not an address"),
        ("transactions", {"value": None}, "value is None"),
        ("transactions", {"value": "0x1" + "0" * 64}, "no whole number"),
        ("transactions", {"gasUsed": None}, "gasUsed is None"),
        ("transactions", {"effectiveGasPrice": None, "gasPrice": None}, "gasPrice is None"),
        ("transactions", {"nonce": "?"}, "nonce is '?'"),
        ("transactions", {"status": "ok"}, "status is 'ok'"),
        ("transactions", {"to": None, "contractAddress": None}, "pays a contract that is not named"),
        ("transactions", {"transactionIndex": 9}, "is not told, though something of it is"),
        ("stateDiffs", {"prev": "much"}, "prev is 'much'"),
        ("stateDiffs", {"address": None}, "address is None"),
        ("logs", {"topics": "0x"}, "topics are none"),
        ("logs", {"topics": [None]}, "topics are none"),
        ("logs", {"topics": ["0x" + "1" * 64] * 5}, "topics are none"),
        ("logs", {"data": 7}, "data are none"),
        ("logs", {"logIndex": 1.5}, "logIndex is a Decimal"),
        ("logs", {"address": "0x"}, "not an address"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_what_it_must_be_is_named(table: str, change: dict[str, Any], words: str) -> None:
    """The block and the field are named; nothing is guessed, nothing left out in silence."""
    height = {"logs": 8, "traces": 5, "transactions": 3, "stateDiffs": 3}[table]

    def spoil(line: Row) -> None:
        if line["header"]["number"] == height:
            line[table][-1 if table == "traces" else 0].update(change)

    with pytest.raises(UnreadableError, match=f"block {height}, in which") as error:
        told(dataset(TOY), spoil)
    assert words in str(error.value)


def test_twice_the_same_row_is_no_answer() -> None:
    """Two transactions at one index, two traces at one path, two differences of one balance."""
    for table in ("transactions", "traces", "stateDiffs"):

        def double(line: Row, name: str = table) -> None:
            line[name] = line.get(name, []) * 2

        with pytest.raises(UnreadableError, match=r"two transactions|told twice|two differences"):
            told(dataset(TOY), double)


def test_a_log_of_another_form_tells_nothing() -> None:
    """A batch of items whose arrays are cut off, or a transfer with too few topics, is not a transfer."""
    made = World()
    topic = "0x" + ANN[2:].rjust(64, "0")
    transfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    made.block(
        Sent(CLEO, call(TOKEN), (log(TOKEN, transfer, topic), log(TOKEN, transfer, topic, topic)), gas=0)
    )
    transfers, coverage = told(dataset(made))
    assert transfers == []
    assert coverage[Scope.TOKEN].check.startswith("0 moves in logs")
