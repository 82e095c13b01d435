"""A report with a word it may not use is not made, and the paragraph is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.model import Category, Entity, Label, Use
from flowtrace.report.document.report import blocks
from flowtrace.report.document.typeset import (
    Block,
    bullets,
    heading,
    landscape,
    numbered,
    para,
    quoted,
    table,
)
from flowtrace.report.document.wording import others_words, worded
from report.broken import relabelled, with_evil_text
from report.toy_result import NELL, toy_result

ACTORS = ("DPRK", "North Korea", "north korean", "Lazarus", "APT38", "TraderTraitor")
JUDGING = ("massive", "sophisticated", "notorious", "unprecedented", "undoubtedly")
CONTROL = ("controlled by", "Owned by", "operated by")


@given(
    st.sampled_from((*ACTORS, *JUDGING, *CONTROL)),
    st.tuples(*[st.text("abcdefgh ,.", max_size=30)] * 2),
    st.integers(0, 5),
)
def test_a_broken_word_is_refused_and_the_paragraph_named(
    word: str, around: tuple[str, str], number: int
) -> None:
    """Wherever in the text it stands, and whatever stands before the paragraph."""
    fine = [numbered(f"It sent {n} ETH.", "D") for n in range(number)]
    with pytest.raises(InputError, match=rf"^paragraph {number + 1}, “.*is not written$"):
        worded([*fine, numbered(f"{around[0]} {word} {around[1]}", "D")])


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("It is assessed to be of Acme.", "D"),
        ("It matched to the other side.", "C"),
        ("It is of Acme.", "P"),
        ("It is of Acme.", "X"),
        ("It came by the bridge.", "C"),
        ("It is “assessed to” be of Acme.", "P"),
    ],
)
def test_the_verb_follows_the_class(text: str, cls: str) -> None:
    """What is quoted is another's verb."""
    fits = cls == "C" and "matched to" in text
    if fits:
        assert worded([numbered(text, cls)])
        return
    with pytest.raises(InputError, match=f"is of class {cls}"):
        worded([numbered(text, cls)])


def test_a_confidence_and_a_likelihood_stand_in_sentences_of_their_own() -> None:
    """ICD 203."""
    assert worded([para("It is likely. We say so with high confidence.")])
    with pytest.raises(InputError, match="a confidence and a likelihood in one sentence"):
        worded([para("It is very likely, and we have high confidence in it.")])


def test_a_worth_in_dollars_stands_beside_its_amount() -> None:
    """Unless the dollar is itself what is followed."""
    assert worded([para("It sent 5 ETH (worth USD 9,000 then).")])
    assert worded([para("It sent 5\u00a0stETH (worth USD\u00a09,000 then: quotes of somebody).")])
    for alone in ("It sent $9,000.", "It sent USD 9,000.", "It sent 9,000 USD.", "It sent 9,000 dollars."):
        with pytest.raises(InputError, match="without the amount"):
            worded([para(alone)])
        assert worded([para(alone)], dollars=True)


@pytest.mark.parametrize(
    "block",
    [
        heading("The DPRK"),
        bullets(["fine", "the DPRK did it"]),
        table(["a", "b"], [["x", ["y", "the DPRK"]]]),
        landscape([para("the DPRK")]),
    ],
    ids=lambda block: str(block["kind"]),
)
def test_every_kind_of_block_is_read(block: Block) -> None:
    """However deep a text stands; the section is named where there is no number."""
    with pytest.raises(InputError, match="the section “"):
        worded([heading("Some section"), block])


def test_what_others_say_stays_where_it_is_quoted() -> None:
    """An official's words, a column of labels, a quotation, the address of a page."""
    said = [
        quoted("The DPRK did it, says the police."),
        table(["address", "label"], [["0x1", "Lazarus Group"]], quoted=[1]),
        para("A label says “Lazarus Group”, as in https://example.org/lazarus-group."),
    ]
    assert worded(said) == said


def test_a_stranger_s_name_is_quoted_and_stops_nothing() -> None:
    """A token or an entity may be called what it likes."""
    (block,) = worded([para("It sent 5 DPRK to a sophisticated service.")], "DPRK\na sophisticated service")
    assert block["text"] == "It sent 5 “DPRK” to a “sophisticated” service."
    verb = numbered("It sent 5 assessed to to Acme.", "D")
    assert worded([verb], "a token called assessed to") == [verb]
    evil = Entity("lazarus", "Lazarus DPRK massive", Category.MIXER)
    label = Label(NELL, "Lazarus, controlled by the DPRK", evil.category, Use.CONTRACT, evil, "s", "c", "d")
    assert list(blocks(relabelled(with_evil_text(toy_result()), label)))


def test_the_toy_report_passes_and_its_authors_are_held_to_the_rules_too() -> None:
    """Their assessment is theirs and may name whom they assess; their funding note may not."""
    said = toy_result().statement
    own = replace(toy_result(), statement=replace(said, assessment="We assess that the DPRK did it."))
    texts = [block["text"] for block in blocks(own) if block["kind"] in {"heading", "para"}]
    assert texts[texts.index("We assess that the DPRK did it.") - 2] == "Own assessment of the authors"
    loud = replace(toy_result(), statement=replace(said, funding="a sophisticated sponsor"))
    with pytest.raises(InputError, match=r"Scope and what was not examined.*judges"):
        blocks(loud)


def test_all_that_strangers_wrote_is_known_to_the_check() -> None:
    """Labels, tokens, bases and gaps."""
    heard = others_words(toy_result())
    for text in ("Acme: Hot Wallet", "ETH", "Acme Exchange", "No answer is held", "https://register.example"):
        assert text in heard
