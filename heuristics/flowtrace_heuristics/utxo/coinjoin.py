"""Transactions of coins that several parties made together, or may have: CoinJoins of every known design.

A guard before it is a finding: what stands here joins no inputs.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Family, Finding, Nature, Pattern, RuleCard
from flowtrace_heuristics.utxo import joinmarket, wasabi, whirlpool
from flowtrace_heuristics.utxo.collaboration import by_place
from flowtrace_heuristics.utxo.detectors import Collaborative, Verdict
from flowtrace_heuristics.utxo.neighbours import Columns
from flowtrace_heuristics.utxo.sides import Sides, most_common

CARD = RuleCard(
    id="coinjoin",
    version=1,
    claim=(
        "Several parties made this transaction together (yes), or its form lets that be so (suspect): its "
        "inputs are not one owner's for being spent together."
    ),
    cls=Class.P,
    citation=(
        "Kalodner et al. (BlockSci), USENIX Security 2020 (D0); Stütz et al., AFT 2022 (D1, D2, D4); "
        "Ficsor's Dumplings with crocs-muni/coinjoin-analysis, Gavenda et al., ESORICS 2025 (D3, D5); "
        "BIP-77 and BIP-78 (D7); flowtrace (D5', D4 external, D8)"
    ),
    parameters=(
        ("D0_values_not_shared", ", ".join(map(str, joinmarket.NOT_SHARED))),
        ("D1_heights", f"{wasabi.FIRST_HEIGHT} to {wasabi.SECOND_HEIGHT - 1}"),
        ("D1_coordinators", ", ".join(wasabi.COORDINATORS)),
        ("D1_equal_outputs", "3 or more"),
        ("D2_height", str(wasabi.SECOND_HEIGHT)),
        ("D2_equal_outputs", f"{wasabi.EQUALS} or more, and {wasabi.UNIQUE} or more values that stand once"),
        ("D2_value", f"{wasabi.BASE} base units, {wasabi.NEAR} more or less; sure within {wasabi.EDGE}"),
        ("D2_values_of_others", ", ".join(map(str, wasabi.ROUND))),
        ("D3_height", str(wasabi.WABISABI_HEIGHT)),
        ("D3_inputs", f"{wasabi.MANY_INPUTS}, from {wasabi.OTHERS_HEIGHT} on {wasabi.SOME_INPUTS}"),
        ("D3_suspect_inputs", str(wasabi.FEW_INPUTS)),
        ("D3_denominations", f"2^k, 3^k, 2*3^k, 10^k, 2*10^k, 5*10^k, {wasabi.LEAST} to {wasabi.MOST}"),
        ("D3_share_of_denominations", "more than 80 % of the outputs"),
        ("D3_scripts", "no round where fewer than 30 % of each side's are different"),
        ("D4_height", str(whirlpool.HEIGHT)),
        ("D4_inputs_and_outputs", f"{whirlpool.LEAST} to {whirlpool.MOST}, as many of each"),
        ("D4_entrants_off_the_pool_at_most", str(whirlpool.MINER_FEE)),
        ("D4_pools_base_units", ", ".join(map(str, sorted(whirlpool.POOLS)))),
        ("D5_height", str(joinmarket.HEIGHT)),
        ("D5'_group", str(joinmarket.LARGEST_GROUP)),
        ("D5'_equal_outputs", f"{joinmarket.TELLING} or more"),
        ("D5'_steps", f"{joinmarket.MOST_STEPS}, and {joinmarket.LEAST_STEPS} or more for each change"),
        ("D5'_maker_gain", f"{joinmarket.MAKER} base units or 0.1 % of the shared value"),
        ("D5'_taker_loss", f"{joinmarket.TAKER} base units or 0.5 % of the shared value and the fee"),
        ("decision", "yes by D1, D2, D3, D4, D6, or D0 with D5'; suspect by any other"),
    ),
    failures=(
        "a payout of equal amounts from several coins of one owner has the form of D0 or D5",
        "where little is shared, the fees that the sums let pass are as large, and they come out by chance",
        "one wallet alone can feign a round (Stonewall), and a PayJoin cannot be proven by anybody",
        "on Litecoin and Dogecoin only the structural detectors run (D0, D5, D7, D8, and lists)",
        "CoinSwap, dual-funded channels and Ark rounds have no form that tells them",
        "real JoinMarket makers often ask more than the sums allow, which leaves a round suspect",
    ),
    falsified_by="the keys of all its inputs are shown to be one owner's",
    nature=Nature.BEHAVIOURAL,
    chains=(Family.UTXO,),
)


@heuristic(CARD)
def coinjoin(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each transaction that is or may be made by several, with its verdict."""
    columns = Columns(ledger)
    for place, verdict in by_place(ledger, attribution).items():
        if verdict.merges:
            continue
        sides = columns.sides(place)
        name = f"{ledger.chain[place]}:{ledger.tx[place]}:{ledger.position[place]}"
        yield Pattern(
            name="collaborative transaction",
            addresses=(),
            by=by(CARD),
            because=(name,),
            cls=Class.P,
            figures=_figures(verdict, sides),
            detail=_words(verdict, sides),
        )


def _figures(verdict: Verdict, sides: Sides) -> tuple[tuple[str, str], ...]:
    value, number = most_common(sides.counts)
    return (
        ("verdict", verdict.collaborative.value),
        ("design", verdict.design),
        ("detectors", ", ".join(verdict.detectors)),
        ("inputs", str(len(sides.gives))),
        ("outputs", str(len(sides.paid))),
        ("equal_outputs", str(number)),
        ("equal_value", str(value)),
    )


def _words(verdict: Verdict, sides: Sides) -> str:
    _, number = most_common(sides.counts)
    said = "made by several" if verdict.collaborative is Collaborative.YES else "perhaps made by several"
    return (
        f"{said} ({verdict.design}): {len(sides.gives)} inputs, {len(sides.paid)} outputs, the most common "
        f"value {number} times; {', '.join(verdict.detectors)}"
    )
