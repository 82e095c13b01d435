"""Facts: what a transaction records beside the value it moves, as far as a heuristic reads it.

An approval, a Safe set up, a user operation, a delegated key, the shape of a transaction of coins: none moves
value, each says something of who controls what. A fact is class D like a transfer; what follows from it is a
heuristic's claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from flowtrace.errors import InputError
from flowtrace.model.address import Address

_LARGEST = (1 << 63) - 1
_HASH = re.compile(r"[0-9A-Za-z_.-]{1,128}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LONGEST = 1 << 17  # what a transaction of a whole block says of each of its inputs


class FactKind(StrEnum):
    """What is recorded; its parties and figures in brackets.

    Account chains: APPROVAL (owner, spender; token, units), SAFE_SETUP (safe, owner …; threshold),
    SAFE_OWNER and SAFE_LEFT (safe, owner; threshold, where it changes with it), IMPLEMENTATION (proxy, old,
    new: a proxy runs other code), USER_OPERATION (sender, bundler, paymaster, entry_point: the contract that
    says so; success), AUTHORISATION of EIP-7702 (authority, delegate, sponsor; chain), CREATION (creator,
    contract; code: the hash of the init code or of the code it ran, salt), GAS (payer; price, or fee and
    priority).
    MIXER_DEPOSIT (depositor, pool; leaf), MIXER_WITHDRAWAL (recipient, pool, relayer; fee), MIXER_REWARD
    (recipient; points: what lying in pools earned, as paid out: less a relayer's fee, which is another).
    SHIELD (depositor, pool, token; by commas, one a note: units after the fee, fee) and UNSHIELD (recipient,
    pool, token; units paid out, fee) of Railgun.
    TRON: RESOURCE and RESOURCE_ENDED (owner, receiver; resource, units), PERMISSION (owner, key …;
    permission: owner or active, threshold), ACTIVATION (payer, account). Solana: AUTHORITY (account, old,
    new; type, and of what the account held asset and units), FEE_PAYER (payer, signer …), RENT (payer,
    account, owner of a token account), CLOSED (account, destination, owner).
    Bridges: MESSAGE (contract; topics, by commas, and data: a log as it stands, by its topic one that bridges
    write; who is believed is decided later), MEMO (no parties; text: what an output of a coin transaction
    says, by the output's number), OPERATION (no parties; source, answer: what a protocol's own index says of
    the transaction, a third party's word and on no ledger).
    Coins: SHAPE (no parties; version, locktime, weight, and by commas, one an input: sequences in decimals,
    sighashes in two hexadecimal digits, low_r 1 or 0; the last two empty where an input shows no signature).
    """

    APPROVAL = "approval"
    SAFE_SETUP = "safe_setup"
    SAFE_OWNER = "safe_owner"
    SAFE_LEFT = "safe_left"
    IMPLEMENTATION = "implementation"
    USER_OPERATION = "user_operation"
    AUTHORISATION = "authorisation"
    CREATION = "creation"
    GAS = "gas"
    MIXER_DEPOSIT = "mixer_deposit"
    MIXER_WITHDRAWAL = "mixer_withdrawal"
    MIXER_REWARD = "mixer_reward"
    SHIELD = "shield"
    UNSHIELD = "unshield"
    RESOURCE = "resource"
    RESOURCE_ENDED = "resource_ended"
    PERMISSION = "permission"
    ACTIVATION = "activation"
    AUTHORITY = "authority"
    FEE_PAYER = "fee_payer"
    RENT = "rent"
    CLOSED = "closed"
    SHAPE = "shape"
    MESSAGE = "message"
    MEMO = "memo"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class Fact:
    """One recorded fact, and where in the chain it stands.

    Attributes
    ----------
    chain_id, tx, kind, order
        Its identity, and with ``height`` and ``index`` its place in the chain. ``order`` is its place in the
        transaction: the log's index in the block on EVM chains, the instruction's number elsewhere.
    time
        The block's time in unix seconds, for people to read.
    parties
        (role, address), in the record's order; one role may be held by several.
    figures
        (name, value as text): amounts in base units, hashes in hexadecimal.

    Raises
    ------
    InputError
        If it is out of range, of another chain's address, or its texts are not plain.
    """

    chain_id: str
    tx: str
    height: int
    index: int
    order: int
    time: int
    kind: FactKind
    parties: tuple[tuple[str, Address], ...] = ()
    figures: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not _HASH.fullmatch(self.tx):
            raise InputError(f"transaction {self.tx[:80]!r} is not a hash")
        if not all(0 <= n <= _LARGEST for n in (self.height, self.index, self.order, self.time)):
            raise InputError(f"fact {self.id}: its place in the chain is no number from 0 to 2^63 - 1")
        if any(address.chain_id != self.chain_id for _, address in self.parties):
            raise InputError(f"fact {self.id} names an address of another chain")
        names = [*(role for role, _ in self.parties), *(name for name, _ in self.figures)]
        if not all(_NAME.fullmatch(name) for name in names):
            raise InputError(f"fact {self.id}: a role or figure is not named in lower case")
        if any(len(value) > _LONGEST or not value.isprintable() for _, value in self.figures):
            raise InputError(f"fact {self.id}: a figure is no plain text of {_LONGEST} characters at most")

    @property
    def id(self) -> str:
        """``chain:tx:fact kind order``, unique on a ledger; no transfer has such a position."""
        return f"{self.chain_id}:{self.tx}:fact {self.kind} {self.order}"

    @property
    def key(self) -> tuple[int, int, int]:
        """Sort key of the chain order."""
        return (self.height, self.index, self.order)

    def party(self, role: str) -> Address | None:
        """Return the first address of a role."""
        return next((address for name, address in self.parties if name == role), None)

    def all_of(self, role: str) -> tuple[Address, ...]:
        """Return every address of a role, in the record's order."""
        return tuple(address for name, address in self.parties if name == role)

    def figure(self, name: str) -> str:
        """Return a figure, or empty text where the record does not tell it."""
        return next((value for held, value in self.figures if held == name), "")
