"""The locked words of each mode. A caller chooses the mode; title, opening and requests cannot be overridden.

A letter that claims an authority its sender lacks is useless and dangerous: fake requests are what exchanges
check for.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.report.freeze.actions import HOLD_DAYS, PRESERVE_DAYS, REPLY_DAYS

BLANK = "____________________"
_DEMANDS = (
    "required to freeze",
    "must freeze",
    "you must",
    "you are required",
    "we demand",
    "we order",
    "you are ordered",
    "obliged to freeze",
)
FORBIDDEN = {
    "le": (),
    "counsel": ("police power", "as a police officer", "as an officer of the police", "we are the police"),
    "victim": (*_DEMANDS, "police power", "as a police officer"),
    "researcher": (*_DEMANDS, "on behalf of the victim", "on behalf of the state"),
}
"""What no text of a package may say, by mode; no field of the sender is a way around it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What one mode says.

    Attributes
    ----------
    ask
        What comes before the things asked, such as ``We request that you``.
    basis
        The legal basis, where the mode has none of its own to state.
    silence
        The words on confidentiality, and those where it is asked as an action.
    """

    mode: str
    word: str
    title: str
    subject: str
    opening: str
    ask: str
    basis: str
    silence: str
    silence_asked: str
    truth: str


_RESEARCHER = Wording(
    mode="researcher",
    word="researcher: no public authority",
    title="Notification of suspected proceeds of theft",
    subject="Preservation request (researcher)",
    opening=(
        "We write to inform you that value traced from the theft named below {where}. We hold no public "
        "authority and act for no victim and no state. What you do with this information is your decision."
    ),
    ask="Please",
    basis=(
        "None is claimed. This notification rests on no order, warrant or statute, and asks for no customer "
        "data."
    ),
    silence=(
        "Please consider not telling the account holders of this notification before law enforcement has "
        "had the chance to contact you. No duty of silence is claimed."
    ),
    silence_asked="",
    truth="The facts above are stated as the public record shows them; inferences are marked as such.",
)
_VICTIM = Wording(
    mode="victim",
    word="victim: no public authority",
    title="Notification of stolen assets and request to preserve",
    subject="Stolen assets: preservation request (victim)",
    opening=(
        "We write as the party from which the assets named below were stolen, to tell you that value traced "
        "from that theft {where}. We hold no public authority. What we ask is for your decision under your "
        "own policies against money laundering."
    ),
    ask="We ask you to",
    basis=(
        "No order and no public power is claimed. We ask on the ground of our ownership of the stolen "
        "assets, as stated in section 2, and leave it to your own policies."
    ),
    silence=(
        "Please consider not telling the account holders of this notification before the authority to which "
        "the theft is reported has had the chance to contact you. No duty of silence is claimed."
    ),
    silence_asked="",
    truth=(
        "We state that the facts about our ownership and loss are true to the best of our knowledge and "
        "belief; the tracing is stated as the public record shows it, and inferences are marked as such."
    ),
)
_COUNSEL = Wording(
    mode="counsel",
    word="counsel, with an order of a court",
    title="Service of order and notice of proprietary claim",
    subject="Service of order / notice of claim (counsel)",
    opening=(
        "We act for the claimant to the assets named below. We serve the order named in section 7, and give "
        "notice that value traced from the theft {where} and is claimed as the claimant's own. We exercise "
        "no public power: what binds you is the order, on its own terms, where it reaches you."
    ),
    ask="On the terms of that order, please",
    basis="",
    silence=(
        "Whether you may tell the account holders is for the order to say. If it does not, please consider "
        "waiting until it is served on them."
    ),
    silence_asked=(
        "Please do not tell the account holders of this letter for {days} days from receipt, or for as long "
        "as the order says. Basis: {basis}."
    ),
    truth="We state that a copy of the order is attached, and that it is in force on the day of sending.",
)
_LE = Wording(
    mode="le",
    word="law enforcement",
    title="Request for temporary restraint and preservation",
    subject="Freeze/Preservation request (law enforcement)",
    opening=(
        "On the legal basis stated in section 7 we write about value traced from the theft named below, "
        "which {where}, and request what section 1 names about it."
    ),
    ask="We request that you",
    basis="",
    silence="No confidentiality is asked in this letter; please follow your own rules.",
    silence_asked=(
        "Please do not notify the account holders of this request for {days} days from receipt, or until the "
        "undersigned authority releases you from it, whichever is earlier. Basis of this confidentiality: "
        "{basis}."
    ),
    truth="I state that the contents of this request are true to the best of my knowledge and belief.",
)
WORDING = {one.mode: one for one in (_LE, _COUNSEL, _VICTIM, _RESEARCHER)}
SHARED = "TLP:AMBER"
WHERE = {
    False: "was received at addresses assessed to be deposit addresses of your customers",
    True: (
        "was received at wallets that public labels name as yours, for customers whom only your own records "
        "name"
    ),
}
"""Where value was received, by whether it went straight into a wallet that pools customers' funds."""
CLAIMED = (
    "came to addresses that a third party, whom we could not verify, names as deposit addresses of yours"
)
RESTS = "rests, in the token that you issue, at addresses that no record we hold names as anybody's service"
CLAIM_TITLE = "Notice of a third party's claim, and question"
CLAIM_SUBJECT = "Is this address yours?"
CLAIM_ASK = (
    "Please check by your own records whether the addresses in section 3 are deposit addresses of yours, and "
    f"reply within {REPLY_DAYS} days of receipt. If they are, please flag the accounts credited by the "
    f"transactions in section 3 and keep the records listed in section 8 for {PRESERVE_DAYS} days from "
    "receipt. If they are not, nothing is asked. On a claim that we could not verify, nothing is asked about "
    "any balance: no hold and no restraint."
)
MIXER_TITLE = "Notice of exposure: traced value entered a mixer"
MIXER_SUBJECT = "Notice of exposure (mixer)"
MIXER_OPENING = (
    "This notice informs those who monitor for proceeds of theft, at exchanges and at authorities, that "
    "value traced from the theft named below entered {mixer}. It is addressed to no recipient, asks nothing "
    "of anybody, and names no account."
)
MIXER_USE = (
    "Its use: a transaction in section 3 may be compared with what monitoring knows of payments out of the "
    "mixer. What leaves a mixer is not matched here to what entered it: that somebody was paid from the "
    "mixer does not say that this value came to them. The contract pools the funds of many, and nothing "
    "is asked about it."
)
SILENCE_MIXER = "No confidentiality is asked. Whoever shares this notice keeps to the label named above."
HOLD_ENDS = (
    f"Any hold ends {HOLD_DAYS} days after receipt unless renewed in writing. The sender withdraws or "
    "narrows this letter in writing, from the call-back named above, if the facts change."
)
URGENCY = {
    "A": "A: value not yet swept from a deposit address at the end of the record",
    "B": "B: value came to your own wallets within a day before the end of the record",
    "C": "C: historic; all of it came to your own wallets; the customer may hold or have withdrawn it",
}
RESTING_URGENCY = "A: value rests at the addresses at the end of the record"
HISTORIC = "C: historic; what became of the value since is not in this record"
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
