"""The bytes of a file, decompressed where its name ends in ``.gz``, with a limit against bombs."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from flowtrace.errors import InputError

MOST = 1 << 30


def read_body(file: Path, most: int = MOST) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    InputError
        If it cannot be read, is cut off, or holds more than ``most`` bytes once decompressed.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            body = stream.read(most + 1)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{file} cannot be read, it is cut off or damaged ({error}): copy it again"
        ) from None
    if len(body) > most:
        raise InputError(f"{file} holds more than {most} bytes: split it")
    return body
