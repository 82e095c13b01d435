"""What the portal's Solana dataset tells of an address: its transactions, with balances and instructions.

Found are transactions that name the address, and those in which a token account is or was its own, closed
ones too. Of each, all balances before and after and all instructions are told, the latter as bytes, so that
:mod:`flowtrace.fetch.solana.moves` tells the same of them as of a node's answer. Balances that did not change
are left out. The filter by named accounts lets others pass, which are left aside here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from base58_bech32.base58 import b58decode

from flowtrace.errors import InputError
from flowtrace.fetch.portal.family import Finding, Query, Reader, fields
from flowtrace.fetch.portal.lines import Block, Row, text, whole, whole_or_none
from flowtrace.fetch.solana.balances import Held, State, checked, state_of
from flowtrace.fetch.solana.moves import Holding, Instruction, SolanaTransaction, told
from flowtrace.fetch.solana.transaction import decoded
from flowtrace.model import Address, Kind, Scope, Transfer

_TABLES = ("instructions", "balances", "tokenBalances")
_FIELDS = {
    "block": ("number", "hash", "timestamp"),
    "transaction": ("transactionIndex", "signatures", "err", "fee", "feePayer"),
    "instruction": ("transactionIndex", "instructionAddress", "programId", "accounts", "data"),
    "balance": ("transactionIndex", "account", "pre", "post"),
    "tokenBalance": (
        *("transactionIndex", "account", "preMint", "postMint", "preDecimals", "postDecimals"),
        *("preOwner", "postOwner", "preAmount", "postAmount"),
    ),
}
_LONGEST = 256  # of an instruction's bytes in base58: those that move value are short
_DEEPEST = 64
_UNKNOWN: Held = (None, None, None)
_NOBODY = "nobody"  # whose accounts a node was asked to list: no node was


def reader(address: Address) -> Reader:
    """Return the reader for an address."""
    return _Solana(address)


@dataclass
class _Solana:
    """The history of an account while it is read: what it and its token accounts hold, step by step.

    ``unrented`` counts token accounts that change hands with a deposit of coin that is not told.
    """

    address: Address
    counts: dict[Scope, int] = field(default_factory=lambda: dict.fromkeys(Scope, 0))
    transactions: int = 0
    nets: int = 0
    unrented: int = 0
    mine: list[tuple[str, State]] = field(default_factory=list)
    tokens: dict[str, list[tuple[str, State]]] = field(default_factory=dict)

    def queries(self) -> Sequence[Query]:
        account = [self.address.account]
        every = {"instructions": True, "balances": True, "tokenBalances": True}
        of_token = {
            **dict.fromkeys(("transaction", "transactionInstructions"), True),
            **dict.fromkeys(("transactionBalances", "transactionTokenBalances"), True),
        }
        asked: dict[str, Any] = {
            "fields": fields(_FIELDS),
            "transactions": [{"mentionsAccount": account, **every}],
            "balances": [{"account": account, "transaction": True, "transactionInstructions": True}],
            "tokenBalances": [{"preOwner": account, **of_token}, {"postOwner": account, **of_token}],
        }
        return [Query(asked)]

    def lacks(self, what: Sequence[str]) -> None:
        """Nothing can be left out: there is only one question."""

    def read(self, block: Block) -> list[Transfer]:
        rows = block.transactions()
        tables = [block.by_transaction(name) for name in _TABLES]
        strays = {index for table in tables for index in table} - set(rows)
        if strays:
            raise InputError(f"transaction {min(strays)} is not told, though something of it is")
        found: list[Transfer] = []
        for index, row in rows.items():
            instructions, balances, holdings = (table.get(index, []) for table in tables)
            tx = SolanaTransaction(
                chain=self.address.chain,
                signature=_signature(row),
                slot=block.number,
                time=block.time,
                ok=row.get("err") is None,
                fee=whole(row, "fee"),
                payer=text(row, "feePayer"),
                lamports=_lamports(balances),
                holdings=tuple(one for held in holdings for one in _holdings(held)),
                instructions=tuple(_instructions(instructions)),
            )
            if self._is_touched(tx):
                found += self._told(tx, index)
        return found

    def _is_touched(self, tx: SolanaTransaction) -> bool:
        me = self.address.account
        owners = {owner for one in tx.holdings for owner in (one.owner_before, one.owner_after)}
        return me == tx.payer or me in tx.lamports or me in owners

    def _told(self, tx: SolanaTransaction, index: int) -> list[Transfer]:
        self.transactions += 1
        self._hold(tx)
        moved = told(tx, index)
        mine = [
            t for t in moved.transfers if any(one.address == self.address for one in (*t.inputs, *t.outputs))
        ]
        self.nets += any(one.kind is Kind.NET for one in mine)
        for one in mine:
            inside = Scope.INTERNAL if one.kind is Kind.INTERNAL else Scope.EXTERNAL
            self.counts[Scope.TOKEN if one.inputs[0].asset.contract else inside] += 1
        return mine

    def _hold(self, tx: SolanaTransaction) -> None:
        """Note what the address and its token accounts hold before and after."""
        me = self.address.account
        if me in tx.lamports:
            self.mine.append((tx.signature, state_of(tx, me)))
        for one in tx.holdings:
            if me in (one.owner_before, one.owner_after):
                states = self.tokens.setdefault(one.account, [])
                if not states or states[-1][0] != tx.signature:
                    states.append((tx.signature, self._units(tx, one)))
                changes_hands = (
                    None not in (one.owner_before, one.owner_after) and one.owner_before != one.owner_after
                )
                self.unrented += changes_hands and one.account not in tx.lamports

    def _units(self, tx: SolanaTransaction, one: Holding) -> State:
        """Return what a token account holds; what it held while it was another's is not known from here."""
        state = state_of(replace(tx, lamports={one.account: (0, 0)}), one.account)
        before = (None, *state.before[1:]) if one.owner_before in (None, self.address.account) else _UNKNOWN
        return State(before, (None, *state.after[1:]))

    def findings(self) -> list[Finding]:
        """Return how complete the history is: what is held before a transaction is what the last one left."""
        whole_coin, words = checked(self.mine, None, owner=_NOBODY, later=False)
        found = {
            name: checked(states, None, owner=_NOBODY, later=False) for name, states in self.tokens.items()
        }
        broken = [f"{name}: {why}" for name, (fine, why) in sorted(found.items()) if not fine]
        tokens = "; ".join(broken) or "what each holds is what the last transaction left, from nothing on"
        count = f"{self.transactions} transactions"
        if self.nets:
            count += f", {self.nets} of them told as a net of balances"
        if self.unrented:
            words += f"; {self.unrented} token accounts change hands with coin on them that is not told"
            whole_coin = False
        return [
            Finding(Scope.EXTERNAL, whole_coin, f"{count}; {words}"),
            Finding(Scope.INTERNAL, whole_coin, f"inner instructions of {count}; {words}"),
            Finding(Scope.TOKEN, not broken, f"{len(found)} token accounts; {tokens}"),
        ]


def _signature(row: Row) -> str:
    names = row.get("signatures")
    return text({"signature": names[0] if isinstance(names, list) and names else None}, "signature")


def _lamports(rows: Sequence[Row]) -> Mapping[str, tuple[int, int]]:
    found = {text(row, "account"): (whole(row, "pre"), whole(row, "post")) for row in rows}
    if len(found) != len(rows):
        raise InputError("two balances of one account in one transaction")
    return found


def _holdings(row: Row) -> Iterator[Holding]:
    """Return what a token account held: once, or twice where its mint changes, as no account but itself."""
    account = text(row, "account")
    sides = {}
    for side in ("pre", "post"):
        if row.get(f"{side}Mint") is not None:
            owner = text(row, f"{side}Owner") if row.get(f"{side}Owner") is not None else account
            decimals = whole_or_none(row, f"{side}Decimals") or 0
            sides[side] = (text(row, f"{side}Mint"), owner, whole(row, f"{side}Amount"), decimals)
    for mint in sorted({side[0] for side in sides.values()}):
        old, new = (
            sides.get(side) if sides.get(side, ("",))[0] == mint else None for side in ("pre", "post")
        )
        known = new or old
        yield Holding(
            account,
            mint,
            decimals=known[3] if known else 0,
            before=old[2] if old else 0,
            after=new[2] if new else 0,
            owner_before=old[1] if old else None,
            owner_after=new[1] if new else None,
        )


def _instructions(rows: Sequence[Row]) -> Iterator[Instruction]:
    """Return the instructions that move value; a node counts those that one calls, however deep, in a row."""
    called: dict[int, int] = {}
    for place, row in sorted((_place(row), n) for n, row in enumerate(rows)):
        outer = place[0]
        path = (outer,) if len(place) == 1 else (outer, called.get(outer, 0))
        called[outer] = called.get(outer, 0) + len(path) - 1
        found = _decoded(path, rows[row])
        if found is not None:
            yield found


def _place(row: Row) -> tuple[int, ...]:
    place = row.get("instructionAddress")
    if not isinstance(place, list) or not 0 < len(place) <= _DEEPEST:
        raise InputError("an instruction has no place")
    if not all(type(n) is int and n >= 0 for n in place):
        raise InputError("an instruction's place is none")
    return tuple(place)


def _decoded(path: tuple[int, ...], row: Row) -> Instruction | None:
    accounts, data = row.get("accounts"), row.get("data")
    if not isinstance(accounts, list) or not all(isinstance(one, str) for one in accounts):
        raise InputError("an instruction has no accounts")
    if not isinstance(data, str) or len(data) > _LONGEST:
        return None
    try:
        raw = b58decode(data)
    except ValueError:
        raise InputError("an instruction's data are no base58") from None
    return decoded(path, text(row, "programId"), accounts=accounts, data=raw)
