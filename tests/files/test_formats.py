"""Which file is which table, and what several files of one case tell together."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.worlds import COIN, PAID, Tx, by_id, moves, worlds
from files.wrappings import (
    MADE,
    as_csv,
    as_lines,
    as_parquet,
    aws,
    etl,
    explorer,
    imported,
    receipt,
    transactions,
    whole_blocks,
)
from flowtrace.errors import InputError, IntegrityError
from flowtrace.evidence.redaction import redacted
from flowtrace.files.format_table import FORMATS, Format
from flowtrace.files.formats import IMPORTED, detect, found_files, read_files
from flowtrace.files.gathered import Imported, merged, settled
from flowtrace.files.tokens import stated_tokens
from flowtrace.ledger import Ledger
from flowtrace.model import ETHEREUM, Evidence, Request

MADE_AS = {
    "ethereum-etl/blocks.csv": "ethereum-etl blocks",
    "ethereum-etl/transactions.csv": "ethereum-etl transactions, with blobs",
    "ethereum-etl/receipts.csv": "ethereum-etl receipts",
    "ethereum-etl/traces.csv": "ethereum-etl traces",
    "ethereum-etl/geth_traces.csv": "ethereum-etl traces",
    "ethereum-etl/logs.csv": "ethereum-etl logs",
    "ethereum-etl/token_transfers.csv": "ethereum-etl token_transfers",
    "ethereum-etl/contracts.csv": "ethereum-etl contracts",
    "ethereum-etl/tokens.csv": "ethereum-etl tokens",
    "cryo/ethereum__blocks__00000001_to_00000009.parquet": "cryo blocks",
    "cryo/ethereum__traces__00000001_to_00000009.parquet": "cryo traces",
    "cryo-hex/ethereum__transactions__00000001_to_00000009.parquet": "cryo transactions",
    "cryo-hex/ethereum__erc20_transfers__00000001_to_00000009.parquet": "cryo erc20_transfers",
    "cryo/ethereum__native_transfers__00000001_to_00000009.parquet": "cryo native_transfers",
}


@pytest.mark.parametrize(("name", "told"), MADE_AS.items())
def test_the_tools_own_files_are_known_by_their_columns(name: str, told: str) -> None:
    """Not by the file's name: each is found to be what its tool made."""
    (found,) = found_files([MADE / name], ETHEREUM)
    assert found.told == f"{Path(name).name}: {told}"
    assert found.media in IMPORTED


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.media)
def test_each_table_is_known_by_the_columns_it_needs(form: Format) -> None:
    """No more than those, in any order, and with strangers among them."""
    columns = [*sorted(form.needed, reverse=True), "a stranger"]
    assert detect(columns, "t")[0] is form


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.media)
def test_a_table_that_lacks_a_column_is_not_taken_for_it(form: Format) -> None:
    """Any needed column gone: another table, or an error that names the column."""
    for gone in form.needed:
        try:
            assert detect(form.needed - {gone}, "t")[0] is not form
        except InputError as error:
            assert gone in str(error)  # noqa: PT017


def test_an_unknown_header_lists_what_was_seen_and_what_is_known() -> None:
    """One line: the columns there, the nearest table and what it lacks, every table known."""
    with pytest.raises(InputError) as error:
        detect(["hash", "value", "from_address", "to_address", "block_number", "gas_price"], "t.csv")
    told = str(error.value)
    assert told.startswith("t.csv is no table that is known. Its columns: 'hash', 'value', 'from_address'")
    assert "Nearest is ethereum-etl transactions, of which it lacks transaction_index" in told
    assert all(form.media in told for form in FORMATS)
    assert "\n" not in told


@pytest.mark.parametrize(
    ("column", "version"),
    [
        ("receipt_status", "BigQuery"),
        ("max_fee_per_blob_gas", "with blobs"),
        ("max_fee_per_gas", "before blobs"),
        ("nonce", "before EIP-1559"),
    ],
)
def test_a_version_is_told_by_its_columns(column: str, version: str) -> None:
    """The newest sign counts."""
    assert detect([*transactions([PAID])[0], column], "t")[1] == version


def test_a_wrapping_is_told_by_its_bytes(tmp_path: Path) -> None:
    """CSV, JSON lines and Parquet of one table, plain or gzip, whatever the name: the same transfers."""
    rows = transactions([PAID], receipts=True)
    bodies = (
        as_csv(rows),
        as_lines(rows),
        as_parquet(rows, {"value": "DECIMAL(38, 9)", "block_number": "INTEGER"}),
    )
    for number, body in enumerate(bodies):
        assert by_id(imported({f"{number}.dat": body}).transfers) == by_id(moves([PAID]))
        (tmp_path / f"{number}.csv.gz").write_bytes(gzip.compress(body))
    assert [one.body for one in found_files([tmp_path], ETHEREUM)] == list(bodies)


def test_a_folder_gives_its_tables_in_order(tmp_path: Path) -> None:
    """By name, below too; hidden files, other endings and links to the outside are left."""
    inside = tmp_path / "in" / "deep"
    inside.mkdir(parents=True)
    (tmp_path / "outside.csv").write_bytes(as_csv(whole_blocks([PAID])))
    for name in ("b.csv", "a.jsonl", "deep/c.parquet.gz", "notes.txt", ".hidden.csv", "deep/.d.csv"):
        body = as_lines(whole_blocks([PAID])) if "jsonl" in name else as_csv(whole_blocks([PAID]))
        (tmp_path / "in" / name).write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "outside.csv")
    urls = [one.url for one in found_files([tmp_path / "in"], ETHEREUM)]
    assert urls == [f"import:eip155:1/{name}" for name in ("a.jsonl", "b.csv", "deep/c.parquet.gz")]


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    """And so is a file that is not there."""
    (tmp_path / "README").write_text("no table")
    with pytest.raises(InputError, match=r"holds no file that ends in \.csv"):
        list(found_files([tmp_path], ETHEREUM))
    with pytest.raises(InputError, match=r"none\.csv cannot be read"):
        list(found_files([tmp_path / "none.csv"], ETHEREUM))


NAMES = st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(NAMES)
@settings(max_examples=50)
def test_any_name_survives_in_the_evidence(name: str) -> None:
    """The name is kept in the request's URL, which the evidence keeps as it is; errors give it back."""
    if name in (".", "..") or len(name.encode()) > 200:
        return
    rows = [*transactions([PAID]), transactions([PAID])[0] | {"value": "x"}]
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(as_csv(rows))
        (found,) = found_files([Path(folder) / name], ETHEREUM)
    assert redacted(found.url) == found.url
    item = Evidence(1, Request("GET", redacted(found.url)), "", 0, "", "", found.media)
    with pytest.raises(InputError) as error:
        read_files([(item, found.body)])
    assert str(error.value) == f"{name}, row 3, value: is 'x', where a whole number belongs"


def test_a_later_import_completes_an_earlier_one() -> None:
    """Transactions alone prove nothing; with the receipts beside them in the evidence they do."""
    first = {"t.csv": as_csv(transactions([PAID]))}
    assert not imported(first).transfers
    both = imported(first | {"r.csv": as_csv([receipt(PAID)])})
    assert by_id(both.transfers) == by_id(moves([PAID]))
    assert both.rows[both.transfers[0].id] == ((1, 2), (2, 2))


def test_other_evidence_is_passed_over() -> None:
    """Answers of services are read elsewhere."""
    item = Evidence(1, Request("GET", "https://x"), "", 0, "", "", "etherscan")
    assert read_files([(item, b"")]) == Imported()


def test_kept_bytes_that_are_no_longer_their_table_are_named() -> None:
    """Whoever kept them under the wrong word learns which columns are not there."""
    item = Evidence(1, Request("GET", "import:eip155:1/t.csv"), "", 0, "", "", "ethereum-etl receipts")
    with pytest.raises(InputError, match=r"t\.csv lacks cumulative_gas_used, gas_used, status, so it is not"):
        read_files([(item, b"transaction_hash\n1\n")])


@given(worlds())
@settings(max_examples=10)
def test_all_data_sets_of_one_world_are_one_ledger(world: list[Tx]) -> None:
    """Exact, unplaced and lossy files side by side: every transfer once, the exact telling, all witnesses."""
    files = etl(world) | aws(world) | {f"x-{n}": b for n, b in explorer(world).items() if "normal" in n}
    files.pop("tokens.parquet", None)
    found = imported(files)
    assert by_id(found.transfers) == by_id(moves(world))
    assert not found.lesser
    paid = (
        next(t.id for t in moves(world) if t.position == "value" and t.ok)
        if any(not t.error for t in world)
        else ""
    )
    assert not paid or len({evidence for evidence, _ in found.rows[paid]}) >= 3


def test_data_sets_that_contradict_each_other_are_named() -> None:
    """Two exact tellings of one transfer differ: both files and rows are told."""
    other = replace(PAID, units=PAID.units + 1)
    files = {
        "t.csv": as_csv(transactions([PAID], receipts=True)),
        "x.csv": explorer([other])["export-normal.csv"],
    }
    with pytest.raises(InputError, match=r"^evidence \d, row 2 tells of eip155:1:0x0+1:value something else"):
        imported(files)


def test_what_gives_way_is_only_what_agrees() -> None:
    """An unplaced telling gives way to a placed one of the same move; one of another amount stays."""
    found = imported({"x.csv": explorer([PAID])["export-normal.csv"]})
    assert settled(found, moves([PAID])) == ()
    assert settled(found, ()) == found.transfers
    other = moves([replace(PAID, units=1)])
    assert [t.position for t in settled(found, other)] == ["value"]
    assert len(Ledger([*moves([PAID]), *settled(found, moves([PAID]))])) == 2
    with pytest.raises(IntegrityError, match="two sources differ"):
        Ledger([*other, *settled(found, other)])
    assert merged([found, found]).transfers == found.transfers


def test_decimals_are_stated_as_a_table_of_its_own() -> None:
    """What a person says of a token is kept like a file, and is one."""
    word = f"{COIN.contract}=6"
    (found,) = found_files([], ETHEREUM, [word])
    assert (found.url, found.media) == ("import:eip155:1/stated-tokens.csv", "ethereum-etl tokens")
    assert found.body == stated_tokens(ETHEREUM, [word])


DECIMALS = ("", "256", "6.0", "-1")
STATEMENTS = ("", "=6", "0x12=6", "USDT=6", COIN.contract, *(f"{COIN.contract}={n}" for n in DECIMALS))


@pytest.mark.parametrize("word", STATEMENTS)
def test_a_statement_of_another_form_is_refused(word: str) -> None:
    """A symbol names nothing; decimals are a number from 0 to 255."""
    with pytest.raises(InputError, match=r"DECIMALS|is not an address"):
        stated_tokens(ETHEREUM, [word])
