"""JoinMarket's change: which input paid for which change, where the sums leave no other way ("sudoku")."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, Nature, Pattern, RuleCard, SameOwner, Transfer
from flowtrace_heuristics.utxo.collaboration import NOBODY, Verdict, by_place
from flowtrace_heuristics.utxo.joinmarket import sums
from flowtrace_heuristics.utxo.neighbours import Columns
from flowtrace_heuristics.utxo.sides import Sides, most_common

PARTIES = 3
"""A round of two is a Stonewall as well, which one party makes alone."""
SCORE = "0.96"
_SERVICES = ("D1", "D2", "D3", "D4")  # detectors that know a coordinator's design

CARD = RuleCard(
    id="joinmarket_change",
    version=1,
    claim=(
        "In a round of JoinMarket's form each participant's inputs pay the shared value and its own change, "
        "but for small fees. An input and a change that are together in every way to make the sums come out "
        "are one owner's."
    ),
    cls=Class.P,
    citation=(
        "Möser and Böhme 2017, The price of anonymity (JoinMarket), Journal of Cybersecurity; Atlas 2014, "
        "CoinJoin Sudoku; Goldfeder et al. 2018, When the cookie meets the blockchain, PETS, section 5"
    ),
    parameters=(
        ("least_parties", str(PARTIES)),
        ("maker_gains_at_most", "20,000 base units or 0.1 % of the shared value"),
        ("taker_loses_at_most", "60,000 base units or 0.5 % of the shared value and the network's fee"),
        ("inputs_of_one_party_at_most", "4"),
        ("solutions_at_most", "200: with more, nothing is said"),
        ("search_steps_at_most", "as the verdict of coinjoin: beyond, nothing is said"),
        ("score", f"{SCORE}, below the lower end of the interval that was measured"),
    ),
    failures=(
        "a maker whose fee is above the limit, a party with five inputs: the true sums are not tried",
        "participants who pay one another within the round",
        "a transaction of this form that is no JoinMarket round",
        "the rate is measured on an emulation with small amounts and default fees, not on the main chain",
    ),
    falsified_by="a participant's wallet shows that the input was another's than the change",
    nature=Nature.STATISTICAL,
    chains=(Family.UTXO,),
    needs=("coinjoin",),
    on=False,
)


@heuristic(CARD)
def joinmarket_change(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield the links of each round of JoinMarket's form that has any, and the round with its figures."""
    judged, columns = by_place(ledger, attribution), Columns(ledger)
    for place in columns:
        sides = columns.sides(place)
        if has_form(sides, judged.get(place, NOBODY)):
            ways = solutions(sides)
            links = common(ways)
            if links:
                yield from _findings(ledger[place], links, len(ways))


def has_form(sides: Sides, held: Verdict) -> bool:
    """Tell a round of JoinMarket's form: a shared value each, and change for all or all but one."""
    if held.merges or any(name.startswith(_SERVICES) for name in held.sure):
        return False
    number = most_common(sides.counts)[1]
    return PARTIES <= number <= len(sides.gives) and _changes(sides) in (number, number - 1)


def _changes(sides: Sides) -> int:
    return sum(1 for units in sides.paid if units) - most_common(sides.counts)[1]


def solutions(sides: Sides) -> list[dict[int, tuple[int, ...]]]:
    """Return every way to give each change its inputs, none where the search did not see all ways.

    All inputs are some party's: none is left over, but for those of the one party without change.
    """
    found = sums(sides)
    whole = _changes(sides) == most_common(sides.counts)[1]
    return [way for way in found.solutions if _is_left(way, sides) is not whole] if found.whole else []


def _is_left(way: dict[int, tuple[int, ...]], sides: Sides) -> bool:
    return sum(len(group) for group in way.values()) < len(sides.gives)


def common(ways: list[dict[int, tuple[int, ...]]]) -> list[tuple[int, int]]:
    """Return the links (change, input), by number, that all ways share."""
    if not ways:
        return []
    shared = {change: set(group) for change, group in ways[0].items()}
    for way in ways[1:]:
        for change, group in way.items():
            shared[change] &= set(group)
    return [(change, given) for change in sorted(shared) for given in sorted(shared[change])]


def _findings(transfer: Transfer, links: list[tuple[int, int]], ways: int) -> Iterator[Finding]:
    paid = [leg for leg in transfer.outputs if leg.coin or leg.address is not None]
    pairs = [(transfer.inputs[given].address, paid[change].address) for change, given in links]
    because = (transfer.id,)
    figures = (("ways", str(ways)), ("links", " ".join(f"{change}<-{given}" for change, given in links)))
    addresses = tuple(dict.fromkeys(one for pair in pairs for one in pair if one is not None))
    yield Pattern("change linked by subset sum", addresses, by(CARD), because, Class.P, figures)
    for one, other in pairs:
        if one is not None and other is not None and one != other:
            yield SameOwner(one, other, by(CARD), because, score=SCORE)
