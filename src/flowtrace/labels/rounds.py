"""Lists of transactions that somebody attests: a coordinator's own rounds, a crawl of them.

A plain text file: one transaction hash a line. Lines that begin with ``#`` say what it is:

    # name: Wasabi 2 rounds of one coordinator
    # source: https://…
    # date: 2025-06-30
    # chain: bitcoin
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flowtrace.errors import InputError
from flowtrace.model import Chain

_HASH = re.compile(r"(0x)?[0-9a-f]{64}")
_STATED = re.compile(r"#\s*(name|source|date|chain)\s*:\s*(.+)")


def read_rounds(path: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield ((chain id, transaction hash), the list's name with source and date).

    Raises
    ------
    InputError
        If the file cannot be read, says no name and source, or a line is no hash; the message names it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{path.name}: cannot be read ({fault}): one transaction hash a line") from None
    stated = {hit[1]: hit[2].strip() for line in lines if (hit := _STATED.fullmatch(line.strip()))}
    if not stated.get("name") or not stated.get("source"):
        raise InputError(f"{path.name}: says no name or source: begin it with # name: and # source: lines")
    try:
        chain = Chain.of(stated.get("chain", "bitcoin"))
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    said = ", ".join(stated[part] for part in ("name", "source", "date") if part in stated)
    for number, line in enumerate(lines, start=1):
        text = line.strip().lower()
        if not text or text.startswith("#"):
            continue
        if not _HASH.fullmatch(text):
            raise InputError(f"{path.name}, line {number}: {text[:80]!r} is no transaction hash")
        yield (chain.id, text), said
