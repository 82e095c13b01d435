"""Solana datasets: the same transfers as a node's answers tell, and balances without a gap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch import solana_service
from fetch.portal_dataset import Row, history, run, told
from fetch.portal_solana_service import dataset
from fetch.services import Reply
from fetch.solana_service import ANN, BEN, CLEO, COIN, FAUCET, SOLANA, bank, sums
from flowtrace.errors import SourceError, UnreadableError
from flowtrace.fetch.portal import dialect as portal
from flowtrace.fetch.solana import dialect as solana
from flowtrace.model import Address, Kind, Request, Scope, Transfer

TOY = bank()
SLOTS = sorted({told_["slot"] for told_ in TOY.told})
HANDED = TOY.told[-4]["transaction"]["signatures"][0]  # Ben's token account becomes Ann's


def by_node(account: str) -> dict[str, Transfer]:
    """Return the transfers of an account that a node's answers tell, by their ids."""
    node = solana_service.Node(TOY)
    node.address = Address(SOLANA.id, account)
    rows, _ = solana_service.run(node, solana.history(node.provider, node.address, node.pin))
    me = node.address
    return {t.id: t for t in rows.transfers if me in {leg.address for leg in (*t.inputs, *t.outputs)}}


@pytest.mark.parametrize("account", [ANN, BEN, CLEO, FAUCET])
def test_a_dataset_tells_what_a_node_tells(account: str) -> None:
    """Each transfer equals the node's, field by field; only a deposit that changes hands is missing."""
    mine = {t.id: t for t in told(dataset(TOY, account))[0]}
    node = by_node(account)
    unseen = {name for name in node if HANDED in name and name.endswith("ix 0 rent")}
    assert len(unseen) == (account in (ANN, BEN))
    assert mine == {name: transfer for name, transfer in node.items() if name not in unseen}


@pytest.mark.parametrize("account", [CLEO, BEN, ANN])
def test_transfers_sum_to_what_is_held(account: str) -> None:
    """By the bank's own books: coin, wrapped coin and rent as coin, and every token."""
    held = {what: units for what, units in TOY.holds().items() if what[1] == account}
    found = {
        what: units for what, units in sums(told(dataset(TOY, account))[0]).items() if what[1] == account
    }
    rent = {ANN: solana_service.RENT, BEN: -solana_service.RENT}.get(account, 0)
    assert found == held | {("SOL", account): held["SOL", account] - rent}


def test_every_scope_is_checked_by_balances() -> None:
    """Cleo's history is complete; where rent changes hands unseen, that is said, and is not complete."""
    _, coverage = told(dataset(TOY, CLEO))
    assert all(c.complete for c in coverage.values())
    assert (
        "8 transactions, 2 of them told as a net of balances; what it holds" in coverage[Scope.EXTERNAL].check
    )
    assert coverage[Scope.TOKEN].check.startswith("1 token accounts; what each holds is what the last")
    _, coverage = told(dataset(TOY, ANN))
    assert [coverage[scope].complete for scope in Scope] == [False, False, True]
    assert (
        "1 token accounts change hands with coin on them that is not told" in coverage[Scope.INTERNAL].check
    )


@given(st.sets(st.sampled_from(SLOTS)), st.booleans())
def test_breaks_anywhere_change_nothing(ends: set[int], tail: bool) -> None:  # noqa: FBT001  drawn
    """For every way the portal may split its stream, over skipped slots too, the history is the same."""
    toy = dataset(TOY)
    toy.ends = lambda first, last: min((end for end in ends if end >= first), default=last)
    toy.tail = tail
    assert told(toy)[0] == told(dataset(TOY))[0]


def test_the_head_is_a_slot() -> None:
    """Slots count, not the heights of blocks."""
    toy = dataset(TOY)
    assert run(portal.head(toy.provider), toy.answer, toy.provider)[1] == toy.pin


@pytest.mark.parametrize("slot", [100, 104, 107, 112])
def test_a_lost_transaction_is_noticed(slot: int) -> None:
    """What is held before the next one is not what was left."""

    def lose(line: Row) -> None:
        if line["header"]["number"] == slot:
            line.update({name: [] for name in line if name != "header"})

    _, coverage = told(dataset(TOY), lose)
    scope = Scope.TOKEN if slot == 104 else Scope.EXTERNAL
    assert not coverage[scope].complete
    assert "it is not what was left" in coverage[scope].check


def test_inner_instructions_are_counted_in_a_row_however_deep() -> None:
    """A dataset places them in a tree, a node in one list for each outer instruction."""

    def deeper(line: Row) -> None:
        for row in line.get("instructions", ()):
            if row["instructionAddress"] == [0, 1]:
                row["instructionAddress"] = [0, 0, 0]

    inner = [t for t in told(dataset(TOY), deeper)[0] if t.kind is Kind.INTERNAL]
    assert inner
    assert told(dataset(TOY), deeper)[0] == told(dataset(TOY))[0]


def test_what_a_filter_lets_pass_by_mistake_is_left_aside() -> None:
    """The filter by named accounts is one that errs on the side of too much."""
    toy = dataset(TOY, CLEO)
    for block in toy.blocks:
        for row in block.tables.get("transactions", ()):
            row["mentioned"] = [*row["mentioned"], CLEO]
    assert told(toy) == told(dataset(TOY, CLEO))


def test_a_portal_without_that_filter_cannot_tell() -> None:
    """An older portal does not find transactions by an account they name: refused, and another is asked."""
    toy = dataset(TOY)

    def answer(request: Request) -> Reply:
        if b"mentionsAccount" in request.body:
            return (
                400,
                {},
                b'{"error":{"code":"malformed_request","message":"unknown field `mentionsAccount`"}}',
            )
        return toy.answer(request)

    with pytest.raises(SourceError, match="unknown field `mentionsAccount`"):
        history(toy, answer)


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("transactions", {"signatures": []}, "signature is None"),
        ("transactions", {"signatures": [7]}, "signature is a int"),
        ("transactions", {"fee": None}, "fee is None"),
        ("transactions", {"feePayer": None}, "feePayer is None"),
        ("transactions", {"transactionIndex": 99}, "is not told, though something of it is"),
        ("transactions", {"err": {"Custom": 1}}, "failed, but the balance of"),
        ("instructions", {"instructionAddress": None}, "has no place"),
        ("instructions", {"instructionAddress": []}, "has no place"),
        ("instructions", {"instructionAddress": [-1]}, "place is none"),
        ("instructions", {"accounts": "x"}, "has no accounts"),
        ("instructions", {"data": "0OIl"}, "no base58"),
        ("balances", {"pre": "-5"}, "pre is '-5'"),
        ("balances", {"account": ["x"]}, "account is a list"),
        ("balances", {"account": "nobody"}, "not an address"),
        ("tokenBalances", {"postAmount": "1.5"}, "postAmount is '1.5'"),
        ("tokenBalances", {"postMint": 7}, "postMint is a int"),
    ],
)
def test_a_row_that_is_not_what_it_must_be_is_named(table: str, change: dict[str, Any], words: str) -> None:
    """The block is named, and what is wrong in it."""

    def spoil(line: Row) -> None:
        if line["header"]["number"] == 101:
            line[table][0].update(change)

    with pytest.raises(UnreadableError, match="block 101, in which") as error:
        told(dataset(TOY), spoil)
    assert words in str(error.value)


def test_twice_the_same_balance_is_no_answer() -> None:
    """One account has one balance before and one after."""
    with pytest.raises(UnreadableError, match="two balances of one account"):
        told(dataset(TOY), lambda line: line.update(balances=line.get("balances", []) * 2))


def test_an_account_whose_mint_changes_is_held_twice() -> None:
    """Closed and opened anew within one transaction, for another token: both are told, as a net."""

    def remint(line: Row) -> None:
        for row in line.get("tokenBalances", ()):
            if row["postMint"] == COIN and line["header"]["number"] == 104:
                row["preMint"], row["preAmount"] = solana_service.OTHER, "5"

    transfers, _ = told(dataset(TOY), remint)
    assets = {t.inputs[0].asset.contract for t in transfers if t.height == 104}
    assert assets == {COIN, solana_service.OTHER}
