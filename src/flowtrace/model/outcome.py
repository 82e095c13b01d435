"""What became of a request: the states of its diary, what may follow what, and the amounts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.model.asset import Amount


class RequestState(StrEnum):
    """Where a request stands."""

    DRAFTED = "drafted"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    HELD = "held"
    REFUSED = "refused"
    EXPIRED = "expired"
    RELEASED = "released"

    @property
    def next(self) -> frozenset[RequestState]:
        """The states that may follow; a hold that is renewed is held again."""
        return _NEXT[self]


_S = RequestState
_NEXT = {
    _S.DRAFTED: frozenset({_S.SENT}),
    _S.SENT: frozenset({_S.ACKNOWLEDGED, _S.HELD, _S.REFUSED, _S.EXPIRED}),
    _S.ACKNOWLEDGED: frozenset({_S.HELD, _S.REFUSED, _S.EXPIRED}),
    _S.HELD: frozenset({_S.HELD, _S.RELEASED, _S.EXPIRED}),
    _S.REFUSED: frozenset({_S.SENT}),
    _S.EXPIRED: frozenset({_S.SENT, _S.HELD, _S.RELEASED}),
    _S.RELEASED: frozenset[RequestState](),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request to an entity: its state, since when, and the amounts in its own words."""

    entity: str
    state: str
    date: str
    held: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request as its diary has it.

    Attributes
    ----------
    request, recipient, name
        The request's id, and the id and name of whom it was written to.
    state, on, who, note
        The last word: what, on which day, by whom, in which words.
    sent, held_on
        The day it was last sent, and the day the last hold began; None where there was none.
    reply_days, hold_days, keep_days
        The periods the request names: for the answer, the hold and the records. A hold of no days was not
        asked for.
    requested, withheld, recovered
        The amounts it stops at (nothing of an asset where no amount is asked), those that were held, and
        those that came back to the victim.
    """

    request: str
    recipient: str
    name: str
    state: RequestState
    on: dt.date
    who: str
    note: str
    sent: dt.date | None
    held_on: dt.date | None
    reply_days: int
    hold_days: int
    keep_days: int
    requested: tuple[Amount, ...] = ()
    withheld: tuple[Amount, ...] = ()
    recovered: tuple[Amount, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The same for a report, in words."""
        sums = (("requested", self.requested), ("recovered", self.recovered))
        said = [f"{name} {_words(amounts)}" for name, amounts in sums if _words(amounts)]
        note = "; ".join([*said, *([self.note] if self.note else [])])
        return Outcome(self.name, self.state.value, self.on.isoformat(), _words(self.withheld), note)

    @property
    def reply_due(self) -> dt.date | None:
        """The last day for the answer, while none has come."""
        waits = self.state is RequestState.SENT
        return self.sent + dt.timedelta(days=self.reply_days) if waits and self.sent else None

    @property
    def hold_ends(self) -> dt.date | None:
        """The last day of the hold, while there is one of which the request says how long."""
        holds = self.state is RequestState.HELD and self.hold_days > 0
        return self.held_on + dt.timedelta(days=self.hold_days) if holds and self.held_on else None

    @property
    def records_end(self) -> dt.date | None:
        """The last day on which the records are asked to be kept; None before it was sent."""
        return self.sent + dt.timedelta(days=self.keep_days) if self.sent else None


def _words(amounts: tuple[Amount, ...]) -> str:
    return " and ".join(str(amount) for amount in amounts if amount.units)
