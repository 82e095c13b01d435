"""The letter, section by section, in words its reader can act on."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Deposit, Hop, Result
from flowtrace.report.cells import grouped, printable, utc
from flowtrace.report.document.deposits import address_table, amount_lines
from flowtrace.report.document.typeset import Block, Cell, boxed, bullets, heading, pairs, para, table
from flowtrace.report.document.words import RULES, count, exact
from flowtrace.report.freeze.opening import facts, opening
from flowtrace.report.freeze.paths import Way
from flowtrace.report.freeze.request import Cap, FreezeRequest
from flowtrace.report.freeze.wording import (
    BLANK,
    HOLD_DAYS,
    PRESERVE,
)

_MOST_ROWS, _MOST_PATHS = 12, 4


def letter_blocks(result: Result, request: FreezeRequest, annexes: dict[str, str]) -> list[Block]:
    """Return the letter's body; ``annexes`` are the SHA-256 of the files that go with it."""
    return [
        *opening(result, request),
        *facts(result),
        *_credits(result, request),
        *_claims(request),
        *_paths(request),
        *_method(result, request),
        *_cap(request),
        *_basis(result, request),
        heading("8. Records to keep", 2),
        bullets(PRESERVE),
        heading("9. Confidentiality", 2),
        para(request.wording.silence),
        *_closing(result, request, annexes),
    ]


def letter_texts(blocks: Iterable[Block]) -> Iterable[str]:
    """Yield every text in a letter, however deep, for the check of its words."""
    for block in blocks:
        yield from _texts(block)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in _texts(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in _texts(part))


def _credits(result: Result, request: FreezeRequest) -> list[Block]:
    largest = sorted(request.deposits, key=lambda d: (-d.hop.transfer.amount.units, d.hop.row))[:_MOST_ROWS]
    all_of_them = len(largest) == len(request.deposits)
    named = (
        "The credits:" if all_of_them else f"The {len(largest)} largest of {len(request.deposits)} credits:"
    )
    rest = "" if all_of_them else " All are in identifiers.xlsx (sheet Deposits)."
    return [
        heading("3. Transactions into addresses assessed to be your deposit addresses (P)", 2),
        para("The deposit addresses, and why they are assessed to be yours (class P):"),
        address_table(result, request.deposits),
        para(named),
        table(
            ["row", "block, time (UTC)", "transaction; from; deposit address", "received; traced; low; high"],
            [_credit(deposit, request) for deposit in largest],
            columns=["11mm", "28mm", "1fr", "46mm"], mono=[2, 3], right=[3], size=7,
        ),
        para(
            f"Traced: under {request.rule.words}; low and high: range over the conserving rules.{rest}",
            small=True,
        ),
    ]  # fmt: skip


def _credit(deposit: Deposit, request: FreezeRequest) -> list[Cell]:
    t, taint = deposit.hop.transfer, deposit.hop.taint
    amounts = amount_lines(t.amount.units, taint, request.rule)
    return [
        f"[{deposit.hop.row}]",
        [str(t.height), utc(t.time)],
        [t.tx, *(a.display for a in (t.source, t.target) if a)],
        [f"{name}\u00a0{grouped(t.amount.asset, units)}" for name, units in amounts],
    ]


def _claims(request: FreezeRequest) -> list[Block]:
    if not request.claims:
        return []
    said = [
        f"{c.address.display}: “{printable(c.text)}” ({printable(c.source)}, {printable(c.date)})"
        for c in request.claims
    ]
    return [
        boxed(
            "Claims by third parties that we could not verify (class X); nothing is asked on them",
            [bullets(said)],
        )
    ]


def _paths(request: FreezeRequest) -> list[Block]:
    blocks: list[Block] = [heading("4. How value moved to these addresses", 2)]
    for way in request.ways[:_MOST_PATHS]:
        blocks += [para(_way(way)), _hops(way.hops)]
    more = len(request.ways) - _MOST_PATHS
    return (
        [*blocks, para(f"{count(more, 'further path')} in the annex (sheet Paths).")] if more > 0 else blocks
    )


def _way(way: Way) -> str:
    return (
        f"Path {way.id}, {count(len(way.hops), 'hop')} on one ledger, class D, of "
        f"{count(len(way.deposits), 'credit')}: one of the ways, the shortest, to [{way.hops[-1].row}]. "
        "Value may have come by other hops too: hops.csv and Annex B of the report list every one."
    )


def _hops(hops: Iterable[Hop]) -> Block:
    return table(
        ["row", "time (UTC)", "transaction; from; to", "sent"],
        [_hop(hop) for hop in hops],
        columns=["10mm", "30mm", "1fr", "38mm"], mono=[2, 3], right=[3], size=7,
    )  # fmt: skip


def _hop(hop: Hop) -> list[Cell]:
    t = hop.transfer
    sides = [a.display for a in (t.source, t.target) if a]
    return [f"[{hop.row}]", utc(t.time), [t.tx, *sides], exact(t.amount.asset, t.amount.units)]


def _method(result: Result, request: FreezeRequest) -> list[Block]:
    cards = {role.by.split("/")[0] for role in result.trace.roles}
    weak = [
        f"{c.id}/{c.version}: {printable(f)}" for c in result.rule_cards if c.id in cards for f in c.failures
    ]
    rates = [
        f"{c.id}/{c.version}: error rate {printable(c.measured) or 'unmeasured'}" for c in result.rule_cards
    ]
    return [
        heading("5. Method and confidence", 2),
        para(
            f"Rule: {request.rule.words}. {RULES[request.rule][0]} The same rule is applied throughout; "
            "transfers are followed in chain order. Every hop is class D (recorded on one ledger). That the "
            f"addresses are your deposit addresses is class P (inferred). Case digest {result.digest}; "
            f"anyone can work it out again with flowtrace {result.version}."
        ),
        bullets(
            [*weak, *rates, "Your records showing other addresses or another owner would change our view."]
        ),
    ]


def _cap(request: FreezeRequest) -> list[Block]:
    return [
        heading("6. Amount cap and third parties", 2),
        para(
            f"{' '.join(_capped(cap) for cap in request.caps)} If an account's balance exceeds the traced "
            "amount, please do not restrict the rest on account of this letter. Nothing is asked about hot "
            "wallets or other pooled addresses: they hold the funds of other customers."
        ),
    ]


def _capped(cap: Cap) -> str:
    return (
        f"Traced to you: {exact(cap.asset, cap.traced)} of {exact(cap.asset, cap.received)} received; range "
        f"{exact(cap.asset, cap.low)} to {exact(cap.asset, cap.high)} over the conserving rules."
    )


def _basis(result: Result, request: FreezeRequest) -> list[Block]:
    basis = (
        request.wording.basis
        or printable(result.requester.legal_basis)
        or f"Statute, order and number: {BLANK}"
    )
    return [heading("7. Legal basis", 2), para(basis)]


def _closing(result: Result, request: FreezeRequest, annexes: dict[str, str]) -> list[Block]:
    return [
        heading("10. Release", 2),
        para(
            f"Any hold ends {HOLD_DAYS} days after receipt unless renewed in writing. The sender withdraws "
            "or narrows this letter in writing, from the call-back named above, if the facts change."
        ),
        heading("11. Annexes", 2),
        table(["file", "SHA-256"], [[name, digest] for name, digest in annexes.items()],
              columns=["40mm", "1fr"], mono=[1], size=8),
        para(request.wording.truth),
        pairs([("Name", printable(result.requester.name) or BLANK), ("Date", BLANK), ("Signature", BLANK)]),
    ]  # fmt: skip
