"""The collaborative verdict: did several parties make this transaction of coins together?

YES and SUSPECT both keep its inputs apart. One missed round costs more precision than hundreds of merges that
are not made cost recall.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.heuristic import Attribution
from flowtrace.ledger import Ledger
from flowtrace.model import Fact, FactKind, Kind, Transfer
from flowtrace_heuristics.utxo import joinmarket, payjoin, wasabi, whirlpool
from flowtrace_heuristics.utxo.sides import Sides, sides_of


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
        What it is taken for: ``wasabi 2``, ``whirlpool``, ``equal outputs`` ...; empty where nothing fired.
    detectors
        Which detectors fired, by their names in the rule card.
    """

    collaborative: Collaborative = Collaborative.NO
    design: str = ""
    detectors: tuple[str, ...] = ()

    @property
    def merges(self) -> bool:
        """Whether its inputs may be held one owner's."""
        return self.collaborative is Collaborative.NO


NOBODY = Verdict()
"""No detector fired."""


def verdict(transfer: Transfer, *, listed: tuple[str, ...] = (), shape: Fact | None = None) -> Verdict:
    """Judge one transaction by itself; ``listed`` are the lists of rounds that hold it, ``shape`` its record.

    What needs its neighbours as well is said by ``verdicts``.
    """
    if transfer.kind is not Kind.COIN:
        return NOBODY
    return judge(sides_of(transfer), listed=listed, shape=shape)


def judge(sides: Sides, *, listed: tuple[str, ...] = (), shape: Fact | None = None) -> Verdict:
    """Judge the sides of a transaction: the decision rule over the detectors that fire."""
    if len(sides.gives) < 2 and not listed:  # noqa: PLR2004  one signer has nobody to work with
        return NOBODY
    fired = dict(_fired(sides, listed, shape))
    if not fired:
        return NOBODY
    sure = [name for name in fired if name[:2] in ("D1", "D2", "D3", "D4", "D6") and "?" not in name]
    both = "D0" in fired and "D5'" in fired
    design = fired[sure[0]] if sure else next(iter(fired.values()))
    grade = Collaborative.YES if sure or both else Collaborative.SUSPECT
    return Verdict(grade, design, tuple(fired))


def _fired(sides: Sides, listed: tuple[str, ...], shape: Fact | None) -> Iterator[tuple[str, str]]:
    """Yield each detector that fires, with the design it tells of; a ``?`` marks one that cannot be sure."""
    for name in listed:
        yield f"D6 {name}", "listed round"
    if wasabi.first(sides):
        yield "D1", "wasabi 1.0"
    if wasabi.second(sides):
        yield "D2", "wasabi 1.1"
    rounds = wasabi.wabisabi(sides)
    if rounds:
        yield ("D3", "wasabi 2") if rounds > 1 else ("D3?", "wasabi 2")
    if whirlpool.mix(sides):
        yield "D4", "whirlpool"
    elif whirlpool.likely_mix(sides):
        yield "D4?", "whirlpool"
    yield from _equal(sides)
    if payjoin.payjoin(sides, shape):
        yield "D7", "payjoin"
    if payjoin.marketplace(sides, shape):
        yield "D8", "marketplace"


def _equal(sides: Sides) -> Iterator[tuple[str, str]]:
    generic, form = joinmarket.generic(sides), joinmarket.equal_outputs(sides)
    design = "stonewall" if payjoin.stonewall(sides) else "equal outputs"
    if generic:
        yield "D0", design
    if form:
        yield ("D5", design) if form == 1 else ("D5 sweep", design)
        if joinmarket.sums(sides).solutions:
            yield "D5'", design


def verdicts(ledger: Ledger, attribution: Attribution) -> dict[str, Verdict]:
    """Judge every transaction of coins on a ledger, with what its neighbours tell."""
    shapes = {(fact.chain_id, fact.tx): fact for fact in ledger.told(FactKind.SHAPE)}
    return {
        transfer.id: verdict(
            transfer,
            listed=attribution.listed(transfer.chain_id, transfer.tx),
            shape=shapes.get((transfer.chain_id, transfer.tx)),
        )
        for transfer in ledger
        if transfer.kind is Kind.COIN
    }
