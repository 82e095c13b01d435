"""A Solana node asked: all of an address's history, token accounts and all, or an error that says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetch.services import Reply
from fetch.solana_service import ANN, BEN, CLEO, FAUCET, SOLANA, Node, bank, key, provider, run, service, sums
from flowtrace.errors import FlowtraceError, SourceError, UnreadableError
from flowtrace.fetch.dialects import dialect
from flowtrace.fetch.solana import dialect as solana
from flowtrace.fetch.source import Pin, Rows
from flowtrace.model import Address, Coverage, Kind, Request, Scope, Transfer

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis"
TOY = bank()


def history(node: Node, who: str = ANN) -> tuple[Rows, dict[Scope, Coverage]]:
    """Return what the history of an account tells."""
    rows, coverage = run(node, solana.history(node.provider, Address(SOLANA.id, who), node.pin))
    return rows, {one.scope: one for one in coverage}


def moved(rows: Rows) -> list[Transfer]:
    """Return the transfers in chain order."""
    return sorted(rows.transfers, key=lambda one: (*one.key, one.position))


WHOLE = moved(history(service())[0])


def test_the_kind_names_this_module() -> None:
    """A provider of kind `solana` is spoken to by this module."""
    assert dialect("solana") is solana


@pytest.mark.parametrize("who", [ANN, BEN, CLEO])
def test_a_history_ends_at_what_the_owner_holds(who: str) -> None:
    """Payments that do not name the owner, closed accounts, changed owners: all is there, to the unit."""
    rows, coverage = history(service(), who)
    held = {what: units for what, units in TOY.holds().items() if what[1] == who}
    told = {what: units for what, units in sums(rows.transfers).items() if what[1] == who}
    assert told == held
    assert all(one.complete for one in coverage.values())


def test_the_coverage_says_by_which_check() -> None:
    """One coverage per scope, from the first slot to the pin, with the check and its outcome in words."""
    coverage = history(service())[1]
    assert list(coverage) == [Scope.EXTERNAL, Scope.INTERNAL, Scope.TOKEN]
    assert {(one.first, one.last) for one in coverage.values()} == {(0, 120)}
    assert coverage[Scope.EXTERNAL].check.startswith("12 transactions; what it holds before each is what was")
    assert coverage[Scope.EXTERNAL].check.endswith("what is left is its balance")
    assert coverage[Scope.TOKEN].check.startswith("4 token accounts, 2 of them open")
    assert "2 transactions hold an asset told as a net of balances" in coverage[Scope.TOKEN].check


def test_a_wallets_own_list_alone_would_not_do() -> None:
    """The trap the token accounts are asked for: transactions that move Ann's tokens and do not name her."""
    node = service()
    history(node)
    lists = [p for method, p in node.asked if method == "getSignaturesForAddress"]
    names = ("ann's coin", "ann's old", "ann's wrap", "ben's coin")
    assert {name for name, _ in lists} == {ANN, *map(key, names)}
    named = {s for s, tx in _by_signature().items() if ANN in _keys(tx)}
    assert len({t.tx for t in WHOLE} - named) == 5


def _by_signature() -> dict[str, dict[str, Any]]:
    return {tx["transaction"]["signatures"][0]: tx for tx in TOY.told}


def _keys(tx: dict[str, Any]) -> set[str]:
    return {one["pubkey"] for one in tx["transaction"]["message"]["accountKeys"]}


def test_each_list_ends_at_an_empty_page() -> None:
    """`before` is the last signature; a short page is not the end, an empty one is."""
    node = service()
    history(node)
    pages = [p for method, p in node.asked if method == "getSignaturesForAddress" and p[0] == ANN]
    assert "before" not in pages[0][1]
    assert len(pages) == 5  # 12 signatures in pages of 3, and an empty one
    assert all(p[1]["minContextSlot"] == 120 for p in pages)


@given(st.integers(1, 13))
@settings(max_examples=13, deadline=None)
def test_pages_of_any_size_tell_the_same(size: int) -> None:
    """The node may give fewer than asked for, on every page."""
    node = service()
    node.page = size
    assert moved(history(node)[0]) == WHOLE


def test_places_come_from_the_block_where_the_list_has_none() -> None:
    """A node before 4.0: each block is asked for its signatures, once, and named; the same transfers come."""
    node = service()
    node.indexed = False
    rows, _ = history(node)
    assert moved(rows) == WHOLE
    slots = [p[0] for method, p in node.asked if method == "getBlock"]
    assert slots == sorted({one.height for one in WHOLE})
    assert rows.blocks[SOLANA.id, 108] == (key("block 108"), rows.blocks[SOLANA.id, 108][1])


def test_two_transactions_of_one_block_keep_their_order() -> None:
    """The place in the block decides: what Ann paid, then what failed, then what Ben paid back."""
    found = [one for one in WHOLE if one.height == 108 and one.kind is Kind.FEE]
    assert [one.index for one in found] == [3, 6, 9]
    assert [one.ok for one in found] == [True, False, True]


@pytest.mark.parametrize("height", [99, 100, 104, 107, 108, 113])
def test_nothing_above_the_pin_is_read(height: int) -> None:
    """A pin in the past: all up to it, nothing after, and no balance of now is held against it."""
    node = service()
    node.pin = Pin(SOLANA.id, height)
    rows, coverage = history(node)
    assert moved(rows) == [one for one in WHOLE if one.height <= height and one.tx in _seen(height)]
    assert all(one.complete for one in coverage.values())
    assert "moved after the last block read" in coverage[Scope.EXTERNAL].check


def _seen(height: int) -> set[str]:
    """Return the transactions of Ann's history up to a height: Ben's account is hers from 113 on only."""
    later = {key("ben's coin")} if height < 113 else set()
    mine = {ANN, *(key(n) for n in ("ann's coin", "ann's old", "ann's wrap"))} - later
    # The list of open accounts names Ben's account as hers whatever the pin, so its own history is read too.
    return {s for s, tx in _by_signature().items() if _keys(tx) & {*mine, key("ben's coin")}}


@pytest.mark.parametrize("number", range(len(TOY.told)))
def test_a_lost_signature_is_never_a_silent_gap(number: int) -> None:
    """Any transaction that no list shows: the history is whole all the same, or said not to be."""
    node = service()
    node.lost = {TOY.told[number]["transaction"]["signatures"][0]}
    rows, coverage = history(node)
    if moved(rows) != WHOLE:
        assert not all(one.complete for one in coverage.values())
        assert any("missing" in one.check for one in coverage.values() if not one.complete)


def test_a_list_that_breaks_off_is_seen() -> None:
    """A node that does not know `before` answers an empty page: the oldest balance is not nothing."""
    node = service()
    real = node._getSignaturesForAddress  # noqa: SLF001  the stand-in's own
    node._getSignaturesForAddress = (  # type: ignore[method-assign]  # noqa: SLF001
        lambda name, options: [] if "before" in options else real(name, options)
    )
    _, coverage = history(node)
    assert not coverage[Scope.EXTERNAL].complete
    assert "where 0 lamports was left): moves are missing" in coverage[Scope.EXTERNAL].check


def test_a_transaction_the_node_does_not_have_is_an_error() -> None:
    """`null` means that this node keeps it no more, never that there was none."""
    node = service()
    node._getTransaction = lambda *_: None  # type: ignore[method-assign]  # noqa: SLF001
    with pytest.raises(SourceError, match=r"does not have transaction .*: ask a node that keeps all"):
        history(node)
    with pytest.raises(SourceError, match="does not have transaction"):
        run(node, solana.transaction(node.provider, WHOLE[0].tx))


def test_without_a_list_of_open_accounts_the_coverage_says_so() -> None:
    """A node that does not list token accounts: those that transactions show are read, and that is said."""
    node = service()
    node.refused = {"getTokenAccountsByOwner"}
    rows, coverage = history(node)
    assert coverage[Scope.EXTERNAL].complete
    assert not coverage[Scope.TOKEN].complete
    assert "only those that transactions show are read" in coverage[Scope.TOKEN].check
    assert set(moved(rows)) < set(WHOLE)  # nothing else tells of the account that Ben made hers


def test_without_a_balance_the_coverage_says_so() -> None:
    """A node that tells no balance: continuity is all the check there is."""
    node = service()
    node.refused = {"getBalance"}
    coverage = history(node)[1]
    assert coverage[Scope.EXTERNAL].check.endswith("its balance is not told")


@pytest.mark.parametrize("method", ["getSignaturesForAddress", "getTransaction"])
def test_a_refused_method_is_an_error(method: str) -> None:
    """Without lists or transactions there is no history."""
    node = service()
    node.refused = {method}
    with pytest.raises(SourceError, match="Method not found"):
        history(node)


def test_places_that_cannot_be_had_are_an_error() -> None:
    """A node that tells a transaction's place nowhere: no order is made up."""
    node = service()
    node.indexed, node.refused = False, {"getBlock"}
    with pytest.raises(SourceError, match="Method not found"):
        history(node)


def test_coin_outside_of_transactions_is_said() -> None:
    """Lamports that came by no transaction, as rewards and the first accounts' did: it does not add up."""
    node = service()
    node.bank.lamports[ANN] += 5
    coverage = history(node)[1]
    assert not coverage[Scope.EXTERNAL].complete
    assert "but it holds" in coverage[Scope.EXTERNAL].check
    coverage = history(service(), FAUCET)[1]
    assert not coverage[Scope.EXTERNAL].complete
    assert f"first {10**15} lamports before" in coverage[Scope.EXTERNAL].check


def test_a_token_account_is_told_as_its_owners() -> None:
    """Asked for a token account itself: its transactions are there, and whose they are is said."""
    rows, coverage = history(service(), key("ann's coin"))
    assert f"told as its owner's, {ANN}" in coverage[Scope.EXTERNAL].check
    assert ANN in {leg.address.account for one in rows.transfers for leg in one.outputs if leg.address}


def test_an_account_that_nobody_used_is_complete() -> None:
    """No signature and no lamport: nothing happened, and the check says why that is known."""
    rows, coverage = history(service(), key("nobody"))
    assert rows.transfers == []
    assert all(one.complete for one in coverage.values())


def test_one_transaction_is_told_as_in_a_history() -> None:
    """Asked for by its signature, it is the same transfers."""
    node = service()
    for tx in sorted({one.tx for one in WHOLE}):
        rows, _ = run(node, solana.transaction(node.provider, tx))
        assert moved(rows) == [one for one in WHOLE if one.tx == tx]


def test_the_head_is_the_newest_finalized_slot() -> None:
    """With its hash and time, where the node has its block; else by its number alone."""
    node = service()
    assert run(node, solana.head(node.provider))[1] == node.pin
    node.refused = {"getBlock"}
    assert run(node, solana.head(node.provider))[1] == Pin(SOLANA.id, 120)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another transaction": lambda tx: tx["transaction"].update(signatures=[WHOLE[0].tx[::-1]]),
    "another slot": lambda tx: tx.update(slot=tx["slot"] + 1),
    "another outcome": lambda tx: tx["meta"].update(err="odd" if tx["meta"]["err"] is None else None),
    "other accounts": lambda tx: tx["transaction"]["message"].update(
        accountKeys=[{"pubkey": key(f"{n}")} for n in range(len(tx["meta"]["preBalances"]))]
    ),
    "no balances": lambda tx: tx["meta"].update(preBalances=[]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_answers_that_contradict_each_other_are_asked_for_again(what: str) -> None:
    """A transaction that is not what the list of signatures says: not read, but named for another asking."""
    node = service()
    real = node._getTransaction  # noqa: SLF001  the stand-in's own

    def changed(signature: str, options: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
        tx = json.loads(json.dumps(real(signature, options)))
        CHANGES[what](tx)
        return tx

    node._getTransaction = changed  # type: ignore[method-assign, assignment]  # noqa: SLF001
    with pytest.raises(UnreadableError):
        history(node)


@pytest.mark.parametrize(
    "rows",
    [
        None, {}, [None], [{}], [{"signature": "x", "slot": 1}], [{"signature": WHOLE[0].tx, "slot": -1}],
        [{"signature": WHOLE[0].tx, "slot": 1, "transactionIndex": "0"}],
        [{"signature": WHOLE[0].tx, "slot": 1}] * 2,
        [{"signature": one.tx, "slot": one.height} for one in (WHOLE[0], WHOLE[-1])],
    ],
)  # fmt: skip
def test_a_list_of_signatures_in_another_form_is_refused(rows: object) -> None:
    """Not a list, not a signature, no slot, twice, or out of order: asked for again, never read past."""
    node = service()
    node._getSignaturesForAddress = lambda *_: rows  # type: ignore[method-assign]  # noqa: SLF001
    with pytest.raises(UnreadableError):
        history(node)


ANSWERS = (
    b"", b"null", b"[]", b"{}", b'{"result":null}', b'{"result":5}', b'{"result":[]}', b'{"result":{}}',
    b'{"result":{"value":null}}', b'{"result":{"value":[{}]}}', b'{"result":{"value":-1}}', b"[" * 10_000,
    b'{"result":' + b"9" * 5_000 + b"}", b"<html>", b'{"error":{"code":-32015,"message":"version"}}',
    b'{"error":{"code":-32603,"message":"Internal error"}}', b'{"error":5}',
)  # fmt: skip


@given(st.integers(0, 40), st.sampled_from(ANSWERS))
@settings(max_examples=400, deadline=None)
def test_any_answer_in_any_place_is_an_error_or_no_gap(place: int, body: bytes) -> None:
    """One answer of the run replaced by anything: a flowtrace error, or a coverage that is true."""
    node = service()

    class Broken(Node):
        def answer(self, request: Request) -> Reply:
            good = node.answer(request)
            self.asked = node.asked
            return (200, {}, body) if len(node.asked) == place + 1 else good

    broken = Broken(node.bank)
    try:
        rows, coverage = history(broken)
    except FlowtraceError:
        return
    whole = all(one.complete for one in coverage.values())
    assert not whole or moved(rows) == WHOLE


STAKE = RECORDED / "staketaxcsv_SOL"
WALLET = "4kLALtynrmd6pU2LkGXZCmUaMDfsnVixs7SkLjPKNJQG"


class Recorded(Node):
    """Answers lists of signatures as they were recorded, in pages of five or of a thousand."""

    def _getSignaturesForAddress(self, name: str, options: dict[str, Any]) -> Any:  # noqa: ANN401, N802
        size, before = options["limit"], options.get("before", "")
        return json.loads((STAKE / f"_get_txids/wrapper-{name}-{size}-{before}.json").read_bytes())["result"]


@pytest.mark.real
def test_a_recorded_walk_by_fives_is_the_walk_by_thousands() -> None:
    """Real pages of a real account: 25 signatures in five pages and an empty one, as in one page."""
    if not STAKE.is_dir():
        pytest.skip(f"no recorded answers at {STAKE}")
    found = []
    for size in (5, 1000):
        node = Recorded(TOY)
        node.provider = provider(page=size)
        asked = solana._History(node.provider, Address(SOLANA.id, WALLET), Pin(SOLANA.id, 1 << 40))  # noqa: SLF001
        run(node, asked.listed(WALLET))
        found.append([row.signature for row in asked.accounts[WALLET].rows])
        assert len(node.asked) == (6 if size == 5 else 2)
    assert found[0] == found[1]
    assert len(set(found[0])) == 25


@pytest.mark.real
def test_recorded_lists_of_token_accounts_are_read() -> None:
    """Real open accounts, of both token programs: each with its lamports and units."""
    paths = sorted((STAKE / "_fetch_token_accounts").glob("*.json"))
    if not paths:
        pytest.skip(f"no recorded answers at {STAKE}")
    sizes = []
    for path in paths:
        node = service()
        result = json.loads(path.read_bytes())["result"]
        node._getTokenAccountsByOwner = lambda *_, r=result: r  # type: ignore[method-assign]  # noqa: SLF001
        asked = solana._History(node.provider, node.address, node.pin)  # noqa: SLF001
        run(node, asked.state_now())
        sizes.append(len(asked.open))
        assert asked.enumerated
        assert sum(held[0] or 0 for held in asked.open.values()) == sum(
            row["account"]["lamports"] for row in result["value"]
        )
    assert max(sizes) > 0
