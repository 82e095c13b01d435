"""How complete a history of an EVM chain is: the balance proves it, and whatever is lost shows."""

from __future__ import annotations

import pytest

from fetch.portal_dataset import Row, told
from fetch.portal_service import ANN, BEN, BOMB, FAUCET, MINER, Sent, World, call, dataset, net, world
from flowtrace.model import Coverage, Kind, Scope

TOY = world()


def incomplete(coverage: dict[Scope, Coverage], words: str) -> bool:
    """Tell whether coin is not complete, for a reason that has these words, while tokens are."""
    coins = [coverage[Scope.EXTERNAL], coverage[Scope.INTERNAL]]
    return all(not c.complete and words in c.check for c in coins) and coverage[Scope.TOKEN].complete


def test_coin_from_outside_of_transactions_is_noticed() -> None:
    """A withdrawn stake shows as a step between two differences."""
    made = World()
    made.block(Sent(FAUCET, call(ANN, 1000)))
    made.credit(ANN, 64)
    made.block(Sent(FAUCET, call(ANN, 1)))
    _, coverage = told(dataset(made))
    assert incomplete(coverage, "the balance changed by +64 wei outside of those told")
    assert (
        f"before transaction {made.blocks[2].tables['transactions'][0]['hash']}"
        in coverage[Scope.INTERNAL].check
    )


def test_tips_are_coin_that_no_move_tells() -> None:
    """Who builds blocks is paid by none of the moves that are asked for: not complete, and why."""
    _, coverage = told(dataset(TOY, MINER))
    assert incomplete(coverage, "changes the balance by +21000 wei, its moves by +0")


@pytest.mark.parametrize("height", [1, 3, 4, 5, 6, 9, 11, 14])
def test_a_transaction_the_dataset_lacks_is_noticed(height: int) -> None:
    """Every row of a transaction is gone, even its difference of state: the next one does not fit on."""

    def lose(line: Row) -> None:
        if line["header"]["number"] == height:
            for table in [name for name in line if name != "header"]:
                del line[table]

    _, coverage = told(dataset(TOY), lose)
    assert incomplete(coverage, "outside of those told")


@pytest.mark.parametrize("height", [4, 5, 11])
def test_a_payment_by_a_call_the_dataset_lacks_is_noticed(height: int) -> None:
    """The trace is gone, and the difference of state is more than what moved."""

    def lose(line: Row) -> None:
        if line["header"]["number"] == height:
            line["traces"] = [trace for trace in line["traces"] if not trace["traceAddress"]]

    _, coverage = told(dataset(TOY), lose)
    assert incomplete(coverage, "changes the balance by")


def test_a_destroyed_account_needs_no_difference() -> None:
    """Nodes of one kind tell no difference of an account that is gone: that it paid all it had is enough."""

    def lose(line: Row) -> None:
        if line["header"]["number"] == 11:
            line["stateDiffs"] = [one for one in line["stateDiffs"] if one["address"] != BOMB]

    transfers, coverage = told(dataset(TOY, BOMB), lose)
    assert net(transfers, BOMB) == 0
    assert coverage[Scope.INTERNAL].complete
    _, of_ann = told(
        dataset(TOY), lambda line: line.update(stateDiffs=[]) if line["header"]["number"] == 11 else None
    )
    assert incomplete(of_ann, "but no difference of the balance is told")


def test_a_dataset_without_differences_is_checked_by_nonces() -> None:
    """Where the portal refuses to tell differences of state, it is asked without, and that is said."""
    toy = dataset(TOY)
    toy.unknown = {"blobGasUsed", "blobGasPrice", "stateDiffs"}
    transfers, coverage = told(toy)
    assert len(toy.asked) == 7
    assert {t.id for t in transfers} == {t.id for t in told(dataset(TOY))[0]}
    check = coverage[Scope.EXTERNAL].check
    assert (
        "nonces 0 to 11 all present; the dataset does not tell what blobs cost; the dataset does not" in check
    )
    assert "differences of state; 1 fees are told in part" in check
    assert [coverage[scope].complete for scope in Scope] == [False, True, True]
    toy = dataset(TOY, BEN)
    toy.unknown = {"stateDiffs"}
    assert all(c.complete for c in told(toy)[1].values())


def test_a_portal_that_does_not_know_blobs_is_asked_without() -> None:
    """The balance then shows the fee that is too small."""
    toy = dataset(TOY)
    toy.unknown = {"blobGasUsed"}
    _, coverage = told(toy)
    assert incomplete(coverage, "the dataset does not tell what blobs cost")
    assert "changes the balance by -603216 wei, its moves by -210000" in coverage[Scope.EXTERNAL].check


def test_a_dataset_without_traces_cannot_show_payments_by_calls() -> None:
    """The rest is told, and payments by calls are said not to be."""
    toy = dataset(TOY)
    toy.unknown = {"traces", "stateDiffs"}
    transfers, coverage = told(toy)
    assert not [t for t in transfers if t.kind is Kind.INTERNAL]
    assert [t for t in transfers if t.kind is Kind.TOKEN]
    assert not coverage[Scope.INTERNAL].complete
    assert "14 transactions are told without traces" in coverage[Scope.INTERNAL].check


def test_a_dataset_without_traces_may_keep_differences_of_state() -> None:
    """As Arbitrum's does: then the balance shows that payments by calls are not told."""
    toy = dataset(TOY)
    toy.unknown = {"traces"}
    transfers, coverage = told(toy)
    assert not [t for t in transfers if t.kind is Kind.INTERNAL]
    check = coverage[Scope.INTERNAL].check
    assert "differences of state" not in check
    assert "the balance does not follow from the moves" in check
    assert "the dataset does not tell traces" in check
    assert not coverage[Scope.INTERNAL].complete
    made = World()
    made.block(Sent(FAUCET, call(ANN, 10**18)))
    made.block(Sent(ANN, call(BEN, 5)))
    toy = dataset(made)
    toy.unknown = {"traces"}
    _, coverage = told(toy)
    assert coverage[Scope.INTERNAL].complete
    assert "from where the last ended" in coverage[Scope.INTERNAL].check


def test_a_dataset_whose_traces_are_empty_is_noticed() -> None:
    """It knows the table, but has nothing in it, nor differences of state: not taken for no payments."""

    def lose(line: Row) -> None:
        line["traces"] = line["stateDiffs"] = []

    _, coverage = told(dataset(TOY), lose)
    check = coverage[Scope.INTERNAL].check
    assert not coverage[Scope.INTERNAL].complete
    assert "no differences of the balance are told" in check
    assert "14 transactions are told without traces" in check


def test_a_missing_nonce_counts_where_no_balance_tells() -> None:
    """Without differences of state, a nonce that is missing is a transaction that may be missing."""
    toy = dataset(TOY)
    toy.unknown = {"stateDiffs"}

    def lose(line: Row) -> None:
        if line["header"]["number"] == 3:
            line.update(transactions=[], traces=[], logs=[])

    _, coverage = told(toy, lose)
    assert not coverage[Scope.EXTERNAL].complete
    assert coverage[Scope.EXTERNAL].check.startswith("13 transactions, nonce 0 is not among the outgoing")


def test_a_nonce_an_authorisation_took_is_no_loss() -> None:
    """Where the balance fits, a gap in the nonces is said, and is no proof of anything missing."""
    made = World()
    made.block(Sent(FAUCET, call(ANN, 10**9)))
    made.nonces[ANN] = 1
    made.block(Sent(ANN, call(BEN, 1)))
    _, coverage = told(dataset(made))
    assert coverage[Scope.EXTERNAL].complete
    assert "nonce 0 is not among the outgoing transactions" in coverage[Scope.EXTERNAL].check
