"""Each of the fifteen reasons for which recipients reject requests is found, by the number of its rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.model import Address, Category, Hop, Label, LegalEntity, Requester, Result, Use, Vasp, Verified
from flowtrace.report.freeze import FreezeRequest, freeze_requests
from flowtrace.report.freeze.actions import Action
from flowtrace.report.freeze.lint import (
    PUBLIC_MAIL,
    Remark,
    Texts,
    lint_facts,
    lint_sender,
    lint_sending,
    lint_texts,
)
from flowtrace.report.freeze.mail import subject
from flowtrace.report.freeze.texts import cut_identifiers
from report.askers import ASKERS, claimed
from report.broken import relabelled, with_hop, with_trace
from report.drafts import NOW, SURE, sent
from report.toy_result import ACME, ACME_DEPOSIT, ACME_HOT, BOLT_DEPOSIT, SWIRL, toy_result

LE = ASKERS["le"]


def _acme(result: Result) -> FreezeRequest:
    return next(one for one in freeze_requests(result) if one.folder == "acme")


def _vasp(**other: object) -> Vasp:
    held = Vasp(
        "acme", ("acme",), ("Acme",), (LegalEntity("Acme Ltd", "SC"),), (), ("le",), ("en",), (), (), "", 30,
        90, False, "", "", "https://acme.example/police", date(2022, 4, 30), Verified.LIVE,  # noqa: FBT003
    )  # fmt: skip
    return replace(held, **other)  # type: ignore[arg-type]


def _known(result: Result, **other: object) -> Result:
    return replace(result, recipients={"acme": _vasp(**other)})


def _sent(result: Result) -> list[Remark]:
    return lint_sending(result, _acme(result), SURE)


def _of(remarks: list[Remark], rule: str) -> list[Remark]:
    return [one for one in remarks if one.rule.split()[0] == rule]


def _by(asker: Requester) -> list[Remark]:
    result = toy_result(asker)
    return lint_sender(result, _acme(result), subject(result, _acme(result)))


def test_a_package_with_nothing_wrong_has_no_error(tmp_path: Path) -> None:
    """In every mode; what is left are the words a sender has to know."""
    for mode, asker in ASKERS.items():
        made = sent(claimed(asker), tmp_path / mode)
        assert all(one.files and not one.errors for one in made.values()), mode


def test_1_the_mode_is_one_that_the_recipient_takes_requests_of() -> None:
    """A warning: a page for the police does not forbid others to tell of a theft."""
    asked, taken = (_known(toy_result(ASKERS[mode])) for mode in ("researcher", "le"))
    (told,) = _of(_sent(asked), "1")
    assert not told.is_error
    assert "requests by le only, not by researcher" in told.text
    assert _of(_sent(taken), "1") == []


@pytest.mark.parametrize("mode", ["le", "counsel"])
@pytest.mark.parametrize("domain", sorted(PUBLIC_MAIL)[:3])
def test_1_an_authority_does_not_write_from_a_public_mailbox(mode: str, domain: str) -> None:
    """Anybody can have one, whatever the letters are cased like."""
    (told,) = _by(replace(ASKERS[mode], email=f"chief@{domain.upper()}"))
    assert (told.rule, told.is_error) == ("1 authority", True)


def test_1_who_writes_has_a_name() -> None:
    """A researcher may fill the blank by hand; nobody else."""
    for mode, is_error in (("le", True), ("victim", True), ("researcher", False)):
        (told,) = _by(replace(ASKERS[mode], name="", organisation=""))
        assert (told.rule, told.is_error) == ("1 authority", is_error)


@pytest.mark.parametrize("mode", ["le", "counsel", "victim"])
def test_2_there_is_a_case_number(mode: str) -> None:
    """Several recipients do not read a message without one in its subject."""
    (told,) = _by(replace(ASKERS[mode], reference=""))
    assert (told.rule, told.is_error) == ("2 case number", True)
    result = toy_result(ASKERS[mode])
    assert _of(lint_sender(result, _acme(result), "Freeze request"), "2")


def test_3_a_hash_or_an_address_is_whole() -> None:
    """A cut hash on the way to a credit, and an address that is none, made around its own check."""

    def cut(hop: Hop) -> Hop:
        return replace(hop, transfer=replace(hop.transfer, tx=hop.transfer.tx[:-1]))

    result = toy_result(LE)
    request = _acme(result)
    wrong = with_hop(result, 2, cut)
    hops = tuple(hop for hop in wrong.trace.hops if hop.row in {h.row for h in request.hops})
    assert _of(lint_facts(wrong, replace(request, hops=hops)), "3")
    bad = object.__new__(Address)
    object.__setattr__(bad, "chain_id", "eip155:1")
    object.__setattr__(bad, "account", "0x12345678")
    hop = request.hops[0]
    leg = replace(hop.transfer.outputs[0], address=bad)
    spoilt = replace(hop, transfer=replace(hop.transfer, outputs=(leg,)))
    assert _of(lint_facts(result, replace(request, hops=(spoilt,))), "3")


@pytest.mark.parametrize(
    "text",
    ["paid to 0x1234…abcd", "in 0x12345678... and more", "bc1qxy2…", "tx 9f86d081884c7d65…", "TR7NHqjeKQ…"],
)
def test_3_no_text_cuts_an_identifier(text: str) -> None:
    """What an intake program cannot read is refused, wherever it came from."""
    assert list(cut_identifiers([text]))
    result = toy_result(LE)
    texts = Texts((_acme(result).rule.words, text), (), "")
    assert _of(lint_texts(_acme(result), texts), "3")
    assert not list(cut_identifiers(["and so on … base units of token 0x5fbd…0aa3"]))


def test_4_the_recipient_is_named_with_its_jurisdiction() -> None:
    """No name is an error; a company or a jurisdiction that is not registered, a warning."""
    result = _known(toy_result(LE))
    assert _of(_sent(result), "4") == []
    (told,) = _of(_sent(_known(toy_result(LE), entities=(LegalEntity("Acme Ltd"),))), "4")
    assert not told.is_error
    nameless = replace(_acme(result), entity=replace(ACME, name=" "))
    (error,) = _of(lint_sending(result, nameless, SURE), "4")
    assert error.is_error


def test_5_there_is_an_action_with_a_period_and_a_basis() -> None:
    """Nothing asked, a period of no days, and a restraint without an order: each is an error."""
    result = toy_result(LE)
    request = _acme(result)

    def told(**other: object) -> list[Remark]:
        return _of(lint_sender(result, replace(request, **other), "TP-7"), "5")  # type: ignore[arg-type]

    assert told() == []
    assert told(actions=())
    assert told(actions=(Action("flag", "b", 0),))
    (bare,) = _by(replace(ASKERS["counsel"], legal_basis=""))
    assert (bare.rule, bare.is_error) == ("5 action", True)
    assert "requester.basis.restrain_under_order" in bare.text
    named = replace(ASKERS["counsel"], legal_basis="", basis=(("restrain_under_order", "order 12"),))
    assert _by(named) == []


POOLED = [
    (Use.HOT_WALLET, Category.EXCHANGE),
    (Use.COLD_WALLET, Category.EXCHANGE),
    (Use.CONTRACT, Category.BRIDGE),
    (Use.CONTRACT, Category.DEX),
    (Use.UNSPECIFIED, Category.MIXER),
    (Use.CONTRACT, Category.TOKEN),
]


@given(
    st.sampled_from(sorted(ASKERS)),
    st.sampled_from([ACME_DEPOSIT, BOLT_DEPOSIT, ACME_HOT, SWIRL]),
    st.sampled_from(POOLED),
)
def test_6_nothing_is_ever_asked_about_a_pooled_address(
    mode: str, address: Address, kind: tuple[Use, Category]
) -> None:
    """Issue 7: "no package is produced for a pooled address": wallet, bridge, pool, mixer, token."""
    use, category = kind
    label = Label(address, "Pool", category, use, ACME, "s", "web_crawl", "2022-04-01")
    result = relabelled(claimed(ASKERS[mode]), label)
    for request in freeze_requests(result):
        if not lint_facts(result, request) and request.actions:
            assert address not in {credit.hop.target for credit in request.deposits}


def test_6_a_request_about_a_mixer_is_refused() -> None:
    """Even if somebody made one: a notice asks nothing, and a credit to it is nobody's deposit."""
    result = toy_result(LE)
    notice = next(one for one in freeze_requests(result) if one.folder == "swirl-exposure")
    assert lint_facts(result, notice) == []
    asked = replace(notice, actions=_acme(result).actions)
    assert _of(lint_facts(result, asked), "6")
    assert _of(lint_facts(result, replace(asked, kind=_acme(result).kind)), "6")


def test_7_a_path_is_whole_from_the_theft_to_the_credit() -> None:
    """A hop that is missing, and a credit that no path leads to."""
    result = toy_result(LE)
    request = _acme(result)
    (way,) = request.ways
    torn = replace(way, hops=(way.hops[0], way.hops[-1]))
    (told,) = _of(lint_facts(result, replace(request, ways=(torn,))), "7")
    assert "breaks at row [8]" in told.text
    (bare,) = _of(lint_facts(result, replace(request, ways=())), "7")
    assert "no path leads to row [8]" in bare.text


@pytest.mark.parametrize("folder", ["acme", "bolt", "swirl-exposure"])
@given(change=st.integers(-(10**24), 10**24).filter(bool), pick=st.integers(0, 50))
def test_8_one_changed_amount_is_found_and_its_place_is_named(folder: str, change: int, pick: int) -> None:
    """Issue 7: "any single changed amount in the ledger makes the gate refuse and name the row"."""
    result = toy_result(LE)
    request = next(one for one in freeze_requests(result) if one.folder == folder)
    credit = request.deposits[pick % len(request.deposits)]
    rule = request.rule

    def changed(hop: Hop) -> Hop:
        return replace(hop, taint={**hop.taint, rule: hop.taint[rule] + change})

    wrong = with_hop(result, credit.hop.row, changed)
    held = tuple(
        replace(one, hop=changed(one.hop)) if one.hop.row == credit.hop.row else one
        for one in request.deposits
    )
    told = _of(lint_facts(wrong, replace(request, deposits=held)), "8")
    assert told
    assert any(str(credit.hop.target) in one.text or f"[{credit.hop.row}]" in one.text for one in told)


def test_9_the_letter_names_its_method() -> None:
    """Without the rule's name no reader can work an amount out again."""
    request = _acme(toy_result(LE))
    assert _of(lint_texts(request, Texts(("we traced it",), (), "")), "9")
    assert not _of(lint_texts(request, Texts((request.rule.words,), (), "")), "9")


def test_10_a_hold_stops_at_an_amount() -> None:
    """Nothing traced under the stated rule is no amount; much more than it came, and the cap must be seen."""
    result = toy_result(LE)
    request = _acme(result)
    nothing = tuple(replace(cap, traced=0) for cap in request.caps)
    assert any(
        "no amount" in one.text for one in _of(lint_facts(result, replace(request, caps=nothing)), "10")
    )
    much = tuple(replace(cap, received=3 * cap.traced) for cap in request.caps)
    (told,) = _of(lint_sending(result, replace(request, caps=much), SURE), "10")
    assert not told.is_error


def test_11_a_recipient_that_tells_its_customer_is_asked_not_to() -> None:
    """A warning where it is not asked, and the recipient does not say that it keeps silent."""
    told = _known(toy_result(ASKERS["researcher"]), notifies_user_by_default=True)
    silent = _known(toy_result(ASKERS["researcher"]), notifies_user_by_default=False)
    assert [one.is_error for one in _of(_sent(told), "11")] == [False]
    assert _of(_sent(silent), "11") == []
    assert _of(_sent(_known(toy_result(LE), notifies_user_by_default=True)), "11") == []


def test_12_funds_that_have_left_are_told() -> None:
    """How old the record is, and that all of it was swept, with the last sweep."""
    result = _known(toy_result(LE))
    told = _of(_sent(result), "12")
    assert [one.is_error for one in told] == [False, False]
    assert (_acme(result).deposits[0].sweep or told).tx in told[1].text  # type: ignore[union-attr]
    now = replace(SURE, at=NOW.replace(hour=0, minute=10))
    kept = with_trace(
        result, lambda t: replace(t, deposits=tuple(replace(d, sweep=None) for d in t.deposits))
    )
    assert _of(lint_sending(kept, _acme(kept), now), "12") == []


def test_13_a_recipient_gets_a_language_that_it_reads() -> None:
    """The letters are English; what else is wanted is a translation."""
    assert _of(_sent(_known(toy_result(LE))), "13") == []
    assert _of(_sent(_known(toy_result(LE), languages=("tr",))), "13")
    assert _of(_sent(_known(toy_result(replace(LE, language="fr")))), "13")


def test_14_the_screening_feeds_are_called_to_mind() -> None:
    """Always, and never as an error."""
    assert [one.is_error for one in _of(_sent(_known(toy_result(LE))), "14")] == [False]


def test_15_somebody_made_sure_that_nobody_is_warned(tmp_path: Path) -> None:
    """Neither the setting nor the flag: no package, not even a notice."""
    unsure = replace(SURE, no_tip_off_checked=False)
    asker = replace(LE, no_tip_off_checked=False)
    made = sent(toy_result(asker), tmp_path / "r", unsure)
    assert {tuple(e.rule for e in one.errors) for one in made.values()} == {("15 tip-off",)}
    assert "ask the authority that leads the case" in (tmp_path / "r/NOT_WRITTEN.txt").read_text("utf-8")
    assert not list((tmp_path / "r").glob("*/*"))
    assert all(one.files for one in sent(toy_result(LE), tmp_path / "s", unsure).values())


@pytest.mark.parametrize(("days", "is_stale"), [(90, False), (91, True)])
def test_a_contact_is_stale_after_ninety_days(days: int, is_stale: bool) -> None:  # noqa: FBT001
    """An error then, a warning where it is accepted; a copy of unknown age is always stale."""
    result = _known(toy_result(LE), verified_on=NOW.date() - timedelta(days=days))
    strict = replace(SURE, accept_stale=False)

    def told(held: Result, how: Callable[[], object] = lambda: strict) -> list[bool]:
        return [one.is_error for one in _of(lint_sending(held, _acme(held), how()), "contact")]  # type: ignore[arg-type]

    assert told(result) == [True] * is_stale
    assert told(result, lambda: SURE) == [False] * is_stale
    assert told(_known(toy_result(LE), verified=Verified.COPY)) == [True]
    assert told(toy_result(LE)) == [False]
