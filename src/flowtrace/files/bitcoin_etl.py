"""Files of bitcoin-etl, and of the BigQuery data set ``crypto_bitcoin``, which it fills: the same names.

One row is one transaction with its inputs and outputs; amounts are whole satoshi. An input tells whose it was
and how much only after ``enrich_transactions``; without it both are taken from the output it spends, where
that is in the files. What the tool calls ``nonstandard`` may well have an address, as a bare public key has:
so whose an output is comes from its script. Litecoin's transaction that carries the confidential pool on is
no payment: only what leaves the pool is told, as a live source tells it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flowtrace.errors import InputError
from flowtrace.files.blocks import Stated, unbroken
from flowtrace.files.cells import address, moment, number, number_or_none, tx_hash, whole, yes_or_none
from flowtrace.files.columns import Row, Table
from flowtrace.files.gathered import Gathering, Imported
from flowtrace.files.tokens import Tokens
from flowtrace.model import Address, Basis, Chain, Scope
from flowtrace.moves.coin import Side, coin_transfer
from flowtrace.moves.scripts import Mweb, address_of, mweb_of

Tables = Mapping[str, Sequence[Table]]
Units = Callable[[Row, str], int]
_ADDRESSED = frozenset(
    (
        *("pubkey", "pubkeyhash", "scripthash", "witness_v0_keyhash", "witness_v0_scripthash"),
        *("witness_v1_taproot",),
    )
)
_WITHOUT = frozenset(("multisig", "nulldata"))
_UNVALUED = (
    "what one of its inputs held is in no file here: run enrich_transactions, or import the transactions "
    "that it spends as well"
)
_POOLED = (
    "it pays a confidential pool first, and no file here tells what it spends: import the blocks before it "
    "as well, to show whether it carries the pool on"
)
_HIDDEN = "one of its inputs names no coin: it comes out of a confidential pool"


@dataclass(frozen=True, slots=True)
class Output:
    """One output.

    ``sure`` says whether its owner is known, even if that is no address; ``hidden`` what it is to Litecoin's
    confidential pool, as :class:`Mweb` numbers it: 0 where it is nothing, None where that is not known.
    """

    owner: Address | None
    units: int
    sure: bool
    hidden: int | None = None


def read(tables: Tables, known: Tokens) -> Imported:
    """Return the transfers that a set of files tells.

    Parameters
    ----------
    tables
        ``transactions`` and ``blocks``.
    known
        The chain.

    Raises
    ------
    InputError
        If a cell is wrong, or rows contradict each other; the message names file, row and column.
    """
    return read_with(tables, known, units=whole)


def read_with(tables: Tables, known: Tokens, *, units: Units, lossy: bool = False) -> Imported:
    """Return the same for a data set that writes amounts in another way."""
    return _Reading(known.chain, units, lossy=lossy).run(tables)


class _Reading:
    def __init__(self, chain: Chain, units: Units, *, lossy: bool) -> None:
        self.chain, self.units, self.lossy = chain, units, lossy
        self.found = Gathering()
        self.made: dict[str, Output] = {}
        self.counts: Counter[int] = Counter()
        self.times: dict[int, int] = {}

    def run(self, tables: Tables) -> Imported:
        blocks = [self._block(row) for row in _rows(tables, "blocks")]
        rows = list(_rows(tables, "transactions"))
        outputs = [self._outputs(row) for row in rows]
        for row, made in zip(rows, outputs, strict=True):
            self._transaction(row, made)
        span = None if self.found.notes else unbroken(blocks, self.counts)
        if span is None:
            return self.found.imported()
        why = "each of these blocks is in a table of blocks with as many transactions as it states"
        return self.found.imported({Scope.EXTERNAL: (span, why)})

    def _block(self, row: Row) -> Stated:
        height, time = number(row, "number"), moment(row, "timestamp")
        self._at(row, height, time)
        return Stated(row, height, time, number_or_none(row, "transaction_count"), tx_hash(row, "hash"))

    def _at(self, row: Row, height: int, time: int) -> None:
        held = self.times.setdefault(height, time)
        if held != time:
            row.refuse("the time", f"is {time}, where another row says {held} of block {height}")

    def _outputs(self, row: Row) -> list[Side]:
        """Read a transaction's outputs, so that the inputs of any other can be held against them."""
        tx, sides = tx_hash(row, "hash"), []
        for place, part in enumerate(_in_order(row, "outputs", "output_count")):
            made = self._output(part)
            held = self.made.setdefault(f"{tx}:{place}", made)
            if held != made:
                part.refuse("the output", f"is something else than another row says of {tx}")
            sides.append((made.owner, made.units, f"{tx}:{place}"))
        if not sides:
            row.refuse("outputs", "is empty: every transaction has one")
        return sides

    def _output(self, part: Row) -> Output:
        units, told, kind = self.units(part, "value"), self._told(part), part.text("type")
        script = part.text("script_hex")
        if not script:
            return Output(told, units, sure=told is not None or kind in _WITHOUT)
        try:
            raw = bytes.fromhex(script)
        except ValueError:
            part.refuse("script_hex", "is not hexadecimal")
        owner, hidden = address_of(self.chain, raw), mweb_of(self.chain, raw)
        if None not in (owner, told) and owner != told:
            part.refuse("addresses", f"says {told}, where its script pays {owner}")
        return Output(owner, units, sure=True, hidden=hidden.value if hidden else 0)

    def _told(self, part: Row) -> Address | None:
        """Return the one address that a part names, where its kind has one."""
        named = part.nested("addresses") if "addresses" in part.cells else [part.text("address")]
        if part.text("type") not in _ADDRESSED or len(named) != 1 or not named[0]:
            return None
        return address(replace(part, cells={"addresses": named[0]}), "addresses", self.chain)

    def _transaction(self, row: Row, outputs: list[Side]) -> None:
        tx, height = tx_hash(row, "hash"), number(row, "block_number")
        time, index = moment(row, "block_timestamp"), number_or_none(row, "index")
        self._at(row, height, time)
        known = f"{self.chain.id}:{tx}:coin" in self.found.transfers
        inputs = [] if yes_or_none(row, "is_coinbase") else self._inputs(row)
        told = [] if isinstance(inputs, str) else inputs
        parties = [owner for owner, _, _ in (*outputs, *(side for side, _ in told))]
        self.found.saw(Scope.EXTERNAL, row, height, *parties)
        if isinstance(inputs, str):
            self.found.note(row, inputs)
            return
        self._add_up(row, inputs, outputs)
        carries = self._carries_pool(inputs, outputs)
        if carries is None:
            self.found.note(row, _POOLED)
            return
        if carries:
            inputs, outputs = [], outputs[1:]
        if not outputs:
            self.counts[height] += 1
            return
        try:
            moved = coin_transfer(
                self.chain,
                tx,
                height=height,
                index=index or 0,
                time=time,
                inputs=[side for side, _ in inputs],
                outputs=outputs,
            )
        except InputError as error:
            row.refuse("inputs", str(error))
        if self.lossy:
            moved = replace(moved, basis=Basis.LOSSY)
        sure = index is not None and all(sure for _, sure in inputs)
        sure = sure and all(self.made[coin].sure for _, _, coin in outputs)
        self.found.add(moved, row, lesser=not sure)
        self.counts[height] += not known

    def _carries_pool(self, inputs: list[tuple[Side, bool]], outputs: list[Side]) -> bool | None:
        """Tell whether a transaction spends the pool, or what was paid into it, and makes it anew."""
        if not inputs or self.made[outputs[0][2]].hidden != Mweb.POOL.value:
            return False
        spent = [self.made.get(coin) for (_, _, coin), _ in inputs]
        return None if None in spent else all(one is not None and one.hidden for one in spent)

    def _inputs(self, row: Row) -> list[tuple[Side, bool]] | str:
        """Return each input and whether its owner is known, or why they cannot be told."""
        parts = _in_order(row, "inputs", "input_count")
        if not parts:
            row.refuse("inputs", "is empty, and the transaction makes no new coin")
        found = []
        for part in parts:
            if not part.text("spent_transaction_hash"):
                return _HIDDEN
            coin = f"{tx_hash(part, 'spent_transaction_hash')}:{number(part, 'spent_output_index')}"
            spent = self._spent(part, coin)
            if spent is None:
                return _UNVALUED
            found.append(((spent.owner, spent.units, coin), spent.sure))
        return found

    def _spent(self, part: Row, coin: str) -> Output | None:
        """Return the output that an input spends, as its own row tells it, or else the input."""
        made = self.made.get(coin)
        if not part.text("value"):
            return made
        told = self._told(part)
        units = self.units(part, "value")
        if made is None:
            return Output(told, units, sure=told is not None or part.text("type") in _WITHOUT)
        if made.units != units or (None not in (told, made.owner) and told != made.owner):
            part.refuse("the input", f"differs in amount or owner from the row that makes {coin}")
        return made

    def _add_up(self, row: Row, inputs: list[tuple[Side, bool]], outputs: list[Side]) -> None:
        """Hold a row's own sums against its parts."""
        paid, given = sum(units for _, units, _ in outputs), sum(units for (_, units, _), _ in inputs)
        sums = {"output_value": paid}
        if inputs and row.text("input_value") not in ("", "0", "0.0"):
            sums |= {"input_value": given, "fee": given - paid}
        for column, units in sums.items():
            if row.text(column) and self.units(row, column) != units:
                row.refuse(column, f"is not the {units} base units that its parts come to")


def _rows(tables: Tables, name: str) -> Iterator[Row]:
    return (row for table in tables.get(name, ()) for row in table)


def _in_order(row: Row, column: str, count: str) -> list[Row]:
    """Return the parts of a row in the transaction's own order, none missing."""
    parts = row.parts(column)
    parts.sort(key=lambda part: number(part, "index"))
    stated = number_or_none(row, count)
    if [number(part, "index") for part in parts] != list(range(len(parts))) or stated not in (
        None,
        len(parts),
    ):
        row.refuse(column, f"lacks some of the transaction's {column}, or has some twice")
    return parts
