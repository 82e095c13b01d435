"""Hypothesis strategies: amounts beyond 128 bits, networks of moves, ledgers of account chains."""

from __future__ import annotations

from hypothesis import strategies as st

from flowtrace.ledger import Ledger
from kernel.oracle import Move
from toytown import ETH, USDC, Pay, ledger_of, who

PEOPLE = tuple(who(name) for name in ("ann", "ben", "cleo", "dan", "eve"))
PLACES = ("a", "b", "c", "d")
_SMALL = st.integers(0, 12)


def amounts(most: int = 1 << 200) -> st.SearchStrategy[int]:
    """Return base units: mostly few, so that parcels meet and mix; some around and above 2^128."""
    large = st.integers((1 << 128) - 2, most) if most > 1 << 128 else st.integers(0, most)
    return _SMALL | st.integers(0, min(most, 10**24)) | large


def moves(units: st.SearchStrategy[int]) -> st.SearchStrategy[Move]:
    """Return one move between named places, from outside or to outside; never from a place to itself."""
    place = st.none() | st.sampled_from(PLACES)
    ends = st.tuples(place, place).filter(lambda pair: pair[0] != pair[1])
    return st.builds(lambda pair, moved: Move(pair[0], pair[1], "coin", moved), ends, units)


def thefts(units: st.SearchStrategy[int]) -> st.SearchStrategy[Move]:
    """Return a theft from outside: all of it is tainted where it arrives."""
    arrives = st.sampled_from(PLACES)
    return st.builds(lambda target, moved: Move(None, target, "coin", moved, stolen=True), arrives, units)


@st.composite
def networks(draw: st.DrawFn, most: int = 25) -> list[Move]:
    """Draw moves in chain order, thefts among them; places may spend more than they ever got."""
    units = draw(st.sampled_from((st.integers(0, 6), amounts())))
    made = st.lists(moves(units) | moves(units) | moves(units) | thefts(units), min_size=1, max_size=most)
    return [draw(thefts(units)), *draw(made)]


@st.composite
def accounts(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Draw the life of one account: (units, tainted of them) came in, or (units, -1) went out."""
    life = []
    for _ in range(draw(st.integers(1, 25))):
        units = draw(amounts())
        goes = draw(st.booleans())
        life.append((units, -1 if goes else draw(st.integers(0, units) | st.sampled_from((0, units)))))
    return life


def pays(name: str) -> st.SearchStrategy[Pay]:
    """Return a transaction between the people, in ETH or USDC; failed ones and payments to oneself too."""
    return st.builds(
        Pay,
        st.just(name),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        amounts(),
        asset=st.sampled_from((ETH, ETH, ETH, USDC)),
        gas=_SMALL,
        ok=st.sampled_from((True, True, True, False)),
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 20) -> list[Pay]:
    """Draw transactions in chain order, named tx-1, tx-2 and so on."""
    return [draw(pays(f"tx-{n}")) for n in range(1, draw(st.integers(0, most)) + 1)]


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Draw a ledger: of each person all, half or nothing is on record."""
    known = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    half_known = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    return ledger_of(draw(histories()), known, half_known)
