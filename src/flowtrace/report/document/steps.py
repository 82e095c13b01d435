"""The method step by step: how each is done in this case, and how it is known to fail."""

from __future__ import annotations

from flowtrace.model import Class, Kind, Result, StopReason
from flowtrace.report.cells import count, printable
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.document.typeset import Block, heading, table
from flowtrace.report.subject import stated

_MIXERS = ("tornado", "railgun")


def steps(result: Result) -> list[Block]:
    """Return one row per step; what is counted is counted in this result."""
    rows = [
        _acquisition(result),
        [
            "Addresses",
            (
                "Each is read in its chain's own form and its checksum is verified (EIP-55, base58check, "
                "bech32); two spellings of one account are one address."
            ),
            "A form without a checksum, all in lower case, hides a mistyped digit.",
        ],
        _crossing(result),
        _mixers(result),
        _clustering(result),
        _pricing(result),
        _thresholds(result),
    ]
    return [
        heading("Steps", 2),
        table(
            ["step", "how, in this case", "known to fail where"],
            [[stated(result.incident, text) for text in row] for row in rows],
            columns=["24mm", "1.3fr", "1fr"],
            size=8,
        ),
    ]


def _acquisition(result: Result) -> list[str]:
    told = sorted({one.source for one in result.coverage})
    named = f": {printable('; '.join(told[:3]))}" if told else ""
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""  # noqa: PLR2004  enough to see what they are
    return [
        "Acquisition",
        f"{count(len(told), 'source')}{named}{more}. Every answer is kept and hashed before it is read.",
        (
            "A source that leaves out payments without saying so is found only by a second one, or by a "
            "sum that does not come out."
        ),
    ]


def _crossing(result: Result) -> list[str]:
    over = sum(cls_of(hop) is Class.C for hop in result.trace.hops)
    swaps = sum(account.sold > 0 for account in result.trace.accounts)
    inferred = [one for one in result.trace.crossings if one.cls is Class.P]
    guessed = (
        f" {count(len(inferred), 'crossing')} of class P followed, by amount and time or on a person's word."
        if inferred
        else ""
    )
    crossed = (
        f"{count(over, 'hop')} matched to the far side of a bridge by the protocol's own key."
        if over
        else ""
        if inferred
        else "No hop of this trace crosses ledgers: the address of a bridge ends it, as any service's does."
    )
    into = " Value exchanged within one transaction is followed into what it bought." if swaps else ""
    return [
        "Swaps and bridges",
        f"{crossed}{guessed}{into}".strip(),
        "An exchange spread over several transactions is not seen.",
    ]


def _mixers(result: Result) -> list[str]:
    number = sum(stop.reason is StopReason.MIXER for stop in result.trace.stops)
    return [
        "Mixers",
        (f"{count(number, 'end')} of the trace at a mixer. {_notes(result)}"),
        "What is withdrawn later is out of sight.",
    ]


def _notes(result: Result) -> str:
    """Say what is done with payments out of mixers: listed, and followed on a person's word alone."""
    crossed = [one for one in result.trace.crossings if one.protocol in _MIXERS]
    listed = [one for one in result.trace.likely if one.protocol in _MIXERS]
    if crossed:
        return (
            f"{count(len(crossed), 'withdrawal')} followed, each by a finding that a person accepted; "
            f"{count(len(listed), 'candidate')} listed."
        )
    if listed:
        return f"{count(len(listed), 'candidate')} for what left one listed with odds, none followed."
    return "What leaves one is not matched to what entered it, and no withdrawal is attributed."


def _clustering(result: Result) -> list[str]:
    coins = any(hop.transfer.kind is Kind.COIN for hop in result.trace.hops)
    guard = " Transactions that several may have made together (CoinJoin) join nobody." if coins else ""
    return [
        "Clustering",
        (
            f"{count(len(result.clusters), 'cluster')}, each union with the finding that made it; no amount "
            f"rests on one.{guard}"
        ),
        "As each rule card says below.",
    ]


def _pricing(result: Result) -> list[str]:
    number = len(result.prices)
    how = (
        f"{count(number, 'quote')} near the time of the block"
        if number
        else "None: amounts stand in their asset"
    )
    return ["Pricing", f"{how}. No tracing rule uses a price.", "A quote is not what anybody got."]


def _thresholds(result: Result) -> list[str]:
    small = sum(stop.reason is StopReason.MINIMUM for stop in result.trace.stops)
    beyond = sum(stop.reason in (StopReason.BUDGET, StopReason.CROWDED) for stop in result.trace.stops)
    return [
        "Thresholds",
        (
            f"Parameters, below, state them. {count(small, 'address')} got less than the minimum; "
            f"{count(beyond, 'address')} beyond the budget or with too many payments. Their value stands in "
            "rows of its own in the accounts."
        ),
        "Many small parts are left that together may be much.",
    ]
