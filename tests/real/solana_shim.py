"""A Solana bank of one's own: LiteSVM runs the real programs, a small JSON-RPC server tells what they did.

LiteSVM is the validator's own runtime in a library: system, token, token-2022 and associated-account programs
run as on the chain. It keeps no history, so every transaction's balances are taken before and after it here,
and told in the form of a node's answers; each answer is held against solders' own types for that form.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from aiohttp import web
from base58_bech32.base58 import b58encode

from flowtrace.fetch.provider import Provider
from flowtrace.model import Chain

SYSTEM = "11111111111111111111111111111111"
TOKEN, TOKEN_2022 = (
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
)
ASSOCIATED = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"
WSOL = "So11111111111111111111111111111111111111112"
_TOKENS = (TOKEN, TOKEN_2022)
_MINT, _ACCOUNT = 82, 165
_RESPONSES = {
    "getSlot": "GetSlotResp", "getBlock": "GetBlockResp", "getBalance": "GetBalanceResp",
    "getTokenAccountsByOwner": "GetTokenAccountsByOwnerJsonParsedResp",
    "getSignaturesForAddress": "GetSignaturesForAddressResp", "getTransaction": "GetTransactionResp",
}  # fmt: skip
# How a node writes the instructions used here: its type, the names of its accounts, of its number.
_PARSED = {
    (SYSTEM, 0): ("createAccount", ("source", "newAccount"), "lamports"),
    (SYSTEM, 2): ("transfer", ("source", "destination"), "lamports"),
    ("token", 3): ("transfer", ("source", "destination", "authority"), "amount"),
    ("token", 6): ("setAuthority", ("account", "authority"), ""),
    ("token", 7): ("mintTo", ("mint", "account", "mintAuthority"), "amount"),
    ("token", 8): ("burn", ("account", "mint", "authority"), "amount"),
    ("token", 9): ("closeAccount", ("account", "destination", "owner"), ""),
    ("token", 12): ("transferChecked", ("source", "mint", "destination", "authority"), "tokenAmount"),
    ("token", 17): ("syncNative", ("account",), ""),
    ("token", 18): ("initializeAccount3", ("account", "mint"), ""),
}


def solders(name: str) -> Any:  # noqa: ANN401  a module, absent where the package is
    """Return a module of the package, loaded when it is used."""
    return import_module(f"solders.{name}")


def key(text: str) -> Any:  # noqa: ANN401  solders' own type
    """Return an account's key from base58."""
    return solders("pubkey").Pubkey.from_string(text)


def person(name: str) -> Any:  # noqa: ANN401  solders' own type
    """Return the key pair of somebody with a name."""
    return solders("keypair").Keypair.from_seed(hashlib.sha256(name.encode()).digest())


def instruction(program: str, data: bytes, *accounts: str, signs: Sequence[str] = ()) -> Any:  # noqa: ANN401
    """Return an instruction whose accounts are all writable."""
    made = solders("instruction")
    metas = [made.AccountMeta(key(one), is_signer=one in signs, is_writable=True) for one in accounts]
    return made.Instruction(key(program), data, metas)


def number(units: int, size: int = 8) -> bytes:
    """Return a number in the programs' byte order."""
    return units.to_bytes(size, "little")


def pay(source: str, target: str, lamports: int) -> Any:  # noqa: ANN401  solders' own type
    """Return a payment."""
    return instruction(SYSTEM, number(2, 4) + number(lamports), source, target, signs=[source])


def create(payer: str, new: str, lamports: int, *, size: int, program: str = TOKEN) -> Any:  # noqa: ANN401
    """Return the creation of an account for a program."""
    data = number(0, 4) + number(lamports) + number(size) + bytes(key(program))
    return instruction(SYSTEM, data, payer, new, signs=[payer, new])


def associated(owner: str, mint: str, program: str = TOKEN) -> str:
    """Return the address of an owner's own token account."""
    seeds = [bytes(key(owner)), bytes(key(program)), bytes(key(mint))]
    return str(solders("pubkey").Pubkey.find_program_address(seeds, key(ASSOCIATED))[0])


def open_associated(payer: str, owner: str, mint: str, *, program: str = TOKEN) -> Any:  # noqa: ANN401
    """Return what opens an owner's own token account, where it is not open."""
    account = associated(owner, mint, program)
    return instruction(ASSOCIATED, b"\x01", payer, account, owner, mint, SYSTEM, program, signs=[payer])


@dataclass
class Bank:
    """The runtime, and every transaction as a node tells it; ``indexed`` as one from Agave 4.0 on does."""

    indexed: bool = True
    told: list[dict[str, Any]] = field(default_factory=list)
    slot: int = 1000
    places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.svm = solders("litesvm").LiteSVM()
        mint = bytes(36) + number(0) + bytes([9, 1]) + bytes(36)  # no authority, no supply, nine decimals
        account = solders("account").Account(self.rent(_MINT), mint, key(TOKEN))
        self.svm.set_account(key(WSOL), account)
        self.faucet = str(self.svm.airdrop_pubkey())
        self.first = {self.faucet: self.lamports(self.faucet), WSOL: self.rent(_MINT)}

    def rent(self, size: int) -> int:
        """Return what an account of a size has to hold."""
        return int(self.svm.minimum_balance_for_rent_exemption(size))

    def lamports(self, account: str) -> int:
        """Return what an account holds."""
        return int(self.svm.get_balance(key(account)) or 0)

    def token(self, account: str) -> dict[str, Any] | None:
        """Return what the bank's own bytes say of a token account; None where it is none."""
        found = self.svm.get_account(key(account))
        if found is None or str(found.owner) not in _TOKENS or len(found.data) < _ACCOUNT:
            return None
        data = bytes(found.data)
        if not data[108] or (len(data) > _ACCOUNT and data[_ACCOUNT] != 2):
            return None
        mint, owner = (str(solders("pubkey").Pubkey(data[n : n + 32])) for n in (0, 32))
        decimals = self.svm.get_account(key(mint)).data[44]
        units = int.from_bytes(data[64:72], "little")
        return {"mint": mint, "owner": owner, "units": units, "decimals": decimals}

    def accounts(self) -> set[str]:
        """Return every account that any transaction named, programs apart."""
        named = {a["pubkey"] for tx in self.told for a in tx["transaction"]["message"]["accountKeys"]}
        found = {name: self.svm.get_account(key(name)) for name in named}
        return {name for name, one in found.items() if one is None or not one.executable}

    def airdrop(self, account: str, lamports: int) -> None:
        """Pay out of the bank's own account."""
        keys = [self.faucet, account, SYSTEM]
        before = self._snapshot(keys)
        done = self.svm.airdrop(key(account), lamports)
        rows = [self._row(SYSTEM, [self.faucet, account], number(2, 4) + number(lamports))]
        self._record(done, keys, before=before, rows=rows)

    def send(self, *instructions: Any, payer: Any, signers: Iterable[Any] = ()) -> str:  # noqa: ANN401
        """Send a transaction, and return its signature."""
        self.svm.expire_blockhash()
        message = solders("message").Message(list(instructions), payer.pubkey())
        made = solders("transaction").Transaction([payer, *signers], message, self.svm.latest_blockhash())
        keys = [str(one) for one in message.account_keys]
        before = self._snapshot(keys)
        done = self.svm.send_transaction(made)
        rows = [self._compiled(keys, one) for one in message.instructions]
        return self._record(done, keys, before=before, rows=rows)

    def _snapshot(self, keys: Sequence[str]) -> tuple[list[int], list[dict[str, Any]]]:
        """Return lamports, and token balances where a token program is named: as a node does."""
        held = []
        for place, name in enumerate(keys if set(keys) & {*_TOKENS} else ()):
            one = self.token(name)
            if one is not None:
                amount = {"amount": str(one["units"]), "decimals": one["decimals"]}
                amount |= {"uiAmount": None, "uiAmountString": "0"}
                row = {"accountIndex": place, "mint": one["mint"], "owner": one["owner"]}
                held.append(row | {"programId": TOKEN, "uiTokenAmount": amount})
        return [self.lamports(name) for name in keys], held

    def _record(
        self,
        done: Any,  # noqa: ANN401  solders' own type
        keys: list[str],
        *,
        before: tuple[list[int], list[Any]],
        rows: list[dict[str, Any]],
    ) -> str:
        failed = hasattr(done, "err")
        meta = done.meta() if failed else done
        after = self._snapshot(keys)
        signature = str(meta.signature())
        groups = [] if failed else list(meta.inner_instructions())
        inner = [
            {"index": n, "instructions": [self._compiled(keys, one.instruction()) for one in group]}
            for n, group in enumerate(groups)
            if group
        ]
        error = {"InstructionError": [0, {"Custom": 1}]} if failed else None
        self.places[signature] = sum(tx["slot"] == self.slot for tx in self.told)
        self.told.append({
            "slot": self.slot, "blockTime": 1_700_000_000 + self.slot, "version": "legacy",
            "meta": {
                "err": error, "status": {"Err": error} if failed else {"Ok": None}, "fee": meta.fee(),
                "preBalances": before[0], "postBalances": after[0], "preTokenBalances": before[1],
                "postTokenBalances": after[1], "innerInstructions": inner, "logMessages": meta.logs(),
                "rewards": [],
            },
            "transaction": {"signatures": [signature], "message": {
                "accountKeys": [
                    {"pubkey": one, "signer": n == 0, "writable": True, "source": "transaction"}
                    for n, one in enumerate(keys)
                ],
                "instructions": rows, "recentBlockhash": WSOL,
            }},
        })  # fmt: skip
        return signature

    def _compiled(self, keys: Sequence[str], one: Any) -> dict[str, Any]:  # noqa: ANN401  solders' own type
        return self._row(keys[one.program_id_index], [keys[n] for n in bytes(one.accounts)], bytes(one.data))

    def _row(self, program: str, accounts: Sequence[str], data: bytes) -> dict[str, Any]:
        """Return an instruction as a node parses it, or as bytes where it is another one than used here."""
        tag = data[0] if data else -1
        found = _PARSED.get(("token" if program in _TOKENS else program, tag))
        if program == TOKEN_2022 and data[:2] == b"\x1a\x01":
            found = ("transferCheckedWithFee", ("source", "mint", "destination", "authority"), "feeAmount")
        if found is None:
            encoded = b58encode(data).decode()
            return {"programId": program, "accounts": list(accounts), "data": encoded, "stackHeight": None}
        info: dict[str, Any] = dict(zip(found[1], accounts, strict=False))
        if found[2] == "lamports":
            info["lamports"] = int.from_bytes(data[4:12], "little")
        elif found[2] == "amount":
            info["amount"] = str(int.from_bytes(data[1:9], "little"))
        elif found[2] == "tokenAmount":
            info["tokenAmount"] = {"amount": str(int.from_bytes(data[1:9], "little")), "decimals": data[9]}
        elif found[2] == "feeAmount":
            units, fee = (int.from_bytes(data[n : n + 8], "little") for n in (2, 11))
            info["tokenAmount"] = {"amount": str(units), "decimals": data[10]}
            info["feeAmount"] = {"amount": str(fee), "decimals": data[10]}
        if found[0] == "initializeAccount3":
            info["owner"] = str(solders("pubkey").Pubkey(data[1:33]))
        if found[0] == "setAuthority":
            info["authorityType"] = ["mintTokens", "freezeAccount", "accountOwner", "closeAccount"][data[1]]
            info["newAuthority"] = str(solders("pubkey").Pubkey(data[3:35]))
        kind = "system" if program == SYSTEM else "spl-token"
        return {"program": kind, "programId": program, "parsed": {"type": found[0], "info": info}}


@dataclass
class Server:
    """Answers as a node does, over HTTP."""

    bank: Bank
    url: str = ""
    asked: list[str] = field(default_factory=list)

    @property
    def provider(self) -> Provider:
        """How flowtrace knows it; small pages."""
        return Provider(
            id="litesvm@solana", service="litesvm", kind="solana", chain=Chain.of("solana"), url=self.url,
            key=None, needs_key=False, requests=10_000, seconds=1.0, concurrent=8, page=4, window=0, depth=0,
            verified_on="", source="a test", options={}, private=True,
        )  # fmt: skip

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a call, and hold the answer against the type it should be of."""
        called: Mapping[str, Any] = json.loads(await request.read())
        self.asked.append(called["method"])
        result = getattr(self, "_" + called["method"])(*called["params"])
        text = json.dumps({"jsonrpc": "2.0", "id": called["id"], "result": result})
        responses = solders("rpc.responses")
        assert isinstance(responses.__dict__[_RESPONSES[called["method"]]].from_json(text).to_json(), str)
        return web.Response(text=text, content_type="application/json")

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Server]:
        """Serve on a free port of this machine."""
        application = web.Application()
        application.router.add_post("/", self.answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def _getSlot(self, _: object) -> int:  # noqa: N802  the method's name
        return self.bank.slot

    def _getBlock(self, slot: int, options: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        here = [tx["transaction"]["signatures"][0] for tx in self.bank.told if tx["slot"] == slot]
        block = {"blockhash": WSOL, "previousBlockhash": WSOL, "parentSlot": slot - 1, "blockHeight": slot}
        signatures = {"signatures": here} if options["transactionDetails"] == "signatures" else {}
        return block | {"blockTime": 1_700_000_000 + slot} | signatures

    def _getBalance(self, name: str, _: object) -> dict[str, Any]:  # noqa: N802
        return self._at(self.bank.lamports(name))

    def _getTokenAccountsByOwner(self, owner: str, of: dict[str, str], _: object) -> dict[str, Any]:  # noqa: N802
        rows = []
        for name in sorted(self.bank.accounts()):
            held, account = self.bank.token(name), self.bank.svm.get_account(key(name))
            if held and held["owner"] == owner and str(account.owner) == of["programId"]:
                amount = {"amount": str(held["units"]), "decimals": held["decimals"], "uiAmountString": "0"}
                info = {"mint": held["mint"], "owner": owner, "state": "initialized", "tokenAmount": amount}
                data = {"program": "spl-token", "space": len(account.data), "parsed": {"info": info}}
                fields = {"lamports": account.lamports, "owner": of["programId"], "executable": False}
                rows.append({"pubkey": name, "account": fields | {"rentEpoch": 0, "data": data}})
        return self._at(rows)

    def _getSignaturesForAddress(self, name: str, options: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: N802
        rows = []
        for tx in reversed(self.bank.told):
            signature = tx["transaction"]["signatures"][0]
            place = {"transactionIndex": self.bank.places[signature]} if self.bank.indexed else {}
            if name in {one["pubkey"] for one in tx["transaction"]["message"]["accountKeys"]}:
                row = {"signature": signature, "slot": tx["slot"], "err": tx["meta"]["err"], "memo": None}
                rows.append(row | place | {"confirmationStatus": "finalized"})
        names = [row["signature"] for row in rows]
        first = names.index(options["before"]) + 1 if "before" in options else 0
        return rows[first : first + options["limit"]]

    def _getTransaction(self, signature: str, _: object) -> dict[str, Any] | None:  # noqa: N802
        found = [tx for tx in self.bank.told if tx["transaction"]["signatures"][0] == signature]
        return found[0] if found else None

    def _at(self, value: object) -> dict[str, Any]:
        return {"context": {"slot": self.bank.slot}, "value": value}
