"""The locked words of each mode. A caller chooses the mode; title, opening and requests cannot be overridden.

A letter that claims an authority its sender lacks is useless and dangerous: fake requests are what exchanges
check for. Periods count from receipt, so the text does not depend on the day it is made.
"""

from __future__ import annotations

from dataclasses import dataclass

REPLY_DAYS, PRESERVE_DAYS, HOLD_DAYS = 14, 90, 30
BLANK = "____________________"
FORBIDDEN = (
    "required to freeze",
    "must freeze",
    "you must",
    "you are required",
    "we demand",
    "we order",
    "you are ordered",
    "obliged to freeze",
    "on behalf of the victim",
    "on behalf of the state",
)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing asked, with its own basis and period; ``invited`` where it is left to the recipient."""

    kind: str
    basis: str
    days: int
    invited: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """What one mode says."""

    mode: str
    title: str
    subject: str
    opening: str
    ask: str
    basis: str
    silence: str
    truth: str
    actions: tuple[Action, ...]


WORDING = {
    "researcher": Wording(
        mode="researcher",
        title="Notification of suspected proceeds of theft",
        subject="Preservation request (researcher)",
        opening=(
            "We write to inform you that value traced from the theft named below was received at {where}. We "
            "hold no public authority and act for no victim and no state. What you do with this information "
            "is your decision."
        ),
        ask=(
            "Please flag the accounts credited by the transactions in section 3 and keep the records listed "
            "in section 8 for {preserve} days from receipt, and please reply within {reply} days of "
            "receipt. If your own rules allow it, you are invited to hold up to {cap} for {hold} days, at "
            "your discretion."
        ),
        basis=(
            "None is claimed. This notification rests on no order, warrant or statute, and asks for no "
            "customer data."
        ),
        silence=(
            "Please consider not telling the account holders of this notification before law enforcement "
            "has had the chance to contact you. No duty of silence is claimed."
        ),
        truth="The facts above are stated as the public record shows them; inferences are marked as such.",
        actions=(
            Action("flag", "voluntary", PRESERVE_DAYS),
            Action("preserve_records", "voluntary", PRESERVE_DAYS),
            Action("hold_withdrawals", "recipient's own rules, voluntary", HOLD_DAYS, invited=True),
        ),
    ),
    "le": Wording(
        mode="le",
        title="Request for temporary restraint and preservation",
        subject="Freeze/Preservation request (law enforcement)",
        opening=(
            "On the legal basis stated in section 7 we request the temporary restraint of the value named "
            "in this letter, and the preservation of the records listed in section 8, for the accounts "
            "credited by the transactions in section 3."
        ),
        ask=(
            "We request that you hold withdrawals of up to {cap} from the accounts credited by the "
            "transactions in section 3 for {hold} days from receipt, preserve the records listed in section "
            "8 for {preserve} days from receipt, and reply within {reply} days of receipt."
        ),
        basis="",
        silence=(
            "Please do not notify the account holders of this request until the undersigned authority "
            "releases you from "
            "it. Legal basis of this confidentiality: " + BLANK
        ),
        truth="I state that the contents of this request are true to the best of my knowledge and belief.",
        actions=(
            Action("hold_withdrawals", "legal basis in section 7", HOLD_DAYS),
            Action("preserve_records", "legal basis in section 7", PRESERVE_DAYS),
            Action("do_not_notify_user", "legal basis in section 9", PRESERVE_DAYS),
        ),
    ),
}
SHARED = "TLP:AMBER"
WHERE = {
    False: "addresses assessed to be deposit addresses of your customers",
    True: "wallets that public labels name as yours, for customers whom only your own records name",
}
"""Where value was received, by whether it went straight into a wallet that pools customers' funds."""
URGENCY = {
    "A": "A: value not yet swept from a deposit address at the end of the record",
    "B": "B: value came to your own wallets within a day before the end of the record",
    "C": "C: historic; all of it came to your own wallets; the customer may hold or have withdrawn it",
}
PRESERVE = (
    "customer file and identity documents (KYC), and every change to them",
    "application and device data; login addresses with ports and times",
    "withdrawal whitelists, API key metadata, linked bank accounts and cards",
    "internal transfers, sub-accounts, orders and withdrawals after each credit",
    "messages with support; Travel Rule messages (IVMS101) for these transactions",
    "referral links; OTC and P2P counterparties",
)
# What a sender has to know of a recipient before writing; facts of public record, to be checked again.
STATUS = {
    "ftx": (
        "to be checked by the sender: FTX filed for protection from its creditors in November 2022, United "
        "States Bankruptcy Court for the District of Delaware; name who answers for the estate and its "
        "records now"
    ),
    "huobi": (
        "to be checked by the sender: Huobi took the name HTX in September 2023; name the entity that held "
        "the accounts"
    ),
}
STATUS_UNKNOWN = "to be checked by the sender: name the entity that held the accounts and answers for it now"
CHANNEL = "to be verified by the sender from the recipient's own page; no contact is held"
