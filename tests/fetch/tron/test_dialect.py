"""TronGrid asked: all of an address's history, whatever its lists lose, or a coverage that says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.services import Reply
from fetch.tron_service import (
    ANN,
    BEN,
    CLEO,
    FAUCET,
    SHOP,
    SPAM,
    TRON,
    USDT,
    Grid,
    Row,
    account,
    call,
    chain,
    inner,
    pay,
    provider,
    run,
    service,
    stake,
    sums,
)
from flowtrace.errors import SourceError, UnreadableError
from flowtrace.fetch.dialects import dialect
from flowtrace.fetch.source import Pin, Rows
from flowtrace.fetch.tron import dialect as tron
from flowtrace.fetch.tron.held import staked
from flowtrace.model import Address, Coverage, Kind, Request, Scope, Transfer

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis/trongrid"
TOY = chain()
LISTS = ("transactions", "transactions/trc20", "internal-transactions")


def history(grid: Grid, name: str = ANN) -> tuple[Rows, dict[Scope, Coverage]]:
    """Return what the history of an account tells."""
    address = Address(TRON.id, account(name))
    rows, coverage = run(grid, tron.history(grid.provider, address, grid.pin))
    return rows, {one.scope: one for one in coverage}


def moved(rows: Rows) -> list[Transfer]:
    """Return the transfers in chain order."""
    return sorted(rows.transfers, key=lambda one: (*one.key, one.position))


def worth(transfers: list[Transfer]) -> list[Transfer]:
    """Return those that move something: a row that is lost and moved nothing is missed by no balance."""
    return [one for one in transfers if one.amount.units]


WHOLE = moved(history(service())[0])


def test_the_kind_names_this_module() -> None:
    """A provider of kind `tron` is spoken to by this module."""
    assert dialect("tron") is tron


@pytest.mark.parametrize("name", [ANN, BEN, CLEO, SHOP])
def test_a_history_ends_at_what_is_held(name: str) -> None:
    """Coin free and staked, and tokens: what the transfers leave is what the chain has, to the unit."""
    rows, coverage = history(service(), name)
    assert sums(rows.transfers, name) == TOY.holds(name)
    assert all(one.complete for one in coverage.values())


def test_the_coverage_says_by_which_check() -> None:
    """One coverage per scope, from the first block to the pin, with the checks and their outcome in words."""
    coverage = history(service())[1]
    assert list(coverage) == [Scope.EXTERNAL, Scope.INTERNAL, Scope.TOKEN]
    assert {(one.first, one.last) for one in coverage.values()} == {(0, 20)}
    words = coverage[Scope.EXTERNAL].check
    assert words.startswith("15 transactions; what all moves leave is the coin it holds, free and staked")
    assert "3 stake, unstake or withdraw" in words
    assert "1 change who may sign for it" in words
    words = coverage[Scope.TOKEN].check
    assert words == f"1 of 2 tokens agree with their balance; 1 do not ({account(SPAM)})"


def test_places_come_from_the_block() -> None:
    """Transactions have their index in the block, logs their index in the transaction."""
    found = {(one.height, one.index, one.position) for one in WHOLE}
    assert {(3, 1, "value"), (3, 2, "value"), (3, 3, "value"), (4, 1, "log 0"), (4, 1, "log 1")} <= found
    assert {one.time for one in WHOLE if one.height == 4} == {1_600_000_012}


def test_two_equal_transfers_of_one_transaction_are_two() -> None:
    """The list gives two equal rows without a place: the transaction's own logs tell them apart."""
    equal = [one for one in WHOLE if (one.height, one.index) == (4, 1)]
    assert [one.amount.units for one in equal] == [500, 500]


def test_failed_rejected_and_lent_moves_nothing() -> None:
    """A reverted call costs its fee; a rejected internal payment and a lent resource are no transfers."""
    assert [(one.kind, one.ok) for one in WHOLE if one.height == 8] == [(Kind.FEE, False)]


@given(st.integers(1, 9), st.integers(1, 9), st.booleans())
@settings(max_examples=60, deadline=None)
def test_pages_of_any_size_tell_the_same(page: int, most: int, forgets: bool) -> None:  # noqa: FBT001  drawn
    """Whatever is asked for and given at once, and whether answers say how they go on."""
    grid = service()
    grid.provider, grid.most, grid.forgets = provider(page=page), most, forgets
    rows, coverage = history(grid)
    if page <= most or not forgets:
        assert moved(rows) == WHOLE
    complete = all(one.complete for one in coverage.values())
    assert not complete or worth(moved(rows)) == worth(WHOLE)


def test_pages_differ_in_their_fingerprint_only() -> None:
    """A fingerprint is used with the very parameters it was given for, and `links.next` never."""
    grid = service()
    grid.provider = provider(page=2)
    history(grid)
    marked = [one for one in grid.asked if "fingerprint=" in one]
    assert marked
    assert {one.split("&fingerprint=")[0] for one in marked} <= {one.rstrip() for one in grid.asked}
    assert not any("elsewhere" in one for one in grid.asked)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", sorted({one.tx for one in WHOLE}))
def test_a_lost_row_is_never_a_silent_gap(path: str, name: str) -> None:
    """Any row lost from any list: the history is whole all the same, or the coverage says it is not."""
    grid = service()
    grid.lost = {(path, name)}
    rows, coverage = history(grid)
    if worth(moved(rows)) != worth(WHOLE):
        assert not all(one.complete for one in coverage.values())
        assert "missing" in coverage[Scope.EXTERNAL].check or "do not" in coverage[Scope.TOKEN].check


def test_a_lost_token_or_internal_row_is_found_in_its_block() -> None:
    """Where another row names the block, or the transaction, what its list lost is told all the same."""
    grid = service()
    (_, two) = (tx["txID"] for tx in TOY.blocks[4])
    grid.lost = {("transactions/trc20", two)}
    rows, coverage = history(grid)
    assert moved(rows) == WHOLE
    assert "1 transactions were in blocks but in no list" in coverage[Scope.TOKEN].check
    grid.lost = {("internal-transactions", TOY.blocks[5][0]["txID"])}
    assert moved(history(grid)[0]) == WHOLE


def test_a_sent_token_whose_transaction_is_lost_is_found() -> None:
    """A list that skips a call has its token row: who signed is asked of the node, and the fee is told."""
    grid = service()
    grid.lost = {("transactions", TOY.blocks[9][0]["txID"])}
    rows, coverage = history(grid)
    assert moved(rows) == WHOLE
    assert all(one.complete for one in coverage.values())


def test_what_one_list_lost_is_asked_for_apart() -> None:
    """Coin does not add up: sent and received are asked for apart, and what they show is told, and said."""
    grid = service()
    grid.apart = {TOY.blocks[2][0]["txID"], TOY.blocks[3][2]["txID"]}
    rows, coverage = history(grid)
    assert moved(rows) == WHOLE
    assert coverage[Scope.EXTERNAL].complete
    words = "2 were shown only when what was sent and received was asked apart"
    assert words in coverage[Scope.EXTERNAL].check


def test_a_lost_trc10_token_is_said() -> None:
    """The node states the tokens it has by their number: one that no list shows is missed."""
    grid = service()
    grid.lost = {("transactions", TOY.blocks[15][0]["txID"])}
    _, coverage = history(grid)
    assert not coverage[Scope.EXTERNAL].complete
    assert "and another number of the TRC-10 tokens 1002000" in coverage[Scope.EXTERNAL].check


def test_a_lost_payment_is_said() -> None:
    """A payment that no list shows at all: the coin it holds is more than the moves leave."""
    grid = service()
    grid.lost = {("transactions", TOY.blocks[3][3]["txID"])}
    _, coverage = history(grid)
    assert not coverage[Scope.EXTERNAL].complete
    assert "it holds 9 sun more than all moves leave: moves are missing" in coverage[Scope.EXTERNAL].check


def test_tokens_that_no_list_shows_are_said() -> None:
    """USDT whose rows are all lost: its balance says so. A token that lies of itself spoils nothing."""
    grid = service()
    grid.lost = {("transactions/trc20", tx["txID"]) for tx in TOY.blocks[4]}
    _, coverage = history(grid)
    assert not coverage[Scope.TOKEN].complete
    assert account(USDT) in coverage[Scope.TOKEN].check


@pytest.mark.parametrize("height", [1, 4, 8, 12])
def test_nothing_above_the_pin_is_read(height: int) -> None:
    """A pin in the past: all up to it, nothing after; what is held now is not held against it."""
    grid = service()
    grid.pin = Pin(TRON.id, height, "", 1_600_000_000 + 3 * height)
    rows, coverage = history(grid)
    assert moved(rows) == [one for one in WHOLE if one.height <= height]
    assert all(one.complete for one in coverage.values())
    assert "coin moved after the last block read" in coverage[Scope.EXTERNAL].check


def test_a_pin_without_a_time_is_asked_for_its_block() -> None:
    """Lists go by time: the block's own is asked for."""
    grid = service()
    grid.pin = Pin(TRON.id, 12)
    assert moved(history(grid)[0]) == [one for one in WHOLE if one.height <= 12]


def test_a_moment_that_fills_a_page_is_read_from_its_block() -> None:
    """More rows in one block than a page, and no word of how it goes on: the block has them all."""
    grid = service()
    grid.chain.block(16, *(pay(BEN, ANN, n + 1) for n in range(7)))
    grid.most, grid.forgets = 3, True
    rows, coverage = history(grid)
    assert [one.amount.units for one in moved(rows) if one.height == 16 and one.kind is Kind.VALUE] == [
        1, 2, 3, 4, 5, 6, 7,
    ]  # fmt: skip
    assert coverage[Scope.EXTERNAL].complete


def test_a_row_without_its_block_in_a_full_moment_is_named() -> None:
    """The rest of a moment is asked for by its block: a row that does not say which is no good."""
    grid = service()
    grid.chain.block(16, *(pay(BEN, ANN, n + 1) for n in range(7)))
    grid.most, grid.forgets = 3, True
    plain = grid.answer

    def answer(request: Request) -> Reply:
        status, headers, body = plain(request)
        return status, headers, body.replace(b'"blockNumber": 16,', b"")

    grid.answer = answer  # type: ignore[method-assign]
    with pytest.raises(UnreadableError, match="a transaction without its block"):
        history(grid)


def test_a_transaction_of_another_block_is_not_told_as_of_this_one() -> None:
    """The place of a transaction is its place in the block's answer: a foreign row would shift the others."""
    grid = service()
    plain = grid.answer

    def answer(request: Request) -> Reply:
        status, headers, body = plain(request)
        if "gettransactioninfobyblocknum" in request.url and b'"num":8}' in request.body:
            rows = json.loads(body)
            return status, headers, json.dumps([{**rows[0], "blockNumber": 7}, *rows]).encode()
        return status, headers, body

    grid.answer = answer  # type: ignore[method-assign]
    with pytest.raises(UnreadableError, match="a transaction of another block than 8"):
        history(grid)


def test_without_a_list_of_internal_transactions_the_coverage_says_so() -> None:
    """A service without that list: what the others name is read; the scope is not complete."""
    grid = service()
    grid.refused = ("internal-transactions",)
    rows, coverage = history(grid)
    assert not coverage[Scope.INTERNAL].complete
    assert "Not Found" in coverage[Scope.INTERNAL].check
    assert set(moved(rows)) < set(WHOLE)


def test_without_balances_the_coverage_says_so() -> None:
    """A service that tells no account and calls no contract: nothing is checked, and that is said."""
    grid = service()
    grid.refused = ("getaccount", "triggerconstantcontract")
    rows, coverage = history(grid)
    assert moved(rows) == WHOLE
    assert "what it holds is not told, so the sum is not checked" in coverage[Scope.EXTERNAL].check
    assert coverage[Scope.TOKEN].check.startswith("0 of 2 tokens agree with their balance; 2 state none")


@pytest.mark.parametrize("method", [*LISTS[:2], "gettransactioninfobyid", "gettransactioninfobyblocknum"])
def test_what_the_history_cannot_be_without_is_an_error(method: str) -> None:
    """Without lists, or what happened in a block, there is no history."""
    grid = service()
    grid.refused = (method,)
    with pytest.raises(SourceError, match="Not Found"):
        history(grid)


def test_a_move_that_is_not_read_is_said() -> None:
    """A sale on the chain's own market moves value in a way that is not read: never complete in silence."""
    grid = service()
    grid.chain.block(17, stake("MarketSellAssetContract", ANN, 0))
    _, coverage = history(grid)
    assert not coverage[Scope.EXTERNAL].complete
    assert "1 move value in a way that is not read: MarketSellAssetContract" in coverage[Scope.EXTERNAL].check


def test_an_account_that_nobody_used_is_complete() -> None:
    """No row and no coin: nothing happened."""
    rows, coverage = history(service(), "41" + "99" * 20)
    assert rows.transfers == []
    assert all(one.complete for one in coverage.values())


def test_one_transaction_is_told_as_in_a_history() -> None:
    """Asked for by its hash, it is the same transfers, and its sender's where the history lacks them."""
    grid = service()
    for name in sorted({one.tx for one in WHOLE}):
        rows, _ = run(grid, tron.transaction(grid.provider, name))
        mine = [one for one in WHOLE if one.tx == name]
        assert [one for one in moved(rows) if one in mine] == mine
        assert "fee" in {one.position for one in rows.transfers}
    with pytest.raises(SourceError, match="does not know transaction"):
        run(grid, tron.transaction(grid.provider, "0" * 64))


def test_the_head_is_the_newest_final_block() -> None:
    """With its hash and time in seconds."""
    grid = service()
    assert run(grid, tron.head(grid.provider))[1] == Pin(TRON.id, 20, f"{20:016x}" + "ab" * 24, 1_600_000_060)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, 0),
        ({"frozenV2": [{}, {"type": "ENERGY", "amount": 5}], "unfrozenV2": [{"unfreeze_amount": 3}]}, 8),
        ({"frozen": [{"frozen_balance": 2}], "tron_power": {"frozen_balance": 1}}, 3),
        ({"account_resource": {"frozen_balance_for_energy": {"frozen_balance": 7}}}, 7),
        ({"account_resource": {"delegated_frozenV2_balance_for_energy": 4}}, 4),
        ({"delegated_frozen_balance_for_bandwidth": 6, "delegated_frozenV2_balance_for_bandwidth": 1}, 7),
        ({"acquired_delegated_frozenV2_balance_for_bandwidth": 9, "allowance": 9}, 0),
    ],
)
def test_staked_coin_is_counted_wherever_it_is_stated(found: Row, expected: int) -> None:
    """Both generations of staking, what waits to be free, and what is lent; not what others lend to it."""
    assert staked(found) == expected


@st.composite
def chains(draw: st.DrawFn) -> Grid:
    """Return a service over a chain of random payments, calls and stakes."""
    people = (ANN, BEN, CLEO, SHOP)
    one = st.sampled_from(people)
    units = st.integers(0, 5)
    grid = service()
    given_out = tuple((USDT, FAUCET, name, 1_000) for name in people)
    grid.chain.block(16, *(pay(FAUCET, name, 1_000) for name in people), call(FAUCET, USDT, logs=given_out))
    for number in draw(st.sets(st.integers(17, 19), max_size=3)):
        sent = []
        for _ in range(draw(st.integers(1, 4))):
            payer, taker, sun = draw(one), draw(one), draw(units)
            logs = draw(st.lists(st.tuples(st.just(USDT), one, one, units), max_size=3))
            inside = draw(st.lists(st.builds(inner, one, one, units, rejected=st.booleans()), max_size=3))
            fine = draw(st.sampled_from(("SUCCESS", "SUCCESS", "OUT_OF_ENERGY")))
            made = call(payer, taker, sun, logs=tuple(logs), internal=tuple(inside), fee=sun, result=fine)
            plain = pay(payer, taker, sun, fee=sun)
            sent.append(draw(st.sampled_from((made, plain, stake("FreezeBalanceV2Contract", payer, sun)))))
        grid.chain.block(number, *sent)
    grid.provider, grid.most = provider(page=draw(st.integers(2, 6))), draw(st.integers(2, 6))
    return grid


@given(chains(), st.sampled_from((ANN, BEN, CLEO, SHOP)))
@settings(max_examples=150, deadline=None)
def test_every_history_is_what_the_chain_holds(grid: Grid, name: str) -> None:
    """Of random chains: what the transfers leave is what is held, and the coverage says so."""
    rows, coverage = history(grid, name)
    assert sums(rows.transfers, name) == grid.chain.holds(name)
    assert all(one.complete for one in coverage.values())
