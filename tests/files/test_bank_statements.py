"""Bank statements as transfers: both forms alike, complete by their balances, in their own order, once."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.bank_books import OWNERS, Payment, balance_of, files_of, worlds
from files.bank_world import (
    BANK,
    EMPLOYER,
    EUR,
    EXCHANGE,
    MULE,
    MULES,
    SHOP,
    STATEMENTS,
    THEFT,
    THIEF,
    THIEFS,
    VICTIM,
    Book,
    Line,
    at,
    camt,
    imported,
    mt940,
)
from flowtrace.errors import InputError
from flowtrace.files.gathered import Imported
from flowtrace.files.tables import COVERAGE_MEDIA, TRANSFERS_MEDIA, read_table, write_tables
from flowtrace.ledger import Ledger
from flowtrace.model import Asset, Chain, Kind, Transfer


@settings(max_examples=60, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_ledger_holds_what_the_statements_say(
    world: tuple[list[Payment], dict[str, list[Book]]], chance: random.Random
) -> None:
    """Of every account: opening balance and transfers give the closing balance; each is complete."""
    _, books = world
    told = imported(files_of(books, chance))
    for owner, held in books.items():
        assert balance_of(told, owner, held[0].opening) == held[-1].end
    assert {one.address for one in told.coverage} == {at(owner) for owner in OWNERS}
    assert all(one.complete for one in told.coverage)
    opened = {one.address.account: one.units for one in told.openings}
    assert opened == {owner: held[0].opening for owner, held in books.items() if held[0].opening}


@settings(max_examples=60, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_payment_inside_the_bank_is_one_transfer(
    world: tuple[list[Payment], dict[str, list[Book]]], chance: random.Random
) -> None:
    """Two statements show it, one transfer stands for it, and both rows are its evidence."""
    payments, books = world
    told = imported(files_of(books, chance))
    assert len(told.transfers) == len(payments)
    shown = sum(len(rows) for rows in told.rows.values())
    assert shown == sum(1 + (one.giver in OWNERS and one.taker in OWNERS) for one in payments)
    assert not [note for note in told.notes if "no such entry" in note.why]


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing(
    world: tuple[list[Payment], dict[str, list[Book]]], chance: random.Random
) -> None:
    """Nor do their names: the same transfers, with the same places."""
    _, books = world
    files = files_of(books, chance)
    bodies = [*files.items()]
    chance.shuffle(bodies)
    other = {f"x{n}-{name}": body for n, (name, body) in enumerate(bodies)}
    assert imported(files).transfers == imported(other).transfers


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_both_forms_tell_the_same(world: tuple[list[Payment], dict[str, list[Book]]]) -> None:
    """Written as camt.053, of any version, or as MT940 it gives equal transfers; both give them once."""
    _, books = world
    held = [book for each in books.values() for book in each]
    old, new, swift = camt(held, "02"), camt(held, "08"), mt940(held)
    told = [imported({"a.xml": old}), imported({"a.xml": new}), imported({"a.sta": swift})]
    assert told[0].transfers == told[1].transfers == told[2].transfers
    both = imported({"a.xml": new, "a.sta": swift})
    assert both.transfers == told[0].transfers
    assert all(one.complete for one in both.coverage)


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_each_accounts_own_order_stands(
    world: tuple[list[Payment], dict[str, list[Book]]], chance: random.Random
) -> None:
    """Whatever the day says, an account's transfers stand as its statements list them."""
    _, books = world
    told = imported(files_of(books, chance))
    ledger = Ledger(told.transfers)
    for owner, held in books.items():
        moved = [(1 if t.target == at(owner) else -1) * t.amount.units for t in ledger.of(at(owner))]
        assert moved == [line.units for book in held for line in book.lines]


def _one(told: Imported, entry: int) -> list[Transfer]:
    return [t for t in told.transfers if t.tx.endswith(f"-{entry}")]


@pytest.mark.parametrize("version", [f"{n:02}" for n in range(2, 15)])
def test_every_version_of_camt053_is_read(version: str) -> None:
    """From .02, which banks still send, to the newest; what they tell is the same."""
    assert (
        imported({"a.xml": camt([THIEFS], version)}).transfers
        == imported({"a.xml": camt([THIEFS])}).transfers
    )


@pytest.mark.parametrize("version", ["02", "08"])
def test_charges_within_an_entry_are_a_fee(version: str) -> None:
    """What the bank took goes to nobody; the rest went to the one paid."""
    fee, paid = _one(imported({"a.xml": camt([THIEFS], version)}), 4)
    assert (fee.kind, fee.amount.units, fee.target) == (Kind.FEE, 5_00, None)
    assert (paid.kind, paid.amount.units, paid.target) == (Kind.VALUE, 4_500_00, at(MULE))
    assert fee.key < paid.key


@pytest.mark.parametrize("write", [camt, mt940])
def test_an_entry_that_is_a_charge_is_a_fee(write: object) -> None:
    """It is told by its code in either form."""
    assert callable(write)
    book = replace(MULES, lines=(Line(-3_50, 20240502, is_fee=True),))
    (fee,) = imported({"a": write([book])}).transfers
    assert (fee.kind, fee.amount.units, fee.position) == (Kind.FEE, 3_50, "fee")


@pytest.mark.parametrize("write", [camt, mt940])
@pytest.mark.parametrize("other", [SHOP, ""])
def test_a_reversal_takes_the_way_back(write: object, other: str) -> None:
    """RvslInd, or RD: it comes from where the reversed payment went, named or not."""
    assert callable(write)
    lines = (Line(-7_00, 20240502, other, "R1"), Line(7_00, 20240503, other, "R1", reversal=True))
    out, back = imported({"a": write([replace(MULES, lines=lines)])}).transfers
    assert (out.source, back.target) == (at(MULE), at(MULE))
    assert out.target == back.source


def test_entries_that_name_nobody_share_no_place() -> None:
    """Each stands for itself, so nothing of one is ever taken for the other's."""
    lines = tuple(Line(-1_00, 20240502) for _ in range(3))
    told = imported({"a.sta": mt940([replace(MULES, lines=lines)])})
    assert len({t.target for t in told.transfers}) == 3


def test_a_batch_is_one_transfer_for_each_payment_it_tells() -> None:
    """Where its parts sum to it; where they are not told, its other side is unnamed and that is noted."""
    party = "<RltdPties><CdtrAcct><Id><IBAN>{}</IBAN></Id></CdtrAcct></RltdPties>"
    detail = "<TxDtls><Amt Ccy='EUR'>{}</Amt>" + party + "</TxDtls>"
    body = camt([replace(MULES, lines=(Line(-5_00, 20240502),))]).decode()
    start, end = body.index("<NtryDtls>"), body.index("</NtryDtls>")

    def batch(*parts: tuple[str, str]) -> Imported:
        inside = "".join(detail.format(*part) for part in parts)
        return imported({"a.xml": (body[:start] + "<NtryDtls>" + inside + body[end:]).encode()})

    told = batch(("2", SHOP), ("3.00", EXCHANGE))
    assert [(t.target, t.amount.units, t.position) for t in told.transfers] == [
        (at(SHOP), 2_00, "detail 1"),
        (at(EXCHANGE), 3_00, "detail 2"),
    ]
    untold = batch(("2", SHOP), ("2", EXCHANGE))
    assert [t.amount.units for t in untold.transfers] == [5_00]
    assert "whose amounts it does not tell" in str(untold.notes[0])


def test_what_is_not_booked_moves_nothing() -> None:
    """Pending and informational entries are left out."""
    body = camt([replace(THIEFS, closing=THIEFS.opening + THIEFS.lines[0].units)]).replace(
        b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts><Cd>PDNG</Cd></Sts>"
    )
    body = body.replace(b"<Sts><Cd>PDNG</Cd></Sts>", b"<Sts><Cd>BOOK</Cd></Sts>", 1)
    told = imported({"a.xml": body})
    assert [t.target for t in told.transfers] == [at(THIEF)]
    assert told.coverage[0].complete


def test_a_statement_that_does_not_add_up_is_incomplete_with_the_figure() -> None:
    """What is not told is named to the cent."""
    told = imported({"a.xml": camt([replace(THIEFS, closing=THIEFS.end + 12_34)])})
    (coverage,) = told.coverage
    assert not coverage.complete
    assert "12.34 EUR are not told" in coverage.check


def test_statements_that_do_not_chain_are_incomplete_with_the_figure() -> None:
    """A gap between two statements is a gap, though each adds up."""
    after = Book(THIEF, 6, THIEFS.end - 100_00, 20240531, 20240630, (Line(1_00, 20240603, SHOP),))
    (coverage,) = imported({"a.xml": camt([THIEFS]), "b.xml": camt([after])}).coverage
    assert not coverage.complete
    assert "100.00 EUR between them are not told" in coverage.check


def test_a_number_left_out_is_incomplete_though_the_balances_meet() -> None:
    """What came in and went out again within a statement that is missing would not be seen otherwise."""
    after = Book(THIEF, 7, THIEFS.end, 20240531, 20240630, ())
    (coverage,) = imported({"a.xml": camt([THIEFS, after])}).coverage
    assert not coverage.complete
    assert "a statement is missing" in coverage.check


def test_a_statement_without_a_closing_balance_is_incomplete() -> None:
    """Nothing else says that it is all there."""
    body = b"\r\n".join(line for line in mt940([MULES]).split(b"\r\n") if not line.startswith(b":62F:"))
    (coverage,) = imported({"a.sta": body}).coverage
    assert not coverage.complete
    assert "states no closing balance" in coverage.check


def test_a_month_and_its_days_are_not_counted_twice() -> None:
    """Overlapping statements are refused by name."""
    day = Book(THIEF, 90, THIEFS.opening + 4_000_00, 20240503, 20240503, THIEFS.lines[1:2])
    with pytest.raises(InputError, match="would count twice"):
        imported({"month.xml": camt([THIEFS]), "day.xml": camt([day])})


def test_two_tellings_of_one_statement_that_differ_are_refused() -> None:
    """One of them was changed, or is of another account: nobody here can say which."""
    other = replace(THIEFS, lines=(*THIEFS.lines[:-1], replace(THIEFS.lines[-1], units=-4_506_00)))
    with pytest.raises(InputError, match="tells something else than"):
        imported({"a.xml": camt([THIEFS]), "b.xml": camt([other])})


def test_an_account_whose_own_statement_says_nothing_of_it_is_not_debited() -> None:
    """A claim on somebody else's statement never changes what an account's own statements say."""
    claim = replace(MULES, lines=(Line(9_00, 20240510, THIEF, "CLAIM"),))
    told = imported({"a.xml": camt([THIEFS]), "b.xml": camt([claim])})
    assert balance_of(told, THIEF, THIEFS.opening) == THIEFS.end
    assert any("no such entry" in note.why for note in told.notes)


def test_an_overdrawn_account_is_noted() -> None:
    """What pays a debt to the bank is gone, and no rule here takes that into account."""
    told = imported({"a.sta": mt940([replace(MULES, opening=-10_00)])})
    assert any("owed its bank" in note.why for note in told.notes)
    assert not told.openings


def test_a_bank_is_named_by_the_statement_or_by_the_user() -> None:
    """Where both do, they have to agree; where neither does, the message says how."""
    silent = camt([THIEFS], bank="")
    assert imported({"a.xml": silent}, BANK).transfers == imported({"a.xml": camt([THIEFS])}).transfers
    with pytest.raises(InputError, match="--chain iso20022:BIC"):
        imported({"a.xml": silent})
    with pytest.raises(InputError, match="is of TOYBDEFF, not of COBADEFF"):
        imported({"a.xml": camt([THIEFS])}, Chain.of("iso20022:COBADEFF"))


def test_currencies_of_one_account_are_assets_of_their_own() -> None:
    """Yen have no minor unit; dinars have three places."""
    yen = Book(THIEF, 1, 100, 20240501, 20240531, (Line(4, 20240502, VICTIM),), currency="JPY")
    dinars = replace(yen, currency="KWD", opening=1_234)
    told = imported({"a.xml": camt([yen]), "b.sta": mt940([dinars])})
    assert {t.amount.asset: t.amount.units for t in told.transfers} == {
        Asset.currency(BANK, "JPY"): 4,
        Asset.currency(BANK, "KWD"): 4,
    }
    assert all(one.complete for one in told.coverage)


def test_an_entry_is_found_again_by_its_rows() -> None:
    """Evidence and entry of both statements, for a payment that both show."""
    told = imported(STATEMENTS)
    assert told.rows[THEFT] == ((1, 1),)
    to_mule = next(t for t in told.transfers if t.target == at(MULE))
    assert told.rows[to_mule.id] == ((1, 4), (2, 1))
    assert to_mule.amount.asset == EUR


def test_statements_without_a_number_stand_as_their_balances_say() -> None:
    """Two that close on one day, in a file the wrong way round: each entry has a name of its own."""
    first = Book(
        THIEF, 0, 1_00, 20240502, 20240503, (Line(2_00, 20240503, VICTIM), Line(-1_00, 20240503, SHOP))
    )
    then = Book(THIEF, 0, first.end, 20240503, 20240503, (Line(-2_00, 20240503, EMPLOYER),))
    for write in (camt, mt940):
        told = imported({"a": write([then, first])})
        assert [(t.source, t.target) for t in told.transfers] == [
            (at(VICTIM), at(THIEF)),
            (at(THIEF), at(SHOP)),
            (at(THIEF), at(EMPLOYER)),
        ]
        assert len({t.id for t in told.transfers}) == 3
        assert told.coverage[0].complete


def test_pages_of_one_statement_follow_each_other() -> None:
    """Each page opens with what the one before closed with; a page that is missing is missed."""
    pages = [replace(MULES, lines=MULES.lines[:1])]
    for n, line in enumerate(MULES.lines[1:], start=2):
        pages.append(replace(MULES, page=n, opening=pages[-1].end, lines=(line,)))
    told = imported({"a.sta": mt940(pages), "b.xml": camt([THIEFS])})
    assert told.coverage[0].complete
    assert [t.amount.units for t in told.transfers if t.source == at(MULE)] == [3_000_00, 1_000_00]
    (coverage,) = imported({"a.sta": mt940([pages[0], pages[2]])}).coverage
    assert not coverage.complete


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("37040044/0532013000", "DE89370400440532013000"),
        ("37040044/532013000EUR", "DE89370400440532013000"),
        ("DE89370400440532013000EUR", "DE89370400440532013000"),
        ("TOYBDEFF/DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("517852257", "acct.TOYBDEFF.517852257"),
        ("50880050/0194780101888", "acct.TOYBDEFF.50880050%2F0194780101888"),
    ],
)
def test_field_25_names_an_account_in_many_ways(written: str, account: str) -> None:
    """An IBAN, with its bank or currency or not; the parts of a German one; a number of the bank's own."""
    body = mt940([MULES], bank="").replace(f":25:{MULE}".encode(), f":25:{written}".encode())
    told = imported({"a.sta": body}, BANK)
    assert told.coverage[0].address == at(account)
    assert all(t.tx.count("-") == 5 for t in told.transfers)


@pytest.mark.parametrize(
    ("text", "beside", "named"),
    [
        ("166?00TRANSFER?20TEXT?30TOYBDEFF?31{}?32SOMEBODY", "", True),
        ("/TRTP/SEPA/IBAN/{}/BIC/TOYBDEFF/NAME/SOMEBODY/REMI/TEXT/", "", True),
        ("/EREF/X//CNTP/{}/TOYBDEFF/SOMEBODY///REMI/USTD//TEXT/", "", True),
        ("/EREF/X/BENM//NAME/SOMEBODY/REMI/TEXT", "{}", True),
        ("GIRO 428428 SOMEBODY {}", "", False),
        ("166?00TRANSFER?20?31{}?31{}", "", False),
    ],
)
def test_the_other_side_is_read_where_the_bank_names_it(text: str, beside: str, named: bool) -> None:  # noqa: FBT001
    """In the forms that banks write it in, and nowhere else: words alone name nobody."""
    body = mt940([replace(MULES, lines=(Line(-1_00, 20240502),))]).decode()
    start, end = body.index("\r\n:86:"), body.index("\r\n:62F:")
    under = f"\r\n{beside.format(SHOP)}" if beside else ""
    wrapped = text.format(SHOP, SHOP)
    body = f"{body[:start]}{under}\r\n:86:{wrapped[:30]}\r\n{wrapped[30:]}{body[end:]}"
    (moved,) = imported({"a.sta": body.encode()}).transfers
    assert (moved.target == at(SHOP)) is named


def test_an_envelope_and_lines_around_it_are_passed_over() -> None:
    """SWIFT's blocks, a bank's own headings, and the sign that ends a statement."""
    body = mt940([MULES]).decode().replace("\r\n-\r\n", "\r\n-}{5:{CHK:0}}\r\n")
    framed = "HEADING\r\n940\r\n{1:F01TOYBDEFFXXXX0}{2:O940}{4:\r\n" + body + "TOYBDEFF\r\n940\r\n"
    assert imported({"a.sta": framed.encode()}).transfers == imported({"a.sta": mt940([MULES])}).transfers


@settings(max_examples=25, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_they_come_back_from_a_transfer_table(
    world: tuple[list[Payment], dict[str, list[Book]]], chance: random.Random
) -> None:
    """Written as the project's own tables and read again: equal transfers, equal coverage."""
    told = imported(files_of(world[1], chance))
    transfers, coverage = write_tables(told.transfers, told.coverage)
    assert tuple(read_table(TRANSFERS_MEDIA, transfers, "t")[0]) == told.transfers
    assert tuple(read_table(COVERAGE_MEDIA, coverage, "c")[1]) == told.coverage


def test_each_file_that_tells_a_statement_has_its_own_row() -> None:
    """The second statement of one file is the only one of the other: entries are counted file by file."""
    before = Book(MULE, 10, 400_00, 20240401, 20240430, (Line(100_00, 20240429, EMPLOYER),))
    told = imported({"a.xml": camt([MULES]), "b.sta": mt940([before, MULES])})
    assert [told.rows[t.id] for t in told.transfers] == [
        ((2, 1),),
        ((1, 1), (2, 2)),
        ((1, 2), (2, 3)),
        ((1, 3), (2, 4)),
    ]


def test_a_reversal_between_two_accounts_goes_back_whoever_names_whom() -> None:
    """Where only one of the two statements names the other account, out and back are one transfer each."""
    out, back = Line(-7_00, 20240502, "", "R1"), Line(7_00, 20240503, "", "R1", reversal=True)
    theirs = (Line(7_00, 20240502, MULE, "R1"), Line(-7_00, 20240503, MULE, "R1", reversal=True))
    told = imported(
        {
            "a.sta": mt940([replace(MULES, lines=(out, back))]),
            "b.xml": camt([replace(THIEFS, lines=theirs)]),
        }
    )
    assert [(t.source, t.target) for t in told.transfers] == [(at(MULE), at(THIEF)), (at(THIEF), at(MULE))]
