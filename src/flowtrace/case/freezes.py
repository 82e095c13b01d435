"""Issuers' freezes in a case: asked for through the door, kept as evidence, and read from it as labels.

Two things are asked of each token's contract: the events by which its issuer froze and released, up to the
block that the case reads its chain to, and what the contract answers of each address. Where they disagree,
both are said: the answer decides whether value can move, and no date is made up for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowtrace import fetch
from flowtrace.case import settings as read
from flowtrace.case.crawl import Fetcher, fetching
from flowtrace.case.pins import standing, told
from flowtrace.case.reach import Reach
from flowtrace.case.rewritten import rolled_back
from flowtrace.errors import KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import FREEZES
from flowtrace.model import (
    Act,
    Address,
    Asset,
    Chain,
    Freeze,
    FreezeState,
    Frozen,
    Label,
    Result,
    Use,
    frozen_at,
    frozen_now,
)
from flowtrace.moves.freezes import issued_on, issuer_of

if TYPE_CHECKING:
    from flowtrace.case.case import Case

_TOGETHER = 100  # addresses of one ask
Place = tuple[Address, Asset]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of one address and token, once its issuer's contract was asked.

    Attributes
    ----------
    frozen
        Since when it may not move the token; None where it may.
    state
        What the contract answers; None where nobody told.
    height
        The block up to which events were asked for; None where they were not told.
    contradiction
        Why events and answer do not agree; empty where they do.
    """

    address: Address
    asset: Asset
    issuer: str
    frozen: Frozen | None
    state: FreezeState | None
    height: int | None
    contradiction: str


@dataclass
class FreezeEvidence:
    """What the evidence of a case tells of issuers' freezes.

    Attributes
    ----------
    events
        Per address that was asked for, the block up to which it was.
    """

    acts: list[Freeze] = field(default_factory=list)
    states: dict[Place, FreezeState] = field(default_factory=dict)
    events: dict[Address, int] = field(default_factory=dict)

    @classmethod
    def of(cls, store: EvidenceStore) -> FreezeEvidence:
        """Read it from what was asked and came to its end; what a rewritten chain took is read no more."""
        found = cls()
        if not any(FREEZES in text for text in store.asks()):
            return found
        ended = told(store)
        acts: dict[Freeze, None] = {}
        for ask in standing(store):
            if not ask.is_of_freezes or ask.text not in ended or ask.pin is None:
                continue
            with suppress(SourceError, KeyRefusedError):
                rows = fetch.replay(ask, store)
                acts |= {one: None for one in rows.frozen if isinstance(one, Freeze)}
                for state in (one for one in rows.frozen if isinstance(one, FreezeState)):
                    found.states[state.address, state.asset] = state
                for address in ask.of_acts:
                    found.events[address] = max(ask.pin.height, found.events.get(address, 0))
        found.acts = list(acts)
        return found

    def contradiction(self, place: Place) -> str:
        """Return why events and answer do not agree of an address and token; empty where they do."""
        state, held = self.states.get(place), frozen_now(self._acts(place))
        if state is None or place[0] not in self.events or state.frozen == bool(held):
            return ""
        acts = self._acts(place)
        last = f"the last event up to block {self.events[place[0]]} is {acts[-1].event}" if acts else (
            f"no event up to block {self.events[place[0]]} freezes it"
        )  # fmt: skip
        return f"contradiction: {last}, but {state.function} answers {_yes(state)} for {state.of}"

    def _acts(self, place: Place) -> list[Freeze]:
        mine = [one for one in self.acts if (one.address, one.asset) == place]
        return sorted(mine, key=lambda one: one.height)

    def labels(self) -> Iterator[Label]:
        """Yield it as labels, the contract's answer deciding what counts as frozen."""
        held = frozen_now(self.acts)
        for place in sorted({(one.address, one.asset) for one in self.acts}):
            remark, state = self.contradiction(place), self.states.get(place)
            free = place not in held or (state is not None and not state.frozen)
            for one in self._acts(place):
                label = one.label(
                    remark=remark or ("released since" if free and one.act is Act.FROZEN else "")
                )
                yield replace(label, use=Use.UNSPECIFIED) if free else label
        for place, state in sorted(self.states.items(), key=lambda one: one[0]):
            if state.frozen and place not in held:
                yield state.label(
                    self.contradiction(place) or "its contract answers so; its events are not told"
                )

    def coverage(self) -> tuple[tuple[str, str], ...]:
        """Return, per chain, about how many addresses issuers were asked, and up to which block."""
        found = []
        for chain in sorted(
            {address.chain_id for address in (*self.events, *(one for one, _ in self.states))}
        ):
            told = sorted(height for address, height in self.events.items() if address.chain_id == chain)
            states = len({address for address, _ in self.states if address.chain_id == chain})
            upto = f"to block {told[0]}" if told[:1] == told[-1:] else f"to block {told[0]} at least"
            events = f"events {upto} of {len(told)} addresses" if told else "no events told"
            found.append((f"issuers' freezes on {Chain.of(chain).name}", f"{events}, state of {states}"))
        return tuple(found)

    def denials(self, said: Callable[[Address], Iterable[Label]]) -> Iterator[Label]:
        """Yield the contracts' answers that an address is free, where other labels have it frozen."""
        for place, state in sorted(self.states.items(), key=lambda one: one[0]):
            if not state.frozen and not self._acts(place) and frozen_at(said(place[0]), *place):
                yield state.label(f"contradiction: labels have it frozen, but {state.function} answers no")

    def asked(self) -> Iterator[Asked]:
        """Yield what is known of every address and token that was asked for."""
        said = list(self.labels())
        addresses = {*self.events, *(address for address, _ in self.states)}
        for address in sorted(addresses):
            for asset in issued_on(address.chain):
                place = (address, asset)
                yield Asked(
                    address=address,
                    asset=asset,
                    issuer=issuer_of(asset),
                    frozen=frozen_at(said, address, asset),
                    state=self.states.get(place),
                    height=self.events.get(address),
                    contradiction=self.contradiction(place),
                )


def _yes(state: FreezeState) -> str:
    return "yes" if state.frozen else "no"


def freezes_in(folder: Path) -> FreezeEvidence:
    """Return what the evidence of a case tells of issuers' freezes."""
    path = folder / "evidence.sqlite"
    if not path.is_file():
        return FreezeEvidence()
    with EvidenceStore(path, readonly=True) as store:
        return FreezeEvidence.of(store)


def is_freezable(address: Address) -> bool:
    """Tell whether there is an issuer to ask on an address's chain."""
    return bool(issued_on(address.chain))


def freezable(result: Result) -> list[Address]:
    """Return the addresses of a trace at which value rests, or passed, that an issuer can freeze."""
    met: set[Address] = set()
    for hop in result.trace.hops:
        if hop.amount.asset in issued_on(Chain.of(hop.amount.asset.chain_id)):
            met |= {address for address in (hop.source, hop.target) if address is not None}
    return sorted(met)


async def ask_freezes(case: Case, addresses: Iterable[Address], reach: Reach) -> dict[str, str]:
    """Ask the issuers' contracts about addresses, into the case's evidence.

    Returns
    -------
    dict
        Why, for each chain of which something could not be told. Open the case anew to read what was.

    Raises
    ------
    IncompleteError
        If a limit of the reach is met; what was gathered is kept.
    """
    missed: dict[str, str] = {}
    by_chain: dict[Chain, list[Address]] = {}
    for address in sorted(set(addresses)):
        if issued_on(address.chain):
            by_chain.setdefault(address.chain, []).append(address)
    with case.store() as store:
        async with fetching(store, reach, read.most_of(case.settings)) as fetcher:
            await rolled_back(fetcher)
            for chain, wanted in by_chain.items():
                for first in range(0, len(wanted), _TOGETHER):
                    missed |= await _ask(fetcher, chain, wanted[first : first + _TOGETHER])
    return missed


async def _ask(fetcher: Fetcher, chain: Chain, addresses: Sequence[Address]) -> dict[str, str]:
    missed = {}
    for state, what in ((False, "events"), (True, "state")):
        try:
            await fetcher.freezes(addresses, state=state)
        except (SourceError, KeyRefusedError) as error:
            missed[f"{what} on {chain.name}"] = str(error)
    return missed
