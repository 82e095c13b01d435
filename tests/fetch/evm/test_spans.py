"""Spans of blocks: whatever a service allows at once, each block is asked about once, and none left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import SourceError
from flowtrace.fetch.evm.spans import spans
from flowtrace.fetch.source import Asking, drive
from flowtrace.model import Answer, Request


class Service:
    """Rows per block, with limits of blocks and of rows in one answer; or one cut at a limit, in silence."""

    def __init__(self, rows: list[int], *, blocks: int, most: int, cuts: int = 0) -> None:
        self.rows, self.blocks, self.most, self.cuts = rows, blocks, most, cuts
        self.answered: list[tuple[int, int]] = []
        self.asked = 0

    def one(self, first: int, last: int) -> Asking[int | None]:
        """Answer about a span."""
        assert 0 <= first <= last < len(self.rows)
        yield from ()
        self.asked += 1
        count = sum(self.rows[first : last + 1])
        if last - first >= self.blocks or count > self.most:
            return None
        if self.cuts and count > self.cuts:
            return self.cuts
        self.answered.append((first, last))
        return count


def nothing(_: Request) -> Answer:
    """Answer no request: there is none."""
    raise AssertionError


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=200), st.integers(1, 250), st.integers(30, 500),
    st.integers(0, 300),
)  # fmt: skip
def test_every_block_once(rows: list[int], blocks: int, most: int, widest: int) -> None:  # noqa: PLR0917  drawn
    """Every block is in exactly one answer that counts, in order, and no row is lost."""
    service = Service(rows, blocks=blocks, most=most)
    count = drive(spans(0, len(rows) - 1, service.one, widest=widest), nothing, lambda _: None)
    assert count == sum(rows)
    covered = [block for first, last in service.answered for block in range(first, last + 1)]
    assert sorted(set(covered)) == list(range(len(rows)))
    again = len(covered) - len(set(covered))
    assert again == 0 or any(total % 100 == 0 for total in _sums(rows))


def _sums(rows: list[int]) -> set[int]:
    return {sum(rows[a:b]) for a in range(len(rows)) for b in range(a + 1, len(rows) + 1)}


def test_wide_spans_are_found_again() -> None:
    """After a crowded stretch spans grow again: a long quiet one takes few questions."""
    service = Service([0] * 100 + [50] * 20 + [0] * 100_000, blocks=10_000, most=60)
    drive(spans(0, len(service.rows) - 1, service.one), nothing, lambda _: None)
    assert service.asked < 250


def test_silent_limit() -> None:
    """An answer with as many rows as limits are made of is not taken for whole."""
    service = Service([7] * 100, blocks=1000, most=10_000, cuts=200)
    assert drive(spans(0, 99, service.one), nothing, lambda _: None) == 700


def test_single_block() -> None:
    """A single block that is too much cannot be had whole."""
    with pytest.raises(SourceError, match="block 1 holds more than the service gives"):
        drive(spans(0, 2, Service([1, 900, 1], blocks=9, most=500).one), nothing, lambda _: None)
