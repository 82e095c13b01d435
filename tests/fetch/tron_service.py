"""TronGrid over a toy chain that really moves its coin and tokens, with the mistakes TronGrid is known for.

The chain keeps what everybody holds; the lists, the node's information and the balances come from that.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fetch.services import Reply
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Quote, R, Rows, drive
from flowtrace.fetch.tron.moves import address_of, hex_of
from flowtrace.model import Address, Answer, Chain, Request, Transfer

TRON = Chain.of("tron")
TRX = "TRX"
_LONG = 40  # a contract's digits; a TRC-10 token's number has fewer
_TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
Row = dict[str, Any]


def who(name: str) -> str:
    """Return the account, in hexadecimal, of somebody with a name."""
    return "41" + hashlib.sha256(name.encode()).hexdigest()[:40]


ANN, BEN, CLEO, SHOP, FAUCET, SPAM = map(who, ("ann", "ben", "cleo", "shop", "faucet", "spam"))
USDT = hex_of(Address(TRON.id, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"))


def account(name: str) -> str:
    """Return an account in base58."""
    return address_of(TRON, name).account


@dataclass(frozen=True)
class Sent:
    """A transaction: its contract, and what comes of it.

    ``internal`` are (giver, taker, sun, note, rejected); ``logs`` are (token, giver, taker, units).
    """

    kind: str
    value: Row
    internal: tuple[tuple[str, str, int, str, bool], ...] = ()
    logs: tuple[tuple[str, str, str, int], ...] = ()
    fee: int = 0
    result: str = "SUCCESS"
    results: Row = field(default_factory=dict)


def pay(source: str, target: str, sun: int, *, fee: int = 0) -> Sent:
    """Return a payment of coin."""
    value = {"owner_address": source, "to_address": target, "amount": sun}
    return Sent("TransferContract", value, fee=fee)


def numbered(source: str, target: str, units: int) -> Sent:
    """Return a payment of TRC-10 tokens."""
    value = {"owner_address": source, "to_address": target, "amount": units}
    return Sent("TransferAssetContract", {**value, "asset_name": b"1002000".hex()})


def call(source: str, contract: str, sun: int = 0, **more: Any) -> Sent:  # noqa: ANN401  fields of Sent
    """Return a call of a contract, with coin."""
    value = {"owner_address": source, "contract_address": contract, "data": "a9059cbb"}
    return Sent("TriggerSmartContract", {**value, **({"call_value": sun} if sun else {})}, **more)


def stake(kind: str, source: str, sun: int, **results: int) -> Sent:
    """Return a contract of staking: freeze, unfreeze, withdraw."""
    name = "unfreeze_balance" if kind.startswith("Unfreeze") else "frozen_balance"
    return Sent(kind, {"owner_address": source, name: sun, "resource": "ENERGY"}, results=results)


def inner(
    source: str, target: str, sun: int, *, note: str = "call", rejected: bool = False
) -> tuple[str, str, int, str, bool]:
    """Return an internal transaction."""
    return (source, target, sun, note, rejected)


@dataclass
class Toy:
    """Blocks three seconds apart, and what everybody holds: free coin, staked coin, units of tokens."""

    free: Counter[str] = field(default_factory=Counter)
    staked: Counter[str] = field(default_factory=Counter)
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    blocks: dict[int, list[Row]] = field(default_factory=dict)

    def block(self, number: int, *sent: Sent) -> list[str]:
        """Add a block; return the hashes of its transactions."""
        self.blocks[number] = [self._transaction(number, index, one) for index, one in enumerate(sent)]
        return [one["txID"] for one in self.blocks[number]]

    def _transaction(self, number: int, index: int, sent: Sent) -> Row:
        name = hashlib.sha256(f"{number} {index}".encode()).hexdigest()
        time, ok = 1_600_000_000_000 + 3000 * number, sent.result == "SUCCESS"
        self.free[sent.value["owner_address"]] -= sent.fee
        if ok:
            self._move(sent)
        contract = {"type": sent.kind, "parameter": {"value": sent.value, "type_url": f"x/{sent.kind}"}}
        info: Row = {"id": name, "blockNumber": number, "blockTimeStamp": time, "contractResult": [""]}
        info |= {"fee": sent.fee} if sent.fee else {}
        ran = {"result": sent.result} if "contract_address" in sent.value else {}
        info["receipt"] = {"net_usage": 265} | ran
        info |= {} if ok else {"result": "FAILED"}
        info |= sent.results
        if sent.internal:
            info["internal_transactions"] = [
                {
                    "hash": f"{n:064x}", "caller_address": giver, "transferTo_address": taker,
                    "callValueInfo": [{"callValue": sun} if sun else {}], "note": note.encode().hex(),
                    **({"rejected": True} if rejected or not ok else {}),
                }
                for n, (giver, taker, sun, note, rejected) in enumerate(sent.internal)
            ]  # fmt: skip
        if ok and sent.logs:
            info["log"] = [
                {
                    "address": token[2:], "data": f"{units:064x}",
                    "topics": [_TRANSFER, giver[2:].rjust(64, "0"), taker[2:].rjust(64, "0")],
                }
                for token, giver, taker, units in sent.logs
            ]  # fmt: skip
        return {
            "txID": name, "blockNumber": number, "block_timestamp": time, "net_fee": sent.fee,
            "ret": [{"contractRet": sent.result, "fee": sent.fee}], "signature": ["00"], "energy_fee": 0,
            "raw_data": {"contract": [contract], "timestamp": time}, "raw_data_hex": "0a",
            "internal_transactions": [], "info": info,
        }  # fmt: skip

    def _move(self, sent: Sent) -> None:
        owner, sun = sent.value["owner_address"], 0
        target = sent.value.get("to_address") or sent.value.get("contract_address", "")
        if sent.kind in ("TransferContract", "TriggerSmartContract"):
            sun = sent.value.get("amount", 0) + sent.value.get("call_value", 0)
            self.free[target] += sun
        elif sent.kind.startswith("Freeze"):
            sun = sent.value["frozen_balance"]
            self.staked[owner] += sun
        elif sent.kind == "WithdrawExpireUnfreezeContract":
            sun = -sent.results["withdraw_expire_amount"]
            self.staked[owner] += sun
        elif sent.kind == "WithdrawBalanceContract":
            sun = -sent.results["withdraw_amount"]
        self.free[owner] -= sun
        if sent.kind == "TransferAssetContract":
            number = bytes.fromhex(sent.value["asset_name"]).decode()
            self.units[number, owner] -= sent.value["amount"]
            self.units[number, target] += sent.value["amount"]
        for giver, taker, units, note, rejected in sent.internal:
            if not rejected and note in ("call", "create", "suicide"):
                self.free[giver] -= units
                self.free[taker] += units
        for token, giver, taker, units in sent.logs:
            self.units[token, giver] -= units
            self.units[token, taker] += units

    def parties(self, tx: Row) -> tuple[set[str], set[str], set[str]]:
        """Return who is shown a transaction in the list of transactions, of internal ones, of tokens."""
        value = tx["raw_data"]["contract"][0]["parameter"]["value"]
        top = {value.get(key, "") for key in ("owner_address", "to_address", "contract_address")}
        inside = {
            row[key] for row in tx["info"].get("internal_transactions", ())
            for key in ("caller_address", "transferTo_address")
        }  # fmt: skip
        logs = {"41" + topic[-40:] for log in tx["info"].get("log", ()) for topic in log["topics"][1:]}
        return top, inside, logs

    def holds(self, name: str) -> dict[str, int]:
        """Return what somebody has: coin free and staked, and units of tokens."""
        found = {TRX: self.free[name] + self.staked[name]}
        for (token, owner), units in self.units.items():
            if owner == name:
                found[f"trc10:{token}" if len(token) < _LONG else account(token)] = units
        return {asset: units for asset, units in found.items() if units}


def chain() -> Toy:
    """Return a chain where Ann is paid in every way."""
    made = Toy()
    made.free[FAUCET], made.units[USDT, FAUCET], made.units["1002000", FAUCET] = 10**15, 10**12, 10
    paid = (pay(FAUCET, ANN, 10**9), pay(FAUCET, BEN, 10**9), pay(FAUCET, SHOP, 10**9))
    made.block(1, *paid, numbered(FAUCET, BEN, 10))
    made.block(2, pay(ANN, BEN, 5, fee=1_100_000))
    made.block(3, pay(BEN, CLEO, 7), pay(BEN, ANN, 8), pay(BEN, ANN, 8), pay(BEN, ANN, 9))
    usdt = (USDT, FAUCET, ANN, 500)
    made.block(4, call(FAUCET, USDT, logs=(usdt,), fee=13), call(BEN, SHOP, logs=(usdt, usdt), fee=14))
    made.block(5, call(ANN, SHOP, 100, internal=(inner(SHOP, BEN, 40), inner(SHOP, ANN, 30)), fee=15))
    made.block(7, call(BEN, SHOP, 0, internal=(inner(SHOP, ANN, 20),), fee=16))
    refused = (inner(SHOP, ANN, 50, rejected=True), inner(SHOP, ANN, 3, note="delegateResourceOfEnergy"))
    made.block(8, call(BEN, SHOP, internal=refused), call(ANN, SHOP, 60, result="REVERT", fee=17))
    out = (USDT, ANN, CLEO, 120)
    made.block(9, call(ANN, USDT, logs=(out, (SPAM, ANN, CLEO, 1)), fee=18))
    made.block(11, stake("FreezeBalanceV2Contract", ANN, 1000), stake("UnfreezeBalanceV2Contract", ANN, 400))
    made.block(12, stake("WithdrawExpireUnfreezeContract", ANN, 0, withdraw_expire_amount=400))
    made.block(13, stake("WithdrawBalanceContract", ANN, 0, withdraw_amount=33))
    made.block(14, Sent("AccountPermissionUpdateContract", {"owner_address": ANN}, fee=100_000_000))
    made.block(15, numbered(BEN, ANN, 2), pay(ANN, CLEO, 1))
    return made


class Grid:
    """Answers as TronGrid does.

    Attributes
    ----------
    lost
        (list, hash) of rows that a list does not show.
    apart
        Hashes of transactions that the list of transactions shows only where one direction is asked for.
    forgets
        Whether no answer says how it goes on.
    most
        The most rows it gives at once, whatever is asked for.
    refused
        Beginnings of paths that it does not have.
    """

    def __init__(self, chain: Toy) -> None:
        self.chain = chain
        self.provider = provider()
        self.address = Address(TRON.id, account(ANN))
        self.pin = Pin(TRON.id, 20, "", 1_600_000_060)
        self.lost: set[tuple[str, str]] = set()
        self.apart: set[str] = set()
        self.forgets = False
        self.most = 200
        self.refused: tuple[str, ...] = ()
        self.asked: list[str] = []

    def answer(self, request: Request) -> Reply:
        """Answer a question."""
        parts = urlsplit(request.url)
        asked = dict(parse_qsl(parts.query))
        self.asked.append(f"{parts.path}?{parts.query} {request.body.decode()}")
        if self.refused and parts.path.endswith(self.refused):
            return _reply({"success": False, "error": "Not Found", "statusCode": 404}, 404)
        if parts.path.startswith("/v1/accounts/"):
            _, _, _, name, path = parts.path.split("/", 4)
            return self._listed(hex_of(Address(TRON.id, name)), path, asked)
        found = json.loads(request.body or "{}")
        return _reply(getattr(self, f"_{parts.path.rpartition('/')[2]}")(found))

    def _listed(self, name: str, path: str, asked: dict[str, str]) -> Reply:
        first, last = int(asked["min_timestamp"]), int(asked.get("max_timestamp", 1 << 60))
        rows = [
            row
            for number in sorted(self.chain.blocks) for tx in self.chain.blocks[number]
            if first <= tx["block_timestamp"] <= last and (path, tx["txID"]) not in self.lost
            for row in self._rows(tx, name, path=path, asked=asked)
        ]  # fmt: skip
        start = int(asked.get("fingerprint", "0"))
        size = min(int(asked["limit"]), self.most)
        meta: Row = {"at": 1_700_000_000_000, "page_size": len(rows[start : start + size])}
        if start + size < len(rows) and not self.forgets:
            meta |= {"fingerprint": str(start + size), "links": {"next": "https://elsewhere.example/"}}
        return _reply({"data": rows[start : start + size], "success": True, "meta": meta})

    def _rows(self, tx: Row, name: str, *, path: str, asked: dict[str, str]) -> Iterable[Row]:
        top, inside, logs = self.chain.parties(tx)
        owner = tx["raw_data"]["contract"][0]["parameter"]["value"]["owner_address"]
        if path == "transactions" and name in top:
            one_way = {"only_from": owner == name, "only_to": owner != name}
            wanted = [fits for key, fits in one_way.items() if key in asked]
            if all(wanted) and not (tx["txID"] in self.apart and not wanted):
                yield {key: value for key, value in tx.items() if key != "info"}
        if path == "internal-transactions" and name in inside:
            for row in tx["info"]["internal_transactions"]:
                if name in (row["caller_address"], row["transferTo_address"]):
                    sun = row["callValueInfo"][0].get("callValue", 0)
                    data = {"note": "call", "rejected": row.get("rejected", False), "call_value": {"_": sun}}
                    place = {"tx_id": tx["txID"], "block_timestamp": tx["block_timestamp"], "data": data}
                    ends = {"to_address": row["transferTo_address"], "from_address": row["caller_address"]}
                    yield {"internal_tx_id": row["hash"]} | ends | place
        if path == "transactions/trc20" and name in logs:
            for log in tx["info"]["log"]:
                source, target = ("41" + topic[-40:] for topic in log["topics"][1:])
                if name in (source, target):
                    token = {"symbol": "USDT", "address": account(log["address"]), "decimals": 6, "name": "x"}
                    yield {
                        "transaction_id": tx["txID"], "token_info": token, "from": account(source),
                        "block_timestamp": tx["block_timestamp"], "to": account(target), "type": "Transfer",
                        "value": str(int(log["data"], 16)),
                    }  # fmt: skip

    def _found(self, name: str) -> Row | None:
        every = (tx for block in self.chain.blocks.values() for tx in block)
        return next((tx for tx in every if tx["txID"] == name), None)

    def _gettransactionbyid(self, asked: Row) -> Row:
        tx = self._found(asked["value"])
        return {} if tx is None else {key: tx[key] for key in ("txID", "ret", "raw_data", "signature")}

    def _gettransactioninfobyid(self, asked: Row) -> Row:
        tx = self._found(asked["value"])
        return {} if tx is None else tx["info"]

    def _gettransactioninfobyblocknum(self, asked: Row) -> Any:  # noqa: ANN401  a list, or an empty object
        return [tx["info"] for tx in self.chain.blocks.get(asked["num"], ())] or {}

    def _getnowblock(self, _: Row) -> Row:
        return self._getblockbynum({"num": 20})

    def _getblockbynum(self, asked: Row) -> Row:
        data = {"number": asked["num"], "timestamp": 1_600_000_000_000 + 3000 * asked["num"]}
        found = {"blockID": f"{asked['num']:016x}" + "ab" * 24, "block_header": {"raw_data": data}}
        kept = ("txID", "ret", "raw_data", "signature")
        here = self.chain.blocks.get(asked["num"], ())
        return found | {"transactions": [{key: tx[key] for key in kept} for tx in here]}

    def _getaccount(self, asked: Row) -> Row:
        name = asked["address"]
        found: Row = {"address": name, "balance": self.chain.free[name]}
        held = self.chain.units.items()
        mine = [(token, units) for (token, owner), units in held if owner == name and len(token) < _LONG]
        numbered = [{"key": token, "value": units} for token, units in mine]
        found |= {"assetV2": numbered} if numbered else {}
        return found | {"frozenV2": [{"type": "ENERGY", "amount": self.chain.staked[name]}, {}]}

    def _triggerconstantcontract(self, asked: Row) -> Row:
        token, owner = asked["contract_address"], "41" + asked["parameter"][-40:]
        units = 7 if token == SPAM else self.chain.units[token, owner]
        return {"result": {"result": True}, "constant_result": [f"{units:064x}"]}


def _reply(found: Any, status: int = 200) -> Reply:  # noqa: ANN401  JSON
    return status, {"content-type": "application/json"}, json.dumps(found).encode()


def provider(url: str = "https://tron.example", *, page: int = 3) -> Provider:
    """Return a TronGrid that gives small pages."""
    return Provider(
        id="grid@tron", service="grid", kind="tron", chain=TRON, url=url, key=None, needs_key=False,
        requests=1000, seconds=1.0, concurrent=8, page=page, window=0, depth=20, verified_on="2026-11-23",
        source="a test", options={},
    )  # fmt: skip


def run(grid: Grid, asking: Asking[R]) -> tuple[Rows, R]:
    """Run an asking over a service to its end."""
    rows = Rows()

    def answer_of(request: Request) -> Answer:
        status, _, body = grid.answer(request)
        plain = Answer(request, body, "2026-01-01T00:00:00Z", grid.provider.id, "asked", status)
        return replace(plain, number=len(grid.asked))

    def take(batch: Batch | Quote) -> None:
        assert isinstance(batch, Batch)
        rows.take(batch, TRON.id)

    return rows, drive(asking, answer_of, take)


def sums(transfers: Iterable[Transfer], name: str) -> dict[str, int]:
    """Return what somebody has more or less by transfers: coin, and units of TRC-20 tokens."""
    found: Counter[str] = Counter()
    for one in transfers:
        for sign, legs in ((-1, one.inputs), (1, one.outputs)):
            for leg in legs:
                if leg.address and leg.address.account == account(name):
                    asset = leg.asset.reference
                    found[TRX if asset == "slip44:195" else asset.removeprefix("trc20:")] += sign * leg.units
    return {asset: units for asset, units in found.items() if units}


def service() -> Grid:
    """Return a TronGrid over the toy chain."""
    return Grid(chain())
