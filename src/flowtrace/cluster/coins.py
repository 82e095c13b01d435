"""The transactions of coins of a ledger as the columns that ``kernel.guard`` and ``kernel.join`` read.

    coins = coins_of(ledger)
    held = guard(coins.given, coins.paid, mark=coins.mark)
    joined = join(coins.given.inputs, len(ledger.addresses), held=held)

An address is its number on the ledger, a transaction its place in the chain's order: ``coins.places`` says
where it stands on the ledger.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowtrace.kernel import Mark, Side
from flowtrace.kernel.rounds import (
    KEY_HASH,
    NO_ADDRESS,
    OTHER_WITNESS,
    SCRIPT_HASH,
    TAPROOT,
    WITNESS_KEY,
    WITNESS_SCRIPT,
)
from flowtrace.ledger import Ledger
from flowtrace.model import Address, FactKind, Family, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_COIN = tuple(Kind).index(Kind.COIN)
_LARGEST = (1 << 63) - 1
_SINGLE_ANYONE = {"83", "0x83", "131"}  # SIGHASH_SINGLE | SIGHASH_ANYONECANPAY: others may join
_SCRIPT_HASHES = {"bitcoin": "3", "litecoin": "M", "litecoin-regtest": "Q", "dogecoin": "9A"}  # first letters
_OF_20_BYTES, _OF_32_BYTES = 39, 59  # letters behind the separator, the version's among them


@dataclass(frozen=True, slots=True)
class Coins:
    """Transactions of coins as columns.

    Attributes
    ----------
    places
        Where each stands on the ledger.
    given, paid
        Inputs, and outputs without the fee.
    mark
        A byte of ``Mark`` for each.
    """

    places: memoryview
    given: Side
    paid: Side
    mark: bytes


def coins_of(ledger: Ledger, *, hold: Collection[int] = ()) -> Coins:
    """Return the transactions of coins of a ledger.

    Parameters
    ----------
    hold
        Places of transactions that are to be held whatever their columns say: a list of rounds names them,
        or they pay a coordinator.

    Notes
    -----
    Marked ``HOLD`` are these, what lets others join by its signatures, and what moves more than 63 bits hold;
    ``MIXED`` where the record says that the inputs' sequences differ.
    """
    import numpy as np

    is_coin = np.asarray(ledger.kind) == _COIN
    transfer = np.repeat(np.arange(len(ledger)), np.diff(np.asarray(ledger.start)))
    units = np.fromiter((min(one, _LARGEST) for one in ledger.leg_units), np.int64, len(ledger.leg_units))
    address = np.asarray(ledger.leg_address)
    side = np.asarray(ledger.leg_side)
    of_coin = is_coin[transfer]
    kinds = np.array([*(_kind(one) for one in ledger.addresses), NO_ADDRESS], np.uint8)
    number = np.cumsum(is_coin) - 1
    sides = [
        _side(number[transfer[rows]], int(is_coin.sum()), (address[rows], units[rows], kinds[address[rows]]))
        for rows in (of_coin & (side == 0), of_coin & (side == 1) & ~_fees(ledger, address))
    ]
    places = np.flatnonzero(is_coin).astype(np.int64)
    wide = {int(transfer[row]) for row in np.flatnonzero(units == _LARGEST)}
    return Coins(places.data, sides[0], sides[1], _marks(ledger, places.tolist(), {*hold, *wide}))


def _fees(ledger: Ledger, address: Ints) -> Flags:
    """Tell the legs that are no coin: what goes to no address and has no outpoint."""
    import numpy as np

    found = address < 0
    nowhere = np.flatnonzero(found)
    found[nowhere] = [not ledger.leg_coin[row] for row in nowhere.tolist()]
    return found


def _side(number: Ints, count: int, columns: tuple[Ints, Ints, NDArray[np.uint8]]) -> Side:
    import numpy as np

    address, units, kind = columns
    ends = np.cumsum(np.bincount(number, minlength=count))
    return Side.of(ends.astype(np.int64), address.astype(np.int32), units, np.ascontiguousarray(kind).data)


def _marks(ledger: Ledger, places: list[int], hold: Collection[int]) -> bytes:
    marks = dict.fromkeys(hold, Mark.HOLD)
    shapes = {(fact.chain_id, fact.tx): fact for fact in ledger.told(FactKind.SHAPE)}
    for place in places if shapes else ():
        fact = shapes.get((ledger.chain[place], ledger.tx[place]))
        if fact is None:
            continue
        if _SINGLE_ANYONE & {one.strip().lower() for one in fact.figure("sighashes").split(",")}:
            marks[place] = marks.get(place, Mark(0)) | Mark.HOLD
        if len({one.strip() for one in fact.figure("sequences").split(",")}) > 1:
            marks[place] = marks.get(place, Mark(0)) | Mark.MIXED
    return bytes(marks.get(place, 0) for place in places)


def _kind(address: Address) -> int:
    """Return the kind of script that an address stands for, told from its canonical form."""
    chain, account = address.chain, address.account
    if chain.family is not Family.UTXO:
        return NO_ADDRESS
    if chain.hrp and account.startswith(f"{chain.hrp}1"):
        version, length = account[len(chain.hrp) + 1], len(account) - len(chain.hrp) - 1
        if version == "q":
            return WITNESS_KEY if length == _OF_20_BYTES else WITNESS_SCRIPT
        return TAPROOT if version == "p" and length == _OF_32_BYTES else OTHER_WITNESS
    return SCRIPT_HASH if account[:1] in _SCRIPT_HASHES.get(chain.name, "") else KEY_HASH
