"""Hostile bytes: no decoder raises anything but its own error, and nothing is joined that does not belong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossing.planted import PAIRS, Planted, one_sided
from flowtrace.crossing import (
    Contract,
    Reading,
    UndecodableError,
    join,
    midgard,
    read,
    shipped,
    wormhole,
    wormholescan,
)
from flowtrace.crossing.decode import DECODERS
from flowtrace.crossing.seen import Log, Seen

SIDES = [(name, n) for name in PAIRS for n in (0, 1)]
NAMES = [
    "actions", "type", "in", "out", "date", "txID", "address", "coins", "asset", "amount", "id",
    "sourceChain", "targetChain", "chainId", "transaction", "txHash", "timestamp", "content", "payload",
    "standarizedProperties", "toChain", "tokenAddress", "tokenChain", "status", "topics", "data", "logIndex",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)


def reading(planted: Planted, logs: list[dict[str, Any]]) -> Reading:
    """Read logs as those of a planted transaction."""
    return read(logs, chain=planted.chain, tx=planted.tx, time=1)


@given(st.sampled_from(shipped().contracts), st.data())
def test_random_data_under_a_true_topic_is_read_or_refused(contract: Contract, data: st.DataObject) -> None:
    """Any bytes, any number of topics: an end or a fault, never another error."""
    topic = data.draw(
        st.sampled_from([t for p in shipped().protocols if p.name == contract.protocol for t in p.topics])
    )
    more = data.draw(st.lists(st.binary(min_size=32, max_size=32), max_size=3))
    small = st.integers(0, 700).map(lambda n: n.to_bytes(32))
    body = b"".join(data.draw(st.lists(small | st.binary(min_size=32, max_size=32), max_size=24)))
    log = {
        "address": contract.address,
        "topics": [topic, *(f"0x{one.hex()}" for one in more)],
        "data": "0x" + (body + data.draw(st.binary(max_size=40))).hex(),
        "logIndex": data.draw(st.integers(0, 2**31)),
    }
    told = read([log], chain=contract.chain, tx="0x" + "ab" * 32, time=1)
    assert len(told.faults) <= 2
    assert not join(told.ends, shipped().manners).crossings or len(told.ends) > 1


@pytest.mark.parametrize(("name", "side"), SIDES)
def test_every_truncation_is_read_or_refused(name: str, side: int) -> None:
    """Cut at each byte: what is left tells what the whole told, less of it, or is refused; never more."""
    planted = PAIRS[name][side]
    (whole,) = reading(planted, list(planted.logs)).ends
    for place, log in enumerate(planted.logs):
        size = (len(log["data"]) - 2) // 2
        for cut in range(0, size, 7 if size > 600 else 1):
            logs = list(planted.logs)
            logs[place] = log | {"data": log["data"][: 2 + 2 * cut]}
            for end in reading(planted, logs).ends:
                assert end.key == whole.key
                assert end.units in (whole.units, None)
                assert end.recipient in (whole.recipient, "")


@given(st.sampled_from(SIDES), st.data())
def test_a_changed_byte_joins_nothing_that_contradicts(which: tuple[str, int], data: st.DataObject) -> None:
    """Flip a byte on one side: joined or not, what is joined keeps the law and agrees on what both tell."""
    name, side = which
    planted, other = PAIRS[name][side], PAIRS[name][1 - side]
    place = data.draw(st.integers(0, len(planted.logs) - 1))
    raw = bytearray.fromhex(planted.logs[place]["data"][2:])
    if not raw:
        return
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    logs = list(planted.logs)
    logs[place] = planted.logs[place] | {"data": f"0x{raw.hex()}"}
    ends = [*reading(planted, logs).ends, *reading(other, list(other.logs)).ends]
    for crossing in join(ends, shipped().manners).crossings:
        (paid,) = crossing.paid
        assert paid.key == crossing.sent.key
        assert crossing.sent.other_chain in ("", paid.chain) or crossing.returned
        assert not (crossing.sent.terms and paid.terms) or crossing.sent.terms == paid.terms
        if crossing.fee is not None:
            assert 0 <= crossing.fee <= (crossing.sent.units or 0)


@given(st.lists(st.sampled_from(SIDES), max_size=8, unique=True))
def test_crossings_of_different_protocols_never_mix(which: list[tuple[str, int]]) -> None:
    """Any subset of all sides: each crossing is of one protocol, both sides of which are in the subset."""
    ends = [
        end for name, side in which for end in reading(PAIRS[name][side], list(PAIRS[name][side].logs)).ends
    ]
    for crossing in join(ends, shipped().manners).crossings:
        assert {end.protocol for end in crossing.paid} == {crossing.sent.protocol}
        assert crossing.sent.protocol in {name.split()[0] for name, side in which if side == 0}
        assert crossing.sent.protocol in {name.split()[0] for name, side in which if side == 1}


@pytest.mark.parametrize("planted", tuple(one_sided()), ids=lambda planted: planted.protocol)
def test_truncations_of_one_sided_protocols_are_refused_too(planted: Planted) -> None:
    """The same for what has one side only."""
    (log,) = planted.logs
    for cut in range((len(log["data"]) - 2) // 2):
        told = reading(planted, [log | {"data": log["data"][: 2 + 2 * cut]}])
        assert len(told.ends) + len(told.faults) == 1


def test_one_bad_log_hides_no_other() -> None:
    """A router takes any memo from anyone: the deposit beside it is still read."""
    left, _ = PAIRS["thorchain"]
    good = left.logs[0]
    bad = good | {"data": good["data"][:-64], "logIndex": 9}
    told = reading(left, [bad, good])
    assert len(told.ends) == 1
    assert [(fault.protocol, fault.position) for fault in told.faults] == [("thorchain", 9)]


@given(JSON)
def test_any_json_is_a_log_or_refused(value: Any) -> None:  # noqa: ANN401  whatever comes
    """The same for an operation, and for an answer of Midgard."""
    for reader in (Log.of, lambda v: list(wormholescan.ends(v)), lambda v: list(midgard.ends([v]))):
        try:
            reader(value)
        except UndecodableError:
            continue


@given(st.binary(max_size=200))
def test_any_payload_is_read_or_refused(payload: bytes) -> None:
    """A message of a token bridge is anyone's bytes until it is read."""
    try:
        list(wormhole.transfer(Seen("eip155:1", "0x1"), "k", payload=payload))
    except UndecodableError:
        return


def test_every_protocol_of_the_registry_has_a_decoder_and_is_fuzzed() -> None:
    """None is forgotten: planted on both sides, on one, or (Ren) read by a registry of the test's own."""
    planted = {name.split()[0] for name in PAIRS} | {one.protocol for one in one_sided()} | {"ren"}
    assert planted == set(DECODERS) == {protocol.name for protocol in shipped().protocols}
