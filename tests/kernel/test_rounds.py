"""The CoinJoin guard over columns: compiled, plain, and never laxer than the verdict of the heuristics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.kernel import Fired, Mark, Side, guard, rounds
from flowtrace.kernel.rounds import TAPROOT, WITNESS_KEY, plain
from flowtrace.model import Fact, FactKind

Engine = Callable[..., memoryview]
UNITS = (
    0,
    546,
    2730,
    5000,
    8192,
    6561,
    13122,
    100_000,
    110_000,
    1_000_000,
    9_900_000,
    10_000_000,
    12_000_001,
)
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
LATE = 900_000
units = st.sampled_from(UNITS) | st.integers(0, 30_000_000)
kinds = st.sampled_from((WITNESS_KEY, WITNESS_KEY, WITNESS_KEY, TAPROOT, 0, 1))


@dataclass(frozen=True)
class Leg:
    """One input or output."""

    address: int
    units: int
    kind: int = WITNESS_KEY


@dataclass(frozen=True)
class Deal:
    """One transaction."""

    given: tuple[Leg, ...]
    paid: tuple[Leg, ...]
    mark: int = 0


def side(legs: list[tuple[Leg, ...]]) -> Side:
    """Return the legs of several transactions as columns."""
    flat = [leg for each in legs for leg in each]
    ends = [sum(map(len, legs[: number + 1])) for number in range(len(legs))]
    addresses, values = [leg.address for leg in flat], [leg.units for leg in flat]
    return Side.of(ends, addresses, values, bytes(leg.kind for leg in flat))


def fired(deals: list[Deal], *, engine: Engine = guard) -> list[Fired]:
    """Return what fires of each transaction."""
    given, paid = side([deal.given for deal in deals]), side([deal.paid for deal in deals])
    return [Fired(one) for one in engine(given, paid, mark=bytes(deal.mark for deal in deals))]


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    """Draw a transaction: of any form, or of a design's, whole or with one thing about it changed."""
    form = draw(st.sampled_from(("any", "equal", "wasabi", "wabisabi", "whirlpool", "payjoin")))
    given, paid = draw(FORMS[form])
    if draw(st.booleans()):
        side_of = draw(st.sampled_from((given, paid)))
        if side_of:
            at = draw(st.integers(0, len(side_of) - 1))
            side_of[at] = draw(leg())
    return Deal(tuple(given), tuple(paid), draw(st.sampled_from((0, 0, 0, 0, 1, 2, 4, 6))))


def leg() -> st.SearchStrategy[Leg]:
    """Draw a leg of any of a few addresses."""
    return st.builds(Leg, st.integers(-1, 25), units, kinds)


def legs(least: int, most: int) -> st.SearchStrategy[list[Leg]]:
    """Draw several legs."""
    return st.lists(leg(), min_size=least, max_size=most)


@st.composite
def _any(draw: st.DrawFn) -> tuple[list[Leg], list[Leg]]:
    return draw(legs(0, 8)), draw(legs(0, 8))


@st.composite
def _equal(draw: st.DrawFn) -> tuple[list[Leg], list[Leg]]:
    number, value = draw(st.integers(2, 6)), draw(units)
    changes = number - draw(st.integers(0, 1))
    shares = [Leg(20 + place, value) for place in range(number)]
    return draw(legs(number, 12)), [*shares, *draw(legs(changes, changes))]


@st.composite
def _wasabi(draw: st.DrawFn) -> tuple[list[Leg], list[Leg]]:
    number, value = draw(st.integers(9, 14)), draw(st.integers(7_900_000, 12_100_000))
    shares = [Leg(20 + place, value) for place in range(number)]
    return [Leg(place, value) for place in range(number + draw(st.integers(-1, 2)))], [
        *shares, *(Leg(90 + place, draw(units)) for place in range(draw(st.integers(1, 3))))
    ]  # fmt: skip


@st.composite
def _wabisabi(draw: st.DrawFn) -> tuple[list[Leg], list[Leg]]:
    standard = st.sampled_from((5000, 8192, 6561, 13122, 100_000, 531_441, 2**36, 134_375_000_001, 2**37))
    given = sorted(draw(st.lists(units, min_size=4, max_size=20)), reverse=True)
    paid = sorted(draw(st.lists(standard, min_size=1, max_size=15)), reverse=True)
    return [Leg(place, value) for place, value in enumerate(given)], [
        Leg(50 + place, value, draw(kinds)) for place, value in enumerate(paid)
    ]


@st.composite
def _whirlpool(draw: st.DrawFn) -> tuple[list[Leg], list[Leg]]:
    number, pool = draw(st.integers(4, 11)), draw(st.sampled_from((100_000, 5_000_000, 25_000_000, 200_000)))
    entrants = st.sampled_from((pool, pool + 110_000, pool - 110_000, pool + 110_001, pool + 302))
    given = [Leg(place, draw(entrants)) for place in range(number)]
    return given, [Leg(50 + place, pool, draw(kinds)) for place in range(number)]


@st.composite
def _payjoin(draw: st.DrawFn) -> tuple[list[Leg], list[Leg]]:
    return draw(legs(1, 4)), draw(legs(2, 2))


FORMS = {
    "any": _any(),
    "equal": _equal(),
    "wasabi": _wasabi(),
    "wabisabi": _wabisabi(),
    "whirlpool": _whirlpool(),
    "payjoin": _payjoin(),
}


@pytest.mark.usefixtures("needs_library")
@given(st.lists(deals(), max_size=5))
def test_compiled_is_plain(made: list[Deal]) -> None:
    """Both engines fire alike, detector by detector."""
    assert fired(made) == fired(made, engine=plain)


@given(deals(), st.integers(0, 950_000), st.booleans())
def test_never_laxer_than_the_verdict(deal: Deal, height: int, late: bool) -> None:  # noqa: FBT001
    """What columns let pass the verdict on that transaction lets pass, at every height; D1, D6, D8 marked."""
    detectors = pytest.importorskip("flowtrace_heuristics.utxo.detectors")
    marked = Mark(deal.mark)
    shape = None
    if marked & Mark.MIXED and deal.given:
        shape = _shape(len(deal.given))
    listed = ("a list",) if marked & Mark.HOLD else ()
    sides = _sides(deal, LATE if late else height)
    verdict = detectors.judge(sides, listed=listed, shape=shape)
    (found,) = fired([deal])
    assert found & ~Fired.NEEDLESS or verdict.merges, (verdict, deal)


@given(deals())
def test_not_much_stricter_than_the_verdict(deal: Deal) -> None:
    """Late on Bitcoin it holds nothing that the verdict lets pass, but for the clean-up of look-alikes."""
    detectors = pytest.importorskip("flowtrace_heuristics.utxo.detectors")
    assume(not deal.mark)
    (found,) = fired([deal])
    verdict = detectors.judge(_sides(deal, LATE))
    look_alikes = Fired.WASABI | Fired.WABISABI | Fired.NEEDLESS
    assert not verdict.merges or not found & ~look_alikes, (verdict, deal)


def _shape(inputs: int) -> Fact:
    sequences = ",".join(str(number) for number in range(inputs))
    return Fact(BITCOIN, "tx", 1, 0, 0, 0, FactKind.SHAPE, figures=(("sequences", sequences),))


def _sides(deal: Deal, height: int) -> object:
    sides = pytest.importorskip("flowtrace_heuristics.utxo.sides")
    told = not Mark(deal.mark) & Mark.UNTOLD
    return sides.Sides(
        chain_id=sides.BITCOIN,
        height=height,
        given=tuple(leg.units for leg in deal.given) if told else None,
        givers=tuple(map(_account, deal.given)),
        gives=tuple(leg.kind for leg in deal.given),
        paid=tuple(leg.units for leg in deal.paid),
        payees=tuple(map(_account, deal.paid)),
        pays=tuple(leg.kind for leg in deal.paid),
    )


def _account(leg: Leg) -> str:
    return "" if leg.address < 0 else f"account {leg.address}"


def test_the_designs_by_name() -> None:
    """One transaction of each design, and what fires."""
    people = [Leg(number, 1_000_000 - number) for number in range(60)]
    shares = [Leg(100 + number, 9_900_000) for number in range(12)]
    changes = [Leg(200, 1), Leg(201, 2)]
    standard = [Leg(100 + number, 2**20) for number in range(20)]
    pool = [Leg(100 + number, 100_000) for number in range(5)]
    entrants = (Leg(0, 100_000), *(Leg(1 + number, 100_302) for number in range(4)))
    stories = {
        Fired(0): Deal((Leg(0, 5), Leg(1, 6)), (Leg(2, 3), Leg(3, 7))),
        Fired.MARKED: Deal((Leg(0, 5),), (Leg(2, 3),), Mark.HOLD),
        Fired.WASABI: Deal(tuple(reversed(people[:15])), (*shares, *changes)),
        Fired.WABISABI: Deal(tuple(people), tuple(standard)),
        Fired.WHIRLPOOL: Deal(entrants, tuple(pool)),
        Fired.GENERIC | Fired.EQUAL: Deal(tuple(people[:3]), (*shares[:3], *changes)),
        Fired.NEEDLESS: Deal((Leg(0, 50), Leg(1, 9)), (Leg(2, 30), Leg(3, 29))),
        Fired.NEEDLESS | Fired.PAYJOIN: Deal((Leg(0, 50), Leg(1, 9, TAPROOT)), (Leg(2, 30), Leg(3, 29))),
    }
    for engine in (guard, plain):
        assert fired(list(stories.values()), engine=engine) == list(stories)


def test_vector_joinmarket_regtest() -> None:
    """Algorithms 1.2, vector CJ: the JoinMarket round on regtest is D0: six of 148,176 by seven inputs."""
    given = (600_000, 500_000, 75_000, 3_000_000, 500_000, 600_000, 75_000)
    paid = (*(148_176,) * 6, 451_830, 351_830, 451_830, 2_851_830, 351_830)
    deal = Deal(
        tuple(Leg(place, value) for place, value in enumerate(given)),
        tuple(Leg(20 + place, value) for place, value in enumerate(paid)),
    )
    for engine in (guard, plain):
        assert fired([deal], engine=engine) == [Fired.GENERIC]


def test_malformed_columns() -> None:
    """Ends that lead out of the rows, columns of other lengths: refused by both engines in the same words."""
    good = Side.of([1], [0], [5], b"\3")
    bad = Side.of([2], [0], [5], b"\3")
    for engine in (guard, plain):
        for sides in ((good, bad), (bad, good)):
            with pytest.raises(InputError, match="transaction 0 does not end"):
                engine(*sides)
    with pytest.raises(InputError, match="differ in length"):
        Side.of([1], [0], [5, 6], b"\3")
    with pytest.raises(InputError, match="marks of 2"):
        guard(good, good, mark=b"\0\0")
    with pytest.raises(InputError, match="outputs of 0"):
        guard(good, Side.of([], [], [], b""))


def test_no_library_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no compiled library the plain engine serves."""
    monkeypatch.setattr(rounds, "library", lambda: None)
    deal = Deal((Leg(0, 50), Leg(1, 9, TAPROOT)), (Leg(2, 30), Leg(3, 29)))
    assert fired([deal]) == [Fired.NEEDLESS | Fired.PAYJOIN]
