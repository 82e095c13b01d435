"""The letter, section by section, in words its reader can act on."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Basis, Class, Hop, Result
from flowtrace.report.cells import count, printable, utc
from flowtrace.report.credit import Credit
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.document.deposits import (
    POOLED,
    address_table,
    amount_lines,
    names_table,
    wallet_table,
)
from flowtrace.report.document.typeset import Block, Cell, boxed, bullets, heading, pairs, para, table
from flowtrace.report.document.words import RULES, exact, keys, read_as, sides
from flowtrace.report.freeze.opening import facts, opening
from flowtrace.report.freeze.paths import Way
from flowtrace.report.freeze.request import Cap, FreezeRequest
from flowtrace.report.freeze.wording import BLANK, HOLD_DAYS, PRESERVE
from flowtrace.report.tables import position

_MOST_ROWS, _MOST_PATHS = 12, 4
_TITLES = {
    (True, False): "Transactions into addresses assessed to be your deposit addresses (P)",
    (False, True): "Transactions straight into wallets that public labels name as yours (P)",
    (True, True): "Transactions into your deposit addresses, and straight into your wallets, as assessed (P)",
}
"""Of the third section, by whether there are credits into deposit addresses, and straight into wallets."""


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
    largest = sorted(request.deposits, key=lambda c: (-c.hop.amount.units, c.hop.row))[:_MOST_ROWS]
    all_of_them = len(largest) == len(request.deposits)
    named = (
        "The credits:" if all_of_them else f"The {len(largest)} largest of {len(request.deposits)} credits:"
    )
    rest = "" if all_of_them else " All are in identifiers.xlsx (sheet Deposits) and identifiers.csv."
    return [
        heading(f"3. {_TITLES[bool(request.found), bool(request.pooled)]}", 2),
        *_into_deposits(result, request),
        *_into_wallets(result, request),
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


def _credit(credit: Credit, request: FreezeRequest) -> list[Cell]:
    hop, t = credit.hop, credit.hop.transfer
    return [
        [f"[{hop.row}]", *read_as(hop)],
        [str(t.height), utc(t.time)],
        [f"{t.tx}  {position(hop)}", *sides(hop)],
        [*amount_lines(hop.amount.asset, hop.amount.units, hop.taint, rule=request.rule)],
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
    blocks: list[Block] = [heading("4. How value moved there", 2)]
    for way in request.ways[:_MOST_PATHS]:
        blocks += [para(_way(way, _others(request))), _hops(way.hops)]
    more = len(request.ways) - _MOST_PATHS
    return (
        [*blocks, para(f"{count(more, 'further path')} in the annex (sheet Paths).")] if more > 0 else blocks
    )


def _others(request: FreezeRequest) -> str:
    """Say whether value can have come by hops that no path shows."""
    shown = {hop.row for way in request.ways for hop in way.hops} | {c.hop.row for c in request.deposits}
    if shown >= {hop.row for hop in request.hops}:
        return "No other way is on record; the sheet Hops of identifiers.xlsx lists every hop."
    return (
        "It is one of the ways, the shortest. Value may have come by other hops too: the sheet Hops of "
        "identifiers.xlsx lists every hop by which it can have come."
    )


def _way(way: Way, others: str) -> str:
    worst = max((cls_of(hop) for hop in way.hops), key=list(Class).index)
    return (
        f"Path {way.id}, of {count(len(way.deposits), 'credit')}: the theft (hop 0) and "
        f"{count(way.steps, 'hop')} after it, to [{way.hops[-1].row}]; class {worst} ({worst.words}). "
        f"{others}"
    )


def _hops(hops: Iterable[Hop]) -> Block:
    return table(
        ["row", "time (UTC)", "transaction; from; to", "sent"],
        [_hop(hop) for hop in hops],
        columns=["14mm", "30mm", "1fr", "38mm"], mono=[2, 3], right=[3], size=7,
    )  # fmt: skip


def _hop(hop: Hop) -> list[Cell]:
    t = hop.transfer
    row = [f"[{hop.row}]", *read_as(hop)]
    return [row, utc(t.time), [t.tx, *sides(hop)], exact(hop.amount.asset, hop.amount.units)]


def _method(result: Result, request: FreezeRequest) -> list[Block]:
    cards = {role.by.split("/")[0] for role in result.trace.roles}
    weak = [
        f"{c.id}/{c.version}: {printable(f)}" for c in result.rule_cards if c.id in cards for f in c.failures
    ]
    rates = [
        f"{c.id}/{c.version}: error rate {printable('; '.join(c.measured)) or 'unmeasured'}"
        for c in result.rule_cards
        if c.id in cards
    ]
    return [
        heading("5. Method and confidence", 2),
        para(
            f"Rule: {request.rule.words}. {RULES[request.rule][0]} The same rule is applied throughout; "
            f"transfers are followed in chain order. {_classes(request.hops)} {_inferred(request)} Case "
            f"digest {result.digest}; anyone can work it out again with flowtrace {result.version}."
        ),
        bullets(
            [*weak, *rates, "Your records showing other addresses or another owner would change our view."]
        ),
    ]


def _classes(hops: Iterable[Hop]) -> str:
    """Say how the hops are known, class by class, and which of them are read out of calls."""
    held = list(hops)
    by_class: dict[Class, list[int]] = {}
    for hop in held:
        by_class.setdefault(cls_of(hop), []).append(hop.row)
    parts = [f"{len(rows):,} class {cls} ({cls.words})" for cls, rows in sorted(by_class.items())]
    read = [hop.row for hop in held if hop.transfer.basis is Basis.DECODED]
    said = (
        f" Of them, {keys(read)} {'is' if len(read) == 1 else 'are'} decoded from the arguments of a call: "
        "the call is recorded, the payment itself is not in this record."
        if read
        else ""
    )
    return f"Hops by which value can have come to these credits: {' and '.join(parts)}.{said}"


def _inferred(request: FreezeRequest) -> str:
    said = []
    if request.found:
        said.append("That the addresses are your deposit addresses is class P (inferred from their sweeps).")
    if request.pooled:
        said.append("That the wallets are yours is class P (what public labels say).")
    return " ".join(said)


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
