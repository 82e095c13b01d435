"""Change paid back to an address that signs: the plainest change there is."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, Pattern, RuleCard
from flowtrace_heuristics.utxo.coins import spendable
from flowtrace_heuristics.utxo.collaboration import NOBODY, by_place
from flowtrace_heuristics.utxo.neighbours import Columns

CARD = RuleCard(
    id="self_change",
    version=1,
    claim=(
        "An output to an address that also signs an input, in a transaction that one party made, goes back "
        "to that party: it is change, or value moved to oneself, and no payment to another (rule C1)."
    ),
    cls=Class.P,
    citation=(
        "Meiklejohn et al. 2013, A Fistful of Bitcoins, IMC, section 4.2 (self-change addresses); Kalodner "
        "et al. 2020, BlockSci, USENIX Security"
    ),
    parameters=(),
    failures=(
        "a market or a game that pays from and to one address pays others' winnings and its own by it",
        "several people who share an address, or a custodian's address, pay one another unseen",
        "a collaborative transaction that no detector knows may return coin to one of several signers",
    ),
    falsified_by="the key of the address is shown to be another's than who made the transaction",
    chains=(Family.UTXO,),
    needs=("coinjoin",),
)


@heuristic(CARD)
def self_change(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each transaction of one party that pays an address of its own inputs."""
    judged, columns = by_place(ledger, attribution), Columns(ledger)
    for place in columns:
        payees = ledger.leg_address[columns.middle(place) : ledger.start[place + 1]]
        if not judged.get(place, NOBODY).merges or not {*columns.givers(place)}.intersection(payees):
            continue
        transfer = ledger[place]
        givers = {leg.address for leg in transfer.inputs} - {None}
        back = [n for n in spendable(transfer) if transfer.outputs[n].address in givers]
        legs = [transfer.outputs[n] for n in back]
        figures = (
            ("outputs", ",".join(map(str, back))),
            ("units", str(sum(leg.units for leg in legs))),
            ("of", str(sum(leg.units for leg in transfer.outputs if leg.coin))),
        )
        addresses = tuple(sorted({leg.address for leg in legs if leg.address is not None}))
        yield Pattern("self-change", addresses, by(CARD), (transfer.id,), Class.P, figures)
