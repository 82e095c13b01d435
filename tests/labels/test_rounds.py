"""Lists of rounds that a person adds: every fault is told with the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowtrace.errors import InputError
from flowtrace.labels.rounds import read_rounds

HEAD = "# name: rounds\n# source: a crawl\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD + "# chain: nowhere\n", "unknown chain 'nowhere'"),
        (HEAD + "abc\n", "line 3: 'abc' is no transaction hash"),
        ("# name: rounds\n", "says no name or source"),
    ],
)
def test_a_fault_names_the_file(tmp_path: Path, text: str, why: str) -> None:
    """Of several lists a person has to know which one to mend."""
    path = tmp_path / "mine.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=f"^mine.txt.*{why}"):
        list(read_rounds(path))


def test_a_list_tells_whose_it_is(tmp_path: Path) -> None:
    """Each hash with the list's name and source; capitals make no other hash."""
    path = tmp_path / "mine.txt"
    path.write_text(HEAD + "AB" * 32 + "\n", encoding="utf-8")
    (((_, tx), said),) = read_rounds(path)
    assert (tx, said) == ("ab" * 32, "rounds, a crawl")
