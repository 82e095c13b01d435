"""Statements as transfers, all of a bank's together: who paid whom, in which order, and whether it is all.

A height of a bank's ledger is a day of its books (20240531), never a time; within it the statements' own
order decides. A transfer's ``tx`` names its entry: account, currency, day of closing, statement, page, entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flowtrace.errors import InputError
from flowtrace.files.bank.moves import Chained, Move, Notes, give_back, moves_of
from flowtrace.files.bank.order import in_order
from flowtrace.files.bank.sequence import Run, Told, run_of
from flowtrace.files.bank.statement import seconds_of, statement_in, written
from flowtrace.files.bank.twins import join
from flowtrace.files.columns import Row, Table
from flowtrace.files.gathered import Imported, Note, Place
from flowtrace.files.tokens import Tokens
from flowtrace.model import (
    Address,
    Asset,
    Basis,
    Chain,
    Coverage,
    Kind,
    Leg,
    Opening,
    Scope,
    Transfer,
)
from flowtrace.model.bank import own_number

Tables = Mapping[str, Sequence[Table]]
_OVERDRAWN = (
    "the account owed its bank at times: what came in then paid the debt, which no rule here takes into "
    "account, so less may be left there than is shown"
)


def read(tables: Tables, known: Tokens) -> Imported:
    """Return the transfers that a bank's statements tell.

    Parameters
    ----------
    tables
        Statements, of either form.
    known
        The bank's ledger.

    Raises
    ------
    InputError
        If an account is none, or two statements contradict each other; the message names file and entry.
    """
    notes = Notes()
    runs = _runs((row for table in sorted(tables) for each in tables[table] for row in each), known.chain)
    moved = {(run.address, run.asset): moves_of(run, notes) for run in runs}
    join([move for moves in moved.values() for move in moves], runs, notes)
    for moves in moved.values():
        give_back(moves)
    chains = {chained: [_kept(move) for move in moves] for chained, moves in moved.items()}
    transfers, rows = _transfers(chains)
    for run in runs:
        if run.overdrawn:
            notes.add(run.told[0].rows, 0, _OVERDRAWN)
    return Imported(
        transfers=tuple(transfers),
        coverage=tuple(_coverage(runs)),
        rows=rows,
        notes=tuple(Note(*key, tuple(sorted(set(found)))) for key, found in sorted(notes.found.items())),
        checks=tuple(f"{run.address.display}: {run.check}" for run in runs),
        openings=tuple(_openings(runs)),
    )


def _runs(rows: Iterable[Row], chain: Chain) -> list[Run]:
    found: dict[Chained, list[Told]] = {}
    for row in rows:
        one = statement_in(row)
        try:
            number = one.owner.number
            account = one.owner.iban or (own_number(chain.name, number) if number else "")
            key = (Address(chain.id, account), Asset.currency(chain, one.currency))
        except InputError as error:
            one.where.refuse("the account", str(error))
        found.setdefault(key, []).append(Told(one, (row,)))
    return [run_of(*key, found[key]) for key in sorted(found)]


def _kept(move: Move) -> Move:
    """Return the move that stands for an entry: of a payment on two statements, its giver's."""
    return move.twin if move.twin is not None and move.units > 0 else move


def _transfers(
    chains: Mapping[Chained, Sequence[Move]],
) -> tuple[list[Transfer], dict[str, tuple[Place, ...]]]:
    found: list[Transfer] = []
    rows: dict[str, tuple[Place, ...]] = {}
    height, index = 0, 0
    for move in in_order(chains):
        height, index = (height, index + 1) if move.day <= height else (move.day, 0)
        transfer = _transfer(move, height, index)
        found.append(transfer)
        rows[transfer.id] = (*move.shown, *(move.twin.shown if move.twin else ()))
    return found, rows


def _transfer(move: Move, height: int, index: int) -> Transfer:
    units = abs(move.units)
    own = Leg(move.address, move.asset, units)
    other = Leg(None if move.is_fee else move.counterparty, move.asset, units)
    gives = move.units < 0
    return Transfer(
        chain_id=move.address.chain_id,
        tx=move.tx,
        position=move.position,
        height=height,
        index=index,
        order=move.order,
        time=seconds_of(move.entry.day),
        kind=Kind.FEE if move.is_fee else Kind.VALUE,
        basis=Basis.RECORDED,
        ok=True,
        inputs=(own if gives else other,),
        outputs=(other if gives else own,),
    )


def _coverage(runs: Iterable[Run]) -> Iterator[Coverage]:
    """Yield what is known of each account: complete where every currency's balances say so."""
    accounts: dict[Address, list[Run]] = {}
    for run in runs:
        accounts.setdefault(run.address, []).append(run)
    for address, held in accounts.items():
        tables = [row.table for run in held for told in run.told for row in told.rows]
        last = min(run.last for run in held)
        yield Coverage(
            address=address,
            scope=Scope.EXTERNAL,
            first=max(run.first for run in held),
            last=last,
            complete=not any(run.faults for run in held),
            check="; ".join(run.check for run in held),
            fetched_at=max(table.fetched_at for table in tables) or f"{written(last)}T00:00:00+00:00",
            source=tables[0].source,
        )


def _openings(runs: Iterable[Run]) -> Iterator[Opening]:
    """Yield what each account held before its first statement."""
    for run in runs:
        one = run.told[0].statement
        if one.opening is not None and one.opening.units > 0:
            source = f"the opening balance of {written(one.opening.day)}, {one}"
            yield Opening(run.address, run.asset, one.opening.units, source)
