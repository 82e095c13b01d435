"""Following a theft through columns gives what following it place by place gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.kernel import Moves, engine
from flowtrace.kernel.plain import Plain
from flowtrace.model import ACCOUNT_RULES, Rule
from kernel.follow import Trail, follow
from kernel.stories import Row

PLACES = 9
CONSERVING = tuple(rule for rule in ACCOUNT_RULES if rule is not Rule.POISON)


@st.composite
def ledgers(draw: st.DrawFn, most: int) -> tuple[Row, ...]:
    """Draw moves of which most are paid by who was paid before; a theft or several among them."""
    acts: list[Row] = [(draw(st.integers(-1, 2)), 3, draw(st.integers(1, most)), 0)]
    for _ in range(draw(st.integers(0, 25))):
        paid = [act[1] for act in acts if act[1] >= 0]
        source = draw(st.sampled_from(paid) | st.integers(-1, PLACES - 1))
        units = draw(st.integers(0, 6) | st.integers(0, most))
        acts.append(
            (source, draw(st.integers(-1, PLACES - 1)), units, draw(st.sampled_from((-1,) * 9 + (0,))))
        )
    return tuple(acts)


def columns(acts: tuple[Row, ...]) -> Moves:
    """Return moves in columns."""
    source, target, units, theft = zip(*acts, strict=True)
    return Moves.of(source, target, units, theft=theft)


def place_by_place(acts: tuple[Row, ...], ends: set[int], minimum: int) -> Trail:
    """Follow one place after another, over all moves each time, by the plain engine."""
    followed = {act[1] for act in acts if act[3] >= 0} - ends - {-1}

    def carried(rule: Rule) -> list[int]:
        known = tuple((act[0] if act[0] in followed else -1, *act[1:]) for act in acts)
        return list(Plain(rule, PLACES).move(columns(known)).units)

    while True:
        worth = set[int]()
        for rule in CONSERVING:
            units = carried(rule)
            for place in set(range(PLACES)) - followed - ends:
                arrived = sum(one for one, act in zip(units, acts, strict=True) if act[1] == place)
                worth |= {place} if arrived >= max(minimum, 1) else set()
        if not worth:
            break
        followed.add(min(worth))
    taint = {rule: carried(rule) for rule in ACCOUNT_RULES}
    rows = tuple(row for row in range(len(acts)) if any(units[row] for units in taint.values()))
    return Trail(
        tuple(sorted(followed)),
        rows,
        {rule: tuple(units[row] for row in rows) for rule, units in taint.items()},
    )


@given(
    acts=ledgers(20) | ledgers(1 << 90) | ledgers(1 << 130),
    ends=st.sets(st.integers(4, PLACES - 1), max_size=3),
    minimum=st.integers(1, 4),
)
def test_following_columns_is_following_places(acts: tuple[Row, ...], ends: set[int], minimum: int) -> None:
    """Whoever any conserving rule brings the minimum is followed, in whatever order they are met."""
    assert follow(columns(acts), PLACES, ends=ends, minimum=minimum) == place_by_place(acts, ends, minimum)


@given(acts=ledgers(1 << 90))
def test_without_the_library(acts: tuple[Row, ...]) -> None:
    """Where there is no library the plain engine finds the same."""
    served = follow(columns(acts), PLACES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "available", lambda: False)
        assert follow(columns(acts), PLACES) == served


def test_nothing_stolen() -> None:
    """Where nothing is stolen nothing is followed; where there are no moves either."""
    nothing = Trail((), (), dict.fromkeys(ACCOUNT_RULES, ()))
    assert follow(Moves.of([-1, 0], [0, 1], [5, 5]), 2) == nothing
    assert follow(Moves.of([], [], []), 0) == nothing


@pytest.mark.parametrize(("source", "target", "ends"), [(2, 0, []), (0, -2, []), (0, 1, [2]), (0, 1, [-1])])
def test_places_out_of_range(source: int, target: int, ends: list[int]) -> None:
    """Places that are not there are refused."""
    with pytest.raises(InputError, match="out of range"):
        follow(Moves.of([source], [target], [1], theft=[0]), 2, ends=ends)
