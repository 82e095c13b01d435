"""Pack: one case, one file, the same bytes wherever and whenever; nothing enters that must not leave."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case.bundle.forging import members_of
from case.small import contents, finished
from commands import Command
from flowtrace import Case, verify
from flowtrace.case import bundle
from flowtrace.case.bundle.canonical import canonical
from flowtrace.errors import InputError

KEY = "ETHERSCAN_API_KEY"


def test_the_same_case_gives_the_same_bytes(small: Path) -> None:
    """Two runs in two time zones, locales and hash seeds, from two folders: not a byte differs."""
    first = shutil.copytree(small, small.parent / "elsewhere" / "small")
    runs = ((small, "UTC", "C", "1"), (first, "Asia/Kathmandu", "de_DE.UTF-8", "2"))
    for folder, zone, spoken, seed in runs:
        code, _, err = finished(
            "pack", str(folder), cwd=folder.parent, TZ=zone, LC_ALL=spoken, PYTHONHASHSEED=seed
        )
        assert code == 0, err
    again = bundle.pack(Case(small), small.parent / "again.zip")
    one, other = (folder.with_name("small.zip").read_bytes() for folder in (small, first))
    assert one == other == again.path.read_bytes()


def test_packing_leaves_a_case_that_verifies_and_logs_it_once(small: Path) -> None:
    """The custody log names the manifest, once for the same bytes; the seal still holds."""
    packed = [bundle.pack(Case(small), small.parent / name).manifest for name in ("a.zip", "b.zip")]
    with Case(small).store(readonly=True) as store:
        assert [entry["manifest"] for entry in store.noted("sealed")] == packed[:1]
    assert [check.item for check in verify(Case(small)) if not check.passed] == []


def test_every_member_is_in_the_manifest_with_its_hash(packed: Path) -> None:
    """The manifest lists all but itself; SHA256SUMS tells the same to tools that know no JSON."""
    members = members_of(packed)
    stated = json.loads(members["manifest.json"])
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    del hashes["manifest.json"]
    assert {name: one["sha256"] for name, one in stated["files"].items()} == hashes
    del hashes["SHA256SUMS"]
    lines = members["SHA256SUMS"].decode().splitlines()
    assert {line[66:]: line[:64] for line in lines} == hashes
    assert members["manifest.json"] == canonical(stated)
    assert next(iter(members)) == "README.txt"


def test_the_chain_can_be_followed_by_the_words_of_the_readme(packed: Path) -> None:
    """Head and every prev come out of the lines alone, as README.txt says."""
    members = members_of(packed)
    head = "0" * 64
    for line in members["evidence/custody.jsonl"].split(b"\n")[:-1]:
        entry = json.loads(line)
        assert entry["prev"] == head
        head = hashlib.sha256(entry["prev"].encode() + b"\n" + line).hexdigest()
    assert json.loads(members["manifest.json"])["custody"]["head"] == head


def test_only_what_the_case_is_made_of_is_packed(small: Path) -> None:
    """Other files of the folder stay at home, hidden ones too; a case's own labels go along."""
    for name in (".env", "notes.txt", "labels/.key", "labels/deep/more.yaml", "out-kept/old.pdf"):
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        (small / name).write_text("not for you", encoding="utf-8")
    (small / "labels" / "own.txt").write_text("", encoding="utf-8")
    names = set(members_of(bundle.pack(Case(small), small.parent / "x.zip").path))
    reported = {f"case/out/{name}" for name in contents(small / "out")}
    assert {name for name in names if name.startswith("case/")} == {
        *reported, "case/case.toml", "case/incident.toml", "case/labels/own.txt"
    }  # fmt: skip


def test_a_key_that_is_set_never_leaves(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key pasted into what a person wrote stops the packing, and no file is left."""
    monkeypatch.setenv(KEY, "Zq8x3v9LtTq1Zq8x")
    (small / "labels").mkdir()
    (small / "labels" / "own.txt").write_text("# see ?apikey=Zq8x3v9LtTq1Zq8x\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"case/labels/own.txt holds the value of the key {KEY}") as caught:
        bundle.pack(Case(small), small.parent / "x.zip")
    assert "Zq8x3v9" not in str(caught.value)
    assert not list(small.parent.glob("*x.zip*"))


@pytest.mark.parametrize("spoilt", ["case.toml", "out/hops.csv", "evidence.sqlite"])
def test_a_case_that_is_not_as_reported_is_not_packed(spoilt: str, small: Path, command: Command) -> None:
    """What would fail elsewhere is refused here, with the item and the next step."""
    file = small / spoilt
    file.write_bytes(file.read_bytes() + b"\n")
    code, _, err = command("pack", small, "--out", small.parent / "x.zip")
    assert code == 2
    assert spoilt in err
    assert "run flowtrace trace" in err
    assert not (small.parent / "x.zip").exists()


def test_a_case_that_was_never_reported_says_what_to_do(small: Path, command: Command) -> None:
    """Without outputs there is nothing to seal."""
    shutil.rmtree(small / "out")
    (small / "seal.json").unlink()
    code, _, err = command("pack", small)
    assert (code, "run flowtrace trace" in err) == (2, True)


def test_another_file_in_the_way_is_left_alone(small: Path, command: Command) -> None:
    """Only a bundle is written over."""
    other = small.parent / "thesis.zip"
    other.write_text("years of work", encoding="utf-8")
    code, _, err = command("pack", small, "--out", other)
    assert (code, other.read_text(encoding="utf-8")) == (2, "years of work")
    assert "is no bundle" in err


def test_a_killed_run_leaves_no_half_bundle(small: Path) -> None:
    """Killed while it writes, it leaves nothing under the final name; the case opens and packs again."""
    code = (
        "import sys, time; from pathlib import Path; from flowtrace import Case\n"
        "from flowtrace.case import bundle\n"
        "def say(text):\n"
        "    if 'custody' in text: print('now', flush=True); time.sleep(60)\n"
        "bundle.pack(Case(Path(sys.argv[1]), say), Path(sys.argv[2]))\n"
    )
    target = small.parent / "small.zip"
    words = [sys.executable, "-c", code, str(small), str(target)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        process.send_signal(signal.SIGKILL)
    assert not target.exists()
    bundle.pack(Case(small), target)
    assert zipfile.is_zipfile(target)
    assert [one.name for one in small.parent.iterdir() if "partial" in one.name] == []


def test_nothing_of_the_clock_is_in_a_bundle(packed: Path) -> None:
    """Times and rights of the members are fixed; none is compressed by the archive."""
    with zipfile.ZipFile(packed) as held:
        kinds = {(one.date_time, one.external_attr, one.compress_type) for one in held.infolist()}
    assert kinds == {((1980, 1, 1, 0, 0, 0), 0o100644 << 16, zipfile.ZIP_STORED)}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(PLAIN)
def test_canonical_json_reads_back_and_is_written_one_way(value: object) -> None:
    """RFC 8785: what is read back is what was written, and writing it again gives the same bytes."""
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data


def test_canonical_json_orders_names_by_utf_16() -> None:
    """The RFC's own example of an order that differs from that of code points; floats are refused."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names)))) == ordered
    with pytest.raises(TypeError):
        canonical({"amount": 0.1})
