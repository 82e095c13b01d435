"""Electrum's protocol: what a server says is proved or refused, and what it leaves out is found."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from fetch.coin_asking import Change, altered, history, instead, run, single
from fetch.coin_world import COIN, key_hash, world
from fetch.electrum_service import Electrum
from fetch.services import Reply
from flowtrace.errors import FlowtraceError, ReorgError, SourceError, UnreadableError
from flowtrace.fetch.utxo import electrum
from flowtrace.model import Request, Scope

HISTORY, COINS, RAW = "get_history", "listunspent", "transaction.get"
PROOF, HEADER = "get_merkle", "block.header"


@pytest.fixture
def service() -> Electrum:
    """Return the stand-in."""
    return Electrum(world("litecoin"))


@pytest.mark.parametrize("name", ["bitcoin", "litecoin", "dogecoin"])
def test_a_history_is_all_that_touches_the_address(name: str) -> None:
    """Every transaction up to the pin, on every chain; the coins left are those the server states."""
    service = Electrum(world(name))
    found, coverage = history(service)
    made, pin = service.made, service.pin
    assert found.keys() == {txid for txid, height in made.history(made.ann) if height <= pin.height}
    assert (coverage.scope, coverage.first, coverage.last) == (Scope.EXTERNAL, 0, pin.height)
    assert coverage.complete
    left = len(made.unspent(made.ann, waiting=True))
    assert coverage.check.startswith(
        f"{len(found)} transactions, each proved to be in its block; every coin they spend they received, "
        f"and the {left} they leave, with what came later, are those the server states"
    )


@pytest.mark.parametrize("name", ["bitcoin", "litecoin", "dogecoin"])
def test_each_transfer_stands_where_the_block_has_it(name: str) -> None:
    """Height, place and time are the block's; amounts and coins those of the transaction."""
    service = Electrum(world(name))
    for tx, transfer in history(service)[0].items():
        block, place = service.made.place(tx) or (service.made.blocks[0], -1)
        assert (transfer.height, transfer.index, transfer.time) == (block.height, place, block.time)
        pays = service.made.txs[tx].pays
        for leg in transfer.outputs:
            assert not leg.coin or pays[int(leg.coin[65:])][1] == leg.units


def test_the_head_lies_as_deep_as_the_provider_says(service: Electrum) -> None:
    """The block two below the newest, by height, name and time."""
    assert run(service, electrum.head(service.provider))[1] == service.pin


def test_a_transaction_is_told_as_in_a_history(service: Electrum) -> None:
    """By its name alone, its block is found through the history of a script it touches."""
    for tx, transfer in history(service)[0].items():
        assert single(service, tx) == [transfer]


def test_a_crowded_script_is_passed_over_for_another(service: Electrum) -> None:
    """Where one script's history is too long for the server, another that the transaction touches will do."""
    tx = service.made.history(key_hash(10))[0][0]
    service.most = len(service.made.history(service.made.ann)) - 1
    assert [one.tx for one in single(service, tx)] == [tx]
    service.most = 0
    with pytest.raises(SourceError, match="does not tell in which block"):
        single(service, tx)


def test_a_transaction_that_waits_is_no_transfer_yet(service: Electrum) -> None:
    """In no block: refused, and asked for again another time."""
    with pytest.raises(UnreadableError, match="in no block yet"):
        single(service, service.made.waiting[0].txid)


def test_a_history_that_is_too_long_cannot_be_complete(service: Electrum) -> None:
    """The server gives a history whole or not at all: said, with what to do."""
    service.most = 5
    with pytest.raises(
        SourceError, match=r"history too large: what it lists cannot be complete, ask another"
    ):
        history(service)


def test_coins_that_are_not_stated_leave_it_incomplete(service: Electrum) -> None:
    """Without the coins left, nothing shows that the history is all: told all the same, and not complete."""
    refusal = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "too many coins"}}
    ).encode()
    found, coverage = history(service, instead(COINS, (200, {}, refusal)))
    assert found == history(service)[0]
    assert not coverage.complete
    assert "nothing shows that these are all" in coverage.check
    assert "too many coins" in coverage.check


@dataclass
class Growing:
    """A change that lets something happen on the chain before an answer of this number is made."""

    service: Electrum
    number: int
    settles: bool
    seen: int = 0

    def __call__(self, request: Request, _reply: Reply) -> Reply:
        """Count an answer; at its time, pay Ann in a new block or in none yet."""
        if self.seen == self.number:
            made = self.service.made
            coin = next(iter(made.unspent(key_hash(3), waiting=True)))
            paid = made.pay([coin], (made.ann, COIN))
            if self.settles:
                made.add(*made.waiting, paid, reward=(made.ann, COIN))
                made.waiting.clear()
            else:
                made.waiting.append(paid)
        self.seen += 1
        return self.service.answer(request)


@pytest.mark.parametrize("settles", [True, False])
@pytest.mark.parametrize("number", range(48))
def test_what_comes_while_it_is_read_changes_nothing(
    service: Electrum, number: int, *, settles: bool
) -> None:
    """A payment to the address comes between any two answers: the same is told, and it is complete."""
    right, _ = history(Electrum(world("litecoin")))
    found, coverage = history(service, Growing(service, number, settles))
    assert (found, coverage.complete) == (right, True)


def result(change: Any) -> Any:  # noqa: ANN401  JSON
    """Return a change of an answer's result."""
    return lambda told: {**told, "result": change(told["result"])} if "result" in told else told


def without(place: int) -> Any:  # noqa: ANN401  JSON
    """Return a change of a list that leaves one row out."""
    return result(lambda rows: [row for n, row in enumerate(rows) if n != place])


@pytest.mark.parametrize("place", range(16))
def test_a_transaction_left_out_is_found(service: Electrum, place: int) -> None:
    """Whichever transaction is left out, a coin is spent that was not received, or too few are left."""
    with pytest.raises(
        FlowtraceError, match=r"where the history it lists leaves|another history|does not receive it"
    ):
        history(service, altered(HISTORY, without(place)))


@pytest.mark.parametrize("place", range(3))
def test_a_coin_left_out_is_found(service: Electrum, place: int) -> None:
    """Whichever coin a server does not state, the history leaves it."""
    with pytest.raises(UnreadableError, match=r"2 coins, where the history it lists leaves 3"):
        history(service, altered(COINS, without(place)))


def test_another_history_the_second_time_is_a_rewrite(service: Electrum) -> None:
    """Where settled transactions change while they are read, all of it is asked for again."""
    seen = []

    def forgetting(request: Request, reply: Reply) -> Reply:
        if HISTORY not in request.body.decode():
            return reply
        seen.append(request)
        return altered(HISTORY, without(1))(request, reply) if len(seen) == 1 else reply

    with pytest.raises(ReorgError, match="lists another history than before"):
        history(service, forgetting)
    assert len(seen) == 2
    assert seen[0].id != seen[1].id


def _flipped(text: str) -> str:
    """Return hexadecimal text with one bit in the middle changed."""
    place = len(text) // 2
    return text[:place] + f"{int(text[place], 16) ^ 1:x}" + text[place + 1 :]


REFUSED: dict[str, tuple[Change, str]] = {
    "a byte of a transaction": (altered(RAW, result(_flipped)), "transaction|no transaction"),
    "a transaction cut off": (
        altered(RAW, result(lambda raw: raw[:-2])),
        "no transaction .a transaction that is cut",
    ),
    "a proof's branch": (
        altered(
            PROOF,
            result(lambda it: it | {"merkle": [_flipped(one) for one in it["merkle"]], "pos": it["pos"]}),
        ),
        "is not of block",
    ),
    "a proof's place": (
        altered(PROOF, result(lambda it: it | {"pos": it["pos"] + 1})),
        "is not of block|no proof",
    ),
    "a place in no tree": (altered(PROOF, result(lambda it: it | {"pos": 1 << 70})), "no proof"),
    "a header's root": (altered(HEADER, result(_flipped)), "is not of block"),
    "a header cut off": (altered(HEADER, result(lambda it: it[:100])), "no header .a header that is cut off"),
    "a height": (
        altered(HISTORY, result(lambda rows: [row | {"height": row["height"] + 1} for row in rows])),
        "was listed in block",
    ),
    "a transaction twice": (altered(HISTORY, result(lambda rows: rows + rows[:1])), "a transaction twice"),
    "a stranger's": (
        altered(
            HISTORY,
            result(lambda rows: [*rows, {"tx_hash": world("litecoin").blocks[1].txids[0], "height": 1}]),
        ),
        "a transaction that does not touch the address",
    ),
    "no list": (altered(HISTORY, result(lambda _: {"a": 1})), "no history of a script"),
    "no coins": (altered(COINS, result(lambda _: [{"tx_hash": 5}])), "no list of coins"),
    "an amount": (
        altered(COINS, result(lambda rows: [row | {"value": row["value"] + 1} for row in rows])),
        "3 coins, where the history it lists leaves 3",
    ),
    "null": (instead(HISTORY, (200, {}, b"null")), "no JSON-RPC result"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_proved_is_refused(service: Electrum, name: str) -> None:
    """One part changed in every answer of its kind: refused with the reason, never told."""
    change, words = REFUSED[name]
    with pytest.raises((UnreadableError, ReorgError), match=words):
        history(service, change)


def test_a_parent_that_did_not_make_the_coin_is_refused(service: Electrum) -> None:
    """Each coin spent is looked up in the transaction that made it, which is hashed too."""
    made = service.made
    gathered = next(tx for tx in made.blocks[5].txs if len(tx.spends) == 3)
    parent = gathered.spends[0][:64]
    other = json.dumps({"jsonrpc": "2.0", "id": 1, "result": made.blocks[0].txs[0].raw.hex()}).encode()
    with pytest.raises(UnreadableError, match=f"with transaction {made.blocks[0].txids[0]}"):
        single(service, gathered.txid, instead(f'"{parent}",false', (200, {}, other)))


def test_a_pin_that_is_no_longer_of_the_chain_is_refused(service: Electrum) -> None:
    """Where the pin's block has become another, nothing that was read is certain."""
    service.pin = replace(service.pin, hash="ab" * 32)
    with pytest.raises(ReorgError, match=r"block 14 is no longer .* take the chain's head anew"):
        history(service)


def test_a_question_is_one_line_with_an_id_of_its_own(service: Electrum) -> None:
    """The same call has the same id, another has another; what the chain may change has one for each pin."""
    _, _, asked = run(service, electrum.history(service.provider, service.address, service.pin))
    lines = [json.loads(one.body) for one in asked]
    assert len({line["id"] for line in lines}) == len(lines)
    assert not any(b"\n" in one.body for one in asked)
    service.pin = service.made.pin(1)
    _, _, later = run(service, electrum.history(service.provider, service.address, service.pin))
    same = {json.loads(one.body)["method"].rpartition(".")[2] for one in later if one in asked}
    assert same == {"get", "get_merkle"}, "bytes by their name, and proofs by their block, do not change"


def test_two_coins_of_the_pool(service: Electrum) -> None:
    """What leaves the pool comes from nobody; what enters it is said; what carries it on is not told."""
    found, coverage = history(service)
    out = [one for one in found.values() if one.inputs[0].address is None and one.index]
    assert [[leg.units for leg in one.outputs] for one in out] == [[4 * COIN, COIN]]
    assert out[0].inputs[0].units == 5 * COIN
    assert coverage.check.endswith("; 1 pay into Litecoin's pool, behind which all is CONFIDENTIAL")
