"""Esplora: a list is all there is, or it is said that it is not; what can be checked is not trusted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fetch.coin_asking import Change, altered, history, instead, run, single
from fetch.coin_world import COIN, key_hash, world
from fetch.electrum_service import Electrum
from fetch.esplora_service import Esplora
from fetch.server import Server
from fetch.services import Reply
from flowtrace.errors import ReorgError, SourceError, UnreadableError
from flowtrace.fetch.door.received import Limits
from flowtrace.fetch.door.wire import Wire
from flowtrace.fetch.utxo import esplora
from flowtrace.fetch.utxo.esplora_transaction import Listed
from flowtrace.model import Request, Scope

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/recorded_apis/mempool"
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def service() -> Esplora:
    """Return the stand-in."""
    return Esplora(world("litecoin"))


def test_a_history_is_all_that_touches_the_address(service: Esplora) -> None:
    """Every transaction up to the pin that anybody could see, in three pages and more; the sums prove it."""
    found, coverage = history(service)
    made, pin = service.made, service.pin
    expected = {txid for txid, height in made.history(made.ann) if height <= pin.height}
    assert found.keys() == expected
    assert len(expected) > 3 * service.provider.page
    assert (coverage.scope, coverage.first, coverage.last) == (Scope.EXTERNAL, 0, pin.height)
    assert coverage.complete
    assert coverage.check.startswith(
        f"{len(made.history(made.ann))} transactions, as many, with the same sums"
    )
    assert "before and after they were read" in coverage.check


def test_the_head_lies_as_deep_as_the_provider_says(service: Esplora) -> None:
    """The block two below the newest, by height, name and time."""
    assert run(service, esplora.head(service.provider))[1] == service.pin


def test_a_transaction_is_told_as_in_a_history(service: Esplora) -> None:
    """A transaction asked for by its name is the same transfer; upper case is the same name."""
    found, _ = history(service)
    for tx, transfer in found.items():
        assert single(service, tx.upper() if tx.startswith("a") else tx) == [transfer]


def test_two_kinds_of_service_tell_the_same(service: Esplora) -> None:
    """The transfers are equal to those that an Electrum server tells of the same chain."""
    assert history(service)[0] == history(Electrum(service.made))[0]


def test_without_proofs_the_same_is_told(service: Esplora) -> None:
    """Where the service gives no proofs, the place is found in the block's list, checked as a whole."""
    found, _ = history(service)
    service.proofs = False
    assert history(service)[0] == found


def test_an_address_without_transactions_is_complete(service: Esplora) -> None:
    """Nothing listed and nothing stated: complete, in three questions."""
    service.made.blocks = service.made.blocks[:3]
    service.pin = service.made.pin(0)
    service.made.waiting.clear()
    rows, (coverage,), asked = run(service, esplora.history(service.provider, service.address, service.pin))
    assert (rows.transfers, coverage.complete, len(asked)) == ([], True, 3)


@dataclass
class Growing:
    """A change that lets the chain grow by a payment to Ann before an answer of this number is made."""

    service: Esplora
    number: int
    seen: int = 0

    def __call__(self, request: Request, _reply: Reply) -> Reply:
        """Count an answer; grow the chain at its time."""
        if self.seen == self.number:
            made = self.service.made
            coin = next(iter(made.unspent(key_hash(3))))
            made.add(made.pay([coin], (made.ann, made.output(coin)[1])), reward=(made.ann, COIN))
        self.seen += 1
        return self.service.answer(request)


@pytest.mark.parametrize("number", range(23))
def test_what_comes_while_it_is_read_changes_nothing(service: Esplora, number: int) -> None:
    """A block that pays the address comes between any two answers: the same is told, and it is complete."""
    right, _ = history(Esplora(world("litecoin")))
    found, coverage = history(service, Growing(service, number))
    assert (found, coverage.complete) == (right, True)


def dropped(*places: int) -> Callable[[Any], Any]:
    """Return a change of a list that leaves out the rows at these places."""
    return lambda rows: [row for place, row in enumerate(rows) if place not in places]


def stating(name: str, value: int) -> Change:
    """Return a change of every stated sum of this name to a value."""

    def spoil(_request: Request, reply: Reply) -> Reply:
        if b"chain_stats" not in reply[2]:
            return reply
        told = json.loads(reply[2])
        told["chain_stats"][name] = value
        return reply[0], reply[1], json.dumps(told).encode()

    return spoil


INCOMPLETE: dict[str, Change] = {
    "a row is left out of each page": altered("/txs/chain", dropped(1)),
    "the list is empty": altered("/txs/chain", lambda _: []),
    "one page is empty": altered("/txs/chain/", lambda _: []),
    "fewer are stated": stating("tx_count", 3),
    "more are stated": stating("tx_count", 30),
    "another sum is stated": stating("funded_txo_sum", 7),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_list_that_does_not_come_to_what_is_stated_is_refused(service: Esplora, name: str) -> None:
    """Rows left out, or other sums stated: it is never called complete, and all of it is asked for again."""
    with pytest.raises(ReorgError, match=r"transactions of .* are listed, \d+ stated|proof") as error:
        history(service, INCOMPLETE[name])
    assert error.value.height == 0


def _spoilt(rows: list[Any], change: Callable[[Any], None]) -> list[Any]:
    for row in rows[:1]:
        change(row)
    return rows


def _more(row: Any) -> None:  # noqa: ANN401  JSON
    row["vout"][0]["value"] += 1


def _worth_less(row: Any) -> None:  # noqa: ANN401  JSON
    for one in row["vin"]:
        one["prevout"]["value"] = 0


def _later(row: Any) -> None:  # noqa: ANN401  JSON
    row["status"]["block_time"] += 1


def _elsewhere(row: Any) -> None:  # noqa: ANN401  JSON
    row["status"]["block_hash"] = "ab" * 32


def _unconfirmed(row: Any) -> None:  # noqa: ANN401  JSON
    row["status"]["confirmed"] = False


def _strangers(rows: list[Any]) -> list[Any]:
    stranger = Esplora(world("litecoin"))
    return [*rows[:1], stranger.told(stranger.made.blocks[14].txs[0])]


UNREADABLE: dict[str, tuple[Change, str]] = {
    "an amount changed": (
        altered("/txs/chain/", lambda rows: _spoilt(rows, _more)),
        "its name is not its hash",
    ),
    "an input worth less": (
        altered("/txs/chain/", lambda rows: _spoilt(rows, _worth_less)),
        "more than it spends",
    ),
    "another time": (
        altered("/txs/chain/", lambda rows: _spoilt(rows, _later)),
        "at another time, than it is",
    ),
    "another block": (altered("/txs/chain/", lambda rows: _spoilt(rows, _elsewhere)), "in another block"),
    "no block": (altered("/txs/chain/", lambda rows: _spoilt(rows, _unconfirmed)), "it is in no block yet"),
    "turned round": (altered("/txs/chain", lambda rows: rows[::-1]), "transactions out of order"),
    "a stranger's": (altered("/txs/chain", _strangers), "that does not touch the address|out of order"),
    "a row twice": (altered("/txs/chain/", lambda rows: rows + rows[-1:]), "it listed before|out of order"),
    "no list": (altered("/txs/chain", lambda _: {"a": 1}), "no list of an address's transactions"),
    "no sums": (altered("/address/", lambda told: told if isinstance(told, list) else {}), "no sums"),
    "no proof": (instead("merkleblock-proof", (200, PLAIN, b"00")), "no proof .a proof that is cut off"),
    "a block that is none": (instead("/block-height/", (200, PLAIN, b"x")), "no block's hash"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_answer_that_cannot_be_is_asked_for_again(service: Esplora, name: str) -> None:
    """Whatever does not hash, fit or follow is refused, and the answer is named."""
    change, words = UNREADABLE[name]
    with pytest.raises(UnreadableError, match=words) as error:
        history(service, change)
    assert error.value.answer > 0


def test_a_proof_of_another_transaction_is_refused(service: Esplora) -> None:
    """A proof must be of the transaction it was asked for."""
    made = service.made
    block, place = made.place(made.history(made.ann)[0][0]) or (made.blocks[0], 0)
    other = block.partial(1 - place).hex().encode()
    with pytest.raises(UnreadableError, match="a proof of something else"):
        history(service, instead("merkleblock-proof", (200, PLAIN, other)))


def test_a_list_of_another_block_is_refused(service: Esplora) -> None:
    """Without proofs, a block's list that is not what its header commits to is refused."""
    service.proofs = False
    with pytest.raises(UnreadableError, match="a list of transactions that is not the block's"):
        history(service, altered("/txids", lambda txids: [*txids[1:], txids[0]]))


def test_a_page_that_is_older_than_the_pin_is_refused(service: Esplora) -> None:
    """A first page and sums from before the pin, out of somebody's cache: found by the sums after."""
    old = Esplora(world("litecoin"))
    old.made.blocks = old.made.blocks[:9]

    def cached(request: Request, reply: Reply) -> Reply:
        return old.answer(request) if "/address/" in request.url and "-again" not in request.url else reply

    with pytest.raises(UnreadableError, match="older than the block it was read to"):
        history(service, cached)


def test_pages_without_end_are_refused(service: Esplora) -> None:
    """A service that gives the same page for every cursor is found out at once."""
    first = service.answer(
        Request("GET", f"{service.provider.url}/address/{service.address.account}/txs/chain")
    )
    with pytest.raises(UnreadableError, match=r"listed before|out of order"):
        history(service, instead("/txs/chain/", first))


def test_a_block_that_is_no_longer_there_is_refused(service: Esplora) -> None:
    """Where the pin's block has become another, nothing that was read is certain."""
    other = ("ab" * 32).encode()
    with pytest.raises(ReorgError, match=r"block 14 is no longer .* take the chain's head anew"):
        history(service, instead("/block-height/14", (200, PLAIN, other)))


def test_sums_that_cannot_be_asked_twice_are_said(service: Esplora) -> None:
    """Where the service does not know scripts by hash, the sums before must do, and the check says so."""
    found, coverage = history(service, instead("/scripthash/", (404, PLAIN, b"Not found")))
    assert found == history(service)[0]
    assert coverage.complete
    assert coverage.check.startswith(
        "16 transactions, as many, with the same sums paid and spent, as the service"
    )
    assert "stated before they were read" in coverage.check


ERRORS = {
    "an address it does not take": (400, "Invalid Bitcoin address"),
    "too long a history": (400, "Too many history entries"),
    "nothing there": (404, "Transaction not found"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_in_plain_text_are_said(service: Esplora, name: str) -> None:
    """What the service complains of, in its own words, is the error."""
    status, words = ERRORS[name]
    with pytest.raises(SourceError, match=words):
        history(service, instead("/address/", (status, PLAIN, words.encode())))
    with pytest.raises(SourceError, match=words):
        single(service, "ab" * 32, instead("/tx/", (status, PLAIN, words.encode())))


def test_a_question_is_new_for_each_pin_and_sent_as_it_is() -> None:
    """What the chain may change is asked anew up to another block; how that is told apart is never sent."""
    service = Esplora(world("litecoin"))
    _, _, asked = run(service, esplora.history(service.provider, service.address, service.pin))
    service.pin = service.made.pin(1)
    _, _, again = run(service, esplora.history(service.provider, service.address, service.pin))
    same = {one.url for one in asked} & {one.url for one in again}
    assert same
    assert all("merkleblock-proof" in url for url in same)

    async def sent() -> list[str]:
        async with Server(service.answer) as server:
            wire = Wire(limits=Limits(connect=1.0, silence=1.0, total=2.0))
            for one in asked:
                url = one.url.replace("https://esplora.example", server.url)
                await wire.send(Request("GET", url), replace(service.provider, url=server.url, private=True))
            await wire.close()
            return [one.request.url for one in server.seen]

    urls = asyncio.run(sent())
    assert len(urls) == len(asked)
    assert not any("#" in url or "%23" in url for url in urls)


@pytest.mark.real
def test_recorded_transactions(capsys: pytest.CaptureFixture[str]) -> None:
    """Every transaction that mempool.space was recorded with is rebuilt and hashes to its name."""
    if not RECORDED.exists():
        pytest.skip("the recorded answers are not here")
    names = ("transactions-random", "transactions-rbfs", "transactions-replaced", "non-standard-txs")
    listed = [tx for name in names for tx in json.loads((RECORDED / f"{name}.json").read_bytes())]
    status = {"confirmed": True, "block_height": 1, "block_hash": "00" * 32, "block_time": 1}
    read = [Listed.read(tx | {"status": status}) for tx in listed]
    assert [one.tx.txid for one in read] == [tx["txid"] for tx in listed]
    assert [sum(o.units for o in one.spent) - sum(o.units for o in one.tx.outputs) for one in read] == [
        tx["fee"] for tx in listed
    ]
    assert len(read) == 9
    with capsys.disabled():
        print(f"\nesplora: {len(read)} recorded transactions rebuilt, each hashed to its name")  # noqa: T201
