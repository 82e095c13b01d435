"""XML as a tree of plain nodes, read so that a hostile file can do nothing but be refused.

No document type is accepted, so there are no entities to expand and nothing outside to load. Depth and number
of elements are limited. Namespaces are told apart from names: versions of a message differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from flowtrace.errors import InputError

_DEEPEST, _MOST = 48, 8_000_000
_SEPARATOR = "\n"  # stands in no name


@dataclass(slots=True)
class Node:
    """One element: its name without namespace, the line it begins in, what is in it."""

    name: str
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""
    namespace: str = ""

    def all(self, path: str) -> Iterator[Node]:
        """Yield the elements of a path, such as ``Acct/Id/IBAN``."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                yield from child.all(rest) if rest else (child,)

    def first(self, *paths: str) -> Node | None:
        """Return the first element that any of the paths, in turn, leads to."""
        return next((node for path in paths for node in self.all(path)), None)

    def said(self, *paths: str) -> str:
        """Return the text of the first element that any of the paths leads to; empty where none does."""
        return next((node.text for path in paths for node in self.all(path) if node.text), "")


def read_xml(body: bytes, name: str, passed: Container[str] = ()) -> Node:
    """Read XML into a tree.

    Parameters
    ----------
    passed
        Names of elements that are passed over with all that is in them, so that they take no memory.

    Raises
    ------
    InputError
        If it is not XML, has a document type, or is deeper or larger than any statement.
    """
    growing = _Growing(name, passed)
    parser = growing.parser
    try:
        parser.Parse(body, True)  # noqa: FBT003  expat takes no names
    except expat.ExpatError as error:
        raise InputError(f"{name} is not XML: {error}") from None
    except (LookupError, ValueError) as error:  # an encoding that there is not, or bytes that are none of it
        raise InputError(f"{name} is not XML in an encoding that can be read: {error}") from None
    if growing.root is None:
        raise InputError(f"{name} is not XML: it holds no element")
    return growing.root


class _Growing:
    """A tree while it is read."""

    def __init__(self, name: str, passed: Container[str]) -> None:
        self.name = name
        self.passed = passed
        self.passing = 0
        self.root: Node | None = None
        self.count = 0
        self.open: list[tuple[Node, list[str]]] = []
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _doctype(self, *_: object) -> None:
        raise InputError(
            f"{self.name} declares a document type, which may hold entities and no statement has: refused"
        )

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.count += 1
        if len(self.open) + self.passing >= _DEEPEST or self.count > _MOST:
            what = f"nests deeper than {_DEEPEST}" if self.count <= _MOST else f"has more than {_MOST}"
            raise InputError(f"{self.name} {what} elements: it is no statement")
        namespace, _, local = tag.rpartition(_SEPARATOR)
        if self.passing or local in self.passed:
            self.passing += 1
            return
        node = Node(local, self.parser.CurrentLineNumber, attributes, namespace=namespace)
        if self.open:
            self.open[-1][0].children.append(node)
        elif self.root is None:
            self.root = node
        self.open.append((node, []))

    def _text(self, text: str) -> None:
        if self.open and not self.passing:
            self.open[-1][1].append(text)

    def _end(self, _: str) -> None:
        if self.passing:
            self.passing -= 1
            return
        node, texts = self.open.pop()
        node.text = "".join(texts).strip()
