"""Accounts that a node does not name: who signed an authorisation, and what a creation makes."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from fetch.rpc_chain import Json
from flowtrace.fetch.evm.authority import authorised
from flowtrace.fetch.evm.block import receipt_of, sent_of
from flowtrace.fetch.evm.rlp import encoded

TX, BLOCK = "0x" + "7" * 64, "0x" + "b" * 64
ANN = Account.from_key(keccak(b"ann").hex())


def sent(**changes: Any) -> Json:  # noqa: ANN401  fields of any kind
    """Return a transaction."""
    plain: Json = {
        "hash": TX, "blockHash": BLOCK, "blockNumber": "0x5", "transactionIndex": "0x0", "value": "0x0",
        "from": "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", "to": None, "nonce": "0x0", "type": "0x4",
    }  # fmt: skip
    return plain | changes


def signed(chain: int, nonce: int) -> Json:
    """Return an authorisation that Ann signed, as a node writes it."""
    told = ANN.sign_authorization({"chainId": chain, "address": "0x" + "cd" * 20, "nonce": nonce})
    return {
        "chainId": hex(told.chain_id), "address": "0x" + "cd" * 20, "nonce": hex(told.nonce),
        "yParity": hex(told.y_parity), "r": hex(told.r), "s": hex(told.s),
    }  # fmt: skip


@given(st.integers(0, (1 << 64) - 2), st.sampled_from([0, 1, 137, 11_155_111]))
def test_signer(nonce: int, chain: int) -> None:
    """The account that signed an authorisation is recovered from its signature alone."""
    told = sent(authorizationList=[signed(chain, nonce), signed(chain, 5)])
    assert authorised(told, ANN.address.lower()) == {nonce, 5}
    assert authorised(told, "0x" + "11" * 20) == set()


@pytest.mark.parametrize(
    "broken",
    [
        None, [], [None], ["0x"], [{**signed(1, 2), "r": "0x0"}], [{**signed(1, 2), "s": "0x" + "f" * 64}],
        [{**signed(1, 2), "yParity": "0x7"}], [{**signed(1, 2), "nonce": None}],
        [{**signed(1, 2), "address": 7}],
    ],
)  # fmt: skip
def test_broken_authorisations(broken: Any) -> None:  # noqa: ANN401  anything a node may send
    """An authorisation that is broken is nobody's."""
    assert authorised(sent(authorizationList=broken), ANN.address.lower()) == set()


def test_other_types() -> None:
    """A transaction of another type has no authorisations, whatever it says."""
    assert authorised(sent(type="0x2", authorizationList=[signed(1, 2)]), ANN.address.lower()) == set()


@pytest.mark.parametrize(
    ("nonce", "made"),
    [
        ("0x0", "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
        ("0x1", "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"),
        ("0x2", "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
    ],
)
def test_created_account(nonce: str, made: str) -> None:
    """What a creation makes follows from its sender and nonce, where a receipt leaves it out."""
    receipt: Json = {
        "transactionHash": TX, "blockHash": BLOCK, "blockNumber": "0x5", "gasUsed": "0x1", "status": "0x0",
        "contractAddress": None, "logs": [],
    }  # fmt: skip
    assert receipt_of(receipt, sent_of(sent(nonce=nonce), TX))["contractAddress"] == made


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([b"cat", b"dog"], "c88363617483646f67"),
        ([0, 15, 1024], "c5800f820400"),
        ([b"a" * 56], "f83ab838" + "61" * 56),
        ([b""], "c180"),
    ],
)
def test_prefixes(parts: list[int | bytes], text: str) -> None:
    """Lists are written as the Yellow Paper's examples have them."""
    assert encoded(parts).hex() == text
