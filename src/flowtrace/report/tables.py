"""The tables: what happened, row by row, as CSV that a spreadsheet cannot misread (RFC 4180, UTF-8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from flowtrace.model import (
    Chain,
    Class,
    Hop,
    Kind,
    Leg,
    Result,
    RoleName,
    Rule,
    Transfer,
    Use,
    depends_on_rule,
    envelope,
    finding_id,
)
from flowtrace.report.accounted import accounted
from flowtrace.report.cells import cell, decimal, digits, utc
from flowtrace.report.credit import Credit, credits_of
from flowtrace.report.crossed import crossing_table, uncrossed_table
from flowtrace.report.diagram.fold import cls_of
from flowtrace.report.likely import candidate_table
from flowtrace.report.rounds import round_table
from flowtrace.report.subject import role_words, stated

__all__ = [
    "accounted", "csv_of", "deposit_class", "deposit_columns", "deposit_rows", "hop_columns", "hop_rows",
    "position", "stated_rule", "tables", "write_tables",
]  # fmt: skip

Rows = Iterable[tuple[str, ...]]
_MILLIONTHS = 1_000_000


def write_tables(result: Result, folder: Path) -> list[Path]:
    """Write every table into a folder; nothing, if the money does not add up."""
    accounted(result)
    paths = []
    for name, rows in tables(result).items():
        path = folder / f"{name}.csv"
        path.write_bytes(csv_of(rows))
        paths.append(path)
    return paths


def tables(result: Result) -> dict[str, Rows]:
    """Return every table by its name, the first row being the names of its columns."""
    return {name: rows(result) for name, rows in _TABLES.items()}


def csv_of(rows: Rows) -> bytes:
    """Return rows as CSV (RFC 4180, UTF-8)."""
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
        "asset", "token_contract", "amount_base_units", "amount", "confirmed",
    )  # fmt: skip
    for t in result.transfers:
        place = (digits(t.height), digits(t.index), digits(t.order), utc(t.time))
        known = (t.kind.value, t.basis.value, _flag(t.ok))
        sure = _flag(t.id in result.confirmed)
        for leg in t.outputs:
            yield (t.chain_id, t.tx, t.position, *place, *known, *_sides(t, leg), *_amount(leg), sure)


def _flag(is_so: bool) -> str:  # noqa: FBT001  a cell
    return "true" if is_so else "false"


def position(hop: Hop) -> str:
    """Return where in its transaction a hop stands: for coins the output, ``vout 3``."""
    if hop.transfer.kind is not Kind.COIN:
        return hop.transfer.position
    return f"vout {hop.transfer.outputs[hop.leg].coin.rpartition(':')[2] or hop.leg}"


def _sides(transfer: Transfer, leg: Leg | None = None) -> tuple[str, str]:
    """Return who gave (all of them, where many inputs pay one output) and who took; nobody takes a fee."""
    givers = dict.fromkeys(i.address.display for i in transfer.inputs if i.address)
    taker = (leg or transfer.outputs[0]).address
    return " ".join(givers), taker.display if taker else ""


def _amount(leg: Leg) -> tuple[str, str, str, str]:
    return cell(leg.asset.symbol), leg.asset.contract, digits(leg.units), decimal(leg.asset, leg.units)


def _taint(hop: Hop, rules: Iterable[Rule]) -> tuple[str, ...]:
    asset = hop.amount.asset
    units = (*(hop.taint[rule] for rule in rules), *envelope(hop.taint))
    return (*(decimal(asset, each) for each in units), _flag(depends_on_rule(hop.taint)))


def hop_columns(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the columns of a hops table or sheet."""
    return (
        "row", "theft", "depth", "chain", "tx", "position", "block", "time_utc", "from", "to", "asset",
        "token_contract", "amount_base_units", "amount", *(f"taint_{rule.value}" for rule in rules),
        "taint_low", "taint_high", "depends_on_rule", "class", "basis", "crossing",
    )  # fmt: skip


def hop_rows(result: Result, hops: Iterable[Hop]) -> Rows:
    """Return one row per hop; ``depth`` counts hops after the theft, which is hop 0."""
    for hop in hops:
        t = hop.transfer
        leg = t.outputs[hop.leg]
        place = (t.chain_id, t.tx, position(hop), digits(t.height), utc(t.time), *_sides(t, leg))
        key = (digits(hop.row), cell(hop.theft), digits(hop.depth))
        known = (cls_of(hop).value, t.basis.value, cell(hop.crossing))
        yield (*key, *place, *_amount(leg), *_taint(hop, result.trace.rules), *known)


def _hops(result: Result) -> Rows:
    yield hop_columns(result.trace.rules)
    yield from hop_rows(result, result.trace.hops)


def deposit_columns(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the columns of a deposits table or sheet."""
    return (
        "row", "theft", "chain", "chain_name", "asset", "token_contract", "deposit_tx", "position", "block",
        "block_time_utc", "from_address", "credited_to", "deposit_address", "deposit_address_lower_case",
        "deposit_tag_memo", "amount_base_units", "amount", "usd_at_block", "price_source", "traced_amount",
        "traced_share", "traced_low", "traced_high", "depends_on_rule", "method",
        *(f"taint_{rule.value}" for rule in rules),
        "evidence_class", "basis", "hops", "ledgers_crossed", "recipient", "recipient_basis",
        "recipient_confidence", "swept", "sweep_tx", "hot_wallet", "last_seen_balance", "snapshot_height",
    )  # fmt: skip


def deposit_rows(result: Result, credits_: Iterable[Credit]) -> Rows:
    """Return one row per credit to an exchange; what the record does not hold is blank, and said to be.

    A credit into a pooled wallet has no deposit address, so that nobody takes the wallet for one.
    """
    return (_deposit(result, credit) for credit in credits_)


def _deposit(result: Result, credit: Credit) -> tuple[str, ...]:
    hop, t = credit.hop, credit.hop.transfer
    source, _ = _sides(t)
    chain = Chain.of(t.chain_id).name
    amount = _amount(t.outputs[hop.leg])
    place = (t.chain_id, chain, *amount[:2], t.tx, position(hop), digits(t.height), utc(t.time))
    value = (*amount[2:], *_worth(result, hop))
    path = (deposit_class(result, credit).value, t.basis.value, digits(hop.depth), digits(hop.crossed))
    return (
        digits(hop.row), cell(hop.theft), *place, source, *_credited(credit), "none on chain", *value,
        *_traced(result, hop), *_taint(hop, result.trace.rules)[:-3], *path, *_recipient(result, credit),
        dict(_heights(result)).get(t.chain_id, ""),
    )  # fmt: skip


def _worth(result: Result, hop: Hop) -> tuple[str, str]:
    """Return what a hop was worth in dollars at its block, and who says so."""
    price = result.prices.get((hop.amount.asset, hop.transfer.time))
    return (price.value(hop.amount), cell(price.said)) if price else ("", "no price source held")


def _credited(credit: Credit) -> tuple[str, str, str]:
    address = credit.deposit_address
    if address is None:
        return credit.place or "pooled wallet of the exchange", "", ""
    return credit.place or "deposit address", address.display, address.account


def deposit_class(result: Result, credit: Credit) -> Class:
    """Return the worst class on the way: that of its hop, and of whose address was paid."""
    stops = [s.cls for s in result.trace.stops if s.address == credit.hop.target]
    whose = [credit.cls] if credit.cls else (stops or [Class.P])
    return max([cls_of(credit.hop), credit.hop.worst, *whose], key=list(Class).index)


def _traced(result: Result, hop: Hop) -> tuple[str, ...]:
    rule, asset = stated_rule(result), hop.amount.asset
    units, moved = hop.taint[rule], hop.amount.units
    millionths = units * _MILLIONTHS // moved if moved else 0
    share = f"{millionths // _MILLIONTHS}.{millionths % _MILLIONTHS:06}"
    span = (decimal(asset, each) for each in envelope(hop.taint))
    return (decimal(asset, units), share, *span, _flag(depends_on_rule(hop.taint)), rule.value)


def _recipient(result: Result, credit: Credit) -> tuple[str, ...]:
    hot = credit.hot_wallet
    labels = result.labels.get(hot, ()) if hot else ()
    sure = next((label.confidence for label in labels if label.use is Use.HOT_WALLET or credit.pooled), "")
    swept = ("", "") if credit.pooled else ("true", credit.sweep.tx) if credit.sweep else ("false", "")
    wallet = hot.display if hot else ""
    return cell(credit.entity.name), cell(credit.basis), cell(sure), *swept, wallet, ""


def _heights(result: Result) -> Iterable[tuple[str, str]]:
    return ((chain, digits(height)) for chain, height in result.snapshot)


def _deposits(result: Result) -> Rows:
    yield deposit_columns(result.trace.rules)
    yield from deposit_rows(result, credits_of(result))


def _set_aside(result: Result) -> Rows:
    by_id = {t.id: t for t in result.transfers}
    yield "transfer", "address", "asset", "token_contract", "amount_base_units", "amount", "by", "why"
    for aside in result.trace.set_aside:
        moved = _amount(by_id[aside.transfer].outputs[0]) if aside.transfer in by_id else ("", "", "", "")
        yield aside.transfer, aside.address.display, *moved, cell(aside.by), cell(aside.why)


def _coverage(result: Result) -> Rows:
    yield (
        "address", "chain", "scope", "first_block", "last_block", "complete", "check", "fetched_at", "source",
    )  # fmt: skip
    for c in result.coverage:
        span = (digits(c.first), digits(c.last), _flag(c.complete))
        where = (c.address.display, c.address.chain_id, c.scope.value)
        yield *where, *span, cell(c.check), cell(c.fetched_at), cell(c.source)


def _roles(result: Result) -> Rows:
    yield "address", "chain", "role", "entity", "class", "by", "detail", "because"
    for r in result.trace.roles:
        role = role_words(result.incident, r.role)
        detail = stated(result.incident, r.detail) if r.role is RoleName.THEFT else r.detail
        why = (cell(r.by), cell(detail), " ".join(r.because))
        yield r.address.display, r.address.chain_id, role, cell(r.entity), r.cls.value, *why


def _clusters(result: Result) -> Rows:
    yield "cluster", "address", "chain"
    for number, held in enumerate(result.clusters, start=1):
        for address in held.members:
            yield digits(number), address.display, address.chain_id


def _cluster_findings(result: Result) -> Rows:
    yield "cluster", "finding", "address", "same_owner_as", "by", "score", "because"
    for number, held in enumerate(result.clusters, start=1):
        for one in held.because:
            said = (finding_id(one), one.a.display, one.b.display, cell(one.by), cell(one.score))
            yield digits(number), *said, " ".join(one.because)


def _patterns(result: Result) -> Rows:
    yield "finding", "pattern", "by", "class", "addresses", "figures", "detail", "because"
    for one in result.patterns:
        whom = " ".join(address.display for address in one.addresses)
        figures = cell("; ".join(f"{name} = {value}" for name, value in one.figures))
        said = (finding_id(one), cell(one.name), cell(one.by), one.cls.value, whom)
        yield *said, figures, cell(one.detail), " ".join(one.because)


_TABLES: dict[str, Callable[[Result], Rows]] = {
    "transfers": _transfers,
    "hops": _hops,
    "deposits": _deposits,
    "set_aside": _set_aside,
    "coverage": _coverage,
    "roles": _roles,
    "clusters": _clusters,
    "cluster_findings": _cluster_findings,
    "patterns": _patterns,
    "crossings": crossing_table,
    "uncrossed": uncrossed_table,
    "crossing_candidates": candidate_table,
    "coinjoins": round_table,
}
