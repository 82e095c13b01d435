"""The diary of requests: what may follow what, amounts, due dates; in the custody log, never edited."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case.shared_deposit import shared_deposit
from flowtrace import Case, verify
from flowtrace.case import Step, diary, freeze, reminders, step
from flowtrace.case.diary import outcomes_in
from flowtrace.errors import InputError
from flowtrace.model import Amount, Asset, Outcome, RequestRecord, RequestState
from flowtrace.report.freeze import Sending

SENDING = Sending(datetime(2026, 11, 25, tzinfo=UTC), accept_stale=True, no_tip_off_checked=True)
S = RequestState
DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a case that is reported, with its packages; copy it before touching it."""
    case = shared_deposit(tmp_path_factory.mktemp("written"))
    case.report()
    made = freeze(case, SENDING)
    assert {one.folder: one.errors for one in made} == {"huobi": (), "tornado-exposure": ()}
    return case.folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder of a case with its packages."""
    return shutil.copytree(written, tmp_path / "case")


def _only(folder: Path) -> RequestRecord:
    (one,) = diary(folder)
    return one


def _take(folder: Path, state: RequestState, days: int = 0, *amounts: str) -> RequestRecord:
    return step(folder, _only(folder).request, Step(state, DAY + timedelta(days), "an analyst", "", amounts))


def test_a_package_that_is_written_is_drafted_once(folder: Path) -> None:
    """Writing it again adds no entry; its amounts and periods are those of the letter."""
    before = _only(folder)
    assert (before.state, before.reply_days, before.hold_days, before.keep_days) == (S.DRAFTED, 14, 30, 90)
    assert before.requested[0].units > 0
    freeze(Case(folder), SENDING)
    with Case(folder).store(readonly=True) as store:
        assert len(store.noted("request")) == 1
    assert outcomes_in(folder) == ()


def test_a_request_goes_its_way_with_amounts_and_dates(folder: Path) -> None:
    """Sent, acknowledged, held, held again, released: what is due, what is held, what came back."""
    assert _take(folder, S.SENT).reply_due == DAY + timedelta(14)
    assert _only(folder).records_end == DAY + timedelta(90)
    assert _take(folder, S.ACKNOWLEDGED, 2).reply_due is None
    held = _take(folder, S.HELD, 3, "1.25")
    assert (held.outcome.held, held.hold_ends) == ("1.25 ETH", DAY + timedelta(33))
    renewed = _take(folder, S.HELD, 30, "1.5 ETH")
    assert (renewed.outcome.held, renewed.hold_ends) == ("1.5 ETH", DAY + timedelta(60))
    back = _take(folder, S.RELEASED, 40, "1.000000000000000001")
    assert [str(one) for one in back.recovered] == ["1.000000000000000001 ETH"]
    assert (back.hold_ends, back.state.next) == (None, frozenset())
    note = "requested 3 ETH; recovered 1.000000000000000001 ETH"
    told = Outcome("Huobi", "released", "2027-01-10", "1.5 ETH", note)
    assert Case(folder).result.outcomes == (back.outcome,) == (told,)


@given(st.lists(st.sampled_from(S), max_size=8))
def test_only_what_may_follow_follows(wanted: list[RequestState]) -> None:
    """Released is the end, nothing is held before it is sent, and drafted is entered by writing alone."""
    state = S.DRAFTED
    for one in wanted:
        if one in state.next:
            assert one is not S.DRAFTED
            assert state is not S.RELEASED
            assert state is not S.DRAFTED or one is S.SENT
            state = one


@pytest.mark.parametrize(
    ("taken", "named"),
    [
        (Step(S.HELD, DAY, "a", "", ("1",)), "what may follow is sent, not held"),
        (Step(S.SENT, DAY, " "), "names who makes it"),
        (Step(S.SENT, DAY, "a", "", ("1",)), "sent has no amount"),
    ],
)
def test_an_entry_that_may_not_be_is_refused(taken: Step, named: str, folder: Path) -> None:
    """And the diary stays as it was."""
    before = _only(folder)
    with pytest.raises(InputError, match=named):
        step(folder, before.request, taken)
    assert _only(folder) == before


@pytest.mark.parametrize(
    ("amounts", "named"),
    [
        ((), "held has an amount"),
        (("1e18",), "is not a decimal number"),
        (("1.0000000000000000001",), "at most 18 places"),
        (("1 BTC",), "name one of the request's assets behind it: ETH"),
        (("1", "2 ETH"), "is given twice"),
    ],
)
def test_an_amount_that_cannot_be_read_is_refused(amounts: tuple[str, ...], named: str, folder: Path) -> None:
    """Never rounded, never guessed."""
    _take(folder, S.SENT)
    with pytest.raises(InputError, match=named):
        _take(folder, S.HELD, 1, *amounts)
    assert _only(folder).state is S.SENT


def test_a_day_before_the_last_entry_is_refused(folder: Path) -> None:
    """A diary goes forward."""
    _take(folder, S.SENT, 5)
    with pytest.raises(InputError, match="lies before that"):
        _take(folder, S.REFUSED, 4)
    with pytest.raises(InputError, match="there is no request 'nobody'"):
        step(folder, "nobody", Step(S.SENT, DAY, "a"))


def test_what_was_sent_is_kept_as_it_was_sent(folder: Path) -> None:
    """The case may be worked on and its packages written again; the one that went out stays."""
    letter = (folder / "requests/huobi/letter.pdf").read_bytes()
    _take(folder, S.SENT)
    freeze(Case(folder), SENDING)
    assert _only(folder).state is S.SENT
    assert (folder / f"requests-sent/huobi-{DAY}/letter.pdf").read_bytes() == letter


def test_the_case_still_verifies_after_entries(folder: Path) -> None:
    """An entry is no change of the evidence: the seal is made anew, and the log's chain holds."""
    before = {check.item: check.passed for check in verify(Case(folder))}
    assert all(before.values())
    _take(folder, S.SENT)
    assert {check.item: check.passed for check in verify(Case(folder))} == before


def test_a_broken_seal_is_not_mended_by_an_entry(folder: Path) -> None:
    """Whatever was wrong before stays visible."""
    (folder / "case.toml").write_text("format = 1\n", encoding="utf-8")
    seal = (folder / "seal.json").read_bytes()
    _take(folder, S.SENT)
    assert (folder / "seal.json").read_bytes() == seal


ETH = Asset.of("eip155:1/slip44:60")


def _outcome(state: RequestState, sent: date | None, held: date | None) -> RequestRecord:
    return RequestRecord("r", "x", "X", state, DAY, "", "", sent, held, 14, 30, 90, (Amount(ETH, 1),))


@pytest.mark.parametrize(
    ("one", "on", "said"),
    [
        (_outcome(S.SENT, DAY, None), DAY, []),
        (_outcome(S.SENT, DAY, None), DAY + timedelta(7), ["on 2026-12-15: an answer is due"]),
        (_outcome(S.SENT, DAY, None), DAY + timedelta(20), ["since 2026-12-15: an answer is due"]),
        (_outcome(S.HELD, DAY, DAY), DAY + timedelta(25), ["on 2026-12-31: the hold ends"]),
        (
            _outcome(S.HELD, DAY, DAY),
            DAY + timedelta(85),
            ["since 2026-12-31: the hold", "on 2027-03-01: the rec"],
        ),
        (_outcome(S.REFUSED, DAY, None), DAY + timedelta(99), []),
        (_outcome(S.RELEASED, DAY, DAY), DAY + timedelta(99), []),
        (_outcome(S.DRAFTED, None, None), DAY + timedelta(99), []),
    ],
)
def test_reminders_are_as_of_a_day(one: RequestRecord, on: date, said: Iterable[str]) -> None:
    """Due within a week, or overdue; nothing of what is over."""
    found = reminders([one], on)
    assert len(found) == len(list(said))
    for reminder, words in zip(found, said, strict=True):
        assert reminder.text.startswith(words)
