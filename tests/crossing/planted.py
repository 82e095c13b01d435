"""A transaction of each protocol and side as its contracts write it, encoded by another hand than decodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from crossing.writing import ARB, AVAX, BASE, ETH, OP, TX, TX_2, log, who, wide, word
from flowtrace.crossing import (
    across,
    arbitrum,
    avalanche_bridge,
    axelar,
    cbridge,
    cctp,
    cctp2,
    chainflip,
    debridge,
    hop,
    layerzero,
    op_stack,
    shipped,
    synapse,
    thorchain,
    wormhole,
)

VAULT = who(9)
ANN, BEN, RELAYER, TOKEN, OUT = who(0xA), who(0xB), who(0xE), who(0x70), who(0x71)
KEY = TX.removeprefix("0x").upper()


@dataclass(frozen=True)
class Planted:
    """One side: its protocol, its chain and transaction, and all logs of it."""

    protocol: str
    chain: str
    tx: str
    logs: tuple[dict[str, Any], ...]


def contract(protocol: str, chain: str, role: str = "", *, last: bool = False) -> str:
    """Return a contract of the shipped registry."""
    found = [c.address for c in shipped().of(protocol, chain) if c.role == role]
    return found[-1 if last else 0]


def thorchain_pair(
    protocol: str = "thorchain", answer: str = "OUT", asset: str = OUT
) -> tuple[Planted, Planted]:
    """Return a deposit on Ethereum and what a router pays for it there: a swap within one chain."""
    router = contract(protocol, ETH)
    memo = f"=:e:{BEN}:0/1/0:wr:100"
    deposit = log(
        thorchain.DEPOSIT, router, [500, memo], types="uint256,string", topics=(word(VAULT), word(TOKEN))
    )
    paid = log(
        thorchain.OUT, router, [asset, 480, f"{answer}:{KEY}"], types="address,uint256,string",
        topics=(word(VAULT), word(BEN)), at=4,
    )  # fmt: skip
    return Planted(protocol, ETH, TX, (deposit,)), Planted(protocol, ETH, TX_2, (paid,))


def payload(kind: int, units: int = 700, fee: int = 20) -> bytes:
    """Return a transfer of Wormhole's token bridge from Ethereum to Base."""
    head = bytes([kind]) + units.to_bytes(32) + wide(TOKEN) + (2).to_bytes(2) + wide(BEN) + (30).to_bytes(2)
    return head + (fee.to_bytes(32) if kind == 1 else wide(ANN) + b"more")


def wormhole_pair(kind: int = 1) -> tuple[Planted, Planted]:
    """Return a transfer from Ethereum and its redemption on Base."""
    bridge = contract("wormhole", ETH, "bridge")
    sent = log(
        wormhole.PUBLISHED, contract("wormhole", ETH, "core"), [77, 0, payload(kind), 1],
        types="uint64,uint32,bytes,uint8", topics=(word(bridge),),
    )  # fmt: skip
    paid = log(
        wormhole.REDEEMED, contract("wormhole", BASE, "bridge"), [], topics=(word(2), wide(bridge), word(77))
    )
    return Planted("wormhole", ETH, TX, (sent,)), Planted("wormhole", BASE, TX_2, (paid,))


def layerzero_pair() -> tuple[Planted, Planted]:
    """Return a token that goes from Ethereum to Arbitrum, 1000 of which 990 arrive."""
    endpoint, there = contract("layerzero", ETH, "endpoint"), contract("layerzero", ARB, "endpoint")
    guid = keccak((5).to_bytes(8) + (30101).to_bytes(4) + wide(TOKEN) + (30110).to_bytes(4) + wide(OUT))
    packet = b"\x01" + (5).to_bytes(8) + (30101).to_bytes(4) + wide(TOKEN) + (30110).to_bytes(4) + wide(OUT)
    sent = log(
        layerzero.SENT, endpoint, [packet + guid + b"message", b"", who(1)], types="bytes,bytes,address", at=2
    )
    told = log(
        layerzero.OFT_SENT, TOKEN, [30110, 1000, 990], types="uint32,uint256,uint256",
        topics=(guid, word(ANN)), at=3,
    )  # fmt: skip
    came = log(
        layerzero.DELIVERED,
        there,
        [(30101, wide(TOKEN), 5), OUT],
        types="(uint32,bytes32,uint64),address",
        at=6,
    )
    got = log(
        layerzero.OFT_RECEIVED, OUT, [30101, 990], types="uint32,uint256", topics=(guid, word(BEN)), at=5
    )
    return Planted("layerzero", ETH, TX, (sent, told)), Planted("layerzero", ARB, TX_2, (got, came))


def cctp_pair() -> tuple[Planted, Planted]:
    """Return 1,000 USDC burnt on Ethereum and minted on Arbitrum."""
    body = bytes(4) + wide(TOKEN) + wide(BEN) + (1000).to_bytes(32) + wide(ANN)
    head = (
        bytes(4)
        + bytes(4)
        + (3).to_bytes(4)
        + (42).to_bytes(8)
        + wide(contract("cctp", ETH, "messenger"))
        + wide(who(2))
        + bytes(32)
    )
    sent = log(cctp.SENT, contract("cctp", ETH), [head + body], types="bytes")
    paid = log(
        cctp.RECEIVED, contract("cctp", ARB), [0, wide(contract("cctp", ETH, "messenger")), body],
        types="uint32,bytes32,bytes", topics=(word(RELAYER), word(42)),
    )  # fmt: skip
    return Planted("cctp", ETH, TX, (sent,)), Planted("cctp", ARB, TX_2, (paid,))


def cctp2_pair(fee: int = 7) -> tuple[Planted, Planted]:
    """Return 1,000 USDC burnt on Ethereum and minted on Base, less a fee that Circle fills in."""
    start = (1).to_bytes(4) + wide(TOKEN) + wide(BEN) + (1000).to_bytes(32) + wide(ANN) + (9).to_bytes(32)
    head = (
        (1).to_bytes(4) + bytes(4) + (6).to_bytes(4) + bytes(32) + wide(contract("cctp2", ETH, "messenger"))
    )
    head += wide(who(2)) + bytes(32)
    message = head + (1000).to_bytes(4) + bytes(4) + start + bytes(64) + b"hook"
    sent = log(cctp2.SENT, contract("cctp2", ETH), [message], types="bytes")
    body = start + fee.to_bytes(32) + (123456).to_bytes(32) + b"hook"
    paid = log(
        cctp2.RECEIVED, contract("cctp2", BASE), [0, wide(contract("cctp2", ETH, "messenger")), body],
        types="uint32,bytes32,bytes", topics=(word(RELAYER), bytes([9] * 32), word(1000)),
    )  # fmt: skip
    return Planted("cctp2", ETH, TX, (sent,)), Planted("cctp2", BASE, TX_2, (paid,))


def across_pair(version: int = 4) -> tuple[Planted, Planted]:
    """Return a deposit on Ethereum and its fill on Arbitrum, whose recipient was changed to Ben."""
    here, there = contract("across", ETH), contract("across", ARB)
    ends = word(42161), word(8), word(ANN)
    fill = word(1), word(8), word(RELAYER)
    if version == 4:
        plain = "bytes32,bytes32,uint256,uint256,uint32,uint32,uint32,bytes32,bytes32,bytes"
        out = "bytes32,bytes32,uint256,uint256,uint256,uint32,uint32,bytes32,bytes32,bytes32,bytes32"
        values = [wide(TOKEN), wide(OUT), 900, 890, 1, 2, 3, wide(ANN), wide(who(0)), b"hi"]
        filled = [wide(TOKEN), wide(OUT), 900, 890, 1, 2, 3, wide(who(0)), wide(ANN), wide(ANN), bytes(32)]
        sent = log(across.DEPOSITED, here, values, types=plain, topics=ends)
        paid = log(
            across.FILLED, there, [*filled, (wide(BEN), bytes(32), 880, 0)],
            types=f"{out},(bytes32,bytes32,uint256,uint8)", topics=fill,
        )  # fmt: skip
    elif version == 3:
        plain = "address,address,uint256,uint256,uint32,uint32,uint32,address,address,bytes"
        out = "address,address,uint256,uint256,uint256,uint32,uint32,address,address,address,bytes"
        sent = log(
            across.DEPOSITED_3,
            here,
            [TOKEN, OUT, 900, 890, 1, 2, 3, ANN, who(0), b"hi"],
            types=plain,
            topics=ends,
        )
        paid = log(
            across.FILLED_3, there,
            [TOKEN, OUT, 900, 890, 1, 2, 3, who(0), ANN, ANN, b"hi", (BEN, b"hi", 880, 0)],
            types=f"{out},(address,bytes,uint256,uint8)", topics=fill,
        )  # fmt: skip
    else:
        sent = log(
            across.DEPOSITED_2, here, [900, 1, 5, 6, TOKEN, BEN, b""],
            types="uint256,uint256,int64,uint32,address,address,bytes", topics=ends,
        )  # fmt: skip
        paid = log(
            across.FILLED_2, there,
            [900, 900, 900, 1, 42161, 5, 6, OUT, RELAYER, BEN, b"", (BEN, b"", 5, False, 0)],
            types="uint256,uint256,uint256,uint256,uint256,int64,int64,address,address,address,bytes,"
            "(address,bytes,int64,bool,int256)", topics=(word(1), word(8), word(ANN)),
        )  # fmt: skip
    return Planted("across", ETH, TX, (sent,)), Planted("across", ARB, TX_2, (paid,))


def debridge_pair(receiver: str = BEN) -> tuple[Planted, Planted]:
    """Return an order made on Ethereum and fulfilled on Base."""
    raw = bytes.fromhex
    order = (
        3, raw(ANN[2:]), 1, raw(TOKEN[2:]), 600, 8453, raw(OUT[2:]), 590, raw(receiver[2:]), raw(ANN[2:]),
        raw(ANN[2:]), b"", b"", b"",
    )  # fmt: skip
    kind = debridge._ORDER  # noqa: SLF001  the order's type, as the event has it
    sent = log(
        debridge.CREATED, contract("debridge", ETH), [order, bytes([5] * 32), b"", 1, 2, 3, b"{}"],
        types=f"{kind},bytes32,bytes,uint256,uint256,uint32,bytes",
    )  # fmt: skip
    paid = log(
        debridge.FULFILLED, contract("debridge", BASE, last=True), [order, bytes([5] * 32), RELAYER, RELAYER],
        types=f"{kind},bytes32,address,address",
    )  # fmt: skip
    return Planted("debridge", ETH, TX, (sent,)), Planted("debridge", BASE, TX_2, (paid,))


def axelar_pair() -> tuple[Planted, Planted]:
    """Return a call with 50 USDC from Ethereum and its approval on Polygon."""
    digest = keccak(b"payload")
    sent = log(
        axelar.CALLED, contract("axelar", ETH), ["Polygon", OUT, b"payload", "axlUSDC", 50],
        types="string,string,bytes,string,uint256", topics=(word(ANN), digest),
    )  # fmt: skip
    paid = log(
        axelar.APPROVED, contract("axelar", "eip155:137"),
        ["Ethereum", ANN, "axlUSDC", 50, bytes.fromhex(TX[2:]), 3],
        types="string,string,string,uint256,bytes32,uint256", topics=(bytes([1] * 32), word(OUT), digest),
    )  # fmt: skip
    return Planted("axelar", ETH, TX, (sent,)), Planted("axelar", "eip155:137", TX_2, (paid,))


def cbridge_pair() -> tuple[Planted, Planted]:
    """Return a transfer from Ethereum to Arbitrum."""
    key = bytes([6] * 32)
    sent = log(
        cbridge.SENT, contract("cbridge", ETH), [key, ANN, BEN, TOKEN, 70, 42161, 1, 100],
        types="bytes32,address,address,address,uint256,uint64,uint64,uint32",
    )  # fmt: skip
    paid = log(
        cbridge.RELAYED, contract("cbridge", ARB), [bytes(32), ANN, BEN, OUT, 69, 1, key],
        types="bytes32,address,address,address,uint256,uint64,bytes32",
    )  # fmt: skip
    return Planted("cbridge", ETH, TX, (sent,)), Planted("cbridge", ARB, TX_2, (paid,))


def op_stack_pair() -> tuple[Planted, Planted]:
    """Return 40 of a token withdrawn from Optimism and relayed on Ethereum."""
    here, there = contract("op_stack", OP), contract("op_stack", ETH)
    call = encode(
        ["address", "address", "address", "address", "uint256", "bytes"], [OUT, TOKEN, ANN, BEN, 40, b""]
    )
    message = keccak(b"finalizeBridgeERC20(address,address,address,address,uint256,bytes)")[:4] + call
    nonce = (1 << 240) + 4
    kinds = ["uint256", "address", "address", "uint256", "uint256", "bytes"]
    whole = bytes.fromhex("d764ad0b") + encode(
        kinds, [nonce, contract("op_stack", OP, "bridge"), who(0x11), 0, 200_000, message]
    )
    sent = log(
        op_stack.SENT, here, [contract("op_stack", OP, "bridge"), message, nonce, 200_000],
        types="address,bytes,uint256,uint256",
        topics=(word(who(0x11)),), at=3,
    )  # fmt: skip
    value = log(
        op_stack.VALUE, here, [0], types="uint256", topics=(word(contract("op_stack", OP, "bridge")),), at=4
    )
    paid = log(op_stack.RELAYED, there, [], topics=(keccak(whole),))
    return Planted("op_stack", OP, TX, (sent, value)), Planted("op_stack", ETH, TX_2, (paid,))


def arbitrum_pair() -> tuple[Planted, Planted]:
    """Return 30 wei sent out of Arbitrum and carried out on Ethereum."""
    sent = log(
        arbitrum.SENT, contract("arbitrum", ARB), [ANN, 1, 2, 3, 30, b""],
        types="address,uint256,uint256,uint256,uint256,bytes", topics=(word(BEN), word(1), word(99)),
    )  # fmt: skip
    paid = log(
        arbitrum.EXECUTED,
        contract("arbitrum", ETH),
        [99],
        types="uint256",
        topics=(word(BEN), word(ANN), word(0)),
    )
    return Planted("arbitrum", ARB, TX, (sent,)), Planted("arbitrum", ETH, TX_2, (paid,))


def hop_pair() -> tuple[Planted, Planted]:
    """Return two ends on the one chain whose bridge the registry names: enough to join them."""
    bridge, key = contract("hop", ETH), bytes([8] * 32)
    sent = log(
        hop.SENT, bridge, [60, bytes(32), 2, 0, 0, 0],
        types="uint256,bytes32,uint256,uint256,uint256,uint256",
        topics=(key, word(1), word(BEN)),
    )  # fmt: skip
    paid = log(hop.BONDED, bridge, [60], types="uint256", topics=(key,))
    return Planted("hop", ETH, TX, (sent,)), Planted("hop", ETH, TX_2, (paid,))


PAIRS = {
    "thorchain": thorchain_pair(),
    "maya": thorchain_pair("maya"),
    "thorchain refund": thorchain_pair(answer="REFUND", asset=TOKEN),
    "wormhole 1": wormhole_pair(),
    "wormhole 3": wormhole_pair(3),
    "layerzero": layerzero_pair(),
    "cctp": cctp_pair(),
    "cctp2": cctp2_pair(),
    "across": across_pair(),
    "across 3": across_pair(3),
    "across 2": across_pair(2),
    "debridge": debridge_pair(),
    "axelar": axelar_pair(),
    "cbridge": cbridge_pair(),
    "op_stack": op_stack_pair(),
    "arbitrum": arbitrum_pair(),
    "hop": hop_pair(),
}
"""A crossing of each protocol: what leaves and what comes."""


def one_sided() -> Iterator[Planted]:
    """Yield transactions of protocols whose other side no log tells."""
    vault = contract("chainflip", ETH)
    swap = ["uint32", "bytes", "uint32", "address", "uint256", "bytes"]
    yield Planted(
        "chainflip", ETH, TX,
        (log(chainflip.TOKEN, vault, [3, b"bc1q" + b"a" * 38, 5, TOKEN, 25, b""], types=",".join(swap),
             topics=(word(ANN),)),),
    )  # fmt: skip
    yield Planted(
        "synapse", ETH, TX,
        (log(synapse.MINTED, contract("synapse", ETH), [TOKEN, 25, 2], types="address,uint256,uint256",
             topics=(word(BEN), bytes([3] * 32))),),
    )  # fmt: skip
    yield Planted(
        "avalanche_bridge", AVAX, TX_2,
        (log(avalanche_bridge.MINTED_COIN, contract("avalanche_bridge", AVAX),
             [BEN, 95, RELAYER, 5, bytes.fromhex(TX[2:]), 1],
             types="address,uint256,address,uint256,bytes32,uint256"),),
    )  # fmt: skip
