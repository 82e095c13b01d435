"""The money as tables: where it went, that it all adds up, and how much the choice of rule matters."""

from __future__ import annotations

from flowtrace.model import Result, Rule, Theft, envelope
from flowtrace.report.accounted import NO_ORIGIN, Accounted, Line, accounted
from flowtrace.report.assumption import unrecorded
from flowtrace.report.cells import grouped, printable, rounded, share
from flowtrace.report.document.drawn import sankey_page, status_pages
from flowtrace.report.document.typeset import Block, Cell, heading, landscape, para, table
from flowtrace.report.document.words import exact
from flowtrace.report.subject import followed_amount, is_theft, stated
from flowtrace.report.summary import Move, moved
from flowtrace.report.tables import stated_rule


def money_pages(result: Result) -> list[Block]:
    """The three tables of every theft on landscape pages of their own, each drawn too; then all as bars."""
    made: list[Block] = []
    for number, book in enumerate(accounted(result), 1):
        made.append(landscape([*_where(result, book), *_exact(result, book), *_sensitivity(book)]))
        made.append(sankey_page(result, number, book))
    return [*made, *status_pages(result)]


def _name(line: Line) -> str:
    return f"{line.group}: {printable(line.name)}" if line.name else line.group


def _where(result: Result, book: Accounted) -> list[Block]:
    rules, asset = result.trace.rules, book.theft.asset
    rows: list[list[Cell]] = []
    for line in book.lines:
        low, high = envelope(line.taint)
        amounts = [rounded(asset, line.taint[rule]) for rule in rules]
        rows.append([_name(line), *amounts, _span(book, low, high), _shares(book, low, high)])
    head = ["where", *(rule.words for rule in rules), "range", stated(result.incident, "share of stolen")]
    return [
        heading(f"Where the money went: {followed_amount(result.incident, book.theft, became=book.became)}"),
        para(
            "Rounded; the exact amounts are in the next table. Range: the conserving rules.",
            small=True,
        ),
        table(
            head,
            rows,
            columns=["1fr", *([f"{144 // len(rules)}mm"] * len(rules)), "44mm", "30mm"],
            right=list(range(1, len(head))),
            size=8,
        ),
    ]


def _span(book: Accounted, low: int, high: int) -> str:
    asset = book.theft.asset
    texts = rounded(asset, low), rounded(asset, high)
    return texts[0] if texts[0] == texts[1] else "–".join(texts)


def _shares(book: Accounted, low: int, high: int) -> str:
    texts = share(low, book.theft.units), share(high, book.theft.units)
    if texts[0] == texts[1] or "<" in texts[1]:
        return texts[1]
    return f"{texts[0].removesuffix(' %')}–{texts[1]}"


def _exact(result: Result, book: Accounted) -> list[Block]:
    rules, asset = result.trace.rules, book.theft.asset
    rows: list[list[Cell]] = [
        [_name(line), *(grouped(asset, line.taint[rule]) for rule in rules)] for line in book.lines
    ]
    sums = {rule: sum(line.taint[rule] for line in book.lines) for rule in rules}
    strong = [len(rows), len(rows) + 1]
    rows.append(["sum of the rows", *(grouped(asset, sums[rule]) for rule in rules)])
    if book.clean.get(Rule.POISON):
        rows.append(
            [stated(result.incident, NO_ORIGIN), *(grouped(asset, book.clean[rule]) for rule in rules)]
        )
        strong.append(len(rows))
    rows.append(
        [
            "came by exchange" if book.became else stated(result.incident, "stolen"),
            *(grouped(asset, sums[rule] - book.clean[rule]) for rule in rules),
        ]
    )
    return [
        heading(f"Money accounted for: {followed_amount(result.incident, book.theft, became=book.became)}"),
        para(
            stated(
                result.incident,
                "Every base unit stolen is in one row, under every rule; the last row equals the stolen "
                "amount exactly, or this report would not have been written. Poison counts value with no "
                "stolen origin traced too; it is taken off again.",
            ),
            small=True,
        ),
        table(
            ["where", *(rule.words for rule in rules)],
            rows,
            columns=["1fr", *([f"{216 // len(rules)}mm"] * len(rules))],
            right=list(range(1, len(rules) + 1)),
            mono=list(range(1, len(rules) + 1)),
            size=7.2,
            strong=strong,
        ),
        *([para(note, small=True)] if (note := _without_origin(result, book)) else []),
    ]


def _without_origin(result: Result, book: Accounted) -> str:
    """Say what the row without a traced origin is made of, where the record tells the parts."""
    asset, clean = book.theft.asset, book.clean.get(Rule.POISON, 0)
    missing = sum(unrecorded(result, asset).values())
    if not clean or not 0 <= clean - missing <= _from_outside(result, book):
        return ""
    row = stated(result.incident, NO_ORIGIN).removeprefix("less: ")
    others = (
        f"{exact(asset, clean - missing)} that addresses outside the trace are recorded to have sent to "
        "followed addresses"
    )
    if not missing:
        return f"{row.capitalize()}: {others}; poison counts it, no other rule does."
    return (
        f"{row.capitalize()}: {exact(asset, missing)} that followed addresses sent without a source in this "
        f"record, and {others}. Poison counts both, no other rule does."
    )


def _from_outside(result: Result, book: Accounted) -> int:
    """Return all that followed addresses got of the asset from others, what is followed apart."""
    followed, theft = set(result.trace.expanded), book.theft
    came = (m for m in moved(result, theft.asset) if m.target in followed and m.source not in followed)
    return sum(m.units for m in came if m.transfer.id != theft.transfer and not _is_marked(m, theft))


def _is_marked(move: Move, theft: Theft) -> bool:
    return theft.is_mark and move.target == theft.thief


def _sensitivity(book: Accounted) -> list[Block]:
    asset = book.theft.asset
    rows: list[list[Cell]] = []
    for line in book.lines:
        low, high = envelope(line.taint)
        rows.append(
            [_name(line), _at(line, low), _at(line, high), rounded(asset, high - low), _verdict(low, high)]
        )
    return [
        heading("Sensitivity to the rule", 2),
        table(
            [
                "where",
                "lowest under",
                "highest under",
                f"spread ({printable(asset.unit)})",
                "does the rule matter",
            ],
            rows,
            columns=["1fr", "50mm", "50mm", "34mm", "70mm"],
            right=[3],
        ),
    ]


def _at(line: Line, units: int) -> str:
    low, high = envelope(line.taint)
    if low == high:
        return "all the same"
    return ", ".join(r.words for r, u in line.taint.items() if u == units and r is not Rule.POISON)


def _verdict(low: int, high: int) -> str:
    if low == high:
        return "no: the same under every conserving rule"
    if not low:
        return "yes: whether anything arrived depends on it"
    return "the amount does, that it arrived does not"


def method_line(result: Result) -> str:
    """Return which rule single amounts are stated by."""
    where = "Amounts in letters are" if is_theft(result.incident) else "Where one amount is named, it is"
    return f"{where} stated under {stated_rule(result).words}, with the range over the others."
