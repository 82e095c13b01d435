"""The plug-in contract: what a rule card must say, how packs come in, and the conformance suite itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from flowtrace.heuristic import (
    Attribution,
    Heuristic,
    HeuristicError,
    Reading,
    check_heuristic,
    heuristic,
    load,
)
from flowtrace.ledger import Ledger
from flowtrace.model import Class, Finding, Role, RoleName, RuleCard, SameOwner, SetAside
from strategies import ledgers
from toytown import IDA, JON, NOBODY, PAID, REGISTER, who, world

CARD = RuleCard(
    id="toy",
    version=1,
    claim="Whoever splits is an intermediary.",
    cls=Class.P,
    citation="flowtrace tests",
    parameters=(),
    failures=("everything",),
    falsified_by="anything",
)
SPLIT = PAID["split-1"].id


def reading(*found: Finding) -> Reading:
    """Return a reading that finds the same on every ledger that holds anything."""

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        assert attribution.service(IDA) is None
        return found if len(ledger) else ()

    return read


def role(**other: Any) -> Role:  # noqa: ANN401  any field of a role
    """Return a role that toytown bears out, changed as asked."""
    return replace(Role(IDA, RoleName.INTERMEDIARY, "", "toy/1", (SPLIT,), Class.P), **other)


def installed(folder: Path, name: str, pack: str) -> None:
    """Lay out a stranger's distribution with an entry point, as an installer would leave it on disk."""
    (folder / f"{name}.py").write_text(f"from __future__ import annotations\n{pack}\n", encoding="utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    entry = f"[flowtrace.heuristics]\n{name} = {name}:PACK\n"
    (info / "entry_points.txt").write_text(entry, encoding="utf-8")


TOY = """
from flowtrace.heuristic import heuristic
from flowtrace.model import Class, RuleCard
@heuristic(RuleCard("{id}", 1, "c", Class.P, "s", (), ("f",), "x"))
def toy(ledger, attribution):
    return ()
PACK = (toy,)
"""


def test_the_shipped_pack_enters_by_its_entry_point() -> None:
    """Design 3: "the shipped pack enters by the same entry point as a stranger's", sorted by id."""
    assert [h.card.id for h in load()] == ["deposit_reuse", "dust_and_spoof", "service_stop"]
    assert load()[0].by == "deposit_reuse/1"


def test_a_strangers_pack_enters_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution with the entry point is all it takes."""
    installed(tmp_path, "stranger", TOY.format(id="aaa"))
    monkeypatch.syspath_prepend(tmp_path)
    assert next(h.card.id for h in load()) == "aaa"


def test_two_packs_with_one_id_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings cite a heuristic by its id, so there is one of each; the message says which and what to do."""
    installed(tmp_path, "impostor", TOY.format(id="deposit_reuse"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        HeuristicError, match="two packs bring a heuristic named deposit_reuse: uninstall one"
    ):
        load()


def test_a_pack_of_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack holds heuristics and nothing else."""
    installed(tmp_path, "nonsense", "PACK = (len,)")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(HeuristicError, match=r"pack nonsense holds .* which is no heuristic"):
        load()


@pytest.mark.parametrize("field", ["claim", "citation", "failures", "falsified_by"])
def test_a_card_without_what_a_court_asks_is_refused(field: str) -> None:
    """Algorithms 7: claim, source, failure modes and what would falsify it are "mandatory metadata"."""
    nothing: Any = () if field == "failures" else ""
    empty = replace(CARD, **{field: nothing})
    with pytest.raises(HeuristicError, match=f"toy: its rule card states no {field}"):
        heuristic(empty)


@pytest.mark.parametrize("card", [replace(CARD, id="Toy"), replace(CARD, id=""), replace(CARD, version=0)])
def test_a_card_without_a_name_is_refused(card: RuleCard) -> None:
    """Findings cite ``id/version``: lower case, and a version of 1 or more."""
    with pytest.raises(HeuristicError, match="the id is lower_case, the version 1 or more"):
        heuristic(card)


@pytest.mark.parametrize("subject", load(), ids=lambda h: h.card.id)
def test_every_heuristic_conforms_on_toytown(subject: Heuristic) -> None:
    """The public conformance suite, on a world where each heuristic finds something."""
    check_heuristic(subject, world(), REGISTER)
    assert subject(world(), REGISTER)


@settings(max_examples=30)
@given(ledger=ledgers())
def test_every_heuristic_conforms_on_any_ledger(ledger: Ledger) -> None:
    """Pure, truthful and deterministic, whatever is on the ledger and whether anybody is known or not."""
    for subject in load():
        check_heuristic(subject, ledger, REGISTER)
        check_heuristic(subject, ledger, NOBODY)


@pytest.mark.parametrize(
    "finding",
    [
        role(),
        SameOwner(IDA, JON, "toy/1", (SPLIT, PAID["split-2"].id)),
        SetAside(PAID["dust-1"].id, IDA, "toy/1", "dust"),
    ],
)
def test_the_suite_passes_a_true_finding(finding: Finding) -> None:
    """Each kind of finding that the ledger bears out is let through."""
    subject = heuristic(CARD)(reading(finding, finding))
    check_heuristic(subject, world(), NOBODY)
    assert subject(world(), NOBODY) == (finding,)


@pytest.mark.parametrize(
    ("finding", "why"),
    [
        (role(by="toy/2"), "signed 'toy/2'"),
        (role(because=("eip155:1:nowhere:value",)), "reason is not on the ledger"),
        (role(because=()), "none given"),
        (role(address=who("nobody at all")), "which the ledger does not hold"),
    ],
)
def test_the_suite_refuses_an_untrue_finding(finding: Finding, why: str) -> None:
    """Design 4: a finding names its rule card and transfers that show it; none may be made up."""
    with pytest.raises(HeuristicError, match=why):
        check_heuristic(heuristic(CARD)(reading(finding)), world(), NOBODY)


def test_the_suite_refuses_a_heuristic_with_a_memory() -> None:
    """Purity by contract (design 3): a second run must find the same."""
    runs: Iterator[int] = iter(range(9))

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        del ledger, attribution
        return () if next(runs) % 2 else (role(),)

    with pytest.raises(HeuristicError, match="not a pure function"):
        check_heuristic(heuristic(CARD)(read), world(), NOBODY)


def test_the_suite_refuses_findings_out_of_nothing() -> None:
    """An empty ledger bears nothing out; such a finding is refused for its reason."""

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        del ledger, attribution
        return (role(),)

    with pytest.raises(HeuristicError, match="reason is not on the ledger"):
        check_heuristic(heuristic(CARD)(read), world(), NOBODY)


def test_the_suite_refuses_what_hangs_on_how_a_ledger_was_built() -> None:
    """Only transfers and coverage count: who witnessed them and in what order they came change nothing."""
    held = world()
    witnessed = Ledger(held, held.coverage, {SPLIT: (1,)})

    def read(ledger: Ledger, attribution: Attribution) -> Iterable[Finding]:
        del attribution
        return (role(),) if ledger.witness else ()

    with pytest.raises(HeuristicError, match="order in which transfers arrive"):
        check_heuristic(heuristic(CARD)(read), witnessed, NOBODY)
