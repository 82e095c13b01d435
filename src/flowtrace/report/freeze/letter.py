"""The letter, section by section, in words its reader can act on."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Basis, Class, Hop, Result
from flowtrace.report.cells import count, printable, utc
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.document.typeset import Block, Cell, boxed, bullets, heading, pairs, para, table
from flowtrace.report.document.words import RULES, exact, keys, read_as, sides
from flowtrace.report.freeze.cards import cards_of
from flowtrace.report.freeze.credited import credited
from flowtrace.report.freeze.opening import facts
from flowtrace.report.freeze.paths import Way
from flowtrace.report.freeze.request import FreezeRequest, Kind
from flowtrace.report.freeze.terms import terms
from flowtrace.report.freeze.wording import BLANK, WORDING

_MOST_PATHS = 4


def letter_blocks(result: Result, request: FreezeRequest, annexes: dict[str, str]) -> list[Block]:
    """Return the letter's body after its opening; ``annexes`` are the SHA-256 of the other files."""
    return [
        *facts(result, request),
        *credited(result, request),
        *_claims(request),
        *_paths(request),
        *_method(result, request),
        *terms(result, request),
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


def _claims(request: FreezeRequest) -> list[Block]:
    if not request.claims or request.kind is Kind.CLAIM:
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
    cards = cards_of(result, request)
    weak = [f"{c.id}/{c.version}: {printable(f)}" for c in cards for f in c.failures]
    rates = [
        f"{c.id}/{c.version}: error rate {printable('; '.join(c.measured)) or 'unmeasured'}" for c in cards
    ]
    return [
        heading("5. Method and confidence", 2),
        para(
            f"Rule: {request.rule.words}. {RULES[request.rule][0]} The same rule is applied throughout; "
            f"transfers are followed in chain order. {_classes(request.hops)} {_inferred(request)} Case "
            f"digest {result.digest}; anyone can work it out again with flowtrace {result.version}."
        ),
        bullets([*weak, *rates, _otherwise(request)]),
    ]


def _otherwise(request: FreezeRequest) -> str:
    if request.kind is Kind.MIXER:
        return "A record that shows other payments of these addresses would change our view."
    return "Your records showing other addresses or another owner would change our view."


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


_WHOSE = {
    Kind.EXCHANGE: "That the addresses are your deposit addresses is class P (inferred from their sweeps).",
    Kind.CLAIM: "That the addresses are yours is class X: a third party says so; it is no finding of ours.",
    Kind.ISSUER: "That nobody's service holds the addresses is what no record says otherwise (class P).",
}


def _inferred(request: FreezeRequest) -> str:
    said = []
    if request.found:
        said.append(_WHOSE[request.kind])
    if request.pooled and request.kind is Kind.EXCHANGE:
        said.append("That the wallets are yours is class P (what public labels say).")
    return " ".join(said)


def _closing(result: Result, request: FreezeRequest, annexes: dict[str, str]) -> list[Block]:
    asks = request.kind in {Kind.EXCHANGE, Kind.ISSUER}
    truth = (request.wording if asks else WORDING["researcher"]).truth
    return [
        heading("11. Annexes", 2),
        table(["file", "SHA-256"], [[name, digest] for name, digest in annexes.items()],
              columns=["40mm", "1fr"], mono=[1], size=8),
        para("manifest.json holds the SHA-256 of every file, this letter included.", small=True),
        para(truth),
        pairs([("Name", printable(result.requester.name) or BLANK), ("Date", BLANK), ("Signature", BLANK)]),
    ]  # fmt: skip
