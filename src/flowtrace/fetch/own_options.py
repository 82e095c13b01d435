"""What a user may say of a server of one's own, beside its address: ``NAME=VALUE`` apart by spaces.

``range`` is the most blocks that one question to a node may span; ``scan`` up to how many blocks a chain is
read block by block, where a node has no better way to list coin moves; ``blocks`` the same for a Core node
without filters; ``rpc`` the path of an explorer's own JSON-RPC endpoint, ``-`` where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowtrace.errors import InputError

SUFFIX = "_OPTIONS"
"""What follows the name of a server's address in the name of the variable with its options."""
_ALL = ("pace", "concurrent", "depth")
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "rpc": ("range", "scan"),
    "bitcoind": ("blocks",),
    "explorer": ("page", "window", "rpc"),
    "tron": ("page",),
    "solana": ("page",),
}
_NUMBER, _PATH = re.compile(r"[0-9]{1,9}"), re.compile(r"/\S*|-")
_PACE = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")
_MOST_AT_ONCE = 32
_OF_DIALECT = ("range", "scan", "blocks", "rpc")


@dataclass(frozen=True, slots=True)
class OwnOptions:
    """What was said; a number that was not is None.

    Attributes
    ----------
    pace
        At most so many requests in so many seconds.
    dialect
        What only the server's dialect knows, as text.
    """

    pace: tuple[int, int] | None
    concurrent: int | None
    depth: int | None
    page: int | None
    window: int | None
    dialect: Mapping[str, str]


def read_options(name: str, kind: str, text: str) -> OwnOptions:
    """Read the options of a server of some kind; ``name`` says in errors where they stand.

    Examples
    --------
    >>> read_options("FLOWTRACE_RPC_1_OPTIONS", "rpc", "range=5000 pace=5/1").dialect
    {'range': '5000'}

    Raises
    ------
    InputError
        If one is unknown, said twice, or of no use; the message names it and what may be written.
    """
    known = (*_ALL, *_OF_KIND.get(kind, ()))
    given: dict[str, str] = {}
    for word in text.split():
        option, equals, value = word.partition("=")
        if not equals or option not in known:
            raise InputError(f"{name}: {word!r} is no option of such a server: write {_written(known)}")
        if option in given:
            raise InputError(f"{name}: {option} is said twice")
        given[option] = _checked(name, option, value)
    pace = _PACE.fullmatch(given.get("pace", ""))
    numbers = {
        key: int(given[key]) if key in given else None for key in ("concurrent", "depth", "page", "window")
    }
    return OwnOptions(
        pace=(int(pace[1]), int(pace[2])) if pace else None,
        **numbers,
        dialect={key: value for key, value in given.items() if key in _OF_DIALECT},
    )


def _written(known: tuple[str, ...]) -> str:
    forms = {"pace": "pace=REQUESTS/SECONDS", "rpc": "rpc=PATH"}
    return ", ".join(forms.get(option, f"{option}=NUMBER") for option in known)


def _checked(name: str, option: str, value: str) -> str:
    """Return a value in the form its readers take, or say what it must be."""
    if option == "pace":
        found = _PACE.fullmatch(value)
        good, form = (
            found is not None and int(found[1]) > 0 and int(found[2]) > 0,
            "two numbers above 0, as in 5/1",
        )
    elif option == "rpc":
        good, form = _PATH.fullmatch(value) is not None, "a path that begins with /, or - for none"
    else:
        least = 0 if option in ("depth", "scan", "blocks") else 1
        most = _MOST_AT_ONCE if option == "concurrent" else 10**9
        good = _NUMBER.fullmatch(value) is not None and least <= int(value) <= most
        form = (
            f"a whole number from {least} to {most}"
            if option == "concurrent"
            else f"a whole number, {least} at least"
        )
    if not good:
        raise InputError(f"{name}: {option} is {value!r}: write {form}")
    return "" if value == "-" else value
