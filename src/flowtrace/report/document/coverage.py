"""How whole the record is: for the followed addresses, scope by scope, and by which checks."""

from __future__ import annotations

from collections import Counter

from flowtrace.model import Address, Asset, Chain, Coverage, Family, Result, Scope
from flowtrace.report.cells import count, printable, readable
from flowtrace.report.document.typeset import Block, Cell, bullets, heading, para, table

_LISTED = 20


def scopes_of(asset: Asset) -> tuple[Scope, ...]:
    """Return the scopes that show an asset's payments; contracts send coins too on EVM chains."""
    if asset.contract:
        return (Scope.TOKEN,)
    if Chain.of(asset.chain_id).family in (Family.EVM, Family.TRON):
        return (Scope.EXTERNAL, Scope.INTERNAL)
    return (Scope.EXTERNAL,)


def held(result: Result, asset: Asset) -> list[Address]:
    """Return the followed addresses that the trace met with an asset."""
    met = {a for hop in result.trace.hops if hop.amount.asset == asset for a in (hop.source, hop.target)}
    return [address for address in result.trace.expanded if address in met]


def complete(result: Result, address: Address, scope: Scope) -> bool:
    """Tell whether some source's record of an address in a scope is complete, from the first block on."""
    return any(whole(c) for c in result.coverage if (c.address, c.scope) == (address, scope))


def whole(one: Coverage) -> bool:
    """Tell whether a record is complete by its check and begins where its chain does.

    A bank's begins where its opening balance stands: what was there before is in it, as one sum.
    """
    return one.complete and (not one.first or one.address.chain.family is Family.BANK)


def _outcome(one: Coverage) -> str:
    if whole(one):
        began = ", from its opening balance on" if one.first else ""
        return f"complete by its check{began}"
    return "complete by its check, but only from a later block on" if one.complete else "not complete"


def coverage(result: Result) -> list[Block]:
    """Return the record's coverage: how many addresses by outcome, and whose record is not complete."""
    asked = Counter((c.scope, _outcome(c)) for c in result.coverage)
    lines = [
        f"{scope.words}: {count(number, 'address')}, {outcome}"
        for (scope, outcome), number in sorted(asked.items())
    ]
    return [
        heading("Coverage of the record", 2),
        para(
            "By what was asked of each address, and whether a check of its own showed the answer whole "
            "(coverage.csv has every address with its check):"
        ),
        bullets(lines or ["No coverage is recorded."]),
        *_doubtful(result),
    ]


def _doubtful(result: Result) -> list[Block]:
    """List the records that are not complete, those of followed addresses first."""
    followed = set(result.trace.expanded)
    found = sorted(
        (c for c in result.coverage if not whole(c)),
        key=lambda c: (c.address not in followed, c.address, c.scope, c.source),
    )
    if not found:
        return []
    more = len(found) - _LISTED
    rest = f" The first {_LISTED} of {len(found):,}; the rest is in coverage.csv." if more > 0 else ""
    return [
        para(f"Not complete, or not shown to be:{rest}"),
        table(
            ["address", "what was asked", "why"],
            [_row(one) for one in found[:_LISTED]],
            columns=["62mm", "38mm", "1fr"],
            mono=[0],
            size=7.5,
            quoted=[2],
        ),
    ]


def _row(one: Coverage) -> list[Cell]:
    why = readable(one.check) or printable(one.source)
    bank = one.address.chain.family is Family.BANK
    began = one.address.chain.at(one.first) if bank else f"block {one.first:,}"
    later = f"from {began} on only; " if one.first else ""
    return [one.address.display, one.scope.words, later + why]
