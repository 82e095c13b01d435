"""What is fetched from a real node is held against what the node says, account by account, to the wei."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask, started_over
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.evm import dialect as evm
from flowtrace.fetch.source import Pin, Rows
from flowtrace.model import ETHEREUM, Asset, FactKind, Kind, Scope, Transfer
from real.anvil import Anvil, Contract, contracts_fixture, running  # noqa: F401  the same
from real.components import anvil_fixture, solc_fixture  # noqa: F401  fixtures, by name
from real.evm_fetched import COIN, HEADER, Lacking, asked, fetched, ledger, pinned, scope, total
from real.evm_world import EVE, FAY, GUS, IDA, WETH, World, built

# What a node is to lack, by the beginnings of its methods' names: so one real node stands for many kinds.
LACKS = {
    "trace_filter and callTracer": (),
    "trace_filter and trace_transaction": ("debug_",),
    "an index and callTracer": ("trace_",),
    "every block and callTracer": ("trace_", "ots_"),
    "every block and trace_transaction": ("trace_filter", "debug_", "ots_"),
    "an index and its operations": ("trace_", "debug_"),
    "every block and no trace": ("trace_", "debug_", "ots_"),
}
TRACED, UNTRACED = list(LACKS)[:-2], list(LACKS)[-2:]


@pytest.fixture(scope="module", params=["shanghai", "prague"])
def world(
    request: pytest.FixtureRequest, anvil_program: Path, contracts: dict[str, Contract]
) -> Iterator[World]:
    """Return a world of a time when contracts could be destroyed, and of one when they are kept."""
    with running(anvil_program, "--hardfork", request.param) as node:
        yield built(node, contracts, delegating=request.param == "prague")


def tips(node: Anvil, account: str) -> int:
    """Return what an account was paid for building blocks: the price above the base fee, for all gas used."""
    paid = 0
    for height in range(node.height + 1):
        block = node.call("eth_getBlockByNumber", hex(height), HEADER)
        if block["miner"] == account:
            for receipt in node.call("eth_getBlockReceipts", hex(height)):
                above = int(receipt["effectiveGasPrice"], 16) - int(block["baseFeePerGas"], 16)
                paid += int(receipt["gasUsed"], 16) * above
    return paid


def histories(world: World, pin: Pin, lacks: str, *, folder: Path) -> dict[str, Rows]:
    """Fetch the history of every account from a node that lacks something."""
    accounts = world.accounts()
    asks = [asked(world.node, account, pin) for account in accounts]
    with EvidenceStore(folder / f"{lacks}.sqlite") as store:
        told = fetched(asks, store, Lacking(*LACKS[lacks]))
    return dict(zip(accounts, told, strict=True))


@pytest.fixture(name="whole", scope="module")
def whole_fixture(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """Return the history of every account from a node that lacks nothing, fetched once."""
    return histories(world, pinned(world.node), TRACED[0], folder=tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("lacks", TRACED)
def test_every_balance(world: World, lacks: str, tmp_path: Path) -> None:
    """The balance from the fetched ledger equals the node's balance for every account, to the wei.

    The account that builds the blocks is the exception that is named: its tips are in no list.
    """
    pin = pinned(world.node)
    told = histories(world, pin, lacks, folder=tmp_path)
    assert len(told) >= 20
    for account, rows in told.items():
        paid = tips(world.node, account)
        if account == GUS and "index" in lacks:
            continue  # anvil's index leaves out who is left a destroyed contract's coin; see the next test
        assert total(rows, account, COIN) == world.node.balance(account, pin.height) - paid, account
        assert all(one.complete for one in rows.coverage) == (not paid), (account, rows.coverage)
        if paid:
            assert f"the balance is {paid:+d} wei off" in scope(rows, Scope.EXTERNAL).check


@pytest.mark.parametrize("lacks", UNTRACED)
def test_complete_is_proved(world: World, lacks: str, tmp_path: Path) -> None:
    """Where reverts are not told, or nothing is: complete means that the sum is the balance, to the wei."""
    pin = pinned(world.node)
    complete = 0
    for account, rows in histories(world, pin, lacks, folder=tmp_path).items():
        coin = [scope(rows, Scope.EXTERNAL), scope(rows, Scope.INTERNAL)]
        same = total(rows, account, COIN) == world.node.balance(account, pin.height)
        complete += all(one.complete for one in coin)
        assert same or not any(one.complete for one in coin), (account, rows.coverage)
        assert same or "wei off the sum" in coin[0].check, (account, coin)
        assert scope(rows, Scope.TOKEN).complete
    assert complete >= 2


def test_names_are_alike(world: World, tmp_path: Path) -> None:
    """Two ways of tracing tell the same transfers, under the same ids."""
    pin = pinned(world.node)
    one, other, *_ = (histories(world, pin, lacks, folder=tmp_path) for lacks in TRACED[:2])
    assert {account: ledger(rows) for account, rows in one.items()} == {
        account: ledger(rows) for account, rows in other.items()
    }


def test_transactions_are_the_same_told_alone(world: World, whole: dict[str, Rows], tmp_path: Path) -> None:
    """Asked one by one, transactions tell exactly what the histories of all accounts tell together."""
    pin = pinned(world.node)
    together: dict[str, Transfer] = {}
    for rows in whole.values():
        together |= {one.id: one for one in rows.transfers if one.kind is not Kind.MINT}
    blocks = (world.node.call("eth_getBlockByNumber", hex(n), HEADER) for n in range(pin.height + 1))
    hashes = [tx for block in blocks for tx in block["transactions"]]
    with EvidenceStore(tmp_path / "alone.sqlite") as store:
        told = fetched([Ask(world.node.provider, tx) for tx in hashes], store)
    alone = {name: one for rows in told for name, one in ledger(rows).items()}
    assert alone == together
    assert {one.tx for one in alone.values()} == set(hashes)


def test_caught_revert(world: World, whole: dict[str, Rows]) -> None:
    """A payment inside a reverted call never was, caught or not; a failed transaction moves only its fee."""
    fay = [one for one in ledger(whole[FAY]).values() if one.tx == world.tx["caught"]]
    assert [one.amount.units for one in fay] == [500]
    assert not [one for one in ledger(whole[EVE]).values() if one.tx == world.tx["failed"]]
    ben = [one for one in ledger(whole[world.node.accounts[1]]).values() if one.tx == world.tx["failed"]]
    assert {(one.kind, one.ok) for one in ben} == {(Kind.FEE, False), (Kind.VALUE, False)}


def test_tokens(world: World, whole: dict[str, Rows]) -> None:
    """Token moves sum to what each contract states; a token that keeps a fee is named, not corrected."""
    node = world.node
    for account in (*node.accounts[:3], EVE, FAY):
        stated = int(node.call("eth_call", _balance_of(world, "Coin", account), "latest"), 16)
        assert total(whole[account], account, Asset(ETHEREUM.id, f"erc20:{world.at['Coin']}")) == stated
        for number in (7, 8, 9):
            stated = int(node.call("eth_call", _balance_of(world, "Items", account, number), "latest"), 16)
            item = Asset(ETHEREUM.id, f"erc1155:{world.at['Items']}/{number}")
            assert total(whole[account], account, item) == stated
        stated = int(node.call("eth_call", _balance_of(world, "Deeds", account), "latest"), 16)
        deeds = [Asset(ETHEREUM.id, f"erc721:{world.at['Deeds']}/{number}") for number in (1, 2)]
        assert sum(total(whole[account], account, deed) for deed in deeds) == stated
    check = scope(whole[node.accounts[2]], Scope.TOKEN).check
    assert (
        f"5 of 6 token balances are the sum of their moves; erc20:{world.at['Taxed']} is -10 units off"
        in check
    )


def test_rebasing_token(world: World, whole: dict[str, Rows]) -> None:
    """A token that grows without a log is told as logged, and its balance names it: nothing is made up."""
    token = world.at["Rebasing"]
    for account, logged, stated in ((FAY, 100, 200), (GUS, 50, 50)):
        assert (
            int(world.node.call("eth_call", _balance_of(world, "Rebasing", account), "latest"), 16) == stated
        )
        assert total(whole[account], account, Asset(ETHEREUM.id, f"erc20:{token}")) == logged
        check = scope(whole[account], Scope.TOKEN).check
        assert (f"erc20:{token} is {stated - logged:+d} units off" in check) == (stated != logged)
        assert ("these tokens move without logs, or take fees" in check) == (stated != logged)


def test_wrapped_coin(world: World, whole: dict[str, Rows]) -> None:
    """Wrapped coin, told by two logs of its contract, sums to what that states, for every account.

    All that is made is all coin that the contract holds. A contract that nobody knows writes the same logs:
    they are not believed, and its balances say what is not told.
    """
    node, pin = world.node, pinned(world.node)
    weth, foreign = (Asset(ETHEREUM.id, f"erc20:{world.at[name]}") for name in ("Weth", "Foreign"))
    held = {account: total(found, account, weth) for account, found in whole.items()}
    for account, units in held.items():
        assert units == int(node.call("eth_call", _balance_of(world, "Weth", account), "latest"), 16), account
        assert f"erc20:{WETH} is" not in scope(whole[account], Scope.TOKEN).check
    assert sum(held.values()) == node.balance(WETH, pin.height)
    who = {world.at["Splitter"]: 500, world.at["Wallet"]: 25, IDA: 5, node.accounts[1]: 7}
    assert {account: held[account] for account in who} == who
    ben = whole[node.accounts[1]]
    assert total(ben, node.accounts[1], foreign) == -4
    assert f"{foreign.reference} is +9 units off" in scope(ben, Scope.TOKEN).check
    assert world.at["Liar"] not in {one.amount.asset.contract for one in ledger(ben).values()}


def test_user_operation(world: World, whole: dict[str, Rows]) -> None:
    """What an account wanted is paid by the account, not by the bundler who sent it; a failed one pays fees.

    The bundler has its own fee, and what the account's deposit paid it for that.
    """
    smart, bundler = world.at["Smart"], world.node.accounts[3]
    sent = {world.tx["operated"], world.tx["in vain"]}

    def told(account: str) -> list[tuple[Kind, str, str, int]]:
        found = [
            one for one in ledger(whole[account]).values() if one.tx in sent and one.kind is not Kind.FEE
        ]
        names = {smart: "smart", bundler: "bundler", IDA: "ida", world.at["EntryPoint"]: "entry"}
        ends = (
            (names[one.source.account], names[one.target.account])
            for one in found
            if one.source and one.target
        )
        return sorted((one.kind, *pair, one.amount.units) for one, pair in zip(found, ends, strict=True))

    assert told(smart) == [(Kind.INTERNAL, "smart", "ida", 300)]
    assert told(bundler) == 2 * [(Kind.INTERNAL, "entry", "bundler", 40)] + 2 * [
        (Kind.VALUE, "bundler", "entry", 0)
    ]
    external = scope(whole[smart], Scope.EXTERNAL).check
    assert "2 of them carry user operations of its own (ERC-4337)" in external
    assert "user operations" not in scope(whole[bundler], Scope.EXTERNAL).check
    operated = [one for one in whole[smart].facts if one.kind is FactKind.USER_OPERATION]
    assert {one.tx for one in operated} == sent
    assert {(role, one.account) for fact in operated for role, one in fact.parties} == {
        ("sender", smart), ("bundler", bundler), ("entry_point", world.at["EntryPoint"])
    }  # fmt: skip


def test_proxy(world: World, whole: dict[str, Rows]) -> None:
    """What runs another's code pays itself: the proxy is the giver, the account of the code gives nothing."""
    proxy, code = world.at["Proxy"], world.at["Wallet"]
    paid = [one for one in ledger(whole[GUS]).values() if one.amount.units == 400 and one.source]
    assert [(one.kind, one.source and one.source.account) for one in paid] == [(Kind.INTERNAL, proxy)]
    assert not {one.tx for one in paid} & {one.tx for one in ledger(whole[code]).values()}
    assert total(whole[proxy], proxy, COIN) == 600


def test_destroyed_contract(whole: dict[str, Rows]) -> None:
    """What a contract had when it destroyed itself goes to its heir, also while it was being made."""
    left = [one.amount.units for one in ledger(whole[GUS]).values() if one.kind is Kind.INTERNAL]
    assert {100, 101, 7} <= set(left)


def _balance_of(world: World, name: str, *values: object) -> dict[str, str]:
    return {"to": world.at[name], "data": world.contracts[name].call("balanceOf", *values)}


def test_pin_ends_it(world: World, tmp_path: Path) -> None:
    """A history ends at the pin: nothing above it, and the balance is the one of then."""
    pin = pinned(world.node, world.node.height // 2)
    for account, rows in histories(world, pin, TRACED[0], folder=tmp_path).items():
        expected = world.node.balance(account, pin.height)
        if not tips(world.node, account):
            assert total(rows, account, COIN) == expected, account
        assert all(one.height <= pin.height for one in rows.transfers)


def test_delegated_account(world: World, whole: dict[str, Rows]) -> None:
    """An account's authorisation counts as one of its nonces, whoever sent it; its sponsor is no giver."""
    if "Delegated" not in world.at:
        pytest.skip("this chain is older than EIP-7702")
    rows = whole[world.at["Delegated"]]
    external = scope(rows, Scope.EXTERNAL)
    assert "1 outgoing transactions and 1 authorisations, as many as the node counts" in external.check
    assert external.complete
    spent = [one for one in ledger(rows).values() if one.kind is Kind.INTERNAL]
    assert [(str(one.source)[-40:].lower(), one.amount.units) for one in spent] == [
        (world.at["Delegated"][2:], 11)
    ]
    (signed,) = (one for one in rows.facts if one.kind is FactKind.AUTHORISATION)
    authority, sponsor = signed.party("authority"), signed.party("sponsor")
    assert authority is not None
    assert sponsor is not None
    assert authority.account == world.at["Delegated"] != sponsor.account


def test_authorised_unseen(world: World, whole: dict[str, Rows]) -> None:
    """Authorisations in transactions that do not touch their signer are found by no search: no loss."""
    if "Apart" not in world.at:
        pytest.skip("this chain is older than EIP-7702")
    apart = world.at["Apart"]
    assert world.node.call("eth_getTransactionCount", apart, "latest") == "0x2"
    assert world.node.call("eth_getCode", apart, "latest") == "0x"
    external = scope(whole[apart], Scope.EXTERNAL)
    assert external.complete
    assert "the node counts 2 more, which moved no coin: authorisations that others sent" in external.check


def test_plain_node(world: World, tmp_path: Path) -> None:
    """A plain node of a long chain says that it cannot list coin moves; token moves are whole still."""
    node, pin = world.node, pinned(world.node)
    plain = replace(node.provider, options={"scan": "0"})
    ben = f"{ETHEREUM.id}:{node.accounts[1]}"
    with EvidenceStore(tmp_path / "plain.sqlite") as store:
        (rows,) = fetched([Ask(plain, ben, pin)], store, Lacking("trace_", "debug_", "ots_"))
        (whole,) = fetched([Ask(node.provider, ben, pin)], store)
    for wanted in (Scope.EXTERNAL, Scope.INTERNAL):
        assert not scope(rows, wanted).complete
        assert "cannot list an address's coin moves" in scope(rows, wanted).check
    tokens = {name: one for name, one in ledger(whole).items() if one.kind is Kind.TOKEN}
    assert tokens
    assert {name: one for name, one in ledger(rows).items() if one.kind is Kind.TOKEN} == tokens
    assert scope(rows, Scope.TOKEN).complete


def test_head(world: World, tmp_path: Path) -> None:
    """The head is the block that the node itself calls final."""

    async def asked_for() -> Pin:
        with EvidenceStore(tmp_path / "head.sqlite") as store:
            async with Door(store) as door:
                provider = world.node.provider
                _, pin = await started_over(lambda: evm.head(provider), provider, door)
                return pin

    found = asyncio.run(asked_for())
    assert found == pinned(
        world.node, int(world.node.call("eth_getBlockByNumber", "finalized", HEADER)["number"], 16)
    )
    assert 0 < found.height < world.node.height


def test_deep_calls(anvil_program: Path, contracts: dict[str, Contract], tmp_path: Path) -> None:
    """Calls nested deeper than JSON can be read are read from another trace, and named briefly enough."""
    with running(anvil_program, "--gas-limit", str(10**12), "--hardfork", "prague") as node:
        splitter = node.made(node.accounts[0], contracts["Splitter"].made([]))
        data = contracts["Splitter"].call("deep", FAY, 600)
        assert node.done(node.accounts[0], splitter, data, value=1, gas=10**11)["status"] == "0x1"
        with EvidenceStore(tmp_path / "deep.sqlite") as store:
            (rows,) = fetched([asked(node, FAY, pinned(node))], store)
    assert total(rows, FAY, COIN) == 1
    assert all(one.complete for one in rows.coverage), rows.coverage
