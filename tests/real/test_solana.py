"""A real Solana runtime: what is fetched is held against the bank's own bytes, owner by owner."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fetch.solana_service import sums
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask, ask_of, replay, started_over
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.solana import dialect as solana
from flowtrace.fetch.source import Pin, Rows
from flowtrace.model import Kind, Scope
from real.solana_shim import (
    TOKEN,
    TOKEN_2022,
    WSOL,
    Bank,
    Server,
    associated,
    create,
    instruction,
    key,
    number,
    open_associated,
    pay,
    person,
)

SOL = 10**9
FEE_MINT_SIZE = 278  # a mint with a fee: 165, its kind, and the extension


def fill(bank: Bank) -> dict[str, str]:
    """Let people pay each other in every way a token program has; return their names."""
    pytest.importorskip("solders", reason="solders (LiteSVM) is not installed: pip install solders")
    ann, ben, cleo, mint, coin = map(person, ("ann", "ben", "cleo", "mint", "fees"))
    a, b, c, m, f = (str(one.pubkey()) for one in (ann, ben, cleo, mint, coin))
    for who in (a, b, c):
        bank.airdrop(who, 10 * SOL)
    bank.slot += 1
    bank.send(pay(a, b, SOL), pay(a, c, 7), payer=ann)
    bank.send(pay(b, a, 100 * SOL), payer=ben)  # fails
    bank.send(pay(a, b, 1), payer=ben, signers=[ann])  # Ben pays the fee of Ann's payment
    _tokens(bank, (ann, ben, cleo, mint), old=person("old"), spare=person("spare"))
    _wrapped(bank, ann, ben)
    _fees(bank, (ann, ben, coin))
    return {a: "ann", b: "ben", c: "cleo", m: "mint", f: "coin with a fee"}


def _tokens(bank: Bank, people: tuple[Any, ...], *, old: Any, spare: Any) -> None:  # noqa: ANN401  solders' types
    ann, ben, cleo, mint = people
    a, b, c, m, o, s = (str(one.pubkey()) for one in (*people, old, spare))
    made = instruction(TOKEN, bytes([20, 6]) + bytes(key(c)) + b"\x00", m)
    bank.send(create(c, m, bank.rent(82), size=82), made, payer=cleo, signers=[mint])
    mine, bens, cleos = (associated(one, m) for one in (a, b, c))
    bank.slot += 1
    bank.send(*(open_associated(c, one, m) for one in (b, c)), payer=cleo)
    bank.send(open_associated(a, a, m), payer=ann)
    new = [instruction(TOKEN, b"\x07" + number(10**6), m, to, c, signs=[c]) for to in (bens, cleos)]
    bank.send(*new, payer=cleo)
    bank.slot += 1
    bank.send(instruction(TOKEN, b"\x03" + number(400), bens, mine, b, signs=[b]), payer=ben)
    checked = b"\x0c" + number(100) + b"\x06"
    bank.send(instruction(TOKEN, checked, mine, m, cleos, a, signs=[a]), pay(a, b, 3), payer=ann)
    # An account that Cleo opens for Ann, fills, and Ann burns and closes: no list of open ones shows it.
    account = instruction(TOKEN, b"\x12" + bytes(key(a)), o, m)
    bank.send(create(c, o, bank.rent(165), size=165), account, payer=cleo, signers=[old])
    bank.send(instruction(TOKEN, b"\x03" + number(50), cleos, o, c, signs=[c]), payer=cleo)
    bank.slot += 1
    burnt = instruction(TOKEN, b"\x08" + number(50), o, m, a, signs=[a])
    bank.send(burnt, instruction(TOKEN, b"\x09", o, a, a, signs=[a]), payer=ann)
    # One that Ben fills and hands over, authority, units, rent and all.
    account = instruction(TOKEN, b"\x12" + bytes(key(b)), s, m)
    bank.send(create(b, s, bank.rent(165), size=165), account, payer=ben, signers=[spare])
    bank.send(instruction(TOKEN, b"\x03" + number(900), bens, s, b, signs=[b]), payer=ben)
    over = b"\x06\x02\x01" + bytes(key(a))
    bank.send(instruction(TOKEN, over, s, b, signs=[b]), payer=ben)
    bank.send(instruction(TOKEN, b"\x03" + number(10**7), s, bens, a, signs=[a]), payer=ann)  # fails


def _wrapped(bank: Bank, ann: Any, ben: Any) -> None:  # noqa: ANN401  solders' own types
    a, b = str(ann.pubkey()), str(ben.pubkey())
    mine, bens = associated(a, WSOL), associated(b, WSOL)
    bank.slot += 1
    sync = instruction(TOKEN, b"\x11", mine)
    bank.send(open_associated(a, a, WSOL), pay(a, mine, 2 * SOL), sync, payer=ann)
    bank.send(open_associated(a, b, WSOL), payer=ann)
    bank.send(instruction(TOKEN, b"\x03" + number(SOL), mine, bens, a, signs=[a]), payer=ann)
    bank.send(instruction(TOKEN, b"\x09", mine, a, a, signs=[a]), payer=ann)


def _fees(bank: Bank, people: tuple[Any, ...]) -> None:
    """Move units of a token whose program keeps one in a hundred back, told and untold."""
    ann, _, coin = people
    a, b, f = (str(one.pubkey()) for one in people)
    bank.slot += 1
    config = b"\x1a\x00" + (b"\x01" + bytes(key(a))) * 2 + number(100, 2) + number(10**9)
    mint = b"\x14\x06" + bytes(key(a)) + b"\x00"
    rent, rows = bank.rent(FEE_MINT_SIZE), (config, mint)
    steps = [instruction(TOKEN_2022, data, f) for data in rows]
    made = create(a, f, rent, size=FEE_MINT_SIZE, program=TOKEN_2022)
    bank.send(made, *steps, payer=ann, signers=[coin])
    mine, bens = (associated(one, f, TOKEN_2022) for one in (a, b))
    bank.send(*(open_associated(a, one, f, program=TOKEN_2022) for one in (a, b)), payer=ann)
    bank.send(instruction(TOKEN_2022, b"\x07" + number(10**6), f, mine, a, signs=[a]), payer=ann)
    parties = (mine, f, bens, a)
    bank.send(instruction(TOKEN_2022, b"\x0c" + number(5_000) + b"\x06", *parties, signs=[a]), payer=ann)
    told = b"\x1a\x01" + number(5_000) + b"\x06" + number(50)
    bank.send(instruction(TOKEN_2022, told, *parties, signs=[a]), payer=ann)


def held(bank: Bank) -> dict[tuple[str, str], int]:
    """Return what each owner has by the bank's own bytes, less what was there at the start."""
    found: Counter[tuple[str, str]] = Counter()
    for name in bank.accounts():
        token = bank.token(name)
        found["SOL", token["owner"] if token else name] += bank.lamports(name) - bank.first.get(name, 0)
        if token and token["mint"] != WSOL:
            found[token["mint"], token["owner"]] += token["units"]
    return {what: units for what, units in found.items() if units}


@pytest.fixture(scope="module", params=[True, False], ids=["indexed", "not indexed"])
def bank(request: pytest.FixtureRequest) -> Bank:
    """Return a bank with a history, behind a node of today or an older one."""
    pytest.importorskip("solders", reason="solders (LiteSVM) is not installed: pip install solders")
    made = Bank(indexed=request.param)
    fill(made)
    return made


def fetched(bank: Bank, accounts: list[str], folder: Path) -> tuple[dict[str, Rows], Server]:
    """Fetch the histories of accounts over HTTP; hold each against its replay from the evidence."""

    async def all_of() -> tuple[dict[str, Rows], Server]:
        found: dict[str, Rows] = {}
        async with Server(bank).served() as server:
            with EvidenceStore(folder / "evidence.sqlite") as store:
                async with Door(store) as door:
                    provider = server.provider
                    _, pin = await started_over(lambda: solana.head(provider), provider, door)
                    assert pin == Pin(provider.chain.id, bank.slot, WSOL, 1_700_000_000 + bank.slot)
                    for name in accounts:
                        ask = Ask(provider, f"{provider.chain.id}:{name}", pin)
                        found[name] = await ask_of(ask, door)
                        assert set(replay(ask, store).transfers) == set(found[name].transfers)
            return found, server

    return asyncio.run(all_of())


def test_every_owners_ledger_is_what_the_bank_holds(bank: Bank, tmp_path: Path) -> None:
    """For every account of the bank that is no token account: each asset, to the unit, and complete."""
    truth = held(bank)
    owners = sorted(name for name in bank.accounts() if bank.token(name) is None)
    rows, _ = fetched(bank, owners, tmp_path)
    for name in owners:
        mine = {what: units for what, units in sums(rows[name].transfers).items() if what[1] == name}
        assert mine == {what: units for what, units in truth.items() if what[1] == name}
        complete = [one.complete for one in rows[name].coverage]
        assert complete == ([True] * 3 if name not in bank.first else [False, False, True])
    everything = {one.id: one for found in rows.values() for one in found.transfers}
    assert sums(everything.values()) == truth
    assert len(owners) == 9  # people, mints, the faucet, closed accounts


def test_what_was_told_is_what_happened(bank: Bank, tmp_path: Path) -> None:
    """Fees of failed transactions, rent, wrapping, changed owners, token fees: each in its form."""
    ann, ben = (str(person(name).pubkey()) for name in ("ann", "ben"))
    rows, server = fetched(bank, [ann], tmp_path)
    found = rows[ann].transfers
    assert sum(not one.ok for one in found) == 2
    assert all(one.kind is Kind.FEE for one in found if not one.ok)
    spare = [one for one in found if one.position.endswith("rent")]
    assert [(t.source and t.source.account, t.target and t.target.account) for t in spare] == [(ben, ann)]
    paid = [t for t in found if t.amount.units == SOL and t.target and t.target.account == ben]
    assert [t.amount.asset.reference for t in paid] == ["slip44:501"] * 2  # one of them wrapped
    (net,) = [one for one in found if one.kind is Kind.NET]
    assert [leg.units for leg in (*net.inputs, *net.outputs)] == [5_000, 4_950, 50]
    told = [one.amount.units for one in found if one.position in ("ix 0", "ix 0 fee") and one.tx != net.tx]
    assert {4_950, 50} <= set(told)
    (token,) = [one for one in rows[ann].coverage if one.scope is Scope.TOKEN]
    assert token.check.startswith("5 token accounts, 3 of them open; what each holds is continuous")
    assert ("getBlock" in server.asked[3:]) is not bank.indexed


def test_a_lost_transaction_is_seen(bank: Bank, tmp_path: Path) -> None:
    """Without any one of Ann's transactions that changes what she holds, her history is not complete."""
    ann = str(person("ann").pubkey())
    whole, seen = list(bank.told), 0
    truth = {what: units for what, units in held(bank).items() if what[1] == ann}
    try:
        for number_of, tx in enumerate(whole):
            mine = tx["transaction"]["message"]["accountKeys"]
            if ann not in {one["pubkey"] for one in mine}:
                continue
            bank.told = [one for one in whole if one is not tx]
            folder = tmp_path / str(number_of)
            folder.mkdir()
            rows, _ = fetched(bank, [ann], folder)
            mine = {what: units for what, units in sums(rows[ann].transfers).items() if what[1] == ann}
            complete = all(one.complete for one in rows[ann].coverage)
            assert complete is (mine == truth)
            seen += not complete
    finally:
        bank.told = whole
    assert seen == 16
