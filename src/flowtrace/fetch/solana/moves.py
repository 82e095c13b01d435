"""What moves in one Solana transaction, as transfers: one way to tell it, whoever tells of it.

Who moves what is named by owners. Token units are the token account's owner's, never the account's; so are
the lamports a token account holds, its rent. Wrapped SOL is such lamports: it is told as SOL of its owner,
and wrapping, unwrapping and opening one's own token account move nothing. An owner's SOL is then its own
balance and what its token accounts hold. (A node tells a token account's owner only where a token program
takes part; lamports sent to a token account without one are told as sent to the account itself.)

The balances before and after are the truth. Per asset, if the transfers, mints, burns, changes of owner and
closings that the instructions tell add up to them, these are the transfers: ``ix 2`` is the third
instruction, ``ix 2.0`` the first of those it calls (by the node's flat list, whatever their depth),
``ix 2.0 rent`` and ``ix 2.0 fee`` what else it moves. If they do not, the asset moves in one transfer
from all who have less to all who have more: ``net SOL``, or ``net`` and the mint.

Order within a transaction: the fee, then instructions as they ran, then nets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowtrace.errors import InputError
from flowtrace.model import Address, Asset, Basis, Chain, Kind, Leg, Transfer, read_units

NATIVE_MINTS = (
    "So11111111111111111111111111111111111111112",
    "9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9",
)
_SOL = "SOL"  # stands for the coin where a token is its mint
_SYMBOLS = {
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v": "USDC",
    "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB": "USDT",
}
_NET_ORDER = 1 << 40
_PAYS = {
    ("system", "transfer"): ("source", "destination"),
    ("system", "transferWithSeed"): ("source", "destination"),
    ("system", "createAccount"): ("source", "newAccount"),
    ("system", "createAccountWithSeed"): ("source", "newAccount"),
    ("system", "withdrawFromNonce"): ("nonceAccount", "destination"),
    ("stake", "split"): ("stakeAccount", "newSplitAccount"),
    ("stake", "withdraw"): ("stakeAccount", "destination"),
    ("stake", "moveLamports"): ("source", "destination"),
    ("stake", "moveStake"): ("source", "destination"),
    ("vote", "withdraw"): ("voteAccount", "destination"),
}
_EMPTIES = {
    ("token", "closeAccount"): ("account", "destination"),
    ("stake", "merge"): ("source", "destination"),
    ("loader", "close"): ("account", "recipient"),
    ("lookup", "closeLookupTable"): ("lookupTableAccount", "recipient"),
}
_HANDS = {
    ("token", "transfer"): ("source", "destination"),
    ("token", "transferChecked"): ("source", "destination"),
    ("token", "transferCheckedWithFee"): ("source", "destination"),
    ("token", "mintTo"): ("", "account"),
    ("token", "mintToChecked"): ("", "account"),
    ("token", "burn"): ("account", ""),
    ("token", "burnChecked"): ("account", ""),
}
_OPENS = ("initializeAccount", "initializeAccount2", "initializeAccount3")
Deltas = dict[str, Counter[str]]
"""Per asset, what each owner has more or less."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, as a node parses it.

    Attributes
    ----------
    path
        Its index in the message; for one that was called, its index in the node's list of those, too.
    program
        ``system``, ``token`` (both token programs), ``stake``, ``vote``, ``loader``, ``lookup``.
    name, info
        The node's ``type`` and ``info``, such as ``transfer`` and its ``source``, ``destination``,
        ``lamports``.
    """

    path: tuple[int, ...]
    program: str
    name: str
    info: Mapping[str, object]

    @property
    def order(self) -> int:
        """Its place among all instructions of the transaction, after the fee."""
        outer, inner = (*self.path, -1)[:2]
        return (outer + 1 << 20) + inner + 1

    def text(self, key: str) -> str:
        """Return a field that is text; empty where it is not there."""
        found = self.info.get(key)
        return found if isinstance(found, str) else ""

    def units(self, key: str) -> int:
        """Return a field that counts units, bare or within an amount; zero where it is not there."""
        found = self.info.get(key, self.info.get("tokenAmount") if key == "amount" else None)
        if isinstance(found, Mapping):
            found = found.get("amount")
        try:
            units = found if type(found) is int else read_units(str(found))
        except InputError:
            return 0
        return max(units, 0)


@dataclass(frozen=True, slots=True)
class Holding:
    """A token account before and after; an owner is None where the account is not there."""

    account: str
    mint: str
    decimals: int
    before: int
    after: int
    owner_before: str | None
    owner_after: str | None


@dataclass(frozen=True, slots=True)
class SolanaTransaction:
    """What a node or an index tells of one transaction.

    Attributes
    ----------
    payer
        The first account of its message.
    lamports
        Per account, its lamports before and after; accounts that did not change may be left out.
    holdings
        The token accounts; one whose mint changes stands here twice.
    instructions
        All that ran, outer and inner, in order.
    signers
        Who signed it, where that is told.
    """

    chain: Chain
    signature: str
    slot: int
    time: int
    ok: bool
    fee: int
    payer: str
    lamports: Mapping[str, tuple[int, int]]
    holdings: tuple[Holding, ...]
    instructions: tuple[Instruction, ...]
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """The transfers, and how many assets could be told only as a net."""

    transfers: tuple[Transfer, ...]
    nets: int = 0


def told(tx: SolanaTransaction, index: int = 0) -> Told:
    """Return what a transaction moves; ``index`` is its place in its block.

    Raises
    ------
    InputError
        If an account is no address, or a failed transaction moves more than its fee.
    """
    if not tx.ok:
        return Told((_failed(tx, index),))
    run = _Run(tx)
    truth = _truth(tx, run.holder)
    for instruction in tx.instructions:
        run.take(instruction)
    sums = _sums(run.steps)
    netted = sorted(asset for asset in {*truth, *sums} if _changes(truth, asset) != _changes(sums, asset))
    write = _Writer(tx, index)
    transfers = [write.one(_Step("fee", 0, Kind.FEE, asset=_SOL, giver=tx.payer, taker="", units=tx.fee))]
    transfers += [write.one(step) for step in run.steps if step.asset not in netted]
    nets = [write.net(asset, truth[asset]) for asset in netted if _changes(truth, asset)]
    return Told((*transfers, *nets), len(netted))


def _failed(tx: SolanaTransaction, index: int) -> Transfer:
    """Return the fee of a failed transaction: all that its payer lost, old rent too."""
    before, after = tx.lamports.get(tx.payer, (tx.fee, 0))
    others = [a for a, (old, new) in tx.lamports.items() if old != new and a != tx.payer]
    moved = [one.account for one in tx.holdings if one.before != one.after]
    if others or moved or before - after < tx.fee:
        what = ", ".join([*others, *moved]) or tx.payer
        raise InputError(f"transaction {tx.signature} failed, but the balance of {what:.200} changes")
    units = before - after
    step = _Step("fee", 0, Kind.FEE, asset=_SOL, giver=tx.payer, taker="", units=units)
    return _Writer(tx, index).one(step)


@dataclass(frozen=True, slots=True)
class _Step:
    """One move between owners; an empty owner is none."""

    position: str
    order: int
    kind: Kind
    asset: str
    giver: str
    taker: str
    units: int


def _truth(tx: SolanaTransaction, holder: Mapping[str, str]) -> Deltas:
    """Return the changes by the balances, the fee apart."""
    deltas: Deltas = {}
    owners = {one.account: one.owner_after for one in tx.holdings if one.owner_after is not None}
    coin = deltas.setdefault(_SOL, Counter())
    for account, (before, after) in tx.lamports.items():
        coin[holder.get(account, account)] -= before
        coin[owners.get(account, account)] += after
    coin[tx.payer] += tx.fee
    for one in tx.holdings:
        if one.mint in NATIVE_MINTS:
            continue
        token = deltas.setdefault(one.mint, Counter())
        if one.owner_before is not None:
            token[one.owner_before] -= one.before
        if one.owner_after is not None:
            token[one.owner_after] += one.after
    return deltas


def _sums(steps: list[_Step]) -> Deltas:
    deltas: Deltas = {}
    for step in steps:
        held = deltas.setdefault(step.asset, Counter())
        held[step.giver] -= step.units
        held[step.taker] += step.units
    return deltas


def _changes(deltas: Deltas, asset: str) -> dict[str, int]:
    return {owner: units for owner, units in deltas.get(asset, {}).items() if units and owner}


@dataclass
class _Run:
    """The instructions, run on what the accounts held before."""

    tx: SolanaTransaction
    steps: list[_Step] = field(default_factory=list)
    holder: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lamports = Counter({account: before for account, (before, _) in self.tx.lamports.items()})
        self.lamports[self.tx.payer] -= self.tx.fee
        self.units = Counter({one.account: one.before for one in self.tx.holdings})
        self.mint = {one.account: one.mint for one in reversed(self.tx.holdings)}
        for one in self.tx.holdings:
            if one.owner_before is not None:
                self.holder[one.account] = one.owner_before
        # An account that is opened here belongs from its first lamport on to whom it is opened for.
        for instruction in self.tx.instructions:
            if instruction.program == "token" and instruction.name in _OPENS:
                self._opened(instruction.text("account"), instruction.text("owner"))
        for one in self.tx.holdings:
            self._opened(one.account, one.owner_after or "")

    def _opened(self, account: str, owner: str) -> None:
        if owner and not self.lamports[account]:
            self.holder.setdefault(account, owner)

    def take(self, instruction: Instruction) -> None:
        """Run an instruction; one that is not known, or lacks what it should have, moves nothing."""
        key = (instruction.program, instruction.name)
        if key in _PAYS:
            source, target = map(instruction.text, _PAYS[key])
            self._pay(instruction, source, target=target, units=instruction.units("lamports"))
        elif key in _EMPTIES:
            source, target = map(instruction.text, _EMPTIES[key])
            self._pay(instruction, source, target=target, units=self.lamports[source])
            if instruction.program == "token":
                self.holder.pop(source, None)
        elif key in _HANDS:
            source, target = (name and instruction.text(name) for name in _HANDS[key])
            self._hand(instruction, source, target=target)
        elif key == ("token", "setAuthority") and instruction.text("authorityType") == "accountOwner":
            self._turn(instruction, instruction.text("account"), owner=instruction.text("newAuthority"))
        elif instruction.program == "token" and instruction.name in _OPENS:
            self.mint[instruction.text("account")] = instruction.text("mint")
            self._turn(instruction, instruction.text("account"), owner=instruction.text("owner"))

    def _pay(self, at: Instruction, source: str, *, target: str, units: int, what: str = "") -> None:
        if not source or not target:
            return
        self.lamports[source] -= units
        self.lamports[target] += units
        kind = Kind.VALUE if len(at.path) == 1 else Kind.INTERNAL
        giver, taker = self.holder.get(source, source), self.holder.get(target, target)
        self._step(at, what, (kind, _SOL), parties=(giver, taker), units=units)

    def _hand(self, at: Instruction, source: str, *, target: str) -> None:
        """Move units of a token; of wrapped SOL, its lamports."""
        mint = self.mint.get(source or target) or self.mint.get(target) or at.text("mint")
        units, fee = at.units("amount"), at.units("feeAmount")
        if mint in NATIVE_MINTS:
            self._pay(at, source, target=target, units=units)
        elif mint:
            self.units[source] -= units
            self.units[target] += units - fee
            parties = (self._owner(source), self._owner(target))
            self._step(at, "", (Kind.TOKEN, mint), parties=parties, units=units - fee)
            self._step(at, " fee", (Kind.TOKEN, mint), parties=(parties[0], ""), units=fee)

    def _turn(self, at: Instruction, account: str, *, owner: str) -> None:
        """Give an account, with all that is on it, to another owner."""
        old = self.holder.get(account, account)
        mint = self.mint.get(account, "")
        if not account or not owner or owner == old:
            return
        if mint and mint not in NATIVE_MINTS:
            self._step(at, "", (Kind.TOKEN, mint), parties=(old, owner), units=self.units[account])
        kind = Kind.VALUE if len(at.path) == 1 else Kind.INTERNAL
        what = "" if mint in NATIVE_MINTS else " rent"
        self._step(at, what, (kind, _SOL), parties=(old, owner), units=self.lamports[account])
        self.holder[account] = owner

    def _owner(self, account: str) -> str:
        return self.holder.get(account, account) if account else ""

    def _step(
        self, at: Instruction, what: str, of: tuple[Kind, str], *, parties: tuple[str, str], units: int
    ) -> None:
        if units > 0 and parties[0] != parties[1]:
            kind, asset = of
            position = "ix " + ".".join(map(str, at.path)) + what
            giver, taker = parties
            self.steps.append(
                _Step(position, at.order, kind, asset=asset, giver=giver, taker=taker, units=units)
            )


class _Writer:
    """Writes the transfers of one transaction."""

    def __init__(self, tx: SolanaTransaction, index: int) -> None:
        self._tx, self._index = tx, index
        self._decimals = {one.mint: one.decimals for one in tx.holdings}

    def one(self, step: _Step) -> Transfer:
        """Return a move from one to one."""
        inputs, outputs = (self._leg(who, step.asset, step.units) for who in (step.giver, step.taker))
        return self._transfer(step.position, step.order, kind=step.kind, legs=((inputs,), (outputs,)))

    def net(self, asset: str, deltas: Mapping[str, int]) -> Transfer:
        """Return a move from all who have less to all who have more; what is lacking is nobody's."""
        inputs = [self._leg(who, asset, -units) for who, units in sorted(deltas.items()) if who and units < 0]
        outputs = [self._leg(who, asset, units) for who, units in sorted(deltas.items()) if who and units > 0]
        more = sum(leg.units for leg in inputs) - sum(leg.units for leg in outputs)
        if more:
            (outputs if more > 0 else inputs).append(self._leg("", asset, abs(more)))
        return self._transfer(f"net {asset}", _NET_ORDER, kind=Kind.NET, legs=(tuple(inputs), tuple(outputs)))

    def _leg(self, who: str, asset: str, units: int) -> Leg:
        chain = self._tx.chain
        address = Address.parse(chain, who) if who else None
        if asset == _SOL:
            return Leg(address, Asset.native(chain), units)
        mint, decimals = Address.parse(chain, asset), self._decimals.get(asset, 0)
        return Leg(address, Asset.token(mint, _SYMBOLS.get(asset, ""), decimals, standard="token"), units)

    def _transfer(
        self, position: str, order: int, *, kind: Kind, legs: tuple[tuple[Leg, ...], tuple[Leg, ...]]
    ) -> Transfer:
        return Transfer(
            chain_id=self._tx.chain.id,
            tx=self._tx.signature,
            position=position,
            height=self._tx.slot,
            index=self._index,
            order=order,
            time=self._tx.time,
            kind=kind,
            basis=Basis.RECORDED,
            ok=self._tx.ok,
            inputs=legs[0],
            outputs=legs[1],
        )
