"""Tornado rule T7: soft signs, off unless a case asks for them."""

from __future__ import annotations

from flowtrace.model import SameOwner
from flowtrace_heuristics.pattern.tornado_soft import tornado_soft
from towns.notes import deposit, noted, relayed, withdrawal
from towns.readings import figures, patterns
from towns.shaped import paid
from toytown import NOBODY, who


def test_it_is_off_and_never_merges() -> None:
    """T7 is "soft": shown where asked for, joining nothing."""
    assert not tornado_soft.card.on
    assert not [one for one in tornado_soft(relayed(3), NOBODY) if isinstance(one, SameOwner)]


def test_a_relayer_of_few() -> None:
    """Relayer reuse: a relayer that serves many, or one recipient, says nothing."""
    (found,) = patterns(tornado_soft, relayed(3))
    assert (found.figure("form"), found.figure("relayer")) == ("a rare relayer", who("relayer").display)
    assert set(found.addresses) == {who(f"taker {n}") for n in range(3)}
    assert not patterns(tornado_soft, relayed(6))
    assert not patterns(tornado_soft, relayed(1))


def test_gas_from_an_address_that_t1_links() -> None:
    """Gas funding of the recipient by what T1 links: the recipient's first coin, not a later one."""
    notes = [deposit("d", "a", 100), withdrawal("w1", "a", 200), withdrawal("w2", "x", 900)]
    gas, other = paid("gas", "a", "x", 9, at=10), paid("other", "friend", "x", 9, at=5)
    (found,) = patterns(tornado_soft, noted(notes, [gas]))
    assert (found.figure("form"), found.addresses) == ("gas from a linked address", (who("a"), who("x")))
    assert not patterns(tornado_soft, noted(notes, [other, gas]))
    assert not patterns(tornado_soft, noted([notes[0], notes[2]], [gas]))


def test_withdrawals_in_blocks_in_a_row() -> None:
    """Same-block and next-block chains: three in a row to more than one; a gap breaks it."""
    row = [withdrawal(f"w{n}", f"t{n}", 10 + n) for n in range(3)]
    assert figures(tornado_soft, noted(row), "form") == ["blocks in a row"]
    apart = [withdrawal(f"w{n}", f"t{n}", 10 + 2 * n) for n in range(3)]
    assert not patterns(tornado_soft, noted(apart))
