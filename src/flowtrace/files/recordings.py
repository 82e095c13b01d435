"""A folder of recorded HTTP answers with a ``manifest.json``, turned into answers as if just received.

``manifest.json``: ``{"source": where the recordings come from, "seed": address, "responses": [{"url": …,
"fetched_at": ISO 8601, "rows": count, "file": path in the folder}]}``. ``file`` may be absent where the
answer's file is named after the ``address`` (``ADDRESS.json`` or ``ADDRESS.json.gz``, in any folder below).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flowtrace.errors import InputError
from flowtrace.files.body import read_body


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded answer. ``rows`` is how many rows the manifest promises, -1 where it promises none."""

    url: str
    fetched_at: str
    source: str
    rows: int
    file: Path

    def body(self) -> bytes:
        """Return the answer's bytes, decompressed.

        Raises
        ------
        InputError
            If the file is cut off.
        """
        return read_body(self.file)

    def check(self, body: bytes) -> None:
        """Compare the row count with the manifest's promise.

        Raises
        ------
        InputError
            If rows are missing.
        """
        if self.rows < 0:
            return
        try:
            found = len(json.loads(body)["result"])
        except (ValueError, KeyError, TypeError, RecursionError):
            msg = f"recording {self.file} is cut off or not an answer of the service: copy it again"
            raise InputError(msg) from None
        if found != self.rows:
            msg = (
                f"recording {self.file} holds {found} rows, its manifest promises {self.rows}: copy it again"
            )
            raise InputError(msg)


def read_recordings(folder: Path) -> tuple[str, list[Recording]]:
    """Read a manifest: the seed address it names (or empty) and its recordings, every file found.

    Raises
    ------
    InputError
        If the manifest is absent, not JSON, or names a file that is not there.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
        responses = manifest["responses"]
        if not isinstance(responses, list):
            raise TypeError("responses is not a list")  # noqa: TRY301  told with the other faults below
    except FileNotFoundError:
        msg = f"{folder} holds no manifest.json: give the folder of recordings that has one"
        raise InputError(msg) from None
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        msg = f"{path} is not a manifest of recordings ({type(error).__name__}: {error})"
        raise InputError(msg) from None
    return str(manifest.get("seed", "")), list(_recordings(folder, manifest, responses))


def _recordings(
    folder: Path, manifest: dict[str, Any], responses: list[dict[str, Any]]
) -> Iterator[Recording]:
    by_name = {p.name.removesuffix(".gz"): p for p in sorted(folder.rglob("*.json*"))}
    for number, entry in enumerate(responses, start=1):
        try:
            url, fetched_at, rows = str(entry["url"]), str(entry["fetched_at"]), entry.get("rows", -1)
            named = str(entry.get("file") or f"{entry['address']}.json")
            datetime.fromisoformat(fetched_at)
            if type(rows) is not int:
                raise TypeError("rows is not a count")  # noqa: TRY301  told with the other faults below
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            msg = (
                f"{folder / 'manifest.json'}: response {number} needs url, fetched_at (ISO 8601), file (or "
                f"address), and rows as a number if at all ({type(error).__name__}: {error})"
            )
            raise InputError(msg) from None
        file = folder / named if entry.get("file") else by_name.get(named)
        if file is None or not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
            msg = f"{folder / 'manifest.json'} names {named}, which is not in the folder: copy it there"
            raise InputError(msg)
        yield Recording(url, fetched_at, str(manifest.get("source", folder.name)), rows, file)
