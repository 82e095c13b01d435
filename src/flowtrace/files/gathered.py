"""What files tell: transfers, each with the rows that show it, how complete they are, and what was left out.

A file may tell less of a transfer than another source: not its place in the block, not whose a coin was, or
an amount that has lost its last digits. Such a telling is marked, and gives way to a better one of the same
transfer that does not contradict it. What does contradict is never put aside: it is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from flowtrace.errors import InputError
from flowtrace.files.columns import Row, Table
from flowtrace.model import Address, Basis, Coverage, Fact, Kind, Leg, Opening, Scope, Transfer

Place = tuple[int, int]
"""Where a transfer is told: the number of the kept file, and the row in it."""
Span = tuple[int, int]
_SCOPES = {Kind.INTERNAL: Scope.INTERNAL, Kind.TOKEN: Scope.TOKEN}
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Note:
    """Rows of one file that are not made into transfers, and why."""

    evidence: int
    name: str
    why: str
    rows: tuple[int, ...]

    def __str__(self) -> str:
        first = ", ".join(map(str, self.rows[:_NAMED]))
        more = f" and {len(self.rows) - _NAMED} more" if len(self.rows) > _NAMED else ""
        return f"{self.name}, row{'s' * (len(self.rows) > 1)} {first}{more}: {self.why}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What a set of files tells.

    Attributes
    ----------
    rows
        Per transfer id, the kept files and rows that show it.
    lesser
        Ids of transfers of which the files tell less than another source would: see :func:`settled`.
    notes
        The rows that are not made into transfers.
    facts
        What the transactions record beside the value they move.
    openings
        What accounts held before the files begin, as the files state it.
    checks
        Per scope that the files tell of: which files, how many rows, which blocks, and whether that is all.

    Notes
    -----
    Coverage is given for every address where the files prove that they hold everything of a span of blocks.
    Where they do not, it is given, as incomplete, for the one address that every row of a file is about: the
    account that was exported. Of other addresses in such a file it says nothing.
    """

    transfers: tuple[Transfer, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    rows: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    lesser: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()
    checks: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    openings: tuple[Opening, ...] = ()


@dataclass
class _Seen:
    """What one file shows of one scope: how many rows, over which blocks, and whom each of them is about."""

    table: Table
    count: int
    first: int
    last: int
    about: frozenset[Address]

    @property
    def subject(self) -> Address | None:
        """The one address that every row is about; of several, the one that the file's name tells."""
        named = [one for one in self.about if one.account.lower() in self.table.name.lower()]
        found = list(self.about) if len(self.about) == 1 else named
        return found[0] if len(found) == 1 else None

    def __str__(self) -> str:
        return f"{self.table.name} (evidence {self.table.evidence}, {self.count} rows)"


@dataclass
class Gathering:
    """What the files of one kind tell, while they are read."""

    transfers: dict[str, Transfer] = field(default_factory=dict)
    rows: dict[str, list[Place]] = field(default_factory=dict)
    lesser: set[str] = field(default_factory=set)
    facts: dict[str, Fact] = field(default_factory=dict)
    _notes: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)
    _seen: dict[Scope, dict[int, _Seen]] = field(default_factory=dict)

    def add(self, transfer: Transfer, *rows: Row, lesser: bool = False) -> None:
        """Take a transfer that these rows show.

        Raises
        ------
        InputError
            If other rows tell something else of it.
        """
        name, places = transfer.id, [(row.table.evidence, row.number) for row in rows]
        held, new = self.transfers.get(name), rank(transfer, lesser=lesser)
        old = new if held is None else rank(held, lesser=name in self.lesser)
        if held is not None and held != transfer and not ((new or old) and agree(transfer, held)):
            rows[0].refuse("the row", f"tells of {name} something else than {self._first(name)}")
        if held is None or new < old:
            self.transfers[name] = transfer
            (self.lesser.add if new else self.lesser.discard)(name)
        known = self.rows.setdefault(name, [])
        known += [place for place in places if place not in known]

    def _first(self, name: str) -> str:
        evidence, number = self.rows[name][0]
        return f"evidence {evidence}, row {number}"

    def witness(self, transfer_id: str, row: Row) -> None:
        """Take a row as one more that shows a transfer."""
        self.rows[transfer_id].append((row.table.evidence, row.number))

    def note(self, row: Row, why: str) -> None:
        """Keep that a row is not made into a transfer."""
        self._notes.setdefault((row.table.evidence, row.table.name, why), []).append(row.number)

    def saw(self, scope: Scope, row: Row, height: int, *about: Address | None) -> None:
        """Keep that a row about this block and these addresses tells of this scope."""
        parties = frozenset(one for one in about if one is not None)
        seen = self._seen.setdefault(scope, {})
        held = seen.setdefault(row.table.evidence, _Seen(row.table, 0, height, height, parties))
        held.count += 1
        held.first, held.last = min(held.first, height), max(held.last, height)
        held.about &= parties

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was left out, by file and reason."""
        return tuple(Note(*key, tuple(rows)) for key, rows in sorted(self._notes.items()))

    def imported(self, complete: Mapping[Scope, tuple[Span, str]] | None = None) -> Imported:
        """Return all of it; ``complete`` says which scopes are all there, over which blocks, and by what."""
        complete = complete or {}
        coverage: list[Coverage] = []
        checks: list[str] = []
        for scope, seen in self._seen.items():
            proof = complete.get(scope)
            check = self._check(scope, list(seen.values()), proof)
            checks.append(f"{scope.words}: {check}")
            coverage += self._complete(scope, proof[0], check) if proof else self._subjects(scope)
        return Imported(
            transfers=tuple(self.transfers.values()),
            coverage=tuple(coverage),
            rows={name: tuple(places) for name, places in self.rows.items()},
            lesser=frozenset(self.lesser),
            notes=self.notes,
            facts=tuple(self.facts.values()),
            checks=tuple(checks),
        )

    def _check(self, scope: Scope, seen: list[_Seen], proof: tuple[Span, str] | None) -> str:
        first, last = proof[0] if proof else (min(s.first for s in seen), max(s.last for s in seen))
        why = proof[1] if proof else "a file says nothing of what is not in it"
        lossy = any(t.basis is Basis.LOSSY and _scope(t) is scope for t in self.transfers.values())
        lost = "; its amounts are floating point and have lost their last digits" if lossy else ""
        named = ", ".join(map(str, seen[:_NAMED]))
        more = f" and {len(seen) - _NAMED} more files" if len(seen) > _NAMED else ""
        return f"{named}{more}, blocks {first} to {last}: {why}{lost}"

    def _complete(self, scope: Scope, span: Span, check: str) -> Iterator[Coverage]:
        tables = [one.table for one in self._seen[scope].values()]
        last = max(tables, key=lambda table: (table.fetched_at, table.evidence))
        legs = (leg for t in self.transfers.values() for leg in (*t.inputs, *t.outputs))
        for address in sorted({leg.address for leg in legs if leg.address is not None}):
            yield Coverage(address, scope, *span, True, check, last.fetched_at, last.source)  # noqa: FBT003

    def _subjects(self, scope: Scope) -> Iterator[Coverage]:
        for seen in self._seen[scope].values():
            if seen.subject is not None:
                yield Coverage(
                    address=seen.subject,
                    scope=scope,
                    first=seen.first,
                    last=seen.last,
                    complete=False,
                    check=self._check(scope, [seen], None),
                    fetched_at=seen.table.fetched_at,
                    source=seen.table.source,
                )


def _scope(transfer: Transfer) -> Scope:
    return _SCOPES.get(transfer.kind, Scope.EXTERNAL)


def agree(one: Transfer, other: Transfer) -> bool:
    """Tell whether two tellings of one transfer differ only in what a lesser one may lack.

    That is: the index in the block, whose a leg is where one does not say, and what floating point loses.
    """
    lossy = Basis.LOSSY in (one.basis, other.basis)
    sides = ((one.inputs, other.inputs), (one.outputs, other.outputs))
    return (
        (one.id, one.height, one.time, one.kind, one.ok)
        == (other.id, other.height, other.time, other.kind, other.ok)
        and all(len(a) == len(b) for a, b in sides)
        and all(_alike(x, y, lossy=lossy) for a, b in sides for x, y in zip(a, b, strict=True))
    )


def _alike(one: Leg, other: Leg, *, lossy: bool) -> bool:
    same = one.address == other.address or None in (one.address, other.address)
    units = one.units == other.units or (lossy and float(one.units) == float(other.units))
    return same and units and one.asset == other.asset and one.coin == other.coin


def settled(found: Imported, held: Iterable[Transfer]) -> tuple[Transfer, ...]:
    """Return the imported transfers that no better telling replaces.

    A lesser telling gives way to one of ``held`` that it agrees with; the row still shows that transfer. Any
    other is returned, so that a ledger compares it with what is held and says where two sources differ.
    """
    better = {transfer.id: transfer for transfer in held}

    def gives_way(transfer: Transfer) -> bool:
        other = better.get(transfer.id)
        return other is not None and transfer.id in found.lesser and agree(transfer, other)

    return tuple(transfer for transfer in found.transfers if not gives_way(transfer))


def merged(parts: Iterable[Imported]) -> Imported:
    """Return several kinds of files' tellings as one, the better of each transfer.

    Raises
    ------
    InputError
        If two of them tell different things of one transfer.
    """
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    standing: dict[str, Transfer] = {}
    lesser: set[str] = set()
    rows: dict[str, tuple[Place, ...]] = {}
    told = [(rank(t, lesser=t.id in p.lesser), t, p.rows[t.id]) for p in parts for t in p.transfers]
    for lacking, transfer, places in sorted(told, key=lambda one: one[0]):
        held = standing.setdefault(transfer.id, transfer)
        if held != transfer and not (lacking and agree(held, transfer)):
            where = f"evidence {places[0][0]}, row {places[0][1]}"
            other = f"evidence {rows[transfer.id][0][0]}, row {rows[transfer.id][0][1]}"
            raise InputError(f"{where} tells of {transfer.id} something else than {other}")
        if held is transfer and lacking:
            lesser.add(transfer.id)
        rows[transfer.id] = (*rows.get(transfer.id, ()), *places)
    return Imported(
        transfers=tuple(standing.values()),
        coverage=tuple(one for part in parts for one in part.coverage),
        rows=rows,
        lesser=frozenset(lesser),
        notes=tuple(one for part in parts for one in part.notes),
        checks=tuple(one for part in parts for one in part.checks),
        openings=tuple(one for part in parts for one in part.openings),
    )


def rank(transfer: Transfer, *, lesser: bool) -> int:
    """Return 0 for a telling that lacks nothing, 1 for a lesser one, 2 for one that has lost digits."""
    return 2 if transfer.basis is Basis.LOSSY else int(lesser)
