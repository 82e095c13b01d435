"""Recorded answers of Wormhole's scanner and of Midgard: each completed operation is joined to both sides."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from crossing.writing import log, word
from flowtrace.crossing import (
    End,
    Registry,
    Side,
    UndecodableError,
    join,
    midgard,
    read,
    shipped,
    wormhole,
    wormholescan,
)
from flowtrace.crossing.memo import Ask, read_memo
from flowtrace.crossing.numbers import chain_of
from flowtrace.crossing.seen import Seen
from flowtrace.crossing.thorchain import from_memo, key_of

RECORDED = Path(__file__).resolve().parents[3] / "shared/data/recorded_apis"
SCANNED, XCHAIN = RECORDED / "wormholescan", RECORDED / "xchainjs"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers in ../shared/data are not here"),
]
CORE, BRIDGE = "0x" + "c0" * 20, "0x" + "b0" * 20


def operations() -> list[dict[str, Any]]:
    """Return every recorded operation of the scanner."""
    return [json.loads(path.read_text()) for path in sorted(SCANNED.glob("*.json"))]


def actions(protocol: str) -> list[dict[str, Any]]:
    """Return every recorded answer of a protocol's Midgard."""
    maya = protocol == "maya"
    paths = [path for path in sorted(XCHAIN.rglob("actions.json")) if ("maya" in str(path)) == maya]
    return [json.loads(path.read_text()) for path in paths]


def test_every_operation_of_the_scanner_is_joined_or_waits() -> None:
    """Completed ones have both sides, under the scanner's own id; the others have the first."""
    told = operations()
    done = [one for one in told if (one.get("targetChain") or {}).get("status") == "completed"]
    result = join([end for one in told for end in wormholescan.ends(one)], shipped().manners)
    print(  # noqa: T201  the counts are what is asked for
        f"wormholescan: {len(told)} operations, {len(done)} completed, {len(result.crossings)} joined, "
        f"{len(result.waiting)} waiting, {len(result.misfits)} misfits"
    )
    assert {c.sent.key for c in result.crossings} == {one["id"] for one in done}
    for crossing in result.crossings:
        one = next(one for one in done if one["id"] == crossing.sent.key)
        assert crossing.sent.tx == one["sourceChain"]["transaction"]["txHash"]
        assert crossing.paid[0].tx == one["targetChain"]["transaction"]["txHash"]
    assert len(result.waiting) == len(told) - len(done)
    assert not result.misfits
    assert not result.orphans
    assert (len(told), len(done)) == (15, 10)


def vaa(operation: dict[str, Any]) -> bytes:
    """Return the body of an operation's signed message; nothing where the answer has none."""
    raw = base64.b64decode((operation.get("vaa") or {}).get("raw") or "")
    return raw[6 + 66 * raw[5] :] if raw else b""


def test_the_payload_of_each_real_message_is_what_the_scanner_reads_in_it() -> None:
    """Signed messages of token bridges: key, amount, token and chains, decoded from their bytes."""
    read_ones = 0
    for operation in operations():
        body, told = vaa(operation), (operation.get("content") or {}).get("payload") or {}
        key = (
            wormhole.key_of(int.from_bytes(body[8:10]), body[10:42], int.from_bytes(body[42:50]))
            if body
            else ""
        )
        assert key in ("", operation["id"])
        apps = operation["content"]["standarizedProperties"]["appIds"] or []
        if not body or "PORTAL_TOKEN_BRIDGE" not in apps:
            continue
        (end,) = wormhole.transfer(Seen("x:y", "0x"), key, payload=body[51:])
        read_ones += 1
        properties = operation["content"]["standarizedProperties"]
        assert end.other_chain == chain_of("wormhole", properties["toChain"])
        if told.get("amount"):
            assert end.units == int(told["amount"])
            assert end.asset.startswith(chain_of("wormhole", told["tokenChain"]) + "/")
            assert end.recipient[2:] == told["toAddress"][-len(end.recipient) + 2 :]
    print(f"wormhole: {read_ones} real messages decoded")  # noqa: T201
    assert read_ones == 7


def test_real_messages_as_logs_are_joined_across_their_chains() -> None:
    """The message as the core writes it, the redemption as a token bridge does: one crossing each."""
    found: list[End] = []
    for operation in operations():
        body, target = vaa(operation), operation.get("targetChain") or {}
        apps = operation["content"]["standarizedProperties"]["appIds"] or []
        if not body or "PORTAL_TOKEN_BRIDGE" not in apps or body[10:22] != bytes(12):
            continue
        chain = int.from_bytes(body[8:10])
        emitter, sequence = f"0x{body[22:42].hex()}", int.from_bytes(body[42:50])
        here, there = chain_of("wormhole", chain), chain_of("wormhole", target["chainId"])
        book = _registry({(here, CORE): "core", (here, emitter): "bridge", (there, BRIDGE): "bridge"})
        sent = log(
            wormhole.PUBLISHED, CORE, [sequence, 0, body[51:], 1], types="uint64,uint32,bytes,uint8",
            topics=(word(emitter),),
        )  # fmt: skip
        paid = log(wormhole.REDEEMED, BRIDGE, [], topics=(word(chain), body[10:42], word(sequence)))
        found += read(
            [sent], chain=here, tx=operation["sourceChain"]["transaction"]["txHash"], registry=book
        ).ends
        found += read([paid], chain=there, tx=target["transaction"]["txHash"], registry=book).ends
    result = join(found, shipped().manners)
    print(f"wormhole: {len(result.crossings)} real messages joined as logs")  # noqa: T201
    assert len(result.crossings) * 2 == len(found) == 12


def _registry(contracts: dict[tuple[str, str], str]) -> Registry:
    rows = [
        f'[[contract]]\nprotocol="wormhole"\nchain="{chain}"\naddress="{at}"\nrole="{role}"\nsource="s"\n'
        for (chain, at), role in contracts.items()
    ]
    return Registry.read("\n".join(rows))


@pytest.mark.parametrize(("protocol", "swaps", "joined"), [("thorchain", 5, 4), ("maya", 5, 4)])
def test_every_completed_swap_of_midgard_is_joined(protocol: str, swaps: int, joined: int) -> None:
    """Streaming and affiliates included; a pending one waits; what is no swap is left out."""
    answers = actions(protocol)
    found = list(midgard.ends(answers, protocol))
    result = join(found, shipped().manners)
    moves = {
        one["in"][0]["txID"]: one
        for answer in answers
        for one in answer["actions"]
        if one["type"] in ("swap", "refund")
    }
    done = {tx for tx, one in moves.items() if one["status"] == "success"}
    parts = sum(len(c.paid) for c in result.crossings)
    print(  # noqa: T201  the counts are what is asked for
        f"{protocol}: {len(moves)} deposits, {len(done)} completed, {len(result.crossings)} joined with "
        f"{parts} payments, {len(result.waiting)} waiting, {len(result.misfits)} misfits"
    )
    assert {c.sent.tx for c in result.crossings} == done
    assert {end.tx for end in result.waiting} == set(moves) - done
    assert not result.misfits
    assert not result.orphans
    assert (len(moves), len(done)) == (swaps, joined)
    for crossing in result.crossings:
        paid = {
            (coin["asset"], int(coin["amount"]))
            for out in moves[crossing.sent.tx]["out"]
            for coin in out["coins"]
        }
        assert {(end.asset, end.units) for end in crossing.paid} == paid


def test_a_deposit_told_as_two_actions_is_one_with_both_amounts() -> None:
    """Maya tells the affiliate's hundredth and the rest apart, with the same payments: 1 ETH went in."""
    (answer,) = [one for one in actions("maya") if len(one["actions"]) == 4]
    found = list(midgard.ends([answer], "maya"))
    (sent,) = [end for end in found if end.side is Side.SENT and end.tx.startswith("224CAF4D")]
    assert sent.units == 1_000_000 + 99_000_000
    assert len([end for end in found if end.key == sent.key and end.side is Side.PAID]) == 2


def test_scheduled_refunds_of_thornode_join_the_deposits_they_name() -> None:
    """Payments that THORNode had queued: each memo names a deposit, and is its refund."""
    rows = {
        row["memo"]: row
        for path in sorted(XCHAIN.rglob("scheduledQueue.json"))
        for row in json.loads(path.read_text())
    }
    refunds = {memo: row for memo, row in rows.items() if memo.startswith("REFUND:")}
    for memo, row in refunds.items():
        (back,) = from_memo(Seen("thorchain:BNB", "", 9), memo, units=int(row["coin"]["amount"]))
        (sent,) = from_memo(
            Seen("thorchain:BNB", memo.removeprefix("REFUND:"), 5), "=:r:thor1x", units=10**12
        )
        (crossing,) = join([back, sent], shipped().manners).crossings
        assert crossing.returned
    print(f"thornode: {len(refunds)} queued refunds joined to the deposit they name")  # noqa: T201
    assert len(refunds) == 5


def test_every_recorded_memo_of_a_swap_is_read() -> None:
    """Midgard's and THORNode's memos, as people wrote them; THORNode's deposit is keyed by its own hash."""
    memos = set()
    for path in sorted(XCHAIN.rglob("*.json")):
        text = path.read_text()
        memos |= {part.split('"')[1] for part in text.split('"memo":')[1:] if '"' in part}
    swaps = [memo for memo in sorted(memos) if memo.partition(":")[0].lower() in ("=", "s", "swap")]
    for memo in swaps:
        found = read_memo("maya" if "maya1" in memo else "thorchain", memo)
        assert found is not None
        assert found.ask is Ask.SWAP
        assert "." in found.asset or "/" in found.asset or "~" in found.asset or found.asset == "RUNE"
    print(f"memos: {len(swaps)} of swaps read")  # noqa: T201
    assert len(swaps) >= 14
    observed = json.loads(next(XCHAIN.rglob("thornodeTx.json")).read_text())["observed_tx"]["tx"]
    (end,) = from_memo(Seen("thorchain:BTC", observed["id"]), observed["memo"])
    assert end.key == key_of(observed["id"]) == observed["id"]


def test_routers_of_the_registry_are_those_thornode_and_mayanode_told() -> None:
    """Inbound addresses as recorded: each router on Ethereum mainnet and others that we name was told."""
    told = {
        row["router"].lower()
        for path in sorted(XCHAIN.rglob("*nbound*ddresses*.json"))
        for row in json.loads(path.read_text())
        if isinstance(row, dict) and row.get("router")
    }
    named = {c.address for name in ("thorchain", "maya") for c in shipped().contracts if c.protocol == name}
    print(f"routers: {len(named & told)} of {len(named)} recorded")  # noqa: T201
    assert len(named & told) == 4


@pytest.mark.parametrize("answer", [{}, {"actions": 3}, {"actions": [{"type": "swap"}]}, {"actions": [None]}])
def test_what_is_no_answer_is_refused(answer: dict[str, Any]) -> None:
    """Its own error for each index."""
    with pytest.raises(UndecodableError):
        list(midgard.ends([answer]))
    with pytest.raises(UndecodableError):
        list(wormholescan.ends(answer))
