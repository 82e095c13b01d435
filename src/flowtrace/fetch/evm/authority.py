"""EIP-7702: the accounts that signed a transaction's authorisations, each of which counts as one of its own.

An authorisation lets an account run another's code. Whoever sends it may be someone else, a sponsor: the two
are not one owner.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_hash.auto import keccak

from flowtrace.errors import InputError
from flowtrace.fetch.evm.fields import Row, account, quantity, rows
from flowtrace.fetch.evm.rlp import encoded

_MAGIC = b"\x05"
_TYPE = "0x4"


def authorised(sent: Row, of: str) -> set[int]:
    """Return the nonces of the authorisations of an account in a transaction.

    One whose signature or form is broken is skipped, as the chain skips it.
    """
    return {nonce for signer, nonce, _, _ in _listed(sent) if signer == of}


def authorisations(sent: Row) -> list[tuple[str, str, int]]:
    """Return (who authorises, whose code it is to run, on which chain) of each authorisation that was signed.

    Chain 0 is every chain.

    Whether the chain applied it, its nonce decides; that is not told here.
    """
    return [(signer, delegate, chain) for signer, _, delegate, chain in _listed(sent)]


def _listed(sent: Row) -> list[tuple[str, int, str, int]]:
    if sent.get("type") != _TYPE:
        return []
    try:
        listed = rows(sent.get("authorizationList"))
    except InputError:
        return []
    return [found for one in listed for found in _signed(one)]


def _signed(one: Row) -> list[tuple[str, int, str, int]]:
    try:
        nonce, delegate = quantity(one, "nonce"), account(one, "address")
        chain = quantity(one, "chainId")
        parts = chain, bytes.fromhex(delegate[2:]), nonce
        key = "yParity" if one.get("yParity") is not None else "v"
        signature = quantity(one, key), quantity(one, "r"), quantity(one, "s")
    except InputError:
        return []
    signer = _recovered(parts, signature)
    return [(signer, nonce, delegate, chain)] if signer else []


def _recovered(parts: Sequence[int | bytes], signature: tuple[int, int, int]) -> str:
    """Return the account whose key made a signature; empty where none did."""
    from eth_keys.datatypes import Signature  # noqa: PLC0415  only transactions with authorisations pay for it
    from eth_keys.exceptions import BadSignature  # noqa: PLC0415  the same
    from eth_utils.exceptions import ValidationError  # noqa: PLC0415  the same

    try:
        key = Signature(vrs=signature).recover_public_key_from_msg_hash(keccak(_MAGIC + encoded(parts)))
    except (BadSignature, ValidationError, ValueError):
        return ""
    return key.to_address().lower()
