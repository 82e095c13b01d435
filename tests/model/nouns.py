"""Hypothesis strategies of the nouns: addresses of every family, transfers, coverage."""

from __future__ import annotations

from base58_bech32.base58 import b58encode, b58encode_check
from base58_bech32.bech32 import BECH32_1_CONST, BECH32_M_CONST, bech32_encode, convertbits
from hypothesis import strategies as st

from flowtrace.model import (
    CHAINS,
    ETHEREUM,
    Address,
    Asset,
    Basis,
    Chain,
    Coverage,
    Family,
    Kind,
    Leg,
    Scope,
    Transfer,
)

UINT256_MAX = (1 << 256) - 1
ETHER = Asset.native(ETHEREUM)


def segwit(hrp: str, version: int, program: bytes) -> str:
    """Return the segwit address of a witness program."""
    constant = BECH32_M_CONST if version else BECH32_1_CONST
    return bech32_encode(hrp, [version, *convertbits(program, 8, 5)], m=constant).decode()


@st.composite
def _utxo(draw: st.DrawFn, chain: Chain) -> str:
    if chain.hrp and draw(st.booleans()):
        version = draw(st.integers(0, 16))
        sizes = st.sampled_from((20, 32)) if version == 0 else st.integers(2, 40)
        size = draw(sizes)
        return segwit(chain.hrp, version, draw(st.binary(min_size=size, max_size=size)))
    payload = draw(st.binary(min_size=20, max_size=20))
    return b58encode_check(bytes([draw(st.sampled_from(sorted(chain.versions)))]) + payload).decode()


def german_iban(bban: str) -> str:
    """Return the IBAN of an account in Germany, with its check digits."""
    bban = "".join(str(int(sign, 36) % 10) for sign in bban)
    return f"DE{98 - int(bban + '131400') % 97:02}{bban}"


def accounts(chain: Chain) -> st.SearchStrategy[str]:
    """Return valid accounts of a chain, as text."""
    match chain.family:
        case Family.EVM:
            return st.binary(min_size=20, max_size=20).map(lambda b: "0x" + b.hex())
        case Family.SOLANA:
            return st.binary(min_size=32, max_size=32).map(lambda b: b58encode(b).decode())
        case Family.UTXO | Family.TRON:
            return _utxo(chain)
        case Family.BANK:
            return st.text("ABCXYZ0123456789", min_size=18, max_size=18).map(german_iban)


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    """Draw an address of any known chain, or at a bank."""
    chain = draw(st.sampled_from((*CHAINS, Chain.of("iso20022:COBADEFF"))))
    return Address(chain.id, draw(accounts(chain)))


def units() -> st.SearchStrategy[int]:
    """Return base units around every border: zero, 64, 127, 128 and 256 bits."""
    borders = [0, 1, (1 << 63) - 1, 1 << 63, (1 << 127) - 1, 1 << 127, (1 << 128) - 1, UINT256_MAX]
    return st.sampled_from(borders) | st.integers(0, UINT256_MAX)


PEOPLE = tuple(Address(ETHEREUM.id, f"0x{n:040x}") for n in range(1, 6))
TOKEN = Asset.token(Address(ETHEREUM.id, "0x" + "ee" * 20), "TKN", 6)


@st.composite
def transfers(draw: st.DrawFn) -> Transfer:
    """Draw a transfer between a few addresses; its identity is its place, so two never contradict by it."""
    height, index, order = draw(st.tuples(*[st.integers(0, 3)] * 3))
    kind = (Kind.FEE, Kind.VALUE, Kind.CALL)[order % 3]
    asset = draw(st.sampled_from((ETHER, TOKEN))) if kind is Kind.CALL else ETHER
    moved = draw(units())
    target = None if kind is Kind.FEE else draw(st.sampled_from(PEOPLE))
    return Transfer(
        chain_id=ETHEREUM.id,
        tx=f"0x{height * 4 + index:064x}",
        position=f"{kind} {order}",
        height=height,
        index=index,
        order=order,
        time=draw(st.integers(0, 2_000_000_000)),
        kind=kind,
        basis=draw(st.sampled_from(Basis)),
        ok=draw(st.booleans()),
        inputs=(Leg(draw(st.sampled_from(PEOPLE)), asset, moved),),
        outputs=(Leg(target, asset, moved),),
    )


def histories(most: int = 12) -> st.SearchStrategy[list[Transfer]]:
    """Return transfers, each id once, in any order."""
    return st.lists(transfers(), max_size=most, unique_by=lambda t: t.id)


_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


def coverages() -> st.SearchStrategy[Coverage]:
    """Return coverage whose spans and sources often coincide."""
    return st.builds(
        Coverage,
        address=st.sampled_from(PEOPLE),
        scope=st.sampled_from(Scope),
        first=st.integers(0, 1),
        last=st.integers(2, 3),
        complete=st.booleans(),
        check=_WORDS,
        fetched_at=st.sampled_from(("2023-09-21T11:19:55+00:00", "2023-09-21")),
        source=st.just("api.etherscan.io txlist"),
    )
