"""One zip with one way to be written: fixed order, times, rights, and no compression of its own.

Members are stored as they are, so no library's way of compressing decides a byte, and no member can swell.
Whoever writes the same members again gets the same archive, which is how a reader finds any changed byte.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from flowtrace.errors import IntegrityError

CHUNK = 1 << 20
_TIME = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644
_UNIX = 3
_BROKEN = (
    zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, struct.error,
    OverflowError, IndexError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name, its size, and what gives its bytes piece by piece."""

    name: str
    size: int
    pieces: Callable[[], Iterable[bytes]]

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> Member:
        """Return a member that is held in memory."""
        return cls(name, len(data), lambda: (data,))

    @classmethod
    def of_file(cls, name: str, path: Path) -> Member:
        """Return a member that is read from a file."""
        return cls(name, path.stat().st_size, lambda: pieces_of(path))


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


class Archive:
    """A zip that is being written, one member after the other; use it as a context manager."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, member: Member) -> None:
        """Write one member.

        Raises
        ------
        IntegrityError
            If it has not the size it states: it was changed meanwhile.
        """
        info = zipfile.ZipInfo(member.name, _TIME)
        info.create_system = _UNIX
        info.external_attr = _PLAIN_FILE << 16
        info.file_size = member.size
        written = 0
        with self._zip.open(info, "w") as out:
            for piece in member.pieces():
                written += len(piece)
                out.write(piece)
        if written != member.size:
            raise IntegrityError(f"{member.name} was changed while it was packed: pack again")


class Opened:
    """A stranger's zip, looked at before anything of it is written anywhere.

    Parameters
    ----------
    file
        The archive; it is only read.

    Raises
    ------
    IntegrityError
        If it is no zip that can be read.
    """

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._size = size
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise IntegrityError(f"cannot be read as a zip ({error}): it is cut off or was changed") from None
        self.infos: Sequence[zipfile.ZipInfo] = self._zip.infolist()
        # A bundle cut off behind a document that is itself a zip would else be read as that document.
        if min((info.header_offset for info in self.infos), default=0):
            raise IntegrityError("does not begin with its first member: it is cut off or was changed")

    @property
    def names(self) -> list[str]:
        """The names of its members, in their order."""
        return [info.filename for info in self.infos]

    def refused(self) -> Iterator[tuple[str, str]]:
        """Yield the members that must not be unpacked, each with why."""
        seen: dict[str, str] = {}
        folders = {parent for info in self.infos for parent in _folders(info.orig_filename)}
        for info in self.infos:
            name, folded = info.orig_filename, _folded(info.orig_filename)
            twin = seen.setdefault(folded, name)
            if why := _unsafe(name) or _unlike(info):
                yield name, why
            elif twin is not name:
                also = "is there twice" if twin == name else f"differs from {twin} in case or accents alone"
                yield name, f"{also}: one would overwrite the other"
            elif folded in folders:
                yield name, "is a file, and a folder of other members"
        if sum(info.file_size for info in self.infos) > self._size:
            yield self.infos[0].orig_filename, "and others state more bytes than the archive has: a zip bomb"

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes.

        Raises
        ------
        IntegrityError
            If they cannot be read, or have not the checksum that the archive states.
        """
        try:
            with self._zip.open(name) as member:
                while piece := member.read(CHUNK):
                    yield piece
        except (*_BROKEN, KeyError) as error:
            raise IntegrityError(f"cannot be read: {error}") from None

    def read(self, name: str, most: int) -> bytes:
        """Return a member of at most so many bytes.

        Raises
        ------
        IntegrityError
            If it is absent, larger, or cannot be read.
        """
        found = next((info for info in self.infos if info.filename == name), None)
        if found is None:
            raise IntegrityError("is missing")
        if found.file_size > most:
            raise IntegrityError(f"has {found.file_size} bytes, more than any that pack writes")
        return b"".join(self.pieces(name))

    def place(self, offset: int) -> str:
        """Return in which member a byte of the archive lies, or that it lies in none."""
        starts = [info for info in self.infos if info.header_offset <= offset]
        directory = getattr(self._zip, "start_dir", self._size)
        return starts[-1].filename if starts and offset < directory else "the archive's directory"


def _folders(name: str) -> Iterator[str]:
    """Yield the folders a name lies in."""
    parts = _folded(name).split("/")
    return ("/".join(parts[:n]) for n in range(1, len(parts)))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _unsafe(name: str) -> str:
    """Say why a name would lead elsewhere, or mean another file on another system; empty where it is safe."""
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "is an absolute path"
    if "\\" in name or ":" in name or not name.isprintable():
        return "has a name that another system reads otherwise"
    if ".." in name.split("/"):
        return "leads out of the folder it is unpacked into"
    odd = any(part in {"", "."} or part != part.strip(" ") or part.endswith(".") for part in name.split("/"))
    return "is no plain path of a file" if odd else ""


def _unlike(info: zipfile.ZipInfo) -> str:
    """Say why a member is not a plain, stored file; empty where it is."""
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "is a link"
    if mode != _PLAIN_FILE:
        return "is not a plain file"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        return "is compressed: pack stores files as they are, so that none can swell"
    return ""
