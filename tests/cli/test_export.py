"""The verb export."""

from __future__ import annotations

import json
from pathlib import Path

from case.shared_deposit import shared_deposit
from commands import Command
from flowtrace.report.formats import FORMATS


def test_formats_are_listed_without_a_case(command: Command) -> None:
    """Each by its name, with what it is for; as data with --json."""
    code, out, _ = command("export", "anything", "--list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(FORMATS)
    assert json.loads(command("export", "anything", "--list", "--json")[1]).keys() == FORMATS.keys()


def test_a_case_is_exported_into_its_own_folder(command: Command, tmp_path: Path) -> None:
    """The files are named on stdout; all others stay as they were, but for a line in the custody log."""
    case = shared_deposit(tmp_path)
    folder = case.folder
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    del before[folder / "evidence.sqlite"]
    code, out, _ = command("export", folder, "graphml", "stix", "--quiet")
    assert code == 0
    written = [Path(line) for line in out.splitlines()]
    assert [path.relative_to(folder / "exports").as_posix() for path in written] == [
        "graphml/flow.graphml", "stix/stix-bundle.json", "stix/stix-exact-amounts.schema.json",
    ]  # fmt: skip
    assert {path: path.read_bytes() for path in before} == before
    with case.store(readonly=True) as store:
        assert [entry["what"] for entry in store.noted("exported")][-1] == "graphml, stix"


def test_another_folder_and_all_formats(command: Command, tmp_path: Path) -> None:
    """``all`` is every format; --into says where."""
    folder, into = shared_deposit(tmp_path).folder, tmp_path / "elsewhere"
    code, out, _ = command("export", folder, "all", "--into", into, "--json")
    assert code == 0
    assert {Path(name).relative_to(into).parts[0] for name in json.loads(out)} == set(FORMATS)
    assert not (folder / "exports").exists()


def test_a_wrong_or_missing_format_is_named_before_any_work(command: Command, tmp_path: Path) -> None:
    """With those there are; the case is not even opened."""
    for words in (("nope",), ("json", "nope"), ()):
        code, _, err = command("export", tmp_path / "no-case", *words)
        assert (code, "give some of json, csv" in err) == (2, True)
