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
        account = one.text("newAccount")
        owner = _owner(tx, account, after=True)
        yield FactKind.RENT, (("payer", one.text("source")), ("account", account), *owner), ()
    elif key == ("token", "closeAccount"):
        account = one.text("account")
        owner = _owner(tx, account, after=False)
        yield FactKind.CLOSED, (("account", account), ("destination", one.text("destination")), *owner), ()


def _owner(tx: SolanaTransaction, account: str, *, after: bool) -> tuple[tuple[str, str], ...]:
    """Return whose a token account is, where the transaction tells that."""
    held = next((one for one in tx.holdings if one.account == account), None)
    owner = held and (held.owner_after if after else held.owner_before)
    return (("owner", owner),) if owner else ()
