"""Exports on disk: the same bytes everywhere, whole, and never over somebody else's file."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from flowtrace.errors import InputError, IntegrityError
from flowtrace.report.cells import utc
from flowtrace.report.formats import FORMATS, exported, write_formats
from report.broken import with_stop
from report.toy_result import toy_result

_HASHES = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from flowtrace.report.cells import utc
from flowtrace.report.formats import FORMATS, exported
from report.toy_result import toy_result
for name, body in sorted(exported(toy_result(), FORMATS).items()):
    print(hashlib.sha256(body).hexdigest(), name)
"""


def silent(_: str) -> None:
    """Hear nothing."""


def test_every_byte_is_the_same_in_another_zone_and_with_another_hash_seed() -> None:
    """Two runs, two time zones, two orders of sets: one outcome."""
    told = []
    for zone, seed in (("UTC", "1"), ("Pacific/Kiritimati", "2")):
        command = [sys.executable, "-c", _HASHES, str(Path(__file__).parents[2])]
        env = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed}
        told.append(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    assert told[0] == told[1]
    here = exported(toy_result(), FORMATS)
    assert told[0].split() == [
        word for name, body in sorted(here.items()) for word in (hashlib.sha256(body).hexdigest(), name)
    ]


def test_files_are_written_with_their_hashes(tmp_path: Path) -> None:
    """Each format has its own folder; ``export.json`` names every file, also those of an export before."""
    first = write_formats(toy_result(), ["graphml"], tmp_path, say=silent)
    second = write_formats(toy_result(), ["i2", "graphml"], tmp_path, say=silent)
    assert first == [tmp_path / "graphml/flow.graphml"]
    stated = json.loads((tmp_path / "export.json").read_bytes())
    assert stated["digest"] == toy_result().digest
    assert {tmp_path / name for name in stated["files"]} == set(second)
    for name, text in stated["files"].items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == text
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".partial")]


def test_its_own_file_is_written_again_when_the_case_changed(tmp_path: Path) -> None:
    """What flowtrace wrote and nobody touched may be written anew."""
    write_formats(toy_result(), ["cytoscape"], tmp_path, say=silent)
    changed = replace(toy_result(), digest="a" * 64)
    (path,) = write_formats(changed, ["cytoscape"], tmp_path, say=silent)
    assert json.loads(path.read_bytes())["data"]["digest"] == "a" * 64


def test_somebody_elses_file_is_never_written_over(tmp_path: Path) -> None:
    """It is named, and nothing at all is written."""
    (tmp_path / "i2").mkdir()
    mine = tmp_path / "i2" / "i2-guide.txt"
    mine.write_text("my own notes")
    with pytest.raises(InputError, match=r"i2-guide\.txt is there and flowtrace did not write it so"):
        write_formats(toy_result(), ["i2", "graphml"], tmp_path, say=silent)
    assert mine.read_text() == "my own notes"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_another_case_needs_another_folder(tmp_path: Path) -> None:
    """Two cases never mix, and none is written over the other."""
    write_formats(toy_result(), ["i2"], tmp_path, say=silent)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    other = replace(toy_result(), incident=replace(toy_result().incident, id="other"))
    with pytest.raises(InputError, match="holds the export of case 'toytown-2022'"):
        write_formats(other, ["graphml"], tmp_path, say=silent)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A link could lead the file anywhere."""
    (tmp_path / "graphml").mkdir()
    (tmp_path / "graphml" / "flow.graphml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="no plain file"):
        write_formats(toy_result(), ["graphml"], tmp_path, say=silent)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("as_of", ["", "no day"])
def test_a_record_without_a_day_takes_that_of_its_last_transfer(as_of: str) -> None:
    """No clock is asked, and every format can be written."""
    undated = replace(toy_result(), as_of=as_of)
    last = utc(max(transfer.time for transfer in undated.transfers))[:10]
    files = exported(undated, FORMATS)
    assert json.loads(files["misp/misp-event.json"])["Event"]["date"] == last


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_money_that_does_not_add_up_is_not_exported(name: str) -> None:
    """The gate of the report holds for every format."""
    broken = with_stop(
        toy_result(), 0, lambda stop: replace(stop, taint={r: u + 1 for r, u in stop.taint.items()})
    )
    with pytest.raises(IntegrityError, match="does not add up"):
        exported(broken, [name])


def test_an_unknown_format_is_named() -> None:
    """With those there are."""
    with pytest.raises(InputError, match=r"unknown format 'xls': give some of json, csv, xlsx"):
        exported(toy_result(), ["xls"])
