"""The door to the compiled library: where it lies, whether it is there, and the shapes it speaks in."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

VERSION = 3
"""Of the functions and shapes below; a library of another version is not used."""

_ENDINGS = {"win32": "_kernel.dll", "darwin": "_kernel.dylib"}
PLACE = Path(__file__).with_name(_ENDINGS.get(sys.platform, "_kernel.so"))
"""Where the build puts the library."""

_POINTER, _SHORT, _LONG = ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64


class MoveColumns(ctypes.Structure):
    """``moves`` in checks.h."""

    _fields_ = (
        ("count", _LONG),
        ("order", _POINTER),
        ("source", _POINTER),
        ("target", _POINTER),
        ("units", _POINTER),
        ("theft", _POINTER),
    )


class GroupColumns(ctypes.Structure):
    """``groups`` in checks.h."""

    _fields_ = (
        ("count", _LONG),
        ("order", _POINTER),
        ("input_ends", _POINTER),
        ("output_ends", _POINTER),
        ("input_place", _POINTER),
        ("input_units", _POINTER),
        ("output_place", _POINTER),
        ("output_units", _POINTER),
        ("output_theft", _POINTER),
    )


class StateColumns(ctypes.Structure):
    """``columns`` in state.h."""

    _fields_ = (
        ("places", _LONG),
        ("lots", _LONG),
        ("thefts", _SHORT),
        ("balance", _POINTER),
        ("missing", _POINTER),
        ("ends", _POINTER),
        ("theft", _POINTER),
        ("units", _POINTER),
    )


class InputColumns(ctypes.Structure):
    """``inputs`` in union.h."""

    _fields_ = (
        ("count", _LONG),
        ("rows", _LONG),
        ("addresses", _LONG),
        ("ends", _POINTER),
        ("address", _POINTER),
        ("held", _POINTER),
        ("fresh", _SHORT),
        ("strict", _SHORT),
    )


class ComponentColumns(ctypes.Structure):
    """``components`` in union.h."""

    _fields_ = (
        ("above", _POINTER),
        ("made", _POINTER),
        ("doubted", _POINTER),
        ("met", _POINTER),
        ("unions", _LONG),
        ("doubts", _LONG),
    )


class SideColumns(ctypes.Structure):
    """``side`` in guard.h."""

    _fields_ = (
        ("rows", _LONG),
        ("ends", _POINTER),
        ("address", _POINTER),
        ("units", _POINTER),
        ("kind", _POINTER),
    )


class CoinColumns(ctypes.Structure):
    """``coins`` in guard.h."""

    _fields_ = (("count", _LONG), ("given", SideColumns), ("paid", SideColumns), ("mark", _POINTER))


SIGNATURES: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "flow_new": (_POINTER, (_SHORT, _LONG, _SHORT, _SHORT)),
    "flow_free": (None, (_POINTER,)),
    "flow_restart": (_SHORT, (_POINTER, _SHORT)),
    "flow_mark": (_SHORT, (_POINTER, _SHORT, _SHORT)),
    "flow_moves": (_SHORT, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "flow_groups": (_SHORT, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "flow_parts": (_LONG, (_POINTER, _POINTER, _POINTER)),
    "flow_forget_parts": (None, (_POINTER,)),
    "flow_sums": (None, (_POINTER, _POINTER)),
    "flow_lots": (_LONG, (_POINTER,)),
    "flow_save": (None, (_POINTER, _POINTER, _POINTER, _POINTER)),
    "flow_load": (_SHORT, (_POINTER, _POINTER, _POINTER, _POINTER, _LONG, _POINTER)),
    "flow_widen": (None, (_POINTER, _POINTER, _POINTER, _LONG)),
    "flow_touch": (None, (_POINTER, _POINTER)),
    "flow_join": (_SHORT, (_POINTER, _POINTER, _POINTER)),
    "flow_guard": (_SHORT, (_POINTER, _POINTER, _POINTER)),
}


def available() -> bool:
    """Tell whether the compiled library is here and of this version; without it the plain engine serves."""
    return library() is not None


@cache
def library(path: Path = PLACE) -> ctypes.CDLL | None:
    """Open the library; None where it is missing, does not load here, or is of another version.

    Calls release the interpreter lock, so runs in several threads go on side by side.
    """
    if sys.byteorder != "little" or not path.is_file():
        return None
    try:
        opened = ctypes.CDLL(str(path))
        found = opened.flow_version()
        for name, (result, arguments) in SIGNATURES.items():
            function = getattr(opened, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):  # built for another system, or another library altogether
        return None
    return opened if found == VERSION else None


def address(column: ReadableBuffer | None) -> int | None:
    """Return where a buffer's bytes lie; the caller keeps the buffer as long as the address is in use."""
    import numpy as np

    view = memoryview(b"" if column is None else column)
    return int(np.frombuffer(view, np.uint8).ctypes.data) if view.nbytes else None
