"""What a shared library of any of the three kinds exports, read from its bytes.

As a program: python exports.py WHEEL... It prints what the engine's library in each wheel exports, and fails
where that is not what the door opens, or where the wheel's name or system is wrong.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from zipfile import ZipFile

from flowtrace.kernel.library import SIGNATURES

NAMES = {"flow_version", *SIGNATURES}
# The end of a wheel's name, the library's file, and how its bytes begin: kind and machine.
SYSTEMS = (
    ("manylinux2014_x86_64.whl", "_kernel.so", ("ELF", 62)),
    ("manylinux2014_aarch64.whl", "_kernel.so", ("ELF", 183)),
    ("macosx_11_0_x86_64.whl", "_kernel.dylib", ("Mach-O", 0x01000007)),
    ("macosx_11_0_arm64.whl", "_kernel.dylib", ("Mach-O", 0x0100000C)),
    ("win_amd64.whl", "_kernel.dll", ("PE", 0x8664)),
)
_SIGNATURE, _SYMBOLS = 0x1D, 0x2  # load commands of Mach-O
_SHOWN, _EXTERNAL, _SECTION = 0x1F, 0x01, 0x0E  # a Mach-O symbol's type: seen outside, and of a section
_LINKERS = {"__dso_handle", "_mh_dylib_header"}  # what the linker puts into every Mach-O library
_DYNAMIC = 11  # a section of ELF: the symbols that the loader sees
_WHERE = struct.Struct("<12xIIII")  # a section of PE: its size, its address, its size and place in the file


def kind(data: bytes) -> tuple[str, int]:
    """Return what kind of library it is, and for which machine, as that kind numbers them."""
    if data[:4] == b"\x7fELF":
        return "ELF", _read(data, 18, "<H")
    if data[:4] == b"\xcf\xfa\xed\xfe":
        return "Mach-O", _read(data, 4, "<I")
    return "PE", _read(data, _read(data, 60, "<I") + 4, "<H")


def exports(data: bytes) -> set[str]:
    """Return the names that a library lets others call."""
    name, _ = kind(data)
    return {"ELF": _of_elf, "Mach-O": _of_mach, "PE": _of_windows}[name](data)


def signed(data: bytes) -> bool:
    """Tell whether a Mach-O library carries a signature, without which Apple's own machines refuse it."""
    return any(command == _SIGNATURE for command, _ in _commands(data))


def _of_elf(data: bytes) -> set[str]:
    table, size, count = _read(data, 40, "<Q"), _read(data, 58, "<H"), _read(data, 60, "<H")
    sections = [struct.unpack_from("<4xI16xQQI12xQ", data, table + size * n) for n in range(count)]
    found = set()
    for what, start, length, linked, each in sections:
        if what == _DYNAMIC:
            names = sections[linked][1]
            for at in range(start, start + length, each):
                name, info, home = struct.unpack_from("<IBxH", data, at)
                if info >> 4 and home:
                    found.add(_text(data, names + name))
    return found


def _of_mach(data: bytes) -> set[str]:
    found = set()
    for command, at in _commands(data):
        if command == _SYMBOLS:
            start, count, names = struct.unpack_from("<III", data, at + 8)
            for entry in range(start, start + 16 * count, 16):
                name, what = struct.unpack_from("<IB", data, entry)
                if what & _SHOWN == _EXTERNAL | _SECTION:
                    found.add(_text(data, names + name).removeprefix("_"))
    return found - _LINKERS


def _commands(data: bytes) -> list[tuple[int, int]]:
    found, at = [], 32
    for _ in range(_read(data, 16, "<I")):
        found.append((_read(data, at, "<I"), at))
        at += _read(data, at + 4, "<I")
    return found


def _of_windows(data: bytes) -> set[str]:
    head = _read(data, 60, "<I")
    count, size = _read(data, head + 6, "<H"), _read(data, head + 20, "<H")
    sections = [_WHERE.unpack_from(data, head + 24 + size + 40 * n - 4) for n in range(count)]

    def place(address: int) -> int:
        return int(next(s[3] + address - s[1] for s in sections if s[1] <= address < s[1] + max(s[0], s[2])))

    table = place(_read(data, head + 24 + 112, "<I"))
    names, many = place(_read(data, table + 32, "<I")), _read(data, table + 24, "<I")
    return {_text(data, place(_read(data, names + 4 * n, "<I"))) for n in range(many)}


def _read(data: bytes, at: int, shape: str) -> int:
    return int(struct.unpack_from(shape, data, at)[0])


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("ascii")


def fault(wheel: Path) -> str:
    """Return what is wrong with a wheel; nothing where all is right."""
    known = [(file, system) for end, file, system in SYSTEMS if wheel.name.endswith(end)]
    with ZipFile(wheel) as opened:
        inside = [name for name in opened.namelist() if Path(name).name.startswith("_kernel.")]
        if not known or inside != [f"flowtrace/kernel/{known[0][0]}"]:
            return f"its name and its libraries do not go together: {inside}"
        data = opened.read(inside[0])
    if kind(data) != known[0][1]:
        return f"its library is {kind(data)}, not {known[0][1]}"
    if exports(data) != NAMES:
        return f"its library exports {sorted(exports(data) ^ NAMES)} too few or too many"
    if wheel.name.endswith("arm64.whl") and not signed(data):
        return "its library is not signed"
    return ""


if __name__ == "__main__":
    faults = {wheel: fault(Path(wheel)) for wheel in sys.argv[1:]}
    for wheel, what in faults.items():
        sys.stdout.write(f"{Path(wheel).name}: {what or f'exports its {len(NAMES)} functions, no more'}\n")
    sys.exit(any(faults.values()) or len(faults) != len(SYSTEMS))
