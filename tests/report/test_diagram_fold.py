"""Folding a result into few boxes."""

from collections import defaultdict

from hypothesis import given, settings

from flowtrace.model import Address, Asset, Result
from flowtrace.report.diagram.captions import amount_text, clean, keys, ranges
from flowtrace.report.diagram.fold import fold
from flowtrace.report.diagram.picture import BoxKind, FlowPicture
from report.flows import flows, moved, wallet
from report.toy_result import MALLORY, toy_result

SPLIT = [(1, n, 10**18) for n in range(2, 50)] + [(n, 99, 10**18) for n in range(2, 50)]


def left(result: Result, members: tuple[Address, ...]) -> dict[Asset, int]:
    """Sum what left some addresses for others, from the hops."""
    sums: dict[Asset, int] = defaultdict(int)
    for hop in result.trace.hops:
        if hop.transfer.source in members and hop.transfer.target not in members:
            sums[hop.transfer.amount.asset] += hop.transfer.amount.units
    return dict(sums)


def drawn(picture: FlowPicture, key: str) -> dict[Asset, int]:
    """Sum the arrows out of a box."""
    sums: dict[Asset, int] = defaultdict(int)
    for arrow in picture.arrows:
        if arrow.source == key:
            sums[arrow.asset] += arrow.units
    return dict(sums)


@given(flows)
@settings(max_examples=60, deadline=None)
def test_nothing_is_dropped(result: Result) -> None:
    """Every hop is in exactly one arrow, and what leaves each box is what left its addresses."""
    for most in (35, 6):
        picture = fold(result, most)
        rows = [row for arrow in (*picture.arrows, *picture.inner) for row in arrow.rows]
        assert sorted([*rows, *picture.fees]) == [hop.row for hop in result.trace.hops]
        assert len(picture.boxes) <= most
        for box in picture.boxes:
            assert drawn(picture, box.key) == left(result, box.members)


def test_the_arrows_out_of_the_theft_address_sum_to_what_left_it() -> None:
    """The toytown thief's arrows carry every unit that left him."""
    result = toy_result()
    picture = fold(result)
    thief = next(box for box in picture.boxes if box.kind is BoxKind.THEFT)
    assert thief.members == (MALLORY,)
    assert drawn(picture, thief.key) == left(result, thief.members)


def test_siblings_of_one_shape_become_one_box_whose_members_are_listed() -> None:
    """Forty-eight wallets between the same two are drawn once, and the fold lists them."""
    picture = fold(moved(SPLIT))
    stack = next(box for box in picture.boxes if box.fold)
    listed = next(f for f in picture.folds if f.id == stack.fold)
    assert stack.title == "48 addresses"
    assert listed.addresses == stack.members == tuple(wallet(n) for n in range(2, 50))
    onwards = next(a for a in picture.arrows if a.source == stack.key)
    assert (onwards.count, onwards.each, onwards.units) == (48, 10**18, 48 * 10**18)


def test_every_fold_named_in_the_figure_is_listed_with_its_rows_or_addresses() -> None:
    """A mark such as F3 that a reader cannot look up would be worthless."""
    turns = [move for pair in zip(SPLIT[:48], SPLIT[48:], strict=True) for move in pair]
    picture = fold(moved(turns))
    listed = {f.id: f for f in picture.folds}
    assert len(listed) == len(picture.folds)
    assert all(listed[b.fold].addresses == b.members for b in picture.boxes if b.fold)
    folded = [a for a in picture.arrows if a.fold]
    assert len(folded) == 2
    assert all(listed[a.fold].rows == a.rows for a in folded)


def test_what_has_no_room_is_one_box_of_others_with_its_count() -> None:
    """The least value is folded first, and a note says how many addresses that is."""
    picture = fold(moved([(n, n + 1, 10**18 * (30 - n)) for n in range(1, 20)]), 6)
    others = next(box for box in picture.boxes if box.kind is BoxKind.OTHERS)
    assert others.title == f"{len(others.members)} other addresses"
    assert wallet(20) in others.members
    assert picture.notes[0].startswith(f"{others.fold} others: {len(others.members)} addresses")


def test_the_toytown_boxes_say_what_they_are() -> None:
    """Kinds, owners, sweeps and third parties' claims are in the boxes."""
    boxes = {box.title: box for box in fold(toy_result()).boxes}
    assert boxes["Swirl mixer"].kind is BoxKind.MIXER
    assert boxes["Swirl mixer"].lines[1] == "4 tx from 1 sender"
    assert boxes["Acme Exchange deposit"].lines[1] == "swept 23 Mar (P)"
    assert boxes["No data"].lines[1] == "claim (X): Acme Deposit Address"
    assert boxes["Stolen part below minimum"].kind is BoxKind.MINIMUM


def test_amounts_are_exact_or_marked() -> None:
    """An amount without ≈ is exact."""
    eth = toy_result().incident.thefts[0].asset
    assert amount_text(eth, 12595_300 * 10**15) == "12,595.3 ETH"
    assert amount_text(eth, 73811834374516485548) == "≈ 73.81 ETH"
    assert amount_text(eth, 999_999 * 10**15 + 1) == "≈ 1,000 ETH"
    assert amount_text(eth, 20_999_999_999_999) == "≈ 0.000021 ETH"
    assert amount_text(eth, 0) == "0 ETH"
    assert amount_text(eth, 1) == "0.000000000000000001 ETH"
    assert amount_text(eth, 300) == "0.0000000000000003 ETH"
    assert amount_text(eth, 317) == "≈ 0.00000000000000032 ETH"


def test_row_keys_are_compressed() -> None:
    """Neighbouring rows are a range; too many ranges are counted."""
    assert ranges([3, 1, 2, 2]) == "1–3"
    assert keys((46, 12, 13)) == "[12–13, 46]"
    assert keys(tuple(range(1, 40, 2))) == "[1]+19"


def test_strangers_words_are_harmless() -> None:
    """Control, bidirectional and odd space characters never reach the page."""
    assert clean("a\u202eb\x00c\u200b\u2028d\ne") == "abc d e"
    assert clean("x" * 50, 10) == "x" * 9 + "…"
