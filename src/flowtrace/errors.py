"""Every error flowtrace raises on purpose, and the exit code each one becomes.

    FlowtraceError            exit 1   something failed; the message says what, why and the next step
    ├── InputError            exit 2   what the user gave is wrong: an address, a file, a case folder
    ├── IncompleteError       exit 3   what was gathered is saved, but it is not all
    └── IntegrityError        exit 5   kept bytes, or results derived from them, are not what was recorded

Exit 4 (key missing or refused) belongs to the live sources; 130 is an interrupt.
"""

from __future__ import annotations

from typing import ClassVar


class FlowtraceError(Exception):
    """Root of the tree. The message is one line a person can act on."""

    exit_code: ClassVar[int] = 1


class InputError(FlowtraceError):
    """What the user gave cannot be used; the message names the item and what to do."""

    exit_code = 2


class IncompleteError(FlowtraceError):
    """The work stopped early; everything gathered so far is kept."""

    exit_code = 3


class IntegrityError(FlowtraceError):
    """Kept bytes or derived results differ from what was recorded."""

    exit_code = 5
