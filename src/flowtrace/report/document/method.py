"""What was asked, what was not, from which sources, by which method, and how to do it again."""

from __future__ import annotations

from collections import Counter

from flowtrace.model import Result, RuleCard
from flowtrace.report.cells import printable
from flowtrace.report.document.money import method_line
from flowtrace.report.document.typeset import Block, Cell, bullets, heading, pairs, para, table
from flowtrace.report.document.words import CLASSES, NOT_A_FINDING, RULES, count, exact, snapshot


def scope(result: Result) -> list[Block]:
    """The question, its limits, and the gaps of the record."""
    thefts = " and ".join(exact(theft.asset, theft.units) for theft in result.incident.thefts)
    gaps = [
        f"{g.address.display}: {printable(g.what)}" if g.address else printable(g.what)
        for g in result.trace.gaps
    ]
    return [
        heading("Scope and what was not examined"),
        para(
            f"Question: where did the {thefts} go, and at which services do they end? The record covers "
            f"{snapshot(result)}; nothing after that block was examined. "
            f"{count(len(result.trace.expanded), 'address')} were followed."
        ),
        para("Not examined, or not shown by the record:"),
        bullets([*gaps, "Prices, persons, and what happens inside a mixer or an exchange."]),
    ]


def sources(result: Result) -> list[Block]:
    """Where the record comes from, and how it is kept."""
    asked = Counter((c.scope.words, c.complete) for c in result.coverage)
    held = [
        f"{words}: {count(number, 'address')}, {'complete' if complete else 'incomplete or not held'}"
        for (words, complete), number in sorted(asked.items())
    ]
    cited: list[list[Cell]] = [
        [printable(c.who), printable(c.what), printable(c.date), printable(c.url)]
        for c in result.incident.sources
    ]
    return [
        heading("Sources and custody"),
        table(["source", "what", "date", "where"], cited, columns=["28mm", "1.4fr", "20mm", "1fr"]),
        para("Coverage of the record, by what was asked (coverage.csv has every address):"),
        bullets(held or ["No coverage is recorded."]),
        para(
            "Every answer was stored and hashed (SHA-256) before it was read, in an append-only log whose "
            "entries are chained by hash. Everything in this report is worked out from those bytes, and can "
            "be worked out again."
        ),
    ]  # fmt: skip


def method(result: Result) -> list[Block]:
    """Rules, classes, parameters and heuristics."""
    rows: list[list[Cell]] = [[rule.words, *RULES[rule]] for rule in result.trace.rules]
    return [
        heading("Method"),
        para(
            "Transfers are followed in chain order (block, index in the block, order in the transaction), "
            "never by time. Taint is kept per address and asset in whole base units; network fees are "
            "payments of their own. A trace ends at a service, a mixer, an exchange deposit address, an "
            "address without data, or below the minimum value. All rules are applied side by side, each in "
            "the same way throughout. " + method_line(result)
        ),
        heading("Tracing rules", 2),
        table(["rule", "meaning", "authority"], rows, columns=["20mm", "1.2fr", "1fr"]),
        heading("Evidence classes", 2),
        table(["class", "meaning", "words used"], _classes(), columns=["12mm", "1fr", "1fr"]),
        para("No likelihood words are used in this report. A path takes its worst class.", small=True),
        heading("Parameters", 2),
        table(["name", "value"], _parameters(result), columns=["84mm", "1fr"]),
        heading("Heuristics", 2),
        *(block for card in result.rule_cards for block in _card(card)),
    ]


def _classes() -> list[list[Cell]]:
    return [[*cls] for cls in CLASSES]


def _parameters(result: Result) -> list[list[Cell]]:
    return [[printable(name), printable(value)] for name, value in result.parameters]


def _card(card: RuleCard) -> list[Block]:
    parameters = ", ".join(f"{name} = {value}" for name, value in card.parameters)
    rows: list[tuple[str, Cell]] = [
        ("claim", printable(card.claim)),
        ("class", f"{card.cls.value}: {card.cls.words}"),
        ("authority", printable(card.citation)),
        ("parameters", printable(parameters) or "none"),
        ("known failures", [printable(f"– {failure}") for failure in card.failures] or "none recorded"),
        ("falsified by", printable(card.falsified_by)),
        ("error rate", printable(card.measured) or "unmeasured"),
    ]
    return [heading(f"{card.id}, version {card.version}", 3), pairs(rows)]


def limits() -> list[Block]:
    """What a finding is not."""
    return [heading("Limits: what a finding is not"), bullets(NOT_A_FINDING)]


def reproduction(result: Result) -> list[Block]:
    """How another person gets the same figures."""
    return [
        heading("Reproduction"),
        bullets(
            [
                f"Install flowtrace {result.version} and take the case folder {result.incident.id}.",
                f"Run: flowtrace verify {result.incident.id}. It works all of this out again and compares.",
                "The case digest must read as on the cover; any other is another record or other rules.",
                "manifest.json beside this report holds the SHA-256 of every file.",
            ]
        ),
    ]
