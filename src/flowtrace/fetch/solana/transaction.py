"""One Solana transaction as a node tells it: accounts, balances before and after, instructions.

The answer of ``getTransaction``, encoded ``jsonParsed`` or ``json``. An instruction the node did not parse is
decoded from its bytes, where it is one of those that move value: so a source that gives bytes only tells the
same transfers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from base58_bech32.base58 import b58decode, b58encode

from flowtrace.errors import InputError
from flowtrace.fetch.solana.moves import Holding, Instruction, SolanaTransaction
from flowtrace.model import Chain, read_units

TOKEN_PROGRAMS = (
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
)
_PROGRAMS = {
    "11111111111111111111111111111111": "system",
    **dict.fromkeys(TOKEN_PROGRAMS, "token"),
    "Stake11111111111111111111111111111111111111": "stake",
    "Vote111111111111111111111111111111111111111": "vote",
    "BPFLoaderUpgradeab1e11111111111111111111111": "loader",
    "AddressLookupTab1e1111111111111111111111111": "lookup",
}
_MOST_INSTRUCTIONS = 4096  # the runtime allows 64
_LONGEST_DATA = 256  # of an instruction that is decoded, in base58
_KEY, _NUMBER = 32, 8
_SEED = 44  # where a seed's text begins, after its length
_OWNER_KIND = 2
_BY_WORD = ("system", "stake", "vote", "loader", "lookup")  # their instructions begin with four bytes


@dataclass(frozen=True, slots=True)
class _Layout:
    """An instruction's name, its accounts in order, and where in its bytes numbers and an owner stand."""

    name: str
    accounts: tuple[str, ...]
    numbers: tuple[tuple[str, int], ...] = ()
    owner: int = 0


def _lamports(name: str, *accounts: str) -> _Layout:
    return _Layout(name, accounts, (("lamports", 4),))


def _amount(name: str, *accounts: str) -> _Layout:
    return _Layout(name, accounts, (("amount", 1),))


_LAYOUTS = {
    ("system", 0): _lamports("createAccount", "source", "newAccount"),
    ("system", 2): _lamports("transfer", "source", "destination"),
    ("system", 3): _Layout("createAccountWithSeed", ("source", "newAccount"), (("lamports", _SEED),)),
    ("system", 5): _lamports("withdrawFromNonce", "nonceAccount", "destination"),
    ("system", 11): _lamports("transferWithSeed", "source", "sourceBase", "destination"),
    ("stake", 3): _lamports("split", "stakeAccount", "newSplitAccount"),
    ("stake", 4): _lamports("withdraw", "stakeAccount", "destination"),
    ("stake", 7): _Layout("merge", ("destination", "source")),
    ("stake", 16): _lamports("moveStake", "source", "destination"),
    ("stake", 17): _lamports("moveLamports", "source", "destination"),
    ("vote", 3): _lamports("withdraw", "voteAccount", "destination"),
    ("loader", 5): _Layout("close", ("account", "recipient")),
    ("lookup", 4): _Layout("closeLookupTable", ("lookupTableAccount", "authority", "recipient")),
    ("token", 1): _Layout("initializeAccount", ("account", "mint", "owner")),
    ("token", 3): _amount("transfer", "source", "destination"),
    ("token", 6): _Layout("setAuthority", ("account",)),
    ("token", 7): _amount("mintTo", "mint", "account"),
    ("token", 8): _amount("burn", "account", "mint"),
    ("token", 9): _Layout("closeAccount", ("account", "destination")),
    ("token", 12): _amount("transferChecked", "source", "mint", "destination"),
    ("token", 14): _amount("mintToChecked", "mint", "account"),
    ("token", 15): _amount("burnChecked", "account", "mint"),
    ("token", 16): _Layout("initializeAccount2", ("account", "mint"), owner=1),
    ("token", 18): _Layout("initializeAccount3", ("account", "mint"), owner=1),
    ("token", 26): _Layout(
        "transferCheckedWithFee", ("source", "mint", "destination"), (("amount", 2), ("feeAmount", 11))
    ),
}


def read(chain: Chain, found: object) -> SolanaTransaction:
    """Read the result of ``getTransaction``.

    Raises
    ------
    InputError
        If it is not of that form.
    """
    result = _object(found, "the transaction")
    meta, sent = _object(result.get("meta"), "meta"), _object(result.get("transaction"), "transaction")
    message = _object(sent.get("message"), "message")
    keys = _keys(message, meta)
    lamports = [_list(meta, name) for name in ("preBalances", "postBalances")]
    if not keys or any(len(numbers) != len(keys) for numbers in lamports):
        raise InputError("it does not have one balance for each account")
    return SolanaTransaction(
        chain=chain,
        signature=_text(next(iter(_list(sent, "signatures")), None), "signature"),
        slot=_count(result.get("slot"), "slot"),
        time=_count(result.get("blockTime") or 0, "blockTime"),
        ok=meta.get("err") is None,
        fee=_count(meta.get("fee"), "fee"),
        payer=keys[0],
        lamports={
            key: (_count(old, "balance"), _count(new, "balance"))
            for key, old, new in zip(keys, *lamports, strict=True)
        },
        holdings=tuple(_holdings(keys, meta)),
        instructions=tuple(_instructions(keys, message, inner=meta.get("innerInstructions"))),
        signers=tuple(_signers(keys, message)),
    )


def decoded(
    path: tuple[int, ...], program: str, *, accounts: Sequence[str], data: bytes
) -> Instruction | None:
    """Return what an instruction's bytes say; None where it moves nothing or is not known.

    Parameters
    ----------
    path
        As :class:`flowtrace.fetch.solana.moves.Instruction` has it.
    program
        The program's address.
    """
    name = _PROGRAMS.get(program, "")
    tag = int.from_bytes(data[:4], "little") if name in _BY_WORD else (*data[:1], -1)[0]
    layout = _LAYOUTS.get((name, tag))
    if layout is None or len(accounts) < len(layout.accounts):
        return None
    info: dict[str, object] = dict(zip(layout.accounts, accounts, strict=False))
    for key, start in layout.numbers:
        place = start + (int.from_bytes(data[36:_SEED], "little") if start == _SEED else 0)
        if len(data) < place + _NUMBER:
            return None
        info[key] = int.from_bytes(data[place : place + _NUMBER], "little")
    if layout.owner:
        info["owner"] = _key(data, layout.owner)
    if layout.name == "setAuthority":
        kind, given = (*data[1:3], -1, -1)[:2]
        info["authorityType"] = "accountOwner" if (kind, given) == (_OWNER_KIND, 1) else ""
        info["newAuthority"] = _key(data, 3)
    if layout.name == "transferCheckedWithFee" and data[1:2] != b"\x01":
        return None
    return Instruction(path, name, layout.name, info)


def _key(data: bytes, start: int) -> str:
    key = data[start : start + _KEY]
    return b58encode(key).decode() if len(key) == _KEY else ""


def _keys(message: Mapping[str, Any], meta: Mapping[str, Any]) -> list[str]:
    """Return all accounts in order; where they are bare, those loaded from tables follow."""
    found = _list(message, "accountKeys")
    if found and isinstance(found[0], str):
        loaded = _object(meta.get("loadedAddresses") or {}, "loadedAddresses")
        found = [*found, *_list(loaded, "writable"), *_list(loaded, "readonly")]
    keys = [_text(one.get("pubkey") if isinstance(one, dict) else one, "an account") for one in found]
    if len(set(keys)) != len(keys):
        raise InputError("an account stands twice in it")
    return keys


def _signers(keys: Sequence[str], message: Mapping[str, Any]) -> list[str]:
    """Return the accounts that signed: marked so, or so many of the first as the header says."""
    rows = _list(message, "accountKeys")
    if rows and isinstance(rows[0], dict):
        parsed = zip(keys, rows, strict=False)
        return [key for key, row in parsed if isinstance(row, dict) and row.get("signer") is True]
    header = message.get("header")
    count = header.get("numRequiredSignatures") if isinstance(header, dict) else None
    return list(keys[:count]) if type(count) is int and count > 0 else []


def _holdings(keys: Sequence[str], meta: Mapping[str, Any]) -> Iterator[Holding]:
    """Return the token accounts; where the owner is not told, an account stands for itself."""
    sides: list[dict[tuple[str, str], tuple[str, int, int]]] = []
    for name in ("preTokenBalances", "postTokenBalances"):
        side = {}
        for row in _list(meta, name) if meta.get(name) else ():
            account = _at(keys, _object(row, name).get("accountIndex"))
            amount = _object(row.get("uiTokenAmount"), "uiTokenAmount")
            units = read_units(_text(amount.get("amount"), "amount"))
            decimals = _count(amount.get("decimals"), "decimals")
            owner = _text(row.get("owner") or account, "owner")
            side[account, _text(row.get("mint"), "mint")] = (owner, units, decimals)
        sides.append(side)
    before, after = sides
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        yield Holding(
            *key,
            decimals=(new or old or ("", 0, 0))[2],
            before=old[1] if old else 0,
            after=new[1] if new else 0,
            owner_before=old[0] if old else None,
            owner_after=new[0] if new else None,
        )


def _instructions(keys: Sequence[str], message: Mapping[str, Any], *, inner: object) -> Iterator[Instruction]:
    called: dict[int, list[Any]] = {}
    for group in inner if isinstance(inner, list) else ():
        place = _count(_object(group, "inner instructions").get("index"), "index")
        called.setdefault(place, []).extend(_list(group, "instructions"))
    for outer, row in enumerate(_list(message, "instructions")):
        for path, one in [
            ((outer,), row),
            *(((outer, n), one) for n, one in enumerate(called.get(outer, ()))),
        ]:
            if max(path) >= _MOST_INSTRUCTIONS:
                raise InputError("it has more instructions than can run")
            read_one = _instruction(path, keys, row=_object(one, "an instruction"))
            if read_one is not None:
                yield read_one


def _instruction(path: tuple[int, ...], keys: Sequence[str], *, row: Mapping[str, Any]) -> Instruction | None:
    """Return an instruction as the node parsed it, or decoded; None where neither can be."""
    parsed, place = row.get("parsed"), row.get("programIdIndex")
    program = _at(keys, place) if place is not None else str(row.get("programId"))
    if isinstance(parsed, dict):
        name, info = parsed.get("type"), parsed.get("info")
        if program not in _PROGRAMS or not isinstance(info, dict):
            return None
        return Instruction(path, _PROGRAMS[program], str(name), info)
    data = str(row.get("data") or "")
    if program not in _PROGRAMS or len(data) > _LONGEST_DATA:
        return None
    try:
        raw = b58decode(data)
    except ValueError:
        return None
    accounts = [_at(keys, one) if type(one) is int else str(one) for one in _list(row, "accounts")]
    return decoded(path, program, accounts=accounts, data=raw)


def _at(keys: Sequence[str], place: object) -> str:
    if type(place) is not int or not 0 <= place < len(keys):
        raise InputError(f"{place!r:.40} is no place among its accounts")
    return keys[place]


def _object(found: object, name: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise InputError(f"{name} is {found!r:.40}, not an object")
    return found


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    found = row.get(name)
    if not isinstance(found, list):
        raise InputError(f"{name} is {found!r:.40}, not a list")
    return found


def _text(found: object, name: str) -> str:
    if not isinstance(found, str):
        raise InputError(f"{name} is {found!r:.40}, not text")
    return found


def _count(found: object, name: str) -> int:
    if type(found) is not int or found < 0:
        raise InputError(f"{name} is {found!r:.40}, not a number from 0 up")
    return found
