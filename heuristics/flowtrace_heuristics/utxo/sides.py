"""A transaction of coins as the detectors read it: plain integers and texts, the fee taken off.

The detectors know nothing of transfers or of columns, so that one rule serves both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flowtrace.model import Address, Chain, Leg, Transfer

NO_ADDRESS, KEY_HASH, SCRIPT_HASH, WITNESS_KEY, WITNESS_SCRIPT, TAPROOT, OTHER_WITNESS = range(7)
"""What kind of script an input spends or an output pays: P2PKH, P2SH, P2WPKH, P2WSH, P2TR."""

BITCOIN = Chain.of("bitcoin").id
_KEY_LENGTH, _SCRIPT_LENGTH = 39, 59  # letters behind the human-readable part of 20 and of 32 bytes
_SCRIPT_HASHES = {  # the first letter that each chain's version byte of a script's hash gives in base58
    "bitcoin": ("3",),
    "litecoin": ("M",),
    "litecoin-regtest": ("Q",),
    "dogecoin": ("9", "A"),
}


@dataclass(frozen=True, slots=True)
class Sides:
    """What a transaction spends and pays, input by input and output by output.

    Attributes
    ----------
    chain_id, height
        Rules of one service hold on one chain from one height on.
    given
        Base units of the inputs; None where nobody tells what the spent coins were worth.
    givers, gives
        Account of each input, empty where no address stands for its script; and its kind of script.
    paid, payees, pays
        The same of the outputs. The fee is none of them; data (OP_RETURN) is one of no address.
    fee
        What the outputs leave of the inputs, 0 where that is not known.
    """

    chain_id: str
    height: int
    given: tuple[int, ...] | None
    givers: tuple[str, ...]
    gives: tuple[int, ...]
    paid: tuple[int, ...]
    payees: tuple[str, ...]
    pays: tuple[int, ...]
    fee: int = 0

    @property
    def on_bitcoin(self) -> bool:
        """Whether the rules of services that run on Bitcoin apply."""
        return self.chain_id == BITCOIN

    @property
    def counts(self) -> Counter[int]:
        """How often each value is paid; data, which pays nothing, is no value."""
        return Counter(units for units in self.paid if units)


def most_common(counts: Counter[int]) -> tuple[int, int]:
    """Return the value that is paid most often, the largest of several such, and how often it is."""
    value, number = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return value, number


def sides_of(transfer: Transfer) -> Sides:
    """Read the sides off a transfer of coins."""
    paid = [leg for leg in transfer.outputs if not is_fee(leg)]
    fee = sum(leg.units for leg in transfer.outputs if is_fee(leg))
    return Sides(
        chain_id=transfer.chain_id,
        height=transfer.height,
        given=tuple(leg.units for leg in transfer.inputs),
        givers=accounts(transfer.inputs),
        gives=tuple(script_kind(leg.address) for leg in transfer.inputs),
        paid=tuple(leg.units for leg in paid),
        payees=accounts(paid),
        pays=tuple(script_kind(leg.address) for leg in paid),
        fee=fee,
    )


def is_fee(leg: Leg) -> bool:
    """Tell the fee from an output that no address stands for: the fee is no coin."""
    return leg.address is None and not leg.coin


def accounts(legs: Sequence[Leg]) -> tuple[str, ...]:
    """Return the account of each leg, empty where it has none."""
    return tuple("" if leg.address is None else leg.address.account for leg in legs)


def script_kind(address: Address | None) -> int:
    """Return the kind of script that an address stands for, told from its canonical form."""
    if address is None:
        return NO_ADDRESS
    chain, account = address.chain, address.account
    if chain.hrp and account.startswith(f"{chain.hrp}1"):
        version, length = account[len(chain.hrp) + 1], len(account) - len(chain.hrp) - 1
        if version == "q":
            return WITNESS_KEY if length == _KEY_LENGTH else WITNESS_SCRIPT
        return TAPROOT if version == "p" and length == _SCRIPT_LENGTH else OTHER_WITNESS
    return SCRIPT_HASH if account[:1] in _SCRIPT_HASHES.get(chain.name, ()) else KEY_HASH
