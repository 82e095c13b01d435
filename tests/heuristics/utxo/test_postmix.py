"""After a mix: who joins coins of one round shrinks its crowd. And change that comes straight back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import Pattern
from flowtrace_heuristics.utxo.postmix import postmix_consolidation
from flowtrace_heuristics.utxo.self_change import self_change
from towns.change import mixed
from towns.purse import Purse, holder, paid
from toytown import NOBODY


def seen(*spends: tuple[str, ...]) -> list[Pattern]:
    """Return what is found where coins of the round are spent so."""
    return [one for one in postmix_consolidation(mixed(*spends), NOBODY) if isinstance(one, Pattern)]


def test_two_equal_outputs_spent_together_leave_one_owner_less() -> None:
    """Algorithms 5.2: "two outputs of the same round co-spent later reduce the set"."""
    (one,) = seen(("round:0", "round:2"))
    assert one.figure("equal_outputs_left") == "400000:3->2"
    assert one.figure("outputs") == "0,2"
    assert one.addresses == (holder("mixed 0"), holder("mixed 2"))
    assert [name.split(":")[2] for name in one.because] == ["round", "later0"]


def test_change_spent_with_a_mixed_coin_is_told() -> None:
    """A change is known by its value: whoever joins it to a mixed coin undoes the mix for that coin."""
    (one,) = seen(("round:1", "round:3"))
    assert one.figure("equal_outputs_left") == "300500:1->1 400000:3->3"


@given(st.permutations(range(3)), st.integers(1, 3))
def test_the_set_left_counts_what_is_joined(order: list[int], many: int) -> None:
    """The law: so many joined of so many leave that many less, and one."""
    coins = tuple(f"round:{n}" for n in order[:many])
    found = seen(coins)
    assert [one.figure("equal_outputs_left") for one in found] == (
        [f"400000:3->{4 - many}"] if many > 1 else []
    )


def test_coins_that_go_into_another_round_are_no_consolidation() -> None:
    """What several spend together in a round is nobody's consolidation."""
    purse = Purse()
    ledger = mixed()
    purse.transfers += list(ledger)
    purse.facts += ledger.facts
    purse.made |= {f"round:{n}": paid(f"mixed {n}", 400_000) for n in range(3)}
    equal = [paid(f"again {n}", 300_000) for n in range(3)]
    changes = [paid(f"small {n}", units) for n, units in enumerate((100_100, 100_200, 99_000))]
    purse.spend("second", ["round:0", "round:1", "round:2"], [*equal, *changes])
    assert postmix_consolidation(purse.ledger(), NOBODY) == ()


def test_change_back_to_the_payer_is_told_with_its_amount() -> None:
    """C1: the output to an address that signs, and what it is worth of all that is paid."""
    purse = Purse()
    purse.spend("tx", [paid("payer", 900)], [paid("payee", 300), paid("payer", 500)])
    (one,) = self_change(purse.ledger(), NOBODY)
    assert isinstance(one, Pattern)
    assert (one.figure("outputs"), one.figure("units"), one.figure("of")) == ("1", "500", "800")
    assert one.addresses == (holder("payer"),)


def test_a_round_that_pays_an_input_back_is_no_self_change() -> None:
    """Only where one party made the transaction is it known whose the change is."""
    purse = Purse()
    gives = [paid(f"party {n}", units) for n, units in enumerate((700_000, 900_000, 1_300_000))]
    equal = [paid(f"mixed {n}", 400_000) for n in range(3)]
    changes = [paid("party 0", 300_500), paid("change 1", 500_600), paid("change 2", 896_900)]
    purse.spend("round", gives, [*equal, *changes])
    assert self_change(purse.ledger(), NOBODY) == ()
