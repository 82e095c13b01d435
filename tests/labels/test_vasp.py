"""The registry of recipients: what every shipped record holds, when it is stale, and what a bad file says."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import resources
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels import load_vasp, load_vasps, read_vasp, recipient_of, vasp_ids
from flowtrace.labels.book import shipped_entities
from flowtrace.model import STALE_DAYS, Verified

RECORD = """
id: example
labels: [example]
brands: [Example]
entities: [{name: Example Ltd, jurisdiction: SC}]
channels: [{mode: le, kind: email, value: police@example.org, onboarding_days: 3}]
accepted_modes: [le]
default_hold_days: 30
notifies_user_by_default: true
source_url: https://example.org/police
verified_on: 2026-01-01
verified_basis: live
"""


def test_at_least_twenty_five_recipients_are_registered() -> None:
    """Issue 6: "At least 25 recipients", each named as its file, no two of one id or for one label."""
    assert len(load_vasps()) >= 25
    assert [one.id for one in load_vasps()] == list(vasp_ids())
    answered = [label for one in load_vasps() for label in one.labels]
    assert len(answered) == len(set(answered))


def test_every_record_says_from_which_page_on_which_day() -> None:
    """Issue 6: ``source_url``, ``verified_on``; no day lies ahead of the day the records were made."""
    for one in load_vasps():
        assert one.source_url.startswith("https://"), one.id
        assert date(2020, 1, 1) <= one.verified_on <= date(2026, 11, 25), one.id
        assert one.brands, one.id


def test_a_source_is_a_page_of_the_recipient() -> None:
    """Where the labels know a recipient's home, its record was read there; HTX has moved from huobi.com."""
    known = shipped_entities()
    for one in load_vasps():
        host = str(urlsplit(one.source_url).hostname)
        homes = {str(urlsplit(known[label].uri).hostname) for label in one.labels if known[label].uri}
        domains = {".".join(home.split(".")[-2:]) for home in homes} | (
            {"htx.com"} if one.id == "htx" else set()
        )
        assert not homes or any(host == own or host.endswith(f".{own}") for own in domains), one.id


def test_crypto_com_and_circle_are_there() -> None:
    """Crypto.com by its portal; Circle as an issuer that blocks on a court's order alone."""
    portal = [channel.kind for channel in load_vasp("cryptocom").channels]
    assert portal == ["portal"]
    assert load_vasp("circle").accepted_modes == ("le", "counsel")


def test_a_mailbox_is_of_the_domain_that_states_it() -> None:
    """A contact on another domain than the page's would be a look-alike; none is registered."""
    for one in load_vasps():
        host = one.source_url.split("/")[2]
        for channel in one.channels:
            if channel.kind == "email":
                assert host.endswith(channel.value.partition("@")[2]), one.id


def test_the_labels_of_the_records_are_entities_of_the_shipped_labels() -> None:
    """What a record answers for can come up in a case: it is an actor of the label set."""
    text = (resources.files("flowtrace.labels") / "data" / "entities.yaml").read_text(encoding="utf-8")
    for one in load_vasps():
        for label in one.labels:
            assert f'{{id: "{label}",' in text, label


def test_a_recipient_is_found_by_the_entity_of_a_label() -> None:
    """OKX is ``okex`` in the labels, HTX is ``huobi``; who is not registered is nobody."""
    okx, htx = recipient_of("okex"), recipient_of("huobi")
    assert okx is not None
    assert htx is not None
    assert (okx.id, htx.id) == ("okx", "htx")
    assert recipient_of("ftx") is None


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_a_contact_is_stale_after_ninety_days(day: date) -> None:
    """Notes, 1.7: refused "when older than 90 days"; the ninetieth day still holds."""
    record = read_vasp(RECORD.encode(), "x.yaml")
    assert record.is_stale(day) == (day - record.verified_on > timedelta(days=STALE_DAYS))
    assert record.standing(day).startswith("STALE") == record.is_stale(day)
    assert "from https://example.org/police" in record.standing(day)


def test_a_copy_of_unknown_age_is_never_fresh() -> None:
    """The day a stored copy was read says nothing on the age of what it tells."""
    record = read_vasp(RECORD.replace("live", "copy").encode(), "x.yaml")
    assert record.verified is Verified.COPY
    assert record.is_stale(record.verified_on)


def test_a_field_that_is_not_told_is_empty() -> None:
    """Nothing is guessed: days, silence and language stay empty where the page says nothing."""
    record = read_vasp(RECORD.encode(), "x.yaml")
    assert (record.default_hold_days, record.notifies_user_by_default) == (30, True)
    assert record.preservation_days is None
    assert record.languages == ()
    assert load_vasp("kraken").channels == ()
    assert load_vasp("kraken").notifies_user_by_default is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: example\n", "id: ../example\n", "has id '../example': write lower-case letters"),
        ("brands", "brand", "has an unknown brand: use"),
        ("kind: email", "kind: fax", "channels 1: has kind 'fax': use one of portal, email, form, postal"),
        ("police@example.org", "write to us", "channels 1: has value 'write to us': write an e-mail address"),
        ("mode: le", "mode: thief", "channels 1: has mode 'thief'"),
        ("accepted_modes: [le]", "accepted_modes: [le, thief]", "has accepted_modes 'thief'"),
        ("default_hold_days: 30", "default_hold_days: a month", "has default_hold_days 'a month'"),
        ("default_hold_days: 30", "default_hold_days: 99999", "has default_hold_days '99999'"),
        ("default: true", "default: maybe", "has notifies_user_by_default 'maybe'"),
        ("https://example.org", "http://example.org", "has source_url"),
        ("source_url: https://example.org/police", "", "has no source_url"),
        ("2026-01-01", "2026-13-01", "has verified_on '2026-13-01': write it as YYYY-MM-DD"),
        ("verified_on: 2026-01-01", "", "has no verified_on"),
        ("live", "hearsay", "has verified_basis 'hearsay': use one of live, page, copy"),
        ("jurisdiction: SC", "phone: 1", "entities 1: has an unknown phone"),
        ("name: Example Ltd, ", "", "entities 1: has no name"),
    ],
)
def test_a_bad_record_is_named(old: str, new: str, words: str) -> None:
    """A bad file gives one line that names it, the field and what to do."""
    assert old in RECORD
    with pytest.raises(InputError, match=r"^x\.yaml") as caught:
        read_vasp(RECORD.replace(old, new).encode(), "x.yaml")
    assert words in str(caught.value)


def test_an_unknown_recipient_is_named() -> None:
    """An id that is not registered gives one line with those that are; a path is no id."""
    for wrong in ("okay", "../vasps/okx"):
        with pytest.raises(InputError, match=r"unknown recipient .* use one of binance"):
            load_vasp(wrong)
