"""Chains that were rewritten between two runs of a case: found out, and rolled back.

A case reads a chain up to a block that counts as final. Should it be rewritten below that all the same, what
was read of the blocks that are gone must not stand beside what is read of the new ones. So each run that asks
anything first asks whether the last block it read to is still there. If not, the last block that still stands
among those the evidence names is looked for, and every answer that does not lie wholly below it is put aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowtrace.case.crawl import Fetcher
from flowtrace.case.pins import ROLLED_BACK, pins_of, standing
from flowtrace.errors import SourceError
from flowtrace.fetch import ASKED, Ask, Pin, Touched, touched
from flowtrace.model import Chain


async def rolled_back(fetcher: Fetcher) -> tuple[str, ...]:
    """Roll back the chains of a case that were rewritten since; return what was done, in words."""
    said = [await _of(fetcher, pin) for pin in pins_of(fetcher.store).values() if pin.hash]
    return tuple(filter(None, said))


async def _of(fetcher: Fetcher, pin: Pin) -> str:
    chain = Chain.of(pin.chain_id)
    try:
        name = await fetcher.block(chain, pin.height)
    except SourceError:
        return ""  # whoever is asked for more will find out, or cannot be reached either
    if _same(name, pin.hash):
        return ""
    asks = [ask for ask in standing(fetcher.store) if ask.provider.chain == chain]
    read = [(ask, touched(ask, fetcher.store)) for ask in asks]
    first = await _first_rewritten(fetcher, pin, [one for _, one in read])
    kept = {number for ask, one in read for number in _below(ask, one, first)}
    aside = [
        item.number
        for item in fetcher.store.items()
        if item.media == ASKED and item.source.endswith(f"@{chain.name}") and item.number not in kept
    ]
    words = f"block {pin.height} of {chain.name} is {name}, and was {pin.hash}"
    fetcher.store.put_aside(
        aside, ROLLED_BACK, chain=chain.id, height=first, was=pin.hash, now=name, why=f"{words}: rewritten"
    )
    stands = f"above block {first - 1}, the last one read that still stands" if first else "since it was read"
    gone = f"block {pin.height} of {chain.name} is no longer {pin.hash[:10]}…"
    again = f"{len(aside)} answers are put aside, and what they told is read again"
    return f"{gone}: the chain was rewritten {stands}. {again}"


async def _first_rewritten(fetcher: Fetcher, pin: Pin, read: Iterable[Touched]) -> int:
    """Return the height above the highest block that still stands, among those that the evidence names."""
    named = {height: name for one in read for height, name in one.blocks.items() if height < pin.height}
    heights = sorted(named)
    low, high = 0, len(heights)  # those before low stand, those from high on do not
    while low < high:
        middle = (low + high) // 2
        if await _stands(fetcher, pin, (heights[middle], named[heights[middle]])):
            low = middle + 1
        else:
            high = middle
    return heights[low - 1] + 1 if low else 0


async def _stands(fetcher: Fetcher, pin: Pin, block: tuple[int, str]) -> bool:
    """Tell whether a block is still there; one that nobody tells of is taken for gone."""
    try:
        return _same(await fetcher.block(Chain.of(pin.chain_id), block[0]), block[1])
    except SourceError:
        return False


def _below(ask: Ask, read: Touched, first: int) -> Iterator[int]:
    """Yield the answers of an ask that lie wholly below a block; all of them where the ask does."""
    tops = read.answers.values()
    last = max(tops, default=-1) if ask.pin is None else ask.pin.height
    for number, top in read.answers.items():
        if 0 <= last < first or 0 <= top < first:
            yield number


def _same(name: str, other: str) -> bool:
    return name.lower() == other.lower()
