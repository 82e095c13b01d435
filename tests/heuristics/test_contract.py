"""The plug-in contract: what a rule card must say, how packs come in, and the conformance suite itself."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from flowtrace.conformance import FORBIDDEN, check_heuristic
from flowtrace.heuristic import HeuristicError, heuristic, load
from flowtrace.ledger import Ledger
from flowtrace.measure import as_json
from flowtrace.model import Finding, Measure, RuleCard, SameOwner, SetAside
from flowtrace_heuristics import PACK
from strategies import ledgers
from towns import account, pattern, utxo
from towns.named import NamedCase
from towns.toy import CARD, SPLIT, forgetful, from_nothing, nosy, of_witnesses, reading, role, setting
from toytown import IDA, JON, NOBODY, PAID, REGISTER, who, world


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
from flowtrace.measure import as_json
from flowtrace.model import Measure, Class, RuleCard
@heuristic(RuleCard("{id}", 1, "c", Class.P, "s", (), ("f",), "x"))
def toy(ledger, attribution):
    return ()
PACK = (toy,)
"""


def test_the_shipped_pack_enters_by_its_entry_point() -> None:
    """Design 3: "the shipped pack enters by the same entry point as a stranger's", sorted by id."""
    assert [h.card.id for h in load()] == sorted(h.card.id for h in PACK)
    assert {"deposit_reuse/2", "service_stop/1"} <= {h.by for h in load()}


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


SHIPPED = {one.card.id: one for one in load()}
CASES = (*account.CASES, *pattern.CASES, *utxo.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.heuristic}: {case.name}")
def test_every_heuristic_finds_its_named_case_and_not_its_look_alike(case: NamedCase) -> None:
    """Issue 5: "a named case in the toy world it must find, an innocent look-alike it must not"."""
    subject = SHIPPED[case.heuristic]
    check_heuristic(subject, case.found, case.attribution)
    check_heuristic(subject, case.innocent, case.attribution)
    assert subject(case.found, case.attribution)
    assert not subject(case.innocent, case.attribution)


def test_every_heuristic_has_a_named_case() -> None:
    """No heuristic goes unproven."""
    assert {case.heuristic for case in CASES} == set(SHIPPED)


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
    with pytest.raises(HeuristicError, match="not a pure function"):
        check_heuristic(heuristic(CARD)(forgetful()), world(), NOBODY)


def test_the_suite_refuses_findings_out_of_nothing() -> None:
    """An empty ledger bears nothing out; such a finding is refused for its reason."""
    with pytest.raises(HeuristicError, match="reason is not on the ledger"):
        check_heuristic(heuristic(CARD)(from_nothing), world(), NOBODY)


def test_the_suite_refuses_what_hangs_on_how_a_ledger_was_built() -> None:
    """Only transfers and coverage count: who witnessed them and in what order they came change nothing."""
    held = world()
    witnessed = Ledger(held, held.coverage, {SPLIT: (1,)})

    with pytest.raises(HeuristicError, match="order in which transfers arrive"):
        check_heuristic(heuristic(CARD)(of_witnesses), witnessed, NOBODY)


@pytest.mark.parametrize(
    "used", ["import os.path", "from time import time", "import random", "import socket"]
)
def test_the_suite_refuses_code_that_reads_more_than_the_ledger(
    used: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: "a heuristic that reads files, clock, network or randomness is refused by the contract"."""
    name = f"stranger_{sha256(used.encode()).hexdigest()[:8]}"
    installed(tmp_path, name, TOY.format(id="aab") + f"\ndef later():\n    {used}\n")
    monkeypatch.syspath_prepend(tmp_path)
    subject = next(h for h in load() if h.card.id == "aab")
    with pytest.raises(HeuristicError, match=f"{name} imports .*: a heuristic reads the ledger only"):
        check_heuristic(subject, world(), NOBODY)


@pytest.mark.parametrize("code", ["open(__file__)", "__import__('time')", "eval('1')"])
def test_the_suite_refuses_code_that_reaches_out_by_a_builtin(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file can be opened, and a module found, without an import statement."""
    name = f"stranger_{sha256(code.encode()).hexdigest()[:8]}"
    installed(tmp_path, name, TOY.format(id="aac") + f"\ndef later():\n    {code}\n")
    monkeypatch.syspath_prepend(tmp_path)
    subject = next(h for h in load() if h.card.id == "aac")
    with pytest.raises(HeuristicError, match="a heuristic reads the ledger only"):
        check_heuristic(subject, world(), NOBODY)


def test_the_suite_hears_a_heuristic_that_opens_a_file(tmp_path: Path) -> None:
    """Whatever hides an import, opening a file is heard while the heuristic reads."""
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(HeuristicError, match="reached outside the ledger while it read: open"):
        check_heuristic(heuristic(CARD)(nosy(tmp_path / "notes.txt")), world(), NOBODY)


def test_the_suite_hears_a_heuristic_that_sets_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heavy module may set what its own libraries read while it is imported; a heuristic may not."""
    monkeypatch.setenv("TOYTOWN", "0")
    with pytest.raises(HeuristicError, match=r"reached outside the ledger while it read: os\.putenv"):
        check_heuristic(heuristic(CARD)(setting(os.environ)), world(), NOBODY)


def test_a_pack_states_what_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A measured rate enters by the pack's file, with its sample; a card alone claims none."""
    installed(tmp_path, "measuring", "")
    (tmp_path / "measuring.py").unlink()
    (tmp_path / "measuring").mkdir()
    (tmp_path / "measuring" / "__init__.py").write_text(TOY.format(id="aad") + "\n", encoding="utf-8")
    one = Measure("aad/1", "a sample", "https://data.example", "0" * 64, "2026-01-31", "pairs", 9, 1, 3)
    (tmp_path / "measuring" / "measured.json").write_text(as_json([one]), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    (held,) = next(h for h in load() if h.card.id == "aad").card.measured
    assert held.startswith("precision 9/10 = 90.00 % (95 % interval 59.58 to 98.21 %), recall 9/12 = 75.00 %")
    (tmp_path / "measuring" / "measured.json").write_text('[{"by": 3}]', encoding="utf-8")
    with pytest.raises(HeuristicError, match=r"pack measuring: measured\.json cannot be read"):
        load()


def test_the_floors_and_the_suite_forbid_the_same() -> None:
    """What import-linter refuses of the shipped pack, the conformance suite refuses of a stranger's."""
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text("utf-8"))
    contracts = {one["id"]: one for one in project["tool"]["importlinter"]["contracts"]}
    assert set(contracts["heuristic-pure"]["forbidden_modules"]) == FORBIDDEN
