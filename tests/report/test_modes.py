"""What each mode may say: titles and openings are locked, and a researcher never demands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.model import Category, Label, Requester, Result, Use
from flowtrace.moves.freezes import ISSUED
from flowtrace.report.freeze import FreezeRequest, freeze_requests
from flowtrace.report.freeze.actions import ACTIONS, ALLOWED, CAPPED, COMPELLED
from flowtrace.report.freeze.asking import asked, opening_words, silence_words, subject_words, title_of
from flowtrace.report.freeze.letter import letter_blocks, letter_texts
from flowtrace.report.freeze.lint import Texts, lint_texts
from flowtrace.report.freeze.machine import request_json
from flowtrace.report.freeze.mail import MOST_LINES, mail
from flowtrace.report.freeze.opening import opening
from flowtrace.report.freeze.texts import forbidden
from flowtrace.report.freeze.wording import FORBIDDEN, WORDING
from report.askers import ASKERS, MINT, claimed
from report.broken import relabelled
from report.toy_result import USDC

TITLES = {
    "le": "Request for temporary restraint and preservation",
    "counsel": "Service of order and notice of proprietary claim",
    "victim": "Notification of stolen assets and request to preserve",
    "researcher": "Notification of suspected proceeds of theft",
}


@pytest.fixture(autouse=True, scope="module")
def _minted() -> Iterable[None]:
    """Let the toytown's USDC have an issuer that can block it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ISSUED, (USDC.chain_id, USDC.contract), ("USDC", MINT.name))
        yield


def _texts(result: Result, request: FreezeRequest) -> list[str]:
    """Return every text of a package: letter, message, machine form."""
    blocks = [*opening(result, request), *letter_blocks(result, request, {})]
    machine = request_json(result, request, {}).decode()
    return [*letter_texts(blocks), mail(result, request, ["letter.pdf"]), machine]


@pytest.mark.parametrize("mode", sorted(TITLES))
def test_the_title_the_subject_and_the_opening_are_the_modes_own(mode: str) -> None:
    """Notes, 1.2: the wording is locked per mode, and the mode is stamped on what is sent."""
    request = freeze_requests(claimed(ASKERS[mode]))[0]
    assert title_of(request) == TITLES[mode] == WORDING[mode].title
    assert ("law enforcement" if mode == "le" else mode) in subject_words(request)
    others = {WORDING[name].opening for name in WORDING if name != mode}
    assert opening_words(request).split("{")[0] not in others
    assert set(ALLOWED) == set(TITLES) == set(FORBIDDEN)


free = st.text(max_size=60)


@settings(max_examples=25)
@given(
    st.tuples(free, free, free, free),
    st.lists(st.sampled_from(ACTIONS), max_size=8),
    st.sampled_from(FORBIDDEN["researcher"]),
)
def test_a_researcher_never_produces_a_demand(
    texts: tuple[str, str, str, str], ticked: list[str], phrase: str
) -> None:
    """Whatever stands in its fields and boxes: nothing is compelled, holds are invited, no text demands."""
    name, organisation, told, contact = texts
    asker = Requester(
        name=name, organisation=f"{organisation} {phrase}", told=told, contact=contact, actions=tuple(ticked),
        basis=(("restrain_under_order", "order 7"),), legal_basis="Code s. 1",
    )  # fmt: skip
    for mode, spoken in (("researcher", asker), ("researcher", replace(asker, organisation=organisation))):
        result = claimed(spoken)
        for request in freeze_requests(result):
            assert request.wording.mode == mode
            assert not {action.kind for action in request.actions} & COMPELLED
            assert all(action.invited for action in request.actions if action.kind in CAPPED)
            said = _texts(result, request)
            demands = list(forbidden(request, said))
            refused = lint_texts(request, Texts(tuple(said[:-2]), (), said[-2]))
            assert not demands or any(one.rule == "1 authority" for one in refused)
            assert bool(demands) == any(
                p in " ".join(" ".join(said).casefold().split()) for p in FORBIDDEN[mode]
            )


@pytest.mark.parametrize("mode", sorted(TITLES))
def test_no_locked_text_says_what_its_mode_may_not(mode: str) -> None:
    """With decent fields nothing is found, in any kind of package and with every box ticked."""
    asker = replace(ASKERS[mode], actions=ALLOWED[mode])
    result = claimed(asker)
    for request in freeze_requests(result):
        assert list(forbidden(request, _texts(result, request))) == []


@pytest.mark.parametrize("mode", sorted(TITLES))
def test_every_box_that_is_ticked_is_said_with_its_own_basis(mode: str) -> None:
    """Preservation is not disclosure, and neither is a freeze: each has words, a period and a basis."""
    basis = tuple((kind, f"basis of {kind}") for kind in ALLOWED[mode]) if mode in {"le", "counsel"} else ()
    asker = replace(ASKERS[mode], actions=ALLOWED[mode], basis=basis)
    request = freeze_requests(claimed(asker))[0]
    assert {action.kind for action in request.actions} == set(ALLOWED[mode]) - {"issuer_block"}
    said = asked(request)
    words = {
        "flag": "flag the accounts", "preserve_records": "keep the records", "disclose_kyc": "disclose the",
        "hold_withdrawals": "hold ", "restrain_under_order": "restrain up to",
        "travel_rule_lookup": "Travel Rule", "do_not_notify_user": "not tell the account holders",
    }  # fmt: skip
    assert "block the addresses" not in said  # only a token's issuer can
    for kind, phrase in words.items():
        assert (phrase in said) == (kind in ALLOWED[mode]), kind
    if basis:
        assert all(action.basis == f"basis of {action.kind}" for action in request.actions)
        assert "basis of do_not_notify_user" in silence_words(request)


@pytest.mark.parametrize("mode", sorted(TITLES))
def test_no_message_is_longer_than_a_screen(mode: str) -> None:
    """With every box ticked and long bases too: then the letter alone tells what is asked."""
    long = tuple((kind, "a basis of many words, " * 30) for kind in ALLOWED[mode])
    asker = replace(ASKERS[mode], actions=ALLOWED[mode], basis=long if mode in {"le", "counsel"} else ())
    result = claimed(asker)
    for request in freeze_requests(result):
        double = replace(request, caps=request.caps * 4)
        text = mail(result, double, ["letter.pdf", "letter.docx", "request.json"])
        assert len(text.splitlines()) <= MOST_LINES or "Section 1 of letter.pdf says what is asked" in text
        plainly = mail(result, replace(double, actions=request.actions[:1]), ["letter.pdf"])
        assert len(plainly.splitlines()) <= MOST_LINES


def test_a_box_that_the_mode_cannot_tick_is_not_asked() -> None:
    """Nor where settings are made by a program that does not check them."""
    asker = replace(ASKERS["victim"], actions=("disclose_kyc", "flag"))
    assert [a.kind for a in freeze_requests(claimed(asker))[0].actions] == ["flag"]


@pytest.mark.parametrize("mode", sorted(TITLES))
def test_a_claim_gives_rise_to_a_question_and_no_more(mode: str) -> None:
    """Class X: no hold, no restraint, no order served, whoever writes."""
    request = next(one for one in freeze_requests(claimed(ASKERS[mode])) if one.folder == "crane")
    assert {action.kind for action in request.actions} == {"flag", "preserve_records"}
    assert "Please check by your own records whether the addresses" in asked(request)
    assert "no hold and no restraint" in asked(request)
    assert "serve" not in opening_words(request)
    assert title_of(request) == "Notice of a third party's claim, and question"
    assert all(credit.cls == "X" for credit in request.deposits)


@pytest.mark.parametrize("mode", sorted(TITLES))
def test_an_issuer_is_asked_to_block_only_by_who_may(mode: str) -> None:
    """Law enforcement and counsel ask for a block, up to what rests; others for a flag."""
    request = next(one for one in freeze_requests(claimed(ASKERS[mode])) if one.folder == "mint-issuer")
    may = mode in {"le", "counsel"}
    assert ("issuer_block" in {action.kind for action in request.actions}) == may
    assert ("block the addresses" in asked(request)) == may
    assert ("flag the addresses" in asked(request)) != may
    assert sum(stop.taint[request.rule] for stop in request.resting) == request.caps[0].traced
    assert {stop.address for stop in request.resting} == {c.hop.target for c in request.deposits}


def test_a_frozen_address_and_a_known_service_are_no_case_for_an_issuer() -> None:
    """Where it is blocked already, or a service holds it, nothing is asked of the issuer."""
    result = claimed(ASKERS["le"])
    (rests,) = next(one for one in freeze_requests(result) if one.folder == "mint-issuer").resting
    for use, category in ((Use.FROZEN, Category.OTHER), (Use.UNSPECIFIED, Category.OTHER_SERVICE)):
        label = Label(rests.address, "x", category, use, None, "s", "web_crawl", "2022-04-01")
        assert "mint-issuer" not in {one.folder for one in freeze_requests(relabelled(result, label))}


def test_a_notice_of_a_mixer_is_addressed_to_nobody() -> None:
    """It asks nothing, whoever writes it, and says that what leaves a mixer is not matched."""
    for asker in ASKERS.values():
        result = claimed(asker)
        notice = next(one for one in freeze_requests(result) if one.folder == "swirl-exposure")
        assert notice.actions == ()
        texts = " ".join(_texts(result, notice))
        assert "no recipient" in texts
        assert "is not matched here to what entered it" in texts
        assert '"recipient": null' in texts
