"""The identifiers as a spreadsheet: every cell is text, so that no program rounds, dates or runs it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flowtrace.model import Address, Hop, Result
from flowtrace.report.cells import cell, decimal, digits, utc
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.document.words import CLASSES, RULES, snapshot
from flowtrace.report.freeze.asking import title_of
from flowtrace.report.freeze.cards import cards_of
from flowtrace.report.freeze.paths import Way
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.tables import deposit_columns, deposit_rows, hop_columns, hop_rows, position

Rows = Iterable[tuple[str, ...]]
_WIDEST, _LAST = 68, "AZ"


def workbook(result: Result, request: FreezeRequest) -> bytes:
    """Return the XLSX, the same bytes on every run."""
    import xlsxwriter

    data = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(data, options)
    book.set_properties({"title": request.id, "created": datetime.fromisoformat(result.as_of[:10])})
    looks = (book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"}))
    for name, rows in _sheets(result, request).items():
        _sheet(book.add_worksheet(name), list(rows), looks)
    book.close()
    return data.getvalue()


def _sheets(result: Result, request: FreezeRequest) -> dict[str, Rows]:
    return {
        "Deposits": [deposit_columns(result.trace.rules), *deposit_rows(result, request.deposits)],
        "Paths": _paths(request.ways),
        "Hops": [hop_columns(result.trace.rules), *hop_rows(result, request.hops)],
        "Addresses": _addresses(result, request),
        "Method": _method(result, request),
        "ReadMe": _read_me(result, request),
    }


def _sheet(sheet: Any, rows: list[tuple[str, ...]], looks: tuple[object, object]) -> None:  # noqa: ANN401  xlsxwriter has no types
    bold, plain = looks
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text, plain if number else bold)
    # Amounts are text on purpose: no program need offer to make numbers of them, and round them.
    sheet.ignore_errors({"number_stored_as_text": f"A1:{_LAST}{len(rows)}"})
    for column in range(len(rows[0])):
        longest = max(len(row[column]) for row in rows if column < len(row))
        sheet.set_column(column, column, min(longest, _WIDEST) + 2)
    sheet.freeze_panes(1, 0)


def _paths(found: Iterable[Way]) -> Rows:
    yield (
        "path_id", "deposit_rows", "hop_no", "row", "from", "to", "tx", "position", "block", "block_time_utc",
        "asset_in", "amount_in", "asset_out", "amount_out", "edge_type", "counter_tx", "class", "method_note",
    )  # fmt: skip
    for way in found:
        deposits = " ".join(str(row) for row in way.deposits)
        for number, hop in enumerate(way.hops):
            yield (way.id, deposits, digits(number), *_hop(hop))


def _hop(hop: Hop) -> tuple[str, ...]:
    t, asset, units = hop.transfer, hop.amount.asset, hop.amount.units
    value = (cell(asset.symbol), decimal(asset, units))
    sides = (hop.source.display if hop.source else "", hop.target.display if hop.target else "")
    place = (t.tx, position(hop), digits(t.height), utc(t.time))
    return (digits(hop.row), *sides, *place, *value, *value, "transfer", "", cls_of(hop).value, t.basis.value)


def _addresses(result: Result, request: FreezeRequest) -> Rows:
    yield "address", "lower_case", "chain", "part", "labels", "sources"
    for address, part in sorted(_parts(request).items()):
        labels = [label for label in result.labels.get(address, ()) if not label.asserted]
        texts = "; ".join(label.text for label in labels)
        origins = "; ".join(dict.fromkeys(label.source for label in labels))
        yield address.display, address.account, address.chain_id, part, cell(texts), cell(origins)


def _parts(request: FreezeRequest) -> dict[Address, str]:
    parts = {a: "on a way" for hop in request.hops for a in (hop.source, hop.target) if a}
    for hop in (hop for way in request.ways for hop in way.hops):
        parts |= {a: "on a path" for a in (hop.source, hop.target) if a}
    parts |= {c.hop.target: c.place or "deposit address" for c in request.found if c.hop.target}
    parts |= {c.hop.target: c.place for c in request.pooled if c.hop.target and c.place}
    return parts | {
        c.hot_wallet: "hot wallet (never ask to freeze it)" for c in request.deposits if c.hot_wallet
    }


def _method(result: Result, request: FreezeRequest) -> Rows:
    yield "name", "meaning", "source"
    yield (
        "amounts stated under",
        request.rule.value,
        "traced_low and traced_high: range over the conserving rules",
    )
    for rule in result.trace.rules:
        yield (rule.value, *RULES[rule])
    yield from CLASSES
    for card in cards_of(result, request):
        measured = cell("; ".join(card.measured)) or "error rate: unmeasured"
        yield f"{card.id}/{card.version}", cell(card.claim), f"{cell(card.citation)}; {measured}"
    for name, value in result.parameters:
        yield cell(name), cell(value), "parameter of the case"


def _read_me(result: Result, request: FreezeRequest) -> Rows:
    yield "name", "value"
    yield "request", request.id
    yield "title", title_of(request)
    yield "mode", request.wording.mode
    yield "recipient", cell(request.entity.name)
    yield "urgency", request.urgency
    yield "record as of", result.as_of
    yield "snapshot", snapshot(result)
    yield "case digest", result.digest
    yield "cells", "every cell is text: amounts and blocks keep all their digits"
    yield "blank", "blank means: not held by the record"
    yield "row", "the number of the hop in every sheet and, as [n], in the letter, the report and its figure"
    yield "hops", "payments after the theft, which is hop 0: hops in Deposits, hop_no in Paths, depth in Hops"
    yield "Paths", "one way to each deposit address, the shortest"
    yield "Hops", "every hop by which value can have come to the rows of Deposits"
    yield (
        "class",
        "D recorded on one ledger; basis decoded: read out of a call, the payment is not in the record",
    )
    yield (
        "credited_to",
        "pooled wallet: the account is the one credited by deposit_tx at position; never freeze it",
    )
