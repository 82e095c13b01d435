"""The build's hook: compile the taint engine with the compiler that the package ziglang carries.

A wheel with the library is for one platform and any Python 3 (``py3-none-PLATFORM``): the library knows no
Python. Where the compiler is missing or fails, the wheel is ``py3-none-any`` and the plain engine serves.

FLOWTRACE_KERNEL=TARGET builds for another platform of the table below, and fails where it cannot;
FLOWTRACE_KERNEL=none builds without the library.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGETS = {
    "linux-x86_64": ("x86_64-linux-gnu.2.17", "manylinux_2_17_x86_64.manylinux2014_x86_64", "_kernel.so"),
    "linux-aarch64": ("aarch64-linux-gnu.2.17", "manylinux_2_17_aarch64.manylinux2014_aarch64", "_kernel.so"),
    "macos-x86_64": ("x86_64-macos.11.0", "macosx_11_0_x86_64", "_kernel.dylib"),
    "macos-arm64": ("aarch64-macos.11.0", "macosx_11_0_arm64", "_kernel.dylib"),
    "windows-amd64": ("x86_64-windows-gnu", "win_amd64", "_kernel.dll"),
}
_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_FLAGS = (
    "-O3",
    "-std=c11",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-fno-sanitize=undefined",
    "-s",
    "-g0",
)
_PACKAGE = Path("src", "flowtrace", "kernel")


def _here() -> str:
    """Return this platform's name in the table, or none where what is built would not load."""
    if sys.maxsize < 1 << 32 or (sys.platform == "linux" and not _has_glibc()):
        return "none"
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}-{platform.machine().lower()}"


def _has_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (OSError, ValueError):  # another C library does not know the name
        return False


class KernelHook(BuildHookInterface[Any]):
    """Adds the library to the wheel; an editable install gets it beside its source."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the library, if it can be built, and name the wheel after its platform."""
        asked = os.environ.get("FLOWTRACE_KERNEL", "")
        name = asked or _here()
        if name == "none" or (name not in TARGETS and not asked):
            return
        if name not in TARGETS:
            msg = f"FLOWTRACE_KERNEL={name}: no such target; give one of {', '.join(TARGETS)}, or none"
            raise ValueError(msg)
        target, tag, file = TARGETS[name]
        package = Path(self.root, _PACKAGE)
        editable = version == "editable"
        made = (package if editable else Path(mkdtemp(prefix="flowtrace-kernel-"))) / file
        command = [
            sys.executable,
            "-m",
            "ziglang",
            "cc",
            "-target",
            target,
            *_FLAGS,
            "-o",
            str(made),
            "kernel.c",
        ]
        done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)  # noqa: S603  ours
        if done.returncode:
            if asked:
                raise RuntimeError(done.stderr)
            self.app.display_warning(f"no compiled taint engine, the plain one serves: {done.stderr[-400:]}")
            return
        if not editable:
            build_data["force_include"][str(made)] = f"flowtrace/kernel/{file}"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{tag}"
