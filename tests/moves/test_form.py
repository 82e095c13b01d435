"""How a transaction of coins is made: sequences, what signatures cover, whether R is low."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import Chain, FactKind
from flowtrace.moves.coin import read_transaction
from flowtrace.moves.form import Form

# The signed native P2WPKH example of BIP-143: its first input signs as P2PK (high R), its second as P2WPKH.
BIP143 = (
    "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9"
    "cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618e"
    "f3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb20600000000"
    "1976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa81"
    "5988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f9030"
    "0e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357110000"
    "00"
)


def test_the_signed_example_of_bip_143() -> None:
    """BIP-143's native P2WPKH example: two sequences, SIGHASH_ALL twice, R first high and then low."""
    tx = read_transaction(bytes.fromhex(BIP143))
    assert tx.form is not None
    assert dict(tx.form.figures) == {
        "version": "1",
        "locktime": "17",
        "weight": str(3 * 233 + 343),
        "sequences": f"{0xFFFFFFEE},{0xFFFFFFFF}",
        "sighashes": "01,01",
        "low_r": "0,1",
    }
    (fact,) = tx.shape(Chain.of("bitcoin"), height=5, index=2, time=0)
    assert (fact.kind, fact.key, fact.figure("sighashes")) == (FactKind.SHAPE, (5, 2, 0), "01,01")


def test_marketplace_and_taproot_signatures() -> None:
    """SIGHASH_SINGLE with ANYONECANPAY is 83; BIP-341: 64 bytes is the default 00, 65 say what they cover."""
    der = bytes.fromhex("3006020101020101")
    unlocked = [(1, b"", [der + b"\x83"]), (2, b"", [b"\1" * 64]), (3, b"", [b"\1" * 64 + b"\x81"])]
    form = Form.of(2, 0, unlocked, weight=4)
    assert (form.sighashes, form.low_r) == (("83", "00", "81"), ("1", "", ""))


@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=90), st.lists(st.binary(max_size=80))))
)
def test_any_bytes_make_a_form(inputs: list[tuple[int, bytes, list[bytes]]]) -> None:
    """Scripts and witnesses are written by anyone: each input has one entry, empty where nothing signs."""
    form = Form.of(1, 0, inputs, weight=4)
    assert len(form.sequences) == len(form.sighashes) == len(form.low_r) == len(inputs)
    assert all(covers == "" or len(covers) == 2 for covers in form.sighashes)
