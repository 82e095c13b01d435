"""Typology: which of the stages are on the ledger that official texts describe of the DPRK's launderings.

A list of what is there, each stage by a definition of its own. Thieves of every kind use the same services:
it is no attribution, and the more stages are seen the less it excludes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Category, Class, Finding, Label, Nature, Pattern, Role, RoleName, RuleCard
from flowtrace_heuristics.account.deposit_reuse import deposit_reuse
from flowtrace_heuristics.pattern.currencies import FREEZABLE, KNOWN
from flowtrace_heuristics.pattern.dormancy import dormancy
from flowtrace_heuristics.pattern.moves import UNSURE_ROUNDS, Moves, moves_of, services_of, shown
from flowtrace_heuristics.pattern.structuring import structuring

LEAST_STAGES = 3
SHOWN = 7  # transfers that a finding names of each stage
TO_BITCOIN = ("thorchain", "chainflip", "renbridge", "ren:", "avalanche bridge")

CARD = RuleCard(
    id="typology",
    version=2,
    claim=(
        "The ledger shows 3 or more of the stages that official texts describe of launderings by the DPRK: "
        "freezable tokens swapped to the chain's coin, splits of one amount, dormancy, bridges to Bitcoin, "
        "mixers, USDT on TRON, deposits at exchanges. It lists them; it does not say who did it."
    ),
    cls=Class.P,
    citation=(
        "U.S. Treasury (OFAC) 2022-05-06, https://home.treasury.gov/news/press-releases/jy0768 (mixer); U.S. "
        "Treasury (OFAC) 2022-08-08, https://home.treasury.gov/news/press-releases/jy0916 (mixer); U.S. "
        "Treasury (OFAC) 2020-03-02, https://home.treasury.gov/news/press-releases/sm924 (deposits at "
        "exchanges); FBI 2025-02-26, https://www.ic3.gov/PSA/2025/PSA250226 (conversion to Bitcoin, many "
        "addresses on many chains)"
    ),
    parameters=(
        ("stages_at_least", str(LEAST_STAGES)),
        (
            "swap_to_native",
            "one transaction takes a freezable token of an address and gives it the chain's coin",
        ),
        ("equal_splits", "as structuring, one amount"),
        ("dormancy", "as dormancy"),
        ("bridge_to_bitcoin", "payment to a labelled bridge named " + ", ".join(TO_BITCOIN)),
        ("mixer", "payment to a labelled mixer"),
        ("tron_usdt", "payment in USDT on TRON"),
        ("deposits", "payment to a labelled exchange, or to an address that deposit_reuse finds"),
        ("transfers_named_of_each_stage_at_most", str(SHOWN)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "many thieves use the same stages, and so do honest people: three of them prove nothing",
        "stages through services that nobody labelled, or on chains not on this ledger, are not seen",
        "the order of the stages, and whether one flow of value joins them, is not judged",
    ),
    falsified_by="a stage is shown to be of other people's money than the rest",
    nature=Nature.ATTRIBUTION,
    needs=("coinjoin", "structuring", "dormancy", "deposit_reuse"),
    on=False,
)
_Stages = dict[str, list[str]]


@heuristic(CARD)
def typology(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield one pattern for the ledger: which stages are there, with the first transfers of each."""
    moves, service = moves_of(ledger, attribution), services_of(ledger, attribution)
    labels = {n: attribution.service(a) for n, a in enumerate(ledger.addresses) if service[n]}
    deposits = {
        role.address
        for role in (deposit_reuse(ledger, attribution) if labels else ())
        if isinstance(role, Role) and role.role is RoleName.DEPOSIT
    }
    numbers = {n for n, address in enumerate(ledger.addresses) if address in deposits}

    def paid(test: Callable[[Label], bool]) -> list[int]:
        ends = {n for n, label in labels.items() if label is not None and test(label)}
        return _to(moves, ends, service)

    exchanges = {n for n, label in labels.items() if label and label.category is Category.EXCHANGE}
    stages: _Stages = {
        "swap_to_native": [*shown(ledger, moves, _swapped(ledger, moves))],
        "equal_splits": _found(structuring(ledger, attribution), form="one amount"),
        "dormancy": _found(dormancy(ledger, attribution)),
        "bridge_to_bitcoin": [*shown(ledger, moves, paid(_to_bitcoin))],
        "mixer": [*shown(ledger, moves, paid(lambda label: label.category is Category.MIXER))],
        "tron_usdt": [*shown(ledger, moves, _tron_usdt(ledger, moves))],
        "deposits": [*shown(ledger, moves, _to(moves, exchanges | numbers, service))],
    }
    seen = [name for name, because in stages.items() if because]
    if len(seen) >= LEAST_STAGES:
        yield _pattern(stages, seen)


def _pattern(stages: _Stages, seen: list[str]) -> Pattern:
    figures = tuple((name, "on record" if stages[name] else "not on record") for name in stages)
    because = tuple(dict.fromkeys(one for name in seen for one in stages[name][:SHOWN]))
    detail = f"{len(seen)} of {len(stages)} stages: {', '.join(seen)}; no attribution"
    return Pattern("typology", (), by(CARD), because, Class.P, (("stages", str(len(seen))), *figures), detail)


def _to(moves: Moves, ends: set[int], service: bytearray) -> list[int]:
    """Return the payments of addresses that are no services to some others."""
    if not ends:
        return []
    return [n for n in range(len(moves)) if moves.target[n] in ends and not service[moves.source[n]]]


def _found(findings: tuple[Finding, ...], form: str = "") -> list[str]:
    patterns = [one for one in findings if isinstance(one, Pattern)]
    return [name for one in patterns if one.figure("form") == form for name in one.because]


def _to_bitcoin(label: Label) -> bool:
    return label.category is Category.BRIDGE and any(name in label.text.lower() for name in TO_BITCOIN)


def _swapped(ledger: Ledger, moves: Moves) -> list[int]:
    """Return what freezable tokens an address gave in a transaction that gave it the chain's coin."""
    tokens = {n for n, asset in enumerate(ledger.assets) if (asset.chain_id, asset.contract) in FREEZABLE}
    if not tokens:
        return []
    coins = {n for n, asset in enumerate(ledger.assets) if asset.reference.startswith("slip44:")}
    given: dict[tuple[str, str, int], int] = {}
    for move in range(len(moves)):
        if moves.asset[move] in tokens:
            place = moves.place[move]
            given.setdefault((ledger.chain[place], ledger.tx[place], moves.source[move]), move)
    found = []
    for move in range(len(moves)):
        if moves.asset[move] in coins:
            place = moves.place[move]
            gave = given.get((ledger.chain[place], ledger.tx[place], moves.target[move]))
            if gave is not None:
                found.append(gave)
    return found


def _tron_usdt(ledger: Ledger, moves: Moves) -> list[int]:
    usdt = {
        n
        for n, asset in enumerate(ledger.assets)
        if asset.chain_id.startswith("tron:")
        and KNOWN.get((asset.chain_id, asset.contract), ("",))[0] == "USDT"
    }
    return [n for n in range(len(moves)) if moves.asset[n] in usdt] if usdt else []
