"""A Solana dataset of the SQD Portal over the toy bank: what a node tells of it, as rows and bytes."""

from __future__ import annotations

from typing import Any

from base58_bech32.base58 import b58decode, b58encode

from fetch.portal_dataset import Block, Dataset, Found, Row, Table, joined
from fetch.portal_service import provider
from fetch.solana_service import ANN, SOLANA, Bank, bank, key
from flowtrace.fetch.source import Pin
from flowtrace.model import Address

_TOKEN_TAGS = {
    "initializeAccount3": 18, "transfer": 3, "setAuthority": 6, "mintTo": 7, "burn": 8, "closeAccount": 9,
    "syncNative": 17,
}  # fmt: skip
_ORDER = {
    "createAccount": ("source", "newAccount"), "transfer": ("source", "destination", "authority"),
    "initializeAccount3": ("account", "mint"), "mintTo": ("mint", "account", "mintAuthority"),
    "burn": ("account", "mint", "authority"), "closeAccount": ("account", "destination", "owner"),
    "setAuthority": ("account", "authority"), "syncNative": ("account",),
    "transferCheckedWithFee": ("source", "mint", "destination", "authority"),
}  # fmt: skip


def _bytes(program: str, name: str, info: dict[str, Any]) -> bytes:
    """Return an instruction's bytes, as its program reads them."""
    if program == "system":
        tag = {"createAccount": 0, "transfer": 2}[name].to_bytes(4, "little")
        space = (165).to_bytes(8, "little") + b58decode(info["owner"]) if name == "createAccount" else b""
        return tag + int(info["lamports"]).to_bytes(8, "little") + space
    if name == "transferCheckedWithFee":
        units, fee = (
            int(info[part]["amount"]).to_bytes(8, "little") for part in ("tokenAmount", "feeAmount")
        )
        return bytes([26, 1]) + units + bytes([6]) + fee
    data: bytes = bytes([_TOKEN_TAGS[name]])
    if name == "initializeAccount3":
        return data + b58decode(info["owner"])
    if name == "setAuthority":
        return data + bytes([2, 1]) + b58decode(info["newAuthority"])
    return data + (int(info["amount"]).to_bytes(8, "little") if "amount" in info else b"")


def _instruction(index: int, place: list[int], told: Row) -> Row:
    parsed = told["parsed"]
    info = {"mint": key("any mint"), **parsed["info"]}
    accounts = [str(info[name]) if name in info else key("nobody") for name in _ORDER[parsed["type"]]]
    data = _bytes(told["program"], parsed["type"], info)
    return {
        "transactionIndex": index, "instructionAddress": place, "programId": told["programId"],
        "accounts": accounts, "data": b58encode(data).decode(),
    }  # fmt: skip


def _tables(told: dict[str, Any]) -> Found:
    """Return the rows of one transaction, from what a node tells of it."""
    index, meta, message = told["index"], told["meta"], told["transaction"]["message"]
    keys = [one["pubkey"] for one in message["accountKeys"]]
    place = {"transactionIndex": index}
    row = place | {
        "signatures": told["transaction"]["signatures"],
        "err": meta["err"],
        "fee": str(meta["fee"]),
    }
    pairs = zip(keys, meta["preBalances"], meta["postBalances"], strict=True)
    changed = [(account, old, new) for account, old, new in pairs if old != new]
    instructions = [_instruction(index, [n], one) for n, one in enumerate(message["instructions"])]
    for group in meta["innerInstructions"]:
        inner = group["instructions"]
        instructions += [_instruction(index, [group["index"], n], one) for n, one in enumerate(inner)]
    return {
        "transactions": [row | {"feePayer": keys[0], "mentioned": keys}],
        "instructions": instructions,
        "balances": [place | {"account": a, "pre": str(old), "post": str(new)} for a, old, new in changed],
        "tokenBalances": list(_token_rows(place, keys, meta)),
    }


def _token_rows(place: Row, keys: list[str], meta: dict[str, Any]) -> list[Row]:
    rows: dict[str, Row] = {}
    for side, name in (("pre", "preTokenBalances"), ("post", "postTokenBalances")):
        for one in meta[name]:
            account = keys[one["accountIndex"]]
            row = rows.setdefault(account, place | dict.fromkeys(_TOKEN_COLUMNS[2:]) | {"account": account})
            amount = one["uiTokenAmount"]
            row |= {
                f"{side}Mint": one["mint"],
                f"{side}Owner": one["owner"],
                f"{side}Amount": amount["amount"],
            }
            row[f"{side}Decimals"] = amount["decimals"]
    return list(rows.values())


_TOKEN_COLUMNS = (
    *("transactionIndex", "account", "preMint", "postMint", "preDecimals", "postDecimals"),
    *("preOwner", "postOwner", "preAmount", "postAmount"),
)
_TRANSACTION = {"transaction": joined("transactions")}
_SIDES = {
    "transactionInstructions": joined("instructions"),
    "transactionBalances": joined("balances"),
    "transactionTokenBalances": joined("tokenBalances"),
}
TABLES = {
    "transactions": Table(
        "transaction",
        ("transactionIndex", "signatures", "err", "fee", "feePayer"),
        {"mentionsAccount": "mentioned", "feePayer": "feePayer"},
        {name: joined(name) for name in ("instructions", "balances", "tokenBalances")},
    ),
    "instructions": Table(
        "instruction",
        ("transactionIndex", "instructionAddress", "programId", "accounts", "data"),
        {"programId": "programId"},
        _TRANSACTION,
    ),
    "balances": Table(
        "balance",
        ("transactionIndex", "account", "pre", "post"),
        {"account": "account"},
        _TRANSACTION | {"transactionInstructions": joined("instructions")},
    ),
    "tokenBalances": Table(
        "tokenBalance",
        _TOKEN_COLUMNS,
        {"account": "account", "preOwner": "preOwner", "postOwner": "postOwner"},
        _TRANSACTION | _SIDES,
    ),
}


def blocks(made: Bank) -> list[Block]:
    """Return the blocks of a bank; slots without a transaction are skipped, as slots may be."""
    found: dict[int, Block] = {}
    for told in made.told:
        slot = told["slot"]
        tables: Found = {name: [] for name in TABLES}
        block = found.setdefault(slot, Block(slot, key(f"block {slot}"), told["blockTime"], tables))
        for name, rows in _tables(told).items():
            block.tables[name] += rows
    last = Block(120, key("block 120"), 1_700_000_120, {})
    return [Block(0, key("block 0"), 1_600_000_000, {}), *found.values(), last]


def dataset(made: Bank, account: str = ANN) -> Dataset:
    """Return a portal before a bank."""
    pin = Pin(SOLANA.id, 120, key("block 120"), 1_700_000_120)
    toy = Dataset(provider(SOLANA), Address(SOLANA.id, account), pin, "solana", TABLES, blocks(made))
    toy.ends = lambda first, _last: first + 4
    return toy


def service() -> Dataset:
    """Return the stand-in."""
    return dataset(bank())
