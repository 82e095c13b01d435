"""Verify: passes on what was reported, and names the item after any one byte is changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case.small import contents, write_table
from commands import Command
from flowtrace import Case, verify
from flowtrace.case import Check
from flowtrace.case.checks import _manifest, _sealed

FLIPS = 400
SEALED = ("evidence.sqlite", "ledger.duckdb", "case.toml")


@pytest.fixture(scope="module")
def copy(reported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the reported case, to be spoiled and mended."""
    folder = tmp_path_factory.mktemp("copy") / "ronin-2022"
    shutil.copytree(reported, folder)
    return folder


def cheap(case: Path) -> list[Check]:
    """Return the checks that only compare hashes and do not work the case again."""
    return [*_sealed(case), *_manifest(case / "out")]


def failed(checks: list[Check]) -> list[str]:
    """Return the items that failed."""
    assert all(check.why for check in checks if not check.passed)
    return [check.item for check in checks if not check.passed]


def test_what_was_reported_passes(reported: Path) -> None:
    """Every sealed file, every answer, every output, and every output worked again: all pass."""
    checks = list(verify(Case(reported)))
    assert failed(checks) == []
    items = [check.item for check in checks]
    for name in contents(reported / "out"):
        assert f"out/{name} rebuilt" in items
    assert {*SEALED, "out/manifest.json", "ledger rebuilt from the evidence"} <= set(items)


@given(data=st.data())
@settings(max_examples=FLIPS)
def test_any_one_changed_bit_is_named(data: st.DataObject, copy: Path) -> None:
    """One bit of evidence, ledger, settings, table, figure, document or manifest: the file is named."""
    names = [*SEALED, *(f"out/{name}" for name in contents(copy / "out"))]
    file = copy / data.draw(st.sampled_from(names))
    raw = file.read_bytes()
    offset, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    try:
        file.write_bytes(raw[:offset] + bytes([raw[offset] ^ 1 << bit]) + raw[offset + 1 :])
        assert file.relative_to(copy).as_posix() in failed(cheap(copy))
    finally:
        file.write_bytes(raw)


def test_the_copy_was_mended(copy: Path) -> None:
    """After all that, the copy still passes: the flips above failed for their own sake."""
    assert failed(cheap(copy)) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", "{}", '{"evidence.sqlite": 5}', "\x00"])
def test_a_changed_seal_is_named(text: str, copy: Path) -> None:
    """A seal that is cut, emptied or made up passes nothing."""
    seal = copy / "seal.json"
    raw = seal.read_bytes()
    seal.write_text(text, encoding="utf-8")
    assert failed(cheap(copy))[0] in (*SEALED, "seal.json")
    seal.unlink()
    assert failed(cheap(copy)) == ["seal.json"]
    seal.write_bytes(raw)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_reported: Path) -> Path:
    """Return a copy of the small case, reported, in the working folder."""
    shutil.copytree(small_reported, tmp_path / "small")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "small"


WHOLE = {
    "evidence.sqlite": "evidence.sqlite",
    "ledger.duckdb": "ledger.duckdb",
    "out/hops.csv": "out/hops.csv",
    "out/flow.png": "out/flow.png",
    "out/report.pdf": "out/report.pdf",
    "out/summary.json": "out/summary.json",
    "out/manifest.json": "out/manifest.json",
}


@pytest.mark.parametrize("name", WHOLE)
def test_the_command_fails_with_code_5_and_names_it(name: str, small: Path, command: Command) -> None:
    """The whole of `flowtrace verify` after one changed byte: exit code 5, the item first, one line."""
    file = small / name
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 3] ^= 1
    file.write_bytes(raw)
    code, out, err = command("verify", "small")
    assert code == 5
    assert f"FAIL  {WHOLE[name]}  " in out
    assert err.count("\n") == 1
    assert f"first: {WHOLE[name]} " in err


@pytest.mark.parametrize("name", ["extra.txt", "requests/extra/letter.pdf", ".hidden"])
def test_a_file_slipped_into_out_is_named(name: str, small: Path, command: Command) -> None:
    """A file that the manifest does not know is named, wherever in out/ it lies."""
    (small / "out" / name).parent.mkdir(parents=True, exist_ok=True)
    (small / "out" / name).write_text("slipped in", encoding="utf-8")
    code, out, _ = command("verify", "small", "--quiet")
    assert (code, out.split("  ")[:2]) == (5, ["FAIL", f"out/{name}"])


@pytest.mark.parametrize("name", ["hops.csv", "flow.svg", "manifest.json"])
def test_a_missing_output_is_named(name: str, small: Path, command: Command) -> None:
    """An output that is gone is named."""
    (small / "out" / name).unlink()
    code, out, _ = command("verify", "small", "--quiet")
    assert code == 5
    assert out.startswith(f"FAIL  out/{name}  ")


@pytest.mark.parametrize("name", ["evidence.sqlite", "ledger.duckdb"])
def test_missing_evidence_and_a_missing_ledger_are_named(name: str, small: Path, command: Command) -> None:
    """Without its evidence a case is nothing; without its ledger it is not as it was reported."""
    (small / name).unlink()
    code, out, _ = command("verify", "small", "--quiet")
    assert code == 5
    assert out.startswith(f"FAIL  {name}  ")
    assert not (small / name).exists()


def test_forged_outputs_with_a_forged_manifest_and_seal_are_named(small: Path, command: Command) -> None:
    """Whoever changes a table, its manifest and the seal still cannot make the evidence give it."""
    from flowtrace.case.seal import _sha256, write_seal  # noqa: PLC0415  the forger knows how

    hops, manifest = small / "out" / "hops.csv", small / "out" / "manifest.json"
    hops.write_bytes(hops.read_bytes().replace(b"40000000000000000000", b"30000000000000000000"))
    stated = json.loads(manifest.read_bytes())
    stated["files"]["hops.csv"] = {"sha256": _sha256(hops), "size": hops.stat().st_size}
    manifest.write_text(
        json.dumps(stated, sort_keys=True, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    write_seal(small)
    code, out, _ = command("verify", "small", "--quiet")
    assert code == 5
    assert "FAIL  out/hops.csv rebuilt  is not what the evidence gives" in out
    assert out.count("FAIL") == 3  # the table, the manifest that vouches for it, and the custody log


def test_a_forged_ledger_does_not_reach_a_verified_report(small: Path, command: Command) -> None:
    """Work done on a ledger that someone changed is found out: the evidence gives another."""
    import duckdb  # noqa: PLC0415

    from flowtrace.case.seal import write_seal  # noqa: PLC0415

    with duckdb.connect(str(small / "ledger.duckdb")) as db:
        db.execute("UPDATE leg SET units = units - 1")
    write_seal(small)
    code, out, _ = command("verify", "small", "--quiet")
    assert code == 5
    assert "ledger.duckdb" in out
    code, _, err = command("trace", "small")
    assert code == 5
    assert "ledger.duckdb: its rows do not give its digest; it was changed. Delete it, it is derived" in err


def test_a_changed_incident_is_found_out(small: Path, command: Command) -> None:
    """What a person wrote is part of the result: a changed incident gives other outputs, named."""
    incident = small / "incident.toml"
    changed = incident.read_text(encoding="utf-8").replace("A small theft", "A big theft")
    incident.write_text(changed, encoding="utf-8")
    code, out, _ = command("verify", "small", "--quiet")
    assert code == 5
    assert "FAIL  out/summary.json rebuilt" in out


def test_verify_changes_nothing(small: Path, command: Command) -> None:
    """Looking leaves every byte where it was, and the second look passes like the first."""
    before = contents(small)
    assert command("verify", "small")[0] == 0
    assert contents(small) == before


def test_verify_never_lays_out_a_case(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundled case that is not there is bad input for verify, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    code, _, err = command("verify", "ronin-2022")
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert "is no case" in err


def test_verify_speaks_json(small: Path, command: Command) -> None:
    """With --json every check is a row with item, passed and why; the exit code is the same."""
    code, out, _ = command("verify", "small", "--json")
    assert code == 0
    assert all(row["passed"] and not row["why"] for row in json.loads(out))
    (small / "out" / "extra").write_text("x", encoding="utf-8")
    code, out, err = command("verify", "small", "--json")
    assert (code, err.count("\n")) == (5, 1)
    assert [row["item"] for row in json.loads(out) if not row["passed"]] == ["out/extra"]


def test_a_table_of_a_case_is_kept_as_it_came(small: Path) -> None:
    """The bytes of an imported table are the evidence, not what was made of them."""
    table = write_table(small.parent / "again")
    with Case(small).store(readonly=True) as store:
        assert store.body(store.items()[0]) == table.read_bytes()
