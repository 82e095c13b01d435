"""Every error flowtrace raises on purpose, and the exit code each one becomes.

    FlowtraceError            exit 1   something failed; the message says what, why and the next step
    ├── InputError            exit 2   what the user gave is wrong: an address, a file, a case folder
    ├── IncompleteError       exit 3   what was gathered is saved, but it is not all
    │   └── SourceError                one source cannot answer; another may
    │       ├── CrowdedError           a history is longer than it is worth reading
    │       ├── UnreadableError        an answer is not what its source promises: ask again
    │       └── ReorgError             the chain changed while it was read: ask again, from before the change
    ├── KeyRefusedError       exit 4   a source wants a key, or refuses the one it was given
    └── IntegrityError        exit 5   kept bytes, or results derived from them, are not what was recorded

130 is an interrupt.
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


class SourceError(IncompleteError):
    """One source cannot answer this; what it gave so far is kept, and another source may answer."""


class CrowdedError(SourceError):
    """An address has more transfers than a case reads of one: it serves many, whoever labels it."""


class UnreadableError(SourceError):
    """An answer is not what its source promises: cut off, another form, about something else.

    ``answer`` is its number in the custody log, so that it can be rejected and asked for again.
    """

    def __init__(self, message: str, answer: int) -> None:
        super().__init__(message)
        self.answer = answer


class ReorgError(SourceError):
    """The chain was rewritten while it was read: blocks from ``height`` on are not what they were."""

    def __init__(self, message: str, height: int) -> None:
        super().__init__(message)
        self.height = height


class KeyRefusedError(FlowtraceError):
    """A source wants a key that is not set, or refuses the one that is."""

    exit_code = 4


class IntegrityError(FlowtraceError):
    """Kept bytes or derived results differ from what was recorded."""

    exit_code = 5
