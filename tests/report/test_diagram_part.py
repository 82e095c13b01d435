"""Figures of a part of the flow: the paths to one recipient, as a letter encloses them."""

from pathlib import Path

import pytest

from flowtrace.errors import InputError
from flowtrace.report.diagram.drawing import sheet_of, write_figure
from flowtrace.report.diagram.part import part
from report.flows import moved
from report.test_diagram import check_page, texts
from report.test_diagram_fold import SPLIT
from report.toy_result import ACME_DEPOSIT, IDA, MALLORY, SWIRL, VAULT, toy_result


def to_acme() -> list[int]:
    """Return the numbers of the hops from the theft to Acme's deposit address."""
    way = {(VAULT, MALLORY), (MALLORY, IDA), (IDA, ACME_DEPOSIT)}
    return [h.row for h in toy_result().trace.hops if h.theft == "eth" and (h.source, h.target) in way]


def test_a_part_shows_the_asked_hops_and_no_other() -> None:
    """The mixer and the other exchange are not in a letter to Acme, and the figure says that it is a part."""
    picture = part(toy_result(), to_acme())
    assert sorted(row for arrow in picture.arrows for row in arrow.rows) == sorted(to_acme())
    assert {box.members for box in picture.boxes} == {(VAULT,), (MALLORY,), (IDA,), (ACME_DEPOSIT,)}
    assert SWIRL not in [a for box in picture.boxes for a in box.members]
    assert picture.subtitle.startswith("Part of the flow: 3 of ")
    assert "Swirl" not in " ".join(texts(sheet_of(toy_result(), only=to_acme())))
    check_page(sheet_of(toy_result(), only=to_acme()))


def test_a_part_says_itself_what_its_folds_stand_for() -> None:
    """A letter has no Annex C: the notes list the members or rows of every fold."""
    result = moved([*SPLIT, (1, 200, 5)])
    picture = part(result, [hop.row for hop in result.trace.hops if hop.amount.units != 5])
    (stack,) = (box for box in picture.boxes if box.fold)
    assert stack.lines[0] == f"{stack.fold}: the notes"
    assert any(note.startswith(f"{stack.fold}: 48 addresses, the takers of [1–48]") for note in picture.notes)


def test_a_part_is_written_under_its_own_name(tmp_path: Path) -> None:
    """A folder may hold the figure of every recipient."""
    files = write_figure(toy_result(), tmp_path, name="to-acme", only=to_acme())
    assert [file.name for file in files] == ["to-acme.png", "to-acme.svg", "to-acme.pdf"]


def test_numbers_that_are_no_hops_are_named() -> None:
    """A wrong number is a caller's mistake, and silence would be a wrong figure."""
    with pytest.raises(InputError, match="no hop has the number 999"):
        sheet_of(toy_result(), only=[1, 999])
    with pytest.raises(InputError, match="no hops"):
        sheet_of(toy_result(), only=[])
