"""The decision rule: which detectors fire on the sides of a transaction, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from flowtrace.model import Fact
from flowtrace_heuristics.utxo import joinmarket, payjoin, wasabi, whirlpool
from flowtrace_heuristics.utxo.sides import Sides

_SURE = ("D1", "D2", "D3", "D4", "D6")
_SIGNERS = 2  # one signer has nobody to work with


class Collaborative(StrEnum):
    """Whether several parties made a transaction together."""

    NO = "no"
    SUSPECT = "suspect"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one transaction.

    Attributes
    ----------
    design
        What it is taken for: ``wasabi 2``, ``whirlpool``, ``equal outputs`` and so on; empty where nothing
        fired.
    detectors
        Which detectors fired, by their names in the rule card; a ``?`` behind one says that it holds but for
        a part, and is not sure.
    """

    collaborative: Collaborative = Collaborative.NO
    design: str = ""
    detectors: tuple[str, ...] = ()

    @property
    def merges(self) -> bool:
        """Whether its inputs may be held one owner's."""
        return self.collaborative is Collaborative.NO

    @property
    def sure(self) -> tuple[str, ...]:
        """The detectors that know a design, or a list, and need no other to be believed."""
        return tuple(name for name in self.detectors if name[:2] in _SURE and name[-1] != "?")


NOBODY = Verdict()
"""No detector fired."""


def judge(sides: Sides, *, listed: tuple[str, ...] = (), shape: Fact | None = None) -> Verdict:
    """Judge the sides of a transaction by the decision rule."""
    if listed or len(sides.gives) >= _SIGNERS:
        return decide(dict(_fired(sides, listed, shape)))
    return NOBODY


def decide(fired: dict[str, str]) -> Verdict:
    """Return what follows from the detectors that fired, each with the design it tells of.

    YES by any that knows a design or a list, or where BlockSci's test holds and JoinMarket's sums come out;
    SUSPECT by anything less.
    """
    if not fired:
        return NOBODY
    suspect = Verdict(Collaborative.SUSPECT, next(iter(fired.values())), tuple(fired))
    if suspect.sure:
        return replace(suspect, collaborative=Collaborative.YES, design=fired[suspect.sure[0]])
    if "D0" in fired and "D5'" in fired:
        return replace(suspect, collaborative=Collaborative.YES, design=fired["D0"])
    return suspect


def _fired(sides: Sides, listed: tuple[str, ...], shape: Fact | None) -> Iterator[tuple[str, str]]:
    if sides.on_bitcoin:
        yield from _of_services(sides)
    yield from _equal(sides)
    if payjoin.payjoin(sides, shape):
        yield "D7", "payjoin"
    if payjoin.marketplace(sides, shape):
        yield "D8 marketplace", "marketplace"
    for name in listed:
        yield f"D6 {name.rstrip('?')}", "listed round"


def _of_services(sides: Sides) -> Iterator[tuple[str, str]]:
    if wasabi.first(sides):
        yield "D1", "wasabi 1.0"
    second, third = wasabi.second(sides), wasabi.wabisabi(sides)
    if second:
        yield "D2" if second > 1 else "D2?", "wasabi 1.1"
    if whirlpool.mix(sides):
        yield "D4", whirlpool.DESIGN
    elif whirlpool.external_mix(sides):
        yield "D4 external", whirlpool.DESIGN
    elif whirlpool.likely_mix(sides):
        yield "D4?", whirlpool.DESIGN
    if third:
        yield "D3" if third > 1 else "D3?", "wasabi 2"


def _equal(sides: Sides) -> Iterator[tuple[str, str]]:
    if len({*sides.paid}) == len(sides.paid):
        return  # as most transactions are: nothing is paid twice
    generic, form = joinmarket.generic(sides), joinmarket.equal_outputs(sides)
    if not (generic or form):
        return
    design = "stonewall" if payjoin.stonewall(sides) else "equal outputs"
    if generic:
        yield "D0", design
    if form:
        yield "D5" if form == 1 else "D5 sweep", design
    if joinmarket.come_out(sides):
        yield "D5'", design
    if payjoin.stonewall(sides):
        yield "D8 Stonewall", design
