"""XML from strangers, read as it comes: no document type, no entities, nothing deep, nothing endless.

Names are those behind the namespace: OFAC changed its namespace in 2024, and the same file means the
same.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import IO, NoReturn, Protocol
from xml.parsers import expat

from flowtrace.errors import InputError
from flowtrace.labels.untrusted import one_line

_CHUNK = 1 << 18
_DEEPEST = 64
_LONGEST_TEXT = 1 << 16
MOST = 1 << 30  # bytes of one list, unpacked
_RATIO = 200  # of unpacked to packed bytes: official files stay below 30
_NAMESPACE = "\n"
# What zipfile raises of archives that are damaged, locked, or packed in a way that it does not know.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError,
)  # fmt: skip

Body = IO[bytes]


class Heard(Protocol):
    """What is told of a document."""

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends; ``text`` is its own, without that of elements within."""


class Flowing(Heard, Protocol):
    """What is told of a document whose texts are cut into runs: also each piece of text, as it comes."""

    def flow(self, text: str) -> None:
        """Some text, in the order of the document."""


class _Reader:
    def __init__(self, name: str, heard: Heard | Flowing) -> None:
        self._name = name
        self._heard = heard
        self._flow: Callable[[str], None] = getattr(heard, "flow", _nothing)
        self._texts: list[list[str]] = []
        self._length = 0
        parser = self.parser = expat.ParserCreate(namespace_separator=_NAMESPACE)
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = lambda *_: None
        parser.ExternalEntityRefHandler = self._doctype

    def refuse(self, why: str) -> NoReturn:
        raise InputError(f"{self._name}: {why}, as no official list has: it is not read")

    def _doctype(self, *_: object) -> NoReturn:
        self.refuse("declares a document type or entities")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._texts) >= _DEEPEST:
            self.refuse(f"is nested deeper than {_DEEPEST}")
        self._texts.append([])
        self._length = 0
        self._heard.begin(_local(name), attributes)

    def _text(self, text: str) -> None:
        self._length += len(text)
        if self._length > _LONGEST_TEXT:
            self.refuse(f"holds a text longer than {_LONGEST_TEXT}")
        self._texts[-1].append(text)
        self._flow(text)

    def _end(self, name: str) -> None:
        text = "".join(self._texts.pop())
        self._length = 0
        self._heard.end(_local(name), text)


def _nothing(_text: str) -> None:
    """Most documents are heard element by element."""


def _local(name: str) -> str:
    return name.rpartition(_NAMESPACE)[2]


def parse(body: Body, name: str, heard: Heard | Flowing) -> None:
    """Tell a document to who hears it, element by element.

    Raises
    ------
    InputError
        If it is no whole XML document, or has what no list needs.
    """
    reader = _Reader(name, heard)
    try:
        for chunk in chunks(body, name):
            reader.parser.Parse(chunk, False)  # noqa: FBT003  expat's own way to say "there is more"
        reader.parser.Parse(b"", True)  # noqa: FBT003  the same
    except expat.ExpatError as fault:
        raise InputError(f"{name}: is no whole XML document ({fault}): get it again") from None
    except (LookupError, ValueError) as fault:
        if "encoding" not in str(fault):  # expat's own words; anything else is ours
            raise
        raise InputError(f"{name}: is in letters that are not known ({one_line(str(fault))})") from None


def chunks(body: Body, name: str) -> Iterator[bytes]:
    """Yield a body in parts.

    Raises
    ------
    InputError
        If it is larger than any list is.
    """
    total = 0
    while chunk := _more(body, name):
        total += len(chunk)
        if total > MOST:
            raise InputError(f"{name}: is larger than {MOST >> 20} MB unpacked: it is not read")
        yield chunk


def _more(body: Body, name: str) -> bytes:
    try:
        return body.read(_CHUNK)
    except _DAMAGED as fault:
        raise InputError(f"{name}: its archive is damaged ({one_line(str(fault))})") from None


def members(body: Body, name: str) -> Iterator[tuple[str, Callable[[], Body]]]:
    """Yield the files of an archive, each with what opens it.

    Raises
    ------
    InputError
        If it is no archive, or would unpack to more than any list is.
    """
    try:
        archive = zipfile.ZipFile(body)
        found = archive.infolist()
        packed, size = (sum(getattr(one, what) for one in found) for what in ("compress_size", "file_size"))
        if size > MOST or size > _RATIO * max(packed, 1 << 20):
            raise InputError(f"{name}: would unpack to {size >> 20} MB: it is not read")
        if len({one.filename for one in found}) < len(found):
            raise InputError(f"{name}: two of its parts have one name: it is not read")
        for one in found:
            yield one.filename, partial(_opened, archive, one, name)
    except _DAMAGED as fault:
        raise InputError(f"{name}: is no archive that can be read ({one_line(str(fault))})") from None


def _opened(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> Body:
    try:
        return archive.open(part)
    except _DAMAGED as fault:
        raise InputError(f"{name}: is no archive that can be read ({one_line(str(fault))})") from None
