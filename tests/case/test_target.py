"""What a user points at: told by how it is written, checksums first."""

from __future__ import annotations

import pytest

from flowtrace.case import Target, target_of
from flowtrace.errors import InputError

THIEF = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
TX = "0xc28fad5e8d5e0ce6a2eaf67b6687be5d58113e16be590824d6cfa1a94467d0b7"
KNOWN = {
    THIEF: "ethereum",
    THIEF.lower(): "ethereum",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": "bitcoin",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq": "bitcoin",
    "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1": "litecoin",
    "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L": "dogecoin",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": "tron",
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v": "solana",
}


@pytest.mark.parametrize(("text", "chain"), KNOWN.items())
def test_an_address_tells_its_chain(text: str, chain: str) -> None:
    """Each chain's own way of writing addresses tells it apart; written out, it reads back the same."""
    target = target_of(text)
    assert target is not None
    assert target.chain.name == chain
    assert target.address is not None
    assert target.address.display.lower() == text.lower()
    assert Target.read(target.text) == target


def test_a_chain_can_be_named() -> None:
    """An EVM address is on Ethereum unless another chain is named; CAIP-10 names it itself."""
    for found in (target_of(THIEF, "base"), target_of(f"eip155:8453:{THIEF}")):
        assert found is not None
        assert found.chain.name == "base"


@pytest.mark.parametrize(
    ("text", "chain", "name"), [(TX, "", "ethereum"), (TX[2:], "", "bitcoin"), (TX[2:], "tron", "tron")]
)
def test_a_transaction_is_told_by_its_length(text: str, chain: str, name: str) -> None:
    """32 bytes with 0x are an EVM transaction, without it one of Bitcoin, or of the chain that is named."""
    target = target_of(text, chain)
    assert target is not None
    assert (target.chain.name, target.address, target.tx) == (name, None, text.lower())
    assert Target.read(target.text) == target
    assert target.folder.startswith(f"{name}-tx-")


@pytest.mark.parametrize("text", ["ronin-2022", "", "cases/mine", "0", "hello world", "../x"])
def test_what_is_neither_is_none(text: str) -> None:
    """A folder's name is no address and no transaction."""
    assert target_of(text) is None


@pytest.mark.parametrize(
    ("text", "chain", "words"),
    [
        (THIEF.replace("B7", "b7"), "", "EIP-55 checksum is wrong"),
        ("0x12", "", "40 hexadecimal digits"),
        (THIEF, "etherium", "unknown chain 'etherium'"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "tron", "base58"),
    ],
)
def test_a_mistyped_address_is_named(text: str, chain: str, words: str) -> None:
    """Something that looks like an address and is none is refused, not taken for a folder."""
    with pytest.raises(InputError, match=words):
        target_of(text, chain)
