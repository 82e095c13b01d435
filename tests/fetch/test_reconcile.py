"""Several tellings of one move: one stands, the better one, and no move is lost or told twice."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.fetch.reconcile import reconcile
from flowtrace.model import ETHEREUM, Address, Amount, Asset, Kind, Transfer
from flowtrace.moves.evm import EvmTransaction

PEOPLE = [Address.parse(ETHEREUM, "0x" + letter * 40) for letter in "abc"]
TOKEN = Asset.token(Address.parse(ETHEREUM, "0x" + "5" * 40), "TOK", 6)
Move = tuple[int, int, int, int]
"""Transaction, giver, taker, units."""
MOVES = st.lists(
    st.tuples(st.integers(1, 2), st.integers(0, 2), st.integers(0, 2), st.integers(1, 2)), max_size=8
)


def at(number: int) -> EvmTransaction:
    """Return a transaction by its number."""
    return EvmTransaction(ETHEREUM, "0x" + f"{number:064x}", 10 + number, 0, 1_000)


def logged(moves: list[Move]) -> list[Transfer]:
    """Return moves as a source tells them that knows the index of each log."""
    return [
        at(tx).log(number, PEOPLE[giver], target=PEOPLE[taker], amount=Amount(TOKEN, units))
        for number, (tx, giver, taker, units) in enumerate(moves)
    ]


def traced(moves: list[Move]) -> list[Transfer]:
    """Return moves of coin as a source tells them that knows the path of each call."""
    return [
        at(tx).internal((number,), PEOPLE[giver], target=PEOPLE[taker], units=units)
        for number, (tx, giver, taker, units) in enumerate(moves)
    ]


def listed(moves: list[Move], *, coin: bool = False) -> list[Transfer]:
    """Return moves as a source tells them that knows no index."""
    seen: Counter[str] = Counter()
    asset = Asset.native(ETHEREUM) if coin else TOKEN
    name = "internal " if coin else "erc20 "
    return [
        at(tx).vague(name, seen, legs=(PEOPLE[giver], PEOPLE[taker], Amount(asset, units)))
        for tx, giver, taker, units in moves
    ]


def decoded(moves: list[Move]) -> list[Transfer]:
    """Return what calldata asks for, at most once in each transaction."""
    first = {tx: (giver, taker, units) for tx, giver, taker, units in reversed(moves)}
    return [
        at(tx).call(PEOPLE[giver], PEOPLE[taker], Amount(TOKEN, units))
        for tx, (giver, taker, units) in first.items()
    ]


def counted(transfers: list[Transfer] | tuple[Transfer, ...]) -> Counter[tuple[object, ...]]:
    """Return how often each move stands."""
    return Counter((t.tx, t.source, t.target, t.amount) for t in transfers)


@given(MOVES)
def test_one_source_alone_is_left_as_it_is(moves: list[Move]) -> None:
    """A source's own tellings are different moves, however alike they are."""
    for told in (logged(moves), traced(moves), listed(moves), listed(moves, coin=True)):
        assert list(reconcile(told).transfers) == told
        assert not reconcile(told).aside


@given(MOVES)
def test_two_that_tell_the_same_agree(moves: list[Move]) -> None:
    """The same moves from a source with indexes and one without: each move stands once, the better told."""
    for better, worse in ((logged(moves), listed(moves)), (traced(moves), listed(moves, coin=True))):
        found = reconcile([*worse, *better])
        assert counted(found.transfers) == counted(better)
        assert set(found.transfers) == set(better)
        assert set(found.aside) == {transfer.id for transfer in worse}
        assert set(found.aside.values()) == {transfer.id for transfer in better}


@given(MOVES, MOVES)
def test_no_move_is_lost_and_none_told_twice(one: list[Move], other: list[Move]) -> None:
    """Of each move as many stand as the source says that knows of most."""
    found = reconcile([*logged(one), *listed(other)])
    most = counted(logged(one)) | counted(listed(other))
    assert counted(found.transfers) == most


@given(MOVES, MOVES, st.randoms(use_true_random=False))
def test_the_order_of_telling_decides_nothing(one: list[Move], other: list[Move], chance: object) -> None:
    """Whichever source was read first, the same transfers stand."""
    told = [*logged(one), *listed(other), *traced(other), *decoded(one)]
    first = reconcile(told)
    chance.shuffle(told)  # type: ignore[attr-defined]
    second = reconcile(told)
    assert set(first.transfers) == set(second.transfers)
    assert first.aside == second.aside


@given(MOVES, MOVES)
def test_done_again_it_changes_nothing(one: list[Move], other: list[Move]) -> None:
    """What stands, stands."""
    found = reconcile([*logged(one), *listed(other), *decoded(other)])
    again = reconcile(found.transfers)
    assert (again.transfers, again.aside) == (found.transfers, {})


@given(MOVES, MOVES)
def test_calldata_gives_way_to_logs_of_its_transaction(one: list[Move], other: list[Move]) -> None:
    """What a call asks for is believed only while nothing better is known of its transaction."""
    found = reconcile([*logged(one), *decoded(other)])
    known = {transfer.tx for transfer in logged(one)}
    stands = [transfer for transfer in found.transfers if transfer.kind is Kind.CALL]
    assert stands == [transfer for transfer in decoded(other) if transfer.tx not in known]
    assert counted([t for t in found.transfers if t.kind is Kind.TOKEN]) == counted(logged(one))


@given(MOVES)
def test_fees_and_values_are_never_put_aside(moves: list[Move]) -> None:
    """A fee and a value are told alike by every source: they are one transfer already."""
    told = [at(tx).fee(PEOPLE[giver], units) for tx, giver, _, units in moves]
    told += [at(tx).value(PEOPLE[giver], PEOPLE[taker], units) for tx, giver, taker, units in moves]
    assert list(reconcile([*told, *traced(moves)]).transfers)[: len(told)] == told


@given(MOVES)
def test_one_telling_kept_twice_stays_twice(moves: list[Move]) -> None:
    """Two answers that show the same transfer are for the ledger to compare."""
    told = logged(moves)
    assert list(reconcile([*told, *told]).transfers) == [*told, *told]
