"""One transaction as a node tells it: parsed or in bytes, recorded, and with anything wrong in it."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from base58_bech32.base58 import b58decode, b58encode
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.solana.test_moves import last, programs
from fetch.solana_service import ANN, BEN, COIN, SOLANA, SYSTEM, TOKEN, WSOL, Bank, bank, key, sums
from flowtrace.errors import InputError
from flowtrace.fetch.solana.balances import checked, state_of
from flowtrace.fetch.solana.moves import told
from flowtrace.fetch.solana.transaction import decoded, read

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis"
_TAGS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "initializeAccount3": (18, ("account", "mint")),
    "transferCheckedWithFee": (26, ("source", "mint", "destination")),
    "mintTo": (7, ("mint", "account")),
    "burn": (8, ("account", "mint")),
    "closeAccount": (9, ("account", "destination")),
    "setAuthority": (6, ("account",)),
    "syncNative": (17, ("account",)),
}


def _bytes_of(parsed: dict[str, Any]) -> tuple[str, list[str], bytes]:
    """Return an instruction's program, accounts and bytes, as the programs' documentation lays them out."""
    name, info = parsed["type"], parsed["info"]
    if "lamports" in info:
        tag, target = (0, info["newAccount"]) if name == "createAccount" else (2, info.get("destination"))
        space = (165).to_bytes(8, "little") + b58decode(TOKEN) if name == "createAccount" else b""
        units = info["lamports"].to_bytes(8, "little")
        return SYSTEM, [info["source"], target], tag.to_bytes(4, "little") + units + space
    tag, accounts = _TAGS.get(name, (3, ("source", "destination")))
    data = bytes([tag])
    if "amount" in info:
        data += int(info["amount"]).to_bytes(8, "little")
    if name == "transferCheckedWithFee":
        units, fee = (int(info[k]["amount"]).to_bytes(8, "little") for k in ("tokenAmount", "feeAmount"))
        data += b"\x01" + units + b"\x06" + fee
    if name == "initializeAccount3":
        data += b58decode(info["owner"])
    if name == "setAuthority":
        data += b"\x02\x01" + b58decode(info["newAuthority"])
    return TOKEN, [info.get(one, COIN) for one in accounts], data


@given(programs())
@settings(max_examples=200, deadline=None)
def test_bytes_tell_the_same_as_what_the_node_parsed(drawn: tuple[Bank, object]) -> None:
    """The same transaction encoded `json`, with bytes and places, gives equal transfers."""
    made, _ = drawn
    parsed = last(made)
    tx = made.told[-1]
    message = tx["transaction"]["message"]
    keys = [one["pubkey"] for one in message["accountKeys"]]
    rows = []
    for one in message["instructions"]:
        program, accounts, data = _bytes_of(one["parsed"])
        keys += [name for name in (program, *accounts) if name not in keys]
        places = [keys.index(name) for name in accounts]
        row = {"programIdIndex": keys.index(program), "accounts": places}
        rows.append(row | {"data": b58encode(data).decode()})
    more = [0] * (len(keys) - len(message["accountKeys"]))
    message |= {"accountKeys": keys[:1], "instructions": rows}
    tx["meta"]["loadedAddresses"] = {"writable": keys[1:3], "readonly": keys[3:]}
    for name in ("preBalances", "postBalances"):
        tx["meta"][name] += more
    assert last(made) == parsed


def test_a_seed_stands_before_the_lamports_of_its_account() -> None:
    """`createAccountWithSeed` has a text of any length before its number."""
    seed = b"a seed of some length"
    data = (3).to_bytes(4, "little") + b58decode(ANN) + len(seed).to_bytes(8, "little") + seed
    data += (77).to_bytes(8, "little") + (0).to_bytes(8, "little") + b58decode(TOKEN)
    found = decoded((0,), SYSTEM, accounts=[ANN, BEN], data=data)
    assert found is not None
    assert (found.name, found.info) == (
        "createAccountWithSeed", {"source": ANN, "newAccount": BEN, "lamports": 77},
    )  # fmt: skip


@given(
    st.sampled_from((SYSTEM, TOKEN, key("any"))), st.binary(max_size=80), st.lists(st.just(ANN), max_size=4)
)
def test_no_bytes_stop_the_reading(program: str, data: bytes, accounts: list[str]) -> None:
    """Whatever bytes an instruction has, it is decoded or it is not."""
    found = decoded((0,), program, accounts=accounts, data=data)
    assert found is None or found.program in ("system", "token")


def _places(found: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside: Any = ()
    if isinstance(found, dict):
        inside = found.items()
    elif isinstance(found, list):
        inside = enumerate(found)
    return [path, *(place for name, one in inside for place in _places(one, (*path, name)))]


WHOLE = bank().told
SPOTS = [(n, path) for n, tx in enumerate(WHOLE) for path in _places(tx) if path]
WRONG: tuple[Any, ...] = (
    None, True, -1, 1 << 70, 10**400, 1.5, "", "x", "1" * 44, "9" * 5000, [], [[]], {}, [None], {"a": 1},
)  # fmt: skip


@given(st.sampled_from(SPOTS), st.sampled_from(WRONG))
@settings(max_examples=1500, deadline=None)
def test_anything_wrong_is_refused_or_harmless(spot: tuple[int, tuple[Any, ...]], wrong: object) -> None:
    """Any field of any answer replaced by anything: transfers that conserve, or an error that says why."""
    number, path = spot
    tx = copy.deepcopy(WHOLE[number])
    inner: Any = tx
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = wrong
    try:
        found = told(read(SOLANA, tx))
    except InputError:
        return
    assert found.transfers


NAMES = st.sampled_from(("meta", "transaction", "message", "slot", "signatures", "accountKeys"))
LEAVES = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
def test_no_answer_stops_with_a_traceback(found: object) -> None:
    """JSON of any shape where a transaction should be is refused."""
    with pytest.raises(InputError):
        read(SOLANA, found)


def _recorded() -> list[tuple[str, dict[str, Any]]]:
    stake = sorted((RECORDED / "staketaxcsv_SOL/fetch_tx").glob("*.json"))
    rotki = sorted((RECORDED / "rotki_selected/api.mainnet-beta.solana.com/getTransaction").glob("*.json"))
    found = [("jsonParsed", json.loads(path.read_bytes())["result"]) for path in stake]
    return found + [("json", json.loads(path.read_bytes())["body"]["result"]) for path in rotki]


def _by_balances(result: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Return what each owner has more or less, straight from an answer's balances."""
    meta, keys = result["meta"], result["transaction"]["message"]["accountKeys"]
    loaded = meta.get("loadedAddresses") or {"writable": [], "readonly": []}
    if isinstance(keys[0], dict):
        keys = [one["pubkey"] for one in keys]
    else:
        keys = [*keys, *loaded["writable"], *loaded["readonly"]]
    found: Counter[tuple[str, str]] = Counter()
    for side, sign in (("pre", -1), ("post", 1)):
        owners = {keys[row["accountIndex"]]: row["owner"] for row in meta[f"{side}TokenBalances"]}
        for name, lamports in zip(keys, meta[f"{side}Balances"], strict=True):
            found["SOL", owners.get(name, name)] += sign * lamports
        for row in meta[f"{side}TokenBalances"]:
            if row["mint"] != WSOL:
                found[row["mint"], row["owner"]] += sign * int(row["uiTokenAmount"]["amount"])
    return {what: units for what, units in found.items() if units}


@pytest.mark.real
def test_every_recorded_transaction_is_told_to_the_unit(
    record_property: Callable[[str, object], None],
) -> None:
    """Of every recorded transaction each owner's change in each asset is exactly that of its balances."""
    recorded = _recorded()
    if not recorded:
        pytest.skip(f"no recorded answers at {RECORDED}")
    counts: Counter[str] = Counter()
    for encoding, result in recorded:
        tx = read(SOLANA, result)
        found = told(tx)
        changed = {name: pair for name, pair in tx.lamports.items() if pair[0] != pair[1]}
        assert told(dataclasses.replace(tx, lamports=changed)) == found  # an index leaves the others out
        changes = _by_balances(result)
        assert sums(found.transfers) == changes, result["transaction"]["signatures"]
        counts.update({f"{encoding} transactions": 1, f"{encoding} transfers": len(found.transfers)})
        counts.update({f"{encoding} changes": len(changes), f"{encoding} nets": found.nets})
    record_property("counts", dict(counts))
    print(dict(counts))  # noqa: T201  asked for with pytest -s
    assert counts["jsonParsed transactions"] == 19
    assert counts["json transactions"] == 40
    assert (counts["jsonParsed nets"], counts["json nets"]) == (3, 2)


@pytest.mark.real
def test_recorded_balances_follow_one_another() -> None:
    """What the check rests on, in real answers: nothing changes between consecutive transactions."""
    found = {tx.signature: tx for tx in (read(SOLANA, result) for _, result in _recorded())}
    if not found:
        pytest.skip(f"no recorded answers at {RECORDED}")
    lists = RECORDED / "rotki_selected/api.mainnet-beta.solana.com/getSignaturesForAddress"
    listed = {}
    for path in sorted(lists.glob("*.json")):
        kept = json.loads(path.read_bytes())
        account = json.loads(kept["request"]["body"])["params"][0]
        listed[len(kept["body"]["result"])] = account, [row["signature"] for row in kept["body"]["result"]]
    account, names = listed[2]  # a token account from its opening on
    states = [(name, state_of(found[name], account)) for name in reversed(names)]
    assert checked(states, None, owner="", later=True)[0]
    assert not checked(states[1:], None, owner="", later=True)[0]
    account, names = listed[3]
    chain = [state_of(found[name], account) for name in reversed(names)]
    assert all(one.after[0] == two.before[0] for one, two in itertools.pairwise(chain))
    wallet = "GAgnD5XviS4wN7GpcTBbgvtFAZnT6Lc1ehkbnP3qo1bz"
    day = sorted((tx for tx in found.values() if wallet in tx.lamports), key=lambda tx: tx.slot)
    chain = [state_of(tx, wallet) for tx in day]
    assert len(chain) == 11
    assert all(one.after == two.before for one, two in itertools.pairwise(chain))
