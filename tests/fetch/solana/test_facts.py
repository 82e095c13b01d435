"""What a Solana transaction records beside the value it moves."""

from __future__ import annotations

from dataclasses import replace

from base58_bech32.base58 import b58encode

from flowtrace.fetch.solana.facts import facts
from flowtrace.fetch.solana.moves import Holding, Instruction, SolanaTransaction
from flowtrace.model import Chain, FactKind

ANN, BEN, CAT, MINT = (b58encode(bytes([n]) * 32).decode() for n in (1, 2, 3, 4))
HELD = Holding(CAT, MINT, decimals=6, before=5, after=5, owner_before=ANN, owner_after=BEN)
GIVEN = {"account": CAT, "authorityType": "accountOwner", "newAuthority": BEN, "authority": ANN}
TX = SolanaTransaction(
    chain=Chain.of("solana"),
    signature="5" * 88,
    slot=9,
    time=1_700_000_000,
    ok=True,
    fee=5000,
    payer=ANN,
    lamports={},
    holdings=(HELD,),
    instructions=(
        Instruction((0,), "system", "createAccount", {"source": ANN, "newAccount": CAT, "lamports": 1}),
        Instruction((1,), "token", "setAuthority", GIVEN),
        Instruction((1, 0), "token", "closeAccount", {"account": CAT, "destination": BEN}),
        Instruction((2,), "token", "setAuthority", {**GIVEN, "authorityType": "closeAccount"}),
    ),
    signers=(ANN, BEN),
)


def test_authorities_rent_and_who_signs_together() -> None:
    """In the order they ran: the payer with the other signers first, then each instruction that tells one."""
    found = facts(TX, 4)
    assert [(one.kind, [(role, a.account) for role, a in one.parties]) for one in found] == [
        (FactKind.FEE_PAYER, [("payer", ANN), ("signer", BEN)]),
        (FactKind.RENT, [("payer", ANN), ("account", CAT), ("owner", BEN)]),
        (FactKind.AUTHORITY, [("account", CAT), ("old", ANN), ("new", BEN)]),
        (FactKind.CLOSED, [("account", CAT), ("destination", BEN), ("owner", ANN)]),
    ]
    orders = [one.order for one in found]
    assert orders == sorted(set(orders))
    assert all(one.key[:2] == (9, 4) for one in found)


def test_a_single_signer_is_no_fact_and_what_failed_none_either() -> None:
    """Who pays for what it signs alone tells nothing of others; what failed did not happen."""
    assert FactKind.FEE_PAYER not in {one.kind for one in facts(replace(TX, signers=(ANN,)))}
    assert facts(replace(TX, ok=False)) == ()
