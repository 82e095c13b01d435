"""Which of the evidence an ask rests on: its answers, the blocks they name, and how high these are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flowtrace.errors import KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch.ask import Ask
from flowtrace.fetch.source import Batch, Quote, Rows, drive
from flowtrace.model import Answer, Request


@dataclass(frozen=True, slots=True)
class Touched:
    """What was seen while an ask was read from the evidence, as far as that goes.

    Attributes
    ----------
    answers
        Per number of an answer, the height of the highest block it names; -1 where it names none.
    blocks
        Per height, the hash that the answers name.
    """

    answers: dict[int, int]
    blocks: dict[int, str]


def touched(ask: Ask, store: EvidenceStore) -> Touched:
    """Read an ask from the evidence; what stops that is no error here: it only ends it."""
    rows, seen = Rows(), dict[int, None]()

    def answer_of(request: Request) -> Answer:
        held = store.held(request)
        if held is None:
            raise SourceError(f"the evidence does not answer {request.method} {request.url}")
        seen[held.number] = None
        return held

    def take(read: Batch | Quote) -> None:
        if isinstance(read, Batch):
            rows.take(read, ask.provider.chain.id)

    with suppress(SourceError, KeyRefusedError):
        drive(ask.asking(), answer_of, take)
    answers = {number: rows.answers.get(number, -1) for number in seen}
    return Touched(answers, {height: name for (_, height), (name, _) in rows.blocks.items()})
