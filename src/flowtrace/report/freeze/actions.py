"""What a request may ask for: tick boxes, each with its own basis and period, and its locked words.

Preservation is not disclosure, and neither is a freeze: each stands for itself. Periods count from receipt,
so that the text does not depend on the day it is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model import Requester
from flowtrace.report.cells import printable

REPLY_DAYS, PRESERVE_DAYS, HOLD_DAYS = 14, 90, 30
FLAG, PRESERVE_RECORDS, HOLD = "flag", "preserve_records", "hold_withdrawals"
RESTRAIN, DISCLOSE, TRAVEL_RULE = "restrain_under_order", "disclose_kyc", "travel_rule_lookup"
BLOCK, SILENCE = "issuer_block", "do_not_notify_user"
ACTIONS = (FLAG, PRESERVE_RECORDS, HOLD, RESTRAIN, DISCLOSE, TRAVEL_RULE, BLOCK, SILENCE)
ALLOWED = {
    "le": ACTIONS,
    "counsel": (FLAG, PRESERVE_RECORDS, HOLD, RESTRAIN, DISCLOSE, BLOCK, SILENCE),
    "victim": (FLAG, PRESERVE_RECORDS, HOLD),
    "researcher": (FLAG, PRESERVE_RECORDS, HOLD),
}
"""What each mode can tick."""
USUAL = {
    "le": (HOLD, PRESERVE_RECORDS, SILENCE),
    "counsel": (RESTRAIN, PRESERVE_RECORDS),
    "victim": (FLAG, PRESERVE_RECORDS, HOLD),
    "researcher": (FLAG, PRESERVE_RECORDS, HOLD),
}
"""What each mode ticks unless a case says otherwise."""
CLAIMS_NO_BASIS = frozenset({"victim", "researcher"})
CAPPED = frozenset({HOLD, RESTRAIN, BLOCK})
"""What reaches for value, and so stops at an amount."""
COMPELLED = frozenset({RESTRAIN, DISCLOSE, BLOCK})
"""What nobody does on a bare request: it needs an order or a power."""
OF_EXCHANGE = tuple(kind for kind in ACTIONS if kind != BLOCK)
"""What an exchange can do: all but what only a token's issuer can."""
OF_ISSUER = (BLOCK, FLAG, SILENCE)
"""What the issuer of a token can do about an address that is nobody's account: no customer, no records."""
_DAYS = {FLAG: PRESERVE_DAYS, PRESERVE_RECORDS: PRESERVE_DAYS, SILENCE: PRESERVE_DAYS}
_VOLUNTARY = {"victim": "the recipient's own policy, voluntary", "researcher": "voluntary"}
_ACCOUNTS = "the accounts credited by the transactions in section 3"
_WORDS = {
    FLAG: f"flag {_ACCOUNTS}",
    PRESERVE_RECORDS: "keep the records listed in section 8 for {days} days from receipt",
    HOLD: f"hold withdrawals of up to {{cap}} from {_ACCOUNTS} for {{days}} days from receipt",
    RESTRAIN: (
        f"restrain up to {{cap}} in {_ACCOUNTS}, on the terms of the order named in section 7, for {{days}} "
        "days from receipt or for as long as that order says"
    ),
    DISCLOSE: f"disclose the customer records of {_ACCOUNTS}, on the basis named in section 7",
    TRAVEL_RULE: f"tell the Travel Rule messages (IVMS101) held for {_ACCOUNTS}",
    BLOCK: (
        "block the addresses in section 3, where up to {cap} of traced value rests, for {days} days from "
        "receipt or for as long as the basis named in section 7 says"
    ),
    SILENCE: "not tell the account holders of this letter (section 9)",
}
_OF_ISSUER = {FLAG: "flag the addresses in section 3, where up to {cap} of traced value rests"}
_INVITED = "hold up to {cap} for {days} days"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing asked, with its own basis and period; ``invited`` where it is left to the recipient."""

    kind: str
    basis: str
    days: int
    invited: bool = False

    @property
    def capped(self) -> bool:
        """Whether it reaches for value."""
        return self.kind in CAPPED

    def words(self, cap: str, *, of_issuer: bool = False) -> str:
        """Return the locked words, up to an amount."""
        locked = _INVITED if self.invited else _WORDS[self.kind]
        if of_issuer:
            locked = _OF_ISSUER.get(self.kind, locked)
        return locked.format(cap=cap, days=self.days)


def actions_of(asker: Requester, among: tuple[str, ...] = OF_EXCHANGE) -> tuple[Action, ...]:
    """Return what a sender asks for, of what a recipient can do; in the order of `ACTIONS`."""
    ticked = asker.actions or USUAL.get(asker.mode, ())
    may = ALLOWED.get(asker.mode, ())
    return tuple(_action(kind, asker) for kind in ACTIONS if kind in ticked and kind in may and kind in among)


def issuer_actions(asker: Requester) -> tuple[Action, ...]:
    """Return what a sender asks of a token's issuer: a block where its mode may, else a flag."""
    kind = BLOCK if BLOCK in ALLOWED.get(asker.mode, ()) else FLAG
    return (_action(kind, asker), *(one for one in actions_of(asker, OF_ISSUER) if one.kind != kind))


def _action(kind: str, asker: Requester) -> Action:
    days = _DAYS.get(kind, HOLD_DAYS)
    invited = kind == HOLD and asker.mode != "le"
    if asker.mode in CLAIMS_NO_BASIS:
        basis = "recipient's own rules, voluntary" if invited else _VOLUNTARY[asker.mode]
    else:
        basis = printable(dict(asker.basis).get(kind, "")) or "legal basis in section 7"
    return Action(kind, basis, days, invited)
