"""Deposits per exchange: what reached which deposit address or wallet, and which requests are written."""

from __future__ import annotations

from collections.abc import Iterable

from flowtrace.model import Address, Asset, Audience, Entity, Result, Rule, StopReason, Taint, envelope
from flowtrace.report.assumption import assumption
from flowtrace.report.cells import count, grouped, printable, readable
from flowtrace.report.credit import Credit, by_address, by_entity, received, summed, wallet_label
from flowtrace.report.document.typeset import Block, Cell, boxed, heading, para, table
from flowtrace.report.document.words import exact, keys, under
from flowtrace.report.subject import NO_REQUEST, is_theft
from flowtrace.report.summary import moved
from flowtrace.report.tables import stated_rule

LEFT = frozenset({StopReason.BUDGET, StopReason.CROWDED})
"""The reasons to stop at an address whose payments the trace did not look at."""
POOLED = (
    "Such a wallet pools the funds of many customers, so nothing is asked about the wallet itself: the "
    "account that matters is the one that the exchange credited by the transaction, named by its hash and "
    "position."
)


def deposits(result: Result) -> list[Block]:
    """One part per exchange: its credits, and the request to it; or why there is no request."""
    found = by_entity(result)
    stopped = _stopped(result)
    body = [
        block
        for entity, held in found.values()
        for block in _entity(result, held, stopped=stopped.get(entity.id, ""))
    ]
    why = [] if is_theft(result.incident) else [para(NO_REQUEST)]
    return [heading("Deposits per exchange"), *why, *(body or [para(_none(result))])]


def _none(result: Result) -> str:
    """Say that no exchange was reached, as far as the trace went, and so no request is written."""
    cut = {stop.address for stop in result.trace.stops if stop.reason in LEFT}
    far = (
        f", as far as the trace went: {count(len(cut), 'address')} with traced value "
        f"{'was' if len(cut) == 1 else 'were'} not followed (see Findings)"
        if cut
        else ""
    )
    written = " So no request to an exchange is written." if is_theft(result.incident) else ""
    return f"No traced value reached a deposit address or a labelled wallet of an exchange{far}.{written}"


def _stopped(result: Result) -> dict[str, str]:
    """Return why no request to an exchange is written, by its id, where a gate stops it."""
    from flowtrace.report.freeze.stopped import stopped  # noqa: PLC0415  its letters are made of these tables

    return stopped(result)


def _entity(result: Result, held: list[Credit], *, stopped: str) -> list[Block]:
    entity = held[0].entity
    none = nothing_arrived(result, held)
    said = assumption(result, held)
    why = [para(said)] if said else []
    return [
        heading(printable(entity.name), 2),
        para(f"{_request(result, entity, stopped)}Each row stands in Annex B and deposits.csv."),
        *([boxed("The result depends on the rule", [para(none), *why])] if none else []),
        *tables(result, held),
    ]


def nothing_arrived(result: Result, held: Iterable[Credit]) -> str:
    """Name the rules under which nothing traced arrived, where there are any."""
    listed = list(held)
    said = []
    for asset in dict.fromkeys(credit.hop.amount.asset for credit in listed):
        taint = summed((c for c in listed if c.hop.amount.asset == asset), result.trace.rules)
        if not envelope(taint)[0]:
            said.append(f"No traced {printable(asset.unit)} arrived {under(taint, 0)}.")
    return " ".join(said)


def _request(result: Result, entity: Entity, stopped: str) -> str:
    """Name the request's folder, or say why none is written."""
    if not is_theft(result.incident) or result.audience is Audience.PUBLIC:  # a public copy has no letters
        return ""
    if stopped:
        return f"No request to {printable(entity.name)} is written: {printable(stopped)}. "
    return f"A draft of the request to {printable(entity.name)} is in requests/{entity.id}/. "


def tables(result: Result, held: Iterable[Credit]) -> list[Block]:
    """Return the credits to deposit addresses, then those into pooled wallets, each with words before it."""
    listed = list(held)
    found = [credit for credit in listed if not credit.pooled]
    pooled = [credit for credit in listed if credit.pooled]
    blocks: list[Block] = []
    if found:
        blocks += [para(f"{_sum(found, 'deposit address')}."), address_table(result, found)]
    if pooled:
        own = f"{_sum(pooled, 'wallet')}: named by labels as the exchange's own, and paid straight. {POOLED}"
        blocks += [para(own), wallet_table(result, pooled)]
    return blocks


def _sum(held: list[Credit], noun: str) -> str:
    """Return how many credits of how much, per asset, to how many addresses."""
    whole = " and ".join(exact(asset, units) for asset, units in received(held).items())
    where = count(len({credit.hop.target for credit in held}), noun)
    number = len({(credit.hop.transfer.id, credit.hop.leg) for credit in held})
    return f"{count(number, 'credit')} of in all {whole} to {where}"


def address_table(result: Result, held: Iterable[Credit]) -> Block:
    """Return one row per deposit address: what came, what of it is traced, why it is the exchange's."""
    return address_sums(result, held, "deposit address; why (class P)")


def wallet_table(result: Result, held: Iterable[Credit]) -> Block:
    """Return one row per pooled wallet: what came, what of it is traced, who names the wallet."""
    return address_sums(result, held, "pooled wallet; who names it (class P)")


def address_sums(result: Result, held: Iterable[Credit], first: str) -> Block:
    """Return one row per address that was paid: what came, what of it is traced, and who says whose it is."""
    return table(
        [first, "rows", "received; traced; low; high"],
        [_row(result, address, found) for (address, _), found in by_address(held).items()],
        columns=["1fr", "34mm", "50mm"], right=[2], mono=[2], size=7.5,
    )  # fmt: skip


def _row(result: Result, address: Address, held: list[Credit]) -> list[Cell]:
    asset = held[0].hop.amount.asset
    taint = summed(held, result.trace.rules)
    bases = dict.fromkeys(readable(credit.basis) for credit in held)
    sweeps = dict.fromkeys(f"first sweep: {credit.sweep.tx}" for credit in held[:1] if credit.sweep)
    return [
        [address.display, *bases, *sweeps, *_more(result, address, held)],
        [f"{len(held)}: {keys(credit.hop.row for credit in held)}"],
        [*amount_lines(asset, received(held)[asset], taint, rule=stated_rule(result))],
    ]


def _more(result: Result, address: Address, held: list[Credit]) -> list[str]:
    said = "" if held[0].pooled else swept_more(result, address, held[0].hop.amount.asset)
    return [said] if said else []


def swept_more(result: Result, address: Address, asset: Asset) -> str:
    """Say where the rest came from, where a deposit address passed on more than the trace brought it."""
    traced = {hop.transfer.id for hop in result.trace.hops if hop.target == address}
    came = [m for m in moved(result, asset) if m.target == address and m.transfer.id not in traced]
    if not came:
        return ""
    sent = exact(asset, sum(move.units for move in came))
    return f"others sent it {sent} more in {count(len(came), 'transfer')}, which its sweeps may hold too"


def names_table(result: Result, held: Iterable[Credit]) -> list[Block]:
    """Return who names the wallets that the deposit addresses were swept into: the inference rests on it."""
    pairs = {c.hot_wallet: c.entity for c in held if c.hot_wallet and not c.pooled}
    rows = [_name_row(result, wallet, pairs[wallet]) for wallet in sorted(pairs)]
    if not rows:
        return []
    return [
        para(
            "The wallets that these addresses were swept into, and who names them. Nothing is asked about "
            "the wallets: they pool the funds of many customers."
        ),
        table(["wallet; name", "who says so"], rows, columns=["66mm", "1fr"], size=7.5),
    ]


def _name_row(result: Result, wallet: Address, entity: Entity) -> list[Cell]:
    label = wallet_label(result, wallet, entity)
    if label is None:
        return [[wallet.display], "no label is held"]
    said = f"{printable(label.source)} ({printable(label.confidence)}, {printable(label.date)})"
    return [[wallet.display, printable(label.text)], said]


def amount_lines(asset: Asset, came: int, taint: Taint, *, rule: Rule) -> list[str]:
    """Return received, traced under a rule, and the range, a line each with its name."""
    low, high = envelope(taint)
    named = [("received", came), ("traced", taint[rule]), ("low", low), ("high", high)]
    return [f"{name} {grouped(asset, units)}\u00a0{printable(asset.unit)}" for name, units in named]
