"""Transfers: one atomic act with inputs and outputs, and where in the chain it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.errors import InputError
from flowtrace.model.address import Address
from flowtrace.model.asset import Amount, Asset
from flowtrace.model.chain import Chain

_LARGEST = (1 << 63) - 1  # what a column of the ledger holds


_HASH, _POSITION = re.compile(r"[0-9A-Za-z_.-]{1,128}"), re.compile(r"[0-9A-Za-z. ]{1,64}")
_END_OF_TIME = 253_402_300_800  # the year 10000


class Kind(StrEnum):
    """What moved the value. The order of the members is the order inside one account-chain transaction.

    The gas is bought before anything runs (algorithms: fees), so FEE comes first. VALUE is what the
    transaction itself pays, CALL what its calldata says, INTERNAL what contracts pay in its course, TOKEN
    what a token's logs say; NET is what remains of a transaction's moves when its parts are not told apart;
    COIN is a transaction of a UTXO chain; MINT is new coin: a block reward, a withdrawal of staked coin.
    """

    FEE = "fee"
    VALUE = "value"
    CALL = "call"
    INTERNAL = "internal"
    TOKEN = "token"  # noqa: S105  a kind of move, not a secret
    NET = "net"
    COIN = "coin"
    MINT = "mint"


class Basis(StrEnum):
    """How the record shows it. LOSSY: by a file that passed the amount through floating point."""

    RECORDED = "recorded"
    DECODED = "decoded"
    LOSSY = "lossy"


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a transfer: an address gives or gets units of an asset.

    ``address`` is None where the value leaves all addresses: the fee sink. ``coin`` is the outpoint
    (``txid:n``) on UTXO chains, empty elsewhere. ``units`` are base units.
    """

    address: Address | None
    asset: Asset
    units: int
    coin: str = ""

    def __post_init__(self) -> None:
        if type(self.units) is not int or self.units < 0:
            msg = f"a leg moves a whole number of base units, none negative: {self.units!r}"
            raise InputError(msg)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One atomic act.

    Attributes
    ----------
    chain_id, tx, position
        Its identity: the chain, the transaction's hash, and the place in it (``fee``, ``value``, ``call 0``,
        ``coin``).
    height, index, order
        Its place in the chain: block height, transaction index in the block, order within the transaction.
        Never the time. At a bank the height is a day of its books, as 20240531.
    time
        The block's time in unix seconds, for people to read.
    ok
        False where the transaction failed; a failed transaction moves its fee and nothing else.
    inputs, outputs
        The legs. Per asset the inputs and outputs sum to the same, fees being an output to no address.
    """

    chain_id: str
    tx: str
    position: str
    height: int
    index: int
    order: int
    time: int
    kind: Kind
    basis: Basis
    ok: bool
    inputs: tuple[Leg, ...]
    outputs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        # Written out, not looped: a history of 100,000 transactions passes here some hundred thousand times.
        if not (
            0 <= self.height <= _LARGEST
            and 0 <= self.index <= _LARGEST
            and 0 <= self.order <= _LARGEST
            and 0 <= self.time <= _LARGEST
        ):
            msg = f"transfer {self.id}: its place in the chain and its time are numbers from 0 to 2^63 - 1"
            raise InputError(msg)
        if not self.inputs or not self.outputs:
            msg = f"transfer {self.id} has no {'outputs' if self.inputs else 'inputs'}"
            raise InputError(msg)
        if self._strays(self.inputs) or self._strays(self.outputs):
            msg = f"transfer {self.id} has a leg of another chain: value crosses ledgers by two transfers"
            raise InputError(msg)
        self._check_place()
        if not self._conserves():
            msg = f"transfer {self.id} does not conserve: inputs and outputs differ"
            raise InputError(msg)

    def _strays(self, legs: tuple[Leg, ...]) -> bool:
        chain = self.chain_id
        for leg in legs:
            if leg.asset.chain_id != chain or (leg.address is not None and leg.address.chain_id != chain):
                return True
        return False

    def _conserves(self) -> bool:
        if len(self.inputs) == len(self.outputs) == 1:
            one, other = self.inputs[0], self.outputs[0]
            return one.units == other.units and one.asset == other.asset
        return _totals(self.inputs) == _totals(self.outputs)

    def _check_place(self) -> None:
        """Hold hash, position and time to forms that no output has to guard against."""
        if not _HASH.fullmatch(self.tx) or not _POSITION.fullmatch(self.position):
            msg = f"transaction {self.tx[:80]!r}, position {self.position[:80]!r}: not a hash and a position"
            raise InputError(msg)
        if not self.time < _END_OF_TIME:
            msg = f"transaction {self.tx}: its block, index, order or time is out of range"
            raise InputError(msg)

    @property
    def id(self) -> str:
        """``chain:tx:position``, unique on a ledger."""
        return f"{self.chain_id}:{self.tx}:{self.position}"

    @property
    def key(self) -> tuple[int, int, int]:
        """Sort key of the chain order."""
        return (self.height, self.index, self.order)

    @property
    def where(self) -> str:
        """Its height in words: a block's number, or the day of a bank's books."""
        return Chain.of(self.chain_id).at(self.height)

    @property
    def source(self) -> Address | None:
        """The single giver of an account-chain transfer."""
        return self.inputs[0].address

    @property
    def target(self) -> Address | None:
        """The single taker of an account-chain transfer; None for a fee."""
        return self.outputs[0].address

    def giver_of(self, asset: Asset) -> Address | None:
        """Return who gives the most of an asset, the smaller address where several give as much."""
        given: dict[Address, int] = {}
        for leg in self.inputs:
            if leg.address is not None and leg.asset == asset:
                given[leg.address] = given.get(leg.address, 0) + leg.units
        return min(given, key=lambda address: (-given[address], address), default=None)

    @property
    def amount(self) -> Amount:
        """What an account-chain transfer moves."""
        return Amount(self.outputs[0].asset, self.outputs[0].units)


def _totals(legs: tuple[Leg, ...]) -> dict[Asset, int]:
    totals: dict[Asset, int] = {}
    for leg in legs:
        totals[leg.asset] = totals.get(leg.asset, 0) + leg.units
    return totals
