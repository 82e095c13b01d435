"""Asking: kept before it is read, read again without a network, gone on with after whatever stopped it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace

import pytest

from fetch.askings import Told, history, store_in_a_folder, straight, through_the_door
from fetch.explorer_service import ANN, BEN, Explorer, Tx, services
from fetch.mishaps import SERVICE
from fetch.pretend import Pretend, at_once
from fetch.services import Reply
from flowtrace.errors import CrowdedError, IncompleteError, KeyRefusedError, SourceError, UnreadableError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask, ask_of, replay, started_over
from flowtrace.fetch.door.transport import Door
from flowtrace.fetch.provider import NO_CHAIN, providers
from flowtrace.fetch.source import Asking, Batch, Pin, Rows, Together
from flowtrace.model import Answer, Request

TX = "0x" + "7" * 64


def test_an_ask_is_read_as_it_was_written() -> None:
    """Text and back: the same ask makes the same requests, so all that decides them is in the text."""
    for provider in providers():
        if provider.chain == NO_CHAIN:
            continue
        for ask in (Ask(provider, "some:address", Pin(provider.chain.id, 5, "0x5", 6)), Ask(provider, TX)):
            read = Ask.read(ask.text)
            assert read.text == ask.text
            assert (read.target, read.pin) == (ask.target, ask.pin)
            assert (read.provider.url, read.provider.options) == (provider.url, provider.options)


@pytest.mark.parametrize("service", services(), ids=["etherscan", "blockscout"])
def test_a_history_is_the_same_in_every_way(service: Explorer) -> None:
    """Straight of the service, through the door, and again over the evidence without it."""
    plain, asked = straight(service)
    run = through_the_door(service)
    assert run.told == run.again == plain
    assert plain.complete
    assert Counter(one.request.id for one in run.sent) == Counter(request.id for request in asked)


def through(store: EvidenceStore, wire: Pretend, ask: Ask, **how: object) -> Rows:
    """Ask through a door to a pretended wire."""

    async def run() -> Rows:
        async with Door(store, wire=wire) as door:
            return await ask_of(ask, door, **how)  # type: ignore[arg-type]

    return at_once(run())


def test_what_is_held_is_not_asked_again() -> None:
    """The same ask over the same evidence sends nothing, and is noted once."""
    service = Explorer()
    with store_in_a_folder() as store:
        first, second = Pretend(service.answer), Pretend(service.answer)
        one, two = (through(store, wire, history(service)) for wire in (first, second))
        assert Told.of(one) == Told.of(two)
        assert (len(first.sent) > 10, second.sent) == (True, [])
        assert store.asks() == [history(service).text]
        assert len(store.noted("asked")) == 1


def test_a_bad_answer_is_put_aside_and_asked_again() -> None:
    """One answer that cannot be read costs one more request: the others are taken from the evidence."""
    service = Explorer()
    plain, asked = straight(service)
    for number in range(len(asked)):
        run = through_the_door(service, {number: SERVICE["not JSON"]})
        assert run.told == run.again == plain
        assert (len(run.sent), run.rejected) == (len(asked) + 1, 1)


def test_an_answer_that_stays_bad_is_an_error() -> None:
    """Three times the same request in vain: the error says who answered what, and how."""
    service = Explorer()
    mishaps = dict.fromkeys(
        range(1_000), lambda reply: SERVICE["not JSON"](reply) if b"hash" in reply[2] else None
    )
    run = through_the_door(service, mishaps)
    assert isinstance(run.error, SourceError)
    assert not isinstance(run.error, UnreadableError)
    assert (
        "etherscan@ethereum failed 3 times in a row: etherscan@ethereum answered https://api.ethersc"
        in str(run.error)
    )


def _other(reply: Reply) -> Reply | None:
    """Change the value of the last row of a page: the page after it, which overlaps, contradicts."""
    found = json.loads(reply[2])
    if not isinstance(found.get("result"), list) or len(found["result"]) < 2:
        return None
    row = found["result"][-1]
    row |= {"value": row["value"] + "0"} if "value" in row else {"data": f"0x{1 + int(row['data'], 16):064x}"}
    return reply[0], reply[1], json.dumps(found).encode()


def test_a_wrong_answer_is_found_by_the_next_and_both_are_asked_again() -> None:
    """A page that is well formed and wrong makes the next one look bad; that one alone is not to blame."""
    service = Explorer()
    plain, asked = straight(service)
    struck = 0
    for number in range(len(asked)):
        run = through_the_door(service, {number: _other})
        struck += run.struck
        assert run.error is None, "both were asked for again"
        if run.told is not None and run.told.transfers != plain.transfers:
            assert not run.told.complete, f"request {number}: another sum, and nobody noticed"
        assert run.again == run.told
    assert struck > 5


def test_many_bad_answers_in_one_history_are_borne() -> None:
    """Each of many requests may fail once: what is counted is how often one and the same fails."""
    service = Explorer()
    plain, asked = straight(service)
    seen: Counter[str] = Counter()

    def answer(request: Request) -> Reply:
        seen[request.id] += 1
        reply = service.answer(request)
        return SERVICE["empty body"](reply) if seen[request.id] == 1 else reply

    with store_in_a_folder() as store:
        rows = through(store, Pretend(answer), history(service))
        assert Told.of(rows) == plain
        assert set(seen.values()) == {2}
        assert len(store.noted("rejected")) == len(asked)


@pytest.mark.parametrize("service", services(), ids=["etherscan", "blockscout"])
def test_a_chain_rewritten_between_pages_is_rolled_back(service: Explorer) -> None:
    """At every moment of the reading: told is the chain as it is in the end, and nothing below is lost."""
    height = 50
    service.forked = height
    after, asked = straight(service)
    rolled = 0
    for moment in range(len(asked)):
        service.forked = 101
        count = 0

        def answer(request: Request, moment: int = moment) -> Reply:
            nonlocal count
            service.forked = height if count >= moment else 101
            count += 1
            return service.answer(request)

        with store_in_a_folder() as store:
            rows = through(store, Pretend(answer), history(service))
            assert Told.of(rows).transfers == after.transfers
            assert Told.of(replay(history(service), store)) == Told.of(rows)
            rejected = {entry["evidence"] for entry in store.noted("rejected")}
            for number, top in rows.answers.items():
                assert number not in rejected or top >= height
            rolled += bool(rejected)
    assert rolled > 3, "the rewriting was noticed at several moments"


def test_what_lies_below_a_rewriting_is_not_asked_again() -> None:
    """Answers wholly below the rewritten blocks stand; all others are asked for again, each once more."""
    service = Explorer()
    with store_in_a_folder() as store:

        def asking() -> Asking[int]:
            numbers = []
            for height in (5, 30, 60):
                answer: Answer = yield Request("GET", f"https://service.example/{height}")
                numbers.append(answer.number)
                yield Batch((), answer.number, ((height, "0xsame"),))
            if not store.noted("rejected"):
                yield Batch((), numbers[-1], ((30, "0xother"),))
            return 1

        wire = Pretend(lambda _: (200, {}, b"{}"))

        async def run() -> None:
            async with Door(store, wire=wire) as door:
                await started_over(asking, service.provider, door)

        at_once(run())
        assert [one.request.url[-2:] for one in wire.sent] == ["/5", "30", "60", "30", "60"]


def test_a_chain_that_is_rewritten_without_end_is_an_error() -> None:
    """Three times in a row: then the source cannot be read now, and it says so."""
    service = Explorer()
    count = 0

    def answer(request: Request) -> Reply:
        nonlocal count
        count += 1
        service.forked = 40 + count % 2
        return service.answer(request)

    with (
        store_in_a_folder() as store,
        pytest.raises(SourceError, match="failed 3 times in a row"),
    ):
        through(store, Pretend(answer), history(service))


def test_a_crowded_address_is_left() -> None:
    """With a bound on transfers, a history longer than that is left early, and what was read is kept."""
    service = Explorer()
    with store_in_a_folder() as store:
        wire = Pretend(service.answer)
        with pytest.raises(CrowdedError, match="more than 9 transfers"):
            through(store, wire, history(service), most=9)
        few = len(wire.sent)
        rows = through(store, wire, history(service), most=10_000)
        assert Told.of(rows) == straight(service)[0]
        assert few < len(wire.sent) == len(straight(service)[1])


def test_one_of_several_side_by_side_fails_and_the_others_are_kept() -> None:
    """Their answers are evidence; the error is raised when all have ended; a worse one comes first."""

    def child(name: str, error: SourceError | None = None) -> Asking[str]:
        answer: Answer = yield Request("GET", f"https://service.example/{name}")
        if error is not None:
            raise error
        return f"{name} {answer.number}"

    raised: list[BaseException] = []

    def parent() -> Asking[str]:
        try:
            yield Together((child("a", SourceError("mild")), child("b"), child("c", CrowdedError("many"))))
        except SourceError as error:
            raised.append(error)
        return ""

    provider = Explorer().provider
    with store_in_a_folder() as store:

        async def run() -> None:
            async with Door(store, wire=Pretend(lambda _: (200, {}, b"{}"))) as door:
                await started_over(parent, provider, door)

        with pytest.raises(CrowdedError):
            at_once(run())
        assert (len(store.items()), raised) == (3, [])


def test_a_spent_budget_is_no_matter_of_the_source() -> None:
    """It ends the work at once, past any asking that knows another way, and says how to go on."""
    service = Explorer()
    plain, asked = straight(service)
    with store_in_a_folder() as store:

        async def run(budget: int | None) -> Rows:
            async with Door(store, wire=wire, budget=budget) as door:
                return await ask_of(history(service), door)

        wire = Pretend(service.answer)
        for _ in range(3):
            with pytest.raises(IncompleteError, match="run the same command again to go on") as error:
                at_once(run(7))
            assert not isinstance(error.value, SourceError)
        assert Told.of(at_once(run(None))) == plain
        assert len(wire.sent) == len(asked), "nothing was asked twice"


def test_evidence_that_lacks_an_answer_is_named() -> None:
    """A replay of what was not asked to its end says which request is missing."""
    with (
        store_in_a_folder() as store,
        pytest.raises(SourceError, match="the evidence does not answer GET https://"),
    ):
        replay(history(Explorer()), store)


def test_a_missing_key_is_an_error_that_names_it() -> None:
    """A source that cannot go without its key says which one, through the door and all."""
    provider = replace(Explorer().provider, needs_key=True)

    async def run(store: EvidenceStore) -> None:
        async with Door(store) as door:
            await ask_of(Ask(provider, TX), door)

    with pytest.MonkeyPatch.context() as patch, store_in_a_folder() as store:
        patch.delenv("ETHERSCAN_API_KEY", raising=False)
        with pytest.raises(KeyRefusedError, match="set ETHERSCAN_API_KEY in the environment"):
            asyncio.run(run(store))
        assert not store.noted("failed"), "nothing left"


def test_a_later_move_is_not_read() -> None:
    """What lies above the pin is no part of the history, whatever the service shows."""
    service = Explorer(later=(Tx(90, 0, BEN, ANN, 10**18),))
    told, _ = straight(service)
    assert told.transfers == straight(Explorer())[0].transfers
    assert all("not checked" in str(scope[5]) for scope in told.coverage if scope[1] != "token")
