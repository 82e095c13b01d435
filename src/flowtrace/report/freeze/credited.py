"""The letter's third section: what came where, and why it is taken for the recipient's."""

from __future__ import annotations

from collections.abc import Callable

from flowtrace.model import Result, Stop, envelope
from flowtrace.report.cells import count, printable, utc
from flowtrace.report.credit import Credit, wallet_label
from flowtrace.report.document.deposits import (
    POOLED,
    address_sums,
    address_table,
    amount_lines,
    names_table,
    wallet_table,
)
from flowtrace.report.document.typeset import Block, Cell, bullets, heading, para, table
from flowtrace.report.document.words import exact, read_as, sides
from flowtrace.report.freeze.request import FreezeRequest, Kind
from flowtrace.report.tables import position

_MOST_ROWS = 12
_TITLES = {
    (True, False): "Transactions into addresses assessed to be your deposit addresses (P)",
    (False, True): "Transactions straight into wallets that public labels name as yours (P)",
    (True, True): "Transactions into your deposit addresses, and straight into your wallets, as assessed (P)",
}


_KIND_TITLES = {
    Kind.CLAIM: "Transactions into addresses that a third party names as yours (X)",
    Kind.MIXER: "Transactions into the mixer (D)",
    Kind.ISSUER: "Addresses where traced value rests, and the transactions that brought it",
}


def credited(result: Result, request: FreezeRequest) -> list[Block]:
    """Return the section: the addresses, why, and the largest credits."""
    largest = sorted(request.deposits, key=lambda c: (-c.hop.amount.units, c.hop.row))[:_MOST_ROWS]
    all_of_them = len(largest) == len(request.deposits)
    named = (
        "The credits:"
        if all_of_them
        else f"{len(largest)} of {count(len(request.deposits), 'credit')}, the largest, of equals the first:"
    )
    rest = "" if all_of_them else " All are in identifiers.xlsx (sheet Deposits) and identifiers.csv."
    return [
        heading(f"3. {_third(request)}", 2),
        *_LISTED[request.kind](result, request),
        para(named),
        table(
            ["row", "block, time (UTC)", "transaction, position; from; to", "received; traced; low; high"],
            [_credit(credit, request) for credit in largest],
            columns=["12mm", "26mm", "1fr", "46mm"], mono=[2, 3], right=[3], size=7,
        ),
        para(
            f"Traced: under {request.rule.words}; low and high: range over the conserving rules.{rest}",
            small=True,
        ),
    ]  # fmt: skip


def _third(request: FreezeRequest) -> str:
    return _KIND_TITLES.get(request.kind) or _TITLES[bool(request.found), bool(request.pooled)]


def _into_exchange(result: Result, request: FreezeRequest) -> list[Block]:
    return [*_into_deposits(result, request), *_into_wallets(result, request)]


def _into_deposits(result: Result, request: FreezeRequest) -> list[Block]:
    if not request.found:
        return []
    return [
        para("The deposit addresses, and why they are assessed to be yours (class P):"),
        address_table(result, request.found),
        *names_table(result, request.found),
    ]


def _into_wallets(result: Result, request: FreezeRequest) -> list[Block]:
    if not request.pooled:
        return []
    return [
        para(
            "The following was paid straight into wallets that public labels name as yours (class P). "
            f"{POOLED} Your own records tell which account that is."
        ),
        wallet_table(result, request.pooled),
    ]


def _into_claimed(result: Result, request: FreezeRequest) -> list[Block]:
    said = [
        f"{c.address.display}: “{printable(c.text)}”, according to {printable(c.source)} "
        f"({printable(c.confidence)}, {printable(c.date)})"
        for c in request.claims
    ]
    return [
        para(
            "Whose these addresses are is class X: a third party says it, without a basis that we could "
            "check. The record holds no answer for them, so that no sweep into a wallet of yours is shown."
        ),
        bullets(said),
        address_sums(result, request.deposits, "address; who says that it is yours (class X)"),
    ]


def _into_mixer(result: Result, request: FreezeRequest) -> list[Block]:
    senders = len({credit.hop.source for credit in request.deposits})
    contracts = dict.fromkeys(credit.hop.target for credit in request.deposits if credit.hop.target)
    named = {address: wallet_label(result, address, request.entity) for address in contracts}
    return [
        para(
            f"{count(len(request.deposits), 'transaction')} from {count(senders, 'address')} paid traced "
            "value into it. The contract is named so that they can be found, and for nothing else."
        ),
        bullets(
            f"{address.display}: {printable(label.text)}, according to {printable(label.source)}"
            if label
            else address.display
            for address, label in named.items()
        ),
    ]


def _at_rest(_result: Result, request: FreezeRequest) -> list[Block]:
    return [
        para(
            "The token rests at these addresses at the end of the record, by what the record shows: no "
            "service is known to hold them, and no block of yours is on record. Check both before you act."
        ),
        table(
            ["address", "asset, contract", "traced; low; high"],
            [_resting(stop, request) for stop in request.resting],
            columns=["1fr", "52mm", "46mm"], mono=[0, 1, 2], right=[2], size=7,
        ),
    ]  # fmt: skip


def _resting(stop: Stop, request: FreezeRequest) -> list[Cell]:
    low, high = envelope(stop.taint)
    named = (("traced", stop.taint[request.rule]), ("low", low), ("high", high))
    lines = [f"{name} {exact(stop.asset, units)}" for name, units in named]
    return [stop.address.display, [printable(stop.asset.unit), stop.asset.contract], lines]


_LISTED: dict[Kind, Callable[[Result, FreezeRequest], list[Block]]] = {
    Kind.EXCHANGE: _into_exchange,
    Kind.CLAIM: _into_claimed,
    Kind.MIXER: _into_mixer,
    Kind.ISSUER: _at_rest,
}


def _credit(credit: Credit, request: FreezeRequest) -> list[Cell]:
    hop, t = credit.hop, credit.hop.transfer
    return [
        [f"[{hop.row}]", *read_as(hop)],
        [str(t.height), utc(t.time)],
        [f"{t.tx}  {position(hop)}", *sides(hop)],
        [*amount_lines(hop.amount.asset, hop.amount.units, hop.taint, rule=request.rule)],
    ]
