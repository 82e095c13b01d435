"""Files and texts written by strangers: read as plain text, or refused by name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.labels.row import read_yaml
from flowtrace.labels.tagpack import read_tagpack
from flowtrace.labels.untrusted import LONGEST, one_line


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff", "cannot be read as YAML"),
        (b"tags: [", "cannot be read as YAML"),
        (b"[" * 100_000, "nested deeper than 20"),
        (b"- " * 100_000, "nested deeper than 20"),
        (b"just words", "is not a table"),
        (b"", "is not a table"),
        (b"title: t", "has no list of tags"),
        (b"tags: [one]", "tags 1: is not a table"),
        (b"sources: [a]\ntags: []", "sources that are no table"),
        (b"sources: {a: b}\ntags: []", "sources a: is not a table"),
    ],
)
def test_a_bad_file_is_named(data: bytes, words: str) -> None:
    """A file that is no TagPack gives one line that names it; none can end the process."""
    with pytest.raises(InputError, match=r"^p\.yaml") as caught:
        read_tagpack(data, "p.yaml", {})
    assert words in str(caught.value)


@given(st.binary(max_size=300) | st.text(alphabet="[]{}:,- ?&*!|>'\"\na0~", max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever a file holds, it is a table of text or an InputError."""
    try:
        fields = read_yaml(data, "p.yaml").fields
    except InputError:
        return
    assert all(isinstance(value, str | list | dict) for value in fields.values())


@given(st.text())
def test_a_strangers_text_is_one_plain_line(text: str) -> None:
    """No text keeps a control character, a direction mark or a line break, nor is over the cap."""
    plain = one_line(text)
    assert len(plain) <= LONGEST
    assert not {unicodedata.category(c) for c in plain} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert one_line(plain) == plain
