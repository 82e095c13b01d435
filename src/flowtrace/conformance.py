"""The public conformance suite: what every heuristic of every pack has to keep, checked on a ledger.

Authors of a pack run it in their own tests, on ledgers where their heuristic finds something:

    check_heuristic(my_heuristic, my_ledger, my_labels)
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from flowtrace.heuristic import Attribution, Heuristic, HeuristicError
from flowtrace.ledger import Ledger

FORBIDDEN = frozenset(
    [
        "aiohttp",
        "asyncio",
        "ctypes",
        "datetime",
        "glob",
        "http",
        "io",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "requests",
        "secrets",
        "shutil",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
        "web3",
    ]
)
"""What a heuristic imports nothing of: files, clock, network, chance, other processes."""
_EVENTS = ("open", "os.", "socket.", "subprocess.", "shutil.", "sqlite3.", "urllib.", "http.")
_READING: ContextVar[list[str] | None] = ContextVar("reading", default=None)
_watched = False


def check_heuristic(subject: Heuristic, ledger: Ledger, attribution: Attribution) -> None:
    """Run the conformance suite on one ledger: pure, deterministic, independent of order, truthful.

    Raises
    ------
    HeuristicError
        If its code imports what reads files, clock, network or chance, or it opens any while it reads; if a
        second run differs; if the ledger built from the same transfers and facts in reverse gives other
        findings; if a finding names what the ledger does not hold, or an empty ledger gives any.
    """
    check_imports(subject)
    with _watching(subject):
        first = subject(ledger, attribution)
        again = subject(ledger, attribution)
    if again != first:
        msg = f"{subject.by} gives other findings when run again: it is not a pure function"
        raise HeuristicError(msg)
    backwards = Ledger(
        reversed(list(ledger)),
        reversed(ledger.coverage),
        prices=reversed(ledger.prices.values()),
        facts=reversed(ledger.facts),
    )
    if subject(backwards, attribution) != first:
        msg = f"{subject.by} depends on the order in which transfers arrive"
        raise HeuristicError(msg)
    if subject(Ledger(()), attribution):
        msg = f"{subject.by} finds something in an empty ledger"
        raise HeuristicError(msg)


def check_imports(subject: Heuristic) -> None:
    """Read the code of a heuristic and of its pack's modules that it imports, for what they import.

    Raises
    ------
    HeuristicError
        If any imports files, clock, network or chance, or imports by a name made up at run time.
    """
    module = inspect.getmodule(subject.read)
    if module is None or module.__name__ == "__main__":
        raise HeuristicError(f"{subject.by}: its code is in no module, so nobody can read what it imports")
    for name, imported in _code(module):
        for used in imported:
            if used.partition(".")[0] in FORBIDDEN or used == "importlib" or used.startswith("importlib."):
                raise HeuristicError(
                    f"{subject.by}: {name} imports {used}: a heuristic reads the ledger only"
                )


def _code(module: ModuleType) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the module, and each module of the same pack that it imports, with what its code imports."""
    pack = module.__name__.partition(".")[0]
    left, seen = [module.__name__], set[str]()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        spec = find_spec(name)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            continue
        imported = _imported(Path(spec.origin).read_bytes(), name)
        yield name, imported
        if name == pack and name != module.__name__:
            continue  # a pack's own list of what it holds
        left += [one for one in imported if one.partition(".")[0] == pack and _is_module(one)]


@lru_cache(maxsize=512)
def _imported(code: bytes, name: str) -> tuple[str, ...]:
    """Return what code imports; a pack's shared modules are read once, not with each of its heuristics."""
    return tuple(_imports(ast.parse(code), name))


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _imports(code: ast.Module, name: str) -> Iterator[str]:
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".")
            start = ".".join(parts[: len(parts) - node.level]) + "." if node.level else ""
            whole = (start + (node.module or "")).strip(".")
            yield whole
            yield from (f"{whole}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
            "__import__",
            "open",
            "exec",
            "eval",
        ):
            yield f"importlib.{getattr(node.func, 'id', '')}"


@contextmanager
def _watching(subject: Heuristic) -> Iterator[None]:
    """Refuse a heuristic that opens files, sockets or processes while it reads."""
    global _watched  # noqa: PLW0603  Python's audit hooks can be set once and never taken away
    if not _watched:
        sys.addaudithook(_heard)
        _watched = True
    heard: list[str] = []
    token = _READING.set(heard)
    try:
        yield
    finally:
        _READING.reset(token)
    if heard:
        raise HeuristicError(f"{subject.by} reached outside the ledger while it read: {heard[0]}")


def _heard(event: str, args: tuple[Any, ...]) -> None:
    heard = _READING.get()
    if heard is not None and event.startswith(_EVENTS) and not _loads_code(event, args):
        heard.append(f"{event} {args[0]!r}"[:200] if args else event)


def _loads_code(event: str, args: tuple[Any, ...]) -> bool:
    """Tell whether this is Python importing a module within the reading, which a function may do.

    A heavy module's own code may set what its libraries read when they start, as numpy does.
    """
    if event in ("os.putenv", "os.unsetenv"):
        return _importing()
    name = str(args[0]) if args else ""
    code = name.endswith((".py", ".pyc", ".so", ".pyd")) or "__pycache__" in name
    return event in ("open", "os.listdir", "os.scandir") and (code or event != "open")


def _importing() -> bool:
    frame = inspect.currentframe()
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None
