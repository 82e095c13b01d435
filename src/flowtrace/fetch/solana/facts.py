"""What a Solana transaction records beside the value it moves: authorities, who signs together, rent."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.fetch.solana.moves import Instruction, SolanaTransaction
from flowtrace.model import Address, Fact, FactKind

Told = tuple[FactKind, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


def facts(tx: SolanaTransaction, index: int = 0) -> tuple[Fact, ...]:
    """Return the facts of a transaction; none where it failed. ``index`` is its place in its block."""
    if not tx.ok:
        return ()
    found = [(0, told) for told in _signed(tx)]
    found += [(one.order, told) for one in tx.instructions for told in _ran(tx, one)]
    return tuple(
        Fact(
            chain_id=tx.chain.id,
            tx=tx.signature,
            height=tx.slot,
            index=index,
            order=order,
            time=tx.time,
            kind=kind,
            parties=tuple((role, Address.parse(tx.chain, account)) for role, account in parties),
            figures=figures,
        )
        for order, (kind, parties, figures) in found
        if all(account for _, account in parties)
    )


def _signed(tx: SolanaTransaction) -> Iterator[Told]:
    """Yield who paid for it, where others signed it too."""
    others = tuple(("signer", one) for one in tx.signers if one != tx.payer)
    if others:
        yield FactKind.FEE_PAYER, (("payer", tx.payer), *others), ()


def _ran(tx: SolanaTransaction, one: Instruction) -> Iterator[Told]:
    key = (one.program, one.name)
    parties: tuple[tuple[str, str], ...]
    if key == ("token", "setAuthority") and one.text("authorityType") == "accountOwner":
        account = one.text("account")
        held = next((held for held in tx.holdings if held.account == account), None)
        old, new = (held and held.owner_before) or one.text("authority"), one.text("newAuthority")
        parties = (("account", account), ("old", old), ("new", new))
        what = (("asset", held.mint), ("units", str(held.after))) if held else ()
        yield FactKind.AUTHORITY, parties, (("type", "accountOwner"), *what)
    elif key == ("system", "createAccount"):
        yield FactKind.RENT, (("payer", one.text("source")), ("account", one.text("newAccount"))), ()
    elif key == ("token", "closeAccount"):
        parties = (("account", one.text("account")), ("destination", one.text("destination")))
        yield FactKind.CLOSED, parties, ()
