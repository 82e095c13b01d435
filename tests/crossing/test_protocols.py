"""Each protocol, both sides: read from logs that were encoded by another hand, and joined."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossing.planted import (
    ANN,
    BEN,
    KEY,
    OUT,
    PAIRS,
    TOKEN,
    VAULT,
    Planted,
    cctp2_pair,
    debridge_pair,
    one_sided,
    payload,
    wormhole_pair,
)
from crossing.writing import ARB, AVAX, BASE, ETH, OP, TX, TX_2, who, wide
from flowtrace.crossing import (
    End,
    Side,
    UndecodableError,
    avalanche_bridge,
    join,
    layerzero,
    op_stack,
    orbiter,
    read,
    ren,
    shipped,
    wormhole,
)
from flowtrace.crossing.seen import Seen
from flowtrace.model import Class

FEES: dict[str, int | None] = {"thorchain refund": 20, "cctp": 0, "cctp2": 7, "axelar": 0}


def ends(planted: Planted, time: int | None = None) -> tuple[End, ...]:
    """Return what a planted transaction tells; all of it can be read."""
    reading = read(planted.logs, chain=planted.chain, tx=planted.tx, time=time, vaults=[VAULT])
    assert reading.faults == ()
    return reading.ends


@pytest.mark.parametrize("name", PAIRS)
def test_both_sides_of_a_crossing_are_joined(name: str) -> None:
    """One end sends, one pays, nothing else is told; chains, transactions, fee and class are right."""
    left, came = PAIRS[name]
    (crossing,) = join([*ends(came, 160), *ends(left, 100)], shipped().manners).crossings
    assert (crossing.sent.protocol, crossing.gap, crossing.cls) == (left.protocol, 60, Class.C)
    assert (crossing.sent.chain, crossing.sent.tx) == (left.chain, TX)
    assert [(end.chain, end.tx) for end in crossing.paid] == [(came.chain, TX_2)]
    assert crossing.fee == FEES.get(name)
    assert crossing.returned == (name == "thorchain refund")


@pytest.mark.parametrize("name", PAIRS)
def test_the_named_recipient_is_followed_and_not_the_payer(name: str) -> None:
    """Who pays is a relayer; the recipient is Ben, or the contract that was called."""
    left, came = PAIRS[name]
    (sent,), (paid,) = ends(left), ends(came)
    silent = {"wormhole 1", "wormhole 3", "hop", "op_stack"}  # the side that pays names nobody
    assert paid.recipient == ("" if name in silent else OUT if name == "axelar" else BEN)
    early = {
        "across": ANN,
        "across 3": ANN,
        "axelar": OUT,
        "layerzero": "",
    }  # changed later, or told only there
    if name.startswith("across"):
        early["across"] = early["across 3"] = sent.recipient
    assert sent.recipient == early.get(name, BEN)


@pytest.mark.parametrize("name", PAIRS)
def test_a_contract_that_the_registry_does_not_name_tells_nothing(name: str) -> None:
    """The same logs from an address of anyone's: no end, and so no crossing."""
    for side in PAIRS[name]:
        forged = [log | {"address": who(0xBAD)} for log in side.logs]
        assert read(forged, chain=side.chain, tx=side.tx).ends == ()


@pytest.mark.parametrize("name", PAIRS)
def test_a_payment_on_another_chain_than_the_one_named_is_refused(name: str) -> None:
    """Where a message names its destination, the same payment elsewhere is a misfit."""
    (sent,), (paid,) = ends(PAIRS[name][0]), ends(PAIRS[name][1])
    stray = join([sent, replace(paid, chain="eip155:424242")], shipped().manners)
    assert bool(stray.misfits) == bool(sent.other_chain or paid.side is Side.RETURNED)


def test_a_guid_of_layerzero_is_the_vector() -> None:
    """Nonce 1, 30101 to 30110, sender 0x11… and receiver 0x22…: 385573dc… exactly."""
    sender, receiver = wide("0x" + "11" * 20), wide("0x" + "22" * 20)
    made = layerzero.guid(1, 30101, sender, destination=30110, receiver=receiver)
    assert made == "0x385573dc40a1c8c196ef922b968c3bde76f295c5d5b61661dd96373be24023c5"


def test_a_token_that_did_not_send_the_packet_is_not_believed() -> None:
    """Another contract's OFTSent with the packet's GUID, in the same transaction, tells no amount."""
    left, _ = PAIRS["layerzero"]
    packet, told = left.logs
    liar = told | {"address": who(0xBAD), "data": told["data"][:-64] + "f" * 64}
    (end,) = read([packet, liar], chain=ETH, tx=TX).ends
    assert (end.units, end.asset) == (None, "")
    (true,) = read([packet, liar, told], chain=ETH, tx=TX).ends
    assert (true.units, true.fee, true.asset) == (1000, 10, f"{ETH}/{TOKEN}")


def test_a_packet_that_is_not_its_guid_is_refused() -> None:
    """A nonce changed within the packet: the GUID it carries is another's."""
    packet = PAIRS["layerzero"][0].logs[0]
    changed = packet | {"data": packet["data"].replace("010000000000000005", "010000000000000006", 1)}
    reading = read([changed], chain=ETH, tx=TX)
    assert reading.ends == ()
    assert "GUID" in reading.faults[0].why


def test_a_message_of_wormhole_tells_token_amount_recipient_and_fee() -> None:
    """Payload 1 has the relayer's fee, payload 3 a sender and more; both are of the same key."""
    (first,), (third,) = ends(wormhole_pair()[0]), ends(wormhole_pair(3)[0])
    assert (first.asset, first.units, first.recipient, first.fee) == (f"{ETH}/{TOKEN}", 700, BEN, 20)
    assert (third.units, third.fee, third.other_chain) == (700, None, BASE)
    assert first.key == third.key == f"2/{'0' * 24}3ee18b2214aff97000d974cf647e7c347e8fa585/77"


@pytest.mark.parametrize("size", [1, 132, 134])
def test_a_transfer_of_wormhole_of_another_length_is_refused(size: int) -> None:
    """Payload 1 has 133 bytes and no other number."""
    whole = payload(1) + b"x"
    with pytest.raises(UndecodableError, match="133"):
        list(wormhole.transfer(Seen(ETH, TX), "k", payload=whole[:size]))


def test_an_emitter_that_is_no_token_bridge_moves_nothing() -> None:
    """Anyone can publish a message of the same form through the core."""
    log = wormhole_pair()[0].logs[0]
    assert read([log | {"topics": [log["topics"][0], "0x" + wide(ANN).hex()]}], chain=ETH, tx=TX).ends == ()


def test_fee_and_expiry_of_cctp_2_do_not_change_the_key() -> None:
    """Circle fills them in after the message left; everything else does change it."""
    keys = {ends(cctp2_pair(fee)[1])[0].key for fee in (0, 7, 999)}
    assert keys == {ends(cctp2_pair()[0])[0].key}
    log = cctp2_pair()[1].logs[0]
    other = log | {"data": log["data"].replace(wide(BEN).hex(), wide(ANN).hex())}
    assert read([other], chain=BASE, tx=TX_2).ends[0].key not in keys


def test_an_order_that_names_another_receiver_is_a_misfit() -> None:
    """The id is the same and the order is not: the two logs contradict each other."""
    result = join([*ends(debridge_pair()[0]), *ends(debridge_pair(ANN)[1])], shipped().manners)
    assert "receiver" in result.misfits[0].why


def test_a_message_hash_of_the_op_stack_is_that_of_its_call() -> None:
    """The selectors of relayMessage are the known ones, of both versions."""
    assert op_stack._CALL.hex() == "d764ad0b"  # noqa: SLF001
    assert op_stack._CALL_0.hex() == "cbd4ece9"  # noqa: SLF001
    (sent,) = ends(PAIRS["op_stack"][0])
    assert (sent.chain, sent.asset, sent.units, sent.recipient) == (OP, f"{OP}/{TOKEN}", 40, BEN)
    args = {"value": 0, "gas": 1, "message": b"m"}
    old = op_stack.message_hash(5, ANN, BEN, **args)  # type: ignore[arg-type]
    assert old != op_stack.message_hash((1 << 240) + 5, ANN, BEN, **args)  # type: ignore[arg-type]


def test_protocols_with_one_side_on_the_chain_tell_that_one() -> None:
    """Chainflip's swap waits; Synapse's mint and the Avalanche Bridge's are orphans with their key."""
    told = [end for planted in one_sided() for end in ends(planted)]
    result = join(told, shipped().manners)
    assert [end.protocol for end in result.waiting] == ["chainflip"]
    assert [end.protocol for end in result.orphans] == ["avalanche_bridge", "synapse"]
    swap = result.waiting[0]
    assert (swap.other_chain, swap.units, swap.recipient) == ("chainflip:3", 25, "bc1q" + "a" * 38)
    assert (result.orphans[1].units, result.orphans[1].fee) == (23, 2)


def test_a_payment_known_to_go_to_the_avalanche_bridge_joins_its_mint() -> None:
    """The mint names transaction and output of origin."""
    mint = next(end for planted in one_sided() for end in ends(planted) if planted.chain == AVAX)
    paid = avalanche_bridge.deposit(Seen("bip122:btc", TX), output=1, asset="btc", units=100)
    assert join([mint, paid]).crossings[0].sent == paid
    assert not join([mint, avalanche_bridge.deposit(Seen("bip122:btc", TX), output=2)]).crossings


def test_ren_tells_mints_and_burns() -> None:
    """A gateway that a user's registry names; the shipped one names none."""
    from crossing.writing import log, word  # noqa: PLC0415  used here only

    gateway = who(0x9E)
    mint = log(ren.MINTED, gateway, [88], types="uint256", topics=(word(BEN), word(1), bytes([4] * 32)))
    burn = log(
        ren.BURNT, gateway, [b"3Bitcoin", 77], types="bytes,uint256", topics=(word(6), bytes(32)), at=1
    )
    text = f"""
[protocol.ren]
key = "k"
topics = []
source = "s"
[[contract]]
protocol = "ren"
chain = "{ETH}"
address = "{gateway}"
source = "s"
"""
    registry = type(shipped()).read(text)
    one, other = read([mint, burn], chain=ETH, tx=TX, registry=registry).ends
    assert (one.side, one.units, one.recipient) == (Side.PAID, 88, BEN)
    assert (other.side, other.units, other.recipient) == (Side.SENT, 77, "3Bitcoin")


@pytest.mark.parametrize(("units", "chain"), [(10**16 + 9007, OP), (9002, ARB), (10**16, ""), (-991, "")])
def test_orbiters_digits_name_a_chain(units: int, chain: str) -> None:
    """The last four digits, and nothing where they are no code."""
    assert orbiter.destination(units) == chain


def test_the_key_of_a_deposit_is_upper_case_without_0x() -> None:
    """As the memo of its payment writes it."""
    assert ends(PAIRS["thorchain"][0])[0].key == KEY


@pytest.mark.parametrize("name", ["thorchain", "maya", "thorchain refund"])
def test_a_router_pays_out_for_anyone_so_only_a_vault_is_vouched_for(name: str) -> None:
    """The same log without the vault being known: inferred, no better."""
    left, came = PAIRS[name]
    found = [*ends(left), *read(came.logs, chain=came.chain, tx=came.tx).ends]
    assert join(found, shipped().manners).crossings[0].cls is Class.P


@pytest.mark.parametrize("name", ["cctp", "cctp2"])
def test_a_burn_that_circles_messenger_did_not_send_is_not_vouched_for(name: str) -> None:
    """Anyone can send a message whose body looks like a burn of a million, to themselves."""
    found: list[End] = []
    for side in PAIRS[name]:
        messenger = next(c.address for c in shipped().of(name, ETH) if c.role == "messenger")
        forged = [one | {"data": one["data"].replace(messenger[2:], ANN[2:])} for one in side.logs]
        found += read(forged, chain=side.chain, tx=side.tx).ends
    (crossing,) = join(found, shipped().manners).crossings
    assert crossing.cls is Class.P


def test_a_message_that_only_looks_like_the_standard_bridges_pays_nobody() -> None:
    """Another sender's call of the same form tells no amount and no recipient."""
    left, _ = PAIRS["op_stack"]
    bridge = next(c.address for c in shipped().of("op_stack", OP) if c.role == "bridge")
    forged = [one | {"data": one["data"].replace(bridge[2:], ANN[2:])} for one in left.logs]
    (end,) = read(forged, chain=OP, tx=TX).ends
    assert (end.units, end.asset, end.recipient) == (None, "", "")


def test_a_false_fill_hides_no_true_one() -> None:
    """Someone fills the same deposit id with less put in: set aside, and the true fill is joined."""
    left, came = PAIRS["across"]
    (true,) = ends(came)
    lie = replace(true, tx="0xee", terms=(("amount in", "1"), *true.terms[2:]))
    result = join([*ends(left), lie, true], shipped().manners)
    assert [crossing.paid for crossing in result.crossings] == [(true,)]
    assert [misfit.ends[1] for misfit in result.misfits] == [lie]
