"""Little EVM worlds, and what a live source would say of them.

What is expected is made by ``flowtrace.fetch``'s own naming, so a test that reads a file of such a world
compares an imported row with a fetched one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from flowtrace.model import ETHEREUM, Address, Amount, Asset, Transfer
from flowtrace.moves.evm import EvmTransaction

PEOPLE = tuple(Address(ETHEREUM.id, "0x" + f"{n:02x}" * 20) for n in (0xA1, 0xB2, 0xC3, 0xD4))
COIN = Asset.token(Address(ETHEREUM.id, "0x" + "ee" * 20), "COIN", 6)


@dataclass(frozen=True)
class Step:
    """A call below the root: where in the tree, what it moves, and whether it fails."""

    path: tuple[int, ...]
    how: str
    source: Address
    target: Address
    units: int
    error: bool


@dataclass(frozen=True)
class Tx:
    """One transaction of a world. ``logs`` are (index in the block, giver, taker, units) of COIN."""

    number: int
    height: int
    index: int
    source: Address
    target: Address
    units: int
    gas: int
    price: int
    error: bool
    steps: tuple[Step, ...] = ()
    logs: tuple[tuple[int, Address, Address, int], ...] = ()

    @property
    def hash(self) -> str:
        """Its hash."""
        return f"0x{self.number:064x}"

    @property
    def time(self) -> int:
        """Its block's time."""
        return 1_700_000_000 + 12 * self.height

    @property
    def at(self) -> EvmTransaction:
        """Its place."""
        return EvmTransaction(ETHEREUM, self.hash, self.height, self.index, self.time, not self.error)

    def failed(self, step: Step) -> bool:
        """Whether a step, or anything above it, failed."""
        above = {step.path[:size] for size in range(1, len(step.path) + 1)}
        return self.error or any(one.error for one in self.steps if one.path in above)

    def moves(self) -> list[Transfer]:
        """What a live source with traces and logs tells of it."""
        found = [
            self.at.fee(self.source, self.gas * self.price),
            self.at.value(self.source, self.target, self.units),
        ]
        found += [
            self.at.internal(step.path, step.source, target=step.target, units=step.units)
            for step in self.steps
            if step.how in ("call", "create", "suicide") and step.units and not self.failed(step)
        ]
        for log, source, target, units in self.logs:
            if units:
                found.append(self.at.log(log, source, target=target, amount=Amount(COIN, units)))
        return found


_ANN, _BEN, _CLEO, _DAN = PEOPLE
PAID = Tx(1, 5, 0, _ANN, _BEN, 7 * 10**18, 21_000, 10**9, error=False)
BUSY = Tx(
    2, 5, 1, _BEN, _CLEO, 5, 90_000, 10**9, error=False,
    steps=(
        Step((0,), "call", _CLEO, _DAN, 3, error=False),
        Step((1,), "call", _CLEO, _ANN, 2, error=True),
        Step((1, 0), "call", _ANN, _BEN, 1, error=False),
    ),
    logs=((0, _CLEO, _DAN, 4),),
)  # fmt: skip


def moves(world: Iterable[Tx]) -> list[Transfer]:
    """What a live source tells of a world."""
    return [transfer for tx in world for transfer in tx.moves()]


def _units() -> st.SearchStrategy[int]:
    return st.just(0) | st.integers(1, 9) | st.integers(1, 10**24) | st.integers(2**53, 2**200)


@st.composite
def _steps(draw: st.DrawFn) -> tuple[Step, ...]:
    paths: list[tuple[int, ...]] = [()]
    for _ in range(draw(st.integers(0, 4))):
        parent = draw(st.sampled_from(paths))
        children = sum(path[:-1] == parent for path in paths if path)
        paths.append((*parent, children))
    who, how = st.sampled_from(PEOPLE), st.sampled_from(("call", "call", "create", "suicide", "delegatecall"))
    return tuple(
        Step(
            path, draw(how), draw(who), draw(who), draw(_units()), draw(st.sampled_from((False, False, True)))
        )
        for path in sorted(paths[1:])
    )


@st.composite
def worlds(draw: st.DrawFn, most: int = 4) -> list[Tx]:
    """Draw transactions of two or three blocks, some failed, with calls and logs."""
    who, made, log = st.sampled_from(PEOPLE), [], 0
    height = index = 0
    for number in range(1, draw(st.integers(1, most)) + 1):
        height, index = (height, index + 1) if height and draw(st.booleans()) else (height + 1, 0)
        error = draw(st.sampled_from((False, False, False, True)))
        logs = []
        for _ in range(0 if error else draw(st.integers(0, 2))):
            logs.append((log, draw(who), draw(who), draw(_units())))
            log += 1
        place = (number, height, index, draw(who), draw(who), draw(_units()))
        gas, price = draw(st.integers(21_000, 10**7)), draw(st.integers(1, 10**12))
        made.append(Tx(*place, gas, price, error, draw(_steps()), tuple(logs)))
    return made


def by_id(transfers: Iterable[Transfer]) -> dict[str, Transfer]:
    """Return transfers by their ids, which must differ."""
    transfers = list(transfers)
    found = {transfer.id: transfer for transfer in transfers}
    assert len(found) == len(transfers)
    return found


def unplaced(transfer: Transfer) -> Transfer:
    """Return a transfer as a file tells it that does not say its index in the block."""
    return replace(transfer, index=0)
