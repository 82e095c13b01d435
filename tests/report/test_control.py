"""Any one amount changed, anywhere: nothing is written, and the row is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace import Case
from flowtrace.errors import IntegrityError
from flowtrace.model import Leg, Result, Rule, Transfer
from flowtrace.report import controls, write_report
from flowtrace.report.accounted import accounted
from flowtrace.report.control import check_controls
from report.broken import with_hop, with_stop, with_trace
from report.drafts import sent
from report.toy_result import toy_result

Changed = tuple[Result, str]
ACCOUNT = ("stolen", "clean", "fees", "resting", "unaddressed", "overtaken", "sold", "bought")


def _bent(taint: Mapping[Rule, int], rule: Rule, by: int) -> dict[Rule, int]:
    return {**taint, rule: abs(taint[rule] + by)}


def _paid(transfer: Transfer, by: int) -> Transfer:
    """Return a transfer that moves more, and still conserves."""

    def legs(held: tuple[Leg, ...]) -> tuple[Leg, ...]:
        return (replace(held[0], units=held[0].units + by), *held[1:])

    return replace(transfer, inputs=legs(transfer.inputs), outputs=legs(transfer.outputs))


def _hop_taint(result: Result, n: int, by: int) -> Changed:
    hop = result.trace.hops[n % len(result.trace.hops)]
    rule = result.trace.rules[n % len(result.trace.rules)]
    changed = with_trace(
        result,
        lambda t: replace(
            t,
            hops=tuple(replace(h, taint=_bent(h.taint, rule, by)) if h is hop else h for h in t.hops),
        ),
    )
    return changed, f"row [{hop.row}]"


def _hop_amount(result: Result, n: int, by: int) -> Changed:
    hop = result.trace.hops[n % len(result.trace.hops)]
    changed = with_hop(result, hop.row, lambda h: replace(h, transfer=_paid(h.transfer, by)))
    return changed, f"row [{hop.row}]"


def _deposit(result: Result, n: int, by: int) -> Changed:
    found = result.trace.deposits[n % len(result.trace.deposits)]
    hop = replace(found.hop, transfer=_paid(found.hop.transfer, by))
    deposits = tuple(replace(one, hop=hop) if one is found else one for one in result.trace.deposits)
    return with_trace(result, lambda t: replace(t, deposits=deposits)), f"row [{found.hop.row}]"


def _stop_taint(result: Result, n: int, by: int) -> Changed:
    number, rule = n % len(result.trace.stops), result.trace.rules[n % len(result.trace.rules)]
    changed = with_stop(result, number, lambda s: replace(s, taint=_bent(s.taint, rule, by)))
    return changed, "row "


def _stop_received(result: Result, n: int, by: int) -> Changed:
    number = n % len(result.trace.stops)
    changed = with_stop(result, number, lambda s: replace(s, received=s.received + by))
    return changed, f"row {result.trace.stops[number].address}"


def _account(result: Result, n: int, by: int) -> Changed:
    found, name = result.trace.accounts[n % len(result.trace.accounts)], ACCOUNT[n % len(ACCOUNT)]
    bent = replace(found, **{name: getattr(found, name) + by})
    accounts = tuple(bent if one is found else one for one in result.trace.accounts)
    return with_trace(result, lambda t: replace(t, accounts=accounts)), f"rule {found.rule.words}"


def _ledger(result: Result, n: int, by: int) -> Changed:
    number = n % len(result.transfers)
    transfers = list(result.transfers)
    transfers[number] = _paid(transfers[number], by)
    hop = next((h for h in result.trace.hops if h.transfer.id == transfers[number].id), None)
    named = f"row [{hop.row}]" if hop else f"transfer {transfers[number].id}"
    return replace(result, transfers=tuple(transfers)), named


CHANGES: tuple[Callable[[Result, int, int], Changed], ...] = (
    _hop_taint, _hop_amount, _deposit, _stop_taint, _stop_received, _account, _ledger,
)  # fmt: skip


def gate(result: Result) -> None:
    """Pass what every writer passes before it writes."""
    check_controls(result)
    accounted(result)


def worked() -> Result:
    """Return toytown's result with the sums taken as a case takes them."""
    return replace(toy_result(), controls=controls(toy_result()))


WORKED = worked()


@given(st.sampled_from(CHANGES), st.integers(0, 10_000), st.integers(1, 10**24))
def test_any_one_amount_changed_is_refused_and_its_row_is_named(
    change: Callable[[Result, int, int], Changed], number: int, by: int
) -> None:
    """By one unit or by many, in the ledger, on the way, at its end, or in the accounts."""
    changed, named = change(WORKED, number, by)
    if changed == WORKED:  # a change that a sign undoes
        return
    with pytest.raises(IntegrityError, match=re.escape(named)):
        gate(changed)


def test_nothing_is_written_of_a_changed_amount(tmp_path: Path) -> None:
    """The gate stands before the first file."""
    for change in CHANGES:
        changed, _ = change(WORKED, 3, 1)
        with pytest.raises(IntegrityError):
            write_report(changed, tmp_path / "out", lambda _: None)
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change", CHANGES)
def test_no_package_is_made_of_a_changed_amount(
    change: Callable[[Result, int, int], Changed], tmp_path: Path
) -> None:
    """What is sent to others passes the same gate, and the row is named."""
    changed, named = change(WORKED, 3, 1)
    with pytest.raises(IntegrityError, match=re.escape(named)):
        sent(changed, tmp_path / "requests")
    assert not (tmp_path / "requests").exists()


def test_a_row_that_went_is_missed() -> None:
    """One stop fewer is named too, where its sum was nothing."""
    fewer = with_trace(WORKED, lambda t: replace(t, hops=t.hops[:-1]))
    with pytest.raises(IntegrityError, match=r"lost rows|row "):
        gate(fewer)


def test_a_case_takes_its_sums(small_reported: Path) -> None:
    """A worked case has them, and passes its own gate."""
    result = Case(small_reported).result
    assert {name: len(sums) // 8 for name, sums in result.controls.items()} == {
        "hops": len(result.trace.hops),
        "deposits": len(result.trace.deposits),
        "stops": len(result.trace.stops),
        "accounts": len(result.trace.accounts),
        "thefts": len(result.incident.thefts),
        "transfers": len(result.transfers),
    }
    gate(result)
