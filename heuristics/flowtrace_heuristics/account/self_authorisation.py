"""Who lets another address spend his tokens: recorded as it is, and one owner only with a link besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import (
    Address,
    Class,
    Fact,
    FactKind,
    Family,
    Finding,
    Kind,
    Pattern,
    RuleCard,
    SameOwner,
)
from flowtrace_heuristics.account.payments import Columns, code, name
from flowtrace_heuristics.account.people import People

MOST_OWNERS = 10
_SHOWN = 50
_Pair = tuple[Address, Address]

CARD = RuleCard(
    id="self_authorisation",
    version=1,
    claim=(
        "Who approves another person's address to spend his tokens is authorised by it, no more. Only where "
        "coin went both ways between the two before, and few others approve the same spender, may they be "
        "one owner."
    ),
    cls=Class.P,
    citation="Victor 2020, Address Clustering Heuristics for Ethereum, Financial Cryptography, section 4.3",
    parameters=(("most_owners_a_spender", str(MOST_OWNERS)),),
    failures=(
        "a worthless token can write the event of an approval, and name in it whom it likes",
        "since 2020 most such approvals are signed for a thief: an approval alone never joins anybody",
        "a spender that is a contract nobody knows to be one is left alone only if it never pays for gas",
        "business partners pay each other and approve each other",
    ),
    falsified_by="the owner was deceived into the approval, or the two addresses are of different people",
    chains=(Family.EVM,),
)


@heuristic(CARD)
def self_authorisation(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield who authorised whom, and the pairs that have a link besides."""
    approvals = [fact for fact in ledger.told(FactKind.APPROVAL) if fact.figure("units") != "0"]
    if not approvals:
        return
    columns = Columns(ledger)
    people = People(ledger, attribution, columns)
    first: dict[_Pair, Fact] = {}
    owners: dict[Address, set[Address]] = {}
    for fact in approvals:
        owner, spender = fact.party("owner"), fact.party("spender")
        if owner is None or spender is None or owner == spender or owner.chain.family is not Family.EVM:
            continue
        if {owner, spender} <= people.signers and owner in people and spender in people:
            first.setdefault((owner, spender), fact)
            owners.setdefault(spender, set()).add(owner)
    between = _between(ledger, columns, first)
    for pair, fact in sorted(first.items()):
        since = [place for place in between.tokens.get(pair, ()) if _key(ledger, place) > fact.key]
        yield _authorised(ledger, fact, pair, owners=len(owners[pair[1]]), taken=since)
        ways = [between.coin.get(way) for way in (pair, pair[::-1])]
        before = [place for place in ways if place is not None and _key(ledger, place) < fact.key]
        if len(before) == len(ways) and len(owners[pair[1]]) <= MOST_OWNERS:
            because = (fact.id, *(name(ledger, place) for place in sorted(before)))
            yield SameOwner(*pair, by(CARD), because, soft=True)


@dataclass(frozen=True, slots=True)
class _Moved:
    """The first coin that went each way, and all tokens that went from owner to spender, by their places."""

    coin: dict[_Pair, int] = field(default_factory=dict)
    tokens: dict[_Pair, list[int]] = field(default_factory=dict)


def _between(ledger: Ledger, columns: Columns, pairs: Mapping[_Pair, Fact]) -> _Moved:
    """Read what moved between owners and spenders, in one go over the ledger."""
    import numpy as np

    whom = {one for pair in pairs for one in pair}
    ours = np.fromiter((one in whom for one in [*ledger.addresses, None]), bool)
    rows = np.flatnonzero(columns.usable & ours[columns.source] & ours[columns.target])
    moved, found = columns.payments(rows), _Moved()
    table = (moved.place, moved.source, moved.target, moved.coin, moved.kind == code(Kind.VALUE))
    for place, source, target, coin, value in zip(*(column.tolist() for column in table), strict=True):
        pair = (ledger.addresses[source], ledger.addresses[target])
        if coin and value:
            found.coin.setdefault(pair, place)
        elif not coin and pair in pairs:
            found.tokens.setdefault(pair, []).append(place)
    return found


def _key(ledger: Ledger, place: int) -> tuple[int, int, int]:
    return (ledger.height[place], ledger.index[place], ledger.order[place])


def _authorised(ledger: Ledger, fact: Fact, pair: _Pair, *, owners: int, taken: Sequence[int]) -> Pattern:
    figures = (("owners", str(owners)), ("token_transfers_to_the_spender_since", str(len(taken))))
    words = "an approval is no sign of one owner: thieves ask for them"
    because = (fact.id, *(name(ledger, place) for place in taken[: _SHOWN - 1]))
    return Pattern("authorised by", pair, by(CARD), because, Class.D, figures, words)
