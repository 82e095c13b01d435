"""What was asked, what was not, from which sources, by which method, and how to do it again."""

from __future__ import annotations

from flowtrace.model import Asset, Chain, Family, Gap, GapKind, Result, RuleCard
from flowtrace.report.cells import count, printable, readable, thousands
from flowtrace.report.document.appendix import yardstick
from flowtrace.report.document.cover import NOT_STATED
from flowtrace.report.document.coverage import coverage
from flowtrace.report.document.money import method_line
from flowtrace.report.document.readings import cited
from flowtrace.report.document.standing import corrections
from flowtrace.report.document.steps import steps
from flowtrace.report.document.typeset import Block, Cell, bullets, heading, pairs, para, table
from flowtrace.report.document.words import (
    CLASSES,
    NO_PRICES,
    NOT_A_FINDING,
    QUOTED,
    RULES,
    exact,
    snapshot,
)
from flowtrace.report.subject import stated

_MOST_GAPS = 40


def scope(result: Result) -> list[Block]:
    """The question, its limits, and the gaps of the record."""
    followed = " and ".join(exact(theft.asset, theft.units) for theft in result.incident.thefts)
    gaps = [_gap(result, gap) for gap in result.trace.gaps]
    more = len(gaps) - _MOST_GAPS
    rest = [f"{count(more, 'further gap')} like these: summary.json lists every one."] if more > 0 else []
    number = len(result.trace.expanded)
    outside = "persons, and what happens inside a mixer or an exchange."
    return [
        heading("Scope and what was not examined"),
        para(
            f"Question: where did the {followed} go, and at which services do they end? The record covers "
            f"{snapshot(result)}; nothing after that {_last(result)}was examined. "
            f"{count(number, 'address')} {'was' if number == 1 else 'were'} followed."
        ),
        para("Not examined, or not shown by the record:"),
        bullets([*gaps[:_MOST_GAPS], *rest, outside.capitalize() if result.prices else f"Prices, {outside}"]),
        para(
            f"Funding of this work: {printable(result.statement.funding) or NOT_STATED}. Conflicts of "
            f"interest of its authors: {printable(result.statement.conflicts) or NOT_STATED}."
        ),
    ]


def _last(result: Result) -> str:
    """Return what ends the record: a block; nothing where it is a bank's day too."""
    banks = any(Chain.of(chain).family is Family.BANK for chain, _ in result.snapshot)
    return "" if banks else "block "


def _gap(result: Result, gap: Gap) -> str:
    """Return a gap in words; what could not be read is told in its source's words, all else in ours."""
    what = readable(gap.what)
    if gap.kind is not GapKind.UNREAD:
        what = stated(result.incident, what)
    return f"{gap.address.display}: {what}" if gap.address else what


def sources(result: Result) -> list[Block]:
    """Where the record comes from, how whole it is, and how it is kept."""
    cited: list[list[Cell]] = [
        [printable(c.who), printable(c.what), printable(c.date), printable(c.where)]
        for c in result.incident.sources
    ]
    quoted = sorted({price.source for price in result.prices.values()})
    return [
        heading("Sources and custody"),
        *_cited(cited),
        *([para(f"Prices are quotes of: {printable(', '.join(quoted))}.")] if quoted else []),
        *coverage(result),
        *_confirmed(result),
        para(
            "Each item of evidence (a recorded answer or a table) was stored and hashed (SHA-256) before it "
            "was read, in an append-only log whose entries are chained by hash. Everything in this report is "
            "worked out from those bytes, and can be worked out again."
        ),
    ]


def _cited(rows: list[list[Cell]]) -> list[Block]:
    if not rows:
        return []
    return [
        table(
            ["source", "what", "date", "where"],
            rows,
            columns=["26mm", "1fr", "18mm", "1.1fr"],
            quoted=[0, 1, 3],
        )
    ]


def _confirmed(result: Result) -> list[Block]:
    """Say how many of the hops' transfers two independent services tell alike."""
    moved = {hop.transfer.id for hop in result.trace.hops}
    number = len(moved & result.confirmed)
    told = f"{number:,} of {len(moved):,}" if number else f"None of the {len(moved):,}"
    return [
        para(
            f"{told} transfers of the way are told alike by two independent services (transfers.csv, column "
            "confirmed)."
        )
    ]


def method(result: Result) -> list[Block]:
    """Rules, classes, parameters and heuristics."""
    rows: list[list[Cell]] = [
        [rule.words, stated(result.incident, RULES[rule][0]), RULES[rule][1]] for rule in result.trace.rules
    ]
    return [
        heading("Method"),
        para(
            "Transfers are followed in chain order (block, index in the block, order in the transaction), "
            "never by time. Taint is kept per address and asset in whole base units; network fees are "
            "payments of their own. Where the sender of a transaction gave one asset and got one other, the "
            "tainted share of what was given is carried over to what came, and the pool holds none of it. A "
            "trace ends at a service, a mixer, an exchange deposit address, an "
            "address without data, or below the minimum value. All rules are applied side by side, each in "
            "the same way throughout. " + method_line(result)
        ),
        *steps(result),
        heading("Tracing rules", 2),
        table(["rule", "meaning", "authority"], rows, columns=["20mm", "1.2fr", "1fr"]),
        heading("Evidence classes", 2),
        table(["class", "meaning", "words used"], _classes(), columns=["12mm", "1fr", "1fr"]),
        *yardstick(),
        heading("Parameters", 2),
        table(["name", "value"], _parameters(result), columns=["84mm", "1fr"]),
        heading("Heuristics", 2),
        *_others(result),
        *(block for card in cited(result) for block in _card(card)),
    ]


def _others(result: Result) -> list[Block]:
    """Name the heuristics that were used and say nothing here: that they found nothing is a finding too."""
    named = cited(result)
    silent = [f"{card.id}/{card.version}" for card in result.rule_cards if card not in named]
    if not silent:
        return []
    words = "Also used, and with nothing to say of this trace: "
    return [
        para(f"{words}{printable(', '.join(silent))}. “flowtrace heuristics” prints their cards.", small=True)
    ]


def _classes() -> list[list[Cell]]:
    return [[*cls] for cls in CLASSES]


def _parameters(result: Result) -> list[list[Cell]]:
    units = {f"minimum {theft.asset}": theft.asset for theft in result.incident.thefts}
    return [[printable(n), _said(printable(value), units.get(n))] for n, value in result.parameters]


def _said(value: str, asset: Asset | None) -> str:
    """Return a parameter as the case states it, thousands set apart; base units with what they make."""
    if not value.isdecimal():
        return value
    return thousands(value) + (f" base units ({exact(asset, int(value))})" if asset else "")


def _card(card: RuleCard) -> list[Block]:
    parameters = ", ".join(f"{name} = {_said(value, None)}" for name, value in card.parameters)
    rows: list[tuple[str, Cell]] = [
        ("claim", printable(card.claim)),
        ("class", f"{card.cls.value}: {card.cls.words}"),
        ("authority", printable(card.citation)),
        ("parameters", printable(parameters) or "none"),
        ("known failures", [printable(f"– {failure}") for failure in card.failures] or "none recorded"),
        ("falsified by", printable(card.falsified_by)),
        ("error rate", [printable(rate) for rate in card.measured] or "unmeasured"),
    ]
    return [heading(f"{card.id}, version {card.version}", 3), {**pairs(rows), "quoted": True}]


def limits(result: Result) -> list[Block]:
    """What a finding is not."""
    prices = QUOTED if result.prices else NO_PRICES
    items = [stated(result.incident, text) for text in (*NOT_A_FINDING[:-1], prices, NOT_A_FINDING[-1])]
    return [heading("Limits: what a finding is not"), bullets(items), *corrections(result)]
