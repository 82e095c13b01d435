"""The command line as the tests call it: words in; exit code, stdout and stderr out."""

from __future__ import annotations

from collections.abc import Callable

Command = Callable[..., tuple[int, str, str]]
