"""Whether a list is known to have held an address on a day, by what the label's source says."""

from __future__ import annotations

import pytest

from flowtrace.model import Address, Category, Label, Listed, Use, listed_by

PLACE = Address("eip155:1", "0x" + "ab" * 20)
OF_2024 = "list of 2024-09-27 (a listing may have ended since)"
ACT = "https://ofac.treasury.gov/recent-actions/20220414: OFAC adds the address to the entry"
END = (
    "OFAC ended the listing of Tornado Cash on 2025-03-21: https://ofac.treasury.gov/recent-actions/20250321"
)


def label(source: str, *, date: str = "2024-09-27", confidence: str = "authority_data") -> Label:
    """Return a label of that source."""
    words = ("OFAC SDN", Category.PERPETRATOR, Use.UNSPECIFIED, None)
    return Label(PLACE, *words, source=source, confidence=confidence, date=date)


@pytest.mark.parametrize(
    ("source", "day", "word"),
    [
        (OF_2024, "2022-03-23", "not known: the first list held is of 2024-09-27"),
        (OF_2024, "2024-09-27", "listed: on the list of 2024-09-27"),
        (f"{OF_2024}; {ACT}", "2022-04-13", "not listed yet: added on 2022-04-14"),
        (f"{OF_2024}; {ACT}", "2022-04-14", "listed: added on 2022-04-14, and on the list of 2024-09-27"),
        (f"{OF_2024} ({END})", "2022-04-14", "not known: the first list held is of 2024-09-27"),
        (f"{OF_2024} ({END})", "2025-03-20", "listed: on the list of 2024-09-27"),
        (f"{OF_2024} ({END})", "2025-03-21", "not listed any more: gone by 2025-03-21"),
        ("list ofac, snapshots of 2023-01-01 to 2023-05-05, gone by 2023-06-06; sha256 ab", "2023-06-06",
         "not listed any more: gone by 2023-06-06"),
        ("list ofac, snapshots of 2023-01-01 to 2023-05-05; entry listed on 2019-09-13; sha256 ab",
         "2019-09-12", "not listed yet: the entry is of 2019-09-13"),
        ("list ofac, snapshots of 2023-01-01 to 2023-05-05, with gaps; sha256 ab", "2023-02-02",
         "not known: lists held of 2023-01-01 to 2023-05-05 do not all have it"),
    ],
)  # fmt: skip
def test_a_day_is_answered_by_what_the_source_says(source: str, day: str, word: str) -> None:
    """Before, between and after; an end is no beginning, and what is not told is not known."""
    told = listed_by(label(source))
    assert told is not None
    assert told.on(day) == word


def test_a_publishers_own_words_are_not_read() -> None:
    """What stands behind the hash is copied from a list, and can say anything."""
    words = "snapshots of 2023-01-01 to 2023-05-05; sha256 ab…; entry listed on 2030-01-01; " + END
    assert listed_by(label(f"list ofac, {words}")) == Listed("2023-01-01", "2023-05-05")


def test_only_a_public_bodys_label_tells_of_a_list() -> None:
    """Neither another's word, nor one without a whole day."""
    assert listed_by(label(OF_2024, confidence="web_crawl")) is None
    assert listed_by(label(OF_2024, date="2024-09")) is None
