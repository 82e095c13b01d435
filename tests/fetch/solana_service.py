"""A Solana node over a toy bank that really moves lamports and tokens, and tells them as a node does.

The bank runs instructions on its accounts; balances before and after come from that. It keeps its own account
of what each owner holds, by which tests judge a history.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from base58_bech32.base58 import b58encode

from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Quote, R, Rows, drive
from flowtrace.model import Address, Answer, Chain, Request, Transfer

SOLANA = Chain.of("solana")
SYSTEM = "11111111111111111111111111111111"
TOKEN, TOKEN_2022 = (
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
)
WSOL = "So11111111111111111111111111111111111111112"
FEE, RENT = 5_000, 2_039_280
Step = tuple[str, dict[str, Any]]
"""One instruction: its type, and its info. ``secret`` moves lamports as a program may, told to nobody."""


def key(name: str) -> str:
    """Return an account that is called by a name."""
    return b58encode(hashlib.sha256(name.encode()).digest()).decode()


ANN, BEN, CLEO, FAUCET, COIN, OTHER = map(key, ("ann", "ben", "cleo", "faucet", "coin", "other coin"))


def pay(source: str, target: str, lamports: int) -> Step:
    """Return a payment of lamports."""
    return "transfer", {"source": source, "destination": target, "lamports": lamports}


def open_account(payer: str, account: str, mint: str, *, owner: str, lamports: int = RENT) -> list[Step]:
    """Return what opens a token account."""
    made = {"source": payer, "newAccount": account, "lamports": lamports, "space": 165, "owner": TOKEN}
    return [
        ("createAccount", made),
        ("initializeAccount3", {"account": account, "mint": mint, "owner": owner}),
    ]


def hand(source: str, target: str, units: int, *, fee: int | None = None) -> Step:
    """Return a transfer of token units; of a mint with a fee, with the fee told or not."""
    told = {"source": source, "destination": target, "amount": str(units), "authority": "any"}
    return ("transfer", told) if fee is None else ("feeTransfer", told | {"fee": fee})


def mint_to(account: str, mint: str, units: int) -> Step:
    """Return new token units."""
    return "mintTo", {"account": account, "mint": mint, "amount": str(units), "mintAuthority": "any"}


def burn(account: str, mint: str, units: int) -> Step:
    """Return token units that are no more."""
    return "burn", {"account": account, "mint": mint, "amount": str(units), "authority": "any"}


def close(account: str, target: str) -> Step:
    """Return the closing of a token account."""
    return "closeAccount", {"account": account, "destination": target, "owner": "any"}


def turn(account: str, owner: str) -> Step:
    """Return the change of a token account's owner."""
    info = {"account": account, "authority": "any", "authorityType": "accountOwner", "newAuthority": owner}
    return "setAuthority", info


def sync(account: str) -> Step:
    """Return the instruction that makes lamports of a wrapping account wrapped SOL."""
    return "syncNative", {"account": account}


def secret(source: str, target: str, lamports: int) -> Step:
    """Return a move of lamports that a program makes without an instruction."""
    return "secret", {"source": source, "destination": target, "lamports": lamports}


@dataclass
class _Token:
    mint: str
    owner: str
    units: int = 0


@dataclass
class Bank:
    """The accounts, and every transaction as a node tells it."""

    lamports: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, _Token] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    slots: Counter[int] = field(default_factory=Counter)

    def run(
        self, slot: int, payer: str, *steps: Step, inner: Sequence[Step] = (), ok: bool = True, fee: int = FEE
    ) -> str:
        """Run a transaction of outer instructions and some the first of them calls; return its signature."""
        programs = [TOKEN] if any(self._token(one) for one in (*steps, *inner)) else []
        named = [payer, *(a for one in (*steps, *inner) for a in self._named(one)), SYSTEM, *programs]
        keys = list(dict.fromkeys(named))
        before = [self.lamports[one] for one in keys]
        held = self._held(keys) if programs else []
        self.lamports[payer] -= fee
        for step in self._in_order(steps, inner) if ok else ():
            self._step(step)
        signature = b58encode(hashlib.sha512(f"transaction {len(self.told)}".encode()).digest()).decode()
        group = [{"index": 0, "instructions": [_parsed(one) for one in inner if one[0] != "secret"]}]
        index = self.slots[slot] = self.slots[slot] + 1
        self.told.append({
            "slot": slot, "index": 3 * index, "blockTime": 1_700_000_000 + slot, "version": 0,
            "transaction": {
                "signatures": [signature],
                "message": {
                    "accountKeys": [{"pubkey": one, "signer": one == payer} for one in keys],
                    "instructions": [_parsed(one) for one in steps if one[0] != "secret"],
                },
            },
            "meta": {
                "err": None if ok else {"InstructionError": [0, {"Custom": 1}]}, "fee": fee,
                "preBalances": before, "postBalances": [self.lamports[one] for one in keys],
                "preTokenBalances": held, "postTokenBalances": self._held(keys) if programs else [],
                "innerInstructions": group if inner else [], "loadedAddresses": {},
            },
        })  # fmt: skip
        return signature

    def _in_order(self, steps: Sequence[Step], inner: Sequence[Step]) -> Iterable[Step]:
        return [*steps[:1], *inner, *steps[1:]]

    def _named(self, step: Step) -> list[str]:
        """Return the accounts an instruction names: of a token transfer, never the owner of the target."""
        hidden = ("owner", "newAuthority", "authorityType") if step[0] != "closeAccount" else ("owner",)
        return [v for k, v in step[1].items() if k not in hidden and isinstance(v, str) and len(v) > 40]

    def _token(self, step: Step) -> bool:
        return step[0] not in ("createAccount", "secret") and "lamports" not in step[1]

    def _step(self, step: Step) -> None:
        name, info = step
        source, target = str(info.get("source") or info.get("account")), str(info.get("destination"))
        if "lamports" in info:
            self.lamports[source] -= info["lamports"]
            self.lamports[info.get("newAccount", target)] += info["lamports"]
        elif name == "initializeAccount3":
            units = self.lamports[source] - RENT if info["mint"] == WSOL else 0
            self.tokens[source] = _Token(info["mint"], info["owner"], units)
        elif name in ("transfer", "feeTransfer"):
            units = int(info["amount"])
            self.tokens[source].units -= units
            self.tokens[target].units += units - info.get("fee", 0)
            if self.tokens[source].mint == WSOL:
                self.lamports[source] -= units
                self.lamports[target] += units
        elif name in ("mintTo", "burn"):
            self.tokens[source].units += int(info["amount"]) * (1 if name == "mintTo" else -1)
        elif name == "closeAccount":
            self.lamports[target] += self.lamports.pop(source)
            del self.tokens[source]
        elif name == "setAuthority":
            self.tokens[source].owner = info["newAuthority"]
        elif name == "syncNative":
            self.tokens[source].units = self.lamports[source] - RENT

    def _held(self, keys: list[str]) -> list[dict[str, Any]]:
        return [
            {
                "accountIndex": index, "mint": held.mint, "owner": held.owner, "programId": TOKEN,
                "uiTokenAmount": {"amount": str(held.units), "decimals": 6, "uiAmount": 0.5},
            }
            for index, name in enumerate(keys)
            if (held := self.tokens.get(name))
        ]  # fmt: skip

    def holds(self) -> dict[tuple[str, str], int]:
        """Return what each owner holds: ("SOL" or mint, owner) to units, wrapped SOL and rent as SOL."""
        found: Counter[tuple[str, str]] = Counter()
        for name, lamports in self.lamports.items():
            held = self.tokens.get(name)
            found["SOL", held.owner if held else name] += lamports
        for held in self.tokens.values():
            if held.mint != WSOL:
                found[held.mint, held.owner] += held.units
        return {what: units for what, units in found.items() if units}


def sums(transfers: Iterable[Transfer]) -> dict[tuple[str, str], int]:
    """Return what each owner has more or less by transfers: ("SOL" or mint, owner) to units."""
    found: Counter[tuple[str, str]] = Counter()
    for transfer in transfers:
        for sign, legs in ((-1, transfer.inputs), (1, transfer.outputs)):
            for leg in legs:
                if leg.address is not None:
                    found[leg.asset.contract or "SOL", leg.address.account] += sign * leg.units
    return {what: units for what, units in found.items() if units}


def _parsed(step: Step) -> dict[str, Any]:
    name, info = step
    system = "lamports" in info
    if name == "feeTransfer":
        fee = {"amount": str(info["fee"]), "decimals": 6}
        amount = {"amount": info["amount"], "decimals": 6}
        info = {k: v for k, v in info.items() if k not in ("amount", "fee")}
        name, info = "transferCheckedWithFee", {**info, "tokenAmount": amount, "feeAmount": fee}
    program, number = ("system", SYSTEM) if system else ("spl-token", TOKEN)
    return {"program": program, "programId": number, "parsed": {"type": name, "info": info}, "stackHeight": 1}


def bank() -> Bank:
    """Return a bank where Ann is paid in every way, and no list alone shows all of it."""
    made = Bank()
    made.lamports[FAUCET] = 10**15
    ann_coin, ann_old, ann_wrap, ben_coin, cleo_coin, ben_wrap = map(
        key, ("ann's coin", "ann's old", "ann's wrap", "ben's coin", "cleo's coin", "ben's wrap")
    )
    made.run(100, FAUCET, pay(FAUCET, ANN, 10**10))
    made.run(100, FAUCET, pay(FAUCET, BEN, 10**10), pay(FAUCET, CLEO, 10**10))
    made.run(101, ANN, *open_account(ANN, ann_coin, COIN, owner=ANN))
    made.run(102, BEN, *open_account(BEN, ben_coin, COIN, owner=BEN), mint_to(ben_coin, COIN, 10**9))
    made.run(103, CLEO, *open_account(CLEO, cleo_coin, COIN, owner=CLEO), mint_to(cleo_coin, COIN, 5_000))
    made.run(104, BEN, hand(ben_coin, ann_coin, 700_000))  # does not name Ann
    made.run(105, CLEO, *open_account(CLEO, ann_old, OTHER, owner=ANN), mint_to(ann_old, OTHER, 77))
    made.run(106, CLEO, mint_to(ann_old, OTHER, 23))  # nor does this
    made.run(107, ANN, burn(ann_old, OTHER, 100), close(ann_old, ANN))
    made.run(108, ANN, pay(ANN, BEN, 1_000_000), inner=[pay(ANN, CLEO, 30), hand(ann_coin, cleo_coin, 9)])
    made.run(108, ANN, pay(ANN, BEN, 10**12), ok=False)
    made.run(108, BEN, pay(BEN, ANN, 3))
    made.run(109, ANN, *open_account(ANN, ann_wrap, WSOL, owner=ANN, lamports=RENT + 10**6), sync(ann_wrap))
    made.run(110, BEN, *open_account(BEN, ben_wrap, WSOL, owner=BEN))
    made.run(111, ANN, hand(ann_wrap, ben_wrap, 400_000))
    made.run(112, ANN, close(ann_wrap, ANN))
    made.run(113, BEN, turn(ben_coin, ANN))
    made.run(114, ANN, hand(ann_coin, cleo_coin, 100, fee=7))
    made.run(115, ANN, pay(ANN, CLEO, 50), secret(ANN, BEN, 11))
    made.run(116, CLEO, secret(CLEO, ANN, 4), pay(CLEO, FAUCET, 1))
    return made


class Node:
    """Answers as a node does.

    Attributes
    ----------
    indexed
        Whether signatures come with their place in the block, as from Agave 4.0 on.
    lost
        Signatures that no list shows.
    refused
        Methods that the node does not have.
    page
        The most signatures it gives at once, whatever is asked for.
    """

    def __init__(self, bank: Bank, *, indexed: bool = True) -> None:
        self.bank, self.indexed = bank, indexed
        self.provider = provider()
        self.address, self.pin = Address(SOLANA.id, ANN), Pin(SOLANA.id, 120, key("block 120"), 1_700_000_120)
        self.lost: set[str] = set()
        self.refused: set[str] = set()
        self.page = 1000
        self.asked: list[tuple[str, Any]] = []

    def answer(self, request: Request) -> Reply:
        """Answer a call."""
        found = json.loads(request.body)
        method, parameters = found["method"], found["params"]
        self.asked.append((method, parameters))
        if method in self.refused:
            return _reply({"error": {"code": -32601, "message": "Method not found"}})
        result = getattr(self, f"_{method}")(*parameters)
        return _reply(result if isinstance(result, dict) and "error" in result else {"result": result})

    def _getSlot(self, _options: dict[str, Any]) -> int:  # noqa: N802  the method's name
        return 120

    def _getBlock(self, slot: int, options: dict[str, Any]) -> Any:  # noqa: ANN401, N802  JSON; the method's name
        here = {
            tx["index"]: tx["transaction"]["signatures"][0] for tx in self.bank.told if tx["slot"] == slot
        }
        block: dict[str, Any] = {"blockhash": key(f"block {slot}"), "blockTime": 1_700_000_000 + slot}
        if options["transactionDetails"] == "signatures":
            block["signatures"] = [here.get(n, key(f"{slot} {n}")) for n in range(max(here, default=0) + 1)]
        return block

    def _getBalance(self, name: str, _options: dict[str, Any]) -> Any:  # noqa: ANN401, N802
        return _at(self.bank.lamports[name])

    def _getTokenAccountsByOwner(self, owner: str, program: dict[str, str], _: object) -> Any:  # noqa: ANN401, N802
        mine = [] if program["programId"] != TOKEN else self.bank.tokens.items()
        return _at([
            {"pubkey": name, "account": {"lamports": self.bank.lamports[name], "data": {"parsed": {"info": {
                "mint": held.mint, "owner": owner, "tokenAmount": {"amount": str(held.units), "decimals": 6},
            }}}}}
            for name, held in mine if held.owner == owner
        ])  # fmt: skip

    def _getSignaturesForAddress(self, name: str, options: dict[str, Any]) -> Any:  # noqa: ANN401, N802
        rows = [
            self._row(tx)
            for tx in sorted(self.bank.told, key=lambda one: (one["slot"], one["index"]), reverse=True)
            if name in {one["pubkey"] for one in tx["transaction"]["message"]["accountKeys"]}
            and tx["transaction"]["signatures"][0] not in self.lost
        ]
        if "before" in options:
            places = [place for place, row in enumerate(rows) if row["signature"] == options["before"]]
            rows = rows[places[0] + 1 :] if places else []
        return rows[: min(options["limit"], self.page)]

    def _row(self, tx: dict[str, Any]) -> dict[str, Any]:
        place = {"transactionIndex": tx["index"]} if self.indexed else {}
        row = {"signature": tx["transaction"]["signatures"][0], "slot": tx["slot"], "err": tx["meta"]["err"]}
        return row | place | {"memo": None, "blockTime": tx["blockTime"], "confirmationStatus": "finalized"}

    def _getTransaction(self, signature: str, _options: dict[str, Any]) -> Any:  # noqa: ANN401, N802
        return next(
            (
                {name: value for name, value in tx.items() if name != "index"}
                for tx in self.bank.told
                if tx["transaction"]["signatures"][0] == signature
            ),
            None,
        )


def run(node: Node, asking: Asking[R]) -> tuple[Rows, R]:
    """Run an asking over a node to its end."""
    rows = Rows()

    def answer_of(request: Request) -> Answer:
        status, _, body = node.answer(request)
        return Answer(
            request, body, "2026-01-01T00:00:00Z", node.provider.id, "asked", status, number=len(node.asked)
        )

    def take(batch: Batch | Quote) -> None:
        assert isinstance(batch, Batch)
        rows.take(batch, SOLANA.id)

    return rows, drive(asking, answer_of, take)


def _at(value: object) -> dict[str, Any]:
    return {"context": {"slot": 121, "apiVersion": "4.0.1"}, "value": value}


def _reply(fields: dict[str, Any]) -> Reply:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, **fields}).encode()
    return 200, {"content-type": "application/json"}, body


def provider(url: str = "https://solana.example", *, page: int = 3) -> Provider:
    """Return a node that gives small pages."""
    return Provider(
        id="node@solana", service="node", kind="solana", chain=SOLANA, url=url, key=None, needs_key=False,
        requests=1000, seconds=1.0, concurrent=8, page=page, window=0, depth=0, verified_on="2026-11-23",
        source="a test", options={},
    )  # fmt: skip


def service() -> Node:
    """Return a node over the toy bank."""
    return Node(bank())
