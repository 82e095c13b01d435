"""What an address has left it sends back to whoever first gave it coin (F3): a purse of the funder's."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, Kind, RuleCard, SameOwner
from flowtrace_heuristics.account.funding import first_fundings
from flowtrace_heuristics.account.payments import NOBODY, Columns, code, name
from flowtrace_heuristics.account.people import People

MOST_LEFT = 10**16  # 0.01 of an 18-decimal coin
SCORE = "0.9"
_FEE, _VALUE = code(Kind.FEE), code(Kind.VALUE)

CARD = RuleCard(
    id="returned_change",
    version=1,
    claim=(
        "An address that pays somebody else and then sends what coin it has left, as the last thing it does, "
        "to whoever first gave it coin, is of one owner with that funder."
    ),
    cls=Class.P,
    citation="flowtrace algorithms 2.6, rule F3 (no published precision on an independent truth was found)",
    parameters=(("most_left_base_units", str(MOST_LEFT)), ("score", SCORE)),
    failures=(
        "coin that a contract paid out before is seen only where the record holds what contracts pay",
        "a loan that is paid back, or a purchase that is undone, looks the same",
        "an unlabelled exchange that pays out and is paid into by the same wallet looks like a funder",
    ),
    falsified_by="the two addresses are shown to be of different people",
    chains=(Family.EVM,),
)


@heuristic(CARD)
def returned_change(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield a soft finding for each address that sends its residue back to its first funder."""
    import numpy as np

    columns = Columns(ledger)
    people = People(ledger, attribution, columns)
    last = np.full(len(ledger.addresses) + 1, NOBODY, dtype=np.int64)
    sent = np.flatnonzero(columns.usable & (columns.source != NOBODY) & (columns.kind != _FEE))
    sent = columns.worth(sent)
    last[columns.source[sent]] = sent
    for funding in first_fundings(ledger, columns, people):
        place = int(last[funding.child])
        if place == NOBODY or columns.target[place] != funding.funder or columns.kind[place] != _VALUE:
            continue
        if columns.coin[place] and _is_residue(ledger, funding.child, place=place):
            first, second = sorted((ledger.addresses[funding.funder], ledger.addresses[funding.child]))
            because = (name(ledger, funding.place), name(ledger, place))
            yield SameOwner(first, second, by(CARD), because, soft=True, score=SCORE)


def _is_residue(ledger: Ledger, child: int, *, place: int) -> bool:
    """Tell whether the payment at a place left next to nothing, and the address paid somebody else before."""
    address, balance, others = ledger.addresses[child], 0, False
    final = ledger[place]
    for one in ledger.of(address):
        if one.amount.asset != final.amount.asset or not (one.ok or one.kind is Kind.FEE):
            others = others or (one.ok and one.source == address and one.target != final.target)
            continue
        balance += one.amount.units * ((one.target == address) - (one.source == address))
        others = others or (one.source == address and one.target not in (None, final.target))
        if one.id == final.id:
            break
    return others and 0 <= balance <= MOST_LEFT
