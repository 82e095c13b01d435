"""The sanctions lists that a case holds: in its labels, its figure and its report, with what stood when."""

from __future__ import annotations

from pathlib import Path

import pytest

from case.shared_deposit import DEPOSIT, shared_deposit
from flowtrace import Case
from flowtrace.case.work import book_of, own_book
from flowtrace.labels.lists import Snapshots
from flowtrace.labels.lists.shelved import ListShelf
from flowtrace.model import Address
from flowtrace.report.diagram.standing import listing
from labels.invented_lists import small_xml
from report.texts import report_text

PLACE = Address("eip155:1", DEPOSIT)
ELSE = "0x" + "cd" * 20


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own lists of this machine out of it."""
    monkeypatch.setenv("FLOWTRACE_HOME", str(tmp_path / "home"))


def hold(folder: Path, *lists: tuple[str, str]) -> None:
    """Let a folder hold invented lists of OFAC: (day, address)."""
    with Snapshots(folder) as snapshots:
        for day, text in lists:
            snapshots.add(f"{day}.xml", small_xml({7: text}, day=day), of="ofac")


def test_a_held_list_is_told_in_the_report_and_flagged_in_the_figure(tmp_path: Path) -> None:
    """Issue 6: listed already at the time of the payment or not, and by which list; so the digest differs."""
    case = shared_deposit(tmp_path)
    before = case.result.digest
    hold(case.folder / "labels", ("2019-06-06", DEPOSIT))
    result = Case(case.folder).result
    section = report_text(result).partition("Legal and sanctions status")[2]
    assert "OFAC SDN list: SURNAME 7" in section
    assert "listed: on the list of 2019-06-06" in section
    assert listing(PLACE, result.labels) == "OFAC 2019-06-06"
    assert result.digest != before


def test_the_answer_for_a_payment_before_between_and_after(tmp_path: Path) -> None:
    """Of two lists, one that holds an address and one that does not."""
    hold(tmp_path, ("2019-06-06", DEPOSIT), ("2021-01-01", ELSE), ("2023-01-01", DEPOSIT))
    (label,) = ListShelf(tmp_path).of(PLACE)
    assert "snapshots of 2019-06-06 to 2023-01-01, with gaps" in label.source
    (gone,) = ListShelf(tmp_path).of(Address("eip155:1", ELSE))
    assert "gone by 2023-01-01" in gone.source


def test_a_list_makes_no_service_and_no_contradiction(tmp_path: Path) -> None:
    """It says that an address is listed, not what its owner is; as a whole it is not exported as labels."""
    case = shared_deposit(tmp_path)
    hold(case.folder / "labels", ("2019-06-06", DEPOSIT))
    book, own = book_of(case.folder), own_book(case.folder)
    assert len(book.of(PLACE)) == len(own.of(PLACE)) + 1
    assert book.service(PLACE) == own.service(PLACE)
    assert (len(book), book.conflicts()) == (len(own), own.conflicts())
    assert book.digest != own.digest


def test_a_list_that_is_no_public_bodys_is_no_label(tmp_path: Path) -> None:
    """Whoever made it is not known."""
    with Snapshots(tmp_path) as snapshots:
        snapshots.add("mine.txt", DEPOSIT.encode(), of="other", day="2024-01-01")
    assert ListShelf(tmp_path).of(PLACE) == ()
