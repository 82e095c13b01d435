"""The portal's streams: however an answer ends, the history is the same; what cannot be read is said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch.portal_dataset import Dataset, batches, history, run
from fetch.portal_service import BEN, Sent, World, call, dataset, provider, service, world
from fetch.services import Reply
from flowtrace.errors import ReorgError, SourceError, UnreadableError
from flowtrace.fetch.dialects import dialect
from flowtrace.fetch.portal import dialect as portal
from flowtrace.fetch.source import Pin
from flowtrace.model import Request, Transfer

TOY = world()
LAST = len(TOY.blocks) - 1


def facts(portal_: Dataset) -> tuple[list[Transfer], list[tuple[object, ...]]]:
    """Return what does not hang on how it was asked: the transfers in order, and what the coverage says."""
    rows, coverage = history(portal_)
    return rows.transfers, [(c.scope, c.first, c.last, c.complete, c.check) for c in coverage]


WHOLE = facts(dataset(TOY))
SIX = b'{"header":{"number":6,"hash":"6","timestamp":1}}\n'


def test_the_kind_names_this_module() -> None:
    """A provider of kind `portal` is spoken to by this module."""
    assert vars(dialect("portal")) is vars(portal)


@pytest.mark.parametrize("tail", [False, True])
@pytest.mark.parametrize("end", range(LAST + 1))
def test_a_stream_that_ends_at_any_block_goes_on_from_there(end: int, tail: bool) -> None:  # noqa: FBT001  a table
    """The stream "may end anywhere": with one break at each block, and a cut line after it or not."""
    toy = dataset(TOY)
    toy.ends, toy.tail = lambda first, last: end if first <= end else last, tail
    assert facts(toy) == WHOLE
    assert len(toy.asked) == (1 if end == LAST else 2)


@pytest.mark.parametrize("stride", range(1, LAST + 2))
def test_answers_of_any_length_tell_the_same(stride: int) -> None:
    """One block an answer, two, or all in one: the same history, and as many questions as that takes."""
    toy = dataset(TOY)
    toy.ends = lambda first, _last: first + stride - 1
    assert facts(toy) == WHOLE
    assert len(toy.asked) == -(-(LAST + 1) // stride)


@given(st.sets(st.integers(0, LAST)), st.booleans())
def test_breaks_anywhere_change_nothing(ends: set[int], tail: bool) -> None:  # noqa: FBT001  drawn
    """For every way the portal may split its stream, the history is the same."""
    toy = dataset(TOY)
    toy.ends = lambda first, last: min((end for end in ends if end >= first), default=last)
    toy.tail = tail
    assert facts(toy) == WHOLE


@given(st.integers(0, 400_000))
def test_bytes_cut_off_anywhere_are_asked_for_again(size: int) -> None:
    """An answer of which only so many bytes come is read up to its last whole line; none is never the end."""
    toy = dataset(TOY)
    toy.ends = lambda _first, last: last
    cut = {"at": size}

    def answer(request: Request) -> Reply:
        status, headers, body = toy.answer(request)
        if request.method == "POST" and "at" in cut:
            body = body[: cut.pop("at")]
        return status, headers, body

    if b"\n" not in _first_body()[:size]:
        with pytest.raises(UnreadableError, match="not one whole line"):
            history(toy, answer)
    else:
        assert history(toy, answer)[0].transfers == WHOLE[0]


def _first_body() -> bytes:
    toy = dataset(TOY)
    toy.ends = lambda _first, last: last
    bodies: list[bytes] = []

    def answer(request: Request) -> Reply:
        reply = toy.answer(request)
        bodies.append(reply[2])
        return reply

    history(toy, answer)
    return bodies[1]


def test_each_question_goes_on_from_the_last_line_and_names_its_hash() -> None:
    """A stream is "resumed at last.number + 1 with parentBlockHash = last.hash", up to the pin."""
    toy = dataset(TOY)
    history(toy)
    froms = [asked["fromBlock"] for asked in toy.asked]
    assert froms == list(range(0, LAST + 1, 3))
    parents = [asked.get("parentBlockHash") for asked in toy.asked]
    assert parents == [None, *(TOY.blocks[first - 1].hash for first in froms[1:])]
    assert {asked["toBlock"] for asked in toy.asked} == {LAST}


def test_nothing_above_the_pin_is_read() -> None:
    """What happens after the pin is no part of a history."""
    toy = dataset(TOY)
    toy.pin = Pin(toy.pin.chain_id, 4, TOY.blocks[4].hash)
    rows, coverage = history(toy)
    assert {t.height for t in rows.transfers} == {1, 3, 4}
    assert {c.last for c in coverage} == {4}


def test_a_batch_names_its_answer_and_every_block_of_it() -> None:
    """Each answer's rows carry its number, and the (height, hash) of every line, boundary lines too."""
    toy = dataset(TOY)
    found = batches(portal.history(toy.provider, toy.address, toy.pin), toy.answer, toy.provider)
    assert len(found) == len(toy.asked)
    hashes = {block.number: block.hash for block in TOY.blocks}
    for batch in found:
        named = dict(batch.blocks)
        assert named == {height: hashes[height] for height in named}
        assert {t.height for t in batch.transfers} <= set(named)
    boundaries = {asked["fromBlock"] - 1 for asked in toy.asked[1:]}
    assert boundaries <= {height for batch in found for height, _ in batch.blocks}


def test_questions_keep_to_the_portals_bounds() -> None:
    """At most 100 items and 256 KiB, hexadecimal in lower case, and an answer's size is bounded."""
    toy = dataset(TOY)
    requests: list[Request] = []

    def answer(request: Request) -> Reply:
        requests.append(request)
        return toy.answer(request)

    history(toy, answer)
    streams = [request for request in requests if request.method == "POST"]
    for request in streams:
        asked = json.loads(request.body)
        assert request.body.decode().lower().count("0x") == request.body.decode().count("0x")
        items = [item for name in ("transactions", "logs", "traces", "stateDiffs") for item in asked[name]]
        assert len(items) == 13
        values = [v for item in items for many in item.values() if isinstance(many, list) for v in many]
        assert all(value == value.lower() for value in values)
        assert len(request.body) < 4096
        assert request.url == "https://portal.example/datasets/toy/finalized-stream?max_chunks=400"
    assert [r.url.rpartition("/")[2] for r in requests if r.method == "GET"] == ["metadata"]


def test_an_answer_that_does_not_get_through_is_asked_for_in_smaller_parts() -> None:
    """Where the door gives up on an answer, fewer pieces are asked for; then more again."""
    toy = dataset(TOY)
    toy.ends = lambda _first, last: last
    sizes: list[int] = []

    def answer(request: Request) -> Reply:
        if request.method == "POST":
            sizes.append(int(request.url.rpartition("=")[2]))
            if sizes[-1] > 2:
                raise SourceError("portal.example failed 6 times in a row: longer than 268435456 bytes")
        return toy.answer(request)

    rows, _ = history(toy, answer)
    assert rows.transfers == WHOLE[0]
    assert sizes[:5] == [400, 20, 1, 2, 4]
    assert max(sizes[1:]) <= 20


def test_the_first_refusal_is_the_one_that_is_told() -> None:
    """Where nothing gets through however little is asked for, the first reason is given, after few tries."""
    tries: list[str] = []

    def answer(request: Request) -> Reply:
        if request.method == "GET":
            return 404, {}, b""
        tries.append(request.url)
        raise SourceError(f"refused {len(tries)}")

    with pytest.raises(SourceError, match="refused 1"):
        history(service(), answer)
    assert len(tries) == 3


def test_blocks_that_are_not_there_yet_are_no_empty_history() -> None:
    """204, "beyond the frontier": the history cannot be told, and nothing is said to be complete."""
    toy = dataset(TOY)
    toy.pin = Pin(toy.pin.chain_id, LAST + 5)
    with pytest.raises(SourceError, match=r"status 204.*does not have these blocks yet"):
        history(toy)


def test_a_dataset_that_starts_late_is_asked_from_its_start() -> None:
    """A question that begins before the dataset would be refused; the coverage says where it begins."""
    toy = dataset(TOY)
    toy.start = 3
    rows, coverage = history(toy)
    assert toy.asked[0]["fromBlock"] == 3
    assert {(c.first, c.last) for c in coverage} == {(3, LAST)}
    assert min(t.height for t in rows.transfers) == 3
    toy.pin = Pin(toy.pin.chain_id, 2)
    with pytest.raises(SourceError, match="begins at block 3"):
        history(toy)


@pytest.mark.parametrize(
    "reply", [(404, {}, b""), (200, {}, b'{"dataset":"toy"}'), (200, {}, b'{"start_block":null}')]
)
def test_a_portal_without_metadata_is_asked_from_the_first_block(reply: Reply) -> None:
    """An older portal does not tell where its dataset begins."""
    toy = dataset(TOY)
    rows, coverage = history(toy, lambda request: reply if request.method == "GET" else toy.answer(request))
    assert rows.transfers == WHOLE[0]
    assert coverage[0].first == 0


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b'{"start_block":-1}', b'{"start_block":"x"}', b"[" * 9999]
)
def test_metadata_that_cannot_be_read_are_asked_for_again(body: bytes) -> None:
    """What is no metadata is not taken for a start at zero."""
    with pytest.raises(UnreadableError, match="metadata in which"):
        history(service(), lambda _request: (200, {}, body))


def test_a_question_the_portal_does_not_know_at_all_is_its_refusal() -> None:
    """Where every question is refused, the portal's own words are told."""
    toy = dataset(TOY)
    toy.unknown = {"timestamp"}
    with pytest.raises(SourceError, match=r"status 400.*unknown field `timestamp`"):
        history(toy)


def test_a_transaction_cannot_be_looked_up() -> None:
    """No filter of the portal finds a transaction by its hash: said, with what to do."""
    with pytest.raises(SourceError, match=r"by its hash, 0xab: ask another source"):
        run(portal.transaction(provider(), "0xab"), service().answer, provider())


def test_the_head_is_the_last_final_block() -> None:
    """The pin has the block's number, hash and time."""
    toy = dataset(TOY)
    _, pin = run(portal.head(toy.provider), toy.answer, toy.provider)
    last = TOY.blocks[-1]
    assert pin == Pin("eip155:1", last.number, last.hash, last.time)
    assert toy.asked[0] | {"fields": 0} == {
        "type": "evm", "fields": 0, "fromBlock": LAST, "toBlock": LAST, "includeAllBlocks": True,
    }  # fmt: skip


def test_where_finality_is_a_depth_the_head_lies_below_the_newest_block() -> None:
    """Without finality of its own, a chain is read to a block so far below its newest."""
    toy = dataset(TOY)
    toy.provider = provider(depth=4)
    _, pin = run(portal.head(toy.provider), toy.answer, toy.provider)
    assert (pin.height, pin.hash) == (LAST - 4, TOY.blocks[LAST - 4].hash)


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ([(200, {}, b"null")], "names no final block"),
        ([(404, {}, b'{"error":{"code":"not_found","message":"none"}}')], "status 404"),
        ([(200, {}, b"{}")], "a head in which number is None"),
        ([(200, {}, b'{"number":-4}')], "a head in which number is a int"),
        ([(200, {}, b"{" * 99_999)], "a head in which no JSON"),
        ([(200, {}, b'{"number":5}'), (204, {}, b"")], "does not have these blocks yet"),
        ([(200, {}, b'{"number":5}'), (200, {}, b"")], "nothing about block 5"),
        ([(200, {}, b'{"number":5}'), (200, {}, SIX)], "block 6, where asked for"),
    ],
)  # fmt: skip
def test_a_head_that_cannot_be_read_is_said(replies: list[Reply], words: str) -> None:
    """Whatever stands in the place of a head, it is named, and no height is guessed."""
    waiting = iter(replies)
    with pytest.raises(SourceError, match=words):
        run(portal.head(provider()), lambda _request: next(waiting), provider())


def _forked(fork: int) -> World:
    """Return the toy chain, with other blocks from one on."""
    made = world()
    parent = made.blocks[fork - 1].hash
    for block in made.blocks[fork:]:
        block.hash, block.parent = block.hash[:-2] + "ff", parent
        parent = block.hash
    return made


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("fork", [4, 5, 6, 8])
def test_a_rewritten_chain_is_rolled_back_to_the_common_ancestor(fork: int, newest_first: bool) -> None:  # noqa: FBT001  a table
    """409 in both envelopes and either order: rewritten is all above the last block both sides know."""
    toy = dataset(TOY)
    toy.provider, toy.newest_first = provider(depth=4), newest_first

    def answer(request: Request) -> Reply:
        if len(toy.asked) == 3:
            toy.blocks = _forked(fork).blocks
        return toy.answer(request)

    with pytest.raises(ReorgError) as error:
        history(toy, answer)
    assert error.value.height == (fork if fork > 4 else 0)
    toy.pin = Pin(toy.pin.chain_id, LAST, toy.blocks[-1].hash)
    assert history(toy)[0].transfers == WHOLE[0]


@pytest.mark.parametrize(
    "body", [b"", b"null", b'{"previousBlocks":7}', b'{"previousBlocks":[{"number":1}]}']
)
def test_a_conflict_that_cannot_be_read_is_asked_again(body: bytes) -> None:
    """A conflict without blocks says nothing about which are good."""
    toy = dataset(TOY)
    with pytest.raises(UnreadableError, match="a conflict in which"):
        history(toy, lambda request: toy.answer(request) if request.method == "GET" else (409, {}, body))


def test_another_block_at_the_pin_is_a_rewritten_chain() -> None:
    """The case was pinned to a block by its hash; a portal that has another there tells another history."""
    toy = dataset(TOY)
    toy.pin = Pin(toy.pin.chain_id, LAST, "0x" + "0" * 64)
    with pytest.raises(ReorgError, match="rewritten since the case was pinned") as error:
        history(toy)
    assert error.value.height == LAST


def test_an_address_that_never_moved_is_complete() -> None:
    """Only boundary lines: a fact, streamed to its end."""
    made = World()
    made.block(Sent("0x" + "f2" * 20, call(BEN, 1)))
    rows, coverage = history(dataset(made))
    assert rows.transfers == []
    assert all(c.complete for c in coverage)
    assert "the balance never changed" in coverage[0].check
