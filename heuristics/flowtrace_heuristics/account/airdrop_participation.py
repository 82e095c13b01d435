"""Many shares of one airdrop that come together again at one address: one person took part many times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Family, Finding, Kind, Pattern, RuleCard, SameOwner
from flowtrace_heuristics.account.payments import Columns, Payments, code, name
from flowtrace_heuristics.account.people import People

LEAST_RECIPIENTS = 1_000
MOST_BLOCKS = 2
LEAST_GATHERED = 2
MOST_GATHERED = 50
_SHOWN = 50

CARD = RuleCard(
    id="airdrop_participation",
    version=1,
    claim=(
        "Recipients of an airdrop (one amount of one token from one distributor to at least a thousand, "
        "blocks close together) who pass exactly that amount on to one address, two of them or more, took "
        "part in it several times: they and that address are one owner."
    ),
    cls=Class.P,
    citation="Victor 2020, Address Clustering Heuristics for Ethereum, Financial Cryptography, section 4.2",
    parameters=(
        ("least_recipients", str(LEAST_RECIPIENTS)),
        ("most_blocks_between_by_median", str(MOST_BLOCKS)),
        ("least_gathered", str(LEAST_GATHERED)),
        ("most_gathered", str(MOST_GATHERED)),
    ),
    failures=(
        "an unlabelled exchange, pool or burning address gathers the shares of strangers",
        "somebody who buys up shares for cash",
    ),
    falsified_by="recipients and gathering address are shown to be of different people",
    chains=(Family.EVM,),
)


@heuristic(CARD)
def airdrop_participation(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield a soft finding for each recipient that passed its share on to where others went too."""
    columns = Columns(ledger)
    tokens = _tokens(columns, len(ledger.assets))
    drops = list(_airdrops(tokens))
    if not drops:
        return
    people = People(ledger, attribution, columns)
    for (_, target), sources in sorted(_gathered(tokens, drops).items()):
        collector = ledger.addresses[target]
        active = {one: shown for one, shown in sources.items() if _acts(ledger, one, people)}
        if len(active) >= LEAST_GATHERED and collector in people:
            yield from _joined(ledger, collector, active)


def _tokens(columns: Columns, assets: int) -> Payments:
    """Return the token transfers of assets that somebody sent often enough for an airdrop."""
    import numpy as np

    kinds = (columns.kind == code(Kind.TOKEN)) | (columns.kind == code(Kind.CALL))
    rows = np.flatnonzero(columns.usable & kinds & (columns.source >= 0) & (columns.target >= 0))
    pair = columns.source[rows] * assets + columns.asset[rows]
    _, at, count = np.unique(pair, return_inverse=True, return_counts=True)
    often = np.zeros(assets, dtype=bool)
    often[columns.asset[rows[count[at] >= LEAST_RECIPIENTS]]] = True
    return columns.payments(rows[often[columns.asset[rows]]])


_Shares = dict[int, tuple[int, int]]  # recipient: where it got its share, and where it passed it on


def _airdrops(tokens: Payments) -> Iterator[tuple[int, int, int]]:
    """Yield (asset, units, distributor) of each airdrop."""
    groups: dict[tuple[int, int, int], list[int]] = {}
    keys = zip(tokens.asset.tolist(), tokens.units.tolist(), tokens.source.tolist(), strict=True)
    for row, key in enumerate(keys):
        groups.setdefault(key, []).append(row)
    for key, rows in groups.items():
        recipients = set(tokens.target[rows].tolist()) - {key[2]} if len(rows) >= LEAST_RECIPIENTS else set()
        if len(recipients) >= LEAST_RECIPIENTS and _dense(tokens.height[rows].tolist()):
            yield key


def _dense(heights: Sequence[int]) -> bool:
    """Tell whether the median distance between one and the next is no more than the most."""
    gaps = sorted(later - earlier for earlier, later in pairwise(heights))
    middle = gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]
    return middle <= 2 * MOST_BLOCKS


def _gathered(tokens: Payments, drops: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int], _Shares]:
    """Return by (distributor, gathering address) who passed a share on to it; the first share of each."""
    distributors: dict[tuple[int, int], set[int]] = {}
    for asset, units, distributor in drops:
        distributors.setdefault((asset, units), set()).add(distributor)
    got: dict[tuple[int, int, int], tuple[int, int]] = {}
    passed: dict[tuple[int, int], _Shares] = {}
    columns = (tokens.place, tokens.source, tokens.target, tokens.asset, tokens.units)
    for place, source, target, asset, units in zip(*(c.tolist() for c in columns), strict=True):
        givers = distributors.get((asset, units), ())
        share = got.get((asset, units, source))
        if source in givers:
            got.setdefault((asset, units, target), (source, place))
        elif share is not None and target not in (share[0], source):
            passed.setdefault((share[0], target), {}).setdefault(source, (share[1], place))
    return passed


def _joined(ledger: Ledger, collector: Address, shares: _Shares) -> Iterator[Finding]:
    if len(shares) > MOST_GATHERED:
        because = tuple(name(ledger, place) for _, place in list(shares.values())[:_SHOWN])
        figures = (("recipients", str(len(shares))),)
        yield Pattern("airdrop gathered", (collector,), by(CARD), because, Class.P, figures)
        return
    for source, places in shares.items():
        first, second = sorted((ledger.addresses[source], collector))
        because = tuple(name(ledger, place) for place in places)
        yield SameOwner(first, second, by(CARD), because, soft=True)


def _acts(ledger: Ledger, number: int, people: People) -> bool:
    """Tell whether an address is a person's that pays for transactions of its own."""
    address = ledger.addresses[number]
    return address in people and address in people.signers
