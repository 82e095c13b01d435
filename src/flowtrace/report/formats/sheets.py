"""Every table of a result, for CSV, XLSX and Parquet: those of ``out/``, and what the trace sums up to."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Result, Taint, envelope
from flowtrace.report.cells import cell, decimal, digits
from flowtrace.report.formats.identity import day_of
from flowtrace.report.tables import tables

Row = tuple[str, ...]
Rows = Iterable[Row]


def sheets(result: Result) -> dict[str, Rows]:
    """Return every table by name, the first row being the names of its columns; every cell is text."""
    own = {
        "case": _case(result),
        "thefts": _thefts(result),
        "stops": _stops(result),
        "accounts": _accounts(result),
        "gaps": _gaps(result),
        "labels": _labels(result),
        "rule_cards": _rule_cards(result),
    }
    return own | tables(result)


def _case(result: Result) -> Rows:
    yield "name", "value"
    yield "incident", cell(result.incident.id)
    yield "title", cell(result.incident.title)
    yield "as_of", day_of(result)
    yield "version", cell(result.version)
    yield "digest", result.digest
    yield "ledger_digest", result.ledger_digest
    yield "sharing", cell(result.sharing)
    for chain, height in result.snapshot:
        yield f"snapshot {chain}", digits(height)
    for name, value in result.parameters:
        yield cell(f"parameter {name}"), cell(value)


def _thefts(result: Result) -> Rows:
    yield "theft", "asset", "symbol", "amount_base_units", "amount", "transfer", "from", "to"
    for theft in result.trace.thefts or result.incident.thefts:
        asset = theft.asset
        moved = (str(asset), cell(asset.symbol), digits(theft.units), decimal(asset, theft.units))
        yield cell(theft.id), *moved, theft.transfer, theft.origin, theft.thief.display


def _stops(result: Result) -> Rows:
    rules = result.trace.rules
    yield (
        "theft", "address", "chain", "asset", "symbol", "stop", "entity", "class", "basis",
        "received_base_units", "transfers", "senders",
        *(f"taint_{rule.value}_base_units" for rule in rules), "taint_low_base_units",
        "taint_high_base_units", "claims",
    )  # fmt: skip
    for stop in result.trace.stops:
        asset = (str(stop.asset), cell(stop.asset.symbol))
        known = (stop.reason.value, cell(stop.entity.name) if stop.entity else "", stop.cls.value)
        came = (digits(stop.received), digits(stop.transfers), digits(stop.senders))
        claims = cell("; ".join(f"{claim.text} ({claim.source})" for claim in stop.claims))
        where = (cell(stop.theft), stop.address.display, stop.address.chain_id)
        yield *where, *asset, *known, cell(stop.basis), *came, *_taint(stop.taint), claims


def _taint(taint: Taint) -> Row:
    return tuple(digits(units) for units in (*taint.values(), *envelope(taint)))


def _accounts(result: Result) -> Rows:
    parts = ("stolen", "clean", "fees", "resting", "unaddressed", "overtaken", "sold", "bought")
    yield "theft", "rule", "asset", "symbol", *(f"{part}_base_units" for part in parts)
    for account in result.trace.accounts:
        amounts = (digits(getattr(account, part)) for part in parts)
        asset = account.of
        yield cell(account.theft.id), account.rule.value, str(asset), cell(asset.symbol), *amounts


def _gaps(result: Result) -> Rows:
    yield "kind", "address", "asset", "amount_base_units", "what"
    for gap in result.trace.gaps:
        amount = (str(gap.amount.asset), digits(gap.amount.units)) if gap.amount else ("", "")
        yield gap.kind.value, str(gap.address or ""), *amount, cell(gap.what)


def _labels(result: Result) -> Rows:
    yield (
        "address", "chain", "label", "category", "use", "entity", "source", "confidence", "date", "asserted",
    )  # fmt: skip
    for address, labels in sorted(result.labels.items()):
        for one in labels:
            kind = (
                cell(one.text),
                one.category.value,
                one.use.value,
                cell(one.entity.name) if one.entity else "",
            )
            said = (
                cell(one.source),
                cell(one.confidence),
                cell(one.date),
                "true" if one.asserted else "false",
            )
            yield address.display, address.chain_id, *kind, *said


def _rule_cards(result: Result) -> Rows:
    yield "by", "class", "claim", "citation", "error_rate", "falsified_by"
    for card in result.rule_cards:
        words = (cell(card.claim), cell(card.citation), cell("; ".join(card.measured)) or "unmeasured")
        yield cell(f"{card.id}/{card.version}"), card.cls.value, *words, cell(card.falsified_by)
