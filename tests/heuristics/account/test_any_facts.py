"""Whatever facts are told, of whomever, however odd: every heuristic of the account room conforms."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.conformance import check_heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Fact, FactKind
from flowtrace_heuristics.account import PACK
from strategies import PEOPLE, histories
from towns.deeds import solana, tron
from toytown import ACME_HOT, NOBODY, REGISTER, ledger_of

ROLES = (
    *("owner", "spender", "safe", "sender", "bundler", "paymaster", "authority", "delegate", "sponsor"),
    *("creator", "contract", "payer", "receiver", "key", "account", "old", "new", "signer", "destination"),
    "proxy",
)
FIGURES = (
    "units",
    "threshold",
    "success",
    "chain",
    "code",
    "salt",
    "resource",
    "type",
    "permission",
    "token",
)
TEXTS = st.sampled_from(("", "0", "1", "owner", "account_owner", "-1", "x" * 60, "9" * 400, "0x" + 64 * "f"))
TOWNS = (
    (*PEOPLE[:3], ACME_HOT),
    tuple(tron(name) for name in ("ann", "ben", "cleo")),
    tuple(solana(name) for name in ("ann", "ben", "cleo")),
)


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """Draw facts of any kind, with any roles: some held by several, some by nobody."""
    return [_fact(draw, number, draw(st.sampled_from(TOWNS))) for number in range(draw(st.integers(0, 12)))]


def _fact(draw: st.DrawFn, number: int, people: tuple[Address, ...]) -> Fact:
    parties = draw(st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(people)), max_size=6))
    figures = draw(st.dictionaries(st.sampled_from(FIGURES), TEXTS, max_size=4))
    height, time = draw(st.integers(0, 200)), draw(st.integers(0, 1 << 40))
    kind = draw(st.sampled_from(FactKind))
    return Fact(
        people[0].chain_id, f"tx-{number}", height, 0, 0, time, kind, tuple(parties), tuple(figures.items())
    )


@settings(max_examples=60)
@given(facts(), histories(), st.lists(st.sampled_from(PEOPLE), unique=True))
def test_every_heuristic_conforms_on_any_facts(told: list[Fact], history: list, known: list[Address]) -> None:  # type: ignore[type-arg]
    """Pure, truthful, independent of order, and no error, whatever is recorded."""
    held = ledger_of(history, known)
    ledger = Ledger(held, held.coverage, facts=told)
    for subject in PACK:
        check_heuristic(subject, ledger, REGISTER)
        check_heuristic(subject, ledger, NOBODY)


@settings(max_examples=60)
@given(facts())
def test_reasons_are_few(told: list[Fact]) -> None:
    """A finding cites what shows it, fifty at most; and nobody is one owner with himself."""
    ledger = Ledger((), facts=told)
    for subject in PACK:
        for finding in subject(ledger, NOBODY):
            assert 0 < len(getattr(finding, "because", ("x",))) <= 50
            assert getattr(finding, "a", 0) != getattr(finding, "b", 1)
