"""What goes into a bundle, where it stands in it, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from flowtrace.case.bundle.archive import Member
from flowtrace.case.work import LABEL_FILES

README, SUMS, MANIFEST, TOKEN = "README.txt", "SHA256SUMS", "manifest.json", "manifest.tsr"
CUSTODY, BODIES, CASE = "evidence/custody.jsonl", "evidence/bodies", "case"
UNLISTED = (MANIFEST, TOKEN)
"""What the manifest cannot list: itself, and the stamp over it."""
_WRITTEN = ("case.toml", "incident.toml", "bridges.toml")
_LABELS = (*LABEL_FILES, "*.txt", "lists.sqlite")
_LAST = {name: place for place, name in enumerate((SUMS, MANIFEST, TOKEN), start=1)}


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of members in the one order they are written in."""
    return sorted(names, key=lambda name: (_LAST.get(name, 0), name != README, name.encode()))


def body_name(digest: str) -> str:
    """Return where a body stands."""
    return f"{BODIES}/{digest}.zst"


def case_files(folder: Path) -> list[tuple[str, Path]]:
    """Return the files of a case that are packed, each with its place; nothing else is looked at.

    What a person wrote, the labels and lists that a trace uses, and what was reported.
    """
    written = [folder / name for name in _WRITTEN]
    labels = [path for pattern in _LABELS for path in folder.glob(f"labels/{pattern}")]
    reported = (folder / "out").rglob("*")
    found = {path for path in (*written, *labels, *reported) if path.is_file()}
    named = ((f"{CASE}/{path.relative_to(folder).as_posix()}", path) for path in found)
    return sorted(named, key=lambda one: one[0].encode())


def readme(title: str) -> Member:
    """Return what tells a stranger how to check a bundle."""
    return Member.of_bytes(README, _README.format(title=title, version=version("flowtrace")).encode())


def sums(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of SHA256SUMS for names and hashes."""
    return (f"{digest}  {name}\n" for name, digest in files)


_README = """\
A sealed flowtrace case: {title}

What is in here
  case/          what a person wrote (case.toml), the labels used, and what was reported (case/out)
  evidence/      every answer as it was received, and the custody log of what was done when
  manifest.json  the SHA-256 of every file; SHA256SUMS says the same in another form
  manifest.tsr   where present: the stamp of a time-stamping authority (RFC 3161) over manifest.json

Check it with flowtrace {version}, offline, wherever the bundle lies:
  flowtrace verify BUNDLE.zip
  flowtrace verify BUNDLE.zip --tsa-root ROOT.pem      (the stamp too, against a root you trust)
It hashes every file, follows the chain of the custody log, works the case again from the evidence alone
and compares every output byte for byte. It prints PASS or FAIL for each, and ends with code 5 on any FAIL.

Check it without flowtrace, in the folder it is unpacked into:
  sha256sum -c SHA256SUMS
  zstd -dc evidence/bodies/HASH.zst | sha256sum        gives HASH
  openssl ts -verify -data manifest.json -in manifest.tsr -CAfile ROOT.pem
Each line of evidence/custody.jsonl names in "prev" the hash of the line before: SHA-256 over that line's own
"prev", a line feed, and the line without its line feed. The first names 64 zeros; the hash of the last is
"head" in manifest.json.
"""
