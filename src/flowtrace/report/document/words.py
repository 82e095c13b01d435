"""The report's standing words: what each rule and class means, and what a finding is not.

Wording follows the classes: "sent" and "received" for what a ledger records (D), "assessed" for what is
inferred (P). An actor is named only where an official statement is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Asset, Basis, Chain, Class, Hop, Kind, Result, Rule, Taint, Transfer, envelope
from flowtrace.report.cells import grouped, printable, rounded, share

RULES = {
    Rule.POISON: (
        "Whatever leaves an address after stolen value came in is stolen: an upper bound, not conserving.",
        "Möser, Böhme, Breuker, Towards Risk Scoring of Bitcoin Transactions (FC 2014 workshops)",
    ),
    Rule.PRO_RATA: (
        "Every payment carries the stolen share that the paying balance has at that moment (haircut).",
        "Möser, Böhme, Breuker (2014); Barlow Clowes v Vaughan [1992] 4 All ER 22",
    ),
    Rule.FIFO: (
        "What came in first is paid out first.",
        "Devaynes v Noble (Clayton's Case) (1816) 1 Mer 572; Anderson et al., Bitcoin Redux (WEIS 2018)",
    ),
    Rule.LIFO: (
        "What came in last is paid out first.",
        "United States v Banco Cafetero Panama, 797 F.2d 1154 (2d Cir. 1986)",
    ),
    Rule.DIRTY_FIRST: (
        "Stolen value is paid out before any other: the most that any conserving rule lets leave.",
        "Banco Cafetero (1986), drugs-in first-out; Tironsakkul et al., context-based tracing (2022)",
    ),
    Rule.LIBR: (
        "Stolen value is paid out last; once spent, later deposits of others do not restore the claim.",
        "James Roscoe (Bolton) Ltd v Winder [1915] 1 Ch 62; Restatement (Third) of Restitution § 59",
    ),
    Rule.TIHO: (
        "Stolen value fills the largest outputs first. Coins are spent whole, so dirty-first says the same.",
        "Tironsakkul et al. (2019)",
    ),
    Rule.TILO: (
        "Stolen value fills the smallest outputs first. Coins are spent whole, so LIBR says the same.",
        "Tironsakkul et al. (2019)",
    ),
}
CLASSES = tuple(
    (cls.value, cls.words[0].upper() + cls.words[1:] + ".", verb)
    for cls, verb in (
        (Class.D, "sent, received"),
        (Class.C, "matched to"),
        (Class.P, "assessed to be"),
        (Class.X, "according to"),
    )
)
SHARING = {
    "TLP:RED": "for the eyes and ears of its recipients only",
    "TLP:AMBER+STRICT": "to those in the recipient's organisation who need to know",
    "TLP:AMBER": "to those in the recipient's organisation, and its clients, who need to know",
    "TLP:GREEN": "within the recipient's community, not in public",
    "TLP:CLEAR": "without restriction",
}
"""The labels of the Traffic Light Protocol 2.0, the strictest first, and what each allows."""
NOT_A_FINDING = (
    "That an address received traced value does not say that its holder knew of the theft.",
    (
        "An address is not a person. A deposit address points to a customer account that only the exchange "
        "can name."
    ),
    "Under a mixing rule an amount is a legal convention applied to a record, not a property of the coins.",
    "What leaves a mixer is not matched to what entered it. No statement is made about it.",
    "No data held for an address means that nothing is known of what it did, not that it did nothing.",
    "This document is not legal advice.",
)
NO_PRICES = "Prices are not held, so no amount is stated in a currency."
QUOTED = "A worth in dollars is somebody's quote near the block's time, not what anybody paid or got."


def exact(asset: Asset, units: int) -> str:
    """Return an exact amount with its symbol, kept on one line."""
    return f"{grouped(asset, units)}\u00a0{printable(asset.unit)}"


def about(asset: Asset, units: int) -> str:
    """Return a rounded amount with its symbol, kept on one line."""
    return f"{rounded(asset, units)}\u00a0{printable(asset.unit)}"


def decoded(transfers: Iterable[Transfer]) -> str:
    """Say, as sentences, that payments are read out of the arguments of calls, or rounded by a file.

    A call is recorded on its ledger; the payment that it asks for is not in the record.
    """
    held = list(transfers)
    read = sum(transfer.basis is Basis.DECODED for transfer in held)
    lossy = sum(transfer.basis is Basis.LOSSY for transfer in held)
    said = f" {_whole(lossy, held)} from a file that rounds amounts." if lossy else ""
    if not read:
        return said
    if len(held) == 1:
        return " It is decoded from the arguments of the call; the payment itself is not in this record."
    which = _whole(read, held)
    return (
        f" {which} decoded from the arguments of calls; the payments themselves are not in this record.{said}"
    )


def _whole(part: int, held: list[Transfer]) -> str:
    if len(held) == 1:
        return "It is"
    return "All are" if part == len(held) else f"{part:,} of them {'is' if part == 1 else 'are'}"


def read_as(hop: Hop) -> list[str]:
    """Return a mark for a hop that is not plainly recorded: ``decoded``, or ``rounded`` by its file."""
    return {Basis.DECODED: ["decoded"], Basis.LOSSY: ["rounded"]}.get(hop.transfer.basis, [])


def sides(hop: Hop) -> list[str]:
    """Return who paid and who was paid; of several who paid together, who gave most and how many more."""
    givers = {leg.address for leg in hop.transfer.inputs if leg.address}
    more = f" and {len(givers) - 1} more" if len(givers) > 1 else ""
    source = f"{hop.source.display}{more}" if hop.source else ""
    nobody = (
        "network fee" if hop.transfer.kind is Kind.FEE or not hop.amount.asset.contract else "nobody: burnt"
    )
    return [source, hop.target.display if hop.target else nobody]


def between(asset: Asset, taint: Taint, whole: int) -> str:
    """Return the range over the conserving rules in words, with its share of a whole."""
    low, high = envelope(taint)
    most = f"{about(asset, high)} ({share(high, whole)})"
    none = f"{share(high, whole)}; nothing {under(taint, 0)}"
    if low == high:
        return f"{most} under every conserving rule"
    if not low:
        return f"up to {about(asset, high)} ({none})"
    if (about(asset, low), share(low, whole)) == (about(asset, high), share(high, whole)):
        return f"about {most} under every conserving rule"
    return f"between {about(asset, low)} ({share(low, whole)}) and {most}"


def under(taint: Taint, units: int) -> str:
    """Return the conserving rules that give an amount, in words."""
    names = [rule.words for rule, given in taint.items() if given == units and rule is not Rule.POISON]
    return f"under {' and '.join((', '.join(names[:-1]), names[-1]) if names[1:] else names)}"


def keys(rows: Iterable[int]) -> str:
    """Return row numbers as the [n] of figures, runs drawn together.

    >>> keys([3, 1, 2, 7])
    '[1]–[3], [7]'
    """
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], row]
        else:
            runs.append([row])
    return ", ".join("–".join(f"[{row}]" for row in run) for run in runs)


def footer(result: Result) -> str:
    """Return what every page says at its foot."""
    digest = result.digest[:16]
    made = f"flowtrace {result.version} · {result.incident.id} · record as of {result.as_of[:10]}"
    return f"{made} · digest {digest}…"


def snapshot(result: Result) -> str:
    """Return the last block, or book day of a bank, that the record covers, per chain."""
    return "; ".join(f"{_chain(chain)} {Chain.of(chain).at(height)}" for chain, height in result.snapshot)


def _chain(chain_id: str) -> str:
    """Return a chain by its name, and its id beside it.

    >>> _chain("eip155:1")
    'Ethereum (eip155:1)'
    """
    return f"{Chain.of(chain_id).title} ({chain_id})"
