"""The pace: never more than so many in any so many seconds, nearly all of that, and slower when told."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from flowtrace.fetch.door.pace import Pace

LIMITS = st.sampled_from(
    [(1, 1.0), (3, 1.0), (5, 1.0), (20, 10.0), (40, 10.0), (1, 0.25), (50, 1.0), (7, 3.0)]
)
DELAYS = st.lists(st.floats(0.0, 3.0), min_size=1, max_size=40)
_HAIR = 1e-9


@dataclass
class Life:
    """A host's pace on a clock of its own, and every moment at which a request left."""

    pace: Pace
    now: float = 1_000.0
    left: list[float] = field(default_factory=list)

    def one(self, connecting: float = 0.0) -> float:
        """Let one request leave, after its connection took so many seconds; return how long it waited."""
        waited = 0.0
        while (wait := self.pace.wait(self.now)) > 0:
            self.now += wait
            waited += wait
        self.pace.take(self.now)
        self.now += connecting
        self.pace.sent(self.now)
        self.left.append(self.now)
        return waited

    def worst(self, seconds: float) -> int:
        """Return the most requests that left within any so many seconds."""
        return max(sum(start <= at < start + seconds - _HAIR for at in self.left) for start in self.left)


@given(LIMITS, st.lists(st.floats(0.0, 2.0) | st.just(0.0), min_size=1, max_size=150))
def test_never_more_than_so_many_in_any_so_many_seconds(
    limit: tuple[int, float], pauses: list[float]
) -> None:
    """However the work comes, in a rush or in drops, no stretch of time holds more than is allowed."""
    life = Life(Pace(*limit))
    for pause in pauses:
        life.now += pause
        life.one()
    assert life.worst(limit[1]) <= limit[0]


@given(LIMITS, st.lists(st.tuples(st.floats(0.0, 0.5), st.floats(0.0, 4.0)), min_size=1, max_size=60))
def test_connections_that_take_their_time_do_not_bunch(
    limit: tuple[int, float], work: list[tuple[float, float]]
) -> None:
    """Requests that got their turn apart may leave together, where making a connection takes time.

    Several are under way: each leaves at its own moment, in whatever order, and the law holds for those.
    """
    pace, now = Pace(*limit), 1_000.0
    leaving: list[float] = []
    left: list[float] = []

    def pass_until(until: float) -> float:
        for at in sorted(at for at in leaving if at <= until):
            leaving.remove(at)
            pace.sent(at)
            left.append(at)
        return until

    for pause, connecting in work:
        now = pass_until(now + pause)
        while (wait := pace.wait(now)) > 0:
            now = pass_until(now + wait)
        pace.take(now)
        leaving.append(now + connecting)
    pass_until(now + 10)
    assert len(left) == len(work)
    life = Life(pace, left=left)
    assert life.worst(limit[1]) <= limit[0]


@given(LIMITS)
def test_nearly_all_that_is_allowed_is_used(limit: tuple[int, float]) -> None:
    """While there is work, at least 95 of 100 allowed requests leave."""
    life = Life(Pace(*limit))
    for _ in range(20 * limit[0]):
        life.one()
    begun = life.left[0]
    allowed = 1 + (life.left[-1] - begun) * limit[0] / limit[1]
    assert len(life.left) >= 0.95 * allowed


@given(LIMITS, DELAYS)
def test_a_late_start_does_not_cost_the_pace(limit: tuple[int, float], late: list[float]) -> None:
    """Each request is late by a little, as on a busy machine; the schedule is kept all the same."""
    life = Life(Pace(*limit))
    spacing = limit[1] / limit[0]
    for delay in late * 5:
        life.one()
        life.now += min(delay, 0.9) * spacing  # less than a place each time
    allowed = 1 + (life.left[-1] - life.left[0]) * limit[0] / limit[1]
    assert len(life.left) >= 0.95 * allowed - limit[0]


@given(LIMITS, st.floats(0.0, 300.0))
def test_retry_after_is_obeyed(limit: tuple[int, float], told: float) -> None:
    """After "wait so long", nothing leaves for so long, whoever asks: those who waited already, too."""
    life = Life(Pace(*limit))
    for _ in range(3):
        life.one()
    refused = life.now
    waiting = life.pace.wait(life.now)  # another looks, and is told an earlier moment
    life.pace.refused(refused, told)
    life.now += waiting
    life.one()
    assert life.left[-1] >= refused + told


@given(LIMITS, st.integers(1, 12))
def test_each_refusal_in_a_row_waits_longer(limit: tuple[int, float], times: int) -> None:
    """Without a word how long, the pause grows from refusal to refusal, up to the longest."""
    life = Life(Pace(*limit, first=0.5, longest=60.0))
    life.one()
    pauses = []
    for _ in range(times):
        life.pace.refused(life.now, left=life.now)
        pauses.append(life.pace.wait(life.now))
        life.now += pauses[-1]
        life.one()
    assert pauses == sorted(pauses)
    assert pauses[0] >= min(0.5, 2 * limit[1] / limit[0])
    assert all(pause <= 62 for pause in pauses), "the longest, and a hair for the spacing"


@given(LIMITS, st.integers(2, 30))
def test_many_refused_together_teach_once(limit: tuple[int, float], under_way: int) -> None:
    """Several requests under way are refused together: the pace is slowed once, not once for each."""
    one, many = Pace(*limit), Pace(*limit)
    one.refused(1_000.0, left=999.0)
    for number in range(under_way):
        many.refused(1_000.0 + number / 100, left=999.0)
    assert many.spacing == one.spacing


@given(LIMITS, st.integers(1, 10))
def test_it_recovers(limit: tuple[int, float], refusals: int) -> None:
    """After many good answers the pace is again what the host allows, and never faster."""
    life = Life(Pace(*limit))
    plain = life.pace.spacing
    for _ in range(refusals):
        life.one()
        life.pace.refused(life.now, left=life.now)
    assert life.pace.spacing > plain
    for _ in range(20 * 30):
        life.pace.accepted()
        assert life.pace.spacing >= plain
    assert life.pace.spacing == plain


@given(LIMITS, st.lists(st.sampled_from(["take", "sent", "unsent", "refused", "accepted"]), max_size=60))
def test_it_always_lets_the_next_one_leave(limit: tuple[int, float], events: list[str]) -> None:
    """Whatever happened before, the next request leaves in the end: no place is lost for good."""
    life = Life(Pace(*limit))
    taken = 0
    for event in events:
        if event == "take":
            life.pace.take(life.now)
            taken += 1
        elif event in ("sent", "unsent") and taken:
            life.pace.sent(life.now) if event == "sent" else life.pace.unsent()
            taken -= 1
        elif event == "refused":
            life.pace.refused(life.now)
        else:
            life.pace.accepted()
    for _ in range(taken):
        life.pace.unsent()
    assert life.one() <= 61 + 2 * life.pace.window
