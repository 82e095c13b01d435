"""The tables: what happened, row by row, as CSV that a spreadsheet cannot misread (RFC 4180, UTF-8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from flowtrace.model import (
    Chain,
    Class,
    Deposit,
    Hop,
    Leg,
    Result,
    Rule,
    Transfer,
    Use,
    envelope,
)
from flowtrace.report.accounted import accounted
from flowtrace.report.cells import cell, decimal, digits, utc
from flowtrace.report.diagram.fold import cls_of

__all__ = ["accounted", "deposit_class", "deposit_columns", "deposit_rows", "stated_rule", "write_tables"]

Rows = Iterable[tuple[str, ...]]
_MILLIONTHS = 1_000_000


def write_tables(result: Result, folder: Path) -> list[Path]:
    """Write every table into a folder; nothing, if the money does not add up."""
    accounted(result)
    paths = []
    for name, rows in _TABLES.items():
        path = folder / f"{name}.csv"
        path.write_bytes(_csv(rows(result)))
        paths.append(path)
    return paths


def _csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def stated_rule(result: Result) -> Rule:
    """Return the rule the letters state an amount by: the case's parameter ``rule``, else pro rata."""
    named = dict(result.parameters).get("rule", Rule.PRO_RATA)
    return next((rule for rule in result.trace.rules if rule == named), result.trace.rules[0])


def _transfers(result: Result) -> Rows:
    yield (
        "chain", "tx", "position", "block", "index", "order", "time_utc", "kind", "basis", "ok", "from", "to",
        "asset", "token_contract", "amount_base_units", "amount",
    )  # fmt: skip
    for t in result.transfers:
        place = (digits(t.height), digits(t.index), digits(t.order), utc(t.time))
        known = (t.kind.value, t.basis.value, "true" if t.ok else "false")
        for leg in t.outputs:
            yield (t.chain_id, t.tx, t.position, *place, *known, *_sides(t, leg), *_amount(leg))


def _sides(transfer: Transfer, leg: Leg | None = None) -> tuple[str, str]:
    """Return who gave (all of them, where many inputs pay one output) and who took; nobody takes a fee."""
    givers = dict.fromkeys(i.address.display for i in transfer.inputs if i.address)
    taker = (leg or transfer.outputs[0]).address
    return " ".join(givers), taker.display if taker else ""


def _amount(leg: Leg) -> tuple[str, str, str, str]:
    return cell(leg.asset.symbol), leg.asset.contract, digits(leg.units), decimal(leg.asset, leg.units)


def _taint(hop: Hop, rules: Iterable[Rule]) -> tuple[str, ...]:
    asset = hop.transfer.amount.asset
    return tuple(
        decimal(asset, units) for units in (*(hop.taint[rule] for rule in rules), *envelope(hop.taint))
    )


def _hops(result: Result) -> Rows:
    rules = result.trace.rules
    yield (
        "row", "theft", "depth", "chain", "tx", "position", "block", "time_utc", "from", "to", "asset",
        "token_contract", "amount_base_units", "amount", *(f"taint_{rule.value}" for rule in rules),
        "taint_low", "taint_high", "class", "basis",
    )  # fmt: skip
    for hop in result.trace.hops:
        t = hop.transfer
        place = (t.chain_id, t.tx, t.position, digits(t.height), utc(t.time), *_sides(t))
        key = (digits(hop.row), cell(hop.theft), digits(hop.depth))
        yield (*key, *place, *_amount(t.outputs[0]), *_taint(hop, rules), cls_of(hop).value, t.basis.value)


def deposit_columns(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the columns of a deposits table or sheet."""
    return (
        "row", "theft", "chain", "chain_name", "asset", "token_contract", "deposit_tx", "position", "block",
        "block_time_utc", "from_address", "deposit_address", "deposit_address_lower_case", "deposit_tag_memo",
        "amount_base_units", "amount", "usd_at_block", "price_source", "traced_amount", "traced_share",
        "traced_low", "traced_high", "method", *(f"taint_{rule.value}" for rule in rules), "evidence_class",
        "hops", "ledgers_crossed", "recipient", "recipient_basis", "recipient_confidence", "swept",
        "sweep_tx", "hot_wallet", "last_seen_balance", "snapshot_height",
    )  # fmt: skip


def deposit_rows(result: Result, deposits: Iterable[Deposit]) -> Rows:
    """Return one row per credit to an exchange; what the record does not hold is blank, and said to be."""
    return (_deposit(result, deposit) for deposit in deposits)


def _deposit(result: Result, deposit: Deposit) -> tuple[str, ...]:
    hop, t = deposit.hop, deposit.hop.transfer
    source, target = _sides(t)
    chain = Chain.of(t.chain_id).name
    amount = _amount(t.outputs[0])
    place = (t.chain_id, chain, *amount[:2], t.tx, t.position, digits(t.height), utc(t.time))
    value = (*amount[2:], "", "no price source held")
    path = (deposit_class(result, deposit).value, digits(hop.depth), "0")
    return (
        digits(hop.row), cell(hop.theft), *place, source, target, target.lower(), "none on chain", *value,
        *_traced(result, hop), *_taint(hop, result.trace.rules)[:-2], *path, *_recipient(result, deposit),
        dict(_heights(result)).get(t.chain_id, ""),
    )  # fmt: skip


def deposit_class(result: Result, deposit: Deposit) -> Class:
    """Return the worst class on the way: every hop is D, so it is that of whose address it is."""
    target = deposit.hop.transfer.target
    return next((s.cls for s in result.trace.stops if s.address == target), Class.P)


def _traced(result: Result, hop: Hop) -> tuple[str, ...]:
    rule, asset = stated_rule(result), hop.transfer.amount.asset
    units, moved = hop.taint[rule], hop.transfer.amount.units
    millionths = units * _MILLIONTHS // moved if moved else 0
    share = f"{millionths // _MILLIONTHS}.{millionths % _MILLIONTHS:06}"
    return (decimal(asset, units), share, *(decimal(asset, u) for u in envelope(hop.taint)), rule.value)


def _recipient(result: Result, deposit: Deposit) -> tuple[str, ...]:
    hot = deposit.hot_wallet
    labels = result.labels.get(hot, ()) if hot else ()
    sure = next((label.confidence for label in labels if label.use is Use.HOT_WALLET), "")
    swept = ("true", deposit.sweep.tx) if deposit.sweep else ("false", "")
    wallet = hot.display if hot else ""
    return cell(deposit.entity.name), cell(deposit.basis), cell(sure), *swept, wallet, ""


def _heights(result: Result) -> Iterable[tuple[str, str]]:
    return ((chain, digits(height)) for chain, height in result.snapshot)


def _deposits(result: Result) -> Rows:
    yield deposit_columns(result.trace.rules)
    yield from deposit_rows(result, result.trace.deposits)


def _set_aside(result: Result) -> Rows:
    by_id = {t.id: t for t in result.transfers}
    yield "transfer", "address", "asset", "token_contract", "amount_base_units", "amount", "by", "why"
    for aside in result.trace.set_aside:
        moved = _amount(by_id[aside.transfer].outputs[0]) if aside.transfer in by_id else ("", "", "", "")
        yield aside.transfer, aside.address.display, *moved, cell(aside.by), cell(aside.why)


def _coverage(result: Result) -> Rows:
    yield (
        "address",
        "chain",
        "scope",
        "first_block",
        "last_block",
        "complete",
        "check",
        "fetched_at",
        "source",
    )
    for c in result.coverage:
        span = (digits(c.first), digits(c.last), "true" if c.complete else "false")
        where = (c.address.display, c.address.chain_id, c.scope.value)
        yield *where, *span, cell(c.check), cell(c.fetched_at), cell(c.source)


def _roles(result: Result) -> Rows:
    yield "address", "chain", "role", "entity", "class", "by", "detail", "because"
    for r in result.trace.roles:
        why = (cell(r.by), cell(r.detail), " ".join(r.because))
        yield r.address.display, r.address.chain_id, r.role.value, cell(r.entity), r.cls.value, *why


_TABLES: dict[str, Callable[[Result], Rows]] = {
    "transfers": _transfers,
    "hops": _hops,
    "deposits": _deposits,
    "set_aside": _set_aside,
    "coverage": _coverage,
    "roles": _roles,
}
