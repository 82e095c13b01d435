"""Verify a bundle: passes on what was packed, names whatever was changed, and unpacks no trap."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case.bundle.forging import members_of, resealed, written
from case.small import finished
from commands import Command
from flowtrace.case.bundle import verify_bundle
from flowtrace.case.checks import Check

FLIPS = 300


def silent(_: str) -> None:
    """Say nothing."""


def checks_of(data: bytes, folder: Path) -> list[Check]:
    """Return the checks of these bytes as a bundle."""
    file = folder / "x.zip"
    file.write_bytes(data)
    return list(verify_bundle(file, silent))


def failed(data: bytes, folder: Path) -> list[str]:
    """Return the items that fail; each says why."""
    found = [check for check in checks_of(data, folder) if check.failed]
    assert all(check.why for check in found)
    return [check.item for check in found]


def test_what_was_packed_passes_from_anywhere_and_read_only(packed: Path, tmp_path: Path) -> None:
    """Alone in a folder nobody may write to, from another one, offline: all passes, nothing is left."""
    held, work, room, home = (tmp_path / name for name in ("medium", "work", "tmp", "home"))
    for folder in (held, work, room, home):
        folder.mkdir()
    alone = Path(shutil.copy(packed, held / "case.zip"))
    alone.chmod(0o400)
    held.chmod(0o500)
    nowhere = {"HOME": str(home), "TMPDIR": str(room), "FLOWTRACE_PROXY": "http://127.0.0.1:9"}
    code, out, err = finished("verify", str(alone), "--json", cwd=work, **nowhere)
    held.chmod(0o700)
    rows = json.loads(out)
    assert (code, {row["state"] for row in rows}) == (0, {"PASS"}), err
    items = [row["item"] for row in rows]
    rebuilt = {f"{name.removeprefix('case/')} rebuilt" for name in members_of(packed) if "case/out/" in name}
    assert {*members_of(packed)} - {"manifest.json"} | rebuilt <= {*items}
    assert [*work.iterdir(), *room.iterdir()] == []
    assert [one.name for one in held.iterdir()] == ["case.zip"]


@given(data=st.data())
@settings(max_examples=FLIPS)
def test_any_flipped_bit_is_named(
    data: st.DataObject, packed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One bit anywhere in the file, of a member or between them: the member is named, or the archive."""
    raw = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as held:
        infos = held.infolist()
        directory = held.start_dir
    info = data.draw(st.sampled_from(infos))
    ends = [one.header_offset for one in infos[1:]] + [directory]
    end = ends[infos.index(info)]
    place = data.draw(st.integers(info.header_offset, end - 1) | st.integers(directory, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    names = failed(bytes(raw), tmp_path_factory.getbasetemp())
    assert names
    if place < directory:
        assert info.filename in names or "x.zip" in names
    body = info.header_offset + 30 + len(info.filename)
    if body <= place < directory:
        assert names == [info.filename]


def drawn(data: st.DataObject, packed: Path) -> tuple[dict[str, bytes], str]:
    """Return the members of the bundle, and one of them."""
    members = members_of(packed)
    return members, data.draw(st.sampled_from(sorted(members)))


@given(data=st.data())
@settings(max_examples=40)
def test_a_removed_member_is_named(
    data: st.DataObject, packed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whichever file is gone, it is named."""
    members, name = drawn(data, packed)
    del members[name]
    assert failed(written(members), tmp_path_factory.getbasetemp()) == [name]


@given(data=st.data(), new=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
@settings(max_examples=40)
def test_an_added_or_renamed_member_is_named(  # noqa: PLR0917  pytest passes them by name
    data: st.DataObject, new: str, packed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file slipped in is named; one with another name is, under both."""
    members, name = drawn(data, packed)
    place = f"case/out/{new}.added"
    folder = tmp_path_factory.getbasetemp()
    assert failed(written({**members, place: b"x"}), folder) == [place]
    members[place] = members.pop(name)
    expected = [name] if name == "manifest.json" else sorted([name, place])
    assert sorted(failed(written(members), folder)) == expected


@given(data=st.data())
@settings(max_examples=40)
def test_swapped_members_are_both_named(
    data: st.DataObject, packed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two files with each other's bytes: both are named."""
    members, one = drawn(data, packed)
    other = data.draw(st.sampled_from(sorted(members.keys() - {one})))
    members[one], members[other] = members[other], members[one]
    names = failed(written(members), tmp_path_factory.getbasetemp())
    assert set(names) == ({"manifest.json"} if "manifest.json" in (one, other) else {one, other})


def test_members_in_another_order_are_found_out(packed: Path, tmp_path: Path) -> None:
    """The same files in another order are not the archive that was packed."""
    members = members_of(packed)
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as file:
        for name in reversed(list(members)):
            info = zipfile.ZipInfo(name)
            info.external_attr, info.create_system = 0o100644 << 16, 3
            file.writestr(info, members[name])
    assert failed((tmp_path / "y.zip").read_bytes(), tmp_path)


def test_bytes_behind_and_before_the_archive_are_found_out(packed: Path, tmp_path: Path) -> None:
    """Nothing hides outside the members."""
    raw = packed.read_bytes()
    assert failed(raw + b"hidden", tmp_path)
    assert failed(b"hidden" + raw, tmp_path)


def test_a_forged_output_with_a_forged_manifest_is_what_the_evidence_does_not_give(
    packed: Path, tmp_path: Path
) -> None:
    """Whoever makes all hashes anew still meets the evidence."""
    members = members_of(packed)
    name = "case/out/hops.csv"
    members[name] = members[name].replace(b"40000000000000000000", b"30000000000000000000")
    assert "out/hops.csv rebuilt" in failed(written(resealed(members)), tmp_path)


def test_a_changed_word_in_the_custody_log_breaks_its_chain(packed: Path, tmp_path: Path) -> None:
    """An entry edited under a forged manifest is named by its number, or its end by the manifest."""
    members = members_of(packed)
    name = "evidence/custody.jsonl"
    lines = members[name].split(b"\n")
    lines[0] = lines[0].replace(b"acquired", b"imported")
    members[name] = b"\n".join(lines)
    found = [check for check in checks_of(written(resealed(members)), tmp_path) if check.failed]
    assert [(check.item, "entry 2" in check.why) for check in found] == [(name, True)]


def test_a_body_that_is_not_in_the_log_or_not_of_its_hash_is_named(packed: Path, tmp_path: Path) -> None:
    """Bodies stand under the hash of what they hold, and each is one that the log names."""
    members = members_of(packed)
    name = next(name for name in members if name.endswith(".zst"))
    other = f"evidence/bodies/{'0' * 64}.zst"
    assert failed(written(resealed({**members, other: members[name]})), tmp_path) == [other]
    members[name] = members[next(one for one in members if one.endswith(".zst") and one != name)]
    assert failed(written(resealed(members)), tmp_path) == [name]


def test_a_body_that_swells_is_refused_before_it_does(packed: Path, tmp_path: Path) -> None:
    """A few bytes that stand for a gigabyte are no recorded answer."""
    import zstandard  # noqa: PLC0415

    members = members_of(packed)
    name = next(name for name in members if name.endswith(".zst"))
    packer = zstandard.ZstdCompressor().compressobj(size=1 << 25)
    members[name] = b"".join(packer.compress(bytes(1 << 20)) for _ in range(32)) + packer.flush()
    assert failed(written(resealed(members)), tmp_path) == [name]


def test_a_newer_format_is_refused_in_one_line(packed: Path, command: Command, tmp_path: Path) -> None:
    """What this flowtrace cannot know it does not judge."""
    file = tmp_path / "new.zip"
    file.write_bytes(written(resealed(members_of(packed), format=2)))
    code, out, err = command("verify", file)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "is of format 2; this flowtrace reads up to 1: upgrade flowtrace" in err


def test_another_version_is_named_where_its_outputs_differ(packed: Path, tmp_path: Path) -> None:
    """A bundle made by another flowtrace says which one to install."""
    found = checks_of(written(resealed(members_of(packed), version="0.0.1")), tmp_path)
    whys = [check.why for check in found if check.failed]
    assert whys
    assert all("made by flowtrace 0.0.1" in why for why in whys)


TRAPS = {
    "../../evil.txt": "leads out of the folder",
    "case/../../evil.txt": "leads out of the folder",
    "/etc/evil": "is an absolute path",
    "C:/evil": "is an absolute path",
    "\\\\host\\share": "is an absolute path",
    "case\\..\\evil": "has a name that another system reads otherwise",
    "case/a:stream": "has a name that another system reads otherwise",
    "case//evil": "is no plain path",
    "case/evil. ": "is no plain path",
    "case": "is a file, and a folder of other members",
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_name_that_leads_elsewhere_is_refused(name: str, packed: Path, tmp_path: Path) -> None:
    """Nothing of an archive with such a name is unpacked; the name and the reason are told."""
    room = tmp_path / "room"
    room.mkdir()
    members = {**members_of(packed), name: b"evil"}
    found = checks_of(written(resealed(members)), room)
    assert [(check.item, TRAPS[name] in check.why) for check in found] == [(name, True)]
    assert [one.name for one in room.iterdir()] == ["x.zip"]
    assert not (tmp_path / "evil.txt").exists()


def test_names_that_differ_in_case_alone_are_refused(packed: Path, tmp_path: Path) -> None:
    """On some systems one of them would overwrite the other."""
    found = checks_of(written(resealed({**members_of(packed), "case/CASE.toml": b"evil"})), tmp_path)
    assert [(check.item, check.passed) for check in found] == [("case/case.toml", False)]
    assert "differs from case/CASE.toml in case or accents alone" in found[0].why


def with_one(packed: Path, info: zipfile.ZipInfo, body: bytes, *, folder: Path) -> bytes:
    """Return the bundle with one more member of any kind."""
    shutil.copy(packed, folder / "t.zip")
    with zipfile.ZipFile(folder / "t.zip", "a") as file:
        file.writestr(info, body)
    return (folder / "t.zip").read_bytes()


@pytest.mark.parametrize(
    ("mode", "why"),
    [(stat.S_IFLNK | 0o777, "is a link"), (stat.S_IFIFO | 0o644, "is not a plain file")],
)
def test_links_and_odd_files_are_refused(  # noqa: PLR0917  pytest passes them by name
    mode: int, why: str, packed: Path, tmp_path: Path
) -> None:
    """A link could lead anywhere."""
    info = zipfile.ZipInfo("case/link")
    info.create_system, info.external_attr = 3, mode << 16
    found = checks_of(with_one(packed, info, b"/etc/passwd", folder=tmp_path), tmp_path)
    assert [(check.item, why in check.why) for check in found] == [("case/link", True)]


def test_compressed_and_doubled_members_are_refused(packed: Path, tmp_path: Path) -> None:
    """No member may swell, and none may stand there twice."""
    info = zipfile.ZipInfo("case/bomb")
    info.create_system, info.external_attr = 3, 0o100644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    found = checks_of(with_one(packed, info, bytes(10**7), folder=tmp_path), tmp_path)
    assert (found[0].item, "is compressed" in found[0].why) == ("case/bomb", True)
    info = zipfile.ZipInfo("README.txt")
    info.create_system, info.external_attr = 3, 0o100644 << 16
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = with_one(packed, info, b"read me instead", folder=tmp_path)
    found = checks_of(raw, tmp_path)
    assert [(check.item, "is there twice" in check.why) for check in found] == [("README.txt", True)]


def test_members_over_each_other_are_refused(packed: Path, tmp_path: Path) -> None:
    """A directory whose members share bytes states more than the file has: the bomb without compression."""
    members = members_of(packed)
    big = "case/out/report.pdf"
    raw = bytearray(written(members))
    with zipfile.ZipFile(packed) as held:
        infos = {one.filename: one for one in held.infolist()}
    size = infos[big].file_size
    at = held.start_dir
    while at < len(raw) - 22:  # every entry claims the largest member's bytes
        for field in (20, 24):
            raw[at + field : at + field + 4] = size.to_bytes(4, "little")
        at += 46 + int.from_bytes(raw[at + 28 : at + 30], "little")
    found = checks_of(bytes(raw), tmp_path)
    assert any("a zip bomb" in check.why for check in found)


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7", bytes(1000)])
def test_what_is_no_zip_fails_as_itself(data: bytes, tmp_path: Path) -> None:
    """Another file is named, not a stack of Python."""
    assert failed(data, tmp_path) == ["x.zip"]


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_a_bundle_cut_off_fails_as_itself(keep: int, packed: Path, tmp_path: Path) -> None:
    """A copy that broke off is found out."""
    raw = packed.read_bytes()
    assert failed(raw[: len(raw) * keep // 4], tmp_path) == ["x.zip"]


def test_the_command_ends_with_code_5_and_names_the_first(
    packed: Path, command: Command, tmp_path: Path
) -> None:
    """One FAIL is enough; the line on stderr names it."""
    members = members_of(packed)
    members["case/case.toml"] += b"\n"
    (tmp_path / "x.zip").write_bytes(written(members))
    code, out, err = command("verify", tmp_path / "x.zip", "--quiet")
    assert (code, err.count("\n")) == (5, 1)
    assert out.startswith("FAIL  case/case.toml  its SHA-256 is ")
    assert "first: case/case.toml" in err
