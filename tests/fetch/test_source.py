"""The contract of a source: driving an asking, and what is read on the way."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from flowtrace.errors import (
    CrowdedError,
    InputError,
    KeyRefusedError,
    ReorgError,
    SourceError,
    UnreadableError,
)
from flowtrace.fetch.source import Asking, Batch, Rows, Step, Together, drive, unreadable
from flowtrace.model import Answer, Request
from toytown import ETH, Pay, transfers, who

ASKED = {name: Request("GET", f"https://service.example/{name}") for name in "abc"}


def answer_of(request: Request) -> Answer:
    """Answer with the name of what was asked; "c" cannot be had."""
    if request == ASKED["c"]:
        raise SourceError("nobody answers c")
    return Answer(request, request.url[-1:].encode(), "2026-01-01", "a test", number=ord(request.url[-1]))


def one(name: str) -> Generator[Step, Any, str]:
    """Ask for one thing, tell it, and return its name."""
    answer: Answer = yield ASKED[name]
    yield Batch((), answer.number)
    return answer.body.decode()


def driven(asking: Asking[Any]) -> tuple[Any, list[int]]:
    """Return what an asking returns, and the numbers of the answers it told of."""
    told: list[int] = []
    return drive(asking, answer_of, lambda batch: told.append(getattr(batch, "answer", 0))), told


def test_an_asking_is_sent_its_answers() -> None:
    """Each request is answered, each batch taken, and the end is what the asking returns."""

    def both() -> Asking[str]:
        first = yield from one("a")
        second = yield from one("b")
        return first + second

    assert driven(both()) == ("ab", [ord("a"), ord("b")])


def test_askings_side_by_side_return_together() -> None:
    """The tuple of what they return, in their order; they may be nested."""

    def together() -> Asking[object]:
        return (yield Together((one("a"), inner(), one("a"))))

    def inner() -> Asking[object]:
        return (yield Together((one("b"), one("b"))))

    assert driven(together())[0] == ("a", ("b", "b"), "a")


def test_what_cannot_be_had_is_raised_inside() -> None:
    """An asking that knows another way takes it; one that does not ends with the error."""

    def careful() -> Asking[str]:
        try:
            yield from one("c")
        except SourceError:
            return (yield from one("a"))
        return ""

    assert driven(careful()) == ("a", [ord("a")])
    with pytest.raises(SourceError, match="nobody answers c"):
        driven(one("c"))


def test_a_refused_key_is_raised_inside_too() -> None:
    """A key that is missing is one more way in which an answer cannot be had."""

    def refused(_: Request) -> Answer:
        raise KeyRefusedError("no key")

    def careful() -> Asking[str]:
        try:
            yield ASKED["a"]
        except KeyRefusedError:
            return "another way"
        return ""

    assert drive(careful(), refused, lambda _: None) == "another way"


def test_the_others_end_before_an_error_is_raised() -> None:
    """What was under way side by side is told, then the first error is raised, where it may be got round."""

    def careful() -> Asking[str]:
        try:
            yield Together((one("a"), one("c"), one("b")))
        except SourceError as error:
            return str(error)
        return ""

    assert driven(careful()) == ("nobody answers c", [ord("a"), ord("b")])


@pytest.mark.parametrize(
    "error", [UnreadableError("cut", 5), ReorgError("new chain", 5), CrowdedError("many")]
)
def test_what_ends_the_whole_cannot_be_got_round(error: SourceError) -> None:
    """An answer that is no good, or a rewritten chain, is no matter of one step: no step may swallow it."""

    def failing() -> Asking[str]:
        yield from one("a")
        raise error

    def hiding() -> Asking[str]:
        try:
            yield Together((failing(), one("b")))
        except SourceError:
            return "hidden"
        return ""

    with pytest.raises(type(error)):
        driven(hiding())

    def taken(_: object) -> None:
        raise error

    def hiding_more() -> Asking[str]:
        try:
            yield from one("a")
        except SourceError:
            return "hidden"
        return ""

    with pytest.raises(type(error)):
        drive(hiding_more(), answer_of, taken)


def test_an_error_of_our_own_is_not_thrown_in() -> None:
    """Only what a source can answer for is raised inside; a wrong input ends the work."""

    def wrong(_: Request) -> Answer:
        raise InputError("a typo")

    def careful() -> Asking[str]:
        try:
            yield ASKED["a"]
        except InputError:
            return "swallowed"
        return ""

    with pytest.raises(InputError):
        drive(careful(), wrong, lambda _: None)


CHAIN = "eip155:1"


def test_rows_know_who_showed_what() -> None:
    """Per transfer, the numbers of the answers that show it, each once and in order."""
    told = tuple(transfers([Pay("pay", who("ann"), who("ben"), 5, asset=ETH)]))
    rows = Rows()
    rows.take(Batch(told, 9), CHAIN)
    rows.take(Batch(told, 4), CHAIN)
    rows.take(Batch(told[:1], 9), CHAIN)
    assert rows.witness == {transfer.id: (4, 9) for transfer in told}
    assert len(rows.transfers) == 2 * len(told) + 1


def test_two_hashes_for_one_block_are_a_rewritten_chain() -> None:
    """Within an answer or between two: the error says from which block on, and names the answers."""
    rows = Rows()
    rows.take(Batch((), 1, ((5, "0xa"), (6, "0xb"))), CHAIN)
    rows.take(Batch((), 2, ((6, "0xb"), (7, "0xc"))), CHAIN)
    rows.take(Batch((), 3, ((6, "0xother"),)), "eip155:10")
    with pytest.raises(ReorgError, match=r"answers 1 and 4 name different blocks of eip155:1 at 6") as error:
        rows.take(Batch((), 4, ((6, "0xnew"),)), CHAIN)
    assert error.value.height == 6
    with pytest.raises(ReorgError, match="answers 5 and 5"):
        rows.take(Batch((), 5, ((9, "0xa"), (9, "0xb"))), CHAIN)


def test_rows_know_how_high_each_answer_reaches() -> None:
    """The highest block an answer names; -1 where it names none: what a rewritten chain leaves standing."""
    rows = Rows()
    rows.take(Batch((), 1, ((5, "0xa"), (6, "0xb"))), CHAIN)
    rows.take(Batch((), 1, ((2, "0xc"),)), CHAIN)
    rows.take(Batch((), 2), CHAIN)
    assert rows.answers == {1: 6, 2: -1}


def test_an_unreadable_answer_is_named() -> None:
    """The error says who answered what, and carries the number, so that it can be asked for again."""
    error = unreadable(Answer(ASKED["a"], b"", "2026-01-01", "a test", number=7), "no rows")
    assert str(error) == "a test answered https://service.example/a with no rows"
    assert error.answer == 7
