"""The block at a height, by every kind of service; and what an ask rests on, whole or cut short."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fetch import explorer_service
from fetch.askings import history, store_in_a_folder, straight
from fetch.laws import Case, every_case
from fetch.services import Service
from flowtrace.errors import IncompleteError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import block_of, replay, touched
from flowtrace.fetch.dialects import dialect
from flowtrace.fetch.source import drive
from flowtrace.model import Answer, Family, Request


def answered(service: Service, request: Request) -> Answer:
    """Return what a stand-in answers."""
    status, headers, body = service.answer(request)
    lower = tuple((name.lower(), value) for name, value in headers.items())
    return Answer(request, body, "2026-01-01", service.provider.id, "asked", status, lower, number=1)


def keep(service: Service, store: EvidenceStore, asked: Sequence[Request]) -> list[int]:
    """Keep the answers to requests; return their numbers."""
    return [store.keep_asked(answered(service, request)).number for request in asked]


@every_case
def test_the_block_of_a_head_is_at_its_height(case: Case) -> None:
    """Whoever names a head with its hash names the same hash when asked for that height."""
    service = case.service()
    at = block_of(service.provider.kind)
    if at is None:
        assert service.provider.chain.family in (Family.TRON, Family.SOLANA)
        return

    def answer_of(request: Request) -> Answer:
        return answered(service, request)

    head = drive(dialect(service.provider.kind).head(service.provider), answer_of, lambda _: None)
    assert head.hash
    assert drive(at(service.provider, head.height), answer_of, lambda _: None) == head.hash


@every_case
def test_an_ask_touches_all_that_it_asked(case: Case) -> None:
    """Every answer, with the highest block that it names; of half of them, that half at most."""
    service = case.service()
    _, asked = straight(service)
    with store_in_a_folder() as store:
        numbers = keep(service, store, list(dict.fromkeys(asked)))
        found = touched(history(service), store)
        assert set(found.answers) == set(numbers)
        assert max(found.answers.values()) <= max(found.blocks, default=-1)
    with store_in_a_folder() as store:
        numbers = keep(service, store, asked[: len(asked) // 2])
        assert set(touched(history(service), store).answers) <= set(numbers)


def test_what_was_refused_is_told_from_what_was_not_asked() -> None:
    """A balance that lacks: refused, if the ask came to its end, and got round; else nobody knows."""
    service = explorer_service.service()
    _, asked = straight(service)
    without = [request for request in asked if "action=balance" not in request.url]
    assert len(without) < len(asked)
    with store_in_a_folder() as store:
        keep(service, store, without)
        rows = replay(history(service), store)
        assert any("the balance was not told" in one.check for one in rows.coverage)
        with pytest.raises(IncompleteError) as raised:
            replay(history(service), store, ended=False)
        assert not isinstance(raised.value, SourceError)
        assert "action=balance" in str(raised.value)
