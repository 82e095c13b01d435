"""Issuers' freezes: the table, the events, the question; and the eighteen real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels.dumps import Dump
from flowtrace.labels.files import read_labels
from flowtrace.labels.freezes import read_freezes
from flowtrace.model import Act, Address, Amount, Asset, Chain, Use, frozen_now
from flowtrace.moves.freezes import EVENTS, ISSUED, freezes_of, question

SHARED = Path(__file__).parents[2].parent / "shared/data/labels"
ETHEREUM, TRON = Chain.of("ethereum"), Chain.of("tron")
USDT, USDC = "0xdac17f958d2ee523a2206206994597c13d831ec7", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
VICTIM = "0x" + "ab" * 20
TOPICS = {name: topic for topic, (_, name) in EVENTS.items()}


def log(contract: str, event: str, *more: str, data: str = "0x", height: int = 16) -> dict[str, object]:
    """Return a log as a node answers it."""
    return {
        "address": contract, "topics": [TOPICS[event], *more], "data": data, "blockNumber": hex(height),
        "transactionHash": "0x" + "cd" * 32, "blockTimestamp": hex(1_742_000_000),
    }  # fmt: skip


def word(account: str) -> str:
    """Return an account as a word of 32 bytes."""
    return account[2:].rjust(64, "0")


def test_topics_are_those_of_the_contracts() -> None:
    """The hash of AddedBlackList is the one that explorers show for Tether's first freezes."""
    assert TOPICS["AddedBlackList"] == "0x42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc"


def test_events_of_both_issuers_are_read() -> None:
    """Tether puts the address into the data, Circle into a topic; the label says since when."""
    tether = log(USDT, "AddedBlackList", data="0x" + word(VICTIM))
    circle = log(USDC, "Blacklisted", "0x" + word(VICTIM), height=17)
    gone = log(USDT, "DestroyedBlackFunds", data="0x" + word(VICTIM) + f"{5_000_000:064x}", height=18)
    first, second, third = freezes_of(ETHEREUM, [tether, circle, gone])
    assert (first.asset.symbol, first.issuer, first.act) == ("USDT", "Tether", Act.FROZEN)
    assert (second.asset.symbol, second.issuer, second.act) == ("USDC", "Circle", Act.FROZEN)
    assert (third.act, third.units) == (Act.DESTROYED, 5_000_000)
    label = first.label()
    assert (label.use, label.date, label.confidence) == (Use.FROZEN, "2025-03-15", "ledger_immanent")
    assert str(first.asset) in label.source


def test_a_release_ends_a_freeze() -> None:
    """Who was taken off the list again is frozen no more; a later freeze counts anew."""
    on = log(USDT, "AddedBlackList", data="0x" + word(VICTIM), height=10)
    off = log(USDT, "RemovedBlackList", data="0x" + word(VICTIM), height=11)
    again = log(USDT, "AddedBlackList", data="0x" + word(VICTIM), height=12)
    assert not frozen_now(freezes_of(ETHEREUM, [off, on]))
    assert len(frozen_now(freezes_of(ETHEREUM, [on, off, again]))) == 1


def test_a_file_of_logs_is_a_file_of_labels() -> None:
    """What a node answered is taken in as it is; the contract tells the chain."""
    logs = [log(USDT, "AddedBlackList", data="0x" + word(VICTIM)), "no log"]
    for whole in (logs, {"jsonrpc": "2.0", "result": logs}):
        (one,) = read_labels(Dump("logs.json", json.dumps(whole).encode(), {}))
        assert (one.address.account, one.use) == (VICTIM, Use.FROZEN)
    logs.append(log(USDT, "RemovedBlackList", data="0x" + word(VICTIM), height=99))
    both = list(read_labels(Dump("logs.json", json.dumps(logs).encode(), {})))
    assert [one.text for one in both] == ["USDT frozen by Tether (released since)", "USDT released by Tether"]
    assert not [one for one in both if one.use is Use.FROZEN]
    with pytest.raises(InputError, match="no list of logs"):
        list(read_labels(Dump("logs.json", b'{"topics": 1, "data": 2}', {})))


def test_anyone_may_write_such_an_event() -> None:
    """The same event of another contract freezes nothing."""
    assert not list(freezes_of(ETHEREUM, [log("0x" + "66" * 20, "AddedBlackList", data="0x" + word(VICTIM))]))


def test_an_address_of_tron_is_written_as_tron_writes_it() -> None:
    """TRON's logs are in hexadecimal, without the first byte of an address."""
    contract = "0x" + "a614f803b6fd780986a42c78ec9c7f77e6ded13c"
    (one,) = freezes_of(TRON, [log(contract, "AddedBlackList", data="0x" + word(VICTIM))])
    assert one.address.account.startswith("T")
    assert one.asset.reference == "trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


@given(
    st.dictionaries(
        st.sampled_from(["address", "topics", "data", "blockNumber", "blockTimestamp", "transactionHash"]),
        st.none()
        | st.text()
        | st.integers()
        | st.lists(st.sampled_from([*EVENTS, "0x", "zz"]))
        | st.just(USDT),
    )
)
def test_a_log_of_any_form_is_no_traceback(found: dict[str, object]) -> None:
    """What is not of the form of its event is passed over."""
    assert not list(freezes_of(ETHEREUM, [found]))


def test_the_question_names_the_address() -> None:
    """Call data is the selector and the address, on TRON too."""
    (usdt, usdc) = (Asset.token(Address.parse(ETHEREUM, one), "", 6) for one in (USDT, USDC))
    victim = Address.parse(ETHEREUM, VICTIM)
    assert question(usdt, victim) == "0xe47d6060" + word(VICTIM)
    assert question(usdc, victim) == "0xfe575a87" + word(VICTIM)
    tether = next(Address(*place) for place in ISSUED if place[0] == TRON.id)
    assert question(Asset.token(tether, "", 6, standard="trc20"), tether).endswith(
        "a614f803b6fd780986a42c78ec9c7f77e6ded13c"
    )


@pytest.mark.parametrize(
    ("cell", "wrong", "why"),
    [
        ("1.5", "1.5000001", "at most 6 places"),
        ("1.5", "=1+1", "not a decimal number"),
        (VICTIM, "0x12", "not an address"),
        ("ethereum", "base", "no USDT of Tether is known"),
        ("2025-03-19 15:10:15", "yesterday", "Invalid isoformat"),
        ("0x" + "cd" * 32, "0xcd", "no transaction hash"),
    ],
)
def test_a_wrong_cell_is_named(cell: str, wrong: str, why: str) -> None:
    """A row that cannot be used is refused with its line."""
    head = "chain,address,usdt_balance,tx_hash,block,timestamp_utc\n"
    row = f"ethereum,{VICTIM},1.5,0x{'cd' * 32},7,2025-03-19 15:10:15\n"
    assert len(read_freezes((head + row).encode(), "f.csv")) == 1
    with pytest.raises(InputError, match=f"f.csv, line 2: .*{why}"):
        read_freezes((head + row.replace(cell, wrong, 1)).encode(), "f.csv")


@pytest.mark.real
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public label sets are not beside the checkout")
def test_the_eighteen_freezes_after_bybit() -> None:
    """All are found with their source, 13 on TRON and 5 on Ethereum, of 7,454,738.93 USDT in all."""
    path = SHARED / "freezes" / "bybit_usdt_blacklist_2025-03.csv"
    found = read_freezes(path.read_bytes(), path.name)
    assert [one.address.chain.name for one in found].count("tron") == 13
    assert len(found) == 18
    total = sum(one.units or 0 for one in found)
    assert Amount(found[0].asset, total).decimal == "7454738.93"
    labels = [one.label(path.name) for one in found]
    assert all(one.use is Use.FROZEN and one.date and path.name in one.source for one in labels)
